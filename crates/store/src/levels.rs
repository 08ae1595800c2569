//! The level of a series over time: its runs one by one, without verdicts, however many there are.

use chrono::{DateTime, Utc};
use tidemark_core::{AccountId, Series};

use crate::error::StoreError;
use crate::history::{series_number, series_numbers};
use crate::movement_writer::{RUN, run};
use crate::store::Store;
use crate::verdicts::SeenRun;
use crate::{amount, instant};

impl Store {
    /// Hands out the runs of a series in `[from, to)`, with the one that reaches into it, in time order. Their
    /// verdicts are not read.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes); `take` has the runs before it then.
    pub fn for_each_run(
        &self,
        account: AccountId,
        series: Series,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        mut take: impl FnMut(&SeenRun),
    ) -> Result<(), StoreError> {
        let Some(number) = series_number(&self.db, account, series)? else { return Ok(()) };
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {RUN} FROM movement WHERE series = ?1 AND at < ?3
             AND at >= coalesce((SELECT max(at) FROM movement WHERE series = ?1 AND at <= ?2), ?2)
             ORDER BY at"
        ))?;
        let mut rows =
            statement.query(rusqlite::params![number, instant::encode(from), instant::encode(to)])?;
        while let Some(row) = rows.next()? {
            let found = run(row, 0)?;
            take(&SeenRun {
                at: instant::decode(found.at),
                until: instant::decode(found.until),
                gap: found.gap,
                value: amount::decode(found.value),
                deducted: amount::decode(found.deducted),
                returned: amount::decode(found.returned),
                resets: u32::try_from(found.resets).unwrap_or(u32::MAX),
                verdict: None,
            });
        }
        Ok(())
    }

    /// When each series of an account, or of all, was read for the first time.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn first_readings(
        &self,
        account: Option<AccountId>,
    ) -> Result<Vec<(AccountId, Series, DateTime<Utc>)>, StoreError> {
        let mut first = Vec::new();
        let mut statement = self.db.prepare_cached("SELECT min(at) FROM movement WHERE series = ?1")?;
        for (number, account, series) in series_numbers(&self.db, account.map(|id| id.0))? {
            let at: Option<i64> = statement.query_row([number], |row| row.get(0))?;
            first.extend(at.map(|at| (AccountId(account), series, instant::decode(at))));
        }
        Ok(first)
    }
}
