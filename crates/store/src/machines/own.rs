//! This machine: its id and name, and the runs under which it gave records away.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, params};

use crate::error::StoreError;
use crate::instant;
use crate::store::Store;
use crate::text_columns;

/// How many runs are remembered; older ones are forgotten.
const MAX_RUNS: i64 = 20_000;

/// Under which setting the ids are that this machine had, and how many are remembered.
const FORMER_IDS: &str = "former_machine_ids";
const MAX_FORMER_IDS: usize = 64;

/// Why a machine has another id than its database had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// The database was made on another machine.
    OtherHost,
    /// Another machine goes by the same id.
    Clone,
}

impl Renewed {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OtherHost => "other-host",
            Self::Clone => "clone",
        }
    }
}

impl fmt::Display for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Renewed {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::OtherHost, Self::Clone].into_iter().find(|why| why.as_str() == word).ok_or(())
    }
}

/// This machine, as others know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMachine {
    /// 128 random bits, as 32 hexadecimal digits.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// A hash of what the system says of the machine; another one where the database was copied to another machine.
    pub host: String,
    /// When the id was made.
    pub made_at: DateTime<Utc>,
    /// Why the id is not the first one; `None` where it is.
    pub renewed: Option<Renewed>,
    /// Which history the places of its requests are of: hexadecimal digits, others after a restore.
    pub epoch: String,
}

impl Store {
    /// This machine; `None` before it has an id.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn own_machine(&self) -> Result<Option<OwnMachine>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT id, name, host, made_at, renewed, epoch FROM own_machine")?;
        let own = statement.query_row([], |row| {
            Ok(OwnMachine {
                id: text_columns::name(row, 0)?,
                name: text_columns::name(row, 1)?,
                host: text_columns::name(row, 2)?,
                made_at: instant::decode(row.get(3)?),
                renewed: row.get::<_, Option<String>>(4)?.and_then(|word| word.parse().ok()),
                epoch: text_columns::name(row, 5)?,
            })
        });
        Ok(own.optional()?)
    }

    /// Says what this machine is from now on.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn set_own_machine(&self, own: &OwnMachine) -> Result<(), StoreError> {
        self.db.execute(
            "INSERT OR REPLACE INTO own_machine (only, id, name, host, made_at, renewed, epoch)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                own.id,
                own.name,
                own.host,
                instant::encode(own.made_at),
                own.renewed.map(Renewed::as_str),
                own.epoch
            ],
        )?;
        Ok(())
    }

    /// The ids that this machine had before: another machine goes by each of them, if its history was copied.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`].
    pub fn former_ids(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.setting(FORMER_IDS)?.unwrap_or_default())
    }

    /// Remembers an id that this machine had.
    ///
    /// # Errors
    /// As [`Store::former_ids`], and those of [any write](StoreError#reads-and-writes).
    pub fn add_former_id(&self, id: &str) -> Result<(), StoreError> {
        let mut known = self.former_ids()?;
        known.retain(|other| other != id);
        known.push(id.to_owned());
        let too_many = known.len().saturating_sub(MAX_FORMER_IDS);
        self.set_setting(FORMER_IDS, &known[too_many..])
    }

    /// Remembers a run of this machine: a random number that no other machine has.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn add_own_run(&self, run: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.begin()?;
        tx.execute(
            "INSERT OR IGNORE INTO own_run (run, at) VALUES (?1, ?2)",
            params![run, instant::encode(at)],
        )?;
        let runs: i64 = tx.query_row("SELECT count(*) FROM own_run", [], |row| row.get(0))?;
        if runs > MAX_RUNS {
            tx.execute(
                "DELETE FROM own_run WHERE run IN (SELECT run FROM own_run ORDER BY at LIMIT ?1)",
                [runs - MAX_RUNS],
            )?;
        }
        tx.commit()?;
        Ok(())
    }

    /// The run that was begun last, and when.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn last_own_run(&self) -> Result<Option<(String, DateTime<Utc>)>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT run, at FROM own_run ORDER BY at DESC LIMIT 1")?;
        let last =
            statement.query_row([], |row| Ok((text_columns::name(row, 0)?, instant::decode(row.get(1)?))));
        Ok(last.optional()?)
    }

    /// Whether a run was this machine's.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn knows_own_run(&self, run: &str) -> Result<bool, StoreError> {
        Ok(self.db.prepare_cached("SELECT 1 FROM own_run WHERE run = ?1")?.exists([run])?)
    }
}
