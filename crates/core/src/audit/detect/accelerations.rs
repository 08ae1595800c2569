//! Lasting shifts: of what use costs, and of the exchange between windows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::explain;
use crate::audit::model::change_point::DetectedShift;
use crate::audit::model::delta::Delta;
use crate::audit::thresholds;
use crate::audit::{Auditor, BALANCE, LONG, SERIES};
use crate::finding::Finding;
use crate::meter::Meter;
use crate::reading::Reading;

/// A shift of the price that was told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct KnownAcceleration {
    pub(crate) at: DateTime<Utc>,
    pub(crate) factor: f64,
}

impl Auditor {
    /// Shifts of the price: told once, whichever series shows it first.
    pub(crate) fn accelerations(
        &mut self,
        at: DateTime<Utc>,
        shifts: &[Option<DetectedShift>; SERIES],
        findings: &mut Vec<Finding>,
    ) {
        for (place, shifted) in shifts.iter().enumerate() {
            let Some(shifted) = shifted else { continue };
            // Use costs more in the longer window alone, and the shorter one contradicts it.
            let contradicted = LONG.contains(&place) && self.is_steady(0);
            // A month that has a Code share is moved by other products too.
            let others = place == 2 && self.gauges[3].is_some();
            let Some(gauge) = self.gauges[place].as_deref_mut() else { continue };
            let (series, step) = (gauge.series, gauge.step);
            let complete = gauge.coverage().is_some_and(|share| share >= thresholds::COMPLETE);
            gauge.adopt(shifted.factor, at);
            // A step that waits was no single wrong one, but the price.
            gauge.pending.retain(|pending| pending.worked <= 0.0);
            let raised = gauge.factor;
            if shifted.factor < 1.0 {
                // What was found before is over; if it comes again, that is told again.
                if raised < 1.2 {
                    self.accelerated = None;
                }
                continue;
            }
            let known = self.accelerated.is_some_and(|known| {
                at - known.at <= thresholds::TOLD_LATELY && known.factor >= shifted.low * 0.7
            });
            if known || shifted.low <= 1.1 || raised < 1.15 || others {
                continue;
            }
            if contradicted {
                // Where they move by each other as ever, rounding has led the scale of the longer one astray.
                if self.exchanges[place - 1].is_steady(step) {
                    continue;
                }
                let known = self.disagreed[place - 1].replace(at);
                self.exchanges[place - 1].adopt(shifted.factor);
                if known.is_none_or(|known| at - known > thresholds::TOLD_LATELY) {
                    findings.push(explain::disagreement(Meter::ALL[place], shifted, at));
                }
                continue;
            }
            self.accelerated = Some(KnownAcceleration { at, factor: shifted.high });
            let finding = explain::accelerated(series, shifted, complete, at);
            let taken = (shifted.seen - shifted.expected).max(0.0);
            self.note_taken(&finding, taken * 0.7, taken * 1.3);
            findings.push(finding);
        }
    }

    /// Where no log tells of use: whether it takes more an hour than it ever did, stretch after stretch.
    pub(crate) fn hasten(&mut self, place: usize, seen: &Delta, findings: &mut Vec<Finding>) {
        if place != 0 && place != BALANCE {
            return;
        }
        let Some(gauge) = self.gauges[place].as_deref_mut() else { return };
        if !gauge.is_unlogged(seen.at) {
            gauge.tempo.restart();
            return;
        }
        let Some(shifted) = gauge.tempo.take(seen, gauge.step) else { return };
        gauge.tempo.restart();
        let series = gauge.series;
        let lately = |at: Option<DateTime<Utc>>| at.is_some_and(|at| seen.at - at <= thresholds::TOLD_LATELY);
        if lately(self.hastened) || lately(self.accelerated.map(|known| known.at)) {
            return;
        }
        self.hastened = Some(seen.at);
        findings.push(explain::hastened(series, &shifted, seen.at));
    }

    /// Compares the windows with each other.
    pub(crate) fn exchange(
        &mut self,
        reading: &Reading,
        all: &[Option<Delta>; SERIES],
        unusual: [bool; SERIES],
        findings: &mut Vec<Finding>,
    ) {
        let Some(short) = all[0] else { return };
        for long in LONG {
            // What is accused, or may be, while the other window stands tells nothing of how they move by each
            // other.
            let drains = self.gauges[long].as_ref().is_some_and(|gauge| gauge.drains(reading.at));
            let moved =
                |place: usize| all[place].is_some_and(|seen: Delta| seen.deducted > 1.5 * self.step(place));
            if (unusual[long] && !moved(0)) || (unusual[0] && !moved(long)) || drains {
                self.exchanges[long - 1].leave_out();
                continue;
            }
            // Other products move the month; its Code share is what compares.
            if long == 2 && all[3].is_some() {
                continue;
            }
            let Some(other) = all[long] else { continue };
            let step = self.gauges[long].as_ref().map_or(1.0, |gauge| gauge.step);
            let exchange = &mut self.exchanges[long - 1];
            let Some(shifted) = exchange.observe(&short, &other, step) else { continue };
            let doubt = exchange.rate(step).map_or(0.0, |(_, doubt)| doubt - 0.06);
            exchange.adopt(shifted.factor);
            let up = shifted.low > 1.15 + doubt;
            // A month moves by other products too.
            let down = shifted.high < 0.87 - doubt;
            if !(up && long != 2 || down) {
                continue;
            }
            // Where the price of use itself has shifted, that was told, or is about to be. By use it can be
            // told which of the two has changed: where that is the longer one alone, they contradict.
            let told = |at: Option<DateTime<Utc>>, within| at.is_some_and(|at| reading.at - at <= within);
            let priced = told(self.accelerated.map(|known| known.at), thresholds::CLAWBACK_WITHIN);
            let known = told(self.disagreed[long - 1], thresholds::TOLD_LATELY);
            let suspected = |place: usize| {
                self.gauges[place].as_ref().is_some_and(|gauge| gauge.suspects() && gauge.samples() >= 3)
            };
            if priced || known || suspected(0) || (suspected(long) && !(up && self.is_steady(0))) {
                continue;
            }
            self.disagreed[long - 1] = Some(reading.at);
            findings.push(explain::disagreement(Meter::ALL[long], &shifted, reading.at));
        }
    }

    /// Whether what use costs in a window is known, and what it was.
    pub(crate) fn is_steady(&self, place: usize) -> bool {
        self.gauges[place]
            .as_ref()
            .is_some_and(|gauge| gauge.samples() >= thresholds::SAMPLES && !gauge.suspects())
    }
}
