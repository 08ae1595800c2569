//! Dates and numbers that a person can type, however far or large: an answer or an error, and never a panic.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use chrono::{TimeDelta, Utc};
use common::Home;
use rust_decimal::Decimal;
use tidemark_core::{Credential, Meter, MeterReading, Reading, Region, Source};
use tidemark_store::{NewAccount, Store};

const DATES: [&str; 10] = [
    "-262143-01-01",
    "+262142-12-31",
    "-1-12-31",
    "0000-01-01",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:60+23:59",
    "1677-09-21",
    "2262-04-12",
    "99999999999999999999",
];

fn fill(home: &Home) {
    let now = Utc::now();
    let store = Store::open(&home.data_dir(), now).unwrap();
    let new = NewAccount {
        name: "work".to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::Environment { name: "NO_SUCH_KEY_HERE".to_owned() },
    };
    let account = store.add_account(new, now).unwrap();
    let mut reading = Reading::new(now - TimeDelta::minutes(5), Source::KimiCode, Region::China);
    reading.meters = vec![MeterReading {
        meter: Meter::Week,
        used_percent: Decimal::TEN,
        used: None,
        limit: None,
        resets_at: None,
        conflict: false,
    }];
    store.insert_reading(account.id, &reading, "{}").unwrap();
}

#[test]
fn no_date_on_the_command_line_is_too_far() {
    let home = Home::new();
    fill(&home);
    let commands: [&[&str]; 7] = [
        &["history", "--by", "day"],
        &["history", "--by", "month", "--csv"],
        &["history", "--by", "hour"],
        &["findings"],
        &["export"],
        &["report", "--format", "json"],
        &["logs", "--by", "day"],
    ];
    for arguments in commands {
        for date in DATES {
            for zone in ["UTC", "Pacific/Kiritimati", "America/St_Johns"] {
                for span in [
                    vec![format!("--from={date}")],
                    vec![format!("--to={date}")],
                    vec![format!("--from={date}"), "--to=2026-11-02".to_owned()],
                ] {
                    let mut all = vec!["--timezone", zone];
                    all.extend_from_slice(arguments);
                    all.extend(span.iter().map(String::as_str));
                    let ended = home.run(&all);
                    assert!(ended.status <= 7, "{all:?}: {} {}", ended.status, ended.err);
                }
            }
        }
    }
}

#[test]
fn no_number_on_the_command_line_is_too_large() {
    let home = Home::new();
    fill(&home);
    for number in ["0", "-1", "65536", "4294967296", "18446744073709551616", "1e400", "NaN", "９"] {
        let retry = format!("Retry-After: {number}");
        let listen = format!("127.0.0.1:{number}");
        let commands: [&[&str]; 5] = [
            &["explain", "--status", number],
            &["explain", "--status", "429", "--header", &retry],
            &["explain", "--status", "429", "--header", &retry, "--json"],
            &["status", "--width", number],
            &["agent", "--no-tray", "--listen", &listen, "--ui", "/dev/null/none", "--nonsense"],
        ];
        for arguments in commands {
            let ended = home.run(arguments);
            assert!(ended.status <= 7, "{arguments:?}: {} {}", ended.status, ended.err);
        }
    }
}
