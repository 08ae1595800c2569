//! A session log of each format, read in two parts and at once.
//!
//! The first byte of an input is the format, the next two say where the log is cut, and the rest is the log.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono_tz::Tz;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_core::text::MAX_NAME_CHARS;
use tidemark_logs::{
    By, FileCursor, Follower, Known, Log, Options, Portion, Roots, UsageDeduper, report, scan,
};

use super::bodies::at;
use crate::law::{Broken, Outcome, are_equal, holds, is_kept};
use crate::random::Random;
use crate::shapes::{FORMATS, LOG_FILES, LOGS};
use crate::target::Target;
use crate::{bytes, json};

/// Reads logs in a home folder of its own.
pub(super) struct LogFiles {
    home: tempfile::TempDir,
    /// One for all inputs: a new buffer would take longer than most inputs do.
    follower: Follower,
}

/// The longest folder that is kept: longer than other names, since what hides a project may stand anywhere in it.
const MAX_FOLDER_CHARS: usize = 1000;

/// Requests by when, what and how much.
type Requests = BTreeMap<(i64, u64, u64), u64>;

/// A folder in memory, where the system has such a place.
pub(super) fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap_or_else(|error| panic!("no folder for the inputs: {error}"))
}

/// A failure of the system, which says nothing about the input.
pub(super) fn system(error: &io::Error) -> Broken {
    Broken { law: "the system does its part", seen: error.to_string() }
}

/// When every log was written last.
fn modified() -> SystemTime {
    UNIX_EPOCH + Duration::from_hours(495_826)
}

/// Writes a file with a fixed time: a record without a time has that of its file.
pub(super) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.set_modified(modified())
}

/// What is reported of a scan: names are kept clean and bounded, sums are those of their rows.
pub(super) fn reports_are_sound(deduper: &UsageDeduper) -> Outcome {
    for by in By::ALL {
        let report = report(deduper, by, Tz::Asia__Shanghai, &[], &HiddenProjects::default(), at());
        let mut requests = 0_u64;
        let mut tokens = 0_u64;
        for row in &report.rows {
            if let Some(key) = &row.key {
                is_kept(by.as_str(), key, MAX_FOLDER_CHARS)?;
            }
            for part in &row.parts {
                is_kept("model", &part.model, MAX_NAME_CHARS)?;
            }
            requests += row.tally.requests;
            tokens = tokens.saturating_add(row.tally.tokens.total());
        }
        let total = (report.totals.tally.requests, report.totals.tally.tokens.total());
        are_equal("rows make the total", &(requests, tokens), &total)?;
    }
    Ok(())
}

impl LogFiles {
    pub(super) fn open() -> Self {
        Self { home: folder(), follower: Follower::default() }
    }

    fn read(&mut self, known: Option<&FileCursor>) -> Result<(Requests, FileCursor), Broken> {
        let roots = Roots::in_home(self.home.path(), &[]);
        let Some(log) = Log::find(&roots).pop() else {
            return Err(Broken { law: "a log is found", seen: "no log".to_owned() });
        };
        let mut found = Requests::new();
        let mut names = Vec::new();
        let mut take = |portion: Portion, _: FileCursor, _: bool| {
            for claim in &portion.claims {
                let request = &claim.request;
                *found.entry((request.at, request.fingerprint, request.tokens.total())).or_default() += 1;
            }
            for named in &portion.named {
                let request = &named.request;
                *found.entry((request.at, request.fingerprint, request.tokens.total())).or_default() += 1;
            }
            names.extend(portion.models.into_iter().map(|model| model.name));
            names.extend(portion.origins.iter().map(|origin| origin.session.clone()));
            names.extend(portion.origins.iter().filter_map(|origin| origin.project.clone()));
            Ok(())
        };
        let known = known.map(|cursor| Known { cursor, from_start: false });
        let done = self.follower.read(&log, known, &mut take).map_err(|error| system(&error))?;
        for name in &names {
            is_kept("a name of a log", name, MAX_FOLDER_CHARS)?;
        }
        Ok((found, done.cursor))
    }
}

impl Target for LogFiles {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let format = random.below(FORMATS);
        let mut log = LOGS[format].to_vec();
        for _ in 0..random.below(3) {
            json::change_line(random, &mut log);
        }
        if random.one_in(2) {
            bytes::damage(random, &mut log);
        }
        let mut input = vec![format as u8, random.below(256) as u8, random.below(256) as u8];
        input.extend(log);
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        let [format, high, low, log @ ..] = input else { return Ok(()) };
        let cut = usize::from(u16::from_be_bytes([*high, *low])) % (log.len() + 1);
        let (folder, file) = LOG_FILES[usize::from(*format) % FORMATS];
        let path = self.home.path().join(folder).join(file);
        let outcome = self.read_in_parts(&path, log, cut);
        fs::remove_file(&path).map_err(|error| system(&error))?;
        outcome
    }
}

impl LogFiles {
    fn read_in_parts(&mut self, path: &Path, log: &[u8], cut: usize) -> Outcome {
        write(path, &log[..cut]).map_err(|error| system(&error))?;
        let (mut parts, cursor) = self.read(None)?;
        let append = || {
            let mut file = File::options().append(true).open(path)?;
            file.write_all(&log[cut..])?;
            file.set_modified(modified())
        };
        append().map_err(|error| system(&error))?;
        let (rest, end) = self.read(Some(&cursor))?;
        parts.extend(rest);
        let (whole, at_once) = self.read(None)?;
        let again = self.read(None)?;
        are_equal("a log means one thing", &(whole.clone(), at_once.clone()), &again)?;
        // A line that was cut can have been whole as it stood: then its request was there, and is remembered.
        let missing: Vec<_> = whole.keys().filter(|request| !parts.contains_key(request)).collect();
        holds("what is appended is read", missing.is_empty(), || {
            format!("only at once: {missing:?}; in parts: {parts:?}")
        })?;
        are_equal("both end at one place", &end.resume.offset, &at_once.resume.offset)?;
        are_equal("both skip as many lines", &end.skipped, &at_once.skipped)?;
        // A list has no more elements than it has separators and beginnings of them, whatever its lines are.
        let lines = log.iter().filter(|byte| matches!(byte, b'\n' | b'{' | b',' | b'"')).count() as u64 + 1;
        holds("no more is skipped than there is", at_once.skipped <= lines, || {
            format!("{}", at_once.skipped)
        })?;
        let roots = Roots::in_home(self.home.path(), &[]);
        let deduper = scan(&roots, &Options { threads: 1, ..Options::default() });
        are_equal("a scan sees the file once", &deduper.files(), &1)?;
        are_equal("a scan skips as many lines", &deduper.lines_skipped(), &at_once.skipped)?;
        let requests: u64 = deduper.rows().map(|row| row.tally.requests).sum();
        let records = whole.values().sum::<u64>();
        holds("a request is counted once", requests <= records, || {
            format!("{requests} of {records} records")
        })?;
        reports_are_sound(&deduper)
    }
}
