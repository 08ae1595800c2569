//! A database file of whatever version, opened for reading: whose it is, what is in it, and a copy of all of it.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};
use tidemark_core::{AccountId, Credential, Region, Source};

use crate::error::StoreError;
use crate::schema::{self, Format};
use crate::{credential_text, files, instant, integrity, text_columns};

/// How long to wait for another process's write before giving up.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A database file, opened for reading beside a process that writes or with none. Unlike a [`Store`](crate::Store) it
/// may be of any version, older or newer: it is read and copied as it is.
#[derive(Debug)]
pub struct DatabaseFile {
    db: Connection,
    file: PathBuf,
    format: Format,
}

/// What a database holds, as far as this version can say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseContent {
    /// How many migrations were applied to it.
    pub schema: i64,
    /// The accounts; `None` where a newer version keeps them in another way.
    pub accounts: Option<Vec<StoredCredential>>,
    /// How many raw readings it has; `None` likewise.
    pub readings: Option<u64>,
    /// When its history begins; `None` likewise, or where it has none.
    pub from: Option<DateTime<Utc>>,
    /// When its last reading was taken; `None` likewise.
    pub to: Option<DateTime<Utc>>,
}

/// Where the key of a stored account is, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCredential {
    /// The account's number.
    pub id: AccountId,
    /// The account's name.
    pub name: String,
    /// The product that the account belongs to.
    pub source: Source,
    /// The region whose service the account belongs to.
    pub region: Region,
    /// Where its calls go, if not to the service.
    pub base_url: Option<String>,
    /// Where the key is; `None` where only a newer version knows.
    pub credential: Option<Credential>,
}

impl DatabaseFile {
    /// Opens a database file of any version.
    ///
    /// # Errors
    /// - [`StoreError::Io`] or [`StoreError::CannotOpen`] if it is not there or cannot be read.
    /// - [`StoreError::NotOurs`] if it is another program's, or has nothing of ours in it.
    /// - [`StoreError::Damaged`] if it is no database.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let there = fs::metadata(file).map_err(|source| StoreError::Io { path: file.to_owned(), source })?;
        if there.is_dir() {
            let source = std::io::ErrorKind::IsADirectory.into();
            return Err(StoreError::Io { path: file.to_owned(), source });
        }
        let (db, format) = connect(file)?;
        if format.schema == 0 {
            return Err(StoreError::NotOurs(file.to_owned()));
        }
        Ok(Self { db, file: file.to_owned(), format })
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// Fails where a program must know more than this version does to use the database.
    ///
    /// # Errors
    /// [`StoreError::Newer`].
    pub fn must_be_known(&self) -> Result<(), StoreError> {
        must_be_known(self.format)
    }

    /// Checks the whole database for damage; takes a while for a long history.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with what was found first, and those of [any read](StoreError#reads-and-writes).
    pub fn check_integrity(&self) -> Result<(), StoreError> {
        integrity::check(&self.db)
    }

    /// The runs under which its machine gave records away, and when they began.
    pub(crate) fn own_runs(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let mut statement = self.db.prepare("SELECT run, at FROM own_run")?;
        let runs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(runs.collect::<Result<_, _>>()?)
    }

    /// Says what is in it.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes). What only a newer version understands is `None` and no
    /// error.
    pub fn content(&self) -> Result<DatabaseContent, StoreError> {
        let one = |query| if_known(self.db.query_row(query, [], |row| row.get::<_, Option<i64>>(0)));
        let readings = one("SELECT count(*) FROM reading")?.flatten();
        // Of what was pruned, the movements stay.
        let moved =
            one("SELECT min((SELECT min(at) FROM movement WHERE series = series.id)) FROM series")?.flatten();
        let read = one("SELECT min((SELECT min(at) FROM reading WHERE account = account.id)) FROM account")?
            .flatten();
        let from = moved.into_iter().chain(read).min();
        let to = one("SELECT max((SELECT max(at) FROM reading WHERE account = account.id)) FROM account")?
            .flatten();
        Ok(DatabaseContent {
            schema: self.format.schema,
            accounts: self.credentials()?,
            readings: readings.map(i64::unsigned_abs),
            from: from.map(instant::decode),
            to: to.map(instant::decode),
        })
    }

    fn credentials(&self) -> Result<Option<Vec<StoredCredential>>, StoreError> {
        let query =
            "SELECT name, region, credential, source, base_url, id FROM account ORDER BY position, id";
        let Some(mut statement) = if_known(self.db.prepare(query))? else { return Ok(None) };
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let region: String = row.get(1)?;
            let credential: String = row.get(2)?;
            let source: String = row.get(3)?;
            let (Ok(region), Ok(source)) = (region.parse(), source.parse()) else { return Ok(None) };
            let credential = credential_text::decode(&credential).ok();
            let name = text_columns::name(row, 0)?;
            let (id, base_url) = (AccountId(row.get(5)?), row.get(4)?);
            found.push(StoredCredential { id, name, source, region, base_url, credential });
        }
        Ok(Some(found))
    }

    /// Copies all of it, as it is at this moment, into a file that is there and empty. Others may go on writing
    /// meanwhile. The copy is one file, whatever lies beside this one, and has been read through for damage.
    ///
    /// # Errors
    /// - [`StoreError::DiskFull`], [`StoreError::ReadOnly`], [`StoreError::CannotOpen`] or [`StoreError::Sqlite`]
    ///   where the copy cannot be written. What was written stays for the caller to remove.
    /// - [`StoreError::Damaged`] where this one is damaged.
    pub fn copy_to(&self, empty: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Io { path: empty.to_owned(), source };
        // A name that begins with `file:` would be taken for an address.
        let whole = std::path::absolute(empty).map_err(failed)?;
        let name = whole.to_str().ok_or_else(|| failed(std::io::ErrorKind::InvalidFilename.into()))?;
        self.db.execute("VACUUM INTO ?1", [name])?;
        fs::OpenOptions::new().write(true).open(empty).and_then(|copy| copy.sync_all()).map_err(failed)?;
        Self::open(empty)?.check_integrity()
    }
}

/// What a query answers; `None` where the tables are not as this version knows them.
fn if_known<T>(answer: rusqlite::Result<T>) -> Result<Option<T>, StoreError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::Unknown) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens a database for reading, of whatever version; refuses what is not ours.
pub(crate) fn connect(file: &Path) -> Result<(Connection, Format), StoreError> {
    check_size(file)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> Result<(Connection, Format), StoreError> {
        let db = Connection::open_with_flags(file, flags)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        let found = owned_format(&db, file)?;
        Ok((db, found))
    };
    match open() {
        // A reader needs the `-shm` file, and creates it if it is missing. It cannot in a folder that it
        // may not write to; but then no one else is writing either, and the database file is complete as
        // long as there is no `-wal` file beside it.
        Err(StoreError::CannotOpen | StoreError::ReadOnly) if no_log(file) => {
            let db = Connection::open_with_flags(immutable(file), flags | OpenFlags::SQLITE_OPEN_URI)?;
            let found = owned_format(&db, file)?;
            Ok((db, found))
        }
        other => other,
    }
}

/// Fails where a file is there and too small for any database: SQLite takes one with next to nothing in it for a new
/// one, and a history that was cut off must not begin again without a word.
pub(crate) fn check_size(file: &Path) -> Result<(), StoreError> {
    /// The smallest page of a database.
    const MIN_BYTES: u64 = 512;
    match fs::metadata(file) {
        Ok(there) if !there.is_file() => {
            Err(StoreError::Damaged(format!("{} is not a file", file.display())))
        }
        Ok(there) if there.len() < MIN_BYTES => {
            Err(StoreError::Damaged(format!("{} has {} bytes", file.display(), there.len())))
        }
        _ => Ok(()),
    }
}

/// The format of the file; refuses what is not ours.
pub(crate) fn owned_format(db: &Connection, file: &Path) -> Result<Format, StoreError> {
    // The file's own first bytes distinguish another program's file from a damaged one of ours.
    let found = schema::format(db)?;
    let owner: i64 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if owner != schema::APPLICATION_ID {
        let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if owner != 0 || found.compatibility != 0 || tables > 0 {
            return Err(StoreError::NotOurs(file.to_owned()));
        }
    }
    Ok(found)
}

/// Refuses what a program must know more for than this one does.
pub(crate) fn must_be_known(found: Format) -> Result<(), StoreError> {
    if found.compatibility > schema::CURRENT.compatibility {
        let known = schema::CURRENT.compatibility;
        return Err(StoreError::Newer { found: found.compatibility, known });
    }
    Ok(())
}

/// Whether no write-ahead log with something in it lies beside the database.
fn no_log(file: &Path) -> bool {
    let Ok(mut log) = tidemark_files::read::open(&files::beside(file, "-wal")) else {
        return !files::beside(file, "-wal").exists();
    };
    log.read(&mut [0]).is_ok_and(|read| read == 0)
}

fn hex(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit & 15)])
}

/// The URI of a database that does not change while it is open.
fn immutable(file: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in file.to_string_lossy().bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.extend(['%', hex(byte >> 4), hex(byte & 15)]),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(immutable(Path::new("/a b/ü?#%.db")), "file:/a%20b/%C3%BC%3F%23%25.db?immutable=1");
    }
}
