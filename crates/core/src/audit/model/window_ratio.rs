//! What a point of the 5-hour window is in points of a longer one: steady within a plan.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::change_point::{ChangePointDetector, DetectedShift, TestConfig};
use crate::audit::model::delta::Delta;
use crate::audit::model::idle_totals::IdleTotals;
use crate::audit::thresholds;
use crate::meter::Meter;

/// The exchange between the 5-hour window and one longer window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct WindowRatio {
    short: f64,
    long: f64,
    window: PairWindow,
    detector: ChangePointDetector,
    session: u32,
    last: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct PairWindow {
    from: Option<DateTime<Utc>>,
    short: f64,
    long: f64,
}

/// An exchange of less doubt than this is known well.
const WELL_KNOWN: f64 = 0.15;

impl WindowRatio {
    /// Points of the longer window for a point of the shorter, and how far that may be off, as a share.
    pub(crate) fn rate(&self, long_step: f64) -> Option<(f64, f64)> {
        let enough = self.long >= (4.0 * long_step).max(0.6) && self.short >= 4.0;
        enough.then(|| (self.long / self.short, 0.06 + long_step / self.long))
    }

    /// Whether both windows move by each other as they did before, and that is known well.
    pub(crate) fn is_steady(&self, long_step: f64) -> bool {
        self.rate(long_step).is_some_and(|(_, doubt)| doubt < WELL_KNOWN) && !self.detector.suspects()
    }

    /// The most that the longer window can have moved, by what the shorter one did.
    pub(crate) fn long_at_most(&self, meter: Meter, short: &Delta, long_step: f64) -> f64 {
        // What cycles between the polls can have held.
        let unseen = 100.0 * (short.span().num_minutes() / 300) as f64;
        self.long_by(meter, short.high() + unseen + over(short), long_step)
    }

    /// The same by what the shorter one was seen to move, and by nothing that the time between two polls hides.
    pub(crate) fn long_by_seen(&self, meter: Meter, short: &Delta, long_step: f64) -> f64 {
        self.long_by(meter, short.deducted + short.slack + over(short), long_step)
    }

    fn long_by(&self, meter: Meter, short: f64, long_step: f64) -> f64 {
        match self.rate(long_step) {
            Some((rate, doubt)) => short * rate * (1.0 + doubt),
            None => short / known_exchange(meter).0,
        }
    }

    /// The most that the shorter window can have moved, by what the longer one did.
    pub(crate) fn short_at_most(&self, meter: Meter, long: &Delta, long_step: f64) -> Option<f64> {
        if long.resets > 0 || long.value >= 99.5 {
            return None;
        }
        Some(match self.rate(long_step) {
            Some((rate, doubt)) => long.high() / rate * (1.0 + doubt),
            None => long.high() * known_exchange(meter).1,
        })
    }

    /// Learns from a movement of both. Gives a shift of the exchange where it is believed.
    pub(crate) fn observe(&mut self, short: &Delta, long: &Delta, long_step: f64) -> Option<DetectedShift> {
        let full = short.is_full() || long.is_full();
        if !short.is_comparable() || !long.is_comparable() || full {
            self.window = PairWindow::default();
            return None;
        }
        if short.deducted <= 0.0 && long.deducted <= 0.0 {
            return None;
        }
        if self.last.is_none_or(|last| short.at - last > thresholds::SETTLED) {
            self.session = self.session.wrapping_add(1);
        }
        self.last = Some(short.at);
        let window = &mut self.window;
        window.from.get_or_insert(short.from);
        window.short += short.deducted;
        window.long += long.deducted;
        let Some((rate, _)) = self.rate(long_step) else {
            self.short += short.deducted;
            self.long += long.deducted;
            self.window = PairWindow::default();
            return None;
        };
        let window = self.window;
        let enough = (3.0 * long_step).max(0.5);
        if window.short * rate < enough && window.long < 2.0 * enough {
            return None;
        }
        self.window = PairWindow::default();
        // Rounding weighs too much yet for a shift to be distinguished from it.
        if self.long < (12.0 * long_step).max(1.5) {
            self.short += window.short;
            self.long += window.long;
            return None;
        }
        let expected = (window.short * rate).max(0.1 * enough);
        let from = window.from.unwrap_or(short.from);
        let (shifted, ordinary) = self.detector.take(
            (from, long.at),
            (window.long, expected),
            self.session,
            TestConfig {
                min_sessions: 2,
                share: 1.0,
                also_down: true,
                sure: false,
                slack: None,
                step: 0.0,
                idle: IdleTotals::default(),
            },
        );
        // A single wrong step says nothing of the ratio.
        for sample in ordinary.iter().filter(|s| (0.33..=3.0).contains(&(s.seen / s.expected))) {
            self.short += sample.expected / rate;
            self.long += sample.seen;
        }
        if self.long > 150.0 {
            self.short *= 0.5;
            self.long *= 0.5;
        }
        shifted
    }

    /// Leaves a poll out, and what was summed up with it.
    pub(crate) fn leave_out(&mut self) {
        self.window = PairWindow::default();
    }

    /// After a shift was found: what is usual is what it is now.
    pub(crate) fn adopt(&mut self, factor: f64) {
        self.long *= factor;
        self.detector.restart();
    }
}

/// At its limit the shorter window refuses use, but for what was under way.
fn over(short: &Delta) -> f64 {
    if short.value >= 99.5 { 5.0 } else { 0.0 }
}

/// How many points of the 5-hour window a point of a longer one can be at least and at most, whatever the
/// plan: the request counts of early 2026 were in a proportion of 1 to 10 for the week.
const fn known_exchange(meter: Meter) -> (f64, f64) {
    match meter {
        Meter::FiveHour => (1.0, 1.0),
        Meter::Week => (1.5, 15.0),
        Meter::Month | Meter::MonthCode => (3.0, 80.0),
    }
}
