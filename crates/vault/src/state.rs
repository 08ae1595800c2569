//! How the places that can be closed stand: the keyring and the encrypted file.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The system keyring, as last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyringState {
    /// It answered, and it is open.
    Ready,
    /// There is none on this system, or none is running.
    Absent,
    /// It is there but locked, or its window waits for the user's password.
    Locked,
    /// It refused: the user dismissed its question, or its rules forbid us the entry.
    Denied,
    /// It was there earlier in this run and went away.
    Gone,
    /// It was not asked yet, or did not answer in time, or failed in a way of its own.
    Unknown,
}

impl KeyringState {
    /// The state's word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Absent => "absent",
            Self::Locked => "locked",
            Self::Denied => "denied",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for KeyringState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The state of the passphrase-encrypted key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileState {
    /// There is no such file; the first passphrase given makes one.
    NotThere,
    /// It is there, and its passphrase was not given in this run.
    Locked,
    /// Its passphrase is known for this run.
    Open,
}

/// What was last seen of the keyring, shared with calls that come back late.
#[derive(Debug)]
pub(crate) struct LastSeen(Mutex<Seen>);

#[derive(Debug)]
struct Seen {
    state: KeyringState,
    ever_there: bool,
}

impl LastSeen {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Seen { state: KeyringState::Unknown, ever_there: false }))
    }

    pub(crate) fn get(&self) -> KeyringState {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).state
    }

    /// Remembers what was seen and gives it back, with an absence after a presence turned into
    /// [`KeyringState::Gone`].
    pub(crate) fn note(&self, state: KeyringState) -> KeyringState {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.state = match state {
            KeyringState::Absent | KeyringState::Gone if seen.ever_there => KeyringState::Gone,
            other => other,
        };
        if matches!(state, KeyringState::Ready | KeyringState::Locked | KeyringState::Denied) {
            seen.ever_there = true;
        }
        seen.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_after_a_presence_is_gone() {
        let last = LastSeen::new();
        assert_eq!(last.get(), KeyringState::Unknown);
        assert_eq!(last.note(KeyringState::Absent), KeyringState::Absent);
        assert_eq!(last.note(KeyringState::Unknown), KeyringState::Unknown);
        assert_eq!(last.note(KeyringState::Absent), KeyringState::Absent);
        assert_eq!(last.note(KeyringState::Locked), KeyringState::Locked);
        assert_eq!(last.note(KeyringState::Absent), KeyringState::Gone);
        assert_eq!(last.note(KeyringState::Absent), KeyringState::Gone);
        assert_eq!(last.note(KeyringState::Ready), KeyringState::Ready);
        assert_eq!(last.get(), KeyringState::Ready);
    }
}
