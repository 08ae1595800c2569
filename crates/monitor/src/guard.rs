//! From which share of a quota on coding agents are warned, and stopped.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tidemark_core::{AccountId, Meter};

/// The most rules.
const MAX_GUARD_RULES: usize = 200;

/// Rules of the guard. Of several that fit, the closest counts: one of this account and quota goes before one of the
/// account, that before one of the quota, and that before one of everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GuardRules(pub Vec<GuardRule>);

/// What is set for an account, a quota, both, or everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuardRule {
    /// The account; `None` is every one.
    pub account: Option<AccountId>,
    /// The quota; `None` is every one.
    pub meter: Option<Meter>,
    /// From where on a warning is given; `None` leaves that to a wider rule.
    pub warn: Option<GuardLimit>,
    /// From where on agents are stopped; `None` leaves that to a wider rule.
    pub stop: Option<GuardLimit>,
}

/// A share of a quota, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardLimit {
    /// Percent used: 1 to 100.
    At(u32),
    /// Not at any.
    Never,
}

/// What counts for one quota of one account, in percent used; `None` is never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardLimits {
    /// From where on a warning is given.
    pub warn: Option<Decimal>,
    /// From where on agents are stopped.
    pub stop: Option<Decimal>,
}

/// Where nothing is set: late enough to waste little, early enough to end a piece of work in peace.
const DEFAULT_WARN: GuardLimit = GuardLimit::At(80);
const DEFAULT_STOP: GuardLimit = GuardLimit::At(95);

impl GuardLimit {
    /// Whether it is a share that a quota can have.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Never | Self::At(1..=100))
    }

    fn percent(self) -> Option<Decimal> {
        match self {
            Self::At(percent) => Some(percent.into()),
            Self::Never => None,
        }
    }
}

impl GuardRules {
    /// What counts for a quota of an account.
    ///
    /// # Examples
    /// ```
    /// use tidemark_core::{AccountId, Meter};
    /// use tidemark_monitor::{GuardLimit, GuardRule, GuardRules};
    ///
    /// let week = GuardRule { meter: Some(Meter::Week), stop: Some(GuardLimit::Never), ..GuardRule::default() };
    /// let limits = GuardRules(vec![week]).limits(AccountId(1), Meter::Week);
    /// assert_eq!((limits.warn, limits.stop), (Some(80.into()), None));
    /// ```
    #[must_use]
    pub fn limits(&self, account: AccountId, meter: Meter) -> GuardLimits {
        let closest = |value: fn(&GuardRule) -> Option<GuardLimit>| {
            let fits = self.0.iter().filter(|rule| {
                rule.account.is_none_or(|of| of == account) && rule.meter.is_none_or(|of| of == meter)
            });
            fits.filter_map(|rule| Some((rule.account.is_some(), rule.meter.is_some(), value(rule)?)))
                .max_by_key(|(account, meter, _)| (*account, *meter))
                .map(|(_, _, limit)| limit)
        };
        GuardLimits {
            warn: closest(|rule| rule.warn).unwrap_or(DEFAULT_WARN).percent(),
            stop: closest(|rule| rule.stop).unwrap_or(DEFAULT_STOP).percent(),
        }
    }

    /// Sets what is given of a rule, in the place of what was set for the same account and quota.
    pub fn set(&mut self, rule: GuardRule) {
        let same = |other: &&mut GuardRule| (other.account, other.meter) == (rule.account, rule.meter);
        match self.0.iter_mut().find(same) {
            Some(known) => {
                known.warn = rule.warn.or(known.warn);
                known.stop = rule.stop.or(known.stop);
            }
            None => self.0.push(rule),
        }
    }

    /// Forgets what is set for an account and a quota, so that a wider rule counts again. Returns whether anything was.
    pub fn forget(&mut self, account: Option<AccountId>, meter: Option<Meter>) -> bool {
        let before = self.0.len();
        self.0.retain(|rule| (rule.account, rule.meter) != (account, meter));
        self.0.len() < before
    }

    /// Whether they can be used: not too many, and each a share that a quota can have.
    #[must_use]
    pub fn are_valid(&self) -> bool {
        let valid = |limit: Option<GuardLimit>| limit.is_none_or(GuardLimit::is_valid);
        self.0.len() <= MAX_GUARD_RULES && self.0.iter().all(|rule| valid(rule.warn) && valid(rule.stop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(account: Option<i64>, meter: Option<Meter>, warn: Option<u32>, stop: Option<u32>) -> GuardRule {
        GuardRule {
            account: account.map(AccountId),
            meter,
            warn: warn.map(GuardLimit::At),
            stop: stop.map(GuardLimit::At),
        }
    }

    #[test]
    fn the_closest_rule_counts_for_each_value_by_itself() {
        let rules = GuardRules(vec![
            rule(Some(1), Some(Meter::Week), None, Some(70)),
            rule(Some(1), None, Some(50), Some(60)),
            rule(None, Some(Meter::Week), Some(40), Some(99)),
            rule(None, None, Some(30), None),
        ]);
        for (account, meter, expected) in [
            (1, Meter::Week, (50, 70)),
            (1, Meter::FiveHour, (50, 60)),
            (2, Meter::Week, (40, 99)),
            (2, Meter::FiveHour, (30, 95)),
        ] {
            let limits = rules.limits(AccountId(account), meter);
            let expected = (Some(Decimal::from(expected.0)), Some(Decimal::from(expected.1)));
            assert_eq!((limits.warn, limits.stop), expected, "{account} {meter}");
        }
        let none = GuardRules::default().limits(AccountId(1), Meter::Month);
        assert_eq!((none.warn, none.stop), (Some(80.into()), Some(95.into())));
    }

    #[test]
    fn setting_a_value_keeps_the_other_and_forgetting_brings_the_wider_rule_back() {
        let mut rules = GuardRules::default();
        rules.set(rule(None, None, Some(10), None));
        rules.set(rule(None, None, None, Some(20)));
        assert_eq!(rules.0, [rule(None, None, Some(10), Some(20))]);
        rules.set(GuardRule { stop: Some(GuardLimit::Never), ..rule(Some(3), None, None, None) });
        assert_eq!(rules.limits(AccountId(3), Meter::Week).stop, None);
        assert!(rules.forget(Some(AccountId(3)), None) && !rules.forget(Some(AccountId(3)), None));
        assert_eq!(rules.limits(AccountId(3), Meter::Week).stop, Some(20.into()));
    }

    #[test]
    fn a_limit_is_a_share_that_a_quota_can_have() {
        for (limit, valid) in [(0, false), (1, true), (100, true), (101, false)] {
            assert_eq!(GuardRules(vec![rule(None, None, None, Some(limit))]).are_valid(), valid, "{limit}");
        }
        assert!(!GuardRules(vec![GuardRule::default(); MAX_GUARD_RULES + 1]).are_valid());
    }
}
