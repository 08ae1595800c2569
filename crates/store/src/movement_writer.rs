//! Writes what was concluded into movements, coverage and roll-ups.
//!
//! It gathers what is to be changed and writes it in one go at the end, once per reading while the agent
//! runs and once per thousands of readings when a history is imported. Both are the same code.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use tidemark_core::change::Movement;
use tidemark_core::{AccountId, Series};

use crate::coverage::Coverage;
use crate::error::StoreError;
use crate::rolled_zone::rolled_zone;
use crate::rollup::{Run, SPANS, Sums};
use crate::{amount, instant};

/// The newest run of a series, as it will stand in the table.
#[derive(Debug, Clone, Copy)]
struct Newest {
    run: Run,
    /// It has a row already.
    stored: bool,
    /// The row is not as it should be.
    changed: bool,
}

/// Entries to be made inside one transaction.
pub(crate) struct MovementWriter<'db> {
    db: &'db Connection,
    sums: Sums,
    coverage: Coverage,
    numbers: HashMap<(AccountId, Series), i64>,
    newest: HashMap<i64, Option<Newest>>,
}

impl<'db> MovementWriter<'db> {
    pub(crate) fn open(db: &'db Connection) -> Result<Self, StoreError> {
        Ok(Self {
            db,
            sums: Sums::new(rolled_zone(db)?, &SPANS),
            coverage: Coverage::default(),
            numbers: HashMap::new(),
            newest: HashMap::new(),
        })
    }

    /// Enters a stretch in which we were looking at an account.
    pub(crate) fn cover(&mut self, account: AccountId, from: i64, to: i64) -> Result<(), StoreError> {
        self.coverage.add(self.db, &mut self.sums, account.0, from, to)
    }

    /// Adds what a series did. `covered` is the stretch with data up to this reading.
    pub(crate) fn enter(
        &mut self,
        account: AccountId,
        movement: &Movement,
        covered: Option<(i64, i64)>,
    ) -> Result<(), StoreError> {
        let series = self.number(account, movement.series)?;
        let at = instant::encode(movement.at);
        let since = movement.from.map(instant::encode);
        let watched = since.is_some_and(|since| covered.is_some_and(|(from, to)| from <= since && at <= to));
        let run = Run {
            at,
            until: at,
            since,
            gap: !watched,
            value: amount::encode(movement.value)?,
            deducted: amount::encode(movement.deducted)?,
            returned: amount::encode(movement.returned)?,
            resets: i64::from(movement.resets),
        };
        let newest = self.newest(series)?;
        if let Some(newest) = newest {
            let still = run.deducted == 0 && run.returned == 0 && run.resets == 0;
            if still && watched && since == Some(newest.run.until) && newest.run.value == run.value {
                newest.run.until = at;
                newest.changed = true;
                let from = since.unwrap_or(at);
                self.sums.add_hold(series, run.value, from, at);
                return Ok(());
            }
            if at <= newest.run.at {
                // The clock was set back. The entry goes where it says; the newest one stays the newest.
                if insert_run(self.db, series, &run)? {
                    self.sums.add_move(series, &run);
                }
                return Ok(());
            }
        }
        if let Some(before) =
            self.newest.insert(series, Some(Newest { run, stored: false, changed: true })).flatten()
        {
            write_run(self.db, series, before)?;
        }
        self.sums.add_move(series, &run);
        Ok(())
    }

    /// Writes the runs and sums that are still in memory.
    pub(crate) fn write(mut self) -> Result<(), StoreError> {
        let sums = std::mem::replace(&mut self.sums, Sums::new(rolled_zone(self.db)?, &SPANS));
        let db = self.db;
        self.write_without_sums()?;
        write_sums(db, sums)
    }

    /// Writes the runs alone, where all sums are made again.
    pub(crate) fn write_without_sums(self) -> Result<(), StoreError> {
        let mut newest: Vec<_> =
            self.newest.into_iter().filter_map(|(series, n)| Some((series, n?))).collect();
        newest.sort_unstable_by_key(|(series, _)| *series);
        for (series, newest) in newest {
            write_run(self.db, series, newest)?;
        }
        self.coverage.write(self.db)
    }

    fn number(&mut self, account: AccountId, series: Series) -> Result<i64, StoreError> {
        if let Some(number) = self.numbers.get(&(account, series)) {
            return Ok(*number);
        }
        let name = series.to_string();
        let there = self
            .db
            .prepare_cached("SELECT id FROM series WHERE account = ?1 AND name = ?2")?
            .query_row(params![account.0, name], |row| row.get(0))
            .optional()?;
        let number = if let Some(number) = there {
            number
        } else {
            self.db
                .prepare_cached("INSERT INTO series (account, name) VALUES (?1, ?2)")?
                .execute(params![account.0, name])?;
            self.db.last_insert_rowid()
        };
        self.numbers.insert((account, series), number);
        Ok(number)
    }

    fn newest(&mut self, series: i64) -> Result<Option<&mut Newest>, StoreError> {
        let newest = match self.newest.entry(series) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let run = self
                    .db
                    .prepare_cached(&format!(
                        "SELECT {RUN} FROM movement WHERE series = ?1 ORDER BY at DESC LIMIT 1"
                    ))?
                    .query_row([series], |row| run(row, 0))
                    .optional()?;
                entry.insert(run.map(|run| Newest { run, stored: true, changed: false }))
            }
        };
        Ok(newest.as_mut())
    }
}

/// The columns of a [`Run`], in the order in which [`run`] reads them.
pub(crate) const RUN: &str = "at, until, since, gap, value, deducted, returned, resets";

/// Reads [`RUN`], beginning at a column.
pub(crate) fn run(row: &Row<'_>, first: usize) -> rusqlite::Result<Run> {
    Ok(Run {
        at: row.get(first)?,
        until: row.get(first + 1)?,
        since: row.get(first + 2)?,
        gap: row.get(first + 3)?,
        value: row.get(first + 4)?,
        deducted: row.get(first + 5)?,
        returned: row.get(first + 6)?,
        resets: row.get(first + 7)?,
    })
}

fn write_run(db: &Connection, series: i64, newest: Newest) -> Result<(), StoreError> {
    if !newest.stored {
        insert_run(db, series, &newest.run)?;
    } else if newest.changed {
        db.prepare_cached("UPDATE movement SET until = ?3 WHERE series = ?1 AND at = ?2")?.execute([
            series,
            newest.run.at,
            newest.run.until,
        ])?;
    }
    Ok(())
}

/// Inserts a run; `false` where there is one of that time already.
fn insert_run(db: &Connection, series: i64, run: &Run) -> Result<bool, StoreError> {
    let inserted = db
        .prepare_cached(&format!(
            "INSERT INTO movement (series, {RUN}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT DO NOTHING"
        ))?
        .execute(params![
            series,
            run.at,
            run.until,
            run.since,
            run.gap,
            run.value,
            run.deducted,
            run.returned,
            run.resets
        ])?;
    Ok(inserted > 0)
}

/// A sum of what a column has and what is added, as SQL. One that does not fit ends at the largest number, as in memory:
/// such amounts are no account's, and must not keep what comes after them from being stored.
fn capped_sum(column: &str) -> String {
    let sum = format!("{column} + excluded.{column}");
    // Where an integer overflows, SQLite goes on with a floating-point number.
    format!("iif(typeof({sum}) = 'integer', {sum}, {})", i64::MAX)
}

/// Adds sums to the roll-ups.
pub(crate) fn write_sums(db: &Connection, sums: Sums) -> Result<(), StoreError> {
    let capped = |column| format!("{column} = {}", capped_sum(column));
    let mut add = db.prepare_cached(&format!(
        "INSERT INTO rollup (series, span, start, deducted, returned, uncertain, resets, last_at, last, high)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (series, span, start) DO UPDATE SET
           {}, {}, {},
           resets    = resets + excluded.resets,
           last      = CASE WHEN excluded.last_at >= coalesce(last_at, excluded.last_at)
                            THEN excluded.last ELSE last END,
           last_at   = coalesce(max(last_at, excluded.last_at), last_at, excluded.last_at),
           high      = coalesce(max(high, excluded.high), high, excluded.high)",
        capped("deducted"),
        capped("returned"),
        capped("uncertain"),
    ))?;
    for ((series, span, start), sum) in sums.moved {
        add.execute(params![
            series,
            span,
            start,
            sum.deducted,
            sum.returned,
            sum.uncertain,
            sum.resets,
            sum.last.map(|(at, _)| at),
            sum.last.map(|(_, value)| value),
            sum.high
        ])?;
    }
    let mut add = db.prepare_cached(
        "INSERT INTO coverage_rollup (account, span, start, covered) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account, span, start) DO UPDATE SET covered = covered + excluded.covered",
    )?;
    for ((account, span, start), covered) in sums.covered {
        add.execute([account, span, start, covered])?;
    }
    Ok(())
}
