//! A power cut in the middle of polling, twenty times.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};
use tidemark_journeys::{Agent, COMES_UP, Desktop, Keyring, Options, Service, wait_for};
use tidemark_simulator::Scenario;

const ACCOUNTS: usize = 5;
/// Fast enough for a poll of each account every half second.
const SPEED: f64 = 600.0;

/// The account's number and the time of its last reading, as the interface reports them: acknowledged.
fn acknowledged(agent: &Agent) -> Vec<(i64, DateTime<Utc>)> {
    let Ok(answer) = agent.try_request("GET", "/v1/overview", None) else { return Vec::new() };
    let cards = answer.body["accounts"].as_array().cloned().unwrap_or_default();
    cards
        .iter()
        .filter_map(|card| Some((card["id"].as_i64()?, card["read_at"].as_str()?.parse().ok()?)))
        .collect()
}

#[test]
fn no_acknowledged_reading_is_lost_and_none_is_doubled_by_twenty_kills() {
    let desktop = Desktop::start(&Options {
        keyring: Keyring::Unlocked,
        notifications: false,
        tray: false,
        ..Options::default()
    });
    let start: DateTime<Utc> = "2026-11-18T09:00:00Z".parse().expect("a time");
    let service = Service::start(Scenario::fleet(ACCOUNTS, start, 7), start, SPEED);
    let data = desktop.data_dir();
    let run = || desktop.start_agent_with(&data, &["--no-tray"], &service.env());
    let agent = run();
    for account in service.running().accounts() {
        let body = serde_json::json!({
            "name": account.name, "key": { "kind": "keyring", "key": account.key },
        });
        agent.request("POST", "/v1/accounts", Some(&body));
    }
    let mut agent = agent;
    let mut seen = BTreeSet::new();
    for round in 0..20_u64 {
        let before = service.looks().len();
        let looks = || {
            seen.extend(acknowledged(&agent));
            service.looks().len()
        };
        wait_for("a poll of every account", COMES_UP, looks, |looks| *looks >= before + ACCOUNTS);
        // At a moment of its own in each round: in a call, in a transaction, between the two.
        let deadline = std::time::Instant::now() + Duration::from_millis(17 * round % 101);
        while std::time::Instant::now() < deadline {
            seen.extend(acknowledged(&agent));
        }
        agent.kill();
        agent = run();
    }
    let last = || acknowledged(&agent);
    wait_for("the last start to conclude from what was left", COMES_UP, last, |all| all.len() == ACCOUNTS);
    assert!(agent.stop().success());

    let db = Connection::open_with_flags(data.join("tidemark.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the history opens");
    let integrity: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(integrity, "ok");
    let (all, distinct): (i64, i64) = db
        .query_row(
            "SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT account, at FROM reading)) FROM reading",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("counts");
    assert_eq!(all, distinct, "a reading is there twice");
    let kept: BTreeSet<(i64, i64)> = db
        .prepare("SELECT account, at FROM reading")
        .expect("a statement")
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("rows")
        .collect::<Result<_, _>>()
        .expect("readings");
    assert!(seen.len() >= 20, "only {} readings were acknowledged", seen.len());
    for (account, at) in seen {
        let at = at.timestamp_nanos_opt().expect("a time of this century");
        assert!(kept.contains(&(account, at)), "the reading of account {account} at {at} is lost");
    }
    // Whatever is on disk has been concluded from, once.
    let behind: i64 = db
        .query_row(
            "SELECT count(*) FROM reading r JOIN progress p ON p.account = r.account WHERE r.id > p.analysed",
            [],
            |row| row.get(0),
        )
        .expect("a count");
    assert_eq!(behind, 0);
    let doubled: i64 = db
        .query_row("SELECT count(*) - count(DISTINCT account || key) FROM alert", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(doubled, 0, "an alert is there twice");
}
