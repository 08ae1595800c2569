//! Making a secret without leaving copies of it behind.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use tidemark_core::pasted_key::clean_key;
use zeroize::Zeroizing;

use crate::VaultError;

/// A secret from bytes; the bytes are wiped. `None` where they are not UTF-8 or only white space.
///
/// White space around a key is never part of it: it comes from pasting, from a trailing line end in a
/// file, or from `echo`.
pub(crate) fn secret(bytes: Vec<u8>) -> Option<SecretString> {
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).ok()?.trim();
    if text.is_empty() {
        return None;
    }
    Some(copy(text))
}

/// A key without what was pasted along with it.
pub(crate) fn clean_secret(pasted: &SecretString) -> Result<SecretString, VaultError> {
    Ok(copy(clean_key(pasted.expose_secret())?))
}

/// A `Box<str>` has no spare capacity, so that no reallocation leaves a copy behind.
fn copy(text: &str) -> SecretString {
    SecretString::from(Box::<str>::from(text))
}

/// A secret in a JSON text. It goes from the text, which its reader wipes, straight into the secret.
pub(crate) struct SecretField(pub(crate) SecretString);

impl<'de> Deserialize<'de> for SecretField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = SecretField;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<SecretField, E> {
                Ok(SecretField(copy(text)))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn white_space_around_a_key_is_not_part_of_it() {
        assert_eq!(secret(b" sk-kimi-1 \r\n".to_vec()).unwrap().expose_secret(), "sk-kimi-1");
        assert!(secret(b" \n".to_vec()).is_none());
        assert!(secret(vec![0xff, 0xfe]).is_none());
    }
}
