//! A worker: tries its part of the inputs, one after the other, and writes down which it is at.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::campaign::Campaign;
use crate::law::{Broken, Outcome};
use crate::minimise::minimise;
use crate::plan::{target_of, worker_of};
use crate::random::Random;
use crate::target::Target;
use crate::targets::TARGETS;

/// How many inputs that break one law of one target are written down.
const MAX_KEPT: u64 = 3;

/// What panicked since an input was begun, in whichever thread.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn panics() -> Vec<String> {
    std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Tries an input on a target; a panic is a verdict, too.
fn try_input(target: &mut dyn Target, input: &[u8]) -> Outcome {
    panics();
    let checked = panic::catch_unwind(AssertUnwindSafe(|| target.check(input)));
    let panicked = panics();
    if panicked.is_empty() {
        return checked.unwrap_or_else(|_| Err(Broken { law: "nothing panics", seen: String::new() }));
    }
    Err(Broken { law: "nothing panics", seen: panicked.join("; ") })
}

/// The file in which a worker writes down which input it is at and, below, how many of each target it tried.
pub(crate) fn progress_file(out: &Path, part: usize) -> PathBuf {
    out.join(format!("worker-{part}"))
}

/// Inputs that once broke a law: they are tried first, whatever the seed.
fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    files
}

/// Inputs tried and laws broken, by target.
pub(crate) type Counts = BTreeMap<usize, (u64, u64)>;

struct Worker<'a> {
    campaign: &'a Campaign,
    targets: BTreeMap<usize, Box<dyn Target>>,
    counts: Counts,
    kept: BTreeMap<(usize, &'static str), u64>,
}

impl Worker<'_> {
    fn target(&mut self, place: usize) -> &mut dyn Target {
        self.targets.entry(place).or_insert_with(TARGETS[place].open).as_mut()
    }

    fn counts(&self) -> String {
        let line =
            |(place, (tried, broken)): (&usize, &(u64, u64))| format!("{place} {tried:09} {broken:09}");
        self.counts.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn check(&mut self, place: usize, input: &[u8], name: &str) -> io::Result<()> {
        let verdict = try_input(self.target(place), input);
        let count = self.counts.entry(place).or_default();
        count.0 += 1;
        let Err(broken) = verdict else { return Ok(()) };
        count.1 += 1;
        let kept = self.kept.entry((place, broken.law)).or_default();
        *kept += 1;
        if *kept > MAX_KEPT {
            return Ok(());
        }
        let least = minimise(input, broken.law, |shorter| try_input(self.target(place), shorter));
        let broken = try_input(self.target(place), &least).err().unwrap_or(broken);
        let file = self.campaign.out.join(format!("{}-{name}", TARGETS[place].name));
        fs::write(&file, &least)?;
        eprintln!(
            "{} {name}: {}: {}\n  input: {}",
            TARGETS[place].name,
            broken.law,
            broken.seen,
            file.display()
        );
        Ok(())
    }

    fn work(&mut self, part: usize, first: u64) -> io::Result<()> {
        let only = self.campaign.target.as_deref();
        if let Some(file) = &self.campaign.file {
            return self.check(target_of(0, only), &fs::read(file)?, "file");
        }
        let workers = self.campaign.workers.unwrap_or(1);
        if first == 0 && self.campaign.index.is_none() {
            for (place, entry) in TARGETS.iter().enumerate() {
                if place % workers == part && only.is_none_or(|only| only == entry.name) {
                    for file in corpus(entry.name) {
                        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                        self.check(place, &fs::read(&file)?, &format!("corpus-{name}"))?;
                    }
                }
            }
        }
        let mut progress = File::create(progress_file(&self.campaign.out, part))?;
        let end =
            self.campaign.minutes.map(|minutes| Instant::now() + Duration::from_secs_f64(minutes * 60.0));
        let mut index = self.campaign.index.unwrap_or(first);
        loop {
            let over = end.map_or(index >= self.campaign.inputs, |end| Instant::now() >= end);
            if over && self.campaign.index.is_none() {
                return Ok(());
            }
            if worker_of(index, workers) == part || self.campaign.index.is_some() {
                progress.rewind()?;
                // It only ever grows, so that nothing of what was there before is left.
                write!(progress, "{index:020}\n{}", self.counts())?;
                let place = target_of(index, only);
                let mut random = Random::of(self.campaign.seed, TARGETS[place].name, index);
                let input = self.target(place).input(&mut random);
                self.check(place, &input, &format!("{}-{index}", self.campaign.seed))?;
            }
            if self.campaign.index.is_some() {
                return Ok(());
            }
            index += 1;
        }
    }
}

/// Does the work of one worker.
pub(crate) fn work(campaign: &Campaign, part: usize, first: u64) -> ExitCode {
    panic::set_hook(Box::new(|info| {
        PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
    }));
    let mut worker =
        Worker { campaign, targets: BTreeMap::new(), counts: Counts::new(), kept: BTreeMap::new() };
    let mut done = worker.work(part, first);
    if done.is_ok() {
        let all = format!("{}\n{}", campaign.inputs, worker.counts());
        done = fs::write(progress_file(&campaign.out, part), all);
    }
    if let Err(error) = done {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
