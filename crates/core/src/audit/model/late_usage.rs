//! Polls whose usage may still become known.
//!
//! Where logs become known late, polls wait until all that was used before them is known, so that every deduction
//! is weighed against the usage that led to it and no other. Another machine's may be hours late: polls that wait for
//! them are merged where they are many.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How many polls wait at most; the oldest is weighed with what is known of it then.
const MAX_WAITING: usize = 16;

/// The same where another machine is waited for: then a part may be several polls.
const MAX_MERGED: usize = 48;

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
    /// The number of its session, where it waits for another machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<u32>,
}

impl Part {
    fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from < at && at <= self.at
    }

    /// This part and the one behind it as one.
    fn merged(&self, next: &Self) -> Self {
        Self {
            from: self.from,
            deducted: self.deducted + next.deducted,
            weight: self.weight + next.weight,
            worked: self.worked || next.worked,
            broken: self.broken || next.broken,
            ..*next
        }
    }
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
    /// The usage of all polls that wait, but for those of earlier sessions that wait for another machine.
    pub(crate) fn weight(&self, session: u32) -> f64 {
        let of_session = |part: &&Part| part.session.is_none_or(|own| own == session);
        self.parts.iter().filter(of_session).map(|part| part.weight).sum()
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

    /// Adds usage of a time that another machine reported to the poll that followed it; where its price is not known,
    /// that poll cannot be weighed. Whether it waits here.
    pub(crate) fn assign_at(&mut self, at: DateTime<Utc>, amount: f64, unpriced: bool) -> bool {
        let Some(part) = self.parts.iter_mut().find(|part| part.contains(at)) else { return false };
        part.weight += amount;
        part.broken |= unpriced;
        true
    }

    /// What this poll showed was something else. Whether it waits here.
    pub(crate) fn break_at(&mut self, poll: DateTime<Utc>) -> bool {
        let is_of_poll = |part: &Part| part.at == poll || (part.session.is_some() && part.contains(poll));
        let part = self.parts.iter_mut().find(|part| is_of_poll(part));
        part.map(|part| part.broken = true).is_some()
    }

    pub(crate) fn push(&mut self, part: Part) {
        self.parts.push_back(part);
        if part.session.is_some() && self.parts.len() > MAX_MERGED {
            self.merge();
        }
    }

    /// Merges the two neighbours that are the shortest together. What is broken stays apart.
    fn merge(&mut self) {
        let pairs = self.parts.iter().zip(self.parts.iter().skip(1)).enumerate();
        let shortest = pairs
            .filter(|(_, (one, next))| one.broken == next.broken)
            .min_by_key(|(_, (one, next))| next.at - one.from)
            .map(|(place, (one, next))| (place, one.merged(next)));
        if let Some((place, merged)) = shortest {
            self.parts.remove(place + 1);
            self.parts[place] = merged;
        }
    }

    /// The next poll of which all usage is known by now, and when this machine was last at work up to it. Up to
    /// `reported_until`, other machines have reported all. `delay` is how long usage may wait to be deducted.
    pub(crate) fn pop_known(
        &mut self,
        now: DateTime<Utc>,
        lateness: TimeDelta,
        reported_until: DateTime<Utc>,
        delay: TimeDelta,
    ) -> Option<(Part, Option<DateTime<Utc>>)> {
        let first = self.parts.front()?;
        let is_late = now - first.at < lateness && self.parts.len() <= MAX_WAITING;
        let may_be_reported = first.at > reported_until && self.parts.len() <= MAX_MERGED;
        if is_late || may_be_reported {
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
