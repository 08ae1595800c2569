//! How urgent an alert is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::word::{UnknownWord, parse};

/// How urgent a message is, from least to most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Good to know: a reset, money in.
    #[default]
    Info,
    /// Worth a thought: a threshold was passed.
    Warning,
    /// Something stopped, or was taken: a quota is empty, a key invalid, an anomaly found.
    Urgent,
}

impl Level {
    /// Its word, in settings and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Urgent => "urgent",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        parse(&[Self::Info, Self::Warning, Self::Urgent], Self::as_str, text)
    }
}

/// The level of an alert, from its kind's word and its JSON. A kind that is not known here is a warning: better one too
/// many than one too few.
#[must_use]
pub fn level_of(kind: &str, details: &Value) -> Level {
    match kind {
        "reset" | "credit" | "recovered" | "withdrawn" | "likely-lasts" | "digest" | "test" => Level::Info,
        "threshold" if !is_all(details, "threshold") => Level::Warning,
        "budget" if !is_all(details, "step") => Level::Warning,
        "threshold" | "budget" | "anomaly" | "key-refused" => Level::Urgent,
        _ => Level::Warning,
    }
}

/// Whether what was reached, in percent, is all of the quota or the budget.
fn is_all(details: &Value, field: &str) -> bool {
    let threshold = match details.get(field) {
        Some(Value::String(text)) => text.parse::<f64>().ok(),
        Some(other) => other.as_f64(),
        None => None,
    };
    threshold.is_some_and(|percent| percent >= 100.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_has_its_level_and_an_unknown_one_is_a_warning() {
        for (kind, details, level) in [
            ("threshold", json!({"threshold": "75"}), Level::Warning),
            ("threshold", json!({"threshold": "100"}), Level::Urgent),
            ("threshold", json!({"threshold": 100.0}), Level::Urgent),
            ("threshold", json!({}), Level::Warning),
            ("budget", json!({"step": 80}), Level::Warning),
            ("budget", json!({"step": 100}), Level::Urgent),
            ("extra-usage", json!({}), Level::Warning),
            ("reset", json!({}), Level::Info),
            ("likely-empty", json!({}), Level::Warning),
            ("likely-lasts", json!({}), Level::Info),
            ("anomaly", json!({}), Level::Urgent),
            ("key-refused", json!({}), Level::Urgent),
            ("balance-low", json!({}), Level::Warning),
            ("of-a-later-version", json!({}), Level::Warning),
        ] {
            assert_eq!(level_of(kind, &details), level, "{kind} {details}");
        }
        assert!(Level::Info < Level::Warning && Level::Warning < Level::Urgent);
        assert_eq!("urgent".parse(), Ok(Level::Urgent));
        assert!("loud".parse::<Level>().is_err());
    }
}
