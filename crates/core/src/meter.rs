//! Meters: the quota windows of a Kimi Code membership.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::account::{ParseEnumError, string_enum};

/// The largest percentage, either way, that is believed: no quota was ever used ten thousand times over. Beyond it a
/// figure is taken for damage.
pub const MAX_PERCENT: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// A quota window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Meter {
    /// The 5-hour quota.
    #[serde(rename = "5h")]
    FiveHour,
    /// The 7-day window of plans from before September 2026.
    #[serde(rename = "week")]
    Week,
    /// The whole membership's pool of a billing month.
    #[serde(rename = "month")]
    Month,
    /// The share of Kimi Code *inside* [`Meter::Month`]; never an allowance of its own, never added to it.
    #[serde(rename = "month-code")]
    MonthCode,
}

string_enum!(
    Meter, "5h, week, month or month-code",
    Meter::FiveHour => "5h",
    Meter::Week => "week",
    Meter::Month => "month",
    Meter::MonthCode => "month-code",
);

impl Meter {
    /// All meters, shortest window first.
    pub const ALL: [Self; 4] = [Self::FiveHour, Self::Week, Self::Month, Self::MonthCode];

    /// How long a cycle of it lasts; a month is taken as 30 days, which is good enough to distinguish a new
    /// cycle from a moved deadline, and a current share from one of an earlier cycle.
    #[must_use]
    pub const fn nominal_length(self) -> TimeDelta {
        match self {
            Self::FiveHour => TimeDelta::hours(5),
            Self::Week => TimeDelta::days(7),
            Self::Month | Self::MonthCode => TimeDelta::days(30),
        }
    }

    /// Whether it limits anything by itself; the Code share of the month does not.
    #[must_use]
    pub const fn is_allowance(self) -> bool {
        !matches!(self, Self::MonthCode)
    }
}
