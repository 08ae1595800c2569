//! Conclusions: what a reading led to, entered as one.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use tidemark_core::alert::Alert;
use tidemark_core::audit::{Auditor, Verdict};
use tidemark_core::change::Movement;
use tidemark_core::{AccountId, Finding};

use crate::error::StoreError;
use crate::movement_writer::MovementWriter;
use crate::readings::ReadingId;
use crate::store::Store;
use crate::{alerts, findings, instant, verdicts};

/// What the analysis of one reading led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Conclusion {
    /// The analysis's memory after this reading, as JSON.
    pub tracker: String,
    /// What every series did, also those that did nothing.
    pub movements: Vec<Movement>,
    /// The stretch in which we were looking at the account, up to this reading: from the look before it,
    /// where that was no longer ago than polling explains; `None` after a gap.
    pub covered: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// How far each deduction is explained.
    pub verdicts: Vec<Verdict>,
    /// Up to which of the requests of local logs the analysis was told; see [`TrackerState::usage_told`].
    pub usage_told: u64,
    /// What the user is to be told.
    pub alerts: Vec<Alert>,
    /// The alert rules' memory after this reading, as JSON.
    pub alert_state: String,
}

/// How far the analysis of an account has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackerState {
    /// The analysis's memory, as JSON.
    pub tracker: String,
    /// The alert rules' memory, as JSON.
    pub alert_state: String,
    /// The newest reading that was concluded from.
    pub analysed: ReadingId,
    /// Up to which of the requests of local logs it was told, as a place in the order in which they became
    /// known; 0 is the beginning.
    pub usage_told: u64,
}

impl Store {
    /// Enters what a reading led to — the analysis's memory, movements and roll-ups, coverage, findings,
    /// alerts to be delivered — in one transaction: after a crash all of it is there or none.
    ///
    /// Readings of an account are concluded from in the order of their numbers. One that was concluded from
    /// already is left as it is, so that doing it again after a crash is harmless.
    pub fn conclude(
        &self,
        account: AccountId,
        reading: ReadingId,
        conclusion: &Conclusion,
    ) -> Result<(), StoreError> {
        let tx = self.begin()?;
        if !is_due(&tx, account, reading)? {
            return Ok(());
        }
        let mut writer = MovementWriter::open(&tx)?;
        enter(&tx, &mut writer, account, conclusion)?;
        writer.write()?;
        progress(&tx, account, reading, conclusion)?;
        tx.commit()?;
        Ok(())
    }

    /// How far the analysis of an account has come; `None` where nothing was concluded yet.
    pub fn tracker(&self, account: AccountId) -> Result<Option<TrackerState>, StoreError> {
        let state = self
            .db
            .prepare_cached(
                "SELECT tracker, alert_state, analysed, usage_told FROM progress WHERE account = ?1",
            )?
            .query_row([account.0], |row| {
                let tracker: Option<String> = row.get(0)?;
                let alert_state: Option<String> = row.get(1)?;
                let analysed: Option<i64> = row.get(2)?;
                let usage_told: i64 = row.get(3)?;
                let usage_told = usage_told.unsigned_abs();
                Ok(tracker.zip(alert_state).zip(analysed).map(|((tracker, alert_state), analysed)| {
                    TrackerState { tracker, alert_state, analysed: ReadingId(analysed), usage_told }
                }))
            })
            .optional()?;
        state.ok_or(StoreError::NoSuchAccount(account))
    }

    /// The alert rules' memory of an account, as JSON, also where only failures were seen so far.
    pub fn alert_state(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        self.db
            .prepare_cached("SELECT alert_state FROM progress WHERE account = ?1")?
            .query_row([account.0], |row| row.get(0))
            .optional()?
            .ok_or(StoreError::NoSuchAccount(account))
    }

    /// Enters what a look back over the recorded history led to: findings, verdicts, and the auditor's
    /// state. `analysed` is the newest reading that was looked at; where another was concluded from
    /// meanwhile, nothing is entered.
    pub fn look_back(
        &self,
        account: AccountId,
        analysed: ReadingId,
        auditor: &Auditor,
        found: &[Finding],
        weighed: &[Verdict],
    ) -> Result<(), StoreError> {
        let state = serde_json::to_string(auditor).map_err(|why| StoreError::unreadable("audit", &why))?;
        let tx = self.begin()?;
        let entered = tx.execute(
            "UPDATE progress SET tracker = ?3 WHERE account = ?1 AND analysed = ?2",
            params![account.0, analysed.0, state],
        )?;
        if entered == 0 {
            return Ok(());
        }
        for verdict in weighed {
            verdicts::insert(&tx, account, verdict)?;
        }
        for finding in found {
            findings::insert(&tx, account, finding)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Enters what a failed poll led to: the alert rules' memory, as JSON, and alerts to be delivered.
    pub fn queue_alerts(
        &self,
        account: AccountId,
        new: &[Alert],
        alert_state: &str,
    ) -> Result<(), StoreError> {
        let tx = self.begin()?;
        Self::must_know(&tx, account)?;
        for alert in new {
            alerts::queue(&tx, account, alert)?;
        }
        tx.execute(
            "UPDATE progress SET alert_state = ?2 WHERE account = ?1",
            params![account.0, alert_state],
        )?;
        tx.commit()?;
        Ok(())
    }
}

/// Whether a reading is there and still to be concluded from.
pub(crate) fn is_due(db: &Connection, account: AccountId, reading: ReadingId) -> Result<bool, StoreError> {
    let analysed: Option<i64> = db
        .prepare_cached("SELECT analysed FROM progress WHERE account = ?1")?
        .query_row([account.0], |row| row.get(0))
        .optional()?
        .ok_or(StoreError::NoSuchAccount(account))?;
    if analysed.is_some_and(|analysed| analysed >= reading.0) {
        return Ok(false);
    }
    db.prepare_cached("SELECT 1 FROM reading WHERE id = ?2 AND account = ?1")?
        .query_row([account.0, reading.0], |_| Ok(true))
        .optional()?
        .ok_or(StoreError::NoSuchReading(account))
}

/// Enters everything but the progress.
pub(crate) fn enter(
    db: &Connection,
    writer: &mut MovementWriter<'_>,
    account: AccountId,
    conclusion: &Conclusion,
) -> Result<(), StoreError> {
    let covered = conclusion.covered.map(|(from, to)| (instant::encode(from), instant::encode(to)));
    if let Some((from, to)) = covered {
        writer.cover(account, from, to)?;
    }
    for movement in &conclusion.movements {
        writer.enter(account, movement, covered)?;
    }
    for verdict in &conclusion.verdicts {
        verdicts::insert(db, account, verdict)?;
    }
    for finding in &conclusion.findings {
        findings::insert(db, account, finding)?;
    }
    for alert in &conclusion.alerts {
        alerts::queue(db, account, alert)?;
    }
    Ok(())
}

/// Notes that a reading was concluded from.
pub(crate) fn progress(
    db: &Connection,
    account: AccountId,
    reading: ReadingId,
    conclusion: &Conclusion,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE progress SET analysed = ?2, tracker = ?3, alert_state = ?4, usage_told = ?5 WHERE account = ?1",
    )?
    .execute(params![
        account.0,
        reading.0,
        conclusion.tracker,
        conclusion.alert_state,
        i64::try_from(conclusion.usage_told).unwrap_or(i64::MAX)
    ])?;
    Ok(())
}
