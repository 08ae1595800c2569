//! `cargo xtask bench audit`: how well the audit finds what went wrong, measured on simulated months.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::arguments::Bench;
use crate::bound::Bound;
use crate::step::{command, output, root, target};
use crate::{bench_forecast, bench_tools};

/// What the measuring program says of one fault at one size.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Row {
    pub(crate) sight: String,
    pub(crate) class: String,
    pub(crate) size: Option<f64>,
    pub(crate) months: f64,
    pub(crate) counted: f64,
    pub(crate) found: f64,
    pub(crate) within_one: f64,
    pub(crate) within_two: f64,
    pub(crate) delay: Option<u32>,
    pub(crate) quota: f64,
    pub(crate) in_time: f64,
    in_days: f64,
    /// Anomalies that were none, and were not withdrawn.
    pub(crate) false_alarms: f64,
    /// Those that were withdrawn.
    pub(crate) withdrawn: f64,
    /// Months in which the fault was found and withdrawn.
    pub(crate) wrongly_withdrawn: f64,
    resets: f64,
    resets_right: f64,
    credits: f64,
    credits_right: f64,
    rules: Vec<Rule>,
}

/// How well the best test could do that knows an account's pace, and nothing else.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Pace {
    factor: f64,
    known: String,
    months: f64,
    recall: f64,
    recall_at_many: f64,
    scatter: f64,
    sessions: f64,
}

/// A simple rule on the same data.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Rule {
    name: String,
    found: f64,
    false_alarms: f64,
}

/// Where docs/detection.md holds what this program writes.
const BEGIN: &str = "<!-- figures: cargo xtask bench audit --full -->";
const END: &str = "<!-- end of figures -->";

/// Measures the audit. In full it takes the seeds that nothing was developed on, and writes the figures into
/// docs/detection.md.
pub(crate) fn audit(options: &Bench) -> Result<()> {
    bench_tools::tools()?;
    let mut measure = command(target().join("release/audit-bench"));
    if options.full {
        measure.args(["--months", "100", "--held-out"]);
    } else {
        measure.args(["--months", "12"]);
    }
    let rows: Vec<Row> = lines(&output(&mut measure)?)?;
    let mut measure = command(target().join("release/audit-bench"));
    if options.full {
        measure.args(["--pace", "400", "--held-out"]);
    } else {
        measure.args(["--pace", "40"]);
    }
    let pace: Vec<Pace> = lines(&output(&mut measure)?)?;
    let forecast = bench_forecast::measure(&target().join("release/audit-bench"), options)?;
    let mut bounds = bounds(&rows);
    bounds.extend(bench_forecast::bounds(&forecast));
    let text = write_up(&rows, &bounds) + &write_up_pace(&pace) + &bench_forecast::write_up(&forecast);
    if options.full {
        let path = root().join("docs/detection.md");
        let before = std::fs::read_to_string(&path).context("cannot read docs/detection.md")?;
        let written =
            put_in(&before, &text, (BEGIN, END)).context("docs/detection.md has no place for the figures")?;
        std::fs::write(&path, written).context("cannot write docs/detection.md")?;
    }
    eprintln!("{text}");
    let missed: Vec<&str> = bounds.iter().filter(|b| !b.holds()).map(|b| b.what.as_str()).collect();
    if !missed.is_empty() {
        bail!("beyond their bounds: {}", missed.join("; "));
    }
    Ok(())
}

/// The lines of JSON that a measuring program wrote.
pub(crate) fn lines<T: for<'de> Deserialize<'de>>(text: &str) -> Result<Vec<T>> {
    text.lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("cannot read {line}")))
        .collect()
}

/// The page with the figures in their place, between two marks; `None` where it has none.
pub(crate) fn put_in(page: &str, figures: &str, (begin, end): (&str, &str)) -> Option<String> {
    let (before, rest) = page.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n\n{figures}\n{end}{after}"))
}

const ALL_LOGS: &str = "all logs";
const NO_LOGS: &str = "no logs";

/// Sums over the rows that fit.
pub(crate) fn sum(rows: &[Row], fits: impl Fn(&Row) -> bool, of: impl Fn(&Row) -> f64) -> f64 {
    rows.iter().filter(|row| fits(row)).map(of).sum()
}

/// A share; 1 of nothing.
pub(crate) fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 1.0 }
}

fn bounds(rows: &[Row]) -> Vec<Bound> {
    let at_least =
        |what: &str, value: f64, limit: f64| Bound { what: what.to_owned(), value, limit, at_most: false };
    let share = |class: &str, least: f64, of: fn(&Row) -> f64, whole: fn(&Row) -> f64| {
        let fits =
            |row: &Row| row.sight == ALL_LOGS && row.class == class && row.size.unwrap_or(least) >= least;
        ratio(sum(rows, fits, of), sum(rows, fits, whole))
    };
    let mut all: Vec<Bound> = sights(rows)
        .iter()
        .map(|sight| {
            let clean = |row: &Row| row.sight == *sight && row.class == "clean";
            let value = ratio(sum(rows, clean, |r| r.false_alarms), sum(rows, clean, |r| r.months));
            // Without logs a higher price is found by pace alone, which must not cost more false alarms than this.
            let limit = if sight == NO_LOGS { 0.03 } else { 1.0 / 12.0 };
            Bound { what: format!("false alarms a clean month, {sight}"), value, limit, at_most: true }
        })
        .collect();
    all.push(at_least(
        "wipe-out found within one poll",
        share("wipe-out", 0.0, |r| r.within_one, |r| r.counted),
        0.99,
    ));
    all.push(at_least(
        "impossible found within one poll",
        share("impossible", 0.0, |r| r.within_one, |r| r.counted),
        0.99,
    ));
    all.push(at_least(
        "one step from 5 points found within two polls",
        share("one step", 5.0, |r| r.within_two, |r| r.counted),
        0.95,
    ));
    all.push(at_least(
        "acceleration from 2 × found before a tenth of a week's quota is lost",
        share("accelerated", 2.0, |r| r.in_time, |r| r.quota),
        0.95,
    ));
    all.push(at_least(
        "acceleration from 1.5 × found",
        share("accelerated", 1.5, |r| r.found, |r| r.counted),
        0.85,
    ));
    let hidden = "emptied in a gap, hours";
    all.push(at_least(
        "emptied in a gap found at the first reading after it",
        share(hidden, 0.0, |r| r.within_one, |r| r.counted),
        0.95,
    ));
    let every = |_: &Row| true;
    all.push(at_least(
        "resets reported with the right schedule",
        ratio(sum(rows, every, |r| r.resets_right), sum(rows, every, |r| r.resets)),
        0.99,
    ));
    all.push(at_least(
        "credits reported with class and amount",
        ratio(sum(rows, every, |r| r.credits_right), sum(rows, every, |r| r.credits)),
        0.99,
    ));
    for (sight, class) in classes(rows) {
        let (own, rules) = scores(rows, &sight, &class);
        let best = rules.iter().map(|(_, f1)| *f1).fold(0.0, f64::max);
        all.push(at_least(&format!("F1 of {class}, {sight}, over the best rule"), own, best));
    }
    all
}

/// The sights, in their order.
pub(crate) fn sights(rows: &[Row]) -> Vec<String> {
    let mut sights: Vec<String> = rows.iter().map(|row| row.sight.clone()).collect();
    sights.dedup();
    sights
}

/// The classes that the rules can find: none of them checks for good news.
pub(crate) fn classes(rows: &[Row]) -> Vec<(String, String)> {
    let mut classes: Vec<_> = rows
        .iter()
        .filter(|row| row.class != "clean" && row.class != "early reset")
        .map(|row| (row.sight.clone(), row.class.clone()))
        .collect();
    classes.dedup();
    classes
}

/// F1 of the audit and of each rule in a class. The audit has to name the class; a rule only has to ring.
/// To the months with the fault come as many clean ones.
pub(crate) fn scores(rows: &[Row], sight: &str, class: &str) -> (f64, Vec<(String, f64)>) {
    let of = |row: &Row| row.sight == sight && row.class == class;
    let clean = rows.iter().find(|row| row.sight == sight && row.class == "clean");
    let months = sum(rows, of, |r| r.months);
    let counted = sum(rows, of, |r| r.counted);
    let more = |false_alarms: fn(&Row) -> f64| {
        clean.map_or(0.0, |row| ratio(false_alarms(row), row.months) * months)
    };
    let f1 = |found: f64, false_alarms: f64| ratio(2.0 * found, found + false_alarms + counted);
    let own = f1(sum(rows, of, |r| r.found), sum(rows, of, |r| r.false_alarms) + more(|r| r.false_alarms));
    let names = rows.first().map(|row| row.rules.iter().map(|rule| rule.name.clone()).collect());
    let names: Vec<String> = names.unwrap_or_default();
    let rules = names
        .into_iter()
        .enumerate()
        .map(|(place, name)| {
            let found = sum(rows, of, |r| r.rules[place].found);
            let rang = sum(rows, of, |r| r.rules[place].false_alarms);
            let calm = clean.map_or(0.0, |row| ratio(row.rules[place].false_alarms, row.months) * months);
            (name, f1(found, rang + calm))
        })
        .collect();
    (own, rules)
}

fn write_up(rows: &[Row], bounds: &[Bound]) -> String {
    let mut page = String::new();
    let months = sum(rows, |_| true, |r| r.months);
    // Writing into a string cannot fail.
    let _ = writeln!(
        page,
        "{months} months, one of an account each.\n\n| bound | measured | |\n| --- | ---: | --- |"
    );
    for bound in bounds {
        let sign = if bound.at_most { "≤" } else { "≥" };
        let mark = if bound.holds() { "" } else { "**missed**" };
        let _ = writeln!(page, "| {} {sign} {:.3} | {:.3} | {mark} |", bound.what, bound.limit, bound.value);
    }
    for sight in sights(rows) {
        let _ = writeln!(
            page,
            "\n### With {sight}\n\n| what | months | recall | ≤ 1 poll | ≤ 2 polls | middle delay, polls | ≤ 3 days | in time | false alarms a month |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        );
        for row in rows.iter().filter(|row| row.sight == sight) {
            let share = |part: f64| {
                if row.counted > 0.0 { format!("{:.2}", part / row.counted) } else { String::new() }
            };
            let size = row.size.map_or_else(String::new, |size| format!(" {size}"));
            let in_days = if row.class == "accelerated" { share(row.in_days) } else { String::new() };
            let in_time =
                if row.quota > 0.0 { format!("{:.2}", row.in_time / row.quota) } else { String::new() };
            let _ = writeln!(
                page,
                "| {}{size} | {} | {} | {} | {} | {} | {in_days} | {in_time} | {:.3} |",
                row.class,
                if row.class == "clean" { row.months } else { row.counted },
                share(row.found),
                share(row.within_one),
                share(row.within_two),
                row.delay.map_or_else(String::new, |delay| delay.to_string()),
                ratio(row.false_alarms, row.months),
            );
        }
        let names: Vec<&str> = rows
            .first()
            .map(|row| row.rules.iter().map(|rule| rule.name.as_str()).collect())
            .unwrap_or_default();
        let _ = writeln!(
            page,
            "\n| F1 | the audit | {} |\n| --- | ---: |{}",
            names.join(" | ").replace("|Δ|", "change"),
            " ---: |".repeat(names.len())
        );
        for (_, class) in classes(rows).into_iter().filter(|(of, _)| *of == sight) {
            let (own, rules) = scores(rows, &sight, &class);
            let rules: Vec<String> = rules.iter().map(|(_, f1)| format!("{f1:.2}")).collect();
            let _ = writeln!(page, "| {class} | {own:.2} | {} |", rules.join(" | "));
        }
    }
    page
}

fn write_up_pace(rows: &[Pace]) -> String {
    let mut page = String::from(
        "\n### Without logs: the most that pace can show\n\n| price × | usual pace known from | months | found within three days, 0.03 false alarms a month | the same, 0.3 false alarms | sessions in three days | scatter of their pace |\n| ---: | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in rows {
        let known = if row.known == "all" { "six more months" } else { "the month before" };
        let _ = writeln!(
            page,
            "| {} | {known} | {} | {:.2} | {:.2} | {:.0} | × {:.1} |",
            row.factor, row.months, row.recall, row.recall_at_many, row.sessions, row.scatter
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(class: &str, size: Option<f64>, found: f64, false_alarms: f64, rang: f64) -> Row {
        Row {
            sight: ALL_LOGS.to_owned(),
            class: class.to_owned(),
            size,
            months: 100.0,
            counted: if class == "clean" { 0.0 } else { 100.0 },
            found,
            within_one: found,
            within_two: found,
            delay: Some(1),
            quota: 0.0,
            in_time: 0.0,
            in_days: 0.0,
            false_alarms,
            withdrawn: 0.0,
            wrongly_withdrawn: 0.0,
            resets: 10.0,
            resets_right: 10.0,
            credits: 0.0,
            credits_right: 0.0,
            rules: vec![Rule { name: "|Δ| ≥ 5".to_owned(), found: 90.0, false_alarms: rang }],
        }
    }

    #[test]
    fn what_misses_its_bound_is_marked_and_a_rule_that_rings_often_is_beaten() {
        let rows = [row("clean", None, 0.0, 9.0, 500.0), row("wipe-out", None, 98.0, 0.0, 500.0)];
        let bounds = bounds(&rows);
        let missed: Vec<&str> = bounds.iter().filter(|b| !b.holds()).map(|b| b.what.as_str()).collect();
        assert_eq!(missed, ["false alarms a clean month, all logs", "wipe-out found within one poll"]);
        let (own, rules) = scores(&rows, ALL_LOGS, "wipe-out");
        assert!(own > 0.9 && rules[0].1 < 0.2, "{own} {rules:?}");
        let page = write_up(&rows, &bounds);
        assert!(page.contains("| wipe-out found within one poll ≥ 0.990 | 0.980 | **missed** |"), "{page}");
        assert!(!page.contains("|Δ|"), "a bar would end a cell");
    }

    #[test]
    fn figures_take_the_place_of_older_ones() {
        let page = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let new = put_in(&page, "new\n", (BEGIN, END)).unwrap();
        assert_eq!(new, format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(put_in("no place", "new", (BEGIN, END)), None);
    }
}
