//! How far a log was read, and how to know it again.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use tidemark_files::identity::Identity;
use tidemark_files::read;

use crate::collect::Resume;
use crate::fingerprint::Fingerprint;

/// How many of a log's first bytes are compared to recognise it.
const HEAD: u64 = 1024;
/// How many before the place up to which it was read.
const TAIL: u64 = 4096;
/// The header of the index of a write-ahead log: it changes with each commit.
const INDEX_HEAD: u64 = 96;

/// A file beside a database.
pub(crate) fn beside(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// How far a log was read, and how to know it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCursor {
    /// Which file it is, whatever it is called.
    pub identity: String,
    /// Its size in bytes when it was read.
    pub size: u64,
    /// When it was last written, in nanoseconds of the epoch.
    pub modified: i64,
    /// A print of the files beside it that belong to it: what a database wrote and did not take in yet.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(crate) beside: u64,
    /// A print of its first bytes.
    head: u64,
    /// A print of the bytes before the place.
    tail: u64,
    /// Where to continue reading.
    pub resume: Resume,
    /// Lines that could not be read, with a last one that has no end yet.
    pub skipped: u64,
}

/// How a file's directory entry compares with its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange {
    /// Same file, size and time: nothing was written since.
    Unchanged,
    /// Another file, or it was written to.
    Changed,
}

/// What a file's directory entry says, without opening the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStat {
    /// Which file it is, whatever it is called.
    pub identity: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written, in nanoseconds of the epoch.
    pub modified: i64,
    /// A print of the files beside it that belong to it; 0 where there are none.
    pub(crate) beside: u64,
}

/// Whether there was no file beside a log.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it asks about by reference")]
const fn is_none(beside: &u64) -> bool {
    *beside == 0
}

impl FileStat {
    /// Reads a file's entry; of a link, that of the file behind it.
    ///
    /// # Errors
    /// [`NotFound`](io::ErrorKind::NotFound) if nothing is there or a folder is, and
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if it is a pipe, a socket or a device; else what the system says.
    pub fn at(path: &Path) -> io::Result<Self> {
        let (identity, entry) = Identity::at(path)?;
        if entry.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        if !entry.is_file() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        let nanos = |since: std::time::Duration| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
        let modified = entry.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Ok(Self {
            identity: format!("{}:{}", identity.volume, identity.number),
            size: entry.len(),
            modified: modified.map(nanos).unwrap_or_default(),
            beside: 0,
        })
    }

    /// Reads the entry of a database with those of the files beside it: what was committed can stand in its write-ahead
    /// log alone, and which part of that log counts in the index of it alone.
    ///
    /// # Errors
    /// As [`at`](Self::at), of the database itself.
    pub(crate) fn of_database(path: &Path) -> io::Result<Self> {
        let mut all = Self::at(path)?;
        let mut print = Fingerprint::of(10);
        let mut is_alone = true;
        for suffix in ["-wal", "-journal"] {
            let Ok(beside) = Self::at(&beside(path, suffix)) else { continue };
            if beside.size == 0 {
                continue;
            }
            is_alone = false;
            print = print.text(suffix.as_bytes()).number(beside.size).number(beside.modified.cast_unsigned());
            all.size = all.size.saturating_add(beside.size);
            all.modified = all.modified.max(beside.modified);
        }
        if !is_alone {
            let index = read::open(&beside(path, "-shm")).and_then(|file| {
                let mut head = Vec::with_capacity(INDEX_HEAD as usize);
                file.take(INDEX_HEAD).read_to_end(&mut head)?;
                Ok(head)
            });
            all.beside = print.text(&index.unwrap_or_default()).finish();
        }
        Ok(all)
    }

    /// Compares it with a cursor.
    #[must_use]
    pub fn compared_with(&self, cursor: &FileCursor) -> FileChange {
        let same = self.identity == cursor.identity
            && self.size == cursor.size
            && self.modified == cursor.modified
            && self.beside == cursor.beside;
        if same { FileChange::Unchanged } else { FileChange::Changed }
    }
}

impl FileCursor {
    /// A cursor for a log that was read up to a place, and not known to be at its end.
    ///
    /// # Errors
    /// The log cannot be opened or read.
    pub(crate) fn partial(path: &Path, identity: &str, resume: &Resume) -> io::Result<Self> {
        let (head, tail) = prints(&mut read::open(path)?, resume.offset)?.unwrap_or_default();
        Ok(Self {
            identity: identity.to_owned(),
            size: 0,
            modified: 0,
            beside: 0,
            head,
            tail,
            skipped: resume.skipped,
            resume: resume.clone(),
        })
    }

    /// Whether all that was found in the log is before the place: it had no last line without an end, which can still become
    /// another one.
    #[must_use]
    pub fn is_at_line_end(&self) -> bool {
        self.resume.offset >= self.size
    }

    /// Whether both are of the same file in the same state.
    #[must_use]
    pub fn is_of_same_state(&self, other: &Self) -> bool {
        (&self.identity, self.size, self.modified, self.beside)
            == (&other.identity, other.size, other.modified, other.beside)
    }

    /// Whether a file still begins as this cursor says, so that it can be read on: the same bytes at its
    /// beginning and before the place.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub fn fits(&self, path: &Path) -> io::Result<bool> {
        let mut file = read::open(path)?;
        Ok(prints(&mut file, self.resume.offset)? == Some((self.head, self.tail)))
    }
}

/// The prints of a file that was read up to an offset; `None` where it is shorter.
fn prints(file: &mut File, offset: u64) -> io::Result<Option<(u64, u64)>> {
    let mut print = |from: u64, length: u64| -> io::Result<Option<u64>> {
        let mut bytes = Vec::with_capacity(length as usize);
        file.seek(SeekFrom::Start(from))?;
        file.take(length).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 == length).then(|| Fingerprint::of(7).text(&bytes).finish()))
    };
    let head = print(0, offset.min(HEAD))?;
    let tail = print(offset.saturating_sub(TAIL), offset.min(TAIL))?;
    Ok(head.zip(tail))
}
