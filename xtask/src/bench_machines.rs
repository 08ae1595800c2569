//! Measures how long a year of one machine takes to reach another, and in how much memory.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};

use crate::bench_tools;
use crate::figure::Figure;
use crate::step::{command, run, target};

/// A year of one machine.
const REQUESTS: u64 = 100_000;
/// Seconds from one machine's history to the other's.
const SECONDS: f64 = 3.0;
/// MiB that either side takes at most.
const MEMORY: f64 = 40.0;

/// A year of one machine, over a pipe as with SSH, and through a shared folder.
pub(crate) fn machines() -> Result<Vec<Figure>> {
    bench_tools::tools()?;
    let folder = target().join("bench/machines");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("shared"))?;
    let place = |name: &str| folder.join(name).display().to_string();
    run(command(program()).args(["make", &place("far"), &REQUESTS.to_string()]))?;
    let (export, export_memory) = measured(&["export", &place("far")], None, Some(&folder.join("records")))?;
    let (take, take_memory) = measured(&["take", &place("near")], Some(&folder.join("records")), None)?;
    let (write, write_memory) = measured(&["write", &place("far"), &place("shared")], None, None)?;
    let (read, read_memory) = measured(&["read", &place("other"), &place("shared")], None, None)?;
    fs::remove_dir_all(&folder)?;
    let of = format!("{REQUESTS} requests");
    Ok(vec![
        Figure::new(
            &format!("over SSH, without the network: {of}, exported and taken in"),
            export + take,
            "s",
            SECONDS,
        ),
        Figure::new("the same, memory of the machine that is asked", export_memory, "MiB", MEMORY),
        Figure::new("the same, memory of the machine that asks", take_memory, "MiB", MEMORY),
        Figure::new(&format!("through a shared folder: {of}, written and read"), write + read, "s", SECONDS),
        Figure::new("the same, memory of the machine that writes", write_memory, "MiB", MEMORY),
        Figure::new("the same, memory of the machine that reads", read_memory, "MiB", MEMORY),
    ])
}

fn program() -> std::path::PathBuf {
    target().join("release/examples/exchange")
}

/// The seconds that it says it took, and the most memory that it held at once, in MiB.
fn measured(arguments: &[&str], input: Option<&Path>, output: Option<&Path>) -> Result<(f64, f64)> {
    let peak = target().join("bench/machines/peak");
    let mut time = command("/usr/bin/time");
    time.args(["-f", "%M", "-o"]).arg(&peak).arg(program()).args(arguments);
    time.stdin(input.map_or(Ok(Stdio::null()), |path| File::open(path).map(Stdio::from))?);
    time.stdout(output.map_or(Ok(Stdio::null()), |path| File::create(path).map(Stdio::from))?);
    let done = time.stderr(Stdio::piped()).output().context("GNU time is needed (package `time`)")?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    anyhow::ensure!(done.status.success(), "{arguments:?}: {said}");
    let seconds = said.trim().parse().with_context(|| format!("cannot read {said}"))?;
    let kib: f64 = fs::read_to_string(&peak)?.trim().parse().context("GNU time gave no number")?;
    Ok((seconds, kib / 1024.0))
}
