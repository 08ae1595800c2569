//! Reads a log that has one JSON record a line, on from where an earlier reading of it ended.

use std::io::{self, Read};

use crate::bytes::looks_whole;
use crate::collect::{Collect, Reached, Resume};
use crate::lines::{Buffer, LONGEST, Line, Lines};
use crate::records;
use crate::usage_deduper::PartialRequest;

/// How many requests are handed on at once.
const MOST: usize = 4 * 1024;

/// A record that was to be read and could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// What the records of a format mean.
pub(crate) trait Records {
    /// Whether a line can say anything about usage, judged by its bytes.
    fn can_matter(line: &[u8]) -> bool;
    /// Takes a record, and gives the request that it is of.
    fn take(
        &mut self,
        record: &[u8],
        collect: &mut impl Collect,
    ) -> Result<Option<PartialRequest>, Unreadable>;
    /// How far the log was read, and what its lines so far say about later ones.
    fn state(&mut self) -> &mut Resume;
}

/// Reads a log that can be read on later.
pub(crate) fn read(
    source: impl Read,
    buffer: &mut Buffer,
    records: &mut impl Records,
    collect: &mut impl Collect,
) -> io::Result<Reached> {
    let mut lines = Lines::new(source, records.state().offset, LONGEST, buffer);
    let mut found: Vec<PartialRequest> = Vec::new();
    let mut end = None;
    while let Some((begins, line)) = lines.next()? {
        if matches!(line, Line::Open(_) | Line::TooLong { open: true, .. }) {
            end = Some(Resume { offset: begins, ..records.state().clone() });
        }
        take(line, records, collect, &mut found);
        if found.len() >= MOST && end.is_none() {
            collect.hold(found.drain(..));
            collect.checkpoint(&Resume { offset: lines.offset(), ..records.state().clone() })?;
        }
    }
    collect.hold(found.drain(..));
    Ok(Reached::end(end, Resume { offset: lines.offset(), ..records.state().clone() }))
}

/// Reads a log whose places mean nothing, such as a compressed one: if it changes, it is read from its beginning.
pub(crate) fn read_whole(
    source: impl Read,
    buffer: &mut Buffer,
    records: &mut impl Records,
    collect: &mut impl Collect,
) -> io::Result<Reached> {
    let mut lines = Lines::new(source, 0, LONGEST, buffer);
    let mut found: Vec<PartialRequest> = Vec::new();
    while let Some((_, line)) = lines.next()? {
        take(line, records, collect, &mut found);
        if found.len() >= MOST {
            collect.hold(found.drain(..));
        }
    }
    collect.hold(found.drain(..));
    let (end, skipped) = (lines.offset(), records.state().skipped);
    Ok(Reached::End { resume: Box::default(), end, skipped })
}

fn take<R: Records>(
    line: Line<'_>,
    records: &mut R,
    collect: &mut impl Collect,
    found: &mut Vec<PartialRequest>,
) {
    match line {
        Line::Whole(line) | Line::Open(line) => {
            let matters = R::can_matter(line);
            let taken = match (looks_whole(line), matters) {
                (false, _) => Err(Unreadable),
                (true, true) => records.take(line, collect),
                (true, false) => Ok(None),
            };
            if let Ok(request) = taken {
                found.extend(request);
                return;
            }
            records.state().skipped += 1;
            if matters {
                take_within(records::within(line), records, collect, found);
            }
        }
        Line::TooLong { tail, .. } => {
            records.state().skipped += 1;
            take_within(records::at_the_end(tail).into_iter(), records, collect, found);
        }
    }
}

/// Takes whole records out of a damaged line.
fn take_within<'l>(
    inner: impl Iterator<Item = &'l [u8]>,
    records: &mut impl Records,
    collect: &mut impl Collect,
    found: &mut Vec<PartialRequest>,
) {
    for record in inner {
        found.extend(records.take(record, collect).ok().flatten());
    }
}
