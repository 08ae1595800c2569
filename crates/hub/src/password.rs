//! Passwords of members. The server is given only what it can verify them with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};

/// A new password: 256 random bits.
#[must_use]
pub fn new_password() -> SecretString {
    SecretString::from(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// What the server stores of a password (SCRAM-SHA-256, RFC 5803). It takes it as it is, so that the password itself is in
/// no statement, log or statistic of the server.
pub(crate) fn verifier(password: &SecretString) -> String {
    postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_does_not_hold_the_password() {
        let password = new_password();
        let verifier = verifier(&password);
        assert!(verifier.starts_with("SCRAM-SHA-256$4096:"), "{verifier}");
        assert!(!verifier.contains(password.expose_secret()));
        assert_ne!(password.expose_secret(), new_password().expose_secret());
        assert_eq!(password.expose_secret().len(), 43);
    }
}
