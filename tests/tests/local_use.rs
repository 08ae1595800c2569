//! A project works, and the window follows.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tidemark_core::Region;
use tidemark_journeys::{COMES_UP, Desktop, Keyring, Launch, Options, Service, Window, wait_for};
use tidemark_simulator::{AccountSpec, Habits, Plan, ReachedBy, Scenario};

/// The window shows what was logged no later than this.
const SOON: Duration = Duration::from_secs(5);
/// Half a minute of work passes in a second.
const SPEED: f64 = 30.0;
/// The variable from which the agent has the account's key.
const KEY: &str = "TIDE_KEY";

/// A Tuesday morning in Shanghai.
fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_485_600, 0).unwrap_or_default()
}

/// An owner who works on several things at once all day.
fn busy() -> Scenario {
    let habits = Habits {
        sessions: 60.0,
        session_minutes: 60.0,
        other_machine: 0.0,
        zone: chrono_tz::Asia::Shanghai,
        ..Habits::default()
    };
    Scenario::of(vec![
        AccountSpec::kimi_code("work", Region::China, Plan::Max, start() - TimeDelta::days(3))
            .with_habits(habits)
            .reached_by(ReachedBy::Key),
    ])
}

/// How many requests the logs below a folder tell of.
fn logged(folder: &Path) -> u64 {
    let mut requests = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == "wire.jsonl" {
                let text = fs::read_to_string(entry.path()).unwrap_or_default();
                requests += text.matches("\"usage.record\"").count() as u64;
            }
        }
    }
    requests
}

/// How many requests the page says there were; nothing where it shows no sums.
fn shown(window: &Window) -> Option<u64> {
    let sums = window.texts(".sums > div");
    let told = sums.iter().find_map(|sum| sum.trim().strip_prefix("Requests"))?;
    told.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()
}

#[test]
fn use_is_shown_within_seconds_of_being_logged() {
    let desktop = Desktop::start(&Options {
        keyring: Keyring::None,
        notifications: false,
        tray: false,
        ..Options::default()
    });
    let service = Service::start(busy(), start(), SPEED);
    let mut env = service.env();
    env.push((KEY.to_owned(), service.key("work")));
    let data = desktop.data_dir();
    let agent = desktop.start_agent_with(&data, &["--no-tray"], &env);
    let arguments =
        ["account", "add", "work", "--source", "kimi-code", "--region", "china", "--key-env", KEY];
    let (status, _, error) = desktop.tidemark_with(&arguments, "", &env);
    assert!(status.success(), "{error}");
    agent.request("PATCH", "/v1/settings", Some(&json!({ "language": "en" })));

    let window = desktop.open_window(&Launch { env, ..Launch::default() });
    window.click("a[href='#/use']");
    window.wait_for_text("No session logs yet", COMES_UP);

    let home = desktop.home();
    let logs = home.join(".kimi-code/sessions");
    service.write_logs(&home);
    wait_for("the first work in the logs", COMES_UP, || logged(&logs), |requests| *requests > 0);
    // From no folder at all to the first figure, and then again and again while the work goes on.
    let mut slowest = Duration::ZERO;
    for round in 0..5 {
        let (there, since) = (logged(&logs), Instant::now());
        let what = format!("{there} requests on the page, round {round}");
        wait_for(&what, SOON, || shown(&window), |requests| *requests >= Some(there));
        slowest = slowest.max(since.elapsed());
    }
    println!("the slowest of five looks took {:.2} s", slowest.as_secs_f64());

    // Whose it is follows from the command line's configuration, and where it was from the logs.
    let body = window.body();
    for text in ["By account", "work", "/home/simulated/work/"] {
        assert!(body.contains(text), "no {text:?} in\n{body}");
    }
    let usage = agent.get("/v1/usage");
    assert_eq!(usage["accounts"].as_array().map(Vec::len), Some(1), "{}", usage["accounts"]);
    assert_eq!(usage["accounts"][0]["account"], "work");
    assert!(window.axe().is_empty(), "{:?}", window.axe());
    desktop.close_window(window);
}
