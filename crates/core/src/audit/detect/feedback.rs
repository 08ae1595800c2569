//! What the user teaches: "it was me".

use crate::finding::{Anomaly, Finding, FindingKind};

use crate::audit::model::credit_ledger::RefundMatch;
use crate::audit::{Auditor, place};

/// The most points that a step is taken for when it is learned from. A meter emptied at once must stand out
/// for ever, and it does from twice the largest step on.
const MOST_LEARNED: f64 = 15.0;

impl Auditor {
    /// The user says that an anomaly was their own doing. The model of the account learns that: use that no
    /// log of this machine tells of, its size (of a quota, and within bounds) and its hours are no surprise
    /// from now on, and nothing that comes back later is taken for its return. What was found stays found,
    /// and a meter that is emptied again is found again.
    ///
    /// Anomalies that are no deduction (a reset that did not come, figures that contradict each other)
    /// teach nothing.
    pub fn taught(&mut self, finding: &Finding) {
        let (FindingKind::Anomaly(class), Some(series)) = (&finding.kind, finding.series) else { return };
        match class {
            Anomaly::WipeOut | Anomaly::Unexplained | Anomaly::Impossible => {
                let excess =
                    finding.observed.unwrap_or_default() - finding.expected_high.unwrap_or_default().max(0.0);
                if excess <= 0.0 {
                    return;
                }
                if let Some(gauge) = self.gauges[place(series)].as_deref_mut()
                    && series.meter().is_some()
                {
                    let learned = excess.min(MOST_LEARNED);
                    gauge.learn_elsewhere(learned, finding.to - finding.from, finding.to);
                }
                self.hours.note(finding.to);
            }
            // The price has not shifted then: use was of another kind. It explains nothing else as dearer.
            Anomaly::Accelerated => self.accelerated = None,
            Anomaly::Clawback => {}
            Anomaly::Disagreement | Anomaly::OverdueReset => return,
        }
        // Nobody needs to give this one back; the others stay as they are.
        for taken in self.memory.given_back(series, finding.detected_at, RefundMatch::All) {
            if taken.detected_at != finding.detected_at {
                self.memory.note_taken(taken);
            }
        }
    }
}
