//! Alerts: what the user is notified of, decided before it is delivered.
//!
//! An alert is *pending* until it is handed to the notification daemon, *delivering* during the hand-over,
//! and *delivered* after it. One that was being delivered when the program was killed may have been shown, so
//! it is not shown again: at most once. One whose delivery is known to have failed becomes pending again. One
//! that could not be delivered within [`ALERT_LIFE`] is dropped, because a warning of yesterday helps no one. One that
//! is no longer true when it would be shown counts as delivered.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};
use tidemark_core::AccountId;
use tidemark_core::alert::Alert;

use crate::delivery_queue::queue_alert;
use crate::error::StoreError;
use crate::instant;
use crate::store::Store;

/// How long after its time an alert is still worth telling. Long enough to outlast quiet hours.
pub const ALERT_LIFE: TimeDelta = TimeDelta::days(1);

/// The pause after the first failed delivery.
pub const FIRST_RETRY: TimeDelta = TimeDelta::seconds(30);

/// The longest pause between two tries to deliver an alert.
pub const LAST_RETRY: TimeDelta = TimeDelta::minutes(30);

/// The store's number for an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub i64);

/// An alert that waits to be delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct DueAlert {
    /// The store's number for it.
    pub id: AlertId,
    /// The account that it is about.
    pub account: AccountId,
    /// What the notification is about.
    pub alert: Alert,
    /// How often its delivery failed before.
    pub attempts: u32,
}

/// An alert of what a team's hub found.
#[derive(Debug, Clone, PartialEq)]
pub struct TeamAlert {
    /// The account that it is about.
    pub account: AccountId,
    /// What the notification is about.
    pub alert: Alert,
    /// The key of the alert that it takes back.
    pub takes_back: Option<String>,
}

impl Store {
    /// The alerts to be delivered now, oldest first: pending, not waiting for another try, not too old.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn due_alerts(&self, now: DateTime<Utc>) -> Result<Vec<DueAlert>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT id, account, content, attempts FROM alert
             WHERE state = 'pending' AND at > ?1 AND coalesce(retry_at, ?2) <= ?2 ORDER BY at, id",
        )?;
        let mut rows = statement.query([instant::encode(now - ALERT_LIFE), instant::encode(now)])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            let content: String = row.get(2)?;
            let id = AlertId(row.get(0)?);
            // A newer version made it, and will deliver it: the others must not wait for that.
            let Ok(alert) = serde_json::from_str(&content) else {
                tracing::debug!(alert = id.0, "an alert of an unknown kind is left for a newer version");
                continue;
            };
            due.push(DueAlert { id, account: AccountId(row.get(1)?), alert, attempts: row.get(3)? });
        }
        Ok(due)
    }

    /// Queues alerts of what a team's hub found, each unless one with its key was ever queued for the account; and stores,
    /// in the same transaction, up to where it is known. One that takes another back is queued only where that was.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes), and of [`Store::set_setting`].
    pub fn queue_team_alerts(
        &self,
        alerts: &[TeamAlert],
        (key, known): (&str, &impl serde::Serialize),
    ) -> Result<(), StoreError> {
        let tx = self.begin()?;
        for TeamAlert { account, alert, takes_back } in alerts {
            let was_queued = |before: &String| {
                tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM alert WHERE account = ?1 AND key = ?2)")?
                    .query_row(params![account.0, before], |row| row.get::<_, bool>(0))
            };
            if takes_back.as_ref().map(was_queued).transpose()?.unwrap_or(true) {
                queue(&tx, *account, alert)?;
            }
        }
        self.set_setting(key, known)?;
        tx.commit()?;
        Ok(())
    }

    /// Whether an alert with a key was ever queued for an account.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn has_alert(&self, account: AccountId, key: &str) -> Result<bool, StoreError> {
        let mut known =
            self.db.prepare_cached("SELECT EXISTS (SELECT 1 FROM alert WHERE account = ?1 AND key = ?2)")?;
        Ok(known.query_row(params![account.0, key], |row| row.get(0))?)
    }

    /// Queues alerts that do not come from a reading, each unless one with its key was ever queued for the account.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn queue_alerts(&self, alerts: &[(AccountId, Alert)]) -> Result<(), StoreError> {
        let tx = self.begin()?;
        for (account, alert) in alerts {
            queue(&tx, *account, alert)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Says that an alert is being delivered from now on. `false` where it is not pending any more, so that
    /// two who see it due do not both deliver it.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn alert_delivering(&self, id: AlertId) -> Result<bool, StoreError> {
        let changed = self
            .db
            .prepare_cached("UPDATE alert SET state = 'delivering' WHERE id = ?1 AND state = 'pending'")?
            .execute([id.0])?;
        Ok(changed > 0)
    }

    /// Says that an alert was delivered.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn alert_delivered(&self, id: AlertId) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE alert SET state = 'delivered', retry_at = NULL WHERE id = ?1")?
            .execute([id.0])?;
        Ok(())
    }

    /// Says that the delivery of an alert failed at `now`: it is pending again, and due after a pause that
    /// doubles with each failure, from [`FIRST_RETRY`] to [`LAST_RETRY`]. Nothing happens where it is not being
    /// delivered.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn alert_failed(&self, id: AlertId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.begin()?;
        let failed_before: Option<u32> = tx
            .prepare_cached("SELECT attempts FROM alert WHERE id = ?1 AND state = 'delivering'")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        if let Some(failed_before) = failed_before {
            let retry_at = instant::encode(now + retry_pause(failed_before));
            tx.prepare_cached(
                "UPDATE alert SET state = 'pending', retry_at = ?2, attempts = attempts + 1 WHERE id = ?1",
            )?
            .execute(params![id.0, retry_at])?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Says that alerts are not to be delivered any more. Nothing happens to those that are not pending.
    ///
    /// # Errors
    /// As [`Store::alert_failed`].
    pub fn alerts_obsolete(&self, ids: &[AlertId]) -> Result<(), StoreError> {
        let tx = self.begin()?;
        for id in ids {
            tx.prepare_cached(
                "UPDATE alert SET state = 'delivered', retry_at = NULL WHERE id = ?1 AND state = 'pending'",
            )?
            .execute([id.0])?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Puts an alert back whose delivery was broken off before it was shown: it is due at once, and this does
    /// not count as a failure. Nothing happens where it is not being delivered.
    ///
    /// # Errors
    /// As [`Store::alert_failed`].
    pub fn alert_put_back(&self, id: AlertId) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE alert SET state = 'pending' WHERE id = ?1 AND state = 'delivering'")?
            .execute([id.0])?;
        Ok(())
    }
}

/// The pause before the next try, by how many have failed before this one.
fn retry_pause(failed_before: u32) -> TimeDelta {
    // Beyond some doublings it is the longest in any case.
    let doubled = FIRST_RETRY * 2_i32.pow(failed_before.min(16));
    doubled.min(LAST_RETRY)
}

/// Queues an alert, here and for every channel, unless one with its key was ever queued for the account.
pub(crate) fn queue(db: &Connection, account: AccountId, alert: &Alert) -> Result<(), StoreError> {
    let content = serde_json::to_string(alert).map_err(|why| StoreError::unreadable("alert", &why))?;
    let queued = db
        .prepare_cached(
            "INSERT INTO alert (account, key, at, content, state) VALUES (?1, ?2, ?3, ?4, 'pending')
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![account.0, alert.key, instant::encode(alert.at), content])?;
    if queued > 0 {
        queue_alert(db, db.last_insert_rowid(), account, &alert.key, alert.at)?;
    }
    Ok(())
}
