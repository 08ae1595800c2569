//! Accelerations that were reported, and explain what follows them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::thresholds;

/// A change of the price that was reported.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct PriceChange {
    pub(crate) at: DateTime<Utc>,
    pub(crate) factor: f64,
}

/// The accelerations that were reported last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Accelerations {
    price: Option<PriceChange>,
    /// When usage was last found to go faster than ever, without any log of it.
    unlogged: Option<DateTime<Utc>>,
}

impl Accelerations {
    /// How many times as much usage may cost by a change that was reported of another series.
    pub(crate) fn factor(&self, now: DateTime<Utc>) -> f64 {
        self.price
            .filter(|known| now - known.at <= thresholds::ACCELERATION)
            .map_or(1.0, |known| known.factor.max(1.0))
    }

    /// The change of the price that was reported last.
    pub(crate) const fn price(&self) -> Option<PriceChange> {
        self.price
    }

    /// Notes that a change of the price is reported.
    pub(crate) const fn note_price(&mut self, at: DateTime<Utc>, factor: f64) {
        self.price = Some(PriceChange { at, factor });
    }

    /// A change of the price ended, or was none.
    pub(crate) const fn forget_price(&mut self) {
        self.price = None;
    }

    /// A change of the price that was reported at a time was none.
    pub(crate) fn forget_price_of(&mut self, at: DateTime<Utc>) {
        self.price = self.price.filter(|known| known.at != at);
    }

    /// Notes that usage without a log goes faster than ever. Whether that is news.
    pub(crate) fn note_unlogged(&mut self, at: DateTime<Utc>) -> bool {
        let recently = |known: Option<DateTime<Utc>>| {
            known.is_some_and(|known| at - known <= thresholds::REPORTED_RECENTLY)
        };
        if recently(self.unlogged) || recently(self.price.map(|known| known.at)) {
            return false;
        }
        self.unlogged = Some(at);
        true
    }
}
