//! Reads all logs once, with a few threads.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::collect::{Collect, Opened, Reached, Resume};
use crate::file_cursor::{FileChange, FileCursor, FileStat};
use crate::follow::{Basis, Follower, Known, Portion};
use crate::lines::Buffer;
use crate::log::Log;
use crate::log_sums::LogSums;
use crate::model::Party;
use crate::roots::Roots;
use crate::special::special_files;
use crate::unread::UnreadLogs;
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
    scan_with(roots, options, &mut Nothing)
}

/// What is known of logs from before: how far each was read, and what was found in it, as [`Portion::packed`] gives it.
pub trait Recorded {
    /// How far a log was read for which something is kept that was found in it from its beginning on, while its
    /// [`Log::context`] was this one.
    fn cursor(&mut self, log: &Log, context: u64) -> Option<RecordedLog>;
    /// What was found in a log, in one piece or several.
    fn found(&mut self, log: i64) -> Option<Vec<u8>>;
    /// What logs came to, as [`sum_up`](crate::sum_up) put it together.
    fn sums(&mut self) -> Option<Vec<u8>>;
    /// The prints that belong to them.
    fn prints(&mut self) -> Option<Vec<u8>>;
}

/// A log of which is known what is in it.
#[derive(Debug, Clone)]
pub struct RecordedLog {
    /// Its number, by which [`Recorded::found`] knows it.
    pub log: i64,
    /// How far it was read.
    pub cursor: FileCursor,
    /// Whether any of it has the time at which the log was last written: then it is good for as long as nothing is written.
    pub dated_by_file: bool,
    /// Lines of it that could not be read.
    pub skipped: u64,
}

/// Nothing is known.
struct Nothing;

impl Recorded for Nothing {
    fn cursor(&mut self, _: &Log, _: u64) -> Option<RecordedLog> {
        None
    }

    fn found(&mut self, _: i64) -> Option<Vec<u8>> {
        None
    }

    fn sums(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn prints(&mut self) -> Option<Vec<u8>> {
        None
    }
}

/// As [`scan`](scan()), but reads only what is not known from before: logs that are not, and what was appended to others. What
/// it gives is what a scan gives.
#[must_use]
pub fn scan_with(roots: &Roots, options: &Options, recorded: &mut dyn Recorded) -> UsageDeduper {
    let (logs, links) = Log::find_all(roots);
    let mut deduper = with_sums(&logs, options, recorded)
        .unwrap_or_else(|| read_all(&logs.iter().map(Some).collect::<Vec<_>>(), options, recorded));
    deduper.count(Counted { links, unreadable: special_files(roots), ..Counted::default() });
    deduper.finish();
    deduper
}

/// Takes what is summed up, and reads the rest. `None` where nothing is, or where the rest has requests that are in the
/// sums too: which of their records counts cannot be seen in sums.
fn with_sums(logs: &[Log], options: &Options, recorded: &mut dyn Recorded) -> Option<UsageDeduper> {
    let sums = LogSums::unpacked(&recorded.sums()?)?;
    let ends = options.from.iter().chain(&options.to).chain(&options.cuts);
    let instants: Vec<i64> = ends.map(DateTime::timestamp_millis).collect();
    let (is_kept, kept) = sums.kept(logs, &instants);
    let rest: Vec<Option<&Log>> =
        logs.iter().zip(is_kept).map(|(log, is_kept)| (!is_kept).then_some(log)).collect();
    let mut deduper = read_all(&rest, options, recorded);
    if deduper.prints().next().is_some() && kept.holds_any(deduper.prints(), &recorded.prints()?)? {
        return None;
    }
    kept.add_to(&mut deduper);
    Some(deduper)
}

/// Reads logs, each by its place in the order of all.
fn read_all(logs: &[Option<&Log>], options: &Options, recorded: &mut dyn Recorded) -> UsageDeduper {
    let deduper = Mutex::new(UsageDeduper::cut_at(options.cuts.iter().copied(), options.within()));
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for (number, log) in (0_u32..).zip(logs).filter_map(|(number, log)| Some((number, (*log)?))) {
        match recorded.cursor(log, log.context()).and_then(|from| Some((standing(log, &from)?, from))) {
            Some((standing, from)) => known.push((number, log, standing, from)),
            None => unknown.push((number, log)),
        }
    }
    // One database can take as long as hundreds of files: it is begun first, so that no thread waits for it at the end.
    unknown.sort_by_key(|(_, log)| !log.is_database());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut buffer = Buffer::default();
        let mut sink = Sink::new(&deduper);
        while let Some((number, log)) = unknown.get(next.fetch_add(1, Ordering::Relaxed)) {
            sink.load(*number, log, &mut buffer);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..options.threads.clamp(1, 16).min(unknown.len()) {
            scope.spawn(work);
        }
        let mut sink = Sink::new(&deduper);
        let mut follower = Follower::default();
        let mut buffer = Buffer::default();
        for (number, log, standing, from) in &known {
            if !sink.replay(*number, log, *standing, from, recorded, &mut follower) {
                sink.load(*number, log, &mut buffer);
            }
        }
        drop(sink);
        work();
    });
    deduper.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Puts together what is kept of logs that are as they were then, with their contexts and their entries. `None` where one
/// is not.
pub(crate) fn unchanged(
    logs: &[&Log],
    cuts: &[DateTime<Utc>],
    recorded: &mut dyn Recorded,
) -> Option<(Vec<(u64, FileStat)>, UsageDeduper)> {
    let deduper = Mutex::new(UsageDeduper::cut_at(cuts.iter().copied(), i64::MIN..i64::MAX));
    let mut sink = Sink::new(&deduper);
    let mut states = Vec::with_capacity(logs.len());
    for (number, log) in (0_u32..).zip(logs) {
        let context = log.context();
        let from = recorded.cursor(log, context)?;
        let stat =
            log.stat().ok().filter(|stat| stat.compared_with(&from.cursor) == FileChange::Unchanged)?;
        let (standing, follower) = (Standing::Unchanged, &mut Follower::default());
        if !sink.replay(number, log, standing, &from, recorded, follower) {
            return None;
        }
        states.push((context, stat));
    }
    drop(sink);
    Some((states, deduper.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// How a log stands to what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Unchanged,
    /// More may have been appended to it.
    Longer,
}

/// More is read without what is known: so much at once is no quicker read on.
const MAX_APPENDED: u64 = 64 << 20;

/// How a log stands to what is known of it; `None` where that is of no use.
fn standing(log: &Log, from: &RecordedLog) -> Option<Standing> {
    let seen = log.stat().ok()?;
    let RecordedLog { cursor, dated_by_file, .. } = from;
    if seen.compared_with(cursor) == FileChange::Unchanged {
        return Some(Standing::Unchanged);
    }
    let appended = seen.size.checked_sub(cursor.resume.offset)?;
    let reads_on = !log.is_database()
        && cursor.resume.offset > 0
        && cursor.is_at_line_end()
        && !dated_by_file
        && appended < MAX_APPENDED;
    reads_on.then_some(Standing::Longer)
}

/// Where a thread brings what it finds.
pub(crate) struct Sink<'s> {
    deduper: &'s Mutex<UsageDeduper>,
    counted: Counted,
    unread: UnreadLogs,
}

impl<'s> Sink<'s> {
    fn new(deduper: &'s Mutex<UsageDeduper>) -> Self {
        Self { deduper, counted: Counted::default(), unread: UnreadLogs::default() }
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

    /// Reads a log.
    fn load(&mut self, number: u32, log: &Log, buffer: &mut Buffer) {
        let done = Opened::at(log.path(), 0).and_then(|opened| {
            self.opened(number, log.origin());
            log.load(number, &opened, &Resume::default(), buffer, self)
        });
        match done {
            Ok(Reached::End { end, skipped, .. }) => self.read(end, skipped),
            // Only what is read on from somewhere can turn out to have to be read again.
            Ok(Reached::Again) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.unreadable(log.path(), &error),
        }
    }

    /// Takes what is known of a log, and reads what was appended to it. `false` where that cannot be: nothing was taken then.
    fn replay(
        &mut self,
        number: u32,
        log: &Log,
        standing: Standing,
        from: &RecordedLog,
        recorded: &mut dyn Recorded,
        follower: &mut Follower,
    ) -> bool {
        let own = log.origin();
        let found = recorded.found(from.log);
        let Some(mut portions) = found.and_then(|found| Portion::unpacked(&found, own.format)) else {
            return false;
        };
        let mut skipped = from.skipped;
        let mut bytes = 0;
        if standing == Standing::Longer {
            let known = Known { cursor: &from.cursor, from_start: false };
            let read = follower.read(log, Some(known), &mut |portion, _, _| {
                let continues = portion.basis == Basis::Continued;
                portions.push(portion);
                if continues { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) }
            });
            let Ok(read) = read else { return false };
            (skipped, bytes) = (read.cursor.skipped, read.bytes);
        }
        self.opened(number, own.clone());
        self.read(bytes, skipped);
        for portion in portions {
            portion.replay(number, &own, self);
        }
        true
    }

    /// So many bytes were read, and so many lines could not be.
    fn read(&mut self, bytes: u64, skipped: u64) {
        self.counted.bytes += bytes;
        self.counted.skipped += skipped;
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.counted.unreadable += 1;
        self.unread.add(path, error);
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
        for (rank, sighting) in found {
            deduper.claim(rank, &sighting);
        }
    }

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
        let (counted, unread) = (self.counted, std::mem::take(&mut self.unread));
        let mut deduper = self.deduper();
        deduper.count(counted);
        deduper.name_unread(unread);
    }
}
