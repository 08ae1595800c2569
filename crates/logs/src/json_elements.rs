//! The elements of a JSON list that fills a file, one after another, in bounded memory.
//!
//! Some programs keep a session in one list and write the whole file again with each change. It can have hundreds of
//! megabytes, most of them pictures and what tools gave back. An element is held only if its beginning is wanted.

use std::io::{self, Read};

/// How much is read at once.
const PIECE: usize = 256 * 1024;
/// How much of an element is shown to decide whether it is wanted.
const HEAD: usize = 512;
/// The longest element that is held.
const MAX_ELEMENT: usize = 8 * 1024 * 1024;
/// An element that was longer gives its room back.
const ORDINARY: usize = 512 * 1024;

/// What comes next in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element<'e> {
    /// One that is wanted.
    Wanted(&'e [u8]),
    /// One that is wanted and longer than what is held.
    TooLong,
    /// The list ends here.
    End,
    /// The file ends before the list does, or is no such list: it is being written, or was damaged.
    Torn,
}

/// Reads a list: the file's own, or that of a name in the file's object.
pub(crate) struct Elements<R> {
    reader: R,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    /// How many bytes were read.
    read: u64,
    element: Vec<u8>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Within,
    Behind,
}

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Held,
    PassedOver,
    TooLong,
    Torn,
}

impl<R: Read> Elements<R> {
    pub(crate) fn new(reader: R) -> Self {
        let (buffer, element) = (vec![0; PIECE], Vec::new());
        Self { reader, buffer, at: 0, end: 0, read: 0, element, state: State::Before }
    }

    /// How many bytes were read so far.
    pub(crate) const fn bytes(&self) -> u64 {
        self.read
    }

    /// The next element whose beginning is wanted, of the list that fills the file or has this name in its object.
    pub(crate) fn next(&mut self, name: &str, wanted: impl Fn(&[u8]) -> bool) -> io::Result<Element<'_>> {
        if self.state == State::Before && !self.enter(name)? {
            self.state = State::Behind;
            return Ok(Element::Torn);
        }
        while self.state == State::Within {
            let next = match self.peek()? {
                Some(b']') => {
                    self.state = State::Behind;
                    break;
                }
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(_) => self.value(&wanted)?,
                None => Value::Torn,
            };
            match next {
                Value::Held => return Ok(Element::Wanted(&self.element)),
                Value::TooLong => return Ok(Element::TooLong),
                Value::PassedOver => {}
                Value::Torn => {
                    self.state = State::Behind;
                    return Ok(Element::Torn);
                }
            }
        }
        Ok(Element::End)
    }

    /// Goes to where the list begins; says whether there is one.
    fn enter(&mut self, name: &str) -> io::Result<bool> {
        match self.peek()? {
            Some(b'[') => {
                self.at += 1;
                self.state = State::Within;
                return Ok(true);
            }
            Some(b'{') => self.at += 1,
            _ => return Ok(false),
        }
        loop {
            match self.peek()? {
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    if self.value(&|_: &[u8]| true)? != Value::Held {
                        return Ok(false);
                    }
                    let is_name = self.element.get(1..self.element.len() - 1) == Some(name.as_bytes());
                    if self.peek()? != Some(b':') {
                        return Ok(false);
                    }
                    self.at += 1;
                    if is_name && self.peek()? == Some(b'[') {
                        self.at += 1;
                        self.state = State::Within;
                        return Ok(true);
                    }
                    if self.peek()?.is_none() || self.value(&|_: &[u8]| false)? == Value::Torn {
                        return Ok(false);
                    }
                }
                _ => return Ok(false),
            }
        }
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let blanks = self.buffer[self.at..self.end].iter();
            // A byte order mark too.
            let blanks =
                blanks.take_while(|byte| byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf));
            self.at += blanks.count();
            if let Some(byte) = self.buffer[self.at..self.end].first() {
                return Ok(Some(*byte));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Reads a value that begins here, and holds it if its beginning is wanted.
    fn value(&mut self, wanted: &impl Fn(&[u8]) -> bool) -> io::Result<Value> {
        self.element.clear();
        self.element.shrink_to(ORDINARY);
        let mut held = Held { is_decided: false, outcome: Value::Held };
        let (mut depth, mut in_text, mut is_escaped) = (0_usize, false, false);
        let mut is_begun = false;
        loop {
            if self.at == self.end && !self.fill()? {
                return Ok(Value::Torn);
            }
            let piece = &self.buffer[self.at..self.end];
            let (mut used, mut is_done) = (0, false);
            while !is_done && used < piece.len() {
                if is_escaped {
                    is_escaped = false;
                    used += 1;
                } else if in_text {
                    let Some(at) = memchr::memchr2(b'"', b'\\', &piece[used..]) else {
                        used = piece.len();
                        break;
                    };
                    is_escaped = piece[used + at] == b'\\';
                    in_text = is_escaped;
                    is_done = !in_text && depth == 0;
                    used += at + 1;
                } else {
                    match piece[used] {
                        b'"' => in_text = true,
                        b'{' | b'[' => depth += 1,
                        // What follows a number or a word is no part of it.
                        b'}' | b']' | b',' | b':' if depth == 0 => {
                            is_done = true;
                            break;
                        }
                        byte if depth == 0 && byte.is_ascii_whitespace() => {
                            is_done = true;
                            break;
                        }
                        b'}' | b']' => {
                            depth -= 1;
                            is_done = depth == 0;
                        }
                        _ => {}
                    }
                    used += 1;
                }
            }
            if used == 0 && !is_begun {
                // Something that begins no value.
                return Ok(Value::Torn);
            }
            is_begun = true;
            held.take(&mut self.element, &piece[..used], wanted);
            self.at += used;
            if is_done {
                return Ok(held.done(&self.element, wanted));
            }
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        loop {
            match self.reader.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => {
                    let read = result?;
                    (self.at, self.end) = (0, read);
                    self.read += read as u64;
                    return Ok(read > 0);
                }
            }
        }
    }
}

/// How much of a value is held.
struct Held {
    is_decided: bool,
    outcome: Value,
}

impl Held {
    fn take(&mut self, element: &mut Vec<u8>, piece: &[u8], wanted: &impl Fn(&[u8]) -> bool) {
        if self.outcome != Value::Held {
            return;
        }
        if element.len() + piece.len() > MAX_ELEMENT {
            let rest = HEAD.saturating_sub(element.len());
            element.extend_from_slice(&piece[..rest.min(piece.len())]);
            self.outcome =
                if self.is_decided || wanted(head(element)) { Value::TooLong } else { Value::PassedOver };
            element.clear();
            return;
        }
        // Of what is not wanted, no more than the beginning is copied.
        if !self.is_decided && element.len() + piece.len() >= HEAD {
            let rest = HEAD.saturating_sub(element.len());
            element.extend_from_slice(&piece[..rest]);
            self.is_decided = true;
            if !wanted(head(element)) {
                self.outcome = Value::PassedOver;
                return;
            }
            element.extend_from_slice(&piece[rest..]);
            return;
        }
        element.extend_from_slice(piece);
    }

    fn done(self, element: &[u8], wanted: &impl Fn(&[u8]) -> bool) -> Value {
        let is_wanted = self.is_decided || self.outcome != Value::Held || wanted(element);
        if is_wanted { self.outcome } else { Value::PassedOver }
    }
}

fn head(element: &[u8]) -> &[u8] {
    &element[..element.len().min(HEAD)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

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

    fn all(text: &[u8], step: usize, wanted: &str) -> (Vec<String>, bool) {
        let mut elements = Elements::new(Dribble(text, step));
        let mut found = Vec::new();
        loop {
            let has = |head: &[u8]| memchr::memmem::find(head, wanted.as_bytes()).is_some();
            match elements.next("messages", has).unwrap() {
                Element::Wanted(one) => found.push(String::from_utf8_lossy(one).into_owned()),
                Element::TooLong => found.push("too long".to_owned()),
                Element::End => return (found, true),
                Element::Torn => return (found, false),
            }
        }
    }

    #[test]
    fn lists_and_lists_in_objects() {
        for (text, found, whole) in [
            ("[]", &[][..], true),
            (" [ {\"a\":1} ,\n{\"b\":\"]}\\\"\"} ] ", &["{\"a\":1}", "{\"b\":\"]}\\\"\"}"], true),
            ("[1,\"x\",null,[2,[3]]]", &["1", "\"x\"", "null", "[2,[3]]"], true),
            ("\u{feff}[{}]", &["{}"], true),
            ("{\"v\":1,\"x\":{\"messages\":[7]},\"messages\" : [ {\"a\":1} ]}", &["{\"a\":1}"], true),
            ("{\"messages\":5}", &[], false),
            ("{\"messages\":[{\"a\":1},{\"b\":", &["{\"a\":1}"], false),
            ("[{\"a\":1}", &["{\"a\":1}"], false),
            ("[{\"a\":1}}", &["{\"a\":1}"], false),
            ("", &[], false),
            ("7", &[], false),
            ("{\"v\"", &[], false),
            ("[:", &[], false),
        ] {
            for step in [1, 3, 1000] {
                let (elements, ended) = all(text.as_bytes(), step, "");
                assert_eq!(
                    (elements.as_slice(), ended),
                    (&found.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>()[..], whole),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn what_is_not_wanted_is_passed_over_however_long_it_is() {
        let picture = "x".repeat(3 * MAX_ELEMENT);
        let text = format!(
            "[{{\"kind\":\"text\",\"images\":[\"{picture}\"]}},{{\"kind\":\"usage\",\"n\":1}},{{\"kind\":\"usage\",\"n\":\"{picture}\"}},{{\"kind\":\"usage\",\"n\":2}}]"
        );
        let (found, whole) = all(text.as_bytes(), PIECE, "\"usage\"");
        assert_eq!(found, ["{\"kind\":\"usage\",\"n\":1}", "too long", "{\"kind\":\"usage\",\"n\":2}"]);
        assert!(whole);
    }

    fn value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i32>().prop_map(Json::from),
            "[\\PC\"\\\\\\[\\]{},:]{0,700}".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                proptest::collection::hash_map("[a-z\"\\\\]{0,5}", inner, 0..4)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_element_is_found_as_it_is(
            values in proptest::collection::vec(value(), 0..6), step in 1_usize..900, pretty in any::<bool>(),
            inside in any::<bool>(),
        ) {
            let list = Json::from(values.clone());
            let whole = if inside { json!({"a": {"messages": [1]}, "messages": list, "z": 1}) } else { list };
            let text = if pretty { serde_json::to_string_pretty(&whole) } else { serde_json::to_string(&whole) };
            let (found, ended) = all(text.unwrap().as_bytes(), step, "");
            let read: Vec<Json> = found.iter().map(|one| serde_json::from_str(one).unwrap()).collect();
            prop_assert_eq!(read, values);
            prop_assert!(ended);
        }

        #[test]
        fn anything_at_all_is_gone_through(text in proptest::collection::vec(any::<u8>(), 0..300), step in 1_usize..99) {
            all(&text, step, "");
        }
    }
}
