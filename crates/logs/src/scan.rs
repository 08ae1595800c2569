//! Reads all logs once, with a few threads.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::collect::{Collect, Opened, Reached, Resume};
use crate::lines::Buffer;
use crate::log::Log;
use crate::model::Party;
use crate::roots::Roots;
use crate::special::special_files;
use crate::usage_deduper::{Counted, Origin, PartialRequest, Rank, Sighting, UsageDeduper};

/// What is read, and how the result is cut.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only requests from this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Only requests before this instant.
    pub to: Option<DateTime<Utc>>,
    /// Instants that no row spans, such as those at which a price or the meaning of an alias changed.
    pub cuts: Vec<DateTime<Utc>>,
    /// How many threads read logs at the same time.
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

/// Reads every log below the roots. Files that vanish meanwhile are passed over; what cannot be read is
/// counted. The result does not depend on the number of threads.
///
/// # Examples
/// One request of Kimi Code, in a home folder of its own:
///
/// ```
/// use tidemark_core::project_filter::HiddenProjects;
/// use tidemark_logs::{By, Options, Roots, report, scan};
///
/// let home = tempfile::tempdir()?;
/// let folder = home.path().join(".kimi-code/sessions/wd_app_0/session_1/agents/main");
/// std::fs::create_dir_all(&folder)?;
/// let line = r#"{"type":"usage.record","agentId":"main","model":"kimi-k3","usageScope":"turn",
///     "usage":{"inputOther":100,"output":20,"inputCacheRead":300,"inputCacheCreation":0},
///     "time":1790000000000}"#;
/// std::fs::write(folder.join("wire.jsonl"), line.replace('\n', "") + "\n")?;
///
/// let roots = Roots::in_home(home.path(), &[]);
/// let usage = scan(&roots, &Options::default());
/// let now = "2026-09-22T00:00:00Z".parse()?;
/// let by_model = report(&usage, By::Model, chrono_tz::Tz::UTC, &[], &HiddenProjects::default(), now);
/// assert_eq!(by_model.rows[0].key.as_deref(), Some("kimi-k3"));
/// assert_eq!((by_model.totals.tally.requests, by_model.totals.tally.tokens.total()), (1, 420));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn scan(roots: &Roots, options: &Options) -> UsageDeduper {
    let (jobs, links) = Log::find_all(roots);
    let deduper = Mutex::new(UsageDeduper::cut_at(options.cuts.iter().copied()));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut buffer = Buffer::default();
        let mut sink = Sink::new(&deduper, options);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(number) else { break };
            let done = Opened::at(job.path(), 0).and_then(|opened| {
                sink.opened(number as u32, job.origin());
                job.load(number as u32, &opened, &Resume::default(), &mut buffer, &mut sink)
            });
            match done {
                Ok(Reached::End { end, skipped, .. }) => sink.read(end, skipped),
                // Only what is read on from somewhere can turn out to have to be read again.
                Ok(Reached::Again) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) => sink.unreadable(),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..options.threads.clamp(1, 16) {
            scope.spawn(work);
        }
        work();
    });
    let mut deduper = deduper.into_inner().unwrap_or_else(PoisonError::into_inner);
    deduper.count(Counted { links, unreadable: special_files(roots), ..Counted::default() });
    deduper.finish(options.within());
    deduper
}

/// Where a thread brings what it finds.
pub(crate) struct Sink<'s> {
    deduper: &'s Mutex<UsageDeduper>,
    within: Range<i64>,
    counted: Counted,
}

impl<'s> Sink<'s> {
    fn new(deduper: &'s Mutex<UsageDeduper>, options: &Options) -> Self {
        Self { deduper, within: options.within(), counted: Counted::default() }
    }

    /// A panic elsewhere leaves the sums as they are; the panic itself is passed on by the scope.
    fn deduper(&self) -> MutexGuard<'s, UsageDeduper> {
        self.deduper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file was opened, whose requests are all from one place unless its lines say otherwise.
    fn opened(&mut self, number: u32, origin: Origin) {
        self.counted.files += 1;
        let mut deduper = self.deduper();
        let origin = deduper.origin(origin);
        deduper.file(number, origin);
    }

    /// So many bytes were read, and so many lines could not be.
    fn read(&mut self, bytes: u64, skipped: u64) {
        self.counted.bytes += bytes;
        self.counted.skipped += skipped;
    }

    fn unreadable(&mut self) {
        self.counted.unreadable += 1;
    }
}

impl Collect for Sink<'_> {
    fn model(&mut self, name: String, party: Party, _provider: Option<&str>) -> u32 {
        self.deduper().model(name, party)
    }

    fn origin(&mut self, origin: Origin) -> u32 {
        self.deduper().origin(origin)
    }

    fn claim(&mut self, found: impl Iterator<Item = (Rank, Sighting)>) {
        let mut deduper = self.deduper();
        for (rank, sighting) in found.filter(|(_, sighting)| self.within.contains(&sighting.at)) {
            deduper.claim(rank, &sighting);
        }
    }

    /// Whether they are asked for is known at the end.
    fn hold(&mut self, found: impl Iterator<Item = PartialRequest>) {
        let mut deduper = self.deduper();
        for held in found {
            deduper.hold(held);
        }
    }

    fn checkpoint(&mut self, _at: &Resume) -> io::Result<()> {
        Ok(())
    }

    fn wants_beginnings(&self) -> bool {
        false
    }
}

impl Drop for Sink<'_> {
    fn drop(&mut self) {
        let counted = self.counted;
        self.deduper().count(counted);
    }
}
