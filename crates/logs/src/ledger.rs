//! The ledger: what was used, every request once, summed up by quarters of an hour.
//!
//! A quarter is the largest stretch of which every zone's days, hours and months are made. Sums are kept
//! apart by model and by session, and cut where somebody asks for it, such as where a price changed.
//!
//! One request may stand in several files. Which of them it is ascribed to must not depend on which
//! thread came first, so each record comes with a *rank*, and the lowest wins: an original before a copy,
//! a copy of an original before the copy of a copy, then the file whose path comes first. Where a lower
//! rank turns up late, the request moves. Totals, days and models are the same either way; only the
//! session and the project can differ.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use chrono::{DateTime, Utc};
use serde::Serialize;
use tidemark_core::Tokens;

use crate::model::Party;

impl Format {
    /// The word for it in JSON and in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::KimiCode => "kimi-code",
            Self::KimiCli => "kimi-cli",
            Self::ClaudeCode => "claude-code",
        }
    }
}

/// The format of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Kimi Code.
    KimiCode,
    /// The older Kimi command line.
    KimiCli,
    /// Claude Code, pointed at Kimi.
    ClaudeCode,
}

/// Requests and their tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many requests.
    pub requests: u64,
    /// Their tokens.
    pub tokens: Tokens,
}

impl Tally {
    /// Takes another tally in.
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
    /// Where it begins.
    pub start: DateTime<Utc>,
    /// The format of the log.
    pub format: Format,
    /// The model's one name.
    pub model: &'a str,
    /// Whose model it is.
    pub party: Party,
    /// The session's name in its program.
    pub session: &'a str,
    /// The folder that was worked in, or the program's name for it. `None` where nothing tells.
    pub project: Option<&'a str>,
    /// What was used.
    pub tally: Tally,
}

/// What was used.
#[derive(Debug, Default)]
pub struct Ledger {
    models: Table<(String, Party)>,
    origins: Table<Origin>,
    /// The origin of each file, by its place in the order of files.
    files: HashMap<u32, u32>,
    claims: HashMap<u64, Rank, Ready>,
    held: HashMap<u64, Held, Ready>,
    rows: HashMap<Key, Tally>,
    /// Instants that no row spans, in milliseconds, in order.
    cuts: Vec<i64>,
    counted: Counted,
}

/// What was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) files: u64,
    pub(crate) unreadable: u64,
    pub(crate) bytes: u64,
    pub(crate) skipped: u64,
}

/// What requests are from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The format of the log.
    pub format: Format,
    /// The session's name in its program.
    pub session: String,
    /// The folder that was worked in, or the program's name for it.
    pub project: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    start: i64,
    model: u32,
    origin: u32,
}

/// One request as a log shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// Milliseconds of the epoch.
    pub(crate) at: i64,
    /// When the program asked for it, where the log tells.
    pub(crate) begun: Option<i64>,
    pub(crate) model: u32,
    pub(crate) tokens: Tokens,
    /// Equal where it is the same request.
    pub(crate) fingerprint: u64,
}

/// Lower wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(u32);

impl Rank {
    /// The rank of a record that is a copy of a copy `copies` times over, in the file of a number.
    pub(crate) fn new(copies: u32, file: u32) -> Self {
        Self(copies.min(15) << 28 | file & 0x0fff_ffff)
    }

    const fn file(self) -> u32 {
        self.0 & 0x0fff_ffff
    }

    /// How many copies over.
    pub(crate) const fn copies(self) -> u32 {
        self.0 >> 28
    }
}

/// A request of which several states are seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) sighting: Sighting,
    pub(crate) file: u32,
    pub(crate) origin: u32,
    /// The fingerprint of its message, whatever the request.
    pub(crate) message: u64,
    /// Whether the record named its request.
    pub(crate) named: bool,
}

impl Held {
    /// The one of two states that says more, at the earlier time, in the earlier file. In whatever order
    /// states come, the end is the same.
    fn merged(self, other: Self) -> Self {
        let weight = |held: &Self| {
            (
                held.sighting.tokens.output,
                held.sighting.tokens.total(),
                held.sighting.tokens,
                held.sighting.model,
            )
        };
        let more = if weight(&self) >= weight(&other) { self } else { other };
        let first = if (self.file, self.origin) <= (other.file, other.origin) { self } else { other };
        Self {
            sighting: Sighting { at: self.sighting.at.min(other.sighting.at), ..more.sighting },
            file: first.file,
            origin: first.origin,
            message: self.message,
            named: self.named,
        }
    }
}

const QUARTER: i64 = 15 * 60 * 1000;

impl Ledger {
    /// An empty ledger no row of which spans one of the given instants.
    pub(crate) fn cut_at(cuts: impl IntoIterator<Item = DateTime<Utc>>) -> Self {
        let mut cuts: Vec<i64> = cuts.into_iter().map(|at| at.timestamp_millis()).collect();
        cuts.sort_unstable();
        cuts.dedup();
        Self { cuts, ..Self::default() }
    }

    /// Everything that was used, in no order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().filter(|(_, tally)| tally.requests > 0).filter_map(|(key, tally)| {
            let (model, party) = self.models.get(key.model)?;
            let origin = self.origins.get(key.origin)?;
            Some(Row {
                start: DateTime::from_timestamp_millis(key.start)?,
                format: origin.format,
                model,
                party: *party,
                session: &origin.session,
                project: origin.project.as_deref(),
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

    pub(crate) fn count(&mut self, counted: Counted) {
        self.counted.files += counted.files;
        self.counted.unreadable += counted.unreadable;
        self.counted.bytes += counted.bytes;
        self.counted.skipped += counted.skipped;
    }

    pub(crate) fn model(&mut self, name: String, party: Party) -> u32 {
        self.models.number((name, party))
    }

    pub(crate) fn origin(&mut self, origin: Origin) -> u32 {
        self.origins.number(origin)
    }

    /// Says where the requests of a file are from.
    pub(crate) fn file(&mut self, file: u32, origin: u32) {
        self.files.insert(file, origin);
    }

    /// Counts a request where it was not yet, or moves it where the record is of a lower rank.
    pub(crate) fn claim(&mut self, rank: Rank, sighting: &Sighting) {
        let before = self.claims.get(&sighting.fingerprint).copied();
        if before.is_some_and(|before| before <= rank) {
            return;
        }
        self.claims.insert(sighting.fingerprint, rank);
        let tally = Tally { requests: 1, tokens: sighting.tokens };
        let start = self.start(sighting.at);
        let origin = |rank: Rank| self.files.get(&rank.file()).copied().unwrap_or_default();
        let key = |origin| Key { start, model: sighting.model, origin };
        let (old, new) = (before.map(origin), origin(rank));
        if old == Some(new) {
            return;
        }
        if let Some(row) = old.and_then(|old| self.rows.get_mut(&key(old))) {
            row.remove(tally);
        }
        self.rows.entry(key(new)).or_default().add(tally);
    }

    /// Keeps a request of which more states may come.
    pub(crate) fn hold(&mut self, held: Held) {
        self.held
            .entry(held.sighting.fingerprint)
            .and_modify(|known| *known = known.merged(held))
            .or_insert(held);
    }

    /// Counts what was held and lies within a stretch of milliseconds. A state that does not name its request
    /// belongs to the request of its message.
    pub(crate) fn settle(&mut self, within: std::ops::Range<i64>) {
        let mut held: Vec<Held> = std::mem::take(&mut self.held).into_values().collect();
        // Of several requests of one message, the one of the lowest number takes the nameless state.
        held.sort_unstable_by_key(|held| (held.message, !held.named, held.sighting.fingerprint));
        let mut settled: Vec<Held> = Vec::with_capacity(held.len());
        for state in held {
            match settled.last_mut() {
                Some(last) if last.message == state.message && !state.named => *last = last.merged(state),
                _ => settled.push(state),
            }
        }
        for Held { sighting, origin, .. } in
            settled.into_iter().filter(|held| within.contains(&held.sighting.at))
        {
            let key = Key { start: self.start(sighting.at), model: sighting.model, origin };
            self.rows.entry(key).or_default().add(Tally { requests: 1, tokens: sighting.tokens });
        }
    }

    fn start(&self, at: i64) -> i64 {
        let quarter = at - at.rem_euclid(QUARTER);
        let cut = self.cuts[..self.cuts.partition_point(|cut| *cut <= at)].last();
        cut.map_or(quarter, |cut| quarter.max(*cut))
    }
}

/// Numbers for things that come again and again.
#[derive(Debug)]
struct Table<T> {
    things: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { things: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    fn number(&mut self, thing: T) -> u32 {
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
