//! Lines of the older command line's session logs.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::Value;
use tidemark_core::Tokens;

use crate::count::{Count, Timestamp};
use crate::lines::MAX_IN_PIECES;

static UPDATE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("StatusUpdate"));
static TOKENS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("token_usage"));

/// Whether a line can carry usage, judged by its bytes.
pub(crate) fn can_carry_usage(line: &[u8]) -> bool {
    UPDATE.find(line).is_some() && TOKENS.find(line).is_some()
}

/// The usage of one call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Update {
    /// Milliseconds since 1970; `None` if the line has no time.
    pub(crate) at: Option<i64>,
    /// The subagent that reported it, where a parent's log holds it. Empty where it has no name.
    pub(crate) subagent: Option<String>,
    /// The message's id.
    pub(crate) message: Option<String>,
    /// The call's tokens, by kind.
    pub(crate) tokens: Tokens,
}

/// A line that was to be read and could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default)]
    timestamp: Option<Timestamp>,
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "type", borrow, default)]
    word: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    payload: Option<Payload<'a>>,
}

/// What a `StatusUpdate` and a `SubagentEvent` hold, together.
#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(default)]
    token_usage: Option<Counts>,
    #[serde(borrow, default)]
    message_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    agent_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    task_tool_call_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    event: Option<Box<Message<'a>>>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    input_other: Count,
    #[serde(default)]
    output: Count,
    #[serde(default)]
    input_cache_read: Count,
    #[serde(default)]
    input_cache_creation: Count,
}

impl Counts {
    const fn tokens(&self) -> Tokens {
        Tokens {
            input: self.input_other.0,
            cache_read: self.input_cache_read.0,
            cache_write: self.input_cache_creation.0,
            cache_write_1h: 0,
            output: self.output.0,
        }
    }
}

/// The time in a line, in milliseconds since 1970. If it is the line's first key, as it is written, the line
/// may be cut off behind it.
pub(crate) fn told_at(line: &[u8]) -> Option<i64> {
    #[derive(Deserialize)]
    struct Timed {
        timestamp: Timestamp,
    }
    let leading = || {
        let rest = line.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
        let rest = rest.strip_prefix(b"\"timestamp\"")?.trim_ascii_start().strip_prefix(b":")?;
        let end = rest.iter().position(|byte| matches!(byte, b',' | b'}'))?;
        serde_json::from_slice(&rest[..end]).ok()
    };
    let anywhere = || Some(serde_json::from_slice::<Timed>(line).ok()?.timestamp);
    leading().or_else(anywhere).and_then(|told: Timestamp| told.millis(1.0))
}

/// Subagents of subagents are not known to go deeper; a log can claim anything.
const DEEPEST: usize = 8;

/// Reads a line. `None` where it carries no use.
pub(crate) fn update(line: &[u8]) -> Result<Option<Update>, Unreadable> {
    match serde_json::from_slice::<Wire<'_>>(line) {
        Ok(wire) => found(wire),
        Err(_) => lenient(line),
    }
}

fn found(wire: Wire<'_>) -> Result<Option<Update>, Unreadable> {
    let Some(mut message) = wire.message else { return Ok(None) };
    let mut subagent = None;
    for _ in 0..DEEPEST {
        let (Some(word), Some(payload)) = (message.word.as_deref(), message.payload) else { return Ok(None) };
        match word {
            "StatusUpdate" => {
                let Some(counts) = payload.token_usage else { return Ok(None) };
                return Ok(Some(Update {
                    at: wire.timestamp.map(|time| time.millis(1.0).ok_or(Unreadable)).transpose()?,
                    subagent,
                    message: payload.message_id.map(Cow::into_owned).filter(|id| !id.is_empty()),
                    tokens: counts.tokens(),
                }));
            }
            "SubagentEvent" => {
                // The innermost agent is the one that made the call.
                let name = payload.agent_id.or(payload.task_tool_call_id);
                subagent = Some(name.map(Cow::into_owned).unwrap_or_default());
                let Some(inner) = payload.event else { return Ok(None) };
                message = *inner;
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Reads what the quick way refused: letters that are none, a key that stands twice, a line of another
/// kind whose keys have our names and other meanings. What the counts need must be there all the same.
fn lenient(line: &[u8]) -> Result<Option<Update>, Unreadable> {
    if line.len() > MAX_IN_PIECES {
        return Err(Unreadable);
    }
    let text = String::from_utf8_lossy(line);
    let value: Value = serde_json::from_str(&text).map_err(|_| Unreadable)?;
    let word = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let mut message = value.get("message").unwrap_or(&Value::Null);
    let mut subagent = None;
    for _ in 0..DEEPEST {
        let payload = message.get("payload").unwrap_or(&Value::Null);
        match message.get("type").and_then(Value::as_str) {
            Some("StatusUpdate") => {
                let Some(usage) = payload.get("token_usage").filter(|usage| !usage.is_null()) else {
                    return Ok(None);
                };
                let counts = Counts::deserialize(usage).map_err(|_| Unreadable)?;
                let at = match value.get("timestamp").filter(|time| !time.is_null()) {
                    None => None,
                    Some(time) => {
                        let time = Timestamp::deserialize(time).map_err(|_| Unreadable)?;
                        Some(time.millis(1.0).ok_or(Unreadable)?)
                    }
                };
                let message = word(payload, "message_id").filter(|id| !id.is_empty());
                return Ok(Some(Update { at, subagent, message, tokens: counts.tokens() }));
            }
            Some("SubagentEvent") => {
                let name = word(payload, "agent_id").or_else(|| word(payload, "task_tool_call_id"));
                subagent = Some(name.unwrap_or_default());
                message = payload.get("event").unwrap_or(&Value::Null);
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn tokens(input: u64, cache_read: u64, cache_write: u64, output: u64) -> Tokens {
        Tokens { input, cache_read, cache_write, output, ..Tokens::default() }
    }

    #[test]
    fn updates() {
        let of = |at, subagent: Option<&str>, message: Option<&str>, tokens| {
            Ok(Some(Update {
                at,
                subagent: subagent.map(Into::into),
                message: message.map(Into::into),
                tokens,
            }))
        };
        let table: [(&str, Result<Option<Update>, Unreadable>); 10] = [
            (
                r#"{"timestamp": 1773723375.76655, "message": {"type": "StatusUpdate", "payload": {"token_usage": {"input_other": 1, "output": 2, "input_cache_read": 3, "input_cache_creation": 4}, "message_id": "m1"}}}"#,
                of(Some(1_773_723_375_767), None, Some("m1"), tokens(1, 3, 4, 2)),
            ),
            (
                r#"{"timestamp":5,"message":{"type":"StatusUpdate","payload":{"token_usage":{"output":1},"message_id":""}}}"#,
                of(Some(5000), None, None, tokens(0, 0, 0, 1)),
            ),
            (
                r#"{"timestamp":5,"message":{"type":"StatusUpdate","payload":{"token_usage":null,"message_id":"m"}}}"#,
                Ok(None),
            ),
            (r#"{"timestamp":5,"message":{"type":"StatusUpdate","payload":{"message_id":"m"}}}"#, Ok(None)),
            (
                r#"{"timestamp":5,"message":{"type":"SubagentEvent","payload":{"agent_id":"a1","event":{"type":"StatusUpdate","payload":{"token_usage":{"output":1},"message_id":"m"}}}}}"#,
                of(Some(5000), Some("a1"), Some("m"), tokens(0, 0, 0, 1)),
            ),
            (
                r#"{"message":{"type":"SubagentEvent","payload":{"task_tool_call_id":"t1","event":{"type":"SubagentEvent","payload":{"event":{"type":"StatusUpdate","payload":{"token_usage":{"output":1}}}}}}}}"#,
                of(None, Some(""), None, tokens(0, 0, 0, 1)),
            ),
            (
                r#"{"timestamp":5,"message":{"type":"TurnBegin","payload":{"user_input":"StatusUpdate token_usage"}}}"#,
                Ok(None),
            ),
            (
                r#"{"timestamp":5,"timestamp":6,"message":{"type":"StatusUpdate","payload":{"token_usage":{"output":1}}}}"#,
                of(Some(6000), None, None, tokens(0, 0, 0, 1)),
            ),
            (
                r#"{"timestamp":5,"message":{"type":"StatusUpdate","payload":{"token_usage":{"output":-1}}}}"#,
                Err(Unreadable),
            ),
            (
                r#"{"timestamp":5,"message":{"type":"StatusUpdate","payload":{"token_usage":{"outp"#,
                Err(Unreadable),
            ),
        ];
        for (line, expected) in table {
            assert_eq!(update(line.as_bytes()), expected, "{line}");
        }
        let broken = b"{\"timestamp\":5,\"note\":\"\xff\",\"message\":{\"type\":\"StatusUpdate\",\"payload\":{\"token_usage\":{\"output\":1}}}}";
        assert_eq!(update(broken), of(Some(5000), None, None, tokens(0, 0, 0, 1)));
    }

    #[test]
    fn the_time_that_leads_a_line() {
        for (line, at) in [
            (r#"{"timestamp": 1773723375.76655, "message": {"type": "TurnBe"#, Some(1_773_723_375_767)),
            (r#"{"timestamp":5}"#, Some(5000)),
            (r#"{"message":{"timestamp":7},"timestamp":5}"#, Some(5000)),
            (r#"{"timestamp":17737233"#, None),
            (r#"{"timestamp":null,"x":1}"#, None),
            (r#"{"type": "metadata", "protocol_version": "1.3"}"#, None),
            ("", None),
        ] {
            assert_eq!(told_at(line.as_bytes()), at, "{line}");
        }
    }

    proptest! {
        #[test]
        fn anything_at_all_is_read_or_refused(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (can_carry_usage(&line), update(&line).is_ok());
        }

        #[test]
        fn nests_of_any_depth_end(depth in 0usize..40) {
            let mut message = json!({"type": "StatusUpdate", "payload": {"token_usage": {"output": 1}}});
            for _ in 0..depth {
                message = json!({"type": "SubagentEvent", "payload": {"agent_id": "a", "event": message}});
            }
            let line = json!({"timestamp": 1.5, "message": message}).to_string();
            prop_assert_eq!(update(line.as_bytes()).unwrap().is_some(), depth < DEEPEST);
        }

        #[test]
        fn what_is_written_is_read(
            counts in proptest::array::uniform4(0u64..1_000_000_000),
            micros in 0i64..4_000_000_000_000_000,
            message in proptest::option::of("[a-z0-9\"\\\\\u{4e00}-]{1,20}"),
        ) {
            let [input, cache_read, cache_write, output] = counts;
            let line = json!({
                "timestamp": micros as f64 / 1_000_000.0,
                "message": {"type": "StatusUpdate", "payload": {
                    "context_usage": 0.1,
                    "token_usage": {"input_other": input, "input_cache_read": cache_read,
                                    "input_cache_creation": cache_write, "output": output},
                    "message_id": message,
                }},
            }).to_string();
            prop_assert!(can_carry_usage(line.as_bytes()));
            let read = update(line.as_bytes()).unwrap().unwrap();
            prop_assert_eq!(read.tokens, tokens(input, cache_read, cache_write, output));
            prop_assert_eq!(read.message, message);
            prop_assert!((read.at.unwrap() * 1000 - micros).abs() <= 501);
        }
    }
}
