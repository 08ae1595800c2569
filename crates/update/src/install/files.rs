//! What the ways of installing share.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::UpdateError;

/// A path beside another, with its name between two texts.
pub(super) fn named_beside(path: &Path, before: &str, after: &str) -> PathBuf {
    let mut name = OsString::from(before);
    name.push(path.file_name().unwrap_or_default());
    name.push(after);
    path.with_file_name(name)
}

/// Removes a file or a folder, or what is left of it.
pub(super) fn remove(path: &Path) -> Result<(), UpdateError> {
    let removed = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
        Ok(there) if there.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.map_err(|error| UpdateError::of_place(path, &error))
}

/// Copies a file and has the copy reach the disk.
pub(super) fn copy_and_sync(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    // On Windows only what may be written can be synced.
    fs::OpenOptions::new().write(true).open(to)?.sync_all()
}

/// Has the name of a file in its folder reach the disk.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), UpdateError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    tidemark_files::private::sync_folder(folder).map_err(|error| UpdateError::of_place(path, &error))
}
