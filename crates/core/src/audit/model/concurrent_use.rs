//! A price that went up, or another machine at work beside this one?
//!
//! Both make the same tokens seem dearer. A price takes one and the same factor every time, and nothing while
//! no one works. Another machine whose logs are not known takes now more, now less, and goes on while this one
//! rests. How much likelier the one is than the other is weighed here, as a logarithm.

use crate::audit::model::idle_totals::IdleTotals;
use crate::audit::model::ratio_sample::RatioSample;

/// What a machine beside this one makes of the price lies anywhere in a span as wide as this, as a logarithm.
const WIDTH: f64 = 0.8;
/// The least share of samples that something else disturbs, whatever the price.
const MIN_DISTURBED: f64 = 0.1;
/// A sample of the price may be off by so much beyond rounding, where nothing else was learned.
const BASE_ERROR: f64 = 0.02;
/// A rest of so many minutes says as much as a likelihood ratio of e: sessions of others last about as long.
const PAUSE_MINUTES: f64 = 45.0;
/// No rest says more than this.
const MAX_BY_REST: f64 = 3.0;
/// How much likelier it is that a price took more than that another machine did, as a logarithm. `inexact` is how
/// far samples of a price are off beyond rounding, `share` how much of all usage the logs hold, `step` the
/// fineness of the figure.
pub(crate) fn price_log_odds(
    run: &[RatioSample],
    now: &IdleTotals,
    inexact: f64,
    share: f64,
    step: f64,
) -> f64 {
    let doubts: Vec<(f64, f64)> = run
        .iter()
        .filter_map(|sample| {
            let doubt = BASE_ERROR + 2.5 * inexact + sample.slack? / sample.seen.max(1e-9);
            Some(((sample.seen / sample.expected).max(0.02).ln(), doubt.min(WIDTH / 2.0)))
        })
        .collect();
    let disturbed = (1.0 - share).max(MIN_DISTURBED);
    // The factor with which most samples agree, each of them tried.
    let best = doubts
        .iter()
        .enumerate()
        .map(|(own, (centre, _))| {
            let others = doubts.iter().enumerate().filter(|(place, _)| *place != own);
            let agreeing: f64 = others
                .map(|(_, (z, doubt))| {
                    let agrees = (z - centre).abs() <= *doubt;
                    let inside = if agrees { (1.0 - disturbed) * WIDTH / (2.0 * doubt) } else { 0.0 };
                    (inside + disturbed).ln()
                })
                .sum();
            (agreeing, *centre)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((agreement, factor)) = best else { return f64::MAX };
    // Few others do many times as much as this machine, all the while.
    agreement + factor.max(0.0) + by_rest(run, now, factor.exp(), step)
}

/// What the deductions of this machine's pauses say for a change of price, or against it.
fn by_rest(run: &[RatioSample], now: &IdleTotals, factor: f64, step: f64) -> f64 {
    let Some(first) = run.first() else { return 0.0 };
    let lately = now.since(&first.idle);
    if lately.worked_minutes <= 0.0 || lately.rested_minutes <= 0.0 {
        return 0.0;
    }
    let step = step.max(1e-6);
    let beyond = lately.worked * (1.0 - 1.0 / factor.max(1.0)) / lately.worked_minutes;
    // What a machine that went on like that would have taken in the meantime.
    let theirs = beyond * lately.rested_minutes;
    if lately.rested < 0.1 * theirs {
        let rests = lately.rested_minutes / PAUSE_MINUTES;
        return rests.min(theirs / (2.0 * step)).min(MAX_BY_REST);
    }
    // It was always so, and is dearer like everything else.
    let before = first.idle;
    let usual = if before.rested_minutes > 0.0 { before.rested / before.rested_minutes } else { 0.0 };
    if lately.rested / lately.rested_minutes <= 2.0 * factor * usual {
        return 0.0;
    }
    if lately.rested >= 0.3 * theirs { -(lately.rested / (2.0 * step)).min(MAX_BY_REST) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-09-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    /// Samples of three points' use each, one every ten minutes of work.
    fn run(ratios: &[f64], slack: f64) -> Vec<RatioSample> {
        let sample = |(n, ratio): (usize, &f64)| RatioSample {
            from: at(10 * n.cast_signed() as i64),
            to: at(10 * n.cast_signed() as i64 + 10),
            seen: 3.0 * ratio,
            expected: 3.0,
            slack: Some(slack),
            session: 0,
            number: n as u32,
            idle: IdleTotals::default(),
        };
        ratios.iter().enumerate().map(sample).collect()
    }

    #[test]
    fn a_price_takes_one_factor_and_somebody_beside_now_more_now_less() {
        for (ratios, slack, price) in [
            (&[2.0, 2.0, 2.01][..], 0.01, true),
            (&[2.0, 2.0, 5.1, 2.01], 0.01, true),
            (&[10.0, 9.97], 0.05, true),
            // Too few, and too coarse.
            (&[1.3, 1.3], 0.05, false),
            (&[2.0, 2.33], 1.0, false),
            (&[2.0, 2.33, 2.0, 2.33, 2.0], 1.0, true),
            // Another figure every time.
            (&[1.49, 1.8, 1.28, 1.44, 1.33], 0.01, false),
            (&[2.3, 1.7, 3.1, 2.0, 2.6], 0.3, false),
        ] {
            let said = price_log_odds(&run(ratios, slack), &IdleTotals::default(), 0.0, 1.0, slack);
            assert_eq!(said >= 3.0, price, "{ratios:?} by {slack}: {said}");
        }
    }

    #[test]
    fn samples_that_were_always_inexact_prove_less_by_agreeing() {
        let said =
            |inexact| price_log_odds(&run(&[1.5; 4], 0.01), &IdleTotals::default(), inexact, 1.0, 0.01);
        assert!(said(0.0) > said(0.05) && said(0.05) > said(0.2), "{} {}", said(0.0), said(0.2));
    }

    #[test]
    fn a_rest_without_a_deduction_speaks_for_a_price_and_one_with_for_somebody_beside() {
        let run = run(&[1.5, 1.6, 1.4], 0.5);
        let weigh = |rested: f64, minutes: i64| {
            let mut rest = IdleTotals::default();
            rest.note((at(0), at(30)), 13.5, at(0), TimeDelta::minutes(10));
            rest.note((at(45), at(45 + minutes)), rested, at(30), TimeDelta::minutes(10));
            price_log_odds(&run, &rest, 0.0, 1.0, 0.5)
        };
        let unknown = weigh(0.0, 0);
        assert!(weigh(0.0, 60) > unknown + 1.0, "{} {unknown}", weigh(0.0, 60));
        assert!(weigh(6.0, 60) < unknown - 1.0, "{} {unknown}", weigh(6.0, 60));
    }

    #[test]
    fn what_always_went_at_rest_speaks_for_neither() {
        let mut before = IdleTotals::default();
        before.note((at(-60), at(0)), 6.0, at(-80), TimeDelta::minutes(10));
        let mut run = run(&[1.5, 1.6, 1.4], 0.5);
        for sample in &mut run {
            sample.idle = before;
        }
        let mut now = before;
        now.note((at(0), at(30)), 13.5, at(0), TimeDelta::minutes(10));
        let unknown = price_log_odds(&run, &now, 0.0, 0.6, 0.5);
        now.note((at(45), at(105)), 6.0, at(30), TimeDelta::minutes(10));
        assert!((price_log_odds(&run, &now, 0.0, 0.6, 0.5) - unknown).abs() < 1e-9);
    }
}
