//! Polls on request, and what came of them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tidemark_core::wire::Record;
use ts_rs::TS;

use super::findings::MessageView;

/// What a manual refresh did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Refreshed {
    /// Accounts that are being polled now.
    pub polling: Vec<i64>,
    /// Accounts that were skipped, and until when: polled a moment ago, or the service asked to wait.
    pub left_alone: Vec<Skipped>,
}

/// An account that a manual refresh skipped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Skipped {
    /// The account's number.
    pub account_id: i64,
    /// Why it was skipped: `just-now`, `retry-after`, `polled-through` or `paused`.
    pub why: String,
    /// When it can be polled again.
    pub until: DateTime<Utc>,
}

/// What a poll gave, once all of it had come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Polled {
    /// Readings, findings and failures, as the command line's lines: each reading before the findings that it
    /// led to, the accounts in the user's order; behind them what is known of those polled a moment ago. A
    /// finding has its messages, so that it can be said in any language.
    #[ts(type = "Array<Record<string, unknown>>")]
    pub lines: Vec<Record>,
    /// What failed, in the order of the failures among the lines.
    pub failures: Vec<PollFailure>,
    /// Accounts that were not polled.
    pub skipped: Vec<SkippedPoll>,
    /// Accounts that were polled and whose reading could not be stored.
    pub not_stored: Vec<NotStored>,
}

/// Whole seconds, rounded up: waiting too short is worse than too long.
#[must_use]
pub fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// An account whose poll failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PollFailure {
    /// The account's name.
    pub account: String,
    /// The kind's word, such as `rate-limited`.
    pub kind: String,
    /// The cause, in English.
    pub message: String,
    /// The same without words, where it is Tidemark that says it; the message in the catalogues is `cause-` and its
    /// id. Without it, `message` is the service's own words.
    #[serde(default)]
    pub says: Option<MessageView>,
    /// For so many seconds the service wants not to be asked again.
    pub retry_after_seconds: Option<u64>,
    /// The failure says nothing against the key: a model or a program is denied.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub key_is_good: bool,
    /// Why the key could not be read, where that is so: a word such as `file-locked`.
    #[serde(default)]
    pub cause: Option<String>,
}

/// An account that was not polled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SkippedPoll {
    /// The account's name.
    pub account: String,
    /// Why it was skipped: `just-now`, `retry-after`, `polled-through`, or `ended` where the agent ended before the
    /// service answered.
    pub why: String,
    /// When it can be polled again.
    pub until: DateTime<Utc>,
    /// The kind of its last failure.
    pub kind: Option<String>,
    /// Whole seconds until then.
    pub retry_after_seconds: u64,
}

/// An account that was polled and whose reading could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NotStored {
    /// The account's name.
    pub account: String,
    /// The cause's word: `disk-full`, `database-read-only`, `database-damaged`, `database-gone`, `database`.
    pub cause: String,
    /// The cause, in English.
    pub message: String,
}
