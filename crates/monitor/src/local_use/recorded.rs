//! What a scan finds in each log, kept beside the index, so that `tidemark logs` reads only what is new.
//!
//! The index remembers what was in a log once, and this says what is in it now: where a log goes or is rewritten, the two
//! differ.

use std::collections::HashMap;

use chrono::TimeDelta;
pub(super) use tidemark_logs::mark_print as print_of;
use tidemark_logs::{FileCursor, Follower, Log, Portion, Recorded, RecordedLog};
use tidemark_store::{RecordedFile, RecordedPiece, Store, UsageFile};

use super::index_store::IndexStore;
use super::scan_request::Asked;
use crate::store_handle::StoreHandleError;

/// A log of which nothing is kept is read for that once nothing was written to it for this long: a database that is in use
/// would be read over and over.
const MIN_IDLE: TimeDelta = TimeDelta::minutes(10);
/// So many bytes of records are written in one transaction, about.
const MAX_BATCH: usize = 256 * 1024;

/// What was found in a log up to a mark.
pub(super) fn piece(portion: &Portion, context: u64, mark: &str, skipped: u64) -> RecordedPiece {
    RecordedPiece {
        context,
        mark: print_of(mark),
        dated_by_file: portion.dated_by_file,
        skipped,
        records: portion.packed(),
    }
}

/// Reads the logs of which nothing is kept that is of use, although the index has read them: those that an earlier version
/// read, those whose program was configured in another way, and those that cannot be read on.
pub(super) fn complete(
    books: &mut impl IndexStore,
    logs: &[(Log, &UsageFile)],
    asked: &Asked<'_>,
) -> Result<(), StoreHandleError> {
    let known: HashMap<i64, (u64, u64)> =
        books.recorded()?.into_iter().map(|file| (file.id, (file.context, file.mark_print))).collect();
    let latest = (asked.now - MIN_IDLE).timestamp_nanos_opt().unwrap_or(i64::MAX);
    let mut follower = Follower::default();
    let mut found = Vec::new();
    let mut bytes = 0;
    for (log, file) in logs {
        let context = log.context();
        if known.get(&file.id) == Some(&(context, print_of(&file.mark))) {
            continue;
        }
        if (asked.stop)() {
            break;
        }
        let Ok(cursor) = serde_json::from_str::<FileCursor>(&file.mark) else { continue };
        // What a clock set ahead wrote is not written to any more for that.
        let now = asked.now.timestamp_nanos_opt().unwrap_or(i64::MAX);
        if cursor.modified > latest && cursor.modified <= now {
            continue;
        }
        let mut pieces = Vec::new();
        let read = follower.read(log, None, &mut |portion, cursor, _| {
            pieces.push(piece(&portion, context, &file.mark, cursor.skipped));
            Ok(())
        });
        // It may have been written to just now; then the index reads it next time, and this is done with it.
        if read.is_ok_and(|read| read.cursor.is_of_same_state(&cursor)) {
            bytes += pieces.iter().map(|piece| piece.records.len()).sum::<usize>();
            found.push((file.id, file.mark.clone(), pieces));
        }
        if bytes >= MAX_BATCH {
            bytes = 0;
            books.record(std::mem::take(&mut found))?;
        }
    }
    if found.is_empty() { Ok(()) } else { books.record(found) }
}

/// The logs of which is kept what a scan finds in them, by their paths.
#[derive(Debug)]
pub(super) struct RecordedFiles(HashMap<String, RecordedFile>);

impl RecordedFiles {
    pub(super) fn of(files: Vec<RecordedFile>) -> Self {
        Self(files.into_iter().map(|file| (file.path.clone(), file)).collect())
    }

    /// As [`Recorded::cursor`].
    pub(super) fn cursor(&self, log: &Log, context: u64) -> Option<RecordedLog> {
        let file = self.0.get(&*log.path().to_string_lossy())?;
        if file.context != context || file.mark_print != print_of(&file.mark) {
            return None;
        }
        let cursor = serde_json::from_str(&file.mark).ok()?;
        let RecordedFile { id, dated_by_file, skipped, .. } = *file;
        Some(RecordedLog { log: id, cursor, dated_by_file, skipped })
    }
}

/// What is kept in a store of the logs. What cannot be read there is read from the logs.
#[derive(Debug)]
pub struct RecordedLogs<'s> {
    store: &'s Store,
    /// Read once it is asked for: where the sums say all, it is not.
    files: Option<RecordedFiles>,
}

impl<'s> RecordedLogs<'s> {
    /// What is kept in a store.
    #[must_use]
    pub const fn of(store: &'s Store) -> Self {
        Self { store, files: None }
    }
}

impl Recorded for RecordedLogs<'_> {
    fn cursor(&mut self, log: &Log, context: u64) -> Option<RecordedLog> {
        let files = || RecordedFiles::of(self.store.recorded_files().unwrap_or_default());
        self.files.get_or_insert_with(files).cursor(log, context)
    }

    fn found(&mut self, log: i64) -> Option<Vec<u8>> {
        self.store.recorded(log).ok()
    }

    fn sums(&mut self) -> Option<Vec<u8>> {
        self.store.log_sums().ok()?
    }

    fn prints(&mut self) -> Option<Vec<u8>> {
        self.store.log_sums_prints().ok()?
    }
}
