//! Agents that follow one another: an older one makes room for a newer, and one that ends closes no window.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::routing::{get, post};
use axum::{Json, Router};
use common::{Home, Service, add, home};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tidemark_api::client::Client;
use tidemark_api::server::serve_local;
use tidemark_api::view::Event;
use tidemark_monitor::lock::Lock;
use tokio_util::sync::CancellationToken;

const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A running agent, and what it announced.
fn start_agent(home: &Home) -> (Child, Value) {
    let mut command = home.command(&["agent", "--no-tray", "--json"]);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let mut agent = command.spawn().unwrap();
    let mut said = String::new();
    BufReader::new(agent.stdout.take().unwrap()).read_line(&mut said).unwrap();
    (agent, serde_json::from_str(&said).unwrap())
}

#[tokio::test]
async fn an_agent_announces_its_version() {
    let home = Home::new();
    let (mut agent, announced) = start_agent(&home);
    assert_eq!(announced["version"], OWN_VERSION);
    let client = Client::for_data_dir(&home.data_dir());
    assert_eq!(client.agent_version().await.unwrap(), OWN_VERSION);
    assert!(!client.end_if_older().await.unwrap(), "it is not older than itself");
    let _: Value = client.send_json("POST", "/v1/end", &()).await.unwrap();
    assert!(agent.wait().unwrap().success());
}

/// The next line of a followed status that is as wanted.
fn next_status(lines: &mut impl Iterator<Item = std::io::Result<String>>, is_wanted: fn(&Value) -> bool) {
    let found = lines.any(|line| is_wanted(&serde_json::from_str(&line.unwrap()).unwrap()));
    assert!(found, "the status is followed until it is told to end");
}

#[test]
fn a_followed_status_is_printed_again_when_something_changes_before_with_and_after_an_agent() {
    let service = Service::code();
    let home = home(&service, "work");
    let mut followed = home
        .command(&["status", "--follow", "--json"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(followed.stdout.take().unwrap()).lines();
    next_status(&mut lines, |status| status["accounts"].as_array().unwrap().is_empty());
    let (mut agent, announced) = start_agent(&home);
    next_status(&mut lines, |status| status["agent_running"] == true);
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    next_status(&mut lines, |status| status["accounts"][0]["meters"][0]["used_percent"].is_number());
    let pid = announced["pid"].to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(agent.wait().unwrap().success());
    next_status(&mut lines, |status| {
        status["accounts"][0]["name"] == "Work" && status["agent_running"] == false
    });
    followed.kill().unwrap();
    followed.wait().unwrap();
}

#[tokio::test]
async fn a_signal_ends_an_agent_without_closing_windows_and_quitting_does() {
    for (quit, last) in [(false, Event::Ended {}), (true, Event::Quit {})] {
        let home = Home::new();
        let (mut agent, announced) = start_agent(&home);
        let client = Client::for_data_dir(&home.data_dir());
        let mut events = Box::pin(client.events().await.unwrap());
        if quit {
            let _: Value = client.send_json("POST", "/v1/quit", &()).await.unwrap();
        } else {
            let pid = announced["pid"].to_string();
            assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        }
        let mut seen = Vec::new();
        while let Some(Ok(event)) = events.next().await {
            seen.push(event);
        }
        assert_eq!(seen.last(), Some(&last), "{seen:?}");
        assert!(agent.wait().unwrap().success());
    }
}

/// An agent of version 0.0.1, which knows no more of ending than version 0.1 did; it holds the data folder until it
/// is asked to quit. Gives how often it was.
async fn older_agent(home: &Home) -> Arc<AtomicUsize> {
    let (end, quits) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
    let lock = Lock::take(&home.data_dir()).unwrap();
    let (ask, count) = (end.clone(), quits.clone());
    let quit = move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        ask.cancel();
        Json(Value::Null)
    };
    let unknown = || async {
        let error = json!({"code": "no-such-route", "message": "there is no such route"});
        (axum::http::StatusCode::NOT_FOUND, Json(error))
    };
    let router = Router::new()
        .route("/v1/overview", get(|| async { Json(json!({"agent": {"version": "0.0.1"}})) }))
        .route("/v1/quit", post(quit))
        .fallback(unknown);
    let serving = serve_local(&home.data_dir(), router, end.cancelled_owned()).await.unwrap();
    tokio::spawn(async move {
        serving.await;
        drop(lock);
    });
    quits
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_command_ends_an_older_agent_and_starts_its_own() {
    let (home, quits, polled) = {
        let service = tokio::task::spawn_blocking(Service::code).await.unwrap();
        let home = home(&service, "work");
        assert_eq!(add(&home, &service, "work", "Work").status, 0);
        let quits = older_agent(&home).await;
        let (home, polled) = tokio::task::spawn_blocking(move || {
            let polled = home.run(&["poll", "--json"]);
            (home, polled)
        })
        .await
        .unwrap();
        tokio::task::spawn_blocking(move || drop(service)).await.unwrap();
        (home, quits, polled)
    };
    assert_eq!(quits.load(Ordering::SeqCst), 1, "the older one was asked to end, once");
    assert_eq!((polled.status, &polled.lines()[0]["type"]), (0, &"reading".into()), "{}", polled.err);
    let client = Client::for_data_dir(&home.data_dir());
    assert_eq!(client.agent_version().await.unwrap(), OWN_VERSION, "another one runs in its place");
    let _: Value = client.send_json("POST", "/v1/end", &()).await.unwrap();
    while client.is_running().await {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
