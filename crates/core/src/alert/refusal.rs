//! Refusals of a key, and memberships that could not be verified, counted until a reading succeeds.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How many refusals without a success in between are notified as one. A single one may be a gateway's hiccup.
const REFUSALS: u32 = 2;

/// How many answers that the membership could not be verified, without a success in between, are notified as one.
/// The service asks to retry before anything is concluded from such an answer, so it takes one more.
const LAPSES: u32 = crate::failure::LAPSED_AFTER;

/// What is remembered of refusals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Refusals {
    in_row: u32,
    since: Option<DateTime<Utc>>,
    lapses: u32,
    lapsed_since: Option<DateTime<Utc>>,
}

impl Refusals {
    /// Counts a refusal; gives the time of the first one when it is time to notify.
    pub(super) fn refused(&mut self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let since = *self.since.get_or_insert(at);
        self.in_row = self.in_row.saturating_add(1);
        (self.in_row == REFUSALS).then_some(since)
    }

    /// Counts a membership that could not be verified; gives the time of the first one when it is time to notify.
    pub(super) fn lapsed(&mut self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let since = *self.lapsed_since.get_or_insert(at);
        self.lapses = self.lapses.saturating_add(1);
        (self.lapses == LAPSES).then_some(since)
    }

    /// A reading succeeded: the episode ends.
    pub(super) const fn succeeded(&mut self) {
        *self = Self { in_row: 0, since: None, lapses: 0, lapsed_since: None };
    }
}
