//! Alerts: at most once, not lost, not late.

use chrono::TimeDelta;
use tidemark_core::alert::{Alert, AlertKind};
use tidemark_core::{AccountId, Failure, FailureKind, Meter};
use tidemark_store::{ALERT_LIFE, AnalysisResult, DueAlert, Store, TeamAlert};

use crate::given::*;

fn alert(key: &str, minute: i64) -> Alert {
    Alert {
        key: key.to_owned(),
        at: now() + minutes(minute),
        kind: AlertKind::Threshold {
            meter: Meter::FiveHour,
            threshold: dec("75"),
            used: dec("76.25"),
            resets_at: Some(now() + minutes(90)),
        },
        announcement: Some("All quotas were reset".to_owned()),
    }
}

fn due(store: &Store, minute: i64) -> Vec<DueAlert> {
    store.due_alerts(now() + minutes(minute)).unwrap()
}

/// A failed poll of a minute that leads to alerts.
fn queue(store: &Store, account: AccountId, minute: i64, alerts: &[Alert]) {
    let failure = Failure::new(FailureKind::Unauthorized, "no");
    let id = store.record_failure(account, now() + minutes(minute), &failure).unwrap();
    let conclusion = AnalysisResult { alerts: alerts.to_vec(), ..conclusion(vec![], None) };
    store.record_analysis(account, id, &conclusion).unwrap();
}

#[test]
fn an_alert_is_due_once_for_ever() {
    let (folder, store, account) = with_account();
    for minute in [0, 5] {
        let id = store
            .insert_reading(account.id, &reading(now() + minutes(minute), dec("76"), dec("5")), "{}")
            .unwrap();
        let told = AnalysisResult { alerts: vec![alert("5h:75:1", minute)], ..conclusion(vec![], None) };
        store.record_analysis(account.id, id, &told).unwrap();
    }
    let first = due(&store, 6);
    assert_eq!(first.len(), 1);
    assert_eq!((first[0].account, &first[0].alert, first[0].attempts), (account.id, &alert("5h:75:1", 0), 0));
    assert!(store.alert_delivering(first[0].id).unwrap());
    assert!(!store.alert_delivering(first[0].id).unwrap(), "it has been taken");
    // Killed while it was being shown: it may have been seen, so it is not shown again.
    drop(store);
    let store = Store::open(folder.path(), now()).unwrap();
    assert_eq!(due(&store, 7), []);
    store.alert_delivered(first[0].id).unwrap();
    queue(&store, account.id, 8, &[alert("5h:75:1", 8)]);
    assert_eq!(due(&store, 9), []);
}

#[test]
fn a_failed_delivery_is_tried_again_when_it_is_time() {
    let (_folder, store, account) = with_account();
    queue(&store, account.id, 0, &[alert("a", 0), alert("b", -1)]);
    let analysis = store.analysis(account.id).unwrap();
    assert_eq!(analysis.state, Some(state()), "a failed poll is concluded from like a reading");
    assert!(analysis.reading.is_none() && analysis.failure.is_some());
    let first = due(&store, 0);
    assert_eq!(first.iter().map(|d| d.alert.key.as_str()).collect::<Vec<_>>(), ["b", "a"], "oldest first");
    assert!(store.alert_delivering(first[0].id).unwrap());
    store.alert_failed(first[0].id, now()).unwrap();
    assert_eq!(due(&store, 0).len(), 1);
    let again = due(&store, 1);
    assert_eq!((again.len(), again[0].id, again[0].attempts), (2, first[0].id, 1));
    // A failure that is reported after the delivery has no effect.
    assert!(store.alert_delivering(first[0].id).unwrap());
    store.alert_delivered(first[0].id).unwrap();
    store.alert_failed(first[0].id, now()).unwrap();
    assert_eq!(due(&store, 3).len(), 1);
}

#[test]
fn the_pause_between_tries_grows_with_each_failure() {
    let (_folder, store, account) = with_account();
    queue(&store, account.id, 0, &[alert("a", 0)]);
    let (mut at, mut pauses) = (now(), Vec::new());
    for _ in 0..9 {
        let id = store.due_alerts(at).unwrap()[0].id;
        assert!(store.alert_delivering(id).unwrap());
        store.alert_failed(id, at).unwrap();
        let failed_at = at;
        while store.due_alerts(at).unwrap().is_empty() {
            at += TimeDelta::seconds(15);
        }
        pauses.push((at - failed_at).num_seconds());
    }
    assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
}

#[test]
fn an_alert_that_was_put_back_is_due_at_once_and_has_not_failed() {
    let (_folder, store, account) = with_account();
    queue(&store, account.id, 0, &[alert("a", 0)]);
    let id = due(&store, 1)[0].id;
    assert!(store.alert_delivering(id).unwrap());
    store.alert_put_back(id).unwrap();
    assert_eq!(due(&store, 1)[0].attempts, 0);
    assert!(store.alert_delivering(id).unwrap());
    store.alert_delivered(id).unwrap();
    store.alert_put_back(id).unwrap();
    assert_eq!(due(&store, 1), [], "what was shown stays shown");
}

#[test]
fn yesterdays_alert_is_not_told() {
    let (_folder, store, account) = with_account();
    queue(&store, account.id, 0, &[alert("a", 0)]);
    let last_chance = now() + ALERT_LIFE - minutes(1);
    assert_eq!(store.due_alerts(last_chance).unwrap().len(), 1);
    assert_eq!(store.due_alerts(last_chance + minutes(1)).unwrap(), []);
}

#[test]
fn the_same_key_of_another_account_is_another_alert() {
    let (_folder, store, work) = with_account();
    let home = store.add_account(new_account("home"), now()).unwrap();
    queue(&store, work.id, 0, &[alert("a", 0)]);
    queue(&store, home.id, 0, &[alert("a", 0)]);
    assert_eq!(due(&store, 0).len(), 2);
    store.remove_account(work.id).unwrap();
    assert_eq!(due(&store, 0).len(), 1);
}

#[test]
fn what_a_team_found_is_queued_once_and_taken_back_only_where_it_was() {
    let (_folder, store, work) = with_account();
    let team = |key: &str, minute, takes_back: Option<&str>| TeamAlert {
        account: work.id,
        alert: alert(key, minute),
        takes_back: takes_back.map(ToOwned::to_owned),
    };
    let found = [team("team:a", 0, None), team("team:back:b", 1, Some("team:b"))];
    for known in [3, 4] {
        store.queue_team_alerts(&found, ("known", &known)).unwrap();
        let keys: Vec<_> = due(&store, 2).into_iter().map(|due| due.alert.key).collect();
        assert_eq!((keys, store.setting("known").unwrap()), (vec!["team:a".to_owned()], Some(known)));
    }
    store.queue_team_alerts(&[team("team:back:a", 2, Some("team:a"))], ("known", &5)).unwrap();
    assert_eq!(due(&store, 2).len(), 2);
}
