//! What the service said to everyone: incidents and announcements.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};
use tidemark_core::wire::{AnnouncementRecord, IncidentRecord, IncidentState};

use crate::error::StoreError;
use crate::{announcements, instant};

/// Adds an incident, or its end. A line does not say on which page it stood: it is of the page that has it, else of
/// the one that is read here.
pub(super) fn incident(
    db: &Connection,
    line: &IncidentRecord,
    known_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (at, known) = (instant::encode(line.at), instant::encode(known_at));
    let there: Option<(i64, Option<i64>)> = db
        .prepare_cached("SELECT opened_at, resolved_at FROM incident WHERE id = ?1 LIMIT 1")?
        .query_row([&line.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let is_end = line.state == IncidentState::Resolved;
    let changed = match (there, is_end) {
        (None, _) => db
            .prepare_cached(
                "INSERT INTO incident (page, id, title, impact, opened_at, resolved_at, known_at, end_known_at)
                 VALUES (coalesce((SELECT page FROM incident ORDER BY opened_at DESC LIMIT 1), ''),
                         ?1, ?2, ?3, ?4, iif(?6, ?4, NULL), ?5, iif(?6, ?5, NULL))",
            )?
            .execute(params![line.id, line.title, line.impact, at, known, is_end])?,
        // Its end is here without its beginning.
        (Some((opened, Some(resolved))), false) if opened == resolved && at < opened => db
            .prepare_cached("UPDATE incident SET opened_at = ?2, known_at = ?3 WHERE id = ?1")?
            .execute(params![line.id, at, known])?,
        (Some((opened, None)), true) if at >= opened => db
            .prepare_cached("UPDATE incident SET resolved_at = ?2, end_known_at = ?3 WHERE id = ?1")?
            .execute(params![line.id, at, known])?,
        _ => 0,
    };
    Ok(changed > 0)
}

/// Adds an announcement, or a version of it.
pub(super) fn announcement(db: &Connection, line: &AnnouncementRecord) -> Result<bool, StoreError> {
    // Each service numbers its own, and its word stands before the number.
    let service = line.id.split_once(':').map_or("", |(service, _)| service);
    announcements::merge(db, service, line)
}
