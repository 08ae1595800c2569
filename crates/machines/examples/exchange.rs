//! Makes a machine's history, and takes in what it gives away: what `cargo xtask bench machines` measures.
//!
//! `exchange make FOLDER REQUESTS` · `exchange export FOLDER > FILE` · `exchange take FOLDER < FILE` ·
//! `exchange write FOLDER SHARED` · `exchange read FOLDER SHARED`. All but the first print the seconds that it took on
//! standard error.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a tool that cannot do what it is for ends")]

use std::io::{self, BufRead as _, BufReader, BufWriter};
use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tidemark_core::Tokens;
use tidemark_machines::folder::{self, FolderKeys, SharedFolder};
use tidemark_machines::identity::{self, Host};
use tidemark_machines::{Export, Intake, IntakeSettings, ShareProjects};
use tidemark_store::{
    ExchangeId, NewExchange, Store, UsageBatch, UsageClaim, UsageModel, UsageNamed, UsageOrigin, UsagePart,
    UsageRequest, UsageStates,
};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
    let begun = Instant::now();
    match words[..] {
        ["make", folder, requests] => return make(&store(folder, now), requests.parse().unwrap(), now),
        ["export", folder] => {
            let store = store(folder, now);
            let mut out = BufWriter::new(io::stdout().lock());
            export(&store, now).write(&store, None, &mut out).unwrap();
        }
        ["take", folder] => {
            let store = store(folder, now);
            let settings = settings(&store, now);
            let mut intake = Intake::new(&store, &settings);
            let mut input = BufReader::new(io::stdin().lock());
            let mut line = Vec::new();
            while input.read_until(b'\n', &mut line).unwrap() > 0 {
                intake.line(line.trim_ascii_end()).unwrap();
                line.clear();
            }
            intake.finish(None).unwrap();
        }
        ["write", folder, shared] => {
            let store = store(folder, now);
            with_folder(&store, shared, |store, folder| {
                folder::write(store, folder, &export(store, now)).unwrap();
            });
        }
        ["read", folder, shared] => {
            let store = store(folder, now);
            let settings = settings(&store, now);
            with_folder(&store, shared, |store, folder| {
                folder::read(store, folder, &settings, &|| false).unwrap();
            });
        }
        _ => panic!("exchange make|export|take|write|read FOLDER …"),
    }
    eprintln!("{}", begun.elapsed().as_secs_f64());
}

fn store(folder: &str, now: DateTime<Utc>) -> Store {
    Store::open(Path::new(folder), now).unwrap()
}

fn export(store: &Store, now: DateTime<Utc>) -> Export {
    Export {
        own: identity::ensure(store, &Host::of_system(), now).unwrap(),
        run: identity::begin_run(store, now).unwrap(),
        now,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        projects: ShareProjects::No,
    }
}

fn exchange(store: &Store, now: DateTime<Utc>) -> ExchangeId {
    let known = store.exchanges().unwrap().first().map(|exchange| exchange.id);
    known.unwrap_or_else(|| {
        let new = NewExchange { name: "measured".to_owned(), place: "{}".to_owned() };
        store.add_exchange(&new, now).unwrap()
    })
}

fn settings(store: &Store, now: DateTime<Utc>) -> IntakeSettings {
    IntakeSettings {
        exchange: exchange(store, now),
        own_id: export(store, now).own.id,
        name: None,
        now,
        cuts: Vec::new(),
        accounts: Vec::new(),
    }
}

fn with_folder(store: &Store, path: &str, work: impl FnOnce(&Store, &SharedFolder<'_>)) {
    let now = DateTime::UNIX_EPOCH;
    let passphrase = SecretString::from("four random words here");
    let keys = FolderKeys::default();
    let path = Path::new(path);
    work(store, &SharedFolder { exchange: exchange(store, now), path, passphrase: &passphrase, keys: &keys });
}

/// A year of one machine: half of its requests are of Kimi Code, half of Claude Code, in working hours.
fn make(store: &Store, requests: u64, now: DateTime<Utc>) {
    let begin = now - TimeDelta::days(365);
    let (mut claims, mut named) = (Vec::new(), Vec::new());
    for number in 0..requests {
        let at = begin + TimeDelta::days(365) / i32::try_from(requests).unwrap() * number as i32;
        let request = UsageRequest {
            at: at.timestamp_millis(),
            begun: None,
            model: 0,
            tokens: Tokens {
                input: 900 + number % 7000,
                cache_read: 60_000 + number % 90_000,
                output: 300 + number % 2000,
                ..Tokens::default()
            },
            fingerprint: number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        };
        if number % 2 == 0 {
            claims.push(UsageClaim { request, copies: 0 });
        } else {
            let message = request.fingerprint;
            named.push(UsageNamed {
                request,
                message,
                named: true,
                states: UsageStates::Together,
                origin: None,
            });
        }
    }
    let batch = UsageBatch {
        known: now.timestamp_millis(),
        models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider: None }],
        origins: vec![UsageOrigin {
            format: "kimi-code".to_owned(),
            session: "session".to_owned(),
            project: Some("/home/lin/work/boat".to_owned()),
        }],
        parts: vec![UsagePart {
            file: None,
            path: "/home/lin/.kimi-code/sessions/a/wire.jsonl".to_owned(),
            mark: "{}".to_owned(),
            skipped: 0,
            origin: 0,
            claims,
            named,
        }],
        ..UsageBatch::default()
    };
    store.write_usage(&batch).unwrap();
}
