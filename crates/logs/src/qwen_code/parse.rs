//! Lines of Qwen Code's session logs.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use tidemark_core::Tokens;

use crate::count::{Count, Timestamp};
use crate::json_lines::Unreadable;

static USAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"usageMetadata\""));
static MODEL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"session_model\""));

/// Whether a line can say anything about usage, judged by its bytes.
pub(crate) fn can_matter(line: &[u8]) -> bool {
    USAGE.find(line).is_some() || MODEL.find(line).is_some()
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Record<'a> {
    /// Where the session's requests go from now on, if it says so.
    Address(Option<Cow<'a, str>>),
    /// A request was answered.
    Usage(Usage<'a>),
}

/// The usage of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Usage<'a> {
    /// Milliseconds since 1970; `None` if the line has no time.
    pub(crate) at: Option<i64>,
    pub(crate) number: Option<Cow<'a, str>>,
    pub(crate) session: Option<Cow<'a, str>>,
    pub(crate) folder: Option<Cow<'a, str>>,
    pub(crate) model: Option<Cow<'a, str>>,
    pub(crate) tokens: Tokens,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    subtype: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(default)]
    timestamp: Option<Timestamp>,
    #[serde(borrow, default)]
    uuid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    session_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    cwd: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default)]
    usage_metadata: Option<Counts>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default, rename = "promptTokenCount")]
    prompt: Count,
    #[serde(default, rename = "candidatesTokenCount")]
    answer: Count,
    #[serde(default, rename = "thoughtsTokenCount")]
    thought: Count,
    #[serde(default, rename = "toolUsePromptTokenCount")]
    of_tools: Count,
    #[serde(default, rename = "cachedContentTokenCount")]
    cached: Count,
    #[serde(default, rename = "totalTokenCount")]
    total: Count,
}

impl Counts {
    fn tokens(&self) -> Tokens {
        let (prompt, answer) = (self.prompt.0, self.answer.0);
        let (thought, cached) = (self.thought.0, self.cached.0);
        let with = prompt.saturating_add(answer).saturating_add(thought);
        // What was thought is beside the answer only where the total says so.
        let beside = self.total.0 >= with;
        Tokens {
            // More cached than sent: then the prompt cannot include it.
            input: prompt.checked_sub(cached).unwrap_or(prompt).saturating_add(self.of_tools.0),
            cache_read: cached,
            output: answer.saturating_add(if beside { thought } else { 0 }),
            ..Tokens::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chosen<'a> {
    #[serde(borrow, default)]
    system_payload: Option<Address<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address<'a> {
    #[serde(borrow, default)]
    base_url: Option<Cow<'a, str>>,
}

/// Reads a line.
///
/// # Errors
/// It is no JSON, or its counts or its time are none.
pub(crate) fn record(line: &[u8]) -> Result<Option<Record<'_>>, Unreadable> {
    let Head { kind, subtype } = read(line)?;
    match (kind.as_deref(), subtype.as_deref()) {
        (Some("system"), Some("session_model")) => {
            let Chosen { system_payload } = read(line)?;
            Ok(Some(Record::Address(system_payload.and_then(|chosen| chosen.base_url))))
        }
        (Some("assistant"), _) => {
            let wire: Wire<'_> = read(line)?;
            Ok(wire.usage_metadata.map(|usage| {
                Record::Usage(Usage {
                    at: wire.timestamp.and_then(|at| at.millis(1000.0)),
                    number: wire.uuid,
                    session: wire.session_id,
                    folder: wire.cwd,
                    model: wire.model,
                    tokens: usage.tokens(),
                })
            }))
        }
        _ => Ok(None),
    }
}

fn read<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(line).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(counts: &str) -> Result<Tokens, Unreadable> {
        let line = format!(r#"{{"type":"assistant","uuid":"u","model":"kimi-k3","usageMetadata":{counts}}}"#);
        match record(line.as_bytes())? {
            Some(Record::Usage(usage)) => Ok(usage.tokens),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_thought_is_in_the_answer_unless_the_total_says_otherwise() {
        for (counts, input, cached, output) in [
            (
                r#"{"promptTokenCount":90,"candidatesTokenCount":20,"thoughtsTokenCount":15,"totalTokenCount":110,"cachedContentTokenCount":80}"#,
                10,
                80,
                20,
            ),
            (
                r#"{"promptTokenCount":90,"candidatesTokenCount":20,"thoughtsTokenCount":15,"totalTokenCount":125}"#,
                90,
                0,
                35,
            ),
            (r#"{"promptTokenCount":90,"candidatesTokenCount":20,"thoughtsTokenCount":15}"#, 90, 0, 20),
            (r#"{"promptTokenCount":90,"candidatesTokenCount":20,"totalTokenCount":110}"#, 90, 0, 20),
            (
                r#"{"promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":11,"cachedContentTokenCount":30}"#,
                9,
                30,
                2,
            ),
        ] {
            let read = tokens(counts).unwrap();
            assert_eq!((read.input, read.cache_read, read.output), (input, cached, output), "{counts}");
        }
        assert_eq!(tokens(r#"{"promptTokenCount":-9}"#), Err(Unreadable));
    }

    #[test]
    fn only_answers_count() {
        for (line, expected) in [
            (r#"{"type":"system","subtype":"ui_telemetry","usageMetadata":5}"#, Ok(None)),
            (r#"{"type":"user","usageMetadata":"x"}"#, Ok(None)),
            (r#"{"type":"assistant","model":"kimi-k3"}"#, Ok(None)),
            (
                r#"{"type":"system","subtype":"session_model","systemPayload":{"modelId":"k3","authType":"openai","baseUrl":"https://api.kimi.com"}}"#,
                Ok(Some(Record::Address(Some("https://api.kimi.com".into())))),
            ),
            (r#"{"type":"assistant","usageMetadata":{"#, Err(Unreadable)),
        ] {
            assert_eq!(record(line.as_bytes()), expected, "{line}");
        }
    }
}
