//! The keyring of Windows: the Credential Manager, through `windows-native-keyring-store`.
//!
//! Written from that crate's source; **not compiled and not run yet**, because no Windows machine was at
//! hand. It is open whenever the user is logged on and never asks; a session without a logon (a service, some
//! remote sessions) has none. An entry's target, which is what the Credential Manager shows, is
//! `<handle>.Tidemark`; the label goes into its comment.

use std::collections::HashMap;

use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use secrecy::{ExposeSecret, SecretString};
use tidemark_core::failure_cause::KeyringFault;

use windows_native_keyring_store::Store;

use super::backend::{Backend, BackendError, Lock};
use crate::secret::secret;

/// A user that no entry has: asking for it shows whether there is a Credential Manager at all.
const NOBODY: &str = "tidemark-look";
/// A key is this machine's own; it does not roam with the user's profile.
const PERSISTENCE: (&str, &str) = ("persistence", "Local");

/// The keyring of Windows: the Credential Manager.
pub(super) struct CredentialManager {
    service: String,
}

impl CredentialManager {
    pub(super) fn new(service: &str) -> Self {
        Self { service: service.to_owned() }
    }

    fn entry(&self, handle: &str) -> Result<Entry, BackendError> {
        let store = Store::new().map_err(|error| from_store(&error))?;
        let modifiers = HashMap::from([PERSISTENCE]);
        store.build(&self.service, handle, Some(&modifiers)).map_err(|error| from_store(&error))
    }
}

impl Backend for CredentialManager {
    fn look(&self) -> Result<Lock, BackendError> {
        match self.entry(NOBODY)?.get_attributes().map_err(|error| from_store(&error)) {
            Ok(_) | Err(BackendError::Missing) => Ok(Lock::Open),
            Err(error) => Err(error),
        }
    }

    fn read(&self, handle: &str) -> Result<SecretString, BackendError> {
        let bytes = self.entry(handle)?.get_secret().map_err(|error| from_store(&error))?;
        secret(bytes).ok_or(BackendError::Missing)
    }

    fn unlock(&self, _handle: Option<&str>, _asking: &dyn Fn()) -> Result<(), BackendError> {
        Ok(())
    }

    fn write(&self, handle: &str, label: &str, key: &SecretString) -> Result<(), BackendError> {
        let entry = self.entry(handle)?;
        entry.set_secret(key.expose_secret().as_bytes()).map_err(|error| from_store(&error))?;
        // The comment is for people; a key without one works as well.
        let _ = entry.update_attributes(&HashMap::from([("comment", label)]));
        Ok(())
    }

    fn remove(&self, handle: &str) -> Result<(), BackendError> {
        self.entry(handle)?.delete_credential().map_err(|error| from_store(&error))
    }
}

/// What an error of the store means.
fn from_store(error: &keyring_core::Error) -> BackendError {
    match error {
        keyring_core::Error::NoEntry => BackendError::Missing,
        // ERROR_NO_SUCH_LOGON_SESSION: this session has no credentials at all.
        keyring_core::Error::NoStorageAccess(detail) => BackendError::Absent(detail.to_string().into()),
        keyring_core::Error::BadEncoding(_) | keyring_core::Error::BadDataFormat(..) => {
            BackendError::Failed(KeyringFault::NoReadableKey)
        }
        other => BackendError::Failed(other.to_string().into()),
    }
}
