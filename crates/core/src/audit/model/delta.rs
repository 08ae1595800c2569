//! One movement of a series as a fact with a margin, and what use explains of it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::slot::SlotMap;
use crate::audit::thresholds;
use crate::number::decimal;
use crate::reading::Reading;
use crate::series::Series;

/// One movement of a series as a fact with a margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Delta {
    pub(crate) series: Series,
    /// The last poll that was believed, and this one.
    pub(crate) from: DateTime<Utc>,
    pub(crate) at: DateTime<Utc>,
    /// When it was first shown: earlier than `at` where this poll confirms a jump.
    pub(crate) seen: DateTime<Utc>,
    pub(crate) before: f64,
    pub(crate) value: f64,
    pub(crate) deducted: f64,
    pub(crate) returned: f64,
    pub(crate) resets: u32,
    /// How far rounding may have put `deducted` off, either way.
    pub(crate) slack: f64,
    /// Usage logged since the last poll, in the series' own measure.
    pub(crate) fresh: f64,
    /// Some of it was by models without a known price.
    pub(crate) unpriced: bool,
    /// What that would have cost at the dearest prices there are.
    pub(crate) unpriced_most: f64,
    /// Of `fresh`, what was used before the last poll and became known only now.
    pub(crate) late: f64,
    /// How late usage has become known recently.
    pub(crate) lateness: TimeDelta,
    /// Up to then all that other machines have used is known, or is waited for no longer.
    pub(crate) reported_until: DateTime<Utc>,
    /// Whether the logs of a machine that uses the account have not come for long.
    pub(crate) logs_missing: bool,
    /// Requests are counted, not tokens.
    pub(crate) counted: bool,
    /// Of the balance, only what was granted fell.
    pub(crate) granted: bool,
    /// Two figures for it disagree in this reading.
    pub(crate) conflict: bool,
    /// A reset that was due did not come: nothing of this poll can be weighed.
    pub(crate) withheld: bool,
}

impl Delta {
    /// Whether it covers all the time that another covers. One of two quotas may be shown more seldom.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.from - other.from <= thresholds::COVERED
    }

    /// A plain deduction by use, for tests.
    #[cfg(test)]
    pub(crate) fn of_use(series: Series, from: DateTime<Utc>, at: DateTime<Utc>, deducted: f64) -> Self {
        Self {
            series,
            from,
            at,
            seen: at,
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
            reported_until: at,
            logs_missing: false,
            counted: false,
            granted: false,
            conflict: false,
            withheld: false,
        }
    }

    /// The least that was deducted.
    pub(crate) fn low(&self) -> f64 {
        (self.deducted - self.slack).max(0.0)
    }

    /// The most that can have been deducted: what was left before a reset may all have gone.
    pub(crate) fn high(&self) -> f64 {
        let hidden = if self.resets > 0 { (100.0 - self.before).max(0.0) } else { 0.0 };
        self.deducted + self.slack + hidden
    }

    /// Whether another machine may still report usage that led to it.
    pub(crate) fn may_be_reported(&self) -> bool {
        self.reported_until < self.at
    }

    /// The time in which it happened.
    pub(crate) fn span(&self) -> TimeDelta {
        self.seen - self.from
    }

    /// Whether two polls close to each other in one cycle made it.
    pub(crate) fn is_comparable(&self) -> bool {
        self.resets == 0 && self.returned <= 0.0 && self.span() <= thresholds::COMPARABLE
    }

    pub(crate) const fn is_money(&self) -> bool {
        !matches!(self.series, Series::Meter(_))
    }

    /// At its limit a meter cannot show what would have come.
    pub(crate) fn is_full(&self) -> bool {
        // One that goes on beyond its limit hides nothing.
        !self.is_money() && (99.5..=100.0).contains(&self.value)
    }

    /// Whether nothing is left, or nearly nothing, of what was there.
    pub(crate) fn is_emptied(&self) -> bool {
        if self.is_money() {
            let left = self.value / self.before;
            // A debt beyond a trifle may be usage that ran on between polls.
            let most_debt = if self.span() <= thresholds::AT_ONCE { f64::MIN } else { -0.1 };
            self.before >= 4.0 * min_money(self.series)
                && (most_debt..=thresholds::EMPTIED_LEFT).contains(&left)
        } else {
            self.value >= thresholds::EMPTIED && self.before < thresholds::EMPTIED
        }
    }

    /// The least excess that is worth a finding.
    pub(crate) fn floor(&self) -> f64 {
        least_worth_a_finding(self.series, self.before)
    }
}

/// The least excess that is worth a finding, of a series that stood at `before`.
pub(crate) fn least_worth_a_finding(series: Series, before: f64) -> f64 {
    if series.meter().is_some() {
        return thresholds::MIN_POINTS;
    }
    // However much there is, so much is worth a finding.
    let least = min_money(series);
    (before * thresholds::MIN_SHARE).clamp(least, thresholds::MAX_OF_MUCH * least)
}

/// The least sum of money that is worth a finding, in the series' currency.
pub(crate) fn min_money(series: Series) -> f64 {
    if series.currency() == Some(crate::money::Currency::USD) {
        thresholds::MIN_USD
    } else {
        thresholds::MIN_CNY
    }
}

/// The movements of one poll.
pub(crate) type Deltas = SlotMap<Option<Delta>>;

/// The movements of the quotas only.
pub(crate) fn quotas(all: &Deltas) -> impl Iterator<Item = &Delta> {
    all.iter().filter(|(slot, _)| slot.meter().is_some()).filter_map(|(_, delta)| delta.as_ref())
}

/// Whether a quota was used up at this poll or the one before, or was reset in between.
pub(crate) fn is_exhausted(reading: &Reading, all: &Deltas) -> bool {
    reading.meters.iter().any(|meter| decimal::to_f64(meter.used_percent) >= 98.0)
        || quotas(all).any(|delta| delta.before >= 98.0 || delta.resets > 0)
}

/// What use explains of a movement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Expected {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Whether anything can be said: not without a ratio, nor with usage whose price is unknown.
    pub(crate) known: bool,
}
