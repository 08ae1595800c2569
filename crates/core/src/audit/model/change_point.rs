//! A sequential test for a lasting shift of a ratio.
//!
//! Each sample is the ratio of an observed to an expected deduction. How such ratios scatter normally is
//! learned as a histogram of their logarithms over a cautious prior. For each of a few factors the test keeps
//! a running sum of the log-likelihood of "everything costs that factor more" against "nothing changed"
//! (CUSUM: it never falls below zero). An account that other devices use too has a scatter with a long right
//! tail; a shift moves the whole scatter, which the tail alone does not.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::concurrent_use;
use crate::audit::model::idle_totals::IdleTotals;
use crate::audit::model::ratio_sample::RatioSample;

/// The factors that are tried, so close to each other that the peak of a narrow scatter lies at one of them
/// whatever the true factor; a shift down matters for exchange rates only.
const FACTORS: [f64; 18] =
    [1.3, 1.5, 1.75, 2.0, 2.3, 2.65, 3.05, 3.5, 4.0, 4.6, 5.3, 6.1, 7.0, 8.1, 9.3, 10.7, 0.6, 0.35];
/// How many of them are shifts up.
const UP: usize = 16;

const BINS: usize = 60;
const LEFT: f64 = -2.5;
const WIDTH: f64 = 0.1;
/// How many samples the prior weighs.
const PRIOR: f64 = 12.0;
/// No single sample says more than this.
const MAX_EVIDENCE: f64 = 4.5;
/// Unless all use is known, and how it scatters.
const MAX_EVIDENCE_SURE: f64 = 6.7;
/// So many samples must have shown how the ratio scatters.
const SETTLED: f64 = 30.0;
/// The sum at which a shift is believed. By Wald's bound a test that starts again at each sample errs less
/// than once in e^13 samples, if samples are independent.
const BELIEVED: f64 = 13.0;
/// The same where all use is known, and how it scatters.
const BELIEVED_SURE: f64 = 10.5;
/// So many samples that agree on one factor are as good as several sessions.
const AGREEING: usize = 3;
/// Where others use more than the rest, they can be as steady as a price.
const AGREEING_SHARE: f64 = 0.9;
/// A sample that may be further off by rounding agrees with anything.
const MAX_DOUBT: f64 = 0.16;
/// How many times as far apart as usual the samples of one price may lie.
const SPREAD: f64 = 1.5;
/// How near to the usual price, as a share of the way to the factor, the lowest of them may lie.
const NEAR: f64 = 0.4;
/// How much likelier a price must be than usage elsewhere beside this machine's, as a logarithm.
const MIN_PRICE_LOG_ODDS: f64 = 3.0;
/// Below this sum nothing is suspected, and what was held back is learned.
const CALM: f64 = 1.5;
/// How many samples may be held back; older ones are learned.
const HELD: usize = 24;

/// The state of the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChangePointDetector {
    counts: Vec<f64>,
    total: f64,
    sums: [f64; FACTORS.len()],
    since: [u32; FACTORS.len()],
    /// Samples that may belong to a shift, newest last.
    held: VecDeque<RatioSample>,
    seen: u32,
    /// How far off samples are beyond rounding when all is well, in the middle, as a logarithm.
    #[serde(default)]
    inexact: f64,
}

/// How the test is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TestConfig {
    /// Over how many sessions a shift must show.
    pub(crate) min_sessions: usize,
    /// The share of all use that the samples know of, from 0 to 1.
    pub(crate) share: f64,
    /// Whether shifts down count too.
    pub(crate) also_down: bool,
    /// Whether the samples are known to hold all usage: two that are far off say enough then.
    pub(crate) sure: bool,
    /// How far rounding may have put what was seen off; `None` where samples cannot agree.
    pub(crate) slack: Option<f64>,
    /// The fineness of the figure.
    pub(crate) step: f64,
    /// What was deducted so far while this machine was in use, and in its pauses.
    pub(crate) idle: IdleTotals,
}

/// A shift that is believed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DetectedShift {
    /// When it began.
    pub(crate) from: DateTime<Utc>,
    /// The most likely factor.
    pub(crate) factor: f64,
    /// Lower end of the factor's interval.
    pub(crate) low: f64,
    /// Upper end of the factor's interval.
    pub(crate) high: f64,
    /// Sum of the observed deductions since it began.
    pub(crate) seen: f64,
    /// Sum of the expected deductions since it began.
    pub(crate) expected: f64,
    /// Number of samples since it began.
    pub(crate) samples: usize,
    /// Log-likelihood ratio of the shift against no shift.
    pub(crate) weight: f64,
    /// How much likelier a price is than usage elsewhere beside this machine's, as a logarithm; 0 where that
    /// was not asked.
    pub(crate) price_log_odds: f64,
    /// How many minutes this machine paused in between, and what was deducted in them.
    pub(crate) rested: (f64, f64),
}

impl Default for ChangePointDetector {
    fn default() -> Self {
        Self {
            counts: vec![0.0; BINS],
            total: 0.0,
            sums: [0.0; FACTORS.len()],
            since: [0; FACTORS.len()],
            held: VecDeque::new(),
            seen: 0,
            inexact: 0.0,
        }
    }
}

impl ChangePointDetector {
    /// Takes the next sample. Gives a shift where one is believed; and the samples that proved to be
    /// ordinary, for the scale to learn from.
    pub(crate) fn take(
        &mut self,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        (seen, expected): (f64, f64),
        session: u32,
        TestConfig { min_sessions, share, also_down, sure, slack, step, idle }: TestConfig,
    ) -> (Option<DetectedShift>, Vec<RatioSample>) {
        self.seen = self.seen.wrapping_add(1);
        let sure = sure && self.total >= SETTLED;
        let sample = RatioSample { from, to, seen, expected, slack, session, number: self.seen, idle };
        self.weigh(&sample, share, also_down, sure);
        self.held.push_back(sample);
        let best = (0..FACTORS.len()).max_by(|a, b| self.sums[*a].total_cmp(&self.sums[*b])).unwrap_or(0);
        let sum = self.sums[best];
        if sum <= CALM {
            let ordinary: Vec<RatioSample> = self.held.drain(..).collect();
            for sample in &ordinary {
                self.learn(sample);
            }
            return (None, ordinary);
        }
        let mut ordinary = Vec::new();
        while self.held.len() > HELD
            && let Some(old) = self.held.pop_front()
        {
            self.learn(&old);
            ordinary.push(old);
        }
        if sum < if sure { BELIEVED_SURE } else { BELIEVED } {
            return (None, ordinary);
        }
        let since = self.since[best];
        let run: Vec<RatioSample> = self.held.iter().filter(|s| s.number >= since).copied().collect();
        let mut places: Vec<u32> = run.iter().map(|sample| sample.session).collect();
        places.dedup();
        let agreeing = share >= AGREEING_SHARE && run.len() >= AGREEING && agree(&run);
        let few = places.len() < min_sessions && !agreeing;
        if few || run.len() < if sure { 2 } else { 3 } || (best < UP && !self.is_price(&run)) {
            return (None, ordinary);
        }
        let log_odds = slack.map(|_| concurrent_use::price_log_odds(&run, &idle, self.inexact, share, step));
        if best < UP && log_odds.is_some_and(|odds| odds < MIN_PRICE_LOG_ODDS) {
            return (None, ordinary);
        }
        let shifted = shifted(&run, sum).map(|shifted| {
            let lately = run.first().map_or(idle, |first| idle.since(&first.idle));
            DetectedShift {
                price_log_odds: log_odds.unwrap_or(0.0),
                rested: (lately.rested_minutes, lately.rested),
                ..shifted
            }
        });
        (shifted, ordinary)
    }

    /// Adds what a sample says to the sums.
    fn weigh(&mut self, sample: &RatioSample, share: f64, also_down: bool, sure: bool) {
        let z = (sample.seen.max(sample.expected * 0.02) / sample.expected).ln();
        let usual = self.likelihood(z, share);
        let most = if sure { MAX_EVIDENCE_SURE } else { MAX_EVIDENCE };
        for (place, factor) in FACTORS.iter().enumerate() {
            if place >= UP && !also_down {
                break;
            }
            let ratio = (self.likelihood(z - factor.ln(), share) / usual).ln().clamp(-most, most);
            if self.sums[place] <= 0.0 {
                self.since[place] = sample.number;
            }
            self.sums[place] = (self.sums[place] + ratio).max(0.0);
        }
    }

    /// Usage of a time became known of which a sample that is held back shows the deductions: it expected so much too
    /// little. All that is held back is weighed again. `share` is how much of all usage the samples know of.
    pub(crate) fn expect_more(&mut self, window: impl Fn(&RatioSample) -> bool, expected: f64, share: f64) {
        let Some(sample) = self.held.iter_mut().find(|sample| window(sample)) else { return };
        sample.expected += expected;
        self.sums = [0.0; FACTORS.len()];
        let held = std::mem::take(&mut self.held);
        for sample in &held {
            self.weigh(sample, share, true, false);
        }
        self.held = held;
    }

    /// The samples that a shift rests on which began at a time, before the test starts again.
    pub(crate) fn samples_since(&self, from: DateTime<Utc>) -> Vec<RatioSample> {
        self.held.iter().filter(|sample| sample.from >= from).copied().collect()
    }

    /// Whether a shift is suspected: samples are held back until it is confirmed or dismissed.
    pub(crate) fn suspects(&self) -> bool {
        !self.held.is_empty()
    }

    /// By how much the last samples were above what is usual, where something is suspected; else 1.
    pub(crate) fn leaning(&self) -> f64 {
        let mut last = self.held.iter().rev().take(2).map(|sample| sample.seen / sample.expected);
        match (last.next(), last.next()) {
            (Some(one), Some(other)) => one.min(other).max(1.0),
            _ => 1.0,
        }
    }

    /// Halves what was deducted while this machine was in use and in its pauses.
    pub(crate) fn halve_idle(&mut self) {
        for sample in &mut self.held {
            sample.idle.halve();
        }
    }

    /// Starts the test again, with what it knows of the scatter.
    pub(crate) fn restart(&mut self) {
        self.sums = [0.0; FACTORS.len()];
        self.held.clear();
    }

    /// Whether samples scatter about one factor no more than they always did about the usual price. Another
    /// machine takes much beside this one at one time and nothing at another: then some of them lie near the
    /// usual price, and they lie wide apart.
    fn is_price(&self, run: &[RatioSample]) -> bool {
        let mut logs: Vec<f64> = run.iter().map(|s| (s.seen / s.expected).max(0.02).ln()).collect();
        logs.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| logs[((logs.len() - 1) as f64 * share).round() as usize];
        // What rounding adds to the scatter of samples as small as these.
        let rounding =
            run.iter().filter_map(|s| Some(s.slack? / s.seen.max(1e-9))).fold(0.0, f64::max).min(0.5);
        let wide = at(0.85) - at(0.15) > SPREAD * self.spread() + rounding + 0.15;
        let near = at(0.15) < NEAR * at(0.5);
        !wide && !near
    }

    /// How far apart the usual samples lie: between the first and the last sixth of their logarithms.
    fn spread(&self) -> f64 {
        let all: f64 = self.counts.iter().sum();
        if all < PRIOR {
            return 0.35;
        }
        let at = |share: f64| {
            let mut sum = 0.0;
            self.counts.iter().position(|count| {
                sum += count;
                sum >= share * all
            })
        };
        at(0.85).zip(at(0.15)).map_or(0.35, |(high, low)| WIDTH * (high - low).max(1) as f64)
    }

    fn learn(&mut self, sample: &RatioSample) {
        let z = (sample.seen.max(sample.expected * 0.02) / sample.expected).ln();
        if let Some(slack) = sample.slack {
            let beyond = z.abs() - slack / sample.seen.max(1e-9);
            self.inexact = (self.inexact + if beyond > self.inexact { 0.005 } else { -0.005 }).max(0.0);
        }
        let place = place(z);
        // A kernel of three bins.
        for (bin, share) in [(place.saturating_sub(1), 0.25), (place, 0.5), ((place + 1).min(BINS - 1), 0.25)]
        {
            self.counts[bin] += share;
        }
        self.total += 1.0;
        if self.total > 400.0 {
            self.counts.iter_mut().for_each(|count| *count *= 0.5);
            self.total *= 0.5;
        }
    }

    /// How likely a logarithm of a ratio is when all is well.
    fn likelihood(&self, z: f64, share: f64) -> f64 {
        // A narrow peak at 1, and something everywhere; above 1 as much as others may use.
        let peak = (-z.abs() / 0.11).exp() / (2.0 * 0.11) * WIDTH;
        let others = if (0.0..2.5).contains(&z) { (1.0 - share) / 25.0 } else { 0.0 };
        let prior = 0.9 * share * peak + 0.1 / BINS as f64 + 0.9 * others;
        (PRIOR * prior + self.counts[place(z)]) / (PRIOR + self.total)
    }
}

/// What a run of samples says of the shift that they prove.
fn shifted(run: &[RatioSample], weight: f64) -> Option<DetectedShift> {
    let from = run.first()?.from;
    let (seen, expected) = run.iter().fold((0.0, 0.0), |(s, e), x| (s + x.seen, e + x.expected));
    let (factor, low, high) = interval(run.iter().map(|s| s.seen / s.expected).collect())?;
    Some(DetectedShift {
        from,
        factor,
        low,
        high,
        seen,
        expected,
        samples: run.len(),
        weight,
        price_log_odds: 0.0,
        rested: (0.0, 0.0),
    })
}

/// The factor that ratios show, with the ends of its interval; `None` where there is none.
pub(crate) fn interval(mut ratios: Vec<f64>) -> Option<(f64, f64, f64)> {
    ratios.sort_unstable_by(f64::total_cmp);
    let last = ratios.len().checked_sub(1)?;
    let at = |share: f64| ratios[(last as f64 * share).round() as usize];
    let factor = at(0.5);
    // The scatter of a median of that many, and what the scale itself is uncertain by.
    let spread = (at(0.85) / at(0.15)).ln().max(0.06) / (ratios.len() as f64).sqrt() + 0.06;
    Some((factor, factor * (-spread).exp(), factor * spread.exp()))
}

/// Whether all samples show one and the same factor. Usage elsewhere takes now more, now less;
/// a price takes as much every time.
fn agree(run: &[RatioSample]) -> bool {
    let (mut low, mut high) = (0.0_f64, f64::MAX);
    for sample in run {
        let Some(slack) = sample.slack else { return false };
        let doubt = 0.04 + slack / sample.seen.max(1e-9);
        if doubt > MAX_DOUBT {
            return false;
        }
        let ratio = sample.seen / sample.expected;
        low = low.max(ratio * (1.0 - doubt));
        high = high.min(ratio * (1.0 + doubt));
    }
    low <= high
}

fn place(z: f64) -> usize {
    (((z - LEFT) / WIDTH).floor().max(0.0) as usize).min(BINS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn manner() -> TestConfig {
        TestConfig {
            min_sessions: 1,
            share: 1.0,
            also_down: false,
            sure: false,
            slack: None,
            step: 0.01,
            idle: IdleTotals::default(),
        }
    }

    fn run(ratios: impl IntoIterator<Item = f64>) -> Option<(usize, DetectedShift)> {
        let mut shift = ChangePointDetector::default();
        let mut at: DateTime<Utc> = "2026-09-01T00:00:00Z".parse().unwrap();
        for (number, ratio) in ratios.into_iter().enumerate() {
            at += TimeDelta::minutes(20);
            let (shifted, _) = shift.take((at, at), (3.0 * ratio, 3.0), number as u32 / 3, manner());
            if let Some(shifted) = shifted {
                return Some((number, shifted));
            }
        }
        None
    }

    fn scatter(n: usize) -> f64 {
        // A fixed, scattered sequence within ±15 %.
        ((n * 7919 % 301) as f64 / 300.0 - 0.5) * 0.3 + 1.0
    }

    #[test]
    fn a_steady_ratio_shifts_nothing() {
        assert_eq!(run((0..5000).map(scatter)), None);
    }

    #[test]
    fn a_doubled_price_is_found_in_a_few_samples() {
        for (factor, within) in [(1.5, 12), (2.0, 6), (3.0, 5), (10.0, 5)] {
            let (number, shifted) =
                run((0..200).map(|n| scatter(n) * if n >= 100 { factor } else { 1.0 })).unwrap();
            assert!(number < 100 + within, "{factor}: {number}");
            assert!(shifted.low < factor && factor < shifted.high, "{factor}: {shifted:?}");
        }
    }

    #[test]
    fn samples_that_agree_are_enough_in_one_stretch_of_work_where_nearly_all_use_is_known() {
        let at: DateTime<Utc> = "2026-09-01T00:00:00Z".parse().unwrap();
        let found = |share: f64, ratios: [f64; 4]| {
            let mut shift = ChangePointDetector::default();
            let manner = TestConfig { min_sessions: 4, share, slack: Some(0.01), ..manner() };
            for session in 0..60 {
                assert_eq!(shift.take((at, at), (3.0, 3.0), session, manner).0, None);
            }
            ratios.into_iter().any(|ratio| shift.take((at, at), (3.0 * ratio, 3.0), 60, manner).0.is_some())
        };
        assert!(found(0.95, [3.0, 2.98, 3.01, 3.0]));
        assert!(!found(0.95, [3.0, 4.1, 2.2, 3.6]), "they tell of no one price");
        assert!(!found(0.6, [3.0, 2.98, 3.01, 3.0]), "others may be as steady");
    }

    #[test]
    fn samples_of_one_price_scatter_no_more_than_usual() {
        let at: DateTime<Utc> = "2026-09-01T00:00:00Z".parse().unwrap();
        let mut shift = ChangePointDetector::default();
        for n in 0..60 {
            assert_eq!(shift.take((at, at), (3.0 * scatter(n), 3.0), 0, manner()).0, None);
        }
        let sample = |ratio| RatioSample {
            from: at,
            to: at,
            seen: 3.0 * ratio,
            expected: 3.0,
            slack: None,
            session: 0,
            number: 0,
            idle: IdleTotals::default(),
        };
        for (ratios, is_price) in [
            ([2.7, 2.9, 3.0, 3.1, 3.3], true),
            ([1.4, 1.5, 1.5, 1.6, 1.6], true),
            // Somebody else takes much at one time and little at another, or nothing.
            ([1.6, 2.0, 3.0, 4.5, 6.0], false),
            ([1.0, 1.1, 3.0, 3.1, 3.2], false),
        ] {
            assert_eq!(shift.is_price(&ratios.map(sample)), is_price, "{ratios:?}");
        }
    }

    #[test]
    fn other_devices_are_a_part_of_the_scatter() {
        // A fifth of all sessions cost more, up to four times, because another device worked too.
        let ratio =
            |n: usize| scatter(n) * if (n * 31).is_multiple_of(5) { 1.0 + (n % 7) as f64 / 2.0 } else { 1.0 };
        assert_eq!(run((0..3000).map(ratio)), None);
        assert!(run((0..600).map(|n| ratio(n) * if n >= 500 { 2.0 } else { 1.0 })).is_some());
    }
}
