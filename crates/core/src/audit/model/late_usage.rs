//! Polls whose usage may still become known.
//!
//! Where logs become known late, polls wait until all that was used before them is known, so that every deduction
//! is weighed against the usage that led to it and no other.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How many polls wait at most; the oldest is weighed with what is known of it then.
const MAX_WAITING: usize = 16;

/// What one poll adds to a session.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) from: DateTime<Utc>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) deducted: f64,
    /// Logged usage, in the series' own measure.
    pub(crate) weight: f64,
    /// Whether the logs have usage in this time.
    pub(crate) worked: bool,
    /// What was deducted cannot be compared with the usage: something was restored, or a price is unknown.
    pub(crate) broken: bool,
    /// The quota is at its limit.
    pub(crate) full: bool,
}

/// Polls whose usage may still become known, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LateUsageQueue {
    parts: VecDeque<Part>,
    /// The last poll that was given up.
    given_up: Option<DateTime<Utc>>,
    /// The last poll with usage that was weighed.
    worked: Option<DateTime<Utc>>,
}

impl LateUsageQueue {
    /// The usage of all polls that wait.
    pub(crate) fn weight(&self) -> f64 {
        self.parts.iter().map(|part| part.weight).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Gives up all that waits.
    pub(crate) fn clear(&mut self) {
        if let Some(last) = self.parts.back() {
            self.given_up = Some(last.at);
        }
        self.parts.clear();
    }

    /// Adds usage to the poll that followed it. Whether one took it, or was given up; otherwise no poll that
    /// waits is its own.
    pub(crate) fn assign(&mut self, poll: DateTime<Utc>, amount: f64) -> bool {
        if self.given_up.is_some_and(|last| poll <= last) {
            return true;
        }
        let Some(part) = self.parts.iter_mut().find(|part| part.at >= poll) else { return false };
        part.weight += amount;
        true
    }

    /// What this poll showed was something else. Whether it waits here.
    pub(crate) fn break_at(&mut self, poll: DateTime<Utc>) -> bool {
        let part = self.parts.iter_mut().find(|part| part.at == poll);
        part.map(|part| part.broken = true).is_some()
    }

    pub(crate) fn push(&mut self, part: Part) {
        self.parts.push_back(part);
    }

    /// The next poll of which all usage is known by now, and when this machine was last at work up to it.
    /// `delay` is how long usage may wait to be deducted.
    pub(crate) fn pop_known(
        &mut self,
        now: DateTime<Utc>,
        lateness: TimeDelta,
        delay: TimeDelta,
    ) -> Option<(Part, Option<DateTime<Utc>>)> {
        let first = self.parts.front()?;
        if now - first.at < lateness && self.parts.len() <= MAX_WAITING {
            return None;
        }
        let mut part = self.parts.pop_front()?;
        if part.weight > 0.0 {
            self.worked = Some(part.at);
        }
        part.worked = self.worked.is_some_and(|last| part.from - last <= delay);
        Some((part, self.worked))
    }
}
