//! What every keyring can do, and why it may not.

use std::fmt;

use secrecy::SecretString;
use tidemark_core::failure_cause::KeyringFault;

/// Whether the keyring is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Entries can be read and written without asking the user.
    Open,
    /// The user must give a password first.
    Closed,
}

/// Why a keyring did not do what was asked. No text in it holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackendError {
    /// No keyring answers at all.
    Absent(KeyringFault),
    /// The keyring is locked.
    Locked,
    /// It refused, or the user dismissed its question.
    Denied(KeyringFault),
    /// It is open, and has no such entry.
    Missing,
    /// It is there and did not answer in time.
    NoAnswer,
    /// Any other failure, with the system's reason.
    Failed(KeyringFault),
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(detail) => write!(f, "absent: {detail}"),
            Self::Locked => f.write_str("locked"),
            Self::Denied(detail) => write!(f, "denied: {detail}"),
            Self::Missing => f.write_str("no such entry"),
            Self::NoAnswer => f.write_str("no answer"),
            Self::Failed(detail) => write!(f, "failed: {detail}"),
        }
    }
}

impl std::error::Error for BackendError {}

/// What a keyring can do. Every call may block; the caller runs it where that does no harm.
///
/// Only [`Backend::unlock`] may make a window appear. The others answer [`BackendError::Locked`] where
/// they would have to ask the user.
pub trait Backend: Send + Sync + 'static {
    /// Whether it is there, and open.
    ///
    /// # Errors
    /// [`BackendError::Absent`] if no keyring answers, [`BackendError::NoAnswer`] if one does not in time.
    fn look(&self) -> Result<Lock, BackendError>;
    /// The secret of an entry.
    ///
    /// # Errors
    /// [`BackendError::Missing`] if the keyring is open and has no such entry, [`BackendError::Locked`] if it
    /// would have to ask the user, [`BackendError::Denied`] if it refuses the entry; else as
    /// [`Backend::look`].
    fn read(&self, handle: &str) -> Result<SecretString, BackendError>;
    /// Opens what is needed to reach the entry, or a new one where `handle` is `None` or unknown. Calls
    /// `asking` just before a window asks the user, and then waits for the answer, however long it takes.
    ///
    /// # Errors
    /// [`BackendError::Denied`] if the user dismissed the window or it could not be shown; else as
    /// [`Backend::look`].
    fn unlock(&self, handle: Option<&str>, asking: &dyn Fn()) -> Result<(), BackendError>;
    /// Keeps a secret, replacing an earlier one under the same handle. The label is what people see.
    ///
    /// # Errors
    /// [`BackendError::Locked`] if it is not open, [`BackendError::Denied`] if it refuses; else as
    /// [`Backend::look`].
    fn write(&self, handle: &str, label: &str, key: &SecretString) -> Result<(), BackendError>;
    /// Forgets an entry.
    ///
    /// # Errors
    /// [`BackendError::Missing`] if there is no such entry; else as [`Backend::write`].
    fn remove(&self, handle: &str) -> Result<(), BackendError>;
}
