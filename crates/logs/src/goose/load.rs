//! Reads a database of Goose.

use std::io;

use rusqlite::{OptionalExtension as _, Statement};
use serde::Deserialize;
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
    let making = Making { log, number, modified: opened.modified };
    database::load(&log.path, from, collect, |database, sink| {
        let Some(sessions) = Table::of(database, "sessions")? else { return Ok(Some(Vec::new())) };
        let ledger = Table::of(database, "usage_ledger")?;
        let mark = |place: usize| from.marks.get(place).copied().unwrap_or_default();
        let Some(summed) = making.sums(database, &sessions, ledger.as_ref(), mark(0), sink)? else {
            return Ok(None);
        };
        let Some(ledger) = ledger else { return Ok(Some(vec![summed])) };
        let called = making.calls(database, &sessions, &ledger, mark(1), sink)?;
        Ok(called.map(|called| vec![summed, called]))
    })
}

/// What is the same for all requests of a log.
struct Making<'m> {
    log: &'m LogFile,
    number: u32,
    modified: i64,
}

/// What is known of a session.
#[derive(Debug, Clone, Default)]
struct Session {
    folder: Option<String>,
    provider: String,
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
            provider: own(1).unwrap_or_default(),
            model: model.map(|config| config.model_name),
            created: time(row, first + 3),
        }
    }
}

impl Making<'_> {
    /// Sessions of which no single calls are known.
    fn sums<C: Collect>(
        &self,
        database: &Database,
        sessions: &Table,
        ledger: Option<&Table>,
        mark: Mark,
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
        sessions.read(database, &query, mark, self.modified, |row, is_new| {
            let Some(id) = text(row, 1) else { return Ok(()) };
            let (Ok(input), Ok(output)) = (count(row, VALUES + 4), count(row, VALUES + 5)) else {
                if is_new {
                    sink.skip();
                }
                return Ok(());
            };
            let tokens = Tokens { input, output, ..Tokens::default() };
            if tokens.is_zero() || has(&mut called, id)? {
                return Ok(());
            }
            let session = Session::of(row, VALUES);
            let at = time(row, VALUES + 6);
            self.add(
                id,
                &session,
                session.model.as_deref(),
                at,
                session.created,
                tokens,
                of_session(id, &session),
                sink,
            )
        })
    }

    /// Single calls.
    fn calls<C: Collect>(
        &self,
        database: &Database,
        sessions: &Table,
        ledger: &Table,
        mark: Mark,
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
        ledger.read(database, &query, mark, self.modified, |row, is_new| {
            let Some(id) = text(row, VALUES) else { return Ok(()) };
            let counts = (
                count(row, VALUES + 3),
                count(row, VALUES + 4),
                count(row, VALUES + 5),
                count(row, VALUES + 6),
            );
            let (Ok(all), Ok(output), Ok(cache_read), Ok(cache_write)) = counts else {
                if is_new {
                    sink.skip();
                }
                return Ok(());
            };
            // More cached than sent: then the input cannot include it.
            let input = all.checked_sub(cache_read.saturating_add(cache_write)).unwrap_or(all);
            let tokens = Tokens { input, cache_read, cache_write, output, ..Tokens::default() };
            if tokens.is_zero() {
                return Ok(());
            }
            let session = of_session_id
                .query_row([id], |row| Ok(Session::of(row, 0)))
                .optional()
                .map_err(unreadable)?;
            let session = session.unwrap_or_default();
            let at = time(row, VALUES + 1);
            let is_carried = text(row, VALUES + 7) == Some(CARRIED);
            let model = text(row, VALUES + 2).filter(|model| !is_carried || *model != CARRIED);
            let model = model.or(session.model.as_deref());
            let (fingerprint, begun) = if is_carried {
                (of_session(id, &session), session.created)
            } else {
                let rowid: i64 = row.get(0).map_err(unreadable)?;
                let hash = Fingerprint::of(15).text(id.as_bytes()).number(rowid.cast_unsigned());
                let hash = hash.number(at.unwrap_or_default().cast_unsigned());
                let counts = [tokens.input, tokens.cache_read, tokens.cache_write, tokens.output];
                (counts.into_iter().fold(hash, Fingerprint::number).finish(), at)
            };
            self.add(id, &session, model, at, begun, tokens, fingerprint, sink)
        })
    }

    #[expect(clippy::too_many_arguments, reason = "a request has this many parts")]
    fn add<C: Collect>(
        &self,
        id: &str,
        session: &Session,
        model: Option<&str>,
        at: Option<i64>,
        begun: Option<i64>,
        tokens: Tokens,
        fingerprint: u64,
        sink: &mut Sink<'_, C>,
    ) -> io::Result<()> {
        let Some(written) = model else { return Ok(()) };
        let Some((party, provider)) = party(&self.log.config, &session.provider, written) else {
            return Ok(());
        };
        let model = sink.collect.model(canonical(written), party, provider);
        let origin = sink.collect.origin(Origin::of(Format::Goose, id, session.folder.as_deref()));
        let at = at.max(begun).unwrap_or(self.modified);
        let sighting = Sighting { at, begun, model, tokens, fingerprint };
        sink.add(PartialRequest { sighting, file: self.number, origin, message: fingerprint, named: true })
    }
}

/// What a session as a whole is known by. Its id counts the sessions of a day, so two machines have the same ones.
fn of_session(id: &str, session: &Session) -> u64 {
    let hash = Fingerprint::of(14).text(id.as_bytes());
    hash.number(session.created.unwrap_or_default().cast_unsigned()).finish()
}

fn has(called: &mut Option<Statement<'_>>, session: &str) -> io::Result<bool> {
    called.as_mut().map_or(Ok(false), |statement| statement.exists([session]).map_err(unreadable))
}
