//! Keys in environment variables, of which only the name is remembered.

use std::ffi::OsString;

use secrecy::SecretString;
use tidemark_core::pasted_key::is_variable_name;

use crate::VaultError;
use crate::secret::{clean_secret, secret};

/// Reads the key from the variable. Unset, empty and unreadable are the same to the user: it must be set.
pub(crate) fn key(
    name: &str,
    variable: impl FnOnce(&str) -> Option<OsString>,
) -> Result<SecretString, VaultError> {
    // A database of an earlier version may hold a key in the place of a name.
    if !is_variable_name(name) {
        return Err(VaultError::VariableName);
    }
    let value = variable(name)
        .and_then(|value| secret(value.into_encoded_bytes()))
        .ok_or_else(|| VaultError::VariableUnset { name: name.to_owned() })?;
    match clean_secret(&value) {
        Err(VaultError::KeyEmpty) => Err(VaultError::VariableUnset { name: name.to_owned() }),
        cleaned => cleaned,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_variable_is_read_and_its_absence_names_it() {
        let key_of = |value: Option<&str>| key("WORK_KEY", |_| value.map(OsString::from));
        assert_eq!(key_of(Some("sk-env-1\n")).unwrap().expose_secret(), "sk-env-1");
        assert_eq!(key_of(Some("\u{feff}\"Bearer sk-env-2\"\r\n")).unwrap().expose_secret(), "sk-env-2");
        assert_eq!(key_of(Some("sk-\u{200b}env")).unwrap_err().code(), "key-odd-character");
        assert_eq!(key_of(Some("sk-env two")).unwrap_err().code(), "key-several-words");
        for missing in [None, Some(""), Some("  "), Some("\u{feff}"), Some("\"\"")] {
            let error = key_of(missing).unwrap_err();
            assert_eq!(error.code(), "variable-unset");
            assert!(error.to_string().contains("WORK_KEY"), "{error}");
        }
    }

    #[test]
    fn a_key_in_the_place_of_a_name_is_not_repeated() {
        let error = key("sk-kimi-9f3a9f3a9f3a9f3a", |_| None).unwrap_err();
        assert_eq!(error.code(), "variable-name");
        assert!(!error.to_string().contains("9f3a"), "{error}");
    }
}
