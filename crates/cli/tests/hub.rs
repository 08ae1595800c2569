//! `tidemark hub` from outside, with a real PostgreSQL server: a team of two machines.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub, reason = "a test")]
#![cfg(unix)]

mod common;
#[path = "../../intake/tests/postgres/mod.rs"]
mod postgres;

use std::fs;

use common::{Ended, Home, kind};
use postgres::{PASSWORD, Postgres};
use serde_json::{Value, json};

/// A home whose logs hold requests of these times, in seconds.
fn home(session: &str, times: impl IntoIterator<Item = i64>) -> Home {
    let home = Home::new().with("OWNERS", PASSWORD).with("HERS", "a password of her own");
    let log = home
        .data_dir()
        .with_file_name(".kimi-code")
        .join("sessions/wd_boat_0123456789ab")
        .join(session)
        .join("agents/main/wire.jsonl");
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    let lines = times.into_iter().map(|time| {
        let record = json!({
            "type": "usage.record", "model": "k3", "usageScope": "turn", "time": time * 1000,
            "usage": {"inputOther": 70, "output": 5, "inputCacheRead": 0, "inputCacheCreation": 0},
        });
        format!("{record}\n")
    });
    fs::write(log, lines.collect::<String>()).unwrap();
    home
}

fn done(home: &Home, arguments: &[&str]) -> Value {
    let ended = home.run(&[&["hub"], arguments, &["--json"]].concat());
    assert_eq!(ended.status, 0, "{arguments:?}: {} {}", ended.out, ended.err);
    ended.json()
}

fn refused(home: &Home, arguments: &[&str]) -> (i32, String) {
    let ended = home.run(&[&["hub"], arguments, &["--json"]].concat());
    (ended.status, kind(&ended))
}

fn keys(usage: &Value) -> Vec<(String, u64)> {
    let rows = usage["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["key"].as_str().unwrap_or("-").to_owned(), row["total"].as_u64().unwrap())).collect()
}

#[test]
fn a_team_of_two_shares_its_usage_and_one_leaves() {
    let mut server = Postgres::start();
    server.sql("postgres", "CREATE DATABASE team");
    let url = format!("postgres://owner@127.0.0.1:{}/team", server.port);
    let (desk, laptop) =
        (home("session_1", [1_785_056_461, 1_785_156_461]), home("session_2", [1_785_256_461]));

    let status = done(&desk, &["status"]);
    assert_eq!((&status["connected"], &status["joined"]), (&json!(false), &json!(false)));
    assert_eq!(refused(&desk, &["sync"]), (1, "hub-none".to_owned()));
    assert_eq!(refused(&desk, &["init", "postgres://o:hunter2@127.0.0.1/team"]), (2, "hub-url".to_owned()));
    assert_eq!(refused(&desk, &["init", &url, "--password-env", "UNSET"]), (2, "variable-unset".to_owned()));
    assert_eq!(refused(&desk, &["init", &url, "--password-env", "HERS"]), (3, "hub-refused".to_owned()));
    assert!(!desk.data_dir().join("hub.json").exists());
    let made = done(&desk, &["init", &url, "--password-env", "OWNERS"]);
    assert_eq!(made, json!({"member": "owner", "role": "owner", "timezone": "UTC"}));
    assert_eq!(done(&desk, &["init", &url, "--password-env", "OWNERS"]), made, "again");

    let invitation = done(&desk, &["invite"])["invitation"].as_str().unwrap().to_owned();
    let part = &invitation[..invitation.len() - 3];
    let joining = |invitation| ["join", invitation, "--name", "Ann", "--password-env", "HERS"];
    assert_eq!(refused(&laptop, &joining(part)), (2, "hub-invitation".to_owned()));
    let joined = done(&laptop, &joining(&invitation));
    assert_eq!(joined, json!({"member": "Ann", "role": "member", "timezone": "UTC"}));
    assert_eq!(done(&laptop, &joining(&invitation)), joined, "the same again is the same");
    let other = home("session_3", []);
    assert_eq!(
        refused(&other, &["join", &invitation, "--password-env", "OWNERS"]),
        (3, "hub-invitation-used".to_owned())
    );
    assert!(!other.data_dir().join("hub.json").exists());
    assert_eq!(refused(&laptop, &["invite"]), (1, "hub-not-allowed".to_owned()));

    assert_eq!(done(&desk, &["sync"]), json!({"requests": 2, "readings": 0, "outbox": 0}));
    assert_eq!(done(&laptop, &["sync"]), json!({"requests": 1, "readings": 0, "outbox": 0}));
    assert_eq!(done(&laptop, &["sync"]), json!({"requests": 0, "readings": 0, "outbox": 0}));
    let of = |home: &Home, by: &str| keys(&done(home, &["usage", "--by", by]));
    let row = |key: &str, total: u64| (key.to_owned(), total);
    assert_eq!(of(&desk, "member"), [row("owner", 150), row("Ann", 75)]);
    assert_eq!(of(&laptop, "member"), [row("Ann", 75)]);
    assert_eq!(of(&desk, "month"), [row("2026-07", 225)]);
    assert_eq!(of(&desk, "client"), [row("kimi-code", 225)]);
    assert_eq!(of(&desk, "project"), [row("-", 225)], "projects are not shared");
    let usage = done(&desk, &["usage", "--by", "day", "--from", "2026-07-27", "--to", "2026-07-27"]);
    assert_eq!(keys(&usage), [row("2026-07-27", 75)]);
    assert_eq!((&usage["by"], &usage["totals"]["requests"]), (&json!("day"), &json!(1)));
    assert_eq!(refused(&desk, &["usage", "--from", "yesterday"]), (2, "usage".to_owned()));

    let status = done(&desk, &["status"]);
    assert_eq!((&status["connected"], &status["outbox"]), (&json!(true), &json!(0)));
    assert_eq!((&status["role"], &status["members"]), (&json!("owner"), &json!(2)));
    assert_eq!(status["machines"].as_array().unwrap().len(), 2);
    assert_eq!(done(&laptop, &["status"])["machines"].as_array().unwrap().len(), 1);

    assert_eq!(done(&laptop, &["findings"]), json!({"findings": []}));
    assert!(desk.run(&["hub", "findings"]).out.contains("found nothing"));
    // Its owner says how long requests are kept, and who is in it.
    assert_eq!(done(&desk, &["keep"]), json!({"months": null}));
    assert_eq!(done(&desk, &["keep", "--months", "6"]), json!({"months": 6}));
    assert_eq!(refused(&laptop, &["keep", "--all"]), (1, "hub-not-allowed".to_owned()));
    done(&desk, &["invite"]);
    let members = done(&desk, &["members"]);
    let names: Vec<_> = members["members"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Ann", "owner"]);
    let open = members["invitations"][0]["id"].as_str().unwrap();
    assert_eq!(refused(&desk, &["revoke"]).0, 2);
    assert_eq!(done(&desk, &["revoke", open]), json!({"revoked": 1}));
    assert_eq!(refused(&desk, &["revoke", open]), (1, "hub-no-such-invitation".to_owned()));
    assert_eq!(done(&desk, &["revoke", "--all"]), json!({"revoked": 0}));
    assert_eq!(refused(&desk, &["remove", "owner"]), (1, "hub-yourself".to_owned()));
    let again = done(&desk, &["invite"])["invitation"].as_str().unwrap().to_owned();
    done(&other, &["join", &again, "--name", "Bob", "--password-env", "HERS"]);
    let table = desk.run(&["hub", "members"]).out;
    assert!(table.contains("Bob") && table.contains("Role"), "{table}");
    assert_eq!(done(&desk, &["remove", "Bob"]), json!({"removed": "Bob", "kept_usage": false}));
    assert_eq!(refused(&other, &["sync"]), (3, "hub-refused".to_owned()));

    assert_eq!(refused(&desk, &["leave"]), (1, "hub-last-owner".to_owned()));
    assert_eq!(done(&laptop, &["leave", "--remove-mine"]), json!({"left": true, "removed": true}));
    assert_eq!(done(&laptop, &["status"])["joined"], false);
    assert_eq!(of(&desk, "member"), [row("owner", 150)]);

    // No file of either has a password or the invitation in it.
    for home in [&desk, &laptop] {
        for file in fs::read_dir(home.data_dir()).unwrap().map(|file| file.unwrap().path()) {
            let bytes = fs::read(&file).unwrap_or_default();
            let holds = |secret: &str| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!holds(PASSWORD) && !holds("a password of her own") && !holds(&invitation), "{file:?}");
        }
    }

    server.stop();
    let away = done(&desk, &["status"]);
    assert_eq!((&away["connected"], &away["outbox"]), (&json!(false), &json!(0)));
    assert_eq!(away["problem"]["kind"], "hub-unreachable");
    assert_eq!(refused(&desk, &["sync"]), (5, "hub-unreachable".to_owned()));
    let said = |ended: &Ended| format!("{}{}", ended.out, ended.err);
    let english = desk.run(&["hub", "sync"]);
    assert!(said(&english).contains("cannot be reached"), "{english:?}");
    let chinese = desk.run(&["hub", "sync", "--lang", "zh-CN"]);
    assert!(said(&chinese).contains("无法连接团队库的服务器"), "{chinese:?}");
}
