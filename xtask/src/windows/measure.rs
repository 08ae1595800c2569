//! What the programs for Windows weigh, and what the agent takes with Wine, beside the same on this system.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::compiler::Compiler;
use super::package::{self, Pace};
use super::wine::{Wine, in_windows};
use crate::figure::Figure;
use crate::packaging;
use crate::product::Product;
use crate::step::{command, run, target};

/// How often the agent is started; the median counts.
const STARTS: usize = 5;
/// How long it runs until its memory is read.
const SETTLES: Duration = Duration::from_secs(10);

/// Builds, packs and measures.
pub(crate) fn figures() -> Result<Vec<Figure>> {
    super::optimised(&Compiler::find(false, false)?)?;
    let (product, built, out) = (Product::read()?, package::built(true), target().join("windows/packages"));
    package::pack(&product, &built, &out, Pace::Small)?;
    let megabytes = |path: &Path| -> Result<f64> { Ok(path.metadata()?.len() as f64 / 1e6) };
    let files = [
        ("the installer", package::installer(&out, &product.version)),
        ("the portable zip", out.join(packaging::windows_zip(&product.version))),
        ("tidemark.exe", built.join("tidemark.exe")),
        ("tidemark-desktop.exe", built.join("tidemark-desktop.exe")),
    ];
    let mut figures = Vec::new();
    for (name, path) in files {
        figures.push(Figure::beside(name, megabytes(&path)?, "MB"));
    }
    let wine = Wine::start(built.clone())?;
    let there = |folder: &Path| {
        let mut agent = command("wine");
        agent.arg(built.join("tidemark.exe")).arg("--data-dir").arg(in_windows(folder));
        wine.environment(&mut agent);
        agent
    };
    let here = |folder: &Path| {
        let mut agent = command(target().join("release/tidemark"));
        agent.arg("--data-dir").arg(folder);
        agent
    };
    for (system, tidemark) in [("with Wine", &there as &dyn Fn(&Path) -> Command), ("on this system", &here)]
    {
        let (start, memory) = agent(tidemark)?;
        figures.push(Figure::beside(&format!("agent {system}: start until it answers"), start, "ms"));
        figures.push(Figure::beside(&format!("agent {system}, no account: memory (PSS)"), memory, "MiB"));
    }
    Ok(figures)
}

/// Starts an agent on new folders: the median of its starts in milliseconds, and its memory in MiB after the last.
fn agent(tidemark: &dyn Fn(&Path) -> Command) -> Result<(f64, f64)> {
    let (mut starts, mut memory) = (Vec::new(), 0.0);
    for number in 1..=STARTS {
        let folder = tempfile::tempdir()?;
        let mut agent = tidemark(folder.path());
        agent.args(["agent", "--no-tray", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let begun = Instant::now();
        let mut agent = agent.spawn().context("cannot start the agent")?;
        let mut line = String::new();
        let out = agent.stdout.take().context("the agent's output")?;
        BufReader::new(out).read_line(&mut line)?;
        starts.push(begun.elapsed().as_secs_f64() * 1000.0);
        ensure!(line.contains("data_dir"), "the agent did not start: {line:?}");
        if number == STARTS {
            std::thread::sleep(SETTLES);
            memory = pss(agent.id())?;
        }
        run(tidemark(folder.path()).args(["agent", "--quit"]))?;
        agent.wait()?;
    }
    starts.sort_by(f64::total_cmp);
    Ok((starts[STARTS / 2], memory))
}

/// The memory of a process in MiB: what it shares with others counts in parts.
fn pss(id: u32) -> Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss in smaps_rollup")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}
