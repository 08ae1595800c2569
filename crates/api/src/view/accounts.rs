//! Accounts: what there is, and what it takes to add or change one. Keys only ever come in.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tidemark_core::Credential;
use tidemark_core::pasted_key::is_variable_name;
use ts_rs::TS;

use super::common::{RegionWord, SourceWord};
use super::overview::{AccountCard, FailureView};
use super::polls::Skipped;
use super::secret::{exposed, exposed_or_null};

/// An account as the Accounts page shows it. The key is not part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(rename = "Account")]
pub struct AccountView {
    /// The account's number, as other requests name it.
    pub id: i64,
    /// The user's name for it.
    pub name: String,
    /// The product: Kimi Code or the open platform.
    pub source: SourceWord,
    /// The region whose service the account belongs to.
    pub region: RegionWord,
    /// The address that its polls go to.
    pub base_url: String,
    /// Where its key is: `keyring`, `encrypted-file`, `environment`, `this-run`, `kimi-code-login`,
    /// `kimi-code-server`, or `none` for an imported account that has no key yet.
    pub credential: String,
    /// The variable's name, or the login file's path.
    pub credential_detail: Option<String>,
    /// When it was added to Tidemark.
    pub created_at: DateTime<Utc>,
    /// The names of other accounts here that are the same account of the service.
    #[serde(default)]
    pub same_as: Vec<String>,
}

/// Where the key of an account is, in a word and, where there is more to say, a name or a path; see
/// [`AccountView::credential`].
#[must_use]
pub fn credential_words(credential: &Credential) -> (&'static str, Option<String>) {
    match credential {
        Credential::Keyring { .. } => ("keyring", None),
        Credential::EncryptedFile { .. } => ("encrypted-file", None),
        Credential::ThisRun { .. } => ("this-run", None),
        // A database of an earlier version may hold a key in the place of a name.
        Credential::Environment { name } => {
            ("environment", Some(if is_variable_name(name) { name.clone() } else { "…".to_owned() }))
        }
        Credential::KimiCodeLogin { path } => {
            ("kimi-code-login", path.as_ref().map(|path| path.display().to_string()))
        }
        Credential::KimiCodeServer {} => ("kimi-code-server", None),
        Credential::None {} => ("none", None),
    }
}

/// What it takes to add an account.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct NewAccount {
    /// The user's name for it; made up from the source where empty.
    #[serde(default)]
    pub name: String,
    /// Which product; guessed from the key's shape where absent.
    #[serde(default)]
    pub source: Option<SourceWord>,
    /// Which service; both are tried where absent.
    #[serde(default)]
    pub region: Option<RegionWord>,
    /// Another base URL than the service's own.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The user says that the key of a variable may go to that base URL. The window never says so.
    #[serde(default)]
    #[ts(skip)]
    pub base_url_confirmed: bool,
    /// Where the key comes from and where it is to be kept.
    pub key: NewKey,
    /// Add it even though the test of the key could not reach the service.
    #[serde(default)]
    pub untested: bool,
}

/// Where a new key comes from and where it is to be kept.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NewKey {
    /// In the system keyring.
    Keyring {
        /// The key.
        #[serde(serialize_with = "exposed")]
        #[ts(type = "string")]
        key: SecretString,
    },
    /// In the passphrase-encrypted file.
    EncryptedFile {
        /// The key.
        #[serde(serialize_with = "exposed")]
        #[ts(type = "string")]
        key: SecretString,
        /// The file's passphrase, where it is not unlocked yet.
        #[serde(default, serialize_with = "exposed_or_null")]
        #[ts(type = "string | null")]
        passphrase: Option<SecretString>,
    },
    /// Kept for this run only.
    ThisRun {
        /// The key.
        #[serde(serialize_with = "exposed")]
        #[ts(type = "string")]
        key: SecretString,
    },
    /// From an environment variable of the agent.
    Environment {
        /// Its name.
        name: String,
    },
    /// From the installed Kimi Code command line, read-only.
    KimiCodeLogin {},
    /// From the server that an installed Kimi Code runs on this machine.
    KimiCodeServer {},
}

/// What a test of a key found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct KeyTest {
    /// Whether the poll gave a reading.
    pub ok: bool,
    /// Where it works, or where it was tried last.
    pub source: SourceWord,
    /// Where it works, or where it was tried last.
    pub region: RegionWord,
    /// What was read, so that the user sees at once that it is the right account.
    pub preview: Option<AccountCard>,
    /// Why it does not work.
    pub failure: Option<FailureView>,
    /// The service was not asked just now: it had been a moment ago, or it asked to wait.
    pub left_alone: Option<Skipped>,
    /// For so many seconds the service wants not to be asked again.
    pub retry_after_seconds: Option<u64>,
    /// A name that suits: plan or product, not taken yet.
    pub suggested_name: String,
}

/// What may be changed of an account.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct AccountChange {
    /// The new name; absent if it does not change.
    pub name: Option<String>,
    /// A new key in place of the old.
    pub key: Option<NewKey>,
    /// The account's base URL again, by which the user says that a variable's key may go there.
    pub base_url: Option<String>,
}

/// The order of all accounts, by number.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AccountOrder {
    /// All numbers, in the new order.
    pub ids: Vec<i64>,
}

/// What became of an account's key when the account was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Removed {
    /// Whether the key is gone from where it was kept. `false` only where the request allowed it to stay.
    pub key_removed: bool,
}
