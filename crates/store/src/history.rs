//! History: what was deducted and what came back, by hour, day or month.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use rusqlite::{Connection, OptionalExtension, params};
use rust_decimal::Decimal;
use tidemark_core::calendar::{Bucket, Span};
use tidemark_core::{AccountId, Series};

use crate::error::StoreError;
use crate::money_events::{self, MoneyEvent};
use crate::movement_writer::{RUN, run};
use crate::rolled_zone::rolled_zone;
use crate::rollup::{Key, Sum, Sums, span_number};
use crate::store::Store;
use crate::{amount, instant};

/// What history is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryQuery {
    /// The first instant. Buckets are given whole: the one that holds it is the first.
    pub from: DateTime<Utc>,
    /// The first instant after. The bucket that holds the instant before it is the last.
    pub to: DateTime<Utc>,
    /// Now: buckets that have not begun yet are not given.
    pub now: DateTime<Utc>,
    /// The size of a bucket.
    pub span: Span,
    /// Of one account, or of all.
    pub account: Option<AccountId>,
    /// The zone in which buckets are cut. In the pinned one ([`Store::zone`]) this is one indexed query; in
    /// any other it is added up from the movements, exactly, and takes longer.
    pub zone: Tz,
}

/// What a series did in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The account of the series.
    pub account: AccountId,
    /// The series that the sums are of.
    pub series: Series,
    /// The hour, day or month that the sums cover.
    pub bucket: Bucket,
    /// What was deducted, in the series' unit. `None` if there is no data.
    pub deducted: Option<Decimal>,
    /// What was restored: resets, refunds, corrections. `None` if there is no data.
    pub returned: Option<Decimal>,
    /// Of money: what came in, paid in or granted. `None` without coverage, and for a quota.
    pub credited: Option<Decimal>,
    /// Of money: what expired without use, which is no deduction. `None` likewise.
    pub expired: Option<Decimal>,
    /// The part of `deducted` that happened in a gap which began before this bucket: it may belong earlier.
    pub uncertain: Decimal,
    /// How long we were looking at the account in this bucket.
    pub covered: TimeDelta,
    /// The last value in the bucket: percent used, or money left.
    pub last: Option<Decimal>,
    /// The highest value in the bucket.
    pub high: Option<Decimal>,
    /// Resets in the bucket.
    pub resets: u32,
}

/// What is known of the buckets asked for.
struct Known {
    /// By account and series, then by the bucket's start.
    moved: BTreeMap<(i64, Series), HashMap<i64, Sum>>,
    /// By account and the bucket's start.
    covered: HashMap<(i64, i64), i64>,
}

impl Store {
    /// The history of a span: a row for each bucket of each series that was seen in the span, by account,
    /// series and time. A bucket that began but is not over has what is known so far.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn history(&self, query: &HistoryQuery) -> Result<Vec<HistoryRow>, StoreError> {
        // Nothing of this can be older; a query "from the beginning" must not count empty hours since 1677.
        let beginning = NaiveDate::from_ymd_opt(2020, 1, 1)
            .and_then(|day| day.and_hms_opt(0, 0, 0))
            .map_or(query.from, |at| at.and_utc());
        let (from, to) = (query.from.max(beginning), query.to.min(query.now + TimeDelta::nanoseconds(1)));
        let buckets: Vec<Bucket> = Bucket::covering(from, to, query.span, query.zone).collect();
        let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else { return Ok(Vec::new()) };
        let (start, end) = (instant::encode(first.start), instant::encode(last.end));
        let tx = self.begin_reading()?;
        let known = if rolled_zone(&tx)? == query.zone {
            rolled_up(&tx, query, start, end)?
        } else {
            added_up(&tx, query, start, end)?
        };
        let mut rows = Vec::with_capacity(known.moved.len() * buckets.len());
        for ((account, series), sums) in &known.moved {
            for bucket in &buckets {
                let start = instant::encode(bucket.start);
                let sum = sums.get(&start);
                let covered = known.covered.get(&(*account, start)).copied().unwrap_or(0);
                // A single reading has a value, and says nothing about what was used.
                let moved = sum.filter(|sum| {
                    covered > 0
                        || sum.deducted != 0
                        || sum.returned != 0
                        || sum.uncertain != 0
                        || sum.resets > 0
                });
                rows.push(HistoryRow {
                    account: AccountId(*account),
                    series: *series,
                    bucket: *bucket,
                    deducted: moved.map(|sum| amount::decode(sum.deducted)),
                    returned: moved.map(|sum| amount::decode(sum.returned)),
                    credited: moved.and(series.currency()).map(|_| Decimal::ZERO),
                    expired: moved.and(series.currency()).map(|_| Decimal::ZERO),
                    uncertain: sum.map_or(Decimal::ZERO, |sum| amount::decode(sum.uncertain)),
                    covered: TimeDelta::nanoseconds(covered),
                    last: sum.and_then(|sum| sum.last).map(|(_, value)| amount::decode(value)),
                    high: sum.and_then(|sum| sum.high).map(amount::decode),
                    resets: sum.map_or(0, |sum| u32::try_from(sum.resets).unwrap_or(u32::MAX)),
                });
            }
        }
        let span = (first.start, last.end);
        for (account, series, events) in money_events::read(&tx, query.account, span)? {
            let of = |row: &&mut HistoryRow| row.account == account && row.series == series;
            let mut rows: Vec<_> = rows.iter_mut().filter(of).collect();
            for event in events {
                enter_money(&event, &mut rows);
            }
        }
        Ok(rows)
    }
}

/// Takes money that came in or expired off what was returned or deducted, in the bucket in which the movement was
/// entered: that of the poll that settled it, or else of the one that showed it.
fn enter_money(event: &MoneyEvent, rows: &mut [&mut HistoryRow]) {
    let places: Vec<usize> = [event.detected_at, event.to]
        .into_iter()
        .filter_map(|at| {
            // The rows of a series are in the order of their buckets.
            let place = rows.partition_point(|row| row.bucket.end <= at);
            rows.get(place).is_some_and(|row| row.bucket.start <= at).then_some(place)
        })
        .collect();
    let moved =
        |row: &HistoryRow| if event.is_credit { row.returned } else { row.deducted }.unwrap_or_default();
    let whole = places.iter().find(|place| moved(rows[**place]) >= event.amount);
    // Where less was entered, some of it was used in the same time.
    let Some(place) = whole.or_else(|| places.iter().max_by_key(|place| moved(rows[**place]))) else {
        return;
    };
    let row = &mut *rows[*place];
    let amount = event.amount.min(moved(row));
    let (from, to) = if event.is_credit {
        (&mut row.returned, &mut row.credited)
    } else {
        (&mut row.deducted, &mut row.expired)
    };
    if let (Some(from), Some(to)) = (from, to) {
        *from -= amount;
        *to += amount;
    }
    row.uncertain = row.uncertain.min(row.deducted.unwrap_or_default());
}

fn series_of(name: &str) -> Result<Series, StoreError> {
    name.parse().map_err(|why| StoreError::unreadable("series", &why))
}

/// From the roll-ups, in the pinned zone.
fn rolled_up(db: &Connection, query: &HistoryQuery, start: i64, end: i64) -> Result<Known, StoreError> {
    let account = query.account.map(|id| id.0);
    let span = span_number(query.span);
    let mut moved: BTreeMap<(i64, Series), HashMap<i64, Sum>> = BTreeMap::new();
    for (number, account, series) in series_numbers(db, account)? {
        let mut statement = db.prepare_cached(
            "SELECT start, deducted, returned, uncertain, resets, last_at, last, high FROM rollup
             WHERE series = ?1 AND span = ?2 AND start >= ?3 AND start < ?4 ORDER BY start",
        )?;
        let mut rows = statement.query([number, span, start, end])?;
        let mut sums = HashMap::new();
        while let Some(row) = rows.next()? {
            let last_at: Option<i64> = row.get(5)?;
            sums.insert(
                row.get(0)?,
                Sum {
                    deducted: row.get(1)?,
                    returned: row.get(2)?,
                    uncertain: row.get(3)?,
                    resets: row.get(4)?,
                    last: last_at.zip(row.get(6)?),
                    high: row.get(7)?,
                },
            );
        }
        if !sums.is_empty() {
            moved.insert((account, series), sums);
        }
    }
    let mut statement = db.prepare_cached(
        "SELECT account.id, c.start, c.covered FROM account CROSS JOIN coverage_rollup AS c ON c.account = account.id
         WHERE (?1 IS NULL OR account.id = ?1) AND c.span = ?2 AND c.start >= ?3 AND c.start < ?4",
    )?;
    let covered = statement
        .query_map(params![account, span, start, end], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    Ok(Known { moved, covered })
}

/// From movements and coverage, in any zone.
fn added_up(db: &Connection, query: &HistoryQuery, start: i64, end: i64) -> Result<Known, StoreError> {
    let account = query.account.map(|id| id.0);
    let spans: &'static [Span] = match query.span {
        Span::Hour => &[Span::Hour],
        Span::Day => &[Span::Day],
        Span::Month => &[Span::Month],
    };
    let within = |key: &Key| key.2 >= start && key.2 < end;
    let mut moved: BTreeMap<(i64, Series), HashMap<i64, Sum>> = BTreeMap::new();
    for (number, account, series) in series_numbers(db, account)? {
        let mut sums = Sums::new(query.zone, spans);
        // From the run that reaches into the span to the first reading after it, which shows that its end was
        // covered. Runs overlap only where the clock was set back; then `last` of the first bucket is that of
        // the later run only. Sums do not depend on it.
        let mut statement = db.prepare_cached(&format!(
            "SELECT {RUN} FROM movement WHERE series = ?1
             AND at >= coalesce((SELECT max(at) FROM movement WHERE series = ?1 AND at <= ?2), ?2)
             AND at <= coalesce((SELECT min(at) FROM movement WHERE series = ?1 AND at >= ?3), ?3)
             ORDER BY at"
        ))?;
        let mut rows = statement.query([number, start, end])?;
        while let Some(row) = rows.next()? {
            let mut run = run(row, 0)?;
            // What a run did before the span began, or after it ended, is not asked for.
            if run.at < start {
                if run.until < start {
                    continue;
                }
                sums.add_hold(number, run.value, start, run.until.min(end));
                continue;
            }
            run.until = run.until.min(end).max(run.at);
            sums.add_run(number, &run);
        }
        let sums: HashMap<i64, Sum> =
            sums.moved.into_iter().filter(|(key, _)| within(key)).map(|(key, sum)| (key.2, sum)).collect();
        if !sums.is_empty() {
            moved.insert((account, series), sums);
        }
    }
    let mut sums = Sums::new(query.zone, spans);
    let mut statement = db.prepare_cached(
        "SELECT account, start, until FROM coverage
         WHERE (?1 IS NULL OR account = ?1) AND start < ?3 AND until > ?2",
    )?;
    let mut rows = statement.query(params![account, start, end])?;
    while let Some(row) = rows.next()? {
        let (from, until): (i64, i64) = (row.get(1)?, row.get(2)?);
        sums.add_cover(row.get(0)?, from.max(start), until.min(end));
    }
    let covered = sums.covered.into_iter().map(|((account, _, start), covered)| ((account, start), covered));
    Ok(Known { moved, covered: covered.collect() })
}

/// The number of a series of an account, where it was ever seen.
pub(crate) fn series_number(
    db: &Connection,
    account: AccountId,
    series: Series,
) -> Result<Option<i64>, StoreError> {
    let number = db
        .prepare_cached("SELECT id FROM series WHERE account = ?1 AND name = ?2")?
        .query_row(params![account.0, series.to_string()], |row| row.get(0))
        .optional()?;
    Ok(number)
}

/// The series of an account, or of all: number, account, name.
pub(crate) fn series_numbers(
    db: &Connection,
    account: Option<i64>,
) -> Result<Vec<(i64, i64, Series)>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, account, name FROM series WHERE ?1 IS NULL OR account = ?1")?;
    let mut rows = statement.query([account])?;
    let mut series = Vec::new();
    while let Some(row) = rows.next()? {
        series.push((
            row.get(0)?,
            row.get(1)?,
            series_of(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?,
        ));
    }
    Ok(series)
}
