//! What is asked of the program in a wrong way, or in a certain form, language or zone.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::fmt::Write as _;

use common::{Home, Service, add, home, kind};
use serde_json::Value;

#[test]
fn a_report_as_json_is_json() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    assert_eq!(home.run(&["poll"]).status, 0);
    let asked = home.run(&["report", "--json"]);
    assert_eq!(asked.status, 0, "{}", asked.err);
    assert!(asked.json()["records"].is_array(), "{}", asked.out);
    let named = home.run(&["report", "--format", "json"]);
    let texts = |report: &Value| -> Vec<Value> {
        report["records"].as_array().unwrap().iter().map(|record| record["text"].clone()).collect()
    };
    assert_eq!(texts(&named.json()), texts(&asked.json()));
    assert!(home.run(&["report"]).out.starts_with("<!"), "a page where nobody says");

    let both = home.run(&["report", "--json", "--format", "html"]);
    assert_eq!((both.status, kind(&both).as_str()), (2, "usage"));
    // Beside a file, standard output says where the page is.
    let file = home.data_dir().join("page.html");
    let page = home.run(&["report", "--json", "--format", "html", "--output", file.to_str().unwrap()]);
    assert_eq!((page.status, page.json()["file"].as_str()), (0, file.to_str()));
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("<!"));
}

#[test]
fn the_variable_tz_names_the_zone_before_the_system_does() {
    for (told, zone) in [("Asia/Shanghai", "Asia/Shanghai"), (":America/Denver", "America/Denver")] {
        let home = Home::new().with("TZ", told);
        assert_eq!(home.run(&["history", "--by", "day", "--json"]).json()["timezone"], zone);
        let asked = home.run(&["history", "--by", "day", "--json", "--timezone", "Europe/Berlin"]);
        assert_eq!(asked.json()["timezone"], "Europe/Berlin", "what is asked for comes first");
    }
    // The same zone is pinned at the first start.
    let service = Service::code();
    let home = home(&service, "work").with("TZ", "Asia/Shanghai");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    let home = home.with("TZ", "Europe/Berlin");
    assert_eq!(home.run(&["history", "--by", "day", "--json"]).json()["timezone"], "Asia/Shanghai");
}

#[test]
fn an_address_that_others_could_reach_is_wrong_usage() {
    let home = Home::new();
    let ended = home.run(&["agent", "--no-tray", "--listen", "0.0.0.0:0", "--json"]);
    assert_eq!((ended.status, kind(&ended).as_str()), (2, "usage"));
    assert!(ended.out.contains("loopback") && ended.out.contains("0.0.0.0:0"), "{}", ended.out);
    assert!(!home.data_dir().exists(), "nothing was opened");
}

#[test]
fn errors_are_told_in_the_language_asked_for() {
    let home = Home::new();
    let read = ["read", "--source", "platform", "--region", "china", "--key-env", "NO_SUCH_KEY"];
    let of = |more: &[&'static str]| [&read[..], more].concat();
    let mut said = String::new();
    for command in [
        of(&["--base-url", "http://example.com/v1"]),
        of(&["--base-url", "nonsense"]),
        of(&["--base-url", "https://me@example.com"]),
        of(&[]),
        vec!["history", "--by", "day", "--from", "yesterday"],
        vec!["history", "--by", "day", "--from", "2026-11-02", "--to", "2026-11-01"],
        vec!["history", "--by", "day", "--account", "nobody"],
        vec!["report"],
        vec!["agent", "--listen", "0.0.0.0:0"],
        vec!["replay", "/nonexistent/history.jsonl"],
        vec!["replay", "/"],
        vec!["report", "--check", "/nonexistent/report.html"],
        vec!["report", "--check", if cfg!(windows) { "NUL" } else { "/dev/null" }],
        vec!["histroy"],
    ] {
        for language in ["en", "zh-CN"] {
            let ended = home.run(&[&["--lang", language], &command[..]].concat());
            writeln!(said, "$ {language} {}\n{}{}", command.join(" "), ended.out, ended.err.trim_end())
                .unwrap();
        }
    }
    // Windows's name of the same.
    insta::assert_snapshot!(said.replace("NUL", "/dev/null"));
}
