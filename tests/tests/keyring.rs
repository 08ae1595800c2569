//! The vault on a real Secret Service: keys are stored, and read back by another program; the service is
//! absent, locked, waiting for a user who never answers, killed, back again, and silent. One vault goes
//! through all of them: it recovers each time without a restart.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where what it stands on is not so")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tidemark_core::{Credential, Region};
use tidemark_journeys::{COMES_UP, Desktop, Keyring, Options, wait_for};
use tidemark_vault::{Place, Vault, VaultConfig};

/// How long the vault under test waits, where it may ask the user and where it may not. Less than what the vault
/// gives a call over the bus (8 s): a call that is given up is still out for some seconds.
const PATIENCE: Duration = Duration::from_secs(3);
/// An answer that did not wait: below [`PATIENCE`]. A call takes a tenth of a second, on a busy machine more.
const AT_ONCE: Duration = Duration::from_millis(2500);
/// `many` reads an entry this often.
const MANY: usize = 40;

/// A vault in a process of its own, which has the session's bus in its environment.
struct Session {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Session {
    fn start(desktop: &Desktop) -> Self {
        Self::start_with(desktop, |_| {})
    }

    /// This test program, started to run [`in_session`] and nothing else.
    fn start_with(desktop: &Desktop, change: impl FnOnce(&mut std::process::Command)) -> Self {
        let mut command = desktop.command(std::env::current_exe().expect("the path of this program"));
        command.args(["in_session", "--exact", "--ignored", "--nocapture"]);
        change(&mut command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("this program starts again");
        let to = child.stdin.take().expect("a pipe");
        let from = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, to, from }
    }

    /// Says something to the vault, and returns its answer and how the keyring stood.
    fn say(&mut self, words: &str) -> (String, String) {
        writeln!(self.to, "{words}").expect("the vault listens");
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).expect("the vault answers") > 0, "the vault has ended");
            if let Some(answer) = line.trim_end().strip_prefix("= ") {
                let (state, answer) = answer.split_once(' ').expect("state and answer");
                return (answer.to_owned(), state.to_owned());
            }
        }
    }

    fn answers(&mut self, words: &str, answer: &str, state: &str) {
        assert_eq!(self.say(words), (answer.to_owned(), state.to_owned()), "{words}");
    }

    fn answers_at_once(&mut self, words: &str, answer: &str, state: &str) {
        let started = Instant::now();
        self.answers(words, answer, state);
        assert!(started.elapsed() < AT_ONCE, "{words} took {:?}", started.elapsed());
    }

    /// Asks until the answer is that one.
    fn comes_to(&mut self, words: &str, answer: &str) {
        wait_for(&format!("{words}: {answer}"), COMES_UP, || self.say(words).0, |now| now == answer);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test: what runs in the session. Reads a command a line and answers a line each.
#[test]
#[ignore = "started by the others, inside their sessions"]
fn in_session() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut config = VaultConfig::new("/nowhere", "/nowhere");
    config.timeout = PATIENCE;
    config.prompt_timeout = PATIENCE;
    let vault = Vault::new(config);
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let answer = runtime.block_on(answer(&vault, &words));
        println!("\n= {} {answer}", vault.last_keyring_state());
    }
}

async fn answer(vault: &Vault, words: &[&str]) -> String {
    let entry = |handle: &str| Credential::Keyring { handle: handle.to_owned() };
    let now = chrono::Utc::now();
    let shown = |key: secrecy::SecretString| secrecy::ExposeSecret::expose_secret(&key).to_owned();
    let result = match *words {
        ["state"] => Ok(vault.keyring_state().await.to_string()),
        ["unlock"] => vault.unlock_keyring().await.map(|()| "done".to_owned()),
        ["put", handle, key] => {
            vault.put(Place::Keyring, handle, "work", key.into()).await.map(|_| "done".to_owned())
        }
        ["get", handle] => vault.key(&entry(handle), Region::China, now).await.map(shown),
        ["ask", handle] => vault.key_prompting(&entry(handle), Region::China, now).await.map(shown),
        ["remove", handle] => vault.remove(&entry(handle)).await.map(|()| "done".to_owned()),
        ["many", handle] => {
            for _ in 0..MANY {
                if let Err(error) = vault.key(&entry(handle), Region::China, now).await {
                    return error.code().to_owned();
                }
            }
            Ok("done".to_owned())
        }
        // What a call that does not clean up after itself leaves behind.
        ["left"] => {
            let count = |folder| std::fs::read_dir(folder).unwrap().count();
            Ok(format!("{} files, {} threads", count("/proc/self/fd"), count("/proc/self/task")))
        }
        _ => panic!("{words:?}"),
    };
    result.unwrap_or_else(|error| error.code().to_owned())
}

fn desktop(keyring: Keyring) -> Desktop {
    Desktop::start(&Options { keyring, notifications: false, tray: false, ..Options::default() })
}

#[test]
fn a_key_is_kept_where_other_programs_find_it() {
    let desktop = desktop(Keyring::Unlocked);
    let mut vault = Session::start(&desktop);
    vault.answers("state", "ready", "ready");
    vault.answers("get h1", "key-missing", "ready");
    vault.answers("put h1 sk-kimi-made-up-1", "done", "ready");
    vault.answers("get h1", "sk-kimi-made-up-1", "ready");

    let entries = desktop.secret_tool_search("Tidemark");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].label, "Tidemark: work");
    assert_eq!(entries[0].secret, "sk-kimi-made-up-1");
    assert_eq!(entries[0].attributes["service"], "Tidemark");
    assert_eq!(entries[0].attributes["username"], "h1");

    vault.answers("put h1 sk-kimi-made-up-2", "done", "ready");
    let entries = desktop.secret_tool_search("Tidemark");
    assert_eq!(entries.len(), 1, "replaced, not doubled: {entries:?}");
    assert_eq!(entries[0].secret, "sk-kimi-made-up-2");

    vault.answers("put h2 sk-other", "done", "ready");
    vault.answers("remove h1", "done", "ready");
    vault.answers("remove h1", "done", "ready");
    vault.answers("get h1", "key-missing", "ready");
    vault.answers("get h2", "sk-other", "ready");
}

#[test]
fn a_keyring_that_comes_goes_and_returns_is_followed() {
    let mut desktop = desktop(Keyring::None);
    let mut vault = Session::start(&desktop);
    vault.answers("state", "absent", "absent");
    vault.answers_at_once("get h1", "keyring-absent", "absent");
    vault.answers_at_once("put h1 sk-kimi-made-up", "keyring-absent", "absent");

    desktop.keyring_start();
    vault.answers("put h1 sk-kimi-made-up", "done", "ready");

    desktop.keyring_kill();
    vault.answers_at_once("get h1", "keyring-gone", "gone");
    vault.answers_at_once("state", "gone", "gone");
    vault.answers_at_once("put h2 sk-kimi-made-up", "keyring-gone", "gone");

    desktop.keyring_start();
    vault.answers("get h1", "sk-kimi-made-up", "ready");
}

#[test]
fn without_a_session_bus_there_is_no_keyring() {
    let desktop = desktop(Keyring::Unlocked);
    let mut vault = Session::start_with(&desktop, |command| {
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus");
    });
    vault.answers_at_once("state", "absent", "absent");
    vault.answers_at_once("get h1", "keyring-absent", "absent");
}

#[test]
fn a_locked_keyring_without_a_prompter_refuses_and_recovers() {
    let desktop = desktop(Keyring::Unlocked);
    let mut vault = Session::start(&desktop);
    vault.answers("put h1 sk-kimi-made-up", "done", "ready");
    desktop.keyring_lock();
    vault.answers_at_once("state", "locked", "locked");
    vault.answers_at_once("get h1", "keyring-locked", "locked");
    vault.answers_at_once("get unknown", "keyring-locked", "locked");
    vault.answers_at_once("ask h1", "keyring-denied", "denied");
    vault.answers_at_once("put h2 sk-kimi-made-up", "keyring-denied", "denied");
    vault.answers_at_once("unlock", "keyring-denied", "denied");
    vault.answers_at_once("state", "locked", "locked");
    desktop.keyring_unlock();
    vault.answers("get h1", "sk-kimi-made-up", "ready");
    vault.answers("get h2", "key-missing", "ready");
}

#[test]
fn a_prompt_that_nobody_answers_holds_nobody_up() {
    let desktop = desktop(Keyring::Unlocked);
    let mut vault = Session::start(&desktop);
    vault.answers("put h1 sk-kimi-made-up", "done", "ready");
    desktop.keyring_lock();
    let prompter = desktop.silent_prompter();

    // Polls in the background show nothing.
    vault.answers_at_once("get h1", "keyring-locked", "locked");
    vault.answers_at_once("state", "locked", "locked");
    assert_eq!(prompter.prompts(), 0);

    // What the user does asks once, and is given up in time.
    let started = Instant::now();
    vault.answers("put h2 sk-kimi-made-up", "keyring-locked", "locked");
    assert!(started.elapsed() >= PATIENCE, "it asked and waited");
    // Once, not twice in a row.
    assert!(started.elapsed() < PATIENCE + AT_ONCE, "it took {:?}", started.elapsed());
    assert_eq!(prompter.prompts(), 1);
    for words in ["get h1", "ask h1", "put h2 sk-kimi-made-up", "remove h1", "unlock"] {
        vault.answers_at_once(words, "keyring-locked", "locked");
    }
    assert_eq!(prompter.prompts(), 1, "no second window");

    // The window goes away unanswered, and the user unlocks the keyring in another way.
    drop(prompter);
    desktop.keyring_unlock();
    vault.comes_to("get h1", "sk-kimi-made-up");
    vault.answers("get h2", "key-missing", "ready");
    vault.answers("put h2 sk-kimi-made-up", "done", "ready");
}

#[test]
fn a_keyring_that_is_locked_in_the_middle_of_a_look_opens_no_prompt() {
    let desktop = desktop(Keyring::Unlocked);
    let mut vault = Session::start(&desktop);
    vault.answers("put h1 sk-kimi-made-up", "done", "ready");
    let prompter = desktop.silent_prompter();
    std::thread::scope(|scope| {
        let looks = scope.spawn(|| {
            for _ in 0..MANY {
                let (answer, _) = vault.say("get h1");
                assert!(["sk-kimi-made-up", "keyring-locked"].contains(&answer.as_str()), "{answer}");
            }
        });
        while !looks.is_finished() {
            desktop.keyring_lock();
            desktop.keyring_unlock();
        }
    });
    assert_eq!(prompter.prompts(), 0, "a look in the background opened a prompt");
    vault.answers_at_once("get h1", "sk-kimi-made-up", "ready");
}

#[test]
fn a_keyring_that_dies_while_it_asks_is_gone_and_comes_back() {
    let mut desktop = desktop(Keyring::Unlocked);
    let mut vault = Session::start(&desktop);
    vault.answers("put h1 sk-kimi-made-up", "done", "ready");
    desktop.keyring_lock();
    let prompter = desktop.silent_prompter();
    vault.answers("ask h1", "keyring-locked", "locked");
    assert_eq!(prompter.prompts(), 1);
    desktop.keyring_kill();
    vault.comes_to("get h1", "keyring-gone");
    desktop.keyring_start();
    vault.answers("get h1", "sk-kimi-made-up", "ready");
}

#[test]
fn a_keyring_struck_dumb_holds_nobody_up() {
    let desktop = desktop(Keyring::Unlocked);
    let mut vault = Session::start(&desktop);
    vault.answers("put h1 sk-kimi-made-up", "done", "ready");
    let daemon = keyring_process(&desktop);
    kill_process(daemon, Signal::STOP).unwrap();
    let started = Instant::now();
    vault.answers("get h1", "keyring-no-answer", "unknown");
    assert!(started.elapsed() < PATIENCE + AT_ONCE, "it took {:?}", started.elapsed());
    vault.answers_at_once("get h1", "keyring-no-answer", "unknown");
    vault.answers_at_once("put h2 sk-kimi-made-up", "keyring-no-answer", "unknown");
    kill_process(daemon, Signal::CONT).unwrap();
    vault.comes_to("get h1", "sk-kimi-made-up");
}

#[test]
fn calls_leave_nothing_behind() {
    let desktop = desktop(Keyring::Unlocked);
    let mut vault = Session::start(&desktop);
    vault.answers("put h1 sk-kimi-made-up", "done", "ready");
    vault.answers("many h1", "done", "ready");
    let before = left(&mut vault);
    vault.answers("many h1", "done", "ready");
    // A connection's own task may take a moment to end, here as well as before.
    let what = format!("no more files and threads than before: {before:?}");
    wait_for(&what, COMES_UP, || left(&mut vault), |now| now.0 <= before.0 && now.1 <= before.1);
}

/// The vault's open files and threads.
fn left(vault: &mut Session) -> (usize, usize) {
    let (answer, _) = vault.say("left");
    let counts: Vec<usize> = answer.split(' ').filter_map(|word| word.parse().ok()).collect();
    (counts[0], counts[1])
}

fn keyring_process(desktop: &Desktop) -> Pid {
    let reply = desktop.bus().call_method(
        Some("org.freedesktop.DBus"),
        "/org/freedesktop/DBus",
        Some("org.freedesktop.DBus"),
        "GetConnectionUnixProcessID",
        &"org.freedesktop.secrets",
    );
    let id: u32 = reply.unwrap().body().deserialize().unwrap();
    Pid::from_raw(id.cast_signed()).unwrap()
}
