//! Sums up what a scan finds in the logs, so that `tidemark logs` need not do so each time.

use std::collections::HashMap;
use std::path::Path;

use chrono::TimeDelta;
use tidemark_logs::{Log, Recorded, RecordedLog, sum_up};

use super::index_store::IndexStore;
use super::recorded::RecordedFiles;
use super::scan_request::Asked;
use crate::store_handle::StoreHandleError;

/// Logs that are written to all the time are summed up this often at most: until then, what is new in them is added up
/// where it is asked for.
const MIN_AGE: TimeDelta = TimeDelta::minutes(10);
/// What was found in so many logs is read at once.
const LOGS_AT_ONCE: usize = 64;

/// Sums the logs up where what is kept of them is another than when they were summed up last, and much is new or that was a
/// while ago.
pub(super) fn bring_up_to_date<'l>(
    books: &mut impl IndexStore,
    logs: impl Iterator<Item = &'l Log>,
    asked: &Asked<'_>,
    much: bool,
) -> Result<(), StoreHandleError> {
    let state = books.log_sums_state()?;
    let (now, made) = (state.now, asked.now.timestamp_millis());
    let is_due = state.summed.is_none_or(|(before, summed)| {
        // A clock that was set back leaves a time in the future.
        let is_fresh = (0..MIN_AGE.num_milliseconds()).contains(&(made - before));
        summed != now && (much || !is_fresh)
    });
    if !is_due || (asked.stop)() {
        return Ok(());
    }
    let mut logs: Vec<&Log> = logs.collect();
    logs.sort_by(|a, b| a.path().cmp(b.path()));
    let mut files = books.recorded()?;
    files.sort_by(|a, b| Path::new(&a.path).cmp(Path::new(&b.path)));
    let order: Vec<i64> = files.iter().map(|file| file.id).collect();
    let mut records =
        Records { books, files: RecordedFiles::of(files), order, read: HashMap::new(), failed: None };
    let summed = sum_up(&logs, asked.cuts, &mut records);
    if let Some(error) = records.failed {
        return Err(error);
    }
    match summed {
        Some(summed) => records.books.write_log_sums(made, now, summed),
        None => Ok(()),
    }
}

/// What was found in logs, read for some at once.
struct Records<'b, B> {
    books: &'b mut B,
    files: RecordedFiles,
    /// The numbers of all logs, in the order in which they are asked for.
    order: Vec<i64>,
    read: HashMap<i64, Vec<u8>>,
    failed: Option<StoreHandleError>,
}

impl<B: IndexStore> Recorded for Records<'_, B> {
    fn cursor(&mut self, log: &Log, context: u64) -> Option<RecordedLog> {
        self.files.cursor(log, context)
    }

    fn found(&mut self, log: i64) -> Option<Vec<u8>> {
        if !self.read.contains_key(&log) && self.failed.is_none() {
            let first = self.order.iter().position(|id| *id == log)?;
            let wanted: Vec<i64> = self.order[first..].iter().take(LOGS_AT_ONCE).copied().collect();
            // What was read in vain.
            self.read.clear();
            match self.books.found(wanted.clone()) {
                Ok(found) => self.read.extend(wanted.into_iter().zip(found)),
                Err(error) => self.failed = Some(error),
            }
        }
        self.read.remove(&log)
    }

    fn sums(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn prints(&mut self) -> Option<Vec<u8>> {
        None
    }
}
