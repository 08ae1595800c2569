//! Reads a database of Zed's threads.

use std::io;

use rusqlite::types::ValueRef;

use super::frame::unpacked;
use super::parse::{self, Thread};
use crate::collect::{Collect, Mark, Opened, Reached, Resume};
use crate::database::{self, Database, Sink, unreadable};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::log_file::LogFile;
use crate::model::canonical;
use crate::provider_id::party;
use crate::table::{Query, Table, VALUES, text, time};
use crate::usage_deduper::{Origin, PartialRequest, Sighting};

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
    database::load(&log.path, from, collect, |database, sink| {
        threads(log, number, opened.modified, database, from, sink)
    })
}

fn threads<C: Collect>(
    log: &LogFile,
    number: u32,
    modified: i64,
    database: &Database,
    from: &Resume,
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
    let mark = from.marks.first().copied().unwrap_or_default();
    let mark = threads.read(database, &query, mark, modified, |row, is_new| {
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
        let Some(Thread { provider, model: written, tokens }) = thread else { return Ok(()) };
        let Some((party, provider)) = party(&log.config, &provider, &written) else { return Ok(()) };
        let Some(id) = text(row, 1).filter(|_| !tokens.is_zero()) else { return Ok(()) };
        let model = sink.collect.model(canonical(&written), party, provider);
        // One a line, sorted.
        let folder = text(row, VALUES + 4).and_then(|folders| folders.lines().next());
        let origin = sink.collect.origin(Origin::of(Format::Zed, id, folder));
        let begun = time(row, VALUES + 3);
        let at = time(row, VALUES + 2).max(begun).unwrap_or(modified);
        // Ids are drawn at random, and stay with a database that is copied.
        let fingerprint = Fingerprint::of(16).text(id.as_bytes()).finish();
        let sighting = Sighting { at, begun, model, tokens, fingerprint };
        sink.add(PartialRequest { sighting, file: number, origin, message: fingerprint, named: true })
    })?;
    Ok(mark.map(|mark| vec![mark]))
}
