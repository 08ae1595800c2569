//! A real file system that is full, or read-only, under the real program: nothing is lost, and it is said.
//!
//! The data folder is a tmpfs in a mount namespace of its own, so that nothing else on the machine is touched.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;
#[path = "../../update/tests/common/mod.rs"]
mod release_server;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use chrono::{SecondsFormat, TimeDelta, Utc};
use common::{Ended, Home, Service, add_arguments, home, kind};
use rust_decimal::Decimal;
use tidemark_simulator::Event;

/// The namespace in which the data folder is a file system of its own. It goes with its keeper.
struct Disk<'a> {
    home: &'a Home,
    keeper: Child,
    /// Whether it needed a user namespace too: whoever is not root may mount only in one of their own.
    has_user_namespace: bool,
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

impl<'a> Disk<'a> {
    fn of(home: &'a Home, size: &str) -> Self {
        let dir = home.data_dir();
        std::fs::create_dir_all(&dir).unwrap();
        let script = format!(
            "mount --make-rprivate / && mount -t tmpfs -o size={size},mode=700 tmpfs '{}' && echo ready && exec sleep 900",
            dir.display()
        );
        // Within a changed root directory there are no user namespaces, and root needs none.
        for has_user_namespace in [true, false] {
            let mut unshare = Command::new("unshare");
            if has_user_namespace {
                unshare.arg("--map-root-user");
            }
            let mut keeper = unshare
                .args(["--mount", "sh", "-c", &script])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut said = String::new();
            BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut said).unwrap();
            if said.trim() == "ready" {
                return Self { home, keeper, has_user_namespace };
            }
            let _ = keeper.wait();
        }
        panic!("a mount namespace of its own is needed: see `unshare --map-root-user --mount true`");
    }

    /// A command that sees the file system.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let pid = self.keeper.id().to_string();
        let inner = self.home.command(&[]);
        let mut command = Command::new("nsenter");
        command.args(["--target", &pid]);
        if self.has_user_namespace {
            command.args(["--user", "--preserve-credentials"]);
        }
        command
            .args(["--mount", program])
            .args(arguments)
            .env_clear()
            .envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn tidemark(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(env!("CARGO_BIN_EXE_tidemark"), arguments).output().unwrap())
    }

    fn remount(&self, options: &str) {
        let dir = self.home.data_dir();
        let options = format!("remount,{options}");
        let mounted = self.command("mount", &["-o", &options, dir.to_str().unwrap()]).output().unwrap();
        assert!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr));
    }

    /// Another program's file takes up what is free.
    fn fill(&self) {
        let file = self.home.data_dir().join("filler");
        let of = format!("of={}", file.display());
        // It ends with an error, since there is no room: that is what it is for.
        let _ = self.command("dd", &["if=/dev/zero", &of, "bs=4096"]).output().unwrap();
    }

    fn add(&self, service: &Service) {
        self.add_ago(service, 0);
    }

    fn add_ago(&self, service: &Service, days: i64) {
        let arguments = add_arguments(service, "api", "api");
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let then = (Utc::now() - TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut command = self.command(env!("CARGO_BIN_EXE_tidemark"), &arguments);
        command.env("TIDEMARK_STAND_IN", service.running().url()).env("TIDEMARK_CLOCK", format!("{then}*1"));
        let added = Ended::of(command.output().unwrap());
        assert_eq!(added.status, 0, "{}", added.err);
    }

    /// What the history says was used, over all months.
    fn spent(&self) -> Decimal {
        // The clock of some of these runs is ahead.
        let (from, to) = (Utc::now() - TimeDelta::days(40), Utc::now() + TimeDelta::days(40));
        let day = |at: chrono::DateTime<Utc>| at.format("%Y-%m-%d").to_string();
        let asked = ["history", "--by", "month", "--from", &day(from), "--to", &day(to), "--json"];
        let history = self.tidemark(&asked);
        assert_eq!(history.status, 0, "{}", history.err);
        let document = history.json();
        let rows = document["rows"].as_array().unwrap();
        let amounts =
            rows.iter().filter_map(|row| row["deducted"]["amount"].as_str()?.parse::<Decimal>().ok());
        amounts.sum::<Decimal>().normalize()
    }
}

/// An agent whose clock runs so much faster that accounts may be polled again at once. It begins days ago, so that what it
/// reads lies in the past of the commands that show it.
fn start_agent(disk: &Disk<'_>, service: &Service, days_ago: i64) -> Child {
    let then = (Utc::now() - TimeDelta::days(days_ago)).to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut agent = disk
        .command(env!("CARGO_BIN_EXE_tidemark"), &["agent", "--no-tray", "--json"])
        .env("TIDEMARK_STAND_IN", service.running().url())
        .env("TIDEMARK_CLOCK", format!("{then}*2000"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(agent.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("pid"), "{said}");
    agent
}

fn spend(service: &Service, amount: i64) {
    service.running().event("api", &Event::SpendMoney { amount: amount.into() }).unwrap();
}

fn poll(disk: &Disk<'_>) -> Ended {
    disk.tidemark(&["poll", "--json"])
}

#[test]
fn what_is_used_while_the_disk_is_full_is_in_the_history_once_it_is_enlarged() {
    let service = Service::platform();
    let home = home(&service, "api");
    let disk = Disk::of(&home, "2m");
    disk.add_ago(&service, 11);
    let mut agent = start_agent(&disk, &service, 10);
    assert_eq!(poll(&disk).status, 0);
    let before = disk.spent();
    disk.fill();

    let mut refused = 0;
    for _ in 0..12 {
        spend(&service, 1);
        let polled = poll(&disk);
        if polled.status != 0 {
            assert_eq!((polled.status, kind_of_last(&polled)), (1, "disk-full".to_owned()), "{}", polled.out);
            refused += 1;
        }
    }
    assert!(refused >= 6, "the disk was full: {refused} of 12 polls were not stored");

    disk.remount("size=32m");
    spend(&service, 1);
    // A poll of the agent's own may have come between the two; the next one shows it then.
    let mut tries = 0;
    while disk.spent() - before != Decimal::from(13) && tries < 20 {
        let polled = poll(&disk);
        assert_eq!(polled.status, 0, "{} {}", polled.out, polled.err);
        tries += 1;
    }
    assert_eq!(disk.spent() - before, Decimal::from(13));

    // Killed and started again, it still says so.
    agent.kill().unwrap();
    agent.wait().unwrap();
    let mut agent = start_agent(&disk, &service, 2);
    assert_eq!(disk.spent() - before, Decimal::from(13));
    agent.kill().unwrap();
    agent.wait().unwrap();
}

#[test]
fn a_poll_on_a_read_only_file_system_fails_and_the_next_one_makes_good() {
    let service = Service::platform();
    let home = home(&service, "api");
    let disk = Disk::of(&home, "8m");
    disk.add(&service);
    let before = disk.spent();
    let polled = |seconds: i64| {
        let then = (Utc::now() + TimeDelta::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut command = disk.command(env!("CARGO_BIN_EXE_tidemark"), &["poll", "--json"]);
        command.env("TIDEMARK_STAND_IN", service.running().url()).env("TIDEMARK_CLOCK", format!("{then}*1"));
        Ended::of(command.output().unwrap())
    };
    assert_eq!(polled(60).status, 0);
    disk.remount("ro");
    spend(&service, 3);
    let refused = polled(120);
    assert_eq!(refused.status, 1, "{} {}", refused.out, refused.err);
    assert!(!kind(&refused).is_empty());
    disk.remount("rw");
    assert_eq!(polled(180).status, 0);
    assert_eq!(disk.spent() - before, Decimal::from(3));
}

/// The word of the error on the last line.
fn kind_of_last(ended: &Ended) -> String {
    let last = ended.lines().pop().unwrap_or_default();
    last["error"]["kind"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_backup_for_which_there_is_no_room_is_refused_and_leaves_nothing() {
    let service = Service::platform();
    let home = home(&service, "api");
    let disk = Disk::of(&home, "2m");
    disk.add_ago(&service, 11);
    let mut agent = start_agent(&disk, &service, 10);
    disk.fill();
    let file = home.data_dir().join("backup.db");
    let refused = disk.tidemark(&["backup", file.to_str().unwrap(), "--json"]);
    assert_eq!((refused.status, kind(&refused)), (1, "disk-full".to_owned()), "{}", refused.err);
    let listed = disk.command("ls", &["-A", home.data_dir().to_str().unwrap()]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(!listed.contains("backup"), "{listed}");
    disk.remount("size=32m");
    assert_eq!(disk.tidemark(&["backup", file.to_str().unwrap()]).status, 0);
    agent.kill().unwrap();
    agent.wait().unwrap();
}

#[test]
fn logs_for_which_there_is_no_room_are_said_to_have_none() {
    let home = Home::new();
    let session = ".kimi-code/sessions/wd_boat_0123456789ab/session_1/agents/main";
    let session = home.data_dir().with_file_name(session);
    std::fs::create_dir_all(&session).unwrap();
    let line = |number: i64| {
        let time = 1_780_000_000_000_i64 + number * 60_000;
        format!(
            r#"{{"type":"usage.record","model":"k3","usageScope":"turn","time":{time},"usage":{{"inputOther":7,"output":{number},"inputCacheRead":0}}}}"#
        )
    };
    let lines: Vec<String> = (0..40_000).map(line).collect();
    std::fs::write(session.join("wire.jsonl"), lines.join("\n")).unwrap();
    let disk = Disk::of(&home, "3m");
    let refused = disk.tidemark(&["logs", "--by", "machine", "--json"]);
    assert_eq!((refused.status, kind(&refused)), (1, "disk-full".to_owned()), "{}", refused.err);
    for (language, says) in [("en", "disk is full"), ("zh-CN", "磁盘已满")] {
        let said = disk.tidemark(&["logs", "--by", "machine", "--lang", language]);
        assert!(said.err.contains(says) && !said.err.contains("did not answer"), "{}", said.err);
    }
    disk.remount("size=64m");
    let counted = disk.tidemark(&["logs", "--by", "machine", "--json"]).json();
    assert_eq!(counted["totals"]["requests"], 40_000, "{counted}");
}

#[test]
fn a_download_for_which_there_is_no_room_is_said_and_leaves_what_was_free() {
    use release_server::{Published, ReleaseServer};
    let server = ReleaseServer::start();
    // It cannot say its version: what comes after the download is tried, too, and changes nothing.
    let mut newer = b"#!/bin/sh\nexit 3\n".to_vec();
    newer.resize(3_000_000, b' ');
    server.publish("9.3.0", &[Published { name: "Tidemark.AppImage", kind: "appimage", bytes: &newer }]);
    let service = Service::platform();
    // The program runs from an image's mount, and the image is a file.
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_tidemark"));
    let image = tempfile::tempdir().unwrap();
    let image = image.path().join("Tidemark.AppImage");
    std::fs::write(&image, "old").unwrap();
    let mut home = home(&service, "api")
        .with("APPDIR", program.parent().unwrap().to_str().unwrap())
        .with("APPIMAGE", image.to_str().unwrap());
    for (name, value) in server.env() {
        home = home.with(&name, &value);
    }
    let disk = Disk::of(&home, "2m");
    let install = || disk.tidemark(&["update", "--install", "--json"]);
    let refused = install();
    assert_eq!((refused.status, kind(&refused)), (1, "update-disk-full".to_owned()), "{}", refused.err);
    let data = home.data_dir();
    let found = disk.command("find", &[data.to_str().unwrap(), "-name", "*.AppImage*"]).output().unwrap();
    assert_eq!(String::from_utf8(found.stdout).unwrap(), "", "nothing of it is left");
    let said = disk.tidemark(&["update", "--install", "--lang", "zh-CN"]);
    assert!(said.err.contains("磁盘已满"), "{}", said.err);

    disk.remount("size=32m");
    let refused = install();
    assert_eq!((refused.status, kind(&refused)), (1, "update-not-started".to_owned()), "{}", refused.err);
    assert_eq!(std::fs::read_to_string(&image).unwrap(), "old");
}
