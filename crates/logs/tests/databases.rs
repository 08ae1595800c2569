//! Databases that somebody damaged or laid: nothing of them changes, nothing else suffers, and each is counted.

#![allow(clippy::unwrap_used, reason = "a test that cannot build its home is to end")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rusqlite::{Connection, params};
use serde_json::json;
use tidemark_logs::{FileCursor, Follower, Known, Log, Options, Portion, Roots, scan};

const MESSAGES: &str = "
CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER, time_updated INTEGER, data TEXT NOT NULL);
CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);";

fn database(home: &Path) -> PathBuf {
    home.join(".local/share/opencode/opencode.db")
}

fn data(number: i64) -> String {
    json!({"role": "assistant", "providerID": "moonshotai", "modelID": "kimi-k3", "path": {"cwd": "/work/raft"},
           "time": {"created": 1_790_000_000_000_i64 + number, "completed": 1_790_000_000_900_i64 + number},
           "tokens": {"input": 10 + number, "output": 5, "reasoning": 0, "cache": {"read": 7, "write": 0}}})
    .to_string()
}

/// A database with some messages; some of them written ahead only.
fn written(home: &Path, messages: i64) -> Connection {
    fs::create_dir_all(database(home).parent().unwrap()).unwrap();
    let db = Connection::open(database(home)).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.execute_batch(MESSAGES).unwrap();
    for number in 0..messages {
        insert(&db, number);
        if number == messages / 2 {
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        }
    }
    db
}

fn insert(db: &Connection, number: i64) {
    let sql = "INSERT INTO message VALUES (?1, 'ses_1', ?2, ?2, ?3)";
    db.execute(sql, params![format!("msg_{number:05}"), 1_790_000_000_000_i64 + number, data(number)])
        .unwrap();
}

/// One request of Claude Code, which what is beside it must not cost.
fn good_log(home: &Path) {
    let log = home.join(".claude/projects/p/s.jsonl");
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    let line = json!({"timestamp": "2026-07-20T10:00:00Z", "requestId": "r", "sessionId": "s",
        "message": {"id": "m", "model": "kimi-k3", "usage": {"input_tokens": 70, "output_tokens": 5}}});
    fs::write(log, format!("{line}\n")).unwrap();
}

/// Every file below a folder, with what is in it.
fn all(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            all.extend(self::all(&entry));
        } else {
            all.insert(entry.clone(), fs::read(&entry).unwrap());
        }
    }
    all
}

/// Copies what a program left that was killed.
fn killed(db: Connection, home: &Path) {
    let folder = database(home).parent().unwrap().to_owned();
    let files = all(&folder);
    drop(db);
    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir_all(&folder).unwrap();
    for (path, bytes) in files {
        fs::write(path, bytes).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_database_costs_only_itself(
        messages in 1_i64..60,
        damage in prop::collection::vec((0_usize..3, any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..40)), 0..4),
        cut in prop::option::of((0_usize..2, any::<prop::sample::Index>())),
        without_index in any::<bool>(),
    ) {
        let home = tempfile::tempdir().unwrap();
        good_log(home.path());
        killed(written(home.path(), messages), home.path());
        let file = |place: usize| {
            let mut name = database(home.path()).into_os_string();
            name.push(["", "-wal", "-shm"][place]);
            PathBuf::from(name)
        };
        for (place, at, bytes) in &damage {
            let mut content = fs::read(file(*place)).unwrap();
            let at = at.index(content.len() + 1);
            let end = content.len().min(at + bytes.len());
            content[at..end].copy_from_slice(&bytes[..end - at]);
            fs::write(file(*place), content).unwrap();
        }
        if let Some((place, at)) = cut {
            let content = fs::read(file(place)).unwrap();
            fs::write(file(place), &content[..at.index(content.len() + 1)]).unwrap();
        }
        if without_index {
            fs::remove_file(file(2)).unwrap();
        }
        let before = all(home.path());
        let found = scan(&Roots::in_home(home.path(), &[]), &Options::default());
        prop_assert!(all(home.path()) == before, "something changed");
        let of = |name: &str| -> u64 {
            found.rows().filter(|row| row.format.as_str() == name).map(|row| row.tally.requests).sum()
        };
        prop_assert_eq!(of("claude-code"), 1);
        prop_assert!(of("opencode") <= messages.cast_unsigned());
        if damage.is_empty() && cut.is_none() {
            prop_assert_eq!((of("opencode"), found.files_unreadable()), (messages.cast_unsigned(), 0));
        }
    }
}

/// A scan of a home, as how many requests were found and how many logs could not be read.
fn scanned(home: &Path) -> (u64, u64) {
    let found = scan(&Roots::in_home(home, &[]), &Options::default());
    (found.rows().map(|row| row.tally.requests).sum(), found.files_unreadable())
}

#[test]
fn what_is_none_of_the_programs_databases_is_passed_over() {
    for (what, schema, expected) in [
        ("no tables", "", (1, 0)),
        ("another program's tables", "CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (1)", (1, 0)),
        ("no columns that are known", "CREATE TABLE message (x); INSERT INTO message VALUES (7)", (1, 1)),
        (
            "a table without numbers of rows",
            "CREATE TABLE message (id TEXT PRIMARY KEY, data TEXT) WITHOUT ROWID",
            (1, 1),
        ),
        (
            "an endless view",
            "CREATE VIEW message AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS id, 'd' AS data FROM n",
            (1, 0),
        ),
        ("older columns", "CREATE TABLE message (id TEXT, data TEXT)", (1, 0)),
    ] {
        let home = tempfile::tempdir().unwrap();
        good_log(home.path());
        fs::create_dir_all(database(home.path()).parent().unwrap()).unwrap();
        Connection::open(database(home.path())).unwrap().execute_batch(schema).unwrap();
        assert_eq!(scanned(home.path()), expected, "{what}");
    }
    // A version that keeps less: what is there is read.
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(database(home.path()).parent().unwrap()).unwrap();
    let db = Connection::open(database(home.path())).unwrap();
    db.execute_batch("CREATE TABLE message (id TEXT, data TEXT)").unwrap();
    db.execute("INSERT INTO message VALUES ('m', ?1)", [data(1)]).unwrap();
    assert_eq!(scanned(home.path()), (1, 0));
}

#[test]
fn values_of_any_size_and_kind_are_read_or_passed_over() {
    let home = tempfile::tempdir().unwrap();
    let db = written(home.path(), 3);
    let long = "x".repeat(6 << 20);
    let user = json!({"role": "user", "summary": {"diffs": long}}).to_string();
    let assistant = json!({"role": "assistant", "tokens": {"input": 5}, "text": long}).to_string();
    for (id, data) in [("a", &user), ("b", &assistant)] {
        db.execute("INSERT INTO message VALUES (?1, 's', 1, 1, ?2)", [id, data]).unwrap();
    }
    db.execute_batch(
        "INSERT INTO message VALUES ('c', 's', 'soon', X'00FF', X'DEADBEEF');
         INSERT INTO message VALUES ('d', 's', 1e300, -1e300, 7.5);
         INSERT INTO message VALUES (NULL, 's', NULL, 9223372036854775807, '{}');
         INSERT INTO message VALUES ('e', 's', 1, 1, CAST(X'FFFE' AS TEXT));",
    )
    .unwrap();
    let found = scan(&Roots::in_home(home.path(), &[]), &Options::default());
    assert_eq!(found.rows().map(|row| row.tally.requests).sum::<u64>(), 3);
    // The assistant's long one could have had tokens.
    assert_eq!((found.files_unreadable(), found.lines_skipped()), (0, 1));
}

#[test]
fn a_database_that_is_locked_is_read_when_it_is_free_again() {
    let home = tempfile::tempdir().unwrap();
    good_log(home.path());
    fs::create_dir_all(database(home.path()).parent().unwrap()).unwrap();
    let db = Connection::open(database(home.path())).unwrap();
    db.execute_batch(MESSAGES).unwrap();
    insert(&db, 1);
    // Without a write-ahead log, pages are written over while a transaction goes on; what was committed is in the journal.
    db.execute_batch("PRAGMA cache_size = 1; BEGIN EXCLUSIVE").unwrap();
    for number in 2..400 {
        insert(&db, number);
    }
    let (requests, unreadable) = scanned(home.path());
    assert!((requests, unreadable) == (2, 0) || (requests, unreadable) == (1, 1), "{requests} {unreadable}");
    db.execute_batch("COMMIT").unwrap();
    assert_eq!(scanned(home.path()), (400, 0));
}

#[cfg(unix)]
#[test]
fn pipes_beside_a_database_keep_nothing_waiting() {
    for suffix in ["-wal", "-journal", "-shm", ""] {
        let home = tempfile::tempdir().unwrap();
        good_log(home.path());
        drop(written(home.path(), 3));
        let mut name = database(home.path()).into_os_string();
        name.push(suffix);
        let _ = fs::remove_file(&name);
        assert!(std::process::Command::new("mkfifo").arg(&name).status().unwrap().success());
        // The index is not asked for where nothing is written ahead.
        let expected = if suffix == "-shm" { (4, 0) } else { (1, 1) };
        assert_eq!(scanned(home.path()), expected, "{suffix}");
    }
}

/// What a reading of a home's only log hands on, and how far it came.
fn follow(home: &Path, known: Option<&FileCursor>) -> (usize, FileCursor) {
    let log = Log::find(&Roots::in_home(home, &[])).pop().unwrap();
    let mut requests = 0;
    let mut take = |portion: Portion, _: FileCursor, _: bool| {
        requests += portion.records();
        Ok(())
    };
    let known = known.map(|cursor| Known { cursor, from_start: false });
    let found = Follower::default().read(&log, known, &mut take).unwrap();
    (requests, found.cursor)
}

#[test]
fn only_rows_that_are_new_or_were_written_over_are_read_again() {
    let home = tempfile::tempdir().unwrap();
    let db = written(home.path(), 5000);
    let (first, cursor) = follow(home.path(), None);
    assert_eq!(first, 5000);
    // Rows of the last minute are read again, since a commit can come later than the time that it says.
    db.execute_batch("UPDATE message SET time_updated = time_updated - 600000 WHERE rowid < 4900").unwrap();
    let (_, cursor) = follow(home.path(), Some(&cursor));
    insert(&db, 5001);
    db.execute_batch("UPDATE message SET time_updated = time_updated + 900000 WHERE rowid IN (7, 8)")
        .unwrap();
    let (again, cursor) = follow(home.path(), Some(&cursor));
    assert!((3..300).contains(&again), "{again}");
    // Other numbers for the rows: all is read.
    db.execute_batch("DELETE FROM message WHERE rowid < 100; ALTER TABLE message RENAME TO former").unwrap();
    db.execute_batch(MESSAGES.split(';').next().unwrap()).unwrap();
    db.execute_batch("INSERT INTO message SELECT * FROM former ORDER BY id").unwrap();
    let (all, _) = follow(home.path(), Some(&cursor));
    assert_eq!(all, 4902);
}
