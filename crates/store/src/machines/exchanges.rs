//! Ways on which records come and go: another machine over SSH, or a shared folder.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::error::StoreError;
use crate::instant;
use crate::store::Store;
use crate::text_columns;

/// The store's number for an exchange. Never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId(pub i64);

/// An exchange to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExchange {
    /// The user's name for it, unique.
    pub name: String,
    /// JSON: where it is. The words are those of whoever exchanges.
    pub place: String,
}

/// An exchange, and how it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The store's number for it.
    pub id: ExchangeId,
    /// The user's name for it.
    pub name: String,
    /// JSON: where it is.
    pub place: String,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// When it was last tried.
    pub tried_at: Option<DateTime<Utc>>,
    /// When it last succeeded.
    pub done_at: Option<DateTime<Utc>>,
    /// How many times in a row it failed.
    pub failures: u32,
    /// JSON: why it failed the last time; `None` where it did not.
    pub problem: Option<String>,
    /// JSON: what was written to a folder.
    pub written: Option<String>,
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeResult {
    /// When.
    pub at: DateTime<Utc>,
    /// JSON: why it failed; `None` where it did not.
    pub problem: Option<String>,
    /// Whether records came and went all the same: something was wrong with some of them.
    pub partly_done: bool,
}

const COLUMNS: &str = "id, name, place, added_at, tried_at, done_at, failures, problem, written";

fn exchange(row: &Row<'_>) -> rusqlite::Result<Exchange> {
    let instant = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(instant::decode));
    Ok(Exchange {
        id: ExchangeId(row.get(0)?),
        name: text_columns::name(row, 1)?,
        place: row.get(2)?,
        added_at: instant::decode(row.get(3)?),
        tried_at: instant(4)?,
        done_at: instant(5)?,
        failures: row.get(6)?,
        problem: row.get(7)?,
        written: row.get(8)?,
    })
}

impl Store {
    /// The exchanges, in the order in which they were added.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn exchanges(&self) -> Result<Vec<Exchange>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!("SELECT {COLUMNS} FROM exchange ORDER BY id"))?;
        let found = statement.query_map([], exchange)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The exchange of a number; `None` where it was removed.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn exchange(&self, id: ExchangeId) -> Result<Option<Exchange>, StoreError> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {COLUMNS} FROM exchange WHERE id = ?1"))?;
        Ok(statement.query_row([id.0], exchange).optional()?)
    }

    /// Adds an exchange.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] if another exchange or machine has its name, and those of
    /// [any write](StoreError#reads-and-writes).
    pub fn add_exchange(&self, new: &NewExchange, now: DateTime<Utc>) -> Result<ExchangeId, StoreError> {
        let tx = self.begin()?;
        if self.machine_name_taken(&new.name)? {
            return Err(StoreError::NameTaken(new.name.clone()));
        }
        tx.execute(
            "INSERT INTO exchange (name, place, added_at, failures) VALUES (?1, ?2, ?3, 0)",
            params![new.name, new.place, instant::encode(now)],
        )?;
        let id = ExchangeId(tx.last_insert_rowid());
        tx.commit()?;
        Ok(id)
    }

    /// Removes an exchange. Its machines and their usage stay.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn remove_exchange(&self, id: ExchangeId) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM exchange WHERE id = ?1", [id.0])?;
        Ok(())
    }

    /// Gives an exchange another name.
    ///
    /// # Errors
    /// As [`Store::add_exchange`].
    pub fn rename_exchange(&self, id: ExchangeId, name: &str) -> Result<(), StoreError> {
        let tx = self.begin()?;
        if self.machine_name_taken(name)? {
            return Err(StoreError::NameTaken(name.to_owned()));
        }
        // A machine that has the exchange's name keeps it in common, whichever of the two is renamed.
        tx.execute(
            "UPDATE machine SET name = ?2
             WHERE exchange = ?1 AND name = (SELECT name FROM exchange WHERE id = ?1)",
            params![id.0, name],
        )?;
        tx.execute("UPDATE exchange SET name = ?2 WHERE id = ?1", params![id.0, name])?;
        tx.commit()?;
        Ok(())
    }

    /// Notes how an exchange ended.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn note_exchange(&self, id: ExchangeId, result: &ExchangeResult) -> Result<(), StoreError> {
        let at = instant::encode(result.at);
        self.db.execute(
            "UPDATE exchange SET tried_at = ?2, problem = ?3,
               failures = CASE WHEN ?3 IS NULL THEN 0 ELSE failures + 1 END,
               done_at = CASE WHEN ?3 IS NULL OR ?4 THEN ?2 ELSE done_at END
             WHERE id = ?1",
            params![id.0, at, result.problem, result.partly_done],
        )?;
        Ok(())
    }

    /// Remembers what was written to a folder.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn set_exchange_written(&self, id: ExchangeId, written: Option<&str>) -> Result<(), StoreError> {
        self.db.execute("UPDATE exchange SET written = ?2 WHERE id = ?1", params![id.0, written])?;
        Ok(())
    }
}
