//! What became known between two looks: logged use, how late it was told, and the account's limits.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{exact, rules};
use crate::money::Currency;
use crate::reading::{RateLimits, Reading};
use crate::series::Series;

/// Use that was logged since the last reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Fresh {
    #[serde(with = "exact")]
    pub(super) usd: f64,
    #[serde(with = "exact")]
    pub(super) cny: f64,
    #[serde(with = "exact")]
    pub(super) requests: f64,
    /// Of these, what was used before the last reading and told of only after it.
    pub(super) late: Late,
    pub(super) unpriced_usd: bool,
    pub(super) unpriced_cny: bool,
    pub(super) last: Option<DateTime<Utc>>,
}

/// Use that was told of late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Late {
    #[serde(with = "exact")]
    pub(super) usd: f64,
    #[serde(with = "exact")]
    pub(super) cny: f64,
    #[serde(with = "exact")]
    pub(super) requests: f64,
    /// The earliest of it.
    pub(super) since: Option<DateTime<Utc>>,
}

/// How late requests are told of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Lateness {
    /// By so many seconds at most, lately.
    pub(super) seconds: i64,
    /// When that was last seen.
    pub(super) at: Option<DateTime<Utc>>,
}

impl Lateness {
    /// Learns from what was told since the last reading. What was not seen for a week is forgotten.
    pub(super) fn learn(&mut self, fresh: &Fresh, at: DateTime<Utc>) {
        if self.at.is_some_and(|seen| at - seen > TimeDelta::days(7)) {
            *self = Self::default();
        }
        if let Some(since) = fresh.late.since {
            let seconds = (at - since).min(rules::LATEST).num_seconds();
            self.seconds = self.seconds.max(seconds);
            self.at = Some(at);
        }
    }
}

/// Rate limits as they were last told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Limits {
    pub(super) concurrency: Option<u64>,
    pub(super) requests_per_minute: Option<u64>,
    pub(super) tokens_per_minute: Option<u64>,
    pub(super) tokens_per_day: Option<u64>,
}

impl Limits {
    /// A look tells of all limits or of none: one that is missing among others has been lifted.
    pub(super) fn learn(&mut self, told: RateLimits) -> RateLimits {
        if told != RateLimits::default() {
            *self = Self {
                concurrency: told.concurrency,
                requests_per_minute: told.requests_per_minute,
                tokens_per_minute: told.tokens_per_minute,
                tokens_per_day: told.tokens_per_day,
            };
        }
        RateLimits {
            concurrency: self.concurrency,
            requests_per_minute: self.requests_per_minute,
            tokens_per_minute: self.tokens_per_minute,
            tokens_per_day: self.tokens_per_day,
        }
    }
}

/// Logged use in the measure of a series.
pub(super) struct Measured {
    pub(super) fresh: f64,
    pub(super) late: f64,
    /// Some of it has no known price.
    pub(super) unpriced: bool,
    /// It is a number of requests.
    pub(super) counted: bool,
}

pub(super) fn measure(reading: &Reading, series: Series, fresh: &Fresh) -> Measured {
    let dollars =
        Measured { fresh: fresh.usd, late: fresh.late.usd, unpriced: fresh.unpriced_usd, counted: false };
    match series {
        Series::Meter(meter) => {
            let limit = reading.meter(meter).and_then(|meter| meter.limit);
            // A limit that is not 100 counts requests.
            if limit.is_some_and(|limit| limit != rust_decimal::Decimal::ONE_HUNDRED) {
                Measured { fresh: fresh.requests, late: fresh.late.requests, unpriced: false, counted: true }
            } else {
                dollars
            }
        }
        Series::Balance(currency) | Series::Wallet(currency) => {
            if currency == Currency::USD {
                dollars
            } else {
                let unpriced = fresh.unpriced_cny;
                Measured { fresh: fresh.cny, late: fresh.late.cny, unpriced, counted: false }
            }
        }
    }
}
