//! How much of a series' deductions this machine's logs account for.

use serde::{Deserialize, Serialize};

use crate::audit::model::delta::min_money;
use crate::audit::thresholds;
use crate::series::Series;

/// Deductions that came while this machine was at work, and the others; what is old counts half.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LogCoverage {
    /// In the series' unit.
    logged: f64,
    unlogged: f64,
    /// How many polls showed a deduction beside logged usage.
    polls: u32,
}

impl LogCoverage {
    /// The share of the deductions that came while this machine was at work; `None` before any is known.
    pub(crate) fn share(&self) -> Option<f64> {
        let all = self.logged + self.unlogged;
        (all > 0.0).then(|| self.logged / all)
    }

    /// All deductions so far, in the series' unit.
    pub(crate) const fn deducted(&self) -> f64 {
        self.logged + self.unlogged
    }

    /// What was booked as usage elsewhere.
    pub(crate) const fn unlogged(&self) -> f64 {
        self.unlogged
    }

    /// Whether the logs hold all usage, as far as can be known, leaving out a deduction that was booked as
    /// usage elsewhere.
    pub(crate) fn is_complete_but_for(&self, series: Series, deducted: f64) -> bool {
        let enough = match series {
            Series::Meter(_) => 6.0,
            _ => 2.0 * min_money(series),
        };
        let all = self.logged + (self.unlogged - deducted).max(0.0);
        self.logged >= enough && self.logged >= thresholds::COMPLETE * all
    }

    /// Whether that is known from so many polls that a small deduction beside all logs is no first session on
    /// another machine.
    pub(crate) const fn is_long_known(&self) -> bool {
        self.polls >= thresholds::LONG_COMPLETE
    }

    /// Books a deduction as one that logged usage led to, or as usage elsewhere.
    pub(crate) fn book(&mut self, deducted: f64, worked: bool) {
        if worked {
            self.logged += deducted;
            self.polls = self.polls.saturating_add(u32::from(deducted > 0.0));
        } else {
            self.unlogged += deducted;
        }
    }

    /// Counts a deduction as usage elsewhere.
    pub(crate) fn book_elsewhere(&mut self, deducted: f64) {
        self.unlogged += deducted;
    }

    /// Takes back what was booked as usage elsewhere and was none.
    pub(crate) fn unbook_elsewhere(&mut self, deducted: f64) {
        self.unlogged = (self.unlogged - deducted).max(0.0);
    }

    pub(crate) fn halve(&mut self) {
        self.logged *= 0.5;
        self.unlogged *= 0.5;
    }
}
