//! Settings: JSON values under a key.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The setting of a key; `None` where it was never set.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if the value is not a
    /// `T`.
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
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn setting_text(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT CAST(value AS BLOB) FROM setting WHERE key = ?1")?
            .query_row([key], |row| row.get::<_, Option<Vec<u8>>>(0))
            .optional()?
            .map(|bytes| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()))
    }

    /// Sets a key. The zone in which days are counted is set with [`Store::rebuild_rollups_in`] instead.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if the value cannot
    /// be written as JSON.
    ///
    /// # Examples
    /// ```
    /// let folder = tempfile::tempdir()?;
    /// let store = tidemark_store::Store::open(folder.path(), "2026-06-01T08:00:00Z".parse()?)?;
    /// assert_eq!(store.setting::<u32>("poll_seconds")?, None);
    /// store.set_setting("poll_seconds", &300)?;
    /// assert_eq!(store.setting::<u32>("poll_seconds")?, Some(300));
    /// assert!(store.setting::<Vec<String>>("poll_seconds").is_err(), "not a list");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn unset_setting(&self, key: &str) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM setting WHERE key = ?1", [key])?;
        Ok(())
    }
}
