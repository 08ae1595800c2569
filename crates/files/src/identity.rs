//! Which file it is, whatever it is called.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

/// The number of a file on its volume. It stays the same when the file is renamed, and another file has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The volume.
    pub volume: u64,
    /// The number.
    pub number: u128,
}

impl Identity {
    /// Of what has a name now, with its directory entry; of a link, of what is behind it.
    ///
    /// # Errors
    /// Nothing has that name, or it cannot be asked.
    pub fn at(path: &Path) -> io::Result<(Self, Metadata)> {
        let entry = fs::metadata(path)?;
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt as _;
            Self { volume: entry.dev(), number: entry.ino().into() }
        };
        #[cfg(windows)]
        let identity = {
            use std::os::windows::fs::OpenOptionsExt as _;
            use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_BACKUP_SEMANTICS, FILE_READ_ATTRIBUTES};
            let mut options = fs::OpenOptions::new();
            // No right to its contents, so that no other program's lock is in the way.
            options.access_mode(FILE_READ_ATTRIBUTES).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
            let (volume, number) = crate::win32::file_id(&options.open(path)?)?;
            Self { volume, number }
        };
        Ok((identity, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_file_is_the_same_and_one_in_its_place_another() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        let of = |path: &Path| Identity::at(path).unwrap().0;
        fs::write(&one, "1").unwrap();
        let first = of(&one);
        fs::rename(&one, &two).unwrap();
        assert_eq!(of(&two), first);
        fs::write(&one, "1").unwrap();
        assert_ne!(of(&one), first);
        assert_ne!(of(dir.path()), first);
        assert_eq!(Identity::at(&dir.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
