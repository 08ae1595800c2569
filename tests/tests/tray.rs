//! The tray on a real bus with a real watcher and panel: what it shows, what its menu does, and that it
//! comes when a panel comes.

#![cfg(target_os = "linux")]

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use tidemark_core::Meter;
use tidemark_journeys::{Agent, COMES_UP, Desktop, FOLLOWS, Keyring, Options, Service, wait_until};
use tidemark_simulator::{Event, Scenario};

/// The agent asks at least this often whether a panel has come, where nobody tells it.
const RECHECK: Duration = Duration::from_secs(45);

fn options(tray: bool) -> Options {
    Options { keyring: Keyring::None, notifications: false, tray, ..Options::default() }
}

/// A service with one account, and the environment of programs that use it.
fn service() -> (Service, Vec<(String, String)>) {
    let now = Utc::now();
    let service = Service::start(Scenario::one_code(now), now, 1.0);
    let mut env = service.env();
    env.push(("A_KEY".to_owned(), service.key("work")));
    (service, env)
}

fn start(desktop: &Desktop, env: &[(String, String)]) -> Agent {
    let add =
        ["account", "add", "Work_1", "--source", "kimi-code", "--region", "china", "--key-env", "A_KEY"];
    let (status, _, err) = desktop.tidemark_with(&add, "", env);
    assert!(status.success(), "{err}");
    desktop.start_agent_with::<&str>(&desktop.data_dir(), &[], env)
}

fn tray_state(agent: &Agent) -> String {
    agent.get("/v1/overview")["agent"]["tray"].as_str().unwrap_or_default().to_owned()
}

fn paused_until(agent: &Agent) -> Value {
    agent.get("/v1/overview")["agent"]["paused_until"].clone()
}

#[test]
fn it_shows_the_tightest_meter_and_its_menu_works() {
    let desktop = Desktop::start(&options(true));
    let (service, env) = service();
    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 41.into() });
    let mut agent = start(&desktop, &env);
    wait_until("the agent to say that the tray is shown", COMES_UP, || tray_state(&agent) == "shown");

    let tray = desktop.tray();
    wait_until("the meter in the tooltip", FOLLOWS, || tray.props().tooltip.contains("Work_1 · 5-hour 41%"));
    let props = tray.props();
    assert_eq!((props.title.as_str(), props.status.as_str()), ("Tidemark", "Active"));
    assert!(props.tooltip.contains("resets in"), "{props:?}");
    assert_eq!(props.icon_sizes, [(22, 22), (24, 24), (32, 32), (48, 48)]);
    let labels = tray.labels();
    assert_eq!(labels[0], "Work_1", "an underscore is shown as one");
    assert!(labels.iter().any(|label| label.trim().starts_with("5-hour  41%")), "{labels:?}");

    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 83.into() });
    let looks = service.looks().len();
    // A look within ten seconds of the last one is left alone; the click is repeated until it takes.
    wait_until("a look after a click on Refresh", COMES_UP, || {
        tray.click("Refresh now");
        service.looks().len() > looks
    });
    wait_until("the new meter", FOLLOWS, || tray.props().tooltip.contains("5-hour 83%"));

    tray.click("Pause updates for 1 hour");
    wait_until("the pause", FOLLOWS, || paused_until(&agent).is_string());
    let until: chrono::DateTime<Utc> =
        paused_until(&agent).as_str().unwrap_or_default().parse().expect("a time");
    let length = until - Utc::now();
    assert!(length > TimeDelta::minutes(58) && length <= TimeDelta::minutes(61), "{length}");
    wait_until("Resume updates in the menu", FOLLOWS, || {
        tray.labels().iter().any(|label| label == "Resume updates")
    });
    tray.click("Resume updates");
    wait_until("the end of the pause", FOLLOWS, || paused_until(&agent).is_null());

    tray.click("Quit");
    assert!(agent.wait(COMES_UP).success(), "{}", agent.log());
    wait_until("the icon to go", FOLLOWS, || desktop.tray_now().is_none());
}

#[test]
fn it_comes_with_the_panel_goes_with_it_and_comes_back() {
    let mut desktop = Desktop::start(&options(false));
    let (_service, env) = service();
    let agent = start(&desktop, &env);
    wait_until("no panel", COMES_UP, || tray_state(&agent) == "no-host");
    for round in ["a panel that comes later", "a panel that comes back"] {
        desktop.start_tray();
        wait_until(round, RECHECK, || tray_state(&agent) == "shown");
        let tray = desktop.tray();
        wait_until("a menu", FOLLOWS, || tray.labels().iter().any(|label| label == "Quit"));
        desktop.stop_tray();
        wait_until("the panel's end to be noticed", RECHECK, || tray_state(&agent) == "no-host");
    }
    assert!(agent.stop().success());
}

#[test]
fn a_click_opens_the_window() {
    let desktop = Desktop::start(&options(true));
    let (_service, env) = service();
    let agent = start(&desktop, &env);
    desktop.tray().activate();
    let window =
        || desktop.processes().into_iter().map(|(_, line)| line).find(|l| l.contains("tidemark-desktop"));
    wait_until("the window's program", COMES_UP, || window().is_some());
    wait_until("the window", COMES_UP, || {
        desktop.run("wmctrl", &["-l"]).lines().any(|line| line.contains("Tidemark"))
    });
    assert!(agent.stop().success());
}

#[test]
fn without_a_tray_there_is_none() {
    let desktop = Desktop::start(&options(true));
    let agent = desktop.start_agent(&desktop.data_dir(), &["--no-tray"]);
    assert_eq!(tray_state(&agent), "off");
    assert!(desktop.tray_now().is_none());
    // And a second agent says that there is one.
    let (status, _, err) = desktop.tidemark(&["agent", "--no-tray"], "");
    assert_eq!(status.code(), Some(1));
    assert!(err.contains("already running"), "{err}");
    assert!(agent.stop().success());
}
