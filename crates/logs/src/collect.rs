//! What reading a log needs and gives, for a scan of everything and for reading what was appended.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use tidemark_files::read;

use crate::fingerprint::Fingerprint;
use crate::model::Party;
use crate::states::Answers;
use crate::usage_deduper::{Origin, PartialRequest, Rank, Sighting};

/// Who takes what is found in a log.
pub(crate) trait Collect {
    /// The number of a model. A provider is named if the configuration says at which one it runs.
    fn model(&mut self, name: String, party: Party, provider: Option<&str>) -> u32;
    /// The number of an origin.
    fn origin(&mut self, origin: Origin) -> u32;
    /// Requests of which one record says all.
    fn claim(&mut self, found: impl Iterator<Item = (Rank, Sighting)>);
    /// Requests of which further records may say more.
    fn hold(&mut self, found: impl Iterator<Item = PartialRequest>);
    /// All before this place has been handed on.
    fn checkpoint(&mut self, at: &Resume) -> io::Result<()>;
    /// Whether it is asked when requests began.
    fn wants_beginnings(&self) -> bool;
}

/// How far a log was read, and what its earlier lines say about later ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resume {
    /// Up to here it was read: the beginning of a line.
    pub offset: u64,
    /// Lines before that could not be read.
    pub skipped: u64,
    /// Time of the last line that has one, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_at: Option<i64>,
    /// How many records there were that are known by their place only.
    pub(crate) untimed: u64,
    /// The folder that a line named last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) folder: Option<Box<str>>,
    /// The latest answers, of which more states may follow.
    #[serde(skip_serializing_if = "Answers::is_empty")]
    pub(crate) answers: Answers,
    /// How many copies of it end before: `forked` lines.
    pub(crate) forks: u32,
    /// The model that was last asked for, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asked: Option<String>,
    /// What the configuration calls it, and where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asked_alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asked_provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asked_at: Option<i64>,
    /// When the request began that is not logged yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) begun: Option<i64>,
    /// The session that a line named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<Box<str>>,
    /// A hash of the session that it began in, whatever sessions copied it since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) root: Option<u64>,
    /// What all requests of the session summed up to at its last one: input, of it cached and written to the cache, and
    /// output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) total: Option<[u64; 4]>,
    /// Up to when requests that were removed later had not been seen before, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unseen_to: Option<i64>,
    /// How far each table of a database was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) marks: Vec<Mark>,
}

/// How far a table of a database was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The number of its last row.
    #[serde(rename = "r")]
    pub(crate) rowid: i64,
    /// A print of that row's name: another one means that rows were numbered again.
    #[serde(rename = "n")]
    pub(crate) name: u64,
    /// When a row was last written, in milliseconds of the epoch, as the rows say.
    #[serde(rename = "w")]
    pub(crate) written: i64,
}

/// How far a log was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reached {
    /// To its end.
    End {
        /// From where to read on: behind the last line that has its end.
        resume: Box<Resume>,
        /// Where the file ended.
        end: u64,
        /// Lines that could not be read, with the one that has no end yet.
        skipped: u64,
    },
    /// What was read before has another meaning now: the whole log is to be read again.
    Again,
}

impl Reached {
    /// The end of a log: where the line without an end began, if there was one, and where all ended.
    pub(crate) fn end(open: Option<Resume>, at: Resume) -> Self {
        let (end, skipped) = (at.offset, at.skipped);
        Self::End { resume: Box::new(open.unwrap_or(at)), end, skipped }
    }
}

/// A log that is open for reading.
pub(crate) struct Opened {
    pub(crate) file: File,
    modified: i64,
    /// Whether it was asked when it was last written.
    is_asked: Cell<bool>,
    path: PathBuf,
}

/// How many of a log's first bytes identify it.
const HEAD: u64 = 1024;

impl Opened {
    /// Opens a log and stands at an offset.
    pub(crate) fn at(path: &Path, offset: u64) -> io::Result<Self> {
        let mut file = read::open(path)?;
        let modified = file.metadata()?.modified().ok();
        if offset > 0 {
            file.seek(SeekFrom::Start(offset))?;
        }
        let since = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let modified = i64::try_from(since.as_millis()).unwrap_or_default();
        Ok(Self { file, modified, is_asked: Cell::new(false), path: path.to_owned() })
    }

    /// When it was last written, in milliseconds of the epoch: the time of what has no other.
    pub(crate) fn modified(&self) -> i64 {
        self.is_asked.set(true);
        self.modified
    }

    /// When it was last written, likewise, for anything but the time of what is found.
    pub(crate) const fn written(&self) -> i64 {
        self.modified
    }

    /// A time, or when it was last written where there is none; and whether it is that.
    pub(crate) fn dated(&self, at: Option<i64>) -> (i64, bool) {
        at.map_or_else(|| (self.modified(), true), |at| (at, false))
    }

    /// Whether anything found in it has the time of the file: another one, once more was written to it.
    pub(crate) fn dates_records(&self) -> bool {
        self.is_asked.get()
    }

    /// Identifies the log under any name: a hash of the beginning of its first line. Only used for records
    /// that nothing else distinguishes.
    pub(crate) fn head(&self) -> u64 {
        let mut head = Vec::new();
        let read = read::open(&self.path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
        // A log that vanished just now is known by nothing.
        read.map_or(0, |_| {
            let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
            Fingerprint::of(6).text(line.trim_ascii_end()).finish()
        })
    }
}
