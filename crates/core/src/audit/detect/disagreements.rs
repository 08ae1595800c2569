//! Quotas that begin to move by each other in another way than they did.

use chrono::{DateTime, Utc};

use crate::audit::explain;
use crate::audit::model::accelerations::Accelerations;
use crate::audit::model::delta::{Delta, Deltas};
use crate::audit::model::models::Models;
use crate::audit::model::window_comparison::WindowComparison;
use crate::audit::slot::{Slot, SlotMap};
use crate::audit::thresholds;
use crate::finding::Finding;

/// Compares the longer quotas with the 5-hour quota.
pub(crate) fn compare(
    now: DateTime<Utc>,
    all: &Deltas,
    unusual: SlotMap<bool>,
    models: &Models,
    windows: &mut WindowComparison,
    accelerations: &Accelerations,
    findings: &mut Vec<Finding>,
) {
    let Some(short) = all[Slot::FiveHour] else { return };
    for long in Slot::LONG {
        // What is accused, or may be, while the other quota stands says nothing of how they move by each other.
        let leaks = models.get(long).is_some_and(|model| model.leaks(now));
        let moved =
            |slot: Slot| all[slot].is_some_and(|delta: Delta| delta.deducted > 1.5 * models.step(slot));
        if (unusual[long] && !moved(Slot::FiveHour)) || (unusual[Slot::FiveHour] && !moved(long)) || leaks {
            windows.ratio_mut(long).leave_out();
            continue;
        }
        // Other products move the month; its Code share is what compares.
        if long == Slot::Month && all[Slot::MonthCode].is_some() {
            continue;
        }
        let (Some(other), Some(meter)) = (all[long], long.meter()) else { continue };
        let step = models.step(long);
        let ratio = windows.ratio_mut(long);
        let Some(shifted) = ratio.observe(&short, &other, step) else { continue };
        let doubt = ratio.rate(step).map_or(0.0, |(_, doubt)| doubt - 0.06);
        ratio.adopt(shifted.factor);
        let up = shifted.low > 1.15 + doubt;
        // A month moves by other products too.
        let down = shifted.high < 0.87 - doubt;
        if !(up && long != Slot::Month || down) {
            continue;
        }
        // Where the price of usage itself has changed, that was reported, or is about to be. By usage it can be
        // decided which of the two has changed: where that is the longer one alone, they contradict.
        let priced = accelerations.price().is_some_and(|known| now - known.at <= thresholds::CLAWBACK_WITHIN);
        let suspected =
            |slot: Slot| models.get(slot).is_some_and(|model| model.suspects() && model.samples() >= 3);
        let long_suspected = suspected(long) && !(up && models.is_steady(Slot::FiveHour));
        if priced || windows.disagreed_recently(long, now) || suspected(Slot::FiveHour) || long_suspected {
            continue;
        }
        windows.note_disagreement(long, now);
        findings.push(explain::disagreement(meter, &shifted, now));
    }
}
