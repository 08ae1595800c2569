//! What the audit knows of one series: how use moves it, what moves it otherwise, and what waits.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::detect::leaks::SlowLeak;
use crate::audit::model::burn_rate::BurnRate;
use crate::audit::model::candidate::Candidate;
use crate::audit::model::change_point::{ChangePointDetector, DetectedShift};
use crate::audit::model::concurrent_use::IdleTotals;
use crate::audit::model::cost_ratio::CostRatio;
use crate::audit::model::decaying_sum::DecayingSum;
use crate::audit::model::delta::{Delta, Expected, least_money};
use crate::audit::model::largest_steps::LargestSteps;
use crate::audit::model::sessions::{LateUsageQueue, SessionWindow};
use crate::audit::model::unbilled_usage::UnbilledUsage;
use crate::audit::thresholds;
use crate::series::Series;

/// What the audit knows of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SeriesModel {
    #[serde(with = "crate::audit::model::credit_ledger::key")]
    pub(crate) series: Series,
    /// The fineness of the figure: 1 for whole percents.
    pub(crate) step: f64,
    coarse_run: u8,
    /// The last look that was believed.
    pub(crate) at: DateTime<Utc>,
    pub(crate) since: DateTime<Utc>,
    pot: UnbilledUsage,
    pub(crate) scale: CostRatio,
    /// What a shift of the price that was found multiplies the scale by.
    pub(crate) factor: f64,
    /// When it was last found.
    adopted: Option<DateTime<Utc>>,
    pub(crate) block: SessionWindow,
    /// Looks whose use may still be told of.
    #[serde(default)]
    pub(crate) untold: LateUsageQueue,
    /// Use of money that is still to be posted.
    #[serde(default)]
    pub(crate) posting: UnbilledUsage,
    /// Use that no block has taken up yet.
    pub(crate) unweighed: f64,
    /// Until then, deductions are not weighed.
    pub(crate) muted: Option<DateTime<Utc>>,
    /// The last deductions went beyond use, one after the other: by so much at a time; 0 where none did.
    pub(crate) going: f64,
    pub(crate) shift: ChangePointDetector,
    pub(crate) peaks: LargestSteps,
    #[serde(default)]
    pub(crate) tempo: BurnRate,
    logged: f64,
    /// All use that was logged so far, in the gauge's own measure.
    #[serde(default)]
    poured: f64,
    /// How many looks showed a deduction beside logged use.
    worked_looks: u32,
    unlogged: f64,
    /// What went while this machine worked, and while it rested between.
    #[serde(default)]
    pub(crate) rest: IdleTotals,
    /// What went lately beyond use, too little at a time to be a finding.
    #[serde(default)]
    pub(crate) beside: DecayingSum,
    /// What trickles away while nobody works.
    #[serde(default)]
    pub(crate) drain: Option<SlowLeak>,
    halved: DateTime<Utc>,
    pub(crate) last_use: Option<DateTime<Utc>>,
    pub(crate) stint: u32,
    /// Steps in doubt, oldest first.
    pub(crate) pending: Vec<Candidate>,
}

impl SeriesModel {
    pub(crate) fn new(series: Series, at: DateTime<Utc>) -> Self {
        let scale = match series {
            Series::Meter(_) => CostRatio::default(),
            Series::Balance(_) | Series::Wallet(_) => CostRatio::with_prior(1.0),
        };
        Self {
            series,
            step: 1.0,
            coarse_run: 0,
            at,
            since: at,
            pot: UnbilledUsage::default(),
            scale,
            factor: 1.0,
            adopted: None,
            block: SessionWindow::default(),
            untold: LateUsageQueue::default(),
            posting: UnbilledUsage::default(),
            unweighed: 0.0,
            muted: None,
            going: 0.0,
            shift: ChangePointDetector::default(),
            peaks: LargestSteps::default(),
            tempo: BurnRate::default(),
            logged: 0.0,
            poured: 0.0,
            worked_looks: 0,
            unlogged: 0.0,
            rest: IdleTotals::default(),
            beside: DecayingSum::default(),
            drain: None,
            halved: at,
            last_use: None,
            stint: 0,
            pending: Vec::new(),
        }
    }

    /// What is learned of a plan holds for that plan; the rest stays.
    pub(crate) fn rescale(&mut self, at: DateTime<Utc>) {
        self.pot.clear();
        self.posting.clear();
        self.scale.forget();
        self.factor = 1.0;
        self.adopted = None;
        self.drop_block();
        self.shift = ChangePointDetector::default();
        self.peaks = LargestSteps::default();
        self.tempo.restart();
        self.rest = IdleTotals::default();
        self.beside = DecayingSum::default();
        self.drain = None;
        self.pending.clear();
        self.going = 0.0;
        self.at = at;
        self.since = at;
    }

    /// Learns how fine the figure is: a fraction shows it at once, whole figures only after a while.
    pub(crate) fn learn_step(&mut self, digits: u32, moved: bool, count_limit: Option<f64>) {
        if digits > 0 {
            let fine = if digits <= 2 { 0.01 } else { 10f64.powi(-digits.min(8).cast_signed()) };
            // More digits than two come from a count: its own step is what matters.
            self.step = match count_limit {
                Some(limit) if digits > 2 && limit > 0.0 => 100.0 / limit,
                _ => fine,
            };
            self.coarse_run = 0;
        } else if moved && self.step < 1.0 {
            self.coarse_run += 1;
            if self.coarse_run >= 4 {
                self.step = 1.0;
            }
        }
    }

    /// Adds what was logged since the last look; lets go of what waited too long.
    pub(crate) fn pour(&mut self, seen: &Delta, delay: TimeDelta, last_use: Option<DateTime<Utc>>) {
        self.pot.expire(seen.from, delay);
        if seen.fresh > 0.0 {
            // What was told of late waits from now on.
            let at = last_use.unwrap_or(seen.at).max(seen.from).min(seen.at);
            if self.last_use.is_none_or(|last| at - last > thresholds::SETTLED) {
                self.stint = self.stint.wrapping_add(1);
            }
            self.last_use = Some(at);
            self.pot.add(at, seen.fresh);
            self.poured += seen.fresh;
            self.unweighed += seen.fresh;
        }
    }

    /// What the use that is not deducted yet explains. `dearer` is the factor of an acceleration that
    /// another series showed.
    pub(crate) fn expect(&self, seen: &Delta, dearer: f64) -> Expected {
        let waiting = self.pot.total();
        if waiting <= 0.0 && !seen.unpriced {
            return Expected { low: 0.0, high: 0.0, known: true };
        }
        match self.scale.known() {
            Some(scale) => {
                let waiting = waiting * self.factor;
                // Of what waits, less may be due; of what was used since, all.
                let due = (seen.fresh * self.factor).min(waiting);
                let dearer = if self.factor > 1.05 { 1.0 } else { dearer };
                // A model without a price may be dearer than any that has one.
                let waiting = waiting + 3.0 * seen.unpriced_most * self.factor;
                Expected { low: due * scale.low, high: waiting * scale.high * dearer, known: true }
            }
            None => Expected { low: 0.0, high: f64::MAX, known: false },
        }
    }

    /// What the use that waits can have taken at most, where it is not known yet what use takes: no window of
    /// any plan is worth so little that a dollar's tokens, or a single request, empty it; nor is use suddenly
    /// many times as dear as all use before.
    pub(crate) fn at_most(&self, seen: &Delta) -> f64 {
        let waiting = self.pot.total() + 3.0 * seen.unpriced_most;
        let each = if seen.counted { thresholds::POINTS_A_REQUEST } else { thresholds::POINTS_A_DOLLAR };
        let before = self.poured - self.pot.total();
        let so_far = if before > 0.0 {
            5.0 * (self.logged + self.unlogged + 3.0 * self.step) / before
        } else {
            f64::MAX
        };
        waiting * each.min(so_far)
    }

    /// Whether this machine is at work, or was so lately that its use may still be posted.
    pub(crate) fn is_at_work(&self, seen: &Delta) -> bool {
        let posting =
            seen.is_money() && self.last_use.is_some_and(|last| seen.at - last <= thresholds::SETTLED);
        posting || self.has_waiting()
    }

    pub(crate) fn has_waiting(&self) -> bool {
        !self.pot.is_empty()
    }

    /// What would still be explained by use that no deduction has used up, by the middle of the scale.
    pub(crate) fn surplus(&self) -> f64 {
        self.scale.known().map_or(0.0, |scale| self.pot.total() * scale.middle * self.factor)
    }

    /// What use explains of the stretch of work that goes on, this look included.
    pub(crate) fn worked(&self, seen: &Delta) -> f64 {
        let lately = self.last_use.is_some_and(|last| seen.from - last <= self.delay());
        let stretch = if lately {
            self.block.weight + self.untold.weight() + self.posting.total() + self.unweighed
        } else {
            0.0
        };
        let weight = stretch.max(self.pot.total());
        self.scale.known().map_or(0.0, |scale| weight * scale.middle * self.factor)
    }

    /// What use explains that was told of late, at most.
    pub(crate) fn late(&self, seen: &Delta) -> f64 {
        self.scale.known().map_or(0.0, |scale| seen.late * scale.high * self.factor)
    }

    /// Use that no deduction has used up yet, in the gauge's own measure.
    pub(crate) fn waiting(&self) -> f64 {
        self.pot.total()
    }

    /// The upper end of what a weight takes.
    pub(crate) fn reach(&self, weight: f64) -> Option<f64> {
        self.scale.known().map(|scale| weight * scale.high * self.factor)
    }

    /// The share of the deductions that came while this machine was at work; `None` before enough is known.
    pub(crate) fn coverage(&self) -> Option<f64> {
        let all = self.logged + self.unlogged;
        (all > 0.0).then(|| self.logged / all)
    }

    /// Whether the logs tell of all use, as far as can be known.
    pub(crate) fn is_complete(&self, series: Series) -> bool {
        self.is_complete_but_for(series, 0.0)
    }

    /// The same, leaving a deduction out that was booked as somebody else's.
    pub(crate) fn is_complete_but_for(&self, series: Series, deducted: f64) -> bool {
        let enough = match series {
            Series::Meter(_) => 6.0,
            _ => 2.0 * least_money(series),
        };
        let all = self.logged + (self.unlogged - deducted).max(0.0);
        self.logged >= enough && self.logged >= thresholds::COMPLETE * all
    }

    /// Whether that is known from so many looks that a small deduction beside all logs is nobody's first
    /// session on another machine.
    pub(crate) fn is_long_complete(&self) -> bool {
        self.worked_looks >= thresholds::LONG_COMPLETE
    }

    /// How sure the scale is, by the number of samples.
    pub(crate) fn samples(&self) -> usize {
        self.scale.count()
    }

    /// How many times the usual price use has lately cost.
    pub(crate) fn leaning(&self) -> f64 {
        self.shift.leaning()
    }

    /// Whether no log tells of this series' use, and none has for weeks.
    pub(crate) fn is_unlogged(&self, now: DateTime<Utc>) -> bool {
        self.last_use.is_none_or(|last| now - last >= TimeDelta::days(14))
    }

    /// Whether this movement may belong to a shift of the price that is not believed yet.
    pub(crate) fn suspects(&self) -> bool {
        self.shift.suspects()
    }

    /// Whether nothing moved, nothing waits and nothing is weighed: most looks are like that, and only their
    /// time counts.
    pub(crate) fn rests(&self, seen: &Delta) -> bool {
        let still = seen.deducted <= 0.0 && seen.returned <= 0.0 && seen.resets == 0 && seen.fresh <= 0.0;
        // The look before was the first that saw all of it posted, and weighed it.
        let settled = self.last_use.is_none_or(|last| seen.from - last > thresholds::SETTLED);
        still
            && settled
            && !seen.withheld
            && !seen.unpriced
            && self.pending.is_empty()
            && !self.has_waiting()
            && !self.waits_for_logs(seen)
            && self.going <= 0.0
            && self.tempo.rests()
    }

    /// Books a look at which it rested.
    pub(crate) fn rest(&mut self, at: DateTime<Utc>) {
        self.decay(at);
        self.note_rest((self.at, at), 0.0, self.last_use);
        self.at = at;
    }

    /// Books a movement that was nothing unusual, `other` of which another window explains. Gives a shift
    /// of the price where it made one believed.
    pub(crate) fn settle(&mut self, seen: &Delta, other: f64, stints: usize) -> Option<DetectedShift> {
        let worked = self.is_at_work(seen);
        self.decay(seen.at);
        if !self.waits_for_logs(seen) {
            self.note_rest((seen.from, seen.at), seen.deducted, self.last_use);
            self.book(seen.deducted, worked);
        }
        let middle = self.scale.known().map(|scale| scale.middle * self.factor);
        if seen.deducted > 0.0 {
            let explained = middle.map_or(if worked { f64::MAX } else { 0.0 }, |m| m * self.pot.total());
            self.peaks.note(seen.deducted - explained.max(other), seen.span(), seen.at);
        }
        let shifted = self.weigh(seen, worked, stints);
        match middle {
            Some(middle) if middle > 0.0 => self.pot.take(seen.deducted / middle),
            _ if seen.deducted > seen.slack => self.pot.clear(),
            _ => {}
        }
        self.at = seen.at;
        shifted
    }

    /// Whether it is told later what use led to a movement; it is booked then.
    pub(crate) fn waits_for_logs(&self, seen: &Delta) -> bool {
        seen.lateness > TimeDelta::zero() || !self.untold.is_empty()
    }

    /// Books a deduction as one that logged use led to, or somebody else's.
    pub(crate) fn book(&mut self, deducted: f64, worked: bool) {
        if worked {
            self.logged += deducted;
            self.worked_looks = self.worked_looks.saturating_add(u32::from(deducted > 0.0));
        } else {
            self.unlogged += deducted;
        }
    }

    /// Books a movement of which only `explained` was usual; little is learned from it. Gives a shift of the
    /// price where it made one believed: where the price went up, every deduction beside use looks wrong.
    pub(crate) fn settle_unusual(
        &mut self,
        seen: &Delta,
        explained: f64,
        stints: usize,
    ) -> Option<DetectedShift> {
        let worked = self.is_at_work(seen);
        if !self.waits_for_logs(seen) {
            // What was wrong is no use of anybody.
            self.note_rest((seen.from, seen.at), explained.min(seen.deducted), self.last_use);
        }
        let shifted = if worked || self.block.from.is_some() || self.waits_for_logs(seen) {
            self.weigh(seen, worked, stints)
        } else {
            self.posting.clear();
            self.drop_block();
            None
        };
        if let Some(scale) = self.scale.known() {
            let middle = scale.middle * self.factor;
            if middle > 0.0 {
                self.pot.take(explained / middle);
            }
        }
        self.at = seen.at;
        shifted
    }

    /// What a look showed was a wrong deduction: it is no measure of what use costs.
    pub(crate) fn drop_look(&mut self, look: DateTime<Utc>) {
        if !self.untold.break_at(look) {
            self.block = SessionWindow::default();
            if self.untold.is_empty() {
                self.unweighed = 0.0;
            }
        }
    }

    /// Gives up the stretch that is being weighed.
    pub(crate) fn drop_block(&mut self) {
        self.block = SessionWindow::default();
        self.untold.clear();
        self.unweighed = 0.0;
    }

    /// Remembers a deduction by another device.
    pub(crate) fn learn_elsewhere(&mut self, amount: f64, span: TimeDelta, at: DateTime<Utc>) {
        // One whose use may still be told of is booked when that is known.
        if self.untold.is_empty() {
            self.unlogged += amount;
        }
        self.peaks.note(amount, span, at);
    }

    /// Books what went between two looks by whether this machine worked, `last` being its last use before.
    pub(crate) fn note_rest(
        &mut self,
        span: (DateTime<Utc>, DateTime<Utc>),
        deducted: f64,
        last: Option<DateTime<Utc>>,
    ) {
        if let Some(last) = last {
            self.rest.note(span, deducted, last, self.delay());
        }
    }

    /// How long use may wait to be deducted, so that a deduction can still be this machine's.
    pub(crate) fn delay(&self) -> TimeDelta {
        if self.series.meter().is_none() { thresholds::SETTLED } else { thresholds::QUOTA_DELAY }
    }

    /// What was booked as somebody else's use so far.
    pub(crate) const fn booked_elsewhere(&self) -> f64 {
        self.unlogged
    }

    /// The measure of the row of which a step beyond use is one more, `going` being that of the last one: then it
    /// is somebody else's use, and no single wrong step.
    pub(crate) fn row(&self, candidate: &Candidate, seen: &Delta, going: f64) -> Option<f64> {
        let excess = candidate.excess();
        let lately = self.beside.lately(seen.at);
        // Nobody may take from a wallet while no window is used up.
        let somebodys = candidate.is_beside_use() && !matches!(self.series, Series::Wallet(_));
        if going > 0.0 && excess <= 3.0 * going {
            // A row may grow, but no faster than by half at a time.
            Some(excess.clamp(going, 1.5 * going))
        } else if somebodys && excess <= 4.0 * lately {
            Some(lately)
        } else {
            self.is_of_drain(seen, excess).then_some(0.0)
        }
    }

    /// Notes what went beyond use and is too little to be told of.
    pub(crate) fn note_trickle(&mut self, seen: &Delta, expect: Expected) {
        let cut = seen.resets > 0 || seen.returned > 0.0 || self.waits_for_logs(seen);
        if expect.known && !cut {
            let beyond = seen.deducted - expect.high - 0.5 * seen.slack;
            self.beside.note(seen.at, beyond.min(seen.floor()));
        }
    }

    /// What nobody used is not booked as somebody else's use.
    pub(crate) fn unbook(&mut self, deducted: f64) {
        self.unlogged = (self.unlogged - deducted).max(0.0);
    }

    /// After a shift was found: what is usual is what it is now.
    pub(crate) fn adopt(&mut self, factor: f64, at: DateTime<Utc>) {
        self.factor *= factor;
        self.adopted = Some(at);
        self.shift.restart();
        self.drop_block();
    }

    /// What is learned fades: half of it in two weeks. A price that has held for as long is the usual one.
    fn decay(&mut self, at: DateTime<Utc>) {
        if self.adopted.is_some_and(|adopted| at - adopted >= TimeDelta::days(14)) {
            self.adopted = None;
            self.scale.multiply(self.factor);
            self.factor = 1.0;
        }
        if at - self.halved >= TimeDelta::days(14) {
            self.halved = at;
            self.logged *= 0.5;
            self.unlogged *= 0.5;
            self.rest.halve();
            self.shift.halve_rest();
        }
    }
}
