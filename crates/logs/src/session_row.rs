//! What the readers of databases have in common that keep a row for each session: a request is made of what a row says of
//! its model, its folder, its time and its tokens.

use std::io;

use rusqlite::Row;
use tidemark_core::Tokens;

use crate::collect::{Collect, Mark, Opened, Reached, Resume};
use crate::database::{self, Database, Sink};
use crate::format::Format;
use crate::log_file::LogFile;
use crate::model::canonical;
use crate::provider_id::{Elsewhere, whose};
use crate::table::{Query, Table, count};
use crate::usage_deduper::{Origin, PartialRequest, Sighting};

/// A database that is being read, and what is the same for all of its requests.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'r> {
    pub(crate) format: Format,
    pub(crate) log: &'r LogFile,
    /// The number of its file.
    pub(crate) number: u32,
    /// The time of what has no other is when it was last written.
    opened: &'r Opened,
    from: &'r Resume,
}

/// What rows say of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionUse<'u> {
    pub(crate) session: &'u str,
    pub(crate) folder: Option<&'u str>,
    pub(crate) provider: Option<&'u str>,
    /// The model, as it is written there.
    pub(crate) model: &'u str,
    pub(crate) begun: Option<i64>,
    pub(crate) at: Option<i64>,
    pub(crate) tokens: Tokens,
    pub(crate) fingerprint: u64,
}

impl<'r> Reading<'r> {
    /// Reads a database on.
    pub(crate) fn of<C: Collect>(
        (format, log, number): (Format, &'r LogFile, u32),
        opened: &'r Opened,
        from: &'r Resume,
        collect: &mut C,
        read: impl Fn(Self, &Database, &mut Sink<'_, C>) -> io::Result<Option<Vec<Mark>>>,
    ) -> io::Result<Reached> {
        let reading = Self { format, log, number, opened, from };
        database::load(&log.path, from, collect, |database, sink| read(reading, database, sink))
    }

    /// Hands the rows of a table that came or were written over since to `each`. `place` is the table's among those
    /// whose places are kept.
    pub(crate) fn rows(
        self,
        database: &Database,
        table: &Table,
        query: &Query<'_>,
        place: usize,
        each: impl FnMut(&Row<'_>, bool) -> io::Result<()>,
    ) -> io::Result<Option<Mark>> {
        let mark = self.from.marks.get(place).copied().unwrap_or_default();
        table.read(database, query, mark, self.opened.written(), each)
    }

    /// Hands a request on, if it is of one of Kimi's models or at one of Kimi's services.
    pub(crate) fn add<C: Collect>(self, found: &SessionUse<'_>, sink: &mut Sink<'_, C>) -> io::Result<()> {
        let SessionUse { begun, tokens, fingerprint, .. } = *found;
        let whose = whose(&self.log.config, Elsewhere::Others, found.provider, found.model);
        let Some((party, provider)) = whose else { return Ok(()) };
        let model = sink.collect.model(canonical(found.model), party, provider);
        let origin = sink.collect.origin(Origin::of(self.format, found.session, found.folder));
        let at = found.at.max(begun).unwrap_or_else(|| self.opened.modified());
        let sighting = Sighting { at, begun, model, tokens, fingerprint, dated_by_file: false };
        sink.add(PartialRequest { sighting, file: self.number, origin, message: fingerprint, named: true })
    }
}

/// Counts of tokens in neighbouring columns. Where one is none, the row is counted as unreadable if it is new.
pub(crate) fn counts<const N: usize, C: Collect>(
    row: &Row<'_>,
    first: usize,
    is_new: bool,
    sink: &mut Sink<'_, C>,
) -> Option<[u64; N]> {
    let mut counts = [0; N];
    for (place, count_of) in counts.iter_mut().enumerate() {
        let Ok(found) = count(row, first + place) else {
            if is_new {
                sink.skip();
            }
            return None;
        };
        *count_of = found;
    }
    Some(counts)
}
