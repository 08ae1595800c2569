//! The line that says whose session logs are known, and for which span.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::fields::time;
use crate::text;

/// All session logs of a machine are known for a span. A request of that machine in the span that is not known by
/// then was not made. When it became known is the line's [`known_at`](super::TimestampedRecord::known_at).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCoverageRecord {
    /// The machine's name or id: clean, not empty, of at most [`MAX_NAME_CHARS`](text::MAX_NAME_CHARS) characters.
    #[serde(deserialize_with = "machine")]
    pub machine: String,
    /// The beginning of the span.
    #[serde(with = "time")]
    pub from: DateTime<Utc>,
    /// Its end. A span that ends before it begins says nothing.
    #[serde(with = "time")]
    pub to: DateTime<Utc>,
}

/// What is kept of a machine's name from outside; `None` where nothing is left of it.
pub(super) fn machine_name(name: &str) -> Option<String> {
    Some(text::name(name.trim())).filter(|name| !name.is_empty())
}

fn machine<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    machine_name(&name).ok_or_else(|| de::Error::custom("a machine without a name"))
}

pub(super) fn optional_machine<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.as_deref().and_then(machine_name))
}
