//! Whether a database of whatever version is whole.

use rusqlite::Connection;

use crate::error::StoreError;

/// Checks the file's pages and indexes, and that no row refers to one that is missing.
pub(crate) fn check(db: &Connection) -> Result<(), StoreError> {
    let answer: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if answer != "ok" {
        return Err(StoreError::Damaged(answer));
    }
    none_lost(db.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?)
}

/// Fails where rows were counted that refer to something missing.
pub(crate) fn none_lost(count: i64) -> Result<(), StoreError> {
    if count > 0 {
        return Err(StoreError::Damaged(format!("{count} entries have lost what they belong to")));
    }
    Ok(())
}
