//! The line of a reading.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::fields::{optional_time, or_default, text_number, time};
use crate::account::{Region, Source};
use crate::meter::{MAX_PERCENT, Meter};
use crate::number::decimal;
use crate::reading::{Balance, MeterReading, RateLimits, Reading, UserIds, Wallet};
use crate::text;

/// A reading, as the contract has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadingRecord {
    /// When the answer arrived.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The account's name; absent where there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The product that was polled.
    pub source: Source,
    /// The region whose service was polled.
    pub region: Region,
    /// The plan, as the service names it.
    #[serde(default)]
    pub plan: Option<String>,
    /// The quota windows; one whose figure is null says nothing, and is left out.
    #[serde(default, deserialize_with = "meters")]
    pub meters: Vec<MeterReading>,
    /// The extra-usage wallet, if there is one.
    #[serde(default)]
    pub wallet: Option<Wallet>,
    /// The prepaid balance, of a platform account.
    #[serde(default)]
    pub balance: Option<Balance>,
    /// The account's own rate limits, as far as reported.
    #[serde(default, deserialize_with = "or_default")]
    pub limits: RateLimits,
    /// Paths of the body's parts that could not be read.
    #[serde(default, deserialize_with = "or_default")]
    pub not_understood: Vec<String>,
    /// Whose answer it was.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "UserIds::says_nothing")]
    pub user: UserIds,
}

/// Reads meters that may be null, and leaves out those without a figure.
fn meters<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<MeterReading>, D::Error> {
    /// A [`MeterReading`] of which nothing is certain.
    #[derive(Deserialize)]
    struct Any {
        meter: Meter,
        #[serde(default)]
        used_percent: Option<f64>,
        #[serde(default, with = "text_number")]
        used: Option<Decimal>,
        #[serde(default, with = "text_number")]
        limit: Option<Decimal>,
        #[serde(default, with = "optional_time")]
        resets_at: Option<DateTime<Utc>>,
        #[serde(default, deserialize_with = "or_default")]
        conflict: bool,
    }
    let all = Option::<Vec<Option<Any>>>::deserialize(deserializer)?.unwrap_or_default();
    let percent = |told: f64| {
        let percent = decimal::from_f64(told).filter(|percent| percent.abs() <= MAX_PERCENT);
        percent.ok_or_else(|| D::Error::custom(format!("a used_percent of {told:e} is out of range")))
    };
    let known = all.into_iter().flatten().filter_map(|any| {
        let used_percent = any.used_percent?;
        Some(percent(used_percent).map(|used_percent| MeterReading {
            meter: any.meter,
            used_percent,
            used: any.used,
            limit: any.limit,
            resets_at: any.resets_at,
            conflict: any.conflict,
        }))
    });
    known.collect()
}

impl ReadingRecord {
    /// The line of a reading of an account.
    #[must_use]
    pub fn new(reading: &Reading, account: Option<&str>) -> Self {
        Self {
            at: reading.at,
            account: account.map(ToOwned::to_owned),
            source: reading.source,
            region: reading.region,
            plan: reading.plan.clone(),
            meters: reading.meters.clone(),
            wallet: reading.wallet,
            balance: reading.balance,
            limits: reading.limits,
            not_understood: reading.not_understood.clone(),
            user: reading.user.clone(),
        }
    }
}

impl From<ReadingRecord> for Reading {
    fn from(line: ReadingRecord) -> Self {
        Self {
            at: line.at,
            source: line.source,
            region: line.region,
            plan: line.plan.as_deref().map(text::name),
            meters: line.meters,
            wallet: line.wallet,
            balance: line.balance,
            limits: line.limits,
            not_understood: text::listed(line.not_understood),
            user: line.user,
        }
    }
}
