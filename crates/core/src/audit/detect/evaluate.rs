//! The movements of a poll, evaluated one by one.

use crate::audit::detect::classify::{self, Classification, Context};
use crate::audit::detect::confirm::{self, Confirmation};
use crate::audit::detect::cross_window::{self, CrossWindowBound};
use crate::audit::detect::leaks::{self, Evaluated};
use crate::audit::detect::report::{Found, report, report_confirmed};
use crate::audit::detect::{accelerations, disagreements};
use crate::audit::model::accelerations::Accelerations;
use crate::audit::model::active_hours::ActiveHours;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::change_point::DetectedShift;
use crate::audit::model::code_share::OtherProducts;
use crate::audit::model::delta::{Delta, Deltas, Expected, is_exhausted};
use crate::audit::model::models::Models;
use crate::audit::model::series::SeriesModel;
use crate::audit::model::window_comparison::WindowComparison;
use crate::audit::prices::Price;
use crate::audit::slot::{Slot, SlotMap};
use crate::audit::thresholds;
use crate::audit::verdict::{Explained, Verdict};
use crate::finding::Anomaly;
use crate::meter::Meter;
use crate::reading::{RateLimits, Reading};
use crate::series::Series;

/// What the movements of a poll are evaluated with.
pub(crate) struct Evaluator<'a> {
    pub(crate) hours: &'a ActiveHours,
    pub(crate) models: &'a mut Models,
    pub(crate) windows: &'a mut WindowComparison,
    pub(crate) accelerations: &'a mut Accelerations,
    /// Whether the logs of another machine, which reported before, are not known for this poll.
    pub(crate) logs_missing: bool,
    pub(crate) limits: RateLimits,
    pub(crate) dearest: Price,
    /// How many polls failed since the last reading.
    pub(crate) failures: u32,
    pub(crate) found: Found<'a>,
    pub(crate) verdicts: &'a mut Vec<Verdict>,
}

/// What the evaluation of each movement came to.
#[derive(Default)]
struct Progress {
    /// The movements that were accused, or may be.
    unusual: SlotMap<bool>,
    /// What was booked as usage elsewhere.
    elsewhere: SlotMap<f64>,
    /// Changes of the price that the poll made believed.
    shifts: SlotMap<Option<DetectedShift>>,
}

/// The surroundings of a movement.
#[derive(Clone, Copy)]
struct Situation<'a> {
    deltas: &'a Deltas,
    /// Whether a quota was used up.
    exhausted: bool,
    /// Whether the account has quotas at all.
    has_meters: bool,
    /// The factor of an acceleration that was reported of another series.
    dearer: f64,
    /// The quotas that lost something while no one worked.
    fell: SlotMap<bool>,
}

impl Evaluator<'_> {
    /// Evaluates all movements of a poll.
    ///
    /// Slots are taken in the order of [`Slot::ALL`]. Only two things depend on it: what is unusual of the month is
    /// not reported of its Code share once more, and findings come in that order. What the credit ledger holds of
    /// one series is never read for another.
    pub(crate) fn evaluate(&mut self, reading: &Reading, deltas: &Deltas) {
        self.windows.code_share_mut().note(deltas);
        let dearer = self.accelerations.factor(reading.at);
        let situation = Situation {
            deltas,
            exhausted: is_exhausted(reading, deltas),
            has_meters: !reading.meters.is_empty(),
            dearer,
            fell: SlotMap::from_fn(|slot| self.fell_idle(slot, deltas, dearer)),
        };
        let mut progress = Progress::default();
        for slot in Slot::ALL {
            if let Some(delta) = &deltas[slot] {
                self.evaluate_slot(slot, delta, situation, &mut progress);
            }
        }
        if !progress.unusual[Slot::Month]
            && let OtherProducts::Took(points) = self.other_products(Slot::Month, deltas)
        {
            leave_elsewhere(self.verdicts, points);
        }
        let evaluated = Evaluated {
            deltas,
            exhausted: situation.exhausted,
            unusual: progress.unusual,
            elsewhere: &progress.elsewhere,
        };
        leaks::watch(&evaluated, self.hours, self.models, self.windows, &mut self.found);
        accelerations::price_changes(
            reading.at,
            &progress.shifts,
            self.models,
            self.windows,
            self.accelerations,
            &mut self.found,
        );
        disagreements::compare(
            reading.at,
            deltas,
            progress.unusual,
            self.models,
            self.windows,
            self.accelerations,
            self.found.findings,
        );
    }

    fn other_products(&self, slot: Slot, deltas: &Deltas) -> OtherProducts {
        // A share that stands at nothing shows no digits; its figure is as fine as the month's.
        let step = self.models.step(Slot::MonthCode).min(self.models.step(Slot::Month));
        self.windows.other_products(slot, deltas, step)
    }

    /// Whether a quota lost something that no usage explains, and no one worked as far as is known.
    fn fell_idle(&self, slot: Slot, deltas: &Deltas, dearer: f64) -> bool {
        let (Some(delta), Some(model)) = (&deltas[slot], self.models.get(slot)) else { return false };
        if slot.meter().is_none() || delta.low() < delta.floor() {
            return false;
        }
        let expected = model.expect(delta, dearer);
        let is_idle = model.is_complete(delta.series) || !self.hours.in_use(delta.from);
        expected.known && delta.low() - expected.high >= delta.floor() && is_idle
    }

    fn evaluate_slot(
        &mut self,
        slot: Slot,
        delta: &Delta,
        situation: Situation<'_>,
        progress: &mut Progress,
    ) {
        let Some(model) = self.models.get_mut(slot) else { return };
        if model.rests(delta) {
            model.rest(delta.at);
            return;
        }
        let others = self.other_products(slot, situation.deltas);
        let bound = cross_window::bound(slot, situation.deltas, self.models, self.windows, others);
        let Some(model) = self.models.get_mut(slot) else { return };
        let expected = model.expect(delta, situation.dearer);
        settle_pending(model, delta, expected, bound, &mut self.found);
        let context = Context {
            hours: self.hours,
            ledger: self.found.ledger,
            limits: self.limits,
            dearest: self.dearest,
            failures: self.failures,
            exhausted: situation.exhausted,
            has_meters: situation.has_meters,
            others,
            fell_together: situation.fell[slot] && bound.is_some_and(|other| situation.fell[other.window]),
        };
        let classification = classify::classify(model, delta, expected, bound, &context);
        let classification = weigh_streak(model, delta, expected, classification);
        if delta.deducted > 0.0 {
            let known = Known { others, logs_missing: self.logs_missing };
            self.verdicts.push(verdict(model, delta, expected, known, &classification));
        }
        // The Code share is a part of the month: what happens to both is reported of the month.
        let of_month = slot == Slot::MonthCode && progress.unusual[Slot::Month];
        let explained = expected.high.min(delta.deducted);
        let is_known = model.known_for(delta.at) >= thresholds::DAYS_KNOWN && model.is_long_complete();
        let min_sessions = if model.is_complete(delta.series) && is_known && !delta.logs_missing {
            1
        } else {
            thresholds::MIN_SESSIONS
        };
        progress.unusual[slot] = !matches!(classification, Classification::Usual);
        progress.shifts[slot] = match classification {
            Classification::Usual => {
                let other = match (slot, &situation.deltas[Slot::MonthCode], bound) {
                    (Slot::Month, Some(code), _) => code.deducted,
                    (Slot::Month, None, Some(bound)) => bound.moved,
                    _ => 0.0,
                };
                accelerations::unlogged(slot, model, delta, self.accelerations, self.found.findings);
                let before = model.booked_elsewhere();
                let shifted = model.settle(delta, other, min_sessions);
                progress.elsewhere[slot] = (model.booked_elsewhere() - before).max(0.0);
                shifted
            }
            Classification::Glitch(credit) => {
                self.found.ledger.forget_credit(&credit);
                model.settle_unusual(delta, 0.0, min_sessions)
            }
            Classification::Certain(..) | Classification::Doubtful(..) if of_month => {
                model.settle_unusual(delta, explained, min_sessions)
            }
            Classification::Certain(candidate, credit) => {
                if let Some(credit) = credit {
                    self.found.ledger.forget_credit(&credit);
                }
                report(delta.series, &candidate, delta.at, model.reach(1.0), &mut self.found);
                model.settle_unusual(delta, explained, min_sessions)
            }
            Classification::Doubtful(candidate, _) => {
                if delta.is_money() {
                    // A higher price stands out as well, poll by poll.
                    accelerations::unlogged(slot, model, delta, self.accelerations, self.found.findings);
                }
                // Another step that still waits is not forgotten over this one.
                if let Some(oldest) = model.take_oldest_of_many() {
                    report_confirmed(delta.series, &oldest, delta.at, model.reach(1.0), &mut self.found);
                }
                let shifted = model.settle_unusual(delta, explained, min_sessions);
                model.hold(candidate);
                shifted
            }
        };
    }
}

/// What this poll says of movements that were in doubt.
fn settle_pending(
    model: &mut SeriesModel,
    delta: &Delta,
    expected: Expected,
    bound: Option<CrossWindowBound>,
    found: &mut Found<'_>,
) {
    let mut confirmed: Vec<Candidate> = Vec::new();
    for candidate in model.take_unreported() {
        if candidate.excess() - candidate.late < delta.floor() {
            continue;
        }
        if candidate.to > delta.reported_until {
            // They are no more than they were.
            let _ = model.hold_unreported(candidate);
        } else {
            model.drop_poll(candidate.to);
            confirmed.push(candidate);
        }
    }
    for mut candidate in model.take_pending() {
        candidate.late += model.late(delta);
        match confirm::confirm(&candidate, model, delta, expected, bound) {
            Confirmation::Wait => {
                candidate.waited += 1;
                model.hold(candidate);
            }
            Confirmation::Faint => {
                candidate.waited += 1;
                candidate.faint += 1;
                model.hold(candidate);
            }
            Confirmation::Stands if candidate.to > delta.reported_until && rests_on_usage(&candidate) => {
                if let Some(oldest) = model.hold_unreported(candidate) {
                    model.drop_poll(oldest.to);
                    confirmed.push(oldest);
                }
            }
            Confirmation::Stands => {
                model.drop_poll(candidate.to);
                confirmed.push(candidate);
            }
            Confirmation::Dropped => {}
            Confirmation::Elsewhere => {
                model.set_streak(candidate.excess().max(delta.floor()));
                // A price that went up takes more for the same usage; that is not usage elsewhere.
                if candidate.worked <= 0.0 {
                    let span = candidate.to - candidate.from;
                    model.learn_elsewhere(candidate.excess(), span, candidate.to);
                }
            }
        }
    }
    for candidate in confirmed {
        report_confirmed(delta.series, &candidate, delta.at, model.reach(1.0), found);
    }
}

/// Whether a step is one only because no log shows usage for it.
const fn rests_on_usage(candidate: &Candidate) -> bool {
    matches!(candidate.class, Anomaly::Unexplained)
        && matches!(candidate.reason, Reason::Use | Reason::Outstanding { .. })
}

/// What is known of usage that no log of this machine shows.
#[derive(Clone, Copy)]
struct Known {
    /// What other products took.
    others: OtherProducts,
    /// Whether the logs of another machine are missing.
    logs_missing: bool,
}

/// What a movement is, where deductions beyond usage follow each other.
fn weigh_streak(
    model: &mut SeriesModel,
    delta: &Delta,
    expected: Expected,
    classification: Classification,
) -> Classification {
    let streak = model.streak();
    match classification {
        // One more of a streak that is not a single wrong step.
        Classification::Doubtful(candidate, None)
            if candidate.is_step()
                && let Some(continued) = model.continued_streak(&candidate, delta, streak) =>
        {
            model.set_streak(continued);
            Classification::Usual
        }
        // The last of such a streak fills the quota. It may be usage elsewhere; but a wipe-out is reported.
        Classification::Certain(mut candidate, None)
            if candidate.class == Anomaly::WipeOut
                && !delta.is_money()
                && candidate.is_beside_use()
                && candidate.excess() <= 1.2 * streak =>
        {
            candidate.confidence = candidate.confidence.min(0.5);
            Classification::Certain(candidate, None)
        }
        classification => {
            model.set_streak(0.0);
            if classification == Classification::Usual {
                model.note_small_excess(delta, expected);
            }
            classification
        }
    }
}

/// How far a deduction is explained. It is called unexplained only where it can be: where logs hold all usage by
/// now, or where it is held against the service anyway. What another machine may have used is unknown, and where
/// no log shows any usage, everything is unknown: neither a price nor rounding is an explanation.
fn verdict(
    model: &SeriesModel,
    delta: &Delta,
    expected: Expected,
    Known { others, logs_missing }: Known,
    classification: &Classification,
) -> Verdict {
    let cannot_tell = Verdict {
        series: delta.series,
        at: delta.at,
        word: Explained::CannotTell,
        deducted: delta.deducted,
        elsewhere: 0.0,
        explained: None,
    };
    if model.is_unlogged(delta.at) {
        return cannot_tell;
    }
    let worked = model.is_at_work(delta);
    let complete = model.is_complete(delta.series);
    let certain = matches!(classification, Classification::Certain(..));
    // Usage that becomes known late is not missing yet, and no log shows what other products took.
    let all_known =
        complete && !model.waits_for_logs(delta) && others == OtherProducts::Nothing && !logs_missing;
    let accused =
        certain || (matches!(classification, Classification::Doubtful(..)) && !model.waits_for_logs(delta));
    // A figure that was wrong for a moment and is right again is no usage.
    let back = matches!(classification, Classification::Glitch(_));
    // Rounding alone explains nothing: a step no larger than it needs logged usage, and some of its own size where
    // other devices may have been at work.
    let least = if complete { 0.0 } else { SMALL_SHARE * delta.deducted };
    let is_faint = delta.deducted <= delta.slack && expected.high <= least;
    let word = if back || is_faint || (!certain && (!expected.known || (!worked && !complete))) {
        Explained::CannotTell
    } else if delta.low() <= expected.high && expected.known {
        Explained::Fully
    } else if expected.known && expected.high >= SMALL_SHARE * delta.deducted {
        Explained::Partly
    } else if all_known || accused {
        Explained::Not
    } else {
        Explained::CannotTell
    };
    let explained =
        expected.known.then(|| (expected.low.min(delta.deducted), expected.high.min(delta.deducted)));
    Verdict { word, explained, ..cannot_tell }
}

/// What other products took of the month is used elsewhere; the rest is explained as Kimi Code's share is.
fn leave_elsewhere(verdicts: &mut [Verdict], points: f64) {
    let of = |meter| move |verdict: &&Verdict| verdict.series == Series::Meter(meter);
    let code = verdicts.iter().find(of(Meter::MonthCode)).copied();
    let Some(month) = verdicts.iter_mut().find(|verdict| verdict.series == Series::Meter(Meter::Month))
    else {
        return;
    };
    *month = match code {
        Some(code) => Verdict {
            word: code.word,
            explained: code.explained,
            elsewhere: (points * 1e6).round() / 1e6,
            ..*month
        },
        None => Verdict { word: Explained::Elsewhere, explained: None, elsewhere: month.deducted, ..*month },
    };
}

/// Usage that explains less than this share of a deduction is no explanation of it.
const SMALL_SHARE: f64 = 0.3;
