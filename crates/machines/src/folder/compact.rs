//! Compaction: the file of a month that is over is written again in few parts, each fact once.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use age::x25519;
use tidemark_files::private;

use super::part::{self, Found, MAGIC, RECORDS, begins_as_records};
use crate::record::Record;

/// A file of fewer parts stays as it is.
const MIN_PARTS: usize = 16;
/// A longer file stays as it is: it would be in memory as a whole.
const MAX_FILE_LEN: u64 = 8 * 1024 * 1024;
/// The most plain text of a part, in bytes.
const MAX_PLAIN_LEN: usize = 1024 * 1024;

/// Writes the files of months before another one again where that makes them shorter. That one cannot be is no failure
/// of an exchange: it stays as it is.
pub(super) fn compact(own_folder: &Path, before: &str, key: &x25519::Identity) {
    let entries = fs::read_dir(own_folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let Some(month) = name.to_str().and_then(|name| name.strip_suffix(RECORDS)?.strip_suffix('.')) else {
            continue;
        };
        if month.len() == before.len()
            && month < before
            && let Err(error) = compact_file(&entry.path(), key)
        {
            tracing::debug!(%error, "a month of records stays as it is");
        }
    }
}

fn compact_file(path: &Path, key: &x25519::Identity) -> io::Result<()> {
    let length = fs::metadata(path)?.len();
    if length > MAX_FILE_LEN {
        return Ok(());
    }
    let mut file = tidemark_files::read::open(path)?;
    if !begins_as_records(&mut file, length)? {
        return Ok(());
    }
    let keys = [key.clone()];
    let (mut offset, mut parts) = (MAGIC.len() as u64, Vec::new());
    while let Found::Part(plain, end) = part::read_at(&mut file, offset, length, &keys)? {
        parts.push(plain);
        offset = end;
    }
    // What cannot be read must not be lost.
    if offset != length || parts.len() < MIN_PARTS {
        return Ok(());
    }
    let plain = once_each(&parts);
    drop(file);
    private::replace(path, |out| -> io::Result<()> {
        out.write_all(MAGIC)?;
        plain.iter().try_for_each(|part| out.write_all(&part::seal(key, part)?))
    })
}

/// The lines of some parts, each fact as it was said last, below the last header.
fn once_each(parts: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut header: Vec<u8> = Vec::new();
    let mut lines: Vec<Option<&[u8]>> = Vec::new();
    let mut places: HashMap<(u8, String), usize> = HashMap::new();
    for line in parts.iter().flat_map(|part| part.split(|byte| *byte == b'\n')) {
        let key = match Record::read(line) {
            Ok(Record::Machine(_)) => {
                header = line.to_vec();
                continue;
            }
            // States of one request are put together by whoever reads them: only equal ones are one.
            Ok(Record::Request(_)) => (0, String::from_utf8_lossy(line).into_owned()),
            Ok(Record::Source(source)) => (1, source.number.to_string()),
            Ok(Record::Coverage(span)) => (2, format!("{} {}", span.format, span.from)),
            Ok(Record::Cursor(_) | Record::End(_)) => continue,
            Err(_) if line.is_empty() => continue,
            Err(_) => (3, String::from_utf8_lossy(line).into_owned()),
        };
        if let Some(place) = places.insert(key, lines.len()) {
            lines[place] = None;
        }
        lines.push(Some(line));
    }
    let mut compacted = Vec::new();
    let mut part = header.clone();
    part.push(b'\n');
    let empty = part.len();
    for line in lines.into_iter().flatten() {
        part.extend_from_slice(line);
        part.push(b'\n');
        if part.len() >= MAX_PLAIN_LEN {
            compacted.push(std::mem::replace(&mut part, [header.as_slice(), b"\n"].concat()));
        }
    }
    if part.len() > empty {
        compacted.push(part);
    }
    compacted
}
