//! Anomalies that usage may still explain that becomes known later: what they rest on, until they are withdrawn or old.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::change_point::interval;
use crate::audit::model::delta::least_worth_a_finding;
use crate::audit::model::ratio_sample::RatioSample;
use crate::audit::model::usage_window::UsageWindow;
use crate::finding::{Anomaly, Finding};
use crate::series::Series;

/// How many are kept; the oldest goes.
const MAX_OPEN: usize = 16;
/// Nothing that becomes known after so long changes what was found: raw readings and requests are kept no longer.
const KEPT: TimeDelta = TimeDelta::days(60);
/// A factor of the price up to this one is none that would have been reported.
const ORDINARY: f64 = 1.15;
/// The same of the sums, which are off by what few samples lie at the edge.
const ORDINARY_SUM: f64 = 1.25;

/// The anomalies that were found last and rest on usage that no log showed, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct OpenAnomalies(VecDeque<OpenAnomaly>);

/// What an anomaly rests on. It is kept with each account, so its names are short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OpenAnomaly {
    #[serde(rename = "c")]
    pub(crate) class: Anomaly,
    #[serde(rename = "m")]
    pub(crate) series: Series,
    #[serde(rename = "f")]
    pub(crate) from: DateTime<Utc>,
    #[serde(rename = "t")]
    pub(crate) to: DateTime<Utc>,
    #[serde(rename = "d")]
    pub(crate) detected_at: DateTime<Utc>,
    /// What was deducted, in the series' unit.
    #[serde(rename = "o")]
    pub(crate) observed: f64,
    #[serde(rename = "s")]
    slack: f64,
    /// What of it was expected at most.
    #[serde(rename = "h")]
    high: f64,
    /// The least excess that is worth a finding.
    #[serde(rename = "l")]
    floor: f64,
    /// What a unit of usage cost at most when it was found; of a change of the price, what it usually cost.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    each: Option<f64>,
    /// The usage that became known since, in the series' own measure.
    #[serde(rename = "u")]
    late: f64,
    /// The samples that showed a change of the price; empty for a deduction.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    samples: Vec<PriceSample>,
    /// The factor of that change.
    #[serde(rename = "x")]
    pub(crate) factor: f64,
}

/// A session in which more was deducted than its usage usually costs. Its names are short, as above.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct PriceSample {
    #[serde(rename = "f")]
    from: DateTime<Utc>,
    #[serde(rename = "t")]
    to: DateTime<Utc>,
    #[serde(rename = "s")]
    seen: f64,
    #[serde(rename = "e")]
    expected: f64,
}

impl OpenAnomaly {
    /// One deduction, or several that are one leak. `None` where no usage changes what it is: the quotas contradict
    /// each other, or something was taken back. `each` is what a unit of usage costs at most.
    pub(crate) fn of_candidate(finding: &Finding, candidate: &Candidate, each: Option<f64>) -> Option<Self> {
        let class = finding.anomaly()?;
        let rests_on_usage = matches!(class, Anomaly::WipeOut | Anomaly::Unexplained | Anomaly::Impossible)
            && !matches!(
                candidate.reason,
                Reason::NeverCame { .. } | Reason::TakenBack { .. } | Reason::RestTakenBack { .. }
            );
        let series = finding.series.filter(|_| rests_on_usage)?;
        Some(Self {
            class,
            series,
            from: candidate.from,
            to: candidate.to,
            detected_at: finding.detected_at,
            observed: candidate.observed,
            slack: candidate.slack,
            high: candidate.high,
            floor: least_worth_a_finding(series, candidate.before),
            each,
            late: candidate.late.max(0.0) / each.filter(|each| *each > 0.0).unwrap_or(f64::INFINITY),
            samples: Vec::new(),
            factor: 1.0,
        })
    }

    /// A change of the price, and the samples that showed it. `usual` is what a unit of usage cost before.
    pub(crate) fn of_price(
        finding: &Finding,
        factor: f64,
        usual: f64,
        samples: &[RatioSample],
    ) -> Option<Self> {
        let series = finding.series?;
        let samples: Vec<_> = samples
            .iter()
            .map(|sample| PriceSample {
                from: sample.from,
                to: sample.to,
                seen: sample.seen,
                expected: sample.expected,
            })
            .collect();
        Some(Self {
            class: finding.anomaly()?,
            series,
            from: finding.from,
            to: finding.to,
            detected_at: finding.detected_at,
            observed: finding.observed.unwrap_or_default(),
            slack: 0.0,
            high: finding.expected_high.unwrap_or_default(),
            floor: 0.0,
            each: Some(usual),
            late: 0.0,
            samples,
            factor,
        })
    }

    /// Takes usage of a time that became known. Whether it can have led to what was deducted.
    fn take(&mut self, at: DateTime<Utc>, amount: f64) -> bool {
        if self.samples.is_empty() {
            let is_within = UsageWindow::of(self.series, self.from, self.to).contains(at);
            self.late += if is_within { amount } else { 0.0 };
            return is_within;
        }
        let each = self.each.unwrap_or_default();
        let series = self.series;
        // One that two samples may hold is held by the earlier one.
        let sample = self
            .samples
            .iter_mut()
            .find(|sample| UsageWindow::of(series, sample.from, sample.to).contains(at));
        let Some(sample) = sample else { return false };
        sample.expected += amount * each;
        self.late += amount;
        true
    }

    /// What is expected at most with the usage that became known since; `now` is what a unit of usage costs at most by
    /// what is known now. `None` where nothing is known of the price.
    pub(crate) fn expected_at_most(&self, now: Option<f64>) -> Option<f64> {
        if self.samples.is_empty() {
            return Some(self.high + self.late * self.each.or(now)?);
        }
        Some(self.samples.iter().map(|sample| sample.expected).sum::<f64>().max(self.high))
    }

    /// Whether the usage that became known since explains all of it, by the rules by which it would not have been
    /// found.
    fn is_explained(&self, now: Option<f64>) -> bool {
        if self.late <= 0.0 {
            return false;
        }
        if self.samples.is_empty() {
            let most = self.expected_at_most(now);
            return most.is_some_and(|most| self.observed - self.slack - most < self.floor);
        }
        let ratios = self.samples.iter().map(|sample| sample.seen / sample.expected).collect();
        let (seen, expected) =
            self.samples.iter().fold((0.0, 0.0), |(s, e), one| (s + one.seen, e + one.expected));
        let factor = interval(ratios).map_or(f64::MAX, |(factor, ..)| factor);
        factor <= ORDINARY && seen <= ORDINARY_SUM * expected
    }
}

impl OpenAnomalies {
    /// Remembers an anomaly.
    pub(crate) fn note(&mut self, anomaly: Option<OpenAnomaly>) {
        let Some(anomaly) = anomaly else { return };
        if self.0.len() >= MAX_OPEN {
            self.0.pop_front();
        }
        self.0.push_back(anomaly);
    }

    /// Since when usage was made on which any of them may rest; `None` where none is open.
    pub(crate) fn rests_on_since(&self) -> Option<DateTime<Utc>> {
        let windows = self.0.iter().flat_map(|anomaly| {
            let spans = anomaly.samples.iter().map(|sample| (sample.from, sample.to));
            let spans = spans.chain(std::iter::once((anomaly.from, anomaly.to)));
            spans.map(|(from, to)| UsageWindow::of(anomaly.series, from, to).after())
        });
        windows.min()
    }

    /// Takes usage of a time that became known, `amount` by series: in its own measure. Whether it can have led to what
    /// any of them is about.
    pub(crate) fn take(&mut self, at: DateTime<Utc>, amount: impl Fn(Series) -> Option<f64>) -> bool {
        let mut any = false;
        for anomaly in &mut self.0 {
            if let Some(amount) = amount(anomaly.series).filter(|amount| *amount > 0.0) {
                any |= anomaly.take(at, amount);
            }
        }
        any
    }

    /// Takes out those that are explained. `each` is what a unit of usage costs at most, by series.
    pub(crate) fn take_explained(
        &mut self,
        now: DateTime<Utc>,
        each: impl Fn(Series) -> Option<f64>,
    ) -> Vec<OpenAnomaly> {
        self.0.retain(|anomaly| now - anomaly.detected_at <= KEPT);
        let (explained, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|anomaly| anomaly.is_explained(each(anomaly.series)));
        self.0 = open.into();
        explained
    }

    /// Forgets an anomaly of which the user said whose doing it was.
    pub(crate) fn forget(&mut self, finding: &Finding) {
        self.0.retain(|open| {
            Some(open.class) != finding.anomaly()
                || Some(open.series) != finding.series
                || open.detected_at != finding.detected_at
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::model::idle_totals::IdleTotals;
    use crate::audit::slot::Slot;
    use crate::finding::FindingKind;
    use crate::meter::Meter;

    const WEEK: Series = Series::Meter(Meter::Week);

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-09-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn found(class: Anomaly, from: i64, to: i64) -> Finding {
        Finding::new(FindingKind::Anomaly(class), Some(WEEK), (at(from), at(to)), at(to + 5))
    }

    /// Thirty points went where two were expected; a unit of usage costs four at most.
    fn step(class: Anomaly, reason: Reason) -> OpenAnomalies {
        let candidate = Candidate {
            slack: 1.0,
            high: 2.0,
            reason,
            ..Candidate::new(class, (at(100), at(105)), (10.0, 40.0), 30.0)
        };
        let mut open = OpenAnomalies::default();
        open.note(OpenAnomaly::of_candidate(&found(class, 100, 105), &candidate, Some(4.0)));
        open
    }

    fn explained(open: &mut OpenAnomalies) -> usize {
        open.take_explained(at(900), |_| None).len()
    }

    #[test]
    fn usage_that_becomes_known_explains_what_it_led_to_and_all_of_it() {
        for (name, late, expected) in [
            ("all of it", &[(103, 7.0)][..], 1),
            ("in several requests", &[(101, 2.0), (105, 3.0), (104, 2.0)], 1),
            ("up to what is worth no finding", &[(103, 6.2)], 1),
            ("a part of it", &[(103, 5.0)], 0),
            ("that may have waited to be deducted", &[(91, 7.0)], 1),
            ("before", &[(89, 7.0)], 0),
            ("after", &[(106, 7.0)], 0),
            ("nothing", &[], 0),
        ] {
            let mut open = step(Anomaly::Unexplained, Reason::Use);
            for (minute, amount) in late {
                let _ = open.take(at(*minute), |_| Some(*amount));
            }
            assert_eq!(explained(&mut open), expected, "{name}");
            assert_eq!(explained(&mut open), 0, "{name}: once");
        }
    }

    #[test]
    fn no_usage_explains_what_does_not_rest_on_it() {
        let limits = Reason::Limits { most: 3.0 };
        let other = Reason::Other { moved: 0.0, window: Slot::FiveHour };
        for (class, reason, expected) in [
            (Anomaly::WipeOut, Reason::Use, 1),
            (Anomaly::Impossible, limits, 1),
            (Anomaly::Disagreement, other, 0),
            (Anomaly::Clawback, Reason::TakenBack { at: at(1), amount: 30.0 }, 0),
            (Anomaly::OverdueReset, Reason::Use, 0),
        ] {
            let mut open = step(class, reason);
            let _ = open.take(at(103), |_| Some(9.0));
            assert_eq!(explained(&mut open), expected, "{class:?}");
        }
    }

    #[test]
    fn a_price_is_none_where_other_usage_made_up_every_sample() {
        let sample = |n: i64| RatioSample {
            from: at(30 * n),
            to: at(30 * n + 20),
            seen: 6.0,
            expected: 3.0,
            slack: None,
            session: 0,
            number: 0,
            idle: IdleTotals::default(),
        };
        let samples: Vec<_> = (1..7).map(sample).collect();
        for (name, known, expected) in [
            ("all of them", 6, 1),
            ("half of them", 3, 0),
            ("all but one, which is off by itself", 5, 1),
            ("none", 0, 0),
        ] {
            let mut open = OpenAnomalies::default();
            open.note(OpenAnomaly::of_price(&found(Anomaly::Accelerated, 30, 200), 2.0, 1.5, &samples));
            for n in 1..=known {
                assert!(open.take(at(30 * n + 10), |_| Some(2.0)));
            }
            // Between the samples it made none of them dearer.
            assert!(!open.take(at(30 * 7 + 15), |_| Some(50.0)));
            assert_eq!(explained(&mut open), expected, "{name}");
        }
    }

    #[test]
    fn what_was_found_long_ago_and_what_the_user_did_stay() {
        let mut open = step(Anomaly::WipeOut, Reason::Use);
        let _ = open.take(at(103), |_| Some(9.0));
        assert!(open.take_explained(at(103) + TimeDelta::days(61), |_| None).is_empty());
        let mut open = step(Anomaly::WipeOut, Reason::Use);
        open.forget(&found(Anomaly::WipeOut, 100, 105));
        let _ = open.take(at(103), |_| Some(9.0));
        assert_eq!(explained(&mut open), 0);
    }
}
