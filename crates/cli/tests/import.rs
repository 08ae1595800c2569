//! Imports, as a person or a script does them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use common::{Ended, Home, Service, add, home, kind};
use serde_json::json;

fn file_in(home: &Home, name: &str, text: &str) -> String {
    let path = home.data_dir().with_file_name(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Readings of an account, five minutes apart, the last an hour ago.
fn readings(account: &str, count: i64) -> String {
    let end: DateTime<Utc> = Utc::now() - TimeDelta::hours(1);
    let mut text = String::new();
    for number in 0..count {
        let at = (end - TimeDelta::minutes(5 * (count - number))).to_rfc3339();
        let used = number % 100;
        writeln!(
            text,
            r#"{{"type":"reading","at":"{at}","account":"{account}","source":"kimi-code","region":"china","meters":[{{"meter":"week","used_percent":{used}}}]}}"#
        )
        .unwrap();
    }
    text
}

fn import(home: &Home, files: &[&str]) -> Ended {
    home.run(&[&["import", "--json"], files].concat())
}

/// How many readings were added, over all accounts.
fn added(imported: &Ended) -> i64 {
    let document = imported.json();
    let accounts = document["accounts"].as_array().unwrap();
    accounts.iter().map(|account| account["readings"]["new"].as_i64().unwrap()).sum()
}

fn stored(home: &Home) -> usize {
    let exported = home.run(&["export", "--format", "jsonl"]);
    exported.out.lines().filter(|line| line.contains("\"type\":\"reading\"")).count()
}

#[test]
fn what_one_home_exports_another_imports_in_every_format() {
    let service = Service::code();
    let first = home(&service, "work");
    assert_eq!(add(&first, &service, "work", "My work").status, 0);
    assert_eq!(first.run(&["poll"]).status, 0);
    let history = |home: &Home| home.run(&["history", "--by", "hour", "--json"]).json()["rows"].clone();
    for format in ["jsonl", "json", "csv"] {
        let exported = first.run(&["export", "--format", format]);
        let other = Home::new();
        let file = file_in(&other, "export", &exported.out);
        let imported = import(&other, &[&file]);
        assert_eq!(imported.status, 0, "{format}: {}", imported.err);
        let document = imported.json();
        assert_eq!(document["files"][0]["format"], format);
        assert_eq!((&document["accounts"][0]["name"], added(&imported)), (&json!("My work"), 1));
        assert_eq!(history(&other), history(&first), "{format}");
        let again = import(&other, &[&file, &file]);
        assert_eq!((again.status, added(&again)), (0, 0));
        if format != "csv" {
            assert_eq!(other.run(&["export", "--format", format]).out, exported.out);
        }
        let listed = other.run(&["account", "list", "--json"]).json();
        assert_eq!(listed["accounts"][0]["credential"], "none");
        let polled = other.run(&["poll", "--json"]);
        assert_eq!((polled.status, polled.out.as_str()), (0, ""), "it is not polled: {}", polled.err);
        // What a person reads.
        let said = other.run(&["import", &file]).out;
        assert!(said.contains("Nothing new"), "{said}");
        let said = other.run(&["--lang", "zh", "import", &file]).out;
        assert!(said.contains("没有新内容"), "{said}");
    }
}

#[test]
fn files_standard_input_and_damage() {
    let home = Home::new();
    let text = readings("a", 10);
    let (first, second) = text.split_at(text.lines().take(4).map(|line| line.len() + 1).sum());
    let file = file_in(&home, "first.jsonl", &format!("{first}nonsense\n{{\"type\":\"log-coverage\"}}\n"));
    let imported = home.run_with(&["import", "-", &file, "--json"], second.as_bytes());
    assert_eq!(imported.status, 1, "{}", imported.err);
    assert!(imported.err.contains(&format!("{file}:5: ")), "{}", imported.err);
    assert_eq!(added(&imported), 10);
    let document = imported.json();
    assert_eq!((&document["files"][1]["damaged"], &document["files"][1]["unknown"]), (&json!(1), &json!(1)));
    let names = std::fs::read_dir(home.data_dir()).unwrap();
    let left: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("import"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    for (text, word) in [("once upon a time", "not-an-export"), ("\u{1}", "not-an-export")] {
        let file = file_in(&home, "other", text);
        let refused = import(&home, &[&file]);
        assert_eq!((refused.status, kind(&refused).as_str()), (1, word));
    }
    let refused = import(&home, &["/nowhere/at/all"]);
    assert_eq!((refused.status, kind(&refused).as_str()), (1, "io"));
    assert_eq!(stored(&home), 10);
}

/// A running agent.
fn start_agent(home: &Home) -> Child {
    let mut command = home.command(&["agent", "--no-tray", "--json"]);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let mut agent = command.spawn().unwrap();
    let mut said = String::new();
    BufReader::new(agent.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("pid"), "{said}");
    agent
}

#[test]
fn an_import_that_is_killed_has_done_all_or_nothing_and_can_be_made_again() {
    const COUNT: i64 = 3000;
    let home = Home::new();
    let file = file_in(&home, "long.jsonl", &readings("a", COUNT));
    let mut agent = start_agent(&home);
    let mut importing = home.command(&["import", &file, "--json"]).stdin(Stdio::null()).spawn().unwrap();
    // The write-ahead log grows as soon as lines are on their way into the history.
    let log = home.data_dir().join("tidemark.db-wal");
    let begun = std::fs::metadata(&log).map_or(0, |log| log.len());
    let grown = || std::fs::metadata(&log).is_ok_and(|log| log.len() > begun + (64 << 10));
    while importing.try_wait().unwrap().is_none() && !grown() {
        std::thread::yield_now();
    }
    agent.kill().unwrap();
    agent.wait().unwrap();
    let _ = importing.wait();
    let there = i64::try_from(stored(&home)).unwrap();
    assert!(there == 0 || there == COUNT, "{there} of {COUNT}");
    let again = import(&home, &[&file]);
    assert_eq!((again.status, added(&again)), (0, COUNT - there), "{}", again.err);
    assert_eq!(stored(&home), COUNT as usize);
    assert_eq!(added(&import(&home, &[&file])), 0);
}

#[test]
fn a_running_agent_takes_an_import_in_and_knows_its_account() {
    let home = Home::new();
    let mut agent = start_agent(&home);
    let file = file_in(&home, "some.jsonl", &readings("a", 20));
    let imported = import(&home, &[&file]);
    assert_eq!((imported.status, added(&imported)), (0, 20), "{}", imported.err);
    let said = home.run(&["account", "test", "a", "--json"]);
    assert_eq!((said.status, kind(&said).as_str()), (1, "no-key"), "{}", said.out);
    let status = home.run(&["status", "--json"]);
    assert!(status.out.contains("\"a\""), "{}", status.out);
    agent.kill().unwrap();
    agent.wait().unwrap();
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let home = Home::new();
    let empty = file_in(&home, "empty.db", "");
    let imported = home.run(&["import", &empty]);
    assert_eq!(imported.status, 0, "{imported:?}");
    assert!(imported.out.contains("empty.db is empty"), "{imported:?}");
    assert!(!imported.out.contains("Nothing new"), "nothing of it was here: {imported:?}");
    let missing = empty.replace("empty.db", "missing");
    let folder = home.data_dir().to_str().unwrap().to_owned();
    for (arguments, path) in [
        (["import", &missing], &missing),
        (["import", &folder], &folder),
        (["backup", &folder], &folder),
        (["backup", &format!("{missing}/file")], &missing),
    ] {
        for language in ["en", "zh"] {
            let ended = home.run(&[&["--lang", language], &arguments[..]].concat());
            assert_eq!(ended.status, 1, "{arguments:?}");
            assert!(ended.err.contains(path.as_str()), "{arguments:?}: {}", ended.err);
        }
    }
}
