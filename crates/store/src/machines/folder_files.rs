//! How far the files of a shared folder were read.

use rusqlite::params;

use super::exchanges::ExchangeId;
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The files of a folder that were read, and up to where, in the words of whoever reads them.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn exchange_files(&self, exchange: ExchangeId) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT path, mark FROM exchange_file WHERE exchange = ?1 ORDER BY path")?;
        let files = statement.query_map([exchange.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(files.collect::<Result<_, _>>()?)
    }

    /// Remembers up to where a file was read; `None` forgets the file.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn set_exchange_file(
        &self,
        exchange: ExchangeId,
        path: &str,
        mark: Option<&str>,
    ) -> Result<(), StoreError> {
        match mark {
            Some(mark) => self
                .db
                .prepare_cached(
                    "INSERT OR REPLACE INTO exchange_file (exchange, path, mark) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![exchange.0, path, mark])?,
            None => self
                .db
                .prepare_cached("DELETE FROM exchange_file WHERE exchange = ?1 AND path = ?2")?
                .execute(params![exchange.0, path])?,
        };
        Ok(())
    }

    /// Forgets up to where all files of all folders were read: they are read from the beginning.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn forget_exchange_files(&self) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM exchange_file", [])?;
        Ok(())
    }
}
