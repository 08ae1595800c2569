//! What an upgrade does: the agent is told to end, and the window that is open stays and goes on with the next one.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a test ends where what it stands on is not so")]

use std::process::Command;

use tidemark_journeys::{
    COMES_UP, Desktop, FOLLOWS, Launch, Options, built, wait_for, wait_to_see, wait_until,
};

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
    let agent = wait_for("the agent", COMES_UP, || running(&desktop, "tidemark").pop());
    let connected = || !window.body().contains("Not connected");
    window.wait_for_text("Paste your key", COMES_UP);
    let told = Command::new("kill").args(["-TERM", &agent.to_string()]).status().expect("kill runs");
    assert!(told.success());
    let next = wait_to_see("the next agent", COMES_UP, || {
        let agents = running(&desktop, "tidemark");
        let next = agents.iter().copied().find(|pid| *pid != agent);
        next.ok_or_else(|| format!("{agent} of {agents:?}, and a window that shows {}", window.body()))
    });
    assert_ne!(next, agent);
    wait_until("the line to the next agent", COMES_UP + FOLLOWS, connected);
    assert_eq!(running(&desktop, "tidemark-desktop"), shown, "the window is the same");
    desktop.close_window(window);
    wait_until("the window's end", FOLLOWS, || running(&desktop, "tidemark-desktop").is_empty());
    assert_eq!(running(&desktop, "tidemark"), [next], "the agent goes on");
}
