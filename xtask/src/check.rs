//! `cargo xtask test`: every check there is.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::package::{self, Programs};
use crate::packages::{self, Group};
use crate::step::{Steps, cargo, command, exists, output, run, target};
use crate::{Test, front_end, shots, style_check};

/// Everything but what is quick is left out by `--quick`: what needs a desktop or a browser.
pub(crate) fn test(options: &Test) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("system packages", || {
        let all = [Group::Build, Group::Run, Group::Test, Group::Browser, Group::Package];
        packages::ensure(if options.quick { &all[..2] } else { &all }, options.yes)
    })?;
    steps.step("npm packages", front_end::install)?;
    steps.step("format", || run(cargo().args(["fmt", "--all", "--check"])))?;
    steps.step("style", style_check::check)?;
    steps.step("the window's code: build", front_end::build)?;
    steps.step("the window's code: lint", || front_end::script("lint"))?;
    steps.step("the window's code: types", || front_end::script("check"))?;
    steps.step("the window's code: tests", || front_end::script("test"))?;
    steps.step("build, and clippy", build)?;
    steps.step("unit, property and snapshot tests", || {
        let every = ["--workspace", "--all-targets", "--exclude", "tidemark-journeys"];
        run(&mut tests("not package(tidemark-journeys)", &every))
    })?;
    if !options.quick {
        steps.step("every page in a browser", || shots::pictures(&target().join("shots"), None))?;
        steps.step("the window in a browser", || front_end::script("test:browser"))?;
        steps.step("packages of what was built", || package::bundle(Programs::Tested))?;
        steps.step("journeys", || journeys("package(tidemark-journeys)", &[], Programs::Tested))?;
    }
    steps.print();
    Ok(())
}

/// Installs the Debian package of the optimised programs, starts it and takes it off again, as the journey of
/// [`test`] does with the one of what was tested.
pub(crate) fn try_package(steps: &mut Steps) -> Result<()> {
    steps.step("the package's journey", || {
        let named = "package(tidemark-journeys) and binary(package)";
        journeys(named, &["--test", "package"], Programs::Optimised)
    })
}

/// The journeys that `filter`, or without nextest `which`, names: with the Debian package of these programs.
fn journeys(filter: &str, which: &[&str], programs: Programs) -> Result<()> {
    // Each journey has a desktop of its own; two at once are what a small machine carries.
    let arguments = [&["--package", "tidemark-journeys"], which, &["--", "--test-threads=2"]].concat();
    let mut tests = tests(filter, &arguments);
    if let Some(deb) = programs.deb() {
        tests.env("TIDEMARK_DEB", deb);
    }
    run(&mut tests)
}

/// Runs Rust tests: with nextest where it is installed, else with Cargo's own runner. With nextest the whole
/// workspace is selected in either case, because a smaller selection has other features and compiles anew.
fn tests(filter: &str, without_nextest: &[&str]) -> Command {
    let mut test = with_clippy();
    if exists("cargo-nextest", "--version") {
        test.args(["nextest", "run", "--locked", "--workspace", "-E", filter]);
    } else {
        eprintln!("cargo-nextest is not installed; using cargo test");
        test.args(["test", "--locked", "--quiet"]).args(without_nextest);
    }
    test
}

/// A Cargo that compiles this workspace's own crates with clippy's driver, which is the compiler with more
/// lints. What it builds is what is tested: linted and compiled at once, from the dependencies of any other
/// build, where `cargo clippy` and then `cargo build` would go over everything twice.
fn with_clippy() -> Command {
    let driver = output(command("rustup").args(["which", "clippy-driver"]))
        .map_or_else(|_| "clippy-driver".to_owned(), |path| path.trim().to_owned());
    let mut cargo = cargo();
    cargo.env("RUSTC_WORKSPACE_WRAPPER", driver);
    cargo
}

/// Builds everything, with every warning an error. Warnings are counted and not denied by a flag, which would
/// make another build of it.
fn build() -> Result<()> {
    let mut build = with_clippy();
    build.args(["build", "--locked", "--workspace", "--all-targets", "--message-format=json"]);
    build.stdout(Stdio::piped());
    let mut child = build.spawn().context("cannot start cargo")?;
    let stdout = child.stdout.take().context("cargo's standard output")?;
    let mut warnings = 0_usize;
    for line in BufReader::new(stdout).lines() {
        if let Some(text) = complaint(&line?) {
            eprint!("{text}");
            warnings += 1;
        }
    }
    let status = child.wait()?;
    if !status.success() || warnings > 0 {
        bail!("{warnings} warnings and errors");
    }
    Ok(())
}

/// The text of a warning or error in a line of Cargo's messages. The sum at a crate's end is none.
fn complaint(line: &str) -> Option<String> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-message" {
        return None;
    }
    let message = &message["message"];
    let level = message["level"].as_str()?;
    let is_sum = message["spans"].as_array().is_none_or(Vec::is_empty) && message["code"].is_null();
    if !matches!(level, "warning" | "error") || is_sum {
        return None;
    }
    Some(message["rendered"].as_str().unwrap_or("a warning without a text\n").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_told_from_other_messages() {
        let line = |level: &str, spans: &str, code: &str| {
            format!(
                r#"{{"reason":"compiler-message","message":{{"level":"{level}","spans":{spans},"code":{code},"rendered":"text"}}}}"#
            )
        };
        assert_eq!(complaint(&line("warning", "[{}]", "null")), Some("text".to_owned()));
        assert_eq!(complaint(&line("warning", "[]", r#"{"code":"dead_code"}"#)), Some("text".to_owned()));
        assert_eq!(complaint(&line("error", "[{}]", "null")), Some("text".to_owned()));
        assert_eq!(complaint(&line("warning", "[]", "null")), None, "the sum at the end");
        assert_eq!(complaint(&line("note", "[{}]", "null")), None);
        assert_eq!(complaint(r#"{"reason":"compiler-artifact"}"#), None);
        assert_eq!(complaint("not JSON"), None);
    }
}
