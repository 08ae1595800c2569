//! Accounts, polling and the recorded history, through the built program and a simulated service.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Home, Service, add, home, kind};
use serde_json::Value;
use tidemark_core::Meter;
use tidemark_simulator::{FaultOrder, Refusal};

#[test]
fn nothing_stored_is_nothing_and_no_error() {
    let home = Home::new();
    assert_eq!(home.run(&["status", "--json"]).json()["accounts"], serde_json::json!([]));
    assert_eq!(home.run(&["history", "--by", "day", "--json"]).json()["rows"], serde_json::json!([]));
    assert_eq!(home.run(&["account", "list", "--json"]).json()["accounts"], serde_json::json!([]));
    for quiet in [&["findings", "--json"][..], &["export", "--format", "jsonl"]] {
        let ended = home.run(quiet);
        assert_eq!((ended.status, ended.out.as_str()), (0, ""));
    }
    assert_eq!(home.run(&["export", "--format", "json"]).json(), serde_json::json!([]));
    assert!(!home.data_dir().exists(), "looking makes no folder");
    assert_eq!(kind(&home.run(&["--json", "account", "remove", "x"])), "no-such-account");
}

#[test]
fn an_account_from_its_first_day_to_its_last() {
    let service = Service::code();
    let home = home(&service, "work");
    let added = add(&home, &service, "work", "Work");
    assert_eq!((added.status, added.json()["added"].as_str()), (0, Some("Work")), "{}", added.err);
    assert!(service.running().requests().is_empty(), "adding asks nobody");
    let taken = add(&home, &service, "work", "Work");
    assert_eq!((taken.status, kind(&taken).as_str()), (1, "name-taken"));

    let listed = home.run(&["account", "list", "--json"]).json();
    let listed = &listed["accounts"][0];
    assert_eq!((listed["name"].as_str(), listed["credential"].as_str()), (Some("Work"), Some("environment")));
    assert_eq!(listed["credential_detail"], "A_KEY");
    assert_eq!(home.run(&["status", "--json"]).json()["accounts"][0]["state"], "waiting");

    service.running().spend("work", Meter::FiveHour, 10.into()).unwrap();
    let first = home.run_ago(&service, 30, &["poll", "--json"]);
    assert_eq!(first.status, 0, "{}", first.err);
    let lines = first.lines();
    assert_eq!((lines[0]["type"].as_str(), lines[0]["account"].as_str()), (Some("reading"), Some("Work")));
    let used = |line: &Value| line["meters"][0]["used_percent"].as_f64().unwrap();
    service.running().spend("work", Meter::FiveHour, 25.into()).unwrap();
    let second = home.run(&["poll", "--json"]).lines();
    let spent = used(&second[0]) - used(&lines[0]);
    assert!((24.0..26.0).contains(&spent), "{spent}");
    let test = home.run(&["account", "test", "Work", "--json"]);
    assert_eq!((test.status, test.json()), (0, second[0].clone()), "what was seen just now");

    let status = home.run(&["status", "--json"]).json();
    let account = &status["accounts"][0];
    assert_eq!(
        (account["state"].as_str(), account["plan"].as_str()),
        (Some("live"), lines[0]["plan"].as_str())
    );
    assert_eq!(account["meters"][0]["used_percent"], second[0]["meters"][0]["used_percent"]);
    let age = account["meters"][0]["age_seconds"].as_i64().unwrap();
    assert!((0..60).contains(&age), "{age}");
    let line = home.run(&["status", "--line"]);
    assert!(line.out.starts_with("5-hour ") && line.out.lines().count() == 1, "{}", line.out);

    let history = home.run(&["history", "--by", "day", "--json", "--timezone", "Asia/Shanghai"]).json();
    assert_eq!((history["by"].as_str(), history["timezone"].as_str()), (Some("day"), Some("Asia/Shanghai")));
    // A day may have turned between the two polls; the sum stands all the same.
    let rows = history["rows"].as_array().unwrap();
    let of_meter = rows.iter().filter(|row| row["meter"] == "5h" && row["account"] == "Work");
    let deducted: f64 = of_meter.filter_map(|row| row["deducted"].as_f64()).sum();
    assert!((deducted - spent).abs() < 1e-6, "{deducted} instead of {spent}");
    let csv = home.run(&["history", "--by", "hour", "--csv"]).out;
    assert!(csv.starts_with("key,start,end,account,series,") && csv.contains(",Work,5h,percent,"), "{csv}");

    let exported = home.run(&["export", "--format", "jsonl"]).lines();
    assert_eq!(exported, [lines[0].clone(), second[0].clone()], "what was printed is what is exported");
    let array = home.run(&["export", "--format", "json"]).json();
    assert_eq!(array.as_array(), Some(&exported));
    assert_eq!(home.run(&["export", "--format", "jsonl", "--to", "2020-01-01"]).out, "");

    assert_eq!(home.run(&["account", "rename", "Work", "Day job"]).status, 0);
    assert_eq!(home.run(&["export", "--format", "jsonl"]).lines()[0]["account"], "Day job");
    assert_eq!(home.run(&["account", "remove", "Day job"]).status, 0);
    assert_eq!(home.run(&["export", "--format", "jsonl"]).out, "", "its history goes with it");
}

#[test]
fn a_poll_that_fails_says_how_and_status_remembers() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    service.running().fault(FaultOrder::refuse(Refusal::WrongKey).times(2)).unwrap();
    let refused = home.run_ago(&service, 60, &["poll", "--json"]);
    assert_eq!(refused.status, 3, "{}", refused.out);
    let lines = refused.lines();
    assert_eq!((lines.len(), lines[0]["kind"].as_str()), (2, Some("unauthorized")));
    assert!(lines[0]["message"].as_str().is_some_and(|message| !message.is_empty()), "{}", lines[0]);
    assert_eq!(lines[1]["error"]["kind"], "unauthorized");
    assert_eq!(lines[1]["error"]["retry_after_seconds"], Value::Null);
    let account = home.run(&["status", "--json"]).json()["accounts"][0].clone();
    assert_eq!(
        (account["state"].as_str(), account["failure"]["status"].as_u64()),
        (Some("refused"), Some(401))
    );
    service.running().clear_faults();
    assert_eq!(home.run_ago(&service, 30, &["poll", "--json"]).status, 0);
    assert_eq!(home.run(&["status", "--json"]).json()["accounts"][0]["state"], "live");

    service.running().fault(FaultOrder::refuse(Refusal::Overloaded { retry_after: 300 })).unwrap();
    let limited = home.run(&["poll", "--json"]);
    assert_eq!(limited.status, 4);
    let lines = limited.lines();
    assert_eq!(lines[0]["retry_after_seconds"], 300);
    assert_eq!(
        (&lines[1]["error"]["kind"], &lines[1]["error"]["retry_after_seconds"]),
        (&"overloaded".into(), &300.into())
    );
    let asked = service.running().requests().len();
    let left = home.run(&["poll", "--json"]);
    assert_eq!(left.status, 4, "it is left alone as the service asked");
    assert!(left.err.contains("Work"), "{}", left.err);
    let error = &left.json()["error"];
    assert_eq!(error["kind"], "overloaded", "{error}");
    assert!((1..=300).contains(&error["retry_after_seconds"].as_u64().unwrap()), "{error}");
    assert_eq!(service.running().requests().len(), asked, "also by another process");
}

#[test]
fn money_is_money_in_the_history() {
    let service = Service::platform();
    let home = home(&service, "api");
    assert_eq!(add(&home, &service, "api", "API").status, 0);
    assert_eq!(home.run_ago(&service, 30, &["poll"]).status, 0);
    let event = tidemark_simulator::Event::SpendMoney { amount: "1.25".parse().unwrap() };
    service.running().event("api", &event).unwrap();
    assert_eq!(home.run(&["poll"]).status, 0);
    let history = home.run(&["history", "--by", "month", "--json"]).json();
    let rows = history["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["of"] == "balance").unwrap();
    assert_eq!(row["deducted"], serde_json::json!({"amount": "1.25", "currency": "USD"}));
    assert_eq!(row["currency"], "USD");
    assert!(row.get("meter").is_none());
}

#[test]
fn a_key_on_standard_input_is_one_word_or_nothing_is_done() {
    let home = Home::new();
    let add = |stdin: &[u8]| {
        home.run_with(
            &["--json", "account", "add", "X", "--source", "platform", "--region", "china", "--key-stdin"],
            stdin,
        )
    };
    for bad in [&b""[..], b"\n", b"sk-one\nsk-two\n", b"\xff\xfe"] {
        assert_eq!(add(bad).status, 2);
    }
    assert!(!home.data_dir().exists());
    if cfg!(windows) {
        return; // there is always a keyring, and it is the user's own
    }
    // There is no keyring here: it must say so, and keep neither the account nor the key anywhere.
    let ended = add(b"sk-canary0123456789\n");
    assert_eq!(ended.status, 1, "{}", ended.out);
    assert!(kind(&ended).starts_with("keyring-"), "{}", ended.out);
    assert_eq!(home.run(&["account", "list", "--json"]).json()["accounts"], serde_json::json!([]));
    for entry in std::fs::read_dir(home.data_dir()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(6).any(|part| part == b"canary"));
    }
}

#[test]
fn a_poll_that_fails_in_part_says_which_and_why_and_ends_with_the_error() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    let account = service.running().account("work").unwrap();
    let mut arguments = vec!["account", "add", "Night", "--source", "kimi-code", "--region"];
    arguments.extend([account.region.as_str(), "--base-url", &account.base_url, "--key-env", "NO_SUCH_KEY"]);
    assert_eq!(home.run(&arguments).status, 0);
    let ended = home.run(&["poll", "--json"]);
    assert_eq!(ended.status, 1, "{}", ended.out);
    let lines = ended.lines();
    let failure = lines.iter().find(|line| line["type"] == "failure").unwrap();
    assert_eq!(
        (failure["account"].as_str(), failure["kind"].as_str()),
        (Some("Night"), Some("key-unavailable"))
    );
    assert!(failure["message"].as_str().unwrap().contains("NO_SUCH_KEY"), "{failure}");
    assert!(lines.iter().any(|line| line["type"] == "reading"));
    let error = &lines.last().unwrap()["error"];
    assert_eq!(error["kind"], "key-unavailable");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("Night") && message.contains("NO_SUCH_KEY"), "{message}");
}

#[test]
fn a_replay_that_fails_ends_with_the_error() {
    let home = Home::new();
    let missing = home.run(&["replay", "--json", "/nonexistent/history.jsonl"]);
    assert_eq!((missing.status, kind(&missing).as_str()), (1, "io"));
    assert!(missing.out.contains("/nonexistent/history.jsonl"), "{}", missing.out);
    let for_people = home.run(&["replay", "/nonexistent/history.jsonl"]);
    assert_eq!(
        (for_people.status, for_people.out.as_str()),
        (1, ""),
        "nothing was read, so nothing is said of it"
    );
    let reading = |minute: u8, plan: &str| {
        format!(
            r#"{{"type":"reading","at":"2026-10-01T00:0{minute}:00Z","source":"kimi-code","region":"china","plan":"{plan}","meters":[{{"meter":"week","used_percent":5.0,"resets_at":"2026-10-08T00:00:00Z"}},{{"meter":"fortnight","used_percent":5.0}}]}}"#
        )
    };
    // A window that this version does not know costs itself, not the reading.
    let text = reading(0, "Basic") + "\n" + &reading(5, "Pro") + "\n";
    let kept = home.run_with(&["replay", "--json"], text.as_bytes());
    assert_eq!(kept.status, 0, "{}", kept.err);
    assert!(kept.err.contains("fortnight"), "{}", kept.err);
    assert!(kept.lines().iter().any(|line| line["kind"] == "plan-change"), "{}", kept.out);
    // What is no line at all makes it fail, behind the findings.
    let junk = home.run_with(&["replay", "--json"], (text + "nonsense\n").as_bytes());
    assert_eq!(junk.status, 6, "not understood");
    assert_eq!(home.run_with(&["replay"], b"nonsense\n").status, 6);
    let lines = junk.lines();
    assert!(lines.len() >= 2 && lines[0]["type"] == "finding", "{}", junk.out);
    let error = &lines.last().unwrap()["error"];
    assert_eq!(error["kind"], "not-understood");
    assert!(error["message"].as_str().unwrap().contains("standard input:3"), "{error}");
}

#[cfg(not(windows))] // where there is always a keyring, the user's own
#[test]
fn a_key_can_be_kept_in_the_encrypted_file_without_a_keyring() {
    let service = Service::platform();
    let account = service.running().account("api").unwrap();
    let key = service.running().key("api").unwrap();
    let home = Home::new().with("WORDS", "five quiet boats at dawn").with("OTHER", "not these words");
    let add = |place: &[&str]| {
        let mut arguments = vec!["--json", "account", "add", "API", "--source", "platform", "--region"];
        arguments.extend([account.region.as_str(), "--base-url", &account.base_url, "--key-stdin"]);
        arguments.extend(place);
        home.run_with(&arguments, key.as_bytes())
    };
    let refused = add(&[]);
    assert!(
        refused.out.contains("--keep encrypted-file") && refused.out.contains("--key-env"),
        "{}",
        refused.out
    );
    let without = add(&["--keep", "encrypted-file"]);
    assert_eq!((without.status, kind(&without).as_str()), (2, "usage"), "{}", without.out);
    let kept = add(&["--keep", "encrypted-file", "--passphrase-env", "WORDS"]);
    assert_eq!(kept.status, 0, "{}{}", kept.out, kept.err);
    assert_eq!(
        home.run(&["account", "list", "--json"]).json()["accounts"][0]["credential"],
        "encrypted-file"
    );
    let file = std::fs::read(home.data_dir().join("keys.age")).unwrap();
    assert!(!file.windows(key.len()).any(|part| part == key.as_bytes()));

    let locked = home.run(&["poll", "--json"]);
    assert_eq!(locked.status, 1);
    assert!(locked.lines()[0]["message"].as_str().unwrap().contains("passphrase"), "{}", locked.out);
    // Without a terminal there is nothing to type into: what helps is the option.
    for (language, advice) in [("en", "with --passphrase-env"), ("zh-CN", "--passphrase-env")] {
        let people = home.run(&["poll", "--lang", language]);
        let said = format!("{}{}", people.out, people.err);
        assert!(said.contains(advice), "{said}");
    }
    let wrong = home.run(&["poll", "--json", "--passphrase-env", "OTHER"]);
    assert_eq!((wrong.status, kind(&wrong).as_str()), (1, "wrong-passphrase"));
    let read = home.run(&["poll", "--json", "--passphrase-env", "WORDS"]);
    assert_eq!((read.status, read.lines()[0]["account"].as_str()), (0, Some("API")), "{}", read.out);
    let test = home.run(&["account", "test", "API", "--json", "--passphrase-env", "WORDS"]);
    assert_eq!(test.status, 0, "{}", test.out);

    let remove = |more: &[&str]| home.run(&[&["account", "remove", "API", "--json"], more].concat());
    let locked = remove(&[]);
    assert_eq!((locked.status, kind(&locked).as_str()), (1, "file-locked"));
    let removed = remove(&["--passphrase-env", "WORDS"]);
    assert_eq!((removed.status, &removed.json()["key_removed"]), (0, &true.into()), "{}", removed.out);
    assert_eq!(home.run(&["account", "list", "--json"]).json()["accounts"], serde_json::json!([]));
}

#[cfg(not(windows))]
/// Leaves what a running Kimi Code that is signed in to an account leaves in its folder.
fn run_kimi_code(home: &Home, service: &Service, account: &str) {
    let folder = home.data_dir().parent().unwrap().join(".kimi-code");
    std::fs::create_dir_all(folder.join("server/instances")).unwrap();
    let token = service.running().key(account).unwrap();
    let written = tidemark_files::private::replace(&folder.join("server.token"), |file| {
        file.write_all(token.as_bytes())
    });
    written.unwrap();
    let url = service.running().url();
    let port = url.rsplit(':').next().unwrap().trim_end_matches('/');
    let instance = format!(
        r#"{{"server_id":"a","pid":{},"host":"127.0.0.1","port":{port},"started_at":1,"heartbeat_at":1}}"#,
        std::process::id()
    );
    std::fs::write(folder.join("server/instances/a.json"), instance).unwrap();
}

#[cfg(not(windows))] // where no variable moves the user's folder; `tidemark-monitor` tries it there
#[test]
fn the_server_of_kimi_code_needs_no_key() {
    let service = Service::code();
    let home = Home::new();
    let read = ["read", "--source", "kimi-code", "--region", "china", "--local-server", "--json"];
    let ended = home.run(&read);
    assert_eq!((ended.status, kind(&ended).as_str()), (5, "server-not-running"));
    let ended = home.run(&read[..6]);
    assert!(ended.err.contains("Kimi Code’s local server is not running"), "{}", ended.err);
    assert!(ended.err.contains("Start Kimi Code, then run the command again."), "{}", ended.err);

    run_kimi_code(&home, &service, "work");
    let ended = home.run(&read);
    assert_eq!((ended.status, ended.err.as_str()), (0, ""), "{}", ended.out);
    assert_eq!(ended.json()["meters"][0]["meter"], "5h");
    assert!(!home.data_dir().exists(), "nothing is stored");

    let add = ["account", "add", "Desk", "--source", "kimi-code", "--region", "china", "--local-server"];
    assert_eq!(home.run(&add).status, 0);
    let listed = home.run(&["account", "list", "--json"]).json();
    assert_eq!(listed["accounts"][0]["credential"], "kimi-code-server");
    assert_eq!(listed["accounts"][0]["base_url"], "http://127.0.0.1");
    let listed = home.run(&["account", "list"]).out;
    assert!(listed.contains("Kimi Code’s local server"), "{listed}");
    let tested = home.run(&["account", "test", "Desk", "--json"]);
    assert_eq!(tested.status, 0, "{} {}", tested.out, tested.err);
    assert_eq!(tested.json()["account"], "Desk");
    // The token is in no file of ours.
    let token = service.running().key("work").unwrap();
    for entry in std::fs::read_dir(home.data_dir()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()));
    }
    assert_eq!(home.run(&["account", "remove", "Desk"]).status, 0);
}

#[test]
fn the_server_of_kimi_code_goes_with_no_other_option() {
    let home = Home::new();
    for more in [
        &["--source", "platform", "--region", "china", "--local-server"][..],
        &["--source", "kimi-code", "--region", "china", "--local-server", "--key-env", "A_KEY"],
        &[
            "--source",
            "kimi-code",
            "--region",
            "china",
            "--local-server",
            "--base-url",
            "https://example.org/v1",
        ],
    ] {
        for command in [&["read"][..], &["account", "add", "Desk"]] {
            let arguments: Vec<&str> = command.iter().chain(more).copied().collect();
            let ended = home.run(&arguments);
            assert_eq!(ended.status, 2, "{arguments:?} {} {}", ended.out, ended.err);
        }
    }
}
