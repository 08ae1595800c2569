//! `cargo xtask windows`, and the steps of `cargo xtask test --platforms` for Windows: the programs for Windows, built and
//! tested on Debian or Ubuntu.
//!
//! On Windows itself `cargo xtask run | test | package` are the commands.

mod compiler;
mod measure;
mod package;
mod wine;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::arguments::{Windows, WindowsTask};
use crate::packages::{self, Group};
use crate::product::Product;
use crate::step::{Steps, cargo, exists, run, target};
use crate::{clippy, front_end};
use compiler::Compiler;
use package::Pace;
use wine::Wine;

pub(crate) use measure::figures;
pub(crate) use package::pack_here;

/// Everything but this program and the journeys, which run where the others are built.
const WORKSPACE: [&str; 5] = ["--workspace", "--exclude", "xtask", "--exclude", "tidemark-journeys"];

/// What names the journeys to a Cargo without nextest. Of the whole workspace: for its features everything is built.
pub(crate) const JOURNEYS: [&str; 5] = ["--workspace", "--test", "wine", "--", "--test-threads=1"];

/// Does what was asked for.
pub(crate) fn windows(options: &Windows) -> Result<()> {
    let mut steps = Steps::default();
    match &options.task {
        WindowsTask::Build { release } => {
            start(&mut steps, options, &[Group::Windows])?;
            let pace = if *release { optimised } else { compiled };
            steps.step("the programs", || pace(&find(options)?))?;
        }
        WindowsTask::Test { filter, journeys: only } => {
            start(&mut steps, options, &[Group::Windows, Group::Wine, Group::Installer])?;
            steps.step("Wine", wine)?;
            steps.step("build, and clippy", || compiled(&find(options)?))?;
            if !only {
                steps.step("tests", || run_tests(&find(options)?, filter.as_deref()))?;
            }
            if filter.is_none() {
                steps.step("packages of what was built", packages)?;
                steps.step("this system's command line", || {
                    // With a test, for the features that the journeys below have, so that all is built once.
                    let mut build = clippy::with_clippy(cargo());
                    build.args(["build", "--locked", "--workspace", "--bin", "tidemark", "--test", "wine"]);
                    run(&mut build)
                })?;
                steps.step("journeys", || {
                    let mut tests = clippy::with_clippy(cargo());
                    if exists("cargo-nextest", "--version") {
                        tests.args(["nextest", "run", "--locked", "--no-fail-fast"]).args(&JOURNEYS[..3]);
                    } else {
                        tests.args(["test", "--locked"]).args(JOURNEYS);
                    }
                    journeys(tests)
                })?;
            }
        }
        WindowsTask::Package { url } => {
            start(&mut steps, options, &[Group::Windows, Group::Installer])?;
            steps.step("the programs", || optimised(&find(options)?))?;
            steps.step("the packages", || {
                let (product, out) = (Product::read()?, target().join("windows/packages"));
                package::pack(&product, &package::built(true), &out, Pace::Small)?;
                package::manifests(&product, &out, url.as_deref())
            })?;
        }
    }
    steps.print();
    Ok(())
}

/// What comes before every build.
fn start(steps: &mut Steps, options: &Windows, groups: &[Group]) -> Result<()> {
    steps.step("system packages", || ensure(groups, options.yes))?;
    steps.step("the compiler", || find(options).map(drop))?;
    steps.step("npm packages", front_end::install)?;
    steps.step("the window's code", front_end::build)?;
    Ok(())
}

fn ensure(groups: &[Group], yes: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!(
            "this builds for Windows on Debian or Ubuntu; on Windows use `cargo xtask run`, `test` or `package`"
        );
    }
    packages::ensure(groups, yes)
}

fn find(options: &Windows) -> Result<Compiler> {
    Compiler::find(options.debian, options.yes)
}

/// Installs what the build, the tests and the packages need.
pub(crate) fn system_packages(yes: bool) -> Result<()> {
    ensure(&[Group::Windows, Group::Wine, Group::Installer], yes)
}

/// Fetches a compiler where there is none.
pub(crate) fn prepare(yes: bool) -> Result<()> {
    Compiler::find(false, yes).map(drop)
}

/// Builds everything as the tests do, with clippy where the compiler has it; a warning is an error.
pub(crate) fn build(yes: bool) -> Result<()> {
    compiled(&Compiler::find(false, yes)?)
}

fn compiled(compiler: &Compiler) -> Result<()> {
    let mut build = compiler.with_clippy(&["build"]);
    build.args(WORKSPACE).arg("--all-targets");
    clippy::without_warnings(build)
}

fn optimised(compiler: &Compiler) -> Result<()> {
    let mut build = compiler.cargo(&["build"]);
    build.args(["--release", "--package", "tidemark", "--package", "tidemark-desktop", "--bins"]);
    run(build.args(["--features", "tidemark-desktop/custom-protocol"]))
}

/// Makes Wine's folder, where there is none: that takes most of a minute.
pub(crate) fn wine() -> Result<()> {
    Wine::start(package::built(false)).map(drop)
}

/// Runs every crate's tests, with Wine.
pub(crate) fn tests(yes: bool) -> Result<()> {
    run_tests(&Compiler::find(false, yes)?, None)
}

/// All tests by Cargo's own runner, which starts a program for each file of tests, where nextest starts one for each test: a
/// start takes Wine a second. Those that a filter names by nextest, which reads it.
fn run_tests(compiler: &Compiler, filter: Option<&str>) -> Result<()> {
    let wine = Wine::start(package::built(false))?;
    let mut tests;
    if let Some(filter) = filter {
        tests = compiler.with_clippy(&["nextest", "run"]);
        tests.args(WORKSPACE).args(["--profile", "windows", "--no-fail-fast", "-E", filter]);
    } else {
        tests = compiler.with_clippy(&["test"]);
        tests.args(WORKSPACE).args(["--quiet", "--no-fail-fast", "--tests", "--"]);
        // As in .config/nextest.toml.
        for slow in TOO_SLOW {
            tests.args(["--skip", slow]);
        }
    }
    run(wine.environment(&mut tests))
}

/// Tests that start programs, or try inputs, by the hundred and the thousand.
const TOO_SLOW: [&str; 2] =
    ["ten_thousand_hostile_inputs_break_nothing", "no_date_on_the_command_line_is_too_far"];

/// Where nextest writes what became of each test of the profile for Windows.
pub(crate) fn results() -> PathBuf {
    target().join("nextest/windows/junit.xml")
}

/// Packs what the tests have built: as this version, and as an older one that it is installed over.
pub(crate) fn packages() -> Result<()> {
    let product = Product::read()?;
    for version in [OLDER, &product.version] {
        let product = Product { version: version.to_owned(), ..product.clone() };
        package::pack(&product, &package::built(false), &tested(version), Pace::Quick)?;
    }
    Ok(())
}

/// Runs the journeys by these tests, which run here and start what runs in Wine.
pub(crate) fn journeys(mut tests: Command) -> Result<()> {
    let wine = Wine::start(package::built(false))?;
    let version = Product::read()?.version;
    tests.env("NEXTEST_PROFILE", "windows");
    tests.env("TIDEMARK_WINDOWS_BIN", package::built(false));
    tests.env("TIDEMARK_SETUP_OLDER", package::installer(&tested(OLDER), OLDER));
    tests.env("TIDEMARK_SETUP", package::installer(&tested(&version), &version));
    run(wine.environment(&mut tests))
}

/// The version that an installer says it has, over which a newer one is installed.
const OLDER: &str = "0.0.1";

fn tested(version: &str) -> PathBuf {
    target().join("windows/packages-tested").join(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::root;

    #[test]
    fn the_tests_that_are_left_out_are_the_same_without_nextest() {
        let profile = std::fs::read_to_string(root().join(".config/nextest.toml")).unwrap();
        for name in TOO_SLOW {
            assert!(profile.contains(&format!("test(={name})")), "{name}");
        }
        assert_eq!(profile.matches("test(=").count(), TOO_SLOW.len());
    }
}
