//! Two machines that share a folder, between which a syncer carries files as syncers do: under temporary names, in
//! pieces, in any order, twice, months late. Whatever it does, each request counts once.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where what it stands on is not so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use tempfile::TempDir;
use tidemark_journeys::{Ends, Machine};

/// A machine with its own copy of the shared folder.
struct Member {
    machine: Machine,
    folder: TempDir,
}

impl Member {
    /// One that has added its copy of the folder. There is nothing in its logs yet.
    fn named(name: &str) -> Self {
        let member = Self { machine: Machine::new(), folder: tempfile::tempdir().unwrap() };
        member.machine.json(&["machine", "this", "--name", name]);
        member
    }

    fn adds(self) -> Self {
        let folder = self.folder.path().to_str().unwrap();
        let way = ["--folder", folder, "--passphrase-env", "FOLDER_PASSPHRASE"];
        let added = self.machine.json(&[&["machine", "add", "ours"], &way[..]].concat());
        assert_eq!(added["exchanges"][0]["problem"], Value::Null, "{added}");
        self
    }

    fn syncs(&self) -> Value {
        self.machine.json(&["machine", "sync"])["exchanges"][0].clone()
    }

    fn syncs_well(&self) {
        let synced = self.syncs();
        assert_eq!(synced["problem"], Value::Null, "{synced}");
    }

    /// The files that it wrote, by their paths in the folder: the key, then the months.
    fn files(&self) -> Vec<PathBuf> {
        let id = self.machine.json(&["machine", "this"])["id"].as_str().unwrap().to_owned();
        let entries = fs::read_dir(self.folder.path().join(&id)).unwrap();
        let mut files: Vec<PathBuf> =
            entries.map(|entry| Path::new(&id).join(entry.unwrap().file_name())).collect();
        files.sort_by_key(|path| (path.extension() != Some("age".as_ref()), path.clone()));
        files
    }

    fn bytes(&self, file: &Path) -> Vec<u8> {
        fs::read(self.folder.path().join(file)).unwrap()
    }

    /// A syncer puts bytes into this copy of the folder.
    fn is_brought(&self, file: &Path, bytes: &[u8]) {
        let path = self.folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// As a syncer names a file that is under way.
fn temporary(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap().to_str().unwrap();
    file.with_file_name(format!(".syncthing.{name}.tmp"))
}

#[test]
fn a_syncer_s_tricks_neither_lose_nor_double_a_request() {
    let (far, near) = (Member::named("far"), Member::named("near").adds());
    far.machine.logs("session_far", 0..100);
    let far = far.adds();
    let [key, month] = far.files().try_into().unwrap();
    let early = far.bytes(&month);
    for part in 1..4 {
        far.machine.logs("session_far", part * 100..part * 100 + 100);
        far.syncs_well();
    }
    let whole = far.bytes(&month);
    // The first hundred are in the logs here too.
    near.machine.logs("session_copy", 0..100);
    let counted = || near.machine.requests("all");
    assert_eq!(counted(), 100);

    // Under a temporary name, in pieces, and before the key that opens it.
    near.is_brought(&temporary(&month), &whole[..whole.len() / 3]);
    near.syncs();
    assert_eq!(counted(), 100);
    near.is_brought(&key, &far.bytes(&key));
    let mut before = 0;
    for length in [whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        near.is_brought(&temporary(&month), &whole[..length]);
        near.syncs_well();
        let now = counted();
        assert!((before..=300).contains(&now), "{now} after {before}");
        before = now;
    }
    assert_eq!(before, 300, "whole parts count at once");
    // Then with its own name.
    near.is_brought(&temporary(&month), &whole);
    let from = near.folder.path().join(temporary(&month));
    fs::rename(from, near.folder.path().join(&month)).unwrap();
    near.syncs_well();
    assert_eq!((counted(), near.machine.requests("far")), (400, 300));
    // Copies of an earlier state, as different syncers name them.
    for name in
        ["2026-11.sync-conflict-20261130-101010-ABCDEFG.records", "2026-11 (far's conflicted copy).records"]
    {
        near.is_brought(&month.with_file_name(name), &early);
    }
    near.is_brought(Path::new("copy.records"), &whole);
    near.syncs_well();
    // It goes back to an earlier state, and forward again.
    for bytes in [&early, &whole] {
        near.is_brought(&month, bytes);
        near.syncs_well();
        assert_eq!((counted(), near.machine.requests("far")), (400, 300));
    }
    let listed = near.machine.json(&["machine", "list"]);
    assert_eq!(listed["machines"].as_array().unwrap().len(), 1, "{listed}");
}

#[test]
fn months_of_backlog_count_once_in_whatever_order_their_files_come() {
    // A machine that was offline for three months: it wrote into its copy of the folder, which no one carried away.
    let mut far = Member::named("far");
    let mut written = 0;
    for months_ago in [3, 2, 1, 0] {
        let ago = TimeDelta::days(31 * months_ago);
        far.machine.set_clock(-ago);
        far.machine.logs_at(
            "session_far",
            written..written + 1500,
            (Utc::now() - TimeDelta::days(110)).timestamp_millis(),
        );
        written += 1500;
        if months_ago == 3 {
            far = far.adds();
        } else {
            far.syncs_well();
        }
    }
    let files = far.files();
    assert!(files.len() >= 4, "a key, and a file for each month: {files:?}");
    let counted = |member: &Member| member.machine.requests("all");

    // Everything at once.
    let near = Member::named("near");
    for file in &files {
        near.is_brought(file, &far.bytes(file));
    }
    let near = near.adds();
    assert_eq!(counted(&near), 6000);

    // The newest first, and the key last.
    let other = Member::named("other").adds();
    for file in files.iter().rev() {
        other.is_brought(file, &far.bytes(file));
        other.syncs();
    }
    other.syncs_well();
    assert_eq!(counted(&other), 6000);
}

#[test]
fn a_clock_that_is_two_hours_wrong_loses_and_doubles_nothing() {
    for hours in [2, -2] {
        let ahead = TimeDelta::hours(hours);
        let (mut far, near) = (Member::named("far"), Member::named("near"));
        let begin = (Utc::now() - TimeDelta::minutes(50)).timestamp_millis();
        near.machine.logs_at("session_near", 0..10, begin);
        // What is logged there has the wrong time, too.
        far.machine.set_clock(ahead);
        far.machine.logs_at("session_far", 100..120, begin + ahead.num_milliseconds());
        let carry = |from: &Member, to: &Member| {
            for file in from.files() {
                to.is_brought(&file, &from.bytes(&file));
            }
        };
        let (mut far, near) = (far.adds(), near.adds());
        // The clock is put right between two exchanges.
        for (ahead, requests) in [(ahead, 100..110), (TimeDelta::zero(), 200..220), (ahead, 300..310)] {
            far.machine.set_clock(ahead);
            if requests.start > 100 {
                far.machine.logs_at("session_far", requests, begin + ahead.num_milliseconds());
            }
            far.syncs_well();
            carry(&far, &near);
            near.syncs_well();
            carry(&near, &far);
            far.syncs_well();
        }
        for member in [&near, &far] {
            assert_eq!(member.machine.requests("all"), 60, "{hours} hours");
        }
        assert_eq!((near.machine.requests("far"), far.machine.requests("near")), (50, 10));
        let own = near.machine.json(&["machine", "this"]);
        assert_eq!(own["renewed"], Value::Null, "{own}");
    }
}

#[test]
fn a_kill_in_the_middle_of_writing_or_reading_loses_and_doubles_nothing() {
    let (far, near) = (Member::named("far").adds(), Member::named("near").adds());
    let count = 12_000;
    // A part is four thousand requests: there are several of them to be cut off in.
    far.machine.logs("session_far", 0..count);
    far.machine.run(&["machine", "export"]);
    let key = far.files().remove(0);
    let killed_at = |member: &Member, shares: &[f64], whole: f64| {
        for share in shares {
            let mut running = Ends(
                member
                    .machine
                    .command(&["machine", "sync"])
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap(),
            );
            std::thread::sleep(std::time::Duration::from_secs_f64(whole * share));
            running.0.kill().unwrap();
            running.0.wait().unwrap();
        }
    };
    // How long such an exchange takes here: of another machine with as much.
    let twin = Member::named("twin").adds();
    twin.machine.logs("session_twin", 0..count);
    twin.machine.run(&["machine", "export"]);
    let begun = Instant::now();
    twin.syncs_well();
    let writing = begun.elapsed().as_secs_f64();

    killed_at(&far, &[0.4, 0.6, 0.75, 0.9], writing);
    far.syncs_well();
    for file in far.files() {
        near.is_brought(&file, &far.bytes(&file));
    }
    assert!(near.folder.path().join(key).is_file());
    killed_at(&near, &[0.3, 0.5, 0.7, 0.9], writing);
    near.syncs_well();
    assert_eq!(near.machine.requests("all"), count.unsigned_abs());
    let fresh = Member::named("fresh");
    for file in far.files() {
        fresh.is_brought(&file, &far.bytes(&file));
    }
    assert_eq!(fresh.adds().machine.requests("all"), count.unsigned_abs());
}
