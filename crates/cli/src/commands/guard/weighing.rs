//! What the guard makes of an account's last reading.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tidemark_core::{AccountId, FailureKind, Meter};
use tidemark_monitor::{GuardLimits, GuardRules};

use crate::commands::last_known::{Known, current_share};

/// How a quota stands to its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Below both.
    Pass,
    /// It is worth a warning.
    Warn,
    /// Agents are to stop.
    Stop,
}

/// A quota of an account, beside its limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    pub account: AccountId,
    pub name: String,
    pub meter: Meter,
    pub used: Decimal,
    pub limits: GuardLimits,
    pub level: Level,
    pub resets_at: Option<DateTime<Utc>>,
    pub age: TimeDelta,
}

/// The quotas of accounts beside their limits. What is unknown, too old or reset since is left out: no one is stopped
/// for what may not be so.
pub fn weigh(known: &[Known], rules: &GuardRules, max_age: TimeDelta, now: DateTime<Utc>) -> Vec<Weighed> {
    let mut all: Vec<Weighed> =
        known.iter().flat_map(|known| of_account(known, rules, max_age, now)).collect();
    all.sort_by(|a, b| b.level.cmp(&a.level).then(b.used.cmp(&a.used)));
    all
}

fn of_account<'a>(
    known: &'a Known,
    rules: &'a GuardRules,
    max_age: TimeDelta,
    now: DateTime<Utc>,
) -> impl Iterator<Item = Weighed> + 'a {
    let age = known.age(now).filter(|age| *age <= max_age);
    let reading = known.reading.as_ref().zip(age);
    reading.into_iter().flat_map(move |(reading, age)| {
        let meters = reading.meters.iter().filter(|meter| meter.meter.is_allowance());
        meters.filter_map(move |meter| {
            let used = current_share(reading, meter, now)?;
            // The service said so after the reading.
            let is_empty = known.failure().is_some_and(|failure| {
                failure.kind == FailureKind::WindowExhausted && failure.meter == Some(meter.meter)
            });
            let used = if is_empty { Decimal::ONE_HUNDRED } else { used };
            let limits = rules.limits(known.account.id, meter.meter);
            let passed = |limit: Option<Decimal>| limit.is_some_and(|limit| used >= limit);
            let level = if passed(limits.stop) {
                Level::Stop
            } else if passed(limits.warn) {
                Level::Warn
            } else {
                Level::Pass
            };
            Some(Weighed {
                account: known.account.id,
                name: known.account.name.clone(),
                meter: meter.meter,
                used,
                limits,
                level,
                resets_at: meter.resets_at,
                age,
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use tidemark_core::{Credential, MeterReading, Reading, Region, Source};
    use tidemark_monitor::{GuardLimit, GuardRule};

    use super::*;
    use crate::commands::last_known::unread;

    fn now() -> DateTime<Utc> {
        "2026-11-22T06:00:00Z".parse().unwrap()
    }

    fn known(id: i64, credential: Credential, meters: &[(Meter, i64, i64)], minutes_ago: i64) -> Known {
        let at = now() - TimeDelta::minutes(minutes_ago);
        let mut reading = Reading::new(at, Source::KimiCode, Region::Global);
        reading.meters = meters
            .iter()
            .map(|(meter, used, resets_in)| MeterReading {
                meter: *meter,
                used_percent: Decimal::from(*used),
                used: None,
                limit: None,
                resets_at: Some(now() + TimeDelta::minutes(*resets_in)),
                conflict: false,
            })
            .collect();
        Known { reading: Some(reading), ..unread(id, credential) }
    }

    fn keyed() -> Credential {
        Credential::Keyring { handle: "k".to_owned() }
    }

    #[test]
    fn a_quota_is_weighed_by_what_is_known_to_be_used_now() {
        let hour = TimeDelta::hours(1);
        for (used, resets_in, minutes_ago, expected) in [
            (79, 60, 1, Some(Level::Pass)),
            (80, 60, 1, Some(Level::Warn)),
            (95, 60, 1, Some(Level::Stop)),
            (100, 60, 60, Some(Level::Stop)),
            // Too old, or reset since it was read: unknown.
            (100, 60, 61, None),
            (100, -1, 5, None),
        ] {
            let one = [known(1, keyed(), &[(Meter::FiveHour, used, resets_in)], minutes_ago)];
            let level = weigh(&one, &GuardRules::default(), hour, now()).first().map(|one| one.level);
            assert_eq!(level, expected, "{used} {resets_in} {minutes_ago}");
        }
    }

    #[test]
    fn the_gravest_comes_first_and_kimi_codes_share_is_no_allowance() {
        let one = [known(
            1,
            keyed(),
            &[(Meter::FiveHour, 96, 60), (Meter::Week, 99, 600), (Meter::MonthCode, 100, 900)],
            1,
        )];
        let rule =
            GuardRule { meter: Some(Meter::Week), stop: Some(GuardLimit::Never), ..GuardRule::default() };
        let weighed = weigh(&one, &GuardRules(vec![rule]), TimeDelta::hours(1), now());
        let order: Vec<_> = weighed.iter().map(|one| (one.meter, one.level)).collect();
        assert_eq!(order, [(Meter::FiveHour, Level::Stop), (Meter::Week, Level::Warn)]);
    }
}
