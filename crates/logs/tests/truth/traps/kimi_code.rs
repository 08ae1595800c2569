//! Traps in the logs of Kimi Code.

use std::fs;

use serde_json::{Value, json};
use tidemark_core::Tokens;

use crate::home::{Home, Session, Use};
use crate::random::{record, usage};

pub(super) fn step_end(home: &mut Home) {
    let session = home.session(".kimi-code");
    for step in 0..5 {
        let (at, tokens) = (home.moment(), home.random.tokens());
        home.line(&session.path, &json!({"type": "context.append_loop_event", "time": at - 1, "event":
            {"type": "step.end", "uuid": "u", "turnId": "0", "step": step, "usage": usage(tokens), "messageId": "m"}}));
        home.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn", at, tokens);
    }
}

pub(super) fn scopes(home: &mut Home) {
    let session = home.session(".kimi-code");
    for scope in ["turn", "session", "turn", "session", "later"] {
        home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, scope);
    }
}

pub(super) fn forks(home: &mut Home) {
    // The forks' folders come before the parent's in the order of paths.
    let (child, grandchild) = (home.session(".kimi-code"), home.session(".kimi-code"));
    let parent = home.session(".kimi-code");
    for _ in 0..6 {
        home.used(&parent, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
    }
    let copy = |home: &mut Home, from: &Session, to: &Session| {
        let log = fs::read(&from.path).unwrap();
        fs::write(&to.path, log).unwrap();
        home.line(&to.path, &json!({"type": "forked", "time": 5}));
    };
    copy(home, &parent, &child);
    home.used(&child, &json!("daily"), "kimi-for-coding", false, "turn");
    copy(home, &child, &grandchild);
    home.used(&grandchild, &json!("daily"), "kimi-for-coding", false, "turn");
    // The parent goes on.
    home.used(&parent, &json!("kimi-code/k3"), "kimi-k3", false, "session");
}

pub(super) fn orphan(home: &mut Home) {
    let session = home.session(".kimi-code");
    for _ in 0..4 {
        home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
    }
    home.line(&session.path, &json!({"time": 5, "type": "forked"}));
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

pub(super) fn long_fork(home: &mut Home) {
    let (child, parent) = (home.session(".kimi-code"), home.session(".kimi-code"));
    let mut log = String::new();
    for number in 0..33_000_u64 {
        let tokens = Tokens { input: 10 + number, output: 1, ..Tokens::default() };
        let at = 1_780_000_000_000 + number as i64;
        log.push_str(&record(&json!("kimi-code/k3"), at, tokens, "turn").to_string());
        log.push('\n');
        let (project, session) = (parent.project.clone(), parent.name.clone());
        home.truth.push(Use { at, model: "kimi-k3".into(), third: false, project, session, tokens });
    }
    for session in [&parent, &child] {
        home.append(&session.path, log.as_bytes());
    }
    home.line(&child.path, &json!({"type": "forked", "time": 5}));
    home.used(&child, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

pub(super) fn twice(home: &mut Home) {
    let session = home.session(".kimi-code");
    let (at, tokens) = (home.moment(), home.random.tokens());
    home.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn", at, tokens);
    home.line(&session.path, &record(&json!("kimi-code/k3"), at, tokens, "turn"));
    // Differing in one count, in the time, in the scope: others.
    home.used_so(
        &session,
        &json!("kimi-code/k3"),
        "kimi-k3",
        false,
        "turn",
        at,
        Tokens { output: tokens.output + 1, ..tokens },
    );
    home.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn", at + 1, tokens);
    home.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "session", at, tokens);
    home.used_so(&session, &json!("daily"), "kimi-for-coding", false, "turn", at, tokens);
}

pub(super) fn aliases(home: &mut Home) {
    let session = home.session(".kimi-code");
    for (written, model) in [
        ("kimi-code/k3", "kimi-k3"),
        ("k3", "kimi-k3"),
        ("kimi-k3", "kimi-k3"),
        ("daily", "kimi-for-coding"),
        ("kimi-code/kimi-for-coding", "kimi-for-coding"),
        ("kimi-code/kimi-for-coding-highspeed", "kimi-for-coding-highspeed"),
        ("mock-model", "mock-model"),
    ] {
        home.used(&session, &json!(written), model, false, "turn");
    }
}

pub(super) fn stand_ins(home: &mut Home) {
    let session = home.session(".kimi-code");
    // Nothing was asked for yet: the configuration.
    home.used(&session, &json!("__secondary__"), "kimi-for-coding", false, "turn");
    home.used(&session, &Value::Null, "kimi-for-coding", false, "turn");
    home.used(&session, &json!("__other__"), "__other__", false, "turn");
    let request = |model: &str| json!({"type": "llm.request", "model": model, "modelAlias": "__secondary__", "time": 1});
    home.line(&session.path, &request("k3"));
    // The configuration names the second model, whatever was asked for before.
    home.used(&session, &json!("__secondary__"), "kimi-for-coding", false, "turn");
    home.used(&session, &json!("__other__"), "kimi-k3", false, "turn");
    home.line(&session.path, &request("kimi-k2.6"));
    home.used(&session, &json!("__other__"), "kimi-k2.6", false, "turn");
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

pub(super) fn second_model_of_no_configuration(home: &mut Home) {
    let session = home.session(".kimi-code-bare");
    home.line(
        &session.path,
        &json!({"type": "llm.request", "model": "kimi-k2.6", "modelAlias": "kimi-code/k2"}),
    );
    home.used(&session, &json!("__secondary__"), "kimi-k2.6", false, "turn");
}

pub(super) fn third_party_behind(home: &mut Home) {
    let session = home.session(".kimi-code");
    let request = |provider: &str, model: &str, alias: &str| json!({"type": "llm.request", "kind": "loop", "provider": provider, "model": model, "modelAlias": alias});
    home.used(&session, &json!("my-llm"), "my-llm", true, "turn");
    home.line(&session.path, &request("rented", "my-llm", "spare"));
    home.used(&session, &json!("__other__"), "my-llm", true, "turn");
    home.used(&session, &json!("my-llm"), "my-llm", true, "turn");
    // The type of the provider, not its name: the alias says which.
    home.line(&session.path, &request("openai", "kimi-k2.6", "night"));
    home.used(&session, &json!("__other__"), "kimi-k2.6", true, "turn");
    home.used(&session, &json!("kimi-k2.6"), "kimi-k2.6", true, "turn");
    home.line(&session.path, &request("kimi", "kimi-k2.6", "kimi-code/k2"));
    home.used(&session, &json!("kimi-k2.6"), "kimi-k2.6", false, "turn");
    home.line(&session.path, &request("rented", "new-llm", "gone"));
    home.used(&session, &json!("new-llm"), "new-llm", true, "turn");
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

pub(super) fn third_party(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
    home.used(&session, &json!("night"), "kimi-k2.6", true, "turn");
    home.used(&session, &json!("deepseek-chat"), "deepseek-chat", true, "turn");
}

pub(super) fn nothing(home: &mut Home) {
    let session = home.session(".kimi-code");
    let zero = Tokens::default();
    home.line(&session.path, &json!({"type": "usage.record", "model": "k3", "usage": null, "time": 1}));
    home.line(&session.path, &json!({"type": "usage.record", "model": "k3", "time": 1_780_000_000_000_i64}));
    home.line(&session.path, &record(&json!("k3"), 1_780_000_000_000, zero, "turn"));
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

pub(super) fn clothes(home: &mut Home) {
    let session = home.session(".kimi-code");
    let tokens = Tokens { input: 12, cache_read: 0, cache_write: 0, output: 5 };
    home.used_so(&session, &json!("k3"), "kimi-k3", false, "turn", 1_780_000_100_000, tokens);
    fs::write(&session.path, "").unwrap();
    home.line(&session.path, &json!({"type": "usage.record", "model": "k3", "usageScope": "turn", "agentId": "main",
        "time": "2026-05-28T20:28:20Z", "usage": {"inputOther": "12", "output": 5.0, "inputCacheRead": null, "more": {}}}));
}

pub(super) fn order(home: &mut Home) {
    let session = home.session(".kimi-code");
    let (at, tokens) = (home.moment(), home.random.tokens());
    home.used_so(&session, &json!("k3"), "kimi-k3", false, "turn", at, tokens);
    let log = format!(
        "{{\"usage\" : {}, \"time\":{at}, \"agentId\":\"main\", \"usageScope\":\"turn\", \"model\":\"k3\", \"type\" : \"usage.record\"}}\n",
        usage(tokens)
    );
    fs::write(&session.path, log).unwrap();
}

pub(super) fn untimed(home: &mut Home) {
    let (child, parent) = (home.session(".kimi-code"), home.session(".kimi-code"));
    let (at, tokens) = (home.moment(), home.random.tokens());
    home.used_so(&parent, &json!("k3"), "kimi-k3", false, "turn", at, tokens);
    for _ in 0..3 {
        home.line(
            &parent.path,
            &json!({"type": "usage.record", "model": "k3", "usageScope": "turn", "usage": usage(tokens)}),
        );
        let same = home.truth.last().unwrap().clone();
        home.truth.push(same);
    }
    fs::copy(&parent.path, &child.path).unwrap();
    home.line(&child.path, &json!({"type": "forked", "time": 5}));
}

pub(super) fn giants(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let much = "usage.record ".repeat(200_000);
    home.line(&session.path, &json!({"type": "context.append_message", "text": much}));
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    home.append(&session.path, format!("{{\"type\":\"usage.record\",\"x\":\"{much}").as_bytes());
    home.append(&session.path, b"\n");
    home.skipped += 1;
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    // A record that says much besides.
    let (at, tokens) = (home.moment(), home.random.tokens());
    let mut line = record(&json!("k3"), at, tokens, "turn");
    line["note"] = much.repeat(4).into();
    home.line(&session.path, &line);
    let (project, name) = (session.project.clone(), session.name.clone());
    home.truth.push(Use { at, model: "kimi-k3".into(), third: false, project, session: name, tokens });
    // Longer than any line that is held. What cannot be a record is none that is missing.
    for (begin, skipped) in
        [(r#"{"type":"usage.record""#, 1), (r#"{"time":5"#, 1), (r#"{"type":"context.append_message""#, 0)]
    {
        home.append(&session.path, format!("{begin},\"text\":\"{}\"}}\n", much.repeat(10)).as_bytes());
        home.skipped += skipped;
    }
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
}

pub(super) fn letters(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.append(&session.path, b"{\"type\":\"turn.prompt\",\"text\":\"\xff\xfe\x80\"}\n");
    let (at, tokens) = (home.moment(), home.random.tokens());
    let mut line = record(&json!("k3"), at, tokens, "turn").to_string().into_bytes();
    line.pop();
    line.extend_from_slice(b",\"note\":\"\xc3\x28\"}\n");
    home.append(&session.path, &line);
    let (project, name) = (session.project.clone(), session.name.clone());
    home.truth.push(Use { at, model: "kimi-k3".into(), third: false, project, session: name, tokens });
}

pub(super) fn open_end(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let log = fs::read(&session.path).unwrap();
    fs::write(&session.path, &log[..log.len() - 1]).unwrap();
}

pub(super) fn half(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let line =
        record(&json!("k3"), 1_780_000_000_000, Tokens { input: 7, ..Tokens::default() }, "turn").to_string();
    home.append(&session.path, &line.as_bytes()[..line.len() / 2]);
    home.skipped += 1;
}

pub(super) fn garbage(home: &mut Home) {
    let session = home.session(".kimi-code");
    for line in [
        &b"not json at all\n"[..],
        b"\x00\x00\x00\x00\n",
        b"{\"type\":\"usage.record\",\"usage\":}\n",
        b"[1,2]\n",
    ] {
        home.append(&session.path, line);
        home.skipped += 1;
    }
    home.line(
        &session.path,
        &json!({"type": "usage.record", "model": "k3", "usage": {"output": -5}, "time": 1}),
    );
    home.skipped += 1;
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
}

pub(super) fn returns(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let log = String::from_utf8(fs::read(&session.path).unwrap()).unwrap();
    fs::write(&session.path, format!("\u{feff}{}\r\n\n  \n", log.replace('\n', "\r\n\r\n"))).unwrap();
}

pub(super) fn subagents(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    for agent in ["agent-0", "agent-1"] {
        let path = session.path.parent().unwrap().with_file_name(agent).join("wire.jsonl");
        let own = Session { path, ..session.clone() };
        home.used(&own, &json!("daily"), "kimi-for-coding", false, "turn");
    }
}

pub(super) fn flat(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let folder = session.path.ancestors().nth(3).unwrap().join("wire.jsonl");
    fs::rename(&session.path, &folder).unwrap();
}

pub(super) fn homes(home: &mut Home) {
    for root in [".kimi-code-work", ".config/kimi-desktop/daimon-share/daimon/runtime/kimi-code/home"] {
        let session = home.session(root);
        home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
        // No configuration there: an alias is a name of its own.
        home.used(&session, &json!("daily"), "daily", false, "turn");
    }
}

pub(super) fn unnamed(home: &mut Home) {
    let path = home.path().join(".kimi-code/sessions/wd_raft_ffffffffffff/session_x/agents/main/wire.jsonl");
    let session = Session { path, name: "session_x".into(), project: Some("raft".into()) };
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
}

pub(super) fn links(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let outside = home.path().join("outside/session_o/agents/main");
    fs::create_dir_all(&outside).unwrap();
    fs::write(
        outside.join("wire.jsonl"),
        format!("{}\n", record(&json!("k3"), 1, Tokens { input: 1, ..Tokens::default() }, "turn")),
    )
    .unwrap();
    #[cfg(unix)]
    {
        let sessions = home.path().join(".kimi-code/sessions");
        std::os::unix::fs::symlink(home.path().join("outside"), sessions.join("wd_out_000000000000"))
            .unwrap();
        std::os::unix::fs::symlink(&sessions, session.path.with_file_name("loop")).unwrap();
    }
}

pub(super) fn clock(home: &mut Home) {
    for at in [86_400_000, 1_780_300_000_000, 4_102_400_000_000] {
        home.used_at(at);
    }
}
