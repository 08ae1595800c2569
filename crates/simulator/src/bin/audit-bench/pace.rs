//! How well a higher price could be found where no log shows the usage, if everything about an account's habits
//! were known.
//!
//! All that shows then is the pace: what a session takes in an hour. The best test of a change whose size is known is
//! the sum of log-likelihood ratios (CUSUM). Here it is given the size, and the distribution of the account's own
//! pace from months of the same account that no program has polled: more than any program can know. What it finds
//! within three days, at the rate of false alarms that is allowed, is the upper bound for such a test.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use tidemark_core::Meter;
use tidemark_simulator::{Polled, history};

use crate::dice::Dice;
use crate::fault::Fault;
use crate::month::{Month, Sight};

/// A pause of this length ends a session.
const PAUSE: TimeDelta = TimeDelta::minutes(25);
/// Over a longer gap it is unknown when something was used.
const GAP: TimeDelta = TimeDelta::minutes(40);
/// False alarms that are allowed in a month without faults.
const FALSE_ALARMS: f64 = 0.03;
/// How soon it has to be found.
const SOON: TimeDelta = TimeDelta::days(3);
/// Months that show how fast an account usually is.
const MONTHS_KNOWN: u64 = 6;

/// What is known of the usual pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Known {
    /// The account's own distribution, from months that no program could have polled.
    All,
    /// The sessions before the change only, at least a week of them.
    Before,
}

/// One line of JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    factor: f64,
    known: Known,
    /// Months without a fault, and with it.
    clean: usize,
    months: usize,
    /// Found within three days, at the false alarms allowed.
    recall: f64,
    /// The same at ten times as many false alarms.
    recall_at_many: f64,
    /// The middle scatter of an account's pace, as a factor either way, and of its sessions in three days.
    scatter: f64,
    sessions: f64,
}

/// When a session ended, and what it took in an hour, as a natural logarithm.
type Session = (DateTime<Utc>, f64);

/// Measures the bound on so many accounts.
pub(crate) fn measure(accounts: u64, held_out: bool) -> Vec<Row> {
    let first: u64 = if held_out { 1_000_000 } else { 0 };
    let factors = [2.0, 3.0, 5.0, 10.0];
    let mut rows = Vec::new();
    let seeds: Vec<u64> = (0..accounts).map(|n| first + n * 1000 + 2).collect();
    let clean: Vec<(Month, Vec<Session>, Vec<f64>)> = seeds
        .iter()
        .map(|seed| Month::new(*seed, Fault::Accelerated(1.0), Sight::NoLogs))
        .filter(|month| month.meter.is_some())
        .map(|month| {
            let seen = sessions(&month, month.spec.seed);
            let usual = (1..=MONTHS_KNOWN)
                .flat_map(|other| sessions(&month, month.spec.seed ^ (other << 32)))
                .map(|(_, pace)| pace)
                .collect();
            (month, seen, usual)
        })
        .collect();
    for factor in factors {
        for known in [Known::All, Known::Before] {
            let (mut alarms, mut found, mut scatters, mut counts) =
                (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for (month, seen, usual) in &clean {
                let Some(at) = month.at else { continue };
                let faulty = Month::new(month.seed, Fault::Accelerated(factor), Sight::NoLogs);
                let faulty = sessions(&faulty, faulty.spec.seed);
                let score = |all: &[Session], from: DateTime<Utc>, to: DateTime<Utc>| {
                    most(all, usual, known, factor, (month.begin, from, to))
                };
                alarms.push(score(seen, month.begin, month.end));
                found.push(score(&faulty, at, at + SOON));
                counts.push(faulty.iter().filter(|one| (at..at + SOON).contains(&one.0)).count() as f64);
                scatters.push(scatter(usual));
            }
            rows.push(Row {
                factor,
                known,
                clean: alarms.len(),
                months: found.len(),
                recall: recall(&alarms, &found, FALSE_ALARMS),
                recall_at_many: recall(&alarms, &found, 10.0 * FALSE_ALARMS),
                scatter: middle(scatters).exp(),
                sessions: middle(counts),
            });
        }
    }
    rows
}

/// The sessions of the 5-hour quota, as a program that polls it sees them.
fn sessions(month: &Month, seed: u64) -> Vec<Session> {
    let mut dice = Dice::new(month.seed ^ 0x55);
    let spec = month.spec.clone().with_seed(seed);
    let mut history = history(&spec, 7, month.begin, month.end, month.every);
    let mut all = Vec::new();
    let mut last: Option<(DateTime<Utc>, f64)> = None;
    let mut open: Option<(DateTime<Utc>, DateTime<Utc>, f64)> = None;
    while let Some(poll) = history.next_poll() {
        let Polled::Look { reading, .. } = poll else { continue };
        let off = month.nights_off && (1..8).contains(&reading.at.with_timezone(&spec.habits.zone).hour());
        let away = month.away.is_some_and(|(from, to)| (from..to).contains(&reading.at));
        if off || away || dice.happens(month.dropped) {
            continue;
        }
        let used = reading.meter(Meter::FiveHour).and_then(|meter| meter.used_percent.to_f64());
        let (Some(used), before) = (used, last) else { continue };
        last = Some((reading.at, used));
        let Some((from, before)) = before else { continue };
        let broken = used < before || reading.at - from > GAP;
        if let Some((begin, end, amount)) = open
            && (broken || from - end >= PAUSE)
        {
            // Less may be as good as all rounding.
            if amount >= 3.0 {
                let hours = (end - begin).max(TimeDelta::minutes(10)).num_seconds() as f64 / 3600.0;
                all.push((end, (amount / hours).ln()));
            }
            open = None;
        }
        if !broken && used > before {
            let (begin, _, amount) = open.unwrap_or((from, reading.at, 0.0));
            open = Some((begin, reading.at, amount + used - before));
        }
    }
    all
}

/// The largest sum of log-likelihood ratios in a span.
fn most(
    all: &[Session],
    usual: &[f64],
    known: Known,
    factor: f64,
    (begin, from, to): (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
) -> f64 {
    let (mut sum, mut most) = (0.0_f64, 0.0_f64);
    let mut learned: Vec<f64> = Vec::new();
    for (end, pace) in all {
        let week_known = learned.len() >= 8 && *end - begin >= TimeDelta::days(7);
        let paces: &[f64] = match known {
            Known::All => usual,
            Known::Before if week_known => &learned,
            Known::Before => &[],
        };
        if paces.len() >= 8 {
            let ratio = density(pace - factor.ln(), paces) / density(*pace, paces);
            sum = (sum + ratio.ln()).max(0.0);
        }
        if (from..to).contains(end) {
            most = most.max(sum);
        }
        // What may be faster is not learned from.
        if sum < 2.0 {
            learned.push(*pace);
        }
    }
    most
}

/// The density of a pace: kernels around what was usual, and a little everywhere, so that nothing is impossible.
fn density(pace: f64, usual: &[f64]) -> f64 {
    let width = (1.06 * scatter(usual) * (usual.len() as f64).powf(-0.2)).max(0.15);
    let kernels: f64 = usual.iter().map(|one| (-0.5 * ((pace - one) / width).powi(2)).exp()).sum();
    0.98 * kernels / (usual.len() as f64 * width * 2.506_628) + 0.02 / 8.0
}

fn scatter(all: &[f64]) -> f64 {
    let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
    (all.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / all.len().max(1) as f64).sqrt()
}

/// The share of months with a fault that are beyond the threshold that leaves so many false alarms.
fn recall(alarms: &[f64], found: &[f64], allowed: f64) -> f64 {
    let mut sorted = alarms.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let Some(threshold) = sorted.get((allowed * alarms.len() as f64).floor() as usize) else { return 0.0 };
    found.iter().filter(|one| *one > threshold).count() as f64 / found.len().max(1) as f64
}

fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
