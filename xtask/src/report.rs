//! What became of steps: their table, and the line of sums below it.

use std::time::Duration;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Passed,
    /// Something is not.
    Failed,
    /// It was not started: the step of this name, which it needs, has not passed.
    Skipped(&'static str),
    /// What it needs cannot be had on this machine, which is no fault of what is tested.
    LeftOut,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outcome::Passed => f.write_str("passed"),
            Outcome::Failed => f.write_str("FAILED"),
            Outcome::Skipped(need) => write!(f, "skipped: needs {need}"),
            Outcome::LeftOut => f.write_str("LEFT OUT: not possible on this machine"),
        }
    }
}

/// A step that has ended.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
}

/// How many steps passed, failed and were skipped; and how many were left out, where any were.
pub(crate) fn sums(rows: &[Row]) -> String {
    let [mut passed, mut failed, mut skipped, mut left_out] = [0; 4];
    for row in rows {
        match row.outcome {
            Outcome::Passed => passed += 1,
            Outcome::Failed => failed += 1,
            Outcome::Skipped(_) => skipped += 1,
            Outcome::LeftOut => left_out += 1,
        }
    }
    let sums = format!("{passed} passed, {failed} failed, {skipped} skipped");
    if left_out == 0 { sums } else { format!("{sums}, {left_out} left out") }
}

/// A line a step, in order, with its seconds; then all of them; the sums stand alone on the last line.
pub(crate) fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let mut lines: Vec<String> = rows
        .iter()
        .map(|Row { name, took, outcome }| format!("{name:width$}  {:>7.1} s  {outcome}", took.as_secs_f64()))
        .collect();
    let all: Duration = rows.iter().map(|row| row.took).sum();
    lines.push(format!("{:width$}  {:>7.1} s", "all steps", all.as_secs_f64()));
    lines.push(sums(rows));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ends_with_one_line_of_sums() {
        let row = |name, millis, outcome| Row { name, took: Duration::from_millis(millis), outcome };
        let rows = [
            row("format", 1250, Outcome::Passed),
            row("build", 12_000, Outcome::Failed),
            row("unit tests", 0, Outcome::Skipped("build")),
        ];
        assert_eq!(
            table(&rows),
            "format          1.2 s  passed\n\
             build          12.0 s  FAILED\n\
             unit tests      0.0 s  skipped: needs build\n\
             all steps      13.2 s\n\
             1 passed, 1 failed, 1 skipped"
        );
        let more = [row("other systems", 0, Outcome::LeftOut)];
        assert!(table(&more).ends_with("\n0 passed, 0 failed, 0 skipped, 1 left out"));
    }
}
