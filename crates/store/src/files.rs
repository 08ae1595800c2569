//! The folder and the files: where they are, and that only their owner can read them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tidemark_files::folder::{self, FolderError};
use tidemark_files::private;

use crate::error::StoreError;

/// What the system said of a path, by what the user can do about it.
pub(crate) fn failed(path: &Path) -> impl Fn(io::Error) -> StoreError + '_ {
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull,
        io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly,
        io::ErrorKind::PermissionDenied => StoreError::CannotOpen,
        _ => StoreError::Io { path: path.to_owned(), source },
    }
}

/// Makes the folder, readable by its owner only; one that was there is closed to others.
pub(crate) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    folder::make_private(folder).map_err(|error| match error {
        FolderError::Io { path, source } => failed(&path)(source),
        other => StoreError::Folder(other),
    })
}

/// Makes the database file, empty, if it is not there, and closes it to others. The files that SQLite lays
/// beside it (`-wal`, `-shm`) take their mode from it; ones left by a crash are closed too.
pub(crate) fn make_private(file: &Path) -> Result<(), StoreError> {
    let mut options = private::options();
    options.create(true).truncate(false).write(true);
    options.open(file).map_err(failed(file))?;
    for path in [file.to_owned(), beside(file, "-wal"), beside(file, "-shm")] {
        match restrict(&path, 0o600) {
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    Ok(())
}

/// Which file it is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    number: u64,
}

impl Identity {
    /// Of the file that has a name now. `None` where none has it, or where the system has no such number.
    #[cfg(unix)]
    pub(crate) fn of(file: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let there = fs::metadata(file).ok()?;
        Some(Self { device: there.dev(), number: there.ino() })
    }

    /// On Windows a file that is open cannot be removed or replaced.
    #[cfg(not(unix))]
    pub(crate) fn of(_: &Path) -> Option<Self> {
        None
    }
}

/// The name of a file that SQLite keeps beside the database.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let now = fs::metadata(path).map_err(failed(path))?.permissions().mode() & 0o777;
    if now & !mode != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(now & mode)).map_err(failed(path))?;
    }
    Ok(())
}

/// On Windows the user's profile is closed to others by the system, and files inherit that.
#[cfg(not(unix))]
fn restrict(path: &Path, _mode: u32) -> Result<(), StoreError> {
    fs::metadata(path).map(|_| ()).map_err(failed(path))
}
