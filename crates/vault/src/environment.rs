//! Keys in environment variables, of which only the name is remembered.

use std::ffi::OsString;

use secrecy::SecretString;

use crate::VaultError;
use crate::secret::secret;

/// Reads the key from the variable. Unset, empty and unreadable are the same to the user: it must be set.
pub(crate) fn key(
    name: &str,
    variable: impl FnOnce(&str) -> Option<OsString>,
) -> Result<SecretString, VaultError> {
    variable(name)
        .and_then(|value| secret(value.into_encoded_bytes()))
        .ok_or_else(|| VaultError::VariableUnset { name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_variable_is_read_and_its_absence_names_it() {
        let key_of = |value: Option<&str>| key("WORK_KEY", |_| value.map(OsString::from));
        assert_eq!(key_of(Some("sk-env-1\n")).unwrap().expose_secret(), "sk-env-1");
        for missing in [None, Some(""), Some("  ")] {
            let error = key_of(missing).unwrap_err();
            assert_eq!(error.code(), "variable-unset");
            assert!(error.to_string().contains("WORK_KEY"), "{error}");
        }
    }
}
