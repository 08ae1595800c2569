//! The chart of a case: the observed values as a line of steps, the expected values as a band.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use crate::expected_band::{Expected, Point};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 160.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 20.0;

/// Draws a case as SVG. `label` is read to those who cannot see it; `times` stand below both ends. Empty
/// where there is nothing to draw.
pub(super) fn draw(points: &[Point], band: &[Expected], label: &str, times: (&str, &str)) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    if last.at <= first.at {
        return String::new();
    }
    let values = points.iter().map(|p| p.value).chain(band.iter().flat_map(|b| [b.low, b.high]));
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
    let (low, high) = (low.min(0.0), if high > low.min(0.0) { high } else { low + 1.0 });
    let length = (last.at - first.at).num_milliseconds() as f64;
    let x = |at: DateTime<Utc>| {
        let share = (at - first.at).num_milliseconds() as f64 / length;
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - 8.0)
    };
    let y = |value: f64| 8.0 + (high - value) / (high - low) * (HEIGHT - BOTTOM - 8.0);
    let mut line = format!("M{:.1} {:.1}", x(first.at), y(first.value));
    for point in &points[1..] {
        let _ = write!(line, "H{:.1}V{:.1}", x(point.at), y(point.value));
    }
    let mut area = String::new();
    if let (Some(begin), Some(end)) = (band.first(), band.last()) {
        let _ = write!(area, "M{:.1} {:.1}", x(begin.at), y(begin.high));
        for place in &band[1..] {
            let _ = write!(area, "H{:.1}V{:.1}", x(place.at), y(place.high));
        }
        let _ = write!(area, "H{:.1}V{:.1}", x(last.at.max(end.at)), y(end.low));
        for pair in band.windows(2).rev() {
            let _ = write!(area, "H{:.1}V{:.1}", x(pair[1].at), y(pair[0].low));
        }
        let _ = write!(area, "H{:.1}Z", x(begin.at));
    }
    let axis = HEIGHT - BOTTOM;
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">\
         <path class=\"band\" d=\"{area}\"/><path class=\"seen\" d=\"{line}\"/>\
         <path class=\"axis\" d=\"M{LEFT} 8V{axis}H{right}\"/>\
         <text x=\"{side}\" y=\"14\" text-anchor=\"end\">{top}</text>\
         <text x=\"{side}\" y=\"{axis}\" text-anchor=\"end\">{bottom}</text>\
         <text x=\"{LEFT}\" y=\"{below}\">{begin}</text>\
         <text x=\"{right}\" y=\"{below}\" text-anchor=\"end\">{end}</text></svg>",
        right = WIDTH - 8.0,
        side = LEFT - 6.0,
        below = HEIGHT - 5.0,
        top = number(high),
        bottom = number(low),
        begin = times.0,
        end = times.1,
    )
}

fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.2}") }
}
