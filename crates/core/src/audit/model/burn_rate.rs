//! How fast an account takes from a series while it is used, session by session: all that can show a
//! price that went up where no log shows the usage.
//!
//! Someone who works more fills more hours, but not faster; someone whose usage costs a multiple fills every
//! hour faster. A dearer model and more agents at once appear the same, so this is reported with little confidence,
//! and only where it holds for some sessions on more than one day. How fast the sessions before were is learned as a
//! distribution: it has a long upper side, since some sessions have more agents or a dearer model. A sequential sum
//! (CUSUM) weighs "all are so much faster" against it. How well that can work at best is measured by the benchmark.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::change_point::DetectedShift;
use crate::audit::model::delta::Delta;
use crate::audit::thresholds;

/// How many sessions are remembered.
const MAX_KEPT: usize = 60;
/// So many sessions over so many days must have shown how fast is usual.
const MIN_SESSIONS: usize = 10;
const MIN_DAYS: i64 = 6;
/// How many faster sessions over how many days are needed at least.
const MIN_FASTER: usize = 3;
const MIN_FASTER_DAYS: usize = 2;
/// The factors that are tried.
const FACTORS: [f64; 6] = [2.0, 2.8, 4.0, 5.6, 8.0, 11.0];
/// The sum at which it is believed.
const BELIEVED: f64 = 8.0;
/// The kernels around the paces that were seen are never narrower, as a natural logarithm.
const MIN_WIDTH: f64 = 0.3;
/// How likely any pace is, so that none is impossible that was never seen before: one session in fifty has a pace
/// anywhere within some eight natural logarithms, from a hundredth of a point an hour to a whole quota in minutes.
const ANY_PACE: f64 = 0.02 / 8.0;
/// A session shorter than this says little of a rate.
const MIN_SESSION: TimeDelta = TimeDelta::minutes(10);

/// One session.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct WorkSession {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    amount: f64,
}

impl WorkSession {
    /// What was taken in an hour, as a natural logarithm.
    fn rate(&self) -> f64 {
        let hours = (self.to - self.from).max(MIN_SESSION).num_seconds() as f64 / 3600.0;
        (self.amount / hours).ln()
    }

    fn day(&self) -> i64 {
        self.from.timestamp().div_euclid(86_400)
    }
}

/// The sessions so far, and the test.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct BurnRate {
    open: Option<WorkSession>,
    /// Those that show how fast is usual, oldest first.
    usual: VecDeque<WorkSession>,
    /// Those that may be faster, oldest first.
    held: VecDeque<WorkSession>,
    sums: [f64; FACTORS.len()],
}

impl BurnRate {
    /// Takes a movement that no log shows. Gives a lasting shift where one is believed.
    pub(crate) fn take(&mut self, seen: &Delta, step: f64) -> Option<DetectedShift> {
        // Over a gap it is unknown when it was used.
        if seen.resets > 0 || seen.returned > 0.0 || seen.span() > thresholds::TEMPO_GAP {
            return self.close(seen.floor(), step);
        }
        let ended = self.open.is_some_and(|open| seen.from - open.to >= thresholds::SETTLED);
        let shifted = if ended { self.close(seen.floor(), step) } else { None };
        if seen.deducted > 0.0 {
            let open = self.open.get_or_insert(WorkSession { from: seen.from, to: seen.at, amount: 0.0 });
            open.amount += seen.deducted;
            open.to = seen.at;
        }
        shifted
    }

    /// Whether no session is open.
    pub(crate) const fn rests(&self) -> bool {
        self.open.is_none()
    }

    /// After it was reported, or where something else is known to be the matter: all begins again.
    pub(crate) fn restart(&mut self) {
        *self = Self::default();
    }

    fn close(&mut self, floor: f64, step: f64) -> Option<DetectedShift> {
        let session = self.open.take()?;
        // Less than this may be as good as all rounding.
        if session.amount < (3.0 * step).max(0.2 * floor) {
            return None;
        }
        let days = self.usual.back().zip(self.usual.front()).map_or(0, |(b, a)| b.day() - a.day());
        if self.usual.len() < MIN_SESSIONS || days < MIN_DAYS {
            self.learn(session);
            return None;
        }
        let usual = Pace::of(&self.usual);
        let rate = session.rate();
        let as_ever = usual.density(rate);
        for (sum, factor) in self.sums.iter_mut().zip(FACTORS) {
            *sum = (*sum + (usual.density(rate - factor.ln()) / as_ever).ln()).max(0.0);
        }
        self.held.push_back(session);
        let best = self.sums.iter().copied().fold(0.0, f64::max);
        if best <= 0.0 {
            for session in std::mem::take(&mut self.held) {
                self.learn(session);
            }
            return None;
        }
        if self.held.len() > MAX_KEPT / 2
            && let Some(oldest) = self.held.pop_front()
        {
            self.learn(oldest);
        }
        let mut days: Vec<i64> = self.held.iter().map(WorkSession::day).collect();
        days.dedup();
        if best < BELIEVED || self.held.len() < MIN_FASTER || days.len() < MIN_FASTER_DAYS {
            return None;
        }
        self.shifted(&usual, best)
    }

    fn learn(&mut self, session: WorkSession) {
        if self.usual.len() >= MAX_KEPT {
            self.usual.pop_front();
        }
        self.usual.push_back(session);
    }

    fn shifted(&self, usual: &Pace, weight: f64) -> Option<DetectedShift> {
        let mut rates: Vec<f64> = self.held.iter().map(WorkSession::rate).collect();
        rates.sort_unstable_by(f64::total_cmp);
        let factor = (rates[rates.len() / 2] - usual.middle()).exp();
        let scatter = usual.scatter.max(MIN_WIDTH);
        let spread = scatter / (rates.len() as f64).sqrt() + scatter / (self.usual.len() as f64).sqrt();
        let seen: f64 = self.held.iter().map(|session| session.amount).sum();
        (factor * (-spread).exp() > 1.3).then_some(DetectedShift {
            from: self.held.front()?.from,
            factor,
            low: factor * (-spread).exp(),
            high: factor * spread.exp(),
            seen,
            expected: seen / factor,
            samples: self.held.len(),
            weight,
            price_log_odds: 0.0,
            rested: (0.0, 0.0),
        })
    }
}

/// The usual paces, as a distribution of their logarithms.
struct Pace {
    /// Sorted.
    rates: Vec<f64>,
    /// How far they scatter around their middle: the wider of the two sides.
    scatter: f64,
    width: f64,
}

impl Pace {
    /// The paces of some sessions, of which there are some.
    fn of(sessions: &VecDeque<WorkSession>) -> Self {
        let mut rates: Vec<f64> = sessions.iter().map(WorkSession::rate).collect();
        rates.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| rates[((rates.len() - 1) as f64 * share).round() as usize];
        let scatter = (at(0.85) - at(0.5)).max(at(0.5) - at(0.15)) / 1.04;
        let width = (1.06 * scatter * (rates.len() as f64).powf(-0.2)).max(MIN_WIDTH);
        Self { rates, scatter, width }
    }

    fn middle(&self) -> f64 {
        self.rates[(self.rates.len() - 1) / 2]
    }

    /// How likely a pace is, but for a factor.
    fn density(&self, rate: f64) -> f64 {
        let kernels: f64 =
            self.rates.iter().map(|one| (-0.5 * ((rate - one) / self.width).powi(2)).exp()).sum();
        let norm = (2.0 * std::f64::consts::PI).sqrt() * self.width;
        kernels / (self.rates.len() as f64 * norm) + ANY_PACE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::Meter;
    use crate::series::Series;

    /// A month of two sessions a day at rates that scatter by a factor of two either way, `factor` times as
    /// fast from a day on. The day on which that was believed, if it was.
    fn month(factor: f64, from: i64, days: i64) -> Option<(i64, DetectedShift)> {
        let mut burn_rate = BurnRate::default();
        let start: DateTime<Utc> = "2026-09-01T08:00:00Z".parse().unwrap();
        let mut dice = 7_u64;
        for day in 0..days {
            for hour in [0, 6] {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let scatter = ((dice >> 33) as f64 / (1_u64 << 31) as f64 - 0.5) * 1.4;
                let times = if day >= from { factor } else { 1.0 };
                for look in 0..40 {
                    let at =
                        start + TimeDelta::days(day) + TimeDelta::hours(hour) + TimeDelta::minutes(look * 5);
                    let deducted = if look < 8 { 0.5 * scatter.exp() * times } else { 0.0 };
                    let seen = Delta::of_use(
                        Series::Meter(Meter::FiveHour),
                        at - TimeDelta::minutes(5),
                        at,
                        deducted,
                    );
                    if let Some(shifted) = burn_rate.take(&seen, 0.01) {
                        return Some((day, shifted));
                    }
                }
            }
        }
        None
    }

    #[test]
    fn a_steady_account_is_never_faster() {
        assert_eq!(month(1.0, 0, 300), None);
    }

    #[test]
    fn every_stretch_five_times_as_fast_is_told_within_days() {
        let (day, shifted) = month(5.0, 20, 40).unwrap();
        assert!((21..24).contains(&day), "{day}");
        assert!(shifted.low < 5.0 && 5.0 < shifted.high, "{shifted:?}");
    }

    #[test]
    fn one_fast_day_is_none() {
        let mut burn_rate = BurnRate::default();
        let start: DateTime<Utc> = "2026-09-01T08:00:00Z".parse().unwrap();
        for day in 0..30 {
            for look in 0..40 {
                let at = start + TimeDelta::days(day) + TimeDelta::minutes(look * 5);
                let deducted =
                    if look < 8 { if day == 20 { 9.0 } else { 0.5 + day as f64 * 0.01 } } else { 0.0 };
                let seen =
                    Delta::of_use(Series::Meter(Meter::FiveHour), at - TimeDelta::minutes(5), at, deducted);
                assert_eq!(burn_rate.take(&seen, 0.01), None, "day {day}");
            }
        }
    }
}
