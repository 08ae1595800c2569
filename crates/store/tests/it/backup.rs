//! Backups and restoring: whole at every moment, nothing lost, and for no one else to read.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use tempfile::TempDir;
use tidemark_core::AccountId;
use tidemark_store::{
    BackupError, DatabaseFile, FILE_NAME, Restoring, Store, StoreError, StoredCredential, back_up,
};

use crate::given::*;

/// Takes readings, five minutes apart.
fn read(store: &Store, account: AccountId, numbers: std::ops::Range<i64>) {
    for number in numbers {
        let seen = reading(now() + minutes(5 * number), (number % 90).into(), dec("5"));
        store.insert_reading(account, &seen, &evidence(&seen)).unwrap();
    }
}

/// A history of so many readings, with a backup of it elsewhere.
fn backed_up(readings: i64) -> (TempDir, Store, tidemark_core::Account, TempDir, PathBuf) {
    let (folder, store, account) = with_account();
    read(&store, account.id, 0..readings);
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("backup.db");
    back_up(folder.path(), &file, false).unwrap();
    (folder, store, account, elsewhere, file)
}

fn readings_in(file: &Path) -> u64 {
    let file = DatabaseFile::open(file).unwrap();
    file.check_integrity().unwrap();
    file.content().unwrap().readings.unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// A folder with a database as its own program would find it.
fn opened(file: &Path) -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(file, folder.path().join(FILE_NAME)).unwrap();
    let store = Store::open(folder.path(), now()).unwrap();
    store.check_integrity().unwrap();
    (folder, store)
}

#[test]
fn a_backup_is_one_private_file_with_everything_in_it() {
    let (folder, store, account) = with_account();
    read(&store, account.id, 0..50);
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("a backup ' of mine.db");
    let made = back_up(folder.path(), &file, false).unwrap();
    assert_eq!(names(elsewhere.path()), ["a backup ' of mine.db"]);
    let there = fs::metadata(&file).unwrap();
    assert_eq!((there.permissions().mode() & 0o777, there.len()), (0o600, made.bytes));
    let credential = StoredCredential {
        id: account.id,
        name: "work".to_owned(),
        source: account.source,
        region: account.region,
        base_url: None,
        credential: Some(account.credential.clone()),
    };
    assert_eq!(made.content.accounts, Some(vec![credential]));
    assert_eq!((made.content.readings, made.content.from), (Some(50), Some(now())));
    assert_eq!(made.content.to, Some(now() + minutes(5 * 49)));
    let (_other, copy) = opened(&file);
    assert_eq!(copy.accounts().unwrap(), std::slice::from_ref(&account));
    let all = |store: &Store| store.readings_after(account.id, None).unwrap();
    assert_eq!(all(&copy), all(&store));
}

#[test]
fn a_backup_made_while_the_agent_writes_is_of_one_moment() {
    let (folder, store, account) = with_account();
    let elsewhere = tempfile::tempdir().unwrap();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                let file = elsewhere.path().join("backup.db");
                back_up(folder.path(), &file, true).unwrap();
                let readings = readings_in(&file);
                let (_other, copy) = opened(&file);
                // Each was stored in a transaction of its own, one after the other.
                let last = copy.last_readings().unwrap().first().map(|(.., reading)| reading.at);
                let expected = readings.checked_sub(1).map(|last| now() + minutes(5 * last.cast_signed()));
                assert_eq!(last, expected);
            }
        });
        read(&store, account.id, 0..600);
        ended.store(true, Ordering::Relaxed);
    });
    store.check_integrity().unwrap();
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_asked_for() {
    let (folder, _store, _account, elsewhere, file) = backed_up(3);
    fs::write(&file, "something of the user's").unwrap();
    let refused = back_up(folder.path(), &file, false).unwrap_err();
    assert!(matches!(refused, BackupError::Exists(_)), "{refused}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "something of the user's");
    back_up(folder.path(), &file, true).unwrap();
    assert_eq!(readings_in(&file), 3);
    let refused = back_up(folder.path(), elsewhere.path(), true).unwrap_err();
    assert!(matches!(refused, BackupError::Write { .. }), "{refused}");
    let nowhere = elsewhere.path().join("no folder/backup.db");
    let refused = back_up(folder.path(), &nowhere, false).unwrap_err();
    assert!(matches!(refused, BackupError::Write { .. }), "{refused}");
    assert_eq!(names(elsewhere.path()), ["backup.db"], "nothing is left of what was refused");
}

#[test]
fn the_data_folder_s_own_files_are_no_place_for_a_backup() {
    let (folder, store, account, elsewhere, _file) = backed_up(3);
    fs::write(folder.path().join("keys.age"), "keys").unwrap();
    let dir = elsewhere.path();
    symlink(folder.path(), dir.join("folder")).unwrap();
    symlink(folder.path().join(FILE_NAME), dir.join("link.db")).unwrap();
    fs::hard_link(folder.path().join(FILE_NAME), dir.join("second.db")).unwrap();
    for own in [
        folder.path().join(FILE_NAME),
        folder.path().join("tidemark.db-wal"),
        folder.path().join("keys.age"),
        folder.path().join("Agent.lock"),
        dir.join("folder/tidemark.db"),
        dir.join("link.db"),
        dir.join("second.db"),
    ] {
        let refused = back_up(folder.path(), &own, true).unwrap_err();
        assert!(matches!(refused, BackupError::OwnFile(_)), "{}: {refused}", own.display());
    }
    read(&store, account.id, 3..4);
    store.still_there().unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("keys.age")).unwrap(), "keys");
    back_up(folder.path(), &folder.path().join("mine.db"), false).unwrap();
}

#[test]
fn older_and_newer_formats_are_backed_up_as_they_are() {
    for (change, schema, accounts) in [
        ("PRAGMA user_version = 999; INSERT INTO migration VALUES (99)", Some(99), Some(1)),
        ("PRAGMA user_version = 999; ALTER TABLE account RENAME TO member", None, None),
        ("DROP TABLE migration; DROP TABLE announcement; PRAGMA user_version = 2", Some(2), Some(1)),
    ] {
        let (folder, store, account) = with_account();
        read(&store, account.id, 0..4);
        drop(store);
        let db = Connection::open(folder.path().join(FILE_NAME)).unwrap();
        let newest: i64 = db.query_row("SELECT max(number) FROM migration", [], |row| row.get(0)).unwrap();
        db.execute_batch(change).unwrap();
        let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        drop(db);
        let file = folder.path().join("backup.db");
        let made = back_up(folder.path(), &file, false).unwrap();
        assert_eq!(
            (made.content.schema, made.content.readings),
            (schema.unwrap_or(newest), Some(4)),
            "{change}"
        );
        assert_eq!(made.content.accounts.map(|accounts| accounts.len()), accounts, "{change}");
        let copy = Connection::open(&file).unwrap();
        let copied: i64 = copy.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(copied, version);
    }
}

#[test]
fn what_is_no_history_of_ours_is_neither_backed_up_nor_restored() {
    let folder = tempfile::tempdir().unwrap();
    let missing = back_up(folder.path(), &folder.path().join("b.db"), false).unwrap_err();
    assert!(matches!(missing, BackupError::Store(StoreError::NotThere(_))), "{missing}");
    let file = folder.path().join("other.db");
    assert!(matches!(DatabaseFile::open(&file), Err(StoreError::Io { .. })));
    assert!(matches!(DatabaseFile::open(folder.path()), Err(StoreError::Io { .. })));
    fs::write(&file, "").unwrap();
    assert!(matches!(DatabaseFile::open(&file), Err(StoreError::Damaged(_))));
    fs::write(&file, "no database, however long it may be").unwrap();
    assert!(matches!(DatabaseFile::open(&file), Err(StoreError::Damaged(_))));
    fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(DatabaseFile::open(&file), Err(StoreError::NotOurs(_))));
}

/// What each step leaves behind is what a kill at that point would leave.
#[test]
fn a_restore_that_is_cut_off_leaves_one_or_the_other_whole() {
    let (folder, store, account, _elsewhere, file) = backed_up(5);
    read(&store, account.id, 5..9);
    // The newest readings are in the write-ahead log, as after a kill.
    let log = fs::read(folder.path().join("tidemark.db-wal")).unwrap();
    let database = fs::read(folder.path().join(FILE_NAME)).unwrap();
    drop(store);
    fs::write(folder.path().join("tidemark.db-wal"), log).unwrap();
    fs::write(folder.path().join(FILE_NAME), database).unwrap();
    let found = || {
        // Looked at in a copy of the folder, so that looking changes nothing.
        let copy = tempfile::tempdir().unwrap();
        for name in names(folder.path()) {
            fs::copy(folder.path().join(&name), copy.path().join(&name)).unwrap();
        }
        readings_in(&copy.path().join(FILE_NAME))
    };
    assert_eq!(found(), 9);
    let backup = DatabaseFile::open(&file).unwrap();
    let restoring = Restoring::begin(folder.path(), &backup).unwrap();
    assert_eq!(restoring.content().unwrap().readings, Some(5));
    assert_eq!(found(), 9);
    let kept = restoring.keep_former(now()).unwrap().unwrap();
    assert_eq!(found(), 9);
    assert_eq!(readings_in(&kept), 9);
    assert!(!folder.path().join("tidemark.db-wal").exists(), "all of it is in the one file");
    drop(restoring);
    assert_eq!(found(), 9, "given up before the last step, it is as it was");
    let restoring = Restoring::begin(folder.path(), &backup).unwrap();
    let second = restoring.keep_former(now()).unwrap().unwrap();
    restoring.finish().unwrap();
    assert_eq!(found(), 5);
    assert_eq!(
        names(folder.path()),
        [
            "tidemark-before-restore-20261122T050000Z-2.db",
            "tidemark-before-restore-20261122T050000Z.db",
            FILE_NAME
        ]
    );
    assert_eq!(readings_in(&second), 9);
    for name in names(folder.path()) {
        let mode = fs::metadata(folder.path().join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let store = Store::open(folder.path(), now()).unwrap();
    read(&store, account.id, 5..6);
}

#[test]
fn a_copy_of_a_former_try_is_no_hindrance() {
    let (folder, store, _account, _elsewhere, file) = backed_up(5);
    drop(store);
    fs::write(folder.path().join("tidemark.db.restoring"), "half of a").unwrap();
    let backup = DatabaseFile::open(&file).unwrap();
    Restoring::begin(folder.path(), &backup).unwrap().finish().unwrap();
    assert_eq!(names(folder.path()), [FILE_NAME]);
}

#[test]
fn a_backup_is_restored_where_there_was_nothing() {
    let (_folder, _store, _account, elsewhere, file) = backed_up(5);
    let empty = elsewhere.path().join("another/data folder");
    let restoring = Restoring::begin(&empty, &DatabaseFile::open(&file).unwrap()).unwrap();
    assert_eq!(restoring.keep_former(now()).unwrap(), None);
    restoring.finish().unwrap();
    assert_eq!(Store::open(&empty, now()).unwrap().last_readings().unwrap().len(), 1);
}

#[test]
fn a_database_too_damaged_to_open_is_kept_with_its_log() {
    let (folder, store, _account, _elsewhere, file) = backed_up(5);
    drop(store);
    fs::write(folder.path().join(FILE_NAME), "this was a database once, and it is none now").unwrap();
    fs::write(folder.path().join("tidemark.db-wal"), "its log").unwrap();
    let restoring = Restoring::begin(folder.path(), &DatabaseFile::open(&file).unwrap()).unwrap();
    let kept = restoring.keep_former(now()).unwrap().unwrap();
    restoring.finish().unwrap();
    assert_eq!(readings_in(&folder.path().join(FILE_NAME)), 5, "nothing of the old log is mixed in");
    assert!(fs::read_to_string(&kept).unwrap().starts_with("this was"));
    let log = kept.with_file_name(format!("{}-wal", kept.file_name().unwrap().to_string_lossy()));
    assert_eq!(fs::read_to_string(log).unwrap(), "its log");
}

#[test]
fn a_database_in_use_is_not_pulled_from_under_anyone() {
    let (folder, store, _account, _elsewhere, file) = backed_up(5);
    let restoring = Restoring::begin(folder.path(), &DatabaseFile::open(&file).unwrap()).unwrap();
    let refused = restoring.keep_former(now()).unwrap_err();
    assert!(matches!(refused, StoreError::Busy), "{refused}");
    drop(restoring);
    store.still_there().unwrap();
    assert!(!names(folder.path()).iter().any(|name| name.contains("restor")), "{:?}", names(folder.path()));
}

#[test]
fn a_backup_of_a_newer_or_damaged_kind_changes_nothing() {
    let (folder, store, _account, elsewhere, file) = backed_up(400);
    drop(store);
    let newer = elsewhere.path().join("newer.db");
    fs::copy(&file, &newer).unwrap();
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let refused = Restoring::begin(folder.path(), &DatabaseFile::open(&newer).unwrap()).unwrap_err();
    assert!(matches!(refused, StoreError::Newer { found: 999, .. }), "{refused}");
    let mut bytes = fs::read(&file).unwrap();
    let pages = bytes.len() / 4096;
    for page in 3..pages {
        bytes[page * 4096..page * 4096 + 64].fill(0xA5);
    }
    let damaged = elsewhere.path().join("damaged.db");
    fs::write(&damaged, bytes).unwrap();
    let opened = DatabaseFile::open(&damaged);
    let refused = opened.and_then(|file| Restoring::begin(folder.path(), &file).map(drop)).unwrap_err();
    assert!(matches!(refused, StoreError::Damaged(_)), "{refused}");
    assert_eq!(names(folder.path()), [FILE_NAME]);
}

/// A plain copy of the two files, which is what people make.
#[test]
fn a_copied_database_is_restored_with_what_is_in_its_log() {
    let (folder, store, account, elsewhere, _file) = backed_up(5);
    read(&store, account.id, 5..7);
    let copy = elsewhere.path().join("copied.db");
    fs::copy(folder.path().join(FILE_NAME), &copy).unwrap();
    fs::copy(folder.path().join("tidemark.db-wal"), elsewhere.path().join("copied.db-wal")).unwrap();
    drop(store);
    let other = elsewhere.path().join("other");
    Restoring::begin(&other, &DatabaseFile::open(&copy).unwrap()).unwrap().finish().unwrap();
    assert_eq!(readings_in(&other.join(FILE_NAME)), 7);
}
