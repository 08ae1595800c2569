//! One engine a data folder.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tidemark_files::folder::{self, FolderError};
use tidemark_files::{lock, private};

/// Holds a data folder for one engine; released when dropped, and by the system when the process dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why a data folder could not be held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another engine holds it.
    #[error("another Tidemark process{} is using {}", .pid.map(|p| format!(" ({p})")).unwrap_or_default(), .dir.display())]
    Taken {
        /// The data folder.
        dir: PathBuf,
        /// That engine's process, where it could be read.
        pid: Option<u32>,
    },
    /// The lock file could not be made or locked.
    #[error("cannot lock {}: {source}", .dir.display())]
    Io {
        /// The data folder.
        dir: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data folder is not the user's own, or others can exchange it.
    #[error("the data folder cannot be used: {0}")]
    Folder(#[from] FolderError),
}

/// Whether a file of a data folder is its owner's alone: the history, with former ones and what is being made of it; the
/// agent's files; keys and prices. A folder that the user chose may have others' files in it.
fn is_own(name: &str) -> bool {
    ["tidemark", "agent.", "keys.age", "prices.toml"].iter().any(|own| name.starts_with(own))
}

impl Lock {
    /// Takes a data folder, making it where it does not exist (readable by its owner only).
    ///
    /// # Errors
    /// [`LockError::Taken`] if another engine holds the folder, [`LockError::Io`] if the folder or the lock
    /// file cannot be made or locked.
    pub fn take(dir: &Path) -> Result<Self, LockError> {
        let io = |source| LockError::Io { dir: dir.to_path_buf(), source };
        // Before anything is in it, or anything that lies in it is opened.
        folder::make_private(dir)?;
        folder::close_files(dir, is_own)?;
        let mut options = private::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(dir.join("agent.lock")).map_err(io)?;
        if !file.metadata().map_err(io)?.is_file() {
            return Err(io(std::io::ErrorKind::InvalidInput.into()));
        }
        if !lock::take(&file).map_err(io)? {
            let mut text = String::new();
            let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(LockError::Taken { dir: dir.to_path_buf(), pid });
        }
        // The number is only for the message above; failing to write it does not matter.
        let _ = file.set_len(0);
        let _ = file.seek(SeekFrom::Start(0));
        let _ = write!(file, "{}", std::process::id());
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_engine_is_told_who_is_first() {
        let dir = tempfile::tempdir().unwrap();
        let first = Lock::take(dir.path()).unwrap();
        let error = Lock::take(dir.path()).unwrap_err();
        assert!(
            matches!(error, LockError::Taken { pid: Some(pid), .. } if pid == std::process::id()),
            "{error}"
        );
        drop(first);
        Lock::take(dir.path()).unwrap();
    }
}
