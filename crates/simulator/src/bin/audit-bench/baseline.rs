//! Simple rules that people use, on the same data: a change of five points or more, a z-score, a modified
//! z-score, and a day's sum beside the mean of that weekday.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::prelude::ToPrimitive;
use tidemark_core::{Reading, Region};

/// The rules, in the order in which they are reported.
pub(crate) const RULES: [&str; 4] = ["|Δ| ≥ 5", "z > 3", "modified z > 3.5", "weekday × 1.8"];

/// The length of a rule's history, in changes: a week of them.
const WEEK: usize = 2016;
/// Alarms of one rule within this time are one.
const ONE_ALARM: TimeDelta = TimeDelta::hours(1);

/// All four, run over one account.
#[derive(Debug, Default)]
pub(crate) struct Baselines {
    last: BTreeMap<String, f64>,
    series: BTreeMap<String, Series>,
    pub(crate) alarms: [Vec<DateTime<Utc>>; 4],
    rung: [Option<DateTime<Utc>>; 4],
}

#[derive(Debug, Default)]
struct Series {
    changes: Vec<f64>,
    sum: f64,
    squares: f64,
    /// The changes above zero, sorted.
    active: Vec<f64>,
    day: Option<(i64, f64)>,
    days: [Vec<f64>; 7],
}

impl Baselines {
    pub(crate) fn take(&mut self, reading: &Reading) {
        let mut values: Vec<(String, f64)> = reading
            .meters
            .iter()
            .map(|m| (m.meter.to_string(), m.used_percent.to_f64().unwrap_or_default()))
            .collect();
        if let Some(balance) = reading.balance {
            // A point is a hundredth of a usual balance.
            let point = if reading.region == Region::China { 5.6 } else { 0.8 };
            let left = balance.available.and_then(|a| a.to_f64()).unwrap_or_default();
            values.push(("balance".into(), -left / point));
        }
        for (key, value) in values {
            let Some(last) = self.last.insert(key.clone(), value) else { continue };
            let hits = self.series.entry(key).or_default().take(reading.at, (value - last).max(0.0));
            for (rule, hit) in hits.into_iter().enumerate() {
                if hit {
                    if self.rung[rule].is_none_or(|last| reading.at - last > ONE_ALARM) {
                        self.alarms[rule].push(reading.at);
                    }
                    self.rung[rule] = Some(reading.at);
                }
            }
        }
    }
}

impl Series {
    fn take(&mut self, at: DateTime<Utc>, change: f64) -> [bool; 4] {
        let mut hits = [change >= 5.0, false, false, false];
        let n = self.changes.len().min(WEEK) as f64;
        if n > 288.0 && change > 0.0 {
            let mean = self.sum / n;
            let spread = (self.squares / n - mean * mean).max(0.0).sqrt();
            hits[1] = spread > 0.0 && (change - mean) / spread > 3.0;
            if self.active.len() > 20 {
                let median = self.active[self.active.len() / 2];
                let mut off: Vec<f64> = self.active.iter().map(|d| (d - median).abs()).collect();
                let middle = off.len() / 2;
                let (_, around, _) = off.select_nth_unstable_by(middle, f64::total_cmp);
                hits[2] = 0.6745 * (change - median) / around.max(1e-9) > 3.5;
            }
        }
        self.remember(change);
        let day = at.timestamp().div_euclid(86_400);
        let (today, before) = self.day.filter(|(today, _)| *today == day).unwrap_or((day, 0.0));
        if let Some((past, sum)) = self.day.filter(|(past, _)| *past != day) {
            self.days[past.rem_euclid(7) as usize].push(sum);
        }
        self.day = Some((today, before + change));
        let past = &self.days[day.rem_euclid(7) as usize];
        if !past.is_empty() {
            let most = past.iter().sum::<f64>() / past.len() as f64 * 1.8;
            hits[3] = most > 0.0 && before <= most && before + change > most;
        }
        hits
    }

    fn remember(&mut self, change: f64) {
        self.changes.push(change);
        self.sum += change;
        self.squares += change * change;
        if change > 0.0 {
            self.active.insert(self.active.partition_point(|d| *d < change), change);
        }
        if let Some(old) = self.changes.len().checked_sub(WEEK + 1) {
            let old = self.changes[old];
            self.sum -= old;
            self.squares -= old * old;
            if old > 0.0 {
                let place = self.active.partition_point(|d| *d < old);
                self.active.remove(place);
            }
        }
    }
}
