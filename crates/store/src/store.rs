//! The store itself: opening it, for writing or for reading, and its transactions.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::database_file;
use crate::error::StoreError;
use crate::files;
use crate::integrity;
use crate::schema;

/// The database's name in the data folder.
pub const FILE_NAME: &str = "tidemark.db";

/// The page cache, in KiB: small, since the agent stays small; the system caches the file anyway.
const CACHE_KIB: i64 = 1024;
/// The page cache while a long history is written in one go.
const BULK_CACHE_KIB: i64 = 32 * 1024;
/// The page cache while much is read in no order.
const MUCH_CACHE_KIB: i64 = 8 * 1024;
/// How long the write-ahead log gets before it is copied into the file, in pages: as SQLite has it, and in bulk.
const LOG_PAGES: i64 = 1000;
const BULK_LOG_PAGES: i64 = 16 * 1024;
/// Prepared statements kept. A reading and its conclusion use about twenty, local use as many.
const STATEMENTS: usize = 48;

/// What we remember. One thread owns it; open another one for another thread.
///
/// # Examples
/// A reading is stored before it is analysed; the analysis fills the history:
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use chrono_tz::Tz;
/// use tidemark_core::calendar::Span;
/// use tidemark_core::change::Tracker;
/// use tidemark_core::step::AccountState;
/// use tidemark_core::{Credential, Meter, MeterReading, Reading, Region, Source};
/// use tidemark_store::{AnalysisResult, HistoryQuery, NewAccount, Store, StoreError};
///
/// let folder = tempfile::tempdir()?;
/// let start: DateTime<Utc> = "2026-06-01T08:00:00Z".parse()?;
/// assert!(matches!(Store::open_read_only(folder.path()), Err(StoreError::NotThere(_))));
///
/// let store = Store::open(folder.path(), start)?;
/// let account = store.add_account(
///     NewAccount {
///         name: "work".to_owned(),
///         source: Source::KimiCode,
///         region: Region::China,
///         base_url: None,
///         credential: Credential::Environment { name: "KIMI_API_KEY".to_owned() },
///     },
///     start,
/// )?;
/// let mut tracker = Tracker::default();
/// for (minutes, used) in [(0, 10), (5, 13), (10, 14)] {
///     let meter = MeterReading {
///         meter: Meter::FiveHour,
///         used_percent: used.into(),
///         used: None,
///         limit: None,
///         resets_at: None,
///         conflict: false,
///     };
///     let at = start + TimeDelta::minutes(minutes);
///     let reading = Reading { meters: vec![meter], ..Reading::new(at, Source::KimiCode, Region::China) };
///     let id = store.insert_reading(account.id, &reading, "{}")?;
///     let result = AnalysisResult {
///         state: AccountState::new().to_stored()?,
///         movements: tracker.observe(&reading).movements,
///         covered: (minutes > 0).then(|| (at - TimeDelta::minutes(5), at)),
///         findings: Vec::new(),
///         verdicts: Vec::new(),
///         alerts: Vec::new(),
///         poll: None,
///     };
///     store.record_analysis(account.id, id, &result)?;
/// }
///
/// let now = start + TimeDelta::minutes(10);
/// let rows = store.history(&HistoryQuery {
///     from: start,
///     to: now,
///     now,
///     span: Span::Hour,
///     account: Some(account.id),
///     zone: Tz::UTC,
/// })?;
/// assert_eq!(rows.len(), 1);
/// assert_eq!(rows[0].deducted, Some(4.into()));
/// assert_eq!(rows[0].covered, TimeDelta::minutes(10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Store {
    pub(crate) db: Connection,
    /// The file that was opened, and which one it is, whatever its name.
    file: PathBuf,
    identity: Option<files::Identity>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store in a data folder for writing; makes the folder and the database where they are not
    /// there, and brings an older format up to date. `now` is when: a format is stamped with nothing else.
    ///
    /// # Errors
    /// - [`StoreError::Newer`] if a newer version wrote the database.
    /// - [`StoreError::NotOurs`] if it is another program's.
    /// - [`StoreError::Damaged`] if it is no database, or is damaged.
    /// - [`StoreError::CannotOpen`] or [`StoreError::Io`] if the folder or the file cannot be made or opened.
    /// - [`StoreError::DiskFull`] or [`StoreError::ReadOnly`] if it cannot be written, [`StoreError::Busy`]
    ///   if another process holds it.
    pub fn open(folder: &Path, now: DateTime<Utc>) -> Result<Self, StoreError> {
        files::make_folder(folder)?;
        let file = folder.join(FILE_NAME);
        match fs::metadata(&file) {
            // A new database gets its name when it is whole: an empty one has lost what was in it.
            Ok(_) => database_file::check_size(&file)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(&file)?,
            Err(source) => return Err(StoreError::Io { path: file, source }),
        }
        files::make_private(&file)?;
        let mut db = Connection::open_with_flags(
            &file,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        db.busy_timeout(database_file::BUSY_TIMEOUT)?;
        let found = database_file::owned_format(&db, &file)?;
        database_file::must_be_known(found)?;
        let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            return Err(StoreError::ReadOnly);
        }
        db.pragma_update(None, "synchronous", "FULL")?;
        tune(&db)?;
        if found.schema < schema::CURRENT.schema {
            tracing::info!(from = found.schema, to = schema::CURRENT.schema, %now, "bringing the history's format up to date");
            schema::migrate(&mut db)?;
        }
        let store = Self { db, identity: files::Identity::of(&file), file };
        store.number_states()?;
        Ok(store)
    }

    /// Whether the file that was opened still has its name.
    ///
    /// # Errors
    /// [`StoreError::Gone`] where its folder was removed, or another file was put in its place: what is written now
    /// would be on no disk that anybody finds.
    pub fn still_there(&self) -> Result<(), StoreError> {
        if self.identity.is_some() && files::Identity::of(&self.file) != self.identity {
            return Err(StoreError::Gone(self.file.clone()));
        }
        Ok(())
    }

    /// Opens the store in a data folder for reading, beside a process that writes or with none.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] if nothing was ever stored in the folder, [`StoreError::Older`] if the agent
    /// has not yet upgraded the database; else as [`Store::open`].
    pub fn open_read_only(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE_NAME);
        match fs::metadata(&file) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::NotThere(folder.to_owned()));
            }
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                return Err(StoreError::CannotOpen);
            }
            Err(source) => return Err(StoreError::Io { path: file, source }),
        }
        let (db, found) = database_file::connect(&file)?;
        database_file::must_be_known(found)?;
        match found.schema {
            0 => return Err(StoreError::NotThere(folder.to_owned())),
            found if found < schema::CURRENT.schema => {
                return Err(StoreError::Older { found, known: schema::CURRENT.schema });
            }
            _ => {}
        }
        tune(&db)?;
        Ok(Self { db, identity: files::Identity::of(&file), file })
    }

    /// Checks the whole database for damage; takes a while for a long history.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with what was found first, and those of [any
    /// read](StoreError#reads-and-writes).
    pub fn check_integrity(&self) -> Result<(), StoreError> {
        integrity::check(&self.db)?;
        let lost: i64 = self.db.query_row(
            "SELECT count(*) FROM reading
             WHERE NOT EXISTS (SELECT 1 FROM body
                               JOIN template AS r ON r.id = body.reading_template
                               JOIN template AS e ON e.id = body.evidence_template
                               WHERE body.id = reading.body)",
            [],
            |row| row.get(0),
        )?;
        integrity::none_lost(lost)
    }

    /// Moves the contents of the write-ahead log into the database file, as far as no reader prevents it, and
    /// empties the log. SQLite does this by itself from time to time; call this before the file is copied or
    /// its size is measured.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). That a reader prevents it is no error.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Has more of the file in memory while much of it is read in no order, or no longer.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn read_much(&self, much: bool) -> Result<(), StoreError> {
        self.db.pragma_update(None, "cache_size", if much { -MUCH_CACHE_KIB } else { -CACHE_KIB })?;
        if !much {
            self.db.release_memory()?;
        }
        Ok(())
    }

    /// Has more of the file in memory while much is written in no order, and copies what was written into it less often; or
    /// no longer.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn write_much(&self, much: bool) -> Result<(), StoreError> {
        self.db.pragma_update(None, "wal_autocheckpoint", if much { BULK_LOG_PAGES } else { LOG_PAGES })?;
        if much {
            self.db.pragma_update(None, "cache_size", -BULK_CACHE_KIB)?;
            return Ok(());
        }
        self.read_much(false)?;
        self.checkpoint()
    }

    /// Begins a transaction that will write. Rolled back when dropped.
    pub(crate) fn begin(&self) -> Result<Transaction<'_>, StoreError> {
        Ok(Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?)
    }

    /// Does something for which all queries see the same moment, whatever is written meanwhile.
    ///
    /// # Errors
    /// What `work` fails with, and whatever SQLite reports.
    pub fn at_one_moment<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let tx = self.begin_reading()?;
        let done = work(self);
        drop(tx);
        done
    }

    /// Begins a transaction that only reads, so that several queries see the same moment; goes on in the one
    /// that is under way where there is one.
    pub(crate) fn begin_reading(&self) -> Result<ReadTransaction<'_>, StoreError> {
        let own = if self.db.is_autocommit() {
            Some(Transaction::new_unchecked(&self.db, TransactionBehavior::Deferred)?)
        } else {
            None
        };
        Ok(ReadTransaction { db: &self.db, _own: own })
    }

    /// Does something with a larger page cache.
    pub(crate) fn in_bulk<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.db.pragma_update(None, "cache_size", -BULK_CACHE_KIB)?;
        let done = work();
        self.db.pragma_update(None, "cache_size", -CACHE_KIB)?;
        self.db.release_memory()?;
        done
    }
}

/// A stretch of queries that see the same moment. It ends with this value, where it began with it.
pub(crate) struct ReadTransaction<'db> {
    db: &'db Connection,
    _own: Option<Transaction<'db>>,
}

impl std::ops::Deref for ReadTransaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db
    }
}

/// Makes a new database beside its place, and gives it its name when it is whole.
fn create(file: &Path) -> Result<(), StoreError> {
    let new = files::beside(file, ".new");
    let failed = |source| StoreError::Io { path: new.clone(), source };
    for left in [new.clone(), files::beside(&new, "-journal")] {
        match fs::remove_file(left) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    files::make_private(&new)?;
    let mut db = Connection::open_with_flags(
        &new,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    // Both must be set before the first table is made.
    db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    tune(&db)?;
    schema::migrate(&mut db)?;
    drop(db);
    // A second process that makes one too is kept off by the folder's lock.
    fs::rename(&new, file).map_err(failed)
}

fn tune(db: &Connection) -> Result<(), StoreError> {
    // What is deleted is overwritten: a removed account leaves no names in the file.
    db.pragma_update(None, "secure_delete", "ON")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    db.pragma_update(None, "mmap_size", 0)?;
    db.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use tidemark_core::{Credential, Reading, Region, Source};

    use super::*;
    use crate::accounts::NewAccount;

    #[test]
    fn a_full_disk_is_told_and_nothing_is_half_written() {
        let now = DateTime::from_timestamp_nanos(1_795_000_000_000_000_000);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), now).unwrap();
        let account = NewAccount {
            name: "work".to_owned(),
            source: Source::Platform,
            region: Region::Global,
            base_url: None,
            credential: Credential::Environment { name: "KEY".to_owned() },
        };
        let account = store.add_account(account, now).unwrap();
        let pages: i64 = store.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        store.db.pragma_update(None, "max_page_count", pages + 20).unwrap();
        let mut kept = 0;
        let error = loop {
            let reading = Reading::new(now + TimeDelta::minutes(kept), Source::Platform, Region::Global);
            let evidence = format!("{{\"text\":\"{}\"}}", "x".repeat(2000 + usize::try_from(kept).unwrap()));
            match store.insert_reading(account.id, &reading, &evidence) {
                Ok(_) => kept += 1,
                Err(error) => break error,
            }
            assert!(kept < 1000, "the limit had no effect");
        };
        assert!(matches!(error, StoreError::DiskFull), "{error}");
        assert!(kept > 0);
        assert_eq!(store.readings_after(account.id, None).unwrap().len(), usize::try_from(kept).unwrap());
        store.check_integrity().unwrap();
        // Once there is room again, it goes on.
        store.db.pragma_update(None, "max_page_count", 1_000_000).unwrap();
        store.set_setting("after", &true).unwrap();
    }

    #[test]
    fn the_writer_is_set_up_as_promised() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), DateTime::UNIX_EPOCH).unwrap();
        for (name, value) in
            [("synchronous", 2), ("foreign_keys", 1), ("cache_size", -1024), ("auto_vacuum", 2)]
        {
            assert_eq!(
                store.db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)),
                Ok(value),
                "{name}"
            );
        }
        let mode: String = store.db.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }
}
