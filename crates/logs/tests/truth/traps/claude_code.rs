//! Traps in the logs of Claude Code.

use std::fs;

use serde_json::{Value, json};
use tidemark_core::Tokens;

use crate::home::{Home, Use};
use crate::random::claude_usage;

fn answer(
    session: &str,
    message: &str,
    request: Option<&str>,
    model: &str,
    time: &str,
    usage: &Value,
) -> Value {
    json!({"type": "assistant", "sessionId": session, "cwd": "/work/raft", "uuid": format!("{message}{time}"),
        "requestId": request, "timestamp": time,
        "message": {"id": message, "role": "assistant", "model": model, "usage": usage,
                    "content": [{"type": "text", "text": "\"usage\""}]}})
}

pub(super) fn claude(home: &mut Home) {
    let project = home.path().join(".claude/projects/-work-raft");
    let (first, second) = (project.join("c-one.jsonl"), project.join("c-two.jsonl"));
    let tokens = |output| Tokens { input: 10, cache_read: 20, cache_write: 3, output, ..Tokens::default() };
    let counts = |home: &mut Home, at: &str, model: &str, session: &str, tokens: Tokens| {
        let at = at.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis();
        let (model, session, project) = (model.to_owned(), session.to_owned(), Some("/work/raft".to_owned()));
        home.truth.push(Use { at, model, third: false, project, session, tokens });
    };
    // One answer, three blocks, growing; over midnight, it stays on its first day.
    for (time, output) in
        [("2026-07-20T23:59:59Z", 1), ("2026-07-21T00:00:01Z", 44), ("2026-07-21T00:00:02Z", 44)]
    {
        home.line(
            &first,
            &answer("c-one", "msg_1", Some("req_1"), "kimi-k3[1m]", time, &claude_usage(tokens(output))),
        );
    }
    counts(home, "2026-07-20T23:59:59Z", "kimi-k3", "c-one", tokens(44));
    // The same message for another request.
    home.line(
        &first,
        &answer("c-one", "msg_1", Some("req_2"), "kimi-k3", "2026-07-21T00:01:00Z", &claude_usage(tokens(5))),
    );
    counts(home, "2026-07-21T00:01:00Z", "kimi-k3", "c-one", tokens(5));
    // No number of a request, as Kimi answers; twice.
    for _ in 0..2 {
        home.line(
            &first,
            &answer(
                "c-one",
                "chatcmpl-2",
                None,
                "kimi-for-coding",
                "2026-07-21T01:00:00Z",
                &claude_usage(tokens(6)),
            ),
        );
    }
    counts(home, "2026-07-21T01:00:00Z", "kimi-for-coding", "c-one", tokens(6));
    // Once without the number and once with it.
    home.line(
        &first,
        &answer("c-one", "chatcmpl-3", None, "k3", "2026-07-21T02:00:00Z", &claude_usage(tokens(1))),
    );
    home.line(
        &first,
        &answer("c-one", "chatcmpl-3", Some("req_3"), "k3", "2026-07-21T02:00:01Z", &claude_usage(tokens(7))),
    );
    counts(home, "2026-07-21T02:00:00Z", "kimi-k3", "c-one", tokens(7));
    // Continued in another session, which begins with what was.
    let log = fs::read_to_string(&first).unwrap().replace("\"c-one\"", "\"c-two\"");
    home.append(&second, log.as_bytes());
    home.line(
        &second,
        &answer(
            "c-two",
            "chatcmpl-4",
            None,
            "k3",
            "2026-07-21T03:00:00Z",
            &json!({"input_tokens": 100, "cached_tokens": 80, "output_tokens": 9}),
        ),
    );
    counts(
        home,
        "2026-07-21T03:00:00Z",
        "kimi-k3",
        "c-two",
        Tokens { input: 20, cache_read: 80, cache_write: 0, output: 9, ..Tokens::default() },
    );
    // A subagent's log lies deeper and names its session.
    let deep = project.join("c-two/subagents/agent-1.jsonl");
    home.line(
        &deep,
        &answer("c-two", "chatcmpl-5", None, "k3", "2026-07-21T04:00:00Z", &claude_usage(tokens(2))),
    );
    counts(home, "2026-07-21T04:00:00Z", "kimi-k3", "c-two", tokens(2));
}

pub(super) fn claude_others(home: &mut Home) {
    let path = home.path().join(".claude/projects/-work-raft/c-three.jsonl");
    let usage = json!({"input_tokens": 5, "output_tokens": 6});
    home.line(&path, &json!({"type": "user", "sessionId": "c-three", "message": {"role": "user", "content": "kimi-k3 \"usage\""}}));
    home.line(&path, &answer("c-three", "msg_8", None, "claude-opus-4-1", "2026-07-22T00:00:00Z", &usage));
    home.line(&path, &answer("c-three", "msg_9", None, "kimi-k2.6", "2026-07-22T00:00:00Z", &usage));
    home.append(&path, b"half a li");
    home.skipped += 1;
    let (model, session, project) =
        ("kimi-k2.6".to_owned(), "c-three".to_owned(), Some("/work/raft".to_owned()));
    let tokens = Tokens { input: 5, output: 6, ..Tokens::default() };
    home.truth.push(Use { at: 1_784_678_400_000, model, third: false, project, session, tokens });
}

/// A relay that gives every answer the same number. The prompts tell them apart; the states of one answer share it.
pub(super) fn one_number(home: &mut Home) {
    let path = home.path().join(".claude/projects/-work-raft/c-relay.jsonl");
    for (minute, prompt, outputs) in
        [(0, 100, &[1, 30][..]), (2, 4100, &[1, 2, 30]), (4, 5000, &[8]), (6, 90, &[700])]
    {
        let tokens = |output| Tokens { input: prompt, output, ..Tokens::default() };
        for (second, output) in outputs.iter().enumerate() {
            let time = format!("2026-07-23T05:{minute:02}:{second:02}Z");
            home.line(
                &path,
                &answer("c-relay", "msg_relay", None, "k3", &time, &claude_usage(tokens(*output))),
            );
        }
        let at = format!("2026-07-23T05:{minute:02}:00Z");
        home.truth.push(used(&at, "c-relay", tokens(*outputs.last().unwrap())));
    }
    // A first state that does not know its prompt yet belongs to the answer.
    for (second, input, output) in [(1, 0, 1), (2, 640, 50)] {
        let usage = json!({"input_tokens": input, "output_tokens": output});
        let time = format!("2026-07-23T06:00:0{second}Z");
        home.line(&path, &answer("c-relay", "msg_late", None, "k3", &time, &usage));
    }
    home.truth.push(used(
        "2026-07-23T06:00:01Z",
        "c-relay",
        Tokens { input: 640, output: 50, ..Tokens::default() },
    ));
}

/// Lines of answers that have one number and name no request: minute and second, prompt and output.
fn relayed(home: &mut Home, session: &str, hour: u32, lines: &[(u32, u32, u64, u64)]) {
    let path = home.path().join(format!(".claude/projects/-work-raft/{session}.jsonl"));
    for (minute, second, prompt, output) in lines {
        let usage = claude_usage(Tokens { input: *prompt, output: *output, ..Tokens::default() });
        let time = format!("2026-07-27T{hour:02}:{minute:02}:{second:02}Z");
        home.line(&path, &answer(session, "msg_relay", None, "k3", &time, &usage));
    }
}

/// What was really used of them: hour, minute and second of the first state, and the last one's counts.
fn relayed_truth(home: &mut Home, session: &str, hour: u32, answers: &[(u32, u32, u64, u64)]) {
    for (minute, second, prompt, output) in answers {
        let tokens = Tokens { input: *prompt, output: *output, ..Tokens::default() };
        home.truth.push(used(&format!("2026-07-27T{hour:02}:{minute:02}:{second:02}Z"), session, tokens));
    }
}

pub(super) fn one_number_without_prompts(home: &mut Home) {
    // Two prompts by turns, minutes apart; one prompt, ten minutes apart; one prompt, a minute apart, ever more output.
    for (hour, lines) in [
        (1, &[(0, 0, 10, 5), (1, 0, 20, 6), (2, 0, 10, 7), (3, 0, 20, 8)][..]),
        (2, &[(0, 0, 10, 120), (10, 0, 10, 80), (20, 0, 10, 95)]),
        (3, &[(0, 0, 10, 5), (1, 0, 10, 6), (2, 0, 10, 7)]),
        (4, &[(0, 0, 10, 120), (0, 20, 10, 80), (0, 40, 10, 70)]),
    ] {
        relayed(home, "c-relay-2", hour, lines);
        relayed_truth(home, "c-relay-2", hour, lines);
    }
}

pub(super) fn one_number_in_sessions(home: &mut Home) {
    // The same prompt in each; two of them at the same moment, one with the same figures hours later.
    for (session, hour, first, output) in
        [("c-s1", 1, 1, 6), ("c-s2", 1, 2, 7), ("c-s3", 2, 1, 8), ("c-s4", 3, 1, 6)]
    {
        relayed(home, session, hour, &[(0, 0, 10, first), (0, 5, 10, output)]);
        relayed_truth(home, session, hour, &[(0, 0, 10, output)]);
    }
    // The first one, continued in another: what was copied counts once.
    let projects = home.path().join(".claude/projects/-work-raft");
    let copied = fs::read_to_string(projects.join("c-s1.jsonl")).unwrap().replace("\"c-s1\"", "\"c-s5\"");
    home.append(&projects.join("c-s5.jsonl"), copied.as_bytes());
    relayed(home, "c-s5", 4, &[(0, 0, 10, 1), (0, 3, 10, 9)]);
    relayed_truth(home, "c-s5", 4, &[(0, 0, 10, 9)]);
    // The third one, forked while its answer came in.
    let half = fs::read_to_string(projects.join("c-s3.jsonl")).unwrap().replace("\"c-s3\"", "\"c-s6\"");
    home.append(&projects.join("c-s6.jsonl"), half.split_inclusive('\n').next().unwrap().as_bytes());
    relayed(home, "c-s6", 5, &[(0, 0, 10, 4)]);
    relayed_truth(home, "c-s6", 5, &[(0, 0, 10, 4)]);
    // Written twice into the same log.
    let again = fs::read(projects.join("c-s4.jsonl")).unwrap();
    home.append(&projects.join("c-s4.jsonl"), &again);
}

/// Two answers at the same time, with their states by turns.
pub(super) fn one_number_at_once(home: &mut Home) {
    let lines = [(0, 0, 100, 1), (0, 1, 4100, 1), (0, 2, 100, 30), (0, 3, 4100, 44), (0, 4, 100, 31)];
    relayed(home, "c-at-once", 1, &lines);
    relayed_truth(home, "c-at-once", 1, &[(0, 0, 100, 31), (0, 1, 4100, 44)]);
}

pub(super) fn late_prompt(home: &mut Home) {
    let path = home.path().join(".claude/projects/-work-raft/c-late.jsonl");
    let tokens = |input, cache_read, output| Tokens { input, cache_read, output, ..Tokens::default() };
    let states = [
        [tokens(4, 0, 1), tokens(5000, 0, 200)],
        [tokens(10, 0, 1), tokens(10, 4000, 200)],
        [tokens(4, 0, 7), tokens(5000, 0, 200)],
        [tokens(120, 0, 7), tokens(120, 4000, 200)],
        [tokens(9000, 0, 3), tokens(1000, 8000, 90)],
    ];
    for (hour, request) in [(1, true), (2, false)] {
        for (number, states) in states.iter().enumerate() {
            let message = format!("msg_late_{hour}_{number}");
            let request = request.then(|| format!("req_late_{number}"));
            for (second, tokens) in states.iter().enumerate() {
                let time = format!("2026-07-28T0{hour}:0{number}:0{second}Z");
                let usage = claude_usage(*tokens);
                home.line(&path, &answer("c-late", &message, request.as_deref(), "k3", &time, &usage));
            }
            let at = format!("2026-07-28T0{hour}:0{number}:00Z");
            home.truth.push(used(&at, "c-late", states[1]));
        }
    }
}

/// A model thinks for minutes before it answers; each line says which one it follows.
pub(super) fn long_thought(home: &mut Home) {
    let path = home.path().join(".claude/projects/-work-raft/c-thought.jsonl");
    for (minute, output, parent) in [(0, 1, None), (3, 900, Some(0)), (7, 4000, Some(3))] {
        let time = |minute| format!("2026-07-28T03:0{minute}:00Z");
        let usage = claude_usage(Tokens { input: 700, output, ..Tokens::default() });
        let mut line = answer("c-thought", "msg_thought", None, "k3", &time(minute), &usage);
        line["parentUuid"] = json!(parent.map(|minute| format!("msg_thought{}", time(minute))));
        home.line(&path, &line);
    }
    let tokens = Tokens { input: 700, output: 4000, ..Tokens::default() };
    home.truth.push(used("2026-07-28T03:00:00Z", "c-thought", tokens));
}

/// Requests that are named are one wherever they stand, whatever stands between.
pub(super) fn request_again(home: &mut Home) {
    let path = home.path().join(".claude/projects/-work-raft/c-again.jsonl");
    let tokens = |output| Tokens { input: 50, output, ..Tokens::default() };
    for (round, minute) in [0, 40].into_iter().enumerate() {
        for number in 0..50 {
            let (request, output) = (format!("req_{number}"), 10 + number + round as u64);
            let time = format!("2026-07-28T04:{minute:02}:{number:02}Z");
            let usage = claude_usage(tokens(output));
            home.line(&path, &answer("c-again", "msg_relay", Some(&request), "k3", &time, &usage));
        }
    }
    for number in 0..50 {
        home.truth.push(used(&format!("2026-07-28T04:00:{number:02}Z"), "c-again", tokens(11 + number)));
    }
}

pub(super) fn long_cache(home: &mut Home) {
    let path = home.path().join(".claude/projects/-work-raft/c-cache.jsonl");
    let usage = json!({"input_tokens": 10, "output_tokens": 5, "cache_creation_input_tokens": 900,
        "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 700}});
    home.line(&path, &answer("c-cache", "msg_c1", None, "k3", "2026-07-24T00:00:00Z", &usage));
    let tokens = Tokens { input: 10, cache_write: 900, cache_write_1h: 700, output: 5, ..Tokens::default() };
    home.truth.push(used("2026-07-24T00:00:00Z", "c-cache", tokens));
    // Only the parts are given.
    let usage = json!({"output_tokens": 5, "cache_creation_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 4}});
    home.line(&path, &answer("c-cache", "msg_c2", None, "k3", "2026-07-24T00:01:00Z", &usage));
    let tokens = Tokens { cache_write: 34, cache_write_1h: 4, output: 5, ..Tokens::default() };
    home.truth.push(used("2026-07-24T00:01:00Z", "c-cache", tokens));
}

pub(super) fn torn(home: &mut Home) {
    let path = home.path().join(".claude/projects/-work-raft/c-torn.jsonl");
    let usage = json!({"input_tokens": 5, "output_tokens": 6});
    for (minute, torn) in
        ["{\"type\":\"assistant\",\"message\":{\"model\":\"k3\",\"us", "\0\0\0", "{\"type\":\"user\",\"te"]
            .into_iter()
            .enumerate()
    {
        home.append(&path, torn.as_bytes());
        let (message, time) = (format!("msg_t{minute}"), format!("2026-07-25T00:0{minute}:00Z"));
        home.line(&path, &answer("c-torn", &message, None, "k3", &time, &usage));
        home.skipped += 1;
        home.truth.push(used(&time, "c-torn", Tokens { input: 5, output: 6, ..Tokens::default() }));
    }
}

fn used(at: &str, session: &str, tokens: Tokens) -> Use {
    let at = at.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis();
    let (model, project) = ("kimi-k3".to_owned(), Some("/work/raft".to_owned()));
    Use { at, model, third: false, project, session: session.to_owned(), tokens }
}

/// Two folders that the program encodes to the same name, which the lines tell apart; a line without a folder is still
/// in the last one.
pub(super) fn folders_alike(home: &mut Home) {
    let usage = json!({"input_tokens": 5, "output_tokens": 6});
    for (number, folder) in ["/工作/船", "/工作/帆"].into_iter().enumerate() {
        let session = format!("c-folder-{number}");
        let path = home.path().join(format!(".claude/projects/-----/{session}.jsonl"));
        for minute in 0..2 {
            let time = format!("2026-07-26T0{number}:0{minute}:00Z");
            let message = format!("msg_f{number}{minute}");
            let mut line = answer(&session, &message, None, "k3", &time, &usage);
            match minute {
                0 => line["cwd"] = json!(folder),
                _ => drop(line.as_object_mut().unwrap().remove("cwd")),
            }
            home.line(&path, &line);
            let tokens = Tokens { input: 5, output: 6, ..Tokens::default() };
            home.truth.push(Use { project: Some(folder.to_owned()), ..used(&time, &session, tokens) });
        }
    }
}
