//! Pruning: what is raw and old goes; what was concluded from it stays.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::instant;
use crate::store::Store;

/// Rows deleted in one transaction, so that whoever else writes does not wait long.
const BATCH_SIZE: u32 = 5_000;
/// Pages given back to the file system in one step (16 MiB).
const PAGES_AT_ONCE: u32 = 4_096;

/// How many rows were deleted, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Raw readings, with their evidence.
    pub readings: u64,
    /// Raw failed polls.
    pub failures: u64,
    /// Single requests of local use.
    pub requests: u64,
}

impl Store {
    /// Deletes raw readings, their evidence and raw failures from before an instant. The newest reading of
    /// each account stays, and every one that was not yet concluded from; so do roll-ups, movements,
    /// coverage, findings, runs of failures and sums of local use: no chart changes.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). What was deleted until then is gone.
    pub fn prune(&self, before: DateTime<Utc>) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        while let Some(step) = self.prune_step(before)? {
            pruned.readings += step.readings;
            pruned.failures += step.failures;
            pruned.requests += step.requests;
        }
        Ok(pruned)
    }

    /// One slice of [`Store::prune`], short enough for others to wait for it. `None` where nothing was left to do.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn prune_step(&self, before: DateTime<Utc>) -> Result<Option<Pruned>, StoreError> {
        let limit = instant::encode(before);
        for account in crate::readings::accounts_of(&self.db, None)? {
            let readings = match self.first_kept(account, limit)? {
                Some(first_kept) => self.prune_readings(account, first_kept)?,
                None => 0,
            };
            if readings > 0 {
                return Ok(Some(Pruned { readings, ..Pruned::default() }));
            }
            let failures = self.db.execute(
                "DELETE FROM failure WHERE id IN
                 (SELECT id FROM failure WHERE account = ?1 AND at < ?2
                  AND id <= (SELECT coalesce(analysed_failure, 0) FROM progress WHERE account = ?1) LIMIT ?3)",
                params![account, limit, BATCH_SIZE],
            )? as u64;
            if failures > 0 {
                return Ok(Some(Pruned { failures, ..Pruned::default() }));
            }
        }
        let requests = self.prune_usage_step(before)?;
        if requests > 0 {
            return Ok(Some(Pruned { requests, ..Pruned::default() }));
        }
        Ok(self.give_back_step()?.then(Pruned::default))
    }

    /// The number of the first reading that stays.
    fn first_kept(&self, account: i64, before: i64) -> Result<Option<i64>, StoreError> {
        let progress: Option<(Option<i64>, Option<i64>)> = self
            .db
            .query_row("SELECT last_reading, analysed FROM progress WHERE account = ?1", [account], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((Some(last), Some(analysed))) = progress else { return Ok(None) };
        let young: Option<i64> = self.db.query_row(
            "SELECT min(id) FROM reading WHERE account = ?1 AND at >= ?2",
            [account, before],
            |row| row.get(0),
        )?;
        Ok(Some(young.unwrap_or(last).min(last).min(analysed + 1)))
    }

    /// Deletes readings of an account before one, by number, and the bodies that only they carried. How many.
    fn prune_readings(&self, account: i64, first_kept: i64) -> Result<u64, StoreError> {
        let tx = self.begin()?;
        let doomed: Vec<(i64, i64)> = tx
            .prepare_cached(
                "SELECT id, body FROM reading WHERE +account = ?1 AND id < ?2 ORDER BY id LIMIT ?3",
            )?
            .query_map([account, first_kept, i64::from(BATCH_SIZE)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut bodies: Vec<i64> = doomed.iter().map(|(_, body)| *body).collect();
        bodies.sort_unstable();
        bodies.dedup();
        for (id, _) in &doomed {
            tx.prepare_cached("DELETE FROM reading WHERE id = ?1")?.execute([id])?;
        }
        // A body is carried by readings that follow each other (`+account` keeps SQLite to the order of
        // their numbers); only those around the cut can still be
        // in use, by a reading that stays or by one that the next round deletes.
        let used: Vec<i64> = tx
            .prepare_cached("SELECT body FROM reading WHERE +account = ?1 AND id >= ?2 ORDER BY id LIMIT 1")?
            .query_map([account, first_kept], |row| row.get(0))?
            .chain(
                tx.prepare_cached(
                    "SELECT body FROM reading WHERE +account = ?1 AND id < ?2 ORDER BY id LIMIT 1",
                )?
                .query_map([account, first_kept], |row| row.get(0))?,
            )
            .collect::<Result<_, _>>()?;
        for body in bodies.iter().filter(|body| !used.contains(body)) {
            tx.prepare_cached("DELETE FROM body WHERE id = ?1")?.execute([body])?;
        }
        if doomed.is_empty() {
            return Ok(0);
        }
        tx.commit()?;
        Ok(doomed.len() as u64)
    }

    /// Gives free pages back to the file system, and the log's length with them.
    pub(crate) fn give_back_space(&self) -> Result<(), StoreError> {
        while self.give_back_step()? {}
        Ok(())
    }

    /// One slice of that. Whether anything was given back.
    fn give_back_step(&self) -> Result<bool, StoreError> {
        let free: u32 = self.db.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        if free == 0 {
            return Ok(false);
        }
        let mut statement = self.db.prepare(&format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        let left: u32 = self.db.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        Ok(left < free)
    }
}
