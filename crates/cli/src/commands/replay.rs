//! `tidemark replay`: the analysis, over a recorded history. No network, no store, no clock but the lines'.
//!
//! With `--json` it prints a finding a line. Where something could not be read, the error document is the
//! last line, behind the findings of all the rest. A quota that this version does not know is left out of
//! its reading, which is no failure: a later version may have written it.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use chrono::{DateTime, Utc};
use tidemark_core::replay::Replay;
use tidemark_core::wire::{FindingRecord, Record, TimestampedRecord, without_unknown_meters};
use tidemark_kimi::PublicPrices;

use super::context::Context;
use super::error_text::error_line;
use super::findings;
use crate::arguments::Replay as Arguments;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::file_errors::{Access, file_error};
use crate::i18n::Catalog;
use crate::output::{Output, clean, complain};

/// How many lines are held back, so that one that comes late finds its place.
const HELD: usize = 512;
/// How many lines that became known late wait for their time beside them, at most. Another machine's may be days late.
const LATE: usize = 200_000;
/// No line is longer; a longer one is not understood.
const LONGEST: u64 = 4 << 20;
/// How many lines that were not understood are named one by one.
const NAMED: u64 = 20;

/// Runs `tidemark replay`.
pub fn run(context: &Context, arguments: &Arguments) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    let mut complaints = ParseErrors::new(context.words(None));
    let mut sources = Vec::new();
    if arguments.files.is_empty() {
        sources.push(Source::new(
            &complaints.words.text("cli-standard-input"),
            Box::new(BufReader::with_capacity(1 << 16, io::stdin())),
        ));
    }
    for path in &arguments.files {
        if path.as_os_str() == "-" {
            sources.push(Source::new(
                &complaints.words.text("cli-standard-input"),
                Box::new(BufReader::with_capacity(1 << 16, io::stdin())),
            ));
            continue;
        }
        match tidemark_files::read::open_named(path) {
            Ok(file) => {
                sources.push(Source::new(&name(path), Box::new(BufReader::with_capacity(1 << 16, file))));
            }
            Err(error) => complaints.say_unread(path, &error),
        }
    }
    let now = Utc::now();
    let mut replay = Replay::new();
    let mut table = Vec::new();
    let mut broken = None;
    while let Some(line) = next(&mut sources, &mut complaints) {
        replay.take(line, &PublicPrices, |account, finding| {
            let line = findings::line(&output, finding, account, now);
            if !output.json {
                table.push(line);
            } else if broken.is_none() {
                broken = output.document(&Record::Finding(line)).err();
            }
        });
        if let Some(error) = broken.take() {
            return Err(error.into());
        }
    }
    if replay.late() > 0 {
        complaints.skipped(replay.late());
    }
    // That nothing was found would be said of what could not be read.
    let nothing_to_say = table.is_empty() && complaints.failed();
    if !output.json && !nothing_to_say {
        people(&mut output, &table, now)?;
    }
    output.flush()?;
    complaints.end(output.json)
}

fn people(output: &mut Output, lines: &[FindingRecord], now: DateTime<Utc>) -> io::Result<()> {
    if lines.is_empty() {
        let text = output.words.text("cli-findings-none");
        return output.line(text);
    }
    findings::table(output, lines, now).write(output)
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// The earliest line of all sources; of lines of the same time, the one of the source named first.
fn next(sources: &mut [Source], complaints: &mut ParseErrors) -> Option<TimestampedRecord> {
    for source in sources.iter_mut() {
        source.fill(complaints);
    }
    let place = sources
        .iter()
        .enumerate()
        .filter_map(|(place, source)| source.next_at().map(|(at, _)| (at, place)))
        .min()?
        .1;
    sources[place].pop()
}

/// Where a line belongs: when it became known, and its number in the file.
type Place = (DateTime<Utc>, u64);

/// One input, its next lines held in time order.
struct Source {
    name: String,
    input: Box<dyn BufRead>,
    held: VecDeque<(Place, TimestampedRecord)>,
    /// Those that became known late.
    late: BTreeMap<Place, TimestampedRecord>,
    number: u64,
    ended: bool,
    buffer: Vec<u8>,
}

impl Source {
    fn new(name: &str, input: Box<dyn BufRead>) -> Self {
        Self {
            name: name.to_owned(),
            input,
            held: VecDeque::with_capacity(HELD + 1),
            late: BTreeMap::new(),
            number: 0,
            ended: false,
            buffer: Vec::with_capacity(1 << 10),
        }
    }

    fn fill(&mut self, complaints: &mut ParseErrors) {
        while !self.ended && self.held.len() < HELD && self.late.len() < LATE {
            self.buffer.clear();
            let read = (&mut self.input).take(LONGEST).read_until(b'\n', &mut self.buffer);
            match read {
                Ok(0) => {
                    self.ended = true;
                    return;
                }
                Ok(_) => {}
                Err(error) => {
                    complaints.say_unread(Path::new(&self.name), &error);
                    self.ended = true;
                    return;
                }
            }
            self.number += 1;
            if self.buffer.len() as u64 >= LONGEST && self.buffer.last() != Some(&b'\n') {
                let why = complaints.words.text("cli-replay-too-long");
                complaints.say_not_understood(&self.name, Some(self.number), &why);
                if !self.skip_line() {
                    self.ended = true;
                }
                continue;
            }
            let text = self.buffer.trim_ascii();
            let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
            if text.is_empty() {
                continue;
            }
            match TimestampedRecord::read(text) {
                Ok(recorded) => self.hold(recorded),
                Err(error) => match without_unknown_meters(text) {
                    Some((line, unknown)) => {
                        for word in unknown {
                            complaints.left_out(&self.name, self.number, word);
                        }
                        self.hold(line.into());
                    }
                    None if self.number == 1 && is_document(text) => {
                        let why = complaints.words.text("cli-replay-document");
                        complaints.say_not_understood(&self.name, None, &why);
                        self.ended = true;
                    }
                    None => {
                        let words = &complaints.words;
                        let why = clean(&error.to_string());
                        let why = words.with("cli-replay-no-record", [("why", why.into())]);
                        complaints.say_not_understood(&self.name, Some(self.number), &why);
                    }
                },
            }
        }
    }

    /// Leaves out the rest of a line; says whether anything may follow.
    fn skip_line(&mut self) -> bool {
        loop {
            let (used, done) = match self.input.fill_buf() {
                Ok([]) | Err(_) => return false,
                Ok(bytes) => match bytes.iter().position(|byte| *byte == b'\n') {
                    Some(place) => (place + 1, true),
                    None => (bytes.len(), false),
                },
            };
            self.input.consume(used);
            if done {
                return true;
            }
        }
    }

    /// Puts a line behind all that are not later.
    fn hold(&mut self, line: TimestampedRecord) {
        let Some(own) = line.record.at() else { return };
        // What became known late was concluded from late.
        let at = line.known_at.map_or(own, |known| known.max(own));
        if at > own {
            // As many as there are may be as late as they like: they take no room of the others.
            self.late.insert((at, self.number), line);
            return;
        }
        let place = if self.held.back().is_none_or(|((last, _), _)| *last <= at) {
            self.held.len()
        } else {
            self.held.partition_point(|((other, _), _)| *other <= at)
        };
        self.held.insert(place, ((at, self.number), line));
    }
}

/// The lines that are held, in their order.
impl Source {
    /// Where the next line belongs.
    fn next_at(&self) -> Option<Place> {
        let held = self.held.front().map(|(place, _)| *place);
        let late = self.late.first_key_value().map(|(place, _)| *place);
        held.into_iter().chain(late).min()
    }

    /// Takes the next line.
    fn pop(&mut self) -> Option<TimestampedRecord> {
        let next = self.next_at()?;
        if self.held.front().is_some_and(|(held, _)| *held == next) {
            return self.held.pop_front().map(|(_, line)| line);
        }
        self.late.pop_first().map(|(_, line)| line)
    }
}

/// Whether a first line begins one JSON document over many lines, or is an array: not JSON Lines.
fn is_document(text: &[u8]) -> bool {
    text.starts_with(b"[") || text == b"{"
}

/// What could not be read, said on standard error.
#[derive(Debug)]
struct ParseErrors {
    words: Catalog,
    said: u64,
    first: Option<String>,
    /// Whether something was read and not understood, and not only a file that could not be read.
    not_understood: bool,
    left_out: Vec<String>,
}

impl ParseErrors {
    const fn new(words: Catalog) -> Self {
        Self { words, said: 0, first: None, not_understood: false, left_out: Vec::new() }
    }

    /// A line, or a whole file, that is no history.
    fn say_not_understood(&mut self, source: &str, line: Option<u64>, what: &str) {
        self.not_understood = true;
        let place = line.map_or_else(String::new, |line| format!(":{line}"));
        self.say(format!("{}{place}: {}", clean(source), clean(what)));
    }

    /// A file that the system does not let us read.
    fn say_unread(&mut self, path: &Path, error: &io::Error) {
        let text = error_line(&file_error(Access::Read, path, error), &self.words);
        self.say(text);
    }

    fn say(&mut self, text: String) {
        self.said += 1;
        if self.said > NAMED {
            return;
        }
        complain(&text);
        self.first.get_or_insert(text);
    }

    /// A quota that is not known: said once for each name.
    fn left_out(&mut self, source: &str, line: u64, word: String) {
        if self.left_out.len() as u64 >= NAMED || self.left_out.contains(&word) {
            return;
        }
        let what = self.words.with("cli-replay-meter", [("name", clean(&word).into())]);
        complain(&format!("{}:{line}: {what}", clean(source)));
        self.left_out.push(word);
    }

    /// Whether something could not be read.
    fn failed(&self) -> bool {
        self.said > 0
    }

    fn skipped(&self, lines: u64) {
        let values = [("count", lines.into()), ("lines", HELD.into())];
        complain(&self.words.with("cli-replay-late", values));
    }

    fn end(self, json: bool) -> Result<Exit, CommandOutcome> {
        if self.said > NAMED {
            let more = self.words.with("cli-replay-more", [("count", (self.said - NAMED).into())]);
            complain(&more);
        }
        let Some(first) = self.first else { return Ok(Exit::Done) };
        let (exit, kind) =
            if self.not_understood { (Exit::NotUnderstood, "not-understood") } else { (Exit::Failed, "io") };
        if !json {
            return Ok(exit);
        }
        let message = match self.said {
            1 => first,
            said => format!("{said} lines or files could not be read; the first: {first}"),
        };
        Err(CommandError::new(exit, kind, message).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("test", Box::new(io::Cursor::new(text.to_owned().into_bytes())))
    }

    fn usage(at: &str) -> String {
        format!("{{\"type\":\"usage\",\"at\":\"{at}\",\"model\":\"kimi-k3\",\"input\":1}}\n")
    }

    fn times(sources: &mut [Source]) -> (Vec<String>, u64) {
        let mut complaints = ParseErrors::new(Catalog::new(crate::i18n::Language::English));
        let mut all = Vec::new();
        while let Some(line) = next(sources, &mut complaints) {
            all.extend(line.record.at().map(|at| at.format("%H:%M").to_string()));
        }
        (all, complaints.said)
    }

    #[test]
    fn a_late_line_finds_its_place_and_files_are_merged() {
        let one =
            usage("2026-09-23T02:00:00Z") + &usage("2026-09-23T02:10:00Z") + &usage("2026-09-23T02:05:00Z");
        let other = usage("2026-09-23T02:03:00Z") + &usage("2026-09-23T10:20:00+08:00");
        let (all, said) = times(&mut [source(&one), source(&other)]);
        assert_eq!(all, ["02:00", "02:03", "02:05", "02:10", "02:20"]);
        assert_eq!(said, 0);
    }

    #[test]
    fn what_became_known_late_is_taken_late() {
        let late = usage("2026-09-23T02:01:00Z").replace('}', ",\"known_at\":\"2026-09-23T02:07:00Z\"}");
        let incident = "{\"type\":\"incident\",\"at\":\"2026-09-23T02:00:30Z\",\"id\":\"i\",\"state\":\"open\",\"known_at\":\"2026-09-23T02:08:00Z\"}\n";
        let text = usage("2026-09-23T02:00:00Z") + incident + &late + &usage("2026-09-23T02:05:00Z");
        let (all, said) = times(&mut [source(&text)]);
        assert_eq!(all, ["02:00", "02:05", "02:01", "02:00"]);
        assert_eq!(said, 0);
    }

    #[test]
    fn an_array_is_refused_once_and_not_line_by_line() {
        for text in
            ["[{\"type\":\"usage\"},\n{\"type\":\"usage\"}\n]\n", "{\n\"type\":\"usage\"\n}\n", "[]\n"]
        {
            assert_eq!(times(&mut [source(text)]), (vec![], 1), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_counted_and_the_rest_is_read() {
        let text = format!(
            "\u{feff}{}\r\n\n{{\"type\":\"usage\"}}\nnonsense\n{}",
            usage("2026-09-23T02:00:00Z").trim_end(),
            usage("2026-09-23T02:01:00Z").trim_end(),
        );
        assert_eq!(times(&mut [source(&text)]), (vec!["02:00".to_owned(), "02:01".to_owned()], 2));
    }
}
