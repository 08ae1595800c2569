//! The keyring of macOS: the user's login keychain, through `apple-native-keyring-store`.
//!
//! Written from that crate's source, `security-framework`'s and Apple's list of error codes (`SecBase.h`);
//! **not compiled and not run yet**, because no Mac was at hand. Unlike on Linux, the keychain asks by
//! itself, inside any call, for its password or for permission to use an entry. A poll in the background
//! forbids that, and gets an error instead. Entries have no label of their own: Keychain Access shows the
//! service's name.

use apple_native_keyring_store::keychain::Store;
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use secrecy::{ExposeSecret, SecretString};
use security_framework::os::macos::keychain::{
    KeychainUserInteractionLock, SecKeychain, SecPreferencesDomain,
};
use tidemark_core::failure_cause::KeyringFault;

use super::backend::{Backend, BackendError, Lock};
use crate::secret::secret;

/// An account that no entry has: asking for it shows whether the keychain can be reached at all.
const NOBODY: &str = "tidemark-look";

/// The keyring of macOS: the login keychain.
pub(super) struct Keychain {
    service: String,
}

impl Keychain {
    pub(super) fn new(service: &str) -> Self {
        Self { service: service.to_owned() }
    }

    fn entry(&self, handle: &str) -> Result<Entry, BackendError> {
        let store = Store::new().map_err(|error| from_store(&error))?;
        store.build(&self.service, handle, None).map_err(|error| from_store(&error))
    }

    /// The secret of an entry; the system may ask the user.
    fn secret_of(&self, handle: &str) -> Result<SecretString, BackendError> {
        let bytes = self.entry(handle)?.get_secret().map_err(|error| from_store(&error))?;
        secret(bytes).ok_or(BackendError::Missing)
    }
}

impl Backend for Keychain {
    fn look(&self) -> Result<Lock, BackendError> {
        let _quiet = quiet();
        match self.entry(NOBODY)?.get_credential().map_err(|error| from_store(&error)) {
            Ok(_) | Err(BackendError::Missing) => Ok(Lock::Open),
            Err(BackendError::Locked) => Ok(Lock::Closed),
            Err(error) => Err(error),
        }
    }

    fn read(&self, handle: &str) -> Result<SecretString, BackendError> {
        let _quiet = quiet();
        self.secret_of(handle)
    }

    fn unlock(&self, handle: Option<&str>, asking: &dyn Fn()) -> Result<(), BackendError> {
        if let Some(handle) = handle {
            match self.read(handle) {
                Ok(_) => return Ok(()),
                Err(BackendError::Locked) => {
                    asking();
                    return self.secret_of(handle).map(drop);
                }
                Err(_) => {}
            }
        }
        let without_asking = {
            let _quiet = quiet();
            unlock_keychain()
        };
        match without_asking {
            Err(BackendError::Locked) => {
                asking();
                unlock_keychain()
            }
            other => other,
        }
    }

    fn write(&self, handle: &str, _label: &str, key: &SecretString) -> Result<(), BackendError> {
        let entry = self.entry(handle)?;
        entry.set_secret(key.expose_secret().as_bytes()).map_err(|error| from_store(&error))
    }

    fn remove(&self, handle: &str) -> Result<(), BackendError> {
        self.entry(handle)?.delete_credential().map_err(|error| from_store(&error))
    }
}

/// Forbids the system to show a window of its own, until this is dropped. One keychain call runs at a time,
/// so that no other call is affected.
fn quiet() -> Option<KeychainUserInteractionLock> {
    SecKeychain::disable_user_interaction().ok()
}

fn unlock_keychain() -> Result<(), BackendError> {
    SecKeychain::default_for_domain(SecPreferencesDomain::User)
        .and_then(|mut keychain| keychain.unlock(None))
        .map_err(|error| by_code(error.code(), error.to_string()))
}

/// What an error of the store means.
fn from_store(error: &keyring_core::Error) -> BackendError {
    match error {
        keyring_core::Error::NoEntry => BackendError::Missing,
        // These carry the secret itself.
        keyring_core::Error::BadEncoding(_) | keyring_core::Error::BadDataFormat(..) => {
            BackendError::Failed(KeyringFault::NoReadableKey)
        }
        keyring_core::Error::PlatformFailure(platform) | keyring_core::Error::NoStorageAccess(platform) => {
            let text = platform.to_string();
            match platform.downcast_ref::<security_framework::base::Error>() {
                Some(error) => by_code(error.code(), text),
                None => BackendError::Failed(text.into()),
            }
        }
        other => BackendError::Failed(other.to_string().into()),
    }
}

/// What an error means by Apple's code for it.
fn by_code(code: i32, text: String) -> BackendError {
    match code {
        // errSecInteractionNotAllowed, errSecInteractionRequired: it would have had to ask.
        -25308 | -25315 => BackendError::Locked,
        // errSecUserCanceled, errSecAuthFailed, errSecInvalidOwnerEdit, errSecReadOnly, wrPermErr
        -128 | -25293 | -25244 | -25292 | -61 => BackendError::Denied(text.into()),
        // errSecNotAvailable, errSecNoSuchKeychain, errSecNoDefaultKeychain
        -25291 | -25294 | -25307 => BackendError::Absent(text.into()),
        -25300 => BackendError::Missing,
        _ => BackendError::Failed(text.into()),
    }
}
