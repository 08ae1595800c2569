//! The high-water mark of a meter in its cycle.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::change::Movement;
use crate::number::timestamp::format_rfc3339;

/// The percent used from which a reset on time is worth telling by itself.
pub(super) const HALF: Decimal = Decimal::from_parts(50, 0, 0, false, 0);

/// What is remembered of a meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MeterMark {
    /// The name of the cycle in keys: fixed when the cycle begins, so that a wandering end changes nothing.
    cycle: String,
    /// The last announced end that named a cycle, so that no two cycles get the same name.
    end: Option<DateTime<Utc>>,
    /// The most that was used in this cycle, in percent: thresholds up to it are passed.
    mark: Decimal,
    /// Whether a threshold was reported in this cycle.
    told: bool,
}

impl MeterMark {
    /// After the first reading: thresholds that are already passed count as reported.
    pub(super) fn primed(movement: &Movement, end: Option<DateTime<Utc>>) -> Self {
        let mut fresh = Self { cycle: String::new(), end: None, mark: movement.value, told: false };
        fresh.begin(movement.at, end);
        fresh
    }

    pub(super) const fn was_told(&self) -> bool {
        self.told
    }

    /// The name of the cycle in keys.
    pub(super) fn cycle(&self) -> &str {
        &self.cycle
    }

    /// Takes a movement; gives the highest threshold that it reached, and the cycle's name.
    pub(super) fn moved(
        &mut self,
        thresholds: &[Decimal],
        movement: &Movement,
        end: Option<DateTime<Utc>>,
    ) -> Option<(Decimal, &str)> {
        if movement.resets > 0 {
            self.begin(movement.at, end);
            self.mark = Decimal::ZERO;
            self.told = false;
        } else if movement.from.is_none() && movement.value < self.mark {
            // Another scale. What is below the new value can be passed again, under another name.
            self.begin(movement.at, None);
            self.mark = movement.value;
        }
        let passed = self.mark;
        self.mark = passed.max(movement.value);
        let reached = thresholds.iter().copied().filter(|t| passed < *t && *t <= movement.value).max()?;
        self.told = true;
        Some((reached, &self.cycle))
    }

    /// Names a cycle by its scheduled end, to the minute. If no end is known, or none later than that of the
    /// cycle before, by the time of the reading that began the cycle.
    fn begin(&mut self, at: DateTime<Utc>, end: Option<DateTime<Utc>>) {
        let to_minute = |end: DateTime<Utc>| end.format("%Y-%m-%dT%H:%MZ").to_string();
        let fresh =
            end.filter(|end| self.end.is_none_or(|last| last < *end && to_minute(last) != to_minute(*end)));
        self.cycle = fresh.map_or_else(|| format!("since-{}", format_rfc3339(at)), to_minute);
        self.end = self.end.max(fresh);
    }
}
