//! What stands for a log in the requests that were imported.

use rusqlite::{Connection, OptionalExtension as _};

use crate::error::StoreError;

/// In the place of the path of a log: of requests with an id, and of those without.
pub(super) const WITH_ID: &str = "import";
pub(super) const WITHOUT_ID: &str = "import without ids";

/// The files that stand for imports, where there are any.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ImportFiles {
    pub(super) with_id: Option<i64>,
    pub(super) without_id: Option<i64>,
}

impl ImportFiles {
    pub(super) fn of(db: &Connection) -> Result<Self, StoreError> {
        let find = |path: &str| {
            db.prepare_cached("SELECT id FROM usage_file WHERE path = ?1 LIMIT 1")?
                .query_row([path], |row| row.get(0))
                .optional()
        };
        Ok(Self { with_id: find(WITH_ID)?, without_id: find(WITHOUT_ID)? })
    }

    pub(super) fn has(self, file: i64) -> bool {
        self.with_id == Some(file) || self.without_id == Some(file)
    }
}
