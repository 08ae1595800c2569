//! Incidents: what the service's status pages said of themselves.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::instant;
use crate::store::Store;
use crate::text_columns;

/// Something from a status page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Which status page: its host.
    pub page: String,
    /// The page's id of it.
    pub id: String,
    /// The incident's title, in the page's words.
    pub title: Option<String>,
    /// The page's word for how bad it is.
    pub impact: Option<String>,
    /// When it began.
    pub opened_at: DateTime<Utc>,
    /// When it ended; `None` while it goes on.
    pub resolved_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Stores an incident, or what is new about one. What the page does not say any more stays as it was.
    ///
    /// `now` is when it became known, which can be long after it began: conclusions are drawn from what is
    /// known.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn upsert_incident(&self, incident: &Incident, now: DateTime<Utc>) -> Result<(), StoreError> {
        // An import does not say which page an incident stood on.
        self.db
            .prepare_cached("UPDATE OR IGNORE incident SET page = ?1 WHERE id = ?2 AND page = ''")?
            .execute([&incident.page, &incident.id])?;
        self.db
            .prepare_cached(
                "INSERT INTO incident (page, id, title, impact, opened_at, resolved_at, known_at, end_known_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, iif(?6 IS NULL, NULL, ?7))
                 ON CONFLICT (page, id) DO UPDATE SET
                   title        = coalesce(excluded.title, title),
                   impact       = coalesce(excluded.impact, impact),
                   opened_at    = excluded.opened_at,
                   end_known_at = iif(excluded.resolved_at IS resolved_at, end_known_at, excluded.end_known_at),
                   resolved_at  = excluded.resolved_at",
            )?
            .execute(params![
                incident.page,
                incident.id,
                incident.title,
                incident.impact,
                instant::encode(incident.opened_at),
                incident.resolved_at.map(instant::encode),
                instant::encode(now)
            ])?;
        Ok(())
    }

    /// The incidents that went on at some time in `[from, to)`, oldest first.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn incidents(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Incident>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT page, id, title, impact, opened_at, resolved_at FROM incident
             WHERE opened_at < ?2 AND coalesce(resolved_at >= ?1, 1) ORDER BY opened_at, page, id",
        )?;
        let incidents = statement
            .query_map([instant::encode(from), instant::encode(to)], incident)?
            .collect::<Result<_, _>>()?;
        Ok(incidents)
    }
}

fn incident(row: &Row<'_>) -> rusqlite::Result<Incident> {
    Ok(Incident {
        page: row.get(0)?,
        id: text_columns::name(row, 1)?,
        title: text_columns::optional_sentence(row, 2)?,
        impact: text_columns::optional_name(row, 3)?,
        opened_at: instant::decode(row.get(4)?),
        resolved_at: row.get::<_, Option<i64>>(5)?.map(instant::decode),
    })
}
