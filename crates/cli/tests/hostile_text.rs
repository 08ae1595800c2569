//! Whatever stands in names, logs, bodies and arguments: no character that moves a cursor, turns what follows or hides
//! reaches a terminal by any command.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::fs;

use chrono::{TimeDelta, Utc};
use common::{Ended, Home};
use rust_decimal::Decimal;
use serde_json::json;
use tidemark_core::text::is_unsafe;
use tidemark_core::{Credential, Failure, FailureKind, Meter, MeterReading, Reading, Region, Source};
use tidemark_store::{Incident, NewAccount, Store};

/// A title of a window, a colour, C1, a turned direction, what hides, a line's end, tags, and a formula.
const HOSTILE: &str = "=k\u{1b}]0;t\u{7}\u{9b}31m\u{85}\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{ad}\u{2028}\u{e0041}\u{7f}\r\n\ty";

/// The same for what must be on one line.
fn hostile(before: &str) -> String {
    format!("{before}{HOSTILE}")
}

/// Puts hostile text into everything that is stored or read from other programs.
fn fill(home: &Home) {
    let now = Utc::now();
    let store = Store::open(&home.data_dir(), now).unwrap();
    let new = NewAccount {
        name: hostile("work"),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::Environment { name: "NO_SUCH_KEY_HERE".to_owned() },
    };
    let account = store.add_account(new, now - TimeDelta::hours(2)).unwrap();
    for step in 0..4_i64 {
        let mut reading =
            Reading::new(now - TimeDelta::minutes(40 - step * 5), Source::KimiCode, Region::China);
        reading.plan = Some(hostile("Pro"));
        reading.not_understood = vec![hostile("usage.")];
        reading.meters = vec![MeterReading {
            meter: Meter::FiveHour,
            used_percent: Decimal::from(step * 20),
            used: None,
            limit: None,
            resets_at: Some(now + TimeDelta::hours(2)),
            conflict: false,
        }];
        store.insert_reading(account.id, &reading, &json!({ "level": HOSTILE }).to_string()).unwrap();
    }
    let failure = Failure::new(FailureKind::ServerError, hostile("it said "));
    store.record_failure(account.id, now - TimeDelta::minutes(4), &failure).unwrap();
    let incident = Incident {
        page: "status".into(),
        id: hostile("i"),
        title: Some(hostile("Elevated ")),
        impact: Some(hostile("major")),
        opened_at: now - TimeDelta::minutes(30),
        resolved_at: None,
    };
    store.upsert_incident(&incident, now - TimeDelta::minutes(30)).unwrap();
    fs::write(home.data_dir().join("prices.toml"), format!("[[price]]\nmodel = \"{HOSTILE}")).unwrap();
    let log =
        home.data_dir().with_file_name(".kimi-code/sessions/wd_x_0123456789ab/s/agents/main/wire.jsonl");
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    let record = |model: &str| {
        json!({
            "type": "usage.record", "model": model, "usageScope": "turn",
            "time": (now - TimeDelta::minutes(20)).timestamp_millis(),
            "usage": {"inputOther": 70, "output": 5, "inputCacheRead": 0, "inputCacheCreation": 0},
        })
    };
    let index = json!({ "sessionId": "s", "workDir": hostile("/w/") });
    fs::write(&log, format!("{}\n{}\n", record(&hostile("kimi-")), record(&hostile("gpt-")))).unwrap();
    fs::write(log.ancestors().nth(5).unwrap().join("session_index.jsonl"), format!("{index}\n")).unwrap();
}

fn check(ended: &Ended, arguments: &[&str]) {
    for (place, text) in [("standard output", &ended.out), ("standard error", &ended.err)] {
        // The lines of a sheet end with both.
        let found = text.replace("\r\n", "\n").chars().find(|c| *c != '\n' && is_unsafe(*c));
        assert_eq!(found, None, "{arguments:?}: {place}: {text:?}");
    }
}

#[test]
fn nothing_hostile_reaches_a_terminal_by_any_command() {
    let home = Home::new();
    fill(&home);
    let name = hostile("work");
    let unknown = hostile("nobody");
    // On Windows no file can have such a name.
    let named = |name: &str| if cfg!(windows) { name.to_owned() } else { hostile(name).replace('\0', "") };
    let report = home.data_dir().with_file_name(named("report.html"));
    let replay = home.data_dir().with_file_name(named("replay.jsonl"));
    fs::write(&replay, format!("{{\"type\":\"{HOSTILE}\"}}\n{HOSTILE}\n")).unwrap();
    let (report, replay) = (report.to_str().unwrap(), replay.to_str().unwrap());
    let commands: &[&[&str]] = &[
        &["account", "list"],
        &["account", "test", &name],
        &["account", "test", &unknown],
        &["account", "remove", &unknown],
        &["account", "add", &unknown, "--source", "platform", "--region", "china", "--key-env", "A_KEY"],
        &["account", "add", "x", "--source", "platform", "--region", "china", "--key-env", &unknown],
        &["account", "add", "x", "--source", &unknown, "--region", "china", "--key-env", "A_KEY"],
        &["read", "--source", "platform", "--region", "china", "--base-url", &unknown, "--key-env", "A_KEY"],
        &["read", "--source", "platform", "--region", "china", "--key-env", &unknown],
        &["status"],
        &["status", "--line"],
        &["poll"],
        &["history", "--by", "day"],
        &["history", "--by", "hour", "--csv"],
        &["history", "--by", "day", "--account", &unknown],
        &["history", "--by", "day", "--from", &unknown],
        &["findings"],
        &["findings", "--account", &name],
        &["export", "--format", "csv"],
        &["export", "--format", "json"],
        &["export", "--format", "jsonl"],
        &["report", "--account", &name],
        &["report", "--account", &name, "--format", "json"],
        &["report", "--account", &name, "--output", report],
        &["report", "--check", report],
        &["report", "--check", replay],
        &["logs", "--by", "day"],
        &["logs", "--by", "model"],
        &["logs", "--by", "project"],
        &["logs", "--by", "session"],
        &["logs", "--home", &unknown],
        &["replay", replay],
        &["replay", &unknown],
        &["explain", "--status", "500"],
        &["explain", "--status", "429", "--header", &unknown],
        &["--timezone", &unknown, "status"],
        &["--data-dir", report, "status"],
        &[&unknown],
        &["status", &unknown],
        &["history", "--by", &unknown],
    ];
    let body = json!({ "error": { "message": HOSTILE, "type": HOSTILE } }).to_string();
    for arguments in commands {
        for language in ["en", "zh-CN"] {
            for json in [false, true] {
                let mut all = vec!["--lang", language];
                all.extend_from_slice(arguments);
                if json {
                    all.push("--json");
                }
                check(&home.run_with(&all, body.as_bytes()), &all);
            }
        }
    }
    let page = fs::read_to_string(report).unwrap();
    let found = page.chars().find(|c| *c != '\n' && is_unsafe(*c));
    assert_eq!(found, None, "a saved report");
}

#[test]
fn colours_are_the_only_thing_that_a_terminal_obeys() {
    let home = Home::new().with("CLICOLOR_FORCE", "1");
    fill(&home);
    for arguments in [&["status"][..], &["account", "list"], &["logs", "--by", "model"], &["findings"]] {
        let out = home.run(arguments).out;
        let mut rest = out.as_str();
        while let Some(at) = rest.find('\u{1b}') {
            let code = rest[at + 1..].split_inclusive('m').next().unwrap_or_default();
            assert!(["[0m", "[1m", "[2m", "[31m", "[32m", "[33m"].contains(&code), "{arguments:?}: {code:?}");
            rest = &rest[at + 1..];
        }
        let found = out.chars().find(|c| !"\n\u{1b}".contains(*c) && is_unsafe(*c));
        assert_eq!(found, None, "{arguments:?}: {out:?}");
    }
}

#[test]
fn cells_of_an_export_are_no_formulas() {
    let home = Home::new();
    fill(&home);
    for arguments in [&["export", "--format", "csv"][..], &["history", "--by", "day", "--csv"]] {
        let out = home.run(arguments).out;
        for cell in out.split([',', '\n']).map(|cell| cell.trim_start_matches('"').trim_end()) {
            let begins = cell.starts_with(['=', '+', '-', '@']);
            assert!(!begins || cell.parse::<f64>().is_ok(), "{arguments:?}: {cell:?}");
        }
    }
}

#[test]
fn a_name_with_characters_that_cannot_be_seen_is_refused() {
    let home = Home::new().with("A_KEY", "sk-0123456789abcdef");
    let add = |name: &str| {
        let arguments = [
            "account",
            "add",
            name,
            "--source",
            "platform",
            "--region",
            "china",
            "--key-env",
            "A_KEY",
            "--json",
        ];
        home.run(&arguments)
    };
    for name in ["a\u{202e}b", "a\u{200b}", "\u{feff}a", "a\u{1b}[31m", "a\nb"] {
        let ended = add(name);
        assert_eq!((ended.status, common::kind(&ended).as_str()), (2, "name-not-usable"), "{name:?}");
    }
    assert_eq!(add("cafe\u{301}").status, 0);
    let again = add("café");
    assert_eq!(common::kind(&again), "name-taken", "composed, it is the same name");
}
