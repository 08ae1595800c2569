//! A service is not asked again before its time: by no command, and over the processes that ask.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::io::{BufRead as _, BufReader};

use chrono::{DateTime, TimeDelta, Utc};
use common::{Home, Service, add, home, kind};
use tidemark_simulator::{FaultOrder, Refusal};

fn asked(service: &Service) -> usize {
    service.running().requests().len()
}

/// A home whose service asked to wait five minutes, half a minute ago.
fn told_to_wait(service: &Service) -> Home {
    let home = home(service, "work");
    assert_eq!(add(&home, service, "work", "Work").status, 0);
    service.running().fault(FaultOrder::refuse(Refusal::Overloaded { retry_after: 300 })).unwrap();
    let limited = home.run_ago(service, 30, &["account", "test", "Work", "--json"]);
    assert_eq!((limited.status, kind(&limited).as_str()), (4, "overloaded"), "{}", limited.out);
    assert!((1..=300).contains(&limited.json()["error"]["retry_after_seconds"].as_u64().unwrap()));
    service.running().clear_faults();
    home
}

#[test]
fn ten_polls_in_a_row_ask_once_and_all_tell_what_was_seen() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    let first = home.run_ago(&service, 30, &["poll", "--json"]);
    assert_eq!(first.status, 0, "{}", first.err);
    let reading = &first.lines()[0];
    let polled: DateTime<Utc> = reading["at"].as_str().unwrap().parse().unwrap();
    let once = asked(&service);
    for milliseconds in 1..10 {
        // Within the ten seconds for which an answer counts as one of just now.
        let now = polled + TimeDelta::milliseconds(milliseconds);
        let again = home.run_at(&service, now, &["poll", "--json"]);
        assert_eq!((again.status, &again.lines()[0]), (0, reading), "{}", again.err);
    }
    assert_eq!(asked(&service), once);
}

#[test]
fn a_poll_just_after_one_that_failed_tells_that_failure() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    assert_eq!(home.run_ago(&service, 30, &["poll"]).status, 0);
    service.running().fault(FaultOrder::refuse(Refusal::WrongKey)).unwrap();
    assert_eq!(home.run(&["poll", "--json"]).status, 3);
    service.running().clear_faults();
    let once = asked(&service);
    let again = home.run(&["poll", "--json"]);
    assert_eq!((again.status, asked(&service)), (3, once));
    let lines = again.lines();
    assert_eq!((lines.len(), &lines[0]["kind"]), (2, &"unauthorized".into()), "{}", again.out);
    assert_eq!(lines[1]["error"]["kind"], "unauthorized");
}

#[test]
fn a_wait_that_a_test_met_holds_for_every_command() {
    let service = Service::code();
    let home = told_to_wait(&service);
    let once = asked(&service);
    for command in [&["account", "test", "Work", "--json"][..], &["poll", "--json"]] {
        let ended = home.run(command);
        assert_eq!((ended.status, kind(&ended).as_str()), (4, "overloaded"), "{}", ended.out);
        assert!((1..=300).contains(&ended.json()["error"]["retry_after_seconds"].as_u64().unwrap()));
        assert!(ended.err.contains("Work"), "{}", ended.err);
    }
    assert_eq!(asked(&service), once, "nobody asked");
}

#[test]
fn a_poll_that_leaves_an_account_waiting_was_done_in_part() {
    let service = Service::code();
    let home = told_to_wait(&service);
    assert_eq!(add(&home, &service, "work", "Other").status, 0);
    let ended = home.run(&["poll", "--json"]);
    assert_eq!(ended.status, 1, "{}", ended.out);
    let lines = ended.lines();
    assert_eq!((&lines[0]["type"], &lines[0]["account"]), (&"reading".into(), &"Other".into()));
    let error = &lines.last().unwrap()["error"];
    assert_eq!(error["kind"], "overloaded");
    assert!(error["message"].as_str().unwrap().starts_with("Work: skipped until "), "{error}");
    assert!((1..=300).contains(&error["retry_after_seconds"].as_u64().unwrap()), "{error}");
}

#[test]
fn beside_a_running_agent_a_test_is_the_agent_s() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    let mut agent = home.command(&["agent", "--no-tray", "--while-stdin", "--json"]).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(agent.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("pid"), "{said}");
    // Waits for the agent's own first look, or shares it.
    let polled = home.run(&["poll", "--json"]);
    assert_eq!(polled.status, 0, "{}{}", polled.out, polled.err);
    let once = asked(&service);
    let test = home.run(&["account", "test", "Work", "--json"]);
    assert_eq!((test.status, test.json()), (0, polled.lines()[0].clone()));
    assert_eq!(asked(&service), once, "it had looked a moment ago");
    drop(agent.stdin.take());
    assert!(agent.wait().unwrap().success());
}
