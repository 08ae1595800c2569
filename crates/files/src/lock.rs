//! A file that one process holds.

use std::fs::File;
use std::io;

/// Takes the lock of a file; `false` where another process, or another opening of it, has it. It is given back when the
/// file is closed, also by the process's end. What is written in the file can be read by others meanwhile.
///
/// # Errors
/// What the system says.
pub fn take(file: &File) -> io::Result<bool> {
    #[cfg(windows)]
    return crate::win32::lock_far_byte(file);
    #[cfg(not(windows))]
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(std::fs::TryLockError::WouldBlock) => Ok(false),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    #[test]
    fn one_has_it_and_others_can_read_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        fs::write(&path, "4711").unwrap();
        let open = || fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let (first, second) = (open(), open());
        assert!(super::take(&first).unwrap());
        assert!(!super::take(&second).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "4711");
        drop(first);
        assert!(super::take(&second).unwrap());
    }
}
