//! What became known of an account besides its readings: what the analysis is given before the next one.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use tidemark_core::AccountId;
use tidemark_core::audit::MAX_INCIDENTS;
use tidemark_core::wire::{IncidentRecord, IncidentState};

use crate::error::StoreError;
use crate::failures::{self, FailureId, StoredFailure};
use crate::instant;
use crate::store::Store;
use crate::text_columns;

/// Each incident's beginning and end with the time at which it became known: `known, at, id, impact, title,
/// over`, in the order of an export.
pub(crate) const SELECT_INCIDENTS: &str =
    "SELECT max(opened_at, coalesce(known_at, opened_at)) AS known, opened_at AS at, id, impact, title, 0 AS over
     FROM incident WHERE known >= ?1 AND known < ?2
     UNION ALL
     SELECT max(resolved_at, coalesce(end_known_at, resolved_at), coalesce(known_at, resolved_at)) AS known,
            resolved_at, id, impact, title, 1
     FROM incident WHERE resolved_at IS NOT NULL AND known >= ?1 AND known < ?2
     ORDER BY known, over, id";

/// Reads a row of [`SELECT_INCIDENTS`].
pub(crate) fn incident(row: &Row<'_>) -> Result<(DateTime<Utc>, IncidentRecord), StoreError> {
    let known = instant::decode(row.get(0)?);
    let state = if row.get::<_, bool>(5)? { IncidentState::Resolved } else { IncidentState::Open };
    let line = IncidentRecord {
        at: instant::decode(row.get(1)?),
        id: text_columns::name(row, 2)?,
        state,
        impact: text_columns::optional_name(row, 3)?,
        title: text_columns::optional_sentence(row, 4)?,
    };
    Ok((known, line))
}

impl Store {
    /// What the status page reported between two readings (from the beginning where `after` is `None`), in the
    /// order in which it became known. Of the same time as a reading comes after it, as in an export.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn incidents_known_between(
        &self,
        after: Option<DateTime<Utc>>,
        before: DateTime<Utc>,
    ) -> Result<Vec<IncidentRecord>, StoreError> {
        let bounds = [after.map_or(i64::MIN, instant::encode), instant::encode(before)];
        let mut statement = self.db.prepare_cached(SELECT_INCIDENTS)?;
        let mut rows = statement.query(bounds)?;
        let mut incidents = Vec::new();
        while let Some(row) = rows.next()? {
            incidents.push(incident(row)?.1);
        }
        if incidents.len() > MAX_INCIDENTS {
            incidents.drain(..incidents.len() - MAX_INCIDENTS);
        }
        Ok(incidents)
    }

    /// The failed polls of an account that came after one, in the order in which they came; all of them where
    /// `after` is `None`. At start these are the ones that were on disk but not yet concluded from.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn failures_after(
        &self,
        account: AccountId,
        after: Option<FailureId>,
    ) -> Result<Vec<(FailureId, StoredFailure)>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT account, at, details, id FROM failure WHERE account = ?1 AND id > ?2 ORDER BY id",
        )?;
        let mut rows = statement.query([account.0, after.map_or(0, |id| id.0)])?;
        let mut failures = Vec::new();
        while let Some(row) = rows.next()? {
            failures.push((FailureId(row.get(3)?), failures::stored(row)?));
        }
        Ok(failures)
    }

    /// The newest failed poll of an account.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn last_failure(&self, account: AccountId) -> Result<Option<FailureId>, StoreError> {
        let newest: Option<i64> = self
            .db
            .prepare_cached("SELECT max(id) FROM failure WHERE account = ?1")?
            .query_row([account.0], |row| row.get(0))?;
        Ok(newest.map(FailureId))
    }
}
