//! The programs for Windows, from the first key to the end, by Wine: `cargo xtask windows test` builds them and runs
//! these. The service is the simulator, as everywhere.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where what it stands on is not so")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tidemark_core::{Meter, Region};
use tidemark_journeys::{
    COMES_UP, Desktop, Executable, FOLLOWS, Finished, Keyring, Options, Program, Service, Wine, in_windows,
    wait_for,
};
use tidemark_simulator::{AccountSpec, Event, Habits, Plan, Scenario};

/// Fast enough for a poll of each account every half second.
const SPEED: f64 = 600.0;
/// Wine starts a program in a second or two.
const SOON: Duration = Duration::from_secs(100);

fn desktop() -> Desktop {
    Desktop::start(&Options {
        keyring: Keyring::None,
        notifications: false,
        tray: false,
        ..Options::default()
    })
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_794_993_600, 0).unwrap_or_default()
}

fn two_idle_accounts() -> Scenario {
    let since = start() - chrono::TimeDelta::days(12);
    let account =
        |name, plan| AccountSpec::kimi_code(name, Region::China, plan, since).with_habits(Habits::idle());
    Scenario::of(vec![account("work", Plan::Pro), account("old", Plan::Allegretto)])
}

/// A running agent, and where its interface is to be found over HTTP.
struct Agent {
    program: Program,
    url: String,
    token: String,
}

impl Agent {
    fn start(wine: &Wine<'_>, data: &Path, env: &[(String, String)]) -> Agent {
        Self::start_with(wine, data, env, &["--no-tray"])
    }

    fn start_with(wine: &Wine<'_>, data: &Path, env: &[(String, String)], options: &[&str]) -> Agent {
        let data = in_windows(data);
        let mut command = wine.tidemark(&["agent", "--json", "--listen", "127.0.0.1:0", "--data-dir", &data]);
        command.args(options);
        command.envs(env.iter().cloned());
        let mut program = wine.spawn_piped("agent", &mut command);
        let out = program.child().stdout.take().expect("standard output is a pipe");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("the agent says where it is");
        let said: Value =
            serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}\n{}", program.log()));
        let text = |name: &str| said[name].as_str().expect(name).to_owned();
        Agent { url: text("url"), token: text("token"), program }
    }

    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url.trim_end_matches('/')))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(body.map(Value::to_string).unwrap_or_default())
            .map_err(|e| e.to_string())?;
        let mut answer = ureq::run(request).map_err(|e| e.to_string())?;
        let text = answer.body_mut().read_to_string().map_err(|e| e.to_string())?;
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// When the account that was read longest ago was read.
    fn read_at(&self) -> Option<DateTime<Utc>> {
        let overview = self.request("GET", "/v1/overview", None).ok()?;
        let cards = overview["accounts"].as_array()?.iter();
        cards.map(|card| card["read_at"].as_str()?.parse().ok()).min()?
    }

    /// Waits for two more polls of every account: then everything has been concluded from the present state.
    fn polled_again(&self, service: &Service) {
        for _ in 0..2 {
            let now = service.now();
            wait_for(&format!("a reading after {now}"), SOON, || self.read_at(), |at| *at > Some(now));
        }
    }
}

/// A command that is to succeed.
fn done(finished: Finished) -> Finished {
    assert_eq!(finished.status, Some(0), "{finished:?}");
    finished
}

/// Runs what starts an agent and ends. Without pipes: the agent has what its starter has, and does not end.
fn start_agent(wine: &Wine<'_>, command: &mut std::process::Command) {
    let mut starter = wine.spawn("starter", command);
    assert!(starter.wait(SOON).success(), "{}", starter.log());
}

/// Every line of JSON.
fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn database(data: &Path) -> Connection {
    Connection::open_with_flags(data.join("tidemark.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the history")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn a_key_is_kept_by_windows_and_what_happens_to_its_account_is_noticed_and_exported() {
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    let data = desktop.scratch("data");
    let service = Service::start(two_idle_accounts(), start(), SPEED);
    let (env, key) = (service.env(), service.key("work"));
    let old = service.key("old");
    let folder = in_windows(&data);
    let tidemark = |arguments: &[&str], stdin: &str| {
        let mut command = wine.tidemark(arguments);
        command.args(["--data-dir", &folder]).envs(env.iter().cloned());
        wine.finish(&mut command, stdin)
    };

    // As a person pastes it in a Windows console.
    let add =
        ["account", "add", "work", "--source", "kimi-code", "--region", "china", "--key-stdin", "--json"];
    done(tidemark(&add, &format!("{key}\r\n")));
    done(tidemark(&add.map(|word| if word == "work" { "old" } else { word }), &format!("{old}\n")));
    let kept = || wine.registry(&[r"HKCU\Software\Wine\Credential Manager", "/s"]).unwrap_or_default();
    assert!(kept().contains("Tidemark"), "{}", kept());
    let polled = lines(&done(tidemark(&["poll", "--json"], "")).out);
    assert_eq!(polled[0]["type"], "reading", "{polled:?}");

    let mut agent = Agent::start(&wine, &data, &env);
    agent.polled_again(&service);
    // Another process of the same user asks over the named pipe.
    let status = done(tidemark(&["status", "--json"], ""));
    assert!(status.out.contains("work"), "{status:?}");
    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 78.into() });
    agent.polled_again(&service);
    service.event("old", &Event::SpendUpTo { meter: Meter::Week, points: 60.into() });
    agent.polled_again(&service);
    service.event("old", &Event::EarlyReset { meter: Some(Meter::Week), move_end: true });
    let events = || agent.request("GET", "/v1/findings", None).map(|found| found.to_string());
    let _ = wait_for("the early reset", SOON, events, |found| {
        found.as_ref().is_ok_and(|found| found.contains(r#""schedule":"early""#))
    });
    let shown =
        || agent.request("GET", "/v1/overview", None).map(|all| all["agent"]["notifications"].clone());
    let _ = wait_for("that no toast could be shown", SOON, shown, |state| *state == Ok(json!("no-service")));
    end_agent(&wine, &data);
    assert!(agent.program.wait(FOLLOWS).success());

    // There are no toasts in Wine: what should have been shown waits for a Windows that has them.
    let alerts: Vec<(String, String)> = database(&data)
        .prepare("SELECT key, state FROM alert")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(alerts.iter().any(|(key, state)| key.contains("75") && state == "pending"), "{alerts:?}");

    let events = done(tidemark(&["findings", "--json"], "")).out;
    let early = lines(&events).iter().any(|line| line["meter"] == "week" && line["schedule"] == "early");
    assert!(early, "{events}");
    let exported = lines(&done(tidemark(&["export", "--format", "jsonl"], "")).out);
    assert!(exported.iter().filter(|line| line["type"] == "reading").count() > 3);

    // The key is in no file of the program's.
    let all = files(&data);
    assert!(all.len() > 1, "{all:?}");
    let in_utf16: Vec<u8> = key.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for file in all {
        let bytes = std::fs::read(&file).unwrap_or_default();
        for form in [key.as_bytes(), &in_utf16] {
            assert!(!bytes.windows(form.len()).any(|part| part == form), "{} holds the key", file.display());
        }
    }
    let entries = kept().matches("Tidemark").count();
    done(tidemark(&["account", "remove", "work"], ""));
    assert!(kept().matches("Tidemark").count() < entries, "{}", kept());
}

/// One history, moved by both systems' programs. Its key stands in a variable, which both have.
#[test]
fn a_history_moves_between_linux_and_windows_and_is_exported_the_same() {
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    let service = Service::start(two_idle_accounts(), start(), SPEED);
    let mut env = service.env();
    for account in ["work", "old"] {
        env.push((format!("KEY_OF_{account}"), service.key(account)));
    }
    // As each system writes the path of a folder that both can reach.
    let linux = |folder: &str, arguments: &[&str]| {
        let data = desktop.scratch(folder).display().to_string();
        let (status, out, err) =
            desktop.tidemark_with(&[arguments, &["--data-dir", &data]].concat(), "", &env);
        assert!(status.success(), "{arguments:?}: {out} {err}");
        out
    };
    let windows = |folder: &str, arguments: &[&str]| {
        let mut command = wine.tidemark(arguments);
        command.args(["--data-dir", &in_windows(&desktop.scratch(folder))]).envs(env.iter().cloned());
        done(wine.finish(&mut command, "")).out
    };
    let file = |name: &str| desktop.root().join(name);
    let (a_backup, a_later_one, an_export) = (file("a.db"), file("b.db"), file("a.jsonl"));
    let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    let export = ["export", "--format", "jsonl"];

    // A history with events, by Linux.
    for account in ["work", "old"] {
        let key = format!("KEY_OF_{account}");
        let add =
            ["account", "add", account, "--source", "kimi-code", "--region", "china", "--key-env", &key];
        linux("linux", &add);
    }
    let readings = |text: &str| text.matches(r#""type":"reading""#).count();
    let events = ["findings", "--json"];
    service.event("old", &Event::SpendUpTo { meter: Meter::Week, points: 60.into() });
    let polled = |shown: &[&str]| {
        linux("linux", &["poll", "--json"]);
        linux("linux", shown)
    };
    wait_for("two readings of each", SOON, || polled(&export), |all| readings(all) >= 4);
    service.event("old", &Event::EarlyReset { meter: Some(Meter::Week), move_end: true });
    // A drop is confirmed by a second reading, a minute later.
    let found = wait_for("the reset", SOON, || polled(&events), |all| all.contains(r#""schedule":"early""#));
    let first = linux("linux", &export);
    std::fs::write(&an_export, &first).expect("a file");
    linux("linux", &["backup", &text(&a_backup)]);

    // Restored by Windows, and gone on with there.
    let restored = windows("windows", &["restore", &in_windows(&a_backup), "--json"]);
    let restored: Value = serde_json::from_str(&restored).expect("JSON");
    assert!(restored["accounts"].as_array().is_some_and(|all| all.len() == 2), "{restored}");
    assert_eq!(windows("windows", &export), first, "restored by Windows");
    assert_eq!(windows("windows", &events), found);
    windows("windows", &["poll", "--json"]);
    let later = windows("windows", &export);
    assert_eq!(readings(&later), readings(&first) + 2, "{later}");
    windows("windows", &["backup", &in_windows(&a_later_one)]);

    // And back.
    linux("back", &["restore", &text(&a_later_one)]);
    assert_eq!(linux("back", &export), later, "restored by Linux");
    // The first folder has all but what was added since.
    std::fs::write(file("b.jsonl"), &later).expect("a file");
    linux("linux", &["import", &text(&file("b.jsonl"))]);
    assert_eq!(linux("linux", &export), later, "imported by Linux");
    windows("new", &["import", &in_windows(&an_export)]);
    assert_eq!(windows("new", &export), first, "imported by Windows");
}

/// Two machines, one of each system.
#[test]
fn linux_and_windows_exchange_usage_through_a_folder_and_over_ssh() {
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    let shared = desktop.scratch("shared");
    let home = desktop.scratch("windows-home");
    // Both have what was logged at minutes 10 to 19: a home that was copied.
    log_requests(&desktop.home().join(".kimi-code"), 0..20);
    log_requests(&home, 10..50);
    let passphrase = ("FOLDER_PASSPHRASE".to_owned(), "four random words here".to_owned());
    let linux = |arguments: &[&str], path: &str| -> Value {
        let data = desktop.scratch("linux").display().to_string();
        let env = [passphrase.clone(), ("PATH".to_owned(), path.to_owned())];
        let (status, out, err) =
            desktop.tidemark_with(&[arguments, &["--json", "--data-dir", &data]].concat(), "", &env);
        assert!(status.success(), "{arguments:?}: {out} {err}");
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    };
    let path = std::env::var("PATH").expect("PATH");
    let windows_command = |arguments: &[&str]| {
        let mut command = wine.tidemark(arguments);
        command.args(["--data-dir", &in_windows(&desktop.scratch("windows"))]);
        // There is no other home that the program could be given.
        command.env("KIMI_CODE_HOME", in_windows(&home));
        command.env(&passphrase.0, &passphrase.1);
        command
    };
    let windows = |arguments: &[&str]| -> Value {
        let out = done(wine.finish(&mut windows_command(&[arguments, &["--json"]].concat()), "")).out;
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    };
    let requests = |logs: &Value| logs["totals"]["requests"].as_u64().unwrap_or_else(|| panic!("{logs}"));
    let every = ["logs", "--machine", "all", "--by", "model"];

    let folder = text_of(&shared);
    let passphrase_env = ["--passphrase-env", "FOLDER_PASSPHRASE"];
    linux(&[&["machine", "add", "ours", "--folder", &folder][..], &passphrase_env].concat(), &path);
    let there = in_windows(&shared);
    let added = windows(&[&["machine", "add", "ours", "--folder", &there][..], &passphrase_env].concat());
    assert_eq!(added["exchanges"][0]["problem"], Value::Null, "{added}");
    assert_eq!(requests(&windows(&every)), 50, "Windows knows what Linux logged, each request once");
    linux(&["machine", "sync"], &path);
    assert_eq!(requests(&linux(&every, &path)), 50, "Linux knows what Windows logged");
    log_requests(&home, 50..60);
    windows(&["machine", "sync"]);
    linux(&["machine", "sync"], &path);
    assert_eq!(requests(&linux(&every, &path)), 60, "what is new is appended");
    assert_eq!(std::fs::read_dir(&shared).map(Iterator::count).ok(), Some(2), "a folder for each machine");

    // Over SSH, what the program prints there comes through as it is.
    log_requests(&home, 60..65);
    let export = windows_command(&["machine", "export"]);
    script(&desktop.scratch("tools").join("ssh"), &export);
    let tools = format!("{}:{path}", desktop.scratch("tools").display());
    let added = linux(&["machine", "add", "laptop", "--ssh", "laptop"], &tools);
    assert_eq!(added["exchanges"][0]["problem"], Value::Null, "{added}");
    assert_eq!(requests(&linux(&every, &path)), 65);
}

fn text_of(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// Logs requests of one session in a folder of Kimi Code, one a minute. The same number is the same request.
fn log_requests(home: &Path, numbers: std::ops::Range<i64>) {
    let folder = home.join("sessions/wd_ship_0123456789ab/session_one/agents/main");
    std::fs::create_dir_all(&folder).expect("a folder");
    let log = folder.join("wire.jsonl");
    let before = std::fs::read_to_string(&log).unwrap_or_default();
    let new = numbers.map(|number| {
        let record = json!({
            "type": "usage.record", "model": "kimi-code/k3", "usageScope": "turn",
            "time": 1_764_000_000_000 + number * 60_000,
            "usage": {"inputOther": 20 + number, "output": 9, "inputCacheRead": 40},
        });
        format!("{record}\n")
    });
    let all: String = std::iter::once(before).chain(new).collect();
    std::fs::write(&log, all).expect("a log");
}

/// A program that is this command, whatever it is given.
fn script(path: &Path, command: &std::process::Command) {
    use std::os::unix::fs::PermissionsExt as _;
    let quoted =
        |word: &std::ffi::OsStr| format!("'{}'", word.to_str().expect("UTF-8").replace('\'', r"'\''"));
    let sets = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let sets: Vec<String> =
        sets.map(|(name, value)| format!("{}={}", name.to_string_lossy(), quoted(value))).collect();
    let words: Vec<String> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(quoted).collect();
    std::fs::write(path, format!("#!/bin/sh\nexec env {} {}\n", sets.join(" "), words.join(" ")))
        .expect("a script");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a program");
}

#[test]
fn no_acknowledged_reading_is_lost_by_kills() {
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    let data = desktop.scratch("data");
    let service = Service::start(Scenario::fleet(3, start(), 7), start(), SPEED);
    let mut env = service.env();
    for (number, account) in service.running().accounts().iter().enumerate() {
        env.push((format!("A_KEY_{number}"), account.key.clone()));
    }
    let mut agent = Agent::start(&wine, &data, &env);
    for (number, account) in service.running().accounts().iter().enumerate() {
        let key = json!({ "kind": "environment", "name": format!("A_KEY_{number}") });
        let body =
            json!({ "name": account.name, "source": account.source, "region": account.region, "key": key });
        let added = agent.request("POST", "/v1/accounts", Some(&body)).expect("an answer");
        assert!(added["id"].is_i64(), "{added}");
    }
    let mut seen = Vec::new();
    for round in 0..6_u64 {
        let before = service.looks().len();
        wait_for("polls", COMES_UP, || service.looks().len(), |polls| *polls >= before + 3);
        let deadline = std::time::Instant::now() + Duration::from_millis(17 * round);
        loop {
            let overview = agent.request("GET", "/v1/overview", None).unwrap_or_default();
            for card in overview["accounts"].as_array().into_iter().flatten() {
                if let (Some(id), Some(at)) = (card["id"].as_i64(), card["read_at"].as_str()) {
                    seen.push((id, at.parse::<DateTime<Utc>>().unwrap()));
                }
            }
            if std::time::Instant::now() >= deadline {
                break;
            }
        }
        agent.program.kill();
        agent = Agent::start(&wine, &data, &env);
    }
    end_agent(&wine, &data);
    assert!(agent.program.wait(FOLLOWS).success());
    let database = database(&data);
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    assert!(!seen.is_empty());
    for (account, at) in seen {
        let at = at.timestamp_nanos_opt().unwrap();
        let count: i64 = database
            .query_row("SELECT count(*) FROM reading WHERE account = ?1 AND at = ?2", (account, at), |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(count, 1, "the reading of account {account} at {at}");
    }
}

/// Asks the agent of a folder to end. What comes to its address cannot: any page of a browser could ask so.
fn end_agent(wine: &Wine<'_>, data: &Path) {
    let ended = wine.finish(&mut wine.tidemark(&["agent", "--end", "--data-dir", &in_windows(data)]), "");
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

#[test]
fn a_second_agent_is_refused_and_the_first_goes_on() {
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    let data = desktop.scratch("data");
    let mut first = Agent::start(&wine, &data, &[]);
    // However the folder is spelled: Windows makes no difference.
    let folder = in_windows(&data).to_lowercase();
    let second =
        wine.finish(&mut wine.tidemark(&["agent", "--no-tray", "--json", "--data-dir", &folder]), "");
    assert_eq!(second.status, Some(1), "{second:?}");
    assert!(format!("{}{}", second.out, second.err).contains("already-running"), "{second:?}");
    first.request("GET", "/v1/overview", None).expect("the first answers");
    end_agent(&wine, &data);
    assert!(first.program.wait(FOLLOWS).success());
}

#[test]
fn the_agent_starts_at_login_by_the_registry_and_without_a_console() {
    const RUN: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    let data = desktop.scratch("data");
    let agent = Agent::start(&wine, &data, &[]);
    let set = |agent: &Agent, on: bool| {
        let changed = agent.request("PATCH", "/v1/settings", Some(&json!({ "start_at_login": on })));
        assert_eq!(changed.expect("an answer")["start_at_login"], on);
    };
    set(&agent, true);
    let entry = wine.registry(&[RUN, "/v", "Tidemark"]).expect("an entry");
    let line = entry.lines().find_map(|line| line.split_once("REG_SZ")).expect("a text").1.trim().to_owned();
    let program = wine.programs().join("tidemark-desktop.exe");
    assert!(line.to_lowercase().ends_with(r#"tidemark-desktop.exe" --agent"#), "{line}");
    set(&agent, false);
    assert_eq!(wine.registry(&[RUN, "/v", "Tidemark"]), None);
    let mut agent = agent;
    end_agent(&wine, &data);
    assert!(agent.program.wait(FOLLOWS).success());

    // What the entry starts: it ends, the agent goes on.
    let folder = in_windows(&data);
    start_agent(&wine, wine.command(&program).args(["--agent", "--data-dir", &folder]));
    let status = done(wine.finish(&mut wine.tidemark(&["status", "--json", "--data-dir", &folder]), ""));
    assert!(!status.out.is_empty());
    assert_eq!(wine.agents().len(), 1, "{:?}", wine.agents());
    let windows = desktop.run("wmctrl", &["-l"]);
    assert!(!windows.to_lowercase().contains("tidemark"), "a window or console: {windows}");
}

/// Wine has no panel, and shows the icon in a window of its own.
#[test]
fn the_icon_in_the_notification_area_comes_with_the_agent_and_goes_with_it() {
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    let data = desktop.scratch("data");
    let mut agent = Agent::start_with(&wine, &data, &[], &[]);
    let tray =
        || agent.request("GET", "/v1/overview", None).map(|overview| overview["agent"]["tray"].clone());
    let _ = wait_for("the icon", SOON, tray, |tray| *tray == Ok(json!("shown")));
    // There are no toasts in Wine: a test says so, and why.
    let tested = agent.request("POST", "/v1/notifications/test", None);
    assert_eq!(tested, Err("http status: 409".to_owned()));
    end_agent(&wine, &data);
    assert!(agent.program.wait(FOLLOWS).success(), "{}", agent.program.log());
}

#[test]
fn the_programs_have_an_icon_a_version_and_a_manifest_and_the_windows_has_no_console() {
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    for (name, has_console) in [("tidemark.exe", true), ("tidemark-desktop.exe", false)] {
        let program = Executable::read(&wine.programs().join(name));
        // The agent is that program too: whoever starts it says that it gets no console.
        assert_eq!(program.has_console(), has_console, "{name}");
        assert!(program.icons() >= 4, "{name}: {} icons", program.icons());
        for (text, value) in [
            ("ProductName", "Tidemark"),
            ("CompanyName", "The Tidemark authors"),
            ("FileVersion", env!("CARGO_PKG_VERSION")),
            ("ProductVersion", env!("CARGO_PKG_VERSION")),
        ] {
            assert_eq!(program.version(text).as_deref(), Some(value), "{name}: {text}");
        }
        let manifest = program.manifest().expect("a manifest");
        for setting in ["asInvoker", "PerMonitorV2", "longPathAware", "Common-Controls"] {
            assert!(manifest.contains(setting), "{name}: {setting}: {manifest}");
        }
    }
}

#[test]
fn without_webview2_the_window_says_what_to_do_and_starts_no_agent() {
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    let data = desktop.scratch("home").join("data");
    let title = "Microsoft Edge WebView2 is missing";
    let mut command = wine.command(wine.programs().join("tidemark-desktop.exe"));
    let mut window = wine.spawn("window", command.args(["--data-dir", &in_windows(&data)]));
    let boxes = || (desktop.run("wmctrl", &["-l"]), window.log());
    wait_for("the message", COMES_UP, boxes, |(list, _)| list.contains(title));
    desktop.run("wmctrl", &["-c", title]);
    assert_eq!(window.wait(FOLLOWS).code(), Some(3), "{}", window.log());
    assert!(window.log().contains(title), "{}", window.log());
    assert!(!data.exists(), "an agent was started");
    // What needs no window works all the same.
    let help =
        done(wine.finish(wine.command(wine.programs().join("tidemark-desktop.exe")).arg("--help"), ""));
    assert!(help.out.contains("Usage: tidemark-desktop"), "{help:?}");
}

/// The user's folder on drive `C:`.
fn profile(wine: &Wine<'_>) -> PathBuf {
    let said = wine.finish(wine.command("cmd").args(["/c", "echo %USERPROFILE%"]), "").out;
    let path = said.trim().strip_prefix(r"C:\").unwrap_or_else(|| panic!("{said}")).replace('\\', "/");
    wine.drive_c().join(path)
}

#[test]
fn it_is_installed_upgraded_while_the_agent_runs_and_removed_with_or_without_its_data() {
    const REMOVAL: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Tidemark";
    const RUN: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
    let desktop = desktop();
    let wine = Wine::new(&desktop);
    let service = Service::start(two_idle_accounts(), start(), SPEED);
    let (env, key) = (service.env(), service.key("work"));
    let setup = |name: &str| PathBuf::from(std::env::var_os(name).expect(name));
    let profile = profile(&wine);
    let folder = profile.join("AppData/Local/Programs/Tidemark");
    let data = profile.join("AppData/Roaming/tidemark/Tidemark/data");
    let link = profile.join("AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Tidemark.lnk");
    for rest in [&folder, &data] {
        if rest.exists() {
            std::fs::remove_dir_all(rest).expect("what an earlier run left goes");
        }
    }
    let version = || wine.registry(&[REMOVAL, "/v", "DisplayVersion"]).unwrap_or_default();
    let agents = || wine.agents().len();
    let tidemark = |arguments: &[&str], stdin: &str| {
        let mut command = wine.command(folder.join("tidemark.exe"));
        done(wine.finish(command.args(arguments).envs(env.iter().cloned()), stdin)).out
    };
    let starts = || wine.registry(&[RUN, "/v", "Tidemark"]);
    let install =
        |name: &str| start_agent(&wine, wine.command(setup(name)).arg("/S").envs(env.iter().cloned()));
    let remove = |arguments: &[&str]| {
        done(wine.finish(wine.command(folder.join("uninstall.exe")).args(arguments), ""));
        // The uninstaller goes on as a copy of itself, or its own file could not be removed.
        let left = || folder.read_dir().map_or(0, Iterator::count);
        wait_for("an empty folder", SOON, left, |left| *left == 0);
        assert_eq!(agents(), 0, "the agent goes on");
        assert!(!link.exists() && version().is_empty(), "{}", version());
        assert_eq!(starts(), None, "start at login");
    };

    install("TIDEMARK_SETUP_OLDER");
    assert!(version().contains("0.0.1"), "{}", version());
    assert!(link.is_file());
    let mut starter = wine.command(folder.join("tidemark-desktop.exe"));
    start_agent(&wine, starter.arg("--agent").envs(env.iter().cloned()));
    assert_eq!(agents(), 1);
    let add = ["account", "add", "work", "--source", "kimi-code", "--region", "china", "--key-stdin"];
    tidemark(&add, &format!("{key}\n"));
    // What the setting writes.
    let program = folder.join("tidemark-desktop.exe");
    let inner = program.strip_prefix(wine.drive_c()).expect("a program on drive C:");
    let at_login = format!(r#""C:\{}" --agent"#, inner.display().to_string().replace('/', r"\"));
    let set = ["add", RUN, "/v", "Tidemark", "/t", "REG_SZ", "/d", &at_login, "/f"];
    done(wine.finish(wine.command("reg").args(set), ""));
    let (began, export) = (starts(), ["export", "--format", "jsonl"]);
    assert!(began.is_some());
    let readings = || tidemark(&export, "");
    let before = wait_for("a reading", SOON, readings, |all| all.contains(r#""type":"reading""#));
    let lock = || std::fs::read_to_string(data.join("agent.lock")).unwrap_or_default();
    let first = lock();
    assert!(!first.is_empty(), "the agent's number");

    install("TIDEMARK_SETUP");
    assert!(version().contains(env!("CARGO_PKG_VERSION")), "{}", version());
    assert_eq!(agents(), 1, "{:?}", wine.agents());
    assert_ne!(lock(), first, "the agent of the older version goes on");
    let after = tidemark(&export, "");
    assert!(after.starts_with(&before), "the history: {before}\n{after}");
    assert_eq!(starts(), began, "start at login");
    let goes_on = |all: &String| all.lines().count() > after.lines().count();
    wait_for("a reading by the key in the Credential Manager", SOON, || tidemark(&export, ""), goes_on);
    let names = || -> Vec<String> {
        let all = folder.read_dir().expect("the folder").flatten();
        all.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    assert!(!names().iter().any(|name| name.contains(".old")), "{:?}", names());

    remove(&["/S"]);
    assert!(data.join("tidemark.db").is_file(), "the history stays");
    install("TIDEMARK_SETUP");
    remove(&["/S", "/REMOVEDATA"]);
    assert!(
        !data.exists() && !data.parent().is_some_and(Path::exists),
        "the history goes where that is asked"
    );
}
