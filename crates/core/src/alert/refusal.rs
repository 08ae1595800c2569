//! Refusals of a key, counted until a reading succeeds.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How many refusals without a success in between give one alert.
const TOLD_AT: u32 = 2;

/// What is remembered of refusals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusals {
    in_row: u32,
    since: Option<DateTime<Utc>>,
}

impl Refusals {
    /// Counts a refusal; gives the time of the first one when the alert is due.
    pub(super) fn refused(&mut self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let since = *self.since.get_or_insert(at);
        self.in_row = self.in_row.saturating_add(1);
        (self.in_row == TOLD_AT).then_some(since)
    }

    /// A reading succeeded: the episode ends.
    pub(super) const fn succeeded(&mut self) {
        *self = Self { in_row: 0, since: None };
    }
}
