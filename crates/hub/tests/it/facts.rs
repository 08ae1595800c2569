//! Readings, findings and marks.

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::finding::{Anomaly, Triage};
use tidemark_core::message::Messages;
use tidemark_core::reading::UserIds;
use tidemark_core::step::{Outcome, StoredState};
use tidemark_core::{
    Account, Credential, Finding, FindingKind, Meter, MeterReading, RateLimits, Reading, Region, Series,
    Source,
};
use tidemark_hub::{Hub, Role};
use tidemark_postgres::Connection;
use tidemark_store::{AnalysisResult, FindingId, NewAccount};

use crate::machine::{Machine, start};
use crate::team::Team;

pub fn account(machine: &Machine, name: &str) -> Account {
    let new = NewAccount {
        name: name.to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::None {},
    };
    machine.store.add_account(new, start()).unwrap()
}

pub fn reading(at: DateTime<Utc>, percent: i64, user: Option<&str>) -> Reading {
    Reading {
        at,
        source: Source::KimiCode,
        region: Region::China,
        plan: None,
        meters: vec![MeterReading {
            meter: Meter::Week,
            used_percent: percent.into(),
            used: None,
            limit: None,
            resets_at: None,
            conflict: false,
        }],
        wallet: None,
        balance: None,
        limits: RateLimits::default(),
        not_understood: Vec::new(),
        user: UserIds { quota: user.map(ToOwned::to_owned), ..UserIds::default() },
    }
}

/// So many readings of an account, each five minutes after the one before.
fn polls(machine: &Machine, account: &Account, first: i64, count: i64, user: Option<&str>) {
    for number in first..first + count {
        let at = start() + TimeDelta::minutes(5 * number);
        machine.store.insert_reading(account.id, &reading(at, number % 100, user), "{}").unwrap();
    }
}

/// An anomaly, settled by a reading.
fn anomaly(machine: &Machine, account: &Account, minute: i64) -> FindingId {
    let at = start() + TimeDelta::minutes(minute);
    let id = machine.store.insert_reading(account.id, &reading(at, 50, Some("lin")), "{}").unwrap();
    let finding = Finding {
        kind: FindingKind::Anomaly(Anomaly::Unexplained),
        series: Some(Series::Meter(Meter::Week)),
        from: at - TimeDelta::minutes(5),
        to: at,
        detected_at: at,
        observed: Some(14.5),
        expected_low: None,
        expected_high: Some(4.25),
        confidence: 0.97,
        explanation: "the secret boat".to_owned(),
        evidence: vec!["on the machine secret-desk".to_owned()],
        messages: Messages::default(),
    };
    let state = StoredState {
        version: Some(1),
        tracker: r#"{"n":1}"#.to_owned(),
        audit: None,
        alerts: "{}".to_owned(),
        usage_cursor: 0,
    };
    let result = AnalysisResult { findings: vec![finding], ..AnalysisResult::new(Outcome::default(), state) };
    machine.store.record_analysis(account.id, id, &result).unwrap();
    machine.store.findings(&tidemark_store::FindingQuery::default()).unwrap()[0].id
}

async fn count(hub: &Connection, from: &str) -> i64 {
    hub.client.query_one(&format!("SELECT count(*) FROM tidemark.{from}"), &[]).await.unwrap().get(0)
}

async fn given(machine: &Machine, hub: &Hub) -> u64 {
    machine.gives(hub).await.unwrap().readings
}

#[tokio::test]
async fn each_reading_is_given_once_and_to_its_account() {
    let team = Team::with_hub().await;
    let (ann, bob) = (team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Member).await);
    let (hers, his) = (Machine::new("hers"), Machine::new("his"));
    let (work, unknown) = (account(&hers, "work"), account(&hers, "unknown"));
    let shared = account(&his, "anything");
    polls(&hers, &work, 0, 1200, Some("lin"));
    polls(&hers, &unknown, 0, 3, None);
    polls(&his, &shared, 0, 7, Some("lin"));
    let (hub, his_hub) = (ann.hub().await, bob.hub().await);
    assert_eq!((given(&hers, &hub).await, given(&his, &his_hub).await), (1203, 7));
    assert_eq!((given(&hers, &hub).await, given(&his, &his_hub).await), (0, 0));
    let raw = ann.raw().await;
    assert_eq!(count(&raw, "reading").await, 1200, "her own; whose the others are is not known");
    assert_eq!(count(&raw, "account").await, 1, "his is the same");
    let owner = team.owner().raw().await;
    assert_eq!(count(&owner, "reading").await, 1207);
    let sql = "reading WHERE line ->> 'account' IS NULL AND line -> 'meters' -> 0 ->> 'meter' = 'week'";
    assert_eq!(count(&owner, sql).await, 1207);

    // Those that were given last are removed with their account, and their numbers given again.
    polls(&hers, &unknown, 2000, 5, Some("other"));
    assert_eq!(given(&hers, &hub).await, 5);
    hers.store.remove_account(unknown.id).unwrap();
    polls(&hers, &work, 1200, 2, Some("lin"));
    given(&hers, &hub).await;
    assert_eq!(count(&raw, "reading WHERE line -> 'user' ->> 'quota' = 'lin'").await, 1202);
}

#[tokio::test]
async fn findings_are_given_without_words_and_follow_their_marks() {
    let team = Team::with_hub().await;
    let ann = team.joins("Ann", Role::Member).await;
    let bob = team.joins("Bob", Role::Member).await.raw().await;
    let machine = Machine::new("desk");
    let work = account(&machine, "work");
    let finding = anomaly(&machine, &work, 10);
    let hub = ann.hub().await;
    let raw = ann.raw().await;
    let marks = async || {
        let rows = raw.client.query("SELECT state FROM tidemark.mark", &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect::<Vec<String>>()
    };
    given(&machine, &hub).await;
    given(&machine, &hub).await;
    assert_eq!(count(&raw, "finding WHERE class = 'unexplained' AND series = 'week'").await, 1);
    let line: String =
        raw.client.query_one("SELECT line::text FROM tidemark.finding", &[]).await.unwrap().get(0);
    assert!(line.contains("14.5") && !line.contains("secret") && !line.contains("work"), "{line}");
    assert_eq!(marks().await, Vec::<String>::new());
    for (mark, said) in
        [(Some(Triage::Mine), vec!["mine"]), (Some(Triage::Reported), vec!["reported"]), (None, vec![])]
    {
        machine.store.mark_finding(finding, mark, start() + TimeDelta::hours(1), None).unwrap();
        given(&machine, &hub).await;
        assert_eq!(marks().await, said);
    }
    for table in ["finding", "reading", "mark", "account"] {
        assert_eq!(count(&bob, table).await, 0, "{table}");
    }
    hub.leave(tidemark_hub::Removed::Yes).await.unwrap();
    let owner = team.owner().raw().await;
    for table in ["finding", "reading", "mark", "account", "account_user"] {
        assert_eq!(count(&owner, table).await, 0, "{table}");
    }
}
