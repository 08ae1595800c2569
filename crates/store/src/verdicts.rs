//! Verdicts: how far each deduction is explained.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, params};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use tidemark_core::audit::{Breakdown, Explained, ExplanationLimit, Verdict, WeighedDeduction};
use tidemark_core::calendar::Bucket;
use tidemark_core::wire::FindingRecord;
use tidemark_core::{AccountId, FindingKind, Series};

use crate::error::StoreError;
use crate::history::{HistoryQuery, series_number, series_numbers};
use crate::store::Store;
use crate::{amount, instant};

/// How far a deduction is explained, given the anomalies that were found in its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredVerdict {
    /// The verdict itself.
    pub word: Explained,
    /// What use explains of it, at least and at most, in the series' unit.
    pub explained: Option<(Decimal, Decimal)>,
    /// What was deducted, by how far it is explained.
    pub parts: Breakdown,
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

/// The sums of a series by the first instants of buckets.
pub type VerdictBuckets = HashMap<(AccountId, Series), HashMap<DateTime<Utc>, Breakdown>>;

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
        let mut runs = Vec::new();
        self.for_each_run(account, series, (from, to), |run| runs.push(run.clone()))?;
        let Some(first) = runs.first().map(|run| run.at) else { return Ok(runs) };
        let weighed = weighed(&self.db, account, (number, series), (first, to))?;
        let weighed: HashMap<DateTime<Utc>, StoredVerdict> = weighed.into_iter().collect();
        for run in &mut runs {
            run.verdict = weighed.get(&run.at).copied();
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
        let bounds = (first.start, last.end);
        let tx = self.begin_reading()?;
        let mut all = VerdictBuckets::new();
        for (number, account, series) in series_numbers(&tx, query.account.map(|id| id.0))? {
            let account = AccountId(account);
            for (at, verdict) in weighed(&tx, account, (number, series), bounds)? {
                let place = buckets.partition_point(|bucket| bucket.start <= at);
                let Some(bucket) = place.checked_sub(1).and_then(|place| buckets.get(place)) else {
                    continue;
                };
                *all.entry((account, series)).or_default().entry(bucket.start).or_default() += verdict.parts;
            }
        }
        Ok(all)
    }
}

/// The verdicts of a series on the polls in `[from, to)`, under the limits that its anomalies set.
fn weighed(
    db: &Connection,
    account: AccountId,
    (number, series): (i64, Series),
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<(DateTime<Utc>, StoredVerdict)>, StoreError> {
    let Accused { limits, withdrawn } = accused(db, account, series)?;
    let limits: Vec<_> = limits.into_iter().filter(|limit| limit.from < to && limit.to >= from).collect();
    // What is left of an explanation depends on the whole span of an anomaly.
    let begin = limits.iter().map(|limit| limit.from).min().map_or(from, |begin| begin.min(from));
    let end = limits.iter().map(|limit| limit.to).max().map_or(to, |end| (end + JUST_AFTER).max(to));
    let mut statement = db.prepare_cached(
        "SELECT at, word, deducted, low, high, elsewhere FROM verdict WHERE series = ?1 AND at >= ?2 AND at < ?3
         ORDER BY at",
    )?;
    let mut rows = statement.query([number, instant::encode(begin), instant::encode(end)])?;
    let (mut deductions, mut lows) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let high: Option<i64> = row.get(4)?;
        let at = instant::decode(row.get(0)?);
        let mut deduction = WeighedDeduction {
            at,
            word: word_of(row.get(1)?),
            deducted: amount::decode(row.get(2)?),
            elsewhere: row.get::<_, Option<i64>>(5)?.map(amount::decode).unwrap_or_default(),
            explained_at_most: high.map(amount::decode),
        };
        let mut low = row.get::<_, Option<i64>>(3)?.map(amount::decode);
        if withdrawn.iter().any(|limit| limit.holds(at)) {
            // Usage that became known since explains it.
            deduction.explain();
            low = deduction.explained_at_most;
        }
        deductions.push(deduction);
        lows.push(low);
    }
    let parts = Breakdown::of_each(&deductions, &limits);
    let verdicts = deductions.iter().zip(lows).zip(parts).map(|((weighed, low), parts)| {
        let word = parts.word();
        let explained = low.zip(weighed.explained_at_most).map(|(low, high)| {
            let most = if word == weighed.word { high } else { parts.fully + parts.partly };
            (low.min(most), high.min(most))
        });
        (weighed.at, StoredVerdict { word, explained, parts })
    });
    Ok(verdicts.filter(|(at, _)| (from..to).contains(at)).collect())
}

const JUST_AFTER: TimeDelta = TimeDelta::nanoseconds(1);

/// What the anomalies of a series say of deductions.
struct Accused {
    /// What those that stand leave of explanations.
    limits: Vec<ExplanationLimit>,
    /// The spans of those that were withdrawn.
    withdrawn: Vec<ExplanationLimit>,
}

fn accused(db: &Connection, account: AccountId, series: Series) -> Result<Accused, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT line FROM finding WHERE account = ?1 AND kind IN ('anomaly', 'withdrawn') AND series = ?2",
    )?;
    let mut rows = statement.query(params![account.0, series.to_string()])?;
    let (mut anomalies, mut of) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let line: FindingRecord =
            serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
                .map_err(|why| StoreError::unreadable("finding", &why))?;
        let Some(finding) = line.finding() else { continue };
        match finding.kind {
            FindingKind::Withdrawn { of: anomaly } => of.push((anomaly, finding.from)),
            _ => anomalies
                .extend(ExplanationLimit::of(&finding).zip(Some((finding.detected_at, finding.from)))),
        }
    }
    let (withdrawn, limits): (Vec<_>, Vec<_>) =
        anomalies.into_iter().partition(|(_, anomaly)| of.contains(anomaly));
    let spans = |these: Vec<(ExplanationLimit, _)>| these.into_iter().map(|(limit, _)| limit).collect();
    Ok(Accused { limits: spans(limits), withdrawn: spans(withdrawn) })
}

/// Keeps a verdict beside its movement, once.
pub(crate) fn insert(db: &Connection, account: AccountId, verdict: &Verdict) -> Result<(), StoreError> {
    let exact = |value: f64| amount::encode(Decimal::from_f64(value).unwrap_or_default());
    let explained = verdict.explained.map(|(low, high)| Ok::<_, StoreError>((exact(low)?, exact(high)?)));
    let explained = explained.transpose()?;
    db.prepare_cached(
        "INSERT INTO verdict (series, at, word, deducted, low, high, elsewhere)
         SELECT id, ?3, ?4, ?5, ?6, ?7, ?8 FROM series WHERE account = ?1 AND name = ?2
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        account.0,
        verdict.series.to_string(),
        instant::encode(verdict.at),
        number_of(verdict.word),
        exact(verdict.deducted)?,
        explained.map(|(low, _)| low),
        explained.map(|(_, high)| high),
        Some(verdict.elsewhere).filter(|elsewhere| *elsewhere > 0.0).map(exact).transpose()?
    ])?;
    Ok(())
}

const fn number_of(word: Explained) -> i64 {
    match word {
        Explained::Fully => 0,
        Explained::Partly => 1,
        Explained::Not => 2,
        Explained::CannotTell => 3,
        Explained::Elsewhere => 4,
    }
}

const fn word_of(number: i64) -> Explained {
    match number {
        0 => Explained::Fully,
        1 => Explained::Partly,
        2 => Explained::Not,
        4 => Explained::Elsewhere,
        _ => Explained::CannotTell,
    }
}
