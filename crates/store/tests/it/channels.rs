//! Channels: an alert is queued for each of them with itself, once; what fails is tried again, given up, and said once.

use chrono::TimeDelta;
use tidemark_core::alert::{Alert, AlertKind};
use tidemark_core::{AccountId, Credential, Failure, FailureKind, Meter};
use tidemark_store::{
    ALERT_LIFE, AnalysisResult, ChannelChange, ChannelId, ChannelResult, DeliveryContent, NewChannel,
    NewDelivery, Store, StoreError,
};

use crate::given::*;

fn channel(store: &Store, name: &str) -> ChannelId {
    let new = NewChannel {
        name: name.to_owned(),
        content: "{\"kind\":\"slack\"}".to_owned(),
        address: Some(Credential::Keyring { handle: format!("handle-{name}") }),
        secret: None,
    };
    store.add_channel(&new, now()).unwrap()
}

fn alert(key: &str, minute: i64) -> Alert {
    let kind = AlertKind::Threshold {
        meter: Meter::FiveHour,
        threshold: dec("75"),
        used: dec("76"),
        resets_at: None,
    };
    Alert { key: key.to_owned(), at: now() + minutes(minute), kind, announcement: None }
}

/// A failed poll of a minute that leads to an alert.
fn queue(store: &Store, account: AccountId, minute: i64, key: &str) {
    let failure = Failure::new(FailureKind::Unauthorized, "no");
    let id = store.record_failure(account, now() + minutes(minute), &failure).unwrap();
    let conclusion = AnalysisResult { alerts: vec![alert(key, minute)], ..conclusion(vec![], None) };
    store.record_analysis(account, id, &conclusion).unwrap();
}

/// What is due at a minute: channel and key.
fn due(store: &Store, minute: i64) -> Vec<(i64, String)> {
    let due = store.due_deliveries(now() + minutes(minute)).unwrap();
    due.into_iter().map(|due| (due.channel.0, due.key)).collect()
}

fn failed(minute: i64) -> ChannelResult {
    let (code, said) = (Some("no-answer".to_owned()), Some("timed out".to_owned()));
    ChannelResult { at: now() + minutes(minute), code, said }
}

#[test]
fn an_alert_is_queued_for_every_channel_that_is_there_once() {
    let (folder, store, account) = with_account();
    queue(&store, account.id, 0, "before");
    let (first, second) = (channel(&store, "phone"), channel(&store, "group"));
    queue(&store, account.id, 1, "a");
    queue(&store, account.id, 2, "a");
    let key = format!("alert:{}:a", account.id.0);
    assert_eq!(due(&store, 2), [(first.0, key.clone()), (second.0, key.clone())]);
    // The desktop's own notification has nothing to do with it.
    let shown = store.due_alerts(now() + minutes(2)).unwrap();
    store.alert_delivering(shown[0].id).unwrap();
    store.alert_delivered(shown[0].id).unwrap();
    let waiting = store.due_deliveries(now() + minutes(2)).unwrap();
    let DeliveryContent::Alert(of) = &waiting[0].what else { panic!("{waiting:?}") };
    assert_eq!((of.account, &of.alert), (account.id, &alert("a", 1)));
    store.delivery_done(waiting[0].id, now() + minutes(3)).unwrap();
    // Killed before the second was sent: it waits, and the first does not come again.
    drop(store);
    let store = Store::open(folder.path(), now()).unwrap();
    assert_eq!(due(&store, 4), [(second.0, key)]);
    assert!(store.remove_channel(second).unwrap());
    assert_eq!(due(&store, 4), []);
    let left = store.channels().unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(
        left[0].last.as_ref().map(|last| (last.at, last.code.clone())),
        Some((now() + minutes(3), None))
    );
    assert_eq!(left[0].address, Some(Credential::Keyring { handle: "handle-phone".to_owned() }));
}

#[test]
fn a_failed_delivery_waits_and_an_old_one_is_worth_nothing() {
    let (_folder, store, account) = with_account();
    channel(&store, "phone");
    queue(&store, account.id, 0, "a");
    let id = store.due_deliveries(now()).unwrap()[0].id;
    store.delivery_failed(id, &failed(0), now() + minutes(5)).unwrap();
    assert_eq!(due(&store, 4), []);
    assert_eq!(store.due_deliveries(now() + minutes(5)).unwrap()[0].attempts, 1);
    assert_eq!(store.channels().unwrap()[0].last, Some(failed(0)));
    assert_eq!(store.due_deliveries(now() + ALERT_LIFE).unwrap(), []);
    store.forget_deliveries(now() + TimeDelta::days(31)).unwrap();
    assert_eq!(due(&store, 5), []);
}

#[test]
fn a_channel_that_fails_is_said_once_until_it_works_again() {
    let (_folder, store, account) = with_account();
    let (dead, alive) = (channel(&store, "dead"), channel(&store, "alive"));
    let notice = |key: &str| NewDelivery { channel: alive, key: key.to_owned(), content: "{}".to_owned() };
    let give_up = |key: &str, minute: i64, said: &str| {
        queue(&store, account.id, minute, key);
        let due = store.due_deliveries(now() + minutes(minute)).unwrap();
        let mut begins = None;
        for delivery in due {
            if delivery.channel == dead {
                begins =
                    Some(store.delivery_given_up(delivery.id, &failed(minute), Some(&notice(said))).unwrap());
            } else if matches!(delivery.what, DeliveryContent::Alert(_)) {
                store.delivery_done(delivery.id, now() + minutes(minute)).unwrap();
            }
        }
        begins
    };
    assert_eq!(give_up("a", 1, "first"), Some(true));
    assert_eq!(give_up("b", 2, "second"), Some(false));
    assert_eq!(due(&store, 3), [(alive.0, "first".to_owned())]);
    assert_eq!(store.channels().unwrap()[0].failing_since, Some(now() + minutes(1)));
    // A test that arrives ends it; another failure is said again.
    store.channel_tried(dead, &ChannelResult { at: now() + minutes(4), code: None, said: None }).unwrap();
    assert_eq!(store.channels().unwrap()[0].failing_since, None);
    assert_eq!(give_up("c", 5, "third"), Some(true));
    assert_eq!(due(&store, 6).len(), 2);
}

#[test]
fn a_digest_is_queued_once_and_names_are_unique() {
    let (_folder, store, _account) = with_account();
    let phone = channel(&store, "phone");
    let digest =
        NewDelivery { channel: phone, key: "digest:day:2026-06-01".to_owned(), content: "{}".to_owned() };
    assert!(store.queue_delivery(&digest, now()).unwrap());
    assert!(!store.queue_delivery(&digest, now() + minutes(1)).unwrap());
    let same = NewChannel { name: "phone".to_owned(), content: String::new(), address: None, secret: None };
    assert!(matches!(store.add_channel(&same, now()), Err(StoreError::NameTaken(_))));
}

#[test]
fn a_changed_channel_keeps_its_number_and_what_waits_for_it() {
    let (_folder, store, account) = with_account();
    let (first, second) = (channel(&store, "phone"), channel(&store, "group"));
    queue(&store, account.id, 1, "a");
    let change = |name: &str| ChannelChange {
        name: name.to_owned(),
        content: "{\"kind\":\"slack\",\"kinds\":[\"reset\"]}".to_owned(),
        address: None,
        secret: Some(Credential::Environment { name: "TOKEN".to_owned() }),
    };
    assert!(matches!(store.change_channel(first, &change("group")), Err(StoreError::NameTaken(_))));
    assert!(store.change_channel(first, &change("phone")).unwrap(), "its own name is free to it");
    assert!(store.change_channel(first, &change("pager")).unwrap());
    let known = store.channels().unwrap();
    assert_eq!((known[0].id, known[0].name.as_str(), &known[0].address), (first, "pager", &None));
    assert_eq!(known[0].secret, change("").secret);
    assert_eq!((known[1].id, known[1].name.as_str()), (second, "group"));
    assert_eq!(due(&store, 2).len(), 2);
    assert!(!store.change_channel(ChannelId(99), &change("none")).unwrap());
}
