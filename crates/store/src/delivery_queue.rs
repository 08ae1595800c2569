//! Queueing an alert for channels, in the transaction that queues it here.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use tidemark_core::AccountId;

use crate::error::StoreError;
use crate::instant;

/// Queues an alert that was just queued for each channel there is.
pub(crate) fn queue_alert(
    db: &Connection,
    alert: i64,
    account: AccountId,
    key: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    // Without a condition SQLite takes ON for that of a join.
    db.prepare_cached(
        "INSERT INTO delivery (channel, key, at, alert, state) SELECT id, ?2, ?3, ?1, 'pending' FROM channel
         WHERE true ORDER BY id
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![alert, format!("alert:{}:{key}", account.0), instant::encode(at)])?;
    Ok(())
}
