//! Announcements: what the service announced to all its users, and when that became known.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
use tidemark_core::announcement::MAX_ANNOUNCEMENTS;
use tidemark_core::wire::AnnouncementRecord;

use crate::error::StoreError;
use crate::instant;
use crate::store::Store;
use crate::text_columns;

/// As many announcements are kept of one service; the oldest go. The service chooses their ids.
const MAX_KEPT: i64 = 200;

/// Says of a row that it has other words; its parameters are those of an insert.
const OTHER_WORDS: &str = "(title IS NOT ?3 OR text IS NOT ?4 OR detail IS NOT ?5
     OR starts_at IS NOT ?6 OR ends_at IS NOT ?7 OR audience IS NOT ?8)";

const INSERT: &str = "INSERT OR IGNORE INTO announcement
     (service, id, title, text, detail, starts_at, ends_at, audience, known_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const INSERT_FORMER: &str = "INSERT OR IGNORE INTO former_announcement
     (service, id, title, text, detail, starts_at, ends_at, audience, known_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const FORMER_FROM_PRESENT: &str = "INSERT OR IGNORE INTO former_announcement
     (service, id, title, text, detail, starts_at, ends_at, audience, known_at)
     SELECT service, id, title, text, detail, starts_at, ends_at, audience, coalesce(worded_at, known_at)
     FROM announcement WHERE service = ?1 AND id = ?2";
const REWORD: &str =
    "UPDATE announcement SET title = ?3, text = ?4, detail = ?5, starts_at = ?6, ends_at = ?7,
     audience = ?8, worded_at = max(?9, known_at) WHERE service = ?1 AND id = ?2";

/// As many former versions are kept of one announcement; the oldest go.
const MAX_FORMER: i64 = 20;

/// What was announced and became known in a span, in the order of an export: an announcement whose words the service
/// changed is there with each of its versions.
pub(crate) const SELECT_KNOWN: &str =
    "SELECT coalesce(worded_at, known_at) AS since, id, title, text, detail, starts_at, ends_at, audience, service
     FROM announcement WHERE since >= ?1 AND since < ?2
     UNION ALL
     SELECT known_at, id, title, text, detail, starts_at, ends_at, audience, service
     FROM former_announcement WHERE known_at >= ?1 AND known_at < ?2
     ORDER BY since, service, id";

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

/// A version of an announcement as its row has it.
struct Columns<'l> {
    service: &'l str,
    line: &'l AnnouncementRecord,
    from: Option<i64>,
    until: Option<i64>,
    audience: String,
    at: i64,
}

impl<'l> Columns<'l> {
    fn of(service: &'l str, line: &'l AnnouncementRecord) -> Self {
        Self {
            service,
            line,
            from: line.from.map(instant::encode),
            until: line.until.map(instant::encode),
            audience: serde_json::to_string(&line.audience).unwrap_or_default(),
            at: instant::encode(line.at),
        }
    }

    /// The parameters of an insert.
    fn values(&self) -> [&dyn ToSql; 9] {
        let AnnouncementRecord { id, title, text, detail, .. } = self.line;
        [&self.service, id, title, text, detail, &self.from, &self.until, &self.audience, &self.at]
    }
}

/// Adds a version of an announcement from another history, at its place among those that are here. Whether anything
/// changed and is still there: what is older than all that is kept goes again.
pub(crate) fn merge(db: &Connection, service: &str, line: &AnnouncementRecord) -> Result<bool, StoreError> {
    let columns = Columns::of(service, line);
    let changed = put_in_place(db, &columns)?;
    if !changed {
        return Ok(false);
    }
    forget_old(db, service, &line.id)?;
    let is_kept = db
        .prepare_cached(&format!(
            "SELECT ?9 FROM announcement WHERE service = ?1 AND id = ?2 AND NOT {OTHER_WORDS}
             UNION ALL
             SELECT ?9 FROM former_announcement WHERE service = ?1 AND id = ?2 AND NOT {OTHER_WORDS}"
        ))?
        .exists(&columns.values()[..])?;
    Ok(is_kept)
}

/// Deletes what is older than the announcements that are kept of a service, and the versions that are kept of this one.
fn forget_old(db: &Connection, service: &str, id: &str) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM announcement WHERE service = ?1 AND known_at < (
           SELECT known_at FROM announcement WHERE service = ?1
           ORDER BY known_at DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![service, MAX_KEPT - 1])?;
    db.prepare_cached(
        "DELETE FROM former_announcement WHERE service = ?1 AND (
           id NOT IN (SELECT id FROM announcement WHERE service = ?1)
           OR id = ?2 AND known_at < (
             SELECT known_at FROM former_announcement WHERE service = ?1 AND id = ?2
             ORDER BY known_at DESC LIMIT 1 OFFSET ?3))",
    )?
    .execute(params![service, id, MAX_FORMER - 1])?;
    Ok(())
}

fn put_in_place(db: &Connection, columns: &Columns<'_>) -> Result<bool, StoreError> {
    let Columns { service, line, at, .. } = *columns;
    let values = &columns.values()[..];
    let present: Option<i64> = db
        .prepare_cached(
            "SELECT coalesce(worded_at, known_at) FROM announcement WHERE service = ?1 AND id = ?2",
        )?
        .query_row(params![service, line.id], |row| row.get(0))
        .optional()?;
    let Some(since) = present else {
        db.prepare_cached(INSERT)?.execute(values)?;
        return Ok(true);
    };
    // Of one version the earliest time counts.
    let former = db
        .prepare_cached(&format!(
            "UPDATE former_announcement SET known_at = min(known_at, ?9)
             WHERE service = ?1 AND id = ?2 AND NOT {OTHER_WORDS}"
        ))?
        .execute(values)?;
    let same = former == 0
        && !db
            .prepare_cached(&format!(
                "SELECT ?9 FROM announcement WHERE service = ?1 AND id = ?2 AND {OTHER_WORDS}"
            ))?
            .exists(values)?;
    if former == 0 && !same {
        if at >= since {
            db.prepare_cached(FORMER_FROM_PRESENT)?.execute(params![service, line.id])?;
            db.prepare_cached(REWORD)?.execute(values)?;
        } else {
            db.prepare_cached(INSERT_FORMER)?.execute(values)?;
        }
    }
    let earlier = db
        .prepare_cached(
            "UPDATE announcement SET
               worded_at = CASE WHEN ?4 THEN iif(worded_at IS NULL, NULL, min(worded_at, ?3))
                                ELSE coalesce(worded_at, known_at) END,
               known_at = min(known_at, ?3)
             WHERE service = ?1 AND id = ?2 AND ?3 < iif(?4, coalesce(worded_at, known_at), known_at)",
        )?
        .execute(params![service, line.id, at, same])?;
    Ok(earlier > 0 || former == 0 && !same)
}

impl Store {
    /// Stores an announcement of a service, or new words of one that is known: the former ones are kept with their time.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn upsert_announcement(&self, service: &str, line: &AnnouncementRecord) -> Result<(), StoreError> {
        let tx = self.begin()?;
        let columns = Columns::of(service, line);
        let values = &columns.values()[..];
        tx.prepare_cached(&format!(
            "INSERT OR IGNORE INTO former_announcement
               (service, id, title, text, detail, starts_at, ends_at, audience, known_at)
             SELECT service, id, title, text, detail, starts_at, ends_at, audience, coalesce(worded_at, known_at)
             FROM announcement WHERE service = ?1 AND id = ?2 AND {OTHER_WORDS} AND coalesce(worded_at, known_at) < ?9"
        ))?
        .execute(values)?;
        tx.prepare_cached(&format!("{REWORD} AND {OTHER_WORDS}"))?.execute(values)?;
        tx.prepare_cached(INSERT)?.execute(values)?;
        forget_old(&tx, service, &line.id)?;
        tx.commit()?;
        Ok(())
    }

    /// What was announced and became known in `[from, to)`, oldest first; each version of an announcement whose words the
    /// service changed.
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
        let mut found: Vec<AnnouncementRecord> = Vec::new();
        for line in self.announcements(DateTime::UNIX_EPOCH, at)? {
            // Its last words, known since its first.
            match found.iter_mut().find(|known| known.id == line.id) {
                Some(known) => *known = AnnouncementRecord { at: known.at, ..line },
                None => found.push(line),
            }
        }
        found.retain(asked);
        let older = found.len().saturating_sub(MAX_ANNOUNCEMENTS);
        found.drain(..older);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn version(hour: i64, words: &str) -> AnnouncementRecord {
        AnnouncementRecord {
            at: DateTime::UNIX_EPOCH + TimeDelta::hours(hour),
            id: "china:7".to_owned(),
            title: None,
            text: Some(words.to_owned()),
            detail: None,
            from: None,
            until: None,
            audience: serde_json::from_str("{}").unwrap_or_default(),
        }
    }

    fn every(store: &Store) -> Vec<AnnouncementRecord> {
        store.announcements(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + TimeDelta::days(100)).unwrap()
    }

    /// An export of any length, from any program: no more is kept than of what the service says itself.
    #[test]
    fn no_more_is_imported_than_is_kept_and_twice_is_once() {
        let of_many: Vec<_> = (1..=MAX_KEPT + 50)
            .map(|hour| AnnouncementRecord { id: format!("china:{hour}"), ..version(hour, "same") })
            .collect();
        let of_one: Vec<_> = (1..=MAX_FORMER + 10).map(|hour| version(hour, &format!("{hour}"))).collect();
        for (lines, kept) in [(of_many, MAX_KEPT), (of_one, MAX_FORMER + 1)] {
            let kept = usize::try_from(kept).unwrap();
            let latest = &lines[lines.len() - kept..];
            for newest_first in [false, true] {
                let mut order = lines.clone();
                if newest_first {
                    order.reverse();
                }
                let folder = tempfile::tempdir().unwrap();
                let store = Store::open(folder.path(), DateTime::UNIX_EPOCH).unwrap();
                for line in &order {
                    merge(&store.db, "china", line).unwrap();
                }
                assert_eq!(every(&store), latest, "newest first: {newest_first}");
                for line in &order {
                    assert!(!merge(&store.db, "china", line).unwrap(), "{line:?}");
                }
                assert_eq!(every(&store), latest);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever part of an announcement's versions is here, and in whatever order the others come.
        #[test]
        fn versions_of_an_announcement_are_merged_in_any_order(
            order in Just((0..4).collect::<Vec<usize>>()).prop_shuffle(),
            here in 0_usize..4,
        ) {
            let versions: Vec<_> =
                (1..5).zip(["a", "b", "c", "d"]).map(|(hour, words)| version(hour, words)).collect();
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path(), DateTime::UNIX_EPOCH).unwrap();
            for line in &versions[..here] {
                store.upsert_announcement("china", line).unwrap();
            }
            for place in order {
                let is_new = merge(&store.db, "china", &versions[place]).unwrap();
                prop_assert_eq!(is_new, place >= here);
                prop_assert!(!merge(&store.db, "china", &versions[place]).unwrap());
            }
            let later = DateTime::UNIX_EPOCH + TimeDelta::days(1);
            prop_assert_eq!(store.announcements(DateTime::UNIX_EPOCH, later).unwrap(), versions);
        }
    }
}
