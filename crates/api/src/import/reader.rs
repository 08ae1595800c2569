//! What was read of a file, and the way of its records to whoever takes them.

use std::io::{self, BufRead, Read as _};

use tidemark_core::wire::{Record, TimestampedRecord, without_unknown_meters};

use crate::export::Format;

/// No record is longer, in bytes; a longer one is not understood.
pub(super) const MAX_RECORD_LEN: u64 = 4 << 20;
/// So many records that were not understood are named.
const MAX_NAMED: usize = 20;

/// What was read of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReport {
    /// How the file is written; `None` where there is nothing in it.
    pub format: Option<Format>,
    /// Records that were handed on.
    pub records: u64,
    /// Conclusions: they are drawn again.
    pub conclusions: u64,
    /// Records of a kind that this version does not know.
    pub unknown: u64,
    /// Quotas that this version does not know, each once; they were left out of their readings.
    pub unknown_meters: Vec<String>,
    /// Announcements of a CSV, which does not say when they became known.
    pub incomplete: u64,
    /// Records that could not be read.
    pub damaged: u64,
    /// The first of them: where, and why.
    pub damage: Vec<Damage>,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The number of its line; of an array, of its record.
    pub place: u64,
    /// Why it could not be read.
    pub why: String,
}

/// Why nothing of a file could be read, or not all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read, or what was read cannot be handed on.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not text in UTF-8.
    #[error("this is UTF-16, as some programs write it; save it as UTF-8")]
    Utf16,
    /// It is no export.
    #[error("this is not an export of Tidemark: expected JSON Lines, a JSON array or CSV")]
    NotAnExport,
}

/// Hands records on, and keeps count.
pub(super) struct Reader<'a> {
    pub(super) report: FileReport,
    take: &'a mut dyn FnMut(TimestampedRecord) -> io::Result<()>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(take: &'a mut dyn FnMut(TimestampedRecord) -> io::Result<()>) -> Self {
        Self { report: FileReport::default(), take }
    }

    /// JSON Lines.
    pub(super) fn lines(&mut self, input: &mut dyn BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if input.take(MAX_RECORD_LEN).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.len() as u64 >= MAX_RECORD_LEN && line.last() != Some(&b'\n') {
                self.damaged(number, "the line is too long");
                skip_line(input)?;
                continue;
            }
            let text = line.trim_ascii();
            if !text.is_empty() {
                self.record(number, text)?;
            }
        }
        Ok(())
    }

    /// A record's text.
    pub(super) fn record(&mut self, place: u64, text: &[u8]) -> io::Result<()> {
        match TimestampedRecord::read(text) {
            Ok(TimestampedRecord { record: Record::Finding(_), .. }) => self.report.conclusions += 1,
            // What is known of other machines' logs comes from those machines.
            Ok(TimestampedRecord { record: Record::LogCoverage(_), .. }) => {}
            Ok(record) => self.hand_on(record)?,
            Err(error) => match without_unknown_meters(text) {
                Some((record, unknown)) => {
                    for meter in unknown {
                        self.unknown_meter(&meter);
                    }
                    self.hand_on(record.into())?;
                }
                None if has_unknown_type(text) => self.report.unknown += 1,
                None => self.damaged(place, &error.to_string()),
            },
        }
        Ok(())
    }

    fn hand_on(&mut self, record: TimestampedRecord) -> io::Result<()> {
        self.report.records += 1;
        (self.take)(record)
    }

    pub(super) fn unknown_meter(&mut self, meter: &str) {
        let meters = &mut self.report.unknown_meters;
        if meters.len() < MAX_NAMED && !meters.iter().any(|known| known == meter) {
            meters.push(meter.to_owned());
        }
    }

    pub(super) fn damaged(&mut self, place: u64, why: &str) {
        self.report.damaged += 1;
        if self.report.damage.len() < MAX_NAMED {
            self.report.damage.push(Damage { place, why: why.to_owned() });
        }
    }
}

/// Whether a record is whole and of a kind that this version does not know.
fn has_unknown_type(text: &[u8]) -> bool {
    const KNOWN: [&str; 6] = ["reading", "usage", "incident", "announcement", "failure", "finding"];
    let value: Option<serde_json::Value> = serde_json::from_slice(text).ok();
    let kind = value.as_ref().and_then(|value| value.get("type")).and_then(serde_json::Value::as_str);
    kind.is_some_and(|kind| !KNOWN.contains(&kind))
}

/// Passes over the rest of a line.
fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        let (used, done) = match bytes.iter().position(|byte| *byte == b'\n') {
            Some(place) => (place + 1, true),
            None => (bytes.len(), false),
        };
        input.consume(used);
        if done {
            return Ok(());
        }
    }
}
