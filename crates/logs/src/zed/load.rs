//! Reads a database of Zed's threads.

use std::io;

use rusqlite::types::ValueRef;

use super::frame::unpacked;
use super::parse::{self, Thread};
use crate::collect::{Collect, Mark, Opened, Reached, Resume};
use crate::database::{Database, Sink, unreadable};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::log_file::LogFile;
use crate::session_row::{Reading, SessionUse};
use crate::table::{Query, Table, VALUES, text, time};

/// Longer names are not read, in bytes.
const MAX_NAME_LEN: usize = 4096;
/// Larger threads are not read, in bytes as they are stored.
const MAX_THREAD_LEN: usize = 16 << 20;

/// Reads a log on.
pub(crate) fn load<C: Collect>(
    log: &LogFile,
    number: u32,
    opened: &Opened,
    from: &Resume,
    collect: &mut C,
) -> io::Result<Reached> {
    Reading::of((Format::Zed, log, number), opened, from, collect, threads)
}

fn threads<C: Collect>(
    reading: Reading<'_>,
    database: &Database,
    sink: &mut Sink<'_, C>,
) -> io::Result<Option<Vec<Mark>>> {
    let Some(threads) = Table::of(database, "threads")? else { return Ok(Some(Vec::new())) };
    let values = [
        threads.value("data_type", MAX_NAME_LEN),
        threads.value("data", MAX_THREAD_LEN),
        threads.value("updated_at", MAX_NAME_LEN),
        threads.value("created_at", MAX_NAME_LEN),
        threads.value("folder_paths", MAX_NAME_LEN),
    ];
    let query = Query { id: "id", written: Some("updated_at"), values: &values };
    let mark = reading.rows(database, &threads, &query, 0, |row, is_new| {
        database.in_time()?;
        let data = match row.get_ref(VALUES + 1).map_err(unreadable)? {
            ValueRef::Blob(data) | ValueRef::Text(data) => data,
            // It is too large, or there is none.
            _ => &[],
        };
        let thread = match text(row, VALUES) {
            Some("zstd") => unpacked(data).map_err(|_| parse::Unreadable).and_then(parse::thread),
            _ => parse::thread(data),
        };
        let Ok(thread) = thread else {
            if is_new {
                sink.skip();
            }
            return Ok(());
        };
        let Some(Thread { provider, model, tokens }) = thread else { return Ok(()) };
        let Some(id) = text(row, 1).filter(|_| !tokens.is_zero()) else { return Ok(()) };
        let found = SessionUse {
            session: id,
            // One a line, sorted.
            folder: text(row, VALUES + 4).and_then(|folders| folders.lines().next()),
            provider: Some(&provider),
            model: &model,
            begun: time(row, VALUES + 3),
            at: time(row, VALUES + 2),
            tokens,
            // Ids are drawn at random, and stay with a database that is copied.
            fingerprint: Fingerprint::of(16).text(id.as_bytes()).finish(),
        };
        reading.add(&found, sink)
    })?;
    Ok(mark.map(|mark| vec![mark]))
}
