//! What trickles away while nobody works: each step too small to be a finding, all together too much.
//!
//! Somebody at another machine looks like that too. It is a finding where no use does such a thing: a window that
//! goes down while the others stand still; money, in hours in which the account was never used, where the logs
//! tell of all use.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::candidate::{Candidate, Reason};
use super::exact;
use super::gauge::Gauge;
use super::judge::Allowed;
use super::seen::{Seen, least_money};
use super::{Auditor, LONG, SERIES, all_meters, is_exhausted, rules};
use crate::finding::{Anomaly, Finding};
use crate::meter::Meter;
use crate::reading::Reading;

/// A drain that pauses for longer is over.
const PAUSE: TimeDelta = TimeDelta::minutes(45);
/// One that lasts longer is weighed anew: what the windows say of each other grows blurred.
const LONGEST: TimeDelta = TimeDelta::hours(4);
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
pub(super) struct Drain {
    from: DateTime<Utc>,
    /// The last look that showed a step of it.
    at: DateTime<Utc>,
    #[serde(with = "exact")]
    before: f64,
    #[serde(with = "exact")]
    sum: f64,
    steps: u32,
    /// What each window lost since it began.
    #[serde(with = "exact")]
    others: [f64; 4],
    /// It began in hours in which the account was never used.
    idle: bool,
    /// Until then the logs told of all use.
    complete: bool,
    told: bool,
}

impl Auditor {
    /// Takes the movements of a look that are nothing unusual by themselves.
    pub(super) fn drains(
        &mut self,
        reading: &Reading,
        all: &[Option<Seen>; SERIES],
        unusual: [bool; SERIES],
        findings: &mut Vec<Finding>,
    ) {
        // At most looks nothing moves.
        let moves = all.iter().flatten().any(|seen| seen.deducted > 0.0);
        if !moves && self.gauges.iter().flatten().all(|gauge| gauge.drain.is_none()) {
            return;
        }
        let exhausted = is_exhausted(reading, all_meters(all));
        for place in 0..SERIES {
            let Some(seen) = all[place] else { continue };
            let Some(gauge) = self.gauges[place].as_deref_mut() else { continue };
            if gauge.drain.is_none() && seen.deducted <= 0.0 {
                continue;
            }
            let cut = seen.resets > 0 || seen.returned > 0.0 || seen.granted || seen.span() > PAUSE;
            // Wallets pay where a window is used up: somebody works then.
            let worked = seen.fresh > 0.0 || gauge.is_at_work(&seen) || (seen.is_money() && exhausted);
            let over =
                gauge.drain.is_some_and(|drain| seen.at - drain.at > PAUSE || seen.at - drain.from > LONGEST);
            let step = unusual[place] && !gauge.has_drain(seen.at);
            if cut || worked || over || step {
                gauge.drain = None;
                continue;
            }
            let begins = Drain {
                from: seen.from,
                at: seen.at,
                before: seen.before,
                sum: 0.0,
                steps: 0,
                others: [0.0; 4],
                idle: self.hours.is_idle(seen.from, seen.at),
                complete: !gauge.waits_for_logs(&seen)
                    && gauge.is_complete_but_for(seen.series, seen.deducted),
                told: false,
            };
            let drain = gauge.drain.get_or_insert(begins);
            for (sum, other) in drain.others.iter_mut().zip(all) {
                *sum += other.map_or(0.0, |other| other.deducted);
            }
            if seen.deducted <= 0.0 {
                continue;
            }
            drain.at = seen.at;
            drain.sum += seen.deducted;
            drain.steps += 1;
            if drain.told {
                // It is not somebody else's use.
                gauge.unbook(seen.deducted);
                continue;
            }
            let drain = *drain;
            if let Some(candidate) = self.drained(place, &seen, &drain, all) {
                self.tell(seen.series, &candidate, seen.at, findings);
                if let Some(gauge) = self.gauges[place].as_deref_mut() {
                    gauge.unbook(drain.sum);
                    gauge.drain = Some(Drain { told: true, ..drain });
                }
            }
        }
    }

    /// What a drain is as a finding, where it is one.
    fn drained(
        &self,
        place: usize,
        seen: &Seen,
        drain: &Drain,
        all: &[Option<Seen>; SERIES],
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
            class: Anomaly::Unexplained,
            from: drain.from,
            to: seen.at,
            before: drain.before,
            after: seen.value,
            observed: drain.sum,
            slack: seen.slack,
            low: 0.0,
            high,
            reason,
            confidence,
            worked: 0.0,
            waited: 0,
            late: 0.0,
            ended: false,
            failures: 0,
            renewed: false,
            steps: drain.steps,
        })
    }

    /// What the other windows allow a drain to have taken, where they stand still and are known to move with it.
    fn allowed_in_drain(&self, place: usize, drain: &Drain, all: &[Option<Seen>; SERIES]) -> Option<Allowed> {
        let step = |long: usize| self.gauges[long].as_ref().map_or(1.0, |gauge| gauge.step);
        let still = |other: usize| {
            let seen = all[other].filter(|seen| seen.resets == 0)?;
            let moved = drain.others[other];
            let still = moved <= (2.0 * step(other)).max(STILL);
            still.then(|| Seen { from: drain.from.max(seen.from), deducted: moved, ..seen })
        };
        let allowed = |long: usize, other: usize| {
            let exchange = &self.exchanges[long - 1];
            // Where they have begun to move by each other in another way, that is told as a disagreement.
            let learned = exchange.rate(step(long)).is_some();
            let lately = |at: DateTime<Utc>| drain.at - at <= rules::CLAWBACK_WITHIN * 4;
            if (learned && !exchange.is_steady(step(long))) || self.disagreed[long - 1].is_some_and(lately) {
                return None;
            }
            let seen = still(other)?;
            let most = if other == 0 {
                exchange.long_at_most(Meter::ALL[long], &seen, step(long))
            } else {
                exchange.short_at_most(Meter::ALL[long], &seen, step(long))?
            };
            Some(Allowed { most, meter: other as u8, moved: seen.deducted, code_alone: false })
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

impl Gauge {
    /// What nobody used is not booked as somebody else's use.
    fn unbook(&mut self, deducted: f64) {
        self.unlogged = (self.unlogged - deducted).max(0.0);
    }

    /// Whether a drain that was told of goes on: a larger step is a part of it.
    pub(super) fn has_drain(&self, at: DateTime<Utc>) -> bool {
        self.drain.is_some_and(|drain| drain.told && at - drain.at <= PAUSE)
    }
}
