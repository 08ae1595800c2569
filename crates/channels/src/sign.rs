//! Signatures: HMAC-SHA256.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The signature of a text with a key, in Base64.
pub(crate) fn sign(key: &[u8], text: &[u8]) -> String {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(text);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The bytes of a secret of a webhook: behind `whsec_` it is Base64, anything else is taken as it is.
pub(crate) fn webhook_key(secret: &str) -> Vec<u8> {
    let decoded = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    decoded.unwrap_or_else(|| secret.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's `hmac`, as the services' own examples do.
    #[test]
    fn signatures_are_those_of_other_implementations() {
        assert_eq!(
            sign(b"key", b"The quick brown fox jumps over the lazy dog"),
            "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="
        );
        assert_eq!(webhook_key("whsec_AAEC"), [0, 1, 2]);
        assert_eq!(webhook_key("plain"), b"plain");
    }
}
