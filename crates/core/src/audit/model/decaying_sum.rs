//! What goes beyond usage in amounts too small to be reported: a sum that decays.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What was deducted beyond usage recently, too little at a time to be a finding: another machine is in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct DecayingSum {
    sum: f64,
    noted: Option<DateTime<Utc>>,
}

impl DecayingSum {
    /// Adds what was deducted beyond usage at a poll, if anything was.
    pub(crate) fn note(&mut self, at: DateTime<Utc>, beyond: f64) {
        if beyond > 0.0 {
            *self = Self { sum: self.at(at) + beyond, noted: Some(at) };
        }
    }

    /// What is left of it at a time: half of it is forgotten in an hour.
    pub(crate) fn at(&self, now: DateTime<Utc>) -> f64 {
        // A clock may be set back; what is known grows no larger by that.
        let hours = |at: DateTime<Utc>| (now - at).num_seconds().max(0) as f64 / 3600.0;
        self.noted.map_or(0.0, |at| self.sum * 0.5_f64.powf(hours(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-09-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    #[test]
    fn what_sumd_away_is_half_forgotten_in_an_hour() {
        let mut sum = DecayingSum::default();
        sum.note(at(0), -1.0);
        assert_eq!(sum, DecayingSum::default(), "use explained it");
        sum.note(at(0), 2.0);
        sum.note(at(60), 1.0);
        assert!((sum.at(at(60)) - 2.0).abs() < 1e-9);
        assert!(sum.at(at(600)) < 0.01);
        // A clock that was set back makes nothing of it.
        assert!(sum.at(at(-600_000)) <= 2.0);
    }
}
