//! One movement of a series as a fact with a margin, and what use explains of it.

use chrono::{DateTime, TimeDelta, Utc};

use super::rules;
use crate::series::Series;

/// One movement of a series as a fact with a margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) series: Series,
    /// The last look that was believed, and this one.
    pub(super) from: DateTime<Utc>,
    pub(super) at: DateTime<Utc>,
    pub(super) before: f64,
    pub(super) value: f64,
    pub(super) deducted: f64,
    pub(super) returned: f64,
    pub(super) resets: u32,
    /// How far rounding may have put `deducted` off, either way.
    pub(super) slack: f64,
    /// Use logged since the last look, in the gauge's own measure.
    pub(super) fresh: f64,
    /// Some of it was by models without a known price.
    pub(super) unpriced: bool,
    /// What that would have cost at the dearest prices there are.
    pub(super) unpriced_most: f64,
    /// Of `fresh`, what was used before the last look and told of only now.
    pub(super) late: f64,
    /// How late use has lately been told of.
    pub(super) lateness: TimeDelta,
    /// Requests are counted, not tokens.
    pub(super) counted: bool,
    /// Of the balance, only what was granted fell.
    pub(super) granted: bool,
    /// Two figures for it disagree in this reading.
    pub(super) conflict: bool,
    /// A reset that was due did not come: nothing of this look can be weighed.
    pub(super) withheld: bool,
}

impl Seen {
    /// Whether it tells of all the time of which another tells. One of two windows may be told of more seldom.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.from - other.from <= rules::COVERED
    }

    /// A plain deduction by use, for tests.
    #[cfg(test)]
    pub(super) fn of_use(series: Series, from: DateTime<Utc>, at: DateTime<Utc>, deducted: f64) -> Self {
        Self {
            series,
            from,
            at,
            before: 0.0,
            value: deducted,
            deducted,
            returned: 0.0,
            resets: 0,
            slack: 0.01,
            fresh: 0.0,
            unpriced: false,
            unpriced_most: 0.0,
            late: 0.0,
            lateness: TimeDelta::zero(),
            counted: false,
            granted: false,
            conflict: false,
            withheld: false,
        }
    }

    /// The least that was deducted.
    pub(super) fn low(&self) -> f64 {
        (self.deducted - self.slack).max(0.0)
    }

    /// The most that can have been deducted: what was left before a reset may all have gone.
    pub(super) fn high(&self) -> f64 {
        let hidden = if self.resets > 0 { (100.0 - self.before).max(0.0) } else { 0.0 };
        self.deducted + self.slack + hidden
    }

    pub(super) fn span(&self) -> TimeDelta {
        self.at - self.from
    }

    /// Whether two looks close to each other in one cycle made it.
    pub(super) fn is_comparable(&self) -> bool {
        self.resets == 0 && self.returned <= 0.0 && self.span() <= rules::COMPARABLE
    }

    pub(super) const fn is_money(&self) -> bool {
        !matches!(self.series, Series::Meter(_))
    }

    /// At its limit a meter cannot show what would have come.
    pub(super) fn is_full(&self) -> bool {
        // One that goes on beyond its limit hides nothing.
        !self.is_money() && (99.5..=100.0).contains(&self.value)
    }

    /// Whether nothing is left, or nearly nothing, of what was there.
    pub(super) fn is_emptied(&self) -> bool {
        if self.is_money() {
            let left = self.value / self.before;
            // A debt beyond a trifle may be use that ran on while nobody looked.
            let most_debt = if self.span() <= rules::AT_ONCE { f64::MIN } else { -0.1 };
            self.before >= 4.0 * least_money(self.series) && (most_debt..=rules::EMPTIED_LEFT).contains(&left)
        } else {
            self.value >= rules::EMPTIED && self.before < rules::EMPTIED
        }
    }

    /// The least excess that is worth a finding.
    pub(super) fn floor(&self) -> f64 {
        if self.is_money() {
            // However much there is, so much is worth a finding.
            let least = least_money(self.series);
            (self.before * rules::LEAST_SHARE).clamp(least, rules::LEAST_OF_MUCH * least)
        } else {
            rules::LEAST_POINTS
        }
    }
}

/// The least sum of money that is worth a finding, in the series' currency.
pub(super) fn least_money(series: Series) -> f64 {
    if series.currency() == Some(crate::money::Currency::USD) { rules::LEAST_USD } else { rules::LEAST_CNY }
}

/// What use explains of a movement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expect {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether anything can be said: not without a scale, nor with use whose price nobody knows.
    pub(super) known: bool,
}
