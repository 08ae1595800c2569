//! Envelopes: where the type and the message stand in the body of an error.

use serde_json::{Map, Value};

use crate::html::html_title;
use crate::parse::{is_named, json_kind};
use crate::repair;

/// What a body says about an error.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Every `type`, `code` and `scode` that is a word, outermost last, in lower case.
    pub(super) types: Vec<String>,
    /// The message that says most: the innermost.
    pub(super) message: Option<String>,
    /// All messages, in lower case, with plain apostrophes, for matching.
    pub(super) text: String,
    /// The HTTP status that a code in the body names.
    pub(super) status: Option<u16>,
}

/// Where a message stands, in the order in which they are believed.
const MESSAGES: [&str; 9] =
    ["message", "detail", "error_description", "error_message", "err_msg", "msg", "error", "reason", "title"];

/// Codes of the gRPC family, by number and by word, and the HTTP status that each stands for. The open
/// platform numbers its envelopes so (5 is `url.not_found`), the website's interface uses the words.
const CODES: [(u64, &str, u16); 10] = [
    (3, "invalid_argument", 400),
    (4, "deadline_exceeded", 504),
    (5, "not_found", 404),
    (7, "permission_denied", 403),
    (8, "resource_exhausted", 429),
    (12, "unimplemented", 404),
    (13, "internal", 500),
    (14, "unavailable", 503),
    (16, "unauthenticated", 401),
    (401, "unauthorized", 401),
];

/// The number of the gRPC family for a request without valid credentials.
const UNAUTHENTICATED: u64 = 16;

/// How many characters of a body that is not JSON are read.
const LONGEST: usize = 2_000;

/// A message as it is, but for a figure at the end of one that was cut off: an envelope that has no end, or
/// a long text. The figure may have been longer.
fn without_cut_figure(said: &str) -> &str {
    let envelope = said.trim_start().starts_with(['{', '[', '"']);
    let cut = envelope && !said.trim_end().ends_with(['}', ']', '"']) || said.chars().count() >= LONGEST;
    if cut { said.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')) } else { said }
}

impl Envelope {
    pub(super) fn read(body: &[u8]) -> Self {
        let mut envelope = Self::default();
        let lossy = String::from_utf8_lossy(body);
        let text = lossy.trim_start_matches('\u{feff}').trim();
        let mut messages = Vec::new();
        match repair::read_text(text).map(|read| read.value) {
            Ok(Value::Object(map)) => envelope.walk(&map, 0, &mut messages),
            Ok(Value::String(said)) => messages.push(said),
            // Some gateways answer with a list of errors.
            Ok(Value::Array(list)) => {
                if let Some(Value::Object(map)) = list.first() {
                    envelope.walk(map, 0, &mut messages);
                }
            }
            Ok(other) => messages.push(format!("a JSON {}", json_kind(&other))),
            Err(_) if text.starts_with('<') => messages.extend(html_title(text)),
            Err(_) if text.is_empty() => {}
            Err(_) => messages.push(text.chars().take(LONGEST).collect()),
        }
        messages.retain(|said| !said.trim().is_empty());
        // A cut-off or foreign envelope may still hold the words.
        let told: Vec<&str> = messages.iter().map(|said| without_cut_figure(said)).collect();
        envelope.text = told.join("\n").to_lowercase().replace('\u{2019}', "'");
        envelope.message = messages.into_iter().next();
        envelope
    }

    /// Goes through an object and up to three levels of `error` below it, innermost first.
    fn walk(&mut self, map: &Map<String, Value>, depth: usize, messages: &mut Vec<String>) {
        const DEEPEST: usize = 3;

        if depth < DEEPEST {
            for name in ["error", "errors", "data", "detail"] {
                for value in members(map, name) {
                    match value {
                        Value::Object(inner) => self.walk(inner, depth + 1, messages),
                        // FastAPI's and GraphQL's lists.
                        Value::Array(list) => {
                            if let Some(Value::Object(inner)) = list.first() {
                                self.walk(inner, depth + 1, messages);
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        for name in MESSAGES {
            for value in members(map, name) {
                let Value::String(said) = value else { continue };
                // A relay may hand on the whole body inside a message.
                match serde_json::from_str(said.trim()) {
                    Ok(Value::Object(inner)) if depth < DEEPEST => self.walk(&inner, depth + 1, messages),
                    _ => messages.push(said.clone()),
                }
            }
        }
        for name in ["type", "code", "scode", "status"] {
            for value in members(map, name) {
                self.code(value);
            }
        }
        // `{"error":"url.not_found"}`: a word, not a sentence.
        for value in members(map, "error") {
            if let Value::String(word) = value
                && !word.contains(char::is_whitespace)
            {
                self.types.push(word.to_lowercase());
            }
        }
    }

    fn code(&mut self, value: &Value) {
        let number = match value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let status = if let Some(number) = number {
            let by_code = CODES.iter().find(|(code, ..)| *code == number).map(|(_, _, status)| *status);
            // Five digits begin with the status: Kimi Code's local server says 40101.
            if number == UNAUTHENTICATED {
                // The number alone says what the word does, which the status of the same name does not.
                self.types.push("unauthenticated".to_owned());
            }
            let number = if (40_000..60_000).contains(&number) { number / 100 } else { number };
            by_code.or_else(|| u16::try_from(number).ok().filter(|status| (400..600).contains(status)))
        } else {
            let Some(word) = value.as_str().map(|word| word.trim().to_lowercase()) else { return };
            let status = CODES.iter().find(|(_, known, _)| *known == word).map(|(.., status)| *status);
            if !word.is_empty() {
                self.types.push(word);
            }
            status
        };
        self.status = self.status.or(status);
    }
}

fn members<'a>(map: &'a Map<String, Value>, name: &'a str) -> impl Iterator<Item = &'a Value> {
    map.iter().filter(move |(key, _)| is_named(key, name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_wherever_they_stand() {
        for (body, message) in [
            (r#"{"error":{"message":"one"}}"#, Some("one")),
            (r#"{"message":"two"}"#, Some("two")),
            (r#"{"detail":"three"}"#, Some("three")),
            (r#"{"error":"four words in here"}"#, Some("four words in here")),
            (r#"{"error":"invalid_grant","error_description":"five"}"#, Some("five")),
            (r#"{"detail":[{"msg":"six","loc":[]}]}"#, Some("six")),
            (r#"{"error":{"error":{"error":{"message":"seven"}}}}"#, Some("seven")),
            (r#"{"error":{"message":"{\"error\":{\"message\":\"eight\"}}"}}"#, Some("eight")),
            (r#"[{"error":{"message":"nine"}}]"#, Some("nine")),
            (r#""ten""#, Some("ten")),
            ("eleven", Some("eleven")),
            ("<html><head><title>502 Bad\n Gateway</title></head></html>", Some("502 Bad Gateway")),
            ("<html><body><h1>Oops</h1></body></html>", Some("Oops")),
            ("<html></html>", None),
            ("", None),
            ("{}", None),
            (r#"{"error":{"message":""}}"#, None),
            (r#"{"error":null}"#, None),
        ] {
            assert_eq!(Envelope::read(body.as_bytes()).message.as_deref(), message, "{body}");
        }
    }

    #[test]
    fn a_figure_that_was_cut_off_is_none() {
        for (body, text) in [
            (
                r#"{"error":{"message":"current: 1518025, limit: 15"#,
                r#"{"error":{"message":"current: 1518025, limit: "#,
            ),
            (r#"{"error":{"message":"current: 1,51"#, r#"{"error":{"message":"current: "#),
            // Ended, and nothing was lost.
            ("current: 15", "current: 15"),
            (r#"{"message":"current: 15"}"#, "current: 15"),
            (r#"{"message":"{\"error\":{\"message\":\"current: 15"}"#, r#"{"error":{"message":"current: "#),
        ] {
            assert_eq!(Envelope::read(body.as_bytes()).text, text, "{body}");
        }
        let long = format!("{}{}", "x".repeat(LONGEST - 2), "1234");
        assert!(Envelope::read(long.as_bytes()).text.ends_with('x'));
    }

    #[test]
    fn codes_name_a_status() {
        for (body, status) in [
            (r#"{"code":401,"scode":"unauthorized","status":false}"#, Some(401)),
            (r#"{"code":"unauthenticated"}"#, Some(401)),
            (r#"{"code":5,"error":"url.not_found","scode":"0x5","status":false}"#, Some(404)),
            (r#"{"error":{"code":429}}"#, Some(429)),
            (r#"{"code":"503"}"#, Some(503)),
            (r#"{"code":40101,"msg":"no"}"#, Some(401)),
            (r#"{"code":1}"#, None),
            (r#"{"code":0}"#, None),
            (r#"{"error":{"code":null}}"#, None),
        ] {
            assert_eq!(Envelope::read(body.as_bytes()).status, status, "{body}");
        }
    }
}
