//! What is raw: readings and failed polls, in the order of their time. The numbers of an account's rows grow with time,
//! so what is later than the first new line is taken out and put back behind it.

use rusqlite::{Connection, OptionalExtension as _, params};
use tidemark_core::AccountId;

use crate::compress::decompress;
use crate::error::StoreError;
use crate::{failures, readings};

/// Makes the tables in which lines wait for their places. They are on disk, and no other connection sees them.
pub(super) fn stage(db: &Connection) -> Result<(), StoreError> {
    db.execute_batch(
        "CREATE TEMP TABLE staged_reading (
           account INTEGER NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL, evidence TEXT NOT NULL,
           PRIMARY KEY (account, at)) STRICT, WITHOUT ROWID;
         CREATE TEMP TABLE staged_failure (
           account INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, details TEXT NOT NULL,
           PRIMARY KEY (account, at, kind)) STRICT, WITHOUT ROWID;
         CREATE TEMP TABLE old_body (id INTEGER PRIMARY KEY) STRICT;
         CREATE TEMP TABLE kept_finding (id INTEGER PRIMARY KEY) STRICT;",
    )?;
    Ok(())
}

pub(super) fn unstage(db: &Connection) -> Result<(), StoreError> {
    // A statement that is kept would hold the tables.
    db.flush_prepared_statement_cache();
    db.execute_batch(
        "DROP TABLE temp.staged_reading; DROP TABLE temp.staged_failure; DROP TABLE temp.old_body;
         DROP TABLE temp.kept_finding;",
    )?;
    Ok(())
}

pub(super) fn reading(db: &Connection, account: AccountId, at: i64, text: &str) -> Result<bool, StoreError> {
    let there = db
        .prepare_cached("SELECT 1 FROM reading WHERE account = ?1 AND at = ?2")?
        .query_row([account.0, at], |_| Ok(()))
        .optional()?;
    if there.is_some() {
        return Ok(false);
    }
    // Of the answer's own words an export has none.
    let staged = db
        .prepare_cached(
            "INSERT INTO temp.staged_reading (account, at, text, evidence) VALUES (?1, ?2, ?3, '')
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![account.0, at, text])?;
    Ok(staged > 0)
}

pub(super) fn failure(
    db: &Connection,
    account: AccountId,
    at: i64,
    kind: &str,
    details: &str,
) -> Result<bool, StoreError> {
    let there = db
        .prepare_cached("SELECT 1 FROM failure WHERE account = ?1 AND at = ?2 AND kind = ?3")?
        .query_row(params![account.0, at, kind], |_| Ok(()))
        .optional()?;
    if there.is_some() {
        return Ok(false);
    }
    let staged = db
        .prepare_cached(
            "INSERT INTO temp.staged_failure (account, at, kind, details) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![account.0, at, kind, details])?;
    Ok(staged > 0)
}

/// Puts an account's staged lines into their places. The time of the first.
pub(super) fn settle(db: &Connection, account: AccountId) -> Result<Option<i64>, StoreError> {
    let first: Option<i64> = db.query_row(
        "SELECT min(at) FROM (SELECT min(at) AS at FROM temp.staged_reading WHERE account = ?1
                              UNION ALL SELECT min(at) FROM temp.staged_failure WHERE account = ?1)",
        [account.0],
        |row| row.get(0),
    )?;
    let Some(first) = first else { return Ok(None) };
    take_out_readings(db, account, first)?;
    failures::cut_runs(db, account, first)?;
    db.execute(
        "INSERT OR IGNORE INTO temp.staged_failure (account, at, kind, details)
         SELECT account, at, kind, details FROM failure WHERE account = ?1 AND at >= ?2",
        [account.0, first],
    )?;
    db.execute("DELETE FROM failure WHERE account = ?1 AND at >= ?2", [account.0, first])?;
    put_in(db, account)?;
    for table in ["staged_reading", "staged_failure"] {
        db.execute(&format!("DELETE FROM temp.{table} WHERE account = ?1"), [account.0])?;
    }
    Ok(Some(first))
}

/// Takes out the readings from an instant on, as they are stored, to wait among the staged ones.
fn take_out_readings(db: &Connection, account: AccountId, first: i64) -> Result<(), StoreError> {
    let mut statement = db.prepare(
        "SELECT reading.at, r.text, body.reading_digits, e.text, body.evidence_digits
         FROM reading JOIN body ON body.id = reading.body
         JOIN template AS r ON r.id = body.reading_template
         JOIN template AS e ON e.id = body.evidence_template
         WHERE reading.account = ?1 AND reading.at >= ?2",
    )?;
    let mut stage =
        db.prepare("INSERT INTO temp.staged_reading (account, at, text, evidence) VALUES (?1, ?2, ?3, ?4)")?;
    let mut rows = statement.query([account.0, first])?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let at: i64 = row.get(0)?;
        stage.execute(params![
            account.0,
            at,
            decompress(text(1)?, text(2)?),
            decompress(text(3)?, text(4)?)
        ])?;
    }
    drop(rows);
    db.execute("DELETE FROM temp.old_body", [])?;
    let doomed =
        "INSERT OR IGNORE INTO temp.old_body SELECT body FROM reading WHERE account = ?1 AND at >= ?2";
    db.execute(doomed, [account.0, first])?;
    db.execute("DELETE FROM reading WHERE account = ?1 AND at >= ?2", [account.0, first])?;
    db.execute(
        "DELETE FROM body WHERE id IN (SELECT id FROM temp.old_body)
         AND id NOT IN (SELECT body FROM reading WHERE account = ?1)",
        [account.0],
    )?;
    // The next one is compared with the one before it.
    db.execute(
        "UPDATE progress SET last_reading =
           (SELECT id FROM reading WHERE account = ?1 ORDER BY at DESC LIMIT 1) WHERE account = ?1",
        [account.0],
    )?;
    Ok(())
}

/// Puts staged readings and failed polls back, in the order of their time.
fn put_in(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    let mut readings =
        db.prepare("SELECT at, text, evidence FROM temp.staged_reading WHERE account = ?1 ORDER BY at")?;
    let mut failures =
        db.prepare("SELECT at, kind, details FROM temp.staged_failure WHERE account = ?1 ORDER BY at, kind")?;
    let mut readings = readings.query([account.0])?;
    let mut failures = failures.query([account.0])?;
    let mut failure: Option<(i64, String, String)> = None;
    let mut next_failure = || -> Result<Option<(i64, String, String)>, StoreError> {
        let Some(row) = failures.next()? else { return Ok(None) };
        Ok(Some((row.get(0)?, row.get(1)?, row.get(2)?)))
    };
    let mut is_begun = false;
    loop {
        if !is_begun {
            failure = next_failure()?;
            is_begun = true;
        }
        let Some(row) = readings.next()? else { break };
        let at: i64 = row.get(0)?;
        while let Some((failed, kind, details)) = failure.take_if(|(failed, ..)| *failed < at) {
            failures::insert(db, account, failed, &kind, &details)?;
            failure = next_failure()?;
        }
        let text: String = row.get(1)?;
        let evidence: String = row.get(2)?;
        readings::insert_text(db, account, at, &text, &evidence)?;
    }
    while let Some((failed, kind, details)) = failure {
        failures::insert(db, account, failed, &kind, &details)?;
        failure = next_failure()?;
    }
    Ok(())
}
