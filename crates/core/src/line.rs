//! The lines of the contract: how readings, failures, incidents and findings are written as JSON.
//!
//! The command line prints them, `export` writes them, `replay` reads them. These structs are the edge;
//! the domain types are not serialised by accident. Reading is tolerant of keys it does not know.

pub(crate) mod figures;
mod finding;
mod read;
mod reading;
mod scan;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::failure::FailureKind;

pub use figures::{
    amount, from_number, number, optional_number, optional_time, text_number, time, to_number, write_time,
};
pub use finding::FindingLine;
pub use reading::{BalanceLine, LimitsLine, MeterLine, ReadingLine, WalletLine};

/// One line of a recorded history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Line {
    /// One look at an account.
    Reading(ReadingLine),
    /// One request seen in a local session log.
    Usage(UsageLine),
    /// Something from the service's status page.
    Incident(IncidentLine),
    /// A poll that failed.
    Failure(FailureLine),
    /// A conclusion.
    Finding(FindingLine),
}

/// A line as it was recorded: with the time at which it became known, where that is later than its own. An
/// incident is often told of late, and so is a request whose log was read late. A history is recorded in the
/// order in which it became known, since that is the order in which conclusions were drawn from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// The line.
    #[serde(flatten)]
    pub line: Line,
    /// When it became known; absent where at once.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_time")]
    pub known_at: Option<DateTime<Utc>>,
}

impl From<Line> for Recorded {
    fn from(line: Line) -> Self {
        Self { line, known_at: None }
    }
}

impl Line {
    /// Its own time; `None` for conclusions.
    #[must_use]
    pub const fn at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Reading(line) => Some(line.at),
            Self::Usage(line) => Some(line.at),
            Self::Incident(line) => Some(line.at),
            Self::Failure(line) => Some(line.at),
            Self::Finding(_) => None,
        }
    }
}

/// One request in a local session log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsageLine {
    /// When.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The account's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The model.
    #[serde(default)]
    pub model: Option<String>,
    /// The folder that was worked in, where it is told; [`HIDDEN`](crate::hidden::HIDDEN) where the user hides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Input tokens, cache excluded.
    #[serde(default, deserialize_with = "figures::or_default")]
    pub input: u64,
    /// Tokens read from the cache.
    #[serde(default, deserialize_with = "figures::or_default")]
    pub cache_read: u64,
    /// Tokens written to the cache.
    #[serde(default, deserialize_with = "figures::or_default")]
    pub cache_write: u64,
    /// Output tokens.
    #[serde(default, deserialize_with = "figures::or_default")]
    pub output: u64,
}

/// Something from the service's status page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentLine {
    /// When.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The page's id of it.
    pub id: String,
    /// Open or resolved.
    pub state: IncidentState,
    /// The page's word for how bad it is.
    #[serde(default)]
    pub impact: Option<String>,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
}

/// Whether an incident goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentState {
    /// It goes on.
    Open,
    /// It is over.
    Resolved,
}

/// A poll that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailureLine {
    /// When.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The account's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The kind; one that nobody knows is [`FailureKind::Unknown`].
    #[serde(deserialize_with = "kind")]
    pub kind: FailureKind,
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FailureKind, D::Error> {
    let word = String::deserialize(deserializer)?;
    Ok(word.parse().unwrap_or(FailureKind::Unknown))
}
