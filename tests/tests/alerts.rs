//! What the user is notified of, and how often: read back from the notification daemon.

#![cfg(unix)]

use std::time::Duration;

use chrono::{DateTime, Utc};
use tidemark_core::{Meter, Region};
use tidemark_journeys::{Agent, Desktop, Keyring, Options, Service, wait_for};
use tidemark_simulator::{AccountSpec, Event, Habits, Plan, Scenario};

/// Five simulated hours pass in a minute.
const SPEED: f64 = 300.0;
const A_WINDOW: Duration = Duration::from_secs(100);

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_794_993_600, 0).unwrap_or_default()
}

fn two_accounts() -> Scenario {
    let day = chrono::TimeDelta::days(1);
    Scenario::of(vec![
        AccountSpec::kimi_code("work", Region::China, Plan::Pro, start() - day * 12)
            .with_habits(Habits::idle()),
        AccountSpec::kimi_code("old", Region::China, Plan::Allegretto, start() - day * 12)
            .with_habits(Habits::idle()),
    ])
}

struct Told {
    seen: Vec<(String, String)>,
}

impl Told {
    /// What the daemon has shown so far, newest last.
    fn look(&mut self, desktop: &Desktop) {
        self.seen = desktop.notifications().into_iter().map(|n| (n.summary, n.body)).collect();
    }

    /// Waits until a notification with all these parts came, exactly once.
    fn wait_once(&mut self, desktop: &Desktop, parts: &[&str]) {
        let notifications = || {
            self.look(desktop);
            (self.count(parts), self.seen.clone())
        };
        let what = format!("one notification with {parts:?}");
        wait_for(&what, A_WINDOW, notifications, |(count, _)| *count == 1);
    }

    fn count(&self, parts: &[&str]) -> usize {
        self.seen
            .iter()
            .filter(|(summary, body)| parts.iter().all(|part| summary.contains(part) || body.contains(part)))
            .count()
    }
}

/// When both accounts were read last.
fn read_at(agent: &Agent) -> [Option<DateTime<Utc>>; 2] {
    let overview = agent.get("/v1/overview");
    [0, 1].map(|account| overview["accounts"][account]["read_at"].as_str()?.parse().ok())
}

/// Waits until every account has been polled twice more: then everything has been concluded from the present
/// state.
fn looked_again(agent: &Agent, service: &Service) {
    for _ in 0..2 {
        let now = service.now();
        let what = format!("a reading of both accounts after {now}");
        wait_for(&what, A_WINDOW, || read_at(agent), |read| read.iter().all(|at| *at > Some(now)));
    }
}

#[test]
fn thresholds_and_resets_are_told_once_each_and_not_again_after_a_restart() {
    let desktop = Desktop::start(&Options {
        keyring: Keyring::Unlocked,
        notifications: true,
        tray: false,
        ..Options::default()
    });
    let service = Service::start(two_accounts(), start(), SPEED);
    let agent = desktop.start_agent_with(&desktop.data_dir(), &["--no-tray", "--lang", "en"], &service.env());
    for account in ["work", "old"] {
        let arguments =
            ["account", "add", account, "--source", "kimi-code", "--region", "china", "--key-stdin"];
        let (status, _, error) = desktop.tidemark_with(&arguments, &service.key(account), &service.env());
        assert!(status.success(), "{error}");
    }
    looked_again(&agent, &service);
    let mut told = Told { seen: Vec::new() };
    told.look(&desktop);
    assert_eq!(told.seen, [], "the first looks tell nothing");

    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 78.into() });
    told.wait_once(&desktop, &["work", "75"]);
    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 92.into() });
    told.wait_once(&desktop, &["work", "90"]);

    // A restart in the middle of it repeats neither.
    agent.kill();
    let agent = desktop.start_agent_with(&desktop.data_dir(), &["--no-tray", "--lang", "en"], &service.env());
    looked_again(&agent, &service);
    told.look(&desktop);
    assert_eq!(told.count(&["work", "75"]), 1, "{:?}", told.seen);
    assert_eq!(told.count(&["work", "90"]), 1, "{:?}", told.seen);

    // The announced end comes.
    told.wait_once(&desktop, &["work", "5-hour", "reset"]);
    assert_eq!(told.count(&["early"]), 0, "{:?}", told.seen);

    // In the other account the week comes back before its time.
    service.event("old", &Event::SpendUpTo { meter: Meter::Week, points: 60.into() });
    looked_again(&agent, &service);
    service.event("old", &Event::EarlyReset { meter: Some(Meter::Week), move_end: true });
    told.wait_once(&desktop, &["old", "week", "early"]);

    agent.kill();
    let agent = desktop.start_agent_with(&desktop.data_dir(), &["--no-tray", "--lang", "en"], &service.env());
    looked_again(&agent, &service);
    told.look(&desktop);
    for (times, parts) in [
        (1, ["work", "75"].as_slice()),
        (1, &["work", "90"]),
        (1, &["work", "5-hour", "reset"]),
        (1, &["old", "week", "early"]),
    ] {
        assert_eq!(told.count(parts), times, "{parts:?} in {:?}", told.seen);
    }
}
