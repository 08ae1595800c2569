//! How well the audit finds what went wrong: labelled months of simulated accounts, and what was found in
//! them, beside simple rules on the same data. One line of JSON for each fault, size and kind of logs.
//!
//! Seeds below a million are for development; `--held-out` takes others, which are not consulted while the
//! audit is changed. `cargo xtask bench audit` runs it and writes the table.

mod alerts;
mod baseline;
mod dice;
mod fault;
mod fleet;
mod forecast;
mod live;
mod month;
mod pace;
mod score;
mod speed;

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;
use tidemark_kimi::PublicPrices;

use fault::Fault;
use live::{Outcome, live};
use month::{Month, Sight};
use score::Score;

/// Measures the audit on simulated months.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many months for each fault, size and sight; clean ones are more.
    #[arg(long, default_value_t = 40)]
    months: u64,
    /// Take the seeds that are kept for the figures in the documentation.
    #[arg(long)]
    held_out: bool,
    /// Only faults with this in their class and size.
    #[arg(long)]
    only: Option<String>,
    /// Only sights with this in their name.
    #[arg(long)]
    sight: Option<String>,
    /// Tell on standard error of what was missed and of false alarms.
    #[arg(long)]
    trace: bool,
    /// Measure how fast a history is audited instead.
    #[arg(long)]
    speed: bool,
    /// Write the history of an account over so many days instead, as lines of JSON.
    #[arg(long)]
    history: Option<i64>,
    /// Measure the forecast instead, on so many lives.
    #[arg(long)]
    forecast: Option<u64>,
    /// Measure the predictive alerts instead, on so many lives.
    #[arg(long)]
    alerts: Option<u64>,
    /// The probability in percent from which on a quota is said to be likely empty before its reset.
    #[arg(long, default_value_t = 80)]
    likely: u32,
    /// Measure accounts that several machines use, by what becomes known of their usage.
    #[arg(long)]
    machines: bool,
    /// Measure instead how well a higher price could be found without logs, on so many accounts.
    #[arg(long)]
    pace: Option<u64>,
    /// Only this seed.
    #[arg(long)]
    seed: Option<u64>,
}

/// All months of one fault, size and sight.
struct Kind {
    fault: Fault,
    sight: Sight,
    seeds: Vec<u64>,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    if arguments.speed {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, &speed::speed(&PublicPrices))?;
        return out.write_all(b"\n");
    }
    if let Some(days) = arguments.history {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let mut done = Ok(());
        speed::account(arguments.seed.unwrap_or_default(), days, &mut |line| {
            if done.is_ok() {
                done = serde_json::to_writer(&mut out, &line)
                    .map_err(Into::into)
                    .and_then(|()| out.write_all(b"\n"));
            }
        });
        return done.and_then(|()| out.flush());
    }
    if let Some(lives) = arguments.forecast {
        let mut out = std::io::stdout().lock();
        for row in forecast::measure(lives, arguments.held_out) {
            serde_json::to_writer(&mut out, &row)?;
            out.write_all(b"\n")?;
        }
        return Ok(());
    }
    if let Some(lives) = arguments.alerts {
        let mut out = std::io::stdout().lock();
        for row in alerts::measure(lives, arguments.held_out, arguments.likely) {
            serde_json::to_writer(&mut out, &row)?;
            out.write_all(b"\n")?;
        }
        return Ok(());
    }
    if let Some(accounts) = arguments.pace {
        let mut out = std::io::stdout().lock();
        for row in pace::measure(accounts, arguments.held_out) {
            serde_json::to_writer(&mut out, &row)?;
            out.write_all(b"\n")?;
        }
        return Ok(());
    }
    let kinds = kinds(&arguments);
    let work: Vec<(usize, u64)> = kinds
        .iter()
        .enumerate()
        .flat_map(|(kind, Kind { seeds, .. })| seeds.iter().map(move |seed| (kind, *seed)))
        .collect();
    let scores: Vec<Mutex<Score>> = kinds.iter().map(|_| Mutex::default()).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((kind, seed)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Kind { fault, sight, .. } = kinds[*kind];
                    let month = Month::new(*seed, fault, sight);
                    let outcome = live(&month, &PublicPrices);
                    if arguments.trace {
                        trace(&month, &outcome);
                    }
                    // A thread that panicked ends the program with its own message.
                    if let Ok(mut score) = scores[*kind].lock() {
                        score.add(&outcome);
                    }
                }
            });
        }
    });
    let mut out = std::io::stdout().lock();
    for (kind, score) in kinds.iter().zip(scores) {
        let row = score.into_inner().unwrap_or_default().row(kind.fault, kind.sight);
        serde_json::to_writer(&mut out, &row)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn kinds(arguments: &Arguments) -> Vec<Kind> {
    let first: u64 = if arguments.held_out { 1_000_000 } else { 0 };
    let mut kinds = Vec::new();
    // With several machines all have the same months, so that they can be compared.
    let several = Sight::MACHINES.into_iter().map(|sight| (Sight::ALL.len(), sight));
    let sights: Vec<(usize, Sight)> =
        if arguments.machines { several.collect() } else { Sight::ALL.into_iter().enumerate().collect() };
    for (s, sight) in sights {
        if arguments.sight.as_ref().is_some_and(|only| !sight.as_str().contains(only.as_str())) {
            continue;
        }
        for (f, (fault, times)) in fault::ALL.into_iter().enumerate() {
            let name = format!("{} {}", fault.class(), fault.size().unwrap_or_default());
            if arguments.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
                continue;
            }
            let number = |n: u64| first + n * 1000 + f as u64 * 31 + s as u64;
            let seeds = match arguments.seed {
                Some(seed) => vec![seed],
                None => (0..arguments.months * times).map(number).collect(),
            };
            kinds.push(Kind { fault, sight, seeds });
        }
    }
    kinds
}

fn trace(month: &Month, outcome: &Outcome) {
    let missed = outcome.counted && (!outcome.found || outcome.in_time == Some(false));
    let late = outcome.counted && !month.fault.lasts() && outcome.delay > 2;
    let resets = outcome.resets.0 != outcome.resets.1 || outcome.credits.0 != outcome.credits.1;
    if !missed && !late && !resets && outcome.false_alarms == 0 {
        return;
    }
    let spec = &month.spec;
    eprintln!(
        "[{}] {} {:?} {}{} {:?} {:?} {:?} {} from {} at {:?} every {} delay {} in time {:?} other {} burst {} × {} nights off {} away {:?} told after {} resets {:?} credits {:?}",
        month.seed,
        month.fault.class(),
        month.fault.size(),
        month.sight.as_str(),
        if missed { " MISSED" } else { "" },
        spec.source,
        spec.plan,
        spec.generation,
        month.meter.map_or("", tidemark_core::Meter::as_str),
        month.begin.format("%m-%d %H:%M"),
        month.at.map(|at| at.format("%m-%d %H:%M").to_string()),
        month.every.num_minutes(),
        outcome.delay,
        outcome.in_time,
        spec.habits.beside.map_or_else(
            || spec.habits.other_machine.to_string(),
            |beside| format!("since {} {} every {:.0} s", beside.since, beside.busy, beside.pace_seconds)
        ),
        spec.habits.burst,
        spec.habits.burst_agents,
        month.nights_off,
        month.away.map(|(from, _)| from.format("%m-%d %H:%M").to_string()),
        month.told_after.num_minutes(),
        outcome.resets,
        outcome.credits,
    );
    for told in &outcome.told {
        eprintln!("    {told}");
    }
}
