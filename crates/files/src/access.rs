//! Who may open what, on Windows: the counterpart of modes.
//!
//! A file or folder counts as private where no one but its user, the system itself and administrators may open it:
//! administrators can take everything, as root can elsewhere. What is closed by this program is closed to
//! administrators too, who would have to take it first.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsRawHandle as _, RawHandle};
use std::path::Path;

use windows_sys::Win32::Foundation::{GENERIC_ALL, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_FLAG_BACKUP_SEMANTICS, FILE_WRITE_DATA, READ_CONTROL,
    WRITE_DAC, WRITE_OWNER,
};

use crate::win32::{self, Attributes, Entry, Kind, Security};

/// The system itself.
const SYSTEM: &str = "S-1-5-18";
/// The group of administrators, which owns what one of them makes in an elevated process.
const ADMINISTRATORS: &str = "S-1-5-32-544";
/// Whoever makes something, and whoever owns it: both are the user where the owner is.
const CREATOR: &str = "S-1-3-0";
const OWNER: &str = "S-1-3-4";

/// What lets someone put something else in the place of what is there.
const CHANGES: u32 = GENERIC_ALL
    | GENERIC_WRITE
    | FILE_WRITE_DATA
    | FILE_APPEND_DATA
    | FILE_DELETE_CHILD
    | DELETE
    | WRITE_DAC
    | WRITE_OWNER;

/// Who may do what with a file or folder.
#[derive(Debug)]
pub(crate) struct Access {
    user: String,
    security: Security,
}

impl Access {
    /// Of what has a name now; of a link, of what is behind it.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Self::of_file(&open(path, READ_CONTROL)?)
    }

    /// Of what is open.
    pub(crate) fn of_file(file: &File) -> io::Result<Self> {
        Ok(Self { user: win32::user()?, security: win32::security(file.as_raw_handle(), Kind::File)? })
    }

    /// Whether the user owns it, or the group of administrators or the system, which could open it in any case.
    pub(crate) fn is_own(&self) -> bool {
        self.is_trusted(&self.security.owner)
    }

    /// Whether the user alone owns it.
    pub(crate) fn is_users(&self) -> bool {
        self.security.owner == self.user
    }

    /// Whether others may do nothing with it.
    pub(crate) fn is_private(&self) -> bool {
        !self.others(u32::MAX)
    }

    /// Whether others may do nothing with it, and the folder above cannot change that.
    pub(crate) fn is_closed(&self) -> bool {
        self.security.is_protected && self.is_private()
    }

    /// Whether others may put something else in its place or in it.
    pub(crate) fn is_open_to_changes(&self) -> bool {
        self.others(CHANGES)
    }

    fn others(&self, rights: u32) -> bool {
        let Some(entries) = &self.security.entries else { return true };
        let may = |entry: &Entry| !entry.forbids && !entry.only_inherited && entry.mask & rights != 0;
        entries.iter().any(|entry| may(entry) && !self.is_trusted(&entry.who))
    }

    fn is_trusted(&self, who: &str) -> bool {
        who == self.user || [SYSTEM, ADMINISTRATORS, CREATOR, OWNER].contains(&who)
    }
}

/// Opens what is there, also a folder, for no more than these rights.
fn open(path: &Path, rights: u32) -> io::Result<File> {
    OpenOptions::new().access_mode(rights).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)
}

/// Leaves a folder or file, with what will be made in it, to its user and the system.
pub(crate) fn close(path: &Path) -> io::Result<()> {
    let inherited = if path.is_dir() { "OICI" } else { "" };
    let text = closed(&win32::user()?, inherited);
    win32::set_entries(&open(path, READ_CONTROL | WRITE_DAC)?, &text)
}

/// The list of a file that is closed to all but a user.
fn closed(user: &str, inherited: &str) -> String {
    format!("D:P(A;{inherited};FA;;;{user})(A;{inherited};FA;;;{SYSTEM})")
}

/// The list of a pipe that is closed to all but a user.
fn closed_pipe(user: &str) -> String {
    format!("D:P(A;;FA;;;{user})")
}

/// Who may open a pipe: its user alone.
pub struct OwnPipe(Attributes);

impl OwnPipe {
    /// For this process's user.
    ///
    /// # Errors
    /// The system does not say who that is.
    pub fn new() -> io::Result<Self> {
        let user = win32::user()?;
        Attributes::new(&format!("O:{user}{}", closed_pipe(&user))).map(Self)
    }

    /// A pointer to the `SECURITY_ATTRIBUTES` with which the pipe is to be made; good for as long as this value.
    pub fn as_ptr(&mut self) -> *mut std::ffi::c_void {
        self.0.as_ptr()
    }
}

impl std::fmt::Debug for OwnPipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnPipe")
    }
}

/// Whether an open pipe was made by this process's user, and no one else may open it: someone else may have made a pipe
/// of the same name first. Only its maker, and who may take everything, can set its owner.
///
/// # Errors
/// The handle may not be asked.
pub fn is_own_pipe(pipe: RawHandle) -> io::Result<bool> {
    let (user, security) = (win32::user()?, win32::security(pipe, Kind::Kernel)?);
    Ok(security.owner == user && Access { user, security }.is_private())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::win32::tokens::{may_read, pipe};

    fn access(owner: &str, entries: Option<Vec<(&str, u32)>>) -> Access {
        let entry = |(who, mask): (&str, u32)| Entry {
            who: who.to_owned(),
            forbids: false,
            only_inherited: false,
            mask,
        };
        let entries = entries.map(|entries| entries.into_iter().map(entry).collect());
        Access {
            user: "S-1-5-21-1-2-3-1001".to_owned(),
            security: Security { owner: owner.to_owned(), is_protected: false, entries },
        }
    }

    #[test]
    fn what_others_may_do_is_told_from_what_the_user_and_the_system_may() {
        let (me, other, everyone) = ("S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002", "S-1-1-0");
        let profile = access(me, Some(vec![(me, u32::MAX), (SYSTEM, u32::MAX), (ADMINISTRATORS, u32::MAX)]));
        assert!(profile.is_own() && profile.is_private() && !profile.is_open_to_changes());
        let readable = access(me, Some(vec![(me, u32::MAX), (everyone, 0x0012_00a9)]));
        assert!(!readable.is_private() && !readable.is_open_to_changes());
        let writable = access(me, Some(vec![(other, FILE_APPEND_DATA)]));
        assert!(writable.is_open_to_changes());
        assert!(access(me, None).is_open_to_changes(), "a file system that knows no users");
        assert!(!access(other, Some(Vec::new())).is_own());
        for (owner, is_users) in [(me, true), (other, false), (SYSTEM, false), (ADMINISTRATORS, false)] {
            assert_eq!(access(owner, Some(Vec::new())).is_users(), is_users, "{owner}");
        }
        // A rare kind of entry is not read, and so counts for others.
        assert!(!access(me, Some(vec![("", u32::MAX)])).is_private());
    }

    #[test]
    fn what_is_closed_is_the_users_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        std::fs::write(&file, "").unwrap();
        for path in [dir.path(), &file] {
            assert!(!Access::of(path).unwrap().is_closed(), "{}", path.display());
            close(path).unwrap();
            let access = Access::of(path).unwrap();
            assert!(access.is_own() && access.is_private(), "{access:?}");
        }
        std::fs::write(dir.path().join("g"), "more").unwrap();
    }

    /// A second user has not been tried. This asks Windows's own check of access the other way round: whether this user
    /// may read what is closed in the same way to all but another.
    #[test]
    fn what_is_closed_for_one_user_is_not_opened_by_another() {
        let me = win32::user().unwrap();
        let other = "S-1-5-21-1-2-3-1002";
        let may_read = |owner: &str, list: &str| may_read(&format!("O:{owner}G:{owner}{list}")).unwrap();
        assert!(may_read(other, &format!("D:P(A;;FA;;;{other})(A;;FR;;;WD)")), "everybody may read");
        let lists: [fn(&str) -> String; 3] =
            [|user| closed(user, ""), |user| closed(user, "OICI"), closed_pipe];
        for list in lists {
            assert!(may_read(&me, &list(&me)), "{}", list(&me));
            assert!(!may_read(other, &list(other)), "{}", list(other));
        }
    }

    #[test]
    fn a_pipe_is_known_as_the_users_own() {
        let (_, pipe) = pipe("own");
        assert!(is_own_pipe(pipe.as_raw_handle()).unwrap());
    }
}
