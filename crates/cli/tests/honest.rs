//! What is shown says no more than is known.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Home, Service, add, home};

#[test]
fn a_quota_that_was_reset_since_it_was_read_shows_no_share() {
    let service = Service::code_of_days_ago(40);
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "work").status, 0);
    // There was no poll for forty days.
    assert_eq!(home.run_ago(&service, 40 * 86_400, &["poll"]).status, 0);
    let status = home.run(&["status", "--json"]).json();
    let meters = status["accounts"][0]["meters"].as_array().unwrap().clone();
    assert!(!meters.is_empty());
    for meter in &meters {
        assert!(meter["used_percent"].is_null() && meter["was_reset"] == true, "{meter}");
    }
    for arguments in [&["status"][..], &["status", "--line"]] {
        let shown = home.run(arguments).out;
        assert!(shown.contains("unknown") && !shown.contains('%'), "{shown}");
    }
}

#[test]
fn one_variable_under_two_names_is_one_account() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "first").status, 0);
    let second = add(&home, &service, "work", "second");
    assert!(second.err.contains("one account"), "{}", second.err);
    assert_eq!(second.json()["same_as"], serde_json::json!(["first"]));
    let listed = home.run(&["account", "list"]);
    assert!(listed.out.contains("one account"), "{}", listed.out);
    let polled = home.run(&["poll"]);
    assert!(polled.err.contains("one account"), "{}", polled.err);
}

#[test]
fn an_address_of_the_other_product_is_refused_before_the_key_is_read() {
    for (source, host) in [
        ("platform", "https://api.kimi.com./coding/v1"),
        ("platform", "https://www.kimi.com/v1"),
        ("kimi-code", "https://api.moonshot.cn/v1"),
    ] {
        let place = ["--source", source, "--region", "china", "--base-url", host, "--key-env", "UNSET"];
        for command in [&["read"][..], &["account", "add", "x"]] {
            let ended = Home::new().run(&[command, &place].concat());
            assert_eq!(ended.status, 2, "{}", ended.err);
            assert!(ended.err.contains("--source"), "{}", ended.err);
        }
    }
}

#[test]
fn an_address_of_the_other_region_is_refused_before_the_key_is_read() {
    for region in ["china", "global"] {
        let host =
            if region == "china" { "https://api.moonshot.ai/v1" } else { "https://api.moonshot.cn/v1" };
        let place = ["--source", "platform", "--region", region, "--base-url", host, "--key-env", "UNSET"];
        for command in [&["read"][..], &["account", "add", "x"]] {
            let ended = Home::new().run(&[command, &place].concat());
            assert_eq!(ended.status, 2, "{}", ended.err);
            assert!(ended.err.contains("--region"), "{}", ended.err);
        }
    }
}

#[test]
fn a_build_that_cannot_verify_releases_does_not_promise_to_check() {
    let home = Home::new();
    for (language, says) in [("en", "no key to verify"), ("zh", "没有用于验证")] {
        let ended = home.run(&["--lang", language, "update", "--on"]);
        assert_eq!(ended.status, 1, "{ended:?}");
        assert!(ended.err.contains(says), "{ended:?}");
    }
    let known = home.run(&["update", "--json"]).json();
    assert_eq!(known["consent"], serde_json::Value::Null, "nothing is remembered");
    assert_eq!(home.run(&["update", "--off"]).status, 0);
}
