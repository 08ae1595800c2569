//! Recorded histories, a record a line.

use std::fmt::Write as _;

use tidemark_core::replay::Replay;
use tidemark_core::text::{MAX_SENTENCE_CHARS, clean};
use tidemark_core::wire::{FindingRecord, Record, TimestampedRecord};
use tidemark_kimi::PublicPrices;

use crate::law::{Outcome, are_equal, holds, is_kept};
use crate::random::Random;
use crate::shapes::REPLAY;
use crate::target::Target;
use crate::{bytes, json};

/// Replays histories.
pub(super) struct Replays;

/// The account whose records stand between the hostile ones and are never changed.
const STEADY: &str = "steady";

/// A reset on time, in two readings.
fn steady() -> [TimestampedRecord; 2] {
    [
        ("2026-06-01T08:00:00Z", 62, "2026-06-01T08:02:00Z"),
        ("2026-06-01T08:05:00Z", 1, "2026-06-08T08:02:00Z"),
    ]
    .map(|(at, used, end)| {
        let line = format!(
            r#"{{"type":"reading","at":"{at}","account":"{STEADY}","source":"kimi-code","region":"china",
                    "meters":[{{"meter":"week","used_percent":{used},"resets_at":"{end}"}}]}}"#
        );
        TimestampedRecord::read(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"))
    })
}

impl Target for Replays {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let mut input = REPLAY.as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            json::change_line(random, &mut input);
        }
        if random.one_in(3) {
            bytes::damage(random, &mut input);
        }
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        let mut replay = Replay::new();
        let mut resets = 0;
        let mut outcome = Ok(());
        let mut take = |replay: &mut Replay, record: Record| {
            let mut sound = Ok(());
            replay.take(record, &PublicPrices, |account, finding| {
                if account == Some(STEADY) {
                    resets += 1;
                } else if sound.is_ok() {
                    sound = finding_is_sound(&FindingRecord::new(finding, account));
                }
            });
            sound
        };
        let [first, second] = steady();
        take(&mut replay, first.record)?;
        for line in input.split(|byte| *byte == b'\n') {
            let read = TimestampedRecord::read(line);
            are_equal(
                "a line means one thing",
                &read.as_ref().ok(),
                &TimestampedRecord::read(line).as_ref().ok(),
            )?;
            let Ok(read) = read else { continue };
            let text = serde_json::to_string(&read).unwrap_or_else(|error| error.to_string());
            let again = TimestampedRecord::read(text.as_bytes()).map_err(|error| error.to_string());
            let same = again.as_ref().is_ok_and(|again| *again == read);
            holds("what is written is read as it was", same, || format!("{text} as {again:?}"))?;
            outcome = outcome.and_then(|()| take(&mut replay, read.record));
        }
        outcome?;
        take(&mut replay, second.record)?;
        holds("a bad line stops no replay", resets == 1, || format!("{resets} resets of another account"))
    }
}

fn finding_is_sound(finding: &FindingRecord) -> Outcome {
    let figures = [finding.observed, finding.expected_low, finding.expected_high, Some(finding.confidence)];
    let finite = figures.into_iter().flatten().all(f64::is_finite);
    holds("figures are finite", finite, || format!("{finding:?}"))?;
    holds("confidence is a share", (0.0..=1.0).contains(&finding.confidence), || {
        finding.confidence.to_string()
    })?;
    let text = finding.evidence.iter().fold(finding.explanation.clone(), |mut text, line| {
        let _ = write!(text, " {line}");
        text
    });
    is_kept("explanation", &clean(&text), 10 * MAX_SENTENCE_CHARS)?;
    holds("a time has an order", finding.from <= finding.to, || format!("{} to {}", finding.from, finding.to))
}
