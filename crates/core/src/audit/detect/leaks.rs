//! What trickles away while nobody works: each step too small to be a finding, all together too much.
//!
//! Somebody at another machine looks like that too. It is a finding where no use does such a thing: a window that
//! loses points while the others stand still; money, beginning in hours in which the account was never used, where
//! the logs tell of all use.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::detect::classify::CrossWindowBound;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::decaying_sum::DecayingSum;
use crate::audit::model::delta::{Delta, least_money};
use crate::audit::model::series::SeriesModel;
use crate::audit::thresholds;
use crate::audit::{Auditor, LONG, SERIES, all_meters, is_exhausted};
use crate::finding::{Anomaly, Finding};
use crate::meter::Meter;
use crate::reading::Reading;

/// A drain of money that pauses for longer is over.
const PAUSE: TimeDelta = TimeDelta::minutes(45);
/// The same of a window, beside which the others stand still.
const LONG_PAUSE: TimeDelta = TimeDelta::hours(12);
/// A drain of money that lasts longer is weighed anew.
const LONGEST: TimeDelta = TimeDelta::hours(4);
/// Looks further apart do not tell whether it went step by step.
const APART: TimeDelta = TimeDelta::minutes(45);
/// How many times as large as its steps so far one more of them may be.
const LARGER: f64 = 3.0;
/// In so many steps, at least; fewer are weighed one by one.
const STEPS: u32 = 3;
/// Points beyond what another window allows.
const BEYOND_OTHER: f64 = 4.0;
/// A window that moves by no more points stands still.
const STILL: f64 = 0.5;
/// Money in hours in which the account was never used, as a multiple of the least
/// that is worth a finding.
const MONEY_AT_IDLE_HOURS: f64 = 4.0;

/// A drain that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct SlowLeak {
    from: DateTime<Utc>,
    /// The last look that showed a step of it.
    at: DateTime<Utc>,
    before: f64,
    sum: f64,
    /// What of it was booked as somebody else's use.
    booked: f64,
    steps: u32,
    /// What each window lost since it began.
    others: [f64; 4],
    /// It began in hours in which the account was never used.
    idle: bool,
    /// Until then the logs told of all use.
    complete: bool,
    told: bool,
}

impl Auditor {
    /// Takes the movements of a look; `elsewhere` is what was booked as somebody else's use.
    pub(crate) fn drains(
        &mut self,
        reading: &Reading,
        all: &[Option<Delta>; SERIES],
        unusual: [bool; SERIES],
        elsewhere: [f64; SERIES],
        findings: &mut Vec<Finding>,
    ) {
        // At most looks nothing moves.
        let moves = all.iter().flatten().any(|seen| seen.deducted > 0.0 || seen.resets > 0);
        if !moves && self.gauges.iter().flatten().all(|gauge| gauge.drain.is_none()) {
            return;
        }
        let exhausted = is_exhausted(reading, all_meters(all));
        // A new cycle hides what its window lost before, where it lost anything.
        let renewed = all_meters(all).any(|seen| seen.resets > 0 && seen.before > STILL);
        for place in 0..SERIES {
            let Some(gauge) = self.gauges[place].as_deref_mut() else { continue };
            if let Some(drain) = &mut gauge.drain {
                for (sum, other) in drain.others.iter_mut().zip(all) {
                    *sum += other.map_or(0.0, |other| other.deducted);
                }
            }
            let Some(seen) = all[place] else { continue };
            let cut =
                renewed || seen.resets > 0 || seen.returned > 0.0 || seen.granted || seen.span() > APART;
            let lately = gauge.last_use.is_some_and(|last| seen.from - last <= gauge.delay());
            // Wallets pay where a window is used up: somebody works then.
            let worked = seen.fresh > 0.0 || lately || (seen.is_money() && exhausted);
            let over = gauge.drain.is_some_and(|drain| drain.is_over(&seen));
            if cut || worked || over || unusual[place] {
                gauge.drain = None;
                continue;
            }
            if seen.deducted <= 0.0 {
                continue;
            }
            let begins = SlowLeak {
                from: seen.from,
                at: seen.at,
                before: seen.before,
                sum: 0.0,
                booked: 0.0,
                steps: 0,
                others: std::array::from_fn(|other| all[other].map_or(0.0, |other| other.deducted)),
                idle: self.hours.is_idle(seen.from, seen.at),
                complete: !gauge.waits_for_logs(&seen)
                    && gauge.is_complete_but_for(seen.series, elsewhere[place]),
                told: false,
            };
            let drain = gauge.drain.get_or_insert(begins);
            drain.at = seen.at;
            drain.sum += seen.deducted;
            drain.booked += elsewhere[place];
            drain.steps += 1;
            let mut drain = *drain;
            if !drain.told {
                let Some(candidate) = self.drained(place, &seen, &drain, all) else { continue };
                drain.told = true;
                self.tell(seen.series, &candidate, seen.at, findings);
            }
            // It is not somebody else's use.
            if let Some(gauge) = self.gauges[place].as_deref_mut() {
                gauge.unbook(std::mem::take(&mut drain.booked));
                gauge.untold.break_at(seen.at);
                gauge.beside = DecayingSum::default();
                gauge.drain = Some(drain);
            }
        }
    }

    /// What a drain is as a finding, where it is one.
    fn drained(
        &self,
        place: usize,
        seen: &Delta,
        drain: &SlowLeak,
        all: &[Option<Delta>; SERIES],
    ) -> Option<Candidate> {
        let low = drain.sum - seen.slack;
        if drain.steps < STEPS {
            return None;
        }
        let other = self.allowed_in_drain(place, drain, all);
        let beyond = other.map_or(f64::MIN, |other| low - other.most);
        let least = (MONEY_AT_IDLE_HOURS * least_money(seen.series)).max(seen.floor());
        let (reason, high, confidence) = match other {
            Some(other) if beyond >= BEYOND_OTHER => {
                let reason = Reason::Other { moved: other.moved, meter: other.meter };
                (reason, other.most.min(drain.sum), if drain.complete { 0.95 } else { 0.85 })
            }
            None if drain.idle && drain.complete && seen.is_money() && low >= least => {
                (Reason::Use, 0.0, 0.75)
            }
            _ => return None,
        };
        Some(Candidate {
            slack: seen.slack,
            high,
            reason,
            confidence,
            steps: drain.steps,
            ..Candidate::new(
                Anomaly::Unexplained,
                (drain.from, seen.at),
                (drain.before, seen.value),
                drain.sum,
            )
        })
    }

    /// What the other windows allow a drain to have taken, where they stand still and are known to move with it.
    fn allowed_in_drain(
        &self,
        place: usize,
        drain: &SlowLeak,
        all: &[Option<Delta>; SERIES],
    ) -> Option<CrossWindowBound> {
        let still = |other: usize| {
            let seen = all[other]?;
            let moved = drain.others[other];
            let still = moved <= (2.0 * self.step(other)).max(STILL);
            still.then_some(Delta { deducted: moved, ..seen })
        };
        let allowed = |long: usize, other: usize| {
            let exchange = &self.exchanges[long - 1];
            // Where they have begun to move by each other in another way, that is told as a disagreement.
            let learned = exchange.rate(self.step(long)).is_some();
            let lately = |at: DateTime<Utc>| drain.at - at <= thresholds::TOLD_LATELY;
            let steady = other == 0 || !learned || exchange.is_steady(self.step(long));
            if !steady || self.disagreed[long - 1].is_some_and(lately) {
                return None;
            }
            let seen = still(other)?;
            let most = if other == 0 {
                exchange.long_at_most(Meter::ALL[long], &seen, self.step(long))
            } else {
                exchange.short_at_most(Meter::ALL[long], &seen, self.step(long))?
            };
            Some(CrossWindowBound { most, meter: other as u8, moved: seen.deducted, code_alone: false })
        };
        match place {
            // The month is moved by other products too.
            0 => LONG
                .into_iter()
                .filter(|long| *long != 2)
                .filter_map(|long| allowed(long, long))
                .min_by(|a, b| a.most.total_cmp(&b.most)),
            1 | 3 => allowed(place, 0),
            _ => None,
        }
    }
}

impl SlowLeak {
    /// Whether it has paused for too long. Beside a window that stands still it may be as slow as it likes; money
    /// is weighed anew after hours.
    fn is_over(&self, seen: &Delta) -> bool {
        let pause = if seen.is_money() { PAUSE } else { LONG_PAUSE };
        let pauses = !(TimeDelta::zero()..=pause).contains(&(seen.at - self.at));
        let is_long = seen.series.meter().is_some_and(|meter| meter != Meter::FiveHour);
        let moved = is_long && !self.told && self.others[0] > STILL;
        pauses || moved || (seen.is_money() && !self.told && seen.at - self.from > LONGEST)
    }
}

impl SeriesModel {
    /// Whether a drain that was told of goes on.
    pub(crate) fn drains(&self, now: DateTime<Utc>) -> bool {
        self.drain.is_some_and(|drain| drain.told && (TimeDelta::zero()..=PAUSE).contains(&(now - drain.at)))
    }

    /// Whether a larger step belongs to a drain that was told of and goes on.
    pub(crate) fn is_of_drain(&self, seen: &Delta, excess: f64) -> bool {
        let goes_on = seen.resets == 0 && seen.returned <= 0.0 && seen.fresh <= 0.0 && self.drains(seen.at);
        let most =
            self.drain.map_or(0.0, |drain| LARGER * (drain.sum / f64::from(drain.steps)).max(seen.floor()));
        goes_on && excess <= most
    }
}
