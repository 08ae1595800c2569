//! What measurements are made with.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};

use crate::step::{cargo, command, output, run};

/// Builds the programs that make what is measured, and those that measure without a window. All in one go, and
/// apart from what is shipped: what they need besides changes the features of what both depend on.
pub(crate) fn tools() -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--release", "--locked"]);
    for package in
        ["tidemark-logs", "tidemark-machines", "tidemark-monitor", "tidemark-simulator", "tidemark-store"]
    {
        build.args(["--package", package]);
    }
    for example in ["generate", "generate-logs", "usage-index", "exchange"] {
        build.args(["--example", example]);
    }
    run(build.args(["--bin", "audit-bench"]))
}

/// The most memory that a program held at once, in MiB; `told` is a file for it.
pub(crate) fn peak(program: &Path, arguments: &[&std::ffi::OsStr], told: &Path) -> Result<f64> {
    let mut time = command("/usr/bin/time");
    time.args(["-f", "%M", "-o"]).arg(told).arg(program).args(arguments).stdin(Stdio::null());
    output(&mut time)
        .context("GNU time is needed to see how much memory a program takes (package `time`)")?;
    let kib: f64 = std::fs::read_to_string(told)?.trim().parse().context("GNU time told no number")?;
    Ok(kib / 1024.0)
}
