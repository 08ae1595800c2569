//! Secrets on their way to the agent. They are written out only where a request is made of them, and cleared
//! from memory when they are dropped.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serializer;

/// Writes a secret in plain text, for the request that carries it.
pub(super) fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// Writes a secret out, where there is one.
#[allow(clippy::ref_option, reason = "serde hands it over so")]
pub(super) fn exposed_or_null<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => exposed(secret, serializer),
        None => serializer.serialize_none(),
    }
}
