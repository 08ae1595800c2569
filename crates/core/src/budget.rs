//! Budgets: how much of an account may be used in a day, a week or a month.
//!
//! A budget is of percents of one quota, of tokens or of money; the three are never added up. It is the user's own limit and
//! nothing that the service knows of: what was used is a fact or says that it is estimated, and where a part of the
//! period was not seen, that is said and not counted as nothing.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};

use crate::account::{AccountId, ParseEnumError, string_enum};
use crate::calendar::{Bucket, Span, midnight};
use crate::meter::Meter;
use crate::money::Money;

/// The percents of a budget at which it is reported, ascending.
pub const STEPS: [u32; 2] = [80, 100];

/// The longest name of a project.
pub const MAX_PROJECT_LEN: usize = 300;

/// The period of a budget, by the calendar of the user's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// A day.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A month.
    Month,
}

string_enum!(
    Period,
    "day, week or month",
    Period::Day => "day",
    Period::Week => "week",
    Period::Month => "month",
);

impl Period {
    /// The period that holds an instant.
    ///
    /// # Examples
    /// ```
    /// use chrono_tz::Asia::Shanghai;
    /// use tidemark_core::budget::Period;
    ///
    /// // A Sunday evening in Shanghai.
    /// let week = Period::Week.holding("2026-11-29T12:00:00Z".parse()?, Shanghai);
    /// assert_eq!(week.start.with_timezone(&Shanghai).to_rfc3339(), "2026-11-23T00:00:00+08:00");
    /// assert_eq!(week.end.with_timezone(&Shanghai).to_rfc3339(), "2026-11-30T00:00:00+08:00");
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn holding(self, at: DateTime<Utc>, zone: Tz) -> Bucket {
        match self {
            Self::Day => Bucket::holding(at, Span::Day, zone),
            Self::Month => Bucket::holding(at, Span::Month, zone),
            Self::Week => {
                let start = Bucket::holding(at, Span::Day, zone).start;
                let day = start.with_timezone(&zone).date_naive();
                let monday = day - Days::new(day.weekday().num_days_from_monday().into());
                Bucket { start: midnight(monday, zone), end: midnight(monday + Days::new(7), zone) }
            }
        }
    }
}

/// An amount of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unit", rename_all = "kebab-case")]
pub enum BudgetAmount {
    /// Percent of a quota. More than 100 of a 5-hour quota can be used in a day.
    Percent {
        /// Of which quota.
        meter: Meter,
        /// How many.
        percent: Decimal,
    },
    /// Tokens, of all kinds.
    Tokens {
        /// How many.
        tokens: u64,
    },
    /// Money.
    Money {
        /// How much.
        money: Money,
    },
}

impl BudgetAmount {
    /// Whether it is an amount that a budget can have.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Percent { percent, meter } => {
                meter.is_allowance() && *percent > Decimal::ZERO && *percent <= Decimal::from(100_000)
            }
            Self::Tokens { tokens } => (1..=1_000_000_000_000_000).contains(tokens),
            Self::Money { money } => {
                money.amount > Decimal::ZERO && money.amount <= Decimal::from(1_000_000_000)
            }
        }
    }

    /// Whether both are of the same kind: percents of the same quota, tokens, or money.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Percent { meter, .. }, Self::Percent { meter: of_other, .. }) => meter == of_other,
            (Self::Tokens { .. }, Self::Tokens { .. }) | (Self::Money { .. }, Self::Money { .. }) => true,
            _ => false,
        }
    }

    /// How many percent of `whole` this is; `None` where the two cannot be compared.
    #[must_use]
    pub fn percent_of(&self, whole: &Self) -> Option<Decimal> {
        let (part, whole) = match (self, whole) {
            (Self::Percent { meter, percent }, Self::Percent { meter: of_whole, percent: whole })
                if meter == of_whole =>
            {
                (*percent, *whole)
            }
            (Self::Tokens { tokens }, Self::Tokens { tokens: whole }) => {
                (Decimal::from(*tokens), Decimal::from(*whole))
            }
            (Self::Money { money }, Self::Money { money: whole }) if money.currency == whole.currency => {
                (money.amount, whole.amount)
            }
            _ => return None,
        };
        part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)
    }
}

/// How much may be used of an account, or for a project of it, in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The account.
    pub account: AccountId,
    /// The project: its folder, or the folder's name. `None` is the whole account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// In which period.
    pub period: Period,
    /// How much.
    pub limit: BudgetAmount,
}

impl Budget {
    /// Whether it can be kept: a valid amount, and for a project tokens or money, since what a quota loses is
    /// not known by project.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let project = self.project.as_deref();
        let named =
            project.is_none_or(|name| !name.trim().is_empty() && name.chars().count() <= MAX_PROJECT_LEN);
        named
            && self.limit.is_valid()
            && !(project.is_some() && matches!(self.limit, BudgetAmount::Percent { .. }))
    }

    /// Whether another is for the same: the one takes the place of the other.
    #[must_use]
    pub fn is_for_the_same_as(&self, other: &Self) -> bool {
        (self.account, &self.project, self.period) == (other.account, &other.project, other.period)
            && self.limit.is_like(&other.limit)
    }

    /// Whether a project, by its folder, is the one of the budget.
    #[must_use]
    pub fn counts(&self, folder: Option<&str>) -> bool {
        let Some(project) = self.project.as_deref() else { return true };
        folder.is_some_and(|folder| {
            let folder = folder.trim_end_matches(['/', '\\']);
            folder == project.trim_end_matches(['/', '\\'])
                || folder.rsplit(['/', '\\']).next().is_some_and(|name| name == project)
        })
    }

    /// What the keys of its alerts begin with: another limit is another budget.
    #[must_use]
    pub fn key(&self) -> String {
        let limit = match &self.limit {
            BudgetAmount::Percent { meter, percent } => format!("{meter}:{}", percent.normalize()),
            BudgetAmount::Tokens { tokens } => format!("tokens:{tokens}"),
            BudgetAmount::Money { money } => format!("{}:{}", money.currency, money.amount.normalize()),
        };
        let project = self.project.as_deref().unwrap_or_default();
        format!("budget:{}:{limit}:{project}", self.period)
    }
}

/// How a budget stands.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetState {
    /// The budget.
    pub budget: Budget,
    /// The period that is under way.
    pub period: Bucket,
    /// What was used of it so far, in the unit of the limit; `None` where nothing is known.
    pub used: Option<BudgetAmount>,
    /// `used` is worked out from prices and logs, and not what the service took.
    pub is_estimate: bool,
    /// Not all of the period so far was seen: more may have been used.
    pub is_part: bool,
}

impl BudgetState {
    /// What was used in percent of the limit; `None` where that is not known.
    #[must_use]
    pub fn percent(&self) -> Option<Decimal> {
        self.used.as_ref()?.percent_of(&self.budget.limit)
    }

    /// The highest of [`STEPS`] that is reached.
    #[must_use]
    pub fn step(&self) -> Option<u32> {
        let percent = self.percent()?.floor().to_u32().unwrap_or(u32::MAX);
        STEPS.into_iter().rev().find(|step| *step <= percent)
    }
}

/// Sets a budget, in the place of the one for the same.
pub fn set(budgets: &mut Vec<Budget>, budget: Budget) {
    match budgets.iter_mut().find(|known| known.is_for_the_same_as(&budget)) {
        Some(known) => *known = budget,
        None => budgets.push(budget),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Currency;

    fn money(amount: i64, currency: Currency) -> BudgetAmount {
        BudgetAmount::Money { money: Money::new(amount.into(), currency) }
    }

    fn percent(meter: Meter, percent: i64) -> BudgetAmount {
        BudgetAmount::Percent { meter, percent: percent.into() }
    }

    fn budget(project: Option<&str>, limit: BudgetAmount) -> Budget {
        Budget { account: AccountId(1), project: project.map(str::to_owned), period: Period::Day, limit }
    }

    fn state(limit: BudgetAmount, used: Option<BudgetAmount>) -> BudgetState {
        let period = Period::Day.holding(DateTime::UNIX_EPOCH, Tz::UTC);
        BudgetState { budget: budget(None, limit), period, used, is_estimate: false, is_part: false }
    }

    #[test]
    fn a_budget_is_reached_in_its_own_unit_only() {
        let tokens = |tokens| BudgetAmount::Tokens { tokens };
        let table = [
            ("nothing known", tokens(100), None, None),
            ("nothing used", tokens(100), Some(tokens(0)), None),
            ("just below the first step", tokens(1000), Some(tokens(799)), None),
            ("the first step", tokens(1000), Some(tokens(800)), Some(80)),
            ("just below the limit", tokens(1000), Some(tokens(999)), Some(80)),
            ("all of it", tokens(1000), Some(tokens(1000)), Some(100)),
            ("far beyond", tokens(1), Some(tokens(u64::MAX)), Some(100)),
            ("dollars of yuan", money(10, Currency::CNY), Some(money(10, Currency::USD)), None),
            ("money of tokens", tokens(10), Some(money(10, Currency::USD)), None),
            ("another quota", percent(Meter::Week, 10), Some(percent(Meter::Month, 10)), None),
            ("a quota", percent(Meter::Week, 10), Some(percent(Meter::Week, 9)), Some(80)),
            ("windows", percent(Meter::FiveHour, 250), Some(percent(Meter::FiveHour, 250)), Some(100)),
        ];
        for (name, limit, used, step) in table {
            assert_eq!(state(limit, used).step(), step, "{name}");
        }
    }

    #[test]
    fn what_no_budget_can_be_is_refused() {
        let table = [
            (budget(None, percent(Meter::Week, 20)), true),
            (budget(None, percent(Meter::Week, 0)), false),
            (budget(Some("boat"), percent(Meter::Week, 20)), false),
            (budget(Some("boat"), BudgetAmount::Tokens { tokens: 5 }), true),
            (budget(Some(" "), BudgetAmount::Tokens { tokens: 5 }), false),
            (budget(None, BudgetAmount::Tokens { tokens: 0 }), false),
            (budget(None, money(-3, Currency::CNY)), false),
            (budget(None, money(3, Currency::CNY)), true),
        ];
        for (budget, valid) in table {
            assert_eq!(budget.is_valid(), valid, "{budget:?}");
        }
    }

    #[test]
    fn a_project_is_known_by_its_folder_or_the_folders_name() {
        let boat = budget(Some("boat"), money(1, Currency::CNY));
        for (folder, counts) in [
            (Some("/work/boat"), true),
            (Some("/work/boat/"), true),
            (Some(r"C:\work\boat"), true),
            (Some("boat"), true),
            (Some("/work/boathouse"), false),
            (Some("/boat/house"), false),
            (None, false),
        ] {
            assert_eq!(boat.counts(folder), counts, "{folder:?}");
        }
        let whole = budget(Some("/work/boat"), money(1, Currency::CNY));
        assert!(whole.counts(Some("/work/boat")) && !whole.counts(Some("/other/boat")));
        assert!(budget(None, money(1, Currency::CNY)).counts(None));
    }

    #[test]
    fn a_budget_takes_the_place_of_the_one_for_the_same() {
        let mut all = Vec::new();
        for one in [
            budget(None, money(10, Currency::CNY)),
            budget(Some("boat"), money(10, Currency::CNY)),
            budget(None, percent(Meter::Week, 10)),
            budget(None, percent(Meter::Month, 10)),
            budget(None, money(20, Currency::CNY)),
        ] {
            set(&mut all, one);
        }
        assert_eq!(all.len(), 4);
        assert_eq!(all[0].limit, money(20, Currency::CNY));
        let keys: std::collections::BTreeSet<_> = all.iter().map(Budget::key).collect();
        assert_eq!(keys.len(), 4, "{keys:?}");
    }

    #[test]
    fn a_budget_comes_back_as_it_was_stored() {
        for one in [
            budget(Some("boat"), money(10, Currency::CNY)),
            budget(None, percent(Meter::Week, 10)),
            budget(None, BudgetAmount::Tokens { tokens: 7 }),
        ] {
            let text = serde_json::to_string(&one).unwrap();
            assert_eq!(serde_json::from_str::<Budget>(&text).unwrap(), one, "{text}");
        }
    }

    proptest! {
        /// Whenever it is, a period holds its instant, and periods follow one another without a hole.
        #[test]
        fn periods_follow_one_another(seconds in 0_i64..4_000_000_000, zone in 0_usize..chrono_tz::TZ_VARIANTS.len()) {
            let (at, zone) = (DateTime::from_timestamp(seconds, 0).unwrap(), chrono_tz::TZ_VARIANTS[zone]);
            for period in [Period::Day, Period::Week, Period::Month] {
                let this = period.holding(at, zone);
                prop_assert!(this.start <= at && at < this.end, "{period} {this:?}");
                prop_assert_eq!(period.holding(this.end, zone).start, this.end);
                prop_assert_eq!(period.holding(this.start, zone), this);
            }
        }
    }
}
