//! What was deducted while this machine worked, and while it paused in between.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Up to so long after the last use a pause counts as rest; later it is a night.
const BESIDE_WORK: TimeDelta = TimeDelta::hours(2);
/// Polls further apart do not show what was deducted while this machine paused.
const APART: TimeDelta = TimeDelta::hours(1);

/// What was deducted while this machine was in use and in its pauses, summed up from the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Sums", into = "Sums")]
pub(crate) struct IdleTotals {
    pub(crate) worked: f64,
    pub(crate) worked_minutes: f64,
    pub(crate) rested: f64,
    pub(crate) rested_minutes: f64,
}

/// As it is written down: each sample that is held has one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
struct Sums([f64; 4]);

impl From<Sums> for IdleTotals {
    fn from(Sums([worked, worked_minutes, rested, rested_minutes]): Sums) -> Self {
        Self { worked, worked_minutes, rested, rested_minutes }
    }
}

impl From<IdleTotals> for Sums {
    fn from(rest: IdleTotals) -> Self {
        Self([rest.worked, rest.worked_minutes, rest.rested, rest.rested_minutes])
    }
}

impl IdleTotals {
    /// Whether nothing was seen yet.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what was deducted between two polls; `last` is the last use before, which may take `delay` to show.
    pub(crate) fn note(
        &mut self,
        (from, at): (DateTime<Utc>, DateTime<Utc>),
        deducted: f64,
        last: DateTime<Utc>,
        delay: TimeDelta,
    ) {
        let since = from - last;
        if since > BESIDE_WORK || at - from > APART || at <= from {
            return;
        }
        let minutes = (at - from).num_seconds() as f64 / 60.0;
        if since <= delay {
            self.worked += deducted;
            self.worked_minutes += minutes;
        } else {
            self.rested += deducted;
            self.rested_minutes += minutes;
        }
    }

    /// The same, where this machine may never have worked.
    pub(crate) fn note_after(
        &mut self,
        span: (DateTime<Utc>, DateTime<Utc>),
        deducted: f64,
        last: Option<DateTime<Utc>>,
        delay: TimeDelta,
    ) {
        if let Some(last) = last {
            self.note(span, deducted, last, delay);
        }
    }

    /// Halves all sums, so that older samples count less.
    pub(crate) fn halve(&mut self) {
        for sum in [&mut self.worked, &mut self.worked_minutes, &mut self.rested, &mut self.rested_minutes] {
            *sum *= 0.5;
        }
    }

    /// What came since an earlier moment.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            worked: self.worked - earlier.worked,
            worked_minutes: self.worked_minutes - earlier.worked_minutes,
            rested: self.rested - earlier.rested,
            rested_minutes: self.rested_minutes - earlier.rested_minutes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-09-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    #[test]
    fn nights_and_gaps_tell_nothing_of_a_rest() {
        let mut rest = IdleTotals::default();
        rest.note((at(0), at(90)), 9.0, at(0), TimeDelta::minutes(10));
        rest.note((at(200), at(230)), 9.0, at(0), TimeDelta::minutes(10));
        assert_eq!(rest, IdleTotals::default());
    }
}
