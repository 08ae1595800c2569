//! Restoring: a backup takes the place of the database, and what was there is kept beside it.
//!
//! It goes in three steps, and after each of them the folder holds a whole database under the name that programs open:
//! the former one until the last step, the restored one after it. Whoever restores holds the folder's lock.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};
use tidemark_core::{Credential, Region, Source};
use tidemark_files::private;

use crate::credential_text;
use crate::database_file::{self, BUSY_TIMEOUT, DatabaseContent, DatabaseFile, StoredCredential};
use crate::error::StoreError;
use crate::files::{self, beside};
use crate::store::FILE_NAME;

/// What SQLite lays beside a database. None of it may be found beside another one.
const SIDE_FILES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A backup on its way into a data folder. Dropped before [`Restoring::finish`], nothing has changed but that the
/// former database may have a second name.
#[derive(Debug)]
pub struct Restoring<'a> {
    folder: &'a Path,
    database: PathBuf,
    staged: PathBuf,
}

impl<'a> Restoring<'a> {
    /// The first step: copies a backup into the folder, under another name than the database's.
    ///
    /// # Errors
    /// - [`StoreError::Newer`] if a newer version wrote it, [`StoreError::Damaged`] if it is damaged.
    /// - Those of [any write](StoreError#reads-and-writes).
    pub fn begin(folder: &'a Path, backup: &DatabaseFile) -> Result<Self, StoreError> {
        backup.must_be_known()?;
        files::make_folder(folder)?;
        let database = folder.join(FILE_NAME);
        let staged = beside(&database, ".restoring");
        let restoring = Self { folder, database, staged };
        // One that was cut off.
        restoring.remove_staged()?;
        let mut options = private::options();
        options
            .write(true)
            .create_new(true)
            .open(&restoring.staged)
            .map_err(files::failed(&restoring.staged))?;
        backup.copy_to(&restoring.staged)?;
        restoring.begin_epoch()?;
        Ok(restoring)
    }

    /// Has other machines read this one's records from the beginning: the places of requests are given again, to other
    /// ones. What was given away since the backup stays known as this machine's.
    fn begin_epoch(&self) -> Result<(), StoreError> {
        let db = Connection::open_with_flags(
            &self.staged,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        let has = |table: &str| -> Result<bool, StoreError> {
            Ok(db
                .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?
                .exists([table])?)
        };
        if !has("own_machine")? || !has("own_run")? {
            return Ok(());
        }
        db.execute("UPDATE own_machine SET epoch = lower(hex(randomblob(4)))", [])?;
        let runs =
            DatabaseFile::open(&self.database).and_then(|former| former.own_runs()).unwrap_or_default();
        for (run, at) in runs {
            db.execute(
                "INSERT OR IGNORE INTO own_run (run, at) VALUES (?1, ?2)",
                rusqlite::params![run, at],
            )?;
        }
        Ok(())
    }

    /// Takes away where the key of an account is that goes to another address than its service's, unless the history
    /// that is replaced has the same: whoever made the backup must not choose where a key of this machine goes. The
    /// accounts' names; none where only a newer version knows the accounts.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn withhold_keys(
        &self,
        is_service: impl Fn(Source, Region, &str) -> bool,
    ) -> Result<Vec<String>, StoreError> {
        let Some(accounts) = self.content()?.accounts else { return Ok(Vec::new()) };
        let former = DatabaseFile::open(&self.database).and_then(|former| former.content());
        let former = former.ok().and_then(|content| content.accounts).unwrap_or_default();
        let mut withheld = Vec::new();
        let db = Connection::open_with_flags(
            &self.staged,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        for account in accounts {
            let Some(base_url) = &account.base_url else { continue };
            // A key that was typed here is found by its handle, which no other machine knows.
            let from_here = matches!(
                account.credential,
                Some(Credential::Environment { .. } | Credential::KimiCodeLogin { .. })
            );
            let known = |old: &StoredCredential| {
                old.base_url == account.base_url && old.credential == account.credential
            };
            if from_here && !is_service(account.source, account.region, base_url) && !former.iter().any(known)
            {
                let none = credential_text::encode(&Credential::None {})?;
                db.execute(
                    "UPDATE account SET credential = ?1 WHERE id = ?2",
                    rusqlite::params![none, account.id.0],
                )?;
                withheld.push(account.name);
            }
        }
        Ok(withheld)
    }

    /// What will be restored.
    ///
    /// # Errors
    /// As [`DatabaseFile::content`].
    pub fn content(&self) -> Result<DatabaseContent, StoreError> {
        DatabaseFile::open(&self.staged)?.content()
    }

    /// The second step: has all of the former database in its one file, and gives that a second name that says what
    /// it is and since when. `None` where there is none. One that is too damaged to be opened keeps what lies
    /// beside it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while another process has it open, and those of
    /// [any write](StoreError#reads-and-writes).
    pub fn keep_former(&self, now: DateTime<Utc>) -> Result<Option<PathBuf>, StoreError> {
        let kept = self.kept_name(now);
        let failed = |source| files::failed(&kept)(source);
        // SQLite removes a log that it cannot make anything of.
        let sides = self.link_sides(&kept).map_err(failed)?;
        match into_one_file(&self.database) {
            Ok(()) => remove(&sides)?,
            Err(error @ (StoreError::Damaged(_) | StoreError::NotOurs(_) | StoreError::Sqlite(_))) => {
                tracing::warn!(%error, "the former history is kept as it is");
            }
            Err(error) => {
                remove(&sides)?;
                return Err(error);
            }
        }
        let was_there = match fs::symlink_metadata(&self.database) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(failed(error)),
            Ok(_) => second_name(&self.database, &kept).map(|()| true).map_err(failed)?,
        };
        private::sync_folder(self.folder).map_err(files::failed(self.folder))?;
        Ok(was_there.then_some(kept))
    }

    /// A name that says what it is and since when, and that nothing has.
    fn kept_name(&self, now: DateTime<Utc>) -> PathBuf {
        let stamp = now.format("%Y%m%dT%H%M%SZ");
        let name = |number: String| self.folder.join(format!("tidemark-before-restore-{stamp}{number}.db"));
        let mut kept = name(String::new());
        let mut number = 1;
        while fs::symlink_metadata(&kept).is_ok() {
            number += 1;
            kept = name(format!("-{number}"));
        }
        kept
    }

    /// Gives what lies beside the former database second names, and says which.
    fn link_sides(&self, kept: &Path) -> io::Result<Vec<PathBuf>> {
        let mut linked = Vec::new();
        for suffix in SIDE_FILES {
            let side = beside(&self.database, suffix);
            if fs::metadata(&side).is_ok_and(|there| there.len() > 0) {
                let name = beside(kept, suffix);
                second_name(&side, &name)?;
                linked.push(name);
            }
        }
        Ok(linked)
    }

    /// The last step: the backup gets the database's name.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). The former database is in place then.
    pub fn finish(self) -> Result<(), StoreError> {
        remove(&SIDE_FILES.map(|suffix| beside(&self.database, suffix)))?;
        fs::rename(&self.staged, &self.database).map_err(files::failed(&self.database))?;
        private::sync_folder(self.folder).map_err(files::failed(self.folder))
    }

    fn remove_staged(&self) -> Result<(), StoreError> {
        remove(&[self.staged.clone(), beside(&self.staged, "-journal")])
    }
}

impl Drop for Restoring<'_> {
    fn drop(&mut self) {
        // After the last step there is nothing under that name.
        let _ = self.remove_staged();
    }
}

/// Brings what is in a database's write-ahead log into its file, so that the file alone is all of it. Nothing happens
/// where there is no database.
fn into_one_file(database: &Path) -> Result<(), StoreError> {
    match fs::metadata(database) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(files::failed(database)(error)),
        Ok(_) => database_file::check_size(database)?,
    }
    let db = Connection::open_with_flags(
        database,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    database_file::owned_format(&db, database)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))?;
    if mode == "delete" { Ok(()) } else { Err(StoreError::Busy) }
}

/// Removes files, where they are there.
fn remove(files: &[PathBuf]) -> Result<(), StoreError> {
    for file in files {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(crate::files::failed(file)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Gives a file a second name that nothing has yet; a copy where the file system has no second names.
fn second_name(file: &Path, name: &Path) -> io::Result<()> {
    match fs::hard_link(file, name) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if fs::symlink_metadata(name).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => private::replace(name, |out| io::copy(&mut fs::File::open(file)?, out)).map(drop),
    }
}
