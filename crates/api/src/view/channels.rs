//! Channels: where alerts go away from the desk.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::accounts::NewKey;

/// All channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Channels {
    /// In the order in which they were added.
    pub channels: Vec<ChannelView>,
}

/// A channel. Nothing secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelView {
    /// The user's name for it.
    pub name: String,
    /// `webhook`, `ntfy`, `telegram`, …; `null` if a newer version made it.
    pub kind: Option<String>,
    /// Where it goes: a host, a chat, a mail address, a program.
    pub place: String,
    /// Whether a token, a signing secret or a password belongs to it.
    pub has_secret: bool,
    /// Whether private addresses are allowed.
    pub allow_private: bool,
    /// The kinds of alert that it gets; empty: all.
    pub kinds: Vec<String>,
    /// The names of the accounts; empty: all.
    pub accounts: Vec<String>,
    /// The least level: `info`, `warning`, `urgent`.
    pub min_level: String,
    /// Hours in which nothing is sent.
    pub quiet_hours: Option<ChannelQuiet>,
    /// The zone of its times (IANA); `null`: that of the settings.
    pub timezone: Option<String>,
    /// The language of its texts; `null`: that of the settings.
    pub language: Option<String>,
    /// How often it gets a digest: `day`, `week`.
    pub digest: Option<String>,
    /// What became of the last attempt.
    pub last: Option<ChannelResult>,
    /// Since when messages are given up; `null` after one was delivered.
    pub failing_since: Option<DateTime<Utc>>,
}

/// Hours in which nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelQuiet {
    /// When they begin, as `22:00`.
    pub from: String,
    /// When they end, as `08:00`.
    pub to: String,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelResult {
    /// When.
    pub at: DateTime<Utc>,
    /// A word for the failure; `null`: it was delivered.
    pub failure: Option<String>,
    /// What the service said.
    pub said: Option<String>,
}

/// A channel to be added.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct NewChannel {
    /// The user's name for it.
    pub name: String,
    /// What it is, by its word.
    pub kind: String,
    /// Its address, where that is no secret.
    pub url: Option<String>,
    /// Who gets it.
    pub to: Option<String>,
    /// The sender of mail.
    pub from: Option<String>,
    /// The program, by its absolute path.
    pub program: Option<String>,
    /// Whether private addresses are allowed.
    pub allow_private: bool,
    /// Which messages it gets.
    #[serde(flatten)]
    pub rules: ChannelRules,
    /// Its address, where that is a secret.
    pub address: Option<NewKey>,
    /// Its token, signing secret or password.
    pub secret: Option<NewKey>,
}

/// Which messages a channel gets, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelRules {
    /// The kinds of alert; empty: all.
    pub kinds: Vec<String>,
    /// The names of accounts; empty: all.
    pub accounts: Vec<String>,
    /// The least level.
    pub min_level: Option<String>,
    /// Hours in which nothing is sent.
    pub quiet_hours: Option<ChannelQuiet>,
    /// The zone of its times.
    pub timezone: Option<String>,
    /// The language of its texts.
    pub language: Option<String>,
    /// How often it gets a digest.
    pub digest: Option<String>,
}

/// What a channel is from now on. Its kind stays; its rules are replaced; of the rest stays what is `null`.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct ChannelChange {
    /// The user's name for it.
    pub name: String,
    /// Its address, where that is no secret. An empty one takes it away.
    pub url: Option<String>,
    /// Who gets it.
    pub to: Option<String>,
    /// The sender of mail.
    pub from: Option<String>,
    /// The program, by its absolute path.
    pub program: Option<String>,
    /// Whether private addresses are allowed.
    pub allow_private: bool,
    /// Which messages it gets.
    #[serde(flatten)]
    pub rules: ChannelRules,
    /// Another address, where that is a secret.
    pub address: Option<NewKey>,
    /// Another token, signing secret or password.
    pub secret: Option<NewKey>,
}

/// A message to try a channel with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelTest {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The language of both.
    pub language: String,
}
