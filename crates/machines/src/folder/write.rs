//! Writing this machine's records into a shared folder: appended to a file of its own, a file a month.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::UNIX_EPOCH;

use age::x25519;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tidemark_files::private;
use tidemark_store::ExchangeId;

use super::compact::compact;
use super::key;
use super::part::{self, Found, MAGIC, RECORDS, begins_as_records};
use super::shared_folder::SharedFolder;
use crate::exported::{Export, PAGE};
use crate::hex::hex;
use crate::problem::Problem;
use crate::record::Record;
use crate::store_access::{MachineStore, StoreAccessError};

/// Requests in one part, at most: a megabyte.
const MAX_REQUESTS: usize = 4 * PAGE as usize;
/// Files that are checked for damage, at most: those of a century.
const MAX_FILES: usize = 1200;
/// How often it is said that nothing happened: others take a machine that says nothing for one that is not known.
const SAY_AGAIN: TimeDelta = TimeDelta::hours(1);

/// What was written, and what was about to be when it was last stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    /// The history that `place` is of.
    epoch: String,
    /// Up to where requests were written.
    place: u64,
    /// The file, `2026-11`, and how long it is.
    month: String,
    length: u64,
    /// A hash of what was said of sources and logs.
    said: String,
    said_at: Option<DateTime<Utc>>,
    /// The part that is being appended.
    next: Option<Next>,
    /// The files by their months, as they were left.
    files: BTreeMap<String, Stamp>,
}

/// By which it is seen that a file was changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    modified: u64,
}

impl Stamp {
    fn of(path: &Path) -> io::Result<Self> {
        let seen = fs::metadata(path)?;
        let modified = seen.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Ok(Self { size: seen.len(), modified: modified.map_or(0, |at| at.as_nanos() as u64) })
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Next {
    length: u64,
    digest: String,
    place: u64,
}

impl Written {
    pub(super) fn of(store: &impl MachineStore, exchange: ExchangeId) -> Result<Self, StoreAccessError> {
        let written = store.ask(move |store| Ok(store.exchange(exchange)?.and_then(|one| one.written)))?;
        Ok(written.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    fn keep(&self, store: &impl MachineStore, exchange: ExchangeId) -> Result<(), StoreAccessError> {
        let text = serde_json::to_string(self).unwrap_or_default();
        store.ask(move |store| store.set_exchange_written(exchange, Some(&text)))
    }

    /// Whether a file is this machine's own, and has nothing in it that this machine did not write.
    pub(super) fn is_own(&self, own_id: &str, name: &str, path: &Path) -> bool {
        let Some(month) = month_of(own_id, name) else { return false };
        // A month that is over is rewritten now and then.
        if month != self.month {
            return month < self.month.as_str();
        }
        let most = self.length + self.next.as_ref().map_or(0, |next| next.length);
        fs::metadata(path).is_ok_and(|file| file.len() <= most)
    }
}

/// The month of a machine's own file.
pub(super) fn month_of<'n>(id: &str, name: &'n str) -> Option<&'n str> {
    month_of_file(name.strip_prefix(id)?.strip_prefix('/')?)
}

/// The month of a file of records.
fn month_of_file(name: &str) -> Option<&str> {
    let month = name.strip_suffix(RECORDS)?.strip_suffix('.')?;
    let is_month = month.len() == 7
        && month
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() });
    is_month.then_some(month)
}

/// Appends what has become known of this machine since the last time. How many requests that are.
///
/// # Errors
/// [`ProblemKind::FolderMissing`](crate::ProblemKind), [`ProblemKind::FolderFailed`](crate::ProblemKind) if the folder
/// cannot be written, [`ProblemKind::WrongPassphrase`](crate::ProblemKind), [`ProblemKind::Store`](crate::ProblemKind).
pub fn write(store: &impl MachineStore, folder: &SharedFolder<'_>, export: &Export) -> Result<u64, Problem> {
    folder.must_exist()?;
    let own_folder = folder.path.join(&export.own.id);
    let (key, is_as_before) = key::own(folder, &own_folder)?;
    let mut written = Written::of(store, folder.exchange)?;
    if !is_as_before {
        // What was written with another key can be read by no one.
        written.files.clear();
    }
    let file = |month: &str| own_folder.join(format!("{month}.{RECORDS}"));
    if !written.month.is_empty() {
        let path = file(&written.month);
        settle(&mut written, &path).map_err(|error| key::failed_at(&path, &error))?;
    }
    let known = key::candidates(folder, &own_folder)?;
    mend(&mut written, &own_folder, &key, &known)?;
    let last = store.ask(tidemark_store::Store::last_usage_place)?;
    if written.epoch != export.own.epoch || written.place > last {
        written.epoch.clone_from(&export.own.epoch);
        written.place = 0;
    }
    let month = export.now.format("%Y-%m").to_string();
    if written.month != month {
        // Whoever had this id before may have begun it.
        let length = fs::metadata(file(&month)).map_or(0, |file| file.len());
        written = Written { month, length, ..written };
        compact(&own_folder, &written.month, &key);
    }
    let circumstances = export.circumstances(store)?;
    let said = digest_of(&circumstances);
    let is_due = written.said_at.is_none_or(|at| export.now - at >= SAY_AGAIN || export.now < at);
    if written.place >= last && said == written.said && !is_due {
        return Ok(0);
    }
    let range = (written.place, last);
    export.reading(store, range, || {
        append_all(store, folder, export, &key, written, last, &circumstances, &said)
    })
}

/// Appends the circumstances and all requests up to a place, part by part. How many requests that are.
#[allow(clippy::too_many_arguments, reason = "what was found out before, once")]
fn append_all(
    store: &impl MachineStore,
    folder: &SharedFolder<'_>,
    export: &Export,
    key: &x25519::Identity,
    mut written: Written,
    last: u64,
    circumstances: &[Record],
    said: &str,
) -> Result<u64, Problem> {
    let own_folder = folder.path.join(&export.own.id);
    let path = own_folder.join(format!("{}.{RECORDS}", written.month));
    let mut requests = 0;
    let mut first = true;
    loop {
        let mut plain = Vec::new();
        let mut put = |record: &Record| record.write(&mut plain).map_err(|error| key::failed(&error));
        put(&export.header())?;
        if std::mem::take(&mut first) {
            circumstances.iter().try_for_each(&mut put)?;
        }
        let (mut place, mut count) = (written.place, 0);
        while place < last && count < MAX_REQUESTS {
            let (records, reached) = export.page(store, place, last)?;
            place = reached.max(place + 1);
            count += records.len();
            records.iter().try_for_each(&mut put)?;
        }
        let sealed = part::seal(key, &plain).map_err(|error| key::failed(&error))?;
        let bytes = if written.length == 0 { [MAGIC, &sealed].concat() } else { sealed };
        written.next = Some(Next { length: bytes.len() as u64, digest: digest(&bytes), place });
        written.keep(store, folder.exchange)?;
        append(&path, written.length, &bytes).map_err(|error| key::failed_at(&path, &error))?;
        written.length += bytes.len() as u64;
        written.files.insert(written.month.clone(), Stamp::of(&path).unwrap_or_default());
        written = Written { place, next: None, said: said.to_owned(), said_at: Some(export.now), ..written };
        written.keep(store, folder.exchange)?;
        requests += count as u64;
        if written.place >= last {
            return Ok(requests);
        }
    }
}

/// Writes files of this machine again that were damaged since it left them: their whole parts, behind which all requests
/// are said again. No one else could.
fn mend(
    written: &mut Written,
    own_folder: &Path,
    key: &x25519::Identity,
    known: &[x25519::Identity],
) -> Result<(), Problem> {
    let entries = fs::read_dir(own_folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).take(MAX_FILES) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(month) = month_of_file(name).map(ToOwned::to_owned) else { continue };
        let failed = |error: io::Error| key::failed_at(&path, &error);
        let stamp = Stamp::of(&path).map_err(failed)?;
        let is_present = month == written.month;
        // The present one is written from its beginning if nothing of it counts.
        if written.files.get(&month) == Some(&stamp) || (is_present && written.length == 0) {
            continue;
        }
        // What is behind was being appended when something went wrong.
        let length = if is_present { written.length } else { stamp.size };
        if restore(&path, length, key, known).map_err(failed)? {
            tracing::warn!(file = %path.display(), "a file of records was damaged, and is written again");
            written.place = 0;
            written.said.clear();
            if is_present {
                written.length = fs::metadata(&path).map_err(failed)?.len();
            }
        }
        written.files.insert(month, Stamp::of(&path).map_err(failed)?);
    }
    Ok(())
}

/// Writes the whole parts of a file again if, up to a length, it has others. Whether it had.
fn restore(path: &Path, length: u64, key: &x25519::Identity, known: &[x25519::Identity]) -> io::Result<bool> {
    let mut file = tidemark_files::read::open(path)?;
    let own = std::slice::from_ref(key);
    if length == 0 || each_part(&mut file, length, own, &mut |_| Ok(()))? {
        return Ok(false);
    }
    // It takes the file along: Windows does not replace one that is open.
    private::replace(path, move |out| -> io::Result<()> {
        out.write_all(MAGIC)?;
        each_part(&mut file, length, known, &mut |plain| out.write_all(&part::seal(key, plain)?)).map(drop)
    })?;
    Ok(true)
}

/// Does something with each part that keys open. Whether the file has nothing else up to a length.
fn each_part(
    file: &mut File,
    length: u64,
    keys: &[x25519::Identity],
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<bool> {
    let mut is_whole = begins_as_records(file, length)?;
    let mut offset = MAGIC.len() as u64;
    loop {
        match part::read_at(file, offset, length, keys)? {
            Found::Part(plain, end) => {
                take(&plain)?;
                offset = end;
            }
            Found::Damaged(end) => {
                is_whole = false;
                offset = end;
            }
            Found::Incomplete => return Ok(false),
            Found::End => return Ok(is_whole),
        }
    }
}

/// Finds out what became of the part that was being appended, and whether the file is as it was left.
fn settle(written: &mut Written, path: &Path) -> io::Result<()> {
    let length = match fs::metadata(path) {
        Ok(file) => file.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    if let Some(next) = written.next.take() {
        let end = written.length + next.length;
        if length >= end && digest_at(path, written.length, next.length)? == next.digest {
            written.length = end;
            written.place = next.place;
        }
    }
    if length < written.length {
        // Someone took it away: everything is written again.
        *written =
            Written { month: written.month.clone(), epoch: written.epoch.clone(), ..Written::default() };
    }
    Ok(())
}

fn append(path: &Path, length: u64, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = private::options().write(true).create(true).truncate(false).open(path)?;
    // What is behind was cut off while it was appended.
    file.set_len(length)?;
    file.seek(SeekFrom::Start(length))?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..16])
}

fn digest_at(path: &Path, offset: u64, length: u64) -> io::Result<String> {
    let mut file = OpenOptions::new().read(true).open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(digest(&bytes))
}

/// A hash of what is said of sources and logs; without the times that change each time.
fn digest_of(records: &[Record]) -> String {
    let said: Vec<String> = records
        .iter()
        .map(|record| match record {
            Record::Source(source) => format!("{} {:?}", source.number, source.said),
            Record::Coverage(span) => format!("{} {}", span.format, span.from),
            _ => String::new(),
        })
        .collect();
    digest(said.join("\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_s_own_files_by_their_names() {
        let id = "ab".repeat(16);
        for (name, month) in [
            (format!("{id}/2026-11.records"), Some("2026-11")),
            (format!("{id}/2026-11 (conflicted copy).records"), None),
            (format!("{id}/2026-11.sync-conflict-20261101-101010-ABC.records"), None),
            (format!("{id}/key.age"), None),
            ("2026-11.records".to_owned(), None),
            (format!("{}/2026-11.records", "cd".repeat(16)), None),
        ] {
            assert_eq!(month_of(&id, &name), month, "{name}");
        }
    }
}
