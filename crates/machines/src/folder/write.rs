//! Writing this machine's records into a shared folder: appended to a file of its own, a file a month.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use age::x25519;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tidemark_files::private;
use tidemark_store::ExchangeId;

use super::compact::compact;
use super::key;
use super::part::{self, MAGIC, RECORDS};
use super::shared_folder::SharedFolder;
use crate::exported::{Export, PAGE};
use crate::hex::hex;
use crate::problem::Problem;
use crate::record::Record;
use crate::store_access::{MachineStore, StoreAccessError};

/// Requests in one part, at most: a megabyte.
const MAX_REQUESTS: usize = 4 * PAGE as usize;
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
    let month = name.strip_prefix(id)?.strip_prefix('/')?.strip_suffix(RECORDS)?.strip_suffix('.')?;
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
    let key = key::own(folder, &own_folder)?;
    let mut written = Written::of(store, folder.exchange)?;
    let file = |month: &str| own_folder.join(format!("{month}.{RECORDS}"));
    if !written.month.is_empty() {
        let path = file(&written.month);
        settle(&mut written, &path).map_err(|error| key::failed(&error))?;
    }
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
        append(&path, written.length, &bytes).map_err(|error| key::failed(&error))?;
        written.length += bytes.len() as u64;
        written = Written { place, next: None, said: said.to_owned(), said_at: Some(export.now), ..written };
        written.keep(store, folder.exchange)?;
        requests += count as u64;
        if written.place >= last {
            return Ok(requests);
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
