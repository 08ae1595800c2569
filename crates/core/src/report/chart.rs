//! The chart of a case: the observed values as a line of steps, the expected values as a band.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use crate::expected_band::{Expected, Point};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 160.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 20.0;

/// What the values are, and which time the case is about.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    /// Percent used; else an amount of money.
    pub(super) percent: bool,
    /// The time of the deduction, which is marked.
    pub(super) during: (DateTime<Utc>, DateTime<Utc>),
}

/// Draws a case as SVG. `label` is read to those who cannot see it; `times` stand below both ends. Empty
/// where there is nothing to draw.
pub(super) fn draw(
    points: &[Point],
    band: &[Expected],
    label: &str,
    times: (&str, &str),
    scale: Scale,
) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    if last.at <= first.at {
        return String::new();
    }
    let values = points.iter().map(|p| p.value).chain(band.iter().flat_map(|b| [b.low, b.high]));
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
    let (low, high, step) = axis_of(low, high, scale.percent);
    let length = (last.at - first.at).num_milliseconds() as f64;
    let x = |at: DateTime<Utc>| {
        let share = (at - first.at).num_milliseconds() as f64 / length;
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - 8.0)
    };
    let y = |value: f64| 8.0 + (high - value) / (high - low) * (HEIGHT - BOTTOM - 8.0);
    let mut line = format!("M{:.1} {:.1}", x(first.at), y(first.value));
    let mut level = first.value;
    for point in &points[1..] {
        let _ = write!(line, "H{:.1}", x(point.at));
        if (point.value - level).abs() > f64::EPSILON {
            let _ = write!(line, "V{:.1}", y(point.value));
        }
        level = point.value;
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
    let right = WIDTH - 8.0;
    let mut lines = String::new();
    // At most six: the step is at least a quarter of the height.
    for place in 0..=5 {
        let value = low + step * f64::from(place);
        if value > high + step * 0.01 {
            break;
        }
        let at = y(value);
        // Writing into a string cannot fail.
        let _ = write!(
            lines,
            "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{right}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            at + 3.5,
            labelled(value, scale.percent)
        );
    }
    let left = x(scale.during.0);
    let width = (x(scale.during.1) - left).max(3.0);
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">\
         <rect class=\"when\" x=\"{left:.1}\" y=\"8\" width=\"{width:.1}\" height=\"{tall}\"/>\
         {lines}<path class=\"band\" d=\"{area}\"/><path class=\"seen\" d=\"{line}\"/>\
         <path class=\"axis\" d=\"M{LEFT} {axis}H{right}\"/>\
         <text x=\"{LEFT}\" y=\"{below}\">{begin}</text>\
         <text x=\"{right}\" y=\"{below}\" text-anchor=\"end\">{end}</text></svg>",
        below = HEIGHT - 5.0,
        tall = axis - 8.0,
        begin = times.0,
        end = times.1,
    )
}

/// Where the axis begins and ends, and the step of its lines. It begins at zero unless all values are far above it: then
/// a change of a few cents of a large balance would not be seen. A percentage never ends above 100 where nothing is.
fn axis_of(low: f64, high: f64, percent: bool) -> (f64, f64, f64) {
    let bottom = if low > 0.0 && low < (high - low) * 2.0 { 0.0 } else { low };
    let rough = ((high - bottom) / 4.0).max(1e-6);
    let magnitude = 10.0_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * magnitude)
        .find(|step| *step >= rough)
        .unwrap_or(10.0 * magnitude);
    let (bottom, top) = ((bottom / step).floor() * step, (high / step).ceil() * step);
    let top = if percent && high <= 100.0 { top.min(100.0) } else { top };
    (bottom, if top > bottom { top } else { bottom + step }, step)
}

fn labelled(value: f64, percent: bool) -> String {
    if percent { format!("{}%", number(value)) } else { number(value) }
}

fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.2}") }
}
