//! The migrations: numbered files, never edited once released.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::error::StoreError;

/// Marks the file as ours (`PRAGMA application_id`): "TIDE".
pub(crate) const APPLICATION_ID: i64 = 0x5449_4445;

const STEPS: &[M<'static>] = &[
    M::up(include_str!("../migrations/0001_begin.sql")),
    M::up(include_str!("../migrations/0002_audit.sql")),
    M::up(include_str!("../migrations/0003_usage.sql")),
    M::up(include_str!("../migrations/0004_state.sql")),
];

/// The newest format that this version knows (`PRAGMA user_version`).
#[expect(clippy::cast_possible_wrap, reason = "there are a handful of steps")]
pub(crate) const VERSION: i64 = STEPS.len() as i64;

const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// Brings a database to [`VERSION`], each step in a transaction of its own.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    MIGRATIONS.to_latest(db)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_give_the_schema_that_is_on_record() {
        MIGRATIONS.validate().unwrap();
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        let mut statement = db
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name")
            .unwrap();
        let schema: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        insta::assert_snapshot!(schema.join(";\n\n"));
        assert_eq!(db.pragma_query_value(None, "application_id", |row| row.get(0)), Ok(APPLICATION_ID));
        assert_eq!(db.pragma_query_value(None, "user_version", |row| row.get(0)), Ok(VERSION));
    }
}
