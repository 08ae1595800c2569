//! Readings that wait to be believed: how long they wait.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::rules;

/// Why a reading as a whole is not believed at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Doubts {
    /// All quotas of the reading rose at once as no usage makes them rise.
    pub(super) all_rose: bool,
    /// The account's user is known, and this reading may be another's.
    pub(super) unnamed: bool,
}

/// Readings that repeated a doubtful one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Repeated {
    /// The last of them.
    pub(super) at: DateTime<Utc>,
    pub(super) count: u32,
}

impl Repeated {
    /// One more repeats it.
    pub(super) fn next(before: Option<Self>, at: DateTime<Utc>) -> Self {
        Self { at, count: before.map_or(0, |repeated| repeated.count).saturating_add(1) }
    }
}

/// Whether a doubtful reading that must last has lasted: from the first one until now, and so many repeated it before.
pub(super) fn has_lasted(first: DateTime<Utc>, repeated: Option<Repeated>, now: DateTime<Utc>) -> bool {
    // A clock that was set back does not begin the time again.
    let is_young = (TimeDelta::zero()..rules::DOUBT_LASTS).contains(&(now - first));
    repeated.is_some_and(|repeated| repeated.count >= rules::DOUBT_REPEATED) && !is_young
}
