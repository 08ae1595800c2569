//! `tidemark channel` and `tidemark digest`, and the agent that delivers.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use common::{Home, Service, add, home, kind};

fn script(folder: &Path, out: &Path) -> String {
    let path = folder.join("alert");
    std::fs::write(&path, format!("#!/bin/sh\ncat >> '{}'\n", out.display())).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path.display().to_string()
}

#[test]
fn a_channel_is_added_tested_listed_and_removed() {
    let home = Home::new();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let program = script(folder.path(), &out);
    let add = ["channel", "add", "log", "--kind", "program", "--program", &program, "--level", "warning"];
    let more = ["--quiet", "22:00-08:00", "--language", "zh-CN", "--digest", "week", "--json"];
    let added = home.run(&[&add[..], &more[..]].concat());
    assert_eq!(added.status, 0, "{}", added.err);
    let channel = &added.json()["channels"][0];
    assert_eq!(
        (channel["kind"].as_str(), channel["min_level"].as_str(), channel["digest"].as_str()),
        (Some("program"), Some("warning"), Some("week"))
    );
    assert_eq!(channel["quiet_hours"]["from"], "22:00");
    assert!(channel["last"].is_null(), "nothing was sent yet");

    let tested = home.run(&["channel", "test", "log"]);
    assert_eq!(tested.status, 0, "{}", tested.err);
    let said: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!((said["type"].as_str(), said["language"].as_str()), (Some("test"), Some("zh-CN")));
    let listed = home.run(&["channel", "list", "--json"]).json();
    assert!(listed["channels"][0]["last"]["failure"].is_null(), "{listed}");
    assert!(home.run(&["channel", "list"]).out.contains("log"));

    assert_eq!(home.run(&["channel", "remove", "log"]).status, 0);
    assert_eq!(home.run(&["channel", "list", "--json"]).json()["channels"], serde_json::json!([]));
    assert_eq!(kind(&home.run(&["channel", "test", "log", "--json"])), "no-such-channel");
}

#[test]
fn an_address_that_holds_a_key_is_not_typed_and_a_private_one_not_taken() {
    let home = Home::new().with("HOOK", "https://hooks.slack.com/services/T0/B0/abcdefgh");
    let typed = ["channel", "add", "s", "--kind", "slack", "--url", "https://hooks.slack.com/services/T/B/x"];
    let refused = home.run(&typed);
    assert_eq!(refused.status, 2, "{}", refused.err);
    let private = ["channel", "add", "w", "--kind", "webhook", "--url", "https://10.0.0.1/x", "--json"];
    let private = home.run(&private);
    assert_eq!((private.status, kind(&private).as_str()), (2, "channel-address-private"));
    let from_variable = ["channel", "add", "s", "--kind", "slack", "--url-env", "HOOK", "--json"];
    let added = home.run(&from_variable);
    assert_eq!(added.status, 0, "{}", added.err);
    assert!(!added.out.contains("abcdefgh"));
    let bytes = std::fs::read(home.data_dir().join("tidemark.db")).unwrap();
    assert!(!bytes.windows(8).any(|window| window == b"abcdefgh"), "only the variable’s name is stored");
}

#[test]
fn a_digest_says_what_is_known_and_what_is_not() {
    let nothing = Home::new().run(&["digest", "--json"]);
    assert_eq!(nothing.status, 1, "there is no history yet");
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    assert_eq!(home.run_ago(&service, 86_400, &["poll"]).status, 0);
    let digest = home.run(&["digest", "--json"]);
    assert_eq!(digest.status, 0, "{}", digest.err);
    let digest = digest.json();
    assert_eq!((digest["period"].as_str(), digest["timezone"].as_str()), (Some("day"), Some("UTC")));
    assert!(digest["used"].is_array() && digest["tokens"]["total"] == 0, "{digest}");
    for language in ["en", "zh-CN"] {
        let words = home.run(&["digest", "--period", "week", "--lang", language]);
        assert_eq!(words.status, 0, "{}", words.err);
        assert!(!words.out.contains("digest-"), "{}", words.out);
    }
}

#[test]
fn an_alert_that_waits_is_delivered_by_the_agent_once() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    assert_eq!(home.run_ago(&service, 1200, &["poll"]).status, 0);
    let folder = tempfile::tempdir().unwrap();
    // Reading it waits for the delivery.
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let program = script(folder.path(), &pipe);
    let added = home.run(&["channel", "add", "log", "--kind", "program", "--program", &program]);
    assert_eq!(added.status, 0, "{}", added.err);
    service.running().spend("work", tidemark_core::Meter::FiveHour, 80.into()).unwrap();
    assert_eq!(home.run(&["poll"]).status, 0);
    let unsent = home.run(&["channel", "list", "--json"]).json();
    assert!(unsent["channels"][0]["last"].is_null(), "only the agent delivers");

    let mut agent = home.command(&["agent", "--no-tray"]).spawn().unwrap();
    let said = std::fs::read_to_string(&pipe).unwrap();
    let said: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!((said["type"].as_str(), said["account"].as_str()), (Some("alert"), Some("Work")));
    assert_eq!((said["kind"].as_str(), said["details"]["meter"].as_str()), (Some("threshold"), Some("5h")));
    assert!(said["title"].as_str().unwrap().contains("Work"));
    let is_noted = || {
        let listed = home.run(&["channel", "list", "--json"]).json();
        !listed["channels"][0]["last"].is_null()
    };
    assert!((0..500).any(|_| is_noted()), "what became of it is never noted");
    agent.kill().unwrap();
    agent.wait().unwrap();
    let store = tidemark_store::Store::open_read_only(&home.data_dir()).unwrap();
    assert_eq!(store.due_deliveries(chrono::Utc::now()).unwrap(), []);
}
