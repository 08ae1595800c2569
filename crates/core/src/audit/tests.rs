//! One history a class, the traps that are none, and the laws that hold over any history.

mod anomalies;
mod contradictions;
mod drains;
mod elsewhere;
mod gaps;
mod innocent;
mod laws;
mod legacy;
mod machines;
mod shapes;

use std::ops::{Deref, DerefMut};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{Audited, Auditor, Price, Prices, TokenRates, Usage};
use crate::account::{Region, Source};
use crate::change::Tracker;
use crate::finding::{Finding, FindingKind};
use crate::meter::Meter;
use crate::money::Currency;
use crate::reading::{Balance, MeterReading, RateLimits, Reading};
use crate::tokens::Tokens;
use crate::wire::{IncidentRecord, IncidentState};

/// Prices of two models, by any name that begins like theirs.
#[derive(Debug, Clone, Copy)]
struct PublicPrices;

impl Prices for PublicPrices {
    fn price(&self, model: Option<&str>, _at: DateTime<Utc>) -> Option<Price> {
        let rates = |cache_read, input, output| TokenRates {
            cache_read,
            input,
            cache_write: input,
            cache_write_1h: 2.0 * input,
            output,
        };
        let price = |usd, cny| Some(Price { usd: Some(usd), cny: Some(cny) });
        match model?.trim_start_matches("kimi-code/") {
            "kimi-k2.7-code" | "kimi-for-coding" => price(rates(0.19, 0.95, 4.0), rates(1.3, 6.5, 27.0)),
            "kimi-k3" => price(rates(0.3, 3.0, 15.0), rates(2.0, 20.0, 100.0)),
            _ => None,
        }
    }

    fn dearest(&self, _at: DateTime<Utc>) -> Price {
        let rates = |times: f64| TokenRates {
            cache_read: 0.38 * times,
            input: 4.0 * times,
            cache_write: 8.0 * times,
            cache_write_1h: 8.0 * times,
            output: 20.0 * times,
        };
        Price { usd: Some(rates(1.0)), cny: Some(rates(6.8)) }
    }
}

/// A membership of which a test decides all: 10 points of the 5-hour window for a dollar's worth, a fifth
/// of that of the week, whole percents; polled every five minutes.
struct Account {
    now: DateTime<Utc>,
    five: f64,
    week: f64,
    five_ends: DateTime<Utc>,
    week_ends: DateTime<Utc>,
    /// Decimals of the percentages shown.
    digits: u32,
    factor: f64,
    conflict: bool,
    auditor: Tracked,
    found: Vec<Finding>,
}

/// An auditor behind a tracker of changes, as [`crate::step`] has the two.
#[derive(Debug, Default)]
struct Tracked {
    tracker: Tracker,
    auditor: Auditor,
}

impl Tracked {
    fn reading(&mut self, reading: &Reading, prices: &dyn Prices) -> Audited {
        let observed = self.tracker.observe(reading);
        self.auditor.reading(reading, observed, prices)
    }
}

impl Deref for Tracked {
    type Target = Auditor;

    fn deref(&self) -> &Auditor {
        &self.auditor
    }
}

impl DerefMut for Tracked {
    fn deref_mut(&mut self) -> &mut Auditor {
        &mut self.auditor
    }
}

/// A request worth a fifth of a dollar: two points of the 5-hour window.
const FIFTH: Tokens =
    Tokens { input: 40_000, cache_read: 600_000, cache_write: 0, cache_write_1h: 0, output: 12_000 };

fn start() -> DateTime<Utc> {
    "2026-09-20T00:00:00Z".parse().unwrap()
}

fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
}

impl Account {
    fn new() -> Self {
        Self {
            now: start(),
            five: 0.0,
            week: 0.0,
            five_ends: start() + minutes(300),
            week_ends: start() + minutes(7 * 1440),
            digits: 0,
            factor: 1.0,
            conflict: false,
            auditor: Tracked::default(),
            found: Vec::new(),
        }
    }

    /// With twelve days of ordinary work behind it.
    fn used() -> Self {
        let mut account = Self::new();
        account.work_days(12);
        assert_eq!(account.anomalies(), Vec::<String>::new());
        account.found.clear();
        account
    }

    fn reading(&self) -> Reading {
        let meter = |meter, used: f64, ends| MeterReading {
            meter,
            used_percent: Decimal::from_f64_retain(used.min(100.0))
                .unwrap()
                .round_dp(self.digits)
                .normalize(),
            used: None,
            limit: None,
            resets_at: Some(ends),
            conflict: self.conflict,
        };
        Reading {
            plan: Some("Allegretto".to_owned()),
            meters: vec![
                meter(Meter::FiveHour, self.five, self.five_ends),
                meter(Meter::Week, self.week, self.week_ends),
            ],
            ..Reading::new(self.now, Source::KimiCode, Region::China)
        }
    }

    fn take(&mut self, reading: &Reading) {
        self.found.extend(self.auditor.reading(reading, &PublicPrices).findings);
    }

    /// Five minutes pass, resets happen on schedule, then a poll.
    fn poll(&mut self) {
        self.now += minutes(5);
        self.turn();
        let reading = self.reading();
        self.take(&reading);
    }

    fn turn(&mut self) {
        while self.now >= self.five_ends {
            self.five = 0.0;
            self.five_ends += minutes(300);
        }
        while self.now >= self.week_ends {
            self.week = 0.0;
            self.week_ends += minutes(7 * 1440);
        }
    }

    fn polls(&mut self, count: usize) {
        for _ in 0..count {
            self.poll();
        }
    }

    /// Points of the 5-hour window are used, by whomever.
    fn spend(&mut self, points: f64) {
        self.five = (self.five + points * self.factor).min(100.0);
        self.week = (self.week + points * self.factor / 5.0).min(100.0);
    }

    /// One request of this machine: logged, and deducted.
    fn work(&mut self) {
        let at = self.now + minutes(2);
        let usage = Usage { at, model: Some("kimi-code/kimi-for-coding"), tokens: FIFTH };
        self.auditor.usage(&usage, &PublicPrices);
        self.spend(2.0);
    }

    /// A session: one request each five minutes.
    fn session(&mut self, requests: usize) {
        for _ in 0..requests {
            self.work();
            self.poll();
        }
    }

    /// Until the next hour of the day.
    fn until(&mut self, hour: i64) {
        let into = (self.now - start()).num_minutes() % 1440;
        let wait = (hour * 60 - into).rem_euclid(1440) / 5;
        self.polls(wait as usize);
    }

    /// Days with two sessions each.
    fn work_days(&mut self, days: usize) {
        for _ in 0..days {
            self.until(8);
            self.session(8);
            self.until(14);
            self.session(10);
        }
        self.until(22);
    }

    fn incident(&mut self, open: bool) {
        let state = if open { IncidentState::Open } else { IncidentState::Resolved };
        self.auditor.incident(&IncidentRecord {
            at: self.now,
            id: "i1".to_owned(),
            state,
            impact: Some("major".to_owned()),
            title: Some("Elevated errors".to_owned()),
        });
    }

    fn anomalies(&self) -> Vec<String> {
        self.found.iter().filter_map(class).collect()
    }
}

/// Class and series of an anomaly.
fn class(finding: &Finding) -> Option<String> {
    match &finding.kind {
        FindingKind::Anomaly(class) => {
            let series = finding.series.map_or_else(String::new, |series| series.to_string());
            Some(format!("{} {series}", serde_json::to_value(class).unwrap().as_str().unwrap()))
        }
        _ => None,
    }
}

/// A platform account in dollars.
struct Platform {
    now: DateTime<Utc>,
    cash: f64,
    voucher: f64,
    limits: RateLimits,
    auditor: Tracked,
    found: Vec<Finding>,
    unposted: f64,
}

impl Platform {
    fn new(cash: f64) -> Self {
        let limits = RateLimits {
            concurrency: Some(15),
            requests_per_minute: Some(100),
            tokens_per_minute: Some(500_000),
            tokens_per_day: None,
        };
        let (auditor, found) = (Tracked::default(), Vec::new());
        Self { now: start(), cash, voucher: 0.0, limits, auditor, found, unposted: 0.0 }
    }

    fn used(cash: f64) -> Self {
        Self::used_for(cash, 6)
    }

    /// With so many days of ordinary work behind it.
    fn used_for(cash: f64, days: usize) -> Self {
        let mut account = Self::new(cash);
        for _ in 0..days {
            account.polls(100);
            for _ in 0..10 {
                account.work();
                account.poll();
            }
            account.polls(178);
        }
        assert_eq!(account.found.iter().filter_map(class).collect::<Vec<_>>(), Vec::<String>::new());
        account.found.clear();
        account
    }

    /// A request of 0.20 dollars, posted at the poll after the next.
    fn work(&mut self) {
        let usage = Usage { at: self.now + minutes(2), model: Some("kimi-k2.7-code"), tokens: FIFTH };
        self.auditor.usage(&usage, &PublicPrices);
        self.unposted += 0.2;
    }

    fn poll(&mut self) {
        self.now += minutes(5);
        let money = |value: f64| Decimal::from_f64_retain(value).map(|v| v.round_dp(5));
        let reading = Reading {
            balance: Some(Balance {
                currency: Currency::USD,
                available: money(self.cash.max(0.0) + self.voucher),
                voucher: money(self.voucher),
                cash: money(self.cash),
            }),
            limits: self.limits,
            ..Reading::new(self.now, Source::Platform, Region::Global)
        };
        self.found.extend(self.auditor.reading(&reading, &PublicPrices).findings);
        self.cash -= std::mem::take(&mut self.unposted);
    }

    fn polls(&mut self, count: usize) {
        for _ in 0..count {
            self.poll();
        }
    }

    fn anomalies(&self) -> Vec<String> {
        self.found.iter().filter_map(class).collect()
    }
}

#[test]
fn the_test_request_costs_a_fifth() {
    let rates = PublicPrices.price(Some("kimi-k2.7-code"), start()).unwrap().usd.unwrap();
    assert!((rates.cost(FIFTH) - 0.2).abs() < 1e-9);
}
