//! What an upgrade does: the agent is asked to end, and the open window stays and goes on with the next one.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a test ends where what it stands on is not so")]

use std::process::Command;

use tidemark_journeys::{COMES_UP, Desktop, FOLLOWS, Launch, Options, built, wait_for};

/// The processes of a built program in the session.
fn running(desktop: &Desktop, program: &str) -> Vec<u32> {
    let path = format!("{} ", built(program).display());
    let all = desktop.processes().into_iter();
    all.filter(|(_, line)| format!("{line} ").starts_with(&path)).map(|(pid, _)| pid).collect()
}

#[test]
fn a_window_outlives_its_agent_s_end_and_starts_the_next_one() {
    let desktop = Desktop::start(&Options::default());
    let window = desktop.open_window(&Launch::default());
    let shown = running(&desktop, "tidemark-desktop");
    let agents = || running(&desktop, "tidemark");
    let agent = wait_for("the agent", COMES_UP, agents, |agents| agents.len() == 1)[0];
    window.wait_for_text("Paste your API key", COMES_UP);
    let told = Command::new("kill").args(["-TERM", &agent.to_string()]).status().expect("kill runs");
    assert!(told.success());
    let seen = || (agents(), window.body());
    let is_next = |(agents, _): &(Vec<u32>, String)| agents.len() == 1 && agents[0] != agent;
    let next = wait_for("the next agent", COMES_UP, seen, is_next).0;
    wait_for(
        "the line to the next agent",
        COMES_UP + FOLLOWS,
        || window.body(),
        |body| !body.contains("does not respond") && body.contains("Paste your API key"),
    );
    assert_eq!(running(&desktop, "tidemark-desktop"), shown, "the window is the same");
    desktop.close_window(window);
    wait_for("the window's end", FOLLOWS, || running(&desktop, "tidemark-desktop"), Vec::is_empty);
    assert_eq!(agents(), next, "the agent goes on");
}
