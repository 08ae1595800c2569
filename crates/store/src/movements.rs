//! What a series did, given back as it was entered: movement by movement.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::change::Movement;
use tidemark_core::{AccountId, Series};

use crate::error::StoreError;
use crate::history::series_number;
use crate::movement_writer::{RUN, run};
use crate::store::Store;
use crate::{amount, instant};

/// The longest movement of nothing that is given back.
const STILL: TimeDelta = TimeDelta::hours(1);

impl Store {
    /// The movements of a series that were found in `[from, to)`, in time order. Readings that found nothing
    /// new were stored as one stretch; they are returned as movements of zero, an hour at most each, so that
    /// a stretch with data is not taken for a gap.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn movements(
        &self,
        account: AccountId,
        series: Series,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Movement>, StoreError> {
        let Some(number) = series_number(&self.db, account, series)? else { return Ok(Vec::new()) };
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {RUN} FROM movement WHERE series = ?1 AND at >= ?2 AND at < ?3 ORDER BY at"
        ))?;
        let mut rows = statement.query([number, instant::encode(from), instant::encode(to)])?;
        let mut movements = Vec::new();
        while let Some(row) = rows.next()? {
            let found = run(row, 0)?;
            let (at, value) = (instant::decode(found.at), amount::decode(found.value));
            movements.push(Movement {
                series,
                from: found.since.map(instant::decode),
                at,
                value,
                deducted: amount::decode(found.deducted),
                returned: amount::decode(found.returned),
                resets: u32::try_from(found.resets).unwrap_or(u32::MAX),
            });
            let until = instant::decode(found.until);
            let mut last = at;
            while last < until {
                let next = (last + STILL).min(until);
                movements.push(Movement {
                    series,
                    from: Some(last),
                    at: next,
                    value,
                    deducted: Decimal::ZERO,
                    returned: Decimal::ZERO,
                    resets: 0,
                });
                last = next;
            }
        }
        Ok(movements)
    }
}
