//! The engine and programs that say themselves what they used: over HTTP, and through a proxy's database.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, what cannot be done ends the test")]
#![allow(unreachable_pub, dead_code, reason = "the server of the database is shared with its reader's tests")]

mod common;
#[cfg(unix)]
#[path = "../../intake/tests/postgres/mod.rs"]
mod postgres;

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use chrono::TimeDelta;
use common::{TestEngine, start};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use serde_json::{Value, json};
use tidemark_core::{AccountId, Tokens};
#[cfg(unix)]
use tidemark_monitor::LiteLlmSettings;
use tidemark_monitor::{Engine, IntakeState, Settings};
use tidemark_simulator::Scenario;

/// Longer than anything here takes on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Waits until something holds that the engine announces.
async fn until(engine: &Engine, mut holds: impl AsyncFnMut(&Engine) -> bool) {
    let mut events = engine.events();
    let wait = async {
        while !holds(engine).await {
            let _ = tokio::time::timeout(Duration::from_millis(200), events.recv()).await;
        }
    };
    tokio::time::timeout(TIMEOUT, wait).await.unwrap();
}

async fn until_intake(engine: &Engine, holds: impl Fn(&IntakeState) -> bool) {
    until(engine, async |engine: &Engine| holds(&engine.intake_state())).await;
}

async fn post(address: SocketAddr, headers: &[(&str, &str)], body: Vec<u8>) -> (u16, String) {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let mut request = hyper::Request::post("/v1/metrics").header("host", address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = sender.send_request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

const JSON: (&str, &str) = ("content-type", "application/json");

fn nanos(minute: i64) -> String {
    ((start().timestamp_millis() + minute * 60_000) * 1_000_000).to_string()
}

/// An export of Claude Code: a session used so much up to a minute.
fn export(session: &str, minute: i64, address: Option<&str>, [input, read, output]: [u64; 3]) -> Value {
    let named = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let point = |kind: &str, value: u64| {
        json!({ "startTimeUnixNano": nanos(minute - 1), "timeUnixNano": nanos(minute), "asInt": value.to_string(),
            "attributes": [named("type", kind), named("model", "kimi-k3"), named("session.id", session)] })
    };
    let mut resource = vec![named("service.name", "claude-code")];
    resource.extend(address.map(|address| named("server.address", address)));
    json!({ "resourceMetrics": [{ "resource": { "attributes": resource }, "scopeMetrics": [{ "metrics": [{
        "name": "claude_code.token.usage",
        "sum": { "aggregationTemporality": 1, "isMonotonic": true,
            "dataPoints": [point("input", input), point("cacheRead", read), point("output", output)] },
    }] }] }] })
}

async fn requests(engine: &Engine, account: Option<AccountId>) -> Vec<Tokens> {
    let (after, until) = (start() - TimeDelta::days(1), start() + TimeDelta::days(1));
    let found = engine.read(move |store| store.requests_between(account, after, until)).await.unwrap();
    found.into_iter().map(|request| request.tokens).collect()
}

fn of(input: u64, cache_read: u64, output: u64) -> Tokens {
    Tokens { input, cache_read, output, ..Tokens::default() }
}

fn free_port() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn running(engine: &Engine) -> tokio::task::JoinHandle<()> {
    let engine = engine.clone();
    tokio::spawn(async move { engine.run().await })
}

async fn set(engine: &Engine, change: impl FnOnce(&mut Settings)) {
    let mut settings = engine.settings();
    change(&mut settings);
    engine.set_settings(settings).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_counted_for_the_account_of_their_address_until_a_log_has_them() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await.id;
    let run = running(&engine);
    until_intake(&engine, |state| state.running).await;
    assert_eq!(engine.intake_state().otlp.listening, None, "off until it is turned on");

    let address = free_port();
    set(&engine, |settings| settings.intake_otlp = Some(address)).await;
    until_intake(&engine, |state| state.otlp.listening == Some(address)).await;

    let body = |value: &Value| value.to_string().into_bytes();
    let first = export("first", 1, Some("api.kimi.com"), [10, 500, 30]);
    assert_eq!(post(address, &[JSON], body(&first)).await, (200, "{}".to_owned()));
    // Sent again, compressed: it counts once.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&body(&first)).unwrap();
    let packed = [JSON, ("content-encoding", "gzip")];
    assert_eq!(post(address, &packed, gzip.finish().unwrap()).await.0, 200);
    let nowhere = export("second", 2, None, [1, 2, 3]);
    assert_eq!(post(address, &[JSON], body(&nowhere)).await.0, 200);
    let another = export("third", 3, Some("openrouter.ai"), [7, 7, 7]);
    assert_eq!(post(address, &[JSON], body(&another)).await.0, 200);
    assert_eq!(requests(&engine, Some(account)).await, [of(10, 500, 30)]);
    assert_eq!(requests(&engine, None).await, [of(1, 2, 3)], "unassigned, and the relay's left out");
    let (status, answer) = post(address, &[JSON], body(&export("x", 1_000_000, None, [1, 1, 1]))).await;
    assert!(status == 200 && answer.contains("\"rejectedDataPoints\":\"3\""), "{answer}");
    let tally = engine.intake_state().otlp.tally;
    assert_eq!((tally.counted, tally.not_kimi, tally.refused), (2, 3, 3));

    // The session's log is found later: it counts, and what was received is taken back.
    let folder = house.dir.path().join(".claude/projects/-work-boat");
    fs::create_dir_all(&folder).unwrap();
    let line = json!({ "type": "assistant", "sessionId": "first", "requestId": "r1", "cwd": "/work/boat",
        "timestamp": start() + TimeDelta::seconds(30),
        "message": { "id": "m1", "role": "assistant", "model": "kimi-k3",
            "usage": { "input_tokens": 11, "cache_read_input_tokens": 500, "output_tokens": 31 } } });
    fs::write(folder.join("first.jsonl"), format!("{line}\n")).unwrap();
    until(&engine, async |engine: &Engine| requests(engine, Some(account)).await.is_empty()).await;
    assert_eq!(requests(&engine, None).await.iter().filter(|tokens| **tokens == of(11, 500, 31)).count(), 1);
    let late = export("first", 4, Some("api.kimi.com"), [10, 500, 30]);
    assert_eq!(post(address, &[JSON], body(&late)).await.0, 200);
    assert!(requests(&engine, Some(account)).await.is_empty());
    assert_eq!(engine.intake_state().otlp.tally.in_logs, 1);

    set(&engine, |settings| settings.intake_otlp = None).await;
    until_intake(&engine, |state| state.otlp.listening.is_none()).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    engine.end();
    run.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_is_said_and_ends_nothing() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let run = running(&engine);
    set(&engine, |settings| settings.intake_otlp = Some(address)).await;
    until_intake(&engine, |state| {
        state.otlp.problem.as_ref().is_some_and(|problem| problem.code == "port-taken")
    })
    .await;
    let is_polled = async |engine: &Engine| engine.snapshot().accounts[0].reading.is_some();
    until(&engine, is_polled).await;
    let other = free_port();
    set(&engine, |settings| settings.intake_otlp = Some(other)).await;
    until_intake(&engine, |state| state.otlp.listening == Some(other) && state.otlp.problem.is_none()).await;
    engine.end();
    run.await.unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spend_logs_are_counted_for_the_account_of_their_address() {
    let mut server = tokio::task::spawn_blocking(postgres::Postgres::start).await.unwrap();
    let at = (start() - TimeDelta::minutes(5)).format("%Y-%m-%d %H:%M:%S");
    server.sql(
        "postgres",
        &format!(
            r#"CREATE TABLE "LiteLLM_SpendLogs" (request_id TEXT PRIMARY KEY, "startTime" TIMESTAMP(3), "endTime" TIMESTAMP(3),
                 model TEXT, api_base TEXT, prompt_tokens INT, completion_tokens INT, status TEXT, metadata JSONB);
               INSERT INTO "LiteLLM_SpendLogs" SELECT id, '{at}', '{at}', 'moonshot/kimi-k3', base, 100, 7, status,
                 '{{"usage_object":{{"cached_tokens":60}}}}'
               FROM (VALUES ('a', 'https://api.kimi.com/coding/v1', 'success'), ('b', 'https://api.kimi.com/coding/v1',
                 'failure'), ('c', 'https://openrouter.ai/api/v1', 'success'), ('d', '', 'success')) AS row (id, base, status)"#
        ),
    );
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await.id;
    let run = running(&engine);
    let with = |password_env: Option<&str>| LiteLlmSettings {
        url: format!("postgresql://owner@127.0.0.1:{}/postgres", server.port),
        password_env: password_env.map(str::to_owned),
    };
    // Every test of this file is a process of its own in the checks; nothing else reads this variable.
    let unset = with(Some("TIDEMARK_TEST_UNSET_PASSWORD"));
    set(&engine, |settings| settings.intake_litellm = Some(unset)).await;
    let has = |code: &'static str| {
        move |state: &IntakeState| state.litellm.problem.as_ref().is_some_and(|problem| problem.code == code)
    };
    until_intake(&engine, has("password")).await;
    // A variable that is set, and is not the password.
    let wrong = with(Some("PATH"));
    set(&engine, |settings| settings.intake_litellm = Some(wrong)).await;
    until_intake(&engine, has("refused")).await;

    server.sql("postgres", r#"CREATE ROLE reader LOGIN; GRANT SELECT ON "LiteLLM_SpendLogs" TO reader"#);
    server.trust();
    let reader = LiteLlmSettings {
        url: format!("postgresql://reader@127.0.0.1:{}/postgres", server.port),
        password_env: None,
    };
    let stored = reader.clone();
    set(&engine, |settings| settings.intake_litellm = Some(stored)).await;
    until_intake(&engine, |state| state.litellm.read_at.is_some()).await;
    assert_eq!(requests(&engine, Some(account)).await, [of(40, 60, 7)]);
    assert_eq!(requests(&engine, None).await, [of(40, 60, 7)], "the row without an address");
    assert_eq!(engine.intake_state().litellm.tally.counted, 2);

    // Turned off and on again it goes on where it was; a server that is away is said.
    set(&engine, |settings| settings.intake_litellm = None).await;
    until_intake(&engine, |state| state.litellm.read_at.is_none()).await;
    let again = reader.clone();
    set(&engine, |settings| settings.intake_litellm = Some(again)).await;
    until_intake(&engine, |state| state.litellm.read_at.is_some()).await;
    assert_eq!(engine.intake_state().litellm.tally.counted, 0);
    set(&engine, |settings| settings.intake_litellm = None).await;
    server.stop();
    set(&engine, |settings| settings.intake_litellm = Some(reader)).await;
    until_intake(&engine, has("unreachable")).await;
    assert_eq!(requests(&engine, Some(account)).await.len(), 1);
    engine.end();
    run.await.unwrap();
}
