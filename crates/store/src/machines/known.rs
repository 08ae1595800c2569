//! The other machines that are known.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, params};
use tidemark_core::reading::UserIds;
use tidemark_core::{AccountId, Source};

use super::exchanges::ExchangeId;
use super::machine_id::MachineId;
use crate::error::StoreError;
use crate::instant;
use crate::store::Store;
use crate::text_columns;
use crate::usage::of_machine;

/// Names of which the last characters are a number are tried up to this one.
const MAX_SAME_NAMES: u32 = 1000;

/// Imports make no more machines known than there are then.
const MAX_MACHINES: usize = 1000;

/// What a selection by machine calls all of them, and this one.
const RESERVED_NAMES: [&str; 2] = ["all", "this"];

/// Another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The store's number for it.
    pub id: MachineId,
    /// Its own id.
    pub identity: String,
    /// What people call it here.
    pub name: String,
    /// On which way its records come; `None` where none come any more.
    pub exchange: Option<ExchangeId>,
    /// Up to where it was read, in its words.
    pub cursor: Option<String>,
    /// When it last said something, by its clock.
    pub seen_at: Option<DateTime<Utc>>,
    /// Records of it that this version does not understand.
    pub skipped: u64,
    /// Whether nothing of it is taken in any more, although its usage stays.
    pub ignored: bool,
}

/// A machine whose usage was removed, and of which nothing is taken in any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgottenMachine {
    /// The store's number for it.
    pub id: MachineId,
    /// Its own id.
    pub identity: String,
    /// What it was called; its id where an earlier version forgot it, which kept no name. Several may have one name.
    pub name: String,
}

// A machine is ignored in one of two ways: 1 is forgotten with its usage; 2 is kept with it.
const COLUMNS: &str = "id, identity, name, exchange, cursor, seen_at, skipped, ignored";
/// What is stored as the name of a forgotten machine: no other has it, and its own is free again.
const FORGOTTEN_NAME: &str = "'~' || identity || ' ' || name";

fn machine(row: &Row<'_>) -> rusqlite::Result<Machine> {
    Ok(Machine {
        id: MachineId(row.get(0)?),
        identity: text_columns::name(row, 1)?,
        name: text_columns::name(row, 2)?,
        exchange: row.get::<_, Option<i64>>(3)?.map(ExchangeId),
        cursor: row.get(4)?,
        seen_at: row.get::<_, Option<i64>>(5)?.map(instant::decode),
        skipped: row.get::<_, i64>(6)?.max(0) as u64,
        ignored: row.get(7)?,
    })
}

/// Whether no machine may have a name, since a selection by machine means something else by it.
#[must_use]
pub fn is_reserved_machine_name(name: &str) -> bool {
    RESERVED_NAMES.iter().any(|reserved| reserved.eq_ignore_ascii_case(name.trim()))
}

impl Store {
    /// The other machines, in the order in which they became known.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn machines(&self) -> Result<Vec<Machine>, StoreError> {
        let mut statement = self
            .db
            .prepare_cached(&format!("SELECT {COLUMNS} FROM machine WHERE ignored <> 1 ORDER BY id"))?;
        let found = statement.query_map([], machine)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The machines that were forgotten with their usage, in the order in which they became known.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn forgotten_machines(&self) -> Result<Vec<ForgottenMachine>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT id, identity, coalesce(nullif(substr(name, length(identity) + 3), ''), identity)
             FROM machine WHERE ignored = 1 ORDER BY id",
        )?;
        let found = statement.query_map([], |row| {
            Ok(ForgottenMachine {
                id: MachineId(row.get(0)?),
                identity: text_columns::name(row, 1)?,
                name: text_columns::name(row, 2)?,
            })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The machine of an id, which is made known where it was not: as `name`, or as `name (2)` where that is another's.
    /// One of that name that is known from imports alone is taken for it. `None` where nothing of it is to be taken in.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn machine_of(
        &self,
        identity: &str,
        name: &str,
        exchange: ExchangeId,
    ) -> Result<Option<Machine>, StoreError> {
        let tx = self.begin()?;
        let known: Option<(i64, bool)> = tx
            .prepare_cached("SELECT id, ignored FROM machine WHERE identity = ?1")?
            .query_row([identity], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let id = match known {
            Some((_, true)) => return Ok(None),
            Some((id, false)) => {
                tx.prepare_cached("UPDATE machine SET exchange = ?2 WHERE id = ?1 AND exchange IS NOT ?2")?
                    .execute([id, exchange.0])?;
                id
            }
            None if self.adopt_imported(identity, name, exchange)? => tx
                .prepare_cached("SELECT id FROM machine WHERE identity = ?1")?
                .query_row([identity], |row| row.get(0))?,
            None => {
                let own_way: Option<String> = tx
                    .query_row("SELECT name FROM exchange WHERE id = ?1", [exchange.0], |row| row.get(0))
                    .optional()?;
                let name = self.free_machine_name(name, own_way.as_deref())?;
                let file = of_machine::make_file(self, identity)?;
                tx.execute(
                    "INSERT INTO machine (identity, name, exchange, file, skipped, ignored)
                     VALUES (?1, ?2, ?3, ?4, 0, 0)",
                    params![identity, name, exchange.0, file],
                )?;
                tx.last_insert_rowid()
            }
        };
        let found = tx
            .prepare_cached(&format!("SELECT {COLUMNS} FROM machine WHERE id = ?1"))?
            .query_row([id], machine)?;
        tx.commit()?;
        Ok(Some(found))
    }

    /// Gives a machine that is known from imports alone the id that it says it has. Whether there was one.
    fn adopt_imported(&self, identity: &str, name: &str, exchange: ExchangeId) -> Result<bool, StoreError> {
        let found: Option<(i64, i64)> = self
            .db
            .prepare_cached(
                "SELECT id, file FROM machine WHERE name = ?1 AND exchange IS NULL AND seen_at IS NULL AND ignored = 0",
            )?
            .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((id, unused)) = found else { return Ok(false) };
        let file = of_machine::make_file(self, identity)?;
        self.db
            .prepare_cached("UPDATE machine SET identity = ?2, exchange = ?3, file = ?4 WHERE id = ?1")?
            .execute(params![id, identity, exchange.0, file])?;
        // Requests of imports are in none.
        self.db.execute("DELETE FROM usage_file WHERE id = ?1", [unused])?;
        Ok(true)
    }

    /// The accounts, and whose they are by their last readings.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`].
    pub fn account_users(&self) -> Result<Vec<(AccountId, Source, UserIds)>, StoreError> {
        let readings = self.last_readings()?;
        Ok(readings
            .into_iter()
            .map(|(account, _, reading)| (account, reading.source, reading.user))
            .collect())
    }

    /// Gives a machine another name.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] if another machine or exchange has it, and those of
    /// [any write](StoreError#reads-and-writes).
    pub fn rename_machine(&self, id: MachineId, name: &str) -> Result<(), StoreError> {
        let tx = self.begin()?;
        // The exchange with one machine has its name.
        let way: Option<i64> = tx
            .query_row(
                "SELECT exchange.id FROM exchange JOIN machine ON machine.exchange = exchange.id
                 WHERE machine.id = ?1 AND exchange.name = machine.name",
                [id.0],
                |row| row.get(0),
            )
            .optional()?;
        if self.machine_name_taken(name)? {
            return Err(StoreError::NameTaken(name.to_owned()));
        }
        tx.execute("UPDATE machine SET name = ?2 WHERE id = ?1", params![id.0, name])?;
        if let Some(way) = way {
            tx.execute("UPDATE exchange SET name = ?2 WHERE id = ?1", params![way, name])?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Keeps a machine and its usage, and takes nothing of it in again.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn mute_machine(&self, id: MachineId) -> Result<(), StoreError> {
        self.db.execute(
            "UPDATE machine SET ignored = 2, exchange = NULL, cursor = NULL WHERE id = ?1 AND ignored = 0",
            [id.0],
        )?;
        Ok(())
    }

    /// Takes in what a machine says again, after it was [muted](Store::mute_machine) or forgotten: from the beginning,
    /// with the next exchange. What it is called; a forgotten one has another name where its own was given away.
    /// `None` where nothing was ignored.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn restore_machine(&self, id: MachineId) -> Result<Option<String>, StoreError> {
        let tx = self.begin()?;
        let forgotten = self.forgotten_machines()?.into_iter().find(|machine| machine.id == id);
        if let Some(ForgottenMachine { identity, name, .. }) = forgotten {
            let name = self.free_machine_name(&name, None)?;
            let file = of_machine::make_file(self, &identity)?;
            tx.execute("UPDATE machine SET name = ?2, file = ?3 WHERE id = ?1", params![id.0, name, file])?;
        }
        let name: Option<String> = tx
            .query_row(
                "UPDATE machine SET ignored = 0, cursor = NULL WHERE id = ?1 AND ignored <> 0 RETURNING name",
                [id.0],
                |row| row.get(0),
            )
            .optional()?;
        // Files that were passed over are read again.
        self.forget_exchange_files()?;
        tx.commit()?;
        Ok(name)
    }

    /// Removes a machine with its usage. What the logs of other machines hold too counts for those; they are read from
    /// the beginning for that. With `ignore`, or where it was [muted](Store::mute_machine), nothing of it is taken in
    /// again.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn remove_machine(&self, id: MachineId, ignore: bool) -> Result<(), StoreError> {
        let tx = self.begin()?;
        let known: Option<(i64, bool)> = tx
            .query_row("SELECT file, ignored FROM machine WHERE id = ?1", [id.0], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((file, muted)) = known else { return Ok(()) };
        of_machine::remove(self, id.0, file)?;
        tx.execute("DELETE FROM log_coverage WHERE machine = ?1", [id.0])?;
        tx.execute(
            "DELETE FROM usage_provider WHERE id IN (SELECT provider FROM machine_source WHERE machine = ?1)",
            [id.0],
        )?;
        tx.execute("DELETE FROM machine_source WHERE machine = ?1", [id.0])?;
        if ignore || muted {
            // Its name is free again.
            tx.execute(
                &format!(
                    "UPDATE machine SET ignored = 1, exchange = NULL, cursor = NULL, name = {FORGOTTEN_NAME},
                       file = 0
                     WHERE id = ?1 AND ignored <> 1"
                ),
                [id.0],
            )?;
        } else {
            tx.execute("DELETE FROM machine WHERE id = ?1", [id.0])?;
        }
        tx.execute("UPDATE machine SET cursor = NULL", [])?;
        self.forget_exchange_files()?;
        tx.commit()?;
        Ok(())
    }

    /// Whether this machine, another one or an exchange has a name, or none may have it: it would be taken for all
    /// machines or this one.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn machine_name_taken(&self, name: &str) -> Result<bool, StoreError> {
        if is_reserved_machine_name(name) || self.own_machine()?.is_some_and(|own| own.name == name) {
            return Ok(true);
        }
        let mut statement = self.db.prepare_cached(
            "SELECT 1 FROM machine WHERE name = ?1 UNION ALL SELECT 1 FROM exchange WHERE name = ?1",
        )?;
        Ok(statement.exists([name])?)
    }

    /// The number of the machine that an export calls by a name; `None` is this one. One that is not known is made known:
    /// as a machine of its own, from which nothing comes yet. In the transaction that is under way.
    pub(crate) fn machine_of_import(&self, name: &str) -> Result<Option<i64>, StoreError> {
        let known: Option<i64> = self
            .db
            .prepare_cached("SELECT id FROM machine WHERE name = ?1 AND ignored <> 1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if known.is_some() {
            return Ok(known);
        }
        if self.own_machine()?.is_some_and(|own| own.name == name) {
            return Ok(None);
        }
        let count: usize = self
            .db
            .prepare_cached("SELECT count(*) FROM machine")?
            .query_row([], |row| Ok(row.get::<_, i64>(0)?.unsigned_abs() as usize))?;
        // No one has so many: the names are made up.
        if count >= MAX_MACHINES {
            return Ok(None);
        }
        let name = if is_reserved_machine_name(name) { format!("{name} (2)") } else { name.to_owned() };
        // Until it says which it has.
        let identity: String =
            self.db.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))?;
        let file = of_machine::make_file(self, &identity)?;
        self.db.execute(
            "INSERT INTO machine (identity, name, exchange, file, skipped, ignored) VALUES (?1, ?2, NULL, ?3, 0, 0)",
            params![identity, name, file],
        )?;
        Ok(Some(self.db.last_insert_rowid()))
    }

    /// A name that no machine has, and no exchange but the machine's own.
    fn free_machine_name(&self, wanted: &str, own_way: Option<&str>) -> Result<String, StoreError> {
        let free = |name: &str| -> Result<bool, StoreError> {
            let taken = self.db.prepare_cached("SELECT 1 FROM machine WHERE name = ?1")?.exists([name])?;
            Ok(!taken && (own_way == Some(name) || !self.machine_name_taken(name)?))
        };
        if free(wanted)? {
            return Ok(wanted.to_owned());
        }
        for number in 2..MAX_SAME_NAMES {
            let name = format!("{wanted} ({number})");
            if free(&name)? {
                return Ok(name);
            }
        }
        Err(StoreError::NameTaken(wanted.to_owned()))
    }
}
