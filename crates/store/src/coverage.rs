//! Coverage: when we were looking at an account, as merged intervals.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::rollup::Sums;

/// The newest interval of an account, as it will stand in the table.
#[derive(Debug, Clone, Copy)]
struct Newest {
    start: i64,
    until: i64,
    stored: bool,
    changed: bool,
}

/// Intervals to be entered inside one transaction.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    newest: HashMap<i64, Newest>,
}

impl Coverage {
    /// Enters `[from, to)`; only what was not covered before is added to the sums.
    pub(crate) fn add(
        &mut self,
        db: &Connection,
        sums: &mut Sums,
        account: i64,
        from: i64,
        to: i64,
    ) -> Result<(), StoreError> {
        if from >= to {
            return Ok(());
        }
        let newest = match self.newest.get(&account) {
            Some(newest) => Some(*newest),
            None => load(db, account)?,
        };
        let next = match newest {
            // The usual case: it goes on where the last one ended.
            Some(newest) if newest.start <= from && from <= newest.until => {
                sums.add_cover(account, newest.until, to);
                Newest { until: newest.until.max(to), changed: newest.changed || to > newest.until, ..newest }
            }
            // After a gap, or the very first.
            Some(newest) if newest.until < from => {
                write(db, account, newest)?;
                sums.add_cover(account, from, to);
                Newest { start: from, until: to, stored: false, changed: true }
            }
            None => {
                sums.add_cover(account, from, to);
                Newest { start: from, until: to, stored: false, changed: true }
            }
            // The clock was set back.
            Some(newest) => {
                write(db, account, newest)?;
                merge(db, sums, account, from, to)?;
                match load(db, account)? {
                    Some(newest) => newest,
                    None => return Ok(()),
                }
            }
        };
        self.newest.insert(account, next);
        Ok(())
    }

    /// Writes the spans that are still in memory.
    pub(crate) fn write(self, db: &Connection) -> Result<(), StoreError> {
        for (account, newest) in self.newest {
            write(db, account, newest)?;
        }
        Ok(())
    }
}

fn load(db: &Connection, account: i64) -> Result<Option<Newest>, StoreError> {
    Ok(db
        .prepare_cached("SELECT start, until FROM coverage WHERE account = ?1 ORDER BY start DESC LIMIT 1")?
        .query_row([account], |row| {
            Ok(Newest { start: row.get(0)?, until: row.get(1)?, stored: true, changed: false })
        })
        .optional()?)
}

fn write(db: &Connection, account: i64, newest: Newest) -> Result<(), StoreError> {
    if !newest.stored {
        db.prepare_cached("INSERT INTO coverage (account, start, until) VALUES (?1, ?2, ?3)")?.execute([
            account,
            newest.start,
            newest.until,
        ])?;
    } else if newest.changed {
        db.prepare_cached("UPDATE coverage SET until = ?3 WHERE account = ?1 AND start = ?2")?.execute([
            account,
            newest.start,
            newest.until,
        ])?;
    }
    Ok(())
}

/// Merges an interval that may touch any number of others.
fn merge(db: &Connection, sums: &mut Sums, account: i64, from: i64, to: i64) -> Result<(), StoreError> {
    let touched: Vec<(i64, i64)> = db
        .prepare_cached(
            "SELECT start, until FROM coverage WHERE account = ?1 AND start <= ?3 AND until >= ?2 ORDER BY start",
        )?
        .query_map([account, from, to], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut begun = from;
    for &(start, until) in &touched {
        sums.add_cover(account, begun, start);
        begun = begun.max(until);
    }
    sums.add_cover(account, begun, to);
    let start = touched.first().map_or(from, |(start, _)| from.min(*start));
    let until = touched.last().map_or(to, |(_, until)| to.max(*until));
    db.prepare_cached("DELETE FROM coverage WHERE account = ?1 AND start <= ?3 AND until >= ?2")?
        .execute([account, from, to])?;
    db.prepare_cached("INSERT INTO coverage (account, start, until) VALUES (?1, ?2, ?3)")?
        .execute(params![account, start, until])?;
    Ok(())
}
