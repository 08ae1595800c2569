//! Usage with every request once, summed up by quarters of an hour.
//!
//! A quarter is the largest stretch of which every zone's days, hours and months are made. Sums are kept
//! apart by model and by session, and cut at given instants, such as those at which a price changed.
//!
//! One request may be in several files. Which of them it is assigned to must not depend on which thread came
//! first, so each record comes with a *rank*, and the lowest wins: an original before a copy, a copy of an
//! original before the copy of a copy, then the file whose path comes first. If a lower rank turns up late,
//! the request moves. Totals, days and models are the same either way; only the session and the project can
//! differ.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use chrono::{DateTime, Utc};
use tidemark_core::Tokens;
use tidemark_core::request::{Dating, MAX_COPIES, MessageKey, RequestState, merge, merge_duplicates};
use tidemark_core::text;

use crate::format::Format;
use crate::model::Party;
use crate::unread::{UnreadLog, UnreadLogs};

/// Counts of requests and their tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of requests.
    pub requests: u64,
    /// Tokens of these requests, by kind.
    pub tokens: Tokens,
}

impl Tally {
    /// Adds another tally.
    pub fn add(&mut self, other: Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.tokens += other.tokens;
    }

    fn remove(&mut self, other: Self) {
        self.requests = self.requests.saturating_sub(other.requests);
        self.tokens = self.tokens.without(&other.tokens);
    }
}

/// A quarter of an hour, or a part of one, of a model in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// The format of the log.
    pub format: Format,
    /// The model's canonical name.
    pub model: &'a str,
    /// Who runs the model.
    pub party: Party,
    /// The session's name in its program.
    pub session: &'a str,
    /// The working folder, or the program's name for it. `None` if unknown.
    pub project: Option<&'a str>,
    /// Whether the time is when the log was last written, for lack of one of the requests' own.
    pub dated_by_file: bool,
    /// Requests and tokens of the row.
    pub tally: Tally,
}

/// Collects usage and counts every request once.
#[derive(Debug)]
pub struct UsageDeduper {
    names: Names,
    /// The origin of each file, by its place in the order of files.
    files: HashMap<u32, u32>,
    claims: HashMap<u64, Claimed, Ready>,
    held: HashMap<u64, PartialRequest, Ready>,
    rows: Rows,
    /// Instants that no row spans, in milliseconds, in order.
    cuts: Vec<i64>,
    /// The stretch that is asked for, in milliseconds of the epoch; its ends are cuts.
    within: Range<i64>,
    counted: Counted,
    unread: UnreadLogs,
}

/// How much was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) files: u64,
    pub(crate) unreadable: u64,
    pub(crate) bytes: u64,
    pub(crate) skipped: u64,
    pub(crate) links: u64,
}

/// Where requests come from: the session and folder of their log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The format of the log.
    pub format: Format,
    /// The session's name in its program.
    pub session: String,
    /// The folder that was worked in, or the program's name for it.
    pub project: Option<String>,
}

/// Folders are longer than other names, and what hides a project may stand anywhere in its folder.
pub(crate) const MAX_FOLDER_CHARS: usize = 1000;

impl Origin {
    /// What a log says that its requests are from. It can say anything: names are bounded and clean.
    #[must_use]
    pub fn of(format: Format, session: &str, project: Option<&str>) -> Self {
        Self {
            format,
            session: text::name(session),
            project: project.map(|project| text::bounded(project, MAX_FOLDER_CHARS)),
        }
    }
}

/// Sums by their keys.
#[derive(Debug, Default)]
struct Rows {
    all: Vec<(Key, Tally)>,
    places: HashMap<Key, u32>,
    /// The place that was asked for last: requests of a session follow each other.
    last: Option<(Key, u32)>,
}

impl Rows {
    /// The place of a sum, which begins with nothing.
    fn place(&mut self, key: Key) -> u32 {
        if let Some((last, place)) = self.last
            && last == key
        {
            return place;
        }
        let all = &mut self.all;
        let place = *self.places.entry(key).or_insert_with(|| {
            all.push((key, Tally::default()));
            all.len() as u32 - 1
        });
        self.last = Some((key, place));
        place
    }

    /// A sum by its place.
    fn at(&mut self, place: u32) -> Option<&mut Tally> {
        self.all.get_mut(place as usize).map(|(_, tally)| tally)
    }

    /// Adds to a sum.
    fn add(&mut self, place: u32, tally: Tally) {
        if let Some(row) = self.at(place) {
            row.add(tally);
        }
    }
}

/// A row, by the numbers of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SummedRow {
    /// Its first instant, in milliseconds since 1970.
    pub(crate) start: i64,
    pub(crate) model: u32,
    pub(crate) origin: u32,
    pub(crate) dated_by_file: bool,
    pub(crate) tally: Tally,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    start: i64,
    model: u32,
    origin: u32,
    dated_by_file: bool,
}

/// One request as a log shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// When it was logged, in milliseconds since 1970.
    pub(crate) at: i64,
    /// When the program sent it, if the log says so.
    pub(crate) begun: Option<i64>,
    pub(crate) model: u32,
    pub(crate) tokens: Tokens,
    /// Equal where it is the same request.
    pub(crate) fingerprint: u64,
    /// Whether its time is when its file was last written.
    pub(crate) dated_by_file: bool,
}

/// Lower wins, as by [`Precedence`](tidemark_core::request::Precedence), in four bytes: a scan holds one of
/// each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(u32);

impl Rank {
    /// The rank of a record that is a copy of a copy `copies` times over, in the file of a number.
    pub(crate) fn new(copies: u32, file: u32) -> Self {
        Self(copies.min(MAX_COPIES) << 28 | file & 0x0fff_ffff)
    }

    const fn file(self) -> u32 {
        self.0 & 0x0fff_ffff
    }

    /// How many copies over the record is.
    pub(crate) const fn copies(self) -> u32 {
        self.0 >> 28
    }
}

/// Which record of a request is counted, and in which row. No larger than a rank alone beside its fingerprint.
#[derive(Debug, Clone, Copy)]
struct Claimed {
    rank: Rank,
    row: u32,
}

/// A request of which several states are seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartialRequest {
    pub(crate) sighting: Sighting,
    pub(crate) file: u32,
    pub(crate) origin: u32,
    /// The fingerprint of its message, whatever the request.
    pub(crate) message: u64,
    /// Whether the record named its request.
    pub(crate) named: bool,
}

/// Models and what requests are from, by their numbers. Numbers are given in the order in which threads come, so
/// it is what they stand for that is compared.
#[derive(Debug, Default)]
struct Names {
    models: Table<(String, Party)>,
    origins: Table<Origin>,
}

impl Names {
    /// Two states of one request together.
    fn merged(&self, one: &PartialRequest, other: &PartialRequest) -> PartialRequest {
        let state = |held: &PartialRequest| RequestState {
            at: held.sighting.at,
            begun: held.sighting.begun,
            dating: self.origins.get(held.origin).map_or(Dating::First, |origin| origin.format.dating()),
            tokens: held.sighting.tokens,
            model: (self.models.get(held.sighting.model), held.sighting.model),
            source: (held.file, self.origins.get(held.origin), held.origin),
        };
        let RequestState { at, begun, tokens, model, source, .. } = merge(state(one), state(other));
        // Of two records that have the same time, one says it itself if it can.
        let is_at = |held: &PartialRequest| held.sighting.at == at;
        let mut at_it = [one, other].into_iter().filter(|held| is_at(held));
        let dated_by_file = at_it.all(|held| held.sighting.dated_by_file);
        PartialRequest {
            sighting: Sighting { at, begun, tokens, model: model.1, dated_by_file, ..one.sighting },
            file: source.0,
            origin: source.2,
            // A record that names no request can have led to another group; both are of one request.
            message: one.message.min(other.message),
            named: one.named || other.named,
        }
    }
}

/// A quarter of an hour, in milliseconds.
pub(crate) const QUARTER: i64 = 15 * 60 * 1000;

impl UsageDeduper {
    /// An empty one no row of which spans one of the given instants, and that has the rows within a stretch of
    /// milliseconds alone.
    pub(crate) fn cut_at(cuts: impl IntoIterator<Item = DateTime<Utc>>, within: Range<i64>) -> Self {
        let mut cuts: Vec<i64> = cuts.into_iter().map(|at| at.timestamp_millis()).collect();
        // A request is known for one wherever its records are; what was used is cut to the stretch at the end.
        cuts.extend(
            [within.start, within.end].into_iter().filter(|end| !matches!(*end, i64::MIN | i64::MAX)),
        );
        cuts.sort_unstable();
        cuts.dedup();
        Self {
            names: Names::default(),
            files: HashMap::new(),
            claims: HashMap::default(),
            held: HashMap::default(),
            rows: Rows::default(),
            cuts,
            within,
            counted: Counted::default(),
            unread: UnreadLogs::default(),
        }
    }

    /// Everything that was used, in no order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let asked = self.rows.all.iter().filter(|(key, _)| self.within.contains(&key.start));
        asked.filter(|(_, tally)| tally.requests > 0).filter_map(|(key, tally)| {
            let (model, party) = self.names.models.get(key.model)?;
            let origin = self.names.origins.get(key.origin)?;
            Some(Row {
                start: DateTime::from_timestamp_millis(key.start)?,
                format: origin.format,
                model,
                party: *party,
                session: &origin.session,
                project: origin.project.as_deref(),
                dated_by_file: key.dated_by_file,
                tally: *tally,
            })
        })
    }

    /// How many log files were read.
    pub const fn files(&self) -> u64 {
        self.counted.files
    }

    /// How many log files could not be opened or read to their end, for lack of permission or a bad disk.
    pub const fn files_unreadable(&self) -> u64 {
        self.counted.unreadable
    }

    /// How many bytes were read.
    pub const fn bytes(&self) -> u64 {
        self.counted.bytes
    }

    /// How many lines could not be read: no JSON, half-written, or with counts that are none.
    pub const fn lines_skipped(&self) -> u64 {
        self.counted.skipped
    }

    /// How many links to folders or logs were not followed: they lead to places that are not the user's own, or nowhere.
    pub const fn links_not_followed(&self) -> u64 {
        self.counted.links
    }

    /// The first of the logs that could not be opened or read to their end, by their paths.
    #[must_use]
    pub fn unread(&self) -> &[UnreadLog] {
        self.unread.named()
    }

    pub(crate) fn name_unread(&mut self, unread: UnreadLogs) {
        self.unread.add_all(unread);
    }

    pub(crate) fn count(&mut self, counted: Counted) {
        self.counted.files += counted.files;
        self.counted.unreadable += counted.unreadable;
        self.counted.bytes += counted.bytes;
        self.counted.skipped += counted.skipped;
        self.counted.links += counted.links;
    }

    pub(crate) fn model(&mut self, name: String, party: Party) -> u32 {
        self.names.models.number((name, party))
    }

    pub(crate) fn origin(&mut self, origin: Origin) -> u32 {
        self.names.origins.number(origin)
    }

    /// Says where the requests of a file are from.
    pub(crate) fn file(&mut self, file: u32, origin: u32) {
        self.files.insert(file, origin);
    }

    /// Counts a request where it was not yet, or moves it where the record is of a lower rank.
    pub(crate) fn claim(&mut self, rank: Rank, sighting: &Sighting) {
        let before = self.claims.get(&sighting.fingerprint).copied();
        if before.is_some_and(|before| before.rank <= rank) {
            return;
        }
        let origin = self.files.get(&rank.file()).copied().unwrap_or_default();
        let row = self.rows.place(self.key(sighting, origin));
        self.claims.insert(sighting.fingerprint, Claimed { rank, row });
        if before.is_some_and(|before| before.row == row) {
            return;
        }
        let tally = Tally { requests: 1, tokens: sighting.tokens };
        // Two files may say different things of one request: what stands for a model in one may be named in the other,
        // and a record without a time has that of its file.
        if let Some(old) = before.and_then(|before| self.rows.at(before.row)) {
            old.remove(tally);
        }
        self.rows.add(row, tally);
    }

    /// Keeps a request of which more states may come.
    pub(crate) fn hold(&mut self, held: PartialRequest) {
        let names = &self.names;
        self.held
            .entry(held.sighting.fingerprint)
            .and_modify(|known| *known = names.merged(known, &held))
            .or_insert(held);
    }

    /// Prints of all requests and messages that it was given, some of them more than once. What shares none of them is of
    /// other requests.
    pub(crate) fn prints(&self) -> impl Iterator<Item = u64> {
        let held = self.held.iter().flat_map(|(fingerprint, held)| [*fingerprint, held.message]);
        self.claims.keys().copied().chain(held)
    }

    /// Adds rows of other requests, with the numbers of their names. They stand beside those that are there already.
    pub(crate) fn add_rows(&mut self, rows: &[SummedRow], models: &[u32], origins: &[u32]) {
        for SummedRow { start, model, origin, dated_by_file, tally } in rows {
            let names = models.get(*model as usize).zip(origins.get(*origin as usize));
            let Some((model, origin)) = names else { continue };
            let (start, dated_by_file) = (*start, *dated_by_file);
            self.rows.all.push((Key { start, model: *model, origin: *origin, dated_by_file }, *tally));
        }
    }

    /// The same, with what was held counted.
    pub(crate) fn finished(mut self) -> Self {
        self.finish();
        self
    }

    /// Counts what was held. A state that does not name its request belongs to the request of its message.
    pub(crate) fn finish(&mut self) {
        let held: Vec<PartialRequest> = std::mem::take(&mut self.held).into_values().collect();
        let key = |held: &PartialRequest| MessageKey {
            message: held.message,
            named: held.named,
            fingerprint: held.sighting.fingerprint,
        };
        let Ok(merged) =
            merge_duplicates(held, key, |one, other| Ok::<_, Infallible>(self.names.merged(one, other)));
        for PartialRequest { sighting, origin, .. } in merged {
            let row = self.rows.place(self.key(&sighting, origin));
            self.rows.add(row, Tally { requests: 1, tokens: sighting.tokens });
        }
    }

    /// The row of a request.
    fn key(&self, sighting: &Sighting, origin: u32) -> Key {
        let Sighting { at, model, dated_by_file, .. } = *sighting;
        Key { start: self.start(at), model, origin, dated_by_file }
    }

    fn start(&self, at: i64) -> i64 {
        let quarter = at - at.rem_euclid(QUARTER);
        let cut = self.cuts[..self.cuts.partition_point(|cut| *cut <= at)].last();
        cut.map_or(quarter, |cut| quarter.max(*cut))
    }
}

/// Numbers for things that come again and again.
#[derive(Debug)]
pub(crate) struct Table<T> {
    things: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { things: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    pub(crate) fn number(&mut self, thing: T) -> u32 {
        if let Some(number) = self.numbers.get(&thing) {
            return *number;
        }
        let number = self.things.len() as u32;
        self.things.push(thing.clone());
        self.numbers.insert(thing, number);
        number
    }

    fn get(&self, number: u32) -> Option<&T> {
        self.things.get(number as usize)
    }

    /// All things, in the order of their numbers.
    pub(crate) fn into_things(self) -> Vec<T> {
        self.things
    }
}

/// Takes a fingerprint as the hash that it is.
#[derive(Debug, Default)]
pub(crate) struct AsItIs(u64);

type Ready = BuildHasherDefault<AsItIs>;

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        // Never called for a u64; whole all the same.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A record of a request: message, whether it names its request, number, time, output, model, file, session.
    type Record = (u64, bool, u64, i64, u64, u8, u32, u8);

    /// Everything that was used, when records come in this order. Models and origins are numbered as they come.
    fn used(records: &[Record]) -> Vec<(i64, String, String, u64, u64)> {
        let mut all = UsageDeduper::cut_at([], i64::MIN..i64::MAX);
        for (message, named, number, at, output, model, file, session) in records {
            let model = all.model(format!("model {model}"), Party::Kimi);
            let session = format!("session {session}");
            let origin = all.origin(Origin { format: Format::ClaudeCode, session, project: None });
            let fingerprint = if *named { message * 10 + 1 + number } else { message * 10 };
            let tokens = Tokens { output: *output, ..Tokens::default() };
            all.hold(PartialRequest {
                sighting: Sighting {
                    at: at * QUARTER,
                    begun: None,
                    model,
                    tokens,
                    fingerprint,
                    dated_by_file: at % 2 == 1,
                },
                file: *file,
                origin,
                message: *message,
                named: *named,
            });
        }
        all.finish();
        let mut rows: Vec<_> = all
            .rows()
            .map(|row| {
                let (model, session) = (row.model.to_owned(), row.session.to_owned());
                (row.start.timestamp_millis(), model, session, row.tally.requests, row.tally.tokens.output)
            })
            .collect();
        rows.sort();
        rows
    }

    #[test]
    fn a_request_of_which_two_files_say_different_things_is_counted_once_whichever_comes_first() {
        // The same request under two models and, in the third file, at another time.
        let records = [(0, "one", 0), (1, "two", 0), (2, "one", 5)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
            let mut all = UsageDeduper::cut_at([], i64::MIN..i64::MAX);
            for (file, model, at) in order.map(|place: usize| records[place]) {
                let model = all.model(model.to_owned(), Party::Kimi);
                let origin = all.origin(Origin::of(Format::KimiCode, &format!("session {file}"), None));
                all.file(file, origin);
                let tokens = Tokens { output: 7, ..Tokens::default() };
                let sighting = Sighting {
                    at: at * QUARTER,
                    begun: None,
                    model,
                    tokens,
                    fingerprint: 4,
                    dated_by_file: false,
                };
                all.claim(Rank::new(0, file), &sighting);
            }
            let rows: Vec<_> = all
                .rows()
                .map(|row| (row.start.timestamp(), row.model, row.session, row.tally.requests))
                .collect();
            assert_eq!(rows, [(0, "one", "session 0", 1)], "{order:?}");
        }
    }

    proptest! {
        #[test]
        fn what_was_used_does_not_depend_on_the_order_of_records(
            records in prop::collection::vec(
                (0_u64..3, any::<bool>(), 0_u64..2, 0_i64..3, 0_u64..3, 0_u8..3, 0_u32..3, 0_u8..3), 0..10,
            ),
            rotation in 0_usize..10,
        ) {
            let first = used(&records);
            let mut other = records.clone();
            other.rotate_left(rotation % records.len().max(1));
            prop_assert_eq!(&used(&other), &first);
            other.reverse();
            prop_assert_eq!(&used(&other), &first);
        }
    }
}
