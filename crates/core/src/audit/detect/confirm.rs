//! What the next poll says of a movement that was in doubt.

use chrono::TimeDelta;

use crate::audit::detect::cross_window::CrossWindowBound;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::delta::{Delta, Expected};
use crate::audit::model::series::SeriesModel;
use crate::audit::thresholds;
use crate::finding::Anomaly;

/// Fewer points beyond usage say nothing.
const MIN_FAINT: f64 = 0.3;

/// What the next poll says of a doubtful movement: still one, or not.
pub(crate) fn confirm(
    candidate: &Candidate,
    model: &SeriesModel,
    next: &Delta,
    expected: Expected,
    bound: Option<CrossWindowBound>,
) -> Confirmation {
    // Back where it was: a faulty answer.
    if next.returned >= 0.7 * candidate.observed && next.resets == 0 {
        return Confirmation::Dropped;
    }
    // Usage that became known late.
    let posted = next.fresh > 0.0 && next.resets == 0;
    let surplus = if posted { (model.surplus() - next.deducted).max(0.0) } else { 0.0 };
    let late = surplus.max(candidate.late);
    let floor = next.floor();
    if late > 0.0 && candidate.excess() - late < floor {
        return Confirmation::Dropped;
    }
    // Where logs become known late, what was used until then may still become known, one poll later than ever.
    let may_be_told = candidate.class == Anomaly::Unexplained
        && next.lateness > TimeDelta::zero()
        && next.at <= candidate.to + next.lateness
        && candidate.waited < thresholds::WATCHED
        && !matches!(candidate.reason, Reason::Other { .. });
    if next.resets > 0 {
        return if may_be_told { Confirmation::Wait } else { Confirmation::Stands };
    }
    // The other quota moved a poll later.
    if matches!(candidate.reason, Reason::Other { .. })
        && let Some(bound) = bound
        && candidate.excess() + next.deducted - bound.most < floor * 0.5
        && bound.most > next.deducted + 0.5 * candidate.excess()
    {
        return Confirmation::Dropped;
    }
    // It goes on: another machine works, or everything has become dearer; neither is one wrong step.
    let going = match candidate.reason {
        Reason::Other { .. } => bound.map_or(0.0, |bound| next.low() - bound.most),
        _ if expected.known => next.low() - expected.high,
        _ => 0.0,
    };
    let least = if next.is_money() { floor * 0.25 } else { 0.5 };
    // Where the quotas contradict each other, no usage does that: only as much again shows a change.
    let contradicts = matches!(candidate.reason, Reason::Other { .. });
    let again = if contradicts { 0.5 } else { 0.1 };
    if going >= least.max(again * candidate.excess()) && candidate.class != Anomaly::WipeOut {
        return Confirmation::Elsewhere;
    }
    // A little more goes, as little as rounding; if it does so again, another machine works.
    let little = (0.9 * next.slack).max(0.05 * candidate.excess()).max(MIN_FAINT);
    let faint = candidate.class == Anomaly::Unexplained
        && !contradicts
        && !next.is_money()
        && expected.known
        && next.deducted - expected.high >= little;
    if faint && candidate.excess() < thresholds::LARGE_POINTS {
        return if candidate.faint == 0 { Confirmation::Faint } else { Confirmation::Elsewhere };
    }
    if contradicts {
        // Where both windows moved, their exchange may have shifted: then it will do so again.
        let both = matches!(candidate.reason, Reason::Other { moved, .. } if moved >= 1.0)
            && candidate.observed <= 8.0 * candidate.high.max(candidate.worked);
        let wait = both && candidate.waited + 1 < thresholds::WATCHED && candidate.is_step();
        return if wait { Confirmation::Wait } else { Confirmation::Stands };
    }
    if may_be_told {
        return Confirmation::Wait;
    }
    // By the past alone a step is doubtful for longer: many agents at once appear like it at first.
    if matches!(candidate.reason, Reason::Outstanding { .. })
        && candidate.class == Anomaly::Unexplained
        && candidate.waited + 1 < thresholds::WATCHED
    {
        return Confirmation::Wait;
    }
    // Beside use, a step may be a price that went up: the use around it shows it.
    let multiple = candidate.observed / candidate.worked.max(1e-9);
    if candidate.worked >= 0.15 * candidate.excess()
        && multiple < 14.0
        && candidate.class == Anomaly::Unexplained
    {
        let leaning = model.leaning();
        let dearer = leaning >= 1.2 && multiple <= 2.5 * leaning;
        if dearer || (next.is_money() && candidate.excess() < 0.6 * candidate.worked) {
            return Confirmation::Elsewhere;
        }
        let usual = model.surplus();
        if usual > 0.15 * floor && next.deducted > next.slack {
            return if next.deducted / usual >= 1.25 {
                Confirmation::Elsewhere
            } else {
                Confirmation::Stands
            };
        }
        if candidate.waited < thresholds::WATCHED {
            return Confirmation::Wait;
        }
    }
    Confirmation::Stands
}

/// What the next poll says of a doubtful movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// It is a finding.
    Stands,
    /// The next poll contradicts it: there is no finding.
    Dropped,
    /// It continues: use elsewhere, or a lasting change that another test finds.
    Elsewhere,
    /// One more poll is needed.
    Wait,
    /// A little more was deducted beyond usage; one more poll is needed.
    Faint,
}
