//! The system keyring: one interface over the three platforms' own, and the rule that no call may hang.
//!
//! What a platform does stands in its module; how calls are kept from hanging stands in `serialized_calls`.
//! `Backend` is open so that tests of other parts can put a keyring of their own in its place.

mod backend;
mod serialized_calls;

#[cfg(target_os = "windows")]
mod credential_manager;
#[cfg(target_os = "macos")]
mod keychain;
#[cfg(target_os = "linux")]
mod secret_service;

use std::sync::Arc;

pub use backend::{Backend, BackendError, Lock};
pub(crate) use serialized_calls::{Call, NotAnswered, SerializedCalls};

/// This platform's keyring. `service` is the name under which the entries are filed.
#[must_use]
pub fn system(service: &str) -> Arc<dyn Backend> {
    #[cfg(target_os = "linux")]
    return Arc::new(secret_service::SecretService::new(service));
    #[cfg(target_os = "macos")]
    return Arc::new(keychain::Keychain::new(service));
    #[cfg(target_os = "windows")]
    return Arc::new(credential_manager::CredentialManager::new(service));
    #[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
    {
        let _ = service;
        Arc::new(Nowhere)
    }
}

/// The keyring of a system that has none that we know.
#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
struct Nowhere;

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
impl Backend for Nowhere {
    fn look(&self) -> Result<Lock, BackendError> {
        Err(BackendError::Absent(tidemark_core::failure_cause::KeyringFault::Unsupported))
    }
    fn read(&self, _: &str) -> Result<secrecy::SecretString, BackendError> {
        self.look().and(Err(BackendError::Missing))
    }
    fn unlock(&self, _: Option<&str>, _: &dyn Fn()) -> Result<(), BackendError> {
        self.look().map(drop)
    }
    fn write(&self, _: &str, _: &str, _: &secrecy::SecretString) -> Result<(), BackendError> {
        self.look().map(drop)
    }
    fn remove(&self, _: &str) -> Result<(), BackendError> {
        self.look().map(drop)
    }
}
