//! Announcements: what the service announced to all its users, and when that became known.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use tidemark_core::announcement::MAX_ANNOUNCEMENTS;
use tidemark_core::wire::AnnouncementRecord;

use crate::error::StoreError;
use crate::instant;
use crate::store::Store;
use crate::text_columns;

/// As many announcements are kept of one service; the oldest go. The service chooses their ids.
const MAX_KEPT: i64 = 200;

/// The announcements that became known in a span, in the order of an export.
pub(crate) const SELECT_KNOWN: &str =
    "SELECT known_at, id, title, text, detail, starts_at, ends_at, audience FROM announcement
     WHERE known_at >= ?1 AND known_at < ?2 ORDER BY known_at, service, id";

/// Reads a row of [`SELECT_KNOWN`].
pub(crate) fn record(row: &Row<'_>) -> Result<AnnouncementRecord, StoreError> {
    let time = |place| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(place)?.map(instant::decode));
    let audience: String = row.get(7)?;
    Ok(AnnouncementRecord {
        at: instant::decode(row.get(0)?),
        id: text_columns::name(row, 1)?,
        title: text_columns::optional_name(row, 2)?,
        text: text_columns::optional_sentence(row, 3)?,
        detail: text_columns::optional_sentence(row, 4)?,
        from: time(5)?,
        until: time(6)?,
        audience: serde_json::from_str(&audience).unwrap_or_default(),
    })
}

impl Store {
    /// Stores an announcement of a service, or new words of one that is known: it stays known since it was first read.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn upsert_announcement(&self, service: &str, line: &AnnouncementRecord) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "INSERT INTO announcement
                   (service, id, title, text, detail, starts_at, ends_at, audience, known_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (service, id) DO UPDATE SET
                   title = excluded.title, text = excluded.text, detail = excluded.detail,
                   starts_at = excluded.starts_at, ends_at = excluded.ends_at, audience = excluded.audience",
            )?
            .execute(params![
                service,
                line.id,
                line.title,
                line.text,
                line.detail,
                line.from.map(instant::encode),
                line.until.map(instant::encode),
                serde_json::to_string(&line.audience).unwrap_or_default(),
                instant::encode(line.at),
            ])?;
        self.db
            .prepare_cached(
                "DELETE FROM announcement WHERE service = ?1 AND known_at < (
                   SELECT known_at FROM announcement WHERE service = ?1
                   ORDER BY known_at DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![service, MAX_KEPT - 1])?;
        Ok(())
    }

    /// The announcements that became known in `[from, to)`, oldest first.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn announcements(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<AnnouncementRecord>, StoreError> {
        let mut statement = self.db.prepare_cached(SELECT_KNOWN)?;
        let mut rows = statement.query([instant::encode(from), instant::encode(to)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(record(row)?);
        }
        Ok(found)
    }

    /// The latest announcements that were known at a time, of those that are asked for, oldest first. What is not asked
    /// for takes no room from the others.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn announcements_known(
        &self,
        at: DateTime<Utc>,
        asked: impl Fn(&AnnouncementRecord) -> bool,
    ) -> Result<Vec<AnnouncementRecord>, StoreError> {
        let mut found = self.announcements(DateTime::UNIX_EPOCH, at)?;
        found.retain(asked);
        let older = found.len().saturating_sub(MAX_ANNOUNCEMENTS);
        found.drain(..older);
        Ok(found)
    }
}
