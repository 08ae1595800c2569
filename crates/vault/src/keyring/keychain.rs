//! The keyring of macOS: the user's login keychain, through `apple-native-keyring-store`.
//!
//! Compiled, and **never run**: written from that crate's source, `security-framework`'s and Apple's list of error codes
//! (`SecBase.h`). Unlike on Linux, the keychain asks by itself, inside any call, for its password or for permission to use
//! an entry: it does so for an entry that another program made, or this program under another signature. All calls but
//! `unlock` forbid that, and get an error instead. Entries have no label of their own: Keychain Access shows the service's
//! name.

#![allow(unsafe_code, reason = "whether a keychain is locked is asked by a function that no crate wraps")]

use apple_native_keyring_store::keychain::Store;
use core_foundation::base::TCFType as _;
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use secrecy::{ExposeSecret, SecretString};
use security_framework::base::Error;
use security_framework::os::macos::keychain::{
    KeychainUserInteractionLock, SecKeychain, SecPreferencesDomain,
};
use tidemark_core::failure_cause::KeyringFault;

use super::backend::{Backend, BackendError, Lock};
use crate::secret::secret;

#[link(name = "Security", kind = "framework")]
unsafe extern "C" {
    /// Whether a keychain is locked, and may be read and written, as bits.
    fn SecKeychainGetStatus(keychain: *const std::ffi::c_void, status: *mut u32) -> i32;
}

/// The bit for a keychain that is open (`kSecUnlockStateStatus`).
const UNLOCKED: u32 = 1;

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
        let keychain = login_keychain()?;
        let mut status = 0;
        // SAFETY: the keychain lives until the call returns, and the status is written to a number of that size.
        let code = unsafe { SecKeychainGetStatus(keychain.as_concrete_TypeRef().cast(), &raw mut status) };
        match code {
            0 if status & UNLOCKED == 0 => Ok(Lock::Closed),
            0 => Ok(Lock::Open),
            code => Err(by_code(code, Error::from_code(code).to_string())),
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
        let _quiet = quiet();
        let entry = self.entry(handle)?;
        entry.set_secret(key.expose_secret().as_bytes()).map_err(|error| from_store(&error))
    }

    fn remove(&self, handle: &str) -> Result<(), BackendError> {
        let _quiet = quiet();
        self.entry(handle)?.delete_credential().map_err(|error| from_store(&error))
    }
}

/// Forbids the system to show a window of its own, until this is dropped. One keychain call runs at a time,
/// so that no other call is affected.
fn quiet() -> Option<KeychainUserInteractionLock> {
    SecKeychain::disable_user_interaction().ok()
}

fn login_keychain() -> Result<SecKeychain, BackendError> {
    SecKeychain::default_for_domain(SecPreferencesDomain::User).map_err(from_system)
}

/// Does nothing where it is open.
fn unlock_keychain() -> Result<(), BackendError> {
    login_keychain()?.unlock(None).map_err(from_system)
}

fn from_system(error: Error) -> BackendError {
    by_code(error.code(), error.to_string())
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
            match platform.downcast_ref::<Error>() {
                Some(error) => from_system(*error),
                None => BackendError::Failed(platform.to_string().into()),
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
