//! Measures reading session logs, beside ccusage on the same logs.
//!
//! ccusage is fetched with npm at a fixed version into `target/bench/ccusage`, and its native program is asked
//! for itself, without Node around it. It leaves out compactions (`usageScope` `session`), which are calls
//! like any other, and counts what Qwen Code read from the cache twice: the totals are compared without and with those, and
//! against what was written.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::bench_tools;
use crate::figure::Figure;
use crate::front_end::NPM;
use crate::step::{command, output, run, target};

/// The newest version of ccusage that has a native program for Linux in the registry.
const CCUSAGE: &str = "20.0.24";
/// Each is measured this many times; the best time counts.
const TIMES: u32 = 5;

/// First scans of 256 MiB and 1 GiB, a scan without changes, and one where 1 MiB was appended.
pub(crate) fn logs() -> Result<Vec<Figure>> {
    bench_tools::tools()?;
    let bench = Bench { folder: target().join("bench"), ccusage: fetch_ccusage()? };
    let mut figures = Vec::new();
    for (size, name) in [(256, "256 MiB"), (1024, "1 GiB")] {
        figures.extend(bench.size(size, name)?);
    }
    figures.extend(bench.shared()?);
    figures.extend(bench.others()?);
    Ok(figures)
}

struct Bench {
    folder: PathBuf,
    ccusage: PathBuf,
}

/// What a run took, and what it said.
struct Run {
    seconds: f64,
    said: Value,
}

impl Bench {
    fn size(&self, mebibytes: u64, name: &str) -> Result<Vec<Figure>> {
        let home = self.folder.join(format!("home-{mebibytes}"));
        let truth = written(&home, None, mebibytes)?;
        let total = total(&truth);
        let theirs = best(|| self.ccusage(&["kimi", "monthly"], &home))?;
        let ours = best(|| scan(&home, None))?;
        ensure_equal(
            "ccusage without compactions",
            count(&theirs.said["totals"], "totalTokens"),
            total - count(&truth, "compacted"),
        )?;
        ensure_equal("tidemark logs", count(&ours.said["totals"], "total"), total)?;
        let index = self.folder.join("index");
        let first = best(|| {
            let _ = fs::remove_dir_all(&index);
            Self::index(&home, &index)
        })?;
        ensure_equal("the index", count(&first.said, "tokens"), total)?;
        let again = best(|| Self::index(&home, &index))?;
        ensure_equal("files read where nothing changed", count(&again.said, "files_read"), 0)?;
        let log = largest(&home)?;
        let length = fs::metadata(&log)?.len();
        let mut sum = total;
        let appended = best(|| {
            let mut append = command(target().join("release/examples/generate-logs"));
            // A seed of its own each time: the same requests again would be known already.
            let seed = (2 * sum + 1).to_string();
            let said = output(append.arg("--append").arg(&log).args(["1", &seed]))?;
            let said: Value = serde_json::from_str(&said)?;
            sum += self::total(&said);
            let run = Self::index(&home, &index)?;
            ensure_equal("the index after an append", count(&run.said, "tokens"), sum)?;
            Ok(run)
        });
        // The home is kept for the next time, as it was.
        fs::OpenOptions::new().write(true).open(&log)?.set_len(length)?;
        let appended = appended?;
        let kib = |run: &Run| count(&run.said, "peak_kib") as f64 / 1024.0;
        let logs = ["logs", "--json", "--home"].map(OsStr::new);
        let logs = [&logs[..], &[home.as_os_str()]].concat();
        let peak = bench_tools::peak(&target().join("release/tidemark"), &logs, &self.folder.join("peak"))?;
        Ok(vec![
            Figure::new(
                &format!("tidemark logs, {name}, in times of ccusage"),
                ours.seconds / theirs.seconds,
                "×",
                0.6,
            ),
            Figure::new(
                &format!("first scan into the index, {name}, in times of ccusage"),
                first.seconds / theirs.seconds,
                "×",
                0.6,
            ),
            Figure::new(&format!("tidemark logs, {name}, memory"), peak, "MiB", 64.0),
            Figure::new(&format!("first scan into the index, {name}, memory"), kib(&first), "MiB", 64.0),
            Figure::new(
                &format!("a scan without changes, {name}"),
                again.said["seconds"].as_f64().unwrap_or(f64::MAX) * 1000.0,
                "ms",
                50.0,
            ),
            Figure::new(
                &format!("a scan after 1 MiB was appended, {name}"),
                appended.said["seconds"].as_f64().unwrap_or(f64::MAX) * 1000.0,
                "ms",
                60.0,
            ),
        ])
    }

    /// 1 GiB of logs of all programs that ccusage reads too.
    fn shared(&self) -> Result<Vec<Figure>> {
        let home = self.folder.join("home-shared-1024");
        let truth = written(&home, Some("--shared"), 1024)?;
        let theirs = best(|| self.ccusage(&["monthly"], &home))?;
        let total = total(&truth);
        let expected = total - count(&truth, "compacted") + count(&truth, "cached_twice");
        ensure_equal("ccusage, all programs", count(&theirs.said["totals"], "totalTokens"), expected)?;
        let index = self.folder.join("index-shared");
        let again = || -> Result<Run> {
            let run = scan(&home, Some(&index))?;
            ensure_equal("tidemark logs, all programs", count(&run.said["totals"], "total"), total)?;
            Ok(run)
        };
        let _ = fs::remove_dir_all(&index);
        let ours = best(again)?;
        let first = best(|| {
            let _ = fs::remove_dir_all(&index);
            Self::index(&home, &index)
        })?;
        ensure_equal("the index of all programs", count(&first.said, "tokens"), total)?;
        let unchanged = best(again)?;
        let peak = |name: &str| {
            let arguments =
                [OsStr::new("--data-dir"), index.as_os_str(), OsStr::new("logs"), OsStr::new("--json")];
            let arguments = [&arguments[..], &[OsStr::new("--home"), home.as_os_str()]].concat();
            bench_tools::peak(&target().join("release/tidemark"), &arguments, &self.folder.join(name))
        };
        let with_index = peak("peak-with")?;
        fs::remove_dir_all(&index)?;
        let without_index = peak("peak-without")?;
        let name = "1 GiB of all programs that ccusage reads";
        Ok(vec![
            Figure::new(
                &format!("tidemark logs, {name}, in times of ccusage"),
                ours.seconds / theirs.seconds,
                "×",
                0.5,
            ),
            Figure::new(
                &format!("first scan into the index, {name}, in times of ccusage"),
                first.seconds / theirs.seconds,
                "×",
                0.5,
            ),
            Figure::new(&format!("tidemark logs again, {name}"), unchanged.seconds * 1000.0, "ms", 50.0),
            Figure::new(&format!("tidemark logs, {name}, memory"), without_index, "MiB", 64.0),
            Figure::new(&format!("tidemark logs again, {name}, memory"), with_index, "MiB", 64.0),
        ])
    }

    /// Logs of the programs that it does not read.
    fn others(&self) -> Result<Vec<Figure>> {
        let home = self.folder.join("home-others-256");
        let truth = written(&home, Some("--others"), 256)?;
        let ours = best(|| scan(&home, None))?;
        ensure_equal(
            "tidemark logs, the other programs",
            count(&ours.said["totals"], "total"),
            total(&truth),
        )?;
        let speed = count(&truth, "bytes") as f64 / f64::from(1 << 20) / ours.seconds;
        Ok(vec![Figure::beside("tidemark logs, the programs that ccusage does not read", speed, "MiB/s")])
    }

    fn ccusage(&self, words: &[&str], home: &Path) -> Result<Run> {
        let mut ccusage = command(&self.ccusage);
        timed(ccusage.args(words).args(["--json", "--offline"]).env("HOME", home).stderr(Stdio::null()))
    }

    /// The index's own time: without starting its program, as the engine keeps running.
    fn index(home: &Path, folder: &Path) -> Result<Run> {
        let mut index = command(target().join("release/examples/usage-index"));
        let mut run = timed(index.arg(home).arg(folder))?;
        run.seconds = run.said["seconds"].as_f64().context("usage-index told no time")?;
        Ok(run)
    }
}

/// A scan, with what an index in a data folder knows of the logs.
fn scan(home: &Path, index: Option<&Path>) -> Result<Run> {
    let mut tidemark = command(target().join("release/tidemark"));
    if let Some(index) = index {
        tidemark.arg("--data-dir").arg(index);
    }
    timed(tidemark.args(["logs", "--by", "month", "--json", "--home"]).arg(home))
}

/// All tokens that were written.
fn total(truth: &Value) -> u64 {
    ["input", "cache_read", "cache_write", "output"].iter().map(|kind| count(truth, kind)).sum()
}

/// Writes a home, unless it is there from an earlier run; gives what is in it.
fn written(home: &Path, programs: Option<&str>, mebibytes: u64) -> Result<Value> {
    let told = home.with_extension("json");
    if let Ok(text) = fs::read_to_string(&told) {
        return Ok(serde_json::from_str(&text)?);
    }
    let _ = fs::remove_dir_all(home);
    let mut generate = command(target().join("release/examples/generate-logs"));
    let text = output(generate.args(programs).arg(home).arg(mebibytes.to_string()))?;
    fs::write(&told, &text)?;
    Ok(serde_json::from_str(&text)?)
}

fn timed(command: &mut Command) -> Result<Run> {
    let began = Instant::now();
    let text = output(command)?;
    let seconds = began.elapsed().as_secs_f64();
    Ok(Run { seconds, said: serde_json::from_str(&text).context("what it said is no JSON")? })
}

/// The quickest of some runs; the first is for the page cache.
fn best(mut run: impl FnMut() -> Result<Run>) -> Result<Run> {
    let mut best = run()?;
    for _ in 0..TIMES {
        let next = run()?;
        if next.seconds < best.seconds {
            best = next;
        }
    }
    Ok(best)
}

fn count(said: &Value, key: &str) -> u64 {
    said.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn ensure_equal(what: &str, found: u64, expected: u64) -> Result<()> {
    ensure!(found == expected, "{what}: {found}, and {expected} was expected");
    Ok(())
}

fn largest(home: &Path) -> Result<PathBuf> {
    let mut folders = vec![home.join(".kimi-code/sessions")];
    let mut largest: Option<(u64, PathBuf)> = None;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                largest = largest.max(Some((entry.metadata()?.len(), entry.path())));
            }
        }
    }
    largest.map(|(_, path)| path).context("there is no log")
}

/// Fetches ccusage and says where its native program is.
fn fetch_ccusage() -> Result<PathBuf> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("ccusage is compared with on Linux on x86-64 only");
    }
    let folder = target().join("bench/ccusage");
    let package = "@ccusage/ccusage-linux-x64";
    let program = folder.join("node_modules").join(package).join("bin/ccusage");
    if !program.is_file() {
        fs::create_dir_all(&folder)?;
        let mut npm = command(NPM);
        npm.current_dir(&folder).args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix", "."]);
        run(npm.arg(format!("{package}@{CCUSAGE}")))?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    }
    Ok(program)
}
