//! Reads a database of OpenCode, or a message in a file of its own.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io;

use rusqlite::Statement;
use rusqlite::types::ValueRef;
use tidemark_core::Tokens;
use tidemark_core::text::MAX_NAME_CHARS;
use tidemark_files::read;

use super::parse::{self, Message};
use super::paths::Log;
use crate::collect::{Collect, Mark, Opened, Reached, Resume};
use crate::config::Config;
use crate::database::{self, Database, Sink, unreadable};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::known::Origins;
use crate::model::canonical;
use crate::provider_id::{Elsewhere, whose};
use crate::table::{Query, Table, VALUES, text};
use crate::usage_deduper::{PartialRequest, Sighting};

/// Longer messages are not read, in bytes: an assistant's has some hundred.
const MAX_MESSAGE_LEN: usize = 4 << 20;
/// Longer parts are not read: one that ends a call has some hundred bytes.
const MAX_PART_LEN: usize = 64 << 10;
/// So many parts of a message are read at most.
const MAX_PARTS: usize = 4096;
/// Longer names are not read, in bytes.
const MAX_NAME_LEN: usize = 4096;

/// Reads a log on.
pub(crate) fn load<C: Collect>(
    log: &Log,
    format: Format,
    number: u32,
    opened: &Opened,
    from: &Resume,
    collect: &mut C,
) -> io::Result<Reached> {
    let made = Making {
        format,
        number,
        opened,
        config: &log.file.config,
        models: RefCell::default(),
        origins: RefCell::default(),
    };
    if log.is_database {
        return database::load(&log.file.path, from, collect, |database, sink| {
            made.rows(database, from, sink)
        });
    }
    made.file(log, collect)
}

/// What is the same for all requests of a log.
struct Making<'m> {
    format: Format,
    number: u32,
    opened: &'m Opened,
    config: &'m Config,
    /// Numbers of models that were already asked for, by provider and name; `None` for those that are left out.
    models: RefCell<HashMap<(String, String), Option<u32>>>,
    origins: RefCell<Origins>,
}

impl Making<'_> {
    fn rows<C: Collect>(
        &self,
        database: &Database,
        from: &Resume,
        sink: &mut Sink<'_, C>,
    ) -> io::Result<Option<Vec<Mark>>> {
        let Some(messages) = Table::of(database, "message")? else {
            // Another program's database, or one whose tables are not made yet.
            return Ok(Some(Vec::new()));
        };
        let mut steps = Steps::of(database)?;
        let is_long = format!(
            "octet_length(data) > {MAX_MESSAGE_LEN} AND instr(substr(data, 1, 512), '\"role\":\"assistant\"') > 0"
        );
        let values =
            [messages.value("session_id", MAX_NAME_LEN), messages.value("data", MAX_MESSAGE_LEN), is_long];
        let query = Query { id: "id", written: Some("time_updated"), values: &values };
        let mark = from.marks.first().copied().unwrap_or_default();
        // Numbers of models are the collector's: another attempt asks again.
        self.models.borrow_mut().clear();
        self.origins.take();
        let mark = messages.read(database, &query, mark, self.opened.written(), |row, is_new| {
            let Some(data) = text(row, VALUES + 1) else {
                if is_new && row.get(VALUES + 2).unwrap_or_default() {
                    sink.skip();
                }
                return Ok(());
            };
            if !parse::can_carry_usage(data.as_bytes()) {
                return Ok(());
            }
            let Ok(message) = parse::message(data.as_bytes()) else {
                if is_new {
                    sink.skip();
                }
                return Ok(());
            };
            let Some(message) = message else { return Ok(()) };
            let Some(model) = self.model(&message, sink.collect) else { return Ok(()) };
            let id = text(row, 1).unwrap_or_default();
            let steps = steps.of_message(id)?;
            let session = text(row, VALUES).or(message.session.as_deref()).unwrap_or_default();
            for request in self.requests(&message, steps, id, session, model, sink.collect) {
                sink.add(request)?;
            }
            Ok(())
        })?;
        Ok(mark.map(|mark| vec![mark]))
    }

    /// Reads a message in a file of its own. It is written as a whole, and over when it grows.
    fn file<C: Collect>(&self, log: &Log, collect: &mut C) -> io::Result<Reached> {
        let path = &log.file.path;
        let data = read::bytes(path, MAX_MESSAGE_LEN as u64)?;
        let end = data.len() as u64;
        let reached = |skipped| Reached::End {
            resume: Box::new(Resume { skipped, ..Resume::default() }),
            end,
            skipped,
        };
        let message = match parse::message(&data) {
            Ok(Some(message)) => message,
            Ok(None) => return Ok(reached(0)),
            Err(parse::Unreadable) => return Ok(reached(1)),
        };
        let Some(model) = self.model(&message, collect) else { return Ok(reached(0)) };
        let id = path.file_stem().unwrap_or_default().to_string_lossy();
        // storage/message/<session>/<message>.json and storage/part/<message>/<part>.json
        let parts = path.ancestors().nth(3).map(|storage| storage.join("part").join(&*id));
        let mut steps = Vec::new();
        for part in
            parts.and_then(|parts| fs::read_dir(parts).ok()).into_iter().flatten().flatten().take(MAX_PARTS)
        {
            let data = read::bytes(&part.path(), MAX_PART_LEN as u64).unwrap_or_default();
            steps.extend(parse::step(&data).ok().flatten());
        }
        let requests = self.requests(&message, steps, &id, &log.file.session, model, collect);
        collect.hold(requests.into_iter());
        Ok(reached(0))
    }

    /// The number of a message's model; `None` where it is not Kimi's.
    fn model(&self, message: &Message, collect: &mut impl Collect) -> Option<u32> {
        let Message { provider, model, .. } = message;
        let key = (provider.clone(), model.clone());
        if let Some(number) = self.models.borrow().get(&key) {
            return *number;
        }
        let number = whose(self.config, Elsewhere::Others, Some(provider), model)
            .map(|(party, provider)| collect.model(canonical(model), party, provider));
        if model.len() <= MAX_NAME_CHARS && provider.len() <= MAX_NAME_CHARS {
            self.models.borrow_mut().insert(key, number);
        }
        number
    }

    /// The number of a session in a folder.
    fn origin(&self, session: &str, folder: Option<&str>, collect: &mut impl Collect) -> u32 {
        self.origins.borrow_mut().number(self.format, session, folder, collect)
    }

    fn requests(
        &self,
        message: &Message,
        steps: Vec<Tokens>,
        id: &str,
        session: &str,
        model: u32,
        collect: &mut impl Collect,
    ) -> Vec<PartialRequest> {
        let calls = parse::calls(message, steps);
        if calls.is_empty() {
            return Vec::new();
        }
        let origin = self.origin(session, message.folder.as_deref(), collect);
        let hash = Fingerprint::of(11);
        // Without a time, a message is known by its id alone.
        let hash = match message.created {
            Some(created) => hash.number(created.cast_unsigned()),
            None => hash.text(id.as_bytes()),
        };
        let hash = hash.text(message.provider.as_bytes()).text(message.model.as_bytes());
        let begun = message.created;
        let at = message.completed.max(begun).unwrap_or_else(|| self.opened.modified());
        let mut requests: Vec<PartialRequest> = Vec::with_capacity(calls.len());
        for (place, tokens) in calls.iter().enumerate() {
            // Of equal ones, which it is.
            let same = calls[..place].iter().filter(|before| *before == tokens).count() as u64;
            let Tokens { input, cache_read, cache_write, output, .. } = *tokens;
            let counts = [input, cache_read, cache_write, output, same];
            let fingerprint = counts.into_iter().fold(hash, Fingerprint::number).finish();
            let sighting = Sighting { at, begun, model, tokens: *tokens, fingerprint, dated_by_file: false };
            requests.push(PartialRequest {
                sighting,
                file: self.number,
                origin,
                message: fingerprint,
                named: true,
            });
        }
        requests
    }
}

/// The parts of messages that end a call.
struct Steps<'d>(Option<Statement<'d>>);

impl<'d> Steps<'d> {
    fn of(database: &'d Database) -> io::Result<Self> {
        let Some(parts) = Table::of(database, "part")? else { return Ok(Self(None)) };
        if !parts.has("message_id") || !parts.has("data") {
            return Ok(Self(None));
        }
        // Without an index on the message, each would be a walk through all parts.
        let mut known = database.prepare(
            "SELECT count(*) FROM pragma_index_list('part') AS list, pragma_index_info(list.name) AS info
             WHERE info.seqno = 0 AND info.name = 'message_id'",
        )?;
        let indexes: i64 = known.query_row([], |row| row.get(0)).map_err(unreadable)?;
        if indexes == 0 {
            return Ok(Self(None));
        }
        let sql =
            format!("SELECT data FROM part WHERE message_id = ?1 AND octet_length(data) <= {MAX_PART_LEN}");
        Ok(Self(Some(database.prepare(&sql)?)))
    }

    fn of_message(&mut self, id: &str) -> io::Result<Vec<Tokens>> {
        let Some(statement) = &mut self.0 else { return Ok(Vec::new()) };
        let mut rows = statement.query([id]).map_err(unreadable)?;
        let mut steps = Vec::new();
        let mut left = MAX_PARTS;
        while let Some(row) = rows.next().map_err(unreadable)? {
            // Most parts are what was said and done; SQLite would search in them many times as long.
            let (ValueRef::Text(data) | ValueRef::Blob(data)) = row.get_ref(0).map_err(unreadable)? else {
                continue;
            };
            if !parse::can_be_step(data) {
                continue;
            }
            steps.extend(parse::step(data).ok().flatten());
            left -= 1;
            if left == 0 {
                break;
            }
        }
        Ok(steps)
    }
}
