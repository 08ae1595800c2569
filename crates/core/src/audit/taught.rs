//! What the user teaches: "it was me".

use crate::finding::{Anomaly, Finding, FindingKind};

use super::memory::GivenBack;
use super::{Auditor, place};

impl Auditor {
    /// The user says that an anomaly was their own doing. The model of the account learns that: use that no
    /// log of this machine tells of, its size and its hours are no surprise from now on, and nothing that
    /// comes back later is taken for its return. What was found stays found, and whatever else happens is
    /// weighed as before.
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
                if let Some(gauge) = self.gauges[place(series)].as_deref_mut() {
                    gauge.learn_elsewhere(excess, finding.to - finding.from, finding.to);
                }
                self.hours.note(finding.to);
            }
            // The price has not shifted then: use was of another kind. It explains nothing else as dearer.
            Anomaly::Accelerated => self.accelerated = None,
            Anomaly::Clawback => {}
            Anomaly::Disagreement | Anomaly::OverdueReset => return,
        }
        // Nobody needs to give this one back; the others stay as they are.
        for taken in self.memory.given_back(series, finding.detected_at, GivenBack::All) {
            if taken.detected_at != finding.detected_at {
                self.memory.note_taken(taken);
            }
        }
    }
}
