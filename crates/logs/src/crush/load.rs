//! Reads a database of Crush.

use std::io;

use rusqlite::{OptionalExtension as _, Row};
use tidemark_core::Tokens;

use crate::collect::{Collect, Mark, Opened, Reached, Resume};
use crate::database::{Database, Sink, unreadable};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::log_file::LogFile;
use crate::session_row::{Reading, SessionUse, counts};
use crate::table::{Query, Table, VALUES, text, time};

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
    Reading::of((Format::Crush, log, number), opened, from, collect, sessions)
}

fn sessions<C: Collect>(
    reading: Reading<'_>,
    database: &Database,
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
    let mark = reading.rows(database, &sessions, &query, 0, |row, is_new| {
        let Some(id) = text(row, 1) else { return Ok(()) };
        let Some([input, output]) = counts(row, VALUES, is_new, sink) else { return Ok(()) };
        let tokens = Tokens { input, output, ..Tokens::default() };
        if tokens.is_zero() {
            return Ok(());
        }
        let word = |row: &Row<'_>, at| text(row, at).map(ToOwned::to_owned);
        let who = last.query_row([id], |row| Ok((word(row, 0), word(row, 1)))).optional();
        let Some((Some(model), provider)) = who.map_err(unreadable)? else { return Ok(()) };
        let found = SessionUse {
            session: id,
            folder: reading.log.project.as_deref(),
            provider: provider.as_deref(),
            model: &model,
            begun: time(row, VALUES + 2),
            at: time(row, VALUES + 3),
            tokens,
            // Ids are drawn at random, and stay with a database that is copied.
            fingerprint: Fingerprint::of(13).text(id.as_bytes()).finish(),
        };
        reading.add(&found, sink)
    })?;
    Ok(mark.map(|mark| vec![mark]))
}
