//! Reads a database of Crush.

use std::io;

use rusqlite::OptionalExtension as _;
use tidemark_core::Tokens;

use crate::collect::{Collect, Mark, Opened, Reached, Resume};
use crate::database::{self, Database, Sink, unreadable};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::log_file::LogFile;
use crate::model::canonical;
use crate::provider_id::party;
use crate::table::{Query, Table, VALUES, count, text, time};
use crate::usage_deduper::{Origin, PartialRequest, Sighting};

/// Longer values are not read, in bytes.
const MAX_LEN: usize = 512;

/// Reads a log on.
pub(crate) fn load<C: Collect>(
    log: &LogFile,
    number: u32,
    opened: &Opened,
    from: &Resume,
    collect: &mut C,
) -> io::Result<Reached> {
    database::load(&log.path, from, collect, |database, sink| {
        sessions(log, number, opened.modified, database, from, sink)
    })
}

fn sessions<C: Collect>(
    log: &LogFile,
    number: u32,
    modified: i64,
    database: &Database,
    from: &Resume,
    sink: &mut Sink<'_, C>,
) -> io::Result<Option<Vec<Mark>>> {
    let (Some(sessions), Some(messages)) =
        (Table::of(database, "sessions")?, Table::of(database, "messages")?)
    else {
        return Ok(Some(Vec::new()));
    };
    let model = messages.value("model", MAX_LEN);
    let provider = messages.value("provider", MAX_LEN);
    let mut last = database.prepare(&format!(
        "SELECT {model}, {provider} FROM messages WHERE session_id = ?1 AND role = 'assistant'
         AND coalesce({model}, '') <> '' ORDER BY created_at DESC, rowid DESC LIMIT 1"
    ))?;
    let values = ["prompt_tokens", "completion_tokens", "created_at", "updated_at"];
    let values = values.map(|column| sessions.value(column, MAX_LEN));
    let query = Query { id: "id", written: Some("updated_at"), values: &values };
    let mark = from.marks.first().copied().unwrap_or_default();
    let mark = sessions.read(database, &query, mark, modified, |row, is_new| {
        let Some(id) = text(row, 1) else { return Ok(()) };
        let (Ok(input), Ok(output)) = (count(row, VALUES), count(row, VALUES + 1)) else {
            if is_new {
                sink.skip();
            }
            return Ok(());
        };
        let tokens = Tokens { input, output, ..Tokens::default() };
        if tokens.is_zero() {
            return Ok(());
        }
        let word = |at| move |row: &rusqlite::Row<'_>| text(row, at).map(ToOwned::to_owned);
        let who = last
            .query_row([id], |row| Ok((word(0)(row), word(1)(row).unwrap_or_default())))
            .optional()
            .map_err(unreadable)?;
        let Some((Some(written), provider)) = who else { return Ok(()) };
        let Some((party, provider)) = party(&log.config, &provider, &written) else { return Ok(()) };
        let model = sink.collect.model(canonical(&written), party, provider);
        let origin = sink.collect.origin(Origin::of(Format::Crush, id, log.project.as_deref()));
        let begun = time(row, VALUES + 2);
        let at = time(row, VALUES + 3).max(begun).unwrap_or(modified);
        // Ids are drawn at random, and stay with a database that is copied.
        let fingerprint = Fingerprint::of(13).text(id.as_bytes()).finish();
        let sighting = Sighting { at, begun, model, tokens, fingerprint };
        sink.add(PartialRequest { sighting, file: number, origin, message: fingerprint, named: true })
    })?;
    Ok(mark.map(|mark| vec![mark]))
}
