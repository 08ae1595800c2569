//! `tidemark guard`: coding agents are stopped before a quota is used up, and by nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Ended, Home, Service, add, home};
use serde_json::json;
use tidemark_core::Meter;

fn hook(home: &Home, event: &str, session: &str) -> Ended {
    let input = json!({
        "hook_event_name": event,
        "session_id": session,
        "cwd": "/work/boat",
        "prompt": "go on",
        "tool_input": {"command": "ls"},
    });
    home.run_with(&["guard"], input.to_string().as_bytes())
}

/// A home with one account of which so much of the 5-hour quota is used.
fn used(service: &Service, percent: i64) -> Home {
    let home = home(service, "work");
    assert_eq!(add(&home, service, "work", "Work").status, 0);
    service.running().spend("work", Meter::FiveHour, percent.into()).unwrap();
    assert_eq!(home.run(&["poll"]).status, 0);
    home
}

#[test]
fn a_fault_of_its_own_stops_nobodys_work() {
    let home = Home::new();
    for input in [&b""[..], b"{", b"[]", b"\xff", br#"{"hook_event_name":"UserPromptSubmit"}"#] {
        let ended = home.run_with(&["guard"], input);
        assert_eq!((ended.status, ended.out.as_str(), ended.err.as_str()), (0, "", ""), "{input:?}");
    }
    assert!(!home.data_dir().exists(), "asking makes no folder");
    // A history that cannot be read, and a command line of another version.
    std::fs::create_dir_all(home.data_dir()).unwrap();
    std::fs::write(home.data_dir().join("tidemark.db"), b"no database").unwrap();
    assert_eq!(hook(&home, "UserPromptSubmit", "s1").status, 0);
    let wrong = home.run_with(&["guard", "--of-a-later-version"], b"{}");
    assert_eq!(wrong.status, 1, "2 would stop the prompt: {}", wrong.err);
    assert_eq!(home.run(&["check", "--of-a-later-version"]).status, 2);
}

#[test]
fn at_the_limit_prompts_and_tools_are_stopped_until_the_session_is_let_go_on() {
    let service = Service::code();
    let home = used(&service, 96);
    let stopped = hook(&home, "UserPromptSubmit", "session_a");
    assert_eq!((stopped.status, stopped.out.as_str()), (2, ""), "{}", stopped.err);
    for part in ["5-hour quota of Work", "96%", "95%", "resets at", "tidemark guard allow session_a"] {
        assert!(stopped.err.contains(part), "{part}: {}", stopped.err);
    }
    let tool = hook(&home, "PreToolUse", "session_a");
    assert_eq!(tool.status, 2);
    assert!(tool.err.contains("End this turn"), "{}", tool.err);
    for event in ["Stop", "SessionStart", "PostToolUse", "of a later version"] {
        assert_eq!(hook(&home, event, "session_a").status, 0, "{event}");
    }

    // Without a name, the session that was stopped last.
    assert_eq!(hook(&home, "UserPromptSubmit", "session_b").status, 2);
    let allowed = home.run(&["guard", "allow"]);
    assert_eq!(allowed.status, 0, "{}", allowed.err);
    assert!(allowed.out.contains("session_b"), "{}", allowed.out);
    assert_eq!(hook(&home, "UserPromptSubmit", "session_b").status, 0);
    assert_eq!(hook(&home, "PreToolUse", "session_b").status, 0);
    assert_eq!(hook(&home, "PreToolUse", "session_a").status, 2, "the other one is not meant");
    assert_eq!(home.run(&["guard", "allow", "session_a"]).status, 0);
    assert_eq!(hook(&home, "PreToolUse", "session_a").status, 0);
    assert_eq!(common::kind(&home.run(&["guard", "allow", "never-seen", "--json"])), "no-such-session");
}

#[test]
fn limits_are_set_by_account_and_quota() {
    let service = Service::code();
    let home = used(&service, 96);
    let set = home.run(&["guard", "set", "--account", "Work", "--meter", "5h", "--stop", "never"]);
    assert_eq!(set.status, 0, "{}", set.err);
    assert!(set.out.contains("warn at 80%, stop at never"), "{}", set.out);
    assert_eq!(hook(&home, "UserPromptSubmit", "s").status, 0);
    assert_eq!(home.run(&["guard", "--check"]).status, 0);
    // A wider rule does not undo it, taking it back does.
    assert_eq!(home.run(&["guard", "set", "--stop", "50%"]).status, 0);
    assert_eq!(home.run(&["guard", "--check"]).status, 0);
    assert_eq!(home.run(&["guard", "set", "--account", "Work", "--meter", "5h", "--reset"]).status, 0);
    let check = home.run(&["guard", "--check", "--json"]);
    let quota = &check.json()["quotas"][0];
    assert_eq!(
        (check.status, quota["level"].as_str(), quota["stop"].as_f64(), quota["warn"].as_f64()),
        (7, Some("stop"), Some(50.0), Some(80.0))
    );
    for wrong in [&["set"][..], &["set", "--stop", "0"], &["set", "--stop", "5", "--reset"]] {
        assert_ne!(home.run(&[&["guard"], wrong].concat()).status, 0, "{wrong:?}");
    }
    assert_eq!(
        common::kind(&home.run(&["guard", "set", "--account", "nobody", "--stop", "5", "--json"])),
        "no-such-account"
    );
}

#[test]
fn a_session_is_told_once_what_is_left_and_again_when_it_gets_tight() {
    let service = Service::code();
    let home = used(&service, 40);
    let told = hook(&home, "UserPromptSubmit", "s");
    assert_eq!(told.status, 0);
    assert!(told.out.contains("5-hour quota 40% used (resets"), "{}", told.out);
    assert_eq!(hook(&home, "UserPromptSubmit", "s").out, "", "it knows");
    assert_eq!(hook(&home, "PreToolUse", "other").out, "", "nothing is said to a tool");
    service.running().spend("work", Meter::FiveHour, 45.into()).unwrap();
    assert_eq!(home.run_ago(&service, -300, &["poll"]).status, 0);
    let tight = hook(&home, "UserPromptSubmit", "s");
    assert!(tight.out.contains("85% used") && tight.out.contains("stopped at 95%"), "{}", tight.out);
    assert_eq!(hook(&home, "UserPromptSubmit", "s").out, "");
}

#[test]
fn what_is_too_old_or_could_be_another_accounts_stops_nobody() {
    let service = Service::code();
    let old = home(&service, "work");
    assert_eq!(add(&old, &service, "work", "Work").status, 0);
    service.running().spend("work", Meter::FiveHour, 99.into()).unwrap();
    assert_eq!(old.run_ago(&service, 5400, &["poll"]).status, 0);
    assert_eq!(hook(&old, "UserPromptSubmit", "s").status, 0);
    assert_eq!(old.run(&["guard", "--check"]).status, 1, "unknown");
    let wider = old.run_with(
        &["guard", "--max-age", "120"],
        br#"{"hook_event_name":"UserPromptSubmit","session_id":"s"}"#,
    );
    assert_eq!(wider.status, 2, "{}", wider.err);
}

#[test]
fn the_status_line_of_kimi_code_is_one_line_that_says_what_is_left() {
    let service = Service::code();
    let home = used(&service, 92);
    // The host writes its state, and reads the first line.
    let line = home.run_with(&["status", "--format", "kimi-code"], br#"{"model":"kimi","sessionId":"s"}"#);
    assert_eq!((line.status, line.err.as_str()), (0, ""));
    assert!(line.out.starts_with("\u{1b}[31m5-hour 92% ("), "{:?}", line.out);
    assert_eq!(line.out.matches('\n').count(), 1);
    let narrow = home.run_with(&["status", "--format", "kimi-code", "--width", "24"], b"");
    assert!(!narrow.out.contains(" · "), "{:?}", narrow.out);
    let nothing = Home::new().run_with(&["status", "--format", "kimi-code"], b"");
    assert_eq!(nothing.status, 0);
    assert!(nothing.out.contains("No accounts"), "{:?}", nothing.out);
}
