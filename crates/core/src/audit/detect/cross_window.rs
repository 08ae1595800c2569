//! What the other quotas allow a quota to have moved by.

use crate::audit::model::delta::{Delta, Deltas};
use crate::audit::model::models::Models;
use crate::audit::model::window_comparison::WindowComparison;
use crate::audit::slot::Slot;

/// What another quota allows a movement to have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CrossWindowBound {
    /// The most that the movement can have been, in points.
    pub(crate) most: f64,
    /// The other quota, and what it moved by.
    pub(crate) window: Slot,
    pub(crate) moved: f64,
    /// The month moved by nothing but its Code share, which moves with the 5-hour quota.
    pub(crate) code_alone: bool,
}

impl CrossWindowBound {
    pub(crate) const fn new(most: f64, window: Slot, moved: f64) -> Self {
        Self { most, window, moved, code_alone: false }
    }
}

/// What the other quotas allow a quota to have moved by; `None` for money, and where none of them shows.
pub(crate) fn bound(
    slot: Slot,
    all: &Deltas,
    models: &Models,
    windows: &WindowComparison,
) -> Option<CrossWindowBound> {
    match slot {
        Slot::FiveHour => Slot::LONG
            .into_iter()
            .filter_map(|long| {
                let other = covering(all, long, slot)?;
                let most = windows.ratio(long).short_at_most(long.meter()?, other, models.step(long))?;
                Some(CrossWindowBound::new(most, long, other.deducted))
            })
            .min_by(|a, b| a.most.total_cmp(&b.most)),
        // The month holds its Code share, point for point.
        Slot::Month if all[Slot::MonthCode].is_some() => {
            let (month, code) = (all[Slot::Month].as_ref()?, all[Slot::MonthCode].as_ref()?);
            if (month.deducted - code.deducted).abs() <= month.slack.max(code.slack)
                && let Some(bound) = bound(Slot::MonthCode, all, models, windows)
            {
                return Some(CrossWindowBound { code_alone: true, ..bound });
            }
            Some(CrossWindowBound::new(code.high(), Slot::MonthCode, code.deducted))
        }
        Slot::Week | Slot::Month | Slot::MonthCode => {
            let short = covering(all, Slot::FiveHour, slot)?;
            let most = windows.ratio(slot).long_at_most(slot.meter()?, short, models.step(slot));
            Some(CrossWindowBound::new(most, Slot::FiveHour, short.deducted))
        }
        Slot::Balance | Slot::Wallet => None,
    }
}

/// What a quota shows, where it shows all the time of which another does.
fn covering(all: &Deltas, one: Slot, other: Slot) -> Option<&Delta> {
    let (one, other) = (all[one].as_ref()?, all[other].as_ref()?);
    one.covers(other).then_some(one)
}
