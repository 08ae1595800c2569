//! What came, and may be taken back; what was taken, and may be given back.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::thresholds;
use crate::finding::Finding;
use crate::series::Series;

const MAX_KEPT: usize = 24;

/// Something that was added: a reset, a credit, points given back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Credit {
    pub(crate) series: Series,
    pub(crate) at: DateTime<Utc>,
    /// By how much: points of the meter, or money.
    pub(crate) amount: f64,
    /// It was not due: an early reset, a credit.
    pub(crate) gift: bool,
    /// The announced end moved with it; always so for money.
    pub(crate) renewed: bool,
    /// It was reported as a reset.
    #[serde(default)]
    pub(crate) reported: bool,
    /// A voucher, and there was no other: what is left of vouchers is left of it.
    #[serde(default)]
    pub(crate) only: bool,
}

/// An anomaly that may be given back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Loss {
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
    credits: VecDeque<Credit>,
    losses: VecDeque<Loss>,
}

impl CreditLedger {
    pub(crate) fn note_credit(&mut self, credit: Credit) {
        if self.credits.len() >= MAX_KEPT {
            self.credits.pop_front();
        }
        self.credits.push_back(credit);
    }

    pub(crate) fn record_loss(&mut self, loss: Loss) {
        if self.losses.len() >= MAX_KEPT {
            self.losses.pop_front();
        }
        self.losses.push_back(loss);
    }

    /// Remembers an anomaly by which so much was lost, at least and at most.
    pub(crate) fn note_loss(&mut self, finding: &Finding, low: f64, high: f64) {
        if let Some(series) = finding.series {
            self.record_loss(Loss { series, detected_at: finding.detected_at, low, high });
        }
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
        self.credits
            .iter()
            .rev()
            // What came with the very poll took nothing back; what went after it in that poll is usage.
            .filter(|credit| credit.series == series && credit.amount > 0.0 && at > credit.at)
            .find(|credit| {
                let met = credit.amount >= low && credit.amount <= high;
                // A meter at its limit cannot show all that was loss.
                let clipped = full && credit.amount >= low && series.currency().is_none();
                let back = if credit.gift {
                    at - credit.at <= thresholds::CLAWBACK_WITHIN && (met || clipped)
                } else {
                    // What was due ends with its cycle; and a quota emptied once more is something else.
                    at - credit.at <= thresholds::DUE_CLAWBACK_WITHIN
                        && met
                        && !full
                        && !later_reset
                        && credit.amount >= thresholds::DUE_CLAWBACK_POINTS
                };
                later_reset = true;
                back
            })
            .copied()
    }

    /// The granted voucher of which exactly this amount was left when it was taken.
    pub(crate) fn rest_taken_back(&self, series: Series, at: DateTime<Utc>, amount: f64) -> Option<Credit> {
        let last = self
            .credits
            .iter()
            .rev()
            .find(|credit| credit.series == series && credit.gift && at > credit.at)?;
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
            // When it was granted is known no better than polls are apart.
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
        self.credits
            .iter()
            .filter(move |credit| credit.series == series && credit.gift && credit.amount >= amount - 0.01)
            .map(|credit| credit.at)
            .filter(move |at| now - *at >= TimeDelta::hours(12))
    }

    /// Forgets a thing that was taken back.
    pub(crate) fn forget_credit(&mut self, gone: &Credit) {
        self.credits.retain(|credit| credit != gone);
    }

    /// Forgets what came at a time.
    pub(crate) fn forget_credit_at(&mut self, series: Series, at: DateTime<Utc>) {
        self.credits.retain(|credit| credit.series != series || credit.at != at);
    }

    /// What a faulty answer seemed to give back a moment ago, if the series returns from it now.
    pub(crate) fn back_from_glitch(
        &self,
        series: Series,
        at: DateTime<Utc>,
        (low, high): (f64, f64),
    ) -> Option<Credit> {
        let back = self.credits.iter().rev().find(|credit| {
            credit.series == series
                && !credit.renewed
                && at > credit.at
                && at - credit.at <= thresholds::GLITCH
                && credit.amount >= low
                && credit.amount <= high
        });
        back.copied()
    }

    /// The anomalies that something which came gives back. They are known by it from now on.
    pub(crate) fn given_back(&mut self, series: Series, at: DateTime<Utc>, what: RefundMatch) -> Vec<Loss> {
        self.losses.retain(|loss| at - loss.detected_at <= thresholds::RECOVERY_WITHIN);
        // What of a loss has to have come back, at least and at most.
        let back: fn(&Loss) -> (f64, f64);
        let amount = match what {
            RefundMatch::All => {
                let (back, rest) = self.losses.iter().copied().partition(|loss| loss.series == series);
                self.losses = rest;
                return Vec::from_iter::<VecDeque<Loss>>(back);
            }
            RefundMatch::Amount(amount) => {
                back = |loss| (loss.low * 0.8, loss.high);
                amount
            }
            RefundMatch::Sum(amount) => {
                back = |loss| (f64::midpoint(loss.low, loss.high), f64::midpoint(loss.low, loss.high));
                amount
            }
        };
        let least = if series.currency().is_some() { 0.01 } else { 1.0 };
        let fits = |(low, high): (f64, f64)| {
            let margin = (high * 0.02).max(least);
            amount >= low - margin && amount <= high + margin
        };
        let off = |loss: &Loss| (f64::midpoint(loss.low, loss.high) - amount).abs();
        let lost = || self.losses.iter().enumerate().filter(|(_, loss)| loss.series == series);
        // The one of that size; of equal ones the newest.
        let one = lost().rev().filter(|(_, loss)| fits(back(loss)));
        if let Some((place, _)) = one.min_by(|(_, a), (_, b)| off(a).total_cmp(&off(b))) {
            return self.losses.remove(place).into_iter().collect();
        }
        // Or all of them together.
        let sum =
            lost().map(|(_, loss)| back(loss)).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if matches!(what, RefundMatch::Amount(_)) && lost().count() > 1 && fits(sum) {
            return self.given_back(series, at, RefundMatch::All);
        }
        Vec::new()
    }

    /// Forgets an anomaly that is none.
    pub(crate) fn forget_loss(&mut self, series: Series, detected_at: DateTime<Utc>) {
        self.losses.retain(|loss| loss.series != series || loss.detected_at != detected_at);
    }

    /// A cycle ended on schedule: deductions within it cannot be given back any more.
    pub(crate) fn close(&mut self, series: Series) {
        self.losses.retain(|loss| loss.series != series);
    }
}

/// Whether a multiple of a day lies between two numbers of seconds.
const fn passes_day(from: i64, to: i64) -> bool {
    to.div_euclid(86_400) > from.div_euclid(86_400)
}

/// How much of an anomaly was given back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RefundMatch {
    /// All of a quota.
    All,
    /// So much, or the most of it.
    Amount(f64),
    /// Exactly this amount.
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
        let mut ledger = CreditLedger::default();
        for (hours, low, high) in [(1, 13.0, 15.0), (2, 15.0, 17.0)] {
            ledger.record_loss(Loss { series: WEEK, detected_at: at(hours), low, high });
        }
        ledger
    }

    fn back(ledger: &mut CreditLedger, amount: f64) -> Vec<DateTime<Utc>> {
        let back = ledger.given_back(WEEK, at(9), RefundMatch::Amount(amount));
        back.into_iter().map(|loss| loss.detected_at).collect()
    }

    #[test]
    fn what_comes_back_is_the_loss_of_its_size() {
        let mut ledger = lost();
        assert_eq!(back(&mut ledger, 14.0), [at(1)]);
        assert_eq!(back(&mut ledger, 16.0), [at(2)]);
        let mut ledger = lost();
        assert_eq!(back(&mut ledger, 16.0), [at(2)]);
        assert_eq!(back(&mut ledger, 14.0), [at(1)]);
    }

    #[test]
    fn several_losses_may_come_back_together() {
        let mut ledger = lost();
        assert_eq!(back(&mut ledger, 30.0), [at(1), at(2)]);
        assert!(back(&mut ledger, 16.0).is_empty());
        assert!(back(&mut lost(), 60.0).is_empty());
    }
}
