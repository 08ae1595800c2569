//! Starts the workers, finds out which input ended one or does not end, and sums up.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::campaign::Campaign;
use crate::plan::target_of;
use crate::random::Random;
use crate::targets::TARGETS;
use crate::worker::{Counts, progress_file};

/// An input that takes longer does not end. Most take less than a millisecond.
const INPUT_TIMEOUT: Duration = Duration::from_secs(90);
/// How often a worker is looked after.
const CHECK_EVERY: Duration = Duration::from_millis(100);

/// Runs a campaign; gives how many inputs broke a law.
pub(crate) fn run(campaign: &Campaign) -> io::Result<u64> {
    fs::create_dir_all(&campaign.out)?;
    let home = campaign.out.join("home");
    fs::create_dir_all(&home)?;
    let one = campaign.index.is_some() || campaign.file.is_some();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let workers = if one { 1 } else { campaign.workers.unwrap_or(processors).max(1) };
    let campaign = Campaign { workers: Some(workers), ..campaign.clone() };
    println!("seed {}, {workers} workers", campaign.seed);
    let started = Instant::now();
    let parts: Vec<io::Result<Counts>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|part| {
                scope.spawn({
                    let (campaign, home) = (&campaign, &home);
                    move || look_after(campaign, part, home)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(io::Error::other("a worker's thread ended"))))
            .collect()
    });
    let mut sums = Counts::new();
    for part in parts {
        add(&mut sums, &part?);
    }
    Ok(table(&campaign, &sums, started.elapsed()))
}

fn add(sums: &mut Counts, more: &Counts) {
    for (place, (tried, broken)) in more {
        let sum = sums.entry(*place).or_default();
        sum.0 += tried;
        sum.1 += broken;
    }
}

fn table(campaign: &Campaign, sums: &Counts, took: Duration) -> u64 {
    println!("{:12} {:>12} {:>8}", "target", "inputs", "broken");
    let mut total = (0, 0);
    for (place, (tried, broken)) in sums {
        println!("{:12} {tried:>12} {broken:>8}", TARGETS[*place].name);
        total = (total.0 + tried, total.1 + broken);
    }
    println!("{:12} {:>12} {:>8}  in {:.1} s", "all", total.0, total.1, took.as_secs_f64());
    if total.1 > 0 {
        let out = campaign.out.display();
        println!(
            "Inputs that broke a law are in {out}. To try one again: cargo xtask fuzz TARGET --file FILE; to try the one \
             of a number: cargo xtask fuzz TARGET --seed {} --index N (without TARGET if none was given).",
            campaign.seed
        );
    }
    total.1
}

fn start(
    campaign: &Campaign,
    part: usize,
    first: u64,
    minutes: Option<f64>,
    home: &Path,
) -> io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("worker").args(&campaign.target);
    command.args(["--part", &part.to_string(), "--first", &first.to_string()]);
    command.args(["--seed", &campaign.seed.to_string(), "--inputs", &campaign.inputs.to_string()]);
    command.args(["--workers", &campaign.workers.unwrap_or(1).to_string()]);
    command.arg("--out").arg(&campaign.out);
    for (name, value) in
        [("--minutes", minutes.map(|m| m.to_string())), ("--index", campaign.index.map(|i| i.to_string()))]
    {
        if let Some(value) = value {
            command.args([name, &value]);
        }
    }
    if let Some(file) = &campaign.file {
        command.arg("--file").arg(file);
    }
    // No input reaches a service, a keyring or anything of the user's.
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("XDG_RUNTIME_DIR");
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent").env("HOME", home);
    command.env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
    command.spawn()
}

/// Keeps one worker at work until all its inputs are tried, past those that end it.
fn look_after(campaign: &Campaign, part: usize, home: &Path) -> io::Result<Counts> {
    let started = Instant::now();
    let mut counts = Counts::new();
    let mut first = 0;
    loop {
        let minutes =
            campaign.minutes.map(|minutes| (minutes - started.elapsed().as_secs_f64() / 60.0).max(0.0));
        let _ = fs::remove_file(progress_file(&campaign.out, part));
        let mut child = start(campaign, part, first, minutes, home)?;
        let why = wait(&mut child, &progress_file(&campaign.out, part))?;
        let text = fs::read_to_string(progress_file(&campaign.out, part)).unwrap_or_default();
        add(&mut counts, &read_counts(&text));
        let Some(why) = why else { return Ok(counts) };
        let Some(index) = at(&progress_file(&campaign.out, part)) else {
            return Err(io::Error::other(format!("a worker ended before its first input: {why}")));
        };
        let place = target_of(index, campaign.target.as_deref());
        let target = (TARGETS[place].open)();
        let input = target.input(&mut Random::of(campaign.seed, TARGETS[place].name, index));
        let file = campaign.out.join(format!("{}-{}-{index}", TARGETS[place].name, campaign.seed));
        fs::write(&file, input)?;
        eprintln!("{} {}-{index}: {why}\n  input: {}", TARGETS[place].name, campaign.seed, file.display());
        add(&mut counts, &Counts::from([(place, (1, 1))]));
        if campaign.index.is_some() || campaign.file.is_some() {
            return Ok(counts);
        }
        first = index + 1;
    }
}

/// The input that a worker is at.
fn at(progress: &Path) -> Option<u64> {
    fs::read_to_string(progress).ok()?.lines().next()?.parse().ok()
}

/// Waits for a worker to end; says why, where it did not end by itself.
fn wait(child: &mut Child, progress: &Path) -> io::Result<Option<String>> {
    let mut last = (at(progress), Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((!status.success()).then(|| format!("the process ended: {status}")));
        }
        let now = at(progress);
        if now != last.0 {
            last = (now, Instant::now());
        } else if last.1.elapsed() > INPUT_TIMEOUT {
            child.kill()?;
            child.wait()?;
            return Ok(Some(format!("no end after {} s", INPUT_TIMEOUT.as_secs())));
        }
        thread::sleep(CHECK_EVERY);
    }
}

fn read_counts(text: &str) -> Counts {
    let line = |line: &str| {
        let mut numbers = line.split(' ').map(|number| number.parse::<u64>().ok());
        Some((numbers.next()?? as usize, (numbers.next()??, numbers.next()??)))
    };
    text.lines().skip(1).filter_map(line).collect()
}
