//! `cargo xtask test`: every check there is.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::arguments::Test;
use crate::clippy::{with_clippy, without_warnings};
use crate::package::{self, Programs};
use crate::packages::{self, Group};
use crate::plan::Plan;
use crate::step::{Steps, cargo, exists, root, run, target};
use crate::{
    circles, crates, dependencies, front_end, kimi_code, macos, packaging, panel, screenshots, style_check,
    windows, workflows,
};

/// Runs every check, or those that were asked for; whether all passed. The report is the last thing it prints.
pub(crate) fn test(options: &Test) -> Result<bool> {
    let ran = plan(options).run(options.repeat, options.step.as_deref())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{}", ran.report())?;
    out.flush()?;
    Ok(ran.is_success())
}

const NPM: &str = "npm packages";
const WINDOW: &str = "the window's code: build";
const BUILD: &str = "build, and clippy";
const SYSTEM: &str = "system packages";
const TOOLS: &str = "system packages of checks";
const DESKTOP: &str = "system packages of a desktop";
const KIMI_CODE: &str = "Kimi Code";
const PACKAGES: &str = "packages of what was built";

/// Every check there is, each with the steps that it needs. What needs a desktop or a browser is left out by
/// `--quick`.
fn plan(options: &Test) -> Plan<'_> {
    let mut plan = Plan::default();
    plan.step(SYSTEM, &[], || packages::ensure(&[Group::Build, Group::Run], options.yes));
    plan.step(NPM, &[], || packages::ensure_node().and_then(|()| front_end::install()));
    plan.step("format", &[], || run(cargo().args(["fmt", "--all", "--check"])));
    plan.step("style", &[], style_check::check);
    plan.step("circles of files", &[], || circles::check(&root()));
    plan.step(TOOLS, &[SYSTEM], || packages::ensure(&[Group::Check], options.yes));
    plan.step("dependencies", &[TOOLS], dependencies::check);
    plan.step("packaging", &[TOOLS], packaging::check);
    plan.step("panel extensions", &[TOOLS, NPM], panel::check);
    plan.step("crates to publish", &[], crates::check);
    plan.step("workflows", &[TOOLS], workflows::check);
    plan.step(WINDOW, &[NPM], front_end::build);
    plan.step("the window's code: lint", &[NPM], || front_end::script("lint"));
    plan.step("the window's code: types", &[NPM], || front_end::script("check"));
    plan.step("the window's code: tests", &[NPM], front_end::tests).results(front_end::test_results());
    // The window's programs have its code in them.
    plan.step(BUILD, &[SYSTEM, WINDOW], build);
    plan.step("unit, property and snapshot tests", &[BUILD, TOOLS], || {
        let every = ["--workspace", "--all-targets", "--exclude", "tidemark-journeys"];
        run(&mut tests("not package(tidemark-journeys)", &every))
    })
    .results(rust_results());
    // nextest runs no examples of doc comments. The whole workspace again, for the same features.
    plan.step("examples in doc comments", &[BUILD], || {
        run(with_clippy(cargo()).args(["test", "--locked", "--quiet", "--workspace", "--doc"]))
    });
    if options.quick {
        return plan;
    }
    if !cfg!(target_os = "linux") {
        eprintln!("the parts that need a desktop of their own run on Linux, and are left out here");
        return plan;
    }
    plan.step(DESKTOP, &[SYSTEM], || {
        packages::ensure(&[Group::Test, Group::Browser, Group::Package], options.yes)
    });
    plan.step("every page in a browser", &[BUILD, DESKTOP], || {
        screenshots::pictures(&target().join("shots"), None)
    });
    plan.step("the window in a browser", &[BUILD, DESKTOP], front_end::browser_tests)
        .results(front_end::browser_test_results());
    plan.step(KIMI_CODE, &[NPM], kimi_code::install);
    plan.step(PACKAGES, &[BUILD, DESKTOP], || package::bundle(Programs::Tested));
    plan.step("journeys", &[BUILD, DESKTOP, KIMI_CODE], || {
        let all = "package(tidemark-journeys) and not (binary(package) or binary(wine))";
        let except_package =
            ["--lib", "--examples"].map(str::to_owned).into_iter().chain(journeys_of_files());
        journeys(all, &except_package.collect::<Vec<_>>(), Programs::Tested)
    })
    .results(rust_results());
    plan.step("the package's journey", &[PACKAGES, DESKTOP], || package_journey(Programs::Tested))
        .results(rust_results());
    if options.platforms {
        platforms(&mut plan, options.yes);
    }
    plan
}

const WINDOWS_SYSTEM: &str = "Windows: system packages";
const WINDOWS_COMPILER: &str = "Windows: compiler";
const WINDOWS_BUILD: &str = "Windows: build, and clippy";
const WINDOWS_PACKAGES: &str = "Windows: packages of what was built";
const WINE: &str = "Windows: Wine";
const MACOS: &str = "macOS: compilers";

/// Windows, with Wine, and what can be checked of macOS.
fn platforms(plan: &mut Plan<'_>, yes: bool) {
    plan.step(WINDOWS_SYSTEM, &[SYSTEM], move || windows::system_packages(yes));
    plan.step(WINDOWS_COMPILER, &[WINDOWS_SYSTEM], move || windows::prepare(yes));
    plan.step(WINDOWS_BUILD, &[WINDOWS_COMPILER, WINDOW], move || windows::build(yes));
    plan.step(WINE, &[WINDOWS_SYSTEM], windows::wine);
    plan.step("Windows: tests", &[WINDOWS_BUILD, WINE], move || windows::tests(yes));
    plan.step(WINDOWS_PACKAGES, &[WINDOWS_BUILD], windows::packages);
    plan.step("Windows: journeys", &[BUILD, WINDOWS_PACKAGES, WINE], || {
        windows::journeys(tests("package(tidemark-journeys) and binary(wine)", &windows::JOURNEYS))
    })
    .results(windows::results());
    plan.step(MACOS, &[TOOLS], move || macos::prepare(yes));
    plan.step("macOS: check, and clippy (Apple)", &[MACOS, WINDOW], || macos::check(macos::APPLE));
    plan.step("macOS: check, and clippy (Intel)", &[MACOS, WINDOW], || macos::check(macos::INTEL));
}

/// Where nextest writes what became of each test (.config/nextest.toml).
fn rust_results() -> PathBuf {
    target().join("nextest/default/junit.xml")
}

/// Selects every file of journeys but the package's and those by Wine, for a Cargo without nextest.
fn journeys_of_files() -> Vec<String> {
    let files = std::fs::read_dir(crate::step::root().join("tests/tests")).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| file.path().file_stem()?.to_str().map(str::to_owned))
        .filter(|name| name != "package" && name != "wine")
        .collect();
    names.sort();
    names.into_iter().map(|name| format!("--test={name}")).collect()
}

/// Installs the Debian package of the optimised programs, starts it and takes it off again, as the journey of
/// [`test()`] does with the one of what was tested.
pub(crate) fn try_package(steps: &mut Steps) -> Result<()> {
    steps.step("the package's journey", || package_journey(Programs::Optimised))
}

fn package_journey(programs: Programs) -> Result<()> {
    journeys(
        "package(tidemark-journeys) and binary(package)",
        &["--test".to_owned(), "package".to_owned()],
        programs,
    )
}

/// The journeys that `filter`, or without nextest `which`, names: with the Debian package of these programs.
fn journeys(filter: &str, which: &[String], programs: Programs) -> Result<()> {
    // Each journey has a desktop of its own; two at once are what a small machine carries.
    let mut arguments = vec!["--package", "tidemark-journeys"];
    arguments.extend(which.iter().map(String::as_str));
    arguments.extend(["--", "--test-threads=2"]);
    let mut tests = tests(filter, &arguments);
    if let Some(deb) = programs.made("deb") {
        tests.env("TIDEMARK_DEB", deb);
    }
    run(&mut tests)
}

/// Runs Rust tests: with nextest where it is installed, else with Cargo's own runner. With nextest the whole
/// workspace is selected in either case, because a smaller selection has other features and compiles again.
fn tests(filter: &str, without_nextest: &[&str]) -> Command {
    let mut test = with_clippy(cargo());
    if exists("cargo-nextest", "--version") {
        test.args(["nextest", "run", "--locked", "--workspace", "-E", filter]);
    } else {
        eprintln!("cargo-nextest is not installed; using cargo test");
        test.args(["test", "--locked", "--quiet", "--no-fail-fast"]).args(without_nextest);
    }
    test
}

/// Builds everything.
fn build() -> Result<()> {
    let mut build = with_clippy(cargo());
    build.args(["build", "--locked", "--workspace", "--all-targets"]);
    if cfg!(windows) {
        build.args(["--exclude", "xtask"]); // this program runs, and its file cannot be written over
    }
    without_warnings(build)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(quick: bool, platforms: bool) -> Test {
        Test { quick, platforms, repeat: 1, yes: false, step: None }
    }

    #[test]
    fn every_need_is_a_step_before() {
        let _ = plan(&options(false, false)); // it panics otherwise
        let _ = plan(&options(true, false));
        let _ = plan(&options(false, true));
    }

    #[test]
    fn journeys_without_nextest_are_all_but_the_packages_and_those_by_wine() {
        let files = journeys_of_files();
        assert!(files.contains(&"--test=window".to_owned()), "{files:?}");
        assert!(!files.contains(&"--test=package".to_owned()), "{files:?}");
        assert!(!files.contains(&"--test=wine".to_owned()), "{files:?}");
    }
}
