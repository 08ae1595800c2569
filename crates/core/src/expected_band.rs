//! The case of a finding: where a series would have been if only the expected amount had been deducted.

use chrono::{DateTime, Utc};

use crate::finding::{Anomaly, Finding};
use crate::series::Series;

/// Consecutive readings of a series that gave the same value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Time of the first of these readings.
    pub at: DateTime<Utc>,
    /// Percent used, or money left.
    pub value: f64,
    /// What was deducted since the point before.
    pub deducted: f64,
    /// What was added since the point before.
    pub returned: f64,
    /// Resets since the point before.
    pub resets: u32,
}

/// The interval in which a series was expected at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Time of the reading.
    pub at: DateTime<Utc>,
    /// Lower end, in the unit of the series.
    pub low: f64,
    /// Upper end, in the unit of the series.
    pub high: f64,
}

/// Where a series would have been, from the last point before an anomaly until the series starts again from
/// zero.
///
/// The expected part of the anomaly's deductions is spread over them in proportion; later deductions are
/// taken as they were. Empty if nothing can be said: for a finding that is not an anomaly, and for an anomaly
/// without an expected amount.
#[must_use]
pub fn expected(finding: &Finding, points: &[Point]) -> Vec<Expected> {
    let (Some(class), Some(series)) = (finding.anomaly(), finding.series) else { return Vec::new() };
    let (Some(low), Some(high)) = (finding.expected_low, finding.expected_high) else { return Vec::new() };
    let before = points.partition_point(|point| point.at <= finding.from);
    if class == Anomaly::OverdueReset {
        return after_reset(finding, &points[before..], points[..before].last(), (low, high));
    }
    let Some(start) = before.checked_sub(1).and_then(|place| points.get(place)) else { return Vec::new() };
    let rest = &points[before..];
    let total: f64 = rest.iter().take_while(|p| p.at <= finding.to).map(|p| p.deducted).sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let share = ((low / total).clamp(0.0, 1.0), (high / total).clamp(0.0, 1.0));
    let mut band = vec![Expected { at: finding.from, low: start.value, high: start.value }];
    let (mut least, mut most, mut back) = (0.0, 0.0, 0.0);
    for point in rest {
        let share = if point.at <= finding.to { share } else { (1.0, 1.0) };
        if ends(series, point) {
            break;
        }
        least += point.deducted * share.0;
        most += point.deducted * share.1;
        back += point.returned;
        band.push(match series {
            Series::Meter(_) => Expected { at: point.at, low: start.value + least, high: start.value + most },
            Series::Balance(_) | Series::Wallet(_) => {
                Expected { at: point.at, low: start.value - most + back, high: start.value - least + back }
            }
        });
    }
    band
}

/// After a reset that did not come, the meter should have stood at what was used since.
fn after_reset(
    finding: &Finding,
    rest: &[Point],
    before: Option<&Point>,
    (low, high): (f64, f64),
) -> Vec<Expected> {
    let Some(series) = finding.series.filter(|series| series.meter().is_some() && before.is_some()) else {
        return Vec::new();
    };
    let mut band = vec![Expected { at: finding.from, low, high }];
    let mut used = 0.0;
    for point in rest.iter().take_while(|point| point.at <= finding.to || !ends(series, point)) {
        used += point.deducted;
        band.push(Expected { at: point.at, low: low + used, high: high + used });
    }
    band.push(Expected { at: finding.to, low: low + used, high: high + used });
    band.sort_by_key(|point| point.at);
    band
}

/// Whether a quota is reset or gets something back: then the band ends.
fn ends(series: Series, point: &Point) -> bool {
    matches!(series, Series::Meter(_)) && (point.resets > 0 || point.returned > 0.0)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::finding::FindingKind;
    use crate::meter::Meter;
    use crate::money::Currency;

    fn minute(count: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(count)
    }

    fn finding(series: Series, class: Anomaly, span: (i64, i64), figures: (f64, f64, f64)) -> Finding {
        Finding {
            kind: FindingKind::Anomaly(class),
            series: Some(series),
            from: minute(span.0),
            to: minute(span.1),
            detected_at: minute(span.1 + 5),
            observed: Some(figures.0),
            expected_low: Some(figures.1),
            expected_high: Some(figures.2),
            confidence: 0.9,
            explanation: String::new(),
            evidence: Vec::new(),
            messages: crate::message::Messages::default(),
        }
    }

    fn point(at: i64, value: f64, deducted: f64) -> Point {
        Point { at: minute(at), value, deducted, returned: 0.0, resets: 0 }
    }

    fn drawn(band: &[Expected]) -> Vec<(i64, f64, f64)> {
        band.iter().map(|p| ((p.at - DateTime::UNIX_EPOCH).num_minutes(), p.low, p.high)).collect()
    }

    #[test]
    fn a_wrong_step_is_left_out_and_what_follows_is_not() {
        let series = Series::Meter(Meter::Week);
        let points = [point(0, 10.0, 0.0), point(5, 12.0, 2.0), point(10, 32.0, 20.0), point(15, 33.0, 1.0)];
        let found = finding(series, Anomaly::Unexplained, (5, 10), (20.0, 1.0, 3.0));
        assert_eq!(drawn(&expected(&found, &points)), [(5, 12.0, 12.0), (10, 13.0, 15.0), (15, 14.0, 16.0)]);
        // A reset ends it.
        let reset = Point { resets: 1, returned: 33.0, ..point(20, 0.0, 0.0) };
        let all = [&points[..], &[reset, point(25, 1.0, 1.0)]].concat();
        assert_eq!(expected(&found, &all).len(), 3);
    }

    #[test]
    fn money_goes_the_other_way() {
        let series = Series::Balance(Currency::CNY);
        let points = [point(0, 100.0, 0.0), point(5, 40.0, 60.0)];
        let found = finding(series, Anomaly::WipeOut, (0, 5), (60.0, 0.0, 6.0));
        assert_eq!(drawn(&expected(&found, &points)), [(0, 100.0, 100.0), (5, 94.0, 100.0)]);
    }

    #[test]
    fn after_a_reset_that_did_not_come_only_new_use_was_to_be_seen() {
        let series = Series::Meter(Meter::FiveHour);
        let points = [point(0, 80.0, 0.0), point(15, 82.0, 2.0)];
        let found = finding(series, Anomaly::OverdueReset, (10, 25), (82.0, 0.0, 0.0));
        assert_eq!(drawn(&expected(&found, &points)), [(10, 0.0, 0.0), (15, 2.0, 2.0), (25, 2.0, 2.0)]);
    }

    proptest! {
        /// The band never stands beyond what was observed, and is never upside down.
        #[test]
        fn what_was_expected_is_no_more_than_what_was_seen(
            steps in prop::collection::vec(0.0_f64..9.0, 2..30), low in 0.0_f64..9.0, more in 0.0_f64..9.0,
            from in 0_i64..20, length in 1_i64..10,
        ) {
            let mut value = 0.0;
            let points: Vec<_> = (0_i64..).zip(&steps).map(|(place, step)| {
                value += step;
                point(place * 5, value, *step)
            }).collect();
            let span = (from * 5, (from + length) * 5);
            let found = finding(Series::Meter(Meter::Week), Anomaly::Accelerated, span, (9.0, low, low + more));
            for place in expected(&found, &points) {
                prop_assert!(place.low <= place.high + 1e-9);
                let seen = points.iter().rev().find(|p| p.at <= place.at).map_or(0.0, |p| p.value);
                prop_assert!(place.high <= seen + 1e-6, "{place:?} {seen}");
            }
        }
    }
}
