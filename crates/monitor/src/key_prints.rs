//! Salted hashes of the accounts' keys, which are kept in the history: whose key stands in a program's configuration is
//! known by them without any key being loaded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tidemark_core::AccountId;

/// The key under which they are stored.
pub(crate) const SETTING: &str = "key_prints";

/// The salted hashes of the accounts' keys. Keys are random and long: what is hashed cannot be tried out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct KeyPrints {
    /// Random, and made with the first of them: the same key has another print in another history.
    salt: String,
    prints: BTreeMap<i64, String>,
}

impl KeyPrints {
    /// Whether an account's key has a digest; `None` where nothing is kept of it.
    pub(crate) fn is_of(&self, account: AccountId, digest: [u8; 32]) -> Option<bool> {
        self.prints.get(&account.0).map(|print| *print == self.print(digest))
    }

    /// Whether anything is kept of an account's key.
    pub(crate) fn has(&self, account: AccountId) -> bool {
        self.prints.contains_key(&account.0)
    }

    /// Keeps what an account's key is recognised by. Whether that is new.
    pub(crate) fn keep(&mut self, account: AccountId, digest: [u8; 32]) -> bool {
        if self.is_of(account, digest) == Some(true) {
            return false;
        }
        if self.salt.is_empty() {
            self.salt = format!("{:032x}", rand::random::<u128>());
        }
        self.prints.insert(account.0, self.print(digest));
        true
    }

    /// Forgets an account. Whether anything was kept of it.
    pub(crate) fn forget(&mut self, account: AccountId) -> bool {
        self.prints.remove(&account.0).is_some()
    }

    fn print(&self, digest: [u8; 32]) -> String {
        use std::fmt::Write as _;
        let hash = Sha256::new().chain_update(b"tidemark key print\0").chain_update(&self.salt);
        hash.chain_update(digest).finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_by_what_is_kept_and_is_not_in_it() {
        let (one, other) = (AccountId(1), AccountId(2));
        let mut prints = KeyPrints::default();
        assert_eq!(prints.is_of(one, [7; 32]), None);
        assert!(prints.keep(one, [7; 32]) && !prints.keep(one, [7; 32]));
        let stored = serde_json::to_string(&prints).unwrap();
        assert!(!stored.contains(&"07".repeat(8)), "{stored}");
        let mut read: KeyPrints = serde_json::from_str(&stored).unwrap();
        assert_eq!((read.is_of(one, [7; 32]), read.is_of(one, [8; 32])), (Some(true), Some(false)));
        assert_eq!(read.is_of(other, [7; 32]), None);
        // Another key takes its place; another history has another print of it.
        assert!(read.keep(one, [8; 32]));
        assert_eq!((read.is_of(one, [7; 32]), read.is_of(one, [8; 32])), (Some(false), Some(true)));
        let mut elsewhere = KeyPrints::default();
        elsewhere.keep(one, [7; 32]);
        assert_ne!(elsewhere, prints);
        assert!(read.forget(one) && !read.forget(one));
        assert_eq!(read.is_of(one, [8; 32]), None);
    }
}
