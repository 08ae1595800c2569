//! Tries this system's keyring the way Tidemark uses it, and says what it found and how long it took.
//!
//! `cargo run -p tidemark-vault --example keyring_probe -- COMMAND`, where COMMAND is one of
//! - `state`: how the keyring stands, asking the user nothing;
//! - `unlock`: have it ask for its password;
//! - `put HANDLE KEY`, `get HANDLE`, `ask HANDLE` (may ask for the password), `remove HANDLE`: an entry
//!   (with a made-up key: a real one does not belong on a command line);
//! - `many N HANDLE`: N reads, with the time each took and what they did to the memory.
//!
//! Several commands in one run are divided by `,`; `wait` waits for a line on standard input.

#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use chrono::Utc;
use secrecy::{ExposeSecret, SecretString};
use tidemark_core::{Credential, Region};
use tidemark_vault::{Place, Vault, VaultConfig};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut config = VaultConfig::new(std::env::temp_dir(), std::env::temp_dir());
    config.prompt_timeout = Duration::from_secs(3);
    let vault = Vault::new(config);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    for command in arguments.split(|argument| argument == ",") {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let started = Instant::now();
        let said = run(&vault, &words).await;
        println!("{:?} {} ms: {said} [{}]", words, started.elapsed().as_millis(), vault.last_keyring_state());
    }
}

async fn run(vault: &Vault, words: &[&str]) -> String {
    let entry = |handle: &str| Credential::Keyring { handle: handle.to_owned() };
    let result = match *words {
        ["state"] => Ok(vault.keyring_state().await.to_string()),
        ["unlock"] => vault.unlock_keyring().await.map(|()| "unlocked".to_owned()),
        ["put", handle, key] => {
            let key = SecretString::from(key);
            vault.put(Place::Keyring, handle, "probe", key).await.map(|credential| format!("{credential:?}"))
        }
        ["get", handle] => vault
            .key(&entry(handle), Region::China, Utc::now())
            .await
            .map(|key| format!("{} characters", key.expose_secret().len())),
        ["ask", handle] => vault
            .key_prompting(&entry(handle), Region::China, Utc::now())
            .await
            .map(|key| format!("{} characters", key.expose_secret().len())),
        ["remove", handle] => vault.remove(&entry(handle)).await.map(|()| "removed".to_owned()),
        ["many", n, handle] => return many(vault, n.parse().unwrap_or(200), &entry(handle)).await,
        ["wait"] => {
            let mut line = String::new();
            return std::io::stdin().read_line(&mut line).map_or_else(|e| e.to_string(), |_| String::new());
        }
        _ => return "unknown command; see the top of the example's source".to_owned(),
    };
    result.unwrap_or_else(|error| format!("{}: {error}", error.code()))
}

async fn many(vault: &Vault, n: u32, credential: &Credential) -> String {
    let mut times = Vec::new();
    let mut sizes = Vec::new();
    let before = processor_ms();
    for i in 0..n {
        let started = Instant::now();
        if let Err(error) = vault.key(credential, Region::China, Utc::now()).await {
            return error.to_string();
        }
        times.push(started.elapsed().as_micros());
        if i % (n / 8).max(1) == 0 || i + 1 == n {
            sizes.push(resident_kib());
        }
    }
    let spent = processor_ms().zip(before).map(|(after, before)| (after - before) / u64::from(n.max(1)));
    times.sort_unstable();
    format!(
        "microseconds: median {:?}, slowest {:?}; processor ms each {spent:?}; KiB in memory {sizes:?}; threads {:?}",
        times.get(times.len() / 2),
        times.last(),
        std::fs::read_dir("/proc/self/task").map(Iterator::count).ok()
    )
}

/// Proportional set size in KiB, if the system reports it.
fn resident_kib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    text.lines().find_map(|line| line.strip_prefix("Pss:"))?.split_whitespace().next()?.parse().ok()
}

/// Processor time of this process in milliseconds, if the system reports it.
fn processor_ms() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks * 10)
}
