//! What leaks from a series while no one works, in steps too small to be findings one by one.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::delta::{Delta, Deltas};
use crate::audit::slot::{Slot, SlotMap};
use crate::meter::Meter;

/// A leak of money that pauses for longer has ended.
const PAUSE: TimeDelta = TimeDelta::minutes(45);
/// The same of a quota, beside which the others stand still.
const LONG_PAUSE: TimeDelta = TimeDelta::hours(12);
/// A leak of money that lasts longer is weighed again from its beginning.
const MAX_MONEY_SPAN: TimeDelta = TimeDelta::hours(4);
/// How many times as large as its steps so far one more of them may be.
const LARGER: f64 = 3.0;
/// A quota that moves by no more points stands still.
pub(crate) const STILL: f64 = 0.5;

/// A leak that continues.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct SlowLeak {
    pub(crate) from: DateTime<Utc>,
    /// The last poll that showed a step of it.
    pub(crate) at: DateTime<Utc>,
    pub(crate) before: f64,
    pub(crate) sum: f64,
    /// What of it was booked as usage elsewhere.
    booked: f64,
    pub(crate) steps: u32,
    /// What each quota lost since it began.
    others: SlotMap<f64>,
    /// It began in hours in which the account was never used.
    pub(crate) idle: bool,
    /// Until then the logs held all usage.
    pub(crate) complete: bool,
    reported: bool,
}

impl SlowLeak {
    /// A leak that begins with a poll, before its first step is added.
    pub(crate) fn beginning(delta: &Delta, all: &Deltas, idle: bool, complete: bool) -> Self {
        let lost =
            |slot: Slot| all[slot].filter(|_| slot.meter().is_some()).map_or(0.0, |other| other.deducted);
        Self {
            from: delta.from,
            at: delta.at,
            before: delta.before,
            sum: 0.0,
            booked: 0.0,
            steps: 0,
            others: SlotMap::from_fn(lost),
            idle,
            complete,
            reported: false,
        }
    }

    /// Notes what the quotas lost at a poll.
    pub(crate) fn note_others(&mut self, all: &Deltas) {
        for (slot, sum) in self.others.iter_mut().filter(|(slot, _)| slot.meter().is_some()) {
            *sum += all[slot].map_or(0.0, |other| other.deducted);
        }
    }

    /// Adds a step, of which `elsewhere` was booked as usage elsewhere.
    pub(crate) fn add(&mut self, delta: &Delta, elsewhere: f64) {
        self.at = delta.at;
        self.sum += delta.deducted;
        self.booked += elsewhere;
        self.steps += 1;
    }

    /// What another quota lost since it began.
    pub(crate) fn lost(&self, other: Slot) -> f64 {
        self.others[other]
    }

    /// Whether it is a finding already.
    pub(crate) const fn is_reported(&self) -> bool {
        self.reported
    }

    /// Notes that it is a finding now.
    pub(crate) const fn report(&mut self) {
        self.reported = true;
    }

    /// Takes what was booked as usage elsewhere.
    pub(crate) const fn take_booked(&mut self) -> f64 {
        std::mem::replace(&mut self.booked, 0.0)
    }

    /// Whether it has paused for too long. Beside a quota that stands still it may be as slow as it likes; money
    /// is weighed again after hours.
    pub(crate) fn is_over(&self, delta: &Delta) -> bool {
        let pause = if delta.is_money() { PAUSE } else { LONG_PAUSE };
        let pauses = !(TimeDelta::zero()..=pause).contains(&(delta.at - self.at));
        let is_long = delta.series.meter().is_some_and(|meter| meter != Meter::FiveHour);
        let moved = is_long && !self.reported && self.lost(Slot::FiveHour) > STILL;
        pauses || moved || (delta.is_money() && !self.reported && delta.at - self.from > MAX_MONEY_SPAN)
    }

    /// Whether it is a finding and continues.
    pub(crate) fn goes_on(&self, now: DateTime<Utc>) -> bool {
        self.reported && (TimeDelta::zero()..=PAUSE).contains(&(now - self.at))
    }

    /// The most that one more step of it may be.
    pub(crate) fn max_step(&self, floor: f64) -> f64 {
        LARGER * (self.sum / f64::from(self.steps)).max(floor)
    }
}
