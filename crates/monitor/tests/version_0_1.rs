//! A history of version 0.1 is opened: nothing of it is lost, and nothing is found in it a second time.
//!
//! `version_0_1/history.sql` is what that version wrote of 81 polls of two accounts of the simulator; the other two
//! files are what it then printed with `findings --json` and `history --by day --json`.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use serde_json::Value;
use tidemark_core::calendar::Span;
use tidemark_core::step::STATE_VERSION;
use tidemark_core::wire::FindingRecord;
use tidemark_simulator::Scenario;
use tidemark_store::{FailureQuery, FindingQuery, HistoryQuery, Store};

use common::{TestEngine, start, store};

const HISTORY: &str = include_str!("version_0_1/history.sql");
const FINDINGS: &str = include_str!("version_0_1/findings.jsonl");
const BY_DAY: &str = include_str!("version_0_1/history-by-day.json");

/// A house whose data folder holds that history.
async fn house() -> TestEngine {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    tidemark_files::folder::make_private(&house.data()).unwrap();
    let db = rusqlite::Connection::open(house.data().join(tidemark_store::FILE_NAME)).unwrap();
    db.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA foreign_keys = OFF").unwrap();
    db.execute_batch(HISTORY).unwrap();
    house
}

/// The findings as that version printed them, without their sentences: words may differ.
fn plain(record: &FindingRecord) -> FindingRecord {
    FindingRecord { explanation: String::new(), evidence: Vec::new(), account: None, ..record.clone() }
}

fn findings(store: &Store) -> Vec<FindingRecord> {
    let mut found = store.findings(&FindingQuery::default()).unwrap();
    found.sort_by_key(|stored| (stored.finding.detected_at, stored.id));
    found.iter().map(|stored| plain(&FindingRecord::new(&stored.finding, None))).collect()
}

/// Deducted and returned, by series and day, where anything was seen.
fn by_day(store: &Store) -> Vec<(String, String, f64, f64)> {
    let expected: Value = serde_json::from_str(BY_DAY).unwrap();
    let instant = |row: &Value, key: &str| row[key].as_str().unwrap().parse().unwrap();
    let rows = expected["rows"].as_array().unwrap();
    let asked = HistoryQuery {
        from: instant(&rows[0], "start"),
        to: instant(&rows[1], "end"),
        now: start(),
        span: Span::Day,
        account: None,
        zone: store.zone().unwrap(),
    };
    let number = |amount: rust_decimal::Decimal| amount.to_string().parse::<f64>().unwrap();
    let mut all: Vec<_> = store
        .history(&asked)
        .unwrap()
        .iter()
        .filter_map(|row| {
            // What came in and what expired had no figures of their own.
            let deducted = row.deducted? + row.expired.unwrap_or_default();
            let returned = row.returned? + row.credited.unwrap_or_default();
            let sums = (number(deducted), number(returned));
            Some((row.series.to_string(), row.bucket.start.format("%F").to_string(), sums.0, sums.1))
        })
        .collect();
    all.sort_by(|a, b| a.partial_cmp(b).unwrap());
    all
}

fn printed_by_day() -> Vec<(String, String, f64, f64)> {
    let printed: Value = serde_json::from_str(BY_DAY).unwrap();
    let amount = |value: &Value| match value {
        Value::Object(money) => money["amount"].as_str()?.parse().ok(),
        number => number.as_f64(),
    };
    let mut all: Vec<_> = printed["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| {
            let series = row["meter"]
                .as_str()
                .map_or_else(|| format!("balance:{}", row["unit"].as_str().unwrap()), ToOwned::to_owned);
            let day = row["key"].as_str()?.to_owned();
            Some((series, day, amount(&row["deducted"])?, amount(&row["returned"])?))
        })
        .collect();
    all.sort_by(|a, b| a.partial_cmp(b).unwrap());
    all
}

#[tokio::test]
async fn a_history_of_version_0_1_is_opened_and_says_the_same() {
    let house = house().await;
    let engine = house.engine().await;
    let printed: Vec<FindingRecord> =
        FINDINGS.lines().map(|line| plain(&serde_json::from_str(line).unwrap())).collect();
    assert_eq!(printed.len(), 3);
    let store = store(&house.data());
    assert_eq!(findings(&store), printed);
    assert_eq!(by_day(&store), printed_by_day());
    let failures = store.failure_runs(&FailureQuery::default()).unwrap();
    assert_eq!(failures.iter().map(|run| run.count).sum::<u64>(), 3);
    assert_eq!(engine.due_alerts().await.unwrap(), [], "what was due then is long past");
    for account in engine.snapshot().accounts {
        assert!(account.reading.is_some(), "the last reading is shown");
        let analysis = store.analysis(account.account.id).unwrap();
        assert_eq!(analysis.state.unwrap().version, Some(STATE_VERSION), "the state was taken over");
        assert!(store.readings_after(account.account.id, analysis.reading).unwrap().is_empty());
        assert!(store.failures_after(account.account.id, analysis.failure).unwrap().is_empty());
    }
}

#[tokio::test]
async fn opening_it_again_finds_nothing_new() {
    let house = house().await;
    drop(house.engine().await);
    let once = findings(&store(&house.data()));
    let states = |store: &Store| {
        let accounts = store.accounts().unwrap();
        accounts.iter().map(|account| store.analysis(account.id).unwrap()).collect::<Vec<_>>()
    };
    let before = states(&store(&house.data()));
    drop(common::reopened(&house).await);
    assert_eq!(findings(&store(&house.data())), once);
    assert_eq!(states(&store(&house.data())), before);
}
