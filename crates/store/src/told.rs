//! What became known of an account between two readings, besides the readings: what the analysis is told
//! before the next one.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use tidemark_core::AccountId;
use tidemark_core::wire::{IncidentRecord, IncidentState};

use crate::error::StoreError;
use crate::instant;
use crate::store::Store;

/// As many incidents as an analysis keeps; older ones explain nothing any more.
const INCIDENTS: usize = 12;

/// What became known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// Polls that failed.
    pub failures: Vec<DateTime<Utc>>,
    /// What the status page told of incidents, in the order in which it became known.
    pub incidents: Vec<IncidentRecord>,
}

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
        id: row.get(2)?,
        state,
        impact: row.get(3)?,
        title: row.get(4)?,
    };
    Ok((known, line))
}

impl Store {
    /// What became known from a reading on (all there is where `after` is `None`) until before the next.
    /// Of the same time as a reading comes after it, as in an export.
    pub fn told_between(
        &self,
        account: AccountId,
        after: Option<DateTime<Utc>>,
        before: DateTime<Utc>,
    ) -> Result<Told, StoreError> {
        let bounds = (after.map_or(i64::MIN, instant::encode), instant::encode(before));
        let failures = self
            .db
            .prepare_cached(
                "SELECT at FROM failure WHERE account = ?1 AND at >= ?2 AND at < ?3 ORDER BY at, id",
            )?
            .query_map([account.0, bounds.0, bounds.1], |row| Ok(instant::decode(row.get(0)?)))?
            .collect::<Result<_, _>>()?;
        let mut statement = self.db.prepare_cached(SELECT_INCIDENTS)?;
        let mut rows = statement.query([bounds.0, bounds.1])?;
        let mut incidents = Vec::new();
        while let Some(row) = rows.next()? {
            incidents.push(incident(row)?.1);
        }
        if incidents.len() > INCIDENTS {
            incidents.drain(..incidents.len() - INCIDENTS);
        }
        Ok(Told { failures, incidents })
    }
}
