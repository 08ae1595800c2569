//! Traps in the logs of pi and oh-my-pi.

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use tidemark_core::Tokens;

use crate::home::{Home, Use};

fn time(at: i64) -> String {
    DateTime::from_timestamp_millis(at).unwrap().to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn usage(tokens: Tokens) -> Value {
    json!({"input": tokens.input, "output": tokens.output, "cacheRead": tokens.cache_read,
           "cacheWrite": tokens.cache_write, "totalTokens": tokens.total(), "cost": {"total": 0.25}})
}

struct Session {
    path: PathBuf,
    id: &'static str,
    lines: Vec<Value>,
}

impl Session {
    fn new(home: &mut Home, root: &str, id: &'static str) -> Self {
        let path =
            home.path().join(format!("{root}/sessions/--work-ferry--/2026-05-06T07-08-09-000Z_{id}.jsonl"));
        let mut session = Self { path, id, lines: Vec::new() };
        session.line(home, json!({"type": "session", "version": 3, "id": id, "timestamp": time(1_777_000_000_000), "cwd": "/work/ferry"}));
        session
    }

    fn line(&mut self, home: &mut Home, line: Value) {
        home.line(&self.path.clone(), &line);
        self.lines.push(line);
    }

    fn truth(&self, home: &mut Home, at: i64, model: &str, third: bool, tokens: Tokens) {
        let (model, session) = (model.to_owned(), self.id.to_owned());
        home.truth.push(Use { at, model, third, project: Some("/work/ferry".to_owned()), session, tokens });
    }

    /// An answer, and the truth of it: the model's name, and whether it is somebody else's.
    fn used(
        &mut self,
        home: &mut Home,
        provider: &str,
        model: &str,
        answer: Option<&str>,
        truth: Option<(&str, bool)>,
    ) {
        let (at, tokens) = (home.moment(), home.random.tokens());
        let message = json!({"role": "assistant", "api": "openai-completions", "provider": provider, "model": model,
            "responseId": answer, "content": [{"type": "text", "text": "\"usage\""}], "usage": usage(tokens),
            "stopReason": "stop", "timestamp": at - 4000});
        let number = format!("{:08x}", self.lines.len());
        self.line(home, json!({"type": "message", "id": number, "parentId": null, "timestamp": time(at), "message": message}));
        if let Some((name, third)) = truth {
            self.truth(home, at, name, third, tokens);
        }
    }
}

/// Branches, forks, an old file that is rewritten with numbers, and answers that all have one number.
pub(super) fn trees(home: &mut Home) {
    let mut first = Session::new(home, ".pi/agent", "p-first");
    for answer in [Some("chatcmpl-0a1b2c3d4e5f60718293"), None, Some("one"), Some("one"), None] {
        first.used(home, "kimi-coding", "k3", answer, Some(("kimi-k3", false)));
    }
    let said = json!({"role": "toolResult", "content": [], "details": {"usage": {"input": 5}}, "usage": {"input": 7}});
    first.line(home, json!({"type": "message", "id": "t", "parentId": null, "timestamp": time(1_777_000_000_100), "message": said}));
    // Two forks of it, one in another folder, with entries of their own behind what was copied.
    for (root, id) in [(".pi/agent", "p-second"), (".pi/agent", "p-third")] {
        let history = first.lines[1..].to_vec();
        let mut fork = Session::new(home, root, id);
        for line in history {
            fork.line(home, line);
        }
        fork.used(home, "kimi-coding", "k3", None, Some(("kimi-k3", false)));
    }
    // Rewritten in the present version: its entries have other numbers.
    let path = first.path.with_file_name("2026-05-06T07-08-10-000Z_p-old.jsonl");
    for line in &first.lines {
        let mut line = line.clone();
        line["id"] = json!("other");
        home.line(&path, &line);
    }
}

/// Calls beside the conversation.
pub(super) fn beside(home: &mut Home) {
    let mut session = Session::new(home, ".omp/agent", "o-first");
    session.line(home, json!({"type": "model_change", "id": "m", "timestamp": time(1_777_000_000_000), "model": "moonshot/kimi-k2.6"}));
    for kind in ["compaction", "branch_summary"] {
        let (at, tokens) = (home.moment(), home.random.tokens());
        session.line(
            home,
            json!({"type": kind, "id": "c", "timestamp": time(at), "summary": "s", "usage": usage(tokens)}),
        );
        session.truth(home, at, "kimi-k2.6", false, tokens);
    }
    let (at, tokens) = (home.moment(), home.random.tokens());
    session.line(
        home,
        json!({"type": "model_usage", "id": "u", "timestamp": time(at), "purpose": "title",
        "provider": "kimi-code", "model": "kimi-k3", "usage": usage(tokens), "stopReason": "stop"}),
    );
    session.truth(home, at, "kimi-k3", false, tokens);
    session
        .line(home, json!({"type": "compaction", "id": "d", "timestamp": time(at), "summary": "\"usage\""}));
    // A subagent, in a folder beside its parent's log.
    let path = session.path.with_extension("").join("helper.jsonl");
    let mut helper = Session { path, id: "o-helper", lines: Vec::new() };
    helper.line(home, json!({"type": "session", "version": 3, "id": "o-helper", "cwd": "/work/ferry"}));
    helper.used(home, "kimi-code", "kimi-k3", None, Some(("kimi-k3", false)));
}

/// Providers: those that pi knows, those of its configuration, relays and unknown ones.
pub(super) fn providers(home: &mut Home) {
    let models = r#"{"providers":{"own":{"baseUrl":"https://api.moonshot.cn/v1","apiKey":"OWN_KEY"},
        "far":{"baseUrl":"https://gpu.example.net/v1"}}}"#;
    fs::create_dir_all(home.path().join(".pi/agent")).unwrap();
    fs::write(home.path().join(".pi/agent/models.json"), models).unwrap();
    let mut session = Session::new(home, ".pi/agent", "p-providers");
    for (provider, model, truth) in [
        ("moonshotai-cn", "kimi-k3", Some(("kimi-k3", false))),
        ("own", "custom-model", Some(("custom-model", false))),
        ("far", "kimi-k3", Some(("kimi-k3", true))),
        ("openrouter", "moonshotai/kimi-k2.6", Some(("kimi-k2.6", true))),
        ("opencode-go", "kimi-k3", Some(("kimi-k3", true))),
        ("anthropic", "claude-opus-5", None),
        ("unknown", "kimi-k3", Some(("kimi-k3", false))),
        ("unknown", "deepseek-v4", None),
    ] {
        session.used(home, provider, model, None, truth);
    }
}

/// Lines that are torn or no JSON.
pub(super) fn torn(home: &mut Home) {
    let mut session = Session::new(home, ".pi/agent", "p-torn");
    session.used(home, "kimi-coding", "k3", None, Some(("kimi-k3", false)));
    home.append(
        &session.path.clone(),
        b"{\"type\":\"message\",\"id\":\"x\",\"message\":{\"role\":\"assistant\",\"content\":[{\"ty",
    );
    home.skipped += 1;
    session.used(home, "kimi-coding", "k3", None, Some(("kimi-k3", false)));
    home.append(&session.path.clone(), b"not json\n{\"type\":\"message\",\"message\":{\"role\":\"assistant\",\"usage\":{\"input\":\"many\"}}}\n");
    home.skipped += 2;
    session.used(home, "kimi-coding", "k3", None, Some(("kimi-k3", false)));
    home.append(&session.path.clone(), b"{\"type\":\"message\",\"mess");
    home.skipped += 1;
}
