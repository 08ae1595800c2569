//! One meter from reading to reading: its cycle, its resets, and falls that wait for confirmation.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::doubt::{Doubts, Repeated, has_lasted};
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
    /// The first reading of a rise that is not confirmed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rise: Option<Sample>,
    /// The first answer of the cycle just left, after the one that followed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lagging: Option<Sample>,
    /// The last reading that repeated the one of these three that waits, and how many have so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeated: Option<Repeated>,
    /// The cycle just left, where its end is another than that of the running one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<LeftCycle>,
    /// An end whose reset was already seen, while the service may still announce it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spent: Option<DateTime<Utc>>,
    /// The time of the reading that showed the last reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_reset: Option<DateTime<Utc>>,
}

/// A cycle that is over, by what it was last known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct LeftCycle {
    end: DateTime<Utc>,
    /// Percent used before the reset.
    value: Decimal,
}

/// What one reading led to in a quota's history.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) movement: Movement,
    pub(super) event: Option<Event>,
    /// When a rise was first shown that this reading confirms.
    pub(super) first_seen: Option<DateTime<Utc>>,
}

impl Step {
    pub(super) const fn of(movement: Movement) -> Self {
        Self { movement, event: None, first_seen: None }
    }
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
            rise: None,
            lagging: None,
            repeated: None,
            left: None,
            spent: None,
            last_reset: None,
        };
        let movement = Movement::opening(Series::Meter(meter), sample.at, sample.value);
        (track, movement)
    }

    pub(super) const fn is_pending(&self) -> bool {
        self.pending_drop.is_some() || self.rise.is_some() || self.lagging.is_some()
    }

    pub(super) const fn accounted(&self) -> Sample {
        self.accounted
    }

    pub(super) const fn last_reset(&self) -> Option<DateTime<Utc>> {
        self.last_reset
    }

    /// Whether a reading shows so much more than the last one of its cycle as no usage takes of all quotas at once;
    /// `None` where it was used up before.
    pub(super) fn has_jumped(&self, at: DateTime<Utc>, value: Decimal) -> Option<bool> {
        let rise = value - self.accounted.value;
        let is_full = value >= rules::FULL;
        // What a cycle that began since shows says nothing of the others.
        if self.accounted.end.is_some_and(|due| at - due >= -rules::CLOCK_SKEW) {
            return Some(false);
        }
        if is_full && self.accounted.value >= rules::FULL {
            return None;
        }
        Some(rise >= rules::JUMP || (is_full && rise > rules::ROUNDING))
    }

    /// Takes the next reading. `rescaled` says that percent mean something else from here on, `doubts` why the reading
    /// as a whole may not be true.
    pub(super) fn take(
        &mut self,
        meter: Meter,
        sample: Sample,
        limit: Option<Decimal>,
        rescaled: bool,
        doubts: Doubts,
    ) -> Step {
        if !rescaled && limit == self.limit && self.stands(&sample) {
            let movement = self.movement(meter, sample, Decimal::ZERO, Decimal::ZERO, 0);
            self.accounted = sample;
            return Step::of(movement);
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
            return Step { event: scale.map(Event::Scale), ..Step::of(movement) };
        }
        self.limit = limit.or(self.limit);

        if self.is_of_left_cycle(&sample) {
            if !self.has_come_back(&sample) {
                return self.wait(meter, sample, Doubt::Lagging);
            }
            // It runs again: what followed it was not true, or was taken back. Its figure has been repeated.
            self.rise = self.lagging.take();
            (self.left, self.spent) = (None, None);
        }

        // An end whose reset was seen already says nothing of the cycle that runs now.
        let spent = |end: &DateTime<Utc>| self.spent.is_some_and(|spent| is_near(spent, *end));
        let sample = Sample { end: sample.end.filter(|end| !spent(end)), ..sample };

        let held = self.pending_drop.map(|low| Held { low, repeated: self.repeated });
        match classify(meter, self.accounted, held, sample, doubts) {
            CycleStep::Reset(schedule) => {
                let reset =
                    Reset { schedule, before: self.accounted, first_low: self.pending_drop, after: sample };
                // Figures below zero would turn a deduction into its opposite: each goes to its own side.
                let above = |value: Decimal| value.max(Decimal::ZERO);
                let deducted = above(sample.value) + above(-self.accounted.value);
                let returned = above(self.accounted.value) + above(-sample.value);
                let movement = self.movement(meter, sample, deducted, returned, 1);
                self.start_cycle(sample);
                Step { event: Some(Event::Reset(reset)), ..Step::of(movement) }
            }
            CycleStep::Wait => self.wait(meter, sample, Doubt::Fall),
            CycleStep::Same if self.is_doubtful_rise(&sample, doubts) => {
                self.wait(meter, sample, Doubt::Rise)
            }
            CycleStep::Same => {
                let moved = sample.value - self.accounted.value;
                let (deducted, returned) = (moved.max(Decimal::ZERO), (-moved).max(Decimal::ZERO));
                let movement = self.movement(meter, sample, deducted, returned, 0);
                let first_seen = self.confirmed_rise(&sample).map(|rise| rise.at);
                self.release();
                self.accounted = Sample { end: sample.end.or(self.accounted.end), ..sample };
                Step { first_seen, ..Step::of(movement) }
            }
        }
    }

    /// Whether a reading shows what the last one did, in the midst of a cycle, with nothing in doubt: as most do,
    /// and then there is nothing to be judged.
    fn stands(&self, sample: &Sample) -> bool {
        !self.is_pending()
            && self.spent.is_none()
            && sample.value == self.accounted.value
            && sample.end == self.accounted.end
            && sample.end.is_none_or(|due| sample.at - due < -rules::CLOCK_SKEW)
    }

    /// Whether an answer is of the cycle just left: one that lags behind those before it. An end alone does not say so
    /// while the running cycle has announced no other: then it must also show about what was used before.
    fn is_of_left_cycle(&self, sample: &Sample) -> bool {
        let (Some(left), Some(end)) = (self.left, sample.end) else { return false };
        if !is_near(left.end, end) {
            return false;
        }
        let rise = sample.value - self.accounted.value;
        self.accounted.end.is_some_and(|running| !is_near(running, left.end))
            || (rise > rules::ROUNDING && left.value - sample.value <= rise)
    }

    /// Whether the cycle just left has been shown again for so long that it runs: where its end has passed, that must
    /// last, else a second answer says so.
    fn has_come_back(&self, sample: &Sample) -> bool {
        let Some(first) = self.lagging else { return false };
        let is_over = sample.end.is_some_and(|end| end - sample.at <= rules::CLOCK_SKEW);
        !is_over || has_lasted(first.at, self.repeated, sample.at)
    }

    /// The rise that waits, where a reading agrees with it: closer to it than to what was before.
    fn confirmed_rise(&self, sample: &Sample) -> Option<Sample> {
        let risen = |value: Decimal| value - self.accounted.value;
        self.rise.filter(|rise| risen(sample.value) + risen(sample.value) >= risen(rise.value))
    }

    /// Whether a rise has to be confirmed: all quotas jumped, or it is unknown whose answer it is. Of an unknown user,
    /// it must last, unless a reading names the user before.
    fn is_doubtful_rise(&self, sample: &Sample, doubts: Doubts) -> bool {
        let may_be_of_another = doubts.unnamed && sample.value - self.accounted.value >= rules::UNNAMED_JUMP;
        match self.confirmed_rise(sample) {
            Some(rise) => may_be_of_another && !has_lasted(rise.at, self.repeated, sample.at),
            None => {
                may_be_of_another
                    || (doubts.all_rose && self.has_jumped(sample.at, sample.value) == Some(true))
            }
        }
    }

    fn start_cycle(&mut self, sample: Sample) {
        let old_end = self.accounted.end;
        // Where the new end is not announced yet, the old one is over and must not count once more.
        let stale = sample.end.is_none_or(|end| old_end.is_some_and(|old| is_near(old, end)));
        let over = old_end.is_some_and(|old| old - sample.at <= rules::CLOCK_SKEW);
        self.left =
            old_end.filter(|_| !stale || over).map(|end| LeftCycle { end, value: self.accounted.value });
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

    /// Leaves everything as it was accounted, until a later reading says whether this one is true.
    fn wait(&mut self, meter: Meter, sample: Sample, doubt: Doubt) -> Step {
        let movement = self.movement(meter, sample, Decimal::ZERO, Decimal::ZERO, 0);
        let repeats = match doubt {
            Doubt::Fall => self.pending_drop.is_some_and(|low| repeats(self.accounted, low, sample)),
            Doubt::Rise => self.confirmed_rise(&sample).is_some(),
            Doubt::Lagging => self.lagging.is_some(),
        };
        if repeats {
            self.repeated = Some(Repeated::next(self.repeated, sample.at));
        } else {
            self.release();
            let first = match doubt {
                Doubt::Fall => &mut self.pending_drop,
                Doubt::Rise => &mut self.rise,
                Doubt::Lagging => &mut self.lagging,
            };
            *first = Some(sample);
        }
        Step::of(movement)
    }

    const fn release(&mut self) {
        self.pending_drop = None;
        self.rise = None;
        self.lagging = None;
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
        let first = self.pending_drop.or(self.rise).or(self.lagging);
        let held = self.repeated.map(|held| held.at).or(first.map(|first| first.at));
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

/// Why a reading waits.
#[derive(Debug, Clone, Copy)]
enum Doubt {
    /// It fell, and nothing announced it.
    Fall,
    /// It rose as usage does not make it rise, or as another user's figure may.
    Rise,
    /// It is of the cycle just left.
    Lagging,
}

/// A fall that waits for confirmation.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// The first low reading.
    low: Sample,
    /// What has repeated it.
    repeated: Option<Repeated>,
}

/// Whether a figure fell by more than rounding, or to nothing.
fn has_fallen(before: Sample, now: Sample) -> bool {
    let drop = before.value - now.value;
    drop > rules::ROUNDING || (now.value <= Decimal::ZERO && drop > Decimal::ZERO)
}

/// Whether a reading repeats a doubtful one: still low, closer to where it fell than to where it was.
fn repeats(before: Sample, low: Sample, now: Sample) -> bool {
    has_fallen(before, now) && now.value - low.value <= (before.value - low.value) / Decimal::TWO
}

/// Weighs a reading against the accounted one and a fall that waits for confirmation.
fn classify(meter: Meter, before: Sample, held: Option<Held>, now: Sample, doubts: Doubts) -> CycleStep {
    let fall = held.map(|held| held.low);
    let has_dropped = before.value - now.value > rules::ROUNDING;
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
            && has_dropped
            && is_low
            && (now.end.is_none() || confirmed || moved > rules::END_JITTER)
        {
            return CycleStep::Reset(schedule);
        }
    }

    let repeated = held.filter(|held| repeats(before, held.low, now));
    let must_last = repeated.is_some_and(|held| !has_lasted(held.low.at, held.repeated, now.at));
    if must_last && doubts.unnamed {
        return CycleStep::Wait;
    }
    // 2. A new end while time was left. Single answers of another state have been seen among right ones, so that
    // the next reading must show the same.
    let is_new = moved > rules::END_JITTER && has_dropped && is_low;
    let was_new = fall
        .is_some_and(|low| low.end.zip(before.end).is_some_and(|(new, old)| new - old > rules::END_JITTER));
    if repeated.is_some() && (is_new || (was_new && moved > rules::END_JITTER)) {
        return CycleStep::Reset(Schedule::Early);
    }
    if is_new {
        return CycleStep::Wait;
    }

    // 3. A fall that nothing announced. Figures at zero, or near it, have been seen for several polls before they were
    // back: a reset has usage after it, or lasts.
    // An end that has gone from the body does not stand: an unused new cycle has none yet.
    let stands = now.end.is_some() || before.end.is_none();
    match repeated {
        Some(_) if must_last && stands && now.value <= rules::LOW => CycleStep::Wait,
        Some(Held { low, .. })
            if before.value - low.value >= rules::STANDING_RESET && low.value <= rules::LOW =>
        {
            CycleStep::Reset(Schedule::Early)
        }
        None if held.is_none() && has_fallen(before, now) => CycleStep::Wait,
        // The cycle goes on. After a doubtful reading: back where it was, or somewhere in between, and the
        // difference to what was accounted before the fall is what is true.
        Some(_) | None => CycleStep::Same,
    }
}

fn is_near(one: DateTime<Utc>, other: DateTime<Utc>) -> bool {
    (one - other).abs() <= rules::END_JITTER
}
