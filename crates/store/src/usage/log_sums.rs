//! What the session logs came to when they were last summed up, kept as their reader gave it.

use rusqlite::{OptionalExtension as _, params};

use super::LogSumsState;
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// What was kept of the logs when they were last summed up, and what is now.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn log_sums_state(&self) -> Result<LogSumsState, StoreError> {
        // A log that is read on has another mark, and one that is not kept any more has none.
        let now: (i64, i64, i64) = self
            .db
            .prepare_cached(
                "SELECT count(*), coalesce(sum(mark & 0xffffffffffff), 0), coalesce(sum(context & 0xffffffffffff), 0)
                 FROM usage_recorded",
            )?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let summed = self
            .db
            .prepare_cached("SELECT made, state FROM usage_log_sums")?
            .query_row([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))
            .optional()?;
        let mix = |one: u64, other: i64| {
            one.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(other.cast_unsigned())
        };
        Ok(LogSumsState { now: mix(mix(mix(1, now.0), now.1), now.2), summed })
    }

    /// The sums, if there are any.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn log_sums(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT sums FROM usage_log_sums")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?)
    }

    /// The prints of the requests in the sums, if there are any.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn log_sums_prints(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT prints FROM usage_log_sums")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?)
    }

    /// Keeps the sums of logs in the place of those before: `made` in milliseconds since 1970, from what was kept of the logs
    /// in a state.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn write_log_sums(
        &self,
        made: i64,
        state: u64,
        sums: &[u8],
        prints: &[u8],
    ) -> Result<(), StoreError> {
        let tx = self.begin()?;
        tx.prepare_cached(
            "INSERT OR REPLACE INTO usage_log_sums (only, made, state, sums, prints) VALUES (1, ?1, ?2, ?3, ?4)",
        )?
        .execute(params![made, state.cast_signed(), sums, prints])?;
        tx.commit()?;
        Ok(())
    }
}
