//! What developers and users run: `cargo xtask run | test | bench | package | shots`.

mod bench;
mod bench_audit;
mod bench_forecast;
mod bench_logs;
mod bench_replay;
mod check;
mod circles;
mod dependencies;
mod front_end;
mod junit;
mod launch;
mod package;
mod packages;
mod plan;
mod report;
mod screenshots;
mod step;
mod style_check;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser};

/// Everything around the program: run it, check it, measure it, pack it.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Install what is missing, build, and open the dashboard.
    Run(Start),
    /// Run every check.
    Test(Test),
    /// Measure, and write docs/performance.md.
    Bench(Bench),
    /// Make a .deb and an .rpm in target/packages.
    Package(Package),
    /// Photograph every page, from sample data.
    Shots(Shots),
}

/// `cargo xtask run`
#[derive(Debug, Args)]
struct Start {
    /// Show sample data: no account is needed, and nothing of yours is touched.
    #[arg(long)]
    demo: bool,
    /// Install missing system packages without asking.
    #[arg(long)]
    yes: bool,
    /// Build with optimisation; that takes minutes.
    #[arg(long)]
    release: bool,
    /// Handed on to the dashboard.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

/// `cargo xtask test`
#[derive(Debug, Args)]
struct Test {
    /// Leave out what needs a desktop or a browser.
    #[arg(long)]
    quick: bool,
    /// Run this many times, whatever fails, and say how often each step and test failed.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Install missing system packages without asking.
    #[arg(long)]
    yes: bool,
    /// Only the steps with this in their names, after what they need.
    step: Option<String>,
}

/// `cargo xtask bench`
#[derive(Debug, Args)]
struct Bench {
    /// Only measure the parts that have this in their name: sizes, window, status, agent, history, logs,
    /// replay; or audit.
    only: Option<String>,
    /// Of the audit: thousands of months, by the seeds that are kept for it, into docs/detection.md.
    #[arg(long)]
    full: bool,
    /// Install missing system packages without asking.
    #[arg(long)]
    yes: bool,
}

/// `cargo xtask package`
#[derive(Debug, Args)]
struct Package {
    /// Then install the .deb on this machine, start it, and take it off again.
    #[arg(long = "try")]
    trial: bool,
    /// Install missing system packages without asking.
    #[arg(long)]
    yes: bool,
}

/// `cargo xtask shots`
#[derive(Debug, Args)]
struct Shots {
    /// The folder for the pictures, in the project.
    #[arg(long, default_value = "shots")]
    out: PathBuf,
    /// Only pictures with this in their name.
    only: Option<String>,
    /// Install missing system packages without asking.
    #[arg(long)]
    yes: bool,
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Run(options) => launch::start(&options),
        // Its last line are the sums, also where something failed.
        Task::Test(options) => match check::test(&options) {
            Ok(true) => return ExitCode::SUCCESS,
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
        Task::Bench(options) => bench::bench(&options),
        Task::Package(options) => packages(&options),
        Task::Shots(options) => screenshots::shots(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn packages(options: &Package) -> anyhow::Result<()> {
    use crate::packages::Group;
    let mut steps = step::Steps::default();
    steps.step("system packages", || {
        let all = [Group::Build, Group::Run, Group::Package, Group::Test];
        crate::packages::ensure(if options.trial { &all } else { &all[..3] }, options.yes)
    })?;
    package::package(&mut steps)?;
    if options.trial {
        check::try_package(&mut steps)?;
    }
    steps.print();
    Ok(())
}
