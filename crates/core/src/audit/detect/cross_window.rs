//! What the other quotas allow a quota to have moved by.

use crate::audit::model::code_share::OtherProducts;
use crate::audit::model::delta::{Delta, Deltas};
use crate::audit::model::models::Models;
use crate::audit::model::window_comparison::WindowComparison;
use crate::audit::slot::Slot;
use crate::meter::Meter;

/// What another quota allows a movement to have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CrossWindowBound {
    /// The most that the movement can have been, in points.
    pub(crate) most: f64,
    /// The other quota, and what it moved by.
    pub(crate) window: Slot,
    pub(crate) moved: f64,
    /// The most by what was seen of the other quota, without what a gap may hide.
    pub(crate) seen: f64,
}

impl CrossWindowBound {
    pub(crate) const fn new(most: f64, window: Slot, moved: f64) -> Self {
        Self { most, window, moved, seen: most }
    }
}

/// What the other quotas allow a quota to have moved by; `None` for money, and where none of them shows. `others` is
/// what other products took of it.
pub(crate) fn bound(
    slot: Slot,
    all: &Deltas,
    models: &Models,
    windows: &WindowComparison,
    others: OtherProducts,
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
        // The month holds Kimi Code's share, point for point.
        Slot::Month if matches!(others, OtherProducts::Took(_)) => {
            let code = all[Slot::MonthCode].as_ref()?;
            Some(CrossWindowBound::new(code.high(), Slot::MonthCode, code.deducted))
        }
        Slot::Week | Slot::Month | Slot::MonthCode => {
            let short = covering(all, Slot::FiveHour, slot)?;
            // What moves the month as its share says moves it by the 5-hour quota as the share does.
            let share = slot == Slot::Month && others == OtherProducts::Nothing;
            let (of, meter) = if share { (Slot::MonthCode, Meter::MonthCode) } else { (slot, slot.meter()?) };
            let (ratio, step) = (windows.ratio(of), models.step(of));
            let most = ratio.long_at_most(meter, short, step);
            let seen = ratio.long_by_seen(meter, short, step);
            Some(CrossWindowBound { seen, ..CrossWindowBound::new(most, Slot::FiveHour, short.deducted) })
        }
        Slot::Balance | Slot::Wallet => None,
    }
}

/// What a quota shows, where it shows all the time of which another does.
fn covering(all: &Deltas, one: Slot, other: Slot) -> Option<&Delta> {
    let (one, other) = (all[one].as_ref()?, all[other].as_ref()?);
    one.covers(other).then_some(one)
}
