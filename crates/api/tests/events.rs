//! The stream of events: who falls behind hears of everything that may have changed, and who quits is not
//! confused with what merely ends.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use common::{NoServices, engine};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tidemark_api::server::router;
use tidemark_api::view::{Event, Machines, MachinesSynced};
use tidemark_monitor::EngineEvent;
use tower::ServiceExt as _;

/// Begins to listen; gives the events as they come.
async fn listen(router: &Router) -> impl futures_util::Stream<Item = Event> + Unpin + use<> {
    let request = Request::get("/v1/events").body(Body::empty()).unwrap();
    let body = router.clone().oneshot(request).await.unwrap().into_body();
    Box::pin(body.into_data_stream().filter_map(async |frame| {
        let frame = String::from_utf8(frame.unwrap().to_vec()).unwrap();
        let data = frame.strip_prefix("data: ")?.trim_end().to_owned();
        Some(serde_json::from_str(&data).unwrap())
    }))
}

#[tokio::test]
async fn a_listener_that_fell_behind_is_sent_every_kind_of_change() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let mut events = listen(&router(engine.clone(), Arc::new(NoServices))).await;
    // More than the engine keeps for a listener; the last ones are all of one kind.
    for _ in 0..200 {
        engine.announce(EngineEvent::Usage);
    }
    engine.quit();
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        seen.push(event);
        if seen.last() == Some(&Event::Quit {}) {
            break;
        }
    }
    for kind in [Event::Overview {}, Event::Findings {}, Event::Settings {}, Event::Usage {}] {
        assert!(seen.contains(&kind), "{kind:?} is missing from {seen:?}");
    }
}

#[tokio::test]
async fn an_agent_that_ends_without_being_quit_closes_no_window() {
    for (quit, last) in [(false, Event::Ended {}), (true, Event::Quit {})] {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        let mut events = listen(&router(engine.clone(), Arc::new(NoServices))).await;
        if quit {
            engine.quit();
        } else {
            engine.end();
        }
        let seen: Vec<Event> = events.by_ref().collect().await;
        assert_eq!(seen, [last]);
    }
}

/// A route's answer.
async fn ask<T: serde::de::DeserializeOwned>(router: &Router, method: &str, path: &str, body: Value) -> T {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&body)))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_fails_is_announced_when_it_begins_and_when_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let shared = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let router = router(engine.clone(), Arc::new(NoServices));
    let new = json!({
        "name": "ours",
        "folder": shared.path(),
        "passphrase": "four random words here",
        "in_encrypted_file": true,
    });
    let unlock = json!({"passphrase": "of the key file"});
    let _: Value = ask(&router, "POST", "/v1/vault/unlock-file", unlock).await;
    let added: Machines = ask(&router, "POST", "/v1/machines", new).await;
    let key = added.exchanges[0].key.clone();
    assert!(!added.exchanges[0].underway);
    drop(shared);

    let mut events = listen(&router).await;
    let synced: MachinesSynced = ask(&router, "POST", "/v1/machines/sync", json!({ "key": key })).await;
    let problem = synced.exchanges[0].problem.clone().unwrap();
    let list: Machines = ask(&router, "GET", "/v1/machines", Value::Null).await;
    assert_eq!((list.exchanges[0].problem.clone(), list.exchanges[0].underway), (Some(problem), false));
    engine.quit();
    let mut usage = 0;
    while let Some(event) = events.next().await {
        match event {
            Event::Usage {} => usage += 1,
            Event::Quit {} => break,
            _ => {}
        }
    }
    assert!(usage >= 2, "{usage}");
}
