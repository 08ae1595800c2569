//! `cargo xtask bench audit --machines`: how well the audit does where several machines use an account, by what becomes
//! known of their usage and when.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};

use crate::arguments::Bench;
use crate::bench_audit::{Row, classes, lines, put_in, ratio, scores, sights, sum};
use crate::bench_tools;
use crate::bound::Bound;
use crate::step::{command, output, root, target};

/// Where docs/detection.md holds what this program writes.
const PLACE: (&str, &str) =
    ("<!-- figures: cargo xtask bench audit --machines --full -->", "<!-- end of figures of machines -->");

const ONE: &str = "all usage on one machine";
const IN_TIME: &str = "several machines, all in time";
const HOURS: &str = "several machines, one late by hours";
const NEVER: &str = "several machines, one never reports";
/// What today's tables have of a machine that no one knows of.
const BESIDE: &str = "logs of one machine, another at work beside it";

/// So far may a figure be from that of one machine.
const NEAR: f64 = 0.02;

/// Measures the audit with several machines. In full it takes the seeds that nothing was developed on, and writes the
/// figures into docs/detection.md.
pub(crate) fn machines(options: &Bench) -> Result<()> {
    bench_tools::tools()?;
    let measure = |more: &[&str]| -> Result<Vec<Row>> {
        let mut program = command(target().join("release/audit-bench"));
        program.args(more);
        if options.full {
            program.args(["--months", "100", "--held-out"]);
        } else {
            program.args(["--months", "12"]);
        }
        lines(&output(&mut program)?)
    };
    let rows = measure(&["--machines"])?;
    let beside = measure(&["--sight", BESIDE])?;
    let bounds = bounds(&rows, &beside);
    let text = write_up(&rows, &beside, &bounds);
    if options.full {
        let path = root().join("docs/detection.md");
        let before = std::fs::read_to_string(&path).context("cannot read docs/detection.md")?;
        let written =
            put_in(&before, &text, PLACE).context("docs/detection.md has no place for the figures")?;
        std::fs::write(&path, written).context("cannot write docs/detection.md")?;
    }
    eprintln!("{text}");
    let missed: Vec<&str> = bounds.iter().filter(|b| !b.holds()).map(|b| b.what.as_str()).collect();
    if !missed.is_empty() {
        bail!("beyond their bounds: {}", missed.join("; "));
    }
    Ok(())
}

/// The figures of a class, of all its sizes together.
struct Figures {
    recall: f64,
    within_one: f64,
    within_two: f64,
    in_time: f64,
    false_alarms: f64,
    withdrawn: f64,
    wrongly_withdrawn: f64,
}

impl Figures {
    fn of(rows: &[Row], sight: &str, class: &str) -> Self {
        let fits = |row: &Row| row.sight == sight && row.class == class;
        let share =
            |of: fn(&Row) -> f64, whole: fn(&Row) -> f64| ratio(sum(rows, fits, of), sum(rows, fits, whole));
        Self {
            recall: share(|r| r.found, |r| r.counted),
            within_one: share(|r| r.within_one, |r| r.counted),
            within_two: share(|r| r.within_two, |r| r.counted),
            in_time: share(|r| r.in_time, |r| r.quota),
            false_alarms: share(|r| r.false_alarms, |r| r.months),
            withdrawn: share(|r| r.withdrawn, |r| r.months),
            wrongly_withdrawn: share(|r| r.wrongly_withdrawn, |r| r.counted),
        }
    }
}

/// All classes, clean months first.
fn all_classes(rows: &[Row]) -> Vec<String> {
    let mut classes: Vec<String> = Vec::new();
    for row in rows {
        if !classes.contains(&row.class) {
            classes.push(row.class.clone());
        }
    }
    classes
}

fn bounds(rows: &[Row], beside: &[Row]) -> Vec<Bound> {
    let bound = |what: String, value: f64, limit: f64, at_most: bool| Bound { what, value, limit, at_most };
    let mut all = Vec::new();
    let mut farthest = (0.0_f64, String::from("none"));
    for class in all_classes(rows) {
        let (one, in_time) = (Figures::of(rows, ONE, &class), Figures::of(rows, IN_TIME, &class));
        for (name, one, several) in [
            ("recall", one.recall, in_time.recall),
            ("≤ 1 poll", one.within_one, in_time.within_one),
            ("≤ 2 polls", one.within_two, in_time.within_two),
            ("in time", one.in_time, in_time.in_time),
            ("false alarms", one.false_alarms, in_time.false_alarms),
        ] {
            let off = (one - several).abs();
            if off > farthest.0 {
                farthest = (off, format!("{class}, {name}"));
            }
        }
    }
    let (off, of) = farthest;
    all.push(bound(
        format!("all in time, farthest from the same usage on one machine ({of})"),
        off,
        NEAR,
        true,
    ));
    let clean = |sight| Figures::of(rows, sight, "clean").false_alarms;
    all.push(bound(
        "one late by hours: false alarms a clean month that are not withdrawn".to_owned(),
        clean(HOURS),
        0.03,
        true,
    ));
    all.push(bound(
        "one late by hours: wipe-out found within one poll".to_owned(),
        Figures::of(rows, HOURS, "wipe-out").within_one,
        0.99,
        false,
    ));
    all.push(bound("one never reports: false alarms a clean month".to_owned(), clean(NEVER), 0.03, true));
    for (_, class) in classes(beside) {
        let (today, _) = scores(beside, BESIDE, &class);
        let (own, _) = scores(rows, NEVER, &class);
        all.push(bound(
            format!("one never reports: F1 of {class}, over another at work beside this one"),
            own,
            today - NEAR,
            false,
        ));
    }
    all
}

fn write_up(rows: &[Row], beside: &[Row], bounds: &[Bound]) -> String {
    let mut page = String::new();
    let months = sum(rows, |_| true, |r| r.months) + sum(beside, |_| true, |r| r.months);
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
            "\n#### {}\n\n| what | recall | ≤ 1 poll | ≤ 2 polls | in time | F1 | false alarms a month | withdrawn a month | found and withdrawn |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            capitalised(&sight)
        );
        for class in all_classes(rows) {
            let Figures {
                recall,
                within_one,
                within_two,
                in_time,
                false_alarms,
                withdrawn,
                wrongly_withdrawn,
            } = Figures::of(rows, &sight, &class);
            if class == "clean" {
                let _ = writeln!(page, "| clean | | | | | | {false_alarms:.3} | {withdrawn:.3} | |");
                continue;
            }
            let in_time = if class == "accelerated" { format!("{in_time:.2}") } else { String::new() };
            let (f1, _) = scores(rows, &sight, &class);
            let _ = writeln!(
                page,
                "| {class} | {recall:.2} | {within_one:.2} | {within_two:.2} | {in_time} | {f1:.2} | {false_alarms:.3} | {withdrawn:.3} | {wrongly_withdrawn:.2} |"
            );
        }
    }
    page
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sight: &str, class: &str, found: f64, false_alarms: f64) -> Row {
        let line = serde_json::json!({
            "sight": sight, "class": class, "size": null, "months": 100.0,
            "counted": if class == "clean" { 0.0 } else { 100.0 }, "found": found, "within_one": found,
            "within_two": found, "delay": null, "quota": 0.0, "in_time": 0.0, "in_days": 0.0,
            "false_alarms": false_alarms, "withdrawn": 2.0, "wrongly_withdrawn": 0.0, "resets": 0.0,
            "resets_right": 0.0, "credits": 0.0, "credits_right": 0.0, "rules": [],
        });
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn a_figure_that_differs_from_that_of_one_machine_misses_its_bound() {
        let rows = |in_time: f64, hours: f64| {
            let sights = [ONE, IN_TIME, HOURS, NEVER];
            let found = [98.0, in_time, 99.0, 98.0];
            let clean =
                sights.map(|sight| row(sight, "clean", 0.0, if sight == HOURS { hours } else { 1.0 }));
            let wiped =
                std::iter::zip(sights, found).map(|(sight, found)| row(sight, "wipe-out", found, 1.0));
            clean.into_iter().chain(wiped).collect::<Vec<_>>()
        };
        let beside = [row(BESIDE, "clean", 0.0, 4.0), row(BESIDE, "wipe-out", 97.0, 4.0)];
        let missed = |rows: &[Row]| {
            let all = bounds(rows, &beside);
            all.into_iter().filter(|bound| !bound.holds()).map(|bound| bound.what).collect::<Vec<_>>()
        };
        assert_eq!(missed(&rows(97.0, 3.0)), Vec::<String>::new());
        let farthest = "all in time, farthest from the same usage on one machine (wipe-out, recall)";
        let late = "one late by hours: false alarms a clean month that are not withdrawn";
        assert_eq!(missed(&rows(95.0, 4.0)), [farthest, late]);
        let all = bounds(&rows(97.0, 3.0), &beside);
        let page = write_up(&rows(97.0, 3.0), &beside, &all);
        assert!(page.contains("#### Several machines, one late by hours"), "{page}");
        assert!(page.contains("| clean | | | | | | 0.030 | 0.020 | |"), "{page}");
    }
}
