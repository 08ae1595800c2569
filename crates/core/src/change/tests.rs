//! One row a rule, and the laws that hold over any sequence of readings.

mod account;
mod allowance;
mod laws;
mod meters;
mod money;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{Movement, Observed, Tracker};
use crate::account::{Region, Source};
use crate::finding::{Finding, FindingKind};
use crate::meter::Meter;
use crate::reading::{MeterReading, RateLimits, Reading};
use crate::series::Series;

/// Minutes after an arbitrary beginning.
fn minute(minutes: i64) -> DateTime<Utc> {
    "2026-09-20T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn since(at: DateTime<Utc>) -> i64 {
    (at - minute(0)).num_minutes()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A reading that shows nothing.
fn blank(at: i64) -> Reading {
    Reading::new(minute(at), Source::KimiCode, Region::China)
}

fn meter(meter: Meter, used: &str, end: Option<DateTime<Utc>>) -> MeterReading {
    MeterReading {
        meter,
        used_percent: decimal(used),
        used: None,
        limit: None,
        resets_at: end,
        conflict: false,
    }
}

/// A finding in short: what, numbers, minutes.
fn short(finding: &Finding) -> String {
    let span = format!("in {}..{} at {}", since(finding.from), since(finding.to), since(finding.detected_at));
    match &finding.kind {
        FindingKind::Reset { schedule, used_before, used_after, .. } => {
            let meter = finding.meter().unwrap();
            format!("{meter} {schedule:?} {}>{} {span}", used_before.normalize(), used_after.normalize())
        }
        FindingKind::Credit { class, amount } => format!("{class:?} {amount} {span}"),
        FindingKind::Expiry { amount } => format!("Expiry {amount} {span}"),
        FindingKind::LimitChange { limit, before, after } => format!(
            "limit {limit} {}>{} {span}",
            before.as_deref().unwrap_or("-"),
            after.as_deref().unwrap_or("-")
        ),
        FindingKind::PlanChange { before, after } => {
            format!("plan {}>{} {span}", before.as_deref().unwrap_or("-"), after.as_deref().unwrap_or("-"))
        }
        other => panic!("a tracker does not conclude {other:?}"),
    }
}

/// Feeds readings to a fresh tracker, writing it down and taking it up again between any two.
fn run(readings: &[Reading]) -> Vec<Observed> {
    let mut tracker = Tracker::default();
    readings
        .iter()
        .map(|reading| {
            let observed = tracker.observe(reading);
            let text = serde_json::to_string(&tracker).unwrap();
            tracker = serde_json::from_str(&text).unwrap();
            observed
        })
        .collect()
}

fn findings(all: &[Observed]) -> Vec<String> {
    all.iter().flat_map(|observed| observed.findings.iter().map(short)).collect()
}

fn movements(all: &[Observed], series: Series) -> Vec<&Movement> {
    all.iter().flat_map(|observed| observed.movements.iter().filter(move |m| m.series == series)).collect()
}

/// All that was deducted, all that was returned, and the resets of a series.
fn sums(all: &[Observed], series: Series) -> (Decimal, Decimal, u32) {
    movements(all, series).iter().fold((Decimal::ZERO, Decimal::ZERO, 0), |(d, r, n), m| {
        (d + m.deducted, r + m.returned, n + m.resets)
    })
}
