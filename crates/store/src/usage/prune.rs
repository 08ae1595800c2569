//! Pruning local use: single requests go, what they summed up to stays, and so does the means to know them
//! again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::store::Store;

const HOUR: i64 = 60 * 60 * 1000;
/// Hours closed in one transaction, so that whoever else writes does not wait long.
const BATCH_SIZE: usize = 200;

impl Store {
    /// Deletes single requests from before an instant, by whole hours, of some hours at once. Sums stay, and a copy of
    /// one of them that turns up later still counts as one. How many; 0 where none was left.
    pub(crate) fn prune_usage_step(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let end = before.timestamp_millis().div_euclid(HOUR) * HOUR;
        let mut pruned = 0;
        let tx = self.begin()?;
        let mut closed = Closed::of(self)?;
        for _ in 0..BATCH_SIZE {
            let first: Option<i64> = tx
                .prepare_cached("SELECT min(at) FROM usage_request WHERE at < ?1")?
                .query_row([end], |row| row.get(0))?;
            let Some(first) = first else { break };
            let hour = first.div_euclid(HOUR) * HOUR;
            let fingerprints: Vec<i64> = tx
                .prepare_cached("SELECT fingerprint FROM usage_request WHERE at >= ?1 AND at < ?2")?
                .query_map([hour, hour + HOUR], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            closed.close(hour, &fingerprints)?;
            pruned += fingerprints.len() as u64;
            for table in ["usage_request", "usage_copy", "usage_growth"] {
                tx.prepare_cached(&format!("DELETE FROM {table} WHERE at >= ?1 AND at < ?2"))?
                    .execute([hour, hour + HOUR])?;
            }
        }
        closed.finish()?;
        tx.commit()?;
        Ok(pruned)
    }
}

/// The hours whose requests were pruned, as far as they were asked for.
pub(super) struct Closed<'s> {
    store: &'s Store,
    /// Behind the last of them.
    end: i64,
    hours: HashMap<i64, Option<Hour>>,
}

#[derive(Default)]
struct Hour {
    fingerprints: Vec<i64>,
    changed: bool,
}

impl<'s> Closed<'s> {
    pub(super) fn of(store: &'s Store) -> Result<Self, StoreError> {
        let last: Option<i64> =
            store.db.prepare_cached("SELECT max(hour) FROM usage_closed")?.query_row([], |row| row.get(0))?;
        Ok(Self { store, end: last.map_or(i64::MIN, |hour| hour + HOUR), hours: HashMap::new() })
    }

    /// Whether a request is among the pruned ones of its hour; `None` where that hour was not pruned.
    pub(super) fn knows(&mut self, at: i64, fingerprint: i64) -> Result<Option<bool>, StoreError> {
        if at >= self.end {
            return Ok(None);
        }
        let hour = self.hour(at)?;
        Ok(hour.as_ref().map(|hour| hour.fingerprints.binary_search(&fingerprint).is_ok()))
    }

    /// Adds a request to an hour that was pruned.
    pub(super) fn add(&mut self, at: i64, fingerprint: i64) {
        if let Some(Some(hour)) = self.hours.get_mut(&(at.div_euclid(HOUR) * HOUR))
            && let Err(place) = hour.fingerprints.binary_search(&fingerprint)
        {
            hour.fingerprints.insert(place, fingerprint);
            hour.changed = true;
        }
    }

    fn close(&mut self, start: i64, fingerprints: &[i64]) -> Result<(), StoreError> {
        let hour = self.hour(start)?.get_or_insert_default();
        hour.fingerprints.extend(fingerprints);
        hour.fingerprints.sort_unstable();
        hour.fingerprints.dedup();
        hour.changed = true;
        Ok(())
    }

    fn hour(&mut self, at: i64) -> Result<&mut Option<Hour>, StoreError> {
        let start = at.div_euclid(HOUR) * HOUR;
        match self.hours.entry(start) {
            std::collections::hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::hash_map::Entry::Vacant(free) => {
                let bytes: Option<Vec<u8>> = self
                    .store
                    .db
                    .prepare_cached("SELECT fingerprints FROM usage_closed WHERE hour = ?1")?
                    .query_row([start], |row| row.get(0))
                    .optional()?;
                let hour = bytes.map(|bytes| Hour {
                    fingerprints: bytes
                        .chunks_exact(8)
                        .map(|eight| eight.iter().rev().fold(0, |all, byte| all << 8 | i64::from(*byte)))
                        .collect(),
                    changed: false,
                });
                Ok(free.insert(hour))
            }
        }
    }

    pub(super) fn finish(self) -> Result<(), StoreError> {
        for (start, hour) in self.hours {
            let Some(hour) = hour.filter(|hour| hour.changed) else { continue };
            let bytes: Vec<u8> = hour.fingerprints.iter().flat_map(|one| one.to_le_bytes()).collect();
            self.store
                .db
                .prepare_cached("INSERT OR REPLACE INTO usage_closed (hour, fingerprints) VALUES (?1, ?2)")?
                .execute(params![start, bytes])?;
        }
        Ok(())
    }
}
