//! Which anomalies the user said to be their own doing: each teaches once, however often it is said. One that is
//! withdrawn teaches nothing.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::finding::{Anomaly, Finding};
use crate::series::Series;

const MAX_KEPT: usize = 100;

/// The anomalies that have taught, oldest first, in constant space.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Taught(VecDeque<TaughtAnomaly>);

/// An anomaly, by what distinguishes it from the account's others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct TaughtAnomaly {
    class: Anomaly,
    series: Option<Series>,
    from: DateTime<Utc>,
    detected_at: DateTime<Utc>,
}

impl Taught {
    /// Remembers an anomaly. Whether it teaches: not where it did before, and no other finding does.
    pub(crate) fn is_new(&mut self, finding: &Finding) -> bool {
        let Some(class) = finding.anomaly() else { return false };
        let Finding { series, from, detected_at, .. } = *finding;
        self.add(TaughtAnomaly { class, series, from, detected_at })
    }

    /// An anomaly that is withdrawn teaches nothing from now on.
    pub(crate) fn note(
        &mut self,
        class: Anomaly,
        series: Series,
        from: DateTime<Utc>,
        detected_at: DateTime<Utc>,
    ) {
        let _ = self.add(TaughtAnomaly { class, series: Some(series), from, detected_at });
    }

    /// Whether it is new.
    fn add(&mut self, anomaly: TaughtAnomaly) -> bool {
        if self.0.contains(&anomaly) {
            return false;
        }
        if self.0.len() >= MAX_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(anomaly);
        true
    }
}
