//! How much of what is on record, by account: numbers for time series.

use tidemark_core::AccountId;

use crate::error::StoreError;
use crate::store::Store;

/// How many findings, or failed polls, of one kind are on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindCount {
    /// Of which account.
    pub account: AccountId,
    /// The kind's word, such as `reset` or `rate-limited`.
    pub kind: String,
    /// The class's word; empty where the kind has none, as a failure's.
    pub class: String,
    /// How many.
    pub count: u64,
}

impl Store {
    /// How many findings are on record, by account, kind and class.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn finding_counts(&self) -> Result<Vec<KindCount>, StoreError> {
        self.kind_counts(
            "SELECT account, kind, class, count(*) FROM finding GROUP BY account, kind, class
             ORDER BY account, kind, class",
        )
    }

    /// How many polls failed, by account and kind; those whose single failures are pruned count as well.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn failure_counts(&self) -> Result<Vec<KindCount>, StoreError> {
        self.kind_counts(
            "SELECT account, kind, '', sum(count) FROM failure_run GROUP BY account, kind ORDER BY account, kind",
        )
    }

    fn kind_counts(&self, sql: &str) -> Result<Vec<KindCount>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(KindCount {
                account: AccountId(row.get(0)?),
                kind: row.get(1)?,
                class: row.get(2)?,
                count: row.get::<_, i64>(3)?.unsigned_abs(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
