//! Readings: what the service said of an account at one moment.
//!
//! The parts of a [`Reading`] have the contract's JSON; the whole has it as a
//! [`ReadingRecord`](crate::wire::ReadingRecord), which names the account too.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::account::{Region, Source};
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::wire::{amount, number, optional_time, text_number};

/// What the service said of one account at one moment. Whatever it did not say is `None` or absent,
/// never zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// When the answer arrived, by this machine's clock.
    pub at: DateTime<Utc>,
    /// The product that was polled.
    pub source: Source,
    /// The region whose service was polled.
    pub region: Region,
    /// The plan's name as the service gives it, such as `Pro`.
    pub plan: Option<String>,
    /// The quota windows that the service reported, shortest first, each at most once.
    pub meters: Vec<MeterReading>,
    /// The wallet for extra usage beside the membership.
    pub wallet: Option<Wallet>,
    /// The prepaid balance of the open platform.
    pub balance: Option<Balance>,
    /// The account's own rate limits, as far as the service reported them.
    pub limits: RateLimits,
    /// Paths of the parts of a body that carried something unreadable, such as `usage.resetTime`.
    pub not_understood: Vec<String>,
    /// Whose answer it was, as far as the service named the user.
    pub user: UserIds,
}

/// Whose answer it was: short hashes of the ids that the service gave, never the ids. The parts of the service may
/// name one user by different ids, so that each id is compared with the same part's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserIds {
    /// From the answer that shows the quotas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<String>,
    /// From the answer that shows plan and limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The organization that the user's key belongs to, on the open platform: balance and limits are the
    /// organization's, and one user may be in several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The answer may be another user's than those before: the key is new to the program, and whose it is could not be
    /// asked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

impl UserIds {
    /// Whether it says neither whose answer it was nor that this is unknown.
    #[must_use]
    pub const fn says_nothing(&self) -> bool {
        self.is_empty() && !self.unknown
    }

    /// Whether no id is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.quota.is_none() && self.profile.is_none() && self.organization.is_none()
    }

    /// Whether both are of one user, and of one organization where both name one; `None` where that is unknown.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> Option<bool> {
        let compared = |pair: (&Option<String>, &Option<String>)| match pair {
            (Some(one), Some(other)) => Some(one == other),
            _ => None,
        };
        let organization = compared((&self.organization, &other.organization));
        if organization == Some(false) {
            return organization;
        }
        let pairs = [(&self.quota, &other.quota), (&self.profile, &other.profile)];
        pairs.into_iter().find_map(compared).or(organization)
    }

    /// Takes what a later answer of the same user showed.
    pub fn learn(&mut self, later: &Self) {
        for (known, seen) in [
            (&mut self.quota, &later.quota),
            (&mut self.profile, &later.profile),
            (&mut self.organization, &later.organization),
        ] {
            if seen.is_some() {
                known.clone_from(seen);
            }
        }
    }

    /// One of the ids, to name the user by.
    #[must_use]
    pub fn any(&self) -> Option<&str> {
        self.quota.as_deref().or(self.profile.as_deref()).or(self.organization.as_deref())
    }

    /// The id that shows that this is not the other: the organization's, where only that differs.
    #[must_use]
    pub fn apart_from(&self, other: &Self) -> Option<&str> {
        let any = self.any();
        if any.is_some() && any == other.any() { self.organization.as_deref().or(any) } else { any }
    }
}

/// One quota window as reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeterReading {
    /// Which quota it is.
    pub meter: Meter,
    /// How much of it is used, in percent of its limit; not clamped, at most 8 decimals.
    #[serde(with = "number")]
    pub used_percent: Decimal,
    /// The count that the service gave, in its own unit (requests in early 2026, hundredths since).
    #[serde(with = "text_number")]
    pub used: Option<Decimal>,
    /// The limit in the same unit as `used`.
    #[serde(with = "text_number")]
    pub limit: Option<Decimal>,
    /// When the service says that the window ends.
    #[serde(with = "optional_time")]
    pub resets_at: Option<DateTime<Utc>>,
    /// Two figures for this window disagree by more than one point; `used_percent` is the larger.
    pub conflict: bool,
}

/// The prepaid wallet that a member may enable for usage beyond the quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallet {
    /// Whether it is switched on; `None` where the service did not say.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// What is left in it.
    #[serde(default)]
    pub balance: Option<Money>,
    /// What was spent from it in this billing month.
    #[serde(default)]
    pub month_used: Option<Money>,
    /// The user's cap on it; `None` if there is none or none was reported.
    #[serde(default)]
    pub month_cap: Option<Money>,
    /// Whether the service has frozen it: it pays for nothing, and its money is still there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub frozen: bool,
}

/// The open platform's prepaid balance. By its documentation `available = max(cash, 0) + voucher`;
/// a debt shows only in `cash`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The currency of all three: the one that the answer names, or the region's.
    pub currency: Currency,
    /// What calls can be paid from; at 0 or below the service refuses calls.
    #[serde(default, with = "amount")]
    pub available: Option<Decimal>,
    /// Granted money; never negative.
    #[serde(default, with = "amount")]
    pub voucher: Option<Decimal>,
    /// Paid-in money; negative is a debt.
    #[serde(default, with = "amount")]
    pub cash: Option<Decimal>,
}

/// The account's own rate limits. `None` is unlimited or not reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateLimits {
    /// Requests at the same time.
    pub concurrency: Option<u64>,
    /// Requests per minute (RPM).
    pub requests_per_minute: Option<u64>,
    /// Tokens per minute (TPM).
    pub tokens_per_minute: Option<u64>,
    /// Tokens per day (TPD).
    pub tokens_per_day: Option<u64>,
}

impl Reading {
    /// A reading that shows nothing yet.
    #[must_use]
    pub fn new(at: DateTime<Utc>, source: Source, region: Region) -> Self {
        Self {
            at,
            source,
            region,
            plan: None,
            meters: Vec::new(),
            wallet: None,
            balance: None,
            limits: RateLimits::default(),
            not_understood: Vec::new(),
            user: UserIds::default(),
        }
    }

    /// The reading of one meter.
    #[must_use]
    pub fn meter(&self, meter: Meter) -> Option<&MeterReading> {
        self.meters.iter().find(|m| m.meter == meter)
    }

    /// Whether a quota of this reading has been reset since it was read: what it shows is not what is used now. That is
    /// known by its announced end, or by an age beyond the length of its cycle. An end that had passed already when it
    /// was read is a reset that is late.
    #[must_use]
    pub fn is_past_reset(&self, meter: &MeterReading, now: DateTime<Utc>) -> bool {
        let length = meter.meter.nominal_length();
        let age = now - self.at;
        match meter.resets_at {
            Some(end) if self.at < end && end <= now => true,
            // A month is a day longer than its nominal length at most.
            Some(end) if now < end => age > length + TimeDelta::days(1),
            _ => age > length,
        }
    }

    /// The meter nearest its limit, among those that limit anything.
    #[must_use]
    pub fn tightest(&self) -> Option<&MeterReading> {
        self.meters.iter().filter(|m| m.meter.is_allowance()).max_by_key(|m| m.used_percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_older_than_its_cycle_is_not_shown_as_current() {
        let read: DateTime<Utc> = "2026-11-20T08:00:00Z".parse().unwrap();
        let hours = TimeDelta::hours;
        for (meter, end, age, expected) in [
            // No end was announced.
            (Meter::FiveHour, None, hours(5), false),
            (Meter::FiveHour, None, hours(6), true),
            (Meter::Week, None, hours(7 * 24), false),
            (Meter::Week, None, hours(37 * 24), true),
            (Meter::Month, None, hours(37 * 24), true),
            (Meter::MonthCode, None, hours(37 * 24), true),
            // The end had passed when it was read: the reset was late then.
            (Meter::FiveHour, Some(hours(-1)), hours(4), false),
            (Meter::FiveHour, Some(hours(-1)), hours(37 * 24), true),
            // The end has passed since.
            (Meter::FiveHour, Some(hours(2)), hours(1), false),
            (Meter::FiveHour, Some(hours(2)), hours(2), true),
            // A month of 31 days, and an end that no cycle has.
            (Meter::Month, Some(hours(31 * 24 - 1)), hours(30 * 24 + 12), false),
            (Meter::FiveHour, Some(hours(9000)), hours(37 * 24), true),
        ] {
            let shown = MeterReading {
                meter,
                used_percent: Decimal::from(50),
                used: None,
                limit: None,
                resets_at: end.map(|end| read + end),
                conflict: false,
            };
            let reading = Reading {
                meters: vec![shown.clone()],
                ..Reading::new(read, Source::KimiCode, Region::China)
            };
            assert_eq!(reading.is_past_reset(&shown, read + age), expected, "{meter} {end:?} {age}");
        }
    }
}
