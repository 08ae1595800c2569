//! Whether an alert that has waited is still true.
//!
//! Between the decision and the delivery hours may lie: quiet hours, no notification service, an agent that was
//! started later. What was true then is not delivered once it is false.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{Alert, AlertKind, meter};
use crate::finding::Anomaly;
use crate::reading::Reading;
use crate::series::Series;

impl Alert {
    /// Whether it is still true at `now`, by the last reading of its account. Where nothing newer is known, it is.
    #[must_use]
    pub fn is_true(&self, last: Option<&Reading>, now: DateTime<Utc>) -> bool {
        // A reading of the same time is the one that led to it.
        let last = last.filter(|last| last.at > self.at);
        let used = |meter| last.and_then(|last| last.meter(meter)).map(|seen| seen.used_percent);
        match &self.kind {
            AlertKind::Threshold { meter, threshold, resets_at, .. } => {
                resets_at.is_none_or(|end| end > now) && used(*meter).is_none_or(|used| used >= *threshold)
            }
            // It may have been restored early, or be empty already, which is reported by itself.
            AlertKind::LikelyEmpty { meter, used: then, resets_at, .. } => {
                resets_at.is_none_or(|end| end > now)
                    && used(*meter).is_none_or(|used| used >= *then && used < Decimal::ONE_HUNDRED)
            }
            AlertKind::LikelyLasts { meter, resets_at, .. } => {
                resets_at.is_none_or(|end| end > now)
                    && used(*meter).is_none_or(|used| used < Decimal::ONE_HUNDRED)
            }
            // The cycle that it began may be over, or used up again.
            AlertKind::Reset { meter, resets_at, used_before, .. } => {
                resets_at.is_none_or(|end| end > now)
                    && used(*meter).is_none_or(|used| used < (*used_before).max(meter::HALF))
            }
            AlertKind::BalanceLow { threshold, .. } => {
                let balance = last.and_then(|last| last.balance);
                let balance = balance.filter(|balance| balance.currency == threshold.currency);
                balance.and_then(|balance| balance.available).is_none_or(|left| left <= threshold.amount)
            }
            // The month may be over.
            AlertKind::ExtraUsage { .. } => {
                let spent = last.and_then(|last| last.wallet).and_then(|wallet| wallet.month_used);
                spent.is_none_or(|spent| spent.amount > Decimal::ZERO)
            }
            AlertKind::Budget { ends, .. } => *ends > now,
            // A reading since then was got with a key that works.
            AlertKind::KeyRefused { .. } => last.is_none(),
            // The reset came after all.
            AlertKind::Anomaly {
                class: Anomaly::OverdueReset, series: Some(Series::Meter(meter)), ..
            } => {
                let seen = last.and_then(|last| last.meter(*meter));
                seen.is_none_or(|seen| seen.resets_at.is_none_or(|end| end <= now))
            }
            // They happened, whatever has happened since.
            AlertKind::Anomaly { .. }
            | AlertKind::Credit { .. }
            | AlertKind::Recovered { .. }
            | AlertKind::Withdrawn { .. } => true,
        }
    }

    /// Whether a later alert of the same account says all that this one does.
    #[must_use]
    pub fn is_superseded_by(&self, later: &Self) -> bool {
        use AlertKind as K;
        if later.at <= self.at {
            return false;
        }
        match (&self.kind, &later.kind) {
            (
                K::Threshold { meter, .. } | K::Reset { meter, .. },
                K::Threshold { meter: later, .. } | K::Reset { meter: later, .. },
            )
            | (
                K::LikelyEmpty { meter, .. } | K::LikelyLasts { meter, .. },
                K::LikelyEmpty { meter: later, .. }
                | K::LikelyLasts { meter: later, .. }
                | K::Reset { meter: later, .. },
            ) => meter == later,
            (K::BalanceLow { threshold, .. }, K::BalanceLow { threshold: later, .. }) => {
                threshold.currency == later.currency
            }
            (K::Budget { budget, .. }, K::Budget { budget: later, .. }) => budget.is_for_the_same_as(later),
            (K::KeyRefused { .. }, K::KeyRefused { .. }) | (K::ExtraUsage { .. }, K::ExtraUsage { .. }) => {
                true
            }
            (K::Anomaly { class, series, .. }, K::Withdrawn { class: withdrawn, series: of_series, of }) => {
                class == withdrawn && series == of_series && self.at == *of
            }
            _ => false,
        }
    }

    /// Whether it corrects an earlier one, and says nothing to whoever was not notified of that.
    #[must_use]
    pub const fn is_correction(&self) -> bool {
        matches!(self.kind, AlertKind::Withdrawn { .. } | AlertKind::LikelyLasts { .. })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::account::{Region, Source};
    use crate::failure::FailureKind;
    use crate::finding::Schedule;
    use crate::meter::Meter;
    use crate::money::{Currency, Money};
    use crate::reading::{Balance, MeterReading};

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn alert(minute: i64, kind: AlertKind) -> Alert {
        Alert { key: format!("{minute}"), at: at(minute), kind, announcement: None }
    }

    fn threshold(minute: i64, percent: i64, ends: Option<i64>) -> Alert {
        let (threshold, used) = (Decimal::from(percent), Decimal::from(percent + 1));
        alert(
            minute,
            AlertKind::Threshold { meter: Meter::FiveHour, threshold, used, resets_at: ends.map(at) },
        )
    }

    fn reset(minute: i64, ends: i64) -> Alert {
        let kind = AlertKind::Reset {
            meter: Meter::FiveHour,
            schedule: Schedule::OnTime,
            used_before: Decimal::from(91),
            used_after: Decimal::ZERO,
            resets_at: Some(at(ends)),
            gives_back: false,
        };
        alert(minute, kind)
    }

    fn likely_empty(minute: i64, used: i64, ends: i64) -> Alert {
        let kind = AlertKind::LikelyEmpty {
            meter: Meter::FiveHour,
            used: used.into(),
            probability: 0.9,
            empty: None,
            resets_at: Some(at(ends)),
        };
        alert(minute, kind)
    }

    fn dollars(amount: i64) -> Money {
        Money::new(Decimal::from(amount), Currency::USD)
    }

    fn reading(minute: i64, used: i64, ends: i64, left: i64) -> Reading {
        Reading {
            meters: vec![MeterReading {
                meter: Meter::FiveHour,
                used_percent: Decimal::from(used),
                used: None,
                limit: None,
                resets_at: Some(at(ends)),
                conflict: false,
            }],
            balance: Some(Balance {
                currency: Currency::USD,
                available: Some(Decimal::from(left)),
                voucher: None,
                cash: None,
            }),
            ..Reading::new(at(minute), Source::KimiCode, Region::Global)
        }
    }

    #[test]
    fn the_step_of_a_budget_is_news_until_its_period_ends_or_the_next_step() {
        use crate::account::AccountId;
        use crate::budget::{Budget, BudgetAmount, Period};

        let step = |minute, step, tokens| {
            let limit = BudgetAmount::Tokens { tokens };
            let budget = Budget { account: AccountId(1), project: None, period: Period::Day, limit };
            let used = BudgetAmount::Tokens { tokens: 90 };
            alert(minute, AlertKind::Budget { budget, step, used, is_estimate: false, ends: at(60) })
        };
        let first = step(0, 80, 100);
        assert!(first.is_true(None, at(59)) && !first.is_true(None, at(60)));
        assert!(first.is_superseded_by(&step(5, 100, 100)) && first.is_superseded_by(&step(5, 80, 50)));
        assert!(!step(5, 100, 100).is_superseded_by(&first));
    }

    #[test]
    fn that_extra_usage_costs_is_no_news_in_the_next_month() {
        use crate::reading::Wallet;

        let spent = |cents| Money::new(Decimal::new(cents, 2), Currency::CNY);
        let begun = alert(0, AlertKind::ExtraUsage { spent: spent(30), left: None, cap: None });
        let reading = |minute, month_used| Reading {
            wallet: Some(Wallet { enabled: None, balance: None, month_used, month_cap: None, frozen: false }),
            ..Reading::new(at(minute), Source::KimiCode, Region::China)
        };
        for (month_used, is_true) in [(Some(spent(90)), true), (None, true), (Some(spent(0)), false)] {
            assert_eq!(begun.is_true(Some(&reading(9, month_used)), at(9)), is_true, "{month_used:?}");
        }
        assert!(begun.is_true(Some(&reading(0, Some(spent(0)))), at(9)), "that one led to it");
    }

    #[test]
    fn what_is_no_longer_true_is_told_by_the_time_and_the_last_reading() {
        let low = alert(0, AlertKind::BalanceLow { threshold: dollars(5), available: dollars(4) });
        let since = AlertKind::KeyRefused {
            since: at(0),
            failure: FailureKind::Unauthorized,
            denied: None,
            status: None,
        };
        let refused = alert(0, since);
        let overdue = AlertKind::Anomaly {
            class: Anomaly::OverdueReset,
            series: Some(Series::Meter(Meter::FiveHour)),
            observed: None,
            expected: None,
            factor: None,
            incident: None,
        };
        let overdue = alert(0, overdue);
        for (name, alert, last, now, expected) in [
            ("nothing newer", &threshold(0, 75, Some(100)), Some(reading(0, 3, 100, 1)), 50, true),
            ("the cycle is over", &threshold(0, 75, Some(100)), None, 101, false),
            ("the cycle goes on", &threshold(0, 75, Some(100)), Some(reading(9, 80, 100, 1)), 50, true),
            ("restored before its end", &threshold(0, 75, Some(100)), Some(reading(9, 4, 390, 1)), 50, false),
            ("an end that is not known", &threshold(0, 75, None), Some(reading(9, 4, 390, 1)), 50, false),
            ("the quota is back", &reset(0, 300), Some(reading(9, 12, 300, 1)), 50, true),
            ("and over again", &reset(0, 300), None, 300, false),
            ("and used up again", &reset(0, 300), Some(reading(9, 95, 300, 1)), 50, false),
            ("still low", &low, Some(reading(9, 0, 9, 5)), 50, true),
            ("topped up", &low, Some(reading(9, 0, 9, 30)), 50, false),
            ("still refused", &refused, None, 50, true),
            ("the key works again", &refused, Some(reading(9, 0, 9, 5)), 50, false),
            ("likely empty", &likely_empty(0, 60, 100), Some(reading(9, 64, 100, 1)), 50, true),
            ("empty by now", &likely_empty(0, 60, 100), Some(reading(9, 100, 100, 1)), 50, false),
            ("restored early", &likely_empty(0, 60, 100), Some(reading(9, 3, 390, 1)), 50, false),
            ("its cycle is over", &likely_empty(0, 60, 100), None, 101, false),
            ("still overdue", &overdue, Some(reading(9, 60, 5, 5)), 50, true),
            ("the reset came", &overdue, Some(reading(9, 0, 300, 5)), 50, false),
        ] {
            assert_eq!(alert.is_true(last.as_ref(), at(now)), expected, "{name}");
        }
    }

    #[test]
    fn the_newest_state_of_a_quota_is_all_that_is_told_of_it() {
        assert!(threshold(0, 75, Some(100)).is_superseded_by(&threshold(5, 90, Some(100))));
        assert!(threshold(0, 75, Some(100)).is_superseded_by(&reset(9, 300)));
        assert!(!reset(9, 300).is_superseded_by(&threshold(0, 75, Some(100))));
        let low = |minute, amount| {
            alert(minute, AlertKind::BalanceLow { threshold: dollars(amount), available: dollars(1) })
        };
        assert!(low(0, 10).is_superseded_by(&low(3, 5)));
        assert!(!low(0, 10).is_superseded_by(&threshold(3, 75, None)));
        let (used, resets_at) = (Decimal::from(61), Some(at(100)));
        let lasts = alert(9, AlertKind::LikelyLasts { meter: Meter::FiveHour, used, resets_at });
        assert!(likely_empty(0, 60, 100).is_superseded_by(&lasts));
        assert!(likely_empty(0, 60, 100).is_superseded_by(&reset(9, 300)));
        assert!(!threshold(0, 75, Some(100)).is_superseded_by(&lasts));
        assert!(lasts.is_correction() && !likely_empty(0, 60, 100).is_correction());
    }
}
