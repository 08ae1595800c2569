//! Traps in the logs of Qwen Code.

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use tidemark_core::Tokens;

use crate::home::{Home, Use};

fn time(at: i64) -> String {
    DateTime::from_timestamp_millis(at).unwrap().to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn configure(home: &Home) {
    let settings = r#"{"env":{"OPENAI_BASE_URL":"https://api.moonshot.ai/v1","OPENAI_API_KEY":"sk-made-up"},
        "modelProviders":{"openai":[{"id":"kimi-k2.6","baseUrl":"https://gpu.example.net/v1"}]}}"#;
    fs::create_dir_all(home.path().join(".qwen")).unwrap();
    fs::write(home.path().join(".qwen/settings.json"), settings).unwrap();
}

fn chat(home: &Home, session: &str) -> PathBuf {
    home.path().join(format!(".qwen/projects/-work-kayak/chats/{session}.jsonl"))
}

fn usage(tokens: Tokens, thought: u64, beside: bool) -> Value {
    let (prompt, answer) =
        (tokens.input + tokens.cache_read, if beside { tokens.output - thought } else { tokens.output });
    json!({"promptTokenCount": prompt, "candidatesTokenCount": answer, "thoughtsTokenCount": thought,
           "totalTokenCount": prompt + tokens.output, "cachedContentTokenCount": tokens.cache_read})
}

fn answer(session: &str, number: &str, at: i64, model: &str, usage: &Value) -> Value {
    json!({"uuid": number, "parentUuid": null, "sessionId": session, "timestamp": time(at), "type": "assistant",
        "cwd": "/work/kayak", "version": "0.30.0", "model": model,
        "message": {"role": "model", "parts": [{"text": "\"usageMetadata\""}]}, "usageMetadata": usage})
}

fn tokens(home: &mut Home) -> Tokens {
    Tokens { cache_write: 0, ..home.random.tokens() }
}

fn truth(home: &mut Home, at: i64, model: &str, third: bool, session: &str, tokens: Tokens) {
    let (model, session) = (model.to_owned(), session.to_owned());
    home.truth.push(Use { at, model, third, project: Some("/work/kayak".to_owned()), session, tokens });
}

/// Branches that copy records, telemetry that repeats them, and thoughts within and beside the answer.
pub(super) fn branches(home: &mut Home) {
    configure(home);
    let mut lines = Vec::new();
    for number in 0..6_u64 {
        let (at, tokens) = (home.moment(), tokens(home));
        let thought = if number < 2 { 0 } else { tokens.output / 2 };
        let usage = usage(tokens, thought, number >= 4);
        lines.push(answer("q-first", &format!("uuid-{number}"), at, "kimi-k3", &usage));
        let event = json!({"event.name": "qwen-code.api_response", "model": "kimi-k3", "input_token_count": tokens.input,
            "usageMetadata": usage});
        lines.push(json!({"uuid": format!("t-{number}"), "sessionId": "q-first", "timestamp": time(at), "type": "system",
            "subtype": "ui_telemetry", "systemPayload": {"uiEvent": event}}));
        truth(home, at, "kimi-k3", false, "q-first", tokens);
    }
    for line in &lines {
        home.line(&chat(home, "q-first"), line);
    }
    for line in &mut lines {
        line["sessionId"] = json!("q-second");
        line["forkedFrom"] = json!({"sessionId": "q-first", "messageUuid": line["uuid"]});
        home.line(&chat(home, "q-second"), line);
    }
    let (at, used) = (home.moment(), tokens(home));
    home.line(&chat(home, "q-second"), &answer("q-second", "uuid-9", at, "kimi-k3", &usage(used, 0, false)));
    truth(home, at, "kimi-k3", false, "q-second", used);
}

/// Whose: by the model's provider, by the session's address, by the model.
pub(super) fn providers(home: &mut Home) {
    configure(home);
    let path = chat(home, "q-whose");
    let mut number = 100;
    let mut used = |home: &mut Home, model: &str, party: Option<bool>| {
        number += 1;
        let (at, used) = (home.moment(), tokens(home));
        home.line(&path, &answer("q-whose", &format!("uuid-{number}"), at, model, &usage(used, 0, false)));
        if let Some(third) = party {
            truth(home, at, model, third, "q-whose", used);
        }
    };
    used(home, "kimi-k3", Some(false));
    used(home, "kimi-k2.6", Some(true));
    // What is set for all models is not asked by those that sign in elsewhere.
    used(home, "coder-model", None);
    let address = |address: &str| {
        json!({"type": "system", "subtype": "session_model", "uuid": address, "sessionId": "q-whose",
            "systemPayload": {"modelId": "kimi-k3", "authType": "openai", "baseUrl": address}})
    };
    home.line(&chat(home, "q-whose"), &address("https://relay.example.org/v1"));
    used(home, "kimi-k3", Some(true));
    used(home, "qwen4-coder", None);
    home.line(&chat(home, "q-whose"), &address("https://api.kimi.com/coding/v1"));
    used(home, "kimi-k2.6", Some(false));
}

/// Lines that are torn or no JSON, and one with no time.
pub(super) fn torn(home: &mut Home) {
    configure(home);
    let path = chat(home, "q-torn");
    let one = |home: &mut Home, number: &str| {
        let (at, used) = (home.moment(), tokens(home));
        home.line(&path, &answer("q-torn", number, at, "kimi-k3", &usage(used, 0, false)));
        truth(home, at, "kimi-k3", false, "q-torn", used);
        at
    };
    one(home, "uuid-t1");
    home.append(&path, b"{\"uuid\":\"x\",\"type\":\"assistant\",\"usageMetadata\":{\"promptTok");
    home.skipped += 1;
    let at = one(home, "uuid-t2");
    home.append(&path, b"{\"uuid\":\n");
    home.skipped += 1;
    let used = tokens(home);
    let mut untimed = answer("q-torn", "uuid-t3", at, "kimi-k3", &usage(used, 0, false));
    untimed["timestamp"] = Value::Null;
    home.line(&path, &untimed);
    truth(home, at, "kimi-k3", false, "q-torn", used);
}
