//! Text from outside: how long it may be, and what of it may reach a terminal, a page, a spreadsheet or a notification.
//!
//! Names of models and projects, bodies of services, files and what a person types are all text that someone else
//! may have written. What is kept of it is [`bounded`] when it is read; every output is [`clean`].

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use crate::pasted_key::holds_key;

/// The longest name or id that is kept, in characters: a model, a project's folder, a session, a request, a field's path.
pub const MAX_NAME_CHARS: usize = 200;
/// The longest sentence that is kept, in characters: what a service said, an incident's title.
pub const MAX_SENTENCE_CHARS: usize = 2000;
/// How many names a list keeps, such as the fields of a body that could not be parsed.
pub const MAX_LISTED: usize = 50;
/// The longest name of an account, in characters.
pub const MAX_ACCOUNT_NAME_CHARS: usize = 60;

/// What stands in a text where a character was taken out.
const REPLACEMENT: char = '\u{fffd}';

/// Whether a character can do something to a reader other than be seen: move a cursor or begin an escape sequence
/// (C0, DEL, C1), end a line where none ends, turn the order of what follows, or hide.
///
/// The hidden ones are Unicode's `Default_Ignorable_Code_Point`, the directional ones its `Bidi_Control`; so are the
/// interlinear marks and the noncharacters. Joiners inside emoji are hidden ones too: such an emoji is shown in its parts.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c as u32,
            0x00ad | 0x034f | 0x061c
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0x2800
            | 0x3164
            | 0xfdd0..=0xfdef
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfffb
            | 0xfffe..=0xffff
            | 0x1_bca0..=0x1_bca3
            | 0x1_d173..=0x1_d17a
            | 0xe_0000..=0xe_0fff)
}

/// Whether nothing has to be done to a text before it is shown.
#[must_use]
pub fn is_clean(text: &str) -> bool {
    !text.chars().any(is_unsafe)
}

/// A text on one line that shows all that is in it: each unsafe character becomes `�`.
///
/// ```
/// use tidemark_core::text::clean;
/// assert_eq!(clean("k3\u{1b}[31m"), "k3\u{fffd}[31m");
/// assert_eq!(clean("工作"), "工作");
/// ```
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_unsafe(c) { REPLACEMENT } else { c }).collect())
}

/// [`clean`], but lines stay lines: for a text of several, such as a usage message.
#[must_use]
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| c == '\n' || !is_unsafe(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if c != '\n' && is_unsafe(c) { REPLACEMENT } else { c }).collect())
}

/// A text of at most `max` characters; one that was longer ends with `…`.
///
/// ```
/// use tidemark_core::text::clip;
/// assert_eq!(clip("abcdef", 4), "abc…");
/// assert_eq!(clip("abcd", 4), "abcd");
/// ```
#[must_use]
pub fn clip(text: &str, max: usize) -> Cow<'_, str> {
    // No character takes less than a byte.
    if text.len() <= max || text.chars().nth(max).is_none() {
        return Cow::Borrowed(text);
    }
    let end = text.char_indices().nth(max.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// What is kept of a text from outside: at most `max` characters of it, clean.
#[must_use]
pub fn bounded(text: &str, max: usize) -> String {
    clean(&clip(text, max)).into_owned()
}

/// What is kept of a name from outside; see [`MAX_NAME_CHARS`].
#[must_use]
pub fn name(text: &str) -> String {
    bounded(text, MAX_NAME_CHARS)
}

/// What is kept of a sentence from outside; see [`MAX_SENTENCE_CHARS`].
#[must_use]
pub fn sentence(text: &str) -> String {
    bounded(text, MAX_SENTENCE_CHARS)
}

/// Adds names to a list until it is full, and the number of those that had no room at its end: `… 12`.
#[must_use]
pub fn listed(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut left_out = 0_usize;
    for each in names {
        if kept.len() < MAX_LISTED {
            kept.push(name(&each));
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        kept.push(format!("… {left_out}"));
    }
    kept
}

/// A JSON document in which every unsafe character is written as an escape: the values stay what they are, and a
/// terminal sees none of them. Line ends between values stay.
#[must_use]
pub fn escape_json(json: &str) -> Cow<'_, str> {
    if json.chars().all(|c| c == '\n' || !is_unsafe(c)) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if c == '\n' || !is_unsafe(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing into a string cannot fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    Cow::Owned(escaped)
}

/// Takes JSON on its way out and writes it with [`escape_json`]. Each piece must be whole characters, as serde's are.
pub struct JsonWriter<W>(pub W);

impl<W: io::Write> io::Write for JsonWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece =
            std::str::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.0.write_all(escape_json(piece).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The same text for a cell of a spreadsheet: clean, and no formula. What a spreadsheet would calculate gets an
/// apostrophe in front; a plain number stays one.
///
/// ```
/// use tidemark_core::text::cell;
/// assert_eq!(cell("=1+1"), "'=1+1");
/// assert_eq!(cell("-12.50"), "-12.50");
/// ```
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    // Asked of the text as it was: a tab or a line end in front of it would be passed over by some programs. Full-width
    // signs are taken for the others where a keyboard writes Chinese or Japanese.
    let formula = text
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\u{2212}', '|', '%']);
    let text = clean(text);
    let formula = formula || text.trim_start().starts_with(['=', '+', '-', '@']);
    if formula && !is_plain_number(&text) { Cow::Owned(format!("'{text}")) } else { text }
}

/// Whether a text is a number as programs write it: a sign, digits, a fraction, an exponent, and nothing else.
fn is_plain_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}

/// Why a name of an account was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing is in it, or too much.
    #[error("a name must have 1 to {MAX_ACCOUNT_NAME_CHARS} characters")]
    Length,
    /// A character in it is unsafe; its number.
    #[error(
        "a name must be on one line, without control or invisible characters and without marks that turn the \
         direction of writing; found U+{0:04X}"
    )]
    Unsafe(u32),
    /// It has the form of a key, which a name would show everywhere.
    #[error("this looks like a key, not a name; a name is stored and shown")]
    Key,
}

/// A name that a person gives to an account, composed (NFC), so that two that look the same are the same.
///
/// # Errors
/// [`NameError`], by case.
pub fn account_name(text: &str) -> Result<String, NameError> {
    let text = text.trim();
    if let Some(found) = text.chars().find(|c| is_unsafe(*c)) {
        return Err(NameError::Unsafe(found as u32));
    }
    if holds_key(text) {
        return Err(NameError::Key);
    }
    let name = composed(text);
    if name.is_empty() || name.chars().count() > MAX_ACCOUNT_NAME_CHARS {
        return Err(NameError::Length);
    }
    Ok(name)
}

/// A text in Unicode's composed form (NFC): `é` is one character however it was typed.
#[must_use]
pub fn composed(text: &str) -> String {
    icu_normalizer::ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_that_do_something_are_taken_out() {
        for hostile in [
            '\0',
            '\u{7}',
            '\u{8}',
            '\t',
            '\n',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{80}',
            '\u{85}',
            '\u{9b}',
            '\u{9d}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{206f}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fff9}',
            '\u{ffff}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e0100}',
        ] {
            assert!(is_unsafe(hostile), "{hostile:?}");
            assert_eq!(clean(&format!("a{hostile}b")), "a\u{fffd}b", "{hostile:?}");
        }
        for harmless in ['a', ' ', 'é', '工', '，', '…', '─', '█', '🌊', '\u{301}', '\u{fffd}', 'ع', 'ก']
        {
            assert!(!is_unsafe(harmless), "{harmless:?}");
        }
    }

    #[test]
    fn cells_are_no_formulas() {
        for (text, safe) in [
            ("=HYPERLINK(\"http://example.org\")", "'=HYPERLINK(\"http://example.org\")"),
            ("+1|cmd", "'+1|cmd"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\u{fffd}=1"),
            ("\r=1", "'\u{fffd}=1"),
            (" =1", "' =1"),
            ("＝1+1", "'＝1+1"),
            ("-", "'-"),
            ("-1e", "'-1e"),
            ("--1", "'--1"),
            ("-1", "-1"),
            ("+1.50", "+1.50"),
            ("-0.000001", "-0.000001"),
            ("1e-7", "1e-7"),
            ("-1.5E+10", "-1.5E+10"),
            ("a=1", "a=1"),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("", ""),
        ] {
            assert_eq!(cell(text), safe, "{text:?}");
        }
    }

    #[test]
    fn a_list_says_how_much_it_left_out() {
        let many = listed((0..MAX_LISTED + 3).map(|n| format!("{n}{}", "x".repeat(1_000_000 * (n / 53)))));
        assert_eq!(many.len(), MAX_LISTED + 1);
        assert_eq!(many.last().map(String::as_str), Some("… 3"));
        assert_eq!(listed(["a".to_owned()]), ["a"]);
    }

    #[test]
    fn names_of_accounts_are_composed_and_say_what_is_wrong() {
        assert_eq!(account_name(" cafe\u{301} "), Ok("café".to_owned()));
        assert_eq!(account_name("工作 🌊"), Ok("工作 🌊".to_owned()));
        assert_eq!(account_name("  "), Err(NameError::Length));
        assert_eq!(account_name(&"工".repeat(MAX_ACCOUNT_NAME_CHARS + 1)), Err(NameError::Length));
        assert!(account_name(&"e\u{301}".repeat(MAX_ACCOUNT_NAME_CHARS)).is_ok());
        for (name, found) in
            [("a\u{202e}b", 0x202e), ("a\nb", 10), ("\u{feff}a", 0xfeff), ("a\u{200b}", 0x200b)]
        {
            assert_eq!(account_name(name), Err(NameError::Unsafe(found)), "{name:?}");
        }
        assert!(NameError::Unsafe(0x202e).to_string().ends_with("U+202E"));
    }

    proptest! {
        #[test]
        fn whatever_is_kept_is_bounded_and_clean(text in any::<String>(), max in 0_usize..40) {
            let kept = bounded(&text, max);
            prop_assert!(is_clean(&kept));
            prop_assert!(kept.chars().count() <= max.max(1));
            prop_assert_eq!(bounded(&kept, max.max(1)), kept);
        }

        #[test]
        fn an_escaped_document_means_the_same(text in any::<String>(), hostile in prop::char::range('\0', '\u{2fff}')) {
            let value = serde_json::json!({"a": format!("{hostile}{text}\u{e0001}")});
            let json = value.to_string();
            let escaped = escape_json(&json);
            prop_assert!(is_clean(&escaped));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
        }

        #[test]
        fn no_cell_begins_a_formula(text in any::<String>(), first in "[-=+@\t\r＝]?") {
            let text = format!("{first}{text}");
            let cell = cell(&text);
            prop_assert!(is_clean(&cell));
            prop_assert!(!cell.starts_with(['=', '@', '\t', '\r']));
            prop_assert!(!cell.starts_with(['+', '-']) || cell.parse::<f64>().is_ok());
        }
    }
}
