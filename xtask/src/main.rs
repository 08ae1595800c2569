//! What developers and users run: `cargo xtask run | test | bench | package | release | shots | fuzz | windows`.

mod arguments;
mod bench;
mod bench_audit;
mod bench_audit_machines;
mod bench_forecast;
mod bench_hub;
mod bench_logs;
mod bench_machines;
mod bench_replay;
mod bench_tools;
mod bound;
mod changelog;
mod check;
mod circles;
mod clippy;
mod crates;
mod dependencies;
mod figure;
mod front_end;
mod fuzz;
mod install_tree;
mod junit;
mod kimi_code;
mod launch;
mod mac_app;
mod macos;
mod package;
mod packages;
mod packaging;
mod panel;
mod plan;
mod product;
mod python_tools;
mod release;
mod release_document;
mod report;
mod rustup;
mod sbom;
mod screenshots;
mod step;
mod style_check;
mod template;
mod windows;
mod workflows;

use std::process::ExitCode;

use arguments::{Package, Task};
use clap::Parser as _;

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
        Task::Release(options) => release::release(&options),
        Task::Shots(options) => screenshots::shots(&options),
        Task::Fuzz(options) => fuzz::fuzz(&options),
        Task::Windows(options) => windows::windows(&options),
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
    if options.tree {
        package::lay_tree(&mut steps)?;
    } else {
        package::package(&mut steps)?;
    }
    if options.appimage {
        package::appimage(&mut steps)?;
    }
    if options.trial {
        check::try_package(&mut steps)?;
    }
    steps.print();
    Ok(())
}
