//! One line of a recorded history, read from its text.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Line, ReadingLine, Recorded, UsageLine, optional_time};

impl Recorded {
    /// Reads a line of JSON. The two kinds that come in masses are recognised by their beginning and spared
    /// the detour by which the others are told apart.
    ///
    /// # Errors
    /// Where the text is no line of a history.
    pub fn read(text: &[u8]) -> serde_json::Result<Self> {
        if text.starts_with(br#"{"type":"reading","#) {
            return serde_json::from_slice::<ReadingLine>(text).map(|line| Line::Reading(line).into());
        }
        if text.starts_with(br#"{"type":"usage","#) {
            let known_at =
                if may_be_late(text) { serde_json::from_slice::<Known>(text)?.known_at } else { None };
            let line = serde_json::from_slice::<UsageLine>(text)?;
            return Ok(Self { line: Line::Usage(line), known_at });
        }
        let Known { known_at } = serde_json::from_slice(text)?;
        Ok(Self { line: serde_json::from_slice(text)?, known_at })
    }
}

/// When a line became known, where it says so.
#[derive(Deserialize)]
struct Known {
    #[serde(default, with = "optional_time")]
    known_at: Option<DateTime<Utc>>,
}

/// Whether a line may say when it became known.
fn may_be_late(text: &[u8]) -> bool {
    text.windows(KNOWN.len()).any(|window| window == KNOWN)
}

const KNOWN: &[u8] = b"\"known_at\"";
