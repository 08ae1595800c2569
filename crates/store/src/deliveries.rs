//! Deliveries: the messages that wait for channels.
//!
//! A delivery of an alert is made in the transaction that queues the alert, so that a crash loses none. It is *pending* until
//! the channel has taken it, and *delivered* from then on: a crash between the two sends it again, with the same key, by
//! which a receiver knows it. Given up, or not wanted, it is *dropped*. As alerts, it is worth nothing after [`ALERT_LIFE`].

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};
use tidemark_core::AccountId;
use tidemark_core::alert::Alert;

use crate::alerts::{ALERT_LIFE, AlertId, DueAlert};
use crate::channels::{self, ChannelId, ChannelResult};
use crate::error::StoreError;
use crate::instant;
use crate::store::Store;

/// How long a delivery is kept after it is over: its key must outlive the period of a digest.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The store's number for a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub i64);

/// A message that waits for its channel.
#[derive(Debug, Clone, PartialEq)]
pub struct DueDelivery {
    /// The store's number for it.
    pub id: DeliveryId,
    /// The channel that it is for.
    pub channel: ChannelId,
    /// Identifies it among all of its channel.
    pub key: String,
    /// When it was queued, or its alert's time.
    pub at: DateTime<Utc>,
    /// What it is about.
    pub what: DeliveryContent,
    /// How often it failed before.
    pub attempts: u32,
}

/// What a delivery is about.
#[derive(Debug, Clone, PartialEq)]
pub enum DeliveryContent {
    /// An alert.
    Alert(DueAlert),
    /// Something else, as JSON of whoever queued it.
    Other(String),
}

/// A message that is no alert, for one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// The channel.
    pub channel: ChannelId,
    /// Identifies it among all of the channel: it is queued once.
    pub key: String,
    /// What it is about, as JSON.
    pub content: String,
}

impl Store {
    /// The messages to be delivered now, oldest first.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn due_deliveries(&self, now: DateTime<Utc>) -> Result<Vec<DueDelivery>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT delivery.id, channel, delivery.key, delivery.at, delivery.content, delivery.attempts,
                    alert.id, alert.account, alert.content
             FROM delivery LEFT JOIN alert ON alert.id = delivery.alert
             WHERE delivery.state = 'pending' AND delivery.at > ?1 AND coalesce(delivery.retry_at, ?2) <= ?2
             ORDER BY delivery.at, delivery.id",
        )?;
        let mut rows = statement.query([instant::encode(now - ALERT_LIFE), instant::encode(now)])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            let attempts: u32 = row.get(5)?;
            let what = match (row.get::<_, Option<String>>(4)?, row.get::<_, Option<i64>>(6)?) {
                (Some(content), _) => DeliveryContent::Other(content),
                (None, Some(alert)) => {
                    let (account, content): (i64, String) = (row.get(7)?, row.get(8)?);
                    // A newer version made it, and will deliver it.
                    let Ok(content) = serde_json::from_str::<Alert>(&content) else { continue };
                    DeliveryContent::Alert(DueAlert {
                        id: AlertId(alert),
                        account: AccountId(account),
                        alert: content,
                        attempts,
                    })
                }
                (None, None) => continue,
            };
            due.push(DueDelivery {
                id: DeliveryId(row.get(0)?),
                channel: ChannelId(row.get(1)?),
                key: row.get(2)?,
                at: instant::decode(row.get(3)?),
                what,
                attempts,
            });
        }
        Ok(due)
    }

    /// Queues a message that is no alert, unless one with its key was ever queued for the channel. Whether it was queued.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn queue_delivery(&self, new: &NewDelivery, now: DateTime<Utc>) -> Result<bool, StoreError> {
        insert(&self.db, new, now)
    }

    /// Says that a channel has taken a message.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn delivery_done(&self, id: DeliveryId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.begin()?;
        if let Some(channel) = end(&tx, id, "delivered")? {
            channels::note(&tx, channel, &ChannelResult { at: now, code: None, said: None })?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Says that messages are not for their channel, or are not true any more.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn deliveries_dropped(&self, ids: &[DeliveryId]) -> Result<(), StoreError> {
        let tx = self.begin()?;
        for id in ids {
            end(&tx, *id, "dropped")?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Says that an attempt failed, and when the next one is.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn delivery_failed(
        &self,
        id: DeliveryId,
        result: &ChannelResult,
        retry_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tx = self.begin()?;
        let channel: Option<i64> = tx
            .prepare_cached(
                "UPDATE delivery SET attempts = attempts + 1, retry_at = ?2
                 WHERE id = ?1 AND state = 'pending' RETURNING channel",
            )?
            .query_row(params![id.0, instant::encode(retry_at)], |row| row.get(0))
            .optional()?;
        if let Some(channel) = channel {
            channels::note(&tx, channel, result)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Says that a message is given up. If its channel worked before, `notice` is queued with that, for another channel: so
    /// it is said once. Whether the channel worked before.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn delivery_given_up(
        &self,
        id: DeliveryId,
        result: &ChannelResult,
        notice: Option<&NewDelivery>,
    ) -> Result<bool, StoreError> {
        let tx = self.begin()?;
        let Some(channel) = end(&tx, id, "dropped")? else { return Ok(false) };
        channels::note(&tx, channel, result)?;
        let begins = tx
            .prepare_cached("UPDATE channel SET failing_since = ?2 WHERE id = ?1 AND failing_since IS NULL")?
            .execute(params![channel, instant::encode(result.at)])?
            > 0;
        if let Some(notice) = notice.filter(|_| begins) {
            insert(&tx, notice, result.at)?;
        }
        tx.commit()?;
        Ok(begins)
    }

    /// Forgets deliveries that are long over.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn forget_deliveries(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM delivery WHERE at < ?1", [instant::encode(now - KEPT)])?;
        Ok(())
    }
}

/// Ends a delivery that is pending. Its channel.
fn end(db: &Connection, id: DeliveryId, state: &str) -> Result<Option<i64>, StoreError> {
    Ok(db
        .prepare_cached(
            "UPDATE delivery SET state = ?2, attempts = attempts + 1, retry_at = NULL
             WHERE id = ?1 AND state = 'pending' RETURNING channel",
        )?
        .query_row(params![id.0, state], |row| row.get(0))
        .optional()?)
}

fn insert(db: &Connection, new: &NewDelivery, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let made = db
        .prepare_cached(
            "INSERT INTO delivery (channel, key, at, content, state) VALUES (?1, ?2, ?3, ?4, 'pending')
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![new.channel.0, new.key, instant::encode(now), new.content])?;
    Ok(made > 0)
}
