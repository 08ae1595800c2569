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

/// A call whose provider gave no usage is written as zeros, and was one all the same.
pub(super) fn nothing(home: &mut Home) {
    let session = home.session(".kimi-code");
    let zero = Tokens::default();
    home.line(&session.path, &json!({"type": "usage.record", "model": "k3", "usage": null, "time": 1}));
    home.line(&session.path, &json!({"type": "usage.record", "model": "k3", "time": 1_780_000_000_000_i64}));
    home.used_so(&session, &json!("k3"), "kimi-k3", false, "turn", 1_780_000_000_000, zero);
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

pub(super) fn clothes(home: &mut Home) {
    let session = home.session(".kimi-code");
    let tokens = Tokens { input: 12, cache_read: 0, cache_write: 0, output: 5, ..Tokens::default() };
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
    // A project on another disk, by a link, twice.
    #[cfg(unix)]
    {
        let outside = home.path().join("disk/session_o/agents/main/wire.jsonl");
        let there = super::super::home::Session {
            path: outside,
            name: "session_o".to_owned(),
            project: Some("out".to_owned()),
        };
        home.used(&there, &json!("k3"), "kimi-k3", false, "turn");
        let sessions = home.path().join(".kimi-code/sessions");
        let link = |to: &std::path::Path, at: std::path::PathBuf| std::os::unix::fs::symlink(to, at).unwrap();
        link(&home.path().join("disk"), sessions.join("wd_out_000000000000"));
        link(&home.path().join("disk"), sessions.join("wd_zzz_000000000000"));
        link(&sessions, session.path.with_file_name("loop"));
        link(std::path::Path::new("/etc"), sessions.join("wd_etc_000000000000"));
    }
}

/// A record torn off, with the next one behind it on the same line; a run of NUL bytes; a record of another kind torn.
pub(super) fn torn(home: &mut Home) {
    let session = home.session(".kimi-code");
    for torn in [
        "{\"type\":\"usage.record\",\"model\":\"k3\",\"usage\":{\"inputOther\":77,\"outp",
        "{\"type\":\"usage.record\",\"model\":\"k3\",\"usage\":{\"inputOther\":77,\"output\":1},\"ti",
        "{\"type\":\"context.append_message\",\"message\":{\"role\":\"user\",\"text\":\"half a sen",
        "{\"time\":5,\"typ",
        "\0\0\0\0\0\0\0\0",
    ] {
        home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
        home.append(&session.path, torn.as_bytes());
        home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
        home.skipped += 1;
    }
    // Two whole ones on one line, and NULs behind one.
    let (at, tokens) = (home.moment(), home.random.tokens());
    home.append(&session.path, record(&json!("k3"), at, tokens, "turn").to_string().as_bytes());
    home.truth.push(Use {
        at,
        model: "kimi-k3".to_owned(),
        third: false,
        project: session.project.clone(),
        session: session.name.clone(),
        tokens,
    });
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    home.append(&session.path, b"\0\0\n");
    home.skipped += 2;
    // Words in a text are no record.
    let text = "{\"type\":\"usage.record\",\"usage\":{\"output\":9}}";
    home.line(&session.path, &json!({"type": "tool.result", "output": text}));
}

/// Torn records of many open brackets and much text, with whole ones behind them.
pub(super) fn torn_deep(home: &mut Home) {
    let session = home.session(".kimi-code");
    let open = |count| "{\"a\":".repeat(count);
    for torn in [
        format!("{{\"type\":\"turn.x\",\"d\":{}\"{}", open(17), "z".repeat(3000)),
        format!("{{\"type\":\"turn.x\",\"d\":{}\"{}", open(40), "z".repeat(200_000)),
        open(600) + "\"" + &"z".repeat(3000),
        open(600) + &"[".repeat(600) + &"12,".repeat(3000),
        format!("{{\"type\":\"turn.x\",\"d\":[{}", "{\"a\":{\"b\":[{\"c\":1},".repeat(300)),
        // Code in a text that was torn off.
        format!("{{\"type\":\"turn.x\",\"text\":\"{}", "fn a() { if b { c } } {\\\"x\\\":{".repeat(2000)),
    ] {
        home.append(&session.path, torn.as_bytes());
        home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
        home.skipped += 1;
    }
}

/// A line that was torn off before the request that says whose the next use is.
pub(super) fn torn_requests(home: &mut Home) {
    let request = |provider: &str, model: &str, alias: &str| json!({"type": "llm.request", "kind": "loop", "provider": provider, "model": model, "modelAlias": alias, "time": 2});
    let mut line = request("rented", "new-llm", "gone").to_string();
    line = format!("{{\"agentId\":\"main\",{}}}", &line[1..line.len() - 1]);
    for torn in [
        "{\"type\":\"turn.x\",\"a\":\"tor",
        "{\"time\":5,\"typ",
        "{\"type\":\"llm.request\",\"provider\":\"kimi\",\"model\":\"ki",
        "{\"type\":\"metadata\",\"created_at\":17",
        "{\"type\":\"usage.record\",\"model\":\"k3\",\"usage\":{\"inputOther\":77,\"outp",
        "\0\0\0",
        "half of it\"}",
    ] {
        for request in [request("rented", "new-llm", "gone").to_string(), line.clone()] {
            let session = home.session(".kimi-code");
            home.line(&session.path, &self::request_of_kimi());
            home.used(&session, &json!("__kimi_env_model__"), "kimi-k2.6", false, "turn");
            home.append(&session.path, format!("{torn}{request}\n").as_bytes());
            home.skipped += 1;
            home.used(&session, &json!("__kimi_env_model__"), "new-llm", true, "turn");
        }
    }
}

fn request_of_kimi() -> Value {
    json!({"type": "llm.request", "provider": "kimi", "model": "kimi-k2.6", "modelAlias": "kimi-code/k2", "time": 1})
}

/// Damage that is longer than any line that is held, with whole records behind it.
pub(super) fn torn_giants(home: &mut Home) {
    let session = home.session(".kimi-code");
    let nul = vec![0; 26_000_000];
    let text = format!("{{\"type\":\"context.append_message\",\"text\":\"{}", "x".repeat(26_000_000));
    for damage in [nul, text.into_bytes()] {
        home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
        home.append(&session.path, &damage);
        let (at, tokens) = (home.moment(), home.random.tokens());
        home.append(&session.path, record(&json!("k3"), at, tokens, "turn").to_string().as_bytes());
        let (project, name) = (session.project.clone(), session.name.clone());
        home.truth.push(Use { at, model: "kimi-k3".into(), third: false, project, session: name, tokens });
        home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
        home.skipped += 1;
    }
}

/// A time without a zone is one of UTC.
pub(super) fn zoneless(home: &mut Home) {
    let session = home.session(".kimi-code");
    for written in ["2026-05-28T20:28:20", "2026-05-28 20:28:21", "2026-05-28T20:28:22.000"] {
        let tokens = home.random.tokens();
        let mut line = record(&json!("k3"), 0, tokens, "turn");
        line["time"] = json!(written);
        home.line(&session.path, &line);
        let at = chrono::NaiveDateTime::parse_from_str(&written.replace(' ', "T"), "%Y-%m-%dT%H:%M:%S%.f");
        let at = at.unwrap().and_utc().timestamp_millis();
        let (project, name) = (session.project.clone(), session.name.clone());
        home.truth.push(Use { at, model: "kimi-k3".into(), third: false, project, session: name, tokens });
    }
}

/// A log that was cut at a damaged line when it was resumed, with what it was before beside it.
pub(super) fn repaired(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    home.used(&session, &json!("kimi-k2.6"), "kimi-k2.6", false, "session");
    let kept = session.path.with_file_name("wire.jsonl.bak");
    let before = fs::read(&session.path).unwrap();
    home.append(&kept, &before);
    home.append(&kept, b"{\"type\":\"context.append_mess\n");
    home.skipped += 1;
    // Behind the damage, only in what was kept; and what came later, only in the log.
    let lost = super::super::home::Session { path: kept, ..session.clone() };
    home.used(&lost, &json!("k3"), "kimi-k3", false, "turn");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
}

/// Two agents that were answered in the same millisecond with the same counts.
pub(super) fn agents_alike(home: &mut Home) {
    let session = home.session(".kimi-code");
    let (at, tokens) = (home.moment(), home.random.tokens());
    for agent in [None, Some("main"), Some("agent-1"), Some("agent-2")] {
        let mut line = record(&json!("k3"), at, tokens, "turn");
        if let Some(agent) = agent {
            line["agentId"] = json!(agent);
        }
        let folder = session.path.parent().unwrap().with_file_name(agent.unwrap_or("main"));
        home.line(&folder.join("wire.jsonl"), &line);
        // A record of before protocol 1.5 is the main agent's.
        if agent != Some("main") {
            home.truth.push(Use {
                at,
                model: "kimi-k3".to_owned(),
                third: false,
                project: session.project.clone(),
                session: session.name.clone(),
                tokens,
            });
        }
    }
}

/// Times in seconds.
pub(super) fn seconds(home: &mut Home) {
    let session = home.session(".kimi-code");
    for second in [1_784_000_000_i64, 1_784_086_400] {
        let tokens = home.random.tokens();
        let mut line = record(&json!("k3"), second, tokens, "turn");
        line["time"] = json!(second);
        home.line(&session.path, &line);
        home.truth.push(Use {
            at: second * 1000,
            model: "kimi-k3".to_owned(),
            third: false,
            project: session.project.clone(),
            session: session.name.clone(),
            tokens,
        });
    }
}

pub(super) fn clock(home: &mut Home) {
    for at in [86_400_000, 1_780_300_000_000, 4_102_400_000_000] {
        home.used_at(at);
    }
}
