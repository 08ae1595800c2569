//! Settings: JSON values under a key.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The setting of a key; `None` where it was never set.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self
            .db
            .prepare_cached("SELECT value FROM setting WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|why| StoreError::unreadable("setting", &format!("{key}: {why}")))
    }

    /// The stored text of a key, whatever is in it.
    pub fn setting_text(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT CAST(value AS BLOB) FROM setting WHERE key = ?1")?
            .query_row([key], |row| row.get::<_, Option<Vec<u8>>>(0))
            .optional()?
            .map(|bytes| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()))
    }

    /// Sets a key. The zone in which days are counted is set with [`Store::rebuild_rollups_in`] instead.
    pub fn set_setting<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let text = serde_json::to_string(value)
            .map_err(|why| StoreError::unreadable("setting", &format!("{key}: {why}")))?;
        self.db
            .prepare_cached(
                "INSERT INTO setting (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![key, text])?;
        Ok(())
    }

    /// Forgets a key; nothing happens where it was not set.
    pub fn unset_setting(&self, key: &str) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM setting WHERE key = ?1", [key])?;
        Ok(())
    }
}
