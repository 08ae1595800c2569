//! Stretches of work: use and deductions that are weighed together, and what each says of the price.
//!
//! Where logs are told of late, looks wait until all that was used before them has been told, so that every
//! deduction is weighed against the use that led to it and no other.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::change_point::{DetectedShift, TestConfig};
use crate::audit::model::delta::{Delta, least_money};
use crate::audit::model::series::SeriesModel;
use crate::audit::thresholds;

/// How many looks wait for their use at most; the oldest is weighed with what is known of it then.
const WAITING: usize = 16;

/// The most that use at the ends of a stretch may weigh, as a share of all.
const MOST_AT_ENDS: f64 = 0.4;

/// Of the use at the ends of a stretch, the share that may have been posted on the other side of them.
const POSTED_EARLY_OR_LATE: f64 = 0.25;

/// Use and deductions that are weighed together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SessionWindow {
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) seen: f64,
    pub(crate) weight: f64,
    /// Use from before it that was still to be posted when it began, and belongs to it.
    #[serde(default)]
    before: f64,
}

/// What one look adds to a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    from: DateTime<Utc>,
    at: DateTime<Utc>,
    deducted: f64,
    /// Logged use, in the gauge's own measure.
    weight: f64,
    /// Use was going on.
    worked: bool,
    /// What was deducted cannot be compared with the use: something came back, or a price is unknown.
    broken: bool,
    /// The meter is at its limit.
    full: bool,
}

/// Looks whose use may still be told of, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LateUsageQueue {
    parts: VecDeque<Part>,
    /// The last look that was given up, and the last with use that was weighed.
    given_up: Option<DateTime<Utc>>,
    worked: Option<DateTime<Utc>>,
}

impl LateUsageQueue {
    /// The use that waits in it.
    pub(crate) fn weight(&self) -> f64 {
        self.parts.iter().map(|part| part.weight).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Gives up all that waits.
    pub(crate) fn clear(&mut self) {
        if let Some(last) = self.parts.back() {
            self.given_up = Some(last.at);
        }
        self.parts.clear();
    }

    /// Puts use to the look that followed it. Gives what no look that waits can take.
    fn tell(&mut self, look: DateTime<Utc>, amount: f64) -> Assigned {
        if self.given_up.is_some_and(|last| look <= last) {
            return Assigned::Taken;
        }
        let Some(part) = self.parts.iter_mut().find(|part| part.at >= look) else { return Assigned::Left };
        part.weight += amount;
        Assigned::Taken
    }
}

impl LateUsageQueue {
    /// What this look showed was something else. Whether it waited here.
    pub(crate) fn break_at(&mut self, look: DateTime<Utc>) -> bool {
        let part = self.parts.iter_mut().find(|part| part.at == look);
        part.map(|part| part.broken = true).is_some()
    }
}

enum Assigned {
    Taken,
    Left,
}

impl SeriesModel {
    /// Use that was told of late belongs to the look that followed it.
    pub(crate) fn tell_late(&mut self, look: DateTime<Utc>, amount: f64) {
        if matches!(self.untold.tell(look, amount), Assigned::Taken) {
            self.unweighed = (self.unweighed - amount).max(0.0);
        }
    }

    /// Adds a look to the stretch that goes on. Gives a shift of the price where it made one believed.
    pub(crate) fn weigh(&mut self, seen: &Delta, worked: bool, stints: usize) -> Option<DetectedShift> {
        let part = Part {
            from: seen.from,
            at: seen.at,
            deducted: seen.deducted,
            weight: std::mem::take(&mut self.unweighed),
            worked,
            broken: seen.resets > 0
                || (seen.returned > 0.0 && !seen.is_money())
                || seen.unpriced
                || seen.withheld,
            full: seen.is_full(),
        };
        if !self.waits_for_logs(seen) {
            return self.weigh_part(&part, self.last_use, stints);
        }
        self.untold.parts.push_back(part);
        let delay = self.delay();
        while let Some(mut part) = self.untold.parts.front().copied()
            && (seen.at - part.at >= seen.lateness || self.untold.parts.len() > WAITING)
        {
            self.untold.parts.pop_front();
            if part.weight > 0.0 {
                self.untold.worked = Some(part.at);
            }
            part.worked = self.untold.worked.is_some_and(|last| part.from - last <= delay);
            let last = self.untold.worked;
            if !part.broken {
                self.note_rest((part.from, part.at), part.deducted, last);
                self.book(part.deducted, part.worked);
            }
            let shifted = self.weigh_part(&part, last, stints);
            if shifted.is_some() {
                return shifted;
            }
        }
        None
    }

    /// `last` is when this machine was last at work before the part, as far as is told by now.
    fn weigh_part(
        &mut self,
        part: &Part,
        last: Option<DateTime<Utc>>,
        stints: usize,
    ) -> Option<DetectedShift> {
        let money = self.series.meter().is_none();
        if part.broken {
            self.block = SessionWindow::default();
            self.posting.clear();
            // What was used and is not posted yet belongs to no stretch.
            self.muted = money.then_some(part.at + thresholds::BALANCE_DELAY);
            return None;
        }
        if self.muted.is_some_and(|until| part.at < until) {
            self.block = SessionWindow::default();
            self.posting.clear();
            return None;
        }
        // All of it is posted.
        let settled = money && last.is_none_or(|last| part.at - last >= thresholds::SETTLED);
        if part.worked || !self.posting.is_empty() {
            if self.block.from.is_none() {
                self.block.before = self.posting.total();
            }
            if self.block.weight <= 0.0 && self.block.seen <= 0.0 {
                self.block.from = Some(part.from);
            }
            self.block.from.get_or_insert(part.from);
            self.block.seen += part.deducted;
            self.block.weight += if money {
                self.posting.add(part.at, part.weight);
                let delay = if settled { TimeDelta::zero() } else { thresholds::POSTED };
                self.posting.due(part.at, delay)
            } else {
                part.weight
            };
        }
        let SessionWindow { from: Some(from), seen: sum, weight, before } = self.block else { return None };
        // When exactly the use at both ends was posted is not known.
        let edges = before + self.posting.total();
        let usual = self.scale.known().map(|scale| scale.middle * self.factor);
        let closes = if money {
            // Otherwise it has to be so long that the use at its ends weighs little.
            if settled && weight <= 0.0 {
                // What was posted last of an earlier stretch.
                self.block = SessionWindow::default();
                return None;
            }
            let long = part.at - from >= TimeDelta::hours(1) && edges <= MOST_AT_ENDS * weight;
            (settled || long) && weight >= least_money(self.series) * 0.3
        } else {
            let enough = (3.0 * self.step).max(0.4);
            match usual {
                // Much taken for little use tells of the price as well: its rounding weighs little then.
                Some(usual) => {
                    let expected = weight * usual;
                    expected >= enough || part.full || (sum >= 2.0 * enough && expected >= 0.1 * enough)
                }
                None => sum >= enough && weight > 0.0,
            }
        };
        if !closes {
            return None;
        }
        self.block = SessionWindow::default();
        // At its limit a meter shows less than was used: that can only prove that more was taken.
        if part.full && usual.is_none_or(|usual| weight * usual < 0.5 || sum < 1.25 * weight * usual) {
            return None;
        }
        let enough = if money { 2 } else { thresholds::SAMPLES };
        let Some(usual) = usual.filter(|_| self.scale.count() >= enough) else {
            self.scale.learn(sum / weight / self.factor);
            return None;
        };
        let expected = weight * usual;
        if expected <= 0.0 {
            return None;
        }
        let share = self.coverage().unwrap_or(1.0).max(0.1);
        let sure = self.is_long_complete() && share >= thresholds::SURE;
        let step = if money { 0.005 } else { self.step };
        let at_ends = if money { POSTED_EARLY_OR_LATE * edges / weight * sum } else { 0.0 };
        let slack = Some(step + at_ends);
        let manner = TestConfig { stints, share, also_down: true, sure, slack, step, rest: self.rest };
        let (shifted, ordinary) = self.shift.take(from, (sum, expected), self.stint, manner);
        for sample in ordinary {
            self.scale.learn(usual / self.factor * sample.seen / sample.expected);
        }
        shifted
    }
}
