//! `cargo xtask windows`: the programs for Windows, built and tested on Debian or Ubuntu.
//!
//! On Windows itself `cargo xtask run | test | package` are the commands.

mod compiler;
mod package;
mod wine;

use anyhow::{Result, bail};

use crate::arguments::{Windows, WindowsTask};
use crate::front_end;
use crate::packages::{self, Group};
use crate::step::{Steps, cargo, run, target};
use compiler::Compiler;
use package::Pace;
use wine::Wine;

/// Everything but this program and the journeys, which run where the others are built.
const WORKSPACE: [&str; 5] = ["--workspace", "--exclude", "xtask", "--exclude", "tidemark-journeys"];

/// Does what was asked for.
pub(crate) fn windows(options: &Windows) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!(
            "this builds for Windows on Debian or Ubuntu; on Windows use `cargo xtask run`, `test` or `package`"
        );
    }
    let mut steps = Steps::default();
    match &options.task {
        WindowsTask::Build { release } => {
            programs(&mut steps, options, *release)?;
        }
        WindowsTask::Test { filter } => test(&mut steps, options, filter.as_deref())?,
        WindowsTask::Package { url } => {
            let groups = [Group::Windows, Group::Installer];
            steps.step("system packages", || packages::ensure(&groups, options.yes))?;
            programs(&mut steps, options, true)?;
            steps.step("the packages", || {
                let (built, out) = (package::built(true), target().join("windows/packages"));
                package::pack(&built, &out, package::VERSION, Pace::Small, url.as_deref())
            })?;
        }
    }
    steps.print();
    Ok(())
}

/// Builds both programs.
fn programs(steps: &mut Steps, options: &Windows, release: bool) -> Result<Compiler> {
    steps.step("system packages", || packages::ensure(&[Group::Windows], options.yes))?;
    let compiler = steps.step("the compiler", || Compiler::find(options.debian, options.yes))?;
    steps.step("npm packages", front_end::install)?;
    steps.step("the window's code", front_end::build)?;
    steps.step("the programs", || {
        if !release {
            // As the tests build it, so that nothing is compiled for one of the two alone.
            return run(compiler.with_clippy(&["build"]).args(WORKSPACE).arg("--all-targets"));
        }
        let mut build = compiler.cargo(&["build"]);
        build.args(["--release", "--package", "tidemark", "--package", "tidemark-desktop", "--bins"]);
        run(build.args(["--features", "tidemark-desktop/custom-protocol"]))
    })?;
    Ok(compiler)
}

/// Every crate's tests and the journeys, with Wine; or of the tests, those that a filter names.
fn test(steps: &mut Steps, options: &Windows, filter: Option<&str>) -> Result<()> {
    let groups = [Group::Windows, Group::Wine, Group::Installer];
    steps.step("system packages", || packages::ensure(&groups, options.yes))?;
    let compiler = steps.step("the compiler", || Compiler::find(options.debian, options.yes))?;
    let wine = steps.step("Wine", || Wine::start(package::built(false)))?;
    steps.step("npm packages", front_end::install)?;
    steps.step("the window's code", front_end::build)?;
    steps.step("build, and clippy", || {
        run(compiler.with_clippy(&["build"]).args(WORKSPACE).arg("--all-targets"))
    })?;
    steps.step("tests", || {
        let mut tests = compiler.with_clippy(&["nextest", "run"]);
        tests.args(WORKSPACE).args(["--profile", "windows", "--no-fail-fast"]);
        if let Some(filter) = filter {
            tests.args(["-E", filter]);
        }
        run(wine.environment(&mut tests))
    })?;
    if filter.is_some() {
        return Ok(());
    }
    let tested = target().join("windows/packages-tested");
    steps.step("packages of what was built", || {
        for version in [OLDER, package::VERSION] {
            package::pack(&package::built(false), &tested.join(version), version, Pace::Quick, None)?;
        }
        Ok(())
    })?;
    steps.step("journeys", || {
        // These run here and start what runs in Wine.
        let mut journeys = cargo();
        journeys.args(["nextest", "run", "--locked", "--package", "tidemark-journeys", "--test", "wine"]);
        journeys.args(["--profile", "windows", "--no-fail-fast"]);
        journeys.env("TIDEMARK_WINDOWS_BIN", package::built(false));
        journeys.env("TIDEMARK_SETUP_OLDER", package::installer(&tested.join(OLDER), OLDER));
        let version = package::VERSION;
        journeys.env("TIDEMARK_SETUP", package::installer(&tested.join(version), version));
        run(wine.environment(&mut journeys))
    })
}

/// The version that an installer says it has, over which a newer one is installed.
const OLDER: &str = "0.0.1";
