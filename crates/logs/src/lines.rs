//! Lines of a log, one after another, in a buffer of bounded size. A line longer than the bound is passed
//! through without being held.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the next piece of a file is read to, handed from file to file so that it is made once a thread.
#[derive(Debug, Default)]
pub(crate) struct Buffer(Vec<u8>);

/// The longest line that is held. What a tool gave back, or a file that was written, can stand beside the use
/// of a call in one line.
pub(crate) const LONGEST: usize = 24 * 1024 * 1024;
/// The longest line that is taken apart piece by piece where the quick way refused it: in pieces it takes many
/// times its own room.
pub(crate) const MAX_IN_PIECES: usize = 1024 * 1024;

/// How much is read at once.
const PIECE: usize = 256 * 1024;
/// A larger buffer is had by one thread at a time, whatever their number, and given back at the line's end.
const ORDINARY: usize = 2 * 1024 * 1024;
/// Its size: so large that allocators take it from the system and give it back there at once, and that what is
/// not touched of it takes no memory.
const LARGEST: usize = 33 * 1024 * 1024;
/// Who has it holds this.
static LARGE: Mutex<()> = Mutex::new(());
/// How much is kept of the head of a line that is too long: enough to see what it is.
const HEAD: usize = 256;
/// How much is kept of its end: a whole record can stand behind damage.
const TAIL: usize = 128 * 1024;

/// One line, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// A line with its end.
    Whole(&'a [u8]),
    /// What stands behind the last line end: complete, or half-written by a program that is at it now.
    Open(&'a [u8]),
    /// A line that was longer than the bound.
    TooLong {
        head: &'a [u8],
        tail: &'a [u8],
        /// Whether it has no end yet.
        open: bool,
    },
}

/// Reads a log line by line.
pub(crate) struct Lines<'b, R> {
    reader: R,
    buffer: &'b mut Vec<u8>,
    /// The unread part of the buffer.
    start: usize,
    end: usize,
    /// Up to where it is known to hold no line end.
    searched: usize,
    /// Where `start` is in the file.
    offset: u64,
    /// How many bytes of the line that begins there are not held: NULs behind another one.
    nulls: u64,
    longest: usize,
    ended: bool,
    /// PartialRequest while the buffer is large.
    large: Option<MutexGuard<'static, ()>>,
}

impl<'b, R: Read> Lines<'b, R> {
    /// Reads from a reader that stands at `offset` of a file, holding lines up to `longest` bytes.
    pub(crate) fn new(reader: R, offset: u64, longest: usize, buffer: &'b mut Buffer) -> Self {
        let buffer = &mut buffer.0;
        if buffer.len() < PIECE {
            buffer.resize(PIECE, 0);
        }
        Self {
            reader,
            buffer,
            start: 0,
            end: 0,
            searched: 0,
            offset,
            nulls: 0,
            longest: longest.max(PIECE),
            ended: false,
            large: None,
        }
    }

    /// Where in the file the next line begins.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The next line, and where in the file it begins. Empty ones are passed over.
    pub(crate) fn next(&mut self) -> io::Result<Option<(u64, Line<'_>)>> {
        loop {
            let begins = self.offset;
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[self.searched..self.end]) {
                let (from, to) = (self.start, self.searched + at);
                self.advance_to(to + 1);
                let (from, to) = self.trimmed(from, to);
                if from == to {
                    continue;
                }
                return Ok(Some((begins, Line::Whole(&self.buffer[from..to]))));
            }
            self.searched = self.end;
            if self.ended {
                let (from, to) = self.trimmed(self.start, self.end);
                if from == to {
                    // Blanks are the beginning of a line too: who reads on begins with them.
                    return Ok(None);
                }
                self.advance_to(self.end);
                return Ok(Some((begins, Line::Open(&self.buffer[from..to]))));
            }
            if self.end - self.start > self.longest {
                let tail = self.pass_through()?;
                let (head, tail) = (&self.buffer[..HEAD], &self.buffer[tail]);
                return Ok(Some((begins, Line::TooLong { head, tail, open: self.ended })));
            }
            self.fill()?;
        }
    }

    fn advance_to(&mut self, to: usize) {
        self.offset += (to - self.start) as u64 + std::mem::take(&mut self.nulls);
        self.start = to;
        self.searched = to;
    }

    /// A line without a carriage return behind and a byte order mark or blanks in front.
    fn trimmed(&self, mut from: usize, mut to: usize) -> (usize, usize) {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        if self.buffer[from..to].starts_with(MARK) {
            from += MARK.len();
        }
        while from < to && self.buffer[from].is_ascii_whitespace() {
            from += 1;
        }
        while from < to && self.buffer[to - 1].is_ascii_whitespace() {
            to -= 1;
        }
        (from, to)
    }

    fn fill(&mut self) -> io::Result<()> {
        let done = self.large.is_some() && self.end - self.start < PIECE;
        if done || self.start > 0 && self.buffer.len() - self.end < PIECE / 4 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.searched -= self.start;
            self.start = 0;
        }
        if done {
            self.give_back();
        }
        if self.end == self.buffer.len() {
            self.grow();
        }
        // Of a large buffer no more is touched than is needed.
        let to = if self.large.is_some() { self.end + PIECE } else { self.buffer.len() };
        let to = to.min(self.buffer.len());
        let read = read(&mut self.reader, &mut self.buffer[self.end..to])?;
        self.ended = read == 0;
        self.end += read;
        self.pass_over_nulls(read);
        Ok(())
    }

    /// Of a run of NULs that goes on in what was read just now, holds the first one only. A computer that lost its
    /// power can leave megabytes of them, in front of a record too.
    fn pass_over_nulls(&mut self, read: usize) {
        let from = self.end - read;
        if from == self.start || self.buffer[from - 1] != 0 {
            return;
        }
        let run = self.buffer[from..self.end].iter().take_while(|byte| **byte == 0).count();
        self.buffer.copy_within(from + run..self.end, from);
        self.end -= run;
        self.nulls += run as u64;
    }

    /// Makes room behind a line that fills the buffer.
    fn grow(&mut self) {
        let larger = (self.buffer.len() * 2).min(self.longest + PIECE);
        if larger <= ORDINARY {
            self.buffer.resize(larger, 0);
            return;
        }
        if self.large.is_none() {
            // It guards nothing that a panic could leave half done.
            self.large = Some(LARGE.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.move_to(LARGEST.max(self.longest + PIECE));
    }

    /// Makes the buffer as small as it was, and lets others have a large one.
    fn give_back(&mut self) {
        self.move_to(PIECE);
        self.large = None;
    }

    /// Goes on with a buffer of another size, which holds what is in this one so far.
    fn move_to(&mut self, size: usize) {
        let mut other = vec![0; size];
        let kept = self.end.min(size);
        other[..kept].copy_from_slice(&self.buffer[..kept]);
        *self.buffer = other;
    }

    /// Keeps the head of the line, and reads on to its end; gives where its tail is.
    fn pass_through(&mut self) -> io::Result<Range<usize>> {
        self.buffer.copy_within(self.start..self.start + HEAD, 0);
        self.buffer.copy_within(self.end - TAIL..self.end, HEAD);
        self.advance_to(self.end);
        self.end = HEAD + TAIL;
        self.give_back();
        let mut end = self.end;
        loop {
            if end + PIECE / 4 > self.buffer.len() {
                self.buffer.copy_within(end - TAIL..end, HEAD);
                end = HEAD + TAIL;
            }
            let read = read(&mut self.reader, &mut self.buffer[end..])?;
            if read == 0 {
                self.ended = true;
                (self.start, self.end, self.searched) = (end, end, end);
                return Ok(end - TAIL..end);
            }
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[end..end + read]) {
                self.offset += at as u64 + 1;
                let to = end + at;
                (self.start, self.end, self.searched) = (to + 1, end + read, to + 1);
                return Ok(to - TAIL..to);
            }
            end += read;
            self.offset += read as u64;
        }
    }
}

impl<R> Drop for Lines<'_, R> {
    fn drop(&mut self) {
        if self.large.is_some() {
            *self.buffer = Vec::new();
        }
    }
}

fn read(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A reader that gives a few bytes at a time.
    struct Dribble<'a>(&'a [u8], usize);

    impl Read for Dribble<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(buffer.len()).min(self.0.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn all(bytes: &[u8], step: usize, longest: usize) -> (Vec<(char, Vec<u8>)>, u64) {
        let mut buffer = Buffer::default();
        let mut lines = Lines::new(Dribble(bytes, step), 0, longest, &mut buffer);
        let mut found = Vec::new();
        while let Some((_, line)) = lines.next().unwrap() {
            found.push(match line {
                Line::Whole(line) => ('w', line.to_vec()),
                Line::Open(line) => ('o', line.to_vec()),
                Line::TooLong { head, .. } => ('l', head.to_vec()),
            });
        }
        let offset = lines.offset();
        (found, offset)
    }

    #[test]
    fn ends_and_blanks() {
        let (lines, offset) = all("\u{feff}{a}\r\n\n  \n{b}\n{c".as_bytes(), 3, 100);
        let expected: Vec<(char, Vec<u8>)> =
            vec![('w', b"{a}".to_vec()), ('w', b"{b}".to_vec()), ('o', b"{c".to_vec())];
        assert_eq!(lines, expected);
        assert_eq!(offset, 18);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_through() {
        let mut bytes = b"{first}\n{\"type\":\"long\",".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', 5 * PIECE));
        bytes.extend(b"}\n{after}\n");
        let (lines, offset) = all(&bytes, 100_000, PIECE);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].1, b"{first}");
        assert_eq!(lines[1].0, 'l');
        assert!(lines[1].1.starts_with(b"{\"type\":\"long\","));
        assert_eq!(lines[2].1, b"{after}");
        assert_eq!(offset, bytes.len() as u64);
    }

    #[test]
    fn of_a_line_that_is_too_long_the_end_is_kept() {
        for length in [3 * PIECE, 5 * PIECE, 5 * PIECE + 12_345] {
            for step in [7000, PIECE] {
                let text: Vec<u8> = (0..length).map(|at| b'a' + (at % 23) as u8).collect();
                for end in ["\n{after}\n", ""] {
                    let bytes = [&text[..], end.as_bytes()].concat();
                    let mut buffer = Buffer::default();
                    let mut lines = Lines::new(Dribble(&bytes, step), 0, PIECE, &mut buffer);
                    let Some((0, Line::TooLong { head, tail, open })) = lines.next().unwrap() else {
                        unreachable!()
                    };
                    assert_eq!((head, tail), (&text[..HEAD], &text[length - TAIL..]), "{length} by {step}");
                    assert_eq!(open, end.is_empty());
                    let after = lines.next().unwrap();
                    let expected = (length as u64 + 1, Line::Whole(b"{after}"));
                    assert_eq!(after, (!end.is_empty()).then_some(expected));
                    assert_eq!(lines.offset(), bytes.len() as u64);
                }
            }
        }
    }

    #[test]
    fn a_run_of_nulls_takes_no_room() {
        for run in [1, 5000, 3 * PIECE, 40 * PIECE] {
            for torn in ["", "{\"type\":\"us"] {
                for step in [1000, PIECE] {
                    let nulls = vec![0; run];
                    let bytes =
                        [b"{a}\n", torn.as_bytes(), &nulls, b"{b}\n{c}\n", &nulls[..], b"\n{d}"].concat();
                    let (lines, offset) = all(&bytes, step, 2 * PIECE);
                    assert_eq!(lines.len(), 5, "{run} behind {torn:?} by {step}");
                    assert_eq!((lines[0].0, &lines[0].1[..]), ('w', &b"{a}"[..]));
                    let behind = [torn.as_bytes(), &[0]].concat();
                    assert!(lines[1].1.starts_with(&behind) && lines[1].1.ends_with(b"\0{b}"));
                    assert_eq!(lines[2].1, b"{c}");
                    assert!(lines[3].1.iter().all(|byte| *byte == 0));
                    assert_eq!(lines[4], ('o', b"{d".iter().chain(b"}").copied().collect()));
                    assert_eq!(offset, bytes.len() as u64);
                }
            }
        }
    }

    #[test]
    fn a_line_begins_behind_the_empty_ones() {
        let text = format!("\n \r\n{{a}}\n\n{}\n\n{{c", "x".repeat(3 * PIECE));
        let mut buffer = Buffer::default();
        let mut lines = Lines::new(Dribble(text.as_bytes(), 1000), 0, PIECE, &mut buffer);
        let mut begun = Vec::new();
        while let Some((begins, line)) = lines.next().unwrap() {
            begun.push((begins, matches!(line, Line::Open(_))));
        }
        assert_eq!(begun, [(4, false), (9, false), (11 + 3 * PIECE as u64, true)]);
    }

    #[test]
    fn a_line_that_is_blank_so_far_is_left_for_the_next_time() {
        for (text, begins) in
            [("{a}\n \t", 4), ("{a}\n\u{feff}", 4), ("  ", 0), ("{a}\n", 4), ("{a}\n \n", 6)]
        {
            let (_, offset) = all(text.as_bytes(), 100, PIECE);
            assert_eq!(offset, begins, "{text:?}");
        }
    }

    #[test]
    fn a_long_line_within_the_bound_is_whole() {
        let mut bytes = vec![b'y'; 3 * PIECE];
        bytes.push(b'\n');
        bytes.extend(b"z");
        let (lines, _) = all(&bytes, usize::MAX, 8 * PIECE);
        assert_eq!((lines[0].0, lines[0].1.len()), ('w', 3 * PIECE));
        assert_eq!(lines[1], ('o', b"z".to_vec()));
    }

    #[test]
    fn a_large_buffer_is_given_back() {
        let long = format!("{}\n{{a}}\n{{b}}\n", "y".repeat(2 * ORDINARY));
        let text = format!("{long}{long}{}", "z".repeat(2 * ORDINARY));
        let mut buffer = Buffer::default();
        let mut lines = Lines::new(Dribble(text.as_bytes(), PIECE), 0, LONGEST, &mut buffer);
        let mut found = Vec::new();
        while let Some((_, line)) = lines.next().unwrap() {
            let (Line::Whole(line) | Line::Open(line) | Line::TooLong { head: line, .. }) = line;
            found.push(line.len());
        }
        assert_eq!(found, [2 * ORDINARY, 3, 3, 2 * ORDINARY, 3, 3, 2 * ORDINARY]);
        drop(lines);
        assert!(buffer.0.capacity() <= ORDINARY, "{}", buffer.0.capacity());
        // The next one may have it.
        let mut lines = Lines::new(Dribble(text.as_bytes(), PIECE), 0, LONGEST, &mut buffer);
        assert!(lines.next().unwrap().is_some());
    }

    proptest! {
        #[test]
        fn lines_are_what_split_gives(
            lines in proptest::collection::vec("[a-z\u{e4}]{0,40}", 0..60),
            ended: bool,
            step in 1usize..200,
        ) {
            let mut text = lines.join("\n");
            if ended {
                text.push('\n');
            }
            let (found, offset) = all(text.as_bytes(), step, 0);
            let expected: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                prop_assert_eq!(&found.1[..], expected.as_bytes());
            }
            prop_assert_eq!(offset, text.len() as u64);
        }
    }
}
