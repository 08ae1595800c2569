//! Files that only their owner can read, whatever lay there before and whatever the umask.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Options that make a new file readable by its owner only.
#[must_use]
pub fn options() -> OpenOptions {
    // On Windows a file inherits from its folder; what is to be closed to others is closed after it was made.
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there is no mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes from an open file, which has this name, what its group and others may do with it.
///
/// # Errors
/// As the system: the file belongs to someone else.
fn close_to_others(file: &File, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file.metadata()?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    #[cfg(windows)]
    if !crate::access::Access::of_file(file)?.is_private() {
        crate::access::close(path)?;
    }
    #[cfg(not(windows))]
    let _ = path;
    Ok(())
}

/// Opens a file to write at its end, making it where there is none: its owner's only, whatever it was before.
///
/// # Errors
/// As [`OpenOptions::open`]; [`io::ErrorKind::InvalidInput`] where something else than a file has that name.
pub fn append(path: &Path) -> io::Result<File> {
    let mut options = options();
    options.create(true).append(true);
    // A pipe without a reader would keep its opener waiting.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    close_to_others(&file, path)?;
    Ok(file)
}

/// Writes a file that takes the place of whatever had its name, in one step: until then the old one stays, and where
/// the writing fails it stays altogether. A link is replaced and not followed; the new file is its owner's only.
/// What has that name and is no file (a device, a pipe) is written to and stays what it is.
///
/// # Errors
/// What `write` answers, and where the file cannot be made.
pub fn replace<T, E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
        // Such as /dev/stdout, a link to a pipe.
        Ok(_) if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) => {
            return write(&mut OpenOptions::new().write(true).open(path)?);
        }
        _ => {}
    }
    let (beside, file) = new_beside(path)?;
    let mut file = io::BufWriter::new(file);
    let done = write(&mut file).and_then(|value| {
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        take_place(&beside, path)?;
        Ok(value)
    });
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

/// Gives a file a name that nothing has yet: what has it stays, and is an error. Both are in one folder.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`], and as [`fs::rename`].
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without links, such as a memory stick's.
        Err(_) if fs::symlink_metadata(to).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// Has a folder's names reach the disk, where the system can be asked for that.
///
/// # Errors
/// As the system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Gives a file the name of another, whose place it takes. On disks other than NTFS, Windows does not do this in one
/// step while a program reads the other; its name is then taken from it first.
///
/// # Errors
/// As [`fs::rename`].
pub fn take_place(new: &Path, path: &Path) -> io::Result<()> {
    match fs::rename(new, path) {
        #[cfg(windows)]
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && path.is_file() => {
            // One that was put aside before may still be read.
            let aside = (0_u32..100).map(|number| {
                let mut old = new.as_os_str().to_owned();
                old.push(format!(".{number}.old"));
                PathBuf::from(old)
            });
            let Some(old) = aside.into_iter().find(|old| fs::rename(path, old).is_ok()) else {
                return Err(error);
            };
            if let Err(error) = fs::rename(new, path) {
                let _ = fs::rename(&old, path);
                return Err(error);
            }
            // Gone when its last reader has closed it.
            let _ = fs::remove_file(&old);
            Ok(())
        }
        done => done,
    }
}

/// A new file in the same folder, its owner's only, under a name that nothing has.
///
/// # Errors
/// As [`OpenOptions::open`], and where the path has no name.
pub fn new_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    for number in 0_u32..1000 {
        let mut beside = std::ffi::OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}-{number}.part", std::process::id()));
        let beside = path.with_file_name(beside);
        match options().write(true).create_new(true).open(&beside) {
            Ok(file) => {
                // A disk that knows no users cannot do it, and takes the file all the same; as with a mode elsewhere. On
                // another computer's disk the owner can be a user of that one, who would be shut out.
                #[cfg(windows)]
                if crate::access::Access::of_file(&file).is_ok_and(|access| access.is_own()) {
                    let _ = close_to_others(&file, &beside);
                }
                return Ok((beside, file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt as _;
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    /// Other programs read while a file is replaced: on Windows that needs more than a plain rename.
    #[test]
    fn a_file_that_is_being_read_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.html");
        fs::write(&path, "old").unwrap();
        let reader = File::open(&path).unwrap();
        replace(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        drop(reader);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(windows)]
    #[test]
    fn what_is_written_is_closed_to_others() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.html");
        replace(&path, |out| out.write_all(b"new")).unwrap();
        assert!(crate::access::Access::of(&path).unwrap().is_private());
        let log = dir.path().join("log");
        fs::write(&log, "").unwrap();
        append(&log).unwrap().write_all(b"line").unwrap();
        assert!(crate::access::Access::of(&log).unwrap().is_private());
        assert_eq!(fs::read_to_string(&log).unwrap(), "line");
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_no_wider_mode_and_a_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("report.html"), dir.path().join("other"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        replace(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("new", 0o600));
        fs::write(&other, "mine").unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        replace(&path, |out| out.write_all(b"newer")).unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("newer", 0o600));
    }

    #[test]
    fn a_name_that_something_has_is_not_taken_from_it() {
        let dir = tempfile::tempdir().unwrap();
        let (new, old) = (dir.path().join("new"), dir.path().join("old"));
        fs::write(&old, "old").unwrap();
        fs::write(&new, "new").unwrap();
        assert_eq!(rename_new(&new, &old).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&old).unwrap(), "old");
        fs::remove_file(&old).unwrap();
        rename_new(&new, &old).unwrap();
        assert_eq!(fs::read_to_string(&old).unwrap(), "new");
        assert!(!new.exists());
    }

    #[test]
    fn what_fails_leaves_the_old_file_and_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.html");
        fs::write(&path, "old").unwrap();
        let failed: io::Result<()> = replace(&path, |out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(replace(dir.path(), |out| out.write_all(b"x")).is_err());
    }
}
