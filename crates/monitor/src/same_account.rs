//! Accounts of two names that are one account of the service.

use secrecy::SecretString;
use tidemark_core::reading::UserIds;
use tidemark_core::{Account, AccountId, Credential, Reading, Source};

use crate::key_digest::key_digest;

/// What distinguishes one account of the service from another. Of the key it holds a hash, in memory alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountIdentity {
    id: AccountId,
    source: Source,
    /// Where its key is.
    credential: Credential,
    key_digest: Option<[u8; 32]>,
    user: UserIds,
}

impl AccountIdentity {
    /// What is known of an account by its last reading, and by its key where that is in a variable.
    #[must_use]
    pub fn of(account: &Account, reading: Option<&Reading>) -> Self {
        let key_digest = match &account.credential {
            Credential::Environment { name } => std::env::var(name)
                .ok()
                .filter(|key| !key.trim().is_empty())
                .map(|key| key_digest(&SecretString::from(key))),
            _ => None,
        };
        Self {
            id: account.id,
            source: account.source,
            credential: account.credential.clone(),
            key_digest,
            user: reading.map(|reading| reading.user.clone()).unwrap_or_default(),
        }
    }

    /// The same with the hash of its key as it was last used.
    #[must_use]
    pub(crate) fn with_key(mut self, digest: Option<[u8; 32]>) -> Self {
        self.key_digest = digest.or(self.key_digest);
        self
    }

    /// Whether both are one account, as far as is known.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        if self.id == other.id || self.source != other.source {
            return false;
        }
        let same_key = self.key_digest.is_some() && self.key_digest == other.key_digest;
        let one_place =
            matches!(self.credential, Credential::Environment { .. } | Credential::KimiCodeServer {})
                && self.credential == other.credential;
        same_key || one_place || self.user.is_same(&other.user) == Some(true)
    }

    /// Those of some accounts that are the same as this one.
    #[must_use]
    pub fn same_among(&self, all: &[Self]) -> Vec<AccountId> {
        all.iter().filter(|other| self.is_same(other)).map(|other| other.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(id: i64, source: Source, key: Option<u8>, user: Option<&str>) -> AccountIdentity {
        AccountIdentity {
            id: AccountId(id),
            source,
            credential: Credential::Keyring { handle: id.to_string() },
            key_digest: key.map(|key| [key; 32]),
            user: UserIds { quota: user.map(ToOwned::to_owned), ..UserIds::default() },
        }
    }

    #[test]
    fn one_key_or_one_user_is_one_account() {
        let code = |id, key, user| identity(id, Source::KimiCode, key, user);
        let variable = |id, name: &str| AccountIdentity {
            credential: Credential::Environment { name: name.to_owned() },
            ..code(id, None, None)
        };
        let server = |id, user| AccountIdentity {
            credential: Credential::KimiCodeServer {},
            ..identity(id, Source::KimiCode, None, user)
        };
        for (one, other, expected) in [
            (server(1, None), server(2, None), true),
            (server(1, Some("a")), code(2, Some(2), Some("a")), true),
            (server(1, Some("a")), code(2, Some(2), None), false),
            (code(1, Some(1), None), code(2, Some(1), None), true),
            (code(1, Some(1), Some("a")), code(2, Some(2), Some("a")), true),
            (code(1, Some(1), Some("a")), code(2, Some(2), Some("b")), false),
            (code(1, None, None), code(2, None, None), false),
            (code(1, Some(1), None), identity(2, Source::Platform, Some(1), None), false),
            (code(1, None, Some("a")), identity(2, Source::Platform, None, Some("a")), false),
            (variable(1, "ONE_UNSET"), variable(2, "ONE_UNSET"), true),
            (variable(1, "ONE_UNSET"), variable(2, "OTHER_UNSET"), false),
        ] {
            assert_eq!(one.is_same(&other), expected, "{one:?} {other:?}");
            assert_eq!(other.is_same(&one), expected);
        }
    }
}
