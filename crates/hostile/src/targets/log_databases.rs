//! Databases in which programs keep their sessions, damaged anywhere.
//!
//! The first byte of an input is the program, and the rest is its database.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use tidemark_logs::{Options, Roots, scan};

use super::log_files::{folder, reports_are_sound, system, write};
use crate::bytes;
use crate::law::{Outcome, are_equal};
use crate::random::Random;
use crate::shapes::LOG_DATABASES;
use crate::target::Target;

/// Reads databases of other programs.
pub(super) struct LogDatabases {
    home: tempfile::TempDir,
    /// One of each program, whole.
    examples: Vec<Vec<u8>>,
}

impl LogDatabases {
    pub(super) fn open() -> Self {
        let made = folder();
        let examples =
            LOG_DATABASES.iter().map(|(_, schema)| example(&made.path().join("example.db"), schema));
        Self { examples: examples.collect(), home: folder() }
    }
}

fn example(path: &Path, schema: &str) -> Vec<u8> {
    let made = Connection::open(path).and_then(|db| db.execute_batch(schema));
    made.unwrap_or_else(|error| panic!("no example of a database: {error}"));
    let bytes = fs::read(path).unwrap_or_default();
    // What is not there is not in the way of the next one.
    let _ = fs::remove_file(path);
    bytes
}

impl Target for LogDatabases {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let program = random.below(LOG_DATABASES.len());
        let mut database = self.examples[program].clone();
        for _ in 0..random.below(4) {
            bytes::damage(random, &mut database);
        }
        let mut input = vec![program as u8];
        input.extend(database);
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        let [program, database @ ..] = input else { return Ok(()) };
        let home = self.home.path();
        let (place, _) = LOG_DATABASES[usize::from(*program) % LOG_DATABASES.len()];
        let path = home.join(place);
        write(&path, database).map_err(|error| system(&error))?;
        let list = serde_json::json!({"projects": [{"path": home.join("work")}]}).to_string();
        write(&home.join(".local/share/crush/projects.json"), list.as_bytes())
            .map_err(|error| system(&error))?;
        let found = scan(&Roots::in_home(home, &[]), &Options { threads: 1, ..Options::default() });
        let outcome = reports_are_sound(&found)
            .and_then(|()| {
                are_equal(
                    "a database stays what it is",
                    &fs::read(&path).unwrap_or_default(),
                    &database.to_vec(),
                )
            })
            .and_then(|()| {
                let beside =
                    path.parent().and_then(|folder| fs::read_dir(folder).ok()).map_or(0, Iterator::count);
                are_equal("no file is made beside a database", &beside, &1)
            });
        for entry in fs::read_dir(home).map_err(|error| system(&error))?.flatten() {
            fs::remove_dir_all(entry.path()).map_err(|error| system(&error))?;
        }
        outcome
    }
}
