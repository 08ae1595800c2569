//! Reads logs on from where they were read up to before: only what was appended.
//!
//! A [`FileCursor`] says how far a log was read and how to know it again: which file it is, how large and how old,
//! and prints of its beginning and of the bytes just before the place. A log that does not fit its cursor any
//! more was cut, rewritten or replaced, and is read from its beginning. That does no harm: a request is known
//! by its fingerprint, and whoever keeps them counts it once.

use std::io;
use std::path::Path;

use tidemark_core::Tokens;
use tidemark_core::request::Dating;

use crate::collect::{Collect, Opened, Reached, Resume};
use crate::file_cursor::{FileCursor, FileStat};
use crate::format::Format;
use crate::lines::Buffer;
use crate::log::Log;
use crate::model::Party;
use crate::usage_deduper::{Origin, PartialRequest, Rank, Sighting};

/// A request as a log shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// When it was logged, in milliseconds of the epoch.
    pub at: i64,
    /// When the program sent it, in milliseconds since 1970, if the log says so.
    pub begun: Option<i64>,
    /// Its model, by its place in [`Portion::models`].
    pub model: u32,
    /// The request's tokens, by kind.
    pub tokens: Tokens,
    /// Equal where it is the same request.
    pub fingerprint: u64,
    /// Whether its time is when the log was last written, for lack of one of its own.
    pub dated_by_file: bool,
}

/// A request of which one record says all, and which has the same time in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The request that the record describes.
    pub request: Request,
    /// How many copies over the record is.
    pub copies: u32,
}

/// What several states of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum States {
    /// The first of the first log is the one that counts.
    First,
    /// They are put together: the one that says most, at the time of the first.
    Together,
    /// The one that says most counts, at its own time.
    Growing,
    /// The latest is the one that counts.
    Latest,
}

/// A state of a request that has a name, and of which other records may show other states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// The request in this state.
    pub request: Request,
    /// Equal where it is the same message. One message can have been asked for twice.
    pub message: u64,
    /// Whether the record named its request; where not, it belongs to the request of its message.
    pub named: bool,
    /// Which state counts where there are several.
    pub states: States,
    /// What it is from, by its place in [`Portion::origins`]; `None` is the log's own.
    pub origin: Option<u32>,
}

/// A model, and at which provider of its program's configuration it runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelName {
    /// The model's canonical name.
    pub name: String,
    /// Who runs the model.
    pub party: Party,
    /// Its provider's name in the configuration, if known.
    pub provider: Option<String>,
}

/// What reading a stretch of a log began with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Basis {
    /// The beginning of the log, and nothing known of it: what a scan of the log finds.
    #[default]
    Beginning,
    /// The end of the stretch that was read before it.
    Continued,
    /// What an earlier reading knew, and more than what came since: what is found is no part of what a scan finds.
    Knowledge,
}

/// What was found in a stretch of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Portion {
    /// What reading it began with.
    pub basis: Basis,
    /// Whether requests in it may have the time at which the log was last written, for lack of one of their own.
    pub dated_by_file: bool,
    /// Requests that one record describes.
    pub claims: Vec<Claim>,
    /// States of requests that several records describe.
    pub named: Vec<Named>,
    /// Models, by the numbers in the requests.
    pub models: Vec<ModelName>,
    /// Origins, by the numbers in the states.
    pub origins: Vec<Origin>,
}

impl Portion {
    /// How many records are in it.
    #[must_use]
    pub fn records(&self) -> usize {
        self.claims.len() + self.named.len()
    }
}

/// What is known of a log from before.
#[derive(Debug, Clone, Copy)]
pub struct Known<'m> {
    /// How far it was read.
    pub cursor: &'m FileCursor,
    /// Whether it is to be read from its beginning whatever the cursor says.
    pub from_start: bool,
}

/// What reading a log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How far it was read.
    pub cursor: FileCursor,
    /// How many bytes were read for it.
    pub bytes: u64,
}

/// Reads logs, one after another, in one buffer.
///
/// # Examples
/// A log is read again only from where the last reading ended:
///
/// ```
/// use std::io::Write;
///
/// use tidemark_logs::{Follower, Known, Log, Roots};
///
/// # let home = tempfile::tempdir()?;
/// # let folder = home.path().join(".kimi-code/sessions/wd_app_0/session_1/agents/main");
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("wire.jsonl");
/// let line = |time| {
///     format!(
///         r#"{{"type":"usage.record","agentId":"main","model":"kimi-k3","usageScope":"turn",
///         "usage":{{"inputOther":1,"output":2,"inputCacheRead":3,"inputCacheCreation":0}},"time":{time}}}"#
///     )
///     .replace('\n', "") + "\n"
/// };
/// std::fs::write(&path, line(1_790_000_000_000_u64))?;
/// let log = &Log::find(&Roots::in_home(home.path(), &[]))[0];
/// let (mut follower, mut requests) = (Follower::default(), 0);
/// let mut count = |portion: tidemark_logs::Portion, _, _| {
///     requests += portion.claims.len();
///     Ok(())
/// };
/// let first = follower.read(log, None, &mut count)?;
///
/// std::fs::OpenOptions::new().append(true).open(&path)?.write_all(line(1_790_000_060_000).as_bytes())?;
/// let known = Known { cursor: &first.cursor, from_start: false };
/// let second = follower.read(log, Some(known), &mut count)?;
/// assert_eq!(second.bytes, first.bytes, "only the second line");
/// assert_eq!(requests, 2);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Follower {
    buffer: Buffer,
}

impl Follower {
    /// Reads a log on, or from its beginning. What is found is handed to `give` in portions, each with the cursor
    /// up to which the log was read with it, and whether it is the last one, up to the log's end.
    ///
    /// # Errors
    /// The log is no regular file any more, cannot be opened, or a read fails; or `give` failed. Portions
    /// that were handed over before are complete up to their cursors.
    pub fn read(
        &mut self,
        log: &Log,
        known: Option<Known<'_>>,
        give: &mut dyn FnMut(Portion, FileCursor, bool) -> io::Result<()>,
    ) -> io::Result<Found> {
        let seen = log.stat()?;
        let mut from = Resume::default();
        let mut basis = Basis::Knowledge;
        if log.is_database() {
            // Where it is read on from is a row; whether it is still there is seen in the database itself.
            if let Some(Known { cursor, from_start: false }) = known
                && cursor.identity == seen.identity
            {
                from = cursor.resume.clone();
            }
        } else if let Some(Known { cursor, .. }) = known
            && cursor.resume.offset == 0
        {
            // It is read from its beginning in any case, and what is known of it stays known.
            from = cursor.resume.clone();
        } else if let Some(Known { cursor, from_start: false }) = known {
            // Written to, and not longer for it: then something before was written over.
            let over = seen.size == cursor.size && seen.modified != cursor.modified;
            if !over && seen.size >= cursor.resume.offset && cursor.fits(log.path())? {
                from = cursor.resume.clone();
                basis = Basis::Continued;
            }
        }
        if from == Resume::default() {
            basis = Basis::Beginning;
        }
        let reached = self.read_from(log, &seen, (&from, basis), give)?;
        if let Some(found) = reached {
            return Ok(found);
        }
        let again = self.read_from(log, &seen, (&Resume::default(), Basis::Beginning), give)?;
        again.ok_or_else(|| io::Error::other("a log read from its beginning asked to be read again"))
    }

    fn read_from(
        &mut self,
        log: &Log,
        seen: &FileStat,
        (from, basis): (&Resume, Basis),
        give: &mut dyn FnMut(Portion, FileCursor, bool) -> io::Result<()>,
    ) -> io::Result<Option<Found>> {
        let opened = Opened::at(log.path(), from.offset)?;
        let own = log.origin();
        let portion = Portion { basis, ..Portion::default() };
        let mut collecting = Collecting { own: &own, seen, path: log.path(), opened: &opened, portion, give };
        let reached = log.load(0, &opened, from, &mut self.buffer, &mut collecting)?;
        let Reached::End { resume, end, skipped } = reached else { return Ok(None) };
        let mut cursor = collecting.cursor(&resume)?;
        (cursor.size, cursor.modified, cursor.skipped) = (seen.size, seen.modified, skipped);
        cursor.beside = seen.beside;
        let mut portion = std::mem::take(&mut collecting.portion);
        portion.dated_by_file = opened.dates_records();
        (collecting.give)(portion, cursor.clone(), true)?;
        Ok(Some(Found { cursor, bytes: end - from.offset }))
    }
}

struct Collecting<'c> {
    own: &'c Origin,
    seen: &'c FileStat,
    path: &'c Path,
    opened: &'c Opened,
    portion: Portion,
    give: &'c mut dyn FnMut(Portion, FileCursor, bool) -> io::Result<()>,
}

impl Collecting<'_> {
    /// A cursor for a log that was read up to a place, and not known to be at its end.
    fn cursor(&self, resume: &Resume) -> io::Result<FileCursor> {
        FileCursor::partial(self.path, &self.seen.identity, resume)
    }
}

/// What several states of a request of a format come to.
pub(crate) const fn states(format: Format) -> States {
    match format.dating() {
        Dating::First => States::Together,
        Dating::Growing => States::Growing,
        Dating::Latest => States::Latest,
    }
}

fn request(sighting: Sighting) -> Request {
    let Sighting { at, begun, model, tokens, fingerprint, dated_by_file } = sighting;
    Request { at, begun, model, tokens, fingerprint, dated_by_file }
}

impl Collect for Collecting<'_> {
    fn model(&mut self, name: String, party: Party, provider: Option<&str>) -> u32 {
        let model = ModelName { name, party, provider: provider.map(ToOwned::to_owned) };
        number(&mut self.portion.models, model)
    }

    fn origin(&mut self, origin: Origin) -> u32 {
        number(&mut self.portion.origins, origin)
    }

    fn claim(&mut self, found: impl Iterator<Item = (Rank, Sighting)>) {
        if self.own.format == Format::KimiCode {
            let claims = found.map(|(rank, s)| Claim { request: request(s), copies: rank.copies() });
            self.portion.claims.extend(claims);
        } else {
            // Known by a name, and the time may differ.
            self.portion.named.extend(found.map(|(_, sighting)| Named {
                request: request(sighting),
                message: sighting.fingerprint,
                named: true,
                states: States::First,
                origin: None,
            }));
        }
    }

    fn hold(&mut self, found: impl Iterator<Item = PartialRequest>) {
        let states = states(self.own.format);
        self.portion.named.extend(found.map(|held| Named {
            request: request(held.sighting),
            message: held.message,
            named: held.named,
            states,
            origin: Some(held.origin),
        }));
    }

    fn checkpoint(&mut self, at: &Resume) -> io::Result<()> {
        let cursor = self.cursor(at)?;
        // Their numbers stay good for the rest of the log.
        let (models, origins) = (self.portion.models.clone(), self.portion.origins.clone());
        let basis = match self.portion.basis {
            Basis::Beginning | Basis::Continued => Basis::Continued,
            Basis::Knowledge => Basis::Knowledge,
        };
        let next = Portion { basis, models, origins, ..Portion::default() };
        let mut portion = std::mem::replace(&mut self.portion, next);
        portion.dated_by_file = self.opened.dates_records();
        (self.give)(portion, cursor, false)
    }

    fn wants_beginnings(&self) -> bool {
        true
    }
}

/// The place of a thing in a short list, in which it is put where it is not.
fn number<T: PartialEq>(list: &mut Vec<T>, thing: T) -> u32 {
    let at = list.iter().rposition(|known| *known == thing).unwrap_or_else(|| {
        list.push(thing);
        list.len() - 1
    });
    at as u32
}
