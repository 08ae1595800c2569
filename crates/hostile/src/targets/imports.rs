//! Exports to be imported, in every format.

use tidemark_api::export::{Format, Sheet};
use tidemark_api::import::read;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_core::wire::{Record, TimestampedRecord};

use crate::law::{Outcome, are_equal, holds};
use crate::random::Random;
use crate::shapes::REPLAY;
use crate::target::Target;
use crate::{bytes, json};

/// Reads exports.
pub(super) struct Imports;

impl Target for Imports {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let mut input = REPLAY.as_bytes().to_vec();
        for _ in 0..random.below(3) {
            json::change_line(random, &mut input);
        }
        let format = Format::ALL[random.below(Format::ALL.len())];
        if format != Format::Jsonl {
            let lines =
                input.split(|byte| *byte == b'\n').filter_map(|line| TimestampedRecord::read(line).ok());
            input = written(format, lines.collect());
        }
        if random.one_in(2) {
            bytes::damage(random, &mut input);
        }
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        let mut records = Vec::new();
        let report = read(&mut &*input, &mut |record| {
            records.push(record);
            Ok(())
        });
        let Ok(report) = report else { return Ok(()) };
        are_equal("records are counted", &report.records, &(records.len() as u64))?;
        let named = report.damage.len() as u64;
        holds("damage is counted", named <= report.damaged && (named > 0 || report.damaged == 0), || {
            format!("{report:?}")
        })?;
        let whole = records.iter().all(|line| !matches!(line.record, Record::Finding(_)));
        holds("a conclusion is no fact", whole, || format!("{records:?}"))?;
        // What was understood of a file is a file that is understood.
        let mut again = Vec::new();
        let text = written(Format::Json, records.clone());
        let report = read(&mut text.as_slice(), &mut |record| {
            again.push(record);
            Ok(())
        });
        let same = report.is_ok_and(|report| report.damaged == 0) && again == records;
        holds("what is read is written and read as it was", same, || format!("{records:?} as {again:?}"))
    }
}

fn written(format: Format, records: Vec<TimestampedRecord>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut sheet = Sheet::new(format, HiddenProjects::default());
    // A vector takes everything.
    let _ = sheet.begin(&mut out);
    for record in records {
        let _ = sheet.line(&mut out, record);
    }
    let _ = sheet.end(&mut out);
    out
}
