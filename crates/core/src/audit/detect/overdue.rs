//! What should have changed and stands: resets that do not come, figures that keep contradicting each other.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::audit::explain;
use crate::audit::slot::{Slot, SlotMap};
use crate::audit::thresholds;
use crate::change::Observed;
use crate::finding::Finding;
use crate::meter::Meter;
use crate::number::decimal;
use crate::reading::Reading;
use crate::series::Series;

/// The announced end of a quota's cycle, as it was at the last poll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct AnnouncedEnd {
    due: Option<DateTime<Utc>>,
    reported: bool,
}

/// Waits for the resets that were announced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct OverdueResets(SlotMap<AnnouncedEnd>);

impl OverdueResets {
    /// Another plan began: its cycles are others.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Takes a reading; `before` is the time of the one before it. Reports resets that were due and did not come.
    pub(crate) fn check(
        &mut self,
        reading: &Reading,
        observed: &Observed,
        before: Option<DateTime<Utc>>,
        findings: &mut Vec<Finding>,
    ) {
        for meter in Meter::ALL {
            let Some(seen) = reading.meter(meter) else { continue };
            let end = &mut self.0[Slot::from(meter)];
            let series = Series::Meter(meter);
            let movement = observed.movements.iter().find(|movement| movement.series == series);
            let reset = movement.is_some_and(|movement| movement.resets > 0 || movement.from.is_none());
            if let Some(due) = seen.resets_at
                && end.due.is_none_or(|known| known != due && (known - due).num_minutes().abs() > 2)
            {
                *end = AnnouncedEnd { due: Some(due), reported: false };
            } else if reset && seen.resets_at.is_none() {
                *end = AnnouncedEnd::default();
            }
            let Some(due) = end.due else { continue };
            let used = decimal::to_f64(seen.used_percent);
            let unconfirmed = observed.unconfirmed.contains(&series);
            if end.reported || reset || used < 1.0 || unconfirmed || meter == Meter::MonthCode {
                continue;
            }
            if before.is_some_and(|before| is_overdue(due, before, reading.at)) {
                end.reported = true;
                findings.push(explain::overdue(meter, due, used, reading.at));
            }
        }
    }
}

/// Whether a reset is overdue.
fn is_overdue(due: DateTime<Utc>, before: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    // The poll before may itself have been late enough; one poll alone only if much time has passed.
    now - due >= thresholds::OVERDUE && (before >= due || now - due >= thresholds::OVERDUE * 3)
}

/// Two figures of one quota that contradict each other, reading after reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct ConflictRun {
    since: Option<DateTime<Utc>>,
    polls: u32,
    reported: bool,
}

/// Watches for figures of one quota that keep contradicting each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Conflicts(SlotMap<ConflictRun>);

impl Conflicts {
    /// Takes a reading; reports a contradiction that has lasted long enough, once.
    pub(crate) fn check(&mut self, reading: &Reading, findings: &mut Vec<Finding>) {
        for meter in Meter::ALL {
            let Some(seen) = reading.meter(meter) else { continue };
            let run = &mut self.0[Slot::from(meter)];
            if !seen.conflict {
                *run = ConflictRun::default();
                continue;
            }
            let since = *run.since.get_or_insert(reading.at);
            run.polls = run.polls.saturating_add(1);
            if run.reported || run.polls < thresholds::CONFLICT_POLLS {
                continue;
            }
            run.reported = true;
            let used = decimal::to_f64(seen.used_percent);
            let count = match (seen.used, seen.limit) {
                (Some(used), Some(limit)) if !limit.is_zero() => {
                    (used * Decimal::ONE_HUNDRED).checked_div(limit).map(decimal::to_f64)
                }
                _ => None,
            };
            findings.push(explain::conflict(meter, since, (used, count), run.polls, reading.at));
        }
    }
}
