//! Brings the index of local use in a folder up to date with the logs below a home, and prints as JSON how long
//! that took, how much memory it took, and what the index holds then: `usage-index HOME FOLDER`. For benchmarks.

#![allow(clippy::print_stdout, reason = "what it is for")]

use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Utc};
use tidemark_core::Tokens;
use tidemark_kimi::PriceList;
use tidemark_logs::Roots;
use tidemark_monitor::local_use::index::{Asked, update};
use tidemark_store::{Store, UsageQuery, WhoseUse};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(home), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage-index HOME FOLDER".into());
    };
    let store = Store::open(Path::new(&folder), Utc::now())?;
    let began = Instant::now();
    let updated = update(
        &mut &store,
        Asked {
            roots: &Roots::in_home(Path::new(&home), &[]),
            whose: &|_, _| WhoseUse::Nobody,
            cuts: &PriceList::public().turning_points(),
            now: Utc::now(),
            stop: &|| false,
            progress: &mut |_| {},
        },
    )?;
    let (took, peak) = (began.elapsed(), peak_kib());
    let mut tokens = Tokens::default();
    let mut requests = 0;
    let query = UsageQuery { from: DateTime::UNIX_EPOCH, to: "2200-01-01T00:00:00Z".parse()? };
    store.for_each_usage(&query, |sum| {
        tokens += sum.tokens;
        requests += sum.requests;
    })?;
    println!(
        "{{\"seconds\":{:.4},\"peak_kib\":{peak},\"files_read\":{},\"bytes\":{},\"requests\":{requests},\"tokens\":{}}}",
        took.as_secs_f64(),
        updated.progress.files,
        updated.progress.bytes,
        tokens.total()
    );
    Ok(())
}

/// The most memory that this process held at once, where the system reports it.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
