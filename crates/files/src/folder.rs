//! A folder that only its owner can open, and whether a place is one that others cannot change.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a folder was refused.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder, or something in it, belongs to another user.
    #[error("{} belongs to another user", .0.display())]
    Foreign(PathBuf),
    /// Other users can write to it, or to a folder above it, and could lay something else in its place.
    #[error("other users can write to {}", .0.display())]
    Open(PathBuf),
    /// There is something else than a folder.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The system refused.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl FolderError {
    /// What the system said, in its own words.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        match self {
            Self::Io { source, .. } => Some(source.to_string()),
            Self::Foreign(_) | Self::Open(_) | Self::NotAFolder(_) => None,
        }
    }

    /// What the system said, or what comes nearest.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Foreign(_) | Self::Open(_) => io::ErrorKind::PermissionDenied,
            Self::NotAFolder(_) => io::ErrorKind::NotADirectory,
            Self::Io { source, .. } => source.kind(),
        }
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> FolderError + '_ {
    move |source| FolderError::Io { path: path.to_owned(), source }
}

/// Makes a folder, with its parents, that only its owner can open. One that is there is closed to others, unless it
/// is the user's home or holds it: that one stays as it is.
///
/// # Errors
/// [`FolderError`], by case: nothing may be put into the folder then.
pub fn make_private(dir: &Path) -> Result<(), FolderError> {
    make_private_but(dir, home().as_deref())
}

/// Where the user's home is, as the environment says.
fn home() -> Option<PathBuf> {
    let home = std::env::home_dir()?;
    Some(fs::canonicalize(&home).unwrap_or(home))
}

fn make_private_but(dir: &Path, home: Option<&Path>) -> Result<(), FolderError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(failed(dir))?;
    let real = fs::canonicalize(dir).map_err(failed(dir))?;
    let there = fs::metadata(&real).map_err(failed(dir))?;
    if !there.is_dir() {
        return Err(FolderError::NotAFolder(dir.to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        if there.uid() != crate::user() {
            return Err(FolderError::Foreign(dir.to_owned()));
        }
        let holds_home = home.is_some_and(|home| home.starts_with(&real));
        if there.mode() & 0o077 != 0 && !holds_home {
            fs::set_permissions(&real, fs::Permissions::from_mode(there.mode() & 0o700))
                .map_err(failed(dir))?;
        }
        // Whoever can rename a folder above can put another in this one's place.
        safe(&real)?;
    }
    #[cfg(windows)]
    {
        let access = || crate::access::Access::of(&real).map_err(failed(dir));
        if !access()?.is_own() {
            return Err(FolderError::Foreign(dir.to_owned()));
        }
        let holds_home = home.is_some_and(|home| home.starts_with(&real));
        if !access()?.is_closed() && !holds_home {
            // A disk that knows no users cannot do it; what it is like then says the next question.
            if let Err(error) = crate::access::close(&real)
                && !access()?.is_open_to_changes()
            {
                return Err(failed(dir)(error));
            }
        }
        safe(&real)?;
    }
    Ok(())
}

/// Whether a file or folder belongs to the user: not to the system or the administrators, who own the whole system. What
/// cannot be asked does not.
#[cfg(windows)]
#[must_use]
pub fn is_users(path: &Path) -> bool {
    crate::access::Access::of(path).is_ok_and(|access| access.is_users())
}

/// Whether a folder is the user's own, and no one else can put something else in its place: each folder above it
/// belongs to the user or the system, and others cannot write to it, or only their own (as in `/tmp`). On Windows only
/// the folder itself is asked: that of a user's profile is closed by the system.
///
/// # Errors
/// [`FolderError`], by case.
pub fn safe(dir: &Path) -> Result<(), FolderError> {
    let real = fs::canonicalize(dir).map_err(failed(dir))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        /// Others may write, and remove only what is theirs.
        const STICKY: u32 = 0o1000;
        /// In a sandbox, the folders of a system whose users have no number there.
        const UNMAPPED: u32 = 65534;
        let user = crate::user();
        for (depth, folder) in real.ancestors().enumerate() {
            let there = fs::metadata(folder).map_err(failed(folder))?;
            let own = depth == 0;
            let system = there.uid() == 0 || there.uid() == UNMAPPED;
            if there.uid() != user && (own || !system) {
                return Err(FolderError::Foreign(folder.to_owned()));
            }
            let shared = there.mode() & 0o022 != 0 && !is_own_group(&there);
            if shared && (own || there.mode() & STICKY == 0) {
                return Err(FolderError::Open(folder.to_owned()));
            }
        }
    }
    #[cfg(windows)]
    {
        let access = crate::access::Access::of(&real).map_err(failed(&real))?;
        if !access.is_own() {
            return Err(FolderError::Foreign(real));
        }
        if access.is_open_to_changes() {
            return Err(FolderError::Open(real));
        }
    }
    if !real.is_dir() {
        return Err(FolderError::NotAFolder(real));
    }
    Ok(())
}

/// Whether only the group may write besides the owner, and the group has the user's own number: many systems give each
/// user a group alone in it, and make homes writable for it.
#[cfg(unix)]
fn is_own_group(there: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    there.mode() & 0o002 == 0 && there.gid() == there.uid()
}

/// Closes files of a folder to others, where they are there. What lies under one of the names and belongs to another
/// user is refused: it was laid there while the folder was open.
///
/// # Errors
/// [`FolderError::Foreign`], and what the system says.
pub fn close_files(dir: &Path, is_own: impl Fn(&str) -> bool) -> Result<(), FolderError> {
    for entry in fs::read_dir(dir).map_err(failed(dir))? {
        let entry = entry.map_err(failed(dir))?;
        if !entry.file_name().to_str().is_some_and(&is_own) {
            continue;
        }
        match close_file(&entry.path()) {
            // A database's own files go while they are looked at, when another program lets go of it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            closed => closed?,
        }
    }
    Ok(())
}

fn close_file(path: &Path) -> Result<(), FolderError> {
    let there = fs::symlink_metadata(path).map_err(failed(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        if there.uid() != crate::user() {
            return Err(FolderError::Foreign(path.to_owned()));
        }
        // A link is the user's own choice, since it is the user's own.
        if !there.is_symlink() && there.mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(there.mode() & 0o700))
                .map_err(failed(path))?;
        }
    }
    #[cfg(windows)]
    if !there.is_symlink() {
        let access = crate::access::Access::of(path).map_err(failed(path))?;
        if !access.is_own() {
            return Err(FolderError::Foreign(path.to_owned()));
        }
        if !access.is_private() {
            crate::access::close(path).map_err(failed(path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(windows)]
mod windows_tests {
    use super::*;
    use crate::access::Access;

    #[test]
    fn a_folder_and_what_lies_in_it_are_closed_to_others() {
        let root = tempfile::tempdir().unwrap();
        let new = root.path().join("a/b/c");
        make_private(&new).unwrap();
        let access = Access::of(&new).unwrap();
        assert!(access.is_private(), "{access:?}");
        safe(&new).unwrap();
        let file = new.join("agent.log");
        fs::write(&file, "x").unwrap();
        close_files(&new, |name| name == "agent.log").unwrap();
        assert!(Access::of(&file).unwrap().is_private());
        assert!(matches!(make_private(&file), Err(FolderError::NotAFolder(_) | FolderError::Io { .. })));
    }

    #[test]
    fn what_the_user_makes_is_the_users_and_what_is_not_there_is_not() {
        let root = tempfile::tempdir().unwrap();
        assert!(is_users(root.path()));
        assert!(!is_users(&root.path().join("none")));
    }

    #[test]
    fn a_folder_that_holds_the_home_stays_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let before = format!("{:?}", Access::of(root.path()).unwrap());
        let home = fs::canonicalize(root.path()).unwrap();
        make_private_but(root.path(), Some(&home)).unwrap();
        assert_eq!(format!("{:?}", Access::of(root.path()).unwrap()), before);
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn with_mode(path: &Path, mode: u32) {
        fs::create_dir_all(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_folder_is_closed_whatever_it_was_and_whatever_is_in_it() {
        let root = tempfile::tempdir().unwrap();
        for before in [0o777, 0o755, 0o770, 0o701, 0o700] {
            for full in [false, true] {
                let dir = root.path().join(format!("{before:o}{full}"));
                with_mode(&dir, before);
                if full {
                    fs::write(dir.join("something"), "").unwrap();
                }
                make_private(&dir).unwrap();
                assert_eq!(mode(&dir), 0o700, "{before:o} {full}");
            }
        }
        let new = root.path().join("a/b/c");
        make_private(&new).unwrap();
        assert_eq!(mode(&new), 0o700);
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(make_private(&file).is_err());
    }

    #[test]
    fn what_goes_while_files_are_closed_is_no_failure() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("own");
        std::thread::scope(|scope| {
            let comes_and_goes = scope.spawn(|| {
                for _ in 0..5000 {
                    fs::write(&file, "").unwrap();
                    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
                    fs::remove_file(&file).unwrap();
                }
            });
            while !comes_and_goes.is_finished() {
                close_files(dir.path(), |name| name == "own").unwrap();
            }
        });
    }

    #[test]
    fn a_home_stays_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(root.path()).unwrap().join("home/u");
        with_mode(&home, 0o755);
        for dir in [home.as_path(), home.parent().unwrap()] {
            let before = mode(dir);
            make_private_but(dir, Some(&home)).unwrap();
            assert_eq!(mode(dir), before);
        }
        with_mode(&home, 0o777);
        assert!(matches!(make_private_but(&home, Some(&home)), Err(FolderError::Open(_))));
    }

    #[test]
    fn a_place_that_others_can_exchange_is_not_safe() {
        let root = tempfile::tempdir().unwrap();
        let (above, dir) = (root.path().join("above"), root.path().join("above/dir"));
        with_mode(&dir, 0o700);
        for (mode, is_safe) in [(0o755, true), (0o777, false), (0o1777, true), (0o700, true)] {
            with_mode(&above, mode);
            assert_eq!(safe(&dir).is_ok(), is_safe, "{mode:o}");
        }
        for (mode, is_safe) in [(0o755, true), (0o777, false), (0o1777, false), (0o702, false)] {
            with_mode(&dir, mode);
            assert_eq!(safe(&dir).is_ok(), is_safe, "{mode:o}");
        }
    }

    #[test]
    fn files_that_were_open_are_closed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.db");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        close_files(dir.path(), |name| name == "a.db").unwrap();
        assert_eq!(mode(&file), 0o600);
    }
}
