//! A backup: a copy of the whole database in one file, made while the agent goes on writing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tidemark_files::private;

use crate::database_file::{DatabaseContent, DatabaseFile};
use crate::error::StoreError;
use crate::files::Identity;
use crate::store::FILE_NAME;

/// How the names begin of what lies in a data folder and is the program's own.
const OWN_NAMES: [&str; 3] = [FILE_NAME, "keys.age", "agent."];

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file's length, in bytes.
    pub bytes: u64,
    /// What is in it.
    pub content: DatabaseContent,
}

/// Why there is no backup. Nothing of it is left on the disk, and what had its name is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The history cannot be read: as [`Store::open_read_only`](crate::Store::open_read_only) says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something has that name already.
    #[error("{} exists already; choose another name, or replace it with --force", .0.display())]
    Exists(PathBuf),
    /// The name is one of the data folder's own files.
    #[error("{} is a file of the data folder itself; choose another place", .0.display())]
    OwnFile(PathBuf),
    /// The disk on which the backup was to lie is full.
    #[error("the disk is full; there is no backup at {}", .0.display())]
    DiskFull(PathBuf),
    /// The backup cannot be written there.
    #[error("{} cannot be written: {source}", .path.display())]
    Write {
        /// The backup's path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Copies the database of a data folder, of whatever version, into a file that only its owner can read. The copy is
/// made beside its place and checked, and has its name only when it is whole and on the disk. With `replace` it may
/// take the place of a file that is there.
///
/// # Errors
/// [`BackupError`], by case.
pub fn back_up(folder: &Path, to: &Path, replace: bool) -> Result<Backup, BackupError> {
    let database = folder.join(FILE_NAME);
    if !database.exists() {
        return Err(StoreError::NotThere(folder.to_owned()).into());
    }
    refuse_own_file(folder, &database, to)?;
    let write_failed = |source: io::Error| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => BackupError::DiskFull(to.to_owned()),
        io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
        _ => BackupError::Write { path: to.to_owned(), source },
    };
    match fs::symlink_metadata(to) {
        Ok(there) if there.is_dir() => return Err(write_failed(io::ErrorKind::IsADirectory.into())),
        // A device or a pipe is not to be replaced by a file, and cannot hold a database.
        Ok(there) if !there.is_file() && !there.is_symlink() => {
            return Err(write_failed(io::ErrorKind::InvalidInput.into()));
        }
        Ok(_) if !replace => return Err(BackupError::Exists(to.to_owned())),
        _ => {}
    }
    let from = DatabaseFile::open(&database)?;
    let (beside, file) = private::new_beside(to).map_err(write_failed)?;
    // SQLite opens it by its name.
    drop(file);
    let unfinished = Unfinished(&beside);
    from.copy_to(&beside).map_err(|error| match error {
        StoreError::DiskFull => BackupError::DiskFull(to.to_owned()),
        // The history itself was open already.
        StoreError::ReadOnly => write_failed(io::ErrorKind::ReadOnlyFilesystem.into()),
        StoreError::CannotOpen => write_failed(io::ErrorKind::PermissionDenied.into()),
        StoreError::Io { source, .. } => write_failed(source),
        error => error.into(),
    })?;
    let bytes = fs::metadata(&beside).map_err(write_failed)?.len();
    let content = DatabaseFile::open(&beside)?.content()?;
    if replace { fs::rename(&beside, to) } else { private::rename_new(&beside, to) }.map_err(write_failed)?;
    drop(unfinished);
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    private::sync_folder(folder).map_err(write_failed)?;
    Ok(Backup { bytes, content })
}

/// Refuses what is one of the data folder's own files, whatever the path that leads to it.
fn refuse_own_file(folder: &Path, database: &Path, to: &Path) -> Result<(), BackupError> {
    let is_database = Identity::of(to).is_some_and(|there| Some(there) == Identity::of(database));
    let real = |path: &Path| {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        fs::canonicalize(path).ok()
    };
    let inside = to.parent().is_some_and(|parent| real(parent).is_some_and(|p| Some(p) == real(folder)));
    let name = to.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if is_database || inside && OWN_NAMES.iter().any(|own| name.starts_with(own)) {
        return Err(BackupError::OwnFile(to.to_owned()));
    }
    Ok(())
}

/// A copy that has not got its name: it goes, with what SQLite may have laid beside it.
struct Unfinished<'a>(&'a Path);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        for left in [self.0.to_owned(), crate::files::beside(self.0, "-journal")] {
            let _ = fs::remove_file(left);
        }
    }
}
