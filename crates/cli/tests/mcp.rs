//! `tidemark mcp`: the real program over its standard streams, asked by the client of the protocol's own authors.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Home, Service, add, home};
use rmcp::model::{CallToolRequestParams, CallToolResponse, ReadResourceRequestParams, ResourceContents};
use rmcp::service::{RoleClient, RunningService, ServiceExt as _};
use rmcp::transport::TokioChildProcess;
use serde_json::{Map, Value, json};
use tidemark_core::Meter;

type Client = RunningService<RoleClient, ()>;

/// A program that answers, and the client that asks it.
struct Asking {
    client: Client,
    runtime: tokio::runtime::Runtime,
}

/// What a tool answered.
#[derive(Debug)]
struct Answer {
    is_error: bool,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        assert!(!self.is_error, "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    fn notes(&self) -> String {
        self.json()["notes"].to_string()
    }
}

impl Asking {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let command = home.command(&[arguments, &["mcp"]].concat());
        let client = runtime.block_on(async {
            ().serve(TokioChildProcess::new(tokio::process::Command::from(command)).unwrap()).await.unwrap()
        });
        Self { client, runtime }
    }

    fn call(&self, tool: &str, arguments: Value) -> Answer {
        self.try_call(tool, arguments).unwrap()
    }

    fn try_call(&self, tool: &str, arguments: Value) -> Result<Answer, String> {
        let Value::Object(arguments) = arguments else { panic!("{arguments}") };
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let answered = self.runtime.block_on(self.client.call_tool(request));
        let CallToolResponse::Complete(result) = answered.map_err(|error| error.to_string())?.into() else {
            panic!("it asked back")
        };
        let text = result.content.iter().filter_map(|block| block.as_text()).map(|text| text.text.clone());
        let text: String = text.collect();
        assert!(text.len() < 100_000, "{} bytes", text.len());
        if let Some(structured) = &result.structured_content {
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), *structured);
        }
        Ok(Answer { is_error: result.is_error == Some(true), text })
    }

    fn read(&self, address: &str) -> Result<Value, String> {
        let request = ReadResourceRequestParams::new(address);
        let read = self.runtime.block_on(self.client.read_resource(request));
        let contents = read.map_err(|error| error.to_string())?.contents;
        let [ResourceContents::TextResourceContents { text, .. }] = contents.as_slice() else {
            panic!("{contents:?}")
        };
        Ok(serde_json::from_str(text).unwrap())
    }

    fn resources(&self) -> Vec<(String, String)> {
        let listed = self.runtime.block_on(self.client.list_all_resources()).unwrap();
        listed.into_iter().map(|one| (one.uri, one.name)).collect()
    }

    fn end(self) {
        self.runtime.block_on(self.client.cancel()).unwrap();
    }
}

#[test]
fn the_tools_are_listed_and_change_nothing() {
    let home = Home::new();
    for (language, word) in [("en", "quota"), ("zh-CN", "额度")] {
        let asking = Asking::start(&home, &["--lang", language]);
        let tools = asking.runtime.block_on(asking.client.list_all_tools()).unwrap();
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
        assert_eq!(
            names,
            ["get_quota", "will_it_last", "get_usage", "get_history", "get_findings", "explain_error"]
        );
        for tool in &tools {
            let annotations = tool.annotations.as_ref().unwrap();
            assert_eq!((annotations.read_only_hint, annotations.open_world_hint), (Some(true), Some(false)));
            assert_eq!(tool.input_schema["type"], "object");
        }
        assert!(tools[0].description.as_ref().unwrap().contains(word), "{:?}", tools[0]);
        let server = asking.client.peer_info().unwrap();
        assert_eq!(server.server_info.as_ref().unwrap().name, "tidemark");
        assert!(server.instructions.as_ref().unwrap().contains("explain_error"));
        asking.end();
    }
    assert!(!home.data_dir().exists(), "answering makes no folder");
}

#[test]
fn without_a_history_everything_is_unknown_and_nothing_is_zero() {
    let home = Home::new();
    let asking = Asking::start(&home, &[]);
    for (tool, rows) in [
        ("get_quota", "accounts"),
        ("will_it_last", "accounts"),
        ("get_history", "rows"),
        ("get_findings", "findings"),
        ("get_usage", "rows"),
    ] {
        let answer = asking.call(tool, json!({}));
        assert_eq!(answer.json()[rows], json!([]), "{tool}");
    }
    assert!(asking.call("get_quota", json!({})).notes().contains("No accounts"));
    assert!(asking.resources().is_empty());
    // An error is explained without a history.
    let explained = asking.call(
        "explain_error",
        json!({"text": "Error code: 401 - {\"error\":{\"type\":\"invalid_authentication_error\"}}"}),
    );
    assert_eq!(explained.json()["kind"], "unauthorized");
    asking.end();
}

#[test]
fn what_was_read_is_answered_with_its_age_and_as_unknown_where_it_is() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work & play").status, 0);
    service.running().spend("work", Meter::FiveHour, 40.into()).unwrap();
    let asking = Asking::start(&home, &[]);
    let before = asking.call("get_quota", json!({}));
    assert_eq!(before.json()["accounts"][0]["quotas"], Value::Null, "it was never read");
    assert!(before.notes().contains("Work & play has not been read"), "{}", before.text);

    assert_eq!(home.run_ago(&service, 3600, &["poll"]).status, 0);
    let answer = asking.call("get_quota", json!({"account": "Work & play"}));
    let account = &answer.json()["accounts"][0];
    let five_hours =
        &account["quotas"].as_array().unwrap().iter().find(|one| one["quota"] == "5h").unwrap().clone();
    let used = five_hours["used_percent"].as_f64().unwrap();
    assert!((39.0..42.0).contains(&used), "{five_hours}");
    assert!((five_hours["left_percent"].as_f64().unwrap() - (100.0 - used)).abs() < 1e-9);
    assert!(account["age_seconds"].as_i64().unwrap() >= 3600, "{account}");
    assert_eq!((&account["is_stale"], &account["state"]), (&json!(true), &json!("stale")));
    assert!(answer.notes().contains("1 h"), "{}", answer.notes());

    // Nothing is known of how it is used.
    let lasts = asking.call("will_it_last", json!({"quota": "5h"})).json();
    let quota = &lasts["accounts"][0]["quotas"][0];
    assert_eq!(
        (&quota["quota"], &quota["lasts"], &quota["is_estimate"]),
        (&json!("5h"), &Value::Null, &json!(false))
    );
    assert!(quota["unknown_because"].is_string(), "{quota}");

    let history = asking.call("get_history", json!({"by": "hour"})).json();
    assert_eq!(history["timezone"], "UTC");
    for row in history["rows"].as_array().unwrap() {
        assert!(row.get("deducted").is_none() && row.get("deducted_percent").is_some(), "{row}");
    }

    // The account is a resource, whatever its name is made of.
    let [(address, name)] = &asking.resources()[..] else { panic!("one account") };
    assert_eq!((address.as_str(), name.as_str()), ("tidemark://account/Work%20%26%20play", "Work & play"));
    assert_eq!(asking.read(address).unwrap()["accounts"][0]["account"], "Work & play");
    for wrong in ["tidemark://account/Other", "file:///etc/passwd"] {
        assert!(asking.read(wrong).is_err(), "{wrong}");
    }
    asking.end();
}

#[test]
fn wrong_questions_are_answered_with_what_is_wrong() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    let asking = Asking::start(&home, &[]);
    for (tool, arguments, said) in [
        ("get_quota", json!({"account": "Other"}), "Other"),
        ("get_quota", json!({"acount": "Work"}), "acount"),
        ("get_history", json!({"by": "year"}), "hour | day | month"),
        ("get_history", json!({"from": "yesterday"}), "yesterday"),
        ("get_findings", json!({"from": "2026-11-02", "to": "2026-10-01"}), ""),
        ("explain_error", json!({}), "text"),
    ] {
        let answer = asking.call(tool, arguments.clone());
        assert!(answer.is_error && answer.text.contains(said), "{tool} {arguments}: {answer:?}");
    }
    assert!(asking.try_call("set_quota", json!({})).is_err());
    // It goes on answering.
    assert!(!asking.call("get_quota", json!({})).is_error);
    asking.end();
}

#[test]
fn an_error_is_explained_with_when_to_go_on() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    assert_eq!(home.run(&["poll"]).status, 0);
    let asking = Asking::start(&home, &[]);
    let explain = |arguments: Value| asking.call("explain_error", arguments).json();
    let overloaded = json!({"text": r#"{"error":{"type":"engine_overloaded_error","message":"The engine is currently overloaded, please try again later"}}"#,
        "status": 429, "retry_after": "30"});
    let rate = json!({"text": "Error code: 429 - {\"error\":{\"type\":\"rate_limit_reached_error\",\"message\":\"Your account org-7 reached max RPM: 20, please try again after 1 seconds\"}}"});
    let window = json!({"text": "403 {\"error\":{\"message\":\"You've reached your 5-hour usage limit. It will reset soon.\"}}", "source": "kimi-code"});
    let money = json!({"text": "{\"error\":{\"type\":\"exceeded_current_quota_error\",\"message\":\"Your account is not active, current state: suspended, please check your plan and billing details\"}}"});
    for (arguments, kind, wait, resets) in [
        (overloaded, "overloaded", json!(30), false),
        (rate, "rate-limited", json!(1), false),
        (window, "window-exhausted", Value::Null, true),
        (money, "out-of-balance", Value::Null, false),
        (json!({"text": "something odd"}), "unknown", Value::Null, false),
    ] {
        let answer = explain(arguments.clone());
        assert_eq!((&answer["kind"], &answer["wait_seconds"]), (&json!(kind), &wait), "{arguments} {answer}");
        assert_eq!(answer["wait_until"].is_string(), wait != Value::Null, "{answer}");
        assert_eq!(answer["resets"].as_array().is_some_and(|all| !all.is_empty()), resets, "{answer}");
        assert!(answer["advice"].as_str().unwrap().len() > 20, "{answer}");
    }
    asking.end();
}

#[test]
fn no_key_is_in_any_answer() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    assert_eq!(home.run(&["poll"]).status, 0);
    let key = service.running().key("work").unwrap();
    let asking = Asking::start(&home, &[]);
    let pasted = format!("Error code: 401 - {{\"error\":{{\"message\":\"The key {key} is not valid\"}}}}");
    let questions = [
        ("get_quota", json!({})),
        ("will_it_last", json!({})),
        ("get_usage", json!({})),
        ("get_history", json!({})),
        ("get_findings", json!({})),
        ("explain_error", json!({"text": pasted})),
        ("explain_error", json!({"text": key})),
    ];
    for (tool, arguments) in questions {
        let answer = asking.call(tool, arguments);
        assert!(!answer.text.contains(&key), "{tool}: {}", answer.text);
    }
    asking.end();
}

#[test]
fn answers_are_bounded_and_say_what_they_left_out() {
    // Named, since on Windows no variable says where the user's home folder is.
    let logs = tempfile::tempdir().unwrap();
    let home = Home::new().with("KIMI_CODE_HOME", logs.path().to_str().unwrap());
    let session = logs.path().join("sessions/wd_boat_0123456789ab/session_7/agents/main");
    std::fs::create_dir_all(&session).unwrap();
    let now = chrono::Utc::now();
    let lines: Vec<String> = (0..25)
        .map(|day| {
            let time = (now - chrono::TimeDelta::days(day)).timestamp_millis();
            json!({"type": "usage.record", "model": "kimi-code/k3", "usageScope": "turn", "time": time,
                   "usage": {"inputOther": 1000, "output": 500, "inputCacheRead": 9000}})
            .to_string()
        })
        .collect();
    std::fs::write(session.join("wire.jsonl"), lines.join("\n")).unwrap();
    let asking = Asking::start(&home, &[]);
    let answer = asking.call("get_usage", json!({"limit": 3}));
    let rows = answer.json()["rows"].as_array().unwrap().clone();
    let days: Vec<_> = rows.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect();
    assert_eq!(days.len(), 3);
    assert_eq!(days[2], now.format("%Y-%m-%d").to_string(), "the newest stay");
    assert!(answer.notes().contains("22 rows"), "{}", answer.notes());
    assert_eq!(answer.json()["totals"]["output_tokens"], 12_500, "the totals are of all");
    let row: &Map<String, Value> = rows[0].as_object().unwrap();
    assert_eq!((row["input_tokens"].as_u64(), row["cost"]["estimated"].as_bool()), (Some(1000), Some(true)));
    asking.end();
}

#[test]
fn it_ends_with_its_input() {
    let home = Home::new();
    for input in [&b""[..], b"no protocol\n", b"{}\n"] {
        let ended = home.run_with(&["mcp"], input);
        assert!(ended.out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{ended:?}");
        assert_eq!(ended.status, 0, "{ended:?}");
    }
}
