//! The line of a reading.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

use super::fields::{amount, number, optional_number, optional_time, or_default, text_number, time};
use crate::account::{Region, Source};
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::reading::{Balance, MeterReading, RateLimits, Reading, Wallet};

/// A reading, as the contract has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadingRecord {
    /// When.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The account's name; absent where there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Which product.
    pub source: Source,
    /// Which service.
    pub region: Region,
    /// The plan's name.
    #[serde(default)]
    pub plan: Option<String>,
    /// The quota windows; one whose figure is null says nothing, and is left out.
    #[serde(default, deserialize_with = "meters")]
    pub meters: Vec<MeterRecord>,
    /// The wallet.
    #[serde(default)]
    pub wallet: Option<WalletRecord>,
    /// The balance.
    #[serde(default)]
    pub balance: Option<BalanceRecord>,
    /// The rate limits.
    #[serde(default, deserialize_with = "or_default")]
    pub limits: LimitsRecord,
    /// Paths of unreadable parts.
    #[serde(default, deserialize_with = "or_default")]
    pub not_understood: Vec<String>,
}

/// Reads meters that may be null, and leaves out those that tell no figure.
fn meters<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<MeterRecord>, D::Error> {
    /// A meter of which nothing is certain.
    #[derive(Deserialize)]
    struct Any {
        meter: Meter,
        #[serde(default, with = "optional_number")]
        used_percent: Option<Decimal>,
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
    let known = all.into_iter().flatten().filter_map(|any| {
        Some(MeterRecord {
            meter: any.meter,
            used_percent: any.used_percent?,
            used: any.used,
            limit: any.limit,
            resets_at: any.resets_at,
            conflict: any.conflict,
        })
    });
    Ok(known.collect())
}

/// A quota window in a reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeterRecord {
    /// Which.
    pub meter: Meter,
    /// Percent used, not clamped.
    #[serde(with = "number")]
    pub used_percent: Decimal,
    /// The service's own count, a decimal string.
    #[serde(default, with = "text_number")]
    pub used: Option<Decimal>,
    /// The limit of that count.
    #[serde(default, with = "text_number")]
    pub limit: Option<Decimal>,
    /// When the window ends.
    #[serde(default, with = "optional_time")]
    pub resets_at: Option<DateTime<Utc>>,
    /// Two fields disagree.
    #[serde(default, deserialize_with = "or_default")]
    pub conflict: bool,
}

/// A wallet in a reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WalletRecord {
    /// Whether it is on.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// What is left.
    #[serde(default)]
    pub balance: Option<Money>,
    /// Spent this month.
    #[serde(default)]
    pub month_used: Option<Money>,
    /// The cap on that.
    #[serde(default)]
    pub month_cap: Option<Money>,
}

/// A balance in a reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BalanceRecord {
    /// The currency of all three.
    pub currency: Currency,
    /// What calls can be paid from.
    #[serde(default, with = "amount")]
    pub available: Option<Decimal>,
    /// Granted.
    #[serde(default, with = "amount")]
    pub voucher: Option<Decimal>,
    /// Paid in; negative is a debt.
    #[serde(default, with = "amount")]
    pub cash: Option<Decimal>,
}

/// Rate limits in a reading.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitsRecord {
    /// Requests at the same time.
    pub concurrency: Option<u64>,
    /// Requests a minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens a minute.
    pub tokens_per_minute: Option<u64>,
    /// Tokens a day.
    pub tokens_per_day: Option<u64>,
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
            meters: reading
                .meters
                .iter()
                .map(|m| MeterRecord {
                    meter: m.meter,
                    used_percent: m.used_percent,
                    used: m.used,
                    limit: m.limit,
                    resets_at: m.resets_at,
                    conflict: m.conflict,
                })
                .collect(),
            wallet: reading.wallet.map(|w| WalletRecord {
                enabled: w.enabled,
                balance: w.balance,
                month_used: w.month_used,
                month_cap: w.month_cap,
            }),
            balance: reading.balance.map(|b| BalanceRecord {
                currency: b.currency,
                available: b.available,
                voucher: b.voucher,
                cash: b.cash,
            }),
            limits: LimitsRecord {
                concurrency: reading.limits.concurrency,
                requests_per_minute: reading.limits.requests_per_minute,
                tokens_per_minute: reading.limits.tokens_per_minute,
                tokens_per_day: reading.limits.tokens_per_day,
            },
            not_understood: reading.not_understood.clone(),
        }
    }
}

impl From<ReadingRecord> for Reading {
    fn from(line: ReadingRecord) -> Self {
        Self {
            at: line.at,
            source: line.source,
            region: line.region,
            plan: line.plan,
            meters: line
                .meters
                .into_iter()
                .map(|m| MeterReading {
                    meter: m.meter,
                    used_percent: m.used_percent,
                    used: m.used,
                    limit: m.limit,
                    resets_at: m.resets_at,
                    conflict: m.conflict,
                })
                .collect(),
            wallet: line.wallet.map(|w| Wallet {
                enabled: w.enabled,
                balance: w.balance,
                month_used: w.month_used,
                month_cap: w.month_cap,
            }),
            balance: line.balance.map(|b| Balance {
                currency: b.currency,
                available: b.available,
                voucher: b.voucher,
                cash: b.cash,
            }),
            limits: RateLimits {
                concurrency: line.limits.concurrency,
                requests_per_minute: line.limits.requests_per_minute,
                tokens_per_minute: line.limits.tokens_per_minute,
                tokens_per_day: line.limits.tokens_per_day,
            },
            not_understood: line.not_understood,
        }
    }
}
