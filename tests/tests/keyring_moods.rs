//! What the user meets if there is something wrong with the keyring: none at all, locked without an answer to
//! its prompt, gone while it is in use. Nothing hangs, nothing is stored in plain text, and everything else
//! continues.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test ends where what it stands on is not so")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tidemark_journeys::{
    Agent, COMES_UP, Desktop, FOLLOWS, Keyring, Launch, Options, Service, Window, wait_for,
};
use tidemark_simulator::Scenario;

/// The regular pause of five minutes takes three seconds, and a key that cannot be had is looked for again
/// five times a second.
const SPEED: f64 = 100.0;
/// Longer than a regular pause, with time for a busy machine.
const A_LOOK: Duration = Duration::from_mins(1);
/// An answer that does not wait: half of what the agent waits for a keyring that does not answer.
const AT_ONCE: Duration = Duration::from_secs(5);
/// A passphrase is stretched on purpose, which takes seconds in a program that was built for tests.
const STRETCHED: Duration = Duration::from_secs(90);
const PASSPHRASE: &str = "neap and spring, by turns";

fn session(keyring: Keyring) -> Desktop {
    Desktop::start(&Options { keyring, notifications: false, tray: false, ..Options::default() })
}

fn service() -> Service {
    let start: DateTime<Utc> = "2026-11-18T09:20:00Z".parse().expect("a time");
    Service::start(Scenario::one_code(start), start, SPEED)
}

fn start_agent(desktop: &Desktop, service: &Service) -> Agent {
    desktop.start_agent_with(&desktop.data_dir(), &["--no-tray"], &service.env())
}

/// An agent that reads an account whose key is in the keyring, and a window on it.
fn with_a_key_in_the_keyring(desktop: &Desktop, service: &Service) -> (Agent, Window) {
    let agent = start_agent(desktop, service);
    let account = json!({
        "name": "work", "source": "kimi-code", "region": "china", "base_url": null, "untested": false,
        "key": { "kind": "keyring", "key": service.key("work") },
    });
    agent.request("POST", "/v1/accounts", Some(&account));
    assert_eq!(desktop.secret_tool_search("Tidemark").len(), 1);
    let window = desktop.open_window(&Launch::default());
    shows(&window, &["work"], COMES_UP);
    window.wait_for_a_live_card(COMES_UP);
    (agent, window)
}

fn shows(window: &Window, texts: &[&str], deadline: Duration) {
    let what = format!("{texts:?} in the window");
    wait_for(&what, deadline, || window.body(), |page| texts.iter().all(|text| page.contains(text)));
}

fn shows_no_longer(window: &Window, text: &str) {
    wait_for(&format!("{text:?} to go"), FOLLOWS, || window.body(), |page| !page.contains(text));
}

fn card(agent: &Agent) -> Value {
    agent.get("/v1/overview")["accounts"][0].clone()
}

/// Waits for a reading that was taken after now.
fn reads_on(agent: &Agent, service: &Service) {
    let since = service.now();
    wait_for(
        "another reading",
        A_LOOK,
        || card(agent),
        |card| {
            let read_at = card["read_at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
            card["state"] == "live" && read_at.is_some_and(|at| at > since)
        },
    );
}

fn pass(service: &Service, time: TimeDelta) {
    let end = service.now() + time;
    wait_for("simulated time to pass", A_LOOK, || service.now(), |now| *now >= end);
}

fn assert_answers_at_once(agent: &Agent) {
    let asked = Instant::now();
    agent.get("/v1/overview");
    assert!(asked.elapsed() < AT_ONCE, "the interface took {:?}", asked.elapsed());
}

#[test]
fn without_a_keyring_the_encrypted_file_keeps_the_key() {
    let desktop = session(Keyring::None);
    let service = service();
    let key = service.key("work");
    let agent = start_agent(&desktop, &service);
    let window = desktop.open_window(&Launch::default());

    // The first start says that there is no keyring, and offers the encrypted file before all else.
    shows(&window, &["Paste your API key", "No keyring is running", "Encrypted file"], COMES_UP);
    let chosen = || window.evaluate("document.querySelector('input[type=radio]:checked')?.value ?? null");
    wait_for("the encrypted file to be chosen", FOLLOWS, chosen, |place| place == "encrypted-file");
    assert_eq!(window.axe(), [] as [&str; 0]);
    window.type_into("input[placeholder^=sk]", &key);
    window.type_into("label.field input[type=password]", PASSPHRASE);
    window.click("form button.primary");
    window.wait_for_a_live_card(STRETCHED);

    // One file, for its owner alone, and the key in it is not to be read.
    let file = desktop.data_dir().join("keys.age");
    let mode = file.metadata().expect("the encrypted file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{mode:o}");
    assert_plain_text_nowhere(&desktop, &[key.as_bytes(), PASSPHRASE.as_bytes()]);
    let account = agent.get("/v1/accounts")[0].clone();
    assert_eq!(account["credential"], "encrypted-file", "{account}");

    // After a restart the file is locked, and the window says so and has a place for the passphrase.
    agent.kill();
    let agent = start_agent(&desktop, &service);
    shows(&window, &["Key unavailable", "The key file is locked", "Enter its passphrase"], COMES_UP + A_LOOK);
    let before = service.looks().len();
    pass(&service, TimeDelta::minutes(3));
    assert_eq!(service.looks().len(), before, "a call without a key");

    window.type_into(".notices input[type=password]", "not this one");
    window.click(".notices form button");
    shows(&window, &["Wrong passphrase"], STRETCHED);
    window.type_into(".notices input[type=password]", PASSPHRASE);
    window.click(".notices form button");
    window.wait_for_a_live_card(STRETCHED);
    shows_no_longer(&window, "The key file is locked");
    reads_on(&agent, &service);
    assert!(service.looks().len() > before);
    assert_plain_text_nowhere(&desktop, &[key.as_bytes(), PASSPHRASE.as_bytes()]);
}

#[test]
fn a_locked_keyring_whose_prompt_nobody_answers_stops_nothing_else() {
    let desktop = session(Keyring::Unlocked);
    let service = service();
    let (agent, window) = with_a_key_in_the_keyring(&desktop, &service);

    let prompter = desktop.silent_prompter();
    desktop.keyring_lock();
    shows(&window, &["Key unavailable", "The keyring is locked", "Unlock the keyring"], A_LOOK);
    assert_eq!(card(&agent)["failure"]["reason"], "keyring-locked");
    assert!(window.body().contains("5-hour quota"), "what was read stays on the card");

    // The polls continue in the background, every 20 simulated seconds: none of them asks the user anything.
    let before = service.looks().len();
    for _ in 0..10 {
        pass(&service, TimeDelta::minutes(1));
        assert_answers_at_once(&agent);
    }
    assert_eq!(prompter.prompts(), 0, "a look in the background opened a prompt");
    assert_eq!(service.looks().len(), before, "a call without a key");

    // The user asks for it, a prompt comes up and is not answered. Everything else continues.
    window.click("article.card .failure .actions button.button");
    wait_for("the prompt", FOLLOWS, || prompter.prompts(), |prompts| *prompts == 1);
    for _ in 0..10 {
        pass(&service, TimeDelta::minutes(1));
        assert_answers_at_once(&agent);
    }
    window.click("a[href^='#/settings']");
    shows(&window, &["Polling interval"], FOLLOWS);
    window.click("a[href^='#/overview'], a[href='#/']");
    shows(&window, &["Key unavailable"], FOLLOWS);
    let (status, out, error) = desktop.tidemark(&["status", "--json"], "");
    assert!(status.success(), "{out} {error}");
    assert_eq!(prompter.prompts(), 1, "one prompt, not one after the other");

    // It is unlocked in another way, and the readings go on: nothing was restarted or clicked.
    drop(prompter);
    desktop.keyring_unlock();
    window.wait_for_a_live_card(A_LOOK);
    reads_on(&agent, &service);
    shows_no_longer(&window, "The keyring is locked");
}

#[test]
fn a_keyring_that_dies_and_comes_back_is_followed() {
    let mut desktop = session(Keyring::Unlocked);
    let service = service();
    let (agent, window) = with_a_key_in_the_keyring(&desktop, &service);

    for _ in 0..2 {
        desktop.keyring_kill();
        shows(&window, &["Key unavailable", "The keyring stopped running"], A_LOOK);
        assert_eq!(card(&agent)["failure"]["reason"], "keyring-gone");
        assert_answers_at_once(&agent);

        desktop.keyring_start();
        window.wait_for_a_live_card(A_LOOK);
        shows_no_longer(&window, "The keyring stopped running");
        reads_on(&agent, &service);
    }
}

/// No file of the session, its logs among them, and no process's arguments hold any of these.
fn assert_plain_text_nowhere(desktop: &Desktop, secrets: &[&[u8]]) {
    let mut looked = 0;
    for root in [desktop.root(), desktop.logs()] {
        for file in files(root) {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            looked += 1;
            for secret in secrets {
                let held = bytes.windows(secret.len()).any(|window| window == *secret);
                assert!(!held, "{} holds a secret in plain text", file.display());
            }
        }
    }
    assert!(looked > 5, "the search looked at {looked} files only");
    for (pid, arguments) in desktop.processes() {
        for secret in secrets {
            let secret = std::str::from_utf8(secret).expect("secrets of tests are text");
            assert!(!arguments.contains(secret), "process {pid} was given a secret");
        }
    }
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}
