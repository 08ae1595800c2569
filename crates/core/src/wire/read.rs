//! One record of a history, read from its line.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::fields::optional_time;
use super::{Record, TimestampedRecord, scan};
use crate::meter::Meter;

/// A reading's line without the quotas that this version does not know, and their words; `None` where that is not
/// what is wrong with the line.
#[must_use]
pub fn without_unknown_meters(text: &[u8]) -> Option<(Record, Vec<String>)> {
    let mut line: Value = serde_json::from_slice(text).ok()?;
    let meters = line.get_mut("meters")?.as_array_mut()?;
    let mut unknown = Vec::new();
    meters.retain(|meter| match meter.get("meter").and_then(Value::as_str) {
        Some(word) if word.parse::<Meter>().is_err() => {
            unknown.push(word.to_owned());
            false
        }
        _ => true,
    });
    if unknown.is_empty() {
        return None;
    }
    let line = serde_json::from_value(line).ok()?;
    matches!(line, Record::Reading(_)).then_some((line, unknown))
}

impl TimestampedRecord {
    /// Reads a line of JSON.
    ///
    /// # Errors
    /// Where the text is no line of a history.
    ///
    /// # Examples
    /// A figure that the line does not have is `None`, never zero:
    ///
    /// ```
    /// use tidemark_core::wire::{Record, TimestampedRecord};
    ///
    /// let line = br#"{"type":"reading","at":"2026-06-01T10:00:00+02:00","source":"kimi-code","region":"global",
    ///                 "meters":[{"meter":"5h","used_percent":12.34}]}"#;
    /// let Record::Reading(reading) = TimestampedRecord::read(line)?.record else { panic!("a reading") };
    /// assert_eq!(reading.at.to_rfc3339(), "2026-06-01T08:00:00+00:00");
    /// assert_eq!(reading.meters[0].used_percent.to_string(), "12.34");
    /// assert_eq!(reading.meters[0].resets_at, None);
    /// assert_eq!(reading.balance, None);
    /// assert!(TimestampedRecord::read(b"{}").is_err());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn read(text: &[u8]) -> serde_json::Result<Self> {
        scan::line(text).map_or_else(|| Self::read_any(text), Ok)
    }

    /// Reads a line of any form.
    pub(super) fn read_any(text: &[u8]) -> serde_json::Result<Self> {
        /// When a line became known, where it says so.
        #[derive(Deserialize)]
        struct Known {
            #[serde(default, with = "optional_time")]
            known_at: Option<DateTime<Utc>>,
        }

        let Known { known_at } = serde_json::from_slice(text)?;
        Ok(Self { record: serde_json::from_slice(text)?, known_at })
    }
}
