//! Reads a session log of the older command line into the ledger.

use std::io;

use super::parse::{self, Update};
use super::paths::Log;
use crate::bytes::looks_whole;
use crate::fingerprint::Fingerprint;
use crate::ledger::{Format, Origin, Rank, Sighting};
use crate::lines::{Buffer, Line, Lines};
use crate::scan::{Opened, Sink};

/// No record is longer. Longer lines hold what tools gave back.
const LONGEST: usize = 1024 * 1024;
/// How many requests are handed on at once.
const MOST: usize = 8 * 1024;

/// Reads a log.
pub(crate) fn load(
    log: &Log,
    number: u32,
    opened: &Opened,
    buffer: &mut Buffer,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    let origin =
        Origin { format: Format::KimiCli, session: log.session.clone(), project: log.project.clone() };
    sink.file(number, origin);
    let mut lines = Lines::new(&opened.file, 0, LONGEST, buffer);
    let (name, party) = log.config.resolve(log.config.default_model.as_deref().unwrap_or("kimi-for-coding"));
    let mut model = None;
    let mut last_at = None;
    let mut found: Vec<(Rank, Sighting)> = Vec::new();
    let session = Fingerprint::of(3).text(log.root_and_place().as_bytes());
    let mut nameless = 0;
    while let Some(line) = lines.next()? {
        let line = match line {
            Line::Whole(line) | Line::Open(line) if looks_whole(line) => line,
            // Nothing that long carries usage: an update is a few hundred bytes.
            Line::TooLong(_) => continue,
            Line::Whole(_) | Line::Open(_) => {
                sink.skip();
                continue;
            }
        };
        if !parse::can_carry_usage(line) {
            continue;
        }
        let Ok(update) = parse::update(line) else {
            sink.skip();
            continue;
        };
        let Some(update) = update.filter(|update| !update.tokens.is_zero()) else { continue };
        if update.subagent.as_ref().is_some_and(|agent| log.own_logs.contains(agent)) {
            continue;
        }
        last_at = update.at.or(last_at);
        let at = last_at.unwrap_or(opened.modified);
        let model = *model.get_or_insert_with(|| sink.model(name.clone(), party));
        let fingerprint = fingerprint(session, log, &update, &mut nameless);
        found.push((Rank::new(0, number), Sighting { at, model, tokens: update.tokens, fingerprint }));
        if found.len() >= MOST {
            sink.claim(found.drain(..));
        }
    }
    sink.read(lines.offset());
    sink.claim(found.drain(..));
    Ok(())
}

/// A message's number is its own within its session and agent. Without one, it is known again by its time
/// and its counts; without a time either, it is always another.
fn fingerprint(session: Fingerprint, log: &Log, update: &Update, nameless: &mut u64) -> u64 {
    let agent = update.subagent.as_deref().or(log.agent.as_deref());
    let hash = session.text(agent.unwrap_or_default().as_bytes());
    if let Some(message) = &update.message {
        return hash.number(1).text(message.as_bytes()).finish();
    }
    let tokens = update.tokens;
    let hash = if let Some(at) = update.at {
        hash.number(2).number(at as u64)
    } else {
        *nameless += 1;
        hash.number(3).text(log.path.as_os_str().as_encoded_bytes()).number(*nameless)
    };
    hash.number(tokens.input)
        .number(tokens.cache_read)
        .number(tokens.cache_write)
        .number(tokens.output)
        .finish()
}

impl Log {
    /// What tells a session from every other, of whatever root.
    fn root_and_place(&self) -> String {
        // The path up to the session's folder: the place is its end.
        let path = self.path.to_string_lossy().replace('\\', "/");
        match path.find(&self.place) {
            Some(at) => path[..at + self.place.len()].to_owned(),
            None => path,
        }
    }
}
