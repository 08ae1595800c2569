//! Whole home folders: logs of all formats beside each other, with the files that say what belongs to what.
//!
//! An input is a list of files: a line `=== N` begins the file at place N of the known ones.

use std::fs;

use tidemark_logs::{Log, Options, Roots, UsageDeduper, scan};

use super::log_files::{folder, reports_are_sound, system, write};
use crate::law::{Outcome, are_equal, holds};
use crate::random::Random;
use crate::shapes::{LOG_COMPANIONS, LOG_FILES, LOG_PLACES, LOGS};
use crate::target::Target;
use crate::{bytes, json};

/// Reads homes.
pub(super) struct LogHomes {
    home: tempfile::TempDir,
}

/// What begins a file in an input.
const MARK: &[u8] = b"\n=== ";

impl LogHomes {
    pub(super) fn open() -> Self {
        Self { home: folder() }
    }
}

/// What the file at a place begins as.
fn example(place: usize) -> Vec<u8> {
    let name = LOG_PLACES[place];
    let companion = LOG_COMPANIONS.iter().find(|(end, _)| name.ends_with(end));
    if let Some((_, text)) = companion {
        return text.as_bytes().to_vec();
    }
    // oh-my-pi writes what pi does.
    let name = name.replace(".omp/", ".pi/");
    LOG_FILES
        .iter()
        .position(|(start, _)| name.starts_with(start))
        .map_or(&[][..], |format| LOGS[format])
        .to_vec()
}

/// Everything that is known of the use in a home, a line each.
fn all(deduper: &UsageDeduper) -> Vec<String> {
    let mut rows: Vec<String> = deduper.rows().map(|row| format!("{row:?}")).collect();
    rows.sort_unstable();
    rows.push(format!("{} {} {}", deduper.files(), deduper.files_unreadable(), deduper.lines_skipped()));
    rows
}

impl Target for LogHomes {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let mut input = Vec::new();
        for place in 0..LOG_PLACES.len() {
            if random.one_in(3) {
                continue;
            }
            let mut content = example(place);
            if random.one_in(2) {
                json::change_line(random, &mut content);
            }
            if random.one_in(3) {
                bytes::damage(random, &mut content);
            }
            input.extend_from_slice(MARK);
            input.extend_from_slice(format!("{place}\n").as_bytes());
            input.extend(content);
        }
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        let home = self.home.path();
        let mut starts: Vec<usize> = (0..input.len()).filter(|at| input[*at..].starts_with(MARK)).collect();
        starts.push(input.len());
        for pair in starts.windows(2) {
            let file = &input[pair[0] + MARK.len()..pair[1]];
            let Some(end) = file.iter().position(|byte| *byte == b'\n') else { continue };
            let place: usize = String::from_utf8_lossy(&file[..end]).trim().parse().unwrap_or(0);
            let path = home.join(LOG_PLACES[place % LOG_PLACES.len()]);
            write(&path, &file[end + 1..]).map_err(|error| system(&error))?;
        }
        let roots = Roots::in_home(home, &[]);
        let one = scan(&roots, &Options { threads: 1, ..Options::default() });
        let many = scan(&roots, &Options { threads: 3, ..Options::default() });
        let outcome = are_equal("threads change nothing", &all(&one), &all(&many))
            .and_then(|()| reports_are_sound(&one))
            .and_then(|()| {
                for log in Log::find(&roots) {
                    let inside = log.path().starts_with(home);
                    holds("only the home is read", inside, || log.path().display().to_string())?;
                }
                Ok(())
            });
        for entry in fs::read_dir(home).map_err(|error| system(&error))?.flatten() {
            fs::remove_dir_all(entry.path()).map_err(|error| system(&error))?;
        }
        outcome
    }
}
