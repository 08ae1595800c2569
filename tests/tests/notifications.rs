//! Notifications on a real daemon, apart from what is notified and when: clicks, markup, a daemon that is not
//! there, and that waiting for clicks costs no threads.

#![cfg(target_os = "linux")]

use std::time::Duration;

use chrono::Utc;
use tidemark_core::Meter;
use tidemark_journeys::{Agent, COMES_UP, Desktop, FOLLOWS, Keyring, Options, Service, wait_for};
use tidemark_simulator::{Event, Scenario};

/// An alert that could not be shown is tried again after half a minute, and looked for as often.
const TRIED_AGAIN: Duration = Duration::from_secs(90);

fn options(notifications: bool) -> Options {
    Options { keyring: Keyring::None, notifications, tray: false, ..Options::default() }
}

/// An account on a service whose clock runs fast enough for a poll every few seconds.
fn start(desktop: &Desktop, name: &str) -> (Service, Agent) {
    let now = Utc::now();
    let service = Service::start(Scenario::one_code(now), now, 60.0);
    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 20.into() });
    let mut env = service.env();
    env.push(("A_KEY".to_owned(), service.key("work")));
    let add = ["account", "add", name, "--source", "kimi-code", "--region", "china", "--key-env", "A_KEY"];
    let (status, _, err) = desktop.tidemark_with(&add, "", &env);
    assert!(status.success(), "{err}");
    let agent = desktop.start_agent_with(&desktop.data_dir(), &["--no-tray"], &env);
    let card = || agent.get("/v1/overview")["accounts"][0].clone();
    wait_for("the first reading", COMES_UP, card, |card| card["read_at"].is_string());
    (service, agent)
}

fn threads(agent: &Agent) -> usize {
    std::fs::read_dir(format!("/proc/{}/task", agent.id())).map_or(0, Iterator::count)
}

#[test]
fn a_click_opens_the_window_at_the_account() {
    let desktop = Desktop::start(&options(true));
    let (service, agent) = start(&desktop, "A <b> & C");
    let id = agent.get("/v1/accounts")[0]["id"].as_i64().expect("a number");
    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 80.into() });
    wait_for("the notification", TRIED_AGAIN, || desktop.notifications_shown(), |shown| *shown == 1);
    desktop.click_notification();
    let wanted = format!("--account {id}");
    wait_for(
        "the window at that account",
        COMES_UP,
        || desktop.processes(),
        |all| all.iter().any(|(_, line)| line.contains("tidemark-desktop") && line.contains(&wanted)),
    );
    let all = desktop.notifications();
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].app, "Tidemark");
    // Markup in a name is shown as it was written.
    assert_eq!(all[0].summary, "A <b> & C: 75% of the 5-hour quota used");
    assert!(all[0].body.contains("Resets "), "{}", all[0].body);
    assert!(agent.stop().success());
}

#[test]
fn without_a_daemon_alerts_wait_for_one() {
    let mut desktop = Desktop::start(&options(false));
    let (service, agent) = start(&desktop, "Work");
    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 80.into() });
    let state = || agent.get("/v1/overview")["agent"]["notifications"].clone();
    wait_for("the agent to say that there is no daemon", TRIED_AGAIN, state, |state| state == "no-service");
    let test = agent.try_request("POST", "/v1/notifications/test", Some(&serde_json::json!({})));
    assert!(test.is_ok_and(|answer| answer.status >= 400), "a test says that nothing was shown");
    desktop.start_notifications();
    let shown = || desktop.notifications_shown();
    wait_for("the notification that waited", TRIED_AGAIN, shown, |shown| *shown == 1);
    wait_for("the agent to say so", FOLLOWS, state, |state| state == "working");
    assert!(agent.stop().success());
}

#[test]
fn waiting_for_clicks_costs_no_threads() {
    let desktop = Desktop::start(&options(true));
    let agent = desktop.start_agent(&desktop.data_dir(), &["--no-tray"]);
    let show = || agent.request("POST", "/v1/notifications/test", Some(&serde_json::json!({})));
    show();
    let before = threads(&agent);
    for _ in 0..20 {
        show();
    }
    wait_for("21 notifications", FOLLOWS, || desktop.notifications_shown(), |shown| *shown == 21);
    // One that has just served a request may take a moment to end; one that waits for a click would stay.
    wait_for(&format!("{before} threads"), FOLLOWS, || threads(&agent), |now| *now <= before + 1);
    assert!(agent.stop().success());
}
