//! What came, and may be taken back; what was taken, and may be given back.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::thresholds;
use crate::series::Series;

const KEPT: usize = 24;

/// A series in the state of the audit: its key.
pub(crate) mod key {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::series::Series;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(crate) fn serialize<S: Serializer>(series: &Series, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(series)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Series, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Something that came back or in: a reset, a credit, points given back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Credit {
    #[serde(with = "key")]
    pub(crate) series: Series,
    pub(crate) at: DateTime<Utc>,
    /// By how much: points of the meter, or money.
    pub(crate) amount: f64,
    /// It was not due: an early reset, a credit.
    pub(crate) gift: bool,
    /// The announced end moved with it; always so for money.
    pub(crate) renewed: bool,
    /// It was told as a reset.
    #[serde(default)]
    pub(crate) told: bool,
    /// A voucher, and there was no other: what is left of vouchers is left of it.
    #[serde(default)]
    pub(crate) only: bool,
}

/// An anomaly that may be given back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Loss {
    #[serde(with = "key")]
    pub(crate) series: Series,
    /// The finding's own time, by which it is known.
    pub(crate) detected_at: DateTime<Utc>,
    /// At least and at most this was taken beyond what was due.
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// Both, the newest last, in constant space.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CreditLedger {
    came: VecDeque<Credit>,
    taken: VecDeque<Loss>,
}

impl CreditLedger {
    pub(crate) fn note_came(&mut self, came: Credit) {
        if self.came.len() >= KEPT {
            self.came.pop_front();
        }
        self.came.push_back(came);
    }

    pub(crate) fn note_taken(&mut self, taken: Loss) {
        if self.taken.len() >= KEPT {
            self.taken.pop_front();
        }
        self.taken.push_back(taken);
    }

    /// What a deduction of between `low` and `high` took back, where it did.
    ///
    /// A gift may be taken back within days. What was due is taken back only if the figure is then what it
    /// was before, and soon: figures meet by chance.
    pub(crate) fn taken_back(
        &self,
        series: Series,
        at: DateTime<Utc>,
        (low, high): (f64, f64),
        full: bool,
    ) -> Option<Credit> {
        let mut later_reset = false;
        self.came
            .iter()
            .rev()
            // What came with the very look took nothing back; what went after it in that look is use.
            .filter(|came| came.series == series && came.amount > 0.0 && at > came.at)
            .find(|came| {
                let met = came.amount >= low && came.amount <= high;
                // A meter at its limit cannot show all that was taken.
                let clipped = full && came.amount >= low && series.currency().is_none();
                let back = if came.gift {
                    at - came.at <= thresholds::CLAWBACK_WITHIN && (met || clipped)
                } else {
                    // What was due ends with its cycle; and a meter emptied anew is something else.
                    at - came.at <= thresholds::DUE_CLAWBACK_WITHIN
                        && met
                        && !full
                        && !later_reset
                        && came.amount >= thresholds::DUE_CLAWBACK_POINTS
                };
                later_reset = true;
                back
            })
            .copied()
    }

    /// The gift of which an amount of vouchers that went was all that was left.
    pub(crate) fn rest_taken_back(&self, series: Series, at: DateTime<Utc>, amount: f64) -> Option<Credit> {
        let last = self.came.iter().rev().find(|came| came.series == series && came.gift && at > came.at)?;
        let is_of_it = last.only && amount <= last.amount && at - last.at <= thresholds::CLAWBACK_WITHIN;
        is_of_it.then_some(*last)
    }

    /// Whether a voucher of at least `amount` ended in a span: whole days after it was granted.
    pub(crate) fn has_ended(
        &self,
        series: Series,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        amount: f64,
    ) -> bool {
        self.vouchers(series, from, amount).any(|granted| {
            // When it was granted is known no better than looks are apart.
            let since = |at: DateTime<Utc>| (at - granted).num_seconds();
            passes_day(since(from) - 60, since(to) + thresholds::GRANT_MARGIN.num_seconds())
        })
    }

    /// The same, or with a day of China's or the universal calendar.
    pub(crate) fn may_have_ended(
        &self,
        series: Series,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        amount: f64,
    ) -> bool {
        let (begin, end) = (from.timestamp() - 60, to.timestamp() + 60);
        let midnight = passes_day(begin, end) || passes_day(begin + 8 * 3600, end + 8 * 3600);
        self.has_ended(series, from, to, amount)
            || (midnight && self.vouchers(series, from, amount).next().is_some())
    }

    /// When vouchers of at least `amount` were granted that are older than half a day.
    fn vouchers(
        &self,
        series: Series,
        now: DateTime<Utc>,
        amount: f64,
    ) -> impl Iterator<Item = DateTime<Utc>> {
        self.came
            .iter()
            .filter(move |came| came.series == series && came.gift && came.amount >= amount - 0.01)
            .map(|came| came.at)
            .filter(move |at| now - *at >= TimeDelta::hours(12))
    }

    /// Forgets a thing that was taken back.
    pub(crate) fn forget_came(&mut self, gone: &Credit) {
        self.came.retain(|came| came != gone);
    }

    /// Forgets what came at a time.
    pub(crate) fn forget_came_at(&mut self, series: Series, at: DateTime<Utc>) {
        self.came.retain(|came| came.series != series || came.at != at);
    }

    /// What a faulty answer gave back a moment ago, where the series comes back from it now.
    pub(crate) fn back_from_glitch(
        &self,
        series: Series,
        at: DateTime<Utc>,
        (low, high): (f64, f64),
    ) -> Option<Credit> {
        let back = self.came.iter().rev().find(|came| {
            came.series == series
                && !came.renewed
                && at > came.at
                && at - came.at <= thresholds::GLITCH
                && came.amount >= low
                && came.amount <= high
        });
        back.copied()
    }

    /// The anomalies that something which came gives back. They are known by it from now on.
    pub(crate) fn given_back(&mut self, series: Series, at: DateTime<Utc>, what: RefundMatch) -> Vec<Loss> {
        self.taken.retain(|taken| at - taken.detected_at <= thresholds::RECOVERY_WITHIN);
        // What of a loss has to have come back, at least and at most.
        let back: fn(&Loss) -> (f64, f64);
        let amount = match what {
            RefundMatch::All => {
                let (back, rest) = self.taken.iter().copied().partition(|taken| taken.series == series);
                self.taken = rest;
                return Vec::from_iter::<VecDeque<Loss>>(back);
            }
            RefundMatch::Amount(amount) => {
                back = |taken| (taken.low * 0.8, taken.high);
                amount
            }
            RefundMatch::Sum(amount) => {
                back = |taken| (f64::midpoint(taken.low, taken.high), f64::midpoint(taken.low, taken.high));
                amount
            }
        };
        let least = if series.currency().is_some() { 0.01 } else { 1.0 };
        let fits = |(low, high): (f64, f64)| {
            let margin = (high * 0.02).max(least);
            amount >= low - margin && amount <= high + margin
        };
        let off = |taken: &Loss| (f64::midpoint(taken.low, taken.high) - amount).abs();
        let lost = || self.taken.iter().enumerate().filter(|(_, taken)| taken.series == series);
        // The one of that size; of equal ones the newest.
        let one = lost().rev().filter(|(_, taken)| fits(back(taken)));
        if let Some((place, _)) = one.min_by(|(_, a), (_, b)| off(a).total_cmp(&off(b))) {
            return self.taken.remove(place).into_iter().collect();
        }
        // Or all of them together.
        let sum =
            lost().map(|(_, taken)| back(taken)).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if matches!(what, RefundMatch::Amount(_)) && lost().count() > 1 && fits(sum) {
            return self.given_back(series, at, RefundMatch::All);
        }
        Vec::new()
    }

    /// A cycle ended as announced: what was taken within it is over.
    pub(crate) fn close(&mut self, series: Series) {
        self.taken.retain(|taken| taken.series != series);
    }
}

/// Whether a multiple of a day lies between two numbers of seconds.
const fn passes_day(from: i64, to: i64) -> bool {
    to.div_euclid(86_400) > from.div_euclid(86_400)
}

/// How much came back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RefundMatch {
    /// All of a meter.
    All,
    /// So much, or the most of it.
    Amount(f64),
    /// Exactly so much.
    Sum(f64),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::Meter;

    const WEEK: Series = Series::Meter(Meter::Week);

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    /// Fourteen points were lost, and then sixteen.
    fn lost() -> CreditLedger {
        let mut memory = CreditLedger::default();
        for (hours, low, high) in [(1, 13.0, 15.0), (2, 15.0, 17.0)] {
            memory.note_taken(Loss { series: WEEK, detected_at: at(hours), low, high });
        }
        memory
    }

    fn back(memory: &mut CreditLedger, amount: f64) -> Vec<DateTime<Utc>> {
        let back = memory.given_back(WEEK, at(9), RefundMatch::Amount(amount));
        back.into_iter().map(|taken| taken.detected_at).collect()
    }

    #[test]
    fn what_comes_back_is_the_loss_of_its_size() {
        let mut memory = lost();
        assert_eq!(back(&mut memory, 14.0), [at(1)]);
        assert_eq!(back(&mut memory, 16.0), [at(2)]);
        let mut memory = lost();
        assert_eq!(back(&mut memory, 16.0), [at(2)]);
        assert_eq!(back(&mut memory, 14.0), [at(1)]);
    }

    #[test]
    fn several_losses_may_come_back_together() {
        let mut memory = lost();
        assert_eq!(back(&mut memory, 30.0), [at(1), at(2)]);
        assert!(back(&mut memory, 16.0).is_empty());
        assert!(back(&mut lost(), 60.0).is_empty());
    }
}
