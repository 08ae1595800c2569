//! Lines of Claude Code's session logs.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::Value;
use tidemark_core::Tokens;

use crate::count::{Count, Timestamp};
use crate::lines::MAX_IN_PIECES;
use crate::model::is_kimi;

static MODEL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"model\""));
static USAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"usage\""));

/// Whether a line can carry the use of a Kimi model, judged by its bytes. Most lines of most people are about
/// other models, and end here.
pub(crate) fn can_carry_usage(line: &[u8]) -> bool {
    let mut found = false;
    for at in MODEL.find_iter(line) {
        let rest = line[at + b"\"model\"".len()..].trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b":") else { continue };
        let Some(rest) = rest.trim_ascii_start().strip_prefix(b"\"") else { continue };
        let name = &rest[..rest.len().min(128)];
        let name = &name[..memchr::memchr(b'"', name).unwrap_or(name.len())];
        // An escaped letter in a name: let the parser decide.
        if name.contains(&b'\\') || std::str::from_utf8(name).is_ok_and(is_kimi) {
            found = true;
            break;
        }
    }
    found && USAGE.find(line).is_some()
}

/// The use of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// Milliseconds since 1970; `None` if the line has no time.
    pub(crate) at: Option<i64>,
    pub(crate) model: String,
    /// The message's number, else the line's.
    pub(crate) message: Option<String>,
    pub(crate) request: Option<String>,
    /// The line's own number.
    pub(crate) record: Option<String>,
    /// That of the line before it in the conversation.
    pub(crate) parent: Option<String>,
    pub(crate) session: Option<String>,
    /// The folder that was worked in.
    pub(crate) folder: Option<String>,
    pub(crate) tokens: Tokens,
}

/// A line that was to be read and could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
    #[serde(default)]
    timestamp: Option<Timestamp>,
    #[serde(borrow, default)]
    request_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    session_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    uuid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    parent_uuid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    cwd: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default)]
    usage: Option<Counts>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    input_tokens: Count,
    #[serde(default)]
    output_tokens: Count,
    #[serde(default)]
    cache_read_input_tokens: Count,
    #[serde(default)]
    cache_creation_input_tokens: Count,
    #[serde(default)]
    cached_tokens: Count,
    #[serde(default)]
    cache_creation: Option<Written>,
}

/// What was written to the cache, by how long it is kept.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    ephemeral_5m_input_tokens: Count,
    #[serde(default)]
    ephemeral_1h_input_tokens: Count,
}

impl Counts {
    fn tokens(&self) -> Tokens {
        let (mut input, mut cache_read) = (self.input_tokens.0, self.cache_read_input_tokens.0);
        if cache_read == 0 && self.cached_tokens.0 > 0 {
            cache_read = self.cached_tokens.0;
            // More cached than sent: then the input cannot include it.
            input = input.checked_sub(cache_read).unwrap_or(input);
        }
        let (short, long) = self
            .cache_creation
            .as_ref()
            .map_or((0, 0), |w| (w.ephemeral_5m_input_tokens.0, w.ephemeral_1h_input_tokens.0));
        // Some relays leave the sum at 0 beside its parts.
        let cache_write = match self.cache_creation_input_tokens.0 {
            0 => short.saturating_add(long),
            sum => sum,
        };
        Tokens {
            input,
            cache_read,
            cache_write,
            cache_write_1h: long.min(cache_write),
            output: self.output_tokens.0,
        }
    }
}

/// Reads a line. `None` where it carries no use of a Kimi model.
pub(crate) fn answer(line: &[u8]) -> Result<Option<Answer>, Unreadable> {
    if let Ok(wire) = serde_json::from_slice::<Wire<'_>>(line) {
        return found(wire);
    }
    if line.len() > MAX_IN_PIECES {
        return Err(Unreadable);
    }
    // Letters that are none, keys that stand twice.
    let text = String::from_utf8_lossy(line);
    let value: Value = serde_json::from_str(&text).map_err(|_| Unreadable)?;
    if value.pointer("/message/usage").is_none() || !value["message"]["model"].as_str().is_some_and(is_kimi) {
        return Ok(None);
    }
    let wire = value.to_string();
    found(serde_json::from_str(&wire).map_err(|_| Unreadable)?)
}

fn found(wire: Wire<'_>) -> Result<Option<Answer>, Unreadable> {
    let Some(Message { id, model: Some(model), usage: Some(counts) }) = wire.message else { return Ok(None) };
    if !is_kimi(&model) {
        return Ok(None);
    }
    let own = |text: Option<Cow<'_, str>>| text.filter(|text| !text.is_empty()).map(Cow::into_owned);
    Ok(Some(Answer {
        at: wire.timestamp.map(|time| time.millis(1000.0).ok_or(Unreadable)).transpose()?,
        model: model.into_owned(),
        message: own(id).or_else(|| own(wire.uuid.clone())),
        request: own(wire.request_id),
        record: own(wire.uuid),
        parent: own(wire.parent_uuid),
        session: own(wire.session_id),
        folder: own(wire.cwd),
        tokens: counts.tokens(),
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn line(usage: &Value, model: &str) -> String {
        json!({
            "parentUuid": null, "sessionId": "s1", "cwd": "/w/boat", "type": "assistant", "uuid": "u1",
            "timestamp": "2026-07-20T10:00:00.500Z", "requestId": "req_1",
            "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": model,
                        "content": [{"type": "text", "text": "\"model\":\"kimi-k3\""}], "usage": usage},
        })
        .to_string()
    }

    #[test]
    fn answers() {
        let full = json!({"input_tokens": 10, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 30,
                          "output_tokens": 40, "service_tier": "standard"});
        let tokens = |input, cache_read, cache_write, output| Tokens {
            input,
            cache_read,
            cache_write,
            output,
            ..Tokens::default()
        };
        let read = answer(line(&full, "kimi-k3[1m]").as_bytes()).unwrap().unwrap();
        assert_eq!(read.tokens, tokens(10, 20, 30, 40));
        assert_eq!(read.at, Some(1_784_541_600_500));
        let texts = (
            read.message.as_deref(),
            read.request.as_deref(),
            read.session.as_deref(),
            read.folder.as_deref(),
        );
        assert_eq!(texts, (Some("msg_1"), Some("req_1"), Some("s1"), Some("/w/boat")));
        assert_eq!(answer(line(&full, "claude-opus-4-1").as_bytes()), Ok(None));
        assert_eq!(answer(line(&Value::Null, "kimi-k3").as_bytes()), Ok(None));
        for (usage, expected) in [
            (json!({"input_tokens": 100, "cached_tokens": 80, "output_tokens": 1}), tokens(20, 80, 0, 1)),
            (
                json!({"input_tokens": 23, "cached_tokens": 23, "cache_read_input_tokens": 0}),
                tokens(0, 23, 0, 0),
            ),
            (json!({"input_tokens": 5, "cached_tokens": 80}), tokens(5, 80, 0, 0)),
            (
                json!({"input_tokens": 5, "cached_tokens": 80, "cache_read_input_tokens": 70}),
                tokens(5, 70, 0, 0),
            ),
            (json!({"input_tokens": null, "output_tokens": "7"}), tokens(0, 0, 0, 7)),
            (
                json!({"cache_creation_input_tokens": 0, "cache_creation": {"ephemeral_5m_input_tokens": 704}}),
                tokens(0, 0, 704, 0),
            ),
            (
                json!({"cache_creation_input_tokens": 50, "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30}}),
                Tokens { cache_write_1h: 30, ..tokens(0, 0, 50, 0) },
            ),
            (
                json!({"cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": "40"}}),
                Tokens { cache_write_1h: 40, ..tokens(0, 0, 45, 0) },
            ),
            // A part larger than its sum: no more than the sum.
            (
                json!({"cache_creation_input_tokens": 9, "cache_creation": {"ephemeral_1h_input_tokens": 40}}),
                Tokens { cache_write_1h: 9, ..tokens(0, 0, 9, 0) },
            ),
            (json!({"cache_creation_input_tokens": 9, "cache_creation": null}), tokens(0, 0, 9, 0)),
        ] {
            assert_eq!(answer(line(&usage, "k3").as_bytes()).unwrap().unwrap().tokens, expected, "{usage}");
        }
        assert_eq!(answer(line(&json!({"output_tokens": -1}), "k3").as_bytes()), Err(Unreadable));
        assert_eq!(answer(b"{\"message\":{\"model\":\"k3\",\"usa"), Err(Unreadable));
    }

    #[test]
    fn the_bytes_tell_whose_model_it_is() {
        for (text, can) in [
            (r#"{"message":{"model":"kimi-k3","usage":{}}}"#, true),
            (r#"{"message":{"model" : "k3[1m]","usage":{}}}"#, true),
            (r#"{"message":{"model":"moonshotai/kimi-k2.6","usage":{}}}"#, true),
            (r#"{"message":{"model":"claude-opus-4-1","usage":{}}}"#, false),
            (r#"{"message":{"model":"kimi-k3"}}"#, false),
            (r#"{"message":{"content":"kimi","usage":{}}}"#, false),
        ] {
            assert_eq!(can_carry_usage(text.as_bytes()), can, "{text}");
        }
    }

    proptest! {
        #[test]
        fn anything_at_all_is_read_or_refused(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (can_carry_usage(&line), answer(&line).is_ok());
        }

        #[test]
        fn what_is_written_is_read(counts in proptest::array::uniform4(0u64..1_000_000_000)) {
            let [input, cache_read, cache_write, output] = counts;
            let usage = json!({"input_tokens": input, "cache_read_input_tokens": cache_read,
                               "cache_creation_input_tokens": cache_write, "output_tokens": output});
            let text = line(&usage, "kimi-for-coding");
            prop_assert!(can_carry_usage(text.as_bytes()));
            let read = answer(text.as_bytes()).unwrap().unwrap();
            prop_assert_eq!(read.tokens, Tokens { input, cache_read, cache_write, output, ..Tokens::default() });
        }
    }
}
