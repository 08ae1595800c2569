//! Reads a session log of Kimi Code.

use std::io;
use std::path::Path;

use tidemark_core::text::MAX_NAME_CHARS;
use tidemark_files::read;

use super::parse::{self, Kind, Request, Usage};
use crate::bytes::{leading_type, looks_whole};
use crate::collect::{Collect, Opened, Reached, Resume};
use crate::fingerprint::Fingerprint;
use crate::lines::{Buffer, LONGEST, Line, Lines};
use crate::log_file::LogFile;
use crate::model::{canonical, is_sentinel};
use crate::records;
use crate::usage_deduper::{Rank, Sighting};

/// How many names of models are remembered with their numbers: a session has a few.
const MAX_REMEMBERED: usize = 64;
/// No `forked` line is longer.
const MAX_FORKED: usize = 1024 * 1024;
/// How many requests are kept before it is known whether a `forked` line follows them.
const MOST: usize = 32 * 1024;

/// A request that is said to have taken longer was asked for by another line, in milliseconds.
const MAX_REQUEST: i64 = 60 * 60 * 1000;

/// What is seen of a file's requests before it is known which are copies.
struct Pending {
    sighting: Sighting,
    /// How many `forked` lines stand before it.
    forks: u32,
}

/// Reads a log from where an earlier reading of it ended.
pub(crate) fn load<C: Collect>(
    log: &LogFile,
    number: u32,
    opened: &Opened,
    from: &Resume,
    buffer: &mut Buffer,
    collect: &mut C,
) -> io::Result<Reached> {
    let mut lines = Lines::new(&opened.file, from.offset, LONGEST, buffer);
    let mut state = State::new(log, opened, from.clone());
    let mut pending: Vec<Pending> = Vec::new();
    // Known only after reading ahead.
    let mut all_forks = None;
    let mut end = None;
    while let Some((begins, line)) = lines.next()? {
        // What has no end yet is read as if it had one, and again the next time.
        if let Line::Open(_) = line {
            end = Some(state.resume(begins));
        }
        let taken = match line {
            Line::Whole(line) | Line::Open(line) => match state.take(line, collect, &mut pending) {
                Taken::Torn => {
                    state.at.skipped += 1;
                    state.take_all(records::within(line), collect, &mut pending)
                }
                taken => taken,
            },
            Line::TooLong { head, tail, open } => {
                if open {
                    end = Some(state.resume(begins));
                }
                let behind = records::at_the_end(tail);
                // The beginning of a line does not show what it is unless its type comes first: it may be
                // usage.
                let may_be_usage = leading_type(head).is_none_or(|word| word == b"usage.record");
                if may_be_usage || !behind.is_empty() {
                    state.at.skipped += 1;
                }
                state.take_all(behind.into_iter(), collect, &mut pending)
            }
        };
        if taken == Taken::Copied {
            return Ok(Reached::Again);
        }
        if pending.len() >= MOST && end.is_none() {
            let after = match all_forks {
                Some(all) => all,
                None => *all_forks.insert(state.at.forks + forks_after(&log.path, lines.offset())?),
            };
            collect.claim(
                pending.drain(..).map(|p| (Rank::new(after - p.forks.min(after), number), p.sighting)),
            );
            collect.checkpoint(&state.resume(lines.offset()))?;
        }
    }
    let all = all_forks.unwrap_or(state.at.forks).max(state.at.forks);
    collect.claim(pending.drain(..).map(|p| (Rank::new(all - p.forks, number), p.sighting)));
    Ok(Reached::end(end, state.resume(lines.offset())))
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// It was read, or is nothing to us.
    Read,
    /// It is no whole record. There may be some inside of it.
    Torn,
    /// What was read before it is a copy, and was not known to be one.
    Copied,
}

/// How many `forked` lines stand behind a place in a file.
fn forks_after(path: &Path, offset: u64) -> io::Result<u32> {
    use std::io::Seek as _;
    let mut file = read::open(path)?;
    file.seek(io::SeekFrom::Start(offset))?;
    let mut buffer = Buffer::default();
    let mut lines = Lines::new(file, offset, MAX_FORKED, &mut buffer);
    let mut forks = 0;
    while let Some((_, line)) = lines.next()? {
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
    log: &'l LogFile,
    opened: &'l Opened,
    /// Where this reading of it began.
    began: u64,
    /// How far it is; its offset is set only where it is handed on.
    at: Resume,
    /// The last `llm.request`, parsed only where it is asked.
    request: Vec<u8>,
    /// Names as written, with the numbers of their models. There are never more than a few.
    models: Vec<(String, u32)>,
}

impl<'l> State<'l> {
    fn new(log: &'l LogFile, opened: &'l Opened, at: Resume) -> Self {
        Self { log, opened, began: at.offset, at, request: Vec::new(), models: Vec::new() }
    }

    /// Takes a line, or a record inside of one.
    fn take(&mut self, line: &[u8], collect: &mut impl Collect, pending: &mut Vec<Pending>) -> Taken {
        if !looks_whole(line) {
            return Taken::Torn;
        }
        let kind = parse::kind(line);
        // A record that was torn off before another one. Of usage, the parser says so.
        let may_be_torn = match kind {
            Kind::Usage => false,
            // They have nothing inside of them.
            Kind::Request | Kind::Forked | Kind::Metadata => memchr::memchr(b'{', &line[1..]).is_some(),
            Kind::Other => parse::names_record(line),
        };
        if may_be_torn && !records::is_whole(line) {
            return Taken::Torn;
        }
        match kind {
            Kind::Usage => match parse::usage(line) {
                Ok(usage) => {
                    if let Some(sighting) = self.sighting(&usage, collect) {
                        pending.push(Pending { sighting, forks: self.at.forks });
                    }
                }
                Err(parse::Unreadable) => return Taken::Torn,
            },
            Kind::Request => self.requested(line, collect.wants_beginnings()),
            Kind::Forked => {
                if self.began > 0 {
                    return Taken::Copied;
                }
                self.at.forks += 1;
            }
            Kind::Metadata => self.at.last_at = parse::begun(line).or(self.at.last_at),
            Kind::Other => {}
        }
        Taken::Read
    }

    /// Takes records out of a damaged line.
    fn take_all<'r>(
        &mut self,
        records: impl Iterator<Item = &'r [u8]>,
        collect: &mut impl Collect,
        pending: &mut Vec<Pending>,
    ) -> Taken {
        for record in records {
            if self.take(record, collect, pending) == Taken::Copied {
                return Taken::Copied;
            }
        }
        Taken::Read
    }

    /// Takes note of an `llm.request`.
    fn requested(&mut self, line: &[u8], beginning: bool) {
        self.request.clear();
        self.request.extend_from_slice(line);
        if beginning {
            self.at.begun = self.asked().at;
        }
    }

    /// What has to be remembered to read on at an offset.
    fn resume(&mut self, offset: u64) -> Resume {
        self.asked();
        Resume { offset, ..self.at.clone() }
    }

    /// The last `llm.request`.
    fn asked(&mut self) -> Request {
        let at = &mut self.at;
        if self.request.is_empty() {
            return Request {
                model: at.asked.clone(),
                alias: at.asked_alias.clone(),
                provider: at.asked_provider.clone(),
                at: at.asked_at,
            };
        }
        let asked = parse::request(&self.request);
        self.request.clear();
        at.asked.clone_from(&asked.model);
        at.asked_alias.clone_from(&asked.alias);
        at.asked_provider.clone_from(&asked.provider);
        at.asked_at = asked.at;
        asked
    }

    fn sighting(&mut self, usage: &Usage<'_>, collect: &mut impl Collect) -> Option<Sighting> {
        // Zeros are those of a call whose provider gave no usage.
        let tokens = usage.tokens?;
        let written = usage.model.as_deref().filter(|name| !name.is_empty());
        let model = match written {
            Some(name) if !is_sentinel(name) => self.model(name, collect),
            stand_in => self.behind(stand_in, collect),
        };
        // As it is written: what a name stands for can change with the configuration, the record does not.
        let hash = Fingerprint::of(1).text(written.unwrap_or_default().as_bytes());
        let ((at, dated_by_file), hash) = if let Some(at) = usage.at {
            self.at.last_at = Some(at);
            ((at, false), hash.number(at as u64))
        } else {
            // Distinguished by its position: a copy of a log has its records at the same positions.
            self.at.untimed += 1;
            let begun = match self.at.last_at {
                Some(at) => hash.number(1).number(at as u64),
                None => hash.number(2).number(self.opened.head()),
            };
            let at = self.at.last_at.or_else(|| self.asked().at);
            (self.opened.dated(at), begun.number(self.at.untimed))
        };
        let fingerprint = hash
            .number(tokens.input)
            .number(tokens.cache_read)
            .number(tokens.cache_write)
            .number(tokens.output)
            .text(usage.scope.as_deref().unwrap_or_default().as_bytes());
        // Two agents can be answered in the same millisecond with the same counts. The main agent's records are those
        // of before protocol 1.5, which name none.
        let agent = usage.agent.as_deref().filter(|agent| !matches!(*agent, "" | "main"));
        let fingerprint = agent.map_or(fingerprint, |agent| fingerprint.text(agent.as_bytes())).finish();
        // Asked once, logged once: the next record needs a question of its own.
        let begun = self.at.begun.take();
        let begun = begun.filter(|begun| (0..=MAX_REQUEST).contains(&(at - begun)));
        Some(Sighting { at, begun, model, tokens, fingerprint, dated_by_file })
    }

    /// The model behind a stand-in, or behind no name at all. `__secondary__` is the configuration's second
    /// model; whatever else is written, and that where the configuration has none, was asked for just before.
    fn behind(&mut self, stand_in: Option<&str>, collect: &mut impl Collect) -> u32 {
        let config = &self.log.config;
        let second = config.secondary_model.as_deref().filter(|_| stand_in == Some("__secondary__"));
        if let Some(second) = second {
            return self.named(second, collect);
        }
        let asked = self.asked();
        if let Some((name, party, provider)) = config.resolve_asked(&asked) {
            return collect.model(name, party, provider);
        }
        let written = stand_in.or(config.default_model.as_deref()).unwrap_or("kimi-for-coding");
        self.named(written, collect)
    }

    /// The model of a name that a record gives itself. Where it is not one of the configuration's own and the
    /// last request was for it, the request says where it ran.
    fn model(&mut self, written: &str, collect: &mut impl Collect) -> u32 {
        let config = &self.log.config;
        if config.has_others() && !config.is_alias(written) {
            let asked = self.asked();
            let names = [asked.model.as_deref(), asked.alias.as_deref()];
            if names.into_iter().flatten().any(|name| canonical(name) == canonical(written))
                && let Some((name, party, provider)) = config.resolve_asked(&asked)
            {
                return collect.model(name, party, provider);
            }
        }
        self.named(written, collect)
    }

    fn named(&mut self, written: &str, collect: &mut impl Collect) -> u32 {
        if let Some(at) = self.models.iter().position(|(name, _)| name == written) {
            self.models.swap(0, at);
            return self.models[0].1;
        }
        let config = &self.log.config;
        let (name, party) = config.resolve(written);
        let number = collect.model(name, party, config.provider_of(written));
        if written.len() <= MAX_NAME_CHARS {
            self.models.truncate(MAX_REMEMBERED - 1);
            self.models.push((written.to_owned(), number));
        }
        number
    }
}
