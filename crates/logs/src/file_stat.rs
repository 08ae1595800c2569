//! What the system says of a file without opening it.

use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use tidemark_files::identity::Identity;

/// What a file's directory entry says, without opening the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStat {
    /// Which file it is, whatever it is called.
    pub identity: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written, in nanoseconds of the epoch.
    pub modified: i64,
}

impl FileStat {
    /// Reads a file's entry; of a link, that of the file behind it.
    ///
    /// # Errors
    /// [`NotFound`](io::ErrorKind::NotFound) if nothing is there or a folder is, and
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if it is a pipe, a socket or a device; else what the system says.
    pub fn at(path: &Path) -> io::Result<Self> {
        let (identity, entry) = Identity::at(path)?;
        if entry.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        if !entry.is_file() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        let nanos = |since: std::time::Duration| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
        let modified = entry.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Ok(Self {
            identity: format!("{}:{}", identity.volume, identity.number),
            size: entry.len(),
            modified: modified.map(nanos).unwrap_or_default(),
        })
    }
}
