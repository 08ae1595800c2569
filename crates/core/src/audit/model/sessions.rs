//! Sessions: usage and deductions that are weighed together, and the samples of the price that they give.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::change_point::{ChangePointDetector, DetectedShift, TestConfig};
use crate::audit::model::delta::{Delta, min_money};
use crate::audit::model::idle_totals::IdleTotals;
use crate::audit::model::late_usage::{LateUsageQueue, Part};
use crate::audit::model::log_coverage::LogCoverage;
use crate::audit::model::pricing::Pricing;
use crate::audit::model::unbilled_usage::UnbilledUsage;
use crate::audit::thresholds;
use crate::series::Series;

/// The most that usage at the ends of a session may weigh, as a share of all.
const MAX_AT_ENDS: f64 = 0.4;

/// Of the usage at the ends of a session, the share that may have been posted on the other side of them.
const POSTED_EARLY_OR_LATE: f64 = 0.25;

/// Usage and deductions that are weighed together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Window {
    from: Option<DateTime<Utc>>,
    /// Deducted.
    seen: f64,
    /// Used, in the series' own measure.
    weight: f64,
    /// Usage from before it that was still to be posted when it began, and belongs to it.
    before: f64,
}

/// Makes samples of the price from usage and deductions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SessionSampler {
    window: Window,
    late: LateUsageQueue,
    /// Usage of money that is still to be posted.
    posting: UnbilledUsage,
    /// Usage that no window has taken up yet.
    unsampled: f64,
    /// Until then, deductions are not weighed.
    muted: Option<DateTime<Utc>>,
}

/// The other parts of a series' model, which samples are weighed against and teach.
pub(crate) struct Surroundings<'a> {
    pub(crate) series: Series,
    /// The fineness of the figure.
    pub(crate) step: f64,
    pub(crate) last_use: Option<DateTime<Utc>>,
    /// The number of the open session.
    pub(crate) session: u32,
    /// How long usage may wait to be deducted.
    pub(crate) delay: TimeDelta,
    /// Over how many sessions a change of the price must show.
    pub(crate) min_sessions: usize,
    /// Whether the logs of a machine that uses the account have not come for long.
    pub(crate) logs_missing: bool,
    pub(crate) pricing: &'a mut Pricing,
    pub(crate) detector: &'a mut ChangePointDetector,
    pub(crate) coverage: &'a mut LogCoverage,
    pub(crate) idle: &'a mut IdleTotals,
}

impl SessionSampler {
    /// Adds logged usage that no poll has been weighed with yet.
    pub(crate) fn add_usage(&mut self, amount: f64) {
        self.unsampled += amount;
    }

    /// Usage that became known late belongs to the poll that followed it. What another machine reported of a poll that
    /// is weighed already belongs to no other.
    pub(crate) fn assign_late(&mut self, poll: DateTime<Utc>, amount: f64, reported: bool) {
        if self.late.assign(poll, amount) || reported {
            self.unsampled = (self.unsampled - amount).max(0.0);
        }
    }

    /// Usage of a time that another machine reported belongs to the poll that followed it. Whether that still waits.
    pub(crate) fn assign_at(&mut self, at: DateTime<Utc>, amount: f64, unpriced: bool) -> bool {
        self.late.assign_at(at, amount, unpriced)
    }

    /// The usage of the open session, by its number.
    pub(crate) fn weight(&self, session: u32) -> f64 {
        self.window.weight + self.late.weight(session) + self.posting.total() + self.unsampled
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.window.from.is_some()
    }

    /// Whether polls wait for their usage.
    pub(crate) fn waits(&self) -> bool {
        !self.late.is_empty()
    }

    /// Gives up the open session.
    pub(crate) fn drop_session(&mut self) {
        self.window = Window::default();
        self.late.clear();
        self.unsampled = 0.0;
    }

    pub(crate) fn clear_posting(&mut self) {
        self.posting.clear();
    }

    /// What a poll showed was a wrong deduction: it is no measure of what usage costs.
    pub(crate) fn drop_poll(&mut self, poll: DateTime<Utc>) {
        if !self.late.break_at(poll) {
            self.window = Window::default();
            if self.late.is_empty() {
                self.unsampled = 0.0;
            }
        }
    }

    /// The same, where only a poll that waits is left out.
    pub(crate) fn break_at(&mut self, poll: DateTime<Utc>) {
        self.late.break_at(poll);
    }

    /// Adds a poll to the open session. Returns a change of the price if the poll confirmed one.
    pub(crate) fn add(
        &mut self,
        delta: &Delta,
        worked: bool,
        model: Surroundings<'_>,
    ) -> Option<DetectedShift> {
        let mut model = model;
        let part = Part {
            from: delta.from,
            at: delta.at,
            deducted: delta.deducted,
            weight: std::mem::take(&mut self.unsampled),
            worked,
            broken: delta.resets > 0
                || (delta.returned > 0.0 && !delta.is_money())
                || delta.unpriced
                || delta.withheld,
            full: delta.is_full(),
            session: delta.may_be_reported().then_some(model.session),
        };
        if delta.lateness <= TimeDelta::zero() && !delta.may_be_reported() && !self.waits() {
            let last_use = model.last_use;
            return self.weigh(&part, last_use, &mut model);
        }
        self.late.push(part);
        while let Some((part, last_use)) =
            self.late.pop_known(delta.at, delta.lateness, delta.reported_until, model.delay)
        {
            if !part.broken {
                model.idle.note_after((part.from, part.at), part.deducted, last_use, model.delay);
                model.coverage.book(part.deducted, part.worked);
            }
            let shifted = self.weigh(&part, last_use, &mut model);
            if shifted.is_some() {
                return shifted;
            }
        }
        None
    }

    /// `last_use` is when this machine was last at work before the part, as far as is known by now.
    fn weigh(
        &mut self,
        part: &Part,
        last_use: Option<DateTime<Utc>>,
        model: &mut Surroundings<'_>,
    ) -> Option<DetectedShift> {
        let money = model.series.meter().is_none();
        if part.broken {
            self.window = Window::default();
            self.posting.clear();
            // What was used and is not posted yet belongs to no session.
            self.muted = money.then_some(part.at + thresholds::BALANCE_DELAY);
            return None;
        }
        if self.muted.is_some_and(|until| part.at < until) {
            self.window = Window::default();
            self.posting.clear();
            return None;
        }
        // All of it is posted.
        let settled = money && last_use.is_none_or(|last| part.at - last >= thresholds::SETTLED);
        self.extend(part, money, settled);
        let Window { from: Some(from), seen, weight, before } = self.window else { return None };
        // When exactly the usage at both ends was posted is not known.
        let at_ends = before + self.posting.total();
        let usual = model.pricing.middle();
        let closes = if money {
            if settled && weight <= 0.0 {
                // What was posted last of an earlier session.
                self.window = Window::default();
                return None;
            }
            // Otherwise it has to be so long that the usage at its ends weighs little.
            let long = part.at - from >= TimeDelta::hours(1) && at_ends <= MAX_AT_ENDS * weight;
            (settled || long) && weight >= min_money(model.series) * 0.3
        } else {
            let enough = (3.0 * model.step).max(0.4);
            match usual {
                // Much deducted for little usage is a sample as well: its rounding weighs little then.
                Some(usual) => {
                    let expected = weight * usual;
                    expected >= enough || part.full || (seen >= 2.0 * enough && expected >= 0.1 * enough)
                }
                None => seen >= enough && weight > 0.0,
            }
        };
        if !closes {
            return None;
        }
        self.window = Window::default();
        // At its limit a quota shows less than was used: that can only prove that more was deducted.
        if part.full && usual.is_none_or(|usual| weight * usual < 0.5 || seen < 1.25 * weight * usual) {
            return None;
        }
        let enough = if money { 2 } else { thresholds::SAMPLES };
        let Some(usual) = usual.filter(|_| model.pricing.samples() >= enough) else {
            model.pricing.learn(seen, weight);
            return None;
        };
        let expected = weight * usual;
        if expected <= 0.0 {
            return None;
        }
        let known = model.coverage.share().unwrap_or(1.0).max(0.1);
        let share = if model.logs_missing { known.min(thresholds::SHARE_WITHOUT) } else { known };
        let sure = model.coverage.is_long_known() && share >= thresholds::SURE;
        let step = if money { 0.005 } else { model.step };
        let at_ends = if money { POSTED_EARLY_OR_LATE * at_ends / weight * seen } else { 0.0 };
        let config = TestConfig {
            min_sessions: model.min_sessions,
            share,
            also_down: true,
            sure,
            slack: Some(step + at_ends),
            step,
            idle: *model.idle,
        };
        let session = part.session.unwrap_or(model.session);
        let (shifted, ordinary) = model.detector.take((from, part.at), (seen, expected), session, config);
        for sample in ordinary {
            model.pricing.learn_again(usual, sample.seen, sample.expected);
        }
        shifted
    }

    /// Adds a part to the window, where this machine was at work or its usage is still being posted.
    fn extend(&mut self, part: &Part, money: bool, settled: bool) {
        if !part.worked && self.posting.is_empty() {
            return;
        }
        let window = &mut self.window;
        if window.from.is_none() {
            window.before = self.posting.total();
        }
        if window.weight <= 0.0 && window.seen <= 0.0 {
            window.from = Some(part.from);
        }
        window.from.get_or_insert(part.from);
        window.seen += part.deducted;
        window.weight += if money {
            self.posting.add(part.at, part.weight);
            let delay = if settled { TimeDelta::zero() } else { thresholds::POSTED };
            self.posting.due(part.at, delay)
        } else {
            part.weight
        };
    }
}
