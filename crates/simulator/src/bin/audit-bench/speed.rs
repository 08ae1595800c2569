//! How fast a history is audited again, on one core: lines that are read already, and lines of JSON. What
//! else the machine does is left out of the time.

use std::time::Instant;

use chrono::TimeDelta;
use tidemark_core::audit::{Prices, Replay};
use tidemark_core::line::{Line, ReadingLine, Recorded, UsageLine};
use tidemark_simulator::{Polled, history};

use crate::fault::Fault;
use crate::month::{Month, Sight};

/// The time that this thread has been running on a processor; the time of day where that is not told.
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

/// Nanoseconds of this thread on a processor, as Linux tells them.
fn busy() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// Readings a second from lines that are read already, and from lines of JSON.
pub(crate) fn speed(prices: &dyn Prices) -> (f64, f64) {
    let lines = lines();
    let readings = lines.iter().filter(|line| matches!(line, Line::Reading(_))).count() as f64;
    let text: Vec<String> = lines.iter().filter_map(|line| serde_json::to_string(line).ok()).collect();
    let mut best = (0.0_f64, 0.0_f64);
    // The best of a few.
    for _ in 0..5 {
        let own = lines.clone();
        let mut replay = Replay::new();
        let start = Clock::start();
        for line in own {
            replay.take(line, prices, |_, _| {});
        }
        best.0 = best.0.max(readings / start.seconds());
        let mut replay = Replay::new();
        let start = Clock::start();
        for text in &text {
            // As `tidemark replay` reads it.
            if let Ok(recorded) = Recorded::read(text.as_bytes()) {
                replay.take(recorded.line, prices, |_, _| {});
            }
        }
        best.1 = best.1.max(readings / start.seconds());
    }
    best
}

/// A few months of accounts of both products, with their logs.
fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    for seed in 0..12 {
        let month = Month::new(seed, Fault::Nothing, Sight::Logs);
        let name = Some(format!("account {seed}"));
        let mut history = history(&month.spec, 7, month.begin, month.end, TimeDelta::minutes(5));
        history.keep_logged();
        while let Some(poll) = history.next_poll() {
            for request in history.take_logged() {
                let t = request.tokens;
                lines.push(Line::Usage(UsageLine {
                    at: request.at,
                    account: name.clone(),
                    model: Some(request.model.platform_name().to_owned()),
                    project: None,
                    input: t.input,
                    cache_read: t.cache_read,
                    cache_write: t.cache_write,
                    output: t.output,
                }));
            }
            let Polled::Look { reading, .. } = poll else { continue };
            lines.push(Line::Reading(ReadingLine::new(&reading, name.as_deref())));
        }
    }
    lines
}
