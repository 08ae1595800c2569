//! `tidemark budget`: limits of one's own, and how they stand.

// With Wine, a call of one of these did not return though its program had ended. What they check is the same on every system.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Home, Service, add, home, kind};
use serde_json::json;
use tidemark_core::Meter;

#[test]
fn without_a_budget_or_a_history_the_list_is_empty() {
    let home = Home::new();
    let none = home.run(&["budget", "list"]);
    assert_eq!(none.status, 0, "{}", none.err);
    assert!(none.out.contains("No budget is set"), "{}", none.out);
    assert_eq!(home.run(&["budget", "list", "--json"]).json(), json!({"budgets": []}));
    assert!(!home.data_dir().exists(), "looking makes no folder");
    let set = home.run(&["budget", "set", "nobody", "--per", "day", "--tokens", "5M", "--json"]);
    assert_eq!(kind(&set), "no-such-account");
}

#[test]
fn budgets_are_set_listed_and_removed() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    assert_eq!(home.run(&["poll"]).status, 0);
    let set = |arguments: &[&str]| {
        let ended = home.run(&[&["budget", "set", "Work", "--json"], arguments].concat());
        assert_eq!(ended.status, 0, "{arguments:?}: {}", ended.err);
        ended.json()["budgets"].as_array().unwrap().clone()
    };
    set(&["--per", "month", "--percent", "30", "--meter", "week"]);
    set(&["--per", "day", "--tokens", "5M", "--project", "boat"]);
    let all = set(&["--per", "month", "--percent", "20%", "--meter", "week"]);
    assert_eq!(all.len(), 2, "the new limit takes the old one's place");
    assert_eq!(all[0]["budget"]["limit"], json!({"unit": "percent", "meter": "week", "percent": 20.0}));
    assert_eq!(all[1]["budget"]["project"], "boat");
    assert_eq!(all[1]["used"], serde_json::Value::Null, "no log was read: that is not nothing");

    service.running().spend("work", Meter::Week, 17.into()).unwrap();
    assert_eq!(home.run(&["poll"]).status, 0);
    let listed = home.run(&["budget", "list"]);
    let line = listed.out.lines().next().unwrap();
    assert!(line.starts_with("1. Work: ") && line.contains("20% of the weekly quota"), "{}", listed.out);
    assert!(listed.out.contains("2. Work, project boat: nothing is known yet"), "{}", listed.out);

    assert_eq!(kind(&home.run(&["budget", "remove", "3", "--json"])), "no-such-budget");
    let left = home.run(&["budget", "remove", "1", "--json"]).json();
    assert_eq!(left["budgets"].as_array().unwrap().len(), 1);
    assert_eq!(left["budgets"][0]["budget"]["project"], "boat");
}

#[test]
fn what_no_budget_can_be_is_wrong_usage() {
    let home = Home::new();
    for arguments in [
        &["set", "Work", "--per", "day"][..],
        &["set", "Work", "--per", "year", "--tokens", "5"],
        &["set", "Work", "--per", "day", "--tokens", "0"],
        &["set", "Work", "--per", "day", "--money", "-3"],
        &["set", "Work", "--per", "day", "--percent", "20"],
        &["set", "Work", "--per", "day", "--percent", "20", "--meter", "5h", "--project", "boat"],
        &["set", "Work", "--per", "day", "--tokens", "5", "--money", "3"],
        &["remove", "0"],
    ] {
        let ended = home.run(&[&["budget"], arguments].concat());
        assert_eq!(ended.status, 2, "{arguments:?}: {}", ended.err);
    }
}
