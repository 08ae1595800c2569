//! What the audit learns where the user says "it was me".

use crate::audit::model::accelerations::Accelerations;
use crate::audit::model::active_hours::ActiveHours;
use crate::audit::model::credit_ledger::{CreditLedger, RefundMatch};
use crate::audit::model::models::Models;
use crate::audit::slot::Slot;
use crate::finding::{Anomaly, Finding, FindingKind};

/// The most points that a step is taken for when it is learned from. A quota emptied at once must always stand
/// out, and it does from twice the largest step on.
const MAX_LEARNED: f64 = 15.0;

/// Learns that an anomaly was the user's own doing.
pub(crate) fn learn(
    finding: &Finding,
    hours: &mut ActiveHours,
    models: &mut Models,
    accelerations: &mut Accelerations,
    ledger: &mut CreditLedger,
) {
    let (FindingKind::Anomaly(class), Some(series)) = (&finding.kind, finding.series) else { return };
    match class {
        Anomaly::WipeOut | Anomaly::Unexplained | Anomaly::Impossible => {
            let excess =
                finding.observed.unwrap_or_default() - finding.expected_high.unwrap_or_default().max(0.0);
            if excess <= 0.0 {
                return;
            }
            if let Some(model) = models.get_mut(Slot::of(series))
                && series.meter().is_some()
            {
                let learned = excess.min(MAX_LEARNED);
                model.learn_elsewhere(learned, finding.to - finding.from, finding.to);
            }
            hours.note(finding.to);
        }
        // The price has not changed then: usage was of another kind. It explains nothing else as more expensive.
        Anomaly::Accelerated => accelerations.forget_price(),
        // Which of two quotas was wrong is not known, and no usage does that.
        Anomaly::Clawback | Anomaly::Disagreement => {}
        Anomaly::OverdueReset => return,
    }
    // This one need not be given back; the others stay as they are.
    for loss in ledger.given_back(series, finding.detected_at, RefundMatch::All) {
        if loss.detected_at != finding.detected_at {
            ledger.record_loss(loss);
        }
    }
}
