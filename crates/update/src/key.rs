//! The key that releases are signed with.

use minisign_verify::{PublicKey, Signature};

use crate::document::Release;
use crate::error::UpdateError;

/// The public half of the key that releases are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseKey(PublicKey);

impl ReleaseKey {
    /// The one that is built in, from `packaging/minisign.pub`; `None` where the project had none when this was built.
    ///
    /// # Errors
    /// [`UpdateError::BadKey`] if what was built in is no key.
    pub fn built_in() -> Result<Option<Self>, UpdateError> {
        option_env!("TIDEMARK_BUILT_IN_RELEASE_KEY").map(Self::of_base64).transpose()
    }

    /// A key as the second line of its file has it.
    ///
    /// # Errors
    /// [`UpdateError::BadKey`] if it is none.
    pub fn of_base64(text: &str) -> Result<Self, UpdateError> {
        let key = PublicKey::from_base64(text.trim());
        key.map(Self).map_err(|error| UpdateError::BadKey(error.to_string()))
    }

    /// The release that a document describes, if the signature is of this document and by this key. Nothing of the
    /// document is read before.
    ///
    /// # Errors
    /// [`UpdateError::Signature`] if the signature does not hold, and as [`Release::parse`].
    pub fn verified(&self, document: &[u8], signature: &str) -> Result<Release, UpdateError> {
        let refused = |error: minisign_verify::Error| UpdateError::Signature(error.to_string());
        let signature = Signature::decode(signature).map_err(refused)?;
        self.0.verify(document, &signature, false).map_err(refused)?;
        Release::parse(document)
    }
}
