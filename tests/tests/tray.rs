//! The tray on a real bus with a real watcher and panel: what it shows, what its menu does, and that it
//! comes when a panel comes.

#![cfg(target_os = "linux")]

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use tidemark_core::Meter;
use tidemark_journeys::{
    Agent, COMES_UP, Desktop, FOLLOWS, Keyring, Options, Service, TrayProps, built, wait_for,
};
use tidemark_simulator::{Event, Scenario};

/// The agent checks at least this often for a panel, in case it is not notified of one.
const RECHECK: Duration = Duration::from_secs(90);

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

fn tray_comes_to(agent: &Agent, state: &str, deadline: Duration) {
    wait_for(&format!("the tray to be {state:?}"), deadline, || tray_state(agent), |now| now == state);
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
    tray_comes_to(&agent, "shown", COMES_UP);

    let tray = desktop.tray();
    let has_meter = |props: &TrayProps| props.tooltip.contains("Work_1 · 5-hour 41%");
    let props = wait_for("the meter in the tooltip", FOLLOWS, || tray.props(), has_meter);
    assert_eq!((props.title.as_str(), props.status.as_str()), ("Tidemark", "Active"));
    assert!(props.tooltip.contains("resets in"), "{props:?}");
    assert_eq!(props.icon_sizes, [(22, 22), (24, 24), (32, 32), (48, 48)]);
    let has_meter = |labels: &Vec<String>| labels.iter().any(|one| one.trim().starts_with("5-hour  41%"));
    let labels = wait_for("the meter in the menu", FOLLOWS, || tray.labels(), has_meter);
    assert_eq!(labels[0], "Work_1", "an underscore is shown as one");

    service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: 83.into() });
    let looks = service.looks().len();
    // A refresh within ten seconds of the last one is skipped; the click is repeated until it takes effect.
    let click = || {
        tray.click("Refresh now");
        service.looks().len()
    };
    wait_for("a poll after a click on Refresh", COMES_UP, click, |now| *now > looks);
    let has_meter = |props: &TrayProps| props.tooltip.contains("5-hour 83%");
    wait_for("the new meter", FOLLOWS, || tray.props(), has_meter);

    tray.click("Pause updates for 1 hour");
    let until = wait_for("the pause", FOLLOWS, || paused_until(&agent), Value::is_string);
    let until: chrono::DateTime<Utc> = until.as_str().unwrap_or_default().parse().expect("a time");
    let length = until - Utc::now();
    assert!(length > TimeDelta::minutes(58) && length <= TimeDelta::minutes(61), "{length}");
    let has_resume = |labels: &Vec<String>| labels.iter().any(|label| label == "Resume updates");
    wait_for("Resume updates in the menu", FOLLOWS, || tray.labels(), has_resume);
    tray.click("Resume updates");
    wait_for("the end of the pause", FOLLOWS, || paused_until(&agent), Value::is_null);

    tray.click("Quit");
    assert!(agent.wait(COMES_UP).success(), "{}", agent.log());
    wait_for("the icon to go", FOLLOWS, || desktop.tray_now(), Option::is_none);
}

#[test]
fn it_comes_with_the_panel_goes_with_it_and_comes_back() {
    let mut desktop = Desktop::start(&options(false));
    let (_service, env) = service();
    let agent = start(&desktop, &env);
    tray_comes_to(&agent, "no-host", COMES_UP);
    // A panel that comes later, and one that comes back.
    for _ in 0..2 {
        desktop.start_tray();
        tray_comes_to(&agent, "shown", RECHECK);
        let tray = desktop.tray();
        let has_quit = |labels: &Vec<String>| labels.iter().any(|label| label == "Quit");
        wait_for("a menu", FOLLOWS, || tray.labels(), has_quit);
        desktop.stop_tray();
        tray_comes_to(&agent, "no-host", RECHECK);
    }
    assert!(agent.stop().success());
}

#[test]
fn a_click_opens_the_window() {
    let desktop = Desktop::start(&options(true));
    let (_service, env) = service();
    let agent = start(&desktop, &env);
    desktop.tray().activate();
    let program = built("tidemark-desktop");
    wait_for("the window", COMES_UP, || desktop.windows_of(&program), |windows| windows.len() == 1);
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
