//! Readings: kept as they came.

use std::ops::ControlFlow;

use rust_decimal::Decimal;
use tidemark_core::{AccountId, Currency, Money, Reading, Wallet};
use tidemark_store::{ReadingId, ReadingQuery, Store, StoreError, StoredReading};

use crate::given::*;

fn all(store: &Store, query: &ReadingQuery) -> Vec<StoredReading> {
    let mut all = Vec::new();
    store
        .readings(query, |stored| {
            all.push(stored);
            ControlFlow::Continue(())
        })
        .unwrap();
    all
}

#[test]
fn a_reading_comes_back_as_it_was_to_the_last_digit() {
    let (folder, store, account) = with_account();
    let at = utc("2026-11-22T05:00:00.123456789Z");
    let mut rich = reading(at, dec("18.310546875"), dec("-49.58894001"));
    rich.wallet = Some(Wallet {
        enabled: Some(true),
        balance: Some(Money::new(dec("3.152507"), Currency::CNY)),
        month_used: None,
        month_cap: Some(Money::new(dec("100"), Currency::CNY)),
        frozen: false,
    });
    let evidence = "{\"a\": 007, \"ü\": [1.50, -2e10, \"\\u0001\"]}";
    let id = store.insert_reading(account.id, &rich, evidence).unwrap();
    let bare = Reading { plan: None, meters: vec![], balance: None, not_understood: vec![], ..rich.clone() };
    let bare = Reading { at: at + minutes(5), ..bare };
    let second = store.insert_reading(account.id, &bare, "").unwrap();
    drop(store);
    let store = Store::open(folder.path(), now()).unwrap();
    let query = ReadingQuery { account: Some(account.id), from: at, to: at + minutes(60) };
    assert_eq!(
        all(&store, &query),
        [
            StoredReading { id, account: account.id, reading: rich, evidence: evidence.to_owned() },
            StoredReading { id: second, account: account.id, reading: bare, evidence: String::new() },
        ]
    );
}

#[test]
fn the_same_look_twice_is_one_reading() {
    let (_folder, store, account) = with_account();
    let first = reading(now(), dec("1"), dec("5"));
    let id = store.insert_reading(account.id, &first, "{}").unwrap();
    let other = reading(now(), dec("2"), dec("5"));
    assert_eq!(store.insert_reading(account.id, &other, "{}").unwrap(), id);
    assert_eq!(store.last_readings().unwrap(), [(account.id, id, first)]);
}

#[test]
fn readings_of_nobody_are_refused() {
    let (_folder, store) = empty();
    let reading = reading(now(), dec("1"), dec("5"));
    let nobody = AccountId(7);
    assert!(
        matches!(store.insert_reading(nobody, &reading, "{}"), Err(StoreError::NoSuchAccount(id)) if id == nobody)
    );
    assert!(matches!(store.readings_after(nobody, None), Err(StoreError::NoSuchAccount(_))));
}

#[test]
fn readings_after_one_come_in_the_order_in_which_they_were_taken() {
    let (_folder, store, account) = with_account();
    // The clock is set back before the third.
    let taken: Vec<_> = [0, 5, 2, 10]
        .map(|minute| {
            let reading = reading(now() + minutes(minute), Decimal::from(minute), dec("5"));
            (store.insert_reading(account.id, &reading, "{}").unwrap(), reading)
        })
        .into();
    assert_eq!(store.readings_after(account.id, None).unwrap(), taken);
    assert_eq!(store.readings_after(account.id, Some(taken[1].0)).unwrap(), taken[2..]);
    assert_eq!(store.readings_after(account.id, Some(taken[3].0)).unwrap(), []);
    assert!(taken.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn the_last_readings_are_those_taken_last_in_the_users_order() {
    let (_folder, store, work) = with_account();
    let home = store.add_account(new_account("home"), now()).unwrap();
    store.add_account(new_account("never"), now()).unwrap();
    let mut last = Vec::new();
    for account in [&work, &home] {
        for minute in [0, 5] {
            let reading = reading(now() + minutes(minute), Decimal::from(minute), dec("5"));
            let id = store.insert_reading(account.id, &reading, "{}").unwrap();
            if minute == 5 {
                last.insert(0, (account.id, id, reading));
            }
        }
    }
    let ids: Vec<_> = store.accounts().unwrap().iter().map(|account| account.id).collect();
    store.reorder_accounts(&[ids[1], ids[2], ids[0]]).unwrap();
    assert_eq!(store.last_readings().unwrap(), last);
}

#[test]
fn unchanged_answers_take_hardly_any_room() {
    let (folder, store, account) = with_account();
    let size = || std::fs::metadata(folder.path().join("tidemark.db")).unwrap().len();
    let history = |from: i64, changing: bool| {
        (from..from + 10_000).map(move |minute| {
            let used = if changing { Decimal::new(minute, 2) } else { dec("7") };
            let reading = reading(now() + minutes(minute), used, dec("5"));
            let evidence = evidence(&reading);
            (reading, evidence, conclusion(vec![], None))
        })
    };
    store.import(account.id, history(0, false)).unwrap();
    store.checkpoint().unwrap();
    let unchanged = size();
    store.import(account.id, history(10_000, true)).unwrap();
    store.checkpoint().unwrap();
    let changed = size() - unchanged;
    // Ten thousand readings with their evidence: about 40 bytes each where nothing changed, some 150 where
    // figures did. Written out they would be 700 each.
    assert!(unchanged < 800_000, "{unchanged}");
    assert!(changed < 2_000_000, "{changed}");
    let query = ReadingQuery { account: None, from: now(), to: now() + minutes(30_000) };
    let stored = all(&store, &query);
    assert_eq!(stored.len(), 20_000);
    assert!(stored.iter().all(|stored| stored.evidence == evidence(&stored.reading)));
}

#[test]
fn reading_on_can_be_broken_off() {
    let (_folder, store, account) = with_account();
    for minute in 0..5 {
        store
            .insert_reading(account.id, &reading(now() + minutes(minute), dec("1"), dec("5")), "{}")
            .unwrap();
    }
    let mut seen = 0;
    let query = ReadingQuery { account: None, from: now(), to: now() + minutes(60) };
    store
        .readings(&query, |_| {
            seen += 1;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(seen, 2);
}

#[test]
fn concluding_needs_a_reading_of_that_account() {
    let (_folder, store, account) = with_account();
    let nothing = conclusion(vec![], None);
    assert!(matches!(
        store.record_analysis(account.id, ReadingId(5), &nothing),
        Err(StoreError::NoSuchReading(id)) if id == account.id
    ));
    assert!(matches!(
        store.record_analysis(AccountId(9), ReadingId(5), &nothing),
        Err(StoreError::NoSuchAccount(AccountId(9)))
    ));
}
