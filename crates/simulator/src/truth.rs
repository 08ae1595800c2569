//! What really happened to an account, kept beside what the service says of it, so that a test can compare.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use tidemark_core::{Series, Tokens};

use crate::amount::{money, percent};
use crate::event::Event;

/// Everything that happened to an account.
///
/// For every series holds: value now = value at the beginning + deducted − returned for a meter (percent
/// used), and value now = value at the beginning − deducted + returned for money.
#[derive(Debug, Clone, Serialize)]
pub struct Truth {
    /// The account's name.
    pub account: String,
    /// The start of its history.
    pub since: DateTime<Utc>,
    /// The values of its series at that time.
    pub start: BTreeMap<SeriesKey, Decimal>,
    /// Hour by hour of UTC; hours in which nothing happened are left out.
    pub hours: Vec<TrueHour>,
    /// What happened beside use, in order.
    pub events: Vec<TrueEvent>,
}

/// A series as a key of a JSON map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesKey(pub Series);

impl Serialize for SeriesKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// An hour of an account's life.
#[derive(Debug, Clone, Serialize)]
pub struct TrueHour {
    /// The first instant of the hour.
    pub start: DateTime<Utc>,
    /// Number of requests that were answered.
    pub requests: u64,
    /// Those of them that the logging machine made.
    pub logged_requests: u64,
    /// Requests refused because a window or the money was used up.
    pub refused_requests: u64,
    /// Tokens of the answered requests.
    pub tokens: Tokens,
    /// Those of them that the logging machine used.
    pub logged_tokens: Tokens,
    /// What each series did in the hour.
    pub moved: BTreeMap<SeriesKey, Moved>,
}

/// How a series moved in an hour: percent of a meter, or money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// What was deducted, in the series' unit.
    pub deducted: Decimal,
    /// The part of it that use explains at the usual price.
    pub earned: Decimal,
    /// What was added: resets, credits.
    pub returned: Decimal,
    /// Number of resets.
    pub resets: u32,
}

/// Something that happened beside use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrueEvent {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What, in a word: `reset`, `exhausted`, or the word of the event.
    pub what: String,
    /// The series that it moved, if it is one.
    pub series: Option<SeriesKey>,
    /// By how much it moved that series, in the series' unit.
    pub amount: Option<Decimal>,
    /// The event that did it, where it was one.
    pub event: Option<Event>,
}

impl Truth {
    /// What a series moved by over all hours that begin in `[from, to)`.
    #[must_use]
    pub fn moved(&self, series: Series, from: DateTime<Utc>, to: DateTime<Utc>) -> Moved {
        let mut sum = Moved::default();
        let hours = self.hours.iter().filter(|hour| (from..to).contains(&hour.start));
        for moved in hours.filter_map(|hour| hour.moved.get(&SeriesKey(series))) {
            sum.deducted += moved.deducted;
            sum.earned += moved.earned;
            sum.returned += moved.returned;
            sum.resets += moved.resets;
        }
        sum
    }

    /// What a series moved by in the whole life.
    #[must_use]
    pub fn moved_ever(&self, series: Series) -> Moved {
        self.moved(series, DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC)
    }
}

/// The record as it is kept during the simulation, in whole units.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) since: DateTime<Utc>,
    start: BTreeMap<SeriesKey, i64>,
    hours: BTreeMap<i64, Hour>,
    events: Vec<TrueEvent>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Hour {
    pub(crate) requests: u64,
    pub(crate) logged_requests: u64,
    pub(crate) refused_requests: u64,
    pub(crate) tokens: Tokens,
    pub(crate) logged_tokens: Tokens,
    moved: BTreeMap<SeriesKey, Units>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Units {
    deducted: i64,
    earned: i64,
    returned: i64,
    resets: u32,
}

impl Record {
    pub(crate) fn new(since: DateTime<Utc>) -> Self {
        Self { since, ..Self::default() }
    }

    pub(crate) fn begin(&mut self, series: Series, value: i64) {
        self.start.insert(SeriesKey(series), value);
    }

    pub(crate) fn hour(&mut self, at: DateTime<Utc>) -> &mut Hour {
        self.hours.entry(at.timestamp().div_euclid(3600)).or_default()
    }

    fn units(&mut self, at: DateTime<Utc>, series: Series) -> &mut Units {
        self.hour(at).moved.entry(SeriesKey(series)).or_default()
    }

    /// Notes a deduction and how much of it use explains.
    pub(crate) fn deducted(&mut self, at: DateTime<Utc>, series: Series, amount: i64, earned: i64) {
        if amount != 0 {
            let units = self.units(at, series);
            units.deducted += amount;
            units.earned += earned.min(amount);
        }
    }

    pub(crate) fn returned(&mut self, at: DateTime<Utc>, series: Series, amount: i64, resets: u32) {
        if amount != 0 || resets != 0 {
            let units = self.units(at, series);
            units.returned += amount;
            units.resets += resets;
        }
    }

    pub(crate) fn event(
        &mut self,
        at: DateTime<Utc>,
        what: &str,
        series: Option<Series>,
        amount: Option<i64>,
        event: Option<Event>,
    ) {
        let amount = amount.map(|amount| as_decimal(series, amount));
        let series = series.map(SeriesKey);
        self.events.push(TrueEvent { at, what: what.to_owned(), series, amount, event });
    }

    pub(crate) fn truth(&self, account: &str) -> Truth {
        let hours = self.hours.iter().map(|(number, hour)| TrueHour {
            start: DateTime::from_timestamp(number * 3600, 0).unwrap_or_default(),
            requests: hour.requests,
            logged_requests: hour.logged_requests,
            refused_requests: hour.refused_requests,
            tokens: hour.tokens,
            logged_tokens: hour.logged_tokens,
            moved: hour.moved.iter().map(|(key, units)| (*key, units.moved(key.0))).collect(),
        });
        Truth {
            account: account.to_owned(),
            since: self.since,
            start: self.start.iter().map(|(key, value)| (*key, as_decimal(Some(key.0), *value))).collect(),
            hours: hours.collect(),
            events: self.events.clone(),
        }
    }
}

impl Units {
    fn moved(self, series: Series) -> Moved {
        let decimal = |amount| as_decimal(Some(series), amount);
        Moved {
            deducted: decimal(self.deducted),
            earned: decimal(self.earned),
            returned: decimal(self.returned),
            resets: self.resets,
        }
    }
}

fn as_decimal(series: Option<Series>, amount: i64) -> Decimal {
    match series {
        Some(Series::Meter(_)) => percent(amount),
        _ => money(amount),
    }
}
