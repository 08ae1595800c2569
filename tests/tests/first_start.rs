//! A new user: the first start, a pasted key, the first numbers. And where that key is afterwards.

#![cfg(unix)]

use std::path::{Path, PathBuf};

use chrono::Utc;
use tidemark_core::Meter;
use tidemark_journeys::{COMES_UP, Desktop, FOLLOWS, Launch, Options, SAMPLE_DATA, Service, wait_for};
use tidemark_simulator::{Event, Scenario};

#[test]
fn a_pasted_key_brings_the_numbers_and_stays_in_the_keyring_alone() {
    let desktop = Desktop::start(&Options::default());
    let now = Utc::now();
    let service = Service::start(Scenario::one_code(now), now, 1.0);
    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 37.into() });
    let key = service.key("work");
    let agent = desktop.start_agent_with(&desktop.data_dir(), &[] as &[&str], &service.env());
    let window = desktop.open_window(&Launch::default());

    window.wait_for_text("Paste your API key", COMES_UP);
    assert_eq!(window.axe(), [] as [&str; 0], "the first screen is accessible");
    window.type_into("input[type=password]", &key);
    window.wait_for_text("Kimi Code key", FOLLOWS);
    window.click("form button.primary");

    // The overview shows what the service says.
    let reading = service.look("work");
    for meter in reading.meters.iter().filter(|m| m.meter.is_allowance()) {
        let used = meter.used_percent.round_dp(1).normalize();
        window.wait_for_text(&format!("{used}%"), COMES_UP);
    }
    window.wait_for_text("Pro", FOLLOWS);
    assert_eq!(window.axe(), [] as [&str; 0], "the overview is accessible");
    let overview = agent.get("/v1/overview");
    let card = &overview["accounts"][0];
    assert_eq!(card["state"], "live", "{card}");
    assert_eq!(card["region"], "china", "the key was tried at the service it belongs to");

    // The key is in the keyring, readable by another program of the same user.
    let entries = desktop.secret_tool_search("Tidemark");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].secret, key);

    // And nowhere else: not in what the window holds, not in any process's arguments, not in any file of the
    // user's, the logs and the webview's storage among them.
    let held = window.evaluate(
        "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie, \
         document.documentElement.outerHTML, [...document.querySelectorAll('input')].map((i) => i.value)])",
    );
    assert!(!held.to_string().contains(&key), "the window still holds the key");
    for (pid, arguments) in desktop.processes() {
        assert!(!arguments.contains(&key), "process {pid} was given the key: {arguments}");
    }
    assert!(!agent.log().contains(&key), "the agent wrote the key to its output");
    desktop.close_window(window);
    assert!(agent.stop().success());
    let mut looked = 0;
    for root in [desktop.root(), desktop.logs()] {
        for file in files(root) {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            looked += 1;
            assert!(!holds(&bytes, key.as_bytes()), "{} holds the key", file.display());
            let wide: Vec<u8> = key.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(!holds(&bytes, &wide), "{} holds the key in UTF-16", file.display());
        }
    }
    assert!(looked > 10, "the search looked at {looked} files only");
}

#[test]
fn the_window_starts_the_agent_and_the_agent_outlives_it() {
    let desktop = Desktop::start(&Options::default());
    let window = desktop.open_window(&Launch::default());
    window.wait_for_text("Paste your API key", COMES_UP);
    let socket = desktop.data_dir().join("agent.sock");
    assert!(socket.exists());
    desktop.close_window(window);
    let (status, out, error) = desktop.tidemark(&["account", "list", "--json"], "");
    assert!(status.success(), "{error}");
    assert!(out.contains("[]"), "{out}");
    let is_agent = |(_, line): &(u32, String)| line.contains("tidemark agent") || line.ends_with(" agent");
    let without = "the agent to be there without the window";
    wait_for(without, FOLLOWS, || desktop.processes(), |all| all.iter().any(is_agent));
}

#[test]
fn sample_data_needs_no_account_and_touches_nothing() {
    let desktop = Desktop::start(&Options::default());
    let window = desktop.open_window(&Launch::with_args(&["--demo"]));
    window.wait_for_text("Sample data", SAMPLE_DATA);
    window.wait_for_text("Old plan", COMES_UP);
    desktop.close_window(window);
    assert!(!desktop.data_dir().join("tidemark.db").exists());
    assert_eq!(desktop.secret_tool_search("Tidemark"), []);
    let is_sample = |(_, line): &(u32, String)| line.contains("--demo");
    let end = "the sample agent to end with its window";
    wait_for(end, FOLLOWS, || desktop.processes(), |all| !all.iter().any(is_sample));
}

/// Every regular file below a folder.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}

fn holds(bytes: &[u8], key: &[u8]) -> bool {
    bytes.windows(key.len()).any(|window| window == key)
}
