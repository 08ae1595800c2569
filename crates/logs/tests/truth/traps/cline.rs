//! Traps in the logs of Cline, Roo Code and Kilo Code.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tidemark_core::Tokens;

use crate::home::{Home, Use};

const CLINE: &str = ".config/Code/User/globalStorage/saoudrizwan.claude-dev";
const ROO: &str = "AppData/Roaming/Cursor/User/globalStorage/rooveterinaryinc.roo-cline";
const KILO: &str = ".vscode-server/data/User/globalStorage/kilocode.kilo-code";

/// A task with its messages, written at once as these programs do.
struct Task {
    folder: PathBuf,
    id: &'static str,
    messages: Vec<Value>,
}

fn said(at: i64, say: &str, text: &Value) -> Value {
    json!({"ts": at, "type": "say", "say": say, "text": text.to_string()})
}

/// Counts with or without what was cached in the input.
fn counts(tokens: Tokens, includes: bool) -> Value {
    let aside = if includes { tokens.cache_read + tokens.cache_write } else { 0 };
    json!({"request": "<task>\"tokensIn\":1</task>", "tokensIn": tokens.input + aside, "tokensOut": tokens.output,
        "cacheReads": tokens.cache_read, "cacheWrites": tokens.cache_write, "cost": 0.01})
}

impl Task {
    fn new(home: &Home, root: &str, id: &'static str) -> Self {
        Self { folder: home.path().join(root).join("tasks").join(id), id, messages: Vec::new() }
    }

    fn write(&self, home: &mut Home) {
        home.append(&self.folder.join("ui_messages.json"), json!(self.messages).to_string().as_bytes());
    }

    fn beside(&self, name: &str, content: &Value) {
        fs::create_dir_all(&self.folder).unwrap();
        fs::write(self.folder.join(name), content.to_string()).unwrap();
    }

    fn truth(&self, home: &mut Home, at: i64, model: &str, third: bool, tokens: Tokens) {
        let (model, session) = (model.to_owned(), self.id.to_owned());
        home.truth.push(Use { at, model, third, project: Some("/work/raft".to_owned()), session, tokens });
    }
}

/// Messages with the model in them, requests under way, sums of removed ones and of subagents.
pub(super) fn tasks(home: &mut Home) {
    let mut task = Task::new(home, CLINE, "1790000000001");
    let history = json!([{"id": "1790000000001", "cwdOnTaskInitialization": "/work/raft"}, {"id": "1790000000002", "cwdOnTaskInitialization": "/work/raft"},
        {"id": "1790000000003", "cwdOnTaskInitialization": "/work/raft"}]);
    let state = home.path().join(CLINE).join("state");
    fs::create_dir_all(&state).unwrap();
    fs::write(state.join("taskHistory.json"), history.to_string()).unwrap();
    for (provider, model, say, truth) in [
        ("moonshot", "kimi-k3", "api_req_started", Some(("kimi-k3", false))),
        ("openai", "kimi-k2.6", "api_req_started", Some(("kimi-k2.6", false))),
        ("openrouter", "moonshotai/kimi-k2.6", "api_req_started", Some(("kimi-k2.6", true))),
        ("cline", "kimi-k3", "api_req_started", Some(("kimi-k3", true))),
        ("anthropic", "claude-opus-5", "api_req_started", None),
        ("moonshot", "kimi-k3", "subagent_usage", Some(("kimi-k3", false))),
        ("moonshot", "kimi-k3", "deleted_api_reqs", Some(("kimi-k3", false))),
        ("moonshot", "kimi-k3", "api_req_finished", None),
    ] {
        let (at, tokens) = (home.moment(), home.random.tokens());
        let mut message = said(at, say, &counts(tokens, provider == "openai"));
        message["modelInfo"] = json!({"providerId": provider, "modelId": model, "mode": "act"});
        task.messages.push(message);
        task.messages.push(json!({"ts": at + 1, "type": "say", "say": "text", "text": "api_req_started", "images": ["data:image/png;base64,".to_owned() + &"A".repeat(300_000)]}));
        if let Some((name, third)) = truth {
            task.truth(home, at, name, third, tokens);
        }
    }
    // Under way, retried, and without counts.
    task.messages
        .push(json!({"ts": 1, "type": "say", "say": "api_req_started", "text": "{\"request\":\"x\"}"}));
    task.messages
        .push(json!({"ts": 2, "type": "say", "say": "api_req_started", "partial": true, "text": "{\"tok"}));
    task.messages.push(json!({"ts": 3, "type": "say", "say": "api_req_retried"}));
    task.write(home);
    // The same task in another editor.
    let mut copy = Task::new(
        home,
        "Library/Application Support/Cursor/User/globalStorage/saoudrizwan.claude-dev",
        "1790000000001",
    );
    copy.messages.clone_from(&task.messages);
    copy.beside("history_item.json", &json!({"workspace": "/work/raft"}));
    copy.write(home);
}

/// The model beside the messages, by time; and nowhere.
pub(super) fn models(home: &mut Home) {
    let mut task = Task::new(home, CLINE, "1790000000002");
    task.beside("history_item.json", &json!({"workspace": "/work/raft"}));
    let base = 1_789_000_000_000;
    let mut changes = Vec::new();
    for (number, (provider, model, third)) in
        [("moonshot", "kimi-k3", false), ("moonshot", "kimi-k2.6", false), ("requesty", "kimi-k3", true)]
            .into_iter()
            .enumerate()
    {
        let at = base + number as i64 * 10_000;
        changes.push(json!({"ts": at + 50, "model_id": model, "model_provider_id": provider, "mode": "act"}));
        for at in [at, at + 3000] {
            let tokens = home.random.tokens();
            task.messages.push(said(at, "api_req_started", &counts(tokens, false)));
            task.truth(home, at, model, third, tokens);
        }
    }
    task.beside("task_metadata.json", &json!({"files_in_context": [], "model_usage": changes}));
    // Of several models, what was removed was for any of them.
    task.messages.push(said(base + 90_000, "deleted_api_reqs", &json!({"tokensIn": 5})));
    task.write(home);
    home.skipped += 1;
    let mut nameless = Task::new(home, CLINE, "1790000000003");
    nameless.beside("history_item.json", &json!({"workspace": "/work/raft"}));
    nameless.messages.push(said(base, "api_req_started", &json!({"tokensIn": 5, "tokensOut": 6})));
    home.skipped += 1;
    // Its provider says whose it is.
    for (at, provider, is_kimis) in [(base + 1000, "moonshot", true), (base + 2000, "openrouter", false)] {
        let tokens = home.random.tokens();
        let mut message = said(at, "api_req_started", &counts(tokens, false));
        message["modelInfo"] = json!({"providerId": provider, "mode": "act"});
        nameless.messages.push(message);
        if is_kimis {
            nameless.truth(home, at, "unknown", false, tokens);
        }
    }
    nameless.write(home);
    // All of its models are others'.
    let mut others = Task::new(home, CLINE, "1790000000004");
    let change = json!({"ts": base, "model_id": "claude-opus-5", "model_provider_id": "anthropic"});
    let other = json!({"ts": base + 5, "model_id": "gpt-5", "model_provider_id": "openai"});
    others.beside("task_metadata.json", &json!({"model_usage": [change, other]}));
    others.messages.push(said(base + 90_000, "deleted_api_reqs", &json!({"tokensIn": 5})));
    others.write(home);
}

/// Roo Code and Kilo Code, which tell the model its name.
pub(super) fn told(home: &mut Home) {
    for (root, id) in [(ROO, "0199-roo"), (KILO, "0199-kilo")] {
        let mut task = Task::new(home, root, id);
        task.beside("history_item.json", &json!({"workspace": "/work/raft"}));
        let mut history = Vec::new();
        for (at, protocol, includes, model) in [
            (1_750_000_000_000_i64, "anthropic", false, "kimi-k2.5"),
            (1_750_000_100_000, "openai", true, "kimi-k2.5"),
            (1_790_000_000_000, "anthropic", true, "kimi-k3"),
            (1_790_000_100_000, "openai", true, "kimi-k3"),
            (1_790_000_200_000, "openai", true, "moonshotai/kimi-k2.6"),
            (1_790_000_300_000, "openai", true, "claude-opus-5"),
        ] {
            let at = at + home.random.below(1000) as i64;
            // All of the input, or less than was cached of it.
            let tokens = Tokens { input: 90_000, cache_read: 400, ..home.random.tokens() };
            let mut text = counts(tokens, includes);
            text["apiProtocol"] = json!(protocol);
            task.messages.push(said(at, "api_req_started", &text));
            let details =
                format!("do it <environment_details>\n<model>{model}</model>\n</environment_details>");
            history
                .push(json!({"role": "user", "ts": at + 20, "content": [{"type": "text", "text": details}]}));
            history.push(json!({"role": "assistant", "ts": at + 900, "content": [{"type": "text", "text": "<model>gpt</model>"}]}));
            if model != "claude-opus-5" {
                let name = model.rsplit('/').next().unwrap();
                task.truth(home, at, name, model.contains('/'), tokens);
            }
        }
        task.beside("api_conversation_history.json", &json!(history));
        task.write(home);
    }
    // The questions of its first requests are gone: the conversation was condensed.
    let mut condensed = Task::new(home, ROO, "0199-condensed");
    condensed.beside("history_item.json", &json!({"workspace": "/work/raft"}));
    for at in [1_790_001_000_000, 1_790_001_050_000, 1_790_001_100_000] {
        let tokens = home.random.tokens();
        condensed.messages.push(said(at, "api_req_started", &counts(tokens, true)));
        condensed.truth(home, at, "kimi-k3", false, tokens);
    }
    let question = json!({"role": "user", "ts": 1_790_001_100_020_i64, "content": "<model>kimi-k3</model>"});
    condensed.beside("api_conversation_history.json", &json!([question]));
    condensed.write(home);
}

/// A file that is being written, and one with a message that is no usage.
pub(super) fn torn(home: &mut Home) {
    let mut task = Task::new(home, ".cline/data", "1790000000009");
    task.beside("history_item.json", &json!({"workspace": "/work/raft"}));
    for at in [1_788_000_000_000, 1_788_000_001_000] {
        let tokens = home.random.tokens();
        let mut message = said(at, "api_req_started", &counts(tokens, false));
        message["modelInfo"] = json!({"providerId": "moonshot", "modelId": "kimi-k3"});
        task.messages.push(message);
        task.truth(home, at, "kimi-k3", false, tokens);
    }
    task.messages
        .insert(1, json!({"ts": 5, "type": "say", "say": "api_req_started", "text": "{\"tokensIn\":-1}"}));
    let text = json!(task.messages).to_string();
    let text = text.trim_end_matches(']').to_owned()
        + ",{\"ts\":17,\"type\":\"say\",\"say\":\"api_req_started\",\"text\":\"{\\\"tokensIn\\\":7";
    home.append(&task.folder.join("ui_messages.json"), text.as_bytes());
    home.skipped += 2;
}

/// Cline's sessions, with a subagent.
pub(super) fn sessions(home: &mut Home) {
    let folder = home.path().join(".cline/data/sessions/1788500000000_c1");
    let mut at = 1_788_500_000_000;
    for (name, agent) in [("1788500000000_c1", "lead"), ("1788500000000_helper", "subagent")] {
        let mut messages = vec![json!({"id": "m0", "role": "user", "content": "\"metrics\"", "ts": at})];
        for (provider, model, truth) in [
            ("moonshot", "kimi-k3", Some(false)),
            ("openrouter", "moonshotai/kimi-k3", Some(true)),
            ("anthropic", "claude-opus-5", None),
        ] {
            at += 1000;
            let tokens = home.random.tokens();
            let input = tokens.input + tokens.cache_read + tokens.cache_write;
            messages.push(json!({"id": format!("m{at}"), "role": "assistant", "ts": at, "content": [{"type": "text", "text": "]}\""}],
                "modelInfo": {"id": model, "provider": provider}, "metrics": {"inputTokens": input, "outputTokens": tokens.output,
                "cacheReadTokens": tokens.cache_read, "cacheWriteTokens": tokens.cache_write, "cost": 0.1}}));
            if let Some(third) = truth {
                let (session, project) = (name.to_owned(), Some("/work/raft".to_owned()));
                home.truth.push(Use { at, model: "kimi-k3".to_owned(), third, project, session, tokens });
            }
        }
        messages.push(json!({"id": "m9", "role": "assistant", "ts": at, "content": [], "metadata": {"displayOnly": true}}));
        let document = json!({"version": 1, "agent": agent, "sessionId": name, "messages": messages});
        home.append(
            &folder.join(format!("{name}.messages.json")),
            serde_json::to_string_pretty(&document).unwrap().as_bytes(),
        );
        fs::write(folder.join(format!("{name}.json")), json!({"cwd": "/work/raft"}).to_string()).unwrap();
    }
}
