//! Why a key could not be had, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use tidemark_core::failure_cause::{FailureCause, FileFault, FileTask, KeyringFault};
use tidemark_core::pasted_key::{KeyFault, code_point};
use tidemark_core::{Failure, FailureKind, Region};

use crate::KeyringState;

/// Why a key could not be had, kept or removed. Each says what to do; none ever carries a key.
///
/// The texts are English, for logs and programs; people read [`VaultError::cause`] in their own language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no system keyring, or none is running.
    #[error(
        "no system keyring is running. Start one (GNOME Keyring, KWallet or KeePassXC), or keep the key in an encrypted file or in memory only ({detail})"
    )]
    KeyringAbsent {
        /// What is known of it.
        detail: KeyringFault,
    },
    /// The keyring is locked, or its window waits for the user's password.
    #[error("the system keyring is locked. Unlock it in the window that it opens, then try again")]
    KeyringLocked,
    /// The keyring refused.
    #[error(
        "the system keyring denied access: its prompt was dismissed or could not be shown, or it does not allow Tidemark this entry. Unlock the keyring, allow Tidemark, then try again ({detail})"
    )]
    KeyringDenied {
        /// What is known of it.
        detail: KeyringFault,
    },
    /// The keyring was there earlier in this run and went away.
    #[error(
        "the system keyring stopped running. Start it again; Tidemark reconnects automatically ({detail})"
    )]
    KeyringGone {
        /// What is known of it.
        detail: KeyringFault,
    },
    /// The keyring is there and did not answer in time, though it asked the user nothing that we know of.
    #[error(
        "the system keyring does not respond. If it shows a window, answer there; otherwise restart the keyring"
    )]
    KeyringNoAnswer,
    /// The keyring failed in a way of its own.
    #[error(
        "the system keyring failed: {detail}. Try again; if it continues, keep the key in an encrypted file instead"
    )]
    KeyringFailed {
        /// What is known of it.
        detail: KeyringFault,
    },
    /// The keyring or the file is open, and the account's key is not in it.
    #[error("the key was not found in its storage. Enter it again")]
    KeyMissing,
    /// The account was imported and never had a key here.
    #[error("the account was imported and has no key here. Enter its key to poll it")]
    NoKey,
    /// The key was kept for an earlier run only.
    #[error(
        "the key was kept in memory only and has been cleared. Enter it again, or choose a permanent storage"
    )]
    KeyForgotten,
    /// The key that was to be kept is empty.
    #[error("the key is empty. Paste the key")]
    KeyEmpty,
    /// The key has something in it that no key has.
    #[error(transparent)]
    KeyMalformed(KeyFault),
    /// What should name a variable is no name, and may well be a key: it is repeated nowhere.
    #[error(
        "this is not the name of an environment variable. Use letters, digits and underscores, and not the key itself"
    )]
    VariableName,
    /// The environment variable is unset, empty or not text.
    #[error(
        "the environment variable {name} is not set where Tidemark runs. Set it, then start Tidemark again"
    )]
    VariableUnset {
        /// The variable's name.
        name: String,
    },
    /// The login would go to another address than that of its own service.
    #[error(
        "the Kimi Code login is not sent to {host}. Enter a key made for that address, or add the account again"
    )]
    ForeignAddress {
        /// The host that it would go to.
        host: String,
    },
    /// There is no Kimi Code login, or it was signed out.
    #[error(
        "Kimi Code is not signed in on this machine for this region. Open Kimi Code and sign in, or add a key instead"
    )]
    LoginMissing,
    /// The login's access token has run out; only Kimi Code itself may renew it.
    #[error("the Kimi Code login expired at {}. Open Kimi Code to renew it", .expired_at.to_rfc3339_opts(SecondsFormat::Secs, true))]
    LoginStale {
        /// When it ran out.
        expired_at: DateTime<Utc>,
    },
    /// The login file could not be parsed, also when it was read a second time.
    #[error("the Kimi Code login file {} could not be read: {detail}. Open Kimi Code and sign in again, or add a key instead", .path.display())]
    LoginUnreadable {
        /// The file.
        path: PathBuf,
        /// What was wrong with it.
        detail: FileFault,
    },
    /// The login belongs to the other region; its token must not be sent to this one.
    #[error(
        "the Kimi Code login is for the region {found}, the account for {expected}. Change the account's region, or sign in to Kimi Code there"
    )]
    LoginOtherRegion {
        /// The account's region.
        expected: Region,
        /// The login's region.
        found: Region,
    },
    /// Kimi Code's server is not running on this machine, or has never been.
    #[error("Kimi Code's local server is not running. Start Kimi Code")]
    ServerNotRunning,
    /// The file with the server's token cannot be used.
    #[error("the token of Kimi Code's local server in {} cannot be used: {detail}. Restart Kimi Code, which writes it again", .path.display())]
    ServerToken {
        /// The file.
        path: PathBuf,
        /// What was wrong with it.
        detail: FileFault,
    },
    /// Another user's program listens where the server should; the token is not sent to it.
    #[error(
        "another user's program listens on port {port} in place of Kimi Code's local server. Nothing was sent to it"
    )]
    ServerForeign {
        /// The port.
        port: u16,
    },
    /// The encrypted file's passphrase was not given in this run.
    #[error("the encrypted key file is locked. Enter its passphrase")]
    FileLocked,
    /// The passphrase does not open the encrypted file.
    #[error("the passphrase does not open the encrypted key file. Try again")]
    WrongPassphrase,
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty. Choose one to protect the key file")]
    PassphraseEmpty,
    /// The passphrase of a new encrypted file is shorter than [`SHORTEST_PASSPHRASE`](crate::SHORTEST_PASSPHRASE).
    #[error("the passphrase is too short. Use at least 8 characters; four random words work well")]
    PassphraseShort,
    /// The encrypted file is damaged.
    #[error("the encrypted key file {} is damaged: {detail}. Restore it from a backup, or move it away and add the keys again", .path.display())]
    FileDamaged {
        /// The file.
        path: PathBuf,
        /// What was wrong with it.
        detail: FileFault,
    },
    /// The system refused to read or write a file.
    #[error("{} {} failed: {said}. Check the folder's permissions and free space, then try again", match .task {
        FileTask::Read => "reading",
        FileTask::Write => "writing",
    }, .path.display())]
    Io {
        /// What was tried.
        task: FileTask,
        /// The file.
        path: PathBuf,
        /// What the system said.
        said: String,
    },
    /// The work on a key file ended without a result: a defect of this program, or its end.
    #[error("the work on a key file broke off: {said}. Try again")]
    WorkEnded {
        /// What the runtime said.
        said: String,
    },
}

impl VaultError {
    /// A stable word for it, which front ends match and have texts for.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::KeyringAbsent { .. } => "keyring-absent",
            Self::KeyringLocked => "keyring-locked",
            Self::KeyringDenied { .. } => "keyring-denied",
            Self::KeyringGone { .. } => "keyring-gone",
            Self::KeyringNoAnswer => "keyring-no-answer",
            Self::KeyringFailed { .. } => "keyring-failed",
            Self::KeyMissing => "key-missing",
            Self::NoKey => "no-key",
            Self::KeyForgotten => "key-forgotten",
            Self::KeyEmpty => "key-empty",
            Self::KeyMalformed(fault) => fault.code(),
            Self::VariableName => "variable-name",
            Self::VariableUnset { .. } => "variable-unset",
            Self::ForeignAddress { .. } => "foreign-address",
            Self::LoginMissing => "login-missing",
            Self::LoginStale { .. } => "login-stale",
            Self::LoginUnreadable { .. } => "login-unreadable",
            Self::LoginOtherRegion { .. } => "login-other-region",
            Self::ServerNotRunning => "server-not-running",
            Self::ServerToken { .. } => "server-token",
            Self::ServerForeign { .. } => "server-foreign",
            Self::FileLocked => "file-locked",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::PassphraseEmpty => "passphrase-empty",
            Self::PassphraseShort => "passphrase-short",
            Self::FileDamaged { .. } => "file-damaged",
            Self::Io { .. } => "io",
            Self::WorkEnded { .. } => "work-ended",
        }
    }

    /// What the error says about the keyring, where it says something.
    #[must_use]
    pub const fn keyring_state(&self) -> Option<KeyringState> {
        match self {
            Self::KeyringAbsent { .. } => Some(KeyringState::Absent),
            Self::KeyringLocked => Some(KeyringState::Locked),
            Self::KeyringDenied { .. } => Some(KeyringState::Denied),
            Self::KeyringGone { .. } => Some(KeyringState::Gone),
            Self::KeyringNoAnswer | Self::KeyringFailed { .. } => Some(KeyringState::Unknown),
            _ => None,
        }
    }

    /// The same without words, for people to read in their own language.
    #[must_use]
    pub fn cause(&self) -> FailureCause {
        use FailureCause as C;
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::KeyringAbsent { detail } => C::KeyringAbsent { fault: detail.clone() },
            Self::KeyringLocked => C::KeyringLocked,
            Self::KeyringDenied { detail } => C::KeyringDenied { fault: detail.clone() },
            Self::KeyringGone { detail } => C::KeyringGone { fault: detail.clone() },
            Self::KeyringNoAnswer => C::KeyringNoAnswer,
            Self::KeyringFailed { detail } => C::KeyringFailed { fault: detail.clone() },
            Self::KeyMissing => C::KeyMissing,
            Self::NoKey => C::NoKey,
            Self::KeyForgotten => C::KeyForgotten,
            Self::KeyEmpty | Self::KeyMalformed(KeyFault::Empty) => C::KeyEmpty,
            Self::KeyMalformed(KeyFault::SeveralWords) => C::KeySeveralWords,
            Self::KeyMalformed(KeyFault::Character { found, place }) => {
                C::KeyOddCharacter { character: code_point(*found), place: *place as u64 }
            }
            Self::VariableName => C::VariableName,
            Self::VariableUnset { name } => C::VariableUnset { name: name.clone() },
            Self::ForeignAddress { host } => C::ForeignAddress { host: host.clone() },
            Self::LoginMissing => C::LoginMissing,
            Self::LoginStale { expired_at } => C::LoginStale { at: *expired_at },
            Self::LoginUnreadable { path, detail } => {
                C::LoginUnreadable { path: shown(path), fault: *detail }
            }
            Self::LoginOtherRegion { expected, found } => {
                C::LoginOtherRegion { expected: *expected, found: *found }
            }
            Self::ServerNotRunning => C::ServerNotRunning { address: None },
            Self::ServerToken { path, detail } => C::ServerToken { path: shown(path), fault: *detail },
            Self::ServerForeign { port } => C::ServerForeign { port: *port },
            Self::FileLocked => C::FileLocked,
            Self::WrongPassphrase => C::WrongPassphrase,
            Self::PassphraseEmpty => C::PassphraseEmpty,
            Self::PassphraseShort => C::PassphraseShort,
            Self::FileDamaged { path, detail } => C::FileDamaged { path: shown(path), fault: *detail },
            Self::Io { task, path, said } => C::Io { task: *task, path: shown(path), said: said.clone() },
            Self::WorkEnded { said } => C::WorkEnded { said: said.clone() },
        }
    }

    pub(crate) fn io(task: FileTask, path: &Path, error: &io::Error) -> Self {
        Self::Io { task, path: path.to_owned(), said: error.to_string() }
    }
}

impl From<KeyFault> for VaultError {
    fn from(fault: KeyFault) -> Self {
        match fault {
            KeyFault::Empty => Self::KeyEmpty,
            fault => Self::KeyMalformed(fault),
        }
    }
}

impl From<&VaultError> for Failure {
    /// A poll that failed because its key could not be had.
    fn from(error: &VaultError) -> Self {
        let kind = match error {
            VaultError::ServerNotRunning => FailureKind::ServerNotRunning,
            _ => FailureKind::KeyUnavailable,
        };
        Self::new(kind, error.to_string()).with_cause(error.cause())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What people read, in one place: each code with its sentence.
    #[test]
    fn every_error_says_what_to_do() {
        let detail = || KeyringFault::from("what the platform said".to_owned());
        let path = || PathBuf::from("/home/me/file");
        let all = [
            VaultError::KeyringAbsent { detail: detail() },
            VaultError::KeyringLocked,
            VaultError::KeyringDenied { detail: detail() },
            VaultError::KeyringGone { detail: detail() },
            VaultError::KeyringNoAnswer,
            VaultError::KeyringFailed { detail: detail() },
            VaultError::KeyMissing,
            VaultError::KeyForgotten,
            VaultError::KeyEmpty,
            VaultError::KeyMalformed(KeyFault::SeveralWords),
            VaultError::KeyMalformed(KeyFault::Character { found: '\u{200b}', place: 4 }),
            VaultError::VariableName,
            VaultError::VariableUnset { name: "WORK_KEY".to_owned() },
            VaultError::ForeignAddress { host: "relay.example.org".to_owned() },
            VaultError::LoginMissing,
            VaultError::LoginStale { expired_at: DateTime::UNIX_EPOCH },
            VaultError::LoginUnreadable { path: path(), detail: FileFault::OtherJson },
            VaultError::LoginOtherRegion { expected: Region::China, found: Region::Global },
            VaultError::ServerNotRunning,
            VaultError::ServerToken { path: path(), detail: FileFault::Empty },
            VaultError::ServerForeign { port: 4000 },
            VaultError::FileLocked,
            VaultError::WrongPassphrase,
            VaultError::PassphraseEmpty,
            VaultError::PassphraseShort,
            VaultError::FileDamaged { path: path(), detail: FileFault::BodyAltered },
            VaultError::io(FileTask::Write, &path(), &io::Error::other("disk full")),
            VaultError::WorkEnded { said: "the runtime ended".to_owned() },
        ];
        let lines: Vec<_> = all.iter().map(|error| format!("{}: {error}", error.code())).collect();
        insta::assert_snapshot!(lines.join("\n"));

        let mut codes: Vec<_> = all.iter().map(VaultError::code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all.len(), "each error has a code of its own");
        for error in &all {
            let failure = Failure::from(error);
            let expected = match error {
                VaultError::ServerNotRunning => FailureKind::ServerNotRunning,
                _ => FailureKind::KeyUnavailable,
            };
            assert_eq!(failure.kind, expected);
            assert_eq!(failure.message, error.to_string());
            assert_eq!(failure.cause.map(|cause| cause.id()).as_deref(), Some(error.code()));
            assert_eq!(error.keyring_state().is_some(), error.code().starts_with("keyring-"));
        }
    }
}
