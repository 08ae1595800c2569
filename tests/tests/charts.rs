//! Ninety days of history: what charts, tables and the command line say of a day or a month is what one gets
//! by adding up the readings by hand, in three zones, across a clock change.
//!
//! The sums here are made on purpose without any of the project's own calendar, tracker or roll-ups: from
//! the list of readings alone, each instant put into its day by chrono-tz.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a test ends where what it stands on is not so")]

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tidemark_core::change::Tracker;
use tidemark_core::step::{Outcome, STATE_VERSION, StoredState};
use tidemark_core::{Balance, Credential, Currency, Meter, MeterReading, Reading, Region, Source};
use tidemark_journeys::{
    Agent, COMES_UP, Desktop, FOLLOWS, Keyring, Launch, Options, Service, Window, wait_for,
};
use tidemark_simulator::Scenario;
use tidemark_store::{AnalysisResult, NewAccount, Store};

/// The first look, and the day after the last. In between Europe/Berlin set its clocks back: the 25th of
/// October had 25 hours there.
const BEGIN: &str = "2026-08-20T10:00:07Z";
const END: &str = "2026-11-18T09:00:00Z";
/// The days asked for, both included, in whatever zone.
const FIRST_DAY: &str = "2026-08-20";
const LAST_DAY: &str = "2026-11-18";
const DAY_AFTER: &str = "2026-11-19";
/// What the agent takes for now.
const NOW: &str = "2026-11-19T12:00:00Z";
/// Without polls: three nights and two days, and then an afternoon on the day of the clock change.
const GAPS: [(&str, &str); 2] =
    [("2026-09-29T20:05:00Z", "2026-10-02T06:55:00Z"), ("2026-10-25T11:15:00Z", "2026-10-25T15:45:00Z")];
/// Polls no further apart than this count as coverage without a gap.
const WATCHED: TimeDelta = TimeDelta::minutes(20);
const ZONES: [Tz; 3] = [Tz::Asia__Shanghai, Tz::Europe__Berlin, Tz::UTC];

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Small numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn in_a_gap(at: DateTime<Utc>) -> bool {
    GAPS.iter().any(|(from, to)| instant(from) <= at && at < instant(to))
}

/// Used hours: nights are quiet, so that a day's sum depends on where the day is cut.
fn is_awake(at: DateTime<Utc>) -> bool {
    use chrono::Timelike as _;
    (6..22).contains(&at.hour())
}

/// A meter as the service would count it.
struct Window5 {
    used: Decimal,
    ends: DateTime<Utc>,
    length: TimeDelta,
}

impl Window5 {
    fn pass(&mut self, at: DateTime<Utc>, use_: Decimal) {
        while self.ends <= at {
            self.ends += self.length;
            self.used = Decimal::ZERO;
        }
        self.used += use_;
    }

    fn reading(&self, meter: Meter, used: Decimal) -> MeterReading {
        MeterReading {
            meter,
            used_percent: used,
            used: None,
            limit: None,
            resets_at: Some(self.ends),
            conflict: false,
        }
    }
}

/// Readings of a membership, every ten minutes: a 5-hour quota and a weekly one, which is reset early once.
fn membership() -> Vec<Reading> {
    let mut dice = Dice(7);
    let mut at = instant(BEGIN);
    let mut five =
        Window5 { used: Decimal::ZERO, ends: instant("2026-08-20T12:00:00Z"), length: TimeDelta::hours(5) };
    let mut week =
        Window5 { used: Decimal::ZERO, ends: instant("2026-08-23T16:00:00Z"), length: TimeDelta::days(7) };
    let early = instant("2026-09-17T13:00:00Z");
    let mut readings = Vec::new();
    while at < instant(END) {
        // Hundredths of a percent.
        let points = if is_awake(at) { dice.throw(300) } else { 0 };
        five.pass(at, Decimal::new(points.cast_signed(), 2));
        week.pass(at, Decimal::new((points / 12).cast_signed(), 2));
        if early <= at && at < early + TimeDelta::minutes(10) {
            week.used = Decimal::ZERO;
            week.ends = early + week.length;
        }
        if !in_a_gap(at) {
            readings.push(Reading {
                meters: vec![five.reading(Meter::FiveHour, five.used), week.reading(Meter::Week, week.used)],
                ..Reading::new(at, Source::KimiCode, Region::China)
            });
        }
        at += TimeDelta::minutes(10);
    }
    readings
}

/// Readings of a prepaid balance, every quarter of an hour; it is topped up when it is low.
fn balance() -> Vec<Reading> {
    let mut dice = Dice(11);
    let mut at = instant(BEGIN) + TimeDelta::minutes(3);
    let mut cash = Decimal::new(4_000_000, 5);
    let mut readings = Vec::new();
    while at < instant(END) {
        if cash < Decimal::from(8) && is_awake(at) {
            cash += Decimal::from(30);
        } else if is_awake(at) {
            cash -= Decimal::new(dice.throw(9_000).cast_signed(), 5);
        }
        if !in_a_gap(at) {
            readings.push(Reading {
                balance: Some(Balance {
                    currency: Currency::USD,
                    available: Some(cash),
                    voucher: Some(Decimal::ZERO),
                    cash: Some(cash),
                }),
                ..Reading::new(at, Source::Platform, Region::Global)
            });
        }
        at += TimeDelta::minutes(15);
    }
    readings
}

/// Writes the readings through the analysis that the engine uses.
fn remember(dir: &Path, name: &str, readings: &[Reading]) {
    let store = Store::open(dir, instant(NOW)).expect("a new history");
    let account = NewAccount {
        name: name.to_owned(),
        source: readings[0].source,
        region: readings[0].region,
        base_url: None,
        // Nothing is set there: the agent has no key, and adds no reading of its own.
        credential: Credential::Environment { name: "JOURNEY_NO_SUCH_KEY".to_owned() },
    };
    let account = store.add_account(account, readings[0].at).expect("a new account");
    let mut tracker = Tracker::default();
    let mut last: Option<DateTime<Utc>> = None;
    let history = readings.iter().map(|reading| {
        let observed = tracker.observe(reading);
        let covered = last.map(|last| (last, reading.at)).filter(|(from, to)| *to - *from <= WATCHED);
        last = Some(reading.at);
        let state = StoredState {
            version: Some(STATE_VERSION),
            tracker: serde_json::to_string(&tracker).expect("a tracker as JSON"),
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
        (reading.clone(), "{}".to_owned(), AnalysisResult::new(outcome, state))
    });
    let imported = store.import(account.id, history).expect("the history is written");
    assert_eq!(imported.new, readings.len() as u64);
}

/// What one bucket must show.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sum {
    deducted: Decimal,
    returned: Decimal,
    /// Of money: what was received.
    credited: Decimal,
    uncertain: Decimal,
    resets: u32,
    last: Decimal,
    high: Decimal,
}

/// By series and bucket name. What is not in here was not seen.
type Sums = BTreeMap<(String, String), Sum>;

/// How long a bucket was watched, in seconds, by account and bucket name.
type Watched = BTreeMap<(String, String), i64>;

/// The name of the hour, day or month of a zone that an instant belongs to.
fn bucket(at: DateTime<Utc>, by: &str, zone: Tz) -> String {
    let format = match by {
        "hour" => "%Y-%m-%dT%H:00%:z",
        "day" => "%Y-%m-%d",
        _ => "%Y-%m",
    };
    at.with_timezone(&zone).format(format).to_string()
}

/// The values of a series as the readings have them: time, value, announced end.
fn values(readings: &[Reading], series: &str) -> Vec<(DateTime<Utc>, Decimal, Option<DateTime<Utc>>)> {
    let value = |reading: &Reading| match series {
        "5h" => reading.meter(Meter::FiveHour).map(|m| (m.used_percent, m.resets_at)),
        "week" => reading.meter(Meter::Week).map(|m| (m.used_percent, m.resets_at)),
        _ => reading.balance.as_ref().and_then(|b| b.available).map(|left| (left, None)),
    };
    readings.iter().filter_map(|r| value(r).map(|(value, end)| (r.at, value, end))).collect()
}

/// Adds up one series by hand.
fn add_up(sums: &mut Sums, readings: &[Reading], series: &str, by: &str, zone: Tz) {
    let is_money = series.starts_with("balance");
    let values = values(readings, series);
    for (index, (at, value, end)) in values.iter().enumerate() {
        let name = bucket(*at, by, zone);
        let sum = sums
            .entry((series.to_owned(), name.clone()))
            .or_insert_with(|| Sum { high: *value, ..Sum::default() });
        sum.last = *value;
        sum.high = sum.high.max(*value);
        let Some((before_at, before, before_end)) = index.checked_sub(1).map(|i| values[i]) else { continue };
        let moved = *value - before;
        let (deducted, returned) = if is_money {
            // Nothing here comes back or expires: what is added was paid in.
            sum.credited += moved.max(Decimal::ZERO);
            ((-moved).max(Decimal::ZERO), Decimal::ZERO)
        } else if *end == before_end {
            assert!(moved >= Decimal::ZERO, "this journey's meters fall only when they are reset");
            (moved, Decimal::ZERO)
        } else {
            // A new cycle: all of the old one came back, and what is used by now was used in the new one.
            sum.resets += 1;
            if before_end.is_some_and(|end| *at < end) {
                // Before its announced end a fall is held until the next reading confirms it, and the value before
                // it stands until then.
                sum.high = sum.high.max(before);
            }
            (*value, before)
        };
        sum.deducted += deducted;
        sum.returned += returned;
        if *at - before_at > WATCHED && bucket(before_at, by, zone) != name {
            sum.uncertain += deducted;
        }
    }
}

/// Adds up how long each bucket was watched. All zones here begin their buckets at whole minutes.
fn add_up_watched(readings: &[Reading], account: &str, by: &str, zone: Tz) -> Watched {
    let mut watched = Watched::new();
    for two in readings.windows(2) {
        let (mut from, to) = (two[0].at, two[1].at);
        if to - from > WATCHED {
            continue;
        }
        while from < to {
            let next = (from + TimeDelta::seconds(60 - from.timestamp().rem_euclid(60))).min(to);
            *watched.entry((account.to_owned(), bucket(from, by, zone))).or_default() +=
                (next - from).num_seconds();
            from = next;
        }
    }
    watched
}

/// The buckets of a zone from the first day to the last, in order: name, first instant, length in seconds.
/// Found by going through every minute.
fn calendar(by: &str, zone: Tz) -> Vec<(String, DateTime<Utc>, i64)> {
    let mut found: Vec<(String, DateTime<Utc>, i64)> = Vec::new();
    let month = by == "month";
    // Whole months, where months are asked for.
    let mut at = instant(if month { "2026-07-31T00:00:00Z" } else { "2026-08-19T00:00:00Z" });
    let end = instant(if month { "2026-12-02T00:00:00Z" } else { "2026-11-20T00:00:00Z" });
    while at < end {
        let name = bucket(at, by, zone);
        match found.last_mut() {
            Some((last, _, length)) if *last == name => *length += 60,
            _ => found.push((name, at, 60)),
        }
        at += TimeDelta::minutes(1);
    }
    let (first, last) = if month { ("2026-08", "2026-11") } else { (FIRST_DAY, LAST_DAY) };
    found.retain(|(name, ..)| {
        let name = name.get(..first.len()).unwrap_or_default();
        first <= name && name <= last
    });
    found
}

/// Both accounts, what they must show, and where it stands.
struct Expected {
    by: &'static str,
    zone: Tz,
    sums: Sums,
    watched: Watched,
    calendar: Vec<(String, DateTime<Utc>, i64)>,
}

const SERIES: [(&str, &str); 3] = [("work", "5h"), ("work", "week"), ("api", "balance:USD")];

impl Expected {
    fn new(membership: &[Reading], balance: &[Reading], by: &'static str, zone: Tz) -> Expected {
        let mut sums = Sums::new();
        add_up(&mut sums, membership, "5h", by, zone);
        add_up(&mut sums, membership, "week", by, zone);
        add_up(&mut sums, balance, "balance:USD", by, zone);
        let mut watched = add_up_watched(membership, "work", by, zone);
        watched.extend(add_up_watched(balance, "api", by, zone));
        Expected { by, zone, sums, watched, calendar: calendar(by, zone) }
    }

    fn of(&self, series: &str, name: &str) -> Option<&Sum> {
        self.sums.get(&(series.to_owned(), name.to_owned()))
    }

    fn total(&self, series: &str) -> Decimal {
        self.sums.iter().filter(|((of, _), _)| of == series).map(|(_, sum)| sum.deducted).sum()
    }

    /// The share of a bucket's past that was watched.
    fn coverage(&self, account: &str, bucket: &(String, DateTime<Utc>, i64), now: DateTime<Utc>) -> f64 {
        let watched = self.watched.get(&(account.to_owned(), bucket.0.clone())).copied().unwrap_or(0);
        let passed = bucket.2.min((now - bucket.1).num_seconds());
        watched as f64 / passed as f64
    }

    fn place(&self, series: &str, name: &str) -> String {
        format!("{series} in the {} {name} of {}", self.by, self.zone)
    }
}

fn is_near(one: f64, other: f64, by: f64) -> bool {
    (one - other).abs() <= by
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn as_number(value: Decimal) -> f64 {
    value.to_string().parse().expect("a decimal is a number")
}

/// Percent is a number, money a decimal string with its currency.
fn assert_quantity(found: &Value, expected: Decimal, place: &str) {
    if let Some(amount) = found["amount"].as_str() {
        assert_eq!(amount.parse::<Decimal>().expect("a decimal"), expected, "{place}");
        assert_eq!(found["currency"], "USD", "{place}");
    } else {
        assert!(is_near(number(found), as_number(expected), 1e-9), "{place}: {found}, not {expected}");
    }
}

fn check_command_line(desktop: &Desktop, expected: &Expected, env: &[(String, String)]) {
    let zone = expected.zone.name();
    let dir = desktop.data_dir();
    let (status, out, error) = desktop.tidemark_with(
        &[
            "history",
            "--by",
            expected.by,
            "--json",
            "--timezone",
            zone,
            "--from",
            FIRST_DAY,
            "--to",
            LAST_DAY,
            "--data-dir",
            &dir.display().to_string(),
        ],
        "",
        env,
    );
    assert!(status.success(), "{error}");
    let document: Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!(document["timezone"], zone);
    assert_eq!(document["by"], expected.by);
    let mut rows = BTreeMap::new();
    for row in document["rows"].as_array().expect("rows") {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let series = match row["meter"].as_str() {
            Some(meter) => meter.to_owned(),
            None => format!("{}:{}", text("of"), text("currency")),
        };
        assert!(rows.insert((series, text("key")), row).is_none(), "twice: {row}");
    }
    let now = Utc::now();
    for (account, series) in SERIES {
        for bucket in &expected.calendar {
            let place = expected.place(series, &bucket.0);
            let row = rows.remove(&(series.to_owned(), bucket.0.clone()));
            let Some(sum) = expected.of(series, &bucket.0) else {
                // No data: no row, or one that says that the value is unknown. Never a zero.
                if let Some(row) = row {
                    assert_eq!(row["deducted"], Value::Null, "{place}: {row}");
                    assert_eq!(row["returned"], Value::Null, "{place}: {row}");
                }
                continue;
            };
            let row = row.unwrap_or_else(|| panic!("{place} is missing"));
            assert_eq!(row["account"], account);
            assert_quantity(&row["deducted"], sum.deducted, &place);
            assert_quantity(&row["returned"], sum.returned, &place);
            if series.starts_with("balance") {
                assert_quantity(&row["credited"], sum.credited, &place);
            } else {
                assert_eq!(row["credited"], Value::Null, "{place}: {row}");
            }
            assert_quantity(&row["uncertain"], sum.uncertain, &place);
            assert_quantity(&row["last"], sum.last, &place);
            assert_quantity(&row["high"], sum.high, &place);
            assert_eq!(row["resets"], sum.resets, "{place}");
            let start = instant(row["start"].as_str().expect("a start"));
            let end = instant(row["end"].as_str().expect("an end"));
            assert_eq!((start, (end - start).num_seconds()), (bucket.1, bucket.2), "{place}");
            let coverage = expected.coverage(account, bucket, now);
            // It is given with four decimals.
            assert!(is_near(number(&row["coverage"]), coverage, 1e-3), "{place}: {row}, not {coverage}");
        }
    }
    assert!(rows.is_empty(), "rows of buckets that were not asked for: {:?}", rows.keys());
}

fn check_interface(agent: &Agent, service: &Service, expected: &Expected) {
    let path = format!("/v1/history?by={}&from={FIRST_DAY}&to={DAY_AFTER}", expected.by);
    let history = agent.get(&path);
    assert_eq!(history["timezone"], expected.zone.name());
    let buckets = history["buckets"].as_array().expect("buckets");
    let keys: Vec<&str> = buckets.iter().filter_map(|b| b["key"].as_str()).collect();
    let names: Vec<&str> = expected.calendar.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(keys, names, "the axis of {} in {}", expected.by, expected.zone);
    let all = history["series"].as_array().expect("series");
    assert_eq!(all.len(), SERIES.len());
    let now = service.now();
    for (account, series) in SERIES {
        let line = all
            .iter()
            .find(|line| line["series"] == series && line["account"] == account)
            .unwrap_or_else(|| panic!("{account} {series} is missing"));
        let points = line["points"].as_array().expect("points");
        assert_eq!(points.len(), expected.calendar.len());
        let mut total = 0.0;
        for (point, bucket) in points.iter().zip(&expected.calendar) {
            let place = expected.place(series, &bucket.0);
            let coverage = expected.coverage(account, bucket, now);
            assert!(is_near(number(&point["coverage"]), coverage, 1e-3), "{place}: {point}, not {coverage}");
            let Some(sum) = expected.of(series, &bucket.0) else {
                assert_eq!(point["deducted"], Value::Null, "{place}: nobody looked");
                assert_eq!(point["returned"], Value::Null, "{place}: nobody looked");
                continue;
            };
            total += number(&point["deducted"]);
            for (key, value) in [
                ("deducted", sum.deducted),
                ("returned", sum.returned),
                ("uncertain", sum.uncertain),
                ("last", sum.last),
                ("high", sum.high),
            ] {
                let found = number(&point[key]);
                assert!(is_near(found, as_number(value), 1e-7), "{key} of {place}: {found}, not {value}");
            }
            if series.starts_with("balance") {
                let found = number(&point["credited"]);
                assert!(is_near(found, as_number(sum.credited), 1e-7), "credited of {place}: {point}");
            }
            assert_eq!(point["resets"], sum.resets, "{place}");
        }
        // Hours, days and months add up to the same.
        assert!(is_near(total, as_number(expected.total(series)), 1e-5), "{series}: {total}");
    }
}

/// The number in a cell, `None` where it is the dash of what is not known. More than one cycle of a quota is given in
/// cycles, each of which is 100 %.
fn cell(text: &str) -> Option<f64> {
    let times = if text.ends_with("windows") || text.ends_with("quotas") { 100.0 } else { 1.0 };
    let plain: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    if plain.is_empty() {
        assert_eq!(text.trim(), "–", "neither a number nor unknown");
        return None;
    }
    Some(plain.parse::<f64>().unwrap_or_else(|_| panic!("{text} is no number")) * times)
}

fn check_window(window: &Window, expected: &Expected) {
    let zone = expected.zone.name();
    // From another page, so that nothing is on this one that was asked for in another zone.
    window.evaluate("location.hash = '#/settings'");
    wait_for("another page", FOLLOWS, || window.texts("section.panel"), Vec::is_empty);
    window.evaluate(&format!(
        "location.hash = '#/history?span=custom&account=all&from={FIRST_DAY}&to={LAST_DAY}&by={}'",
        expected.by
    ));
    let head = match expected.by {
        "day" => "Day",
        _ => "Month",
    };
    // Each chart has a button to the table behind it. (What is scrolled out of sight has no `innerText`.)
    let heads_and_range = || {
        let shown = window.evaluate(
            "[...document.querySelectorAll('section.panel')].map((panel) => { \
               const button = panel.querySelector('header button[aria-expanded]'); \
               if (button.getAttribute('aria-expanded') === 'false') button.click(); \
               return panel.querySelector('thead th')?.textContent ?? ''; })",
        );
        let heads = shown.as_array().into_iter().flatten().filter_map(Value::as_str);
        (heads.map(str::to_owned).collect::<Vec<_>>(), window.texts(".range").concat())
    };
    wait_for("the tables", FOLLOWS, heads_and_range, |(heads, range)| {
        let all = heads.len() == SERIES.len() && heads.iter().all(|text| text == head);
        all && range.contains(zone)
    });
    let tables = window.evaluate(
        "[...document.querySelectorAll('section.panel')].map((panel) => ({ \
           name: panel.querySelector('h3').textContent, \
           heads: [...panel.querySelectorAll('thead th')].map((th) => th.textContent), \
           rows: [...panel.querySelectorAll('tbody tr')].map((tr) => [...tr.children].map((td) => td.textContent.trim())) }))",
    );
    for (account, series) in SERIES {
        let named = match series {
            "5h" => "5-hour quota",
            "week" => "Week",
            _ => "Balance",
        };
        let table = tables
            .as_array()
            .into_iter()
            .flatten()
            .find(|table| {
                let name = table["name"].as_str().unwrap_or_default();
                name.contains(named) && name.ends_with(account)
            })
            .unwrap_or_else(|| panic!("no table of {account} {series}: {tables}"));
        let is_money = series.starts_with("balance");
        let mut heads = vec![head, "Deducted", "Time uncertain", "Restored"];
        heads.extend(if is_money { &["Received", "Expired"][..] } else { &[] });
        heads.push("Resets");
        heads.push(if is_money { "Balance at end of period" } else { "Used at end of period" });
        heads.extend(["Coverage", "Local usage"]);
        let found = table["heads"].as_array().into_iter().flatten().filter_map(Value::as_str);
        assert_eq!(found.collect::<Vec<_>>(), heads);
        // Where the columns after those of money are.
        let after = if is_money { 5 } else { 3 };
        let rows = table["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), expected.calendar.len(), "{series}");
        // One decimal of a percent, two of money.
        let step = if series.starts_with("balance") { 0.00501 } else { 0.0501 };
        for (row, bucket) in rows.iter().zip(&expected.calendar) {
            let place = expected.place(series, &bucket.0);
            let texts: Vec<&str> = row.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            assert_names(texts[0], &bucket.0, expected.by);
            let numbers: Vec<Option<f64>> = texts[1..=after + 3].iter().map(|text| cell(text)).collect();
            let Some(sum) = expected.of(series, &bucket.0) else {
                assert!(numbers[..after + 2].iter().all(Option::is_none), "{place}: {texts:?}");
                assert_eq!(numbers[after + 2], Some(0.0), "{place}: {texts:?}");
                continue;
            };
            // Cycles have two decimals: each is a hundred points.
            let in_cycles = texts[1].ends_with("windows") || texts[1].ends_with("quotas");
            let step_of_amounts = if in_cycles { 0.501 } else { step };
            for (found, value, step) in [
                (numbers[0], sum.deducted, step_of_amounts),
                (numbers[1], sum.uncertain, step_of_amounts),
                (numbers[2], sum.returned, step_of_amounts),
                (numbers[after + 1], sum.last, step),
            ]
            .into_iter()
            .chain(is_money.then(|| (numbers[3], sum.credited, step)))
            {
                let found = found.unwrap_or_else(|| panic!("{place}: {texts:?}"));
                // A little is not nothing, and shown as the smallest step; more than 100 % is in tenths of a cycle.
                let value = as_number(value);
                let step = match value {
                    v if v >= 99.9 && !series.starts_with("balance") => 5.001,
                    v if v > 0.0 && v < step => step * 2.0,
                    _ => step,
                };
                assert!(is_near(found, value, step), "{place}: {texts:?}, not {sum:?}");
            }
            assert_eq!(numbers[after], Some(f64::from(sum.resets)), "{place}: {texts:?}");
        }
    }
}

/// A row is named in words, and they are those of its day or month.
fn assert_names(text: &str, name: &str, by: &str) {
    let day: NaiveDate =
        (if by == "day" { name.to_owned() } else { format!("{name}-01") }).parse().expect("a day");
    let parts: &[&str] = if by == "day" { &["%-d", "%b", "%Y"] } else { &["%b", "%Y"] };
    for part in parts {
        let word = day.format(part).to_string();
        assert!(text.contains(&word), "the row of {name} is called {text}");
    }
}

#[test]
fn ninety_days_add_up_in_three_zones_across_a_clock_change() {
    let desktop = Desktop::start(&Options {
        keyring: Keyring::None,
        notifications: false,
        tray: false,
        ..Options::default()
    });
    let now = instant(NOW);
    assert!(Utc::now() > now, "this machine's clock is wrong: it is later than {NOW}");
    let (membership, balance) = (membership(), balance());
    remember(&desktop.data_dir(), "work", &membership);
    remember(&desktop.data_dir(), "api", &balance);
    // What this journey is about is in the data.
    assert!(membership.last().expect("readings").at - membership[0].at > TimeDelta::days(89));
    let berlin = calendar("day", Tz::Europe__Berlin);
    assert!(berlin.iter().any(|(name, _, length)| name == "2026-10-25" && *length == 25 * 3600));

    let service = Service::start(Scenario::one_code(now), now, 1.0);
    let agent = desktop.start_agent_with(&desktop.data_dir(), &["--no-tray"], &service.env());
    let window = desktop.open_window(&Launch::default());
    let cards = || window.texts("article.card");
    wait_for("the accounts", COMES_UP, cards, |cards| cards.len() == 2);
    for zone in ZONES {
        agent.request("PATCH", "/v1/settings", Some(&json!({ "timezone": zone.name() })));
        let mut totals: Vec<Vec<Decimal>> = Vec::new();
        for by in ["hour", "day", "month"] {
            let expected = Expected::new(&membership, &balance, by, zone);
            totals.push(SERIES.iter().map(|(_, series)| expected.total(series)).collect());
            check_command_line(&desktop, &expected, &service.env());
            check_interface(&agent, &service, &expected);
            if by != "hour" {
                check_window(&window, &expected);
            }
        }
        assert!(totals[0] == totals[1] && totals[1] == totals[2], "{totals:?}");
        // The gap of three days has days in it of which nothing is known.
        let days = Expected::new(&membership, &balance, "day", zone);
        assert!(days.of("5h", "2026-10-01").is_none() && days.of("balance:USD", "2026-10-01").is_none());
        assert!(days.sums.values().any(|sum| sum.uncertain > Decimal::ZERO));
        assert!(days.sums.values().map(|sum| sum.resets).sum::<u32>() > 300);
    }
}
