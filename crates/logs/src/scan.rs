//! Reads all logs once, with a few threads.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use chrono::{DateTime, Utc};

use crate::ledger::{Counted, Held, Ledger, Origin, Rank, Sighting};
use crate::lines::Buffer;
use crate::model::Party;
use crate::roots::Roots;
use crate::{claude_code, kimi_cli, kimi_code};

/// What is read, and how the result is cut.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only requests from this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Only requests before this instant.
    pub to: Option<DateTime<Utc>>,
    /// Instants that no row spans, such as those at which a price or the meaning of an alias changed.
    pub cuts: Vec<DateTime<Utc>>,
    /// How many threads read.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { from: None, to: None, cuts: Vec::new(), threads: 2 }
    }
}

impl Options {
    /// The stretch that is asked for, in milliseconds of the epoch.
    fn within(&self) -> Range<i64> {
        let millis = |at: DateTime<Utc>| at.timestamp_millis();
        self.from.map_or(i64::MIN, millis)..self.to.map_or(i64::MAX, millis)
    }
}

/// A log of any format.
enum Job {
    KimiCode(kimi_code::paths::Log),
    KimiCli(kimi_cli::paths::Log),
    ClaudeCode(claude_code::paths::Log),
}

impl Job {
    fn path(&self) -> &Path {
        match self {
            Self::KimiCode(log) => &log.path,
            Self::KimiCli(log) => &log.path,
            Self::ClaudeCode(log) => &log.path,
        }
    }

    fn load(&self, number: u32, opened: &Opened, buffer: &mut Buffer, sink: &mut Sink<'_>) -> io::Result<()> {
        match self {
            Self::KimiCode(log) => kimi_code::load::load(log, number, opened, buffer, sink),
            Self::KimiCli(log) => kimi_cli::load::load(log, number, opened, buffer, sink),
            Self::ClaudeCode(log) => claude_code::load::load(log, number, opened, buffer, sink),
        }
    }
}

/// Reads every log below the roots. Files that vanish meanwhile are passed over; what cannot be read is
/// counted. The result does not depend on the number of threads.
#[must_use]
pub fn scan(roots: &Roots, options: &Options) -> Ledger {
    let mut jobs: Vec<Job> = Vec::new();
    for home in &roots.kimi_code {
        jobs.extend(
            kimi_code::paths::logs(home, roots.secondary_model.as_deref()).into_iter().map(Job::KimiCode),
        );
    }
    for root in &roots.kimi_cli {
        jobs.extend(kimi_cli::paths::logs(root).into_iter().map(Job::KimiCli));
    }
    for root in &roots.claude_code {
        jobs.extend(claude_code::paths::logs(root).into_iter().map(Job::ClaudeCode));
    }
    let ledger = Mutex::new(Ledger::cut_at(options.cuts.iter().copied()));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut buffer = Buffer::default();
        let mut sink = Sink::new(&ledger, options);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(number) else { break };
            let done = Opened::at(job.path())
                .and_then(|opened| job.load(number as u32, &opened, &mut buffer, &mut sink));
            if let Err(error) = done
                && error.kind() != io::ErrorKind::NotFound
            {
                sink.unreadable();
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..options.threads.clamp(1, 16) {
            scope.spawn(work);
        }
        work();
    });
    let mut ledger = ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
    ledger.settle(options.within());
    ledger
}

/// An open log.
pub(crate) struct Opened {
    pub(crate) file: File,
    /// When it was last written, in milliseconds of the epoch: the time of what has no other.
    pub(crate) modified: i64,
}

impl Opened {
    fn at(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let modified = file.metadata()?.modified().ok();
        let since = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        Ok(Self { file, modified: i64::try_from(since.as_millis()).unwrap_or_default() })
    }
}

/// Where a thread brings what it finds.
pub(crate) struct Sink<'s> {
    ledger: &'s Mutex<Ledger>,
    within: Range<i64>,
    counted: Counted,
}

impl<'s> Sink<'s> {
    fn new(ledger: &'s Mutex<Ledger>, options: &Options) -> Self {
        Self { ledger, within: options.within(), counted: Counted::default() }
    }

    /// A panic elsewhere leaves the sums as they are; the panic itself is passed on by the scope.
    fn ledger(&self) -> MutexGuard<'s, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file was opened, whose requests are all from one place.
    pub(crate) fn file(&mut self, number: u32, origin: Origin) {
        self.opened();
        let mut ledger = self.ledger();
        let origin = ledger.origin(origin);
        ledger.file(number, origin);
    }

    /// A file was opened.
    pub(crate) fn opened(&mut self) {
        self.counted.files += 1;
    }

    /// A line could not be read.
    pub(crate) fn skip(&mut self) {
        self.counted.skipped += 1;
    }

    /// So many bytes were read.
    pub(crate) fn read(&mut self, bytes: u64) {
        self.counted.bytes += bytes;
    }

    fn unreadable(&mut self) {
        self.counted.unreadable += 1;
    }

    pub(crate) fn model(&self, name: String, party: Party) -> u32 {
        self.ledger().model(name, party)
    }

    pub(crate) fn origin(&self, origin: Origin) -> u32 {
        self.ledger().origin(origin)
    }

    /// Requests of which one record says all.
    pub(crate) fn claim(&self, found: impl Iterator<Item = (Rank, Sighting)>) {
        let mut ledger = self.ledger();
        for (rank, sighting) in found.filter(|(_, sighting)| self.within.contains(&sighting.at)) {
            ledger.claim(rank, &sighting);
        }
    }

    /// Requests of which further records may say more. Whether they are asked for is known at the end.
    pub(crate) fn hold(&self, found: impl Iterator<Item = Held>) {
        let mut ledger = self.ledger();
        for held in found {
            ledger.hold(held);
        }
    }
}

impl Drop for Sink<'_> {
    fn drop(&mut self) {
        let counted = self.counted;
        self.ledger().count(counted);
    }
}
