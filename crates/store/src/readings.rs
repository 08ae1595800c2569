//! Readings as they came: normalised, with the quota part of the body as evidence.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::wire::ReadingRecord;
use tidemark_core::{AccountId, Reading};

use crate::compress::{Compressed, compress, decompress};
use crate::error::StoreError;
use crate::instant;
use crate::store::Store;

/// The store's number for a reading. A later reading of the same account has a greater one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadingId(pub i64);

/// Selects readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingQuery {
    /// Of one account, or of all.
    pub account: Option<AccountId>,
    /// The first instant of the selection.
    pub from: DateTime<Utc>,
    /// The first instant after the selection.
    pub to: DateTime<Utc>,
}

/// A reading as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReading {
    /// The store's number for it.
    pub id: ReadingId,
    /// The account that was polled.
    pub account: AccountId,
    /// The reading itself.
    pub reading: Reading,
    /// The quota part of the body that it was read from, as JSON.
    pub evidence: String,
}

/// What belongs to a reading's row; every query that reads one selects these.
const COLUMNS: &str = "reading.id, reading.account, reading.at, r.text, body.reading_digits";
const JOINS: &str = "JOIN body ON body.id = reading.body JOIN template AS r ON r.id = body.reading_template";

impl Store {
    /// Puts a reading on disk, in a transaction of its own, before anything is concluded from it, and ends
    /// the account's stretch of failures. A reading of the same account and time as one that is there is not
    /// stored again; the number of the one that is there comes back.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], and those of [any write](StoreError#reads-and-writes).
    pub fn insert_reading(
        &self,
        account: AccountId,
        reading: &Reading,
        evidence: &str,
    ) -> Result<ReadingId, StoreError> {
        let tx = self.begin()?;
        let (id, _) = insert(&tx, account, reading, evidence)?;
        tx.commit()?;
        Ok(id)
    }

    /// The readings of an account that came after one, in the order in which they came; all of them where
    /// `after` is `None`. At start these are the ones that were on disk but not yet concluded from.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], [`StoreError::Unreadable`] if a reading cannot be parsed, and those of
    /// [any read](StoreError#reads-and-writes).
    pub fn readings_after(
        &self,
        account: AccountId,
        after: Option<ReadingId>,
    ) -> Result<Vec<(ReadingId, Reading)>, StoreError> {
        let newest: Option<i64> = self
            .db
            .prepare_cached("SELECT last_reading FROM progress WHERE account = ?1")?
            .query_row([account.0], |row| row.get(0))
            .optional()?
            .ok_or(StoreError::NoSuchAccount(account))?;
        if newest.is_none() || newest == after.map(|id| id.0) {
            return Ok(Vec::new());
        }
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM reading {JOINS} WHERE reading.account = ?1 AND reading.id > ?2 ORDER BY reading.id"
        ))?;
        let mut rows = statement.query(params![account.0, after.map_or(i64::MIN, |id| id.0)])?;
        let mut readings = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, _, reading) = from_row(row)?;
            readings.push((id, reading));
        }
        Ok(readings)
    }

    /// Readings of all accounts that came after a place in the order of their numbers, `limit` of them at most. What an
    /// import adds, and all that follows it, has later numbers.
    ///
    /// # Errors
    /// As [`Store::last_readings`].
    pub fn readings_since(
        &self,
        place: u64,
        limit: u32,
    ) -> Result<Vec<(ReadingId, AccountId, Reading)>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM reading {JOINS} WHERE reading.id > ?1 ORDER BY reading.id LIMIT ?2"
        ))?;
        let mut rows = statement.query(params![i64::try_from(place).unwrap_or(i64::MAX), limit])?;
        let mut readings = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, account, reading) = from_row(row)?;
            readings.push((id, account, reading));
        }
        Ok(readings)
    }

    /// The newest reading of every account that has one, in the user's order.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if a reading cannot
    /// be parsed.
    pub fn last_readings(&self) -> Result<Vec<(AccountId, ReadingId, Reading)>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM account
             CROSS JOIN progress ON progress.account = account.id
             CROSS JOIN reading ON reading.id = progress.last_reading {JOINS}
             ORDER BY account.position, account.id"
        ))?;
        let mut rows = statement.query([])?;
        let mut readings = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, account, reading) = from_row(row)?;
            readings.push((account, id, reading));
        }
        Ok(readings)
    }

    /// Hands the readings of a span to `each`, account by account, each account's in time order, without
    /// holding more than one in memory, until `each` breaks off.
    ///
    /// # Errors
    /// As [`Store::last_readings`]; `each` has the readings before it then.
    pub fn readings(
        &self,
        query: &ReadingQuery,
        mut each: impl FnMut(StoredReading) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let tx = self.begin_reading()?;
        for account in accounts_of(&tx, query.account)? {
            let mut statement = tx.prepare_cached(SELECT_SPAN)?;
            let mut rows =
                statement.query(params![account, instant::encode(query.from), instant::encode(query.to)])?;
            while let Some(row) = rows.next()? {
                if each(stored(row)?).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The quota part of the body that the reading of an account and time was read from; `None` where there is
    /// no such reading.
    ///
    /// # Errors
    /// The database is damaged, or cannot be read.
    pub fn evidence_at(&self, account: AccountId, at: DateTime<Utc>) -> Result<Option<String>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT e.text, body.evidence_digits FROM reading
             JOIN body ON body.id = reading.body JOIN template AS e ON e.id = body.evidence_template
             WHERE reading.account = ?1 AND reading.at = ?2",
        )?;
        let mut rows = statement.query(params![account.0, instant::encode(at)])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(decompress(text_at(row, 0)?, text_at(row, 1)?)))
    }

    /// The time of a reading; `None` where it was pruned.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn reading_at(&self, id: ReadingId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let at: Option<i64> = self
            .db
            .prepare_cached("SELECT at FROM reading WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        Ok(at.map(instant::decode))
    }

    /// Time of the first reading of an account, or of any; `None` if there is none. What raw
    /// readings were pruned since does not matter.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn first_look(&self, account: Option<AccountId>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let first: Option<i64> = self
            .db
            .prepare_cached(
                "SELECT min((SELECT min(at) FROM movement WHERE series = series.id)) FROM series
                 WHERE ?1 IS NULL OR account = ?1",
            )?
            .query_row([account.map(|id| id.0)], |row| row.get(0))?;
        Ok(first.map(instant::decode))
    }
}

/// Selects whole readings of an account in a span; [`stored`] reads its rows.
pub(crate) const SELECT_SPAN: &str =
    "SELECT reading.id, reading.account, reading.at, r.text, body.reading_digits, e.text, body.evidence_digits
     FROM reading JOIN body ON body.id = reading.body
     JOIN template AS r ON r.id = body.reading_template
     JOIN template AS e ON e.id = body.evidence_template
     WHERE reading.account = ?1 AND reading.at >= ?2 AND reading.at < ?3 ORDER BY reading.at";

/// The accounts meant: one, or all in the order of their numbers.
pub(crate) fn accounts_of(db: &Connection, account: Option<AccountId>) -> Result<Vec<i64>, StoreError> {
    if let Some(account) = account {
        return Ok(vec![account.0]);
    }
    let mut statement = db.prepare_cached("SELECT id FROM account ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Inserts a reading inside a transaction; returns its number and whether it is new.
pub(crate) fn insert(
    db: &Connection,
    account: AccountId,
    reading: &Reading,
    evidence: &str,
) -> Result<(ReadingId, bool), StoreError> {
    Store::must_know(db, account)?;
    let at = instant::encode(reading.at);
    let there = db
        .prepare_cached("SELECT id FROM reading WHERE account = ?1 AND at = ?2")?
        .query_row(params![account.0, at], |row| row.get(0))
        .optional()?;
    if let Some(id) = there {
        return Ok((ReadingId(id), false));
    }
    Ok((insert_text(db, account, at, &text_of(reading)?, evidence)?, true))
}

/// Inserts a reading by its stored text, behind all others of its account.
pub(crate) fn insert_text(
    db: &Connection,
    account: AccountId,
    at: i64,
    text: &str,
    evidence: &str,
) -> Result<ReadingId, StoreError> {
    let body = body(db, account, &compress(text), &compress(evidence))?;
    db.prepare_cached("INSERT INTO reading (account, at, body) VALUES (?1, ?2, ?3)")?
        .execute(params![account.0, at, body])?;
    let id = db.last_insert_rowid();
    db.prepare_cached("UPDATE progress SET last_reading = ?2 WHERE account = ?1")?
        .execute([account.0, id])?;
    db.prepare_cached("UPDATE failure_run SET over = 1 WHERE account = ?1 AND over = 0")?
        .execute([account.0])?;
    Ok(ReadingId(id))
}

/// The number of a body: the last one's where nothing changed, or a new one's.
pub(crate) fn body(
    db: &Connection,
    account: AccountId,
    reading: &Compressed,
    evidence: &Compressed,
) -> Result<i64, StoreError> {
    struct Last {
        id: i64,
        reading: i64,
        evidence: i64,
        same_reading: bool,
        same_evidence: bool,
        same_digits: bool,
    }
    let last = db
        .prepare_cached(
            "SELECT body.id, r.id, e.id, r.text = ?2, e.text = ?3,
                    body.reading_digits = ?4 AND body.evidence_digits = ?5
             FROM progress JOIN reading ON reading.id = progress.last_reading
             JOIN body ON body.id = reading.body
             JOIN template AS r ON r.id = body.reading_template
             JOIN template AS e ON e.id = body.evidence_template
             WHERE progress.account = ?1",
        )?
        .query_row(
            params![account.0, reading.template, evidence.template, reading.digits, evidence.digits],
            |row| {
                Ok(Last {
                    id: row.get(0)?,
                    reading: row.get(1)?,
                    evidence: row.get(2)?,
                    same_reading: row.get(3)?,
                    same_evidence: row.get(4)?,
                    same_digits: row.get(5)?,
                })
            },
        )
        .optional()?;
    if let Some(last) = &last
        && last.same_reading
        && last.same_evidence
        && last.same_digits
    {
        return Ok(last.id);
    }
    let known = |same: fn(&Last) -> bool, id: fn(&Last) -> i64| last.as_ref().filter(|l| same(l)).map(id);
    let reading_template = match known(|l| l.same_reading, |l| l.reading) {
        Some(id) => id,
        None => template(db, account, &reading.template)?,
    };
    let evidence_template = match known(|l| l.same_evidence, |l| l.evidence) {
        Some(id) => id,
        None => template(db, account, &evidence.template)?,
    };
    db.prepare_cached(
        "INSERT INTO body (account, reading_template, reading_digits, evidence_template, evidence_digits)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        account.0,
        reading_template,
        reading.digits,
        evidence_template,
        evidence.digits
    ])?;
    Ok(db.last_insert_rowid())
}

fn template(db: &Connection, account: AccountId, text: &str) -> Result<i64, StoreError> {
    let there = db
        .prepare_cached("SELECT id FROM template WHERE account = ?1 AND text = ?2")?
        .query_row(params![account.0, text], |row| row.get(0))
        .optional()?;
    if let Some(id) = there {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO template (account, text) VALUES (?1, ?2)")?
        .execute(params![account.0, text])?;
    Ok(db.last_insert_rowid())
}

/// The contract's line of a reading, without the time, which is a column, so that an unchanged answer gives
/// an unchanged text.
pub(crate) fn text_of(reading: &Reading) -> Result<String, StoreError> {
    let text = serde_json::to_string(&ReadingRecord::new(reading, None))
        .map_err(|why| StoreError::unreadable("reading", &why))?;
    let time = format!("{{\"at\":\"{}\",", format_rfc3339(reading.at));
    Ok(match text.strip_prefix(&time) {
        Some(rest) => format!("{{{rest}"),
        // Should the line's keys ever be ordered otherwise, the whole of it is kept.
        None => text,
    })
}

/// The reading of a stored text.
fn reading_of(text: &str, at: DateTime<Utc>) -> Result<Reading, StoreError> {
    let line: ReadingRecord = match text.strip_prefix('{') {
        Some(rest) if !text.contains("\"at\":") => {
            serde_json::from_str(&format!("{{\"at\":\"{}\",{rest}", format_rfc3339(at)))
        }
        _ => serde_json::from_str(text),
    }
    .map_err(|why| StoreError::unreadable("reading", &why))?;
    // A time within a second of a leap is the one thing that its text would not give back exactly.
    Ok(Reading { at, ..line.into() })
}

/// A text column, borrowed from the row.
fn text_at<'row>(row: &'row Row<'_>, column: usize) -> Result<&'row str, StoreError> {
    row.get_ref(column)?.as_str().map_err(|why| StoreError::unreadable("reading", &why))
}

/// Reads [`COLUMNS`].
fn from_row(row: &Row<'_>) -> Result<(ReadingId, AccountId, Reading), StoreError> {
    let text = decompress(text_at(row, 3)?, text_at(row, 4)?);
    let reading = reading_of(&text, instant::decode(row.get(2)?))?;
    Ok((ReadingId(row.get(0)?), AccountId(row.get(1)?), reading))
}

/// Reads a row of [`SELECT_SPAN`].
pub(crate) fn stored(row: &Row<'_>) -> Result<StoredReading, StoreError> {
    let (id, account, reading) = from_row(row)?;
    let evidence = decompress(text_at(row, 5)?, text_at(row, 6)?);
    Ok(StoredReading { id, account, reading, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_not_part_of_the_text() {
        let line = r#"{"at":"2026-11-22T05:00:00.123456789Z","source":"kimi-code","region":"china","meters":[{"meter":"5h","used_percent":1.5}]}"#;
        let reading = Reading::from(serde_json::from_str::<ReadingRecord>(line).unwrap());
        let text = text_of(&reading).unwrap();
        assert!(!text.contains("2026"), "{text}");
        assert_eq!(reading_of(&text, reading.at).unwrap(), reading);
    }
}
