//! Reads a database of Goose.

use std::io;

use rusqlite::{OptionalExtension as _, Statement};
use serde::Deserialize;
use tidemark_core::Tokens;

use crate::collect::{Collect, Mark, Opened, Reached, Resume};
use crate::database::{Database, Sink, unreadable};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::log_file::LogFile;
use crate::session_row::{Reading, SessionUse, counts};
use crate::table::{Query, Table, VALUES, text, time};

/// Longer values are not read, in bytes.
const MAX_LEN: usize = 4096;
/// Longer descriptions of a model are not read, in bytes.
const MAX_MODEL_LEN: usize = 64 << 10;
/// What stands for the calls of before the ledger.
const CARRIED: &str = "carried_forward";

/// Reads a log on.
pub(crate) fn load<C: Collect>(
    log: &LogFile,
    number: u32,
    opened: &Opened,
    from: &Resume,
    collect: &mut C,
) -> io::Result<Reached> {
    Reading::of((Format::Goose, log, number), opened, from, collect, |reading, database, sink| {
        let Some(sessions) = Table::of(database, "sessions")? else { return Ok(Some(Vec::new())) };
        let ledger = Table::of(database, "usage_ledger")?;
        let Some(summed) = sums(reading, database, &sessions, ledger.as_ref(), sink)? else {
            return Ok(None);
        };
        let Some(ledger) = ledger else { return Ok(Some(vec![summed])) };
        let called = calls(reading, database, &sessions, &ledger, sink)?;
        Ok(called.map(|called| vec![summed, called]))
    })
}

/// What is known of a session.
#[derive(Debug, Clone, Default)]
struct Session {
    folder: Option<String>,
    provider: Option<String>,
    model: Option<String>,
    created: Option<i64>,
}

/// The columns that say it, in the order in which [`Session::of`] reads them.
fn columns(sessions: &Table) -> [String; 4] {
    [
        sessions.value("working_dir", MAX_LEN),
        sessions.value("provider_name", MAX_LEN),
        sessions.value("model_config_json", MAX_MODEL_LEN),
        sessions.value("created_at", MAX_LEN),
    ]
}

impl Session {
    fn of(row: &rusqlite::Row<'_>, first: usize) -> Self {
        #[derive(Deserialize)]
        struct Config {
            model_name: String,
        }
        let own = |at: usize| text(row, first + at).map(ToOwned::to_owned);
        let model = text(row, first + 2).and_then(|json| serde_json::from_str::<Config>(json).ok());
        Self {
            folder: own(0),
            provider: own(1),
            model: model.map(|config| config.model_name),
            created: time(row, first + 3),
        }
    }

    fn of_use<'u>(
        &'u self,
        id: &'u str,
        model: &'u str,
        at: Option<i64>,
        begun: Option<i64>,
        tokens: Tokens,
        fingerprint: u64,
    ) -> SessionUse<'u> {
        let (folder, provider) = (self.folder.as_deref(), self.provider.as_deref());
        SessionUse { session: id, folder, provider, model, begun, at, tokens, fingerprint }
    }
}

/// Sessions of which no single calls are known.
fn sums<C: Collect>(
    reading: Reading<'_>,
    database: &Database,
    sessions: &Table,
    ledger: Option<&Table>,
    sink: &mut Sink<'_, C>,
) -> io::Result<Option<Mark>> {
    let mut called = ledger
        .filter(|ledger| ledger.has("session_id"))
        .map(|_| database.prepare("SELECT 1 FROM usage_ledger WHERE session_id = ?1 LIMIT 1"))
        .transpose()?;
    let mut values = columns(sessions).to_vec();
    values.extend(
        ["accumulated_input_tokens", "accumulated_output_tokens", "updated_at"]
            .map(|column| sessions.value(column, MAX_LEN)),
    );
    let query = Query { id: "id", written: Some("updated_at"), values: &values };
    reading.rows(database, sessions, &query, 0, |row, is_new| {
        let Some(id) = text(row, 1) else { return Ok(()) };
        let Some([input, output]) = counts(row, VALUES + 4, is_new, sink) else { return Ok(()) };
        let tokens = Tokens { input, output, ..Tokens::default() };
        if tokens.is_zero() || has(&mut called, id)? {
            return Ok(());
        }
        let session = Session::of(row, VALUES);
        let Some(model) = session.model.as_deref() else { return Ok(()) };
        let at = time(row, VALUES + 6);
        let fingerprint = of_session(id, &session);
        reading.add(&session.of_use(id, model, at, session.created, tokens, fingerprint), sink)
    })
}

/// Single calls.
fn calls<C: Collect>(
    reading: Reading<'_>,
    database: &Database,
    sessions: &Table,
    ledger: &Table,
    sink: &mut Sink<'_, C>,
) -> io::Result<Option<Mark>> {
    let session_columns = columns(sessions).join(", ");
    let mut of_session_id =
        database.prepare(&format!("SELECT {session_columns} FROM sessions WHERE id = ?1"))?;
    let values = [
        "session_id",
        "created_timestamp",
        "model",
        "input_tokens",
        "output_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "cost_source",
    ];
    let values = values.map(|column| ledger.value(column, MAX_LEN));
    let query = Query { id: "id", written: None, values: &values };
    reading.rows(database, ledger, &query, 1, |row, is_new| {
        let Some(id) = text(row, VALUES) else { return Ok(()) };
        let Some([all, output, cache_read, cache_write]) = counts(row, VALUES + 3, is_new, sink) else {
            return Ok(());
        };
        // More cached than sent: then the input cannot include it.
        let input = all.checked_sub(cache_read.saturating_add(cache_write)).unwrap_or(all);
        let tokens = Tokens { input, cache_read, cache_write, output, ..Tokens::default() };
        if tokens.is_zero() {
            return Ok(());
        }
        let session =
            of_session_id.query_row([id], |row| Ok(Session::of(row, 0))).optional().map_err(unreadable)?;
        let session = session.unwrap_or_default();
        let at = time(row, VALUES + 1);
        let is_carried = text(row, VALUES + 7) == Some(CARRIED);
        let model = text(row, VALUES + 2).filter(|model| !is_carried || *model != CARRIED);
        let Some(model) = model.or(session.model.as_deref()) else { return Ok(()) };
        let (fingerprint, begun) = if is_carried {
            (of_session(id, &session), session.created)
        } else {
            let rowid: i64 = row.get(0).map_err(unreadable)?;
            let hash = Fingerprint::of(15).text(id.as_bytes()).number(rowid.cast_unsigned());
            let hash = hash.number(at.unwrap_or_default().cast_unsigned());
            let counts = [tokens.input, tokens.cache_read, tokens.cache_write, tokens.output];
            (counts.into_iter().fold(hash, Fingerprint::number).finish(), at)
        };
        reading.add(&session.of_use(id, model, at, begun, tokens, fingerprint), sink)
    })
}

/// What a session as a whole is known by. Its id counts the sessions of a day, so two machines have the same ones.
fn of_session(id: &str, session: &Session) -> u64 {
    let hash = Fingerprint::of(14).text(id.as_bytes());
    hash.number(session.created.unwrap_or_default().cast_unsigned()).finish()
}

fn has(called: &mut Option<Statement<'_>>, session: &str) -> io::Result<bool> {
    called.as_mut().map_or(Ok(false), |statement| statement.exists([session]).map_err(unreadable))
}
