//! Reads a session log of the older command line.

use std::io::{self, Read as _};
use std::path::Path;

use tidemark_files::read;

use super::parse::{self, Update};
use super::paths::Log;
use crate::bytes::looks_whole;
use crate::collect::{Collect, Opened, Reached, Resume};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::lines::{Buffer, LONGEST, Line, Lines};
use crate::records;
use crate::states::{Identity, State, is_random};
use crate::usage_deduper::{Origin, PartialRequest, Sighting};

/// How many bytes of a log are searched for its first time: the second line has one.
const HEAD: u64 = 8 * 1024;
/// How many requests are handed on at once.
const MOST: usize = 8 * 1024;

/// Reports of a message can come out of order within this time, in milliseconds.
const OUT_OF_ORDER: i64 = 2000;

/// Reads a log from where an earlier reading of it ended.
pub(crate) fn load<C: Collect>(
    log: &Log,
    number: u32,
    opened: &Opened,
    from: &Resume,
    buffer: &mut Buffer,
    collect: &mut C,
) -> io::Result<Reached> {
    let mut lines = Lines::new(&opened.file, from.offset, LONGEST, buffer);
    let mut model = None;
    let mut state = from.clone();
    let mut origin = None;
    let mut found: Vec<PartialRequest> = Vec::new();
    if from.offset > 0 && from.last_at.is_none() && times_came_since(log, from.offset)? {
        return Ok(Reached::Again);
    }
    let session = session(log, opened);
    let mut end = None;
    while let Some((begins, line)) = lines.next()? {
        if let Line::Open(_) = line {
            end = Some(Resume { offset: begins, ..state.clone() });
        }
        let updates = match line {
            Line::Whole(line) | Line::Open(line) => whole(line).map_or_else(
                |_| {
                    state.skipped += 1;
                    torn(line)
                },
                |update| update.into_iter().collect(),
            ),
            Line::TooLong { tail, open, .. } => {
                if open {
                    end = Some(Resume { offset: begins, ..state.clone() });
                }
                state.skipped += 1;
                records::at_the_end(tail).into_iter().filter_map(within_damage).collect()
            }
        };
        for update in updates {
            if update.tokens.is_zero()
                || update.subagent.as_ref().is_some_and(|agent| log.own_logs.contains(agent))
            {
                continue;
            }
            state.last_at = update.at.or(state.last_at);
            let (at, dated_by_file) = opened.dated(state.last_at);
            let model = *model.get_or_insert_with(|| default_model(log, collect));
            let origin = *origin.get_or_insert_with(|| {
                collect.origin(Origin::of(Format::KimiCli, &log.file.session, log.file.project.as_deref()))
            });
            let Identity { group, fingerprint, named } = identity(session, log, opened, &update, &mut state);
            let tokens = update.tokens;
            let sighting = Sighting { at, begun: None, model, tokens, fingerprint, dated_by_file };
            found.push(PartialRequest { sighting, file: number, origin, message: group, named });
        }
        if found.len() >= MOST && end.is_none() {
            collect.hold(found.drain(..));
            collect.checkpoint(&Resume { offset: lines.offset(), ..state.clone() })?;
        }
    }
    collect.hold(found.drain(..));
    Ok(Reached::end(end, Resume { offset: lines.offset(), ..state }))
}

/// The call that a line reports, if it does.
fn whole(line: &[u8]) -> Result<Option<Update>, parse::Unreadable> {
    if !looks_whole(line) {
        return Err(parse::Unreadable);
    }
    if parse::can_carry_usage(line) { parse::update(line) } else { Ok(None) }
}

/// The calls that whole records in a damaged line report.
fn torn(line: &[u8]) -> Vec<Update> {
    if !parse::can_carry_usage(line) {
        return Vec::new();
    }
    records::within(line).filter_map(within_damage).collect()
}

fn within_damage(record: &[u8]) -> Option<Update> {
    parse::update(record).ok().flatten()
}

/// The model that the configuration names; the log names none.
fn default_model(log: &Log, collect: &mut impl Collect) -> u32 {
    let written = log.file.config.default_model.as_deref().unwrap_or("kimi-for-coding");
    let (name, party) = log.file.config.resolve(written);
    collect.model(name, party, log.file.config.provider_of(written))
}

/// Identifies a session: its name and when its log begins, which stay the same wherever it was moved or
/// imported to.
fn session(log: &Log, opened: &Opened) -> Fingerprint {
    let hash = Fingerprint::of(3).text(log.file.session.as_bytes());
    if log.file.session.is_empty() {
        return hash.number(opened.head());
    }
    begun(&log.main).map_or(hash, |begun| hash.number(begun as u64))
}

/// Whether the first time in the log of a session stands behind what was read of it: what was read before was known
/// by less than it is now.
fn times_came_since(log: &Log, read_to: u64) -> io::Result<bool> {
    if log.file.session.is_empty() || begun(&log.main).is_none() {
        return Ok(false);
    }
    let mut before = Vec::new();
    read::open(&log.main)?.take(HEAD.min(read_to)).read_to_end(&mut before)?;
    Ok(first_time(&before).is_none())
}

/// The first time in a log, in milliseconds since 1970. Before it there is no usage to count.
fn begun(path: &Path) -> Option<i64> {
    let mut head = Vec::new();
    read::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    first_time(&head)
}

/// The first time in these lines. One that is damaged can have it in a whole record, whose usage is counted too.
fn first_time(lines: &[u8]) -> Option<i64> {
    let time = |line| parse::told_at(line).or_else(|| records::within(line).find_map(parse::told_at));
    lines.split(|byte| *byte == b'\n').find_map(time)
}

/// What an update is of. Without a message's number, it is known again by its time and its counts; without a time
/// either, it is always another.
fn identity(
    session: Fingerprint,
    log: &Log,
    opened: &Opened,
    update: &Update,
    state: &mut Resume,
) -> Identity {
    let agent = update.subagent.as_deref().or(log.agent.as_deref());
    let hash = session.text(agent.unwrap_or_default().as_bytes());
    let tokens = update.tokens;
    if let Some(message) = &update.message {
        // It is the message's own within its session, unless the program counts from one again when it is started again.
        let number = hash.number(1).text(message.as_bytes()).finish();
        let seen = State {
            message: number,
            own: Some(number),
            random: is_random(message),
            out_of_order: OUT_OF_ORDER,
            request: None,
            session: 0,
            at: state.last_at,
            tokens,
            record: None,
            parent: None,
        };
        return state.answers.take(&seen);
    }
    let hash = if let Some(at) = update.at {
        hash.number(2).number(at as u64)
    } else {
        state.untimed += 1;
        hash.number(3).number(opened.head()).number(state.untimed)
    };
    let hash = hash.number(tokens.input).number(tokens.cache_read).number(tokens.cache_write);
    let fingerprint = hash.number(tokens.output).finish();
    Identity { group: fingerprint, fingerprint, named: true }
}
