//! What should have changed and stands: resets that do not come, figures that go on to contradict each other.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Auditor, judge, rules, words};
use crate::change::Observed;
use crate::finding::Finding;
use crate::meter::Meter;
use crate::number::decimal;
use crate::reading::Reading;
use crate::series::Series;

/// The announced end of a meter's cycle, as it was at the last look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) due: Option<DateTime<Utc>>,
    pub(super) told: bool,
}

/// A contradiction between two figures of one meter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Conflict {
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) looks: u32,
    pub(super) told: bool,
}

impl Auditor {
    /// Resets that were due and did not come.
    pub(super) fn overdue(
        &mut self,
        reading: &Reading,
        observed: &Observed,
        before: Option<DateTime<Utc>>,
        findings: &mut Vec<Finding>,
    ) {
        for (place, meter) in Meter::ALL.into_iter().enumerate() {
            let Some(seen) = reading.meter(meter) else { continue };
            let end = &mut self.ends[place];
            let movement = observed.movements.iter().find(|movement| movement.series == Series::Meter(meter));
            let reset = movement.is_some_and(|movement| movement.resets > 0 || movement.from.is_none());
            if let Some(due) = seen.resets_at
                && end.due.is_none_or(|known| known != due && (known - due).num_minutes().abs() > 2)
            {
                *end = End { due: Some(due), told: false };
            } else if reset && seen.resets_at.is_none() {
                *end = End::default();
            }
            let Some(due) = end.due else { continue };
            let used = decimal::to_f64(seen.used_percent);
            if end.told || reset || used < 1.0 || self.tracker.pending(meter) || meter == Meter::MonthCode {
                continue;
            }
            let Some(before) = before else { continue };
            if judge::is_overdue(due, before, reading.at) {
                end.told = true;
                findings.push(words::overdue(meter, due, used, reading.at));
            }
        }
    }

    /// Two figures for one window that go on contradicting each other.
    pub(super) fn conflict(&mut self, reading: &Reading, findings: &mut Vec<Finding>) {
        for (place, meter) in Meter::ALL.into_iter().enumerate() {
            let Some(seen) = reading.meter(meter) else { continue };
            let conflict = &mut self.conflicts[place];
            if !seen.conflict {
                *conflict = Conflict::default();
                continue;
            }
            let since = *conflict.since.get_or_insert(reading.at);
            conflict.looks = conflict.looks.saturating_add(1);
            if conflict.told || conflict.looks < rules::CONFLICT_LOOKS {
                continue;
            }
            conflict.told = true;
            let used = decimal::to_f64(seen.used_percent);
            let count = match (seen.used, seen.limit) {
                (Some(used), Some(limit)) if !limit.is_zero() => {
                    (used * rust_decimal::Decimal::ONE_HUNDRED).checked_div(limit).map(decimal::to_f64)
                }
                _ => None,
            };
            findings.push(words::conflict(meter, since, (used, count), conflict.looks, reading.at));
        }
    }
}
