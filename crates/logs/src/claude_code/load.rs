//! Reads a session log of Claude Code.

use std::collections::HashMap;
use std::io;

use tidemark_core::text::{self, MAX_NAME_CHARS};

use super::parse::{self, Answer};
use crate::bytes::looks_whole;
use crate::collect::{Collect, Opened, Reached, Resume};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::known::Origins;
use crate::lines::{Buffer, LONGEST, Line, Lines};
use crate::log_file::LogFile;
use crate::model::{Party, canonical};
use crate::records;
use crate::states::{Identity, State, is_random};
use crate::usage_deduper::{MAX_FOLDER_CHARS, PartialRequest, Sighting};

/// How many answers are handed on at once.
const MOST: usize = 4 * 1024;

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
    let mut state = from.clone();
    let mut known = Known::default();
    let mut found: Vec<PartialRequest> = Vec::new();
    let mut end = None;
    while let Some((begins, line)) = lines.next()? {
        if let Line::Open(_) = line {
            end = Some(Resume { offset: begins, ..state.clone() });
        }
        let answers = match line {
            Line::Whole(line) | Line::Open(line) => whole(line).map_or_else(
                |_| {
                    state.skipped += 1;
                    torn(line)
                },
                |answer| answer.into_iter().collect(),
            ),
            Line::TooLong { tail, open, .. } => {
                if open {
                    end = Some(Resume { offset: begins, ..state.clone() });
                }
                state.skipped += 1;
                records::at_the_end(tail).into_iter().filter_map(within_damage).collect()
            }
        };
        for answer in answers.into_iter().filter(|answer| !answer.tokens.is_zero()) {
            state.last_at = answer.at.or(state.last_at);
            let (at, dated_by_file) = opened.dated(state.last_at);
            let model = known.model(&answer.model, log, collect);
            // Not every line names the folder; the session is still in the one that was named last.
            if let Some(folder) =
                answer.folder.as_deref().filter(|folder| state.folder.as_deref() != Some(*folder))
            {
                // It is kept with the place up to which the log was read, so it is bounded here already.
                state.folder = Some(text::bounded(folder, MAX_FOLDER_CHARS).into());
            }
            let origin = known.origin(log, answer.session.as_deref(), state.folder.as_deref(), collect);
            let Identity { group, fingerprint, named } = identity(log, opened, &answer, &mut state);
            let tokens = answer.tokens;
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

/// The answer that a line carries, if it does.
fn whole(line: &[u8]) -> Result<Option<Answer>, parse::Unreadable> {
    if !looks_whole(line) {
        return Err(parse::Unreadable);
    }
    if parse::can_carry_usage(line) { parse::answer(line) } else { Ok(None) }
}

/// The answers that whole records in a damaged line carry.
fn torn(line: &[u8]) -> Vec<Answer> {
    if !parse::can_carry_usage(line) {
        return Vec::new();
    }
    records::within(line).filter_map(within_damage).collect()
}

fn within_damage(record: &[u8]) -> Option<Answer> {
    parse::answer(record).ok().flatten()
}

/// What an answer is of. A request that is named is the same one in every log.
fn identity(log: &LogFile, opened: &Opened, answer: &Answer, state: &mut Resume) -> Identity {
    let hash = |text: &str| Fingerprint::of(9).text(text.as_bytes()).finish();
    let message = if let Some(message) = &answer.message {
        Fingerprint::of(4).text(message.as_bytes())
    } else {
        state.untimed += 1;
        Fingerprint::of(5).number(opened.head()).number(state.untimed)
    };
    let request = answer.request.as_deref().map(|request| message.text(request.as_bytes()).finish());
    // Some relays give every answer the same number, in every session.
    let random = answer.message.as_deref().is_none_or(is_random);
    let seen = State {
        message: message.finish(),
        own: random.then(|| message.text(b"").finish()),
        random,
        out_of_order: 0,
        request,
        session: hash(answer.session.as_deref().unwrap_or(&log.session)),
        at: state.last_at,
        tokens: answer.tokens,
        record: answer.record.as_deref().map(hash),
        parent: answer.parent.as_deref().map(hash),
    };
    state.answers.take(&seen)
}

/// Numbers of models and origins that were already asked for.
#[derive(Default)]
struct Known {
    models: HashMap<String, u32>,
    origins: Origins,
}

impl Known {
    fn model(&mut self, written: &str, log: &LogFile, collect: &mut impl Collect) -> u32 {
        if let Some(number) = self.models.get(written) {
            return *number;
        }
        // The configuration names one provider or none: which address it talks to is the same for all models.
        let provider = log.config.providers().next().map(|(name, _)| name);
        let number = collect.model(canonical(written), Party::Kimi, provider);
        if written.len() <= MAX_NAME_CHARS {
            self.models.insert(written.to_owned(), number);
        }
        number
    }

    fn origin(
        &mut self,
        log: &LogFile,
        session: Option<&str>,
        folder: Option<&str>,
        collect: &mut impl Collect,
    ) -> u32 {
        let session = session.unwrap_or(&log.session);
        self.origins.number(Format::ClaudeCode, session, folder.or(log.project.as_deref()), collect)
    }
}
