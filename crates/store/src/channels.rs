//! Channels: where alerts go away from the desk, and how the last delivery went.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use tidemark_core::Credential;

use crate::credential_text;
use crate::error::StoreError;
use crate::instant;
use crate::store::Store;

/// The store's number for a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub i64);

/// A channel to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChannel {
    /// The user's name for it, tidied; must be unique.
    pub name: String,
    /// What it is, as JSON of whoever delivers; nothing secret.
    pub content: String,
    /// Where its address is, if that is secret.
    pub address: Option<Credential>,
    /// Where its token or password is.
    pub secret: Option<Credential>,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChannel {
    /// The store's number for it.
    pub id: ChannelId,
    /// The user's name for it.
    pub name: String,
    /// What it is, as JSON.
    pub content: String,
    /// Where its address is, if that is secret.
    pub address: Option<Credential>,
    /// Where its token or password is.
    pub secret: Option<Credential>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// What became of the last attempt.
    pub last: Option<ChannelResult>,
    /// Since when messages are given up; `None` after one was delivered.
    pub failing_since: Option<DateTime<Utc>>,
}

/// What a channel is from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelChange {
    /// The user's name for it, tidied; must be unique.
    pub name: String,
    /// What it is, as JSON of whoever delivers; nothing secret.
    pub content: String,
    /// Where its address is, if that is secret.
    pub address: Option<Credential>,
    /// Where its token or password is.
    pub secret: Option<Credential>,
}

/// What became of an attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelResult {
    /// When.
    pub at: DateTime<Utc>,
    /// A word for the failure; `None`: it was delivered.
    pub code: Option<String>,
    /// What the service said.
    pub said: Option<String>,
}

impl Store {
    /// Adds a channel. It gets the alerts that are queued from then on.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] if another channel has its name, and those of [any
    /// write](StoreError#reads-and-writes).
    pub fn add_channel(&self, new: &NewChannel, now: DateTime<Utc>) -> Result<ChannelId, StoreError> {
        let credential =
            |credential: &Option<Credential>| credential.as_ref().map(credential_text::encode).transpose();
        let tx = self.begin()?;
        let is_taken: bool = tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM channel WHERE name = ?1)")?
            .query_row([&new.name], |row| row.get(0))?;
        if is_taken {
            return Err(StoreError::NameTaken(new.name.clone()));
        }
        tx.prepare_cached(
            "INSERT INTO channel (name, content, address, secret, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            new.name,
            new.content,
            credential(&new.address)?,
            credential(&new.secret)?,
            instant::encode(now)
        ])?;
        let id = ChannelId(tx.last_insert_rowid());
        tx.commit()?;
        Ok(id)
    }

    /// Changes a channel. What waits for it goes to where it leads then. `false` where there is none.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] if another channel has its name, and those of [any
    /// write](StoreError#reads-and-writes).
    pub fn change_channel(&self, id: ChannelId, change: &ChannelChange) -> Result<bool, StoreError> {
        let credential =
            |credential: &Option<Credential>| credential.as_ref().map(credential_text::encode).transpose();
        let tx = self.begin()?;
        let is_taken: bool = tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM channel WHERE name = ?1 AND id <> ?2)")?
            .query_row(params![change.name, id.0], |row| row.get(0))?;
        if is_taken {
            return Err(StoreError::NameTaken(change.name.clone()));
        }
        let changed = tx
            .prepare_cached(
                "UPDATE channel SET name = ?2, content = ?3, address = ?4, secret = ?5 WHERE id = ?1",
            )?
            .execute(params![
                id.0,
                change.name,
                change.content,
                credential(&change.address)?,
                credential(&change.secret)?
            ])?;
        tx.commit()?;
        Ok(changed > 0)
    }

    /// All channels, in the order in which they were added.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn channels(&self) -> Result<Vec<StoredChannel>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT id, name, content, address, secret, created_at, last_at, last_code, last_said, failing_since
             FROM channel ORDER BY id",
        )?;
        let mut rows = statement.query([])?;
        let mut channels = Vec::new();
        while let Some(row) = rows.next()? {
            channels.push(channel(row)?);
        }
        Ok(channels)
    }

    /// Removes a channel and what waits for it. `false` where there is none.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn remove_channel(&self, id: ChannelId) -> Result<bool, StoreError> {
        Ok(self.db.execute("DELETE FROM channel WHERE id = ?1", [id.0])? > 0)
    }

    /// Notes what became of an attempt that is no delivery of the queue: a test. Success ends a failure.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn channel_tried(&self, id: ChannelId, result: &ChannelResult) -> Result<(), StoreError> {
        let tx = self.begin()?;
        note(&tx, id.0, result)?;
        tx.commit()?;
        Ok(())
    }
}

/// Notes what became of an attempt.
pub(crate) fn note(
    db: &rusqlite::Connection,
    channel: i64,
    result: &ChannelResult,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE channel SET last_at = ?2, last_code = ?3, last_said = ?4,
         failing_since = CASE WHEN ?3 IS NULL THEN NULL ELSE failing_since END WHERE id = ?1",
    )?
    .execute(params![channel, instant::encode(result.at), result.code, result.said])?;
    Ok(())
}

fn channel(row: &Row<'_>) -> Result<StoredChannel, StoreError> {
    let credential = |text: Option<String>| text.as_deref().map(credential_text::decode).transpose();
    let moment = |stored: Option<i64>| stored.map(instant::decode);
    let (code, said) = (row.get(7)?, row.get(8)?);
    Ok(StoredChannel {
        id: ChannelId(row.get(0)?),
        name: row.get(1)?,
        content: row.get(2)?,
        address: credential(row.get(3)?)?,
        secret: credential(row.get(4)?)?,
        created_at: instant::decode(row.get(5)?),
        last: moment(row.get(6)?).map(|at| ChannelResult { at, code, said }),
        failing_since: moment(row.get(9)?),
    })
}
