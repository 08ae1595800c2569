//! The engine in a team's hub: it gives by itself, on a real PostgreSQL server.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, what cannot be done ends the test")]
#![allow(unreachable_pub, dead_code, reason = "the server of the database is shared with other tests")]
#![cfg(unix)]

mod common;
#[path = "../../intake/tests/postgres/mod.rs"]
mod postgres;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use common::TestEngine;
use postgres::Postgres;
use serde_json::json;
use tidemark_core::alert::AlertKind;
use tidemark_core::{Credential, Meter, MeterReading, Reading, Region, Source};
use tidemark_hub::{AgentState, DatabaseUrl, Hub, HubFile, Membership, NewHub, UsageBy, UsageFilter};
use tidemark_monitor::{Engine, FastClock};
use tidemark_simulator::Scenario;
use tidemark_store::{NewAccount as StoredAccount, Store};

/// Longer than anything here takes on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(1);
/// The engine's clock runs so many times as fast.
const SPEED: f64 = 100.0;

async fn until(engine: &Engine, what: &str, mut holds: impl AsyncFnMut(&Engine) -> bool) {
    let mut events = engine.events();
    let wait = async {
        while !holds(engine).await {
            let _ = tokio::time::timeout(Duration::from_millis(200), events.recv()).await;
        }
    };
    tokio::time::timeout(TIMEOUT, wait).await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

async fn state(engine: &Engine) -> Option<AgentState> {
    engine.read(|store| store.setting(AgentState::KEY)).await.unwrap()
}

/// Requests in a log of Kimi Code.
fn log(home: &Path, session: i64, count: i64) {
    let folder = home
        .join(".kimi-code/sessions/wd_boat_0123456789ab")
        .join(format!("session_{session}"))
        .join("agents/main");
    fs::create_dir_all(&folder).unwrap();
    let mut log = fs::File::create(folder.join("wire.jsonl")).unwrap();
    for number in 0..count {
        let record = json!({
            "type": "usage.record", "model": "k3", "usageScope": "turn", "time": 1_785_056_461_000_i64 + session * 100_000 + number * 1000,
            "usage": {"inputOther": 70, "output": 5, "inputCacheRead": 0, "inputCacheCreation": 0},
        });
        writeln!(log, "{record}").unwrap();
    }
}

async fn given(url: &DatabaseUrl) -> u64 {
    let hub = Hub::open(url, None).await.unwrap();
    let rows = hub.usage(UsageBy::Month, &UsageFilter::default()).await.unwrap();
    rows.iter().flat_map(|row| &row.parts).map(|part| part.requests).sum()
}

/// How many connections of Tidemark there are.
async fn connections(url: &DatabaseUrl) -> i64 {
    let own = tidemark_postgres::open(url, None).await.unwrap_or_else(|error| panic!("{error}"));
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tidemark' AND pid <> pg_backend_pid()";
    own.client.query_one(sql, &[]).await.unwrap().get(0)
}

/// A history in which a quota is emptied at once, minutes ago.
fn emptied(dir: &Path) {
    let now = Utc::now();
    let store = Store::open(dir, now).unwrap();
    let new = StoredAccount {
        name: "work".to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::None {},
    };
    let account = store.add_account(new, now).unwrap();
    for (number, percent) in (0..).zip([10, 10, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 100, 100, 100]) {
        let mut reading =
            Reading::new(now - TimeDelta::minutes(79 - 5 * number), Source::KimiCode, Region::China);
        reading.user.quota = Some("lin".to_owned());
        reading.meters.push(MeterReading {
            meter: Meter::Week,
            used_percent: percent.into(),
            used: None,
            limit: None,
            resets_at: None,
            conflict: false,
        });
        store.insert_reading(account.id, &reading, "{}").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_team_found_is_notified_in_place_of_what_this_machine_found() {
    let server = Postgres::start();
    server.trust();
    server.sql("postgres", "CREATE DATABASE team");
    let url: DatabaseUrl = format!("postgres://owner@127.0.0.1:{}/team", server.port).parse().unwrap();
    let new = NewHub { owner: "Lin".to_owned(), zone: "UTC".to_owned() };
    drop(tidemark_hub::init(&url, None, &new).await.unwrap());
    let house = TestEngine::of(Scenario { seed: 1, accounts: Vec::new() }).await;
    fs::create_dir_all(house.data()).unwrap();
    emptied(&house.data());
    let engine = Engine::open(house.config(FastClock::shared(Utc::now(), 10.0))).unwrap();
    engine.resume().await.unwrap();
    engine.wait_until_idle().await;
    let anomalies = async |engine: &Engine| -> Vec<String> {
        let due = engine.due_alerts().await.unwrap();
        let anomalies = due.into_iter().filter(|due| matches!(due.alert.kind, AlertKind::Anomaly { .. }));
        anomalies.map(|due| due.alert.key).collect()
    };
    let own = anomalies(&engine).await;
    assert!(own.len() == 1 && own[0].starts_with("anomaly:"), "{own:?}: in no hub");
    member_file(&url).write(&house.data()).unwrap();
    let running = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run().await }
    });
    until(&engine, "the team's is notified", async |engine: &Engine| {
        let now = anomalies(engine).await;
        now.len() == 1 && now[0].starts_with("team:anomaly:wipe-out:week:")
    })
    .await;
    engine.quit();
    running.await.unwrap();
}

fn member_file(url: &DatabaseUrl) -> HubFile {
    HubFile {
        url: url.as_str().to_owned(),
        credential: Credential::None {},
        membership: Membership::Joined,
        shares_name: false,
        epoch: String::new(),
        place: 0,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_gives_by_itself_while_it_is_in_a_hub() {
    let mut server = Postgres::start();
    server.trust();
    server.sql("postgres", "CREATE DATABASE team");
    let url: DatabaseUrl = format!("postgres://owner@127.0.0.1:{}/team", server.port).parse().unwrap();
    let new = NewHub { owner: "Lin".to_owned(), zone: "UTC".to_owned() };
    drop(tidemark_hub::init(&url, None, &new).await.unwrap());

    let house = TestEngine::of(Scenario { seed: 1, accounts: Vec::new() }).await;
    log(house.dir.path(), 1, 3);
    let engine = Engine::open(house.config(FastClock::shared(Utc::now(), SPEED))).unwrap();
    engine.resume().await.unwrap();
    let running = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run().await }
    });
    engine.scan_logs().await;
    assert_eq!((state(&engine).await, given(&url).await), (None, 0), "it is in no hub");

    let file = member_file(&url);
    file.write(&house.data()).unwrap();
    until(&engine, "it gives", async |_: &Engine| given(&url).await == 3).await;
    until(&engine, "no connection is left open", async |_: &Engine| connections(&url).await == 0).await;
    log(house.dir.path(), 2, 4);
    engine.scan_logs().await;
    until(&engine, "it gives what is new", async |_: &Engine| given(&url).await == 7).await;

    server.kill();
    until(&engine, "it says that the hub is away", async |engine: &Engine| {
        let state = state(engine).await.unwrap();
        state.problem.as_deref() == Some("hub-unreachable") && state.failures >= 2
    })
    .await;
    let last = state(&engine).await.unwrap();
    assert!(last.done_at < last.tried_at, "{last:?}");
    log(house.dir.path(), 3, 2);
    engine.scan_logs().await;
    server.start_again();
    until(&engine, "it gives what waited", async |_: &Engine| given(&url).await == 9).await;
    until(&engine, "that is known", async |engine: &Engine| state(engine).await.unwrap().problem.is_none())
        .await;

    // Whoever leaves gives no more, from that moment on.
    HubFile { membership: Membership::Leaving, ..file }.write(&house.data()).unwrap();
    log(house.dir.path(), 4, 5);
    engine.scan_logs().await;
    let before = state(&engine).await;
    let later = engine.now() + TimeDelta::minutes(5);
    until(&engine, "five minutes pass", async |engine: &Engine| engine.now() > later).await;
    assert_eq!((given(&url).await, state(&engine).await), (9, before));
    engine.quit();
    running.await.unwrap();
}
