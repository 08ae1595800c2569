//! Log coverage: from when to when all logs of a format are known, machine by machine.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension as _, params};

use super::machine_id::MachineId;
use crate::error::StoreError;
use crate::store::Store;
use crate::text_columns;

/// This machine among the rows of all.
const OWN: i64 = 0;
/// Programs keep their logs at least this long by default (Claude Code deletes them after 30 days): whatever was written
/// since a scan no longer ago is found by the next one.
const MAX_GAP: TimeDelta = TimeDelta::days(20);

/// A span in which all logs of a format are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageSpan {
    /// The logs' format, by its word.
    pub format: String,
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

/// From an instant to another.
type Interval = (DateTime<Utc>, DateTime<Utc>);

/// Another machine that records come from, and for which spans all of its logs are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineLogs {
    /// What people call it here.
    pub name: String,
    /// The spans for which the logs of all formats are known, in order, apart from each other.
    pub spans: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// Since when all of that is known here; `None` where nothing is.
    pub known_at: Option<DateTime<Utc>>,
}

/// A span of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineCoverage {
    /// Whose logs; `None` for this machine.
    pub machine: Option<MachineId>,
    /// The span.
    pub span: CoverageSpan,
    /// Since when all of it is known here.
    pub known_at: DateTime<Utc>,
}

fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

impl Store {
    /// Notes that at an instant all of this machine's logs of some formats were read.
    ///
    /// The span before goes on if that was not too long ago for anything to have been deleted unread. The first span
    /// begins with the oldest request of the format, or with this instant where there is none.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn note_own_coverage(&self, formats: &[&str], now: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.begin()?;
        let at = now.timestamp_millis();
        for format in formats {
            let last: Option<(i64, i64)> = tx
                .prepare_cached(
                    "SELECT start, until FROM log_coverage WHERE machine = ?1 AND format = ?2
                     ORDER BY start DESC LIMIT 1",
                )?
                .query_row(params![OWN, format], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let start = match last {
                // The clock was set back: what is known stays known.
                Some((_, until)) if until > at => continue,
                Some((start, until)) if at - until <= MAX_GAP.num_milliseconds() => start,
                Some(_) => at - MAX_GAP.num_milliseconds(),
                None => {
                    let oldest: Option<i64> = tx
                        .prepare_cached(
                            "SELECT min(start) FROM usage_sum JOIN usage_origin AS origin ON origin.id = origin
                             WHERE origin.format = ?1 AND origin.machine IS NULL AND start > 0",
                        )?
                        .query_row([format], |row| row.get(0))?;
                    oldest.unwrap_or(at).min(at)
                }
            };
            write(&tx, OWN, format, (start, at), at)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// What is known of the logs of this machine.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn own_coverage(&self) -> Result<Vec<CoverageSpan>, StoreError> {
        Ok(self.log_coverage()?.into_iter().filter(|one| one.machine.is_none()).map(|one| one.span).collect())
    }

    /// The other machines that records come from, with the spans for which all their logs are known.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn machine_logs(&self) -> Result<Vec<MachineLogs>, StoreError> {
        let machines = self.machines()?.into_iter().filter(|machine| machine.exchange.is_some());
        let machines: Vec<_> = machines.map(|machine| (machine.id, machine.name)).collect();
        if machines.is_empty() {
            return Ok(Vec::new());
        }
        let mut by_format: BTreeMap<(MachineId, String), Vec<Interval>> = BTreeMap::new();
        let mut known = BTreeMap::new();
        for MachineCoverage { machine, span, known_at } in self.log_coverage()? {
            let Some(machine) = machine else { continue };
            by_format.entry((machine, span.format)).or_default().push((span.from, span.to));
            let since = known.entry(machine).or_insert(known_at);
            *since = known_at.max(*since);
        }
        Ok(machines
            .into_iter()
            .map(|(id, name)| {
                let formats =
                    by_format.iter().filter(|((machine, _), _)| *machine == id).map(|(_, spans)| spans);
                let spans = formats.cloned().reduce(|all, spans| in_both(&all, &spans)).unwrap_or_default();
                MachineLogs { name, spans, known_at: known.get(&id).copied() }
            })
            .collect())
    }

    /// What is known of the logs of all machines, by machine, format and time.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn log_coverage(&self) -> Result<Vec<MachineCoverage>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT machine, format, start, until, known_at FROM log_coverage
             WHERE machine = 0 OR machine IN (SELECT id FROM machine WHERE ignored <> 1)
             ORDER BY machine, format, start",
        )?;
        let found = statement.query_map([], |row| {
            let machine: i64 = row.get(0)?;
            Ok(MachineCoverage {
                machine: (machine != OWN).then_some(MachineId(machine)),
                span: CoverageSpan {
                    format: text_columns::name(row, 1)?,
                    from: instant(row.get(2)?),
                    to: instant(row.get(3)?),
                },
                known_at: instant(row.get(4)?),
            })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

/// What two lists of spans have in common. Each is in order, its spans apart from each other.
fn in_both(one: &[Interval], other: &[Interval]) -> Vec<Interval> {
    let (mut left, mut right, mut common) = (0, 0, Vec::new());
    while let (Some(a), Some(b)) = (one.get(left), other.get(right)) {
        let (from, to) = (a.0.max(b.0), a.1.min(b.1));
        if from < to {
            common.push((from, to));
        }
        if a.1 < b.1 { left += 1 } else { right += 1 }
    }
    common
}

/// Adds what another machine says of its logs, in the transaction that is under way. Spans that touch are one.
pub(super) fn add(
    store: &Store,
    machine: i64,
    spans: &[CoverageSpan],
    known: DateTime<Utc>,
) -> Result<(), StoreError> {
    for span in spans {
        let (mut from, mut to) = (span.from.timestamp_millis(), span.to.timestamp_millis());
        if from >= to {
            continue;
        }
        let mut statement = store.db.prepare_cached(
            "SELECT start, until FROM log_coverage
             WHERE machine = ?1 AND format = ?2 AND start <= ?4 AND until >= ?3",
        )?;
        let touching: Vec<(i64, i64)> = statement
            .query_map(params![machine, span.format, from, to], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        if touching.iter().any(|(start, until)| *start <= from && *until >= to) {
            continue;
        }
        for (start, until) in touching {
            (from, to) = (from.min(start), to.max(until));
            store
                .db
                .prepare_cached("DELETE FROM log_coverage WHERE machine = ?1 AND format = ?2 AND start = ?3")?
                .execute(params![machine, span.format, start])?;
        }
        write(&store.db, machine, &span.format, (from, to), known.timestamp_millis())?;
    }
    Ok(())
}

fn write(
    db: &rusqlite::Connection,
    machine: i64,
    format: &str,
    (from, to): (i64, i64),
    known: i64,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO log_coverage (machine, format, start, until, known_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![machine, format, from, to, known])?;
    Ok(())
}
