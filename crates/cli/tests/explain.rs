//! `tidemark explain`: every row of what an error can mean, through the built program.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use chrono::{TimeDelta, Utc};
use common::Home;
use tidemark_core::{Credential, Meter, MeterReading, Reading, Region, Source};
use tidemark_store::{NewAccount, Store};

/// status, headers, source, body; then what is expected of kind, limit, current, limit_value, wait, whose.
type Row<'a> = (u16, &'a [&'a str], Option<&'a str>, &'a str, [&'a str; 6]);

const TABLE: &[Row<'_>] = &[
    (
        429,
        &[],
        Some("platform"),
        r#"{"error":{"message":"Your account org-77aa<ak-88bb> request reached max organization concurrency: 6, please try again after 2 seconds","type":"rate_limit_reached_error"}}"#,
        ["rate-limited", "concurrency", "null", "6", "2", "account"],
    ),
    (
        429,
        &["Retry-After: 17"],
        Some("platform"),
        r#"{"error":{"message":"Your account org-77aa<ak-88bb> request reached organization max RPM: 40, please try again after 17 seconds","type":"rate_limit_reached_error"}}"#,
        ["rate-limited", "requests-per-minute", "null", "40", "17", "account"],
    ),
    (
        429,
        &[],
        Some("platform"),
        r#"{"error":{"message":"Your account org-77aa<ak-88bb> request reached organization TPD rate limit, current: 1600321, limit: 1500000","type":"rate_limit_reached_error"}}"#,
        ["rate-limited", "tokens-per-day", "1600321", "1500000", "null", "account"],
    ),
    (
        429,
        &["retry-after: 5"],
        None,
        r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#,
        ["overloaded", "null", "null", "null", "5", "service"],
    ),
    (
        401,
        &[],
        None,
        r#"{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}"#,
        ["unauthorized", "null", "null", "null", "null", "null"],
    ),
    (
        400,
        &[],
        None,
        r#"{"error":{"message":"The request was rejected because it was considered high risk","type":"content_filter"}}"#,
        ["content-filtered", "null", "null", "null", "null", "null"],
    ),
    (
        502,
        &["Content-Type: text/html"],
        None,
        "<html><body>502 Bad Gateway</body></html>",
        ["server-error", "null", "null", "null", "null", "null"],
    ),
    (504, &[], None, "", ["gateway-timeout", "null", "null", "null", "null", "null"]),
    (418, &[], None, "\u{0}\u{1}not json", ["unknown", "null", "null", "null", "null", "null"]),
];

#[test]
fn the_table_of_errors() {
    let home = Home::new();
    for (status, headers, source, body, expected) in TABLE {
        let status = status.to_string();
        let mut arguments = vec!["explain", "--json", "--status", &status];
        for header in *headers {
            arguments.extend(["--header", header]);
        }
        if let Some(source) = source {
            arguments.extend(["--source", source]);
        }
        let ended = home.run_with(&arguments, body.as_bytes());
        assert_eq!(ended.status, 0, "{}", ended.err);
        let document = ended.json();
        let keys = ["kind", "limit", "current", "limit_value", "retry_after_seconds", "whose"];
        for (key, expected) in keys.iter().zip(expected) {
            let found = document.get(key).unwrap_or_else(|| panic!("{key} is missing: {document}"));
            let found = found.as_str().map_or_else(|| found.to_string(), ToOwned::to_owned);
            assert_eq!(&found, expected, "{key} of {status} {body}");
        }
        assert!(document["advice"].as_str().is_some_and(|advice| !advice.is_empty()), "{document}");
        assert!(!ended.out.contains("ak-88bb"), "account numbers do not go on: {}", ended.out);
        assert_eq!(ended.out.lines().count(), 1);
    }
}

#[test]
fn people_get_words_in_their_language() {
    let body = br#"{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}"#;
    let home = Home::new();
    let english = home.run_with(&["explain", "--status", "401"], body);
    assert!(english.out.starts_with("Key invalid\n"), "{}", english.out);
    let chinese = Home::new().with("LANG", "zh_CN.UTF-8").run_with(&["explain", "--status", "401"], body);
    assert!(!chinese.out.contains("Key invalid") && !chinese.out.is_ascii(), "{}", chinese.out);
}

#[test]
fn people_get_the_advice_that_json_gives() {
    let home = Home::new();
    for (status, body) in [
        (
            429,
            r#"{"error":{"message":"Your account request reached organization TPD rate limit, current: 1600321, limit: 1500000","type":"rate_limit_reached_error"}}"#,
        ),
        (400, r#"{"error":{"message":"Input token length too long","type":"invalid_request_error"}}"#),
        (
            404,
            r#"{"error":{"message":"Not found the model kimi-x or Permission denied","type":"resource_not_found_error"}}"#,
        ),
        (
            403,
            r#"{"error":{"message":"You've reached your weekly usage limit","type":"access_terminated_error"}}"#,
        ),
        (499, ""),
    ] {
        let status = status.to_string();
        let json = home.run_with(&["explain", "--status", &status, "--json"], body.as_bytes()).json();
        let advice = json["advice"].as_str().unwrap().replace('\'', "\u{2019}");
        let english = home.run_with(&["explain", "--status", &status], body.as_bytes());
        assert!(english.out.contains(&advice), "{advice} is not in {}", english.out);
        let chinese = home.run_with(&["--lang", "zh-CN", "explain", "--status", &status], body.as_bytes());
        let line = chinese.out.lines().nth(1).unwrap().trim().to_owned();
        assert!(!line.is_empty() && !line.contains(&advice) && !line.contains("advice"), "{line}");
    }
}

/// A history with one Kimi Code account for each list of shares, just read.
fn read_history(home: &Home, accounts: &[&[(Meter, i64)]]) {
    let now = Utc::now();
    std::fs::create_dir_all(home.data_dir()).unwrap();
    let store = Store::open(&home.data_dir(), now).unwrap();
    for (number, shares) in accounts.iter().enumerate() {
        let new = NewAccount {
            name: format!("account {number}"),
            source: Source::KimiCode,
            region: Region::China,
            base_url: None,
            credential: Credential::Keyring { handle: format!("handle {number}") },
        };
        let account = store.add_account(new, now).unwrap();
        let meters = shares.iter().map(|(meter, used)| MeterReading {
            meter: *meter,
            used_percent: (*used).into(),
            used: None,
            limit: None,
            resets_at: Some(now + TimeDelta::hours(3)),
            conflict: false,
        });
        let reading =
            Reading { meters: meters.collect(), ..Reading::new(now, Source::KimiCode, Region::China) };
        store.insert_reading(account.id, &reading, "{}").unwrap();
    }
}

#[test]
fn the_last_reading_names_the_quota_that_a_message_leaves_open() {
    use Meter::{FiveHour, Month, Week};
    let body = br#"{"error":{"message":"You've reached your usage limit for this billing cycle.","type":"access_terminated_error"}}"#;
    let explained = |accounts: &[&[(Meter, i64)]]| {
        let home = Home::new();
        if !accounts.is_empty() {
            read_history(&home, accounts);
        }
        let ended = home.run_with(&["explain", "--json", "--status", "403", "--source", "kimi-code"], body);
        assert_eq!(ended.status, 0, "{}", ended.err);
        let document = ended.json();
        assert_eq!(document["kind"], "window-exhausted");
        document.get("meter").cloned()
    };
    let week: &[(Meter, i64)] = &[(FiveHour, 2), (Week, 100)];
    let month: &[(Meter, i64)] = &[(FiveHour, 2), (Month, 100)];
    let neither: &[(Meter, i64)] = &[(FiveHour, 2), (Week, 40)];
    assert_eq!(explained(&[]), None, "without a history");
    assert_eq!(explained(&[week]), Some("week".into()));
    assert_eq!(explained(&[month]), Some("month".into()));
    assert_eq!(explained(&[neither]), None);
    assert_eq!(explained(&[week, neither]), Some("week".into()));
    assert_eq!(explained(&[week, month]), None, "two accounts, and either may be meant");
}

#[test]
fn a_model_that_is_denied_is_no_bad_key() {
    let home = Home::new();
    for (status, message, kind, denied) in [
        (
            "401",
            "Your subscription does not have access to k3. Upgrade to a higher plan.",
            "forbidden",
            "model",
        ),
        ("403", "You do not have access to model k3-next", "forbidden", "model"),
        ("403", "Access terminated.", "forbidden", "account"),
        ("401", "Your model id does not exist", "not-found", "model"),
    ] {
        let body = format!(r#"{{"error":{{"message":"{message}","type":"access_terminated_error"}}}}"#);
        let ended = home.run_with(&["explain", "--json", "--status", status], body.as_bytes());
        let document = ended.json();
        assert_eq!(document["kind"], kind, "{message}");
        assert_eq!(document["denied"].as_str().unwrap_or("null"), denied, "{message}");
    }
}

#[test]
fn usage_errors_speak_the_language() {
    let home = Home::new();
    for (arguments, said) in [
        (&["--lang", "zh-CN", "frobnicate"][..], "frobnicate"),
        (&["--lang", "zh-CN", "history"], "--by <SPAN>"),
        (&["--lang", "zh-CN", "history", "--by", "week"], "week"),
        (&["--lang", "zh-CN", "status", "--frobnicate"], "--frobnicate"),
        (&["--lang", "zh-CN", "--timezone", "Europe/Atlantis", "status"], "Europe/Atlantis"),
    ] {
        let ended = home.run(arguments);
        assert_eq!(ended.status, 2, "{arguments:?}");
        assert!(ended.err.contains("更多信息") && ended.err.contains(said), "{}", ended.err);
        assert!(!ended.err.contains("error:") && !ended.err.contains("Usage:"), "{}", ended.err);
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    let home = Home::new();
    for arguments in [
        &["explain"][..],
        &["explain", "--status", "7"],
        &["explain", "--status", "429", "--header", "no colon"],
        &["explain", "--status", "429", "--source", "kimi"],
        &["frobnicate"],
        &["--timezone", "Europe/Atlantis", "status"],
        &["account", "add", "x", "--source", "platform", "--region", "china"],
        &["history", "--by", "week"],
        &["history", "--by", "day", "--from", "last tuesday"],
        &["history", "--by", "day", "--from", "2026-11-02", "--to", "2026-11-01"],
        &["account", "add", "", "--source", "platform", "--region", "china", "--key-env", "A_KEY"],
        &["account", "add", " ", "--source", "platform", "--region", "china", "--key-env", "A_KEY"],
        &["agent", "--ui", "somewhere"],
    ] {
        let plain = home.run(arguments);
        assert_eq!((plain.status, plain.out.as_str()), (2, ""), "{arguments:?}: {}", plain.err);
        assert!(!plain.err.is_empty());
        let mut arguments = arguments.to_vec();
        arguments.insert(0, "--json");
        let json = home.run(&arguments);
        assert_eq!(json.status, 2, "{arguments:?}");
        assert_eq!(json.json()["error"]["kind"], "usage", "{arguments:?}");
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let home = Home::new();
    let help = home.run(&["--help"]);
    assert_eq!(help.status, 0);
    assert!(help.out.contains("Usage: tidemark"));
    let version = home.run(&["--version"]);
    assert_eq!((version.status, version.out.trim()), (0, concat!("tidemark ", env!("CARGO_PKG_VERSION"))));
    let chinese = home.run(&["--lang", "zh-CN", "read", "--help"]);
    assert!(chinese.out.contains("用法"), "{}", chinese.out);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Home::new();
    let mut child = home.command(&["--help"]).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    let mut child = home.command(&["status", "--json"]).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(ended.stderr.is_empty());
}
