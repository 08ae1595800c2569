//! Findings: each once.

use tidemark_core::finding::{Anomaly, CreditClass, Schedule};
use tidemark_core::{Account, Currency, Finding, FindingKind, Money};
use tidemark_store::{AnalysisResult, FindingQuery, Store};

use crate::given::*;

fn finding(kind: FindingKind, minute: i64) -> Finding {
    let at = now() + minutes(minute);
    Finding {
        kind,
        series: Some(FIVE_HOUR),
        from: at - minutes(5),
        to: at,
        detected_at: at,
        observed: Some(14.5),
        expected_low: None,
        expected_high: Some(4.25),
        confidence: 0.97,
        explanation: "why".to_owned(),
        evidence: vec!["one".to_owned(), "two".to_owned()],
        messages: tidemark_core::message::Messages::default(),
    }
}

fn record_analysis(store: &Store, account: &Account, minute: i64, findings: Vec<Finding>) {
    let reading = reading(now() + minutes(minute), dec("1"), dec("5"));
    let id = store.insert_reading(account.id, &reading, "{}").unwrap();
    store.record_analysis(account.id, id, &AnalysisResult { findings, ..conclusion(vec![], None) }).unwrap();
}

fn found(store: &Store, query: &FindingQuery) -> Vec<Finding> {
    store.findings(query).unwrap().into_iter().map(|stored| stored.finding).collect()
}

#[test]
fn findings_come_back_as_they_were_made_newest_first() {
    let (_folder, store, account) = with_account();
    let made = [
        finding(FindingKind::Anomaly(Anomaly::WipeOut), 0),
        finding(
            FindingKind::Reset {
                schedule: Schedule::Early,
                used_before: dec("78.5"),
                used_after: dec("0"),
                announced: Some(now()),
            },
            5,
        ),
        Finding {
            series: Some(MONEY),
            ..finding(
                FindingKind::Credit {
                    class: CreditClass::TopUp,
                    amount: Money::new(dec("50"), Currency::CNY),
                },
                10,
            )
        },
        Finding {
            series: None,
            ..finding(FindingKind::PlanChange { before: None, after: Some("Pro".into()) }, 15)
        },
    ];
    for (minute, one) in made.iter().enumerate() {
        record_analysis(&store, &account, i64::try_from(minute).unwrap(), vec![one.clone()]);
    }
    let mut newest_first = made.to_vec();
    newest_first.reverse();
    assert_eq!(found(&store, &FindingQuery::default()), newest_first);
    let some = FindingQuery {
        account: Some(account.id),
        from: Some(now() + minutes(5)),
        to: Some(now() + minutes(15)),
        limit: Some(1),
        unseen: true,
    };
    assert_eq!(found(&store, &some), [made[2].clone()]);
}

#[test]
fn the_same_finding_again_is_one_and_others_of_the_same_reading_are_others() {
    let (_folder, store, account) = with_account();
    let limit =
        |word: &str| FindingKind::LimitChange { limit: word.into(), before: None, after: Some("1".into()) };
    let at_once = vec![
        finding(FindingKind::Anomaly(Anomaly::WipeOut), 0),
        finding(FindingKind::Anomaly(Anomaly::Impossible), 0),
        Finding { series: None, ..finding(limit("concurrency"), 0) },
        Finding { series: None, ..finding(limit("tokens_per_day"), 0) },
        Finding { series: Some(MONEY), ..finding(FindingKind::Anomaly(Anomaly::WipeOut), 0) },
    ];
    record_analysis(&store, &account, 0, at_once.clone());
    record_analysis(&store, &account, 5, at_once.clone());
    assert_eq!(found(&store, &FindingQuery::default()).len(), at_once.len());
}

#[test]
fn what_was_seen_stays_seen() {
    let (_folder, store, account) = with_account();
    record_analysis(
        &store,
        &account,
        0,
        vec![
            finding(FindingKind::Anomaly(Anomaly::WipeOut), 0),
            finding(FindingKind::Anomaly(Anomaly::Clawback), 0),
        ],
    );
    assert_eq!(store.unseen_findings().unwrap(), [(account.id, 2)]);
    let first = store.findings(&FindingQuery::default()).unwrap()[0].clone();
    assert!(!first.seen);
    store.mark_seen(&[first.id, tidemark_store::FindingId(9999)], true).unwrap();
    assert_eq!(store.unseen_findings().unwrap(), [(account.id, 1)]);
    let unseen = FindingQuery { unseen: true, ..FindingQuery::default() };
    assert!(found(&store, &unseen).iter().all(|other| *other != first.finding));
}

#[test]
fn a_finding_that_was_seen_by_mistake_is_new_again() {
    let (_folder, store, account) = with_account();
    let made = vec![finding(FindingKind::Anomaly(Anomaly::WipeOut), 0)];
    record_analysis(&store, &account, 0, made);
    let ids = [store.findings(&FindingQuery::default()).unwrap()[0].id];
    store.mark_seen(&ids, true).unwrap();
    assert_eq!(store.unseen_findings().unwrap(), []);
    store.mark_seen(&ids, false).unwrap();
    assert_eq!(store.unseen_findings().unwrap(), [(account.id, 1)]);
}

#[test]
fn a_finding_comes_back_with_what_it_says_in_any_language() {
    let (_folder, store, work) = with_account();
    let messages = tidemark_core::message::Messages {
        explanation: vec![tidemark_core::message::Message::NoUsage],
        evidence: vec![tidemark_core::message::Message::FailedPolls { count: 2 }],
    };
    let made = Finding { messages, ..finding(FindingKind::Anomaly(Anomaly::Unexplained), 0) };
    record_analysis(&store, &work, 0, vec![made.clone()]);
    assert_eq!(store.findings(&FindingQuery::default()).unwrap()[0].finding, made);
}

#[test]
fn what_a_newer_version_found_hides_nothing_from_an_older_one() {
    let (folder, store, account) = with_account();
    let known = |store: &Store| store.findings(&FindingQuery::default()).unwrap().len();
    let before = known(&store);
    let db = rusqlite::Connection::open(folder.path().join(tidemark_store::FILE_NAME)).unwrap();
    db.execute(
        "INSERT INTO finding (account, kind, class, series, detected_at, line)
         VALUES (?1, 'anomaly', 'of-tomorrow', '5h', 7, ?2)",
        rusqlite::params![account.id.0, r#"{"type":"finding","kind":"anomaly","class":"of-tomorrow"}"#],
    )
    .unwrap();
    db.execute(
        "INSERT INTO alert (account, key, at, content, state) VALUES (?1, 'x', ?2, ?3, 'pending')",
        rusqlite::params![account.id.0, now().timestamp_nanos_opt(), r#"{"kind":"of-tomorrow"}"#],
    )
    .unwrap();
    assert_eq!(known(&store), before);
    let span = (chrono::DateTime::UNIX_EPOCH, now());
    let mut streamed = 0;
    let count = |_| {
        streamed += 1;
        std::ops::ControlFlow::Continue(())
    };
    store.for_each_finding(account.id, span, count).unwrap();
    assert_eq!(streamed, before);
    assert!(store.due_alerts(now()).unwrap().is_empty());
}
