//! The part of `cargo xtask bench audit` that measures the forecast.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::arguments::Bench;
use crate::bound::Bound;
use crate::step::{command, output};

/// What the measuring program says of the forecasts of one window.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Row {
    meter: String,
    moments: f64,
    forecasts: f64,
    lasted: f64,
    brier: f64,
    brier_base: f64,
    brier_line: f64,
    brier_line_share: f64,
    spans: f64,
    emptied: f64,
    covered: f64,
    width_part: f64,
    width_hours: f64,
    left_hours: f64,
    plain: f64,
    plain_covered: f64,
    tenths: Vec<(f64, f64, f64)>,
}

/// Measures the forecast; in full on lives that nothing was developed on.
pub(crate) fn measure(program: &Path, options: &Bench) -> Result<Vec<Row>> {
    let mut measure = command(program);
    if options.full {
        measure.args(["--forecast", "120", "--held-out"]);
    } else {
        measure.args(["--forecast", "40"]);
    }
    output(&mut measure)?
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("cannot read {line}")))
        .collect()
}

/// What must hold for the forecast to be shown.
pub(crate) fn bounds(rows: &[Row]) -> Vec<Bound> {
    let mut all = Vec::new();
    for row in rows {
        let mut below = |of: &str, limit: f64| {
            let what = format!("forecast, {}: Brier score, against {of}", row.meter);
            all.push(Bound { what, value: row.brier, limit, at_most: true });
        };
        below("the base rate", row.brier_base);
        below("a straight line", row.brier_line);
        below("a straight line with the share that lasted", row.brier_line_share);
    }
    let ratio = |part: fn(&Row) -> f64, whole: fn(&Row) -> f64| {
        let (part, whole): (f64, f64) = (rows.iter().map(part).sum(), rows.iter().map(whole).sum());
        if whole > 0.0 { part / whole } else { 0.0 }
    };
    let mut at_least = |what: &str, value: f64, limit: f64| {
        all.push(Bound { what: what.to_owned(), value, limit, at_most: false });
    };
    at_least("forecast: emptied within the range given", ratio(|r| r.covered, |r| r.emptied), 0.9);
    at_least("forecast: “estimated to run out”, and it did", ratio(|r| r.plain_covered, |r| r.plain), 0.9);
    all
}

/// The figures in words and tables.
pub(crate) fn write_up(rows: &[Row]) -> String {
    let mut page = String::from(
        "\n### Forecasts\n\n| quota | asked | given | lasted | Brier | base rate | straight line | its share | spans | emptied | within | span, hours | left, hours | plainly | so it was |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in rows {
        // Writing into a string cannot fail.
        let _ = writeln!(
            page,
            "| {} | {} | {} | {:.3} | {:.4} | {:.4} | {:.4} | {:.4} | {} | {} | {} | {:.1} | {:.1} | {} | {} |",
            row.meter,
            row.moments,
            row.forecasts,
            row.lasted,
            row.brier,
            row.brier_base,
            row.brier_line,
            row.brier_line_share,
            row.spans,
            row.emptied,
            row.covered,
            row.width_hours,
            row.left_hours,
            row.plain,
            row.plain_covered,
        );
    }
    for row in rows.iter().filter(|row| row.spans > 0.0) {
        let _ = writeln!(
            page,
            "\nThe middle span of the {} window takes {:.2} of the time that was left.",
            row.meter, row.width_part
        );
    }
    page.push_str("\n| probability of lasting | ");
    page.push_str(&rows.iter().map(|row| row.meter.clone()).collect::<Vec<_>>().join(" | "));
    page.push_str(" |\n| --- |");
    page.push_str(&" ---: |".repeat(rows.len()));
    page.push('\n');
    for tenth in 0..10 {
        let cells: Vec<String> = rows
            .iter()
            .map(|row| match row.tenths.get(tenth) {
                Some((count, told, lasted)) if *count > 0.0 => {
                    format!("{count} × {told:.2}: {lasted:.2}")
                }
                _ => String::new(),
            })
            .collect();
        let _ = writeln!(page, "| {}–{} % | {} |", tenth * 10, tenth * 10 + 10, cells.join(" | "));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(meter: &str, brier: f64, covered: f64) -> Row {
        Row {
            meter: meter.to_owned(),
            moments: 120.0,
            forecasts: 100.0,
            lasted: 0.8,
            brier,
            brier_base: 0.16,
            brier_line: 0.12,
            brier_line_share: 0.09,
            spans: 20.0,
            emptied: 20.0,
            covered,
            width_part: 0.5,
            width_hours: 10.0,
            left_hours: 20.0,
            plain: 10.0,
            plain_covered: 10.0,
            tenths: vec![(5.0, 0.05, 0.0)],
        }
    }

    #[test]
    fn what_does_not_beat_a_straight_line_or_covers_too_little_is_missed() {
        let missed = |rows: &[Row]| -> Vec<String> {
            bounds(rows).into_iter().filter(|b| !b.holds()).map(|b| b.what).collect()
        };
        assert_eq!(missed(&[row("week", 0.05, 19.0)]), Vec::<String>::new());
        assert_eq!(
            missed(&[row("5h", 0.1, 17.0), row("week", 0.05, 18.0)]),
            [
                "forecast, 5h: Brier score, against a straight line with the share that lasted",
                "forecast: emptied within the range given"
            ]
        );
        let page = write_up(&[row("week", 0.05, 19.0)]);
        assert!(page.contains("| week | 120 | 100 | 0.800 | 0.0500 |"), "{page}");
        assert!(page.contains("| 0–10 % | 5 × 0.05: 0.00 |"), "{page}");
    }
}
