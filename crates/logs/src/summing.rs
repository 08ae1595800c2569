//! Sums up what was found in logs, for as long as they stay as they are.

use chrono::{DateTime, Utc};

use crate::log::Log;
use crate::log_sums::{LogSums, PLACE_LEN, PRINT_LEN, SummedLog};
use crate::model::Party;
use crate::scan::{Recorded, unchanged};
use crate::usage_deduper::{Origin, Row, SummedRow, Table, UsageDeduper};

/// Sums of logs, as they are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackedSums {
    /// The sums, and the state in which the logs were.
    pub sums: Vec<u8>,
    /// Prints of the requests in them.
    pub prints: Vec<u8>,
}

/// Sums up what is kept of logs, of those that are as they were then; they are given in the order of their paths. Instants
/// that no sum spans are `cuts`. `None` where one was written to meanwhile.
#[must_use]
pub fn sum_up(logs: &[&Log], cuts: &[DateTime<Utc>], recorded: &mut dyn Recorded) -> Option<PackedSums> {
    let mut names = Names::default();
    // What identifies each request, with the place of its log.
    let mut prints: Vec<(u64, u32)> = Vec::new();
    let mut summed: Vec<(&Log, SummedLog)> = Vec::new();
    for (at, log) in logs.iter().enumerate() {
        // Of two of one name neither is known from the other.
        let is_of = |other: Option<usize>| {
            other.and_then(|at| logs.get(at)).is_some_and(|other| other.path() == log.path())
        };
        let is_once = !is_of(at.checked_sub(1)) && !is_of(at.checked_add(1));
        let Some(path) = log.path().to_str().filter(|_| is_once) else { continue };
        let Some((states, deduper)) = unchanged(&[*log], cuts, recorded) else { continue };
        let Ok([(context, stat)]) = <[_; 1]>::try_from(states) else { continue };
        let place = summed.len() as u32;
        let mut own: Vec<u64> = deduper.prints().collect();
        own.sort_unstable();
        own.dedup();
        prints.extend(own.into_iter().map(|print| (print, place)));
        let skipped = deduper.lines_skipped();
        let rows = names.rows(&deduper.finished());
        summed
            .push((log, SummedLog { path: path.to_owned(), context, stat, skipped, is_shared: false, rows }));
    }
    prints.sort_unstable();
    for pair in prints.windows(2) {
        if let [(one, log), (other, other_log)] = *pair
            && one == other
        {
            summed[log as usize].1.is_shared = true;
            summed[other_log as usize].1.is_shared = true;
        }
    }
    let shared: Vec<&Log> = summed.iter().filter(|(_, log)| log.is_shared).map(|(log, _)| *log).collect();
    let mut together = Vec::new();
    if !shared.is_empty() {
        let known = summed.iter().map(|(_, log)| log).filter(|log| log.is_shared);
        let known = known.map(|log| (log.context, &log.stat));
        match unchanged(&shared, cuts, recorded) {
            Some((states, deduper)) if known.eq(states.iter().map(|(context, stat)| (*context, stat))) => {
                together = names.rows(&deduper.finished());
            }
            _ => return None,
        }
    }
    let mut cuts: Vec<i64> = cuts.iter().map(DateTime::timestamp_millis).collect();
    cuts.sort_unstable();
    let logs = summed
        .into_iter()
        .map(|(_, log)| SummedLog { rows: if log.is_shared { Vec::new() } else { log.rows }, ..log });
    let sums = LogSums {
        cuts,
        models: names.models.into_things(),
        origins: names.origins.into_things(),
        logs: logs.collect(),
        together,
    };
    let mut packed = Vec::with_capacity(prints.len() * (PRINT_LEN + PLACE_LEN));
    packed.extend(prints.iter().flat_map(|(print, _)| print.to_le_bytes()));
    packed.extend(prints.iter().flat_map(|(_, place)| place.to_le_bytes()));
    Some(PackedSums { sums: sums.packed(), prints: packed })
}

/// Models and origins of sums, each once.
#[derive(Default)]
struct Names {
    models: Table<(String, Party)>,
    origins: Table<Origin>,
}

impl Names {
    fn rows(&mut self, deduper: &UsageDeduper) -> Vec<SummedRow> {
        let row = |row: Row<'_>| {
            let (session, project) = (row.session.to_owned(), row.project.map(ToOwned::to_owned));
            SummedRow {
                start: row.start.timestamp_millis(),
                model: self.models.number((row.model.to_owned(), row.party)),
                origin: self.origins.number(Origin { format: row.format, session, project }),
                dated_by_file: row.dated_by_file,
                tally: row.tally,
            }
        };
        let mut rows: Vec<SummedRow> = deduper.rows().map(row).collect();
        rows.sort_unstable_by_key(|row| (row.start, row.model, row.origin, row.dated_by_file));
        rows
    }
}
