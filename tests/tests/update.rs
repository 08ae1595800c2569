//! Newer versions: asked for only after the user has agreed, verified, put in place after asking, and taken back where they
//! do not start. An executable file stands in for the AppImage: it does what an AppImage's runtime does, names itself and
//! the folder where the program lies, and starts it.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where what it stands on is not so"
)]

#[path = "../../crates/update/tests/common/mod.rs"]
mod release_server;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use release_server::{Fault, Published, ReleaseServer};
use serde_json::{Value, json};
use tidemark_journeys::{
    COMES_UP, Desktop, FOLLOWS, Launch, OWN_VERSION, Options, Service, built, copy_of_newer_version,
    newer_version, wait_for,
};
use tidemark_simulator::Scenario;

const NAME: &str = "Tidemark.AppImage";

/// What an AppImage's runtime does, with the program in a folder of its own. `padding` makes it as large as a download is.
fn image(folder: &Path, padding: usize) -> Vec<u8> {
    let start = format!(
        "#!/bin/sh\nexport APPIMAGE=\"$(readlink -f \"$0\")\" APPDIR='{0}'\nexec '{0}/usr/bin/tidemark' \"$@\"\n",
        folder.display()
    );
    padded(start, padding)
}

/// What has the version that is wanted, and does this instead of running an agent.
fn broken_image(instead: &str) -> Vec<u8> {
    let newer = newer_version();
    padded(
        format!("#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'tidemark {newer}'; exit; fi\n{instead}\n"),
        0,
    )
}

/// A shell reads no further than its program's end.
fn padded(mut start: String, padding: usize) -> Vec<u8> {
    start.push_str("exit\n");
    let mut bytes = start.into_bytes();
    bytes.extend((0..padding).map(|n| b'a' + (n % 23) as u8));
    bytes
}

/// A machine on which an AppImage of the built version lies, and a release server.
struct Machine {
    dir: tempfile::TempDir,
    server: ReleaseServer,
    agent: Option<Child>,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { dir: tempfile::tempdir().unwrap(), server: ReleaseServer::start(), agent: None };
        fs::create_dir_all(machine.image().parent().unwrap()).unwrap();
        let mounted = machine.mounted("old");
        fs::hard_link(built("tidemark"), mounted.join("usr/bin/tidemark"))
            .or_else(|_| fs::copy(built("tidemark"), mounted.join("usr/bin/tidemark")).map(drop))
            .unwrap();
        fs::write(machine.image(), image(&mounted, 0)).unwrap();
        fs::set_permissions(machine.image(), fs::Permissions::from_mode(0o755)).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        // As the runtime of an image names it.
        fs::canonicalize(self.dir.path()).unwrap().join(name)
    }

    fn mounted(&self, name: &str) -> PathBuf {
        let folder = self.path(&format!("mount-{name}"));
        fs::create_dir_all(folder.join("usr/bin")).unwrap();
        folder
    }

    fn image(&self) -> PathBuf {
        self.path("Applications").join(NAME)
    }

    fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    /// What an image of a newer version has in it.
    fn newer_image(&self, padding: usize) -> Vec<u8> {
        let mounted = self.mounted("new");
        copy_of_newer_version(&mounted.join("usr/bin/tidemark"));
        image(&mounted, padding)
    }

    fn publish(&self, version: &str, bytes: &[u8]) {
        self.server.publish(version, &[Published { name: NAME, kind: "appimage", bytes }]);
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.dir.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TIDEMARK_DATA_DIR", self.data_dir())
            .env("TZ", "UTC")
            .envs(self.server.env())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command of a program to its end: its status, and what it printed.
    fn run_of(&self, program: &Path, arguments: &[&str]) -> (i32, String, String) {
        let out = self.command(program, arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, err, status) = (text(out.stdout), text(out.stderr), out.status);
        assert!(!err.contains("panicked"), "{err}");
        (status.code().expect("ended by itself"), out, err)
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run_of(&self.image(), arguments)
    }

    /// The word of the error with which a command ends, and its status.
    fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let arguments = [arguments, &["--json"]].concat();
        let (status, out, err) = self.run(&arguments);
        let document: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out} {err}"));
        (status, document["error"]["kind"].as_str().unwrap_or_else(|| panic!("{document}")).to_owned())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (status, out, err) = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(status, 0, "{arguments:?}: {out} {err}");
        serde_json::from_str(&out).unwrap()
    }

    fn start_agent(&mut self, env: &[(&str, &str)]) {
        let mut command = self.command(&self.image(), &["agent", "--no-tray"]);
        command.envs(env.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null());
        self.agent = Some(command.spawn().unwrap());
        wait_for("the agent", COMES_UP, || self.ask("GET", "/v1/agent", None), Option::is_some);
    }

    /// Asks whatever agent answers.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Value> {
        use std::io::{Read as _, Write as _};
        let socket = self.data_dir().join("agent.sock");
        let mut stream = std::os::unix::net::UnixStream::connect(socket).ok()?;
        stream.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
        let body = body.map(Value::to_string).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()
    }

    fn agent_version(&self) -> Option<String> {
        Some(self.ask("GET", "/v1/agent", None)?["version"].as_str()?.to_owned())
    }

    fn files_beside_the_image(&self) -> Vec<String> {
        let entries = fs::read_dir(self.image().parent().unwrap()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn checks(&self) -> usize {
        self.server.requests().iter().filter(|asked| asked.path.ends_with("release.json")).count()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.command(&built("tidemark"), &["agent", "--quit"]).output();
        if let Some(agent) = &mut self.agent {
            let _ = agent.kill();
            let _ = agent.wait();
        }
    }
}

#[test]
fn nothing_is_asked_before_the_user_has_agreed_and_then_once_a_day() {
    let mut machine = Machine::new();
    machine.publish(&newer_version(), b"x");
    // A day in two seconds.
    let start = Utc::now();
    let clock = format!("{}*40000", start.to_rfc3339());
    machine.start_agent(&[("TIDEMARK_STAND_IN", "http://127.0.0.1:9"), ("TIDEMARK_CLOCK", &clock)]);
    let now = |machine: &Machine| -> DateTime<Utc> {
        let overview = machine.ask("GET", "/v1/overview", None).unwrap();
        overview["now"].as_str().unwrap().parse().unwrap()
    };
    let pass = |machine: &Machine, days: i64| {
        let until = now(machine) + TimeDelta::days(days);
        wait_for("some days", COMES_UP, || now(machine), |now| *now > until);
    };
    pass(&machine, 2);
    assert_eq!(machine.json(&["update"])["consent"], Value::Null);
    let declined = machine.json(&["update", "--off"]);
    assert_eq!((&declined["consent"], &declined["newer"]), (&json!(false), &Value::Null));
    pass(&machine, 2);
    assert_eq!(machine.server.requests(), [], "no one has agreed");

    machine.json(&["update", "--on"]);
    wait_for("the first check", FOLLOWS, || machine.checks(), |checks| *checks == 1);
    let newer = || machine.ask("GET", "/v1/update", None).unwrap()["newer"].clone();
    wait_for("what it found", FOLLOWS, newer, |newer| *newer == newer_version().as_str());
    pass(&machine, 5);
    let checks = machine.checks();
    assert!((4..=6).contains(&checks), "{checks} checks in five days");
    machine.json(&["update", "--off"]);
    let before = machine.checks();
    pass(&machine, 3);
    assert_eq!(machine.checks(), before, "nor after the user has changed their mind");
    // A check that the user asks for is one request more, with the switch off as well.
    machine.json(&["update", "--check"]);
    assert_eq!(machine.checks(), before + 1);
}

#[test]
fn what_is_no_appimage_only_says_that_there_is_a_newer_version() {
    let machine = Machine::new();
    machine.publish(&newer_version(), b"x");
    let program = built("tidemark");
    let (status, out, err) = machine.run_of(&program, &["update", "--check"]);
    assert_eq!(status, 0, "{err}");
    assert!(out.contains(&newer_version()) && out.contains(&machine.server.url()), "{out}");
    let (status, out, _) = machine.run_of(&program, &["update", "--check", "--lang", "zh-CN"]);
    assert!(status == 0 && out.contains("有新版本"), "{out}");
    let (status, out, _) = machine.run_of(&program, &["update", "--install", "--json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, &document["error"]["kind"]), (1, &json!("update-managed")), "{out}");
    assert_eq!(machine.server.bytes_of_files(), 0);
}

#[test]
fn an_image_replaces_itself_after_asking_and_the_agent_with_it() {
    let mut machine = Machine::new();
    let new = machine.newer_image(50_000);
    machine.publish(&newer_version(), &new);
    machine.start_agent(&[]);
    machine.json(&["update", "--on"]);
    let found = machine.json(&["update", "--check"]);
    assert_eq!(found["newer"], json!({ "version": newer_version(), "date": "2026-12-01" }));
    assert_eq!((&found["installed_by"], &found["replaces_itself"]), (&json!("appimage"), &json!(true)));
    assert_eq!(machine.server.bytes_of_files(), 0, "nothing is downloaded before the user says so");
    // As the window does.
    machine.ask("POST", "/v1/update", Some(&json!({ "do": "install" }))).unwrap();
    let version = || machine.agent_version();
    wait_for("the new agent", COMES_UP, version, |version| *version == Some(newer_version()));
    let names = || machine.files_beside_the_image();
    wait_for("an end of the installation", FOLLOWS, names, |names| names == &[NAME]);
    assert_eq!(fs::read(machine.image()).unwrap(), new);
    let known = machine.json(&["update"]);
    assert_eq!((&known["version"], &known["newer"]), (&json!(newer_version()), &Value::Null));
    assert_eq!(known["consent"], true, "settings stay");
    let updated = machine.ask("GET", "/v1/update", None).unwrap()["updated"].clone();
    assert_eq!(updated, newer_version().as_str(), "it is said once more, by the new version");
    let (_, out, _) = machine.run(&["--version"]);
    assert!(out.contains(&newer_version()), "{out}");
    assert!(!machine.data_dir().join("update/journal.json").exists());
}

#[test]
fn a_command_installs_where_no_agent_runs_and_leaves_none() {
    let machine = Machine::new();
    machine.publish(&newer_version(), &machine.newer_image(0));
    let done = machine.json(&["update", "--install"]);
    assert_eq!(done, json!({ "version": newer_version(), "from": OWN_VERSION, "installed": true }));
    assert_eq!(machine.agent_version(), None);
    assert_eq!(machine.files_beside_the_image(), [NAME]);
    let (status, out, _) = machine.run(&["update", "--install"]);
    assert!(status == 0 && out.contains("newest version"), "{out}");
}

#[test]
fn a_version_that_does_not_start_is_taken_back_with_its_history() {
    let mut machine = Machine::new();
    machine.start_agent(&[]);
    let old = fs::read(machine.image()).unwrap();
    let is_as_before = |machine: &Machine| {
        assert_eq!(fs::read(machine.image()).unwrap(), old);
        assert_eq!(machine.files_beside_the_image(), [NAME]);
        let version = || machine.agent_version();
        wait_for("the former agent", COMES_UP, version, |version| version.as_deref() == Some(OWN_VERSION));
        assert_eq!(machine.run(&["status"]).0, 0, "the history can be read");
    };
    // It cannot even say its version: nothing is replaced.
    machine.publish(&newer_version(), b"#!/bin/sh\necho 'no such library' >&2\nexit 127\n");
    let agent = machine.ask("GET", "/v1/agent", None);
    assert_eq!(machine.refused(&["update", "--install"]), (1, "update-not-started".to_owned()));
    is_as_before(&machine);
    assert_eq!(machine.ask("GET", "/v1/agent", None), agent, "the agent was not disturbed");
    // Its agent ends at once.
    machine.publish(&newer_version(), &broken_image("echo 'out of luck' >&2; exit 7"));
    let (status, _, err) = machine.run(&["update", "--install"]);
    assert!(status == 1 && err.contains("out of luck"), "{err}");
    is_as_before(&machine);
    // And after it has brought the history into a form that this version cannot read; as the window asks for it.
    let newer = machine.path("newer.db");
    fs::copy(machine.data_dir().join("tidemark.db"), &newer).unwrap();
    let database = rusqlite::Connection::open(&newer).unwrap();
    database.pragma_update(None, "user_version", 999).unwrap();
    drop(database);
    let data = machine.data_dir();
    let convert = format!(
        "rm -f '{0}/tidemark.db-wal' '{0}/tidemark.db-shm'; cp '{1}' '{0}/tidemark.db'; exit 7",
        data.display(),
        newer.display()
    );
    machine.publish(&newer_version(), &broken_image(&convert));
    machine.json(&["update", "--check"]);
    machine.ask("POST", "/v1/update", Some(&json!({ "do": "install" }))).unwrap();
    let failure = || Some(machine.ask("GET", "/v1/update", None)?["failed_installation"].clone());
    wait_for("the failure", COMES_UP, failure, |failure| *failure == Some(json!("not-started")));
    is_as_before(&machine);
    // A better one is installed.
    machine.publish(&newer_version(), &machine.newer_image(0));
    machine.json(&["update", "--install"]);
    assert_eq!(machine.agent_version(), Some(newer_version()));
}

#[test]
fn a_download_that_broke_off_goes_on_from_there() {
    let machine = Machine::new();
    let new = machine.newer_image(3_000_000);
    machine.publish(&newer_version(), &new);
    machine.server.fault("/download/v", Fault::CutAfter(2_000_000), 1);
    assert_eq!(machine.refused(&["update", "--install"]), (5, "update-interrupted".to_owned()));
    machine.json(&["update", "--install"]);
    assert_eq!(machine.server.bytes_of_files(), new.len(), "no byte was sent twice");
    assert_eq!(fs::read(machine.image()).unwrap(), new);
}

/// Has a server offer something.
type Arrange<'a> = Box<dyn Fn(&ReleaseServer) + 'a>;

#[test]
fn what_is_not_what_was_signed_is_refused_and_the_next_try_works() {
    let mut machine = Machine::new();
    machine.start_agent(&[]);
    let old = fs::read(machine.image()).unwrap();
    let new = machine.newer_image(100_000);
    let files = [Published { name: NAME, kind: "appimage", bytes: &new }];
    let version = newer_version();
    let files = &files;
    let faulty = |fault: Fault| -> Arrange<'_> {
        Box::new(move |server| {
            server.publish(&newer_version(), files);
            server.fault("/download/v", fault.clone(), 1);
        })
    };
    let cases: [(Arrange<'_>, i32, &str); 7] = [
        (Box::new(|server| server.publish_by_another_key(&version, files)), 1, "update-signature"),
        (Box::new(|server| server.publish("0.0.1", files)), 1, "update-older"),
        (faulty(Fault::TruncatedTo(50_000)), 5, "update-truncated"),
        (faulty(Fault::Longer(10)), 5, "update-too-much"),
        (faulty(Fault::Changed), 1, "update-checksum"),
        (faulty(Fault::Status(503)), 5, "update-status"),
        // What was once offered does not become older.
        (Box::new(|server| server.publish("8.0.0", files)), 1, "update-older"),
    ];
    for (arrange, status, kind) in cases {
        arrange(&machine.server);
        assert_eq!(machine.refused(&["update", "--install"]), (status, kind.to_owned()));
        assert_eq!(fs::read(machine.image()).unwrap(), old, "{kind}");
        assert_eq!(machine.agent_version().as_deref(), Some(OWN_VERSION), "{kind}");
        for language in ["en", "zh-CN"] {
            let lines = machine.ask("GET", "/v1/update", None).unwrap()["lines"].clone();
            assert!(lines[0]["id"].as_str().unwrap().starts_with("failed-"), "{kind} {language}: {lines}");
        }
    }
    machine.publish(&newer_version(), &new);
    machine.json(&["update", "--install"]);
    assert_eq!(machine.agent_version(), Some(newer_version()));
}

#[test]
fn a_power_cut_in_the_middle_is_made_good_at_the_next_start() {
    let old_of = |machine: &Machine| machine.image().with_extension("AppImage.old");
    // While the new version is being waited for: whoever waits is killed.
    let mut machine = Machine::new();
    machine.start_agent(&[]);
    let old = fs::read(machine.image()).unwrap();
    machine.publish(&newer_version(), &broken_image("exec sleep 300"));
    let mut installing = machine.command(&machine.image(), &["update", "--install"]);
    let mut installing = installing.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let journal = machine.data_dir().join("update/journal.json");
    let step = || fs::read_to_string(&journal).unwrap_or_default();
    wait_for("the exchange", COMES_UP, step, |journal| journal.contains("\"replaced\""));
    installing.kill().unwrap();
    installing.wait().unwrap();
    assert_ne!(fs::read(machine.image()).unwrap(), old);
    // The new one does not start, so the user starts the one that was kept.
    let mut kept = machine.command(&old_of(&machine), &["agent", "--no-tray"]);
    machine.agent = Some(kept.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let version = || machine.agent_version();
    wait_for("the former agent", COMES_UP, version, |version| version.as_deref() == Some(OWN_VERSION));
    assert_eq!(fs::read(machine.image()).unwrap(), old);
    assert_eq!((machine.files_beside_the_image(), journal.exists()), (vec![NAME.to_owned()], false));

    // Just before the exchange, and just after it, with a new version that starts.
    for replaced in [false, true] {
        let mut machine = Machine::new();
        let new = machine.newer_image(0);
        fs::create_dir_all(machine.data_dir().join("update")).unwrap();
        fs::hard_link(machine.image(), old_of(&machine)).unwrap();
        let beside = machine.image().with_file_name(format!(".{NAME}.new"));
        fs::write(&beside, &new).unwrap();
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o755)).unwrap();
        if replaced {
            fs::rename(&beside, machine.image()).unwrap();
        }
        let written = json!({
            "from": OWN_VERSION, "to": newer_version(), "step": if replaced { "replaced" } else { "replacing" },
            "place": { "kind": "appimage", "image": machine.image() },
        });
        let journal = machine.data_dir().join("update/journal.json");
        fs::write(&journal, written.to_string()).unwrap();
        machine.start_agent(&[]);
        let expected = if replaced { newer_version() } else { OWN_VERSION.to_owned() };
        assert_eq!(machine.agent_version(), Some(expected));
        let left = || (machine.files_beside_the_image(), journal.exists());
        wait_for("an end of it", FOLLOWS, left, |left| *left == (vec![NAME.to_owned()], false));
    }
}

#[test]
fn the_window_asks_once_and_installs_nothing_by_itself() {
    let server = ReleaseServer::start();
    server.publish(&newer_version(), &[Published { name: NAME, kind: "appimage", bytes: b"x" }]);
    // The question comes after the first numbers.
    let now = Utc::now();
    let service = Service::start(Scenario::one_code(now), now, 1.0);
    let mut env = server.env();
    env.extend(service.env());
    env.push(("A_KEY".to_owned(), service.key("work")));
    let desktop = Desktop::start(&Options { env, ..Options::default() });
    let add = ["account", "add", "work", "--source", "kimi-code", "--region", "china", "--key-env", "A_KEY"];
    let (status, _, err) = desktop.tidemark_with(&add, "", &[]);
    assert!(status.success(), "{err}");
    let window = desktop.open_window(&Launch::default());
    window.wait_for_text("Check for new versions of Tidemark?", COMES_UP);
    assert_eq!(window.axe(), [] as [&str; 0], "the question is accessible");
    assert_eq!(server.requests(), []);
    window.click("main .banner button");
    wait_for("the check", FOLLOWS, || server.requests().len(), |requests| *requests == 2);
    let gone = |body: &String| !body.contains("Check for new versions of Tidemark?");
    wait_for("the question's end", FOLLOWS, || window.body(), gone);
    window.click("a[href='#/settings']");
    window.wait_for_text(&format!("Version {} is available.", newer_version()), FOLLOWS);
    assert_eq!(window.axe(), [] as [&str; 0], "the settings are accessible");
    let told = || desktop.notifications();
    let is_told = |all: &Vec<tidemark_journeys::Notification>| {
        all.iter().filter(|one| one.summary.contains(&newer_version())).count() == 1
    };
    wait_for("one notification", FOLLOWS, told, is_told);
    desktop.close_window(window);
    let window = desktop.open_window(&Launch::default());
    window.wait_for_text("5-hour quota", COMES_UP);
    assert!(gone(&window.body()), "it was answered");
    assert_eq!(server.bytes_of_files(), 0);
}
