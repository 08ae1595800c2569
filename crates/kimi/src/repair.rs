//! JSON with a value in it that no parser takes: read a second time, that value marked.
//!
//! One number beyond the range of a float, a bare `NaN`, half of a surrogate pair, a raw control character
//! or a byte that is no UTF-8 makes a parser give up the whole body. Here such a body is mended, value by
//! value, and read again: what was bad becomes [`MARK`], which no number, time or word reads from, and
//! everything around it stays. The mending never completes a body that is cut off, and never makes a key of
//! something that is none: what is not JSON but for such values stays an error, the parser's own.

use std::fmt::Write as _;

use serde_json::Value;

/// Stands where a value, a character or a part of an escape could not be read: U+FFFD, the replacement
/// character, of which Unicode says the same.
pub(crate) const MARK: char = '\u{fffd}';

/// Objects and arrays below this depth are marked as a whole; the parser would give up at 128. No body of
/// the service is deeper than eight.
const DEEPEST: usize = 100;

/// The most damaged places that are named of one body.
const MAX_PLACES: usize = 64;

/// A body that was read.
#[derive(Debug)]
pub(crate) struct Read {
    /// The value that was read.
    pub(crate) value: Value,
    /// The paths of what was marked, in the order of the body; none where nothing had to be mended.
    pub(crate) damaged: Vec<String>,
}

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum NotJson {
    /// There is nothing but white space.
    Empty,
    /// It is not UTF-8, from this byte on, and no JSON with a bad byte in it either.
    NotUtf8(usize),
    /// It is text, and the parser says this.
    Syntax(serde_json::Error),
}

/// Reads a body, with or without a byte order mark.
pub(crate) fn read(body: &[u8]) -> Result<Read, NotJson> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Err(NotJson::Empty);
    }
    match std::str::from_utf8(body) {
        Ok(text) => read_text(text).map_err(NotJson::Syntax),
        Err(error) => {
            let text = String::from_utf8_lossy(body);
            mended(&text).ok_or_else(|| NotJson::NotUtf8(error.valid_up_to()))
        }
    }
}

/// Reads a text as JSON, with repairs.
pub(crate) fn read_text(text: &str) -> serde_json::Result<Read> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(Read { value, damaged: Vec::new() }),
        Err(error) => mended(text).ok_or(error),
    }
}

/// The text with its bad values marked, where that is all that is wrong with it.
fn mended(text: &str) -> Option<Read> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let value: Value = serde_json::from_str(&Mending::of(text)?).ok()?;
    let mut damaged = Vec::new();
    find(&value, &mut String::new(), &mut damaged);
    Some(Read { value, damaged })
}

/// Names the places that hold a mark.
fn find(value: &Value, path: &mut String, damaged: &mut Vec<String>) {
    if damaged.len() >= MAX_PLACES {
        return;
    }
    let length = path.len();
    match value {
        Value::String(text) if text.contains(MARK) => damaged.push(path.clone()),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                let _ = write!(path, "[{index}]");
                find(element, path, damaged);
                path.truncate(length);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                if key.contains(MARK) {
                    damaged.push(path.clone());
                } else {
                    find(value, path, damaged);
                }
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// The way through a text.
struct Mending<'a> {
    rest: &'a str,
    out: String,
    depth: usize,
}

impl<'a> Mending<'a> {
    /// The mended text; `None` where it ends in the middle of something.
    fn of(text: &'a str) -> Option<String> {
        let mut mending = Mending { rest: text, out: String::with_capacity(text.len()), depth: 0 };
        while let Some(next) = mending.rest.chars().next() {
            match next {
                '"' => mending.string()?,
                '{' | '[' if mending.depth == DEEPEST => mending.too_deep()?,
                '{' | '[' => {
                    mending.depth += 1;
                    mending.copy(next);
                }
                '}' | ']' => {
                    mending.depth = mending.depth.saturating_sub(1);
                    mending.copy(next);
                }
                ':' | ',' | ' ' | '\t' | '\r' | '\n' => mending.copy(next),
                _ => mending.word(),
            }
        }
        Some(mending.out)
    }

    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        Some(next)
    }

    fn copy(&mut self, next: char) {
        self.rest = &self.rest[next.len_utf8()..];
        self.out.push(next);
    }

    /// A string: raw control characters are escaped, escapes that mean nothing are marked.
    fn string(&mut self) -> Option<()> {
        self.copy('"');
        loop {
            match self.take()? {
                '"' => {
                    self.out.push('"');
                    return Some(());
                }
                '\\' => self.escape()?,
                raw if raw < ' ' => self.unicode(u32::from(raw)),
                plain => self.out.push(plain),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Option<()> {
        match self.take()? {
            plain @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => self.out.extend(['\\', plain]),
            'u' => match self.unit() {
                Some(first @ 0xd800..=0xdbff) => {
                    let behind = self.rest;
                    let second = behind.strip_prefix("\\u").and_then(|rest| {
                        self.rest = rest;
                        self.unit()
                    });
                    if let Some(second @ 0xdc00..=0xdfff) = second {
                        self.unicode(first.into());
                        self.unicode(second.into());
                    } else {
                        self.rest = behind;
                        self.out.push(MARK);
                    }
                }
                Some(0xdc00..=0xdfff) | None => self.out.push(MARK),
                Some(unit) => self.unicode(unit.into()),
            },
            _ => self.out.push(MARK),
        }
        Some(())
    }

    /// Writes a character as an escape.
    fn unicode(&mut self, unit: u32) {
        let _ = write!(self.out, "\\u{unit:04x}");
    }

    /// Four hexadecimal digits, taken where they are there.
    fn unit(&mut self) -> Option<u16> {
        let digits = self.rest.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.rest = &self.rest[4..];
        u16::from_str_radix(digits, 16).ok()
    }

    /// A run of characters outside of a string: a number, a truth value, null, or something to be marked.
    fn word(&mut self) {
        let end = self
            .rest
            .find(['{', '}', '[', ']', ':', ',', '"', ' ', '\t', '\r', '\n'])
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        // A key without quotes is no bad value: marked, it would take a good one with it.
        let is_value = matches!(rest.trim_start().chars().next(), Some(',' | '}' | ']'));
        if is_value && serde_json::from_str::<Value>(word).is_err() {
            self.out.extend(['"', MARK, '"']);
        } else {
            self.out.push_str(word);
        }
    }

    /// An object or array that is nested too deep: marked as a whole.
    fn too_deep(&mut self) -> Option<()> {
        let mut inside = 0_usize;
        loop {
            match self.take()? {
                '{' | '[' => inside += 1,
                '}' | ']' => inside -= 1,
                '"' => loop {
                    match self.take()? {
                        '"' => break,
                        '\\' => {
                            self.take()?;
                        }
                        _ => {}
                    }
                },
                _ => {}
            }
            if inside == 0 {
                self.out.extend(['"', MARK, '"']);
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_json_is_read_as_it_is() {
        for text in [r#"{"a":[1,2.5,"\u00e4\ud83d\ude00\n",null,true]}"#, "[]", " {} ", "\"\u{fffd}\"", "3"] {
            let read = read_text(text).unwrap();
            assert_eq!((read.value, read.damaged), (serde_json::from_str(text).unwrap(), vec![]));
            if text.trim_start().starts_with(['{', '[']) {
                let again: Value = serde_json::from_str(&Mending::of(text).unwrap()).unwrap();
                assert_eq!(again, serde_json::from_str::<Value>(text).unwrap(), "mending changes nothing");
            }
        }
    }

    #[test]
    fn what_is_not_json_but_for_a_value_stays_an_error() {
        for text in [
            "nonsense",
            "{nonsense}",
            "{usage:1}",
            r#"{"a":1e400"#,
            r#"{"a":"\ud800"#,
            r#"{"a":1e400}}"#,
            r#"{"a":one two}"#,
            r#"{"a" 1e400}"#,
            r#"{"a":1e400,}"#,
            r#"{"a":"#,
            r#"{"a":tru"#,
        ] {
            let strict = serde_json::from_str::<Value>(text).unwrap_err().to_string();
            assert_eq!(read_text(text).unwrap_err().to_string(), strict, "{text}");
        }
        assert!(matches!(read(b" \n"), Err(NotJson::Empty)));
        assert!(matches!(read(b"{\"a\":\"\xff"), Err(NotJson::NotUtf8(6))));
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_through_without_a_panic(text in "[\\[\\]{}\":,\\\\udD8090aeN\u{1}\u{fffd} ä-]{0,60}") {
            let _ = read_text(&text);
            let _ = read_text(&format!("{{\"a\":{text}}}"));
        }
    }
}
