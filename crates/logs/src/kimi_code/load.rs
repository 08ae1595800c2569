//! Reads a session log of Kimi Code into the ledger.

use std::fs::File;
use std::io;
use std::path::Path;

use super::parse::{self, Kind, Usage};
use super::paths::Log;
use crate::bytes::{leading_type, looks_whole};
use crate::fingerprint::Fingerprint;
use crate::ledger::{Format, Origin, Rank, Sighting};
use crate::lines::{Buffer, Line, Lines};
use crate::model::is_sentinel;
use crate::scan::{Opened, Sink};

/// No record is longer. Longer lines hold what tools gave back.
const LONGEST: usize = 1024 * 1024;
/// How many requests are kept before it is known whether a `forked` line follows them.
const MOST: usize = 32 * 1024;

/// What is seen of a file's requests before it is known which are copies.
struct Pending {
    sighting: Sighting,
    /// How many `forked` lines stand before it.
    forks: u32,
}

/// Reads a log.
pub(crate) fn load(
    log: &Log,
    number: u32,
    opened: &Opened,
    buffer: &mut Buffer,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    let origin =
        Origin { format: Format::KimiCode, session: log.session.clone(), project: log.project.clone() };
    sink.file(number, origin);
    let mut lines = Lines::new(&opened.file, 0, LONGEST, buffer);
    let mut state = State { log, written_at: opened.modified, ..State::new(log) };
    let mut pending: Vec<Pending> = Vec::new();
    let mut forks = 0;
    // Known only after a look ahead.
    let mut all_forks = None;
    while let Some(line) = lines.next()? {
        let line = match line {
            Line::Whole(line) | Line::Open(line) if looks_whole(line) => line,
            Line::TooLong(head) => {
                // What a line is, whose type does not lead it, cannot be told from its head.
                if leading_type(head) == Some(b"usage.record") {
                    sink.skip();
                }
                continue;
            }
            Line::Whole(_) | Line::Open(_) => {
                sink.skip();
                continue;
            }
        };
        match parse::kind(line) {
            Kind::Usage => match parse::usage(line) {
                Ok(usage) => {
                    if let Some(sighting) = state.sighting(&usage, sink) {
                        pending.push(Pending { sighting, forks });
                    }
                }
                Err(parse::Unreadable) => sink.skip(),
            },
            Kind::Request => {
                state.request.clear();
                state.request.extend_from_slice(line);
            }
            Kind::Forked => forks += 1,
            Kind::Metadata => state.last_at = parse::begun(line).or(state.last_at),
            Kind::Other => {}
        }
        if pending.len() >= MOST {
            let after = *match &mut all_forks {
                Some(all) => all,
                none => none.insert(forks + forks_after(&log.path, lines.offset())?),
            };
            sink.claim(
                pending.drain(..).map(|p| (Rank::new(after - p.forks.min(after), number), p.sighting)),
            );
        }
    }
    sink.read(lines.offset());
    let all = all_forks.unwrap_or(forks).max(forks);
    sink.claim(pending.drain(..).map(|p| (Rank::new(all - p.forks, number), p.sighting)));
    Ok(())
}

/// How many `forked` lines stand behind a place in a file.
fn forks_after(path: &Path, offset: u64) -> io::Result<u32> {
    use std::io::Seek as _;
    let mut file = File::open(path)?;
    file.seek(io::SeekFrom::Start(offset))?;
    let mut buffer = Buffer::default();
    let mut lines = Lines::new(file, offset, LONGEST, &mut buffer);
    let mut forks = 0;
    while let Some(line) = lines.next()? {
        if let Line::Whole(line) | Line::Open(line) = line
            && parse::kind(line) == Kind::Forked
        {
            forks += 1;
        }
    }
    Ok(forks)
}

/// What earlier lines say about later ones.
struct State<'l> {
    log: &'l Log,
    /// The last `llm.request`, parsed only where it is asked.
    request: Vec<u8>,
    /// The last time that a line told.
    last_at: Option<i64>,
    written_at: i64,
    /// How many records without a time of their own there were.
    untimed: u64,
    /// Names as written, with the numbers of their models. There are never more than a few.
    models: Vec<(String, u32, u64)>,
}

impl<'l> State<'l> {
    const fn new(log: &'l Log) -> Self {
        Self { log, request: Vec::new(), last_at: None, written_at: 0, untimed: 0, models: Vec::new() }
    }

    fn sighting(&mut self, usage: &Usage<'_>, sink: &Sink<'_>) -> Option<Sighting> {
        let tokens = usage.tokens.filter(|tokens| !tokens.is_zero())?;
        let (model, name) = match usage.model.as_deref().filter(|name| !name.is_empty()) {
            Some(name) if !is_sentinel(name) => self.model(name, sink),
            stand_in => {
                let name = self.behind(stand_in);
                self.model(&name, sink)
            }
        };
        let hash = Fingerprint::of(1).number(name);
        let (at, hash) = if let Some(at) = usage.at {
            self.last_at = Some(at);
            (at, hash.number(at as u64))
        } else {
            // Told apart by its place: a copy of a log has its records at the same places.
            self.untimed += 1;
            let begun = match self.last_at {
                Some(at) => hash.number(1).number(at as u64),
                None => hash.number(2).text(self.log.path.as_os_str().as_encoded_bytes()),
            };
            let at = self.last_at.or_else(|| parse::request(&self.request).1).unwrap_or(self.written_at);
            (at, begun.number(self.untimed))
        };
        let fingerprint = hash
            .number(tokens.input)
            .number(tokens.cache_read)
            .number(tokens.cache_write)
            .number(tokens.output)
            .text(usage.scope.as_deref().unwrap_or_default().as_bytes())
            .finish();
        Some(Sighting { at, model, tokens, fingerprint })
    }

    /// The name behind a stand-in, or behind no name at all: what was asked for just before, else what the
    /// configuration says, else the stand-in itself.
    fn behind(&self, stand_in: Option<&str>) -> String {
        let config = &self.log.config;
        let of_config = match stand_in {
            Some("__secondary__") => config.secondary_model.clone(),
            Some(_) => None,
            None => config.default_model.clone(),
        };
        parse::request(&self.request)
            .0
            .or(of_config)
            .or_else(|| stand_in.map(ToOwned::to_owned))
            .unwrap_or_else(|| "kimi-for-coding".to_owned())
    }

    fn model(&mut self, written: &str, sink: &Sink<'_>) -> (u32, u64) {
        if let Some(at) = self.models.iter().position(|(name, ..)| name == written) {
            self.models.swap(0, at);
            let (_, number, hash) = self.models[0];
            return (number, hash);
        }
        let (name, party) = self.log.config.resolve(written);
        let hash = Fingerprint::of(2).text(name.as_bytes()).number(party as u64).finish();
        let number = sink.model(name, party);
        self.models.push((written.to_owned(), number, hash));
        (number, hash)
    }
}
