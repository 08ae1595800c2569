//! Filling in what became known of a reading after it was put on disk.

use tidemark_core::{AccountId, Reading};

use crate::analysis::is_due;
use crate::compress::compress;
use crate::error::StoreError;
use crate::readings::{ReadingId, body, text_of};
use crate::store::Store;

impl Store {
    /// Gives a reading that is on disk another text: what was asked for after its answer is in it then, such as the
    /// plan. Nothing happens where it was concluded from already.
    ///
    /// # Errors
    /// [`StoreError::NoSuchReading`], or where the database cannot be written.
    pub fn refill_reading(
        &self,
        account: AccountId,
        id: ReadingId,
        reading: &Reading,
        evidence: &str,
    ) -> Result<(), StoreError> {
        let tx = self.begin()?;
        if !is_due(&tx, account, id.into())? {
            return Ok(());
        }
        let before: i64 = tx
            .prepare_cached("SELECT body FROM reading WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))?;
        let body = body(&tx, account, &compress(&text_of(reading)?), &compress(evidence))?;
        tx.prepare_cached("UPDATE reading SET body = ?2 WHERE id = ?1")?.execute([id.0, body])?;
        // Only readings that follow each other share a body.
        tx.prepare_cached(
            "DELETE FROM body WHERE id = ?3 AND id <> coalesce(
               (SELECT body FROM reading WHERE +account = ?1 AND id < ?2 ORDER BY id DESC LIMIT 1), 0)
             AND id <> ?4",
        )?
        .execute([account.0, id.0, before, body])?;
        tx.commit()?;
        Ok(())
    }
}
