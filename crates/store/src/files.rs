//! The folder and the files: where they are, and that only their owner can read them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::StoreError;

fn failed(path: &Path) -> impl Fn(io::Error) -> StoreError + '_ {
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull,
        io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly,
        io::ErrorKind::PermissionDenied => StoreError::CannotOpen,
        _ => StoreError::Io { path: path.to_owned(), source },
    }
}

/// Makes the folder, readable by its owner only. One that was there and holds something already is left as it
/// is: it may be the user's home, and the files are closed to others anyway.
pub(crate) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(failed(folder))?;
            true
        }
        Err(error) => return Err(failed(folder)(error)),
    };
    if empty {
        restrict(folder, 0o700)?;
    }
    Ok(())
}

/// Makes the database file, empty, if it is not there, and closes it to others. The files that SQLite lays
/// beside it (`-wal`, `-shm`) take their mode from it; ones left by a crash are closed too.
pub(crate) fn make_private(file: &Path) -> Result<(), StoreError> {
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(failed(file))?;
    for path in [file.to_owned(), beside(file, "-wal"), beside(file, "-shm")] {
        match restrict(&path, 0o600) {
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    Ok(())
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
