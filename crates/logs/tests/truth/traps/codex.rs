//! Traps in the logs of Codex.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use tidemark_core::Tokens;

use crate::home::{Home, Use};

const CONFIG: &str = r#"
model_provider = "mine"
[model_providers.mine]
base_url = "https://api.kimi.com/coding/v1"
env_key = "MINE"
[model_providers.rented]
base_url = "https://gpu.example.net/v1"
"#;

/// A rollout that is being written, with its sums.
struct Rollout {
    path: PathBuf,
    id: String,
    model: &'static str,
    total: Tokens,
    lines: Vec<Value>,
}

fn time(at: i64) -> String {
    DateTime::from_timestamp_millis(at).unwrap().to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn counts(tokens: Tokens) -> Value {
    json!({"input_tokens": tokens.input + tokens.cache_read + tokens.cache_write,
           "cached_input_tokens": tokens.cache_read, "cache_write_input_tokens": tokens.cache_write,
           "output_tokens": tokens.output, "reasoning_output_tokens": tokens.output / 2,
           "total_tokens": tokens.total()})
}

fn event(at: i64, info: &Value) -> Value {
    json!({"timestamp": time(at), "type": "event_msg",
           "payload": {"type": "token_count", "info": info, "rate_limits": {"primary": {"used_percent": 3.0}}}})
}

impl Rollout {
    fn new(home: &mut Home, folder: &str, id: &str, provider: &str, model: &'static str) -> Self {
        fs::create_dir_all(home.path().join(".codex")).unwrap();
        fs::write(home.path().join(".codex/config.toml"), CONFIG).unwrap();
        let path = home.path().join(format!(".codex/{folder}/rollout-2026-05-06T07-08-09-{id}.jsonl"));
        let mut rollout =
            Self { path, id: id.to_owned(), model, total: Tokens::default(), lines: Vec::new() };
        let meta =
            json!({"id": id, "cwd": "/work/canoe", "model_provider": provider, "cli_version": "0.99.0"});
        rollout.line(
            home,
            json!({"timestamp": time(1_777_000_000_000), "type": "session_meta", "payload": meta}),
        );
        rollout.turn(home, model);
        rollout
    }

    fn line(&mut self, home: &mut Home, line: Value) {
        home.line(&self.path.clone(), &line);
        self.lines.push(line);
    }

    fn turn(&mut self, home: &mut Home, model: &'static str) {
        self.model = model;
        let context = json!({"turn_id": "t", "cwd": "/work/canoe", "model": model});
        self.line(
            home,
            json!({"timestamp": time(1_777_000_000_001), "type": "turn_context", "payload": context}),
        );
    }

    /// A request, and the truth of it. `None` is left out.
    fn used(&mut self, home: &mut Home, party: Option<bool>, kind: &str) {
        let (at, tokens) = (home.moment(), home.random.tokens());
        self.total += tokens;
        let info = match kind {
            "sum" => json!({"total_token_usage": counts(self.total)}),
            "both" => json!({"total_token_usage": counts(self.total), "last_token_usage": counts(tokens)}),
            _ => json!({"last_token_usage": counts(tokens)}),
        };
        self.line(home, event(at, &info));
        if let Some(third) = party {
            self.truth(home, at, third, tokens);
        }
    }

    fn truth(&self, home: &mut Home, at: i64, third: bool, tokens: Tokens) {
        let (model, session) = (self.model.rsplit('/').next().unwrap().to_owned(), self.id.clone());
        home.truth.push(Use { at, model, third, project: Some("/work/canoe".to_owned()), session, tokens });
    }
}

/// Events that come again, sums alone, sums that begin again, and a model that changes.
pub(super) fn events(home: &mut Home) {
    let mut rollout = Rollout::new(home, "sessions/2026/05/06", "0c-events", "mine", "kimi-k3");
    for kind in ["both", "both", "sum", "last", "sum", "both"] {
        rollout.used(home, Some(false), kind);
        let again = rollout.lines.last().unwrap().clone();
        if kind != "last" {
            // Reported again with other rate limits, in this turn and the next.
            let mut later = again.clone();
            later["timestamp"] = json!(time(home.moment()));
            rollout.line(home, later.clone());
            rollout.turn(home, "kimi-k3");
            rollout.line(home, later);
        }
        if kind == "last" {
            // It is in the sums, which are reported elsewhere only.
            let sums = json!({"total_token_usage": counts(rollout.total), "last_token_usage": counts(Tokens::default())});
            rollout.line(home, event(1_777_000_000_500, &sums));
        }
    }
    rollout.line(home, event(1_777_000_000_600, &Value::Null));
    // A compaction, after which the context is estimated.
    let estimate = json!({"total_token_usage": counts(rollout.total), "last_token_usage": {"input_tokens": 0, "cached_input_tokens": 0,
        "output_tokens": 0, "reasoning_output_tokens": 0, "total_tokens": 4321}});
    rollout.line(
        home,
        json!({"timestamp": time(1_777_000_000_700), "type": "compacted", "payload": {"message": "s"}}),
    );
    rollout.line(home, event(1_777_000_000_701, &estimate));
    rollout.used(home, Some(false), "both");
    // Begun again.
    rollout.total = Tokens::default();
    rollout.used(home, Some(false), "sum");
    rollout.turn(home, "kimi-k2.6");
    rollout.used(home, Some(false), "both");
    // What is said about usage is none.
    let quoted = event(1_777_000_000_800, &json!({"last_token_usage": counts(rollout.total)})).to_string();
    let said =
        json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": quoted}]});
    rollout
        .line(home, json!({"timestamp": time(1_777_000_000_801), "type": "response_item", "payload": said}));
    let record = json!({"usage": counts(rollout.total)});
    rollout.line(
        home,
        json!({"timestamp": time(1_777_000_000_802), "type": "token_usage_record", "payload": record}),
    );
}

/// Providers: by address, by name, by model.
pub(super) fn providers(home: &mut Home) {
    for (name, provider, model, party) in [
        ("1-rented", "rented", "kimi-k3", Some(true)),
        ("2-rented", "rented", "glm-5", None),
        ("3-openai", "openai", "gpt-5.5", None),
        ("4-openai", "openai", "kimi-k3", Some(true)),
        ("5-named", "kimi-for-coding", "kimi-k3.1-pro", Some(false)),
        ("6-unknown", "home-made", "kimi-k2.6", Some(false)),
        ("7-relayed", "home-made", "moonshotai/kimi-k2.6", Some(true)),
        ("8-unknown", "home-made", "qwen4", None),
    ] {
        let mut rollout = Rollout::new(home, "sessions/2026/05/07", name, provider, model);
        rollout.used(home, party, "both");
        rollout.used(home, party, "sum");
    }
    // A turn that names no model, before any that does.
    let path = home.path().join(".codex/sessions/2026/05/07/rollout-2026-05-07T07-08-09-nameless.jsonl");
    home.line(&path, &event(1_777_000_000_900, &json!({"last_token_usage": {"input_tokens": 3}})));
}

/// One session that goes on in two windows at once: both write into one log, each with sums of its own.
pub(super) fn writers(home: &mut Home) {
    let mut one = Rollout::new(home, "sessions/2026/05/09", "0w-writers", "mine", "kimi-k3");
    one.used(home, Some(false), "both");
    let (path, id) = (one.path.clone(), one.id.clone());
    let mut other = Rollout { path, id, model: one.model, total: one.total, lines: Vec::new() };
    for _ in 0..4 {
        one.used(home, Some(false), "both");
        other.used(home, Some(false), "both");
    }
}

/// A fork, a fork of it, and a subagent with its parent's history: copies with other times.
pub(super) fn forks(home: &mut Home) {
    let mut first = Rollout::new(home, "archived_sessions", "0f-first", "mine", "kimi-k3");
    for _ in 0..5 {
        first.used(home, Some(false), "both");
    }
    let mut parents = vec![first];
    for (folder, id, kept) in [
        ("sessions/2026/06/01", "1f-fork", 8),
        ("sessions/2026/06/02", "2f-fork-of-it", usize::MAX),
        ("sessions/2026/06/03", "3f-subagent", usize::MAX),
    ] {
        let parent = parents.last().unwrap();
        let (history, model, total) = (parent.lines.clone(), parent.model, parent.total);
        let source = parent.id.clone();
        let path = home.path().join(format!(".codex/{folder}/rollout-2026-06-01T07-08-09-{id}.jsonl"));
        let mut fork = Rollout { path, id: id.to_owned(), model, total, lines: Vec::new() };
        let mut meta = json!({"id": id, "cwd": "/work/canoe", "model_provider": "mine"});
        if id == "3f-subagent" {
            meta["source"] = json!({"subagent": {"thread_spawn": {"parent_thread_id": source}}});
        } else {
            meta["forked_from_id"] = json!(source);
        }
        fork.line(
            home,
            json!({"timestamp": time(1_794_900_000_000), "type": "session_meta", "payload": meta}),
        );
        for mut line in history.into_iter().take(kept) {
            line["timestamp"] = json!(time(1_794_900_000_001));
            fork.line(home, line);
        }
        fork.used(home, Some(false), "both");
        fork.used(home, Some(false), "both");
        parents.push(fork);
    }
}

/// A fork whose parent is gone: what was copied counts, at the time of the copy.
pub(super) fn orphan(home: &mut Home) {
    let mut parent = Rollout::new(home, "sessions/2026/06/05", "0o-parent", "mine", "kimi-k3");
    let before = home.truth.len();
    parent.used(home, Some(false), "both");
    fs::remove_file(&parent.path).unwrap();
    home.forget(&parent.path);
    let copied = home.truth[before].clone();
    home.truth.truncate(before);
    let at = 1_780_700_000_000;
    let path = home.path().join(".codex/sessions/2026/06/06/rollout-2026-06-06T07-08-09-1o-child.jsonl");
    let meta = json!({"id": "1o-child", "forked_from_id": "0o-parent", "cwd": "/work/canoe", "model_provider": "mine"});
    home.line(&path, &json!({"timestamp": time(at), "type": "session_meta", "payload": meta}));
    for mut line in parent.lines {
        line["timestamp"] = json!(time(at));
        home.line(&path, &line);
    }
    home.truth.push(Use { at, session: "1o-child".to_owned(), ..copied });
}

/// Logs that were compressed: alone, beside the plain one, and damaged.
pub(super) fn compressed(home: &mut Home) {
    let packed = |path: &Path| {
        let text = fs::read(path).unwrap();
        ruzstd::encoding::compress_to_vec(&text[..], ruzstd::encoding::CompressionLevel::Fastest)
    };
    let mut alone = Rollout::new(home, "archived_sessions", "0z-alone", "mine", "kimi-k3");
    for _ in 0..300 {
        alone.used(home, Some(false), "both");
    }
    let bytes = packed(&alone.path);
    fs::remove_file(&alone.path).unwrap();
    home.forget(&alone.path);
    home.append(&alone.path.with_extension("jsonl.zst"), &bytes);
    let mut both = Rollout::new(home, "archived_sessions", "1z-both", "mine", "kimi-k3");
    both.used(home, Some(false), "both");
    let bytes = packed(&both.path);
    fs::write(both.path.with_extension("jsonl.zst"), bytes).unwrap();
    both.used(home, Some(false), "both");
    let damaged =
        home.path().join(".codex/archived_sessions/rollout-2026-05-06T07-08-09-2z-damaged.jsonl.zst");
    home.append(&damaged, b"\x28\xb5\x2f\xfd\x04\x58 no frame");
    home.skipped += 1;
}

/// Lines that are torn, half-written or no JSON, and times that a clock set wrong.
pub(super) fn torn(home: &mut Home) {
    let mut rollout = Rollout::new(home, "sessions/2026/05/08", "0t-torn", "mine", "kimi-k3");
    rollout.used(home, Some(false), "both");
    home.append(&rollout.path.clone(), b"{\"timestamp\":\"2026-05-08T00:00:00Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"token_count\",\"info\":{\"tot");
    home.skipped += 1;
    rollout.used(home, Some(false), "both");
    home.append(&rollout.path.clone(), b"\0\0\0\0");
    home.skipped += 1;
    rollout.used(home, Some(false), "both");
    home.append(&rollout.path.clone(), b"no json\n{\"timestamp\":1,\"type\":\"event_msg\",\"payload\":{\"type\":\"token_count\",\"info\":{\"last_token_usage\":{\"input_tokens\":-1}}}}\n");
    home.skipped += 2;
    for at in [90_000_000, 4_102_358_400_000] {
        let tokens = home.random.tokens();
        rollout.total += tokens;
        let info = json!({"total_token_usage": counts(rollout.total), "last_token_usage": counts(tokens)});
        rollout.line(home, event(at, &info));
        rollout.truth(home, at, false, tokens);
    }
    let (at, tokens) = (home.moment(), home.random.tokens());
    rollout.total += tokens;
    let last =
        event(at, &json!({"total_token_usage": counts(rollout.total), "last_token_usage": counts(tokens)}))
            .to_string();
    // Without its end, but whole.
    home.append(&rollout.path.clone(), last.as_bytes());
    rollout.truth(home, at, false, tokens);
}
