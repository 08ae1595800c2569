//! Whole records inside a damaged line: a record that was torn off, or a run of NUL bytes, costs only itself.

use std::collections::VecDeque;

use serde::de::IgnoredAny;

/// How many objects inside of a torn one are handed on, at most.
const MAX_PARTS: usize = 64 * 1024;
/// The parser reads nothing that is deeper, and no record is.
const MAX_DEPTH: usize = 127;

/// The JSON objects in a line that is none as a whole, in their order, none of them inside another. Parts of a torn
/// record are among them: whoever asks knows a record when they see one.
pub(crate) const fn within(line: &[u8]) -> Within<'_> {
    Within { line, at: 0, open: Vec::new(), parts: VecDeque::new() }
}

/// Whether a line is one JSON value from its beginning to its end.
pub(crate) fn is_whole(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

/// Of the end of a line whose beginning is not known, the objects that stand behind each other up to its end.
pub(crate) fn at_the_end(tail: &[u8]) -> Vec<&[u8]> {
    let tail = &tail[..tail.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)];
    let mut found: Vec<&[u8]> = Vec::new();
    let mut end = 0;
    let mut objects = within(tail);
    while let Some((from, to)) = objects.next_place() {
        if from != end {
            found.clear();
        }
        end = to;
        found.push(&tail[from..to]);
    }
    if end == tail.len() { found } else { Vec::new() }
}

/// Objects in a line, found one after another.
///
/// Where a record is torn off, every bracket that it left open ends at the same place, so none of them is tried again:
/// the search goes on in the token that it ended with, in which the next record may begin. So a line takes about as
/// long as its length says, whatever is in it.
#[derive(Debug)]
pub(crate) struct Within<'l> {
    line: &'l [u8],
    at: usize,
    /// The brackets that are open: where they stand, and whether of an object.
    open: Vec<(usize, bool)>,
    /// What is whole inside of an object that is not.
    parts: VecDeque<(usize, usize)>,
}

impl<'l> Iterator for Within<'l> {
    type Item = &'l [u8];

    fn next(&mut self) -> Option<&'l [u8]> {
        self.next_place().map(|(from, to)| &self.line[from..to])
    }
}

/// What may come next.
#[derive(Debug, Clone, Copy)]
enum Next {
    Key,
    Colon,
    Value,
    /// A comma, or the end of the object or list.
    More,
}

impl Within<'_> {
    fn next_place(&mut self) -> Option<(usize, usize)> {
        loop {
            if let Some(part) = self.parts.pop_front() {
                return Some(part);
            }
            let begins = self.at + memchr::memchr(b'{', self.line.get(self.at..)?)?;
            match self.object(begins) {
                Ok(end) => {
                    self.at = end;
                    self.parts.clear();
                    return Some((begins, end));
                }
                Err(again) => self.at = again,
            }
        }
    }

    /// Where an object ends that begins here. If it is torn off, where to search on, behind the beginning.
    fn object(&mut self, begins: usize) -> Result<usize, usize> {
        let line = self.line;
        self.open.clear();
        self.open.push((begins, true));
        let mut next = Next::Key;
        // Whether a bracket was just opened, so that it may be closed with nothing inside.
        let mut empty = true;
        let (mut last, mut at) = (begins, begins + 1);
        loop {
            at += blanks(&line[at..]);
            let (Some(byte), Some((_, is_object))) = (line.get(at), self.open.last().copied()) else {
                return Err(last + 1);
            };
            let begun = at;
            match (next, byte) {
                (Next::Key, b'"') => {
                    at = text(line, at).ok_or(at + 1)?;
                    next = Next::Colon;
                }
                (Next::Colon, b':') => {
                    at += 1;
                    next = Next::Value;
                }
                (Next::More, b'}' | b']') | (Next::Key, b'}') | (Next::Value, b']')
                    if is_object == (*byte == b'}') && (empty || matches!(next, Next::More)) =>
                {
                    at += 1;
                    if let Some(end) = self.closed(at) {
                        return Ok(end);
                    }
                    next = Next::More;
                }
                (Next::More, b',') => {
                    at += 1;
                    next = if is_object { Next::Key } else { Next::Value };
                }
                (Next::Value, b'{' | b'[') => {
                    if self.open.len() == MAX_DEPTH {
                        return Err(at);
                    }
                    let is_object = *byte == b'{';
                    self.open.push((at, is_object));
                    at += 1;
                    next = if is_object { Next::Key } else { Next::Value };
                }
                (Next::Value, _) => {
                    at = if *byte == b'"' {
                        text(line, at).ok_or(at + 1)?
                    } else {
                        word(line, at).ok_or(last + 1)?
                    };
                    next = Next::More;
                }
                _ => return Err(last + 1),
            }
            last = begun;
            empty = matches!(byte, b'{' | b'[');
        }
    }

    /// Closes the bracket that was opened last; gives the end where it was the first one.
    fn closed(&mut self, end: usize) -> Option<usize> {
        let (begun, is_object) = self.open.pop()?;
        if self.open.is_empty() {
            return Some(end);
        }
        if is_object {
            // What is inside of it goes with it.
            while self.parts.back().is_some_and(|(from, _)| *from > begun) {
                self.parts.pop_back();
            }
            if self.parts.len() < MAX_PARTS {
                self.parts.push_back((begun, end));
            }
        }
        None
    }
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// Where a text ends that begins here.
fn text(line: &[u8], begins: usize) -> Option<usize> {
    let mut at = begins + 1;
    loop {
        match line.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match line.get(at + 1)? {
                b'u' if line.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at += 6,
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                _ => return None,
            },
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

/// Where a number, a truth value or a null ends that begins here.
fn word(line: &[u8], begins: usize) -> Option<usize> {
    let rest = &line[begins..];
    for word in [&b"true"[..], b"false", b"null"] {
        if rest.starts_with(word) {
            return Some(begins + word.len());
        }
    }
    let of_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let length = rest.iter().take_while(of_number).count();
    (length > 0 && rest[0] != b'+' && rest[length - 1].is_ascii_digit()).then_some(begins + length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(line: &str) -> Vec<String> {
        within(line.as_bytes()).map(|record| String::from_utf8_lossy(record).into_owned()).collect()
    }

    #[test]
    fn whole_records_are_found_behind_and_before_damage() {
        for (line, found) in [
            (r#"{"a":1}{"b":2}"#, &[r#"{"a":1}"#, r#"{"b":2}"#][..]),
            (r#"{"a":{"x":1},"to{"b":2}"#, &[r#"{"x":1}"#, r#"{"b":2}"#]),
            (r#"{"a":"some te{"b":{"c":"}"}}"#, &[r#"{"b":{"c":"}"}}"#]),
            (r#"{"a":1}{"b":"#, &[r#"{"a":1}"#]),
            ("\0\0\0{\"a\":1}\0\0", &[r#"{"a":1}"#]),
            (r#"half" of it}{"b":2} and {more"#, &[r#"{"b":2}"#]),
            (r#"{"a":[1,{"x":{}},{"y":[]}],"b":tru{"c":3}"#, &[r#"{"x":{}}"#, r#"{"y":[]}"#, r#"{"c":3}"#]),
            (r#"{"a":"\u12{"b":2}"#, &[r#"{"b":2}"#]),
            (r#"{"a":"\{"b":2}"#, &[r#"{"b":2}"#]),
            (r#"{"a":[{"b":2}"#, &[r#"{"b":2}"#]),
            (r#"{"a":{}]{"b":2}"#, &["{}", r#"{"b":2}"#]),
            ("{{{{", &[]),
            ("", &[]),
        ] {
            assert_eq!(texts(line), found, "{line}");
        }
    }

    #[test]
    fn a_line_of_open_brackets_takes_no_longer_than_its_length_allows() {
        let mut line = r#"{"a":"#.repeat(60_000);
        line.push_str(&"1".repeat(200_000));
        assert_eq!(texts(&line), Vec::<String>::new());
    }

    #[test]
    fn what_is_torn_costs_nothing_but_itself_however_deep_and_long_it_is() {
        let record = r#"{"type":"usage.record","usage":{"output":6},"time":7}"#;
        for depth in [16, 17, 126, 127, 128, 600, 5000] {
            for text in [0, 3000, 100_000] {
                for open in [r#"{"a":"#, "[", r#"{"a":[{"b":{}},"#] {
                    let line =
                        format!(r#"{{"type":"x","d":{}"{}{record}"#, open.repeat(depth), "z".repeat(text));
                    assert_eq!(texts(&line).last().unwrap(), record, "{depth} × {open} and {text}");
                }
            }
        }
    }

    #[test]
    fn of_a_tail_only_what_reaches_its_end_is_a_record() {
        for (tail, found) in [
            (r#"xx{"a":1}"#, &[r#"{"a":1}"#][..]),
            (r#"xx{"a":1}{"b":2}"#, &[r#"{"a":1}"#, r#"{"b":2}"#]),
            ("xx{\"a\":1}\0\0", &[r#"{"a":1}"#]),
            // Parts of a record.
            (r#"x":{"a":1},"b":{"a":1}}"#, &[]),
            (r#"x{"a":1}]"#, &[]),
            ("", &[]),
        ] {
            let texts: Vec<_> =
                at_the_end(tail.as_bytes()).iter().map(|one| String::from_utf8_lossy(one)).collect();
            assert_eq!(texts, found, "{tail}");
        }
    }

    #[test]
    fn many_small_objects_take_no_room() {
        let line = format!("{{\"a\":[{}", "{},".repeat(2 * MAX_PARTS));
        assert_eq!(within(line.as_bytes()).count(), MAX_PARTS);
        assert_eq!(within("{}".repeat(2 * MAX_PARTS).as_bytes()).count(), 2 * MAX_PARTS);
    }

    proptest! {
        #[test]
        fn a_record_behind_any_torn_one_is_found(cut in 1_usize..120, nul in 0_usize..20) {
            let record = r#"{"type":"usage.record","model":"k3","usage":{"inputOther":5,"output":6},"note":"a {b} \"c\" \\","time":7}"#;
            let torn = &record[..cut.min(record.len() - 1)];
            let line = format!("{torn}{}{record}", "\0".repeat(nul));
            prop_assert_eq!(within(line.as_bytes()).last(), Some(record.as_bytes()), "{}", line);
        }

        #[test]
        fn anything_at_all_is_gone_through(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            for record in within(&line) {
                let whole = record.starts_with(b"{") && record.ends_with(b"}");
                prop_assert!(whole, "{:?}", record);
            }
        }
    }
}
