//! Which anomalies were notified: only of those is it notified that they are withdrawn.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::finding::{Anomaly, Finding};
use crate::series::Series;

const MAX_KEPT: usize = 48;

/// The anomalies that were notified last, oldest first, in constant space.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct NotifiedAnomalies(VecDeque<Notified>);

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Notified {
    class: Anomaly,
    series: Option<Series>,
    detected_at: DateTime<Utc>,
}

impl NotifiedAnomalies {
    /// Remembers an anomaly that is notified. Other findings are not remembered.
    pub(super) fn note(&mut self, finding: &Finding) {
        let Some(class) = finding.anomaly() else { return };
        if self.0.len() >= MAX_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Notified { class, series: finding.series, detected_at: finding.detected_at });
    }

    /// The class of the anomaly of a series that was found at a time, if it was notified. It is forgotten with that.
    pub(super) fn take(&mut self, series: Option<Series>, of: DateTime<Utc>) -> Option<Anomaly> {
        let place = self.0.iter().position(|known| known.series == series && known.detected_at == of)?;
        self.0.remove(place).map(|known| known.class)
    }
}
