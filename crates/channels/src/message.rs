//! What is delivered.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::level::Level;

/// A message: an alert, a digest, a test, or the news that another channel fails.
///
/// As JSON it is what a webhook and a program are given. Fields may be added; those that are here keep their meaning.
///
/// # Examples
/// ```
/// use tidemark_channels::{Level, Message};
///
/// let message = Message {
///     id: "alert:1:threshold:5h:2026-06-01T10:00Z:90".to_owned(),
///     at: "2026-06-01T08:05:00Z".parse()?,
///     kind: "threshold".to_owned(),
///     level: Level::Warning,
///     account: Some("work".to_owned()),
///     title: "work: 90% of the 5-hour quota used".to_owned(),
///     body: "Resets at 10:00".to_owned(),
///     language: "en".to_owned(),
///     details: serde_json::json!({"meter": "5h", "threshold": "90", "used": "93"}),
/// };
/// let json: serde_json::Value = serde_json::from_str(&message.to_json())?;
/// assert_eq!(json["type"], "alert");
/// assert_eq!(json["level"], "warning");
/// assert_eq!(json["details"]["threshold"], "90");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Identifies it among all of its channel, past and future: a second message with a known id is a repeat.
    pub id: String,
    /// The time of what it is about.
    pub at: DateTime<Utc>,
    /// The alert's kind (`threshold`, `reset`, …), or `digest`, `test`, `channel-failed`.
    pub kind: String,
    /// How urgent it is.
    pub level: Level,
    /// The user's name for the account; `None` where it is about all of them.
    pub account: Option<String>,
    /// One line: what happened.
    pub title: String,
    /// What else is worth knowing, in lines; may be empty.
    pub body: String,
    /// The language of title and body: `en` or `zh-CN`.
    pub language: String,
    /// Its figures, by kind.
    pub details: Value,
}

impl Message {
    /// The document that a webhook and a program are given, in one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            r#type: &'static str,
            #[serde(flatten)]
            message: &'a Message,
        }
        let r#type = match self.kind.as_str() {
            "digest" => "digest",
            "test" => "test",
            _ => "alert",
        };
        serde_json::to_string(&Document { r#type, message: self }).unwrap_or_default()
    }

    /// Title and body as one text.
    pub(crate) fn text(&self) -> String {
        if self.body.is_empty() { self.title.clone() } else { format!("{}\n{}", self.title, self.body) }
    }
}

#[cfg(test)]
pub(crate) fn sample() -> Message {
    Message {
        id: "alert:1:threshold:5h:90".to_owned(),
        at: DateTime::from_timestamp(1_780_000_000, 0).unwrap_or_default(),
        kind: "threshold".to_owned(),
        level: Level::Warning,
        account: Some("work".to_owned()),
        title: "work: 90% <used>".to_owned(),
        body: "Resets & all".to_owned(),
        language: "en".to_owned(),
        details: serde_json::json!({"threshold": "90"}),
    }
}
