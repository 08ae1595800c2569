//! What the audit has learned of one series: what usage costs of it, what moves it otherwise, and what waits.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::burn_rate::BurnRate;
use crate::audit::model::candidate::Candidate;
use crate::audit::model::change_point::{ChangePointDetector, DetectedShift};
use crate::audit::model::cost_ratio::CostRatio;
use crate::audit::model::decaying_sum::DecayingSum;
use crate::audit::model::delta::{Delta, Expected};
use crate::audit::model::idle_totals::IdleTotals;
use crate::audit::model::largest_steps::LargestSteps;
use crate::audit::model::log_coverage::LogCoverage;
use crate::audit::model::most_spent::MostSpent;
use crate::audit::model::pricing::Pricing;
use crate::audit::model::ratio_sample::RatioSample;
use crate::audit::model::sessions::{SessionSampler, Surroundings};
use crate::audit::model::slow_leak::SlowLeak;
use crate::audit::model::unbilled_usage::UnbilledUsage;
use crate::audit::model::usage_since_poll::Measure;
use crate::audit::model::usage_window::UsageWindow;
use crate::audit::thresholds;
use crate::series::Series;

/// What is learned fades: half of it in this time.
const HALF_LIFE: TimeDelta = TimeDelta::days(14);

/// Without logged usage for so long, no log shows this series' usage any more.
const UNLOGGED_AFTER: TimeDelta = TimeDelta::days(14);

/// What the audit has learned of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SeriesModel {
    series: Series,
    /// The fineness of the figure: 1 for whole percents.
    step: f64,
    /// How many whole figures in a row a fine one has shown.
    coarse_run: u8,
    /// The last poll that was believed.
    at: DateTime<Utc>,
    /// Since when the series is known.
    since: DateTime<Utc>,
    /// Logged usage that no deduction has used up yet.
    unbilled: UnbilledUsage,
    /// All usage that was logged so far, in the series' own measure.
    logged_usage: f64,
    last_use: Option<DateTime<Utc>>,
    /// The number of the open session.
    session: u32,
    pricing: Pricing,
    sampler: SessionSampler,
    detector: ChangePointDetector,
    coverage: LogCoverage,
    /// What was deducted while this machine worked, and while it paused in between.
    idle: IdleTotals,
    largest_steps: LargestSteps,
    /// The most that was deducted within so many hours, by whomever.
    #[serde(default, skip_serializing_if = "MostSpent::is_empty")]
    most_spent: MostSpent,
    burn_rate: BurnRate,
    /// What was deducted beyond usage recently, too little at a time to be a finding.
    small_excesses: DecayingSum,
    leak: Option<SlowLeak>,
    /// The last deductions were above usage, one after the other: by so much at a time; 0 if none was.
    streak: f64,
    /// When what is learned was last halved.
    halved: DateTime<Utc>,
    /// Steps in doubt, oldest first.
    pending: Vec<Candidate>,
    /// Steps that are confirmed, and that another machine may still explain, oldest first.
    #[serde(default)]
    unreported: Vec<Candidate>,
    /// In what usage of the series is measured.
    #[serde(default)]
    measure: Measure,
}

impl SeriesModel {
    pub(crate) fn new(series: Series, at: DateTime<Utc>) -> Self {
        let ratio = match series {
            Series::Meter(_) => CostRatio::default(),
            Series::Balance(_) | Series::Wallet(_) => CostRatio::with_prior(1.0),
        };
        Self {
            series,
            step: 1.0,
            coarse_run: 0,
            at,
            since: at,
            unbilled: UnbilledUsage::default(),
            logged_usage: 0.0,
            last_use: None,
            session: 0,
            pricing: Pricing::new(ratio),
            sampler: SessionSampler::default(),
            detector: ChangePointDetector::default(),
            coverage: LogCoverage::default(),
            idle: IdleTotals::default(),
            largest_steps: LargestSteps::default(),
            most_spent: MostSpent::default(),
            burn_rate: BurnRate::default(),
            small_excesses: DecayingSum::default(),
            leak: None,
            streak: 0.0,
            halved: at,
            pending: Vec::new(),
            unreported: Vec::new(),
            measure: Measure::Usd,
        }
    }

    /// What is learned of a plan holds for that plan; the rest stays.
    pub(crate) fn rescale(&mut self, at: DateTime<Utc>) {
        self.unbilled.clear();
        self.sampler.clear_posting();
        self.sampler.drop_session();
        self.pricing.forget();
        self.detector = ChangePointDetector::default();
        self.largest_steps = LargestSteps::default();
        self.most_spent = MostSpent::default();
        self.burn_rate.restart();
        self.idle = IdleTotals::default();
        self.small_excesses = DecayingSum::default();
        self.leak = None;
        self.pending.clear();
        self.unreported.clear();
        self.streak = 0.0;
        self.at = at;
        self.since = at;
    }

    pub(crate) const fn series(&self) -> Series {
        self.series
    }

    /// The fineness of the figure.
    pub(crate) const fn step(&self) -> f64 {
        self.step
    }

    /// The last poll that was believed.
    pub(crate) const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// For how long the series has been known.
    pub(crate) fn known_for(&self, now: DateTime<Utc>) -> TimeDelta {
        now - self.since
    }

    /// Money has no rounding to be learned.
    pub(crate) const fn learn_money_step(&mut self) {
        self.step = 0.0;
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
}

/// Usage, and what it explains.
impl SeriesModel {
    /// Adds what was logged since the last poll; lets go of what waited too long.
    pub(crate) fn add_usage(
        &mut self,
        (from, at): (DateTime<Utc>, DateTime<Utc>),
        fresh: f64,
        delay: TimeDelta,
        last_use: Option<DateTime<Utc>>,
    ) {
        self.unbilled.expire(from, delay);
        if fresh > 0.0 {
            // What became known late waits from now on.
            let at = last_use.unwrap_or(at).max(from).min(at);
            if self.last_use.is_none_or(|last| at - last > thresholds::SETTLED) {
                self.session = self.session.wrapping_add(1);
            }
            self.last_use = Some(at);
            self.unbilled.add(at, fresh);
            self.logged_usage += fresh;
            self.sampler.add_usage(fresh);
        }
    }

    /// Learns in what usage of the series is measured.
    pub(crate) const fn learn_measure(&mut self, measure: Measure) {
        self.measure = measure;
    }

    /// In what usage of the series is measured.
    pub(crate) const fn measure(&self) -> Measure {
        self.measure
    }

    /// Takes usage of a time long before the last poll that another machine reported: what was deducted for it was
    /// deducted then. `unpriced_most` is what usage without a known price would have cost at most. What is weighed
    /// already stays as it is.
    pub(crate) fn take_late(&mut self, at: DateTime<Utc>, amount: f64, unpriced_most: f64) {
        self.logged_usage += amount;
        self.last_use = self.last_use.max(Some(at));
        let series = self.series;
        if !self.sampler.assign_at(at, amount, unpriced_most > 0.0) {
            let cost = self.pricing.cost(amount);
            let share = self.coverage.share().unwrap_or(1.0).max(0.1);
            let is_of = |sample: &RatioSample| UsageWindow::of(series, sample.from, sample.to).contains(at);
            self.detector.expect_more(is_of, cost, share);
        }
        let most = self.pricing.most(amount + 3.0 * unpriced_most).unwrap_or(0.0);
        for candidate in self.pending.iter_mut().chain(&mut self.unreported) {
            if UsageWindow::of(series, candidate.from, candidate.to).contains(at) {
                candidate.late += most;
            }
        }
    }

    /// Takes usage that another machine reported for a poll shortly before the last, beside what the next poll makes of
    /// it.
    pub(crate) fn explain_unreported(&mut self, at: DateTime<Utc>, amount: f64, unpriced_most: f64) {
        let series = self.series;
        let most = self.pricing.most(amount + 3.0 * unpriced_most).unwrap_or(0.0);
        for candidate in &mut self.unreported {
            if UsageWindow::of(series, candidate.from, candidate.to).contains(at) {
                candidate.late += most;
            }
        }
    }

    /// Usage that became known late belongs to the poll that followed it.
    pub(crate) fn assign_late(&mut self, poll: DateTime<Utc>, amount: f64, reported: bool) {
        self.sampler.assign_late(poll, amount, reported);
    }

    /// What the usage that is not deducted yet explains. `dearer` is the factor of an acceleration that
    /// another series showed.
    pub(crate) fn expect(&self, delta: &Delta, dearer: f64) -> Expected {
        let waiting = self.unbilled.total();
        if waiting <= 0.0 && !delta.unpriced {
            return Expected { low: 0.0, high: 0.0, known: true };
        }
        self.pricing.expect(delta, waiting, dearer)
    }

    /// What the usage that waits can have cost at most, where it is not known yet what usage costs: no quota of
    /// any plan is worth so little that a dollar's tokens, or a single request, empty it; nor is usage suddenly
    /// many times as expensive as all usage before.
    pub(crate) fn at_most(&self, delta: &Delta) -> f64 {
        let waiting = self.unbilled.total() + 3.0 * delta.unpriced_most;
        let each = if delta.counted { thresholds::POINTS_A_REQUEST } else { thresholds::POINTS_A_DOLLAR };
        let before = self.logged_usage - self.unbilled.total();
        let so_far =
            if before > 0.0 { 5.0 * (self.coverage.deducted() + 3.0 * self.step) / before } else { f64::MAX };
        waiting * each.min(so_far)
    }

    /// Whether this machine is at work, or was so recently that its usage may still be posted.
    pub(crate) fn is_at_work(&self, delta: &Delta) -> bool {
        let posting =
            delta.is_money() && self.last_use.is_some_and(|last| delta.at - last <= thresholds::SETTLED);
        posting || self.has_waiting()
    }

    /// Whether this machine worked so shortly before a poll that usage may still have been deducted by it.
    pub(crate) fn worked_shortly_before(&self, from: DateTime<Utc>) -> bool {
        self.last_use.is_some_and(|last| from - last <= self.delay())
    }

    fn has_waiting(&self) -> bool {
        !self.unbilled.is_empty()
    }

    /// Usage that no deduction has used up yet, in the series' own measure.
    pub(crate) const fn waiting(&self) -> f64 {
        self.unbilled.total()
    }

    /// What would still be explained by usage that no deduction has used up, most likely.
    pub(crate) fn surplus(&self) -> f64 {
        self.pricing.cost(self.unbilled.total())
    }

    /// What usage explains of the open session, this poll included.
    pub(crate) fn worked(&self, delta: &Delta) -> f64 {
        let session =
            if self.worked_shortly_before(delta.from) { self.sampler.weight(self.session) } else { 0.0 };
        self.pricing.cost(session.max(self.unbilled.total()))
    }

    /// What usage explains that became known late, at most.
    pub(crate) fn late(&self, delta: &Delta) -> f64 {
        self.pricing.most(delta.late).unwrap_or(0.0)
    }

    /// What so much usage costs at most; `None` before anything was learned.
    pub(crate) fn reach(&self, usage: f64) -> Option<f64> {
        self.pricing.most(usage)
    }

    /// How sure the price is, by the number of samples.
    pub(crate) fn samples(&self) -> usize {
        self.pricing.samples()
    }

    /// How many times the learned price usage costs since a change of it.
    pub(crate) const fn price_factor(&self) -> f64 {
        self.pricing.factor()
    }

    /// How many times the usual price the last usage has cost.
    pub(crate) fn leaning(&self) -> f64 {
        self.detector.leaning()
    }

    /// Whether a change of the price is suspected and not believed yet.
    pub(crate) fn suspects(&self) -> bool {
        self.detector.suspects()
    }

    /// Whether what usage costs is known, and has not changed.
    pub(crate) fn is_steady(&self) -> bool {
        self.samples() >= thresholds::SAMPLES && !self.suspects()
    }

    /// How long usage may wait to be deducted, so that a deduction can still be this machine's.
    fn delay(&self) -> TimeDelta {
        if self.series.meter().is_none() { thresholds::SETTLED } else { thresholds::QUOTA_DELAY }
    }
}

/// How much of the account's usage is logged.
impl SeriesModel {
    /// The share of the deductions that came while this machine was at work; `None` before enough is known.
    pub(crate) fn coverage(&self) -> Option<f64> {
        self.coverage.share()
    }

    /// Whether the logs hold all usage, as far as can be known.
    pub(crate) fn is_complete(&self, series: Series) -> bool {
        self.is_complete_but_for(series, 0.0)
    }

    /// The same, leaving out a deduction that was booked as usage elsewhere.
    pub(crate) fn is_complete_but_for(&self, series: Series, deducted: f64) -> bool {
        self.coverage.is_complete_but_for(series, deducted)
    }

    /// Whether that is known from so many polls that a small deduction beside all logs is no first session on
    /// another machine.
    pub(crate) const fn is_long_complete(&self) -> bool {
        self.coverage.is_long_known()
    }

    /// What was booked as usage elsewhere so far.
    pub(crate) const fn booked_elsewhere(&self) -> f64 {
        self.coverage.unlogged()
    }

    /// Whether no log shows this series' usage, and none has for weeks.
    pub(crate) fn is_unlogged(&self, now: DateTime<Utc>) -> bool {
        self.last_use.is_none_or(|last| now - last >= UNLOGGED_AFTER)
    }

    /// Whether the usage that led to a movement may become known later; it is booked then.
    pub(crate) fn waits_for_logs(&self, delta: &Delta) -> bool {
        delta.lateness > TimeDelta::zero() || delta.may_be_reported() || self.sampler.waits()
    }

    /// Remembers a deduction by another device.
    pub(crate) fn learn_elsewhere(&mut self, amount: f64, span: TimeDelta, at: DateTime<Utc>) {
        // One whose usage may still become known is booked then.
        if !self.sampler.waits() {
            self.coverage.book_elsewhere(amount);
        }
        self.largest_steps.note(amount, span, at);
    }
}

/// Booking a poll.
impl SeriesModel {
    /// Whether nothing moved, nothing waits and nothing is weighed: most polls are like that, and only their
    /// time counts.
    pub(crate) fn rests(&self, delta: &Delta) -> bool {
        let still = delta.deducted <= 0.0 && delta.returned <= 0.0 && delta.resets == 0 && delta.fresh <= 0.0;
        // The poll before was the first that showed all of it posted, and weighed it.
        let settled = self.last_use.is_none_or(|last| delta.from - last > thresholds::SETTLED);
        still
            && settled
            && !delta.withheld
            && !delta.unpriced
            && self.pending.is_empty()
            && self.unreported.is_empty()
            && !self.has_waiting()
            && !self.waits_for_logs(delta)
            && self.streak <= 0.0
            && self.burn_rate.rests()
    }

    /// Books a poll at which it rested.
    pub(crate) fn rest(&mut self, at: DateTime<Utc>) {
        self.decay(at);
        self.note_idle((self.at, at), 0.0);
        self.at = at;
    }

    /// Books a movement that was nothing unusual, `other` of which another quota explains. Gives a change of the
    /// price where it made one believed.
    pub(crate) fn settle(&mut self, delta: &Delta, other: f64, min_sessions: usize) -> Option<DetectedShift> {
        let worked = self.is_at_work(delta);
        self.decay(delta.at);
        if !self.waits_for_logs(delta) {
            self.note_idle((delta.from, delta.at), delta.deducted);
            self.coverage.book(delta.deducted, worked);
        }
        let middle = self.pricing.middle();
        if delta.deducted > 0.0 {
            self.most_spent.note(delta.deducted, (delta.from, delta.at));
            let explained =
                middle.map_or(if worked { f64::MAX } else { 0.0 }, |middle| middle * self.unbilled.total());
            self.largest_steps.note(delta.deducted - explained.max(other), delta.span(), delta.at);
        }
        let shifted = self.sample(delta, worked, min_sessions);
        match middle {
            Some(middle) if middle > 0.0 => self.unbilled.take(delta.deducted / middle),
            _ if delta.deducted > delta.slack => self.unbilled.clear(),
            _ => {}
        }
        self.at = delta.at;
        shifted
    }

    /// Books a movement of which only `explained` was usual; little is learned from it. Gives a change of the
    /// price where it made one believed: where the price went up, every deduction beside usage appears wrong.
    pub(crate) fn settle_unusual(
        &mut self,
        delta: &Delta,
        explained: f64,
        min_sessions: usize,
    ) -> Option<DetectedShift> {
        let worked = self.is_at_work(delta);
        self.most_spent.note(explained.min(delta.deducted), (delta.from, delta.at));
        if !self.waits_for_logs(delta) {
            // What was wrong is no usage.
            self.note_idle((delta.from, delta.at), explained.min(delta.deducted));
        }
        let shifted = if worked || self.sampler.is_open() || self.waits_for_logs(delta) {
            self.sample(delta, worked, min_sessions)
        } else {
            self.sampler.clear_posting();
            self.sampler.drop_session();
            None
        };
        if let Some(middle) = self.pricing.middle()
            && middle > 0.0
        {
            self.unbilled.take(explained / middle);
        }
        self.at = delta.at;
        shifted
    }

    /// What a poll showed was a wrong deduction: it is no measure of what usage costs.
    pub(crate) fn drop_poll(&mut self, poll: DateTime<Utc>) {
        self.sampler.drop_poll(poll);
    }

    fn sample(&mut self, delta: &Delta, worked: bool, min_sessions: usize) -> Option<DetectedShift> {
        let delay = self.delay();
        let surroundings = Surroundings {
            series: self.series,
            step: self.step,
            last_use: self.last_use,
            session: self.session,
            delay,
            min_sessions,
            logs_missing: delta.logs_missing,
            pricing: &mut self.pricing,
            detector: &mut self.detector,
            coverage: &mut self.coverage,
            idle: &mut self.idle,
        };
        self.sampler.add(delta, worked, surroundings)
    }

    /// Books what was deducted between two polls by whether this machine worked.
    fn note_idle(&mut self, span: (DateTime<Utc>, DateTime<Utc>), deducted: f64) {
        self.idle.note_after(span, deducted, self.last_use, self.delay());
    }

    fn decay(&mut self, at: DateTime<Utc>) {
        self.pricing.settle(at);
        if at - self.halved >= HALF_LIFE {
            self.halved = at;
            self.coverage.halve();
            self.idle.halve();
            self.detector.halve_idle();
        }
    }

    /// The samples that a change of the price rests on which began at a time, until it is adopted; and what a unit of
    /// usage usually cost.
    pub(crate) fn samples_since(&self, from: DateTime<Utc>) -> (Vec<RatioSample>, f64) {
        (self.detector.samples_since(from), self.pricing.cost(1.0))
    }

    /// A change of the price that was found is none: usage that became known later explains it.
    pub(crate) fn revert(&mut self, factor: f64) {
        self.pricing.revert(factor);
        self.detector.restart();
    }

    /// After a change of the price was found: what is usual is what it is now. A step in doubt beside usage was
    /// no single wrong one, but the price.
    pub(crate) fn adopt(&mut self, factor: f64, at: DateTime<Utc>) {
        self.pricing.adopt(factor, at);
        self.detector.restart();
        self.sampler.drop_session();
        self.pending.retain(|pending| pending.worked <= 0.0);
    }
}

/// Steps: those in doubt, those that follow each other, and the largest so far.
impl SeriesModel {
    /// The largest steps so far that this machine did not make.
    pub(crate) const fn largest_steps(&self) -> &LargestSteps {
        &self.largest_steps
    }

    /// The most that was deducted within so many hours.
    pub(crate) const fn most_spent(&self) -> &MostSpent {
        &self.most_spent
    }

    /// Takes the steps in doubt.
    pub(crate) fn take_pending(&mut self) -> Vec<Candidate> {
        std::mem::take(&mut self.pending)
    }

    /// Holds a step in doubt.
    pub(crate) fn hold(&mut self, candidate: Candidate) {
        self.pending.push(candidate);
    }

    /// Takes the confirmed steps that another machine may still explain.
    pub(crate) fn take_unreported(&mut self) -> Vec<Candidate> {
        std::mem::take(&mut self.unreported)
    }

    /// Holds a confirmed step until another machine has reported. Gives the oldest that is held, where there are too
    /// many: it is a finding now.
    pub(crate) fn hold_unreported(&mut self, candidate: Candidate) -> Option<Candidate> {
        self.unreported.push(candidate);
        (self.unreported.len() > thresholds::UNREPORTED).then(|| self.unreported.remove(0))
    }

    /// The oldest step in doubt, where there are as many as may be: it is decided without another poll.
    pub(crate) fn take_oldest_of_many(&mut self) -> Option<Candidate> {
        (self.pending.len() >= thresholds::IN_DOUBT).then(|| self.pending.remove(0))
    }

    /// By how much the last deductions were above usage, one after the other; 0 if none was.
    pub(crate) const fn streak(&self) -> f64 {
        self.streak
    }

    pub(crate) const fn set_streak(&mut self, streak: f64) {
        self.streak = streak;
    }

    /// The measure of the streak of which a step beyond usage is one more, `streak` being that of the last one:
    /// then it is usage elsewhere, and no single wrong step.
    pub(crate) fn continued_streak(&self, candidate: &Candidate, delta: &Delta, streak: f64) -> Option<f64> {
        let excess = candidate.excess();
        let recent = self.small_excesses.at(delta.at);
        // Nothing may be taken from a wallet while no quota is used up.
        let may_be_usage = candidate.is_beside_use() && !matches!(self.series, Series::Wallet(_));
        if streak > 0.0 && excess <= 3.0 * streak {
            // A streak may grow, but no faster than by half at a time.
            Some(excess.clamp(streak, 1.5 * streak))
        } else if may_be_usage && excess <= 4.0 * recent {
            Some(recent)
        } else {
            self.is_of_leak(delta, excess).then_some(0.0)
        }
    }

    /// Notes what was deducted beyond usage and is too little to be a finding.
    pub(crate) fn note_small_excess(&mut self, delta: &Delta, expected: Expected) {
        let cut = delta.resets > 0 || delta.returned > 0.0 || self.waits_for_logs(delta);
        if expected.known && !cut {
            let beyond = delta.deducted - expected.high - 0.5 * delta.slack;
            self.small_excesses.note(delta.at, beyond.min(delta.floor()));
        }
    }

    /// How fast the series falls while it is used, where no log shows its usage. Gives a lasting acceleration
    /// where one is believed; the test then starts over.
    pub(crate) fn accelerated(&mut self, delta: &Delta) -> Option<DetectedShift> {
        if !self.is_unlogged(delta.at) {
            self.burn_rate.restart();
            return None;
        }
        let shifted = self.burn_rate.take(delta, self.step)?;
        self.burn_rate.restart();
        Some(shifted)
    }
}

/// A slow leak.
impl SeriesModel {
    pub(crate) const fn leak(&self) -> Option<&SlowLeak> {
        self.leak.as_ref()
    }

    pub(crate) const fn leak_mut(&mut self) -> &mut Option<SlowLeak> {
        &mut self.leak
    }

    /// Whether a leak that is a finding continues.
    pub(crate) fn leaks(&self, now: DateTime<Utc>) -> bool {
        self.leak.is_some_and(|leak| leak.goes_on(now))
    }

    /// What was leaked at a poll is no usage elsewhere, and no measure of the price.
    pub(crate) fn forget_leaked(&mut self, booked: f64, poll: DateTime<Utc>) {
        self.coverage.unbook_elsewhere(booked);
        self.sampler.break_at(poll);
        self.small_excesses = DecayingSum::default();
    }

    /// Whether a larger step belongs to a leak that is a finding and continues.
    fn is_of_leak(&self, delta: &Delta, excess: f64) -> bool {
        let goes_on =
            delta.resets == 0 && delta.returned <= 0.0 && delta.fresh <= 0.0 && self.leaks(delta.at);
        let most = self.leak.map_or(0.0, |leak| leak.max_step(delta.floor()));
        goes_on && excess <= most
    }
}
