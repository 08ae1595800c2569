//! The largest steps that a series has made without this machine's doing.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::thresholds;

const MAX_KEPT: usize = 6;

/// The largest steps so far, each as the rate of five minutes, so that gaps in polling do not inflate them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LargestSteps {
    top: Vec<Step>,
    steps: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Step {
    at: DateTime<Utc>,
    rate: f64,
}

/// How often five minutes go into a span, at least once.
fn fives(span: TimeDelta) -> f64 {
    (span.num_seconds() as f64 / 300.0).max(1.0)
}

impl LargestSteps {
    /// Adds a step, if it is among the largest.
    pub(crate) fn note(&mut self, amount: f64, span: TimeDelta, at: DateTime<Utc>) {
        if amount <= 0.0 {
            return;
        }
        self.steps = self.steps.saturating_add(1);
        let rate = amount / fives(span);
        if self.top.len() >= MAX_KEPT {
            if self.top.last().is_some_and(|last| last.rate >= rate && at - last.at <= thresholds::PEAKS_KEPT)
            {
                return;
            }
            self.top.retain(|peak| at - peak.at <= thresholds::PEAKS_KEPT);
        }
        let place = self.top.partition_point(|peak| peak.rate >= rate);
        self.top.insert(place, Step { at, rate });
        self.top.truncate(MAX_KEPT);
    }

    /// The largest step that the past lets expect in a span; 0 where there was none.
    pub(crate) fn largest(&self, span: TimeDelta) -> f64 {
        self.top.first().map_or(0.0, |peak| peak.rate * fives(span))
    }

    /// The same, with no more than an hour of it: for what is used now and then over a day.
    pub(crate) fn largest_in_an_hour(&self, span: TimeDelta) -> f64 {
        self.largest(span.min(TimeDelta::hours(1)))
    }

    /// How many steps there were.
    pub(crate) const fn steps(&self) -> u32 {
        self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_kept_while_it_is_recent() {
        let mut peaks = LargestSteps::default();
        let start: DateTime<Utc> = "2026-09-01T00:00:00Z".parse().unwrap();
        for day in 0..20 {
            peaks.note(
                if day == 3 { 30.0 } else { 2.0 },
                TimeDelta::minutes(5),
                start + TimeDelta::days(day),
            );
        }
        assert!((peaks.largest(TimeDelta::minutes(5)) - 30.0).abs() < 1e-9);
        assert!((peaks.largest(TimeDelta::minutes(10)) - 60.0).abs() < 1e-9);
        peaks.note(2.5, TimeDelta::minutes(5), start + TimeDelta::days(60));
        assert!((peaks.largest(TimeDelta::minutes(5)) - 2.5).abs() < 1e-9);
        assert_eq!(peaks.steps(), 21);
    }
}
