//! Slow leaks: each step too small to be a finding, all together too much.
//!
//! Work at another machine appears like that too. It is a finding where no usage does such a thing: a quota that
//! loses points while the others stand still; money, beginning in hours in which the account was never used, where
//! the logs hold all usage.

use chrono::TimeDelta;

use crate::audit::detect::cross_window::CrossWindowBound;
use crate::audit::detect::report::{Found, report};
use crate::audit::model::active_hours::ActiveHours;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::delta::{Delta, Deltas, min_money, quotas};
use crate::audit::model::models::Models;
use crate::audit::model::slow_leak::{STILL, SlowLeak};
use crate::audit::model::window_comparison::WindowComparison;
use crate::audit::slot::{Slot, SlotMap};
use crate::finding::Anomaly;

/// Polls further apart do not show whether it was deducted step by step.
const APART: TimeDelta = TimeDelta::minutes(45);
/// In so many steps, at least; fewer are weighed one by one.
const MIN_STEPS: u32 = 3;
/// Points beyond what another quota allows.
const BEYOND_OTHER: f64 = 4.0;
/// Money in hours in which the account was never used, as a multiple of the least that is worth a finding.
const MONEY_AT_IDLE_HOURS: f64 = 4.0;

/// What the evaluation of a poll's movements came to.
pub(crate) struct Evaluated<'a> {
    pub(crate) deltas: &'a Deltas,
    /// Whether a quota was used up.
    pub(crate) exhausted: bool,
    /// The movements that were accused, or may be.
    pub(crate) unusual: SlotMap<bool>,
    /// What was booked as usage elsewhere.
    pub(crate) elsewhere: &'a SlotMap<f64>,
}

/// Takes the movements of a poll.
pub(crate) fn watch(
    poll: &Evaluated<'_>,
    hours: &ActiveHours,
    models: &mut Models,
    windows: &WindowComparison,
    found: &mut Found<'_>,
) {
    let all = poll.deltas;
    // At most polls nothing moves.
    let moves = all.iter().filter_map(|(_, delta)| delta.as_ref()).any(|d| d.deducted > 0.0 || d.resets > 0);
    if !moves && !models.any_leak() {
        return;
    }
    // A new cycle hides what its quota lost before, where it lost anything.
    let renewed = quotas(all).any(|delta| delta.resets > 0 && delta.before > STILL);
    for slot in Slot::ALL {
        let Some(model) = models.get_mut(slot) else { continue };
        if let Some(leak) = model.leak_mut() {
            leak.note_others(all);
        }
        let Some(delta) = all[slot] else { continue };
        let cut =
            renewed || delta.resets > 0 || delta.returned > 0.0 || delta.granted || delta.span() > APART;
        // Wallets pay where a quota is used up: the account is in use then.
        let worked = delta.fresh > 0.0
            || model.worked_shortly_before(delta.from)
            || (delta.is_money() && poll.exhausted);
        let over = model.leak().is_some_and(|leak| leak.is_over(&delta));
        if cut || worked || over || poll.unusual[slot] {
            *model.leak_mut() = None;
            continue;
        }
        if delta.deducted <= 0.0 {
            continue;
        }
        let elsewhere = poll.elsewhere[slot];
        let complete = !delta.logs_missing
            && !model.waits_for_logs(&delta)
            && model.is_complete_but_for(delta.series, elsewhere);
        let idle = hours.is_idle(delta.from, delta.at);
        let leak = model.leak_mut().get_or_insert_with(|| SlowLeak::beginning(&delta, all, idle, complete));
        leak.add(&delta, elsewhere);
        let mut leak = *leak;
        if !leak.is_reported() {
            let Some(candidate) = finding(slot, &delta, &leak, all, models, windows) else { continue };
            leak.report();
            let each = models.of(delta.series).and_then(|model| model.reach(1.0));
            report(delta.series, &candidate, delta.at, each, found);
        }
        // It is not usage elsewhere.
        if let Some(model) = models.get_mut(slot) {
            model.forget_leaked(leak.take_booked(), delta.at);
            *model.leak_mut() = Some(leak);
        }
    }
}

/// What a leak is as a finding, where it is one.
fn finding(
    slot: Slot,
    delta: &Delta,
    leak: &SlowLeak,
    all: &Deltas,
    models: &Models,
    windows: &WindowComparison,
) -> Option<Candidate> {
    let low = leak.sum - delta.slack;
    if leak.steps < MIN_STEPS {
        return None;
    }
    let other = bound(slot, leak, all, models, windows);
    let beyond = other.map_or(f64::MIN, |other| low - other.most);
    let least = (MONEY_AT_IDLE_HOURS * min_money(delta.series)).max(delta.floor());
    let (class, reason, high, confidence) = match other {
        Some(other) if beyond >= BEYOND_OTHER => {
            let reason = Reason::Other { moved: other.moved, window: other.window };
            let confidence = if leak.complete { 0.95 } else { 0.85 };
            (Anomaly::Disagreement, reason, other.most.min(leak.sum), confidence)
        }
        None if leak.idle && leak.complete && delta.is_money() && low >= least => {
            (Anomaly::Unexplained, Reason::Use, 0.0, 0.75)
        }
        _ => return None,
    };
    let span = (leak.from, delta.at);
    Some(Candidate {
        slack: delta.slack,
        high,
        reason,
        confidence,
        steps: leak.steps,
        ..Candidate::new(class, span, (leak.before, delta.value), leak.sum)
    })
}

/// What the other quotas allow a leak to have taken, where they stand still and are known to move with it.
fn bound(
    slot: Slot,
    leak: &SlowLeak,
    all: &Deltas,
    models: &Models,
    windows: &WindowComparison,
) -> Option<CrossWindowBound> {
    let still = |other: Slot| {
        let delta = all[other]?;
        let moved = leak.lost(other);
        let still = moved <= (2.0 * models.step(other)).max(STILL);
        still.then_some(Delta { deducted: moved, ..delta })
    };
    let allowed = |long: Slot, other: Slot| {
        let (ratio, step) = (windows.ratio(long), models.step(long));
        // Where they have begun to move by each other in another way, that is reported as a disagreement.
        let learned = ratio.rate(step).is_some();
        let steady = other == Slot::FiveHour || !learned || ratio.is_steady(step);
        if !steady || windows.disagreed_recently(long, leak.at) {
            return None;
        }
        let delta = still(other)?;
        let most = if other == Slot::FiveHour {
            ratio.long_at_most(long.meter()?, &delta, step)
        } else {
            ratio.short_at_most(long.meter()?, &delta, step)?
        };
        Some(CrossWindowBound::new(most, other, delta.deducted))
    };
    match slot {
        // The month is moved by other products too.
        Slot::FiveHour => [Slot::Week, Slot::MonthCode]
            .into_iter()
            .filter_map(|long| allowed(long, long))
            .min_by(|a, b| a.most.total_cmp(&b.most)),
        Slot::Week | Slot::MonthCode => allowed(slot, Slot::FiveHour),
        Slot::Month | Slot::Balance | Slot::Wallet => None,
    }
}
