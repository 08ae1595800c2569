//! For tests: has the database refuse writes as a real file system does.

use std::time::Duration;

use crate::database_file::BUSY_TIMEOUT;
use crate::error::StoreError;
use crate::store::Store;

/// How writes are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Writes are allowed.
    None,
    /// The file must not grow: what fits into its free space is still written, as on a disk that is nearly full.
    Full,
    /// Every write is refused.
    ReadOnly,
    /// A write does not wait for another process that is writing.
    Busy,
}

impl Store {
    /// Refuses writes from now on, or allows them again. What SQLite does then is what it does on a real disk: it
    /// fails with `SQLITE_FULL` or `SQLITE_READONLY`, at whichever statement needs to write first.
    ///
    /// # Errors
    /// Where the database does not take the setting.
    pub fn refuse_writes(&self, refusal: Refusal) -> Result<(), StoreError> {
        let pages: i64 = self.db.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let most = if refusal == Refusal::Full { pages } else { i64::from(u32::MAX - 1) };
        self.db.pragma_update(None, "max_page_count", most)?;
        let wait = if refusal == Refusal::Busy { Duration::ZERO } else { BUSY_TIMEOUT };
        self.db.busy_timeout(wait)?;
        self.db.pragma_update(None, "query_only", refusal == Refusal::ReadOnly)?;
        Ok(())
    }
}
