//! Traps in the logs of the older command line.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tidemark_core::Tokens;

use crate::home::{Home, Session, Use};
use crate::random::status;

fn older_log(home: &mut Home, place: &str) -> (PathBuf, Session) {
    let path = home.path().join(".kimi").join(place).join("wire.jsonl");
    home.line(&path, &json!({"type": "metadata", "protocol_version": "1.3"}));
    let mut parts = place.split('/').skip(1);
    let project = parts.next().map(ToOwned::to_owned);
    let session = Session { path: path.clone(), name: parts.next().unwrap().to_owned(), project };
    (path, session)
}

/// Writes an update of the older command line, and the truth of it where it counts.
fn older_used(home: &mut Home, path: &Path, session: &Session, message: Option<&str>) -> (i64, Tokens) {
    let (at, tokens) = (home.moment(), home.random.tokens());
    home.line(path, &json!({"timestamp": at as f64 / 1000.0, "message": status(tokens, message)}));
    home.truth.push(Use {
        at,
        model: "kimi-for-coding".into(),
        third: false,
        project: session.project.clone(),
        session: session.name.clone(),
        tokens,
    });
    (at, tokens)
}

pub(super) fn older(home: &mut Home) {
    for place in ["sessions/aaaa/s-one", "sessions/aaaa/s-two", "imported_sessions/bbbb/s-three"] {
        let (path, session) = older_log(home, place);
        older_used(home, &path, &session, Some("m1"));
        let (at, tokens) = older_used(home, &path, &session, Some("m2"));
        // The same message again, a little later.
        home.line(
            &path,
            &json!({"timestamp": at as f64 / 1000.0 + 2.5, "message": status(tokens, Some("m2"))}),
        );
        // None has a number: each counts.
        older_used(home, &path, &session, None);
        older_used(home, &path, &session, None);
        home.line(
            &path,
            &json!({"timestamp": 1.5, "message": {"type": "StatusUpdate", "payload": {"token_usage": null}}}),
        );
        home.line(
            &path,
            &json!({"timestamp": 1.5, "message": {"type": "StatusUpdate", "payload": {"message_id": "m9"}}}),
        );
        home.line(&path, &json!({"timestamp": 1.5, "message": status(Tokens::default(), Some("m8"))}));
        home.line(&path, &json!({"timestamp": 1.5, "message": {"type": "TurnBegin", "payload": {"user_input": "StatusUpdate token_usage"}}}));
    }
}

pub(super) fn numbered_alike(home: &mut Home) {
    let (at, tokens) = (home.moment(), home.random.tokens());
    for place in ["sessions/cccc/s-four", "sessions/cccc/s-five"] {
        let (path, session) = older_log(home, place);
        home.line(
            &path,
            &json!({"timestamp": at as f64 / 1000.0, "message": status(tokens, Some("scripted-1"))}),
        );
        let (project, session) = (session.project, session.name);
        home.truth.push(Use { at, model: "kimi-for-coding".into(), third: false, project, session, tokens });
    }
}

pub(super) fn named_alike(home: &mut Home) {
    // Two sessions of one name in two folders, with the same message numbers; the first was imported too, and
    // its folder moved.
    for place in ["sessions/ffff/session-1", "sessions/ffff0/session-1"] {
        let (path, session) = older_log(home, place);
        older_used(home, &path, &session, Some("scripted-1"));
        let own = path.with_file_name("subagents").join("a1").join("wire.jsonl");
        older_used(home, &own, &session, Some("scripted-1"));
    }
    for place in ["sessions/ffff1", "imported_sessions/ffff"] {
        for log in ["wire.jsonl", "subagents/a1/wire.jsonl"] {
            let from = home.path().join(".kimi/sessions/ffff/session-1").join(log);
            let copied = std::fs::read(from).unwrap();
            home.append(&home.path().join(".kimi").join(place).join("session-1").join(log), &copied);
        }
    }
}

pub(super) fn older_subagents(home: &mut Home) {
    let (path, session) = older_log(home, "sessions/dddd/s-six");
    older_used(home, &path, &session, Some("m1"));
    let event = |at: i64, agent: &str, status: Value| {
        json!({"timestamp": at as f64 / 1000.0 + 0.004, "message": {"type": "SubagentEvent", "payload":
            {"parent_tool_call_id": "t", "agent_id": agent, "subagent_type": "coder", "event": status}}})
    };
    // With a log of its own, numbered as its parent numbers.
    let own = path.with_file_name("subagents").join("a1").join("wire.jsonl");
    let (at, tokens) = older_used(home, &own, &session, Some("m1"));
    home.line(&path, &event(at, "a1", status(tokens, Some("m1"))));
    // Without one: the parent's log is the only witness.
    let (at, tokens) = (home.moment(), home.random.tokens());
    home.line(&path, &event(at, "a2", status(tokens, Some("m1"))));
    let at = at + 4;
    let (project, name) = (session.project.clone(), session.name.clone());
    home.truth.push(Use {
        at,
        model: "kimi-for-coding".into(),
        third: false,
        project,
        session: name,
        tokens,
    });
}

pub(super) fn older_giants(home: &mut Home) {
    let (path, session) = older_log(home, "sessions/eeee/s-seven");
    older_used(home, &path, &session, Some("m1"));
    let (at, tokens) = (home.moment(), home.random.tokens());
    let mut message = status(tokens, Some("m2"));
    message["payload"]["note"] = "x".repeat(3_000_000).into();
    home.line(&path, &json!({"timestamp": at as f64 / 1000.0, "message": message}));
    let (project, name) = (session.project.clone(), session.name.clone());
    home.truth.push(Use {
        at,
        model: "kimi-for-coding".into(),
        third: false,
        project,
        session: name,
        tokens,
    });
    home.append(&path, format!("{{\"timestamp\":5,\"text\":\"{}\"}}\n", "x".repeat(25_500_000)).as_bytes());
    home.skipped += 1;
    older_used(home, &path, &session, Some("m3"));
}

/// A message whose first report is not its last: the one that says more counts, at the time of the first.
pub(super) fn reported_twice(home: &mut Home) {
    let (path, session) = older_log(home, "sessions/abcd/s-twice");
    let at = home.moment();
    let tokens = |output| Tokens { input: 300, cache_read: 40, output, ..Tokens::default() };
    for (later, output) in [(0, 5), (700, 50), (1_400, 20)] {
        let time = (at + later) as f64 / 1000.0;
        home.line(&path, &json!({"timestamp": time, "message": status(tokens(output), Some("m1"))}));
    }
    let (project, session) = (session.project, session.name);
    home.truth.push(Use {
        at,
        model: "kimi-for-coding".into(),
        third: false,
        project,
        session,
        tokens: tokens(50),
    });
}

/// A provider that counts its answers from one again.
pub(super) fn numbered_again(home: &mut Home) {
    let (path, session) = older_log(home, "sessions/abcd/s-again");
    let begun = home.moment();
    let tokens = |input, output| Tokens { input, cache_read: 40, output, ..Tokens::default() };
    // By seconds: three prompts, one prompt with less output, one prompt with more of it much later, states of one.
    let states = [
        (0, 300, 50, true),
        (100, 400, 60, true),
        (200, 500, 70, true),
        (300, 500, 20, true),
        (400, 500, 90, true),
        (500, 600, 5, false),
        (501, 600, 50, true),
    ];
    let mut first = None;
    for (second, input, output, last) in states {
        let at = begun + second * 1000;
        let update = status(tokens(input, output), Some("scripted-1"));
        home.line(&path, &json!({"timestamp": at as f64 / 1000.0, "message": update}));
        let at = *first.get_or_insert(at);
        if last {
            let (model, session) = ("kimi-for-coding".to_owned(), session.name.clone());
            let (project, tokens) = (session_project(&path), tokens(input, output));
            home.truth.push(Use { at, model, third: false, project, session, tokens });
            first = None;
        }
    }
    // Imported too: the same calls.
    let copied = std::fs::read(&path).unwrap();
    home.append(&home.path().join(".kimi/imported_sessions/abcd0/s-again/wire.jsonl"), &copied);
}

/// Of copies, the imported one comes first in the order of paths.
#[expect(clippy::unnecessary_wraps, reason = "projects are optional")]
fn session_project(_: &Path) -> Option<String> {
    Some("abcd0".to_owned())
}

pub(super) fn torn(home: &mut Home) {
    let (path, session) = older_log(home, "sessions/abcd/s-torn");
    for torn in [
        "{\"timestamp\": 1785000000.5, \"message\": {\"type\": \"StatusUpdate\", \"payload\": {\"token_usa",
        "\0\0\0\0",
        "{\"timestamp\": 1785000000.5, \"message\": {\"type\": \"TurnBegin\", \"payload\": {\"user_input\": \"x",
    ] {
        home.append(&path, torn.as_bytes());
        home.skipped += 1;
        older_used(home, &path, &session, Some(&format!("after {}", torn.len())));
    }
}
