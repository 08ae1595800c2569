//! Why an exchange failed, by what a person can do about it.

use serde::{Deserialize, Serialize};
use tidemark_core::text;

use crate::store_access::StoreAccessError;

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// There is no `ssh` on this machine.
    SshMissing,
    /// `ssh` does not know the host's key, or knows another.
    HostKey,
    /// The host let no one in.
    PermissionDenied,
    /// The host was not reached.
    Unreachable,
    /// There is no `tidemark` on the host, or not where it was named.
    NoTidemark,
    /// The host's `tidemark` has no such command.
    Older,
    /// It took too long.
    TimeOut,
    /// What came is longer than any machine's records.
    TooMuch,
    /// What came are no records.
    NotRecords,
    /// The host's `tidemark` failed.
    FarFailed,
    /// It is this machine.
    ThisMachine,
    /// The machine is ignored here.
    Ignored,
    /// The host or the folder was added before.
    AddedBefore,
    /// The folder is not there.
    FolderMissing,
    /// The folder, or a file in it, cannot be read or written.
    FolderFailed,
    /// There is no passphrase.
    NoPassphrase,
    /// The passphrase is not that of the folder.
    WrongPassphrase,
    /// The passphrase of a new folder is too short.
    ShortPassphrase,
    /// The passphrase cannot be read from where it is.
    PassphraseUnreadable,
    /// A file of the folder is damaged.
    Damaged,
    /// The history here could not be read or written.
    Store,
    /// One that only a later version knows.
    #[serde(other)]
    Other,
}

impl ProblemKind {
    /// All kinds.
    pub const ALL: [Self; 22] = [
        Self::SshMissing,
        Self::HostKey,
        Self::PermissionDenied,
        Self::Unreachable,
        Self::NoTidemark,
        Self::Older,
        Self::TimeOut,
        Self::TooMuch,
        Self::NotRecords,
        Self::FarFailed,
        Self::ThisMachine,
        Self::Ignored,
        Self::AddedBefore,
        Self::FolderMissing,
        Self::FolderFailed,
        Self::NoPassphrase,
        Self::WrongPassphrase,
        Self::ShortPassphrase,
        Self::PassphraseUnreadable,
        Self::Damaged,
        Self::Store,
        Self::Other,
    ];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SshMissing => "ssh-missing",
            Self::HostKey => "host-key",
            Self::PermissionDenied => "permission-denied",
            Self::Unreachable => "unreachable",
            Self::NoTidemark => "no-tidemark",
            Self::Older => "older",
            Self::TimeOut => "time-out",
            Self::TooMuch => "too-much",
            Self::NotRecords => "not-records",
            Self::FarFailed => "far-failed",
            Self::ThisMachine => "this-machine",
            Self::Ignored => "ignored",
            Self::AddedBefore => "added-before",
            Self::FolderMissing => "folder-missing",
            Self::FolderFailed => "folder-failed",
            Self::NoPassphrase => "no-passphrase",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::ShortPassphrase => "short-passphrase",
            Self::PassphraseUnreadable => "passphrase-unreadable",
            Self::Damaged => "damaged",
            Self::Store => "store",
            Self::Other => "other",
        }
    }
}

/// Why an exchange failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}{}", .kind.as_str(), .said.as_ref().map(|said| format!(": {said}")).unwrap_or_default())]
pub struct Problem {
    /// What kind of failure it is.
    pub kind: ProblemKind,
    /// What the system, `ssh` or the other machine said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

impl Problem {
    /// One of a kind, of which nothing more is known.
    #[must_use]
    pub const fn new(kind: ProblemKind) -> Self {
        Self { kind, said: None }
    }

    /// One of a kind, with what was said.
    #[must_use]
    pub fn saying(kind: ProblemKind, said: impl AsRef<str>) -> Self {
        let said = text::sentence(said.as_ref().trim());
        Self { kind, said: (!said.is_empty()).then_some(said) }
    }
}

impl From<StoreAccessError> for Problem {
    fn from(error: StoreAccessError) -> Self {
        Self::saying(ProblemKind::Store, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_stored_by_its_word() {
        for kind in ProblemKind::ALL {
            let word = serde_json::to_value(kind).unwrap();
            assert_eq!(word, kind.as_str());
            assert_eq!(serde_json::from_value::<ProblemKind>(word).unwrap(), kind);
        }
        assert_eq!(serde_json::from_str::<ProblemKind>("\"of-later\"").unwrap(), ProblemKind::Other);
    }
}
