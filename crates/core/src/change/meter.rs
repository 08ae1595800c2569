//! One meter from reading to reading: its cycle, its resets, and falls that wait for confirmation.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::movement::Movement;
use super::rules;
use crate::finding::Schedule;
use crate::meter::Meter;
use crate::series::Series;

/// What one reading says of a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sample {
    pub(super) at: DateTime<Utc>,
    /// Percent used.
    pub(super) value: Decimal,
    /// The announced end of the running cycle.
    pub(super) end: Option<DateTime<Utc>>,
}

/// What is remembered of a meter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct MeterTrack {
    /// The last reading that is believed: its value is the accounted one, its end that of the running
    /// cycle. A reading without an end leaves the known one.
    accounted: Sample,
    /// The limit of the service's own count; another limit is another scale.
    limit: Option<Decimal>,
    /// The first low reading of a fall that is not confirmed yet.
    #[serde(default, rename = "fall", skip_serializing_if = "Option::is_none")]
    pending_drop: Option<Sample>,
    /// The last reading that repeated it, and how many have so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeated: Option<Repeated>,
    /// An end whose reset was already seen, while the service may still announce it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spent: Option<DateTime<Utc>>,
    /// The time of the reading that showed the last reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_reset: Option<DateTime<Utc>>,
}

/// Readings that repeated a doubtful one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Repeated {
    /// The last of them.
    at: DateTime<Utc>,
    count: u32,
}

/// What one reading led to in a quota's history.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) movement: Movement,
    pub(super) event: Option<Event>,
}

/// What happened to a meter, beyond use.
#[derive(Debug)]
pub(super) enum Event {
    Reset(Reset),
    Scale(Scale),
}

/// The start of a new cycle.
#[derive(Debug)]
pub(super) struct Reset {
    pub(super) schedule: Schedule,
    /// The last reading of the old cycle.
    pub(super) before: Sample,
    /// The first low reading, where the reset had to wait for this reading to confirm it.
    pub(super) first_low: Option<Sample>,
    /// The first reading of the new cycle, or the one that confirmed it.
    pub(super) after: Sample,
}

/// The limit changed, and with it what a percent is.
#[derive(Debug)]
pub(super) struct Scale {
    pub(super) before: Decimal,
    pub(super) after: Decimal,
    pub(super) before_sample: Sample,
    pub(super) after_sample: Sample,
}

impl Reset {
    /// Whether anything was restored. An unused cycle that gives way to the next is no news.
    pub(super) fn is_worth_telling(&self) -> bool {
        self.before.value >= rules::WORTH_TELLING
    }
}

impl MeterTrack {
    /// The first reading at a meter: nothing is deducted by it.
    pub(super) fn first(meter: Meter, sample: Sample, limit: Option<Decimal>) -> (Self, Movement) {
        let track = Self {
            accounted: sample,
            limit,
            pending_drop: None,
            repeated: None,
            spent: None,
            last_reset: None,
        };
        let movement = Movement::opening(Series::Meter(meter), sample.at, sample.value);
        (track, movement)
    }

    pub(super) const fn is_pending(&self) -> bool {
        self.pending_drop.is_some()
    }

    pub(super) const fn last_reset(&self) -> Option<DateTime<Utc>> {
        self.last_reset
    }

    /// Whether a reading shows nothing used of what was, in the cycle that runs.
    pub(super) fn is_zero_of_this_cycle(&self, sample: &Sample) -> bool {
        let stands = match (self.accounted.end, sample.end) {
            (Some(known), Some(end)) => is_near(known, end) && sample.at < known,
            _ => true,
        };
        sample.value.is_zero() && stands
    }

    /// Takes the next reading. `rescaled` says that percent mean something else from here on, `all_zero` that
    /// all quotas of the reading show nothing used while their cycles go on.
    pub(super) fn take(
        &mut self,
        meter: Meter,
        sample: Sample,
        limit: Option<Decimal>,
        rescaled: bool,
        all_zero: bool,
    ) -> Step {
        if !rescaled && limit == self.limit && self.stands(&sample) {
            let movement = self.movement(meter, sample, Decimal::ZERO, Decimal::ZERO, 0);
            self.accounted = sample;
            return Step { movement, event: None };
        }
        let scale = match (self.limit, limit) {
            (Some(before), Some(after)) if before != after => {
                Some(Scale { before, after, before_sample: self.accounted, after_sample: sample })
            }
            _ => None,
        };
        if rescaled || scale.is_some() {
            let (track, movement) = Self::first(meter, sample, limit.or(self.limit));
            *self = track;
            return Step { movement, event: scale.map(Event::Scale) };
        }
        self.limit = limit.or(self.limit);

        // An end whose reset was seen already says nothing of the cycle that runs now.
        let spent = |end: &DateTime<Utc>| self.spent.is_some_and(|spent| is_near(spent, *end));
        let sample = Sample { end: sample.end.filter(|end| !spent(end)), ..sample };

        let held =
            self.pending_drop.map(|low| Held { low, repeats: self.repeated.map_or(0, |held| held.count) });
        match classify(meter, self.accounted, held, sample, all_zero) {
            CycleStep::Reset(schedule) => {
                let reset =
                    Reset { schedule, before: self.accounted, first_low: self.pending_drop, after: sample };
                // Figures below zero would turn a deduction into its opposite: each goes to its own side.
                let above = |value: Decimal| value.max(Decimal::ZERO);
                let deducted = above(sample.value) + above(-self.accounted.value);
                let returned = above(self.accounted.value) + above(-sample.value);
                let movement = self.movement(meter, sample, deducted, returned, 1);
                self.start_cycle(sample);
                Step { movement, event: Some(Event::Reset(reset)) }
            }
            CycleStep::Wait => {
                let movement = self.movement(meter, sample, Decimal::ZERO, Decimal::ZERO, 0);
                self.hold(sample);
                Step { movement, event: None }
            }
            CycleStep::Same => {
                let moved = sample.value - self.accounted.value;
                let (deducted, returned) = (moved.max(Decimal::ZERO), (-moved).max(Decimal::ZERO));
                let movement = self.movement(meter, sample, deducted, returned, 0);
                self.release();
                self.accounted = Sample { end: sample.end.or(self.accounted.end), ..sample };
                Step { movement, event: None }
            }
        }
    }

    /// Whether a reading shows what the last one did, in the midst of a cycle, with nothing in doubt: as most do,
    /// and then there is nothing to be judged.
    fn stands(&self, sample: &Sample) -> bool {
        self.pending_drop.is_none()
            && self.spent.is_none()
            && sample.value == self.accounted.value
            && sample.end == self.accounted.end
            && sample.end.is_none_or(|due| sample.at - due < -rules::CLOCK_SKEW)
    }

    fn start_cycle(&mut self, sample: Sample) {
        let old_end = self.accounted.end;
        // Where the new end is not announced yet, the old one is over and must not count once more.
        let stale = sample.end.is_none_or(|end| old_end.is_some_and(|old| is_near(old, end)));
        let over = old_end.is_some_and(|old| old - sample.at <= rules::CLOCK_SKEW);
        if stale && over {
            self.spent = old_end;
            self.accounted = Sample { end: None, ..sample };
        } else {
            // An early reset may leave the end where it was: then it is the new cycle's end.
            self.accounted = Sample { end: sample.end.or(old_end), ..sample };
        }
        self.release();
        self.last_reset = Some(sample.at);
    }

    /// Keeps a doubtful reading, or counts one more that repeats it.
    fn hold(&mut self, sample: Sample) {
        match self.pending_drop {
            Some(low) if repeats(self.accounted, low, sample) => {
                let count = self.repeated.map_or(0, |held| held.count).saturating_add(1);
                self.repeated = Some(Repeated { at: sample.at, count });
            }
            _ => {
                self.pending_drop = Some(sample);
                self.repeated = None;
            }
        }
    }

    const fn release(&mut self) {
        self.pending_drop = None;
        self.repeated = None;
    }

    fn movement(
        &self,
        meter: Meter,
        sample: Sample,
        deducted: Decimal,
        returned: Decimal,
        resets: u32,
    ) -> Movement {
        let held = self.repeated.map(|held| held.at).or(self.pending_drop.map(|fall| fall.at));
        let previous = held.unwrap_or(self.accounted.at);
        Movement {
            series: Series::Meter(meter),
            from: Some(previous.min(sample.at)),
            at: sample.at,
            value: self.accounted.value + deducted - returned,
            deducted,
            returned,
            resets,
        }
    }
}

/// What a reading means for the cycle.
enum CycleStep {
    /// A new cycle begins with it.
    Reset(Schedule),
    /// It fell, and the next reading shall say whether that is true.
    Wait,
    /// It belongs to the same cycle.
    Same,
}

/// A fall that waits for confirmation.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// The first low reading.
    low: Sample,
    /// How many have repeated it.
    repeats: u32,
}

/// Whether a reading repeats a doubtful one: still low, closer to where it fell than to where it was.
fn repeats(before: Sample, low: Sample, now: Sample) -> bool {
    before.value - now.value > rules::ROUNDING
        && now.value - low.value <= (before.value - low.value) / Decimal::TWO
}

/// Weighs a reading against the accounted one and a fall that waits for confirmation.
fn classify(meter: Meter, before: Sample, held: Option<Held>, now: Sample, all_zero: bool) -> CycleStep {
    let fall = held.map(|held| held.low);
    let drop = before.value - now.value;
    let has_fallen = drop > rules::ROUNDING;
    // Emptied, or nearly: a new cycle may have seen use since.
    let is_low = now.value <= rules::LOW || now.value + now.value <= before.value;
    let moved = match (before.end, now.end) {
        (Some(before), Some(now)) => now - before,
        _ => TimeDelta::zero(),
    };

    // 1. The announced end has passed.
    if let Some(due) = before.end
        && now.at - due >= -rules::CLOCK_SKEW
    {
        // The last reading that showed the old cycle.
        let schedule = if before.at - due >= rules::GRACE { Schedule::Late } else { Schedule::OnTime };
        if moved >= meter.nominal_length() / 2 {
            return CycleStep::Reset(schedule);
        }
        // An end that has gone from the body is part of an unused new cycle; one that still stands in
        // the past is not, so that a body of zeros just then must be repeated to be believed.
        let confirmed = fall.is_some_and(|fall| fall.at - due >= -rules::CLOCK_SKEW);
        if now.at >= due
            && has_fallen
            && is_low
            && (now.end.is_none() || confirmed || moved > rules::END_JITTER)
        {
            return CycleStep::Reset(schedule);
        }
    }

    let is_repeated = fall.is_some_and(|low| repeats(before, low, now));
    // 2. A new end while time was left. Single answers of another state have been seen among right ones, so that
    // the next reading must show the same.
    let is_new = moved > rules::END_JITTER && has_fallen && is_low;
    let was_new = fall
        .is_some_and(|low| low.end.zip(before.end).is_some_and(|(new, old)| new - old > rules::END_JITTER));
    if is_repeated && (is_new || (was_new && moved > rules::END_JITTER)) {
        return CycleStep::Reset(Schedule::Early);
    }
    if is_new {
        return CycleStep::Wait;
    }

    // 3. A fall that nothing announced. A whole answer of zeros has been seen for several polls before the figures
    // were back, so that it must last.
    match held {
        Some(Held { low, repeats })
            if is_repeated
                && all_zero
                && (repeats < rules::ZEROS_REPEATED || now.at - low.at < rules::ZEROS_LAST) =>
        {
            CycleStep::Wait
        }
        Some(Held { low, .. }) if is_repeated => {
            if before.value - low.value >= rules::STANDING_RESET && low.value <= rules::LOW {
                CycleStep::Reset(Schedule::Early)
            } else {
                CycleStep::Same
            }
        }
        None if has_fallen || (now.value <= Decimal::ZERO && drop > Decimal::ZERO) => CycleStep::Wait,
        // The cycle goes on. After a doubtful reading: back where it was, or somewhere in between, and the
        // difference to what was accounted before the fall is what is true.
        Some(_) | None => CycleStep::Same,
    }
}

fn is_near(one: DateTime<Utc>, other: DateTime<Utc>) -> bool {
    (one - other).abs() <= rules::END_JITTER
}
