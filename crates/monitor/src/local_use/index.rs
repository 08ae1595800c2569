//! Brings the index of local use up to date: finds the logs, reads what was appended to them, hands it to the
//! store in batches.
//!
//! One thread reads and another writes, so that neither waits for the other's disk. What is in memory is a
//! batch or two, whatever the logs' size.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::mpsc;

use chrono::DateTime;
use tidemark_logs::{
    Basis, FileChange, FileCursor, Follower, Home, Known, Log, Portion, Provider, Roots, States,
    special_files,
};
use tidemark_store::{
    Recording, UsageBatch, UsageClaim, UsageFile, UsageModel, UsageNamed, UsageOrigin, UsagePart,
    UsageProvider, UsageRequest, UsageStates, WhoseUse,
};

use super::file_identity::{FileMatches, Present, match_files};
pub use super::index_store::IndexStore;
use super::log_sums;
use super::recorded::{self, piece, print_of};
pub use super::scan_request::{Asked, Progress};
use crate::store_handle::StoreHandleError;

/// Records that are written in one transaction, about.
const RECORDS: usize = 8 * 1024;
/// So many bytes of logs are read for the first time, or after long: then much is written, in no order.
const MUCH: u64 = 32 << 20;
/// Files whose places are written in one transaction, at most.
const FILES: usize = 256;

/// The result of an update.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Updated {
    /// What was to be read, and was.
    pub progress: Progress,
    /// Whether anything was added to the index or removed.
    pub changed: bool,
    /// Files that could not be opened or read.
    pub unreadable: u64,
    /// When the log that was written to last was, in nanoseconds of the epoch.
    pub newest: Option<i64>,
    /// The folders of the logs, those that were written to last first.
    pub folders: Vec<std::path::PathBuf>,
}

/// A log that is to be read.
struct Task<'f> {
    log: Log,
    known: Option<(&'f UsageFile, FileCursor)>,
    from_start: bool,
}

/// Part of a log, read.
struct Read {
    task: usize,
    portion: Portion,
    /// How far it was read, as the store keeps it.
    mark: String,
    cursor: FileCursor,
    recording: Recording,
    last: bool,
}

/// Brings the index up to date with the logs.
///
/// # Errors
/// The index cannot be read or written. Batches that were written before stay. A log that cannot be read is
/// no error; it is counted in [`Updated::unreadable`].
#[allow(clippy::needless_pass_by_value, reason = "what is asked holds a callback that is called here alone")]
pub fn update(books: &mut impl IndexStore, mut asked: Asked<'_>) -> Result<Updated, StoreHandleError> {
    let roots = asked.roots;
    let (files, there) = std::thread::scope(|scope| {
        // The disk is scanned while the store says what is known; half of the time of a scan in which
        // nothing changed is saved by it.
        let finder = std::thread::Builder::new().name("tidemark-logs".to_owned());
        let finder = finder.spawn_scoped(scope, || DiskScan::find(roots));
        let files = books.files();
        let there =
            finder.ok().and_then(|finder| finder.join().ok()).unwrap_or_else(|| DiskScan::find(roots));
        (files, there)
    });
    let files = files?;
    let mut updated = Updated { unreadable: there.unreadable, ..Updated::default() };
    let plan = Plan::of(&files, there.logs, &mut updated);
    let tasks = plan.tasks;
    if !plan.moved.is_empty() || !plan.gone.is_empty() {
        let moves = UsageBatch { moved: plan.moved, gone: plan.gone, ..UsageBatch::default() };
        books.write(moves, Vec::new())?;
        updated.changed = true;
    }
    let mut providers = HashMap::new();
    for (home, name, provider) in plan.providers {
        let (id, changed) = books.provider(usage_provider(&home, &name, &provider, asked.whose))?;
        providers.insert((home.path, name), id);
        updated.changed |= changed;
    }
    recorded::complete(books, &plan.unchanged, &asked)?;
    let logs = || plan.unchanged.iter().map(|(log, _)| log).chain(tasks.iter().map(|task| &task.log));
    if tasks.is_empty() {
        log_sums::bring_up_to_date(books, logs(), &asked, false)?;
        return Ok(updated);
    }
    (asked.progress)(&updated.progress);
    let is_much = updated.progress.bytes >= MUCH;
    if is_much {
        books.write_much(true)?;
    }
    let unreadable = read_and_write(books, &tasks, providers, &mut asked, &mut updated);
    if is_much {
        books.write_much(false)?;
    }
    updated.unreadable += unreadable?;
    log_sums::bring_up_to_date(books, logs(), &asked, is_much)?;
    Ok(updated)
}

/// Reads the logs and writes what is found. Gives how many could not be read.
fn read_and_write(
    books: &mut impl IndexStore,
    tasks: &[Task<'_>],
    providers: HashMap<(std::path::PathBuf, String), i64>,
    asked: &mut Asked<'_>,
    updated: &mut Updated,
) -> Result<u64, StoreHandleError> {
    let (give, take) = mpsc::sync_channel::<Vec<Read>>(2);
    std::thread::scope(|scope| -> Result<u64, StoreHandleError> {
        let stop = asked.stop;
        let reader = std::thread::Builder::new()
            .name("tidemark-logs".to_owned())
            .spawn_scoped(scope, move || read_all(tasks, stop, &give));
        let reader = match reader {
            Ok(reader) => reader,
            Err(error) => {
                tracing::warn!(%error, "session logs cannot be read now");
                return Ok(0);
            }
        };
        let mut writing = Writing {
            books,
            tasks,
            ids: tasks.iter().map(|task| task.known.as_ref().map(|(file, _)| file.id)).collect(),
            offsets: tasks.iter().map(Task::offset).collect(),
            providers,
            template: UsageBatch {
                known: asked.now.timestamp_millis(),
                cuts: asked.cuts.iter().map(DateTime::timestamp_millis).collect(),
                ..UsageBatch::default()
            },
        };
        for reads in take {
            writing.write(reads, &mut updated.progress)?;
            updated.changed = true;
            (asked.progress)(&updated.progress);
        }
        Ok(reader.join().unwrap_or_default())
    })
}

/// The logs that are there now.
#[derive(Default)]
struct DiskScan {
    logs: Vec<Present>,
    unreadable: u64,
}

impl DiskScan {
    fn find(roots: &Roots) -> Self {
        let mut there = Self { unreadable: special_files(roots), ..Self::default() };
        for log in Log::find(roots) {
            match log.stat() {
                Ok(seen) => {
                    let path = log.path().to_string_lossy().into_owned();
                    there.logs.push((log, path, seen));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) => there.unreadable += 1,
            }
        }
        there
    }
}

/// What is to be done.
struct Plan<'f> {
    tasks: Vec<Task<'f>>,
    unchanged: Vec<(Log, &'f UsageFile)>,
    moved: Vec<(i64, String)>,
    gone: Vec<i64>,
    providers: Vec<(Home, String, Provider)>,
}

impl<'f> Plan<'f> {
    fn of(files: &'f [UsageFile], there: Vec<Present>, updated: &mut Updated) -> Self {
        updated.newest = there.iter().map(|(.., seen)| seen.modified).max();
        updated.folders = folders(&there);
        let mut homes: HashSet<&std::path::Path> = HashSet::new();
        let providers = there
            .iter()
            .filter(|(log, ..)| homes.insert(&log.home().path))
            .flat_map(|(log, ..)| log.providers().map(|(name, one)| (log.home(), name, one)))
            .filter(|(.., provider)| provider.kimi)
            .map(|(home, name, provider)| (home.clone(), name.to_owned(), provider.clone()))
            .collect();
        let cursors: Vec<FileCursor> =
            files.iter().map(|file| serde_json::from_str(&file.mark).unwrap_or_default()).collect();
        let FileMatches { places, moved, gone } = match_files(files, &cursors, &there);
        let (mut tasks, mut unchanged) = (Vec::new(), Vec::new());
        for ((log, path, seen), place) in there.into_iter().zip(places) {
            let known = place.map(|at| (&files[at], cursors[at].clone()));
            let mut from_start = false;
            if let Some((file, cursor)) = &known {
                // What its requests are from is another now, or which of several copies comes first.
                from_start = file.path != path || file.origin != origin(&log.origin());
                if !from_start && !file.gone && seen.compared_with(cursor) == FileChange::Unchanged {
                    unchanged.push((log, *file));
                    continue;
                }
            }
            let task = Task { log, known, from_start };
            updated.progress.files += 1;
            updated.progress.bytes += seen.size.saturating_sub(task.offset());
            tasks.push(task);
        }
        Self { tasks, unchanged, moved, gone, providers }
    }
}

impl Task<'_> {
    /// From where it is read, as far as is known before.
    fn offset(&self) -> u64 {
        self.known.as_ref().filter(|_| !self.from_start).map_or(0, |(_, cursor)| cursor.resume.offset)
    }
}

/// The folders in which logs are, newest logs first.
fn folders(there: &[Present]) -> Vec<std::path::PathBuf> {
    let mut logs: Vec<(i64, &Log)> = there.iter().map(|(log, _, seen)| (seen.modified, log)).collect();
    logs.sort_by_key(|(modified, _)| std::cmp::Reverse(*modified));
    logs.into_iter().filter_map(|(_, log)| Some(log.path().parent()?.to_owned())).collect()
}

/// Reads the logs one after another and passes on what is found. Returns how many could not be read.
fn read_all(tasks: &[Task<'_>], stop: &dyn Fn() -> bool, give: &mpsc::SyncSender<Vec<Read>>) -> u64 {
    /// Ends a read whose results are not wanted any more.
    fn ended() -> io::Error {
        io::Error::from(io::ErrorKind::Interrupted)
    }
    let mut follower = Follower::default();
    let mut reads: Vec<Read> = Vec::new();
    let mut records = 0;
    let mut unreadable = 0;
    for (number, task) in tasks.iter().enumerate() {
        if stop() {
            break;
        }
        let known = task.known.as_ref().map(|(_, cursor)| Known { cursor, from_start: task.from_start });
        let context = task.log.context();
        let known_whole = task.known.as_ref().filter(|(_, cursor)| cursor.is_at_line_end());
        let mut before = known_whole.map(|(file, _)| print_of(&file.mark));
        let done = follower.read(&task.log, known, &mut |portion, cursor, last| {
            records += portion.records();
            let mark = serde_json::to_string(&cursor).unwrap_or_default();
            let piece = || piece(&portion, context, &mark, cursor.skipped);
            let recording = match portion.basis {
                Basis::Beginning => Recording::FromBeginning(piece()),
                Basis::Continued => {
                    before.map_or(Recording::Useless, |before| Recording::Behind(before, piece()))
                }
                Basis::Knowledge => Recording::Useless,
            };
            before = Some(print_of(&mark));
            reads.push(Read { task: number, portion, mark, cursor, recording, last });
            if records >= RECORDS || reads.len() >= FILES {
                records = 0;
                give.send(std::mem::take(&mut reads)).map_err(|_| ended())?;
                if stop() {
                    return Err(ended());
                }
            }
            Ok(())
        });
        match done {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return unreadable,
            Err(_) => unreadable += 1,
        }
    }
    // That no one receives it is fine: the writing failed, and says so itself.
    let _ = give.send(reads);
    unreadable
}

/// Batches being made of what was read.
struct Writing<'w, B> {
    books: &'w mut B,
    tasks: &'w [Task<'w>],
    ids: Vec<Option<i64>>,
    offsets: Vec<u64>,
    /// The providers of Kimi's, by home and name.
    providers: HashMap<(std::path::PathBuf, String), i64>,
    template: UsageBatch,
}

impl<B: IndexStore> Writing<'_, B> {
    fn write(&mut self, reads: Vec<Read>, progress: &mut Progress) -> Result<(), StoreHandleError> {
        let mut batch = self.template.clone();
        let mut recordings = Vec::with_capacity(reads.len());
        let mut numbers: Vec<usize> = Vec::with_capacity(reads.len());
        let (mut models, mut origins) = (HashMap::new(), HashMap::new());
        // A new file that comes twice has no number before it is written.
        let mut newly: HashSet<usize> = HashSet::new();
        for mut read in reads {
            // A database is not read from a place in its file on; at the end, all of it is done.
            let end = if read.last { read.cursor.size } else { read.cursor.resume.offset };
            let number = read.task;
            if self.ids[number].is_none() && !newly.insert(number) {
                let batch = std::mem::replace(&mut batch, self.template.clone());
                self.send(batch, std::mem::take(&mut recordings), &numbers)?;
                numbers.clear();
                models.clear();
                origins.clear();
            }
            progress.bytes_done += end.saturating_sub(self.offsets[number]);
            self.offsets[number] = self.offsets[number].max(end);
            progress.files_done += u64::from(read.last);
            recordings.push(std::mem::take(&mut read.recording));
            let part = self.part(read, &mut batch, &mut models, &mut origins);
            batch.parts.push(part);
            numbers.push(number);
        }
        progress.bytes_done = progress.bytes_done.min(progress.bytes);
        self.send(batch, recordings, &numbers)
    }

    fn send(
        &mut self,
        batch: UsageBatch,
        recordings: Vec<Recording>,
        numbers: &[usize],
    ) -> Result<(), StoreHandleError> {
        for (number, id) in numbers.iter().zip(self.books.write(batch, recordings)?) {
            self.ids[*number] = Some(id);
        }
        Ok(())
    }

    fn part(
        &mut self,
        read: Read,
        batch: &mut UsageBatch,
        models: &mut HashMap<UsageModel, u32>,
        origins: &mut HashMap<UsageOrigin, u32>,
    ) -> UsagePart {
        let log = &self.tasks[read.task].log;
        let mut model_numbers = Vec::with_capacity(read.portion.models.len());
        for model in &read.portion.models {
            let home = &log.home().path;
            let provider =
                model.provider.as_ref().and_then(|name| self.providers.get(&(home.clone(), name.clone())));
            let provider = provider.copied();
            let third = model.party == tidemark_logs::model::Party::Third;
            let model = UsageModel { name: model.name.clone(), third, provider };
            model_numbers.push(number(models, &mut batch.models, model));
        }
        let origin_numbers: Vec<u32> =
            read.portion.origins.iter().map(|one| number(origins, &mut batch.origins, origin(one))).collect();
        let own = number(origins, &mut batch.origins, origin(&log.origin()));
        let request = |request: tidemark_logs::Request| UsageRequest {
            at: request.at,
            begun: request.begun,
            model: model_numbers.get(request.model as usize).copied().unwrap_or_default(),
            tokens: request.tokens,
            fingerprint: request.fingerprint,
        };
        UsagePart {
            file: self.ids[read.task],
            path: log.path().to_string_lossy().into_owned(),
            skipped: read.cursor.skipped,
            mark: read.mark,
            origin: own,
            claims: read
                .portion
                .claims
                .iter()
                .map(|claim| UsageClaim { request: request(claim.request), copies: claim.copies })
                .collect(),
            named: read
                .portion
                .named
                .iter()
                .map(|named| UsageNamed {
                    request: request(named.request),
                    message: named.message,
                    named: named.named,
                    states: match named.states {
                        States::First => UsageStates::First,
                        States::Together => UsageStates::Together,
                        States::Growing => UsageStates::Growing,
                        States::Latest => UsageStates::Latest,
                    },
                    origin: named.origin.and_then(|place| origin_numbers.get(place as usize).copied()),
                })
                .collect(),
        }
    }
}

/// A provider as it stands in the configuration now.
fn usage_provider(
    home: &Home,
    name: &str,
    provider: &Provider,
    whose: &dyn Fn(&Home, &Provider) -> WhoseUse,
) -> UsageProvider {
    UsageProvider {
        home: home.path.to_string_lossy().into_owned(),
        name: name.to_owned(),
        base_url: provider.base_url.clone(),
        modified: home.configured,
        whose: whose(home, provider),
    }
}

fn origin(origin: &tidemark_logs::Origin) -> UsageOrigin {
    UsageOrigin {
        format: origin.format.as_str().to_owned(),
        session: origin.session.clone(),
        project: origin.project.clone(),
    }
}

/// The place of a thing in a list, in which it is put where it is not.
fn number<T: Clone + Eq + std::hash::Hash>(known: &mut HashMap<T, u32>, list: &mut Vec<T>, thing: T) -> u32 {
    *known.entry(thing).or_insert_with_key(|thing| {
        list.push(thing.clone());
        list.len() as u32 - 1
    })
}
