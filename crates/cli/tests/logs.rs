//! The command line from outside: which folders `logs` reads.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::fs;

use chrono::Utc;
use common::Home;
use tidemark_monitor::Settings;
use tidemark_monitor::settings::KEY;
use tidemark_store::Store;

#[test]
fn the_further_homes_of_the_settings_are_looked_in() {
    let home = Home::new();
    let further = home.data_dir().with_file_name("elsewhere");
    let log = further.join("sessions/wd_boat_0123456789ab/session_1/agents/main/wire.jsonl");
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    let record = serde_json::json!({
        "type": "usage.record", "model": "k3", "usageScope": "turn", "time": 1_785_056_461_000_i64,
        "usage": {"inputOther": 70, "output": 5, "inputCacheRead": 0, "inputCacheCreation": 0},
    });
    fs::write(log, format!("{record}\n")).unwrap();
    let total = |arguments: &[&str]| {
        let ended = home.run(arguments);
        assert_eq!(ended.status, 0, "{}", ended.err);
        serde_json::from_str::<serde_json::Value>(&ended.out).unwrap()["totals"]["total"].clone()
    };
    // Nothing was ever stored: then nothing is named.
    assert_eq!(total(&["logs", "--json"]), 0);
    assert!(!home.data_dir().exists());

    fs::create_dir_all(home.data_dir()).unwrap();
    let store = Store::open(&home.data_dir(), Utc::now()).unwrap();
    let settings = Settings { log_homes: vec![further], ..Settings::default() };
    store.set_setting(KEY, &settings).unwrap();
    drop(store);
    assert_eq!(total(&["logs", "--json"]), 75);
    // A folder that is named is all there is to look in.
    let named = home.data_dir();
    assert_eq!(total(&["logs", "--json", "--home", named.to_str().unwrap()]), 0);
}

#[test]
fn what_cannot_be_read_is_named_with_the_reason() {
    let home = Home::new();
    let folder = home.data_dir().with_file_name(".local/share/opencode");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("opencode.db"), "this is no database, whatever its name says".repeat(40)).unwrap();
    // Where the home folder is differs between systems; here it is named.
    let at = home.data_dir().parent().unwrap().to_str().unwrap().to_owned();
    let logs = home.run(&["logs", "--json", "--home", &at]).json();
    assert_eq!(logs["files_unreadable"], 1, "{logs}");
    let named = &logs["unreadable"][0];
    assert!(named["path"].as_str().unwrap().ends_with("opencode.db"), "{logs}");
    assert!(named["said"].as_str().unwrap().contains("not a database"), "{logs}");
    for (language, says) in [("en", "could not be read; the system said"), ("zh-CN", "系统提示")] {
        let people = home.run(&["logs", "--lang", language, "--home", &at]);
        let line = people.err.lines().find(|line| line.contains("opencode.db"));
        assert!(line.is_some_and(|line| line.contains(says)), "{people:?}");
    }
}
