//! `cargo xtask shots`: pictures of every page, from sample data.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::arguments::Shots;
use crate::front_end;
use crate::packages::{self, Group};
use crate::step::{Steps, cargo, command, run, target};

/// Starts an agent on sample data that serves the window's code to a browser, and photographs every page.
pub(crate) fn shots(options: &Shots) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("system packages", || {
        packages::ensure(&[Group::Build, Group::Run, Group::Browser], options.yes)
    })?;
    steps.step("npm packages", front_end::install)?;
    steps.step("the window's code", front_end::build)?;
    steps.step("the programs", || run(cargo().args(["build", "--locked", "--workspace", "--bins"])))?;
    steps.step("pictures", || pictures(&options.out, options.only.as_deref()))?;
    eprintln!("the pictures are in {}", options.out.display());
    Ok(())
}

/// Photographs the pages that were built, and fails where one of them has an error in its code.
pub(crate) fn pictures(out: &Path, only: Option<&str>) -> Result<()> {
    let mut agent = command(target().join("debug/tidemark"));
    agent.args(["agent", "--demo", "--while-stdin", "--no-tray", "--listen", "127.0.0.1:0", "--ui"]);
    agent.arg(front_end::folder().join("dist")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut agent = Ended(agent.spawn().context("cannot start the agent")?);
    let stdout = agent.0.stdout.take().context("the agent's standard output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let said: serde_json::Value =
        serde_json::from_str(&line).with_context(|| format!("the agent said {line:?}"))?;
    let (Some(url), Some(token)) = (said["url"].as_str(), said["token"].as_str()) else {
        bail!("the agent named no address: {line}");
    };
    let mut camera = command("node");
    camera.current_dir(front_end::folder()).arg("shots.mjs").args([url, token]);
    run(camera.arg(crate::step::root().join(out)).args(only))
}

/// A process that is ended when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // The agent was asked to end by closing its standard input; if it does not, it is killed.
        for _ in 0..100 {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
