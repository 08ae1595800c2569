//! A key's hash, to compare it with one that stands in a program's configuration.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a key without the white space around it. It stays in memory.
pub(crate) fn key_digest(key: &SecretString) -> [u8; 32] {
    Sha256::digest(key.expose_secret().trim()).into()
}
