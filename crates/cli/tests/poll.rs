//! `tidemark poll` says what it found in the language that was asked for.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Ended, Home, Service, add, home};
use serde_json::Value;
use tidemark_simulator::Event;

/// A poll that finds a top-up.
fn poll_after_a_top_up(arguments: &[&str]) -> (Home, Ended) {
    let service = Service::platform();
    let home = home(&service, "api");
    assert_eq!(add(&home, &service, "api", "API").status, 0);
    assert_eq!(home.run_ago(&service, 30, &["poll"]).status, 0);
    service.running().event("api", &Event::TopUp { amount: 50.into() }).unwrap();
    let polled = home.run(&[&["poll"], arguments].concat());
    assert_eq!(polled.status, 0, "{}", polled.err);
    (home, polled)
}

fn finding(lines: &[Value]) -> Value {
    lines.iter().find(|line| line["type"] == "finding").expect("the top-up was found").clone()
}

#[test]
fn a_poll_explains_what_it_found_in_the_language_asked_for() {
    let (home, polled) = poll_after_a_top_up(&["--lang", "zh-CN", "--json"]);
    let found = finding(&polled.lines());
    let explanation = found["explanation"].as_str().unwrap();
    assert!(explanation.contains("充值") && !explanation.contains("Between"), "{explanation}");
    let listed = home.run(&["findings", "--lang", "zh-CN", "--json"]).lines();
    assert_eq!(found["explanation"], finding(&listed)["explanation"], "as `findings` does");
    assert_eq!(found.get("messages"), None, "what is printed has only its text");

    let (_, people) = poll_after_a_top_up(&["--lang", "zh-CN"]);
    assert!(people.out.contains("充值") && !people.out.contains("Between"), "{}", people.out);
}

#[test]
fn a_poll_says_in_english_what_was_recorded() {
    let (home, polled) = poll_after_a_top_up(&["--json"]);
    let found = finding(&polled.lines());
    let listed = finding(&home.run(&["findings", "--json"]).lines());
    assert_eq!(found, listed);
    assert!(found["explanation"].as_str().unwrap().contains("50"), "{found}");
}

/// Whoever polls by cron has no agent that reads the logs.
#[test]
#[cfg(unix)] // on Windows no variable says where the user's home folder is
fn a_poll_reads_the_logs_first_and_knows_whose_they_are() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    let root = home.data_dir().with_file_name(".kimi-code");
    let session = root.join("sessions/wd_boat_0123456789ab/session_1/agents/main");
    std::fs::create_dir_all(&session).unwrap();
    // A key at another address than the account's: by it alone it is known whose this is.
    let key = service.running().key("work").unwrap();
    let configuration = format!(
        "[providers.own]\ntype = \"kimi\"\nbase_url = \"https://gate.example/v1\"\napi_key = \"{key}\"\n\
         [models.mine]\nprovider = \"own\"\nmodel = \"kimi-k3\"\n"
    );
    std::fs::write(root.join("config.toml"), configuration).unwrap();
    let line = serde_json::json!({"type": "usage.record", "model": "mine", "usageScope": "turn",
        "time": chrono::Utc::now().timestamp_millis() - 60_000,
        "usage": {"inputOther": 11, "output": 7, "inputCacheRead": 5}});
    std::fs::write(session.join("wire.jsonl"), format!("{line}\n")).unwrap();
    assert_eq!(home.run(&["poll"]).status, 0);
    let store = tidemark_store::Store::open_read_only(&home.data_dir()).unwrap();
    let account = store.account_by_name("Work").unwrap().unwrap().id;
    let until = chrono::Utc::now();
    let known = store.requests_between(Some(account), until - chrono::TimeDelta::hours(1), until).unwrap();
    assert_eq!(known.iter().map(|request| request.tokens.total()).collect::<Vec<_>>(), [23]);
    drop(store);

    // Asked over SSH, this machine says whose each request is.
    let exported = home.run(&["machine", "export"]).lines();
    let of = |kind: &str| exported.iter().find(|line| line["kind"] == kind).unwrap().clone();
    let source = of("source");
    assert_eq!(source["service"], "kimi-code", "{source}");
    assert!(source["user"].as_object().is_some_and(|user| !user.is_empty()), "{source}");
    assert_eq!(of("request")["source"], source["number"], "{exported:?}");
}
