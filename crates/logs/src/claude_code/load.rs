//! Reads a session log of Claude Code.

use std::collections::HashMap;
use std::io;

use super::parse::{self, Answer};
use super::paths::Log;
use crate::bytes::looks_whole;
use crate::collect::{Collect, Opened, Reached, Resume};
use crate::fingerprint::Fingerprint;
use crate::lines::{Buffer, LONGEST, Line, Lines};
use crate::model::{Party, canonical};
use crate::usage_deduper::{Format, Origin, PartialRequest, Sighting};

/// How many answers are handed on at once.
const MOST: usize = 4 * 1024;

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
    let mut state = from.clone();
    let mut known = Known::default();
    let mut found: Vec<PartialRequest> = Vec::new();
    let mut end = None;
    while let Some((begins, line)) = lines.next()? {
        if let Line::Open(_) = line {
            end = Some(Resume { offset: begins, ..state.clone() });
        }
        let line = match line {
            Line::Whole(line) | Line::Open(line) if looks_whole(line) => line,
            Line::TooLong(_) => {
                if lines.open() {
                    end = Some(Resume { offset: begins, ..state.clone() });
                }
                state.skipped += 1;
                continue;
            }
            Line::Whole(_) | Line::Open(_) => {
                state.skipped += 1;
                continue;
            }
        };
        if !parse::can_carry_usage(line) {
            continue;
        }
        let Ok(answer) = parse::answer(line) else {
            state.skipped += 1;
            continue;
        };
        let Some(answer) = answer.filter(|answer| !answer.tokens.is_zero()) else { continue };
        state.last_at = answer.at.or(state.last_at);
        let at = state.last_at.unwrap_or(opened.modified);
        let model = known.model(&answer.model, log, collect);
        let origin = known.origin(log, &answer, collect);
        let (message, request) = fingerprints(opened, &answer, &mut state.untimed);
        let sighting = Sighting { at, begun: None, model, tokens: answer.tokens, fingerprint: request };
        found.push(PartialRequest {
            sighting,
            file: number,
            origin,
            message,
            named: answer.request.is_some(),
        });
        if found.len() >= MOST && end.is_none() {
            collect.hold(found.drain(..));
            collect.checkpoint(&Resume { offset: lines.offset(), ..state.clone() })?;
        }
    }
    collect.hold(found.drain(..));
    Ok(Reached::end(end, Resume { offset: lines.offset(), ..state }))
}

/// The fingerprint of the message, and that of message and request.
fn fingerprints(opened: &Opened, answer: &Answer, nameless: &mut u64) -> (u64, u64) {
    let message = if let Some(message) = &answer.message {
        Fingerprint::of(4).text(message.as_bytes())
    } else {
        *nameless += 1;
        Fingerprint::of(5).number(opened.head()).number(*nameless)
    };
    let request = answer.request.as_deref().unwrap_or_default();
    (message.finish(), message.text(request.as_bytes()).finish())
}

/// Numbers of models and origins that were already asked for.
#[derive(Default)]
struct Known {
    models: HashMap<String, u32>,
    origins: HashMap<(Option<String>, Option<String>), u32>,
}

impl Known {
    fn model(&mut self, written: &str, log: &Log, collect: &mut impl Collect) -> u32 {
        if let Some(number) = self.models.get(written) {
            return *number;
        }
        // The configuration names one provider or none: which address it talks to is the same for all models.
        let provider = log.config.providers().next().map(|(name, _)| name);
        let number = collect.model(canonical(written), Party::Kimi, provider);
        self.models.insert(written.to_owned(), number);
        number
    }

    fn origin(&mut self, log: &Log, answer: &Answer, collect: &mut impl Collect) -> u32 {
        let told = (answer.session.clone(), answer.folder.clone());
        *self.origins.entry(told).or_insert_with_key(|(session, folder)| {
            collect.origin(Origin {
                format: Format::ClaudeCode,
                session: session.clone().unwrap_or_else(|| log.session.clone()),
                project: folder.clone().or_else(|| log.project.clone()),
            })
        })
    }
}
