//! How fast a history is audited again, on one core: lines that are read already, and lines of JSON. What
//! else the machine does is left out of the time.

use std::time::Instant;

use chrono::TimeDelta;
use serde::Serialize;
use tidemark_core::audit::Prices;
use tidemark_core::replay::Replay;
use tidemark_core::wire::{ReadingRecord, Record, TimestampedRecord, UsageRecord};
use tidemark_simulator::{Polled, history};

use crate::fault::Fault;
use crate::month::{Month, Sight};

/// Processor time of this thread; the time of day if the system does not report it.
struct Clock {
    since: Instant,
    busy: Option<u64>,
}

impl Clock {
    fn start() -> Self {
        Self { since: Instant::now(), busy: busy() }
    }

    fn seconds(&self) -> f64 {
        match (self.busy, busy()) {
            (Some(before), Some(now)) if now > before => (now - before) as f64 / 1e9,
            _ => self.since.elapsed().as_secs_f64(),
        }
    }
}

/// Nanoseconds of this thread on a processor, as Linux reports them.
fn busy() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// What an audit of a history costs, in microseconds of one core for each of its readings.
#[derive(Debug, Serialize)]
pub(crate) struct Speed {
    /// Readings in the history, and requests of session logs between them.
    readings: usize,
    requests: usize,
    /// The audit alone, of lines that are read already.
    audit: f64,
    /// The whole: from text to findings.
    replay: f64,
    /// For comparison: the same text read as JSON values, and nothing done with them.
    json: f64,
}

/// Audits a history again and again; the best of a few counts.
pub(crate) fn speed(prices: &dyn Prices) -> Speed {
    let lines = lines();
    let readings = lines.iter().filter(|line| matches!(line, Record::Reading(_))).count();
    let requests = lines.len() - readings;
    let text: Vec<String> = lines.iter().filter_map(|line| serde_json::to_string(line).ok()).collect();
    let mut speed = Speed { readings, requests, audit: f64::MAX, replay: f64::MAX, json: f64::MAX };
    let each = |clock: &Clock| clock.seconds() * 1e6 / readings as f64;
    for _ in 0..7 {
        let own = lines.clone();
        let mut replay = Replay::new();
        let clock = Clock::start();
        for line in own {
            replay.take(line, prices, |_, _| {});
        }
        speed.audit = speed.audit.min(each(&clock));
        let mut replay = Replay::new();
        let clock = Clock::start();
        for text in &text {
            // As `tidemark replay` reads it.
            if let Ok(recorded) = TimestampedRecord::read(text.as_bytes()) {
                replay.take(recorded.record, prices, |_, _| {});
            }
        }
        speed.replay = speed.replay.min(each(&clock));
        let clock = Clock::start();
        for text in &text {
            // Or the compiler would leave it out.
            std::hint::black_box(serde_json::from_str::<serde_json::Value>(text).is_ok());
        }
        speed.json = speed.json.min(each(&clock));
    }
    speed
}

/// A month each of accounts of both products, with their logs.
fn lines() -> Vec<Record> {
    let mut lines = Vec::new();
    for seed in 0..12 {
        account(seed, 30, &mut |line| lines.push(line));
    }
    lines
}

/// The lines of an account over so many days, for a history as long as is wanted.
pub(crate) fn account(seed: u64, days: i64, take: &mut impl FnMut(Record)) {
    let month = Month::new(seed, Fault::Nothing, Sight::Logs);
    let name = Some(format!("account {seed}"));
    let end = month.begin + TimeDelta::days(days);
    let mut history = history(&month.spec, 7, month.begin, end, TimeDelta::minutes(5));
    history.keep_logged();
    while let Some(poll) = history.next_poll() {
        for request in history.take_logged() {
            let record =
                UsageRecord::new(request.at, Some(request.model.platform_name().to_owned()), request.tokens);
            take(Record::Usage(UsageRecord { account: name.clone(), ..record }));
        }
        let Polled::Look { reading, .. } = poll else { continue };
        take(Record::Reading(ReadingRecord::new(&reading, name.as_deref())));
    }
}
