//! The keyring of macOS: the user's login keychain, through `apple-native-keyring-store`.
//!
//! Written from that crate's source and Apple's list of error codes (`SecBase.h`); **not run yet**, because
//! no Mac was at hand. What differs from Linux: the keychain cannot be asked whether it is locked without
//! one of its windows appearing, and it asks by itself, for the password or for leave, inside any call. So
//! a call here may block where its Linux counterpart would answer "locked"; the time-out around it then
//! says that the keyring does not answer, and that its window wants an answer. Entries carry no label of
//! their own: Keychain Access shows the service's name.

use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use secrecy::{ExposeSecret, SecretString};

use apple_native_keyring_store::keychain::Store;

use super::{Backend, BackendError, Lock};
use crate::secret::secret;

/// An account that no entry has: asking for it shows whether the keychain can be reached at all.
const NOBODY: &str = "tidemark-look";

/// The login keychain.
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
}

impl Backend for Keychain {
    fn look(&self) -> Result<Lock, BackendError> {
        match self.entry(NOBODY)?.get_credential().map_err(|error| from_store(&error)) {
            Ok(_) | Err(BackendError::Missing) => Ok(Lock::Open),
            Err(BackendError::Locked) => Ok(Lock::Closed),
            Err(error) => Err(error),
        }
    }

    fn read(&self, handle: &str) -> Result<SecretString, BackendError> {
        let bytes = self.entry(handle)?.get_secret().map_err(|error| from_store(&error))?;
        secret(bytes).ok_or(BackendError::Missing)
    }

    fn unlock(&self, _handle: Option<&str>, _asking: &dyn Fn()) -> Result<(), BackendError> {
        // The system asks by itself at the next call.
        Ok(())
    }

    fn write(&self, handle: &str, _label: &str, key: &SecretString) -> Result<(), BackendError> {
        let entry = self.entry(handle)?;
        entry.set_secret(key.expose_secret().as_bytes()).map_err(|error| from_store(&error))
    }

    fn remove(&self, handle: &str) -> Result<(), BackendError> {
        self.entry(handle)?.delete_credential().map_err(|error| from_store(&error))
    }
}

/// What an error of the store means; the codes are those of Apple's `SecBase.h`.
fn from_store(error: &keyring_core::Error) -> BackendError {
    let platform = match error {
        keyring_core::Error::NoEntry => return BackendError::Missing,
        keyring_core::Error::BadEncoding(_) | keyring_core::Error::BadDataFormat(..) => {
            return BackendError::Failed("the entry holds no readable key".to_owned());
        }
        keyring_core::Error::PlatformFailure(platform) | keyring_core::Error::NoStorageAccess(platform) => {
            platform
        }
        other => return BackendError::Failed(other.to_string()),
    };
    let text = platform.to_string();
    // The store hands out `security_framework::base::Error`, whose `Debug` begins with its code.
    let code = code_in(&format!("{platform:?}"));
    match code {
        // errSecInteractionNotAllowed (no window can be shown: locked, or no session), errSecInteractionRequired
        Some(-25308 | -25315) => BackendError::Locked,
        // errSecUserCanceled, errSecAuthFailed, errSecInvalidOwnerEdit, errSecReadOnly, wrPermErr
        Some(-128 | -25293 | -25244 | -25292 | -61) => BackendError::Denied(text),
        // errSecNotAvailable, errSecNoSuchKeychain, errSecNoDefaultKeychain
        Some(-25291 | -25294 | -25307) => BackendError::Absent(text),
        _ => BackendError::Failed(text),
    }
}

/// The first negative number in a text.
fn code_in(text: &str) -> Option<i32> {
    let start = text.find('-')?;
    let digits = text[start + 1..].bytes().take_while(u8::is_ascii_digit).count();
    text[start..=start + digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_the_text_of_an_error() {
        assert_eq!(code_in("Error { code: -25308, message: \"x\" }"), Some(-25308));
        assert_eq!(code_in("Error { code: 1 }"), None);
        assert_eq!(code_in("-"), None);
    }
}
