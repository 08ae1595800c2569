//! Reads a session log of Claude Code into the ledger.

use std::collections::HashMap;
use std::io;

use super::parse::{self, Answer};
use super::paths::Log;
use crate::bytes::looks_whole;
use crate::fingerprint::Fingerprint;
use crate::ledger::{Format, Held, Origin, Sighting};
use crate::lines::{Buffer, Line, Lines};
use crate::model::{Party, canonical};
use crate::scan::{Opened, Sink};

/// An answer stands in the line with its use: a written file can be some megabytes.
const LONGEST: usize = 8 * 1024 * 1024;
/// How many answers are handed on at once.
const MOST: usize = 4 * 1024;

/// Reads a log.
pub(crate) fn load(
    log: &Log,
    number: u32,
    opened: &Opened,
    buffer: &mut Buffer,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    sink.opened();
    let mut lines = Lines::new(&opened.file, 0, LONGEST, buffer);
    let mut last_at = None;
    let mut known = Known::default();
    let mut found: Vec<Held> = Vec::new();
    let mut nameless = 0;
    while let Some(line) = lines.next()? {
        let line = match line {
            Line::Whole(line) | Line::Open(line) if looks_whole(line) => line,
            Line::TooLong(_) | Line::Whole(_) | Line::Open(_) => {
                sink.skip();
                continue;
            }
        };
        if !parse::can_carry_usage(line) {
            continue;
        }
        let Ok(answer) = parse::answer(line) else {
            sink.skip();
            continue;
        };
        let Some(answer) = answer.filter(|answer| !answer.tokens.is_zero()) else { continue };
        last_at = answer.at.or(last_at);
        let at = last_at.unwrap_or(opened.modified);
        let (model, origin) = (known.model(&answer.model, sink), known.origin(log, &answer, sink));
        let (message, request) = fingerprints(log, &answer, &mut nameless);
        let sighting = Sighting { at, model, tokens: answer.tokens, fingerprint: request };
        found.push(Held { sighting, file: number, origin, message, named: answer.request.is_some() });
        if found.len() >= MOST {
            sink.hold(found.drain(..));
        }
    }
    sink.read(lines.offset());
    sink.hold(found.drain(..));
    Ok(())
}

/// The fingerprint of the message, and that of message and request.
fn fingerprints(log: &Log, answer: &Answer, nameless: &mut u64) -> (u64, u64) {
    let message = if let Some(message) = &answer.message {
        Fingerprint::of(4).text(message.as_bytes())
    } else {
        *nameless += 1;
        Fingerprint::of(5).text(log.path.as_os_str().as_encoded_bytes()).number(*nameless)
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
    fn model(&mut self, written: &str, sink: &Sink<'_>) -> u32 {
        if let Some(number) = self.models.get(written) {
            return *number;
        }
        let number = sink.model(canonical(written), Party::Kimi);
        self.models.insert(written.to_owned(), number);
        number
    }

    fn origin(&mut self, log: &Log, answer: &Answer, sink: &Sink<'_>) -> u32 {
        let told = (answer.session.clone(), answer.folder.clone());
        *self.origins.entry(told).or_insert_with_key(|(session, folder)| {
            sink.origin(Origin {
                format: Format::ClaudeCode,
                session: session.clone().unwrap_or_else(|| log.session.clone()),
                project: folder.clone().or_else(|| log.project.clone()),
            })
        })
    }
}
