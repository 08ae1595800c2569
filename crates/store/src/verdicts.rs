//! Verdicts: how far each deduction is explained.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use tidemark_core::audit::{Explained, Verdict};
use tidemark_core::calendar::Bucket;
use tidemark_core::{AccountId, Series};

use crate::error::StoreError;
use crate::history::{HistoryQuery, series_number, series_numbers};
use crate::movement_writer::{RUN, run};
use crate::store::Store;
use crate::{amount, instant};

/// How far a deduction is explained, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredVerdict {
    /// The verdict itself.
    pub word: Explained,
    /// What use explains of it, at least and at most, in the series' unit.
    pub explained: Option<(Decimal, Decimal)>,
}

/// Consecutive readings of a series that found the same value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRun {
    /// Time of the first of them.
    pub at: DateTime<Utc>,
    /// Time of the last reading that found it unchanged.
    pub until: DateTime<Utc>,
    /// Whether there is no data between the run before and this one.
    pub gap: bool,
    /// Percent used, or money left.
    pub value: Decimal,
    /// What was deducted since the run before.
    pub deducted: Decimal,
    /// What came back since the run before.
    pub returned: Decimal,
    /// Resets since the run before.
    pub resets: u32,
    /// How far the deduction is explained, where it was weighed.
    pub verdict: Option<StoredVerdict>,
}

/// The deductions of a bucket that were weighed, by how far they are explained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerdictSums {
    /// Explained by the logged usage, in the series' unit.
    pub fully: Decimal,
    /// Partly explained, in the series' unit.
    pub partly: Decimal,
    /// Unexplained, in the series' unit.
    pub not: Decimal,
    /// Deducted with the verdict *cannot tell*, in the series' unit.
    pub cannot_tell: Decimal,
}

/// The sums of a series by the first instants of buckets.
pub type VerdictBuckets = HashMap<(AccountId, Series), HashMap<DateTime<Utc>, VerdictSums>>;

impl Store {
    /// What a series did in `[from, to)`, with the run that reaches into it, in time order.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn runs(
        &self,
        account: AccountId,
        series: Series,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<SeenRun>, StoreError> {
        let Some(number) = series_number(&self.db, account, series)? else { return Ok(Vec::new()) };
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {RUN}, (SELECT word FROM verdict AS v WHERE v.series = m.series AND v.at = m.at),
                    (SELECT low FROM verdict AS v WHERE v.series = m.series AND v.at = m.at),
                    (SELECT high FROM verdict AS v WHERE v.series = m.series AND v.at = m.at)
             FROM movement AS m WHERE series = ?1 AND at < ?3
             AND at >= coalesce((SELECT max(at) FROM movement WHERE series = ?1 AND at <= ?2), ?2)
             ORDER BY at"
        ))?;
        let mut rows = statement.query([number, instant::encode(from), instant::encode(to)])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            let found = run(row, 0)?;
            let word: Option<i64> = row.get(8)?;
            let explained: Option<(i64, i64)> = row.get::<_, Option<i64>>(9)?.zip(row.get(10)?);
            runs.push(SeenRun {
                at: instant::decode(found.at),
                until: instant::decode(found.until),
                gap: found.gap,
                value: amount::decode(found.value),
                deducted: amount::decode(found.deducted),
                returned: amount::decode(found.returned),
                resets: u32::try_from(found.resets).unwrap_or(u32::MAX),
                verdict: word.map(|word| StoredVerdict {
                    word: word_of(word),
                    explained: explained.map(|(low, high)| (amount::decode(low), amount::decode(high))),
                }),
            });
        }
        Ok(runs)
    }

    /// How far the deductions of a span are explained, bucket by bucket. Deductions that were never weighed
    /// are not part of it.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn verdicts(&self, query: &HistoryQuery) -> Result<VerdictBuckets, StoreError> {
        let buckets: Vec<Bucket> =
            Bucket::covering(query.from, query.to, query.span, query.zone).take(100_000).collect();
        let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else {
            return Ok(VerdictBuckets::new());
        };
        let bounds = (instant::encode(first.start), instant::encode(last.end));
        let tx = self.begin_reading()?;
        let mut all = VerdictBuckets::new();
        for (number, account, series) in series_numbers(&tx, query.account.map(|id| id.0))? {
            let mut statement = tx.prepare_cached(
                "SELECT at, word, deducted FROM verdict WHERE series = ?1 AND at >= ?2 AND at < ?3",
            )?;
            let mut rows = statement.query([number, bounds.0, bounds.1])?;
            while let Some(row) = rows.next()? {
                let at = instant::decode(row.get(0)?);
                let place = buckets.partition_point(|bucket| bucket.start <= at);
                let Some(bucket) = place.checked_sub(1).and_then(|place| buckets.get(place)) else {
                    continue;
                };
                let sums =
                    all.entry((AccountId(account), series)).or_default().entry(bucket.start).or_default();
                let deducted = amount::decode(row.get(2)?);
                match word_of(row.get(1)?) {
                    Explained::Fully => sums.fully += deducted,
                    Explained::Partly => sums.partly += deducted,
                    Explained::Not => sums.not += deducted,
                    Explained::CannotTell => sums.cannot_tell += deducted,
                }
            }
        }
        Ok(all)
    }
}

/// Keeps a verdict beside its movement, once.
pub(crate) fn insert(db: &Connection, account: AccountId, verdict: &Verdict) -> Result<(), StoreError> {
    let exact = |value: f64| amount::encode(Decimal::from_f64(value).unwrap_or_default());
    let explained = verdict.explained.map(|(low, high)| Ok::<_, StoreError>((exact(low)?, exact(high)?)));
    let explained = explained.transpose()?;
    db.prepare_cached(
        "INSERT INTO verdict (series, at, word, deducted, low, high)
         SELECT id, ?3, ?4, ?5, ?6, ?7 FROM series WHERE account = ?1 AND name = ?2
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        account.0,
        verdict.series.to_string(),
        instant::encode(verdict.at),
        number_of(verdict.word),
        exact(verdict.deducted)?,
        explained.map(|(low, _)| low),
        explained.map(|(_, high)| high)
    ])?;
    Ok(())
}

const fn number_of(word: Explained) -> i64 {
    match word {
        Explained::Fully => 0,
        Explained::Partly => 1,
        Explained::Not => 2,
        Explained::CannotTell => 3,
    }
}

const fn word_of(number: i64) -> Explained {
    match number {
        0 => Explained::Fully,
        1 => Explained::Partly,
        2 => Explained::Not,
        _ => Explained::CannotTell,
    }
}
