//! Why there is no update.

use std::io;
use std::path::{Path, PathBuf};

use semver::Version;

/// Why a release could not be asked for, verified, downloaded or put in place. Whatever it is, what is installed goes
/// on as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// No key to verify a release with is built into this program.
    #[error("this build has no key to verify releases with")]
    NoKey,
    /// The key that a test gave is none.
    #[error("the release key is not a public key of minisign: {0}")]
    BadKey(String),
    /// No connection, or none that is secure.
    #[error("{host} could not be reached: {said}")]
    Unreachable {
        /// Whose answer was waited for.
        host: String,
        /// What the system said.
        said: String,
    },
    /// No answer, or no further part of one, in time.
    #[error("{host} did not answer in time")]
    TimedOut {
        /// Whose answer was waited for.
        host: String,
    },
    /// An answer with another status than success.
    #[error("{host} answered with status {status}")]
    Status {
        /// Who answered.
        host: String,
        /// The status.
        status: u16,
    },
    /// It led to an address that is not secure, or led on too often.
    #[error("{host} redirected to an address that is not followed")]
    Redirected {
        /// Who did.
        host: String,
    },
    /// The document has more bytes than one can have.
    #[error("the release's document is too large")]
    DocumentTooLarge,
    /// The document is not what a release says of itself.
    #[error("the release's document is not understood: {0}")]
    NotUnderstood(String),
    /// A later format, which this version cannot read.
    #[error("the release's document has format {0}, which this version does not know")]
    Format(u64),
    /// The signature is none, is by another key, or is not of this document.
    #[error("the release is not signed by Tidemark's key: {0}")]
    Signature(String),
    /// The release is older than this program, or than one that was offered before.
    #[error("version {offered} was offered, which is older than {known}")]
    Older {
        /// Its version.
        offered: Version,
        /// What it is compared with.
        known: Version,
    },
    /// This program is of the newest version.
    #[error("there is no newer version than {0}")]
    NothingNewer(Version),
    /// The release has no file for this system.
    #[error("version {0} has no file for this system")]
    NoFile(Version),
    /// A package manager installed this copy, or it is not known how it was installed.
    #[error("this copy does not replace itself")]
    Managed,
    /// The download broke off.
    #[error("the download broke off after {received} of {size} bytes: {said}")]
    Interrupted {
        /// Bytes that are here.
        received: u64,
        /// Bytes that the file has.
        size: u64,
        /// What the system said.
        said: String,
    },
    /// The server has fewer bytes than were signed.
    #[error("the file is cut off: {received} of {size} bytes")]
    Truncated {
        /// Bytes that there are.
        received: u64,
        /// Bytes that were signed.
        size: u64,
    },
    /// The server sends more bytes than were signed.
    #[error("the file has more than the {size} bytes that were signed")]
    TooMuch {
        /// Bytes that were signed.
        size: u64,
    },
    /// The bytes are others than those that were signed.
    #[error("the file is not the one that was signed")]
    Checksum,
    /// The disk is full.
    #[error("the disk is full: {}", .0.display())]
    DiskFull(PathBuf),
    /// The place of the program cannot be written.
    #[error("{} cannot be replaced: {said}", .path.display())]
    NotWritable {
        /// What would be replaced.
        path: PathBuf,
        /// What the system said.
        said: String,
    },
    /// A file could not be read or written.
    #[error("{}: {said}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        said: String,
    },
    /// The history could not be copied first, and nothing was replaced.
    #[error("the history could not be saved first: {0}")]
    History(String),
    /// The agent did not end, and nothing was replaced.
    #[error("the agent did not quit")]
    AgentStays,
    /// Another installation is going on.
    #[error("another update is being installed")]
    Busy,
    /// The new version did not start, and the former one is in place again.
    #[error("version {version} did not start; the former version is in place again: {said}")]
    NotStarted {
        /// The version that did not start.
        version: Version,
        /// What it said, or what was waited for.
        said: String,
    },
    /// The new version did not start, and the former one could not be put back.
    #[error("version {version} did not start, and the former one could not be put back: {said}")]
    NotPutBack {
        /// The version that did not start.
        version: Version,
        /// Why.
        said: String,
    },
}

impl UpdateError {
    /// What a system's error on a file means.
    #[must_use]
    pub fn of_file(path: &Path, error: &io::Error) -> Self {
        if is_full(error) {
            return Self::DiskFull(path.to_owned());
        }
        Self::Io { path: path.to_owned(), said: error.to_string() }
    }

    /// The same for the place of the program.
    #[must_use]
    pub fn of_place(path: &Path, error: &io::Error) -> Self {
        if is_full(error) {
            return Self::DiskFull(path.to_owned());
        }
        Self::NotWritable { path: path.to_owned(), said: error.to_string() }
    }

    /// A stable word for it. The message in the catalogues is `update-failed-` and this.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::BadKey(_) => "bad-key",
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed-out",
            Self::Status { .. } => "status",
            Self::Redirected { .. } => "redirected",
            Self::DocumentTooLarge => "document-too-large",
            Self::NotUnderstood(_) => "not-understood",
            Self::Format(_) => "format",
            Self::Signature(_) => "signature",
            Self::Older { .. } => "older",
            Self::NothingNewer(_) => "nothing-newer",
            Self::NoFile(_) => "no-file",
            Self::Managed => "managed",
            Self::Interrupted { .. } => "interrupted",
            Self::Truncated { .. } => "truncated",
            Self::TooMuch { .. } => "too-much",
            Self::Checksum => "checksum",
            Self::DiskFull(_) => "disk-full",
            Self::NotWritable { .. } => "not-writable",
            Self::Io { .. } => "io",
            Self::History(_) => "history",
            Self::AgentStays => "agent-stays",
            Self::Busy => "busy",
            Self::NotStarted { .. } => "not-started",
            Self::NotPutBack { .. } => "not-put-back",
        }
    }

    /// The values that its message has, by name.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, String)> {
        let path = |path: &Path| path.display().to_string();
        let share = |received: &u64, size: &u64| {
            // Rounded down: 100% would be all of it.
            vec![("percent", (received.saturating_mul(100) / (*size).max(1)).to_string())]
        };
        match self {
            Self::BadKey(said) | Self::NotUnderstood(said) | Self::Signature(said) | Self::History(said) => {
                vec![("said", said.clone())]
            }
            Self::Unreachable { host, said } => vec![("host", host.clone()), ("said", said.clone())],
            Self::TimedOut { host } | Self::Redirected { host } => vec![("host", host.clone())],
            Self::Status { host, status } => vec![("host", host.clone()), ("status", status.to_string())],
            Self::Format(format) => vec![("format", format.to_string())],
            Self::Older { offered, known } => {
                vec![("offered", offered.to_string()), ("known", known.to_string())]
            }
            Self::NothingNewer(version) | Self::NoFile(version) => vec![("version", version.to_string())],
            Self::Interrupted { received, size, .. } | Self::Truncated { received, size } => {
                share(received, size)
            }
            Self::DiskFull(file) => vec![("path", path(file))],
            Self::NotWritable { path: file, said } | Self::Io { path: file, said } => {
                vec![("path", path(file)), ("said", said.clone())]
            }
            Self::NotStarted { version, said } | Self::NotPutBack { version, said } => {
                vec![("version", version.to_string()), ("said", said.clone())]
            }
            Self::NoKey
            | Self::DocumentTooLarge
            | Self::Managed
            | Self::TooMuch { .. }
            | Self::Checksum
            | Self::AgentStays
            | Self::Busy => Vec::new(),
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
