//! Reading a file that someone else may have laid: it must be a file, and it has a size limit.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// Opens a file for reading. What is no file (a pipe, a device, a socket, a folder) is refused, and never waited for.
///
/// # Errors
/// As [`File::open`]; [`io::ErrorKind::InvalidInput`] where it is no file.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    // A pipe without a writer would keep its opener waiting. The type is asked of what was opened: a name can be
    // given to something else between two questions.
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    // Without it a folder is not opened, as if there were no permission.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::custom_flags(&mut options, crate::win32::FOLDERS_TOO);
    let file = options.open(path)?;
    // A device or a pipe has no metadata there.
    #[cfg(windows)]
    if !crate::win32::is_on_disk(&file) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, NOT_A_FILE));
    }
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, NOT_A_FILE))
    }
}

/// Opens a file that a person named. The shell's own pipes (`/dev/stdin`, `/dev/fd/63` of `<(…)`) are read too.
///
/// # Errors
/// As [`open`].
pub fn open_named(path: &Path) -> io::Result<File> {
    let of_the_shell = ["/dev/stdin", "/dev/fd", "/proc/self/fd"].iter().any(|place| path.starts_with(place));
    if of_the_shell { File::open(path) } else { open(path) }
}

/// Opens a file that holds a secret of this user: it must be the user's own, and no one else may read or write it.
///
/// # Errors
/// As [`open`]; [`io::ErrorKind::PermissionDenied`] that [`is_not_private`] knows, where it is another user's or open
/// to others.
pub fn open_private(path: &Path) -> io::Result<File> {
    let file = open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let there = file.metadata()?;
        if there.uid() != crate::user() || there.mode() & 0o077 != 0 {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, NOT_PRIVATE));
        }
    }
    #[cfg(windows)]
    {
        let access = crate::access::Access::of_file(&file)?;
        if !access.is_own() || !access.is_private() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, NOT_PRIVATE));
        }
    }
    Ok(file)
}

/// What is said of a secret that others can read.
const NOT_PRIVATE: &str = "open to other users";

/// Whether an error says that a file is another user's or open to others.
#[must_use]
pub fn is_not_private(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.to_string() == NOT_PRIVATE
}

/// What is said of a pipe, a device, a socket or a folder where a file is expected.
const NOT_A_FILE: &str = "not a regular file";

/// Whether an error says that something else than a file was found.
#[must_use]
pub fn is_not_a_file(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidInput && error.to_string() == NOT_A_FILE
}

/// All bytes of a file of at most `max` bytes.
///
/// # Errors
/// As [`open`]; [`io::ErrorKind::FileTooLarge`] where there are more.
pub fn bytes(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    limited(open(path)?, max)
}

/// All bytes of a reader that has at most `max` of them.
///
/// # Errors
/// As the reader; [`io::ErrorKind::FileTooLarge`] where there are more.
pub fn limited(reader: impl io::Read, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        let limit = format!("larger than {max} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, limit));
    }
    Ok(bytes)
}

/// The text of a file of at most `max` bytes.
///
/// # Errors
/// As [`bytes`]; [`io::ErrorKind::InvalidData`] where it is not UTF-8.
pub fn text(path: &Path, max: u64) -> io::Result<String> {
    String::from_utf8(bytes(path, max)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_within_its_limit_is_read_and_a_larger_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(text(&path, 5).unwrap(), "12345");
        assert_eq!(text(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        std::fs::write(&path, b"\xff").unwrap();
        assert_eq!(text(&path, 5).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(bytes(&dir.path().join("none"), 5).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "s").unwrap();
        for (mode, is_private) in
            [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o620, false), (0o666, false)]
        {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let opened = open_private(&path);
            assert_eq!(opened.is_ok(), is_private, "{mode:o}");
            assert!(is_private || is_not_private(&opened.unwrap_err()));
        }
    }

    #[cfg(windows)]
    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "s").unwrap();
        let is_open = !crate::access::Access::of(&path).unwrap().is_private();
        assert_eq!(open_private(&path).is_err_and(|error| is_not_private(&error)), is_open);
        crate::access::close(&path).unwrap();
        open_private(&path).unwrap();
    }

    #[test]
    fn a_folder_is_no_file() {
        let dir = tempfile::tempdir().unwrap();
        assert!(is_not_a_file(&open(dir.path()).unwrap_err()));
    }

    #[cfg(windows)]
    #[test]
    fn a_device_and_a_pipe_are_no_files() {
        assert!(is_not_a_file(&open(Path::new("NUL")).unwrap_err()));
        let pipe = crate::win32::tokens::pipe("no-file");
        assert!(is_not_a_file(&open(Path::new(&pipe.0)).unwrap_err()));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_a_device_and_a_socket_are_refused_without_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        // A command: macOS makes none by the call that Linux has.
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(is_not_a_file(&bytes(&pipe, 10).unwrap_err()));
        assert!(is_not_a_file(&bytes(Path::new("/dev/zero"), 10).unwrap_err()));
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        assert!(is_not_a_file(&bytes(&link, 10).unwrap_err()));
        let socket = dir.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(bytes(&socket, 10).is_err());
    }
}
