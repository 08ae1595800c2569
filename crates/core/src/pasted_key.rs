//! A key as people paste it, and the name of a variable that holds one.
//!
//! The window has the same rules in `ui/src/format/key-shape.ts`.

use std::borrow::Cow;
use std::fmt;

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// Nothing is left of it.
    Empty,
    /// There is white space inside it.
    SeveralWords,
    /// There is a character in it that no key has: an invisible one, or a letter of another script.
    Character {
        /// The character. It is not ASCII, or it is a control character.
        found: char,
        /// Its place, counted from 1, in the key without what was around it.
        place: usize,
    },
}

impl KeyFault {
    /// A stable word for it, which the faces have texts for.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "key-empty",
            Self::SeveralWords => "key-several-words",
            Self::Character { .. } => "key-odd-character",
        }
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the key is empty. Paste the key"),
            Self::SeveralWords => f.write_str("the key contains white space. Paste only the key"),
            Self::Character { found, place } => write!(
                f,
                "character {place} of the key is {}, which no key contains. Copy the key again",
                code_point(*found)
            ),
        }
    }
}

impl std::error::Error for KeyFault {}

/// A character as Unicode writes its number: `U+200B`.
#[must_use]
pub fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// The byte order mark, which editors put before a file's text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Quotes by pairs: of shells and files, and those that word processors and chats make of them.
const QUOTES: [(char, char); 11] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('“', '”'),
    ('”', '”'),
    ('‘', '’'),
    ('’', '’'),
    ('«', '»'),
    ('「', '」'),
    ('＂', '＂'),
    // As manuals write a place to fill in.
    ('<', '>'),
];

/// What ends a value in a list, an object or a statement. No key ends so.
const SEPARATORS: [char; 2] = [',', ';'];

/// What every key begins with.
const KEY_PREFIX: &str = "sk-";

/// Whether a word that begins as a key does is one, and not a name that happens to begin so.
fn is_key(word: &str) -> bool {
    let long_enough = if word.starts_with("sk-kimi-") { 12 } else { 16 };
    word.len() >= long_enough && (word.len() >= 32 || word.bytes().any(|b| b.is_ascii_digit()))
}

/// The parts of a text that look like keys, by place.
fn keys_in(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let in_key = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + text.get(from..)?.find(KEY_PREFIX)?;
            let rest = &text[start..];
            let end = start + rest.find(|c| !in_key(c)).unwrap_or(rest.len());
            from = end;
            let begins_word = !text[..start].ends_with(in_key);
            if begins_word && is_key(&text[start..end]) {
                return Some(start..end);
            }
        }
    })
}

/// Whether a key seems to be in a text that is meant for something else, such as a name or an address.
///
/// # Examples
/// ```
/// use tidemark_core::pasted_key::holds_key;
///
/// assert!(holds_key("https://relay.example.org/sk-kimi-0123456789abcdef/v1"));
/// assert!(!holds_key("sk-team of the lab"));
/// ```
#[must_use]
pub fn holds_key(text: &str) -> bool {
    keys_in(text).next().is_some()
}

/// A text without the keys in it: of each, the prefix stays.
#[must_use]
pub fn mask_keys(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let mut copied = 0;
    for key in keys_in(text) {
        masked.push_str(&text[copied..key.start]);
        masked.push_str(KEY_PREFIX);
        masked.push('…');
        copied = key.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// Frees a pasted key of what comes along with it: white space, a byte order mark, quotes and angle brackets,
/// `Bearer `, `NAME=` as in a shell's or an `.env` file's line, and a comma or semicolon at its end.
///
/// # Errors
/// What is wrong with what is left, where it is not one word of printable ASCII.
///
/// # Examples
/// ```
/// use tidemark_core::pasted_key::clean_key;
///
/// assert_eq!(clean_key("export KIMI_API_KEY=\"sk-kimi-abc\"\n"), Ok("sk-kimi-abc"));
/// ```
pub fn clean_key(pasted: &str) -> Result<&str, KeyFault> {
    let mut key = pasted;
    // Each may stand around any other, as in `NAME="Bearer …"`.
    loop {
        let before = key.len();
        key = key.trim_matches(|c: char| c.is_whitespace() || c == BYTE_ORDER_MARK);
        key = key.trim_end_matches(SEPARATORS);
        key = without_quotes(key);
        key = without_scheme(key);
        key = without_name(key);
        if key.len() == before {
            break;
        }
    }
    if key.is_empty() {
        return Err(KeyFault::Empty);
    }
    if key.contains(char::is_whitespace) {
        return Err(KeyFault::SeveralWords);
    }
    match key.chars().enumerate().find(|(_, c)| !c.is_ascii_graphic()) {
        Some((before, found)) => Err(KeyFault::Character { found, place: before + 1 }),
        None => Ok(key),
    }
}

fn without_quotes(text: &str) -> &str {
    let inner = |(open, close): &(char, char)| text.strip_prefix(*open)?.strip_suffix(*close);
    QUOTES.iter().find_map(inner).unwrap_or(text)
}

/// Without `Bearer ` and the header's name before it.
fn without_scheme(text: &str) -> &str {
    let text = strip_word(text, "authorization:").unwrap_or(text).trim_start();
    match strip_word(text, "bearer") {
        Some(rest) if rest.is_empty() || rest.starts_with(char::is_whitespace) => rest,
        _ => text,
    }
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word).then_some(rest)
}

/// Without the `NAME=` of an assignment, as POSIX shells, `.env` files, `cmd` and PowerShell write it.
fn without_name(text: &str) -> &str {
    let Some((name, value)) = text.split_once('=') else { return text };
    let name = name.trim();
    let name = ["export ", "set ", "setx ", "$env:"]
        .iter()
        .find_map(|word| strip_word(name, word))
        .unwrap_or(name)
        .trim();
    // `abc=` and `abc==` are the padding of Base64, not the names of variables.
    let padding = value.trim_start().starts_with('=')
        || value.trim().is_empty() && name.contains(|c: char| c.is_ascii_lowercase());
    if is_identifier(name) && !padding { value } else { text }
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Longer names of variables are not in use.
const MAX_VARIABLE_NAME_LEN: usize = 128;

/// Whether a text is the name of an environment variable, `[A-Za-z_][A-Za-z0-9_]*`, and does not look like
/// a key that was given in its place.
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    text.len() <= MAX_VARIABLE_NAME_LEN && is_identifier(text) && !looks_like_secret(text)
}

/// Whether a text that could be a name is rather a key: names are made of words, keys of random letters
/// and digits.
fn looks_like_secret(name: &str) -> bool {
    // `sk_…` as many services write their keys, and the first part of a JSON Web Token.
    if name.len() >= 20 && (name.starts_with("sk_") || name.starts_with("sk") && !name.contains('_'))
        || name.len() >= 16 && name.starts_with("eyJ")
    {
        return true;
    }
    name.split('_').any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let (upper, lower) = (
            part.contains(|c: char| c.is_ascii_uppercase()),
            part.contains(|c: char| c.is_ascii_lowercase()),
        );
        part.len() >= 24 && digits >= 4 || part.len() >= 16 && digits >= 3 && upper && lower
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_is_found_wherever_it_was_pasted() {
        for (text, masked) in [
            ("sk-kimi-0123456789abcdef", "sk-…"),
            ("my sk-0123456789abcdef0123 key", "my sk-… key"),
            ("https://relay.example.org/sk-kimi-AbC_0123456789/v1", "https://relay.example.org/sk-…/v1"),
            ("sk-a1b2c3d4e5f6g7h8i9 and sk-z1y2x3w4v5u6t7s8r9", "sk-… and sk-…"),
            ("sk-kimi-abc123", "sk-…"),
            ("密钥sk-kimi-0123456789abcdef。", "密钥sk-…。"),
        ] {
            assert!(holds_key(text), "{text}");
            assert_eq!(mask_keys(text), masked);
        }
        for text in [
            "",
            "sk-",
            "sk-team",
            "task-0123456789abcdef",
            "risk-adjusted-2026-11-30-plan",
            "sk-the-whole-laboratory",
        ] {
            assert!(!holds_key(text), "{text}");
            assert_eq!(mask_keys(text), text);
        }
    }

    #[test]
    fn a_pasted_key_is_freed_of_what_comes_along() {
        for pasted in [
            "sk-kimi-q1",
            " sk-kimi-q1\r\n",
            "\u{feff}sk-kimi-q1",
            "\u{feff} \"sk-kimi-q1\"\n",
            "'sk-kimi-q1'",
            "`sk-kimi-q1`",
            "“sk-kimi-q1”",
            "‘sk-kimi-q1’",
            "「sk-kimi-q1」",
            "Bearer sk-kimi-q1",
            "bearer   sk-kimi-q1",
            "Bearer Bearer sk-kimi-q1",
            "Authorization: Bearer sk-kimi-q1",
            "\"Authorization: Bearer sk-kimi-q1\"",
            "KIMI_API_KEY=sk-kimi-q1",
            "KIMI_API_KEY = \"sk-kimi-q1\"",
            "export KIMI_API_KEY='sk-kimi-q1'",
            "$env:KIMI_API_KEY = \"sk-kimi-q1\"",
            "set KEY=sk-kimi-q1",
            "KEY=\"Bearer sk-kimi-q1\"",
            "\u{a0}\u{3000}sk-kimi-q1\u{2003}",
            "<sk-kimi-q1>",
            "Bearer <sk-kimi-q1>",
            "sk-kimi-q1,",
            "\"sk-kimi-q1\", ",
            "KEY='sk-kimi-q1';",
        ] {
            assert_eq!(clean_key(pasted), Ok("sk-kimi-q1"), "{pasted:?}");
        }
    }

    #[test]
    fn padding_and_signs_stay_in_a_key() {
        for key in ["YWJjZA==", "YWJjZGU=", "a.b-c_d~e+f/g", "BearerOfNews", "sk-x=y", "\"half"] {
            assert_eq!(clean_key(key), Ok(key));
        }
    }

    #[test]
    fn what_cannot_be_a_key_is_named() {
        let odd = |found, place| Err(KeyFault::Character { found, place });
        for (pasted, result) in [
            ("", Err(KeyFault::Empty)),
            (" \u{feff}\n", Err(KeyFault::Empty)),
            ("\"\"", Err(KeyFault::Empty)),
            ("Bearer ", Err(KeyFault::Empty)),
            ("KIMI_API_KEY=", Err(KeyFault::Empty)),
            ("<>,", Err(KeyFault::Empty)),
            ("sk-one sk-two", Err(KeyFault::SeveralWords)),
            ("sk-one\nsk-two", Err(KeyFault::SeveralWords)),
            ("sk-\u{200b}one", odd('\u{200b}', 4)),
            ("sk-one\u{200d}", odd('\u{200d}', 7)),
            ("\u{2060}sk-one", odd('\u{2060}', 1)),
            ("sk-\u{feff}one", odd('\u{feff}', 4)),
            ("sk-k\u{456}mi", odd('\u{456}', 5)),
            ("ｓk-kimi", odd('ｓ', 1)),
            ("sk-\u{202e}one", odd('\u{202e}', 4)),
            ("sk-\0one", odd('\0', 4)),
            ("sk-\u{1b}[31m", odd('\u{1b}', 4)),
        ] {
            assert_eq!(clean_key(pasted), result, "{pasted:?}");
        }
    }

    #[test]
    fn names_of_variables_are_told_from_keys() {
        for name in [
            "KIMI_API_KEY",
            "_k",
            "K",
            "workKey2",
            "SK_KIMI_KEY",
            "sk_key",
            "KIMI_KEY_OF_MY_OTHER_ACCOUNT_2026",
        ] {
            assert!(is_variable_name(name), "{name}");
        }
        for other in [
            "",
            "2KEY",
            "A KEY",
            "A=B",
            "A-B",
            "$KEY",
            "ключ",
            "sk-kimi-abcdef1234567890",
            "sk_live_0123456789abcdef0123",
            "skkimiabcdefabcdefabcd",
            "eyJhbGciOiJIUzI1NiJ9",
            "q8Zt3Lm2Xv7Kp4Rn",
            "kimi_0123456789abcdef0123456789abcdef",
            "ABCDABCDABCDABCD1234567890AB",
        ] {
            assert!(!is_variable_name(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_left_is_one_word_of_printable_ascii(pasted in "\\PC{0,40}|[ \"'=A-Za-z\u{feff}\u{200b}-]{0,40}") {
            if let Ok(key) = clean_key(&pasted) {
                prop_assert!(!key.is_empty() && key.bytes().all(|b| b.is_ascii_graphic()));
                prop_assert_eq!(clean_key(key), Ok(key), "cleaning is done at once");
            }
        }
    }
}
