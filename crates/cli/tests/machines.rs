//! Other machines, as a person meets them on the command line: two homes that share a folder.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{Ended, Home, kind};
use serde_json::{Value, json};

/// A home of a name, with as many requests in its logs as are named. The same number is the same request.
fn named(name: &str, requests: std::ops::Range<i64>) -> Home {
    let home = Home::new().with("FOLDER_PASSPHRASE", "four random words here");
    let session = file_in(&home, ".kimi-code/sessions/wd_boat_0123456789ab/session_1/agents/main");
    fs::create_dir_all(&session).unwrap();
    let record = |number: i64| {
        json!({
            "type": "usage.record", "model": "kimi-code/k3", "usageScope": "turn",
            "time": 1_780_000_000_000_i64 + number * 60_000,
            "usage": {"inputOther": 10 + number, "output": 5, "inputCacheRead": 100},
        })
        .to_string()
    };
    fs::write(session.join("wire.jsonl"), requests.map(record).collect::<Vec<_>>().join("\n")).unwrap();
    assert_eq!(home.run(&["machine", "this", "--name", name]).status, 0);
    home
}

fn file_in(home: &Home, path: &str) -> PathBuf {
    home.data_dir().with_file_name(path)
}

fn adds(home: &Home, name: &str, folder: &str) -> Ended {
    home.run(&["machine", "add", name, "--folder", folder, "--passphrase-env", "FOLDER_PASSPHRASE"])
}

/// Two homes that have exchanged all that they have, and the folder.
fn two() -> (Home, Home, tempfile::TempDir) {
    let shared = tempfile::tempdir().unwrap();
    let (desk, laptop) = (named("desk", 0..3), named("laptop", 10..15));
    for home in [&desk, &laptop] {
        let added = adds(home, "ours", shared.path().to_str().unwrap());
        assert_eq!(added.status, 0, "{added:?}");
    }
    assert_eq!(desk.run(&["machine", "sync"]).status, 0);
    (desk, laptop, shared)
}

/// Requests by machine.
fn by_machine(home: &Home) -> Vec<(Value, u64)> {
    let logs = home.run(&["logs", "--by", "machine", "--json"]).json();
    let rows = logs["rows"].as_array().unwrap();
    rows.iter().map(|row| (row["key"].clone(), row["requests"].as_u64().unwrap())).collect()
}

#[test]
fn a_host_or_a_folder_is_added_once() {
    let (desk, _laptop, shared) = two();
    let link = file_in(&desk, "link");
    std::os::unix::fs::symlink(shared.path(), &link).unwrap();
    for folder in [shared.path(), &link] {
        let again = adds(&desk, "again", folder.to_str().unwrap());
        assert_eq!(again.status, 1);
        assert!(again.err.contains("added before, as ours"), "{}", again.err);
    }
    let ssh = |name: &str, more: &[&str]| {
        desk.run(&[&["machine", "add", name, "--ssh", "no-such-host.invalid", "--json"], more].concat())
    };
    assert_eq!(ssh("far", &[]).json()["added"], "far");
    assert_eq!(kind(&ssh("far again", &[])), "machine-added-before");
    // Another program on the host may be another machine's, as in a container.
    assert_eq!(ssh("other", &["--command", "/opt/tidemark"]).json()["added"], "other");
    let listed = desk.run(&["machine", "list", "--json"]).json();
    assert_eq!(listed["exchanges"].as_array().unwrap().len(), 3, "{listed}");
}

#[test]
fn the_list_names_machines_and_exchanges_each_once() {
    let (desk, _laptop, shared) = two();
    let listed = desk.run(&["machine", "list"]).out;
    let lines = |word: &str| listed.lines().filter(|line| line.contains(word)).count();
    assert_eq!((lines("laptop"), lines(shared.path().to_str().unwrap())), (1, 1), "{listed}");
    let of_laptop = listed.lines().find(|line| line.contains("laptop")).unwrap();
    assert!(of_laptop.contains("ours"), "{listed}");
    // An exchange that never worked.
    let added = desk.run(&["machine", "add", "far", "--ssh", "no-such-host.invalid"]);
    assert_eq!(added.status, 1);
    assert!(added.out.contains("It stays added") && added.out.contains("machine sync far"), "{added:?}");
    let listed = desk.run(&["machine", "list"]).out;
    assert!(listed.lines().any(|line| line.contains("far") && line.contains("never")), "{listed}");
    let removed = desk.run(&["machine", "remove", "far"]);
    assert!(removed.out.contains("No usage had come") && !removed.out.contains("stays"), "{removed:?}");
}

#[test]
fn a_machine_that_is_ignored_is_listed_and_comes_back() {
    let (desk, _laptop, _shared) = two();
    for (away, kept) in [(["machine", "remove", "laptop"], 5), (["machine", "forget", "laptop"], 0)] {
        let removed = desk.run(&away);
        assert!(removed.out.contains("tidemark machine restore laptop"), "{removed:?}");
        assert_eq!(desk.run(&["machine", "sync"]).status, 0);
        let counted =
            by_machine(&desk).iter().find(|(name, _)| name == "laptop").map_or(0, |(_, count)| *count);
        assert_eq!(counted, kept);
        for (language, says) in [("en", "Ignored: laptop"), ("zh", "已忽略：laptop")] {
            let listed = desk.run(&["--lang", language, "machine", "list"]);
            assert!(listed.out.contains(says), "{}", listed.out);
        }
        let restored = desk.run(&["machine", "restore", "laptop", "--json"]);
        assert_eq!((restored.status, &restored.json()["restored"]), (0, &json!("laptop")), "{restored:?}");
        assert_eq!(by_machine(&desk), [(json!("laptop"), 5), (json!("desk"), 3)]);
        assert!(!desk.run(&["machine", "list"]).out.contains("Ignored"));
    }
    assert_eq!(kind(&desk.run(&["machine", "restore", "laptop", "--json"])), "not-ignored");
    assert_eq!(kind(&desk.run(&["machine", "restore", "phone", "--json"])), "no-such-machine");
    // The exchange goes with its machine, which is no unknown one.
    assert_eq!(desk.run(&["machine", "remove", "ours"]).status, 0);
    let synced = desk.run(&["machine", "sync", "laptop"]);
    assert!(synced.status == 1 && synced.err.contains("any more"), "{synced:?}");
}

#[test]
fn a_wrong_passphrase_adds_nothing_and_a_damaged_file_is_no_reason_for_no_success() {
    let (desk, _laptop, shared) = two();
    let other = named("other", 0..1).with("WRONG", "five other random words here");
    for (language, says) in [("en", "Nothing was added"), ("zh-CN", "没有添加")] {
        let folder = shared.path().to_str().unwrap();
        let added = other.run(&[
            "--lang",
            language,
            "machine",
            "add",
            "x",
            "--folder",
            folder,
            "--passphrase-env",
            "WRONG",
        ]);
        assert!(added.status == 1 && added.err.contains(says), "{added:?}");
    }
    assert_eq!(other.run(&["machine", "list", "--json"]).json()["exchanges"], json!([]));
    // Beside a damaged file, all others are read.
    let id = desk.run(&["machine", "this", "--json"]).json()["id"].as_str().unwrap().to_owned();
    fs::write(shared.path().join(id).join("2019-01.records"), "no records are in this file").unwrap();
    let added = adds(&other, "ours", shared.path().to_str().unwrap());
    assert!(added.status == 1 && added.out.contains("2019-01.records"), "{added:?}");
    let listed = other.run(&["machine", "list", "--json"]).json();
    assert!(listed["exchanges"][0]["last_done"].is_string(), "{listed}");
    assert_eq!(listed["exchanges"][0]["problem"]["code"], "damaged");
}

#[test]
fn wrong_usage_is_said_plainly_in_both_languages() {
    let home = Home::new();
    let command = |line: &str| -> Vec<String> { line.split('|').map(str::to_owned).collect() };
    for (line, english, chinese) in [
        ("machine|add|x|--ssh=-x", "`-x` is not a host name", "主机名“-x”"),
        ("machine|add|x|--ssh=a b", "is not a host name", "不能含空格"),
        ("machine|add|x|--ssh|h|--command=-x", "is not the path of a program", "不是对方设备上程序的路径"),
        ("machine|add|x|--ssh|h|--passphrase-env|NAME", "cannot be used together", "不能同时使用"),
        ("machine|add|x|--ssh|h|--keep|keyring", "cannot be used together", "不能同时使用"),
        ("machine|add|x|--folder|/d|--command|/bin/t", "cannot be used together", "不能同时使用"),
        ("machine|export|--since|", "--since <CURSOR> needs a value", "--since <CURSOR> 需要一个值"),
        ("machine|export|--since|7", "behind \"cursor\"", "的值"),
        ("logs|--by|machine|--home|/", "recorded history", "已记录的历史"),
    ] {
        for (language, says) in [("en", english), ("zh", chinese)] {
            let line = [command(&format!("--lang|{language}")), command(line)].concat();
            let ended = home.run(&line.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(ended.status, 2, "{line:?}");
            assert!(ended.err.contains(says) && !ended.err.contains("error:"), "{line:?}: {}", ended.err);
        }
    }
    let listed = home.run(&["machine", "list", "--json"]).json();
    assert_eq!((&listed["machines"], &listed["exchanges"]), (&json!([]), &json!([])));
}

#[test]
fn usage_by_machine_says_nothing_of_logs_that_are_elsewhere() {
    let (desk, _laptop, _shared) = two();
    assert_eq!(by_machine(&desk), [(json!("laptop"), 5), (json!("desk"), 3)]);
    let of = |machine: &str| desk.run(&["logs", "--machine", machine, "--json"]).json();
    for (machine, requests, files) in
        [("this", 3, json!(1)), ("desk", 3, json!(1)), ("laptop", 5, json!(null)), ("all", 8, json!(null))]
    {
        let logs = of(machine);
        assert_eq!(logs["totals"]["requests"], requests, "{machine}");
        assert_eq!(logs["files"], files, "{machine}");
        assert_eq!(logs["lines_skipped"].is_null(), files.is_null(), "{machine}");
    }
    let one = desk.run(&["logs", "--by", "machine", "--machine", "laptop", "--json"]).json();
    assert_eq!(one["rows"].as_array().unwrap().len(), 1, "{one}");
    for (language, says) in [("en", "Machine"), ("zh", "设备")] {
        let table = desk.run(&["--lang", language, "logs", "--by", "machine"]).out;
        assert!(table.starts_with(says) && table.contains("laptop"), "{table}");
    }
    let of_exchange = desk.run(&["logs", "--machine", "ours"]);
    assert!(of_exchange.err.contains("is an exchange"), "{}", of_exchange.err);
}

#[test]
fn requests_of_a_machine_that_is_not_known_here_stay_its_own() {
    let (desk, laptop, shared) = two();
    let exported = desk.run(&["export", "--format", "jsonl"]).out;
    assert!(exported.contains(r#""machine":"laptop""#), "{exported}");
    let other = named("other", 0..0);
    let file = file_in(&other, "export.jsonl");
    fs::write(&file, exported).unwrap();
    for _ in 0..2 {
        assert_eq!(other.run(&["import", file.to_str().unwrap()]).status, 0);
        assert_eq!(by_machine(&other), [(json!("laptop"), 5), (json!("other"), 3)]);
    }
    let listed = other.run(&["machine", "list"]).out;
    assert!(listed.lines().any(|line| line.contains("laptop") && line.contains("imports alone")), "{listed}");
    // Then it says so itself: it is one machine, and each request counts once.
    assert_eq!(adds(&other, "ours", shared.path().to_str().unwrap()).status, 0);
    assert_eq!(by_machine(&other), [(json!("laptop"), 5), (json!("desk"), 3)]);
    let listed = other.run(&["machine", "list", "--json"]).json();
    let laptops: Vec<&Value> =
        listed["machines"].as_array().unwrap().iter().filter(|one| one["name"] == "laptop").collect();
    assert_eq!(laptops.len(), 1, "{listed}");
    assert_eq!(laptops[0]["id"], laptop.run(&["machine", "this", "--json"]).json()["id"]);
}

#[test]
fn two_machines_of_one_name_have_different_names_here() {
    let shared = tempfile::tempdir().unwrap();
    let (one, other) = (named("desk", 0..3), named("desk", 10..15));
    for home in [&one, &other] {
        assert_eq!(adds(home, "ours", shared.path().to_str().unwrap()).status, 0);
    }
    assert_eq!(by_machine(&other), [(json!("desk"), 5), (json!("desk (2)"), 3)]);
    for (name, says) in [("desk (2)", "name-taken"), ("ours", "name-taken"), ("All", "name-reserved")] {
        assert_eq!(kind(&other.run(&["machine", "this", "--name", name, "--json"])), says, "{name}");
        assert_eq!(kind(&other.run(&["machine", "rename", "ours", name, "--json"])), says, "{name}");
    }
    for (language, says) in [("en", "is reserved"), ("zh-CN", "保留名称")] {
        let renamed = other.run(&["machine", "rename", "ours", "this", "--lang", language]);
        assert!(renamed.status == 1 && renamed.err.contains(says), "{}", renamed.err);
    }
    assert_eq!(kind(&other.run(&["machine", "rename", "desk (2)", "desk", "--json"])), "name-taken");
    assert_eq!(other.run(&["machine", "this", "--name", "desk"]).status, 0);
}
