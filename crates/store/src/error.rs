//! What can go wrong with the store, by what the user can do about it.

use std::path::PathBuf;

use rusqlite::ErrorCode;
use tidemark_core::AccountId;

/// Why the store could not do what it was asked for.
///
/// # Reads and writes
/// What can go wrong with the file, and so in any call:
/// - a read: [`Damaged`](Self::Damaged), [`CannotOpen`](Self::CannotOpen), [`Busy`](Self::Busy), and
///   [`Sqlite`](Self::Sqlite) for the rest;
/// - a write: the same, [`DiskFull`](Self::DiskFull) and [`ReadOnly`](Self::ReadOnly). Its transaction is undone:
///   nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no database yet.
    #[error("no history in {} yet; add an account first", .0.display())]
    NotThere(PathBuf),
    /// The database was written by a newer version.
    #[error(
        "the history was written by a newer version of Tidemark (format {found}, this version reads {known}); \
         install the newer version again"
    )]
    Newer {
        /// The format found.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// The database was written by an older version and is open for reading only.
    #[error(
        "the history was written by an older version of Tidemark (format {found}, this version needs {known}); \
         start the agent once to upgrade it"
    )]
    Older {
        /// The format found.
        found: i64,
        /// The format needed.
        known: i64,
    },
    /// The file is a database, but another program's.
    #[error("{} belongs to another program; move it away", .0.display())]
    NotOurs(PathBuf),
    /// The file that was opened has lost its name: its folder was removed, or another file took its place.
    #[error("{} was removed or replaced while it was in use; nothing can be saved until it is back", .0.display())]
    Gone(PathBuf),
    /// The folder is not the user's own, or others can exchange what is in it.
    #[error("the data folder cannot be used: {0}")]
    Folder(#[source] tidemark_files::folder::FolderError),
    /// The database is damaged.
    #[error("the history is damaged ({0}); restore a backup or move it away")]
    Damaged(String),
    /// The disk, or the database's own limit, is full.
    #[error("the disk is full; nothing can be saved until there is space")]
    DiskFull,
    /// The file or the file system cannot be written.
    #[error("the history cannot be written: it, or its file system, is read-only")]
    ReadOnly,
    /// The system does not let us.
    #[error("the history cannot be opened: permission denied, or its folder is missing")]
    CannotOpen,
    /// Another process held the database for longer than we were willing to wait.
    #[error("the history is in use by another process; try again")]
    Busy,
    /// Another account has this name.
    #[error("there is already an account named `{0}`")]
    NameTaken(String),
    /// An account's name has nothing in it.
    #[error("an account needs a name")]
    NameEmpty,
    /// There is no such account.
    #[error("there is no account with number {0}")]
    NoSuchAccount(AccountId),
    /// A list of accounts does not name every account exactly once.
    #[error("the new order must name every account exactly once")]
    OrderIncomplete,
    /// There is no such reading of that account.
    #[error("there is no such reading of account {0}")]
    NoSuchReading(AccountId),
    /// An amount does not fit: beyond ± 92 thousand million.
    #[error("{0} is too large to be saved")]
    TooLarge(rust_decimal::Decimal),
    /// Something stored cannot be understood by this version.
    #[error("a stored {what} cannot be read: {why}")]
    Unreadable {
        /// What it is.
        what: &'static str,
        /// Why not.
        why: String,
    },
    /// The operating system failed us outside SQLite.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Anything else that SQLite reports.
    #[error("the history failed: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

impl StoreError {
    /// Something stored that cannot be understood.
    pub(crate) fn unreadable(what: &'static str, why: &impl ToString) -> Self {
        Self::Unreadable { what, why: why.to_string() }
    }

    /// What the system or SQLite said, in its own words.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        match self {
            Self::Damaged(said) | Self::Unreadable { why: said, .. } => Some(said.clone()),
            Self::Io { source, .. } => Some(source.to_string()),
            Self::Folder(error) => error.said(),
            Self::Sqlite(error) => Some(error.to_string()),
            _ => None,
        }
    }

    /// A stable word for it, that front ends may match.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotThere(_) => "store-not-there",
            Self::Newer { .. } => "store-newer",
            Self::Older { .. } => "store-older",
            Self::NotOurs(_) => "store-not-ours",
            Self::Gone(_) => "store-gone",
            Self::Folder(_) => "folder-not-private",
            Self::Damaged(_) => "store-damaged",
            Self::DiskFull => "disk-full",
            Self::ReadOnly => "store-read-only",
            Self::CannotOpen => "store-cannot-open",
            Self::Busy => "store-busy",
            Self::NameTaken(_) => "name-taken",
            Self::NameEmpty => "name-empty",
            Self::NoSuchAccount(_) => "no-such-account",
            Self::OrderIncomplete => "order-incomplete",
            Self::NoSuchReading(_) => "no-such-reading",
            Self::TooLarge(_) => "amount-too-large",
            Self::Unreadable { .. } => "store-unreadable",
            Self::Io { .. } | Self::Sqlite(_) => "store-failed",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::CannotOpen,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Sqlite(error),
        }
    }
}
