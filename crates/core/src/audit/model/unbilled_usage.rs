//! Use that was logged and is not deducted yet.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How many parts are kept apart; more than there are polls within the longest delay.
const PARTS: usize = 24;

/// Logged use that waits to be deducted, oldest first. What waits too long was never charged, and goes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct UnbilledUsage {
    parts: VecDeque<Part>,
    total: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Part {
    at: DateTime<Utc>,
    amount: f64,
}

impl UnbilledUsage {
    /// The sum of the usage that is not deducted yet.
    pub(crate) const fn total(&self) -> f64 {
        self.total
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(crate) fn add(&mut self, at: DateTime<Utc>, amount: f64) {
        if amount <= 0.0 {
            return;
        }
        self.total += amount;
        let full = self.parts.len() >= PARTS;
        match self.parts.back_mut() {
            Some(last) if last.at >= at || full => last.amount += amount,
            _ => self.parts.push_back(Part { at, amount }),
        }
    }

    /// Takes an amount out, oldest first; what is not there cannot be taken.
    pub(crate) fn take(&mut self, mut amount: f64) {
        while amount > 0.0
            && let Some(first) = self.parts.front_mut()
        {
            let taken = amount.min(first.amount);
            first.amount -= taken;
            amount -= taken;
            if first.amount <= 1e-12 {
                self.parts.pop_front();
            }
        }
        self.sum();
    }

    /// Takes out what has waited for `delay` or longer, and says how much that was.
    pub(crate) fn due(&mut self, now: DateTime<Utc>, delay: TimeDelta) -> f64 {
        let before = self.total;
        while self.parts.front().is_some_and(|part| now - part.at >= delay) {
            self.parts.pop_front();
        }
        self.sum();
        before - self.total
    }

    /// Lets go of what has waited longer than `delay`.
    pub(crate) fn expire(&mut self, now: DateTime<Utc>, delay: TimeDelta) {
        let before = self.parts.len();
        while self.parts.front().is_some_and(|part| now - part.at > delay) {
            self.parts.pop_front();
        }
        if self.parts.len() != before {
            self.sum();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.parts.clear();
        self.total = 0.0;
    }

    fn sum(&mut self) {
        self.total = self.parts.iter().map(|part| part.amount).sum();
    }
}
