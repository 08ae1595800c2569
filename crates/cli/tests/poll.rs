//! `tidemark poll` says what it found in the language that was asked for.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Ended, Home, Service, add, home};
use serde_json::Value;
use tidemark_simulator::Event;

/// A poll that finds a top-up.
fn poll_after_a_top_up(arguments: &[&str]) -> (Home, Ended) {
    let service = Service::platform();
    let home = home(&service, "api");
    assert_eq!(add(&home, &service, "api", "API").status, 0);
    assert_eq!(home.run_ago(&service, 30, &["poll"]).status, 0);
    service.running().event("api", &Event::TopUp { amount: 50.into() }).unwrap();
    let polled = home.run(&[&["poll"], arguments].concat());
    assert_eq!(polled.status, 0, "{}", polled.err);
    (home, polled)
}

fn finding(lines: &[Value]) -> Value {
    lines.iter().find(|line| line["type"] == "finding").expect("the top-up was found").clone()
}

#[test]
fn a_poll_explains_what_it_found_in_the_language_asked_for() {
    let (home, polled) = poll_after_a_top_up(&["--lang", "zh-CN", "--json"]);
    let found = finding(&polled.lines());
    let explanation = found["explanation"].as_str().unwrap();
    assert!(explanation.contains("充值") && !explanation.contains("Between"), "{explanation}");
    let listed = home.run(&["findings", "--lang", "zh-CN", "--json"]).lines();
    assert_eq!(found["explanation"], finding(&listed)["explanation"], "as `findings` does");
    assert_eq!(found.get("messages"), None, "what is printed has only its text");

    let (_, people) = poll_after_a_top_up(&["--lang", "zh-CN"]);
    assert!(people.out.contains("充值") && !people.out.contains("Between"), "{}", people.out);
}

#[test]
fn a_poll_says_in_english_what_was_recorded() {
    let (home, polled) = poll_after_a_top_up(&["--json"]);
    let found = finding(&polled.lines());
    let listed = finding(&home.run(&["findings", "--json"]).lines());
    assert_eq!(found, listed);
    assert!(found["explanation"].as_str().unwrap().contains("50"), "{found}");
}
