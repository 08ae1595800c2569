//! Backups and restoring, as a person or a script does it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use common::{Ended, Home, Service, add, home, kind};
use serde_json::{Value, json};
use tidemark_api::client::Client;

/// The names of the accounts.
fn accounts(home: &Home) -> Vec<String> {
    let listed = home.run(&["account", "list", "--json"]).json();
    let listed = listed["accounts"].as_array().unwrap().clone();
    listed.iter().map(|account| account["name"].as_str().unwrap().to_owned()).collect()
}

/// A running agent that listens on its socket.
fn start_agent(home: &Home) -> Child {
    let mut command = home.command(&["agent", "--no-tray", "--json"]);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let mut agent = command.spawn().unwrap();
    let mut said = String::new();
    BufReader::new(agent.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("pid"), "{said}");
    agent
}

fn end_agent(home: &Home) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Client::for_data_dir(&home.data_dir()).end()).unwrap();
}

fn file_in(home: &Home, name: &str) -> String {
    home.data_dir().with_file_name(name).to_str().unwrap().to_owned()
}

/// A home with an account that was polled once, and a backup of it.
fn backed_up(service: &Service) -> (Home, String) {
    let home = home(service, "work");
    assert_eq!(add(&home, service, "work", "Work").status, 0);
    assert_eq!(home.run(&["poll"]).status, 0);
    let file = file_in(&home, "backup.db");
    let made = home.run(&["backup", &file, "--json"]);
    assert_eq!(made.status, 0, "{}", made.err);
    let document = made.json();
    assert_eq!(document["path"], file);
    assert_eq!((&document["accounts"], &document["readings"]), (&json!(["Work"]), &json!(1)));
    assert_eq!(document["bytes"], std::fs::metadata(&file).unwrap().len());
    assert_eq!(document["from"], document["to"]);
    (home, file)
}

fn restore(home: &Home, file: &str) -> Ended {
    home.run(&["restore", file, "--json"])
}

#[test]
fn a_backup_is_made_and_restored_while_an_agent_runs() {
    let service = Service::code();
    let (home, file) = backed_up(&service);
    let mut agent = start_agent(&home);
    // The agent writes, and so the newest is in the write-ahead log.
    assert_eq!(add(&home, &service, "work", "Later").status, 0);
    assert_eq!(accounts(&home), ["Work", "Later"]);
    let later = file_in(&home, "later.db");
    assert_eq!(home.run(&["backup", &later]).status, 0);

    let restored = restore(&home, &file);
    assert_eq!(restored.status, 0, "{}", restored.err);
    let document = restored.json();
    assert_eq!(document["agent"], "restarted");
    assert_eq!(document["accounts"], json!([{"name": "Work", "key": "found", "why": null}]));
    assert!(agent.wait().unwrap().success(), "the former agent ended by itself");
    assert_eq!(accounts(&home), ["Work"]);

    // Back to what was there.
    let kept = document["kept"].as_str().unwrap().to_owned();
    assert!(kept.contains("tidemark-before-restore-"), "{kept}");
    assert_eq!(restore(&home, &kept).status, 0);
    assert_eq!(accounts(&home), ["Work", "Later"]);
    assert_eq!(restore(&home, &later).json()["agent"], "restarted");
    assert_eq!(accounts(&home), ["Work", "Later"]);
    end_agent(&home);
}

#[test]
fn a_backup_is_restored_in_another_home_and_says_whose_key_is_missing() {
    let service = Service::code();
    let (_home, file) = backed_up(&service);
    let other = Home::new();
    let restored = restore(&other, &file);
    assert_eq!(restored.status, 0, "{}", restored.err);
    let document = restored.json();
    assert_eq!((&document["agent"], &document["kept"]), (&json!("not-running"), &Value::Null));
    // Whoever made the backup must not choose where a variable of this machine goes.
    let missing = json!([{"name": "Work", "key": "missing", "why": "no-key"}]);
    assert_eq!((&document["accounts"], &document["withheld"]), (&missing, &json!(["Work"])));
    assert_eq!(accounts(&other), ["Work"]);
    let said = Home::new().run(&["restore", &file]);
    assert!(said.out.contains("set-key NAME --key-env VARIABLE --base-url URL"), "{}", said.out);
    // The account gets a key of this machine.
    let with_key = Home::new().with("OTHER", &service.running().key("work").unwrap());
    assert_eq!(restore(&with_key, &file).status, 0);
    let set = with_key.run(&["account", "set-key", "Work", "--key-env", "OTHER", "--json"]);
    // The address of this account is not the service's own, and a variable's key does not go there unasked.
    assert_eq!((set.status, kind(&set)), (2, "foreign-address".to_owned()), "{}", set.err);
    let requests = service.running().requests().len();
    let set_at = |address: &str| {
        with_key.run(&["account", "set-key", "Work", "--key-env", "OTHER", "--base-url", address, "--json"])
    };
    assert_eq!(kind(&set_at("https://relay.example.org/v1")), "foreign-address");
    assert_eq!(service.running().requests().len(), requests, "nothing was sent");
    let set = set_at(&service.running().account("work").unwrap().base_url);
    assert_eq!(set.status, 0, "{}", set.err);
    assert_eq!(with_key.run(&["poll"]).status, 0);
}

#[test]
fn what_cannot_be_restored_says_why_and_changes_nothing() {
    let service = Service::code();
    let (home, file) = backed_up(&service);
    let own = home.data_dir().join("tidemark.db");
    let text = file_in(&home, "text.db");
    std::fs::write(&text, "{\"type\":\"reading\"}\n").unwrap();
    let newer = file_in(&home, "newer.db");
    std::fs::copy(&file, &newer).unwrap();
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let theirs = file_in(&home, "theirs.db");
    rusqlite::Connection::open(&theirs).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    for (file, status, word) in [
        (own.to_str().unwrap(), 2, "own-file"),
        (&text, 1, "backup-damaged"),
        (&newer, 1, "backup-newer"),
        (&theirs, 1, "backup-not-ours"),
        (&file_in(&home, "missing.db"), 1, "io"),
    ] {
        let refused = restore(&home, file);
        assert_eq!((refused.status, kind(&refused).as_str()), (status, word), "{file}: {}", refused.err);
    }
    let names = std::fs::read_dir(home.data_dir()).unwrap();
    let names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.contains("restor")), "{names:?}");
    assert_eq!(accounts(&home), ["Work"]);
    let again = home.run(&["backup", &file, "--json"]);
    assert_eq!((again.status, kind(&again)), (1, "file-exists".to_owned()));
    assert_eq!(home.run(&["backup", &file, "--force"]).status, 0);
    let own = home.run(&["backup", own.to_str().unwrap(), "--force", "--json"]);
    assert_eq!((own.status, kind(&own)), (2, "own-file".to_owned()));
}
