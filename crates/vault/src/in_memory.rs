//! Keys that are kept in memory only.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use crate::VaultError;

/// The keys that the user wants kept nowhere. They are wiped when they are removed and when the run ends.
#[derive(Default)]
pub(crate) struct InMemory(Mutex<BTreeMap<String, SecretString>>);

impl InMemory {
    pub(crate) fn put(&self, handle: &str, key: SecretString) {
        self.keys().insert(handle.to_owned(), key);
    }

    pub(crate) fn key(&self, handle: &str) -> Result<SecretString, VaultError> {
        self.keys().get(handle).cloned().ok_or(VaultError::KeyForgotten)
    }

    pub(crate) fn remove(&self, handle: &str) {
        self.keys().remove(handle);
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, SecretString>> {
        // A panic elsewhere cannot leave the map half-changed: each change is one call.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
