//! Writes a long history into a folder, and measures what the dashboard asks of it.
//!
//! `cargo run --release -p tidemark-store --example generate -- DIR [--years 5] [--accounts 10] [--queries]`
//!
//! Readings every five minutes, with bursts, idle nights, gaps, resets and a balance, through the same code
//! as a live reading. `--queries` skips the writing where DIR holds a history already, and prints the median
//! time of each query as JSON.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::calendar::Span;
use tidemark_core::change::Tracker;
use tidemark_core::step::{Outcome, STATE_VERSION, StoredState};
use tidemark_core::{
    AccountId, Balance, Credential, Currency, Meter, MeterReading, RateLimits, Reading, Region, Source,
};
use tidemark_store::{AnalysisResult, HistoryQuery, NewAccount, Store, StoreError};

/// The history ends here, so that two runs write the same.
const END: i64 = 1_795_305_600; // 2026-11-22T00:00:00Z
/// Seconds between two polls.
const EVERY: i64 = 300;
/// How often each query is measured.
const ROUNDS: usize = 41;

struct Wanted {
    folder: PathBuf,
    years: i64,
    accounts: i64,
    only_queries: bool,
}

fn wanted() -> Option<Wanted> {
    let mut arguments = std::env::args().skip(1);
    let mut wanted = Wanted { folder: arguments.next()?.into(), years: 5, accounts: 10, only_queries: false };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--years" => wanted.years = arguments.next()?.parse().ok()?,
            "--accounts" => wanted.accounts = arguments.next()?.parse().ok()?,
            "--queries" => wanted.only_queries = true,
            _ => return None,
        }
    }
    Some(wanted)
}

fn main() -> ExitCode {
    let Some(wanted) = wanted() else {
        eprintln!("usage: generate DIR [--years 5] [--accounts 10] [--queries]");
        return ExitCode::from(2);
    };
    match run(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(wanted: &Wanted) -> Result<(), StoreError> {
    let end = DateTime::from_timestamp(END, 0).unwrap_or_default();
    if !wanted.only_queries {
        let store = Store::open(&wanted.folder, end)?;
        store.rebuild_rollups_in(chrono_tz::Asia::Shanghai)?;
        let begun = Instant::now();
        for number in 0..wanted.accounts {
            let account = store.add_account(
                NewAccount {
                    name: format!("account {}", number + 1),
                    source: if number % 3 == 2 { Source::Platform } else { Source::KimiCode },
                    region: Region::China,
                    base_url: None,
                    credential: Credential::Environment { name: format!("KEY_{number}") },
                },
                end,
            )?;
            let looks = wanted.years * 365 * 86_400 / EVERY;
            let imported = store.import(account.id, Life::new(number, end, looks))?;
            eprintln!("{}: {} readings, {:.0?} so far", account.name, imported.new, begun.elapsed());
        }
        store.checkpoint()?;
    }
    measure(wanted, end)
}

/// A simulated account: used by day, idle by night, reset every five hours and every week.
struct Life {
    number: i64,
    at: DateTime<Utc>,
    left: i64,
    state: u64,
    five_hour: i64,
    week: i64,
    money: i64,
    five_hour_ends: DateTime<Utc>,
    week_ends: DateTime<Utc>,
    tracker: Tracker,
    before: Option<DateTime<Utc>>,
}

impl Life {
    fn new(number: i64, end: DateTime<Utc>, looks: i64) -> Self {
        let at = end - TimeDelta::seconds(looks * EVERY);
        Self {
            number,
            at,
            left: looks,
            state: 0x9E37_79B9_7F4A_7C15 ^ number.unsigned_abs(),
            five_hour: 0,
            week: 0,
            money: 5_000_000_000,
            five_hour_ends: at + TimeDelta::hours(5),
            week_ends: at + Days::new(7),
            tracker: Tracker::default(),
            before: None,
        }
    }

    /// A small generator of its own (SplitMix64), so that the history is the same everywhere.
    fn random(&mut self, below: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }

    fn live(&mut self) {
        self.at += TimeDelta::seconds(EVERY);
        if self.random(2_000) == 0 {
            // Asleep for a while.
            let missed = i64::try_from(self.random(200)).unwrap_or_default();
            self.at += TimeDelta::seconds(EVERY * missed);
            self.left -= missed;
        }
        while self.at >= self.five_hour_ends {
            self.five_hour = 0;
            self.five_hour_ends += TimeDelta::hours(5);
        }
        while self.at >= self.week_ends {
            self.week = 0;
            self.week_ends += TimeDelta::days(7);
        }
        let hour = (self.at.timestamp() / 3_600 + 8 + self.number).rem_euclid(24);
        if (9..23).contains(&hour) && self.random(3) == 0 {
            let used = i64::try_from(self.random(400)).unwrap_or_default();
            self.five_hour = (self.five_hour + used).min(10_000);
            self.week = (self.week + used / 8).min(10_000);
            self.money -= used * 317;
            if self.money < 100_000_000 {
                self.money += 5_000_000_000;
            }
        }
    }

    fn reading(&self) -> (Reading, String) {
        let meter = |meter, hundredths: i64, ends| MeterReading {
            meter,
            used_percent: Decimal::new(hundredths, 2),
            used: Some(Decimal::from(hundredths)),
            limit: Some(Decimal::from(10_000)),
            resets_at: Some(ends),
            conflict: false,
        };
        let platform = self.number % 3 == 2;
        let amount = Decimal::new(self.money, 8);
        let reading = Reading {
            at: self.at,
            source: if platform { Source::Platform } else { Source::KimiCode },
            region: Region::China,
            plan: Some("Allegretto".to_owned()),
            meters: if platform {
                Vec::new()
            } else {
                vec![
                    meter(Meter::FiveHour, self.five_hour, self.five_hour_ends),
                    meter(Meter::Week, self.week, self.week_ends),
                ]
            },
            wallet: None,
            balance: platform.then_some(Balance {
                currency: Currency::CNY,
                available: Some(amount),
                voucher: Some(Decimal::ZERO),
                cash: Some(amount),
            }),
            limits: RateLimits { concurrency: Some(30), ..RateLimits::default() },
            not_understood: Vec::new(),
            user: tidemark_core::reading::UserIds::default(),
        };
        let evidence = if platform {
            format!(
                r#"{{"code":0,"data":{{"available_balance":{amount},"voucher_balance":0,"cash_balance":{amount}}},"status":true}}"#
            )
        } else {
            format!(
                r#"{{"usage":{{"limit":"10000","used":"{}","resetTime":"{}"}},"limits":[{{"window":{{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"}},"detail":{{"limit":"10000","used":"{}","resetTime":"{}"}}}}]}}"#,
                self.week,
                self.week_ends.to_rfc3339(),
                self.five_hour,
                self.five_hour_ends.to_rfc3339()
            )
        };
        (reading, evidence)
    }
}

impl Iterator for Life {
    type Item = (Reading, String, AnalysisResult);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left <= 0 {
            return None;
        }
        self.left -= 1;
        self.live();
        let (reading, evidence) = self.reading();
        let observed = self.tracker.observe(&reading);
        let covered = self
            .before
            .filter(|before| self.at - *before <= TimeDelta::seconds(3 * EVERY))
            .map(|before| (before, self.at));
        self.before = Some(self.at);
        let state = StoredState {
            version: Some(STATE_VERSION),
            tracker: "{}".to_owned(),
            audit: Some("{}".to_owned()),
            alerts: "{}".to_owned(),
            usage_cursor: 0,
        };
        let outcome = Outcome {
            movements: observed.movements,
            findings: observed.findings,
            covered,
            ..Outcome::default()
        };
        let conclusion = AnalysisResult::new(outcome, state);
        Some((reading, evidence, conclusion))
    }
}

/// The middle of how long some rounds take, and how many rows the last one gave.
fn median(mut round: impl FnMut() -> Result<usize, StoreError>) -> Result<(Duration, usize), StoreError> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    let mut rows = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        rows = round()?;
        rounds.push(begun.elapsed());
    }
    rounds.sort_unstable();
    Ok((rounds[ROUNDS / 2], rows))
}

/// What the dashboard asks, and how long the answer takes.
fn measure(wanted: &Wanted, end: DateTime<Utc>) -> Result<(), StoreError> {
    let (opened, rows) = median(|| Ok(Store::open_read_only(&wanted.folder)?.last_readings()?.len()))?;
    let mut times = vec![("open and last readings", opened, rows)];
    let store = Store::open_read_only(&wanted.folder)?;
    let one = store.accounts()?.first().map(|account| account.id);
    let asked: [(&str, i64, Span, Option<AccountId>); 6] = [
        ("30 days by day, all accounts", 30, Span::Day, None),
        ("12 months by month, all accounts", 365, Span::Month, None),
        ("48 hours by hour, all accounts", 2, Span::Hour, None),
        ("5 years by month, one account", 365 * 5, Span::Month, one),
        ("365 days by day, all accounts", 365, Span::Day, None),
        ("5 years by day, one account", 365 * 5, Span::Day, one),
    ];
    for (name, days, span, account) in asked {
        let query = HistoryQuery {
            from: end - TimeDelta::days(days),
            to: end,
            now: end,
            span,
            account,
            zone: store.zone()?,
        };
        let (took, rows) = median(|| Ok(store.history(&query)?.len()))?;
        times.push((name, took, rows));
    }
    let lines: Vec<_> = times
        .iter()
        .map(|(name, time, rows)| {
            serde_json::json!({"query": name, "median_ms": time.as_secs_f64() * 1e3, "rows": rows})
        })
        .collect();
    write_out(&serde_json::Value::from(lines));
    Ok(())
}

/// The result is what this program is for.
#[expect(clippy::print_stdout, reason = "a measurement printed for another program to read")]
fn write_out(result: &serde_json::Value) {
    println!("{result:#}");
}
