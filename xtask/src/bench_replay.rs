//! Measures how fast a history is audited again, and in how much memory.

use std::fs::{self, File};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::bench_tools;
use crate::figure::Figure;
use crate::step::{command, output, run, target};

/// What the measuring program says, in microseconds of one core a reading.
#[derive(Deserialize)]
struct Speed {
    readings: u64,
    requests: u64,
    audit: f64,
    replay: f64,
    json: f64,
}

/// Half a million readings a second.
const BOUND: f64 = 2.0;

/// A history of a year, beside one of two months: the memory must not grow with it.
const DAYS: [i64; 2] = [60, 360];
/// What a longer history may take more, by what lies about in the allocator.
const STEADY: f64 = 1.1;

/// The speed of the audit, and the memory of `tidemark replay`.
pub(crate) fn replay() -> Result<Vec<Figure>> {
    bench_tools::tools()?;
    let measure = target().join("release/audit-bench");
    let said = output(command(&measure).arg("--speed"))?;
    let speed: Speed = serde_json::from_str(&said).with_context(|| format!("cannot read {said}"))?;
    let folder = target().join("bench");
    fs::create_dir_all(&folder)?;
    let mut memory = Vec::new();
    for days in DAYS {
        let path = folder.join(format!("history-{days}.jsonl"));
        run(command(&measure).arg("--history").arg(days.to_string()).stdout(File::create(&path)?))?;
        let arguments = ["replay".as_ref(), path.as_os_str()];
        memory.push(bench_tools::peak(&target().join("release/tidemark"), &arguments, &folder.join("peak"))?);
        fs::remove_file(&path)?;
    }
    let history = format!("{} readings, {} requests of logs between them", speed.readings, speed.requests);
    Ok(vec![
        Figure::new(
            &format!("from JSON to findings, one core, a reading ({history})"),
            speed.replay,
            "µs",
            BOUND,
        ),
        Figure::new("the audit alone, one core, a reading", speed.audit, "µs", BOUND),
        Figure::beside("the same JSON read as plain values by serde_json, a reading", speed.json, "µs"),
        Figure::beside(&format!("tidemark replay, memory, {} days", DAYS[0]), memory[0], "MiB"),
        Figure::beside(&format!("tidemark replay, memory, {} days", DAYS[1]), memory[1], "MiB"),
        Figure::new(
            "tidemark replay, memory, the longer beside the shorter",
            memory[1] / memory[0],
            "×",
            STEADY,
        ),
    ])
}
