//! A plan of steps that need each other. A step runs if all that it needs has passed; nothing else stops it. One that ends
//! with [`LeftOut`] is left out, and so is what needs it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::junit;
use crate::report::{Outcome, Row, sums, table};

/// Why a step is left out: what it needs cannot be had on this machine.
#[derive(Debug)]
pub(crate) struct LeftOut(pub(crate) String);

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LeftOut {}

/// A step of a plan.
pub(crate) struct Step<'a> {
    name: &'static str,
    needs: &'static [&'static str],
    results: Option<PathBuf>,
    work: Box<dyn Fn() -> Result<()> + 'a>,
}

impl Step<'_> {
    /// Names the JUnit file that the step writes, from which the names of failed tests are read.
    pub(crate) fn results(&mut self, file: PathBuf) {
        self.results = Some(file);
    }
}

/// Steps in the order in which they are run.
#[derive(Default)]
pub(crate) struct Plan<'a> {
    steps: Vec<Step<'a>>,
}

/// What became of every start of every step, and the tests that failed in them.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    rows: Vec<Row>,
    /// By step and test.
    failed_tests: BTreeMap<(&'static str, String), u32>,
}

impl<'a> Plan<'a> {
    /// Adds a step. It needs only steps that were added before it.
    ///
    /// # Panics
    /// Where a need is not one of those, or a step of this name is there already.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        needs: &'static [&'static str],
        work: impl Fn() -> Result<()> + 'a,
    ) -> &mut Step<'a> {
        let is_known = |name: &str| self.steps.iter().any(|step| step.name == name);
        assert!(!is_known(name), "two steps are called {name:?}");
        for need in needs {
            assert!(is_known(need), "{name:?} needs {need:?}, which is no step before it");
        }
        self.steps.push(Step { name, needs, results: None, work: Box::new(work) });
        let last = self.steps.len() - 1;
        &mut self.steps[last]
    }

    /// Runs the steps with `part` in their names, or all, this many times. With `part`, what those steps need runs
    /// once, before. A failure ends nothing but what needs the step.
    ///
    /// # Errors
    /// Where no step has `part` in its name; the error names all steps.
    pub(crate) fn run(&self, times: u32, part: Option<&str>) -> Result<Ran> {
        let mut chosen: Vec<bool> = vec![true; self.steps.len()];
        let mut ran = Ran::default();
        let mut outcomes = BTreeMap::new();
        if let Some(part) = part {
            let part = part.to_lowercase();
            for (step, chosen) in self.steps.iter().zip(&mut chosen) {
                *chosen = step.name.to_lowercase().contains(&part);
            }
            if !chosen.contains(&true) {
                let names: Vec<&str> = self.steps.iter().map(|step| step.name).collect();
                bail!("no step has {part:?} in its name; there are: {}", names.join(", "));
            }
            let needed = self.needed(&chosen);
            self.round(&needed, &mut outcomes, &mut ran);
        }
        for round in 1..=times {
            if times > 1 {
                eprintln!("\n== round {round} of {times}");
            }
            self.round(&chosen, &mut outcomes, &mut ran);
        }
        Ok(ran)
    }

    /// What the chosen steps need, directly or by another step, and are not themselves.
    fn needed(&self, chosen: &[bool]) -> Vec<bool> {
        let mut needed = vec![false; self.steps.len()];
        // Needs stand before what needs them, so that one pass from the end finds all.
        for index in (0..self.steps.len()).rev() {
            if chosen[index] || needed[index] {
                for need in self.steps[index].needs {
                    for (other, step) in self.steps.iter().enumerate() {
                        needed[other] |= step.name == *need && !chosen[other];
                    }
                }
            }
        }
        needed
    }

    fn round(&self, which: &[bool], outcomes: &mut BTreeMap<&'static str, Outcome>, ran: &mut Ran) {
        for (step, _) in self.steps.iter().zip(which).filter(|(_, runs)| **runs) {
            let ended = |need: &&str| outcomes.get(*need).cloned();
            let is_left_out = step.needs.iter().any(|need| ended(need) == Some(Outcome::LeftOut));
            let missing = step
                .needs
                .iter()
                .find(|need| !matches!(ended(need), Some(Outcome::Passed | Outcome::LeftOut)));
            let (took, outcome) = match missing {
                Some(need) => (Duration::ZERO, Outcome::Skipped(need)),
                None if is_left_out => (Duration::ZERO, Outcome::LeftOut),
                None => ran.start(step),
            };
            eprintln!("== {}: {outcome} in {:.1} s", step.name, took.as_secs_f64());
            outcomes.insert(step.name, outcome.clone());
            ran.rows.push(Row { name: step.name, took, outcome });
        }
    }
}

impl Ran {
    fn start(&mut self, step: &Step<'_>) -> (Duration, Outcome) {
        eprintln!("\n== {}", step.name);
        if let Some(file) = &step.results {
            let _ = std::fs::remove_file(file); // those of another time
        }
        let started = Instant::now();
        let done = (step.work)();
        let took = started.elapsed();
        let Err(error) = done else { return (took, Outcome::Passed) };
        eprintln!("{error:#}");
        if error.is::<LeftOut>() {
            return (took, Outcome::LeftOut);
        }
        for test in step.results.iter().flat_map(|file| junit::failed_tests(file)) {
            *self.failed_tests.entry((step.name, test)).or_default() += 1;
        }
        (took, Outcome::Failed)
    }

    /// Whether nothing failed. What was skipped was skipped because something else failed; what was left out was not.
    pub(crate) fn is_success(&self) -> bool {
        self.rows.iter().all(|row| matches!(row.outcome, Outcome::Passed | Outcome::LeftOut))
    }

    /// The table of all steps, the tests that failed, and the line of sums.
    pub(crate) fn report(&self) -> String {
        let repeated = self
            .rows
            .iter()
            .enumerate()
            .any(|(index, row)| self.rows[..index].iter().any(|before| before.name == row.name));
        let text = if repeated { self.tallies() } else { table(&self.rows) };
        if self.failed_tests.is_empty() {
            return text;
        }
        let failed = self.failed_tests.iter().map(|((step, test), times)| {
            let of = self.rows.iter().filter(|row| row.name == *step).count();
            if of > 1 {
                format!("{step}: {test}: failed {times} of {of} times")
            } else {
                format!("{step}: {test}")
            }
        });
        let failed: Vec<String> = failed.collect();
        format!("failed tests:\n{}\n\n{text}", failed.join("\n"))
    }

    /// A line a step that says how often it was started and how often it failed, and the sums of all starts.
    fn tallies(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for row in &self.rows {
            if !names.contains(&row.name) {
                names.push(row.name);
            }
        }
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let mut lines: Vec<String> = names
            .iter()
            .map(|name| {
                let rows: Vec<&Row> = self.rows.iter().filter(|row| row.name == *name).collect();
                let count = |of: fn(&Outcome) -> bool| rows.iter().filter(|row| of(&row.outcome)).count();
                let started = count(|outcome| !matches!(outcome, Outcome::Skipped(_) | Outcome::LeftOut));
                let failed = count(|outcome| *outcome == Outcome::Failed);
                let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
                let slowest = rows.iter().map(|row| row.took).max().unwrap_or_default().as_secs_f64();
                let line = format!("{name:width$}  failed {failed} of {started}, slowest {slowest:.1} s");
                if skipped > 0 { format!("{line}, skipped {skipped}") } else { line }
            })
            .collect();
        lines.push(sums(&self.rows));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    fn outcomes(ran: &Ran) -> Vec<String> {
        ran.rows.iter().map(|row| format!("{}: {}", row.name, row.outcome)).collect()
    }

    #[test]
    fn a_failed_step_stops_only_what_needs_it() {
        let mut plan = Plan::default();
        plan.step("packages", &[], || Ok(()));
        plan.step("build", &["packages"], || bail!("it does not compile"));
        plan.step("lint", &["packages"], || Ok(()));
        plan.step("tests", &["packages", "build"], || panic!("must not run"));
        plan.step("journeys", &["tests"], || panic!("must not run"));
        plan.step("format", &[], || Ok(()));
        let ran = plan.run(1, None).unwrap();
        assert_eq!(
            outcomes(&ran),
            [
                "packages: passed",
                "build: FAILED",
                "lint: passed",
                "tests: skipped: needs build",
                "journeys: skipped: needs tests",
                "format: passed"
            ]
        );
        assert!(!ran.is_success());
        assert!(ran.report().ends_with("\n3 passed, 1 failed, 2 skipped"), "{}", ran.report());
    }

    #[test]
    fn what_is_not_possible_here_is_left_out_with_what_needs_it_and_fails_nothing() {
        let mut plan = Plan::default();
        plan.step("compiler", &[], || Err(LeftOut("there is none".to_owned()).into()));
        plan.step("format", &[], || Ok(()));
        plan.step("check", &["compiler", "format"], || panic!("must not run"));
        let ran = plan.run(1, None).unwrap();
        let left_out = "LEFT OUT: not possible on this machine";
        assert_eq!(
            outcomes(&ran),
            [format!("compiler: {left_out}"), "format: passed".to_owned(), format!("check: {left_out}")]
        );
        assert!(ran.is_success());
        assert!(ran.report().ends_with("\n1 passed, 0 failed, 0 skipped, 2 left out"), "{}", ran.report());
    }

    #[test]
    fn all_passed_is_a_success_and_says_so_alone_on_the_last_line() {
        let mut plan = Plan::default();
        plan.step("one", &[], || Ok(()));
        plan.step("two", &["one"], || Ok(()));
        let ran = plan.run(1, None).unwrap();
        assert!(ran.is_success());
        assert_eq!(ran.report().lines().last(), Some("2 passed, 0 failed, 0 skipped"));
    }

    #[test]
    fn one_step_is_repeated_after_what_it_needs_ran_once() {
        let order = RefCell::new(Vec::new());
        let done = |name| {
            order.borrow_mut().push(name);
            Ok(())
        };
        let tries = Cell::new(0);
        let mut plan = Plan::default();
        plan.step("packages", &[], || done("packages"));
        plan.step("other", &["packages"], || done("other"));
        plan.step("build", &["packages"], || done("build"));
        plan.step("The journeys", &["build"], || {
            tries.set(tries.get() + 1);
            if tries.get() % 2 == 0 {
                bail!("every second time")
            }
            done("journeys")
        });
        let ran = plan.run(5, Some("JOURNEYS")).unwrap();
        assert_eq!(*order.borrow(), ["packages", "build", "journeys", "journeys", "journeys"]);
        assert!(!ran.is_success());
        let report = ran.report();
        assert!(report.contains("The journeys  failed 2 of 5, slowest 0.0 s\n"), "{report}");
        assert!(report.ends_with("\n5 passed, 2 failed, 0 skipped"), "{report}");
    }

    #[test]
    fn all_steps_are_repeated_and_a_need_counts_in_its_own_round() {
        let tries = Cell::new(0);
        let mut plan = Plan::default();
        plan.step("build", &[], || {
            tries.set(tries.get() + 1);
            if tries.get() == 2 {
                bail!("once")
            }
            Ok(())
        });
        plan.step("tests", &["build"], || Ok(()));
        let ran = plan.run(3, None).unwrap();
        let report = ran.report();
        assert!(report.contains("tests  failed 0 of 2, slowest 0.0 s, skipped 1\n"), "{report}");
        assert!(report.ends_with("\n4 passed, 1 failed, 1 skipped"), "{report}");
    }

    #[test]
    fn tests_that_failed_are_named_with_how_often() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("junit.xml");
        let tries = Cell::new(0);
        let mut plan = Plan::default();
        let step = plan.step("tests", &[], || {
            assert!(!folder.path().join("junit.xml").exists(), "the results of the last round are gone");
            tries.set(tries.get() + 1);
            if tries.get() == 1 {
                return Ok(());
            }
            std::fs::write(
                folder.path().join("junit.xml"),
                r#"<testcase name="by_chance" classname="tray"><failure/></testcase>"#,
            )?;
            bail!("a test failed")
        });
        step.results(file);
        let report = plan.run(3, None).unwrap().report();
        assert!(
            report.starts_with("failed tests:\ntests: tray: by_chance: failed 2 of 3 times\n"),
            "{report}"
        );
    }

    #[test]
    fn a_step_that_is_not_there_is_refused_with_the_names_of_those_that_are() {
        let mut plan = Plan::default();
        plan.step("format", &[], || Ok(()));
        plan.step("journeys", &[], || Ok(()));
        let error = plan.run(1, Some("tray")).unwrap_err().to_string();
        assert_eq!(error, r#"no step has "tray" in its name; there are: format, journeys"#);
    }

    #[test]
    #[should_panic(expected = "which is no step before it")]
    fn a_need_must_be_a_step_before() {
        Plan::default().step("tests", &["build"], || Ok(()));
    }
}
