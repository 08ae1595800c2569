//! Pruning: charts do not change.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use tidemark_core::calendar::Span;
use tidemark_core::{Failure, FailureKind};
use tidemark_store::{FailureQuery, HistoryQuery, Pruned};

use crate::given::*;

#[test]
fn raw_readings_go_and_everything_else_stays() {
    let (folder, store, account) = with_account();
    let idle = store.add_account(new_account("idle"), now()).unwrap();
    let never = store.add_account(new_account("never"), now()).unwrap();
    let history = |count: i64, changing: i64| {
        (0..count).map(move |number| {
            let at = now() + minutes(number * 5);
            let used = Decimal::from(number / changing);
            let before = (number > 0).then(|| at - minutes(5));
            let mut movement = still(FIVE_HOUR, before, at, used);
            movement.deducted = Decimal::from(i64::from(number > 0 && number % changing == 0));
            let seen = reading(at, used, dec("5"));
            let text = evidence(&seen);
            (seen, text, conclusion(vec![movement], before.map(|before| (before, at))))
        })
    };
    store.import(account.id, history(12_000, 7)).unwrap();
    store.import(idle.id, history(3, 1)).unwrap();
    for minute in [0, 10, 59_000] {
        let failure = Failure::new(FailureKind::Timeout, "t");
        let id = store.record_failure(account.id, now() + minutes(minute), &failure).unwrap();
        store.record_analysis(account.id, id, &conclusion(vec![], None)).unwrap();
    }
    // One that was not concluded from stays, however old.
    let failure = Failure::new(FailureKind::Timeout, "t");
    store.record_failure(never.id, now(), &failure).unwrap();
    // Two are on disk and not concluded from.
    for minute in [1, 2] {
        store.insert_reading(never.id, &reading(now() + minutes(minute), dec("1"), dec("5")), "{}").unwrap();
    }
    let all = HistoryQuery {
        from: now(),
        to: now() + TimeDelta::days(60),
        now: now() + TimeDelta::days(60),
        span: Span::Hour,
        account: None,
        zone: store.zone().unwrap(),
    };
    let before = store.history(&all).unwrap();
    let runs = store.failure_runs(&FailureQuery::default()).unwrap();
    store.checkpoint().unwrap();
    let size = || std::fs::metadata(folder.path().join("tidemark.db")).unwrap().len();
    let large = size();

    let cut = now() + minutes(5 * 11_003);
    let pruned = store.prune(cut).unwrap();
    // Of the idle one the newest stays, though it is old; of the last nothing goes before it is concluded from.
    assert_eq!(pruned, Pruned { readings: 11_003 + 2, failures: 2, requests: 0 });
    store.check_integrity().unwrap();
    assert_eq!(store.readings_after(account.id, None).unwrap().len(), 12_000 - 11_003);
    assert_eq!(store.readings_after(idle.id, None).unwrap().len(), 1);
    assert_eq!(store.readings_after(never.id, None).unwrap().len(), 2);
    assert_eq!(store.last_readings().unwrap().len(), 3);
    assert_eq!(store.history(&all).unwrap(), before);
    assert_eq!(store.failure_runs(&FailureQuery::default()).unwrap(), runs);
    store.checkpoint().unwrap();
    assert!(size() < large * 3 / 4, "{} of {large} are left", size());
    // The charts can still be rebuilt in another zone.
    store.rebuild_rollups_in(chrono_tz::Asia::Kolkata).unwrap();
    store.rebuild_rollups_in(all.zone).unwrap();
    assert_eq!(store.history(&all).unwrap(), before);
    assert_eq!(store.prune(cut).unwrap(), Pruned::default());
}
