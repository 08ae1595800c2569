//! The migrations: numbered files, never edited once released; and which programs can live with which of them.
//!
//! Two numbers are kept in the database.
//! - The *schema number* counts the migrations that were applied to it (the table `migration`). A program
//!   applies those that it knows beyond it.
//! - The *compatibility number* (`PRAGMA user_version`) is what a program must know to open it at all. A
//!   migration that only adds (a table, an index, a column that may be left out) does not raise it: a program
//!   that was made before goes on working on the database, and its rows are complete without what was added.
//!
//! Version 0.1 kept one number for both, in `user_version`, so its databases have no table `migration`.

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use crate::error::StoreError;

/// Marks the file as ours (`PRAGMA application_id`): "TIDE".
pub(crate) const APPLICATION_ID: i64 = 0x5449_4445;

/// A migration, and what a program must know from then on.
#[derive(Debug, Clone, Copy)]
struct Migration {
    sql: &'static str,
    /// The compatibility number afterwards: the one before where the migration only adds, else the next.
    compatibility: i64,
}

const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("../migrations/0001_begin.sql"), compatibility: 1 },
    Migration { sql: include_str!("../migrations/0002_audit.sql"), compatibility: 2 },
    Migration { sql: include_str!("../migrations/0003_usage.sql"), compatibility: 3 },
    // Version 0.1 would read the tracker alone for the whole analysis, and write it back over both.
    Migration { sql: include_str!("../migrations/0004_state.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0005_elsewhere.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0006_announcements.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0007_cache_writes.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0008_announcement_versions.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0009_spans.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0010_machines.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0011_intake.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0012_growth.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0013_recorded_logs.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0014_log_sums.sql"), compatibility: 4 },
    Migration { sql: include_str!("../migrations/0015_channels.sql"), compatibility: 4 },
];

/// What a database says of its own format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    /// How many migrations were applied; 0 for a file that is still empty.
    pub(crate) schema: i64,
    /// What a program must know to open it.
    pub(crate) compatibility: i64,
}

/// The format that this version makes.
pub(crate) const CURRENT: Format = format_after(MIGRATIONS);

#[expect(clippy::cast_possible_wrap, reason = "there are a handful of migrations")]
const fn format_after(migrations: &[Migration]) -> Format {
    match migrations.last() {
        Some(last) => Format { schema: migrations.len() as i64, compatibility: last.compatibility },
        None => Format { schema: 0, compatibility: 0 },
    }
}

/// Reads what a database says of its format.
///
/// # Errors
/// Whatever SQLite reports: the file is damaged, no database, or cannot be read.
pub(crate) fn format(db: &Connection) -> Result<Format, StoreError> {
    let compatibility: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let counted: Option<i64> = db
        .query_row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'", [], |_| Ok(()))
        .optional()?
        .map(|()| db.query_row("SELECT max(number) FROM migration", [], |row| row.get(0)))
        .transpose()?
        .flatten();
    Ok(Format { schema: counted.unwrap_or(compatibility), compatibility })
}

/// Brings a database to [`CURRENT`], each migration in a transaction of its own. One that has more than this
/// version knows is left as it is.
///
/// # Errors
/// The disk is full or read-only, another process holds the database, or SQLite refuses a migration; those
/// before it stay applied.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    migrate_by(MIGRATIONS, db)
}

fn migrate_by(migrations: &[Migration], db: &mut Connection) -> Result<(), StoreError> {
    for (number, migration) in (1_i64..).zip(migrations) {
        let tx = Transaction::new(db, TransactionBehavior::Immediate)?;
        // Read inside of the transaction: another process may have been at it.
        let found = format(&tx)?;
        if found.schema >= number {
            continue;
        }
        tx.execute_batch(migration.sql)?;
        tx.execute_batch("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY) STRICT")?;
        tx.execute("INSERT INTO migration (number) VALUES (?1)", [number])?;
        let compatibility = migration.compatibility.max(found.compatibility);
        tx.pragma_update(None, "user_version", compatibility)?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDS: Migration = Migration {
        sql: "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;
              ALTER TABLE account ADD COLUMN colour TEXT;",
        compatibility: 3,
    };

    fn new() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        db
    }

    /// Whether a migration does nothing but add: what an older program writes stays complete without it.
    fn only_adds(sql: &str) -> bool {
        let code: String = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
        code.split(';').map(str::trim).filter(|statement| !statement.is_empty()).all(|statement| {
            let adds_column = statement.starts_with("ALTER TABLE") && statement.contains("ADD COLUMN");
            let optional = !statement.contains("NOT NULL") || statement.contains("DEFAULT");
            statement.starts_with("CREATE TABLE")
                || statement.starts_with("CREATE INDEX")
                || adds_column && optional
        })
    }

    #[test]
    fn the_migrations_give_the_schema_that_is_on_record() {
        let db = new();
        let mut statement = db
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name")
            .unwrap();
        let schema: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        insta::assert_snapshot!(schema.join(";\n\n"));
        assert_eq!(db.pragma_query_value(None, "application_id", |row| row.get(0)), Ok(APPLICATION_ID));
        assert_eq!(format(&db).unwrap(), CURRENT);
    }

    #[test]
    fn a_migration_that_keeps_the_compatibility_number_only_adds() {
        assert!(only_adds(ADDS.sql));
        for breaking in [
            "DROP TABLE account;",
            "ALTER TABLE account RENAME COLUMN name TO title;",
            "ALTER TABLE account ADD COLUMN colour TEXT NOT NULL;",
            "UPDATE own SET rolled_zone = 'UTC';",
        ] {
            assert!(!only_adds(breaking), "{breaking}");
        }
        let mut before = 0;
        for migration in MIGRATIONS {
            let raised = migration.compatibility - before;
            assert!(raised == 1 || raised == 0 && only_adds(migration.sql), "{}", migration.sql);
            before = migration.compatibility;
        }
    }

    #[test]
    fn an_additive_migration_is_applied_once_and_keeps_the_compatibility_number() {
        let mut db = new();
        let later = [MIGRATIONS, &[ADDS]].concat();
        for _ in 0..2 {
            migrate_by(&later, &mut db).unwrap();
            assert_eq!(format(&db).unwrap(), Format { schema: CURRENT.schema + 1, ..CURRENT });
        }
        // The version before leaves it as it is.
        migrate(&mut db).unwrap();
        assert_eq!(format(&db).unwrap(), Format { schema: CURRENT.schema + 1, ..CURRENT });
    }

    #[test]
    fn a_database_of_version_0_1_goes_on_where_it_was() {
        let mut db = Connection::open_in_memory().unwrap();
        for migration in &MIGRATIONS[..2] {
            db.execute_batch(migration.sql).unwrap();
        }
        db.pragma_update(None, "user_version", 2).unwrap();
        assert_eq!(format(&db).unwrap(), Format { schema: 2, compatibility: 2 });
        migrate(&mut db).unwrap();
        assert_eq!(format(&db).unwrap(), CURRENT);
    }
}
