//! A history that is backed up and comes back, with the key in the real keyring, and goes on to another folder.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a test ends where what it stands on is not so")]

use chrono::Utc;
use serde_json::{Value, json};
use tidemark_core::Meter;
use tidemark_journeys::{COMES_UP, Desktop, Options, Service, wait_for};
use tidemark_simulator::{Event, Scenario};

/// Runs a command to its end; what it printed.
fn run(desktop: &Desktop, service: &Service, arguments: &[&str], stdin: &str) -> String {
    let (status, out, err) = desktop.tidemark_with(arguments, stdin, &service.env());
    assert!(status.success(), "{arguments:?}: {out} {err}");
    out
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_backup_comes_back_with_its_key_and_an_export_goes_on_elsewhere() {
    let desktop = Desktop::start(&Options::default());
    let now = Utc::now();
    let service = Service::start(Scenario::one_code(now), now, 1.0);
    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 37.into() });
    let agent = desktop.start_agent_with(&desktop.data_dir(), &[] as &[&str], &service.env());
    let add = ["account", "add", "Work", "--source", "kimi-code", "--region", "china", "--key-stdin"];
    run(&desktop, &service, &add, &service.key("work"));
    let cards = || {
        desktop
            .ask_agent(&desktop.data_dir(), "GET", "/v1/overview")
            .map(|answer| answer.body["accounts"].clone())
    };
    let is_live =
        |cards: &Result<Value, String>| cards.as_ref().is_ok_and(|cards| cards[0]["state"] == "live");
    wait_for("the first reading", COMES_UP, cards, is_live).ok();

    // Backed up while the agent runs; then the account goes, and its key with it.
    let file = desktop.root().join("backup.db");
    let file = file.to_str().expect("a path in UTF-8");
    let made = json_of(&run(&desktop, &service, &["backup", file, "--json"], ""));
    assert_eq!(made["accounts"], json!(["Work"]));
    let restored = json_of(&run(&desktop, &service, &["restore", file, "--json"], ""));
    assert_eq!(restored["accounts"], json!([{"name": "Work", "key": "found", "why": null}]));
    assert_eq!(restored["agent"], "restarted");
    wait_for("the agent on the restored history", COMES_UP, cards, is_live).ok();
    let exported = run(&desktop, &service, &["export", "--format", "jsonl"], "");
    run(&desktop, &service, &["account", "remove", "Work"], "");
    let restored = json_of(&run(&desktop, &service, &["restore", file, "--json"], ""));
    let missing = json!([{"name": "Work", "key": "missing", "why": "key-missing"}]);
    assert_eq!(restored["accounts"], missing);

    // A key typed anew brings it to life again.
    run(&desktop, &service, &["account", "set-key", "Work", "--key-stdin"], &service.key("work"));
    wait_for("a reading with the new key", COMES_UP, cards, is_live).ok();

    // On another computer, the same history without a key.
    let elsewhere = desktop.root().join("elsewhere");
    let elsewhere = elsewhere.to_str().expect("a path in UTF-8");
    let import = ["--data-dir", elsewhere, "import", "-", "--json"];
    let imported = json_of(&run(&desktop, &service, &import, &exported));
    assert_eq!(imported["accounts"][0]["is_new"], true);
    let again = run(&desktop, &service, &["--data-dir", elsewhere, "export", "--format", "jsonl"], "");
    assert_eq!(again, exported);
    let ended = desktop.ask_agent(&desktop.data_dir(), "POST", "/v1/end");
    assert!(ended.is_ok(), "{ended:?}");
    drop(agent);
}
