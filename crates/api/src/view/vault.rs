//! Where keys are kept.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::common::RegionWord;
use super::secret::exposed;

/// The state of the system keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum KeyringState {
    /// It answered the last time.
    Ready,
    /// There is none on this system, or none is running.
    Absent,
    /// It is locked and its prompt has not been answered.
    Locked,
    /// It refused access.
    Denied,
    /// It was there earlier in this run and is gone.
    Gone,
    /// It was not asked yet, or did not answer.
    Unknown,
}

/// What a new user can start from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Welcome {
    /// The keyring, so that the window can offer another place at once.
    pub keyring: KeyringState,
    /// A login of an installed Kimi Code command line was found, and whether its token is fresh.
    pub kimi_code_login: Option<LoginView>,
    /// Kimi Code's own server runs on this machine.
    #[serde(default)]
    pub kimi_code_server: bool,
    /// There is an encrypted key file already, and whether it is unlocked.
    pub encrypted_file: FileState,
}

/// A login of an installed Kimi Code command line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LoginView {
    /// Which service it is for.
    pub region: RegionWord,
    /// Its token is fresh now.
    pub fresh: bool,
    /// When the login expires.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The state of the passphrase-encrypted key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// There is no such file.
    None,
    /// It waits for its passphrase.
    Locked,
    /// Its passphrase has been given in this run.
    Unlocked,
}

/// The passphrase of the encrypted key file.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct Passphrase {
    /// The passphrase of the key file.
    #[serde(serialize_with = "exposed")]
    #[ts(type = "string")]
    pub passphrase: SecretString,
}

/// How the places of keys stand, as far as it is known without asking the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VaultState {
    /// The keyring, as last seen.
    pub keyring: KeyringState,
    /// The state of the passphrase-encrypted key file.
    pub encrypted_file: FileState,
}
