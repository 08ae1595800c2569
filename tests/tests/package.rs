//! The Debian package: it installs, starts from its desktop entry, and goes without a trace, while what is
//! the user's stays.
//!
//! It changes the machine for a minute, so it wants to be root or to have `sudo`, and it refuses to run where
//! the package is installed already: that installation is somebody's. `TIDEMARK_DEB` names the package.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test ends where what it stands on is not so")]

use std::collections::BTreeMap;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tidemark_journeys::{COMES_UP, Desktop, FOLLOWS, Keyring, Launch, Options, Service, wait_for};
use tidemark_simulator::Scenario;

/// The package under test, taken off the machine again whatever happens.
struct Package<'a> {
    desktop: &'a Desktop,
    name: String,
    version: String,
    installed: bool,
}

impl<'a> Package<'a> {
    fn install(desktop: &'a Desktop, file: &Path) -> Package<'a> {
        let field = |field: &str| {
            desktop.run("dpkg-deb", &["--field".as_ref(), file.as_os_str(), field.as_ref()]).trim().to_owned()
        };
        let (name, version) = (field("Package"), field("Version"));
        assert!(!name.is_empty(), "{} has no name", file.display());
        assert!(
            !is_installed(desktop, &name),
            "{name} is installed on this machine already; remove it first: apt-get remove {name}"
        );
        let package = Package { desktop, name, version, installed: true };
        let file = file.display().to_string();
        let out = as_root(desktop, &["apt-get", "install", "-y", "--no-install-recommends", &file]);
        assert!(out.status.success(), "it does not install:\n{}", said(&out));
        package
    }

    /// Every path that the package brought.
    fn paths(&self) -> Vec<PathBuf> {
        let list = self.desktop.run("dpkg", &["-L", &self.name]);
        list.lines().filter(|line| line.starts_with('/') && *line != "/.").map(PathBuf::from).collect()
    }

    /// Puts a newer package in its place, as an upgrade does.
    fn upgrade(&mut self, file: &Path) {
        let file = file.display().to_string();
        let out = as_root(self.desktop, &["apt-get", "install", "-y", "--no-install-recommends", &file]);
        assert!(out.status.success(), "it does not upgrade:\n{}", said(&out));
        let version = self.desktop.run("dpkg-query", &["-W", "-f", "${Version}", &self.name]);
        assert_ne!(version, self.version);
        self.version = version;
    }

    fn purge(&mut self) {
        let out = as_root(self.desktop, &["apt-get", "remove", "--purge", "-y", &self.name]);
        assert!(out.status.success(), "it does not go:\n{}", said(&out));
        self.installed = false;
    }
}

impl Drop for Package<'_> {
    fn drop(&mut self) {
        if self.installed && is_installed(self.desktop, &self.name) {
            let _ = as_root(self.desktop, &["dpkg", "--purge", &self.name]);
        }
    }
}

fn is_installed(desktop: &Desktop, name: &str) -> bool {
    let out = desktop.command("dpkg-query").args(["-W", "-f", "${Status}", name]).output();
    out.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains(" installed"))
}

/// Runs a command of the session as root: its home is the session's, so that a script of the package that
/// touched the user's files would touch those.
fn as_root(desktop: &Desktop, words: &[&str]) -> Output {
    let root = desktop.run("id", &["-u"]).trim() == "0";
    let mut command: Command = desktop.command(if root { words[0] } else { "sudo" });
    if !root {
        command.args(["--non-interactive", "--preserve-env", words[0]]);
    }
    command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive");
    command.output().unwrap_or_else(|e| panic!("cannot start {}: {e}", words[0]))
}

fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

/// The value of a key of a desktop entry.
fn value<'a>(entry: &'a str, key: &str) -> &'a str {
    let line = entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("no {key} in\n{entry}")).trim()
}

/// Where the program of a desktop entry lies: an absolute path, or found in the system's folders.
fn program(exec: &str) -> (PathBuf, Vec<String>) {
    let mut words = exec.split_whitespace().map(|word| word.trim_matches('"').to_owned());
    let name = words.next().expect("a program in Exec");
    // `%u` and its like stand for what is opened with the program: nothing here.
    let arguments = words.filter(|word| !word.starts_with('%')).collect();
    let places = ["/usr/local/bin", "/usr/bin", "/bin"];
    let path = if name.starts_with('/') {
        PathBuf::from(&name)
    } else {
        places
            .iter()
            .map(|place| Path::new(place).join(&name))
            .find(|path| path.is_file())
            .unwrap_or_else(|| panic!("{name} of the desktop entry is not in {places:?}"))
    };
    (path, arguments)
}

/// All that lies below the session's home and data folders, with what is in it.
fn users_files(desktop: &Desktop) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![desktop.home(), desktop.data_home()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => {
                    found.insert(entry.path(), std::fs::read(entry.path()).unwrap_or_default());
                }
                _ => {}
            }
        }
    }
    found
}

/// The package that `TIDEMARK_DEB` names, and the turn to try it: there is one machine to install it on.
fn package() -> (PathBuf, File) {
    let turn = std::env::temp_dir().join("tidemark-package.lock");
    let turn = File::options().create(true).append(true).open(turn).expect("a file to take turns by");
    turn.lock().expect("this journey's turn");
    let file = PathBuf::from(std::env::var_os("TIDEMARK_DEB").expect(
        "TIDEMARK_DEB must name the Debian package to be tried; `cargo xtask package` makes one, and \
         `cargo xtask test` makes it and sets the variable",
    ));
    (file.canonicalize().unwrap_or_else(|e| panic!("no package at {}: {e}", file.display())), turn)
}

#[test]
fn the_package_installs_starts_from_its_desktop_entry_and_uninstalls_clean() {
    let (file, _turn) = package();
    let desktop = Desktop::start(&Options { keyring: Keyring::Unlocked, ..Options::default() });
    let mut package = Package::install(&desktop, &file);
    let paths = package.paths();

    // Its desktop entry is one by the rules, and names an icon and a program of the package.
    let entries: Vec<&PathBuf> = paths
        .iter()
        .filter(|path| {
            path.starts_with("/usr/share/applications") && path.extension().is_some_and(|e| e == "desktop")
        })
        .collect();
    assert_eq!(entries.len(), 1, "{entries:?}");
    let out = desktop.command("desktop-file-validate").arg(entries[0]).output().expect("desktop-file-utils");
    assert!(out.status.success() && said(&out).is_empty(), "{}", said(&out));
    let entry = std::fs::read_to_string(entries[0]).expect("the desktop entry");
    let icon = value(&entry, "Icon");
    let icons = paths.iter().filter(|path| {
        path.starts_with("/usr/share/icons/hicolor") && path.file_stem().is_some_and(|stem| stem == icon)
    });
    assert!(icons.count() >= 3, "icons named {icon} in a few sizes");
    let (binary, args) = program(value(&entry, "Exec"));
    assert!(paths.contains(&binary), "{} is not of the package", binary.display());

    // The command line is in everybody's path, and is of this version.
    let mut version = desktop.command("tidemark");
    version.arg("--version").env("PATH", "/usr/bin:/bin");
    let out = version.output().expect("tidemark in the path");
    let upstream = package.version.split('-').next().unwrap_or_default();
    assert!(out.status.success() && said(&out).contains(upstream), "{} {upstream}", said(&out));

    // Its manual is there in both languages, and the shell completes its commands.
    for (language, folder) in [("C", "/usr/share/man/man1"), ("zh_CN", "/usr/share/man/zh_CN/man1")] {
        for page in ["tidemark", "tidemark-account-add"] {
            let found = desktop.run("man", &["-L", language, "-w", page]);
            assert_eq!(found.trim(), format!("{folder}/{page}.1.gz"));
        }
        let complaints =
            desktop.command("man").args(["-L", language, "--warnings", "-P", "cat", "tidemark"]).output();
        let complaints = complaints.expect("man").stderr;
        assert_eq!(String::from_utf8_lossy(&complaints), "", "the page in {language}");
    }
    let complete = "source /usr/share/bash-completion/completions/tidemark && COMP_WORDS=(tidemark hist) COMP_CWORD=1 \
                    && _tidemark tidemark hist tidemark && echo ${COMPREPLY[@]}";
    assert_eq!(desktop.run("bash", &["-c", complete]).trim(), "history");

    // The user unit starts what the package brought, and software centres can read what it is.
    let unit = "/usr/lib/systemd/user/tidemark.service";
    let out = desktop.command("systemd-analyze").args(["verify", "--user", "--man=no", unit]).output();
    let out = out.expect("systemd-analyze");
    assert!(out.status.success() && !said(&out).contains("tidemark"), "{}", said(&out));
    let about = "/usr/share/metainfo/dev.tidemark.Tidemark.metainfo.xml";
    let out = desktop.command("appstreamcli").args(["validate", "--no-net", about]).output();
    let out = out.expect("appstreamcli");
    assert!(out.status.success(), "{}", said(&out));

    // The program of the entry shows its window, and starts the agent of the package.
    let window = desktop.open_window(&Launch { binary: Some(binary), args, env: Vec::new() });
    window.wait_for_text("Paste your API key", COMES_UP);
    let overview = || desktop.ask_agent(&desktop.data_dir(), "GET", "/v1/overview");
    let overview = wait_for("the agent's interface", COMES_UP, overview, Result::is_ok);
    assert_eq!(overview.as_ref().map(|answer| answer.status), Ok(200), "{overview:?}");
    let agents = || {
        let all = desktop.processes().into_iter();
        all.filter(|(_, line)| line.starts_with("/usr/bin/tidemark ")).collect::<Vec<_>>()
    };
    wait_for("one agent", COMES_UP, agents, |all| all.len() == 1);
    desktop.close_window(window);
    for (pid, _) in agents() {
        desktop.run("kill", &["-TERM", &pid.to_string()]);
    }
    wait_for("the end of the agent", FOLLOWS, agents, Vec::is_empty);

    // It goes, and all it brought; what is the user's stays as it is.
    let before = users_files(&desktop);
    assert!(before.contains_key(&desktop.data_dir().join("tidemark.db")), "{:?}", before.keys());
    let files: Vec<&PathBuf> =
        paths.iter().filter(|path| path.symlink_metadata().is_ok_and(|meta| !meta.is_dir())).collect();
    assert!(files.len() >= 5, "{files:?}");
    package.purge();
    let left: Vec<_> = files.iter().filter(|path| path.symlink_metadata().is_ok()).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    let own: Vec<_> = paths
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(&package.name)))
        .filter(|path| path.exists())
        .collect();
    assert!(own.is_empty(), "left behind: {own:?}");
    assert!(!is_installed(&desktop, &package.name));
    let traces: Vec<_> = std::fs::read_dir("/var/lib/dpkg/info")
        .expect("dpkg's own folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(&format!("{}.", package.name)))
        .collect();
    assert!(traces.is_empty(), "dpkg still knows {traces:?}");
    assert_eq!(users_files(&desktop), before, "the user's files");
}

/// The same package under an older number.
fn as_version(desktop: &Desktop, file: &Path, version: &str) -> PathBuf {
    let folder = desktop.scratch("older");
    desktop.run("dpkg-deb", &["--raw-extract".as_ref(), file.as_os_str(), folder.as_os_str()]);
    let control = folder.join("DEBIAN/control");
    let text = std::fs::read_to_string(&control).expect("the package's control file");
    let numbered = |line: &str| {
        if line.starts_with("Version:") { format!("Version: {version}") } else { line.to_owned() }
    };
    let lines: Vec<String> = text.lines().map(numbered).collect();
    std::fs::write(&control, lines.join("\n") + "\n").expect("the control file");
    let older = desktop.scratch("packages").join("older.deb");
    let build = ["-Znone", "--root-owner-group", "--build"].map(std::ffi::OsStr::new);
    desktop.run("dpkg-deb", &[&build[..], &[folder.as_os_str(), older.as_os_str()]].concat());
    older
}

/// What version 0.1 wrote of two accounts. One of them has its key in the keyring, as most have.
const HISTORY_OF_0_1: &str = include_str!("../../crates/monitor/tests/version_0_1/history.sql");
const FINDINGS_OF_0_1: &str = include_str!("../../crates/monitor/tests/version_0_1/findings.jsonl");
const HANDLE: &str = "5f0c2f2a-0b0e-4a54-9e0b-6a1d5d3a7c11";

/// Lays what a user of version 0.1 has: history, settings, a key, and the entry that starts the agent at login.
fn lay_what_0_1_left(desktop: &Desktop, key: &str) -> PathBuf {
    let data = desktop.data_dir();
    std::fs::create_dir_all(&data).expect("the data folder");
    std::fs::set_permissions(&data, Permissions::from_mode(0o755)).expect("as that version left it");
    let db = rusqlite::Connection::open(data.join("tidemark.db")).expect("a database");
    db.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA foreign_keys = OFF").expect("its options");
    db.execute_batch(HISTORY_OF_0_1).expect("the history");
    db.execute_batch(&format!(
        r#"UPDATE account SET base_url = NULL, credential = '{{"kind":"keyring","handle":"{HANDLE}"}}' WHERE name = 'work';
           UPDATE setting SET value = json_set(value, '$.poll_seconds', 600, '$.theme', 'dark', '$.language', 'zh-CN',
             '$.meter_thresholds', json('[60,80]'), '$.start_at_login', json('true')) WHERE key = 'settings';"#
    ))
    .expect("the user's own settings");
    drop(db);
    desktop.secret_tool_store("Tidemark: work", &[("service", "Tidemark"), ("username", HANDLE)], key);
    let entry = desktop.root().join("config/autostart/Tidemark.desktop");
    std::fs::create_dir_all(entry.parent().expect("a folder")).expect("the autostart folder");
    let text = "[Desktop Entry]\nType=Application\nVersion=1.0\nName=Tidemark\nComment=Tidemark startup script\n\
                Exec=/usr/bin/tidemark agent\nStartupNotify=false\nTerminal=false\n";
    std::fs::write(&entry, text).expect("the autostart entry");
    entry
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// When each finding of a list was detected, and what it is.
fn findings<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let all = lines.filter(|line| line.starts_with('{')).map(parsed);
    all.map(|finding| (word(&finding, "detected_at"), word(&finding, "kind"))).collect()
}

#[test]
fn an_upgrade_from_0_1_keeps_history_key_settings_and_start_at_login() {
    let (file, _turn) = package();
    let start: DateTime<Utc> = "2026-10-06T09:00:00Z".parse().expect("a time");
    let service = Service::start(Scenario::one_code(start), start, 1.0);
    let desktop = Desktop::start(&Options { keyring: Keyring::Unlocked, ..Options::default() });
    let mut package = Package::install(&desktop, &as_version(&desktop, &file, "0.1.0"));
    let entry = lay_what_0_1_left(&desktop, &service.key("work"));
    let before = users_files(&desktop);

    package.upgrade(&file);
    assert_eq!(users_files(&desktop), before, "the upgrade itself touches nothing of the user's");

    // The next login starts what the entry says.
    let text = std::fs::read_to_string(&entry).expect("the autostart entry");
    let (binary, arguments) = program(value(&text, "Exec"));
    let mut login = desktop.command(&binary);
    let _agent = desktop.spawn("agent", login.args(arguments).envs(service.env()));
    let data = desktop.data_dir();
    let ask = |path: &str| desktop.ask_agent(&data, "GET", path).map(|answer| answer.body);
    let polled = |overview: &Result<Value, String>| {
        let read_at = overview.as_ref().ok().and_then(|overview| overview["accounts"][0]["read_at"].as_str());
        read_at.and_then(|at| at.parse::<DateTime<Utc>>().ok()).is_some_and(|at| at >= start)
    };
    // The key in the keyring opens the account: it is polled.
    let overview = wait_for("a poll by the stored key", COMES_UP, || ask("/v1/overview"), polled);
    let overview = overview.expect("the agent's interface");
    let accounts = overview["accounts"].as_array().expect("accounts").iter();
    let names: Vec<&str> = accounts.filter_map(|account| account["name"].as_str()).collect();
    assert_eq!(names, ["work", "api"]);
    let settings = ask("/v1/settings").expect("the settings");
    assert_eq!(
        (&settings["poll_seconds"], &settings["theme"], &settings["language"], &settings["start_at_login"]),
        (&600.into(), &"dark".into(), &"zh-CN".into(), &true.into()),
        "{settings}"
    );
    assert_eq!(settings["meter_thresholds"], serde_json::json!([60, 80]));

    let out = desktop.run("/usr/bin/tidemark", &["findings", "--json"]);
    let now = findings(out.lines());
    for old in findings(FINDINGS_OF_0_1.lines()) {
        assert!(now.contains(&old), "{old:?} is gone: {now:?}");
    }
    let keys = desktop.secret_tool_search("Tidemark");
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_eq!((&keys[0].secret, keys[0].attributes["username"].as_str()), (&service.key("work"), HANDLE));

    // Start at login is still on, and leads to the program that is installed; both are closed to others now.
    let text = std::fs::read_to_string(&entry).expect("the autostart entry");
    assert_eq!(program(value(&text, "Exec")), (PathBuf::from("/usr/bin/tidemark"), vec!["agent".to_owned()]));
    let mode = |path: &Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&entry) & 0o022, 0);
    assert_eq!(mode(&data), 0o700);
    package.purge();
}
