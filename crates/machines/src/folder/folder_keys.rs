//! The keys of shared folders that are known in this run.

use std::sync::{Mutex, MutexGuard, PoisonError};

use age::x25519;

/// The scrypt work factor of new key files, as a power of two: as for the key file of accounts, 32 MiB.
pub const WORK_FACTOR: u8 = 15;

pub(super) type Digest = [u8; 32];

/// The keys that are known in this run.
pub struct FolderKeys {
    pub(super) work_factor: u8,
    known: Mutex<Vec<Known>>,
}

/// A key that is known.
pub(super) struct Known {
    /// Of the key file, and of the passphrase that opened it.
    pub(super) of: (Digest, Digest),
    pub(super) identity: x25519::Identity,
}

impl Default for FolderKeys {
    fn default() -> Self {
        Self::with_work_factor(WORK_FACTOR)
    }
}

impl FolderKeys {
    /// None yet; new key files cost an attacker 2 to the power of `work_factor`.
    #[must_use]
    pub const fn with_work_factor(work_factor: u8) -> Self {
        Self { work_factor, known: Mutex::new(Vec::new()) }
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
