//! Where the key of an account is, as the store keeps it.

use tidemark_core::Credential;

use crate::error::StoreError;

/// An account without a key is stored as one whose key was in the memory of an earlier run, under no handle: that is
/// what a version that knows no other kind then says of it.
pub(crate) fn encode(credential: &Credential) -> Result<String, StoreError> {
    let forgotten = Credential::ThisRun { handle: String::new() };
    let stored = if matches!(credential, Credential::None {}) { &forgotten } else { credential };
    serde_json::to_string(stored).map_err(|why| StoreError::unreadable("credential", &why))
}

/// The credential of a stored text.
pub(crate) fn decode(text: &str) -> Result<Credential, StoreError> {
    let stored = serde_json::from_str(text).map_err(|why| StoreError::unreadable("credential", &why))?;
    Ok(match stored {
        Credential::ThisRun { handle } if handle.is_empty() => Credential::None {},
        stored => stored,
    })
}
