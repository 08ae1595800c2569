//! Lasting changes of what usage costs, reported once, whichever series shows them first.

use chrono::{DateTime, Utc};

use crate::audit::detect::report::Found;
use crate::audit::explain;
use crate::audit::model::accelerations::Accelerations;
use crate::audit::model::change_point::DetectedShift;
use crate::audit::model::delta::Delta;
use crate::audit::model::models::Models;
use crate::audit::model::open_anomalies::OpenAnomaly;
use crate::audit::model::series::SeriesModel;
use crate::audit::model::window_comparison::WindowComparison;
use crate::audit::slot::{Slot, SlotMap};
use crate::audit::thresholds;
use crate::finding::Finding;

/// Takes the changes of the price that a poll made believed.
pub(crate) fn price_changes(
    at: DateTime<Utc>,
    shifts: &SlotMap<Option<DetectedShift>>,
    models: &mut Models,
    windows: &mut WindowComparison,
    known: &mut Accelerations,
    found: &mut Found<'_>,
) {
    for (slot, shifted) in shifts.iter() {
        let Some(shifted) = shifted else { continue };
        // Usage costs more of the longer quota alone, and the shorter one contradicts it.
        let contradicted = slot.is_long() && models.is_steady(Slot::FiveHour);
        // A month that has a Code share is moved by other products too.
        let others = slot == Slot::Month && models.get(Slot::MonthCode).is_some();
        let Some(model) = models.get_mut(slot) else { continue };
        let (series, step) = (model.series(), model.step());
        let complete = model.coverage().is_some_and(|share| share >= thresholds::COMPLETE);
        let (samples, usual) = model.samples_since(shifted.from);
        model.adopt(shifted.factor, at);
        let raised = model.price_factor();
        if shifted.factor < 1.0 {
            // What was found before is over; if it comes again, that is reported again.
            if raised < 1.2 {
                known.forget_price();
            }
            continue;
        }
        let is_known = known.price().is_some_and(|known| {
            at - known.at <= thresholds::REPORTED_RECENTLY && known.factor >= shifted.low * 0.7
        });
        if is_known || shifted.low <= 1.1 || raised < 1.15 || others {
            continue;
        }
        if contradicted && let Some(meter) = slot.meter() {
            // Where they move by each other as ever, rounding has led the price of the longer one astray.
            if windows.ratio(slot).is_steady(step) {
                continue;
            }
            let is_known = windows.disagreed_recently(slot, at);
            windows.note_disagreement(slot, at);
            windows.ratio_mut(slot).adopt(shifted.factor);
            if !is_known {
                found.findings.push(explain::disagreement(meter, shifted, at));
            }
            continue;
        }
        known.note_price(at, shifted.high);
        let finding = explain::accelerated(series, shifted, complete, at);
        let taken = (shifted.seen - shifted.expected).max(0.0);
        found.ledger.note_loss(&finding, taken * 0.7, taken * 1.3);
        found.open.note(OpenAnomaly::of_price(&finding, shifted.factor, usual, &samples));
        found.findings.push(finding);
    }
}

/// Where no log shows usage: whether the series falls faster than it ever did while it is used, session after
/// session.
pub(crate) fn unlogged(
    slot: Slot,
    model: &mut SeriesModel,
    delta: &Delta,
    known: &mut Accelerations,
    findings: &mut Vec<Finding>,
) {
    if !matches!(slot, Slot::FiveHour | Slot::Balance) {
        return;
    }
    if let Some(shifted) = model.accelerated(delta)
        && known.note_unlogged(delta.at)
    {
        findings.push(explain::accelerated_unlogged(model.series(), &shifted, delta.at));
    }
}
