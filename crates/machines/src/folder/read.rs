//! Reading what other machines wrote into a shared folder: whatever is new in any file that is one of records,
//! whatever its name. Reading a copy of a file again changes nothing.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use chrono::{DateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::key::{self, MAX_MACHINES};
use super::part::{self, Found, MAGIC, begins_as_records};
use super::shared_folder::SharedFolder;
use super::write::{Written, month_of};
use crate::hex::hex;
use crate::identity;
use crate::intake::{Intake, IntakeSettings, Taken};
use crate::problem::{Problem, ProblemKind};
use crate::store_access::MachineStore;

/// Files of records in one folder, at most: a year of a thousand machines.
const MAX_FILES: usize = 12_000;
/// The bytes before the place up to which a file was read, by which it is known again.
const TAIL_LEN: u64 = 48;

/// A file that ends in the middle of a part for longer is not on its way any more.
const PATIENCE: TimeDelta = TimeDelta::days(1);
/// So many files are named that something is wrong with.
const MAX_NAMED: usize = 3;

/// How far a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Mark {
    size: u64,
    modified: u64,
    /// It ended in the middle of a part.
    cut: bool,
    /// How long it was when it was longest.
    longest: u64,
    /// The end of the last part before the first that was not whole.
    offset: u64,
    /// A hash of what comes before it.
    tail: String,
}

/// Takes in whatever is new in a folder. What came before something went wrong stays.
///
/// # Errors
/// [`ProblemKind::FolderMissing`] and [`ProblemKind::FolderFailed`] if it cannot be read;
/// [`ProblemKind::WrongPassphrase`] or [`ProblemKind::Damaged`] if a file cannot be, after all others were;
/// [`ProblemKind::Store`] if nothing can be written here; [`ProblemKind::TimeOut`] if `stop` ended it.
pub fn read(
    store: &impl MachineStore,
    folder: &SharedFolder<'_>,
    settings: &IntakeSettings,
    stop: &dyn Fn() -> bool,
) -> Result<Taken, Problem> {
    folder.must_exist()?;
    let exchange = folder.exchange;
    let marks = store.ask(move |store| store.exchange_files(exchange))?;
    let written = Written::of(store, exchange)?;
    let mut taken = Taken::default();
    let mut problems: Vec<Problem> = Vec::new();
    for path in files(folder.path)? {
        if stop() {
            return Err(Problem::new(ProblemKind::TimeOut));
        }
        let Some(name) = relative(folder.path, &path) else { continue };
        if written.is_own(&settings.own_id, &name, &path) {
            continue;
        }
        let mark = marks.iter().find(|(known, _)| *known == name);
        let mark = mark.and_then(|(_, mark)| serde_json::from_str(mark).ok()).unwrap_or_default();
        let reading = Reading { store, folder, settings, path: &path, name };
        match reading.go_on(&mark) {
            Ok(read) => taken.add(read),
            Err(error) if error.kind == ProblemKind::Store => return Err(error),
            // A syncer may be at it: the others are read all the same, and this one the next time.
            Err(error) => problems.push(error),
        }
    }
    first_of(&problems).map_or(Ok(taken), Err)
}

/// The first problem, with what is said of the first files that have the same one, and how many more there are.
fn first_of(problems: &[Problem]) -> Option<Problem> {
    let kind = problems.first()?.kind;
    let same: Vec<&Problem> = problems.iter().filter(|one| one.kind == kind).collect();
    let mut said: Vec<String> = same.iter().filter_map(|one| one.said.clone()).collect();
    said.dedup();
    let more = said.len().saturating_sub(MAX_NAMED);
    said.truncate(MAX_NAMED);
    if more > 0 {
        said.push(format!("… {more}"));
    }
    Some(Problem::saying(kind, said.join(", ")))
}

/// The files that may be of records: in the folder, and in the folders in it.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut found = Vec::new();
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| key::failed(&error))?.flatten() {
        // What a link leads to is not the machine's.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && folders.len() < MAX_MACHINES => folders.push(entry.path()),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    for folder in folders {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        found.extend(
            entries
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
                .map(|entry| entry.path())
                .take(MAX_FILES),
        );
    }
    found.truncate(MAX_FILES);
    found.sort();
    Ok(found)
}

fn relative(folder: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> =
        path.strip_prefix(folder).ok()?.iter().map(std::ffi::OsStr::to_str).collect();
    Some(parts?.join("/"))
}

struct Reading<'r, S> {
    store: &'r S,
    folder: &'r SharedFolder<'r>,
    settings: &'r IntakeSettings,
    path: &'r Path,
    name: String,
}

impl<S: MachineStore> Reading<'_, S> {
    fn go_on(self, mark: &Mark) -> Result<Taken, Problem> {
        let failed = |error: std::io::Error| key::failed_at(Path::new(&self.name), &error);
        let seen = fs::metadata(self.path).map_err(failed)?;
        let modified = seen.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let modified = modified.map_or(0, |at| at.as_nanos() as u64);
        let size = seen.len();
        let longest = mark.longest.max(mark.size).max(size);
        // It is on its way, unless it has been for long or was longer before.
        let is_cut_off = longest > size || self.is_old(modified);
        if mark.offset > 0 && (mark.size, mark.modified) == (size, modified) {
            return if mark.cut && is_cut_off { Err(self.damaged()) } else { Ok(Taken::default()) };
        }
        let mut file = tidemark_files::read::open(self.path).map_err(failed)?;
        if !begins_as_records(&mut file, size).map_err(failed)? {
            // One that is being made has nothing in it yet; others are not of records.
            let is_begun = size <= MAGIC.len() as u64 && !is_cut_off;
            return if !is_begun && is_of_records(&self.name) {
                Err(self.damaged())
            } else {
                Ok(Taken::default())
            };
        }
        let start = MAGIC.len() as u64;
        let goes_on = mark.offset > start
            && mark.offset <= size
            && tail(&mut file, mark.offset).map_err(failed)? == mark.tail;
        let mut offset = if goes_on { mark.offset } else { start };
        if offset == size {
            return Ok(Taken::default());
        }
        let keys = key::candidates(self.folder, self.path.parent().unwrap_or(self.folder.path))?;
        if keys.is_empty() {
            // The key is on its way.
            return Err(self.damaged());
        }
        let mut intake = Intake::new(self.store, self.settings);
        // Up to the first that is not whole: from there it is read again when the file has changed.
        let mut reached = offset;
        let mut damaged = 0_u64;
        let cut = loop {
            match part::read_at(&mut file, offset, size, &keys).map_err(failed)? {
                Found::Part(plain, end) => {
                    take(&mut intake, &plain)?;
                    offset = end;
                    if damaged == 0 {
                        reached = end;
                    }
                }
                Found::Damaged(end) => {
                    damaged += 1;
                    offset = end;
                }
                Found::Incomplete => break true,
                Found::End => break false,
            }
        };
        // The key of a part that cannot be opened may come later, and the file stays as it is.
        let modified = if damaged > 0 { 0 } else { modified };
        // A file that is whole may be shorter than it was: its writer has packed it.
        let longest = if cut { longest } else { size };
        let mark = Mark {
            size,
            modified,
            cut,
            longest,
            offset: reached,
            tail: tail(&mut file, reached).map_err(failed)?,
        };
        let mark = serde_json::to_string(&mark).unwrap_or_default();
        let taken = intake.finish(Some((self.folder.exchange, self.name.clone(), mark)))?;
        if damaged > 0 || (cut && is_cut_off) { Err(self.damaged()) } else { Ok(taken) }
    }

    /// Whether a time, in nanoseconds of the epoch, is so long ago that no syncer is at it any more.
    fn is_old(&self, modified: u64) -> bool {
        let modified = DateTime::from_timestamp_nanos(i64::try_from(modified).unwrap_or(i64::MAX));
        self.settings.now - modified > PATIENCE
    }

    fn damaged(&self) -> Problem {
        Problem::saying(ProblemKind::Damaged, &self.name)
    }
}

/// Whether a file has the name of a machine's records.
fn is_of_records(name: &str) -> bool {
    name.split_once('/').is_some_and(|(id, _)| identity::is_id(id) && month_of(id, name).is_some())
}

fn take<S: MachineStore>(intake: &mut Intake<'_, S>, plain: &[u8]) -> Result<(), Problem> {
    plain.split(|byte| *byte == b'\n').try_for_each(|line| intake.line(line))
}

fn tail(file: &mut File, offset: u64) -> std::io::Result<String> {
    let from = offset.saturating_sub(TAIL_LEN);
    let mut bytes = vec![0; (offset - from) as usize];
    file.seek(SeekFrom::Start(from))?;
    file.read_exact(&mut bytes)?;
    let digest = Sha256::digest(&bytes);
    Ok(hex(&digest[..8]))
}
