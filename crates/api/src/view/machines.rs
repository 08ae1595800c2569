//! What is known of the user's machines: this one, others, and the ways on which their records come.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::secret::exposed_or_null;

/// The machines and exchanges: the answer of `GET /v1/machines`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Machines {
    /// This machine.
    pub this: OwnMachine,
    /// The others, in the order in which they became known.
    pub machines: Vec<Machine>,
    /// The ways on which records come and go, in the order in which they were added.
    pub exchanges: Vec<Exchange>,
    /// Machines that were removed with their usage from a shared folder, and are ignored.
    #[serde(default)]
    pub forgotten: Vec<ForgottenMachine>,
}

/// This machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnMachine {
    /// Its id: 32 hexadecimal digits.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Why it has another id than before: `other-host`, the history was copied here from another machine; `clone`,
    /// another machine goes by the same id. `null` if it has its first one.
    pub renewed: Option<String>,
    /// Whether other machines are given the names of projects.
    pub shares_projects: bool,
    /// From when to when its logs are known.
    pub coverage: Vec<LogCoverage>,
}

/// Another machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Machine {
    /// What routes call it, such as `m3`.
    pub key: String,
    /// Its number, for the filter of `GET /v1/usage`.
    pub number: i64,
    /// Its id: 32 hexadecimal digits.
    pub id: String,
    /// What it is called here.
    pub name: String,
    /// The key of the exchange on which its records come; `null` if none come any more, and of a machine that is known
    /// from imports alone.
    pub exchange: Option<String>,
    /// When it last said something, by its own clock; `null` of a machine that is known from imports alone.
    pub last_seen: Option<DateTime<Utc>>,
    /// Records of it that this version does not understand.
    pub skipped: u64,
    /// Whether nothing of it is taken in any more, although its usage stays.
    #[serde(default)]
    pub ignored: bool,
    /// From when to when its logs are known.
    pub coverage: Vec<LogCoverage>,
}

/// A machine that was removed with its usage from a shared folder, and is ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ForgottenMachine {
    /// What routes call it, such as `m3`.
    pub key: String,
    /// Its id: 32 hexadecimal digits.
    pub id: String,
    /// What it was called; its id where an earlier version forgot it.
    pub name: String,
}

/// A span in which all logs of a program are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogCoverage {
    /// The program, by the word of its log format, such as `kimi-code`.
    pub client: String,
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
    /// Whether any request of the program is known; without one, its logs were looked for and none was found.
    #[serde(default)]
    pub has_records: bool,
}

/// A way on which records come and go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exchange {
    /// What routes call it, such as `x2`.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// `ssh`, `folder`, or `other` of a later version.
    pub kind: ExchangeKind,
    /// The host, or the folder's path.
    pub place: String,
    /// The path of `tidemark` on the host, if it was named.
    pub command: Option<String>,
    /// When it was last tried.
    pub last_try: Option<DateTime<Utc>>,
    /// When it last succeeded.
    pub last_done: Option<DateTime<Utc>>,
    /// How many times in a row it failed.
    pub failures: u32,
    /// When it is made next.
    pub next: DateTime<Utc>,
    /// Why it failed the last time; `null` if it did not.
    pub problem: Option<ExchangeProblem>,
    /// Whether it is being made, or waits for its turn.
    #[serde(default)]
    pub underway: bool,
}

/// On which kind of way records come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ExchangeKind {
    /// Another machine is asked over SSH.
    Ssh,
    /// A folder that several machines share.
    Folder,
    /// One of a later version.
    Other,
}

/// Why an exchange failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExchangeProblem {
    /// A word for it, such as `host-key`; the catalogues have `error-machine-<word>`.
    pub code: String,
    /// What the system, `ssh` or the other machine said, in its own words.
    pub said: Option<String>,
}

/// Another way on which records are to come: the body of `POST /v1/machines`. Either `host` or `folder` is given.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NewMachine {
    /// The user's name for it.
    pub name: String,
    /// The host as `ssh` takes it.
    #[serde(default)]
    pub host: Option<String>,
    /// The path of `tidemark` on the host; `null` where it is on the path.
    #[serde(default)]
    pub command: Option<String>,
    /// The shared folder, as an absolute path.
    #[serde(default)]
    pub folder: Option<String>,
    /// The folder's passphrase, to be kept.
    #[serde(default, serialize_with = "exposed_or_null")]
    #[ts(type = "string | null")]
    pub passphrase: Option<SecretString>,
    /// The environment variable that holds the folder's passphrase.
    #[serde(default)]
    pub passphrase_env: Option<String>,
    /// Keep the passphrase in the encrypted key file instead of the system keyring. The file must be unlocked.
    #[serde(default)]
    pub in_encrypted_file: bool,
}

/// What is to change of a machine or an exchange: the body of `PATCH /v1/machines/{key}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MachineChange {
    /// The new name.
    #[serde(default)]
    pub name: Option<String>,
    /// Of this machine alone: whether other machines are given the names of projects.
    #[serde(default)]
    pub shares_projects: Option<bool>,
    /// Of another machine: `false` takes in again what it says, from the beginning.
    #[serde(default)]
    pub ignored: Option<bool>,
}

/// Which exchange is to be made now: the body of `POST /v1/machines/sync`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MachineSync {
    /// The key of a machine or an exchange; `null` for all.
    #[serde(default)]
    pub key: Option<String>,
}

/// What came of exchanges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MachinesSynced {
    /// Each that was made.
    pub exchanges: Vec<ExchangeSynced>,
}

/// What came of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExchangeSynced {
    /// Its name.
    pub name: String,
    /// Requests that came, known before or not.
    pub received: u64,
    /// Requests that were written to a folder.
    pub written: u64,
    /// Lines that this version does not understand.
    pub skipped: u64,
    /// Why it failed; `null` if it did not.
    pub problem: Option<ExchangeProblem>,
    /// Why this machine has another id since; `null` if it has not.
    pub renewed: Option<String>,
}

/// This machine is ready to give its records away: the answer of `POST /v1/machines/export`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportBegun {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Which history the places of its requests are of.
    pub epoch: String,
    /// The run under which it gives them away.
    pub run: String,
    /// Words that hide projects; `null` where no names of projects are given away.
    pub hidden_projects: Option<Vec<String>>,
}
