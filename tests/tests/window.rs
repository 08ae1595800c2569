//! The window's program as the desktop sees it: what it starts, what it leaves, and that there is one.

#![cfg(unix)]

use tidemark_journeys::{COMES_UP, Desktop, FOLLOWS, Launch, Options, SAMPLE_DATA, built, wait_for};

/// Processes of the session whose command line begins with a built program's path.
fn running(desktop: &Desktop, program: &str) -> Vec<(u32, String)> {
    let path = format!("{} ", built(program).display());
    desktop.processes().into_iter().filter(|(_, line)| format!("{line} ").starts_with(&path)).collect()
}

/// The one process of a program. A program that starts another has two of its own name for a moment.
fn only(desktop: &Desktop, program: &str) -> (u32, String) {
    let what = format!("one process of {program}");
    let one = wait_for(&what, COMES_UP, || running(desktop, program), |all| all.len() == 1);
    one[0].clone()
}

#[test]
fn sample_data_comes_and_goes_with_the_window() {
    let desktop = Desktop::start(&Options::default());
    let window = desktop.open_window(&Launch::with_args(&["--demo"]));
    window.wait_for_text("%", SAMPLE_DATA);
    let agent = only(&desktop, "tidemark");
    assert!(agent.1.ends_with("agent --demo --while-stdin"), "{agent:?}");
    assert!(!desktop.data_dir().exists(), "sample data touched the user's own folder");
    desktop.close_window(window);
    let left = || [running(&desktop, "tidemark"), running(&desktop, "tidemark-desktop")].concat();
    wait_for("the end of window and agent", FOLLOWS, left, Vec::is_empty);
    let left: Vec<_> =
        std::fs::read_dir(desktop.scratch("..")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("tidemark-demo")), "{left:?}");
}

#[test]
fn the_window_starts_an_agent_that_outlives_it() {
    let desktop = Desktop::start(&Options::default());
    let window = desktop.open_window(&Launch::default());
    let agent = only(&desktop, "tidemark");
    let socket = desktop.data_dir().join("agent.sock");
    wait_for("the agent's socket", COMES_UP, || socket.exists(), |exists| *exists);
    desktop.close_window(window);
    wait_for("the window's end", FOLLOWS, || running(&desktop, "tidemark-desktop"), Vec::is_empty);
    assert_eq!(running(&desktop, "tidemark"), [agent]);
}

#[test]
fn a_second_start_shows_the_first_window() {
    let desktop = Desktop::start(&Options::default());
    let window = desktop.open_window(&Launch::default());
    only(&desktop, "tidemark"); // from here on the window starts no more programs
    let first = only(&desktop, "tidemark-desktop");
    let mut command = desktop.command(built("tidemark-desktop"));
    let mut second = desktop.spawn("second", command.args(["--page", "settings"]));
    assert!(second.wait(FOLLOWS).success(), "{}", second.log());
    let page = || window.evaluate("location.hash");
    wait_for("the page that was asked for", FOLLOWS, page, |hash| hash == "#/settings");
    assert_eq!(running(&desktop, "tidemark-desktop"), [first]);
    desktop.close_window(window);
}

#[test]
fn wrong_arguments_are_refused() {
    let desktop = Desktop::start(&Options::default());
    for arguments in [["--nonsense", ""], ["--page", "nowhere"]] {
        let mut command = desktop.command(built("tidemark-desktop"));
        let mut program = desktop.spawn("wrong", command.args(arguments));
        assert_eq!(program.wait(FOLLOWS).code(), Some(2), "{}", program.log());
    }
}
