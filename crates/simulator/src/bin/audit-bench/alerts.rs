//! How often predictive alerts are wrong: the lives that the forecast is measured on, with the alerts that they would
//! have led to, and what came of each. One line of JSON for each quota.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::prelude::ToPrimitive as _;
use serde::Serialize;
use tidemark_core::alert::{Alert, AlertKind, AlertRules};
use tidemark_core::forecast::UsageHistory;
use tidemark_core::step::{AccountState, Input, Rules};
use tidemark_core::{Meter, Reading};
use tidemark_kimi::PublicPrices;

use crate::forecast::{emptied, readings};

/// Days of a month.
const MONTH: f64 = 30.0;

/// An alert that a quota is likely to be empty, and what came.
#[derive(Debug, Clone, Copy)]
struct Said {
    meter: Meter,
    probability: f64,
    emptied: bool,
    /// Whether it was taken back before the cycle ended.
    taken_back: bool,
    /// Hours between the alert and the emptying.
    ahead: Option<f64>,
}

/// What one life led to.
#[derive(Debug, Default)]
struct Life {
    months: f64,
    said: Vec<Said>,
    /// How often each quota was emptied, whether or not it was said before.
    emptied: BTreeMap<Meter, usize>,
}

/// One line of JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    kind: &'static str,
    meter: &'static str,
    /// The probability from which on it was said, in percent.
    threshold: u32,
    months: f64,
    alerts: usize,
    /// Those after which something was left at the reset.
    wrong: usize,
    /// The same, a month.
    wrong_a_month: f64,
    /// Those of the wrong ones that were taken back before the reset.
    wrong_taken_back: usize,
    /// Those that were right and taken back all the same.
    right_taken_back: usize,
    /// How often it was emptied, and how often that was said before.
    emptied: usize,
    emptied_said: usize,
    /// Brier score of the probabilities that were said, and of always saying the share that was right.
    brier: f64,
    brier_base: f64,
    /// The middle of the hours between alert and emptying.
    hours_ahead: f64,
}

/// Lives so many lives, and gives a line for each quota.
pub(crate) fn measure(lives: u64, held_out: bool, threshold: u32) -> Vec<Row> {
    let first: u64 = if held_out { 1_000_000 } else { 0 };
    let seeds: Vec<u64> = (0..lives).map(|number| first + number * 1000 + 977).collect();
    let all = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let life = live(*seed, threshold);
                    // A thread that panicked ends the program with its own message.
                    if let Ok(mut all) = all.lock() {
                        all.push((*seed, life));
                    }
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap_or_default();
    all.sort_by_key(|(seed, _)| *seed);
    let lives: Vec<Life> = all.into_iter().map(|(_, life)| life).collect();
    [Meter::FiveHour, Meter::Week, Meter::Month]
        .into_iter()
        .map(|meter| row(meter, threshold, &lives))
        .collect()
}

fn live(seed: u64, threshold: u32) -> Life {
    let (readings, events, zone, end) = readings(seed);
    let alert_rules = AlertRules { likely_empty: Some(threshold), ..AlertRules::default() };
    let rules = Rules { prices: &PublicPrices, alerts: Some(&alert_rules), max_gap: TimeDelta::minutes(20) };
    let mut state = AccountState::new().with_usage_history(Some(UsageHistory::new(zone)));
    let mut alerts = Vec::new();
    for reading in &readings {
        alerts.extend(state.apply(Input::Reading(reading), &rules).alerts);
    }
    let mut life = Life::default();
    if let (Some(first), Some(last)) = (readings.first(), readings.last()) {
        life.months = (last.at - first.at).as_seconds_f64() / 86_400.0 / MONTH;
    }
    for alert in &alerts {
        let AlertKind::LikelyEmpty { meter, probability, resets_at: Some(resets_at), .. } = alert.kind else {
            continue;
        };
        // What comes of it is not known where the life ends before.
        if resets_at >= end {
            continue;
        }
        let until = ended(&readings, meter, alert.at, resets_at);
        let at = emptied(&events, meter, alert.at, until);
        life.said.push(Said {
            meter,
            probability,
            emptied: at.is_some(),
            taken_back: alerts.iter().any(|other| takes_back(other, meter, alert.at, until)),
            ahead: at.map(|at| (at - alert.at).as_seconds_f64() / 3600.0),
        });
    }
    for event in events.iter().filter(|event| event.what == "exhausted") {
        let meter = event.series.and_then(|key| key.0.meter());
        if let Some(meter) = meter {
            *life.emptied.entry(meter).or_default() += 1;
        }
    }
    life
}

fn takes_back(alert: &Alert, meter: Meter, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
    matches!(alert.kind, AlertKind::LikelyLasts { meter: of, .. } if of == meter)
        && alert.at > from
        && alert.at < until
}

/// When a cycle ended: as announced, or at an early reset.
fn ended(readings: &[Reading], meter: Meter, at: DateTime<Utc>, resets_at: DateTime<Utc>) -> DateTime<Utc> {
    let mut used = 0.0;
    for reading in readings.iter().filter(|reading| reading.at >= at && reading.at < resets_at) {
        let Some(now) = reading.meter(meter).and_then(|seen| seen.used_percent.to_f64()) else { continue };
        if now < used / 2.0 {
            return reading.at;
        }
        used = now;
    }
    resets_at
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

fn row(meter: Meter, threshold: u32, lives: &[Life]) -> Row {
    let said: Vec<Said> =
        lives.iter().flat_map(|life| &life.said).filter(|said| said.meter == meter).copied().collect();
    let months: f64 = lives.iter().map(|life| life.months).sum();
    let outcome = |said: &Said| f64::from(u8::from(said.emptied));
    let right = mean(said.iter().map(outcome));
    let wrong = said.iter().filter(|said| !said.emptied).count();
    let mut ahead: Vec<f64> = said.iter().filter_map(|said| said.ahead).collect();
    ahead.sort_by(f64::total_cmp);
    Row {
        kind: "likely-empty",
        meter: meter.as_str(),
        threshold,
        months,
        alerts: said.len(),
        wrong,
        wrong_a_month: if months > 0.0 { wrong as f64 / months } else { 0.0 },
        wrong_taken_back: said.iter().filter(|said| !said.emptied && said.taken_back).count(),
        right_taken_back: said.iter().filter(|said| said.emptied && said.taken_back).count(),
        emptied: lives.iter().filter_map(|life| life.emptied.get(&meter)).sum(),
        emptied_said: ahead.len(),
        brier: mean(said.iter().map(|said| (said.probability - outcome(said)).powi(2))),
        brier_base: mean(said.iter().map(|said| (right - outcome(said)).powi(2))),
        hours_ahead: ahead.get(ahead.len() / 2).copied().unwrap_or_default(),
    }
}
