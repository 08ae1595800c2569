//! Sums by quarters of an hour, as a batch changes them.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::stored::{Stored, parts};
use crate::error::StoreError;

pub(super) const QUARTER: i64 = 15 * 60 * 1000;

/// What a sum is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct SumKey {
    start: i64,
    model: i64,
    origin: i64,
    provider: i64,
}

/// What is added to a sum; less than nothing where something is taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Delta {
    requests: i64,
    tokens: [i64; 5],
}

/// Changes of sums, collected before they are written.
pub(super) struct Sums<'b> {
    /// Instants that no sum spans, in order.
    cuts: &'b [i64],
    changed: HashMap<SumKey, Delta>,
}

impl<'b> Sums<'b> {
    pub(super) fn cut_at(cuts: &'b [i64]) -> Self {
        Self { cuts, changed: HashMap::new() }
    }

    /// Adds a request, or takes one away.
    pub(super) fn count(&mut self, row: &Stored, sign: i64) {
        let key = SumKey {
            start: self.start(row.at),
            model: row.model,
            origin: row.origin,
            provider: row.provider,
        };
        let delta = self.changed.entry(key).or_default();
        delta.requests += sign;
        for (sum, count) in delta.tokens.iter_mut().zip(parts(&row.tokens)) {
            *sum += sign * count;
        }
    }

    fn start(&self, at: i64) -> i64 {
        let quarter = at - at.rem_euclid(QUARTER);
        let cut = self.cuts[..self.cuts.partition_point(|cut| *cut <= at)].last();
        cut.map_or(quarter, |cut| quarter.max(*cut))
    }

    /// Writes the changed sums.
    pub(super) fn write(self, db: &Connection) -> Result<(), StoreError> {
        let mut sums: Vec<(SumKey, Delta)> = self.changed.into_iter().collect();
        // In the order of the table.
        sums.sort_unstable_by_key(|(key, _)| (key.start, key.model, key.origin, key.provider));
        for (key, delta) in sums {
            if delta == Delta::default() {
                continue;
            }
            let [input, cache_read, cache_write, cache_write_1h, output] = delta.tokens;
            let requests: i64 = db
                .prepare_cached(
                    "INSERT INTO usage_sum (start, model, origin, provider, requests, input, cache_read,
                       cache_write, cache_write_1h, output) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                     ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
                       input = input + excluded.input, cache_read = cache_read + excluded.cache_read,
                       cache_write = cache_write + excluded.cache_write,
                       cache_write_1h = coalesce(cache_write_1h, 0) + excluded.cache_write_1h,
                       output = output + excluded.output
                     RETURNING requests",
                )?
                .query_row(
                    params![
                        key.start,
                        key.model,
                        key.origin,
                        key.provider,
                        delta.requests,
                        input,
                        cache_read,
                        cache_write,
                        cache_write_1h,
                        output
                    ],
                    |row| row.get(0),
                )?;
            if requests == 0 {
                db.prepare_cached(
                    "DELETE FROM usage_sum WHERE start = ?1 AND model = ?2 AND origin = ?3 AND provider = ?4",
                )?
                .execute([key.start, key.model, key.origin, key.provider])?;
            }
        }
        Ok(())
    }
}
