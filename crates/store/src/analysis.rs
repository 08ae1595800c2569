//! Conclusions: what a reading or a failed poll led to, entered as one.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use tidemark_core::alert::Alert;
use tidemark_core::audit::Verdict;
use tidemark_core::change::Movement;
use tidemark_core::step::{Outcome, StoredState};
use tidemark_core::{AccountId, Finding};

use crate::error::StoreError;
use crate::failures::FailureId;
use crate::movement_writer::MovementWriter;
use crate::polls::{self, PollState};
use crate::readings::ReadingId;
use crate::store::Store;
use crate::{alerts, findings, instant, verdicts};

/// What the analysis of one reading or failed poll led to.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisResult {
    /// The state of the analysis after it.
    pub state: StoredState,
    /// What every series did, also those that did nothing.
    pub movements: Vec<Movement>,
    /// The span up to this reading in which polling went on: from the reading before it, where that was no longer
    /// ago than polling explains; `None` after a gap.
    pub covered: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The new findings, each once, with those that take an earlier one back.
    pub findings: Vec<Finding>,
    /// How far each deduction is explained.
    pub verdicts: Vec<Verdict>,
    /// What the user is to be notified of.
    pub alerts: Vec<Alert>,
    /// How polling of the account stands after it, where that changes with it.
    pub poll: Option<PollState>,
}

impl AnalysisResult {
    /// The outcome of a step, with the state after it.
    #[must_use]
    pub fn new(outcome: Outcome, state: StoredState) -> Self {
        let mut findings = outcome.withdrawn;
        findings.extend(outcome.findings);
        Self {
            state,
            movements: outcome.movements,
            covered: outcome.covered,
            findings,
            verdicts: outcome.verdicts,
            alerts: outcome.alerts,
            poll: None,
        }
    }
}

/// What a conclusion is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputId {
    /// A reading.
    Reading(ReadingId),
    /// A failed poll.
    Failure(FailureId),
}

impl From<ReadingId> for InputId {
    fn from(id: ReadingId) -> Self {
        Self::Reading(id)
    }
}

impl From<FailureId> for InputId {
    fn from(id: FailureId) -> Self {
        Self::Failure(id)
    }
}

/// How far the analysis of an account has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Analysis {
    /// Its state; `None` where nothing was concluded yet.
    pub state: Option<StoredState>,
    /// The newest reading that was concluded from.
    pub reading: Option<ReadingId>,
    /// The newest failed poll that was concluded from.
    pub failure: Option<FailureId>,
}

impl Store {
    /// Enters what a reading or a failed poll led to — the state of the analysis, movements and roll-ups, coverage,
    /// findings, alerts to be delivered — in one transaction: after a crash all of it is there or none.
    ///
    /// Readings of an account are concluded from in the order of their numbers, and so are failed polls. One that
    /// was concluded from already is left as it is, so that doing it again after a crash is harmless.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], [`StoreError::NoSuchReading`] if the input is not on disk,
    /// [`StoreError::TooLarge`] for an amount that does not fit, and those of
    /// [any write](StoreError#reads-and-writes).
    pub fn record_analysis(
        &self,
        account: AccountId,
        input: impl Into<InputId>,
        conclusion: &AnalysisResult,
    ) -> Result<(), StoreError> {
        let input = input.into();
        let tx = self.begin()?;
        if !is_due(&tx, account, input)? {
            return Ok(());
        }
        let mut writer = MovementWriter::open(&tx)?;
        enter(&tx, &mut writer, account, conclusion)?;
        writer.write()?;
        progress(&tx, account, input, conclusion)?;
        if let Some(poll) = &conclusion.poll {
            polls::put(&tx, account, poll)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// How far the analysis of an account has come.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], and those of [any read](StoreError#reads-and-writes).
    pub fn analysis(&self, account: AccountId) -> Result<Analysis, StoreError> {
        self.db
            .prepare_cached(
                "SELECT state_version, tracker, audit, alert_state, usage_told, analysed, analysed_failure
                 FROM progress WHERE account = ?1",
            )?
            .query_row([account.0], |row| {
                let version: Option<u32> = row.get(0)?;
                let tracker: Option<String> = row.get(1)?;
                let audit: Option<String> = row.get(2)?;
                let alerts: Option<String> = row.get(3)?;
                let usage_cursor = row.get::<_, i64>(4)?.unsigned_abs();
                // The first release wrote the alert rules' memory alone where only failures were seen so far.
                let begun = tracker.is_some() || alerts.is_some();
                let state = begun.then(|| StoredState {
                    version,
                    tracker: tracker.unwrap_or_else(|| "{}".to_owned()),
                    audit,
                    alerts: alerts.unwrap_or_else(|| "{}".to_owned()),
                    usage_cursor,
                });
                Ok(Analysis {
                    state,
                    reading: row.get::<_, Option<i64>>(5)?.map(ReadingId),
                    failure: row.get::<_, Option<i64>>(6)?.map(FailureId),
                })
            })
            .optional()?
            .ok_or(StoreError::NoSuchAccount(account))
    }

    /// Enters a state that was rebuilt from the recorded history, with the findings and verdicts that are to stand
    /// on record with it. `expected` is how far the analysis had come when it was read; where another conclusion
    /// was drawn meanwhile, nothing is entered and the answer is `false`.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn replace_state(
        &self,
        account: AccountId,
        expected: (Option<ReadingId>, Option<FailureId>),
        failure: Option<FailureId>,
        state: &StoredState,
        found: &[Finding],
        verdicts: &[Verdict],
    ) -> Result<bool, StoreError> {
        let tx = self.begin()?;
        let now: (Option<i64>, Option<i64>) = tx
            .prepare_cached("SELECT analysed, analysed_failure FROM progress WHERE account = ?1")?
            .query_row([account.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .ok_or(StoreError::NoSuchAccount(account))?;
        if now != (expected.0.map(|id| id.0), expected.1.map(|id| id.0)) {
            return Ok(false);
        }
        save_state(&tx, account, state)?;
        tx.execute(
            "UPDATE progress SET analysed_failure = ?2 WHERE account = ?1",
            params![account.0, failure.map(|id| id.0)],
        )?;
        for verdict in verdicts {
            verdicts::insert(&tx, account, verdict)?;
        }
        for finding in found {
            findings::insert(&tx, account, finding)?;
        }
        tx.commit()?;
        Ok(true)
    }
}

/// Whether an input is there and still to be concluded from.
pub(crate) fn is_due(db: &Connection, account: AccountId, input: InputId) -> Result<bool, StoreError> {
    let (reading, failure): (Option<i64>, Option<i64>) = db
        .prepare_cached("SELECT analysed, analysed_failure FROM progress WHERE account = ?1")?
        .query_row([account.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(StoreError::NoSuchAccount(account))?;
    let (concluded, id, there) = match input {
        InputId::Reading(id) => (reading, id.0, "SELECT 1 FROM reading WHERE id = ?2 AND account = ?1"),
        InputId::Failure(id) => (failure, id.0, "SELECT 1 FROM failure WHERE id = ?2 AND account = ?1"),
    };
    if concluded.is_some_and(|concluded| concluded >= id) {
        return Ok(false);
    }
    db.prepare_cached(there)?
        .query_row([account.0, id], |_| Ok(true))
        .optional()?
        .ok_or(StoreError::NoSuchReading(account))
}

/// Enters everything but the progress.
pub(crate) fn enter(
    db: &Connection,
    writer: &mut MovementWriter<'_>,
    account: AccountId,
    conclusion: &AnalysisResult,
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

/// Notes that an input was concluded from, and the state after it.
pub(crate) fn progress(
    db: &Connection,
    account: AccountId,
    input: InputId,
    conclusion: &AnalysisResult,
) -> Result<(), StoreError> {
    let (column, id) = match input {
        InputId::Reading(id) => ("UPDATE progress SET analysed = ?2 WHERE account = ?1", id.0),
        InputId::Failure(id) => ("UPDATE progress SET analysed_failure = ?2 WHERE account = ?1", id.0),
    };
    db.prepare_cached(column)?.execute([account.0, id])?;
    save_state(db, account, &conclusion.state)
}

/// Writes the state of an account's analysis.
pub(crate) fn save_state(db: &Connection, account: AccountId, state: &StoredState) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE progress SET state_version = ?2, tracker = ?3, audit = ?4, alert_state = ?5, usage_told = ?6
         WHERE account = ?1",
    )?
    .execute(params![
        account.0,
        state.version,
        state.tracker,
        state.audit,
        state.alerts,
        i64::try_from(state.usage_cursor).unwrap_or(i64::MAX)
    ])?;
    Ok(())
}
