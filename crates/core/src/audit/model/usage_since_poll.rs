//! What became known between two polls: logged usage, how late it became known, and the account's limits.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::prices::{Prices, TokenRates, Usage};
use crate::audit::thresholds;
use crate::money::Currency;
use crate::reading::{RateLimits, Reading};
use crate::series::Series;
use crate::tokens::Tokens;

/// Use that was logged since the last reading.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct UsageSincePoll {
    pub(crate) in_usd: Cost,
    pub(crate) in_cny: Cost,
    pub(crate) requests: f64,
    /// Of these, what was used before the last reading and became known only after it.
    pub(crate) late: LateUsage,
    pub(crate) last: Option<DateTime<Utc>>,
}

impl UsageSincePoll {
    /// Notes a request. Gives what it came to, as far as its price is known.
    pub(crate) fn note(&mut self, usage: &Usage<'_>, prices: &dyn Prices) -> Amounts {
        self.requests += 1.0;
        self.last = Some(self.last.map_or(usage.at, |last| last.max(usage.at)));
        let price = prices.price(usage.model, usage.at);
        let dearest = || prices.dearest(usage.at);
        let (usd, cny) = (price.and_then(|price| price.usd), price.and_then(|price| price.cny));
        Amounts {
            usd: self.in_usd.note(usage.tokens, usd, || dearest().usd),
            cny: self.in_cny.note(usage.tokens, cny, || dearest().cny),
            requests: 1.0,
        }
    }

    /// What requests without a known price would have cost at most, in a measure.
    pub(crate) const fn unpriced_most(&self, measure: Measure) -> f64 {
        match measure {
            Measure::Usd => self.in_usd.unpriced_most,
            Measure::Cny => self.in_cny.unpriced_most,
            Measure::Requests => 0.0,
        }
    }
}

/// What requests came to in one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Cost {
    /// Those whose price is known.
    sum: f64,
    /// Whether there were others.
    unpriced: bool,
    /// What those would have cost at the dearest prices there are.
    unpriced_most: f64,
}

impl Cost {
    /// Notes a request, at these rates or, where it has none, at most at the dearest. Gives what it cost, as
    /// far as that is known.
    pub(crate) fn note(
        &mut self,
        tokens: Tokens,
        rates: Option<TokenRates>,
        dearest: impl Fn() -> Option<TokenRates>,
    ) -> f64 {
        let Some(rates) = rates else {
            let most = dearest().map_or(f64::MAX, |dearest| dearest.cost(tokens));
            self.unpriced = true;
            self.unpriced_most = (self.unpriced_most + most).min(f64::MAX / 10.0);
            return 0.0;
        };
        let cost = rates.cost(tokens);
        self.sum += cost;
        cost
    }
}

/// Usage that became known late.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LateUsage {
    /// All of it, by the poll that followed it.
    pub(crate) parts: Vec<LateUsagePart>,
}

/// What was used before one poll and became known only after the last.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct LateUsagePart {
    pub(crate) poll: DateTime<Utc>,
    amounts: Amounts,
    /// Whether another machine reported it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) reported: bool,
}

/// Use in each of the measures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Amounts {
    pub(crate) usd: f64,
    pub(crate) cny: f64,
    pub(crate) requests: f64,
}

impl Amounts {
    /// What it is in a measure.
    pub(crate) const fn of(&self, measure: Measure) -> f64 {
        match measure {
            Measure::Usd => self.usd,
            Measure::Cny => self.cny,
            Measure::Requests => self.requests,
        }
    }
}

impl LateUsage {
    /// Notes a use that this poll followed.
    pub(crate) fn note(&mut self, poll: DateTime<Utc>, amounts: Amounts, reported: bool) {
        match self.parts.iter_mut().find(|part| part.poll == poll && part.reported == reported) {
            Some(part) => {
                part.amounts.usd += amounts.usd;
                part.amounts.cny += amounts.cny;
                part.amounts.requests += amounts.requests;
            }
            None => self.parts.push(LateUsagePart { poll, amounts, reported }),
        }
    }

    /// What it comes to in a measure.
    fn sum(&self, measure: Measure) -> f64 {
        self.parts.iter().map(|part| part.of(measure)).sum()
    }
}

impl LateUsagePart {
    /// What it is in a measure.
    pub(crate) const fn of(&self, measure: Measure) -> f64 {
        self.amounts.of(measure)
    }
}

/// In what the use of a series is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Measure {
    /// The price of its tokens in US dollars.
    #[default]
    Usd,
    /// The price of its tokens in renminbi.
    Cny,
    /// The number of requests.
    Requests,
}

/// How late requests become known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LogDelay {
    /// By so many seconds at most, in the last week.
    pub(crate) seconds: i64,
    /// When that was last seen.
    pub(crate) at: Option<DateTime<Utc>>,
}

impl LogDelay {
    /// Learns from what became known since the last reading. What was not seen for a week is forgotten.
    pub(crate) fn learn(&mut self, fresh: &UsageSincePoll, at: DateTime<Utc>) {
        if self.at.is_some_and(|seen| at - seen > TimeDelta::days(7)) {
            *self = Self::default();
        }
        // By polls: once so much has passed since a poll, all that was used before it is known.
        if let Some(poll) = fresh.late.parts.iter().map(|part| part.poll).min() {
            let seconds = (at - poll).min(thresholds::LATEST).num_seconds();
            self.seconds = self.seconds.max(seconds);
            self.at = Some(at);
        }
    }
}

/// Rate limits as they were last shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct KnownLimits {
    pub(crate) concurrency: Option<u64>,
    pub(crate) requests_per_minute: Option<u64>,
    pub(crate) tokens_per_minute: Option<u64>,
    pub(crate) tokens_per_day: Option<u64>,
}

impl KnownLimits {
    /// A poll shows all limits or none: one that is missing among others has been lifted.
    pub(crate) fn learn(&mut self, shown: RateLimits) -> RateLimits {
        if shown != RateLimits::default() {
            *self = Self {
                concurrency: shown.concurrency,
                requests_per_minute: shown.requests_per_minute,
                tokens_per_minute: shown.tokens_per_minute,
                tokens_per_day: shown.tokens_per_day,
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
pub(crate) struct Measured {
    pub(crate) fresh: f64,
    pub(crate) late: f64,
    /// Some of it has no known price.
    pub(crate) unpriced: bool,
    /// What that would have cost at the dearest prices there are.
    pub(crate) unpriced_most: f64,
    pub(crate) measure: Measure,
}

/// In what the use of a series is measured, as a reading shows it.
pub(crate) fn measure_of(reading: &Reading, series: Series) -> Measure {
    match series {
        Series::Meter(meter) => {
            let limit = reading.meter(meter).and_then(|meter| meter.limit);
            // A limit that is not 100 counts requests.
            let counted = limit.is_some_and(|limit| limit != rust_decimal::Decimal::ONE_HUNDRED);
            if counted { Measure::Requests } else { Measure::Usd }
        }
        Series::Balance(Currency::USD) | Series::Wallet(Currency::USD) => Measure::Usd,
        Series::Balance(_) | Series::Wallet(_) => Measure::Cny,
    }
}

pub(crate) fn measure(reading: &Reading, series: Series, fresh: &UsageSincePoll) -> Measured {
    let measure = measure_of(reading, series);
    let Cost { sum, unpriced, unpriced_most } = match measure {
        Measure::Usd => fresh.in_usd,
        Measure::Cny => fresh.in_cny,
        Measure::Requests => Cost { sum: fresh.requests, ..Cost::default() },
    };
    Measured { fresh: sum, late: fresh.late.sum(measure), unpriced, unpriced_most, measure }
}
