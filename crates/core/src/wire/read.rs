//! One record of a history, read from its line.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::fields::optional_time;
use super::{TimestampedRecord, scan};

impl TimestampedRecord {
    /// Reads a line of JSON.
    ///
    /// # Errors
    /// Where the text is no line of a history.
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
