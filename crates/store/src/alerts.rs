//! Alerts: what the user is to be told, decided before it is delivered.
//!
//! An alert is *pending* until it is handed to the notification daemon, *delivering* while that goes on, and
//! *delivered* then. One that was being delivered when the program was killed may have been shown, so it is
//! not shown again: at most once. One whose delivery is known to have failed becomes pending again. One that
//! could not be told within [`ALERT_LIFE`] is not told at all: yesterday's warning is no warning.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, params};
use tidemark_core::AccountId;
use tidemark_core::alert::Alert;

use crate::error::StoreError;
use crate::instant;
use crate::store::Store;

/// How long after its time an alert is still worth telling. Long enough to outlast quiet hours.
pub const ALERT_LIFE: TimeDelta = TimeDelta::days(1);

/// The store's number for an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub i64);

/// An alert that waits to be delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct DueAlert {
    /// Its number.
    pub id: AlertId,
    /// Whose.
    pub account: AccountId,
    /// What to tell.
    pub alert: Alert,
    /// How often its delivery failed before.
    pub attempts: u32,
}

impl Store {
    /// The alerts to be delivered now, oldest first: pending, not waiting for another try, not too old.
    pub fn due_alerts(&self, now: DateTime<Utc>) -> Result<Vec<DueAlert>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT id, account, content, attempts FROM alert
             WHERE state = 'pending' AND at > ?1 AND coalesce(retry_at, ?2) <= ?2 ORDER BY at, id",
        )?;
        let mut rows = statement.query([instant::encode(now - ALERT_LIFE), instant::encode(now)])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            let content: String = row.get(2)?;
            due.push(DueAlert {
                id: AlertId(row.get(0)?),
                account: AccountId(row.get(1)?),
                alert: serde_json::from_str(&content).map_err(|why| StoreError::unreadable("alert", &why))?,
                attempts: row.get(3)?,
            });
        }
        Ok(due)
    }

    /// When the next alert that waits for another try is to be tried; `None` where none waits.
    pub fn next_alert_at(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let next: Option<i64> = self
            .db
            .prepare_cached("SELECT min(retry_at) FROM alert WHERE state = 'pending' AND at > ?1")?
            .query_row([instant::encode(now - ALERT_LIFE)], |row| row.get(0))?;
        Ok(next.map(instant::decode))
    }

    /// Says that an alert is being delivered from now on. `false` where it is not pending any more, so that
    /// two who see it due do not both deliver it.
    pub fn alert_delivering(&self, id: AlertId) -> Result<bool, StoreError> {
        let changed = self
            .db
            .prepare_cached("UPDATE alert SET state = 'delivering' WHERE id = ?1 AND state = 'pending'")?
            .execute([id.0])?;
        Ok(changed > 0)
    }

    /// Says that an alert was delivered.
    pub fn alert_delivered(&self, id: AlertId) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE alert SET state = 'delivered', retry_at = NULL WHERE id = ?1")?
            .execute([id.0])?;
        Ok(())
    }

    /// Says that the delivery of an alert failed for certain: it is pending again, and due at `retry_at`.
    /// The caller chooses a time that grows with [`DueAlert::attempts`].
    pub fn alert_failed(&self, id: AlertId, retry_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "UPDATE alert SET state = 'pending', retry_at = ?2, attempts = attempts + 1
                 WHERE id = ?1 AND state = 'delivering'",
            )?
            .execute(params![id.0, instant::encode(retry_at)])?;
        Ok(())
    }
}

/// Queues an alert, once for ever by its key.
pub(crate) fn queue(db: &Connection, account: AccountId, alert: &Alert) -> Result<(), StoreError> {
    let content = serde_json::to_string(alert).map_err(|why| StoreError::unreadable("alert", &why))?;
    db.prepare_cached(
        "INSERT INTO alert (account, key, at, content, state) VALUES (?1, ?2, ?3, ?4, 'pending')
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![account.0, alert.key, instant::encode(alert.at), content])?;
    Ok(())
}
