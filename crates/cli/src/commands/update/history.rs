//! The history during an update: a newer version may bring it into a form that the former one cannot read, so a copy is
//! kept until the newer one has answered.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Utc;
use tidemark_store::{BackupError, DatabaseFile, Restoring, Store, StoreError, back_up};
use tidemark_update::{UpdateError, folder};

fn copy_in(data_dir: &Path) -> PathBuf {
    folder(data_dir).join("history.db")
}

/// Keeps a copy. The folder's lock is held.
pub fn keep(data_dir: &Path) -> Result<(), UpdateError> {
    let copy = copy_in(data_dir);
    match back_up(data_dir, &copy, true) {
        Ok(_) | Err(BackupError::Store(StoreError::NotThere(_))) => Ok(()),
        Err(BackupError::DiskFull(path)) => Err(UpdateError::DiskFull(path)),
        Err(error) => Err(UpdateError::History(error.to_string())),
    }
}

/// Has the copy in place again, if this version cannot read what is there. The folder's lock is held.
pub fn put_back(data_dir: &Path) -> Result<(), StoreError> {
    let copy = copy_in(data_dir);
    let is_newer = matches!(Store::open_read_only(data_dir), Err(StoreError::Newer { .. }));
    if is_newer && copy.is_file() {
        let former = DatabaseFile::open(&copy)?;
        let restoring = Restoring::begin(data_dir, &former)?;
        restoring.keep_former(Utc::now())?;
        drop(former);
        restoring.finish()?;
    }
    forget(data_dir);
    Ok(())
}

/// Removes the copy.
pub fn forget(data_dir: &Path) {
    let _ = fs::remove_file(copy_in(data_dir));
}
