//! The desktop session itself: what the journeys stand on does what they take for granted.

#![cfg(unix)]

use tidemark_journeys::{COMES_UP, Desktop, FOLLOWS, Keyring, Options, wait_for};

fn bare() -> Options {
    Options { keyring: Keyring::None, notifications: false, tray: false, ..Options::default() }
}

#[test]
fn a_keyring_keeps_a_secret_over_lock_and_crash() {
    let mut desktop = Desktop::start(&Options { keyring: Keyring::Unlocked, ..bare() });
    desktop.secret_tool_store("a label", &[("service", "Try"), ("username", "ünï")], "päss wörd");
    let entries = desktop.secret_tool_search("Try");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].label, "a label");
    assert_eq!(entries[0].secret, "päss wörd");
    assert_eq!(entries[0].attributes["username"], "ünï");
    assert_eq!(desktop.secret_tool_search("Another"), []);

    desktop.keyring_lock();
    assert!(desktop.keyring_locked());
    desktop.keyring_unlock();
    assert_eq!(desktop.secret_tool_search("Try")[0].secret, "päss wörd");

    desktop.keyring_kill();
    assert!(!desktop.on_bus("org.freedesktop.secrets"));
    desktop.keyring_start();
    assert_eq!(desktop.secret_tool_search("Try")[0].secret, "päss wörd");
}

#[test]
fn a_locked_keyring_prompts_and_nobody_answers() {
    let desktop = Desktop::start(&Options { keyring: Keyring::Locked, ..bare() });
    assert!(desktop.keyring_locked());
    let prompter = desktop.silent_prompter();
    let mut command = desktop.command("secret-tool");
    command.args(["store", "--label=x", "service", "Try"]);
    let mut waiting = desktop.spawn("secret-tool", &mut command);
    wait_for("a prompt", COMES_UP, || prompter.prompts(), |prompts| *prompts == 1);
    assert!(waiting.ended().is_none(), "secret-tool did not wait for the prompt: {}", waiting.log());
}

#[test]
fn without_a_keyring_there_is_none() {
    let desktop = Desktop::start(&bare());
    assert!(!desktop.on_bus("org.freedesktop.secrets"));
    assert!(!desktop.on_bus("org.freedesktop.Notifications"));
    assert!(!desktop.on_bus("org.kde.StatusNotifierWatcher"));
}

#[test]
fn notifications_are_seen_and_clicked() {
    let mut desktop = Desktop::start(&Options { notifications: true, ..bare() });
    desktop.run("notify-send", &["--app-name=Try", "first", "a < b & c"]);
    let mut command = desktop.command("notify-send");
    command.args(["--app-name=Try", "--action=default=Open", "--wait", "second", "two"]);
    let mut sender = desktop.spawn("notify-send", &mut command);
    wait_for("both on the screen", FOLLOWS, || desktop.notifications_shown(), |shown| *shown == 2);
    desktop.click_notification();
    assert!(sender.wait(FOLLOWS).success());
    assert_eq!(sender.log().trim(), "default");
    let seen = desktop.notifications();
    let titles: Vec<&str> = seen.iter().map(|n| n.summary.as_str()).collect();
    assert_eq!(titles, ["first", "second"]);
    assert_eq!(seen[0].app, "Try");
    assert_eq!(desktop.notifications_shown(), 0);

    desktop.stop_notifications();
    assert!(!desktop.on_bus("org.freedesktop.Notifications"));
    desktop.start_notifications();
    assert_eq!(desktop.notifications(), []);
}

#[test]
fn a_tray_comes_and_goes() {
    let mut desktop = Desktop::start(&bare());
    assert!(!desktop.tray_host_registered());
    desktop.start_tray();
    assert!(desktop.tray_host_registered());
    assert!(desktop.tray_now().is_none());
    let picture = desktop.scratch("pictures").join("screen.png");
    desktop.screenshot(&picture);
    assert!(picture.metadata().is_ok_and(|m| m.len() > 100));
    desktop.stop_tray();
    assert!(!desktop.on_bus("org.kde.StatusNotifierWatcher"));
}

#[test]
fn nothing_of_a_session_outlives_it() {
    let desktop = Desktop::start(&bare());
    // A grandchild in a session of its own, as an agent that was started by a window.
    desktop.spawn("setsid", desktop.command("setsid").args(["--fork", "sleep", "600"])).wait(FOLLOWS);
    let all = || desktop.processes();
    let is_sleeper = |(_, line): &&(u32, String)| line == "sleep 600";
    let found = wait_for("the sleeper", FOLLOWS, all, |all| all.iter().any(|one| is_sleeper(&one)));
    let id = found.iter().find(is_sleeper).expect("it was waited for").0;
    let folder = desktop.root().to_path_buf();
    drop(desktop);
    assert!(!folder.exists());
    let state = || std::fs::read_to_string(format!("/proc/{id}/stat")).ok();
    // Or it has ended, and waits for its parent to notice.
    wait_for("the sleeper's end", FOLLOWS, state, |state| {
        state.as_ref().is_none_or(|state| state.contains(") Z "))
    });
}

#[test]
fn a_session_speaks_no_language_unless_told() {
    let desktop =
        Desktop::start(&Options { env: vec![("LC_ALL".to_owned(), "zh_CN.UTF-8".to_owned())], ..bare() });
    let said = desktop.run("sh", &["-c", "echo $LC_ALL"]);
    assert_eq!(said.trim(), "zh_CN.UTF-8");
    assert!(std::env::var("HOME").is_ok_and(|home| !desktop.env()["HOME"].starts_with(&home)));
}
