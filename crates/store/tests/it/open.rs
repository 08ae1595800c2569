//! Opening: what is refused, with which error, and who may read the files.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;

use rusqlite::Connection;
use tidemark_store::{FILE_NAME, Store, StoreError};

use crate::given::*;

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn folder_and_files_are_closed_to_others() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/data folder");
    let store = Store::open(&folder, now()).unwrap();
    store.add_account(new_account("work"), now()).unwrap();
    assert_eq!(mode(&folder), 0o700);
    for name in ["tidemark.db", "tidemark.db-wal", "tidemark.db-shm"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
}

#[test]
fn files_that_were_open_to_others_are_closed() {
    let (folder, store) = empty();
    drop(store);
    let file = folder.path().join(FILE_NAME);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open(folder.path(), now()).unwrap();
    store.set_setting("x", &1).unwrap();
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&folder.path().join("tidemark.db-wal")), 0o600);
}

#[test]
fn a_folder_that_was_open_to_others_is_closed_whatever_is_in_it() {
    for before in [0o755, 0o777] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("letter.txt"), "dear").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(before)).unwrap();
        Store::open(folder.path(), now()).unwrap();
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&folder.path().join(FILE_NAME)), 0o600);
    }
}

#[test]
fn a_database_file_with_next_to_nothing_in_it_is_damage_and_not_a_new_history() {
    for left in ["", "\0", "SQLite format 3"] {
        let (folder, store) = empty();
        drop(store);
        let file = folder.path().join(FILE_NAME);
        fs::write(&file, left).unwrap();
        let said = format!("{} bytes", left.len());
        for error in [
            Store::open(folder.path(), now()).unwrap_err(),
            Store::open_read_only(folder.path()).unwrap_err(),
        ] {
            assert!(matches!(&error, StoreError::Damaged(why) if why.contains(&said)), "{error}");
        }
        assert_eq!(fs::read(&file).unwrap(), left.as_bytes(), "it is left as it is");
    }
}

#[test]
fn a_first_start_that_was_cut_off_can_be_made_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tidemark.db.new"), "half of a").unwrap();
    let store = Store::open(folder.path(), now()).unwrap();
    store.set_setting("x", &1).unwrap();
    assert!(!folder.path().join("tidemark.db.new").exists());
}

#[test]
fn a_database_that_was_removed_or_replaced_is_missed() {
    let (folder, store) = empty();
    let file = folder.path().join(FILE_NAME);
    store.still_there().unwrap();
    fs::rename(&file, folder.path().join("away")).unwrap();
    assert!(matches!(store.still_there(), Err(StoreError::Gone(_))));
    fs::write(&file, "another").unwrap();
    assert!(matches!(store.still_there(), Err(StoreError::Gone(_))));
    fs::rename(folder.path().join("away"), &file).unwrap();
    store.still_there().unwrap();
}

#[test]
fn a_removed_account_leaves_no_name_in_the_files() {
    let name = "a name that nobody else has";
    let (folder, store) = empty();
    let account = store.add_account(new_account(name), now()).unwrap();
    for minute in 0..50 {
        let reading = reading(now() + minutes(minute), minute.into(), dec("5"));
        store.insert_reading(account.id, &reading, &format!("{{\"{name}\":{minute}}}")).unwrap();
    }
    let bytes = |name: &str| fs::read(folder.path().join(name)).unwrap_or_default();
    let found = || {
        [FILE_NAME, "tidemark.db-wal"]
            .iter()
            .any(|file| bytes(file).windows(name.len()).any(|part| part == name.as_bytes()))
    };
    assert!(found());
    store.remove_account(account.id).unwrap();
    assert!(!found());
}

#[test]
fn nothing_there_is_told_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    assert!(matches!(Store::open_read_only(&absent), Err(StoreError::NotThere(_))));
    assert!(!absent.exists());
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let (folder, store) = empty();
    drop(store);
    let file = folder.path().join(FILE_NAME);
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 999).unwrap();
    for error in
        [Store::open(folder.path(), now()).unwrap_err(), Store::open_read_only(folder.path()).unwrap_err()]
    {
        assert!(matches!(error, StoreError::Newer { found: 999, .. }), "{error}");
        assert!(error.to_string().contains("newer version"), "{error}");
    }
    let version: i64 =
        Connection::open(&file).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 999);
}

#[test]
fn an_additive_migration_of_a_newer_version_locks_nobody_out() {
    let (folder, store, account) = with_account();
    drop(store);
    // What a later version does with a migration that only adds: its number is noted, `user_version` stays.
    Connection::open(folder.path().join(FILE_NAME))
        .unwrap()
        .execute_batch(
            "ALTER TABLE account ADD COLUMN colour TEXT;
             INSERT INTO migration (number) SELECT max(number) + 1 FROM migration;",
        )
        .unwrap();
    let store = Store::open(folder.path(), now()).unwrap();
    let seen = reading(now(), dec("5"), dec("5"));
    store.insert_reading(account.id, &seen, &evidence(&seen)).unwrap();
    let reader = Store::open_read_only(folder.path()).unwrap();
    assert_eq!(reader.last_readings().unwrap()[0].2, seen);
    assert_eq!(reader.accounts().unwrap(), [account]);
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE_NAME);
    Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
        .unwrap();
    assert!(matches!(Store::open(folder.path(), now()), Err(StoreError::NotOurs(_))));
    assert!(matches!(Store::open_read_only(folder.path()), Err(StoreError::NotOurs(_))));
    let tables: i64 = Connection::open(&file)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn a_file_that_is_no_database_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE_NAME), "this is not a database, however long it may be").unwrap();
    assert!(matches!(Store::open(folder.path(), now()), Err(StoreError::Damaged(_))));
    assert!(matches!(Store::open_read_only(folder.path()), Err(StoreError::Damaged(_))));
}

#[test]
fn a_damaged_page_is_found() {
    let (folder, store, account) = with_account();
    for minute in 0..400 {
        let reading = reading(now() + minutes(minute), minute.into(), dec("5"));
        store.insert_reading(account.id, &reading, &evidence(&reading)).unwrap();
    }
    store.check_integrity().unwrap();
    drop(store);
    let mut file = fs::OpenOptions::new().write(true).open(folder.path().join(FILE_NAME)).unwrap();
    let length = file.metadata().unwrap().len();
    for page in 2..length / 4096 {
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0xA5; 64]).unwrap();
    }
    drop(file);
    let damaged = Store::open(folder.path(), now()).and_then(|store| store.check_integrity());
    assert!(matches!(damaged, Err(StoreError::Damaged(_))), "{damaged:?}");
}

#[test]
fn readers_work_beside_the_writer_and_without_one() {
    let (folder, store, account) = with_account();
    let first = reading(now(), dec("1"), dec("5"));
    let id = store.insert_reading(account.id, &first, "{}").unwrap();
    let reader = Store::open_read_only(folder.path()).unwrap();
    assert_eq!(reader.last_readings().unwrap(), [(account.id, id, first.clone())]);
    let second = reading(now() + minutes(5), dec("2"), dec("5"));
    let id = store.insert_reading(account.id, &second, "{}").unwrap();
    assert_eq!(reader.last_readings().unwrap(), [(account.id, id, second.clone())]);
    assert!(matches!(reader.set_setting("x", &1), Err(StoreError::ReadOnly)));
    drop(store);
    drop(reader);
    let alone = || Store::open_read_only(folder.path()).unwrap().last_readings().unwrap();
    assert_eq!(alone(), [(account.id, id, second.clone())]);
    drop(Store::open(folder.path(), now()).unwrap());
    assert!(!folder.path().join("tidemark.db-wal").exists(), "a writer that leaves last tidies up");
    assert_eq!(alone(), [(account.id, id, second)]);
}

#[test]
fn a_reader_needs_no_write_access_where_nobody_writes() {
    // The mode of a folder does not stop root, so access is made impossible by a `-shm` that cannot be
    // opened: it is a folder.
    let (folder, store, account) = with_account();
    let first = reading(now(), dec("1"), dec("5"));
    store.insert_reading(account.id, &first, "{}").unwrap();
    drop(store);
    fs::create_dir(folder.path().join("tidemark.db-shm")).unwrap();
    let reader = Store::open_read_only(folder.path()).unwrap();
    assert_eq!(reader.last_readings().unwrap().len(), 1);
}

#[test]
fn stores_can_move_to_another_thread() {
    fn movable<T: Send>(_: &T) {}
    let (_folder, store) = empty();
    movable(&store);
}

#[test]
fn every_error_says_what_to_do_and_has_a_code() {
    let error = StoreError::DiskFull;
    assert_eq!(error.code(), "disk-full");
    assert!(error.to_string().contains("full"));
}
