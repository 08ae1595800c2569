//! How the longer quotas move by the 5-hour quota.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::code_share::{CodeShare, OtherProducts};
use crate::audit::model::delta::Deltas;
use crate::audit::model::window_ratio::WindowRatio;
use crate::audit::slot::{Slot, SlotMap};
use crate::audit::thresholds;

/// The ratio of each longer quota to the 5-hour quota, and when they were last found to contradict each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WindowComparison {
    ratios: SlotMap<WindowRatio>,
    disagreed: SlotMap<Option<DateTime<Utc>>>,
    code_share: CodeShare,
}

impl WindowComparison {
    /// The ratio of a longer quota.
    pub(crate) fn ratio(&self, long: Slot) -> &WindowRatio {
        &self.ratios[long]
    }

    pub(crate) fn ratio_mut(&mut self, long: Slot) -> &mut WindowRatio {
        &mut self.ratios[long]
    }

    /// What is seen of Kimi Code's share of the month.
    pub(crate) const fn code_share_mut(&mut self) -> &mut CodeShare {
        &mut self.code_share
    }

    /// What other products took of a quota at a poll. `step` is how fine the figure of Kimi Code's share is.
    pub(crate) fn other_products(&self, slot: Slot, all: &Deltas, step: f64) -> OtherProducts {
        let rate = self.ratios[Slot::MonthCode].rate(step).map(|(rate, _)| rate);
        let still = self.code_share.stands_still(rate, step);
        OtherProducts::of(slot, all, &self.code_share, still)
    }

    /// Whether a longer quota was found to contradict the 5-hour quota not long ago.
    pub(crate) fn disagreed_recently(&self, long: Slot, now: DateTime<Utc>) -> bool {
        self.disagreed[long].is_some_and(|at| now - at <= thresholds::REPORTED_RECENTLY)
    }

    /// Notes that it contradicts it.
    pub(crate) fn note_disagreement(&mut self, long: Slot, at: DateTime<Utc>) {
        self.disagreed[long] = Some(at);
    }

    /// Forgets the ratios: a percent is something else from now on.
    pub(crate) fn forget_ratios(&mut self) {
        self.ratios = SlotMap::default();
    }

    /// Forgets the ratios and what was found: another plan began.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}
