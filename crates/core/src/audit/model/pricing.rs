//! What usage costs of a series now: the learned ratio, and a price change on top of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::cost_ratio::CostRatio;
use crate::audit::model::delta::{Delta, Expected};

/// A price that has held for as long is the usual one.
const ADOPTED_FOR: TimeDelta = TimeDelta::days(14);

/// What a unit of usage costs of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pricing {
    ratio: CostRatio,
    /// What a change of the price that was found multiplies the ratio by.
    factor: f64,
    /// When it was last found.
    adopted: Option<DateTime<Utc>>,
}

impl Pricing {
    pub(crate) const fn new(ratio: CostRatio) -> Self {
        Self { ratio, factor: 1.0, adopted: None }
    }

    /// Forgets all but what was known in advance.
    pub(crate) fn forget(&mut self) {
        self.ratio.forget();
        self.factor = 1.0;
        self.adopted = None;
    }

    /// How many times the ratio usage costs since a change of the price.
    pub(crate) const fn factor(&self) -> f64 {
        self.factor
    }

    /// How many samples the ratio rests on.
    pub(crate) fn samples(&self) -> usize {
        self.ratio.count()
    }

    /// What a unit costs, most likely; `None` before anything was learned.
    pub(crate) fn middle(&self) -> Option<f64> {
        self.ratio.known().map(|ratio| ratio.middle * self.factor)
    }

    /// What an amount of usage costs, most likely; 0 where nothing is known.
    pub(crate) fn cost(&self, usage: f64) -> f64 {
        self.ratio.known().map_or(0.0, |ratio| usage * ratio.middle * self.factor)
    }

    /// What it costs at most.
    pub(crate) fn most(&self, usage: f64) -> Option<f64> {
        self.ratio.known().map(|ratio| usage * ratio.high * self.factor)
    }

    /// What usage explains of a movement: `waiting` is all of it that no deduction has used up yet, `dearer` the
    /// factor of an acceleration that another series showed.
    pub(crate) fn expect(&self, delta: &Delta, waiting: f64, dearer: f64) -> Expected {
        match self.ratio.known() {
            Some(ratio) => {
                let waiting = waiting * self.factor;
                // Of what waits, less may be due; of what was used since the last poll, all.
                let due = (delta.fresh * self.factor).min(waiting);
                let dearer = if self.factor > 1.05 { 1.0 } else { dearer };
                // A model without a price may cost more than any that has one.
                let waiting = waiting + 3.0 * delta.unpriced_most * self.factor;
                Expected { low: due * ratio.low, high: waiting * ratio.high * dearer, known: true }
            }
            None => Expected { low: 0.0, high: f64::MAX, known: false },
        }
    }

    /// Learns what so much usage was seen to cost.
    pub(crate) fn learn(&mut self, cost: f64, usage: f64) {
        self.ratio.learn(cost / usage / self.factor);
    }

    /// Learns from a sample that cost so much where so much was expected, at what a unit cost then.
    pub(crate) fn learn_again(&mut self, middle: f64, seen: f64, expected: f64) {
        self.ratio.learn(middle / self.factor * seen / expected);
    }

    /// After a change of the price was found: what is usual is what it is now.
    pub(crate) fn adopt(&mut self, factor: f64, at: DateTime<Utc>) {
        self.factor *= factor;
        self.adopted = Some(at);
    }

    /// A change of the price that was adopted is none. One that has become the usual price since is learned again.
    pub(crate) fn revert(&mut self, factor: f64) {
        if self.adopted.is_some() && factor > 0.0 {
            self.factor /= factor;
        }
    }

    /// Makes a price that has held for long the usual one.
    pub(crate) fn settle(&mut self, at: DateTime<Utc>) {
        if self.adopted.is_some_and(|adopted| at - adopted >= ADOPTED_FOR) {
            self.adopted = None;
            self.ratio.multiply(self.factor);
            self.factor = 1.0;
        }
    }
}
