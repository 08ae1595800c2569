//! The migrations: numbered files, never edited once released; and which programs can live with which of them.
//!
//! As in the local history, two numbers say what a hub is. The *schema number* counts the migrations that were applied.
//! The *compatibility number* is what a program must know to use it at all: a migration that only adds does not raise it,
//! so that agents of the version before go on working on the hub. Agents of the newer version go on working on a hub
//! that its owner has not brought up to date, down to [`OLDEST`].

use tokio_postgres::Transaction;

use crate::problem::{Problem, ProblemKind};

/// A migration, and what a program must know from then on.
#[derive(Debug, Clone, Copy)]
struct Migration {
    sql: &'static str,
    /// The compatibility number afterwards: the one before where the migration only adds, else the next.
    compatibility: i32,
}

const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("../migrations/0001_begin.sql"), compatibility: 1 },
    Migration { sql: include_str!("../migrations/0002_audit.sql"), compatibility: 1 },
    Migration { sql: include_str!("../migrations/0003_keeping.sql"), compatibility: 1 },
    Migration { sql: include_str!("../migrations/0004_members.sql"), compatibility: 1 },
];

/// The oldest schema that this version works on.
const OLDEST: i32 = 1;

/// The schema from which on the hub has an audit.
pub(crate) const AUDIT: i32 = 2;
/// The schema from which on it says how long requests are kept.
pub(crate) const KEEPING: i32 = 3;

/// What a hub says of its own format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    /// How many migrations were applied.
    pub(crate) schema: i32,
    /// What a program must know to use it.
    pub(crate) compatibility: i32,
}

/// The format that this version makes.
pub(crate) const CURRENT: Format = format_after(MIGRATIONS);

#[expect(clippy::cast_possible_wrap, reason = "there are a handful of migrations")]
const fn format_after(migrations: &[Migration]) -> Format {
    match migrations.last() {
        Some(last) => Format { schema: migrations.len() as i32, compatibility: last.compatibility },
        None => Format { schema: 0, compatibility: 0 },
    }
}

impl Format {
    /// Whether this version can use a hub of this format.
    pub(crate) fn usable(self) -> Result<(), Problem> {
        if self.compatibility > CURRENT.compatibility {
            return Err(Problem::new(ProblemKind::Newer));
        }
        if self.schema < OLDEST {
            return Err(Problem::new(ProblemKind::Older));
        }
        Ok(())
    }
}

/// Applies the migrations that a hub lacks, in the transaction that is under way. `members` is the hub's group of
/// members. The hub's own row says nothing yet of it.
pub(crate) async fn migrate(
    tx: &Transaction<'_>,
    from: i32,
    members: &str,
) -> Result<(), tokio_postgres::Error> {
    let from = usize::try_from(from).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(from) {
        // The name is made of hexadecimal digits.
        tx.batch_execute(&migration.sql.replace("{members}", members)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_hub_is_used_if_it_only_added() {
        let Format { schema, compatibility } = CURRENT;
        assert_eq!(CURRENT.usable(), Ok(()));
        assert_eq!(Format { schema: schema + 3, compatibility }.usable(), Ok(()));
        let changed = Format { schema: schema + 1, compatibility: compatibility + 1 };
        assert_eq!(changed.usable(), Err(Problem::new(ProblemKind::Newer)));
        let older = Format { schema: OLDEST - 1, compatibility };
        assert_eq!(older.usable(), Err(Problem::new(ProblemKind::Older)));
    }

    #[test]
    fn every_table_is_behind_row_level_security() {
        let sql: String = MIGRATIONS.iter().map(|migration| migration.sql).collect();
        let after = |line: &str, words: &str| {
            line.strip_prefix(words).map(|rest| rest.split(' ').next().unwrap_or_default().to_owned())
        };
        let tables: Vec<String> = sql.lines().filter_map(|line| after(line, "CREATE TABLE ")).collect();
        assert!(tables.len() > 10, "{tables:?}");
        for table in tables {
            let secured = format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;");
            assert!(sql.contains(&secured), "{table}");
        }
    }
}
