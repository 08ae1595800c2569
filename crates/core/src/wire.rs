//! The records of the contract: how readings, failures, incidents and findings are written as JSON Lines.
//!
//! The command line prints them, `export` writes them, `replay` reads them. A record is the edge: only it
//! says what a line holds, and the parts of a reading that it holds as they are. Reading is tolerant of keys
//! it does not know.

mod fields;
mod finding;
mod log_coverage;
mod read;
mod reading;
mod scan;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::audience::Audience;
use crate::failure::FailureKind;
use crate::text;
use crate::tokens::{self, Tokens};

pub use fields::{amount, number, optional_number, optional_time, text_number, time};
pub use finding::FindingRecord;
pub use log_coverage::LogCoverageRecord;
pub use read::without_unknown_meters;
pub use reading::ReadingRecord;

/// One record of a history: a line of JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Record {
    /// One reading of an account.
    Reading(ReadingRecord),
    /// One request seen in a local session log, of this machine or of another.
    Usage(UsageRecord),
    /// All session logs of a machine are known for a span.
    LogCoverage(LogCoverageRecord),
    /// Something from the service's status page.
    Incident(IncidentRecord),
    /// An announcement of the service to all its users.
    Announcement(AnnouncementRecord),
    /// A poll that failed.
    Failure(FailureRecord),
    /// A finding of the audit or of change detection.
    Finding(FindingRecord),
}

/// A record with the time at which it became known, if that is later than its own. An incident is often
/// reported late, and a request is known late if its log was read late. A history is recorded in the order in
/// which things became known, because conclusions were drawn from it in that order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimestampedRecord {
    /// The record itself; its fields are at the same level of the JSON object.
    #[serde(flatten)]
    pub record: Record,
    /// When it became known; absent where at once.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_time")]
    pub known_at: Option<DateTime<Utc>>,
}

impl From<Record> for TimestampedRecord {
    fn from(record: Record) -> Self {
        Self { record, known_at: None }
    }
}

impl Record {
    /// Its own time; `None` for conclusions. Logs can be known of a span only once it is over.
    #[must_use]
    pub const fn at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Reading(record) => Some(record.at),
            Self::Usage(record) => Some(record.at),
            Self::LogCoverage(record) => Some(record.to),
            Self::Incident(record) => Some(record.at),
            Self::Announcement(record) => Some(record.at),
            Self::Failure(record) => Some(record.at),
            Self::Finding(_) => None,
        }
    }
}

/// One request in a session log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsageRecord {
    /// When the request was logged.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The user's name for the account; absent if the history has one account only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The model, as the log names it; `None` if it does not.
    #[serde(default)]
    pub model: Option<String>,
    /// The working folder, if reported; [`HIDDEN`](crate::project_filter::HIDDEN) if the user hides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Input tokens, cache excluded.
    #[serde(default, deserialize_with = "fields::or_default")]
    pub input: u64,
    /// Tokens read from the cache.
    #[serde(default, deserialize_with = "fields::or_default")]
    pub cache_read: u64,
    /// Tokens written to the cache.
    #[serde(default, deserialize_with = "fields::or_default")]
    pub cache_write: u64,
    /// Of these, tokens that are kept for an hour; 0 also where the log does not say how long they are kept.
    #[serde(default, deserialize_with = "fields::or_default", skip_serializing_if = "tokens::is_zero")]
    pub cache_write_1h: u64,
    /// Output tokens.
    #[serde(default, deserialize_with = "fields::or_default")]
    pub output: u64,
    /// The same wherever the same request is recorded: 16 hexadecimal digits. Nothing is concluded from it; an import
    /// knows a request by it that it has already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name or id of the machine whose logs hold it: clean, of at most
    /// [`MAX_NAME_CHARS`](crate::text::MAX_NAME_CHARS) characters. Absent for this machine's own logs.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "log_coverage::optional_machine"
    )]
    pub machine: Option<String>,
    /// Whether it belongs to no account: nothing is concluded from it. One without a name and without this is of the
    /// only account.
    #[serde(default, deserialize_with = "fields::or_default", skip_serializing_if = "std::ops::Not::not")]
    pub unassigned: bool,
}

impl UsageRecord {
    /// A request of the only account there is, in a folder that is not known.
    #[must_use]
    pub const fn new(at: DateTime<Utc>, model: Option<String>, tokens: Tokens) -> Self {
        let Tokens { input, cache_read, cache_write, cache_write_1h, output } = tokens;
        Self {
            at,
            account: None,
            model,
            project: None,
            input,
            cache_read,
            cache_write,
            cache_write_1h,
            output,
            id: None,
            machine: None,
            unassigned: false,
        }
    }

    /// The counts as [`Tokens`].
    #[must_use]
    pub const fn tokens(&self) -> Tokens {
        Tokens {
            input: self.input,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            cache_write_1h: self.cache_write_1h,
            output: self.output,
        }
    }
}

/// Something from the service's status page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentRecord {
    /// When the incident began or, in a record that says it is resolved, when it ended.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The page's id of it.
    pub id: String,
    /// Whether it is open or resolved.
    pub state: IncidentState,
    /// The page's word for how bad it is.
    #[serde(default)]
    pub impact: Option<String>,
    /// Its title, in the page's words.
    #[serde(default)]
    pub title: Option<String>,
}

/// Whether an incident is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentState {
    /// The incident continues.
    Open,
    /// The page says that it is resolved.
    Resolved,
}

/// An announcement of the service to all its users. Its words are the service's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnnouncementRecord {
    /// When it became known.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The service's id of it.
    pub id: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it says beneath.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// From when on it holds; since it became known where that is not said.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_time")]
    pub from: Option<DateTime<Utc>>,
    /// Until when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_time")]
    pub until: Option<DateTime<Utc>>,
    /// Whom it concerns.
    #[serde(default, skip_serializing_if = "Audience::is_everyone")]
    pub audience: Audience,
}

impl AnnouncementRecord {
    /// All that it says, on one line: clean and bounded, since a record may come from any file.
    #[must_use]
    pub fn words(&self) -> String {
        let words: Vec<&str> =
            [&self.title, &self.text, &self.detail].into_iter().flatten().map(String::as_str).collect();
        text::sentence(&words.join(" – "))
    }

    /// From when on it holds.
    #[must_use]
    pub fn begins(&self) -> DateTime<Utc> {
        self.from.unwrap_or(self.at)
    }

    /// Until when it holds: its beginning where no later end is given.
    #[must_use]
    pub fn ends(&self) -> DateTime<Utc> {
        self.until.unwrap_or_default().max(self.begins())
    }
}

/// A poll that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailureRecord {
    /// When the poll failed.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The user's name for the account; absent if the history has one account only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The kind; an unknown one is [`FailureKind::Unknown`].
    #[serde(deserialize_with = "kind")]
    pub kind: FailureKind,
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FailureKind, D::Error> {
    let word = String::deserialize(deserializer)?;
    Ok(word.parse().unwrap_or(FailureKind::Unknown))
}
