//! Lines of the session logs of pi and oh-my-pi.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use tidemark_core::Tokens;

use crate::count::{Count, Timestamp};
use crate::json_lines::Unreadable;

static WORDS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| ["\"usage\"", "\"session\"", "\"model_change\""].map(Finder::new));

/// Whether a line can say anything about usage, judged by its bytes.
pub(crate) fn can_matter(line: &[u8]) -> bool {
    WORDS.iter().any(|word| word.find(line).is_some())
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry<'a> {
    /// The session that the log is of.
    Session { id: Option<Cow<'a, str>>, folder: Option<Cow<'a, str>> },
    /// Another model is asked from now on.
    Model { provider: Option<Cow<'a, str>>, model: Cow<'a, str> },
    /// A request was answered.
    Usage(Usage<'a>),
}

/// The usage of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Usage<'a> {
    /// When it was logged, in milliseconds since 1970, if the line says so.
    pub(crate) at: Option<i64>,
    /// When it was sent.
    pub(crate) begun: Option<i64>,
    pub(crate) provider: Option<Cow<'a, str>>,
    pub(crate) model: Option<Cow<'a, str>>,
    /// The service's number of the answer.
    pub(crate) answer: Option<Cow<'a, str>>,
    pub(crate) tokens: Tokens,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    cwd: Option<Cow<'a, str>>,
    #[serde(default)]
    timestamp: Option<Timestamp>,
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
    #[serde(borrow, default)]
    provider: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model_id: Option<Cow<'a, str>>,
    #[serde(default)]
    usage: Option<Counts>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow, default)]
    role: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    provider: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    response_id: Option<Cow<'a, str>>,
    #[serde(default)]
    timestamp: Option<Timestamp>,
    #[serde(default)]
    usage: Option<Counts>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    #[serde(default)]
    input: Count,
    #[serde(default)]
    output: Count,
    #[serde(default)]
    cache_read: Count,
    #[serde(default)]
    cache_write: Count,
    /// Of what was written to the cache, what is kept for an hour.
    #[serde(default)]
    cache_write1h: Count,
}

impl Counts {
    fn tokens(&self) -> Tokens {
        Tokens {
            input: self.input.0,
            cache_read: self.cache_read.0,
            cache_write: self.cache_write.0.max(self.cache_write1h.0),
            cache_write_1h: self.cache_write1h.0,
            output: self.output.0,
        }
    }
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

/// Reads a line.
///
/// # Errors
/// It is no JSON, or its counts or its times are none.
pub(crate) fn entry(line: &[u8]) -> Result<Option<Entry<'_>>, Unreadable> {
    let Head { kind } = read(line)?;
    // Others can have anything under these names.
    let known = ["session", "message", "model_change", "model_usage", "compaction", "branch_summary"];
    if !kind.is_some_and(|kind| known.contains(&&*kind)) {
        return Ok(None);
    }
    let wire: Wire<'_> = match read(line) {
        Ok(wire) => wire,
        // Messages of people and tools can have anything too.
        Err(_) if !is_of_assistant(line) => return Ok(None),
        Err(error) => return Err(error),
    };
    let at = wire.timestamp.and_then(|at| at.millis(1000.0));
    Ok(match (wire.kind.as_deref(), wire.message) {
        (Some("session"), _) => Some(Entry::Session { id: wire.id, folder: wire.cwd }),
        (Some("model_change"), _) => change(wire.provider, wire.model_id.or(wire.model)),
        (Some("message"), Some(message)) if message.role.as_deref() == Some("assistant") => {
            let begun = message.timestamp.and_then(|at| at.millis(1000.0));
            message.usage.map(|usage| {
                Entry::Usage(Usage {
                    at: at.or(begun),
                    begun,
                    provider: message.provider,
                    model: message.model,
                    answer: message.response_id,
                    tokens: usage.tokens(),
                })
            })
        }
        (Some("model_usage" | "compaction" | "branch_summary"), _) => wire.usage.map(|usage| {
            Entry::Usage(Usage {
                at,
                begun: None,
                provider: wire.provider,
                model: wire.model,
                answer: None,
                tokens: usage.tokens(),
            })
        }),
        _ => None,
    })
}

/// A change of the model. oh-my-pi writes the provider in front of it.
fn change<'a>(provider: Option<Cow<'a, str>>, model: Option<Cow<'a, str>>) -> Option<Entry<'a>> {
    let model = model?;
    if provider.is_some() {
        return Some(Entry::Model { provider, model });
    }
    Some(match model.split_once('/') {
        Some((provider, model)) => {
            Entry::Model { provider: Some(provider.to_owned().into()), model: model.to_owned().into() }
        }
        None => Entry::Model { provider: None, model },
    })
}

/// Whether a line is of a request, as far as that can be said of one whose counts cannot be read.
fn is_of_assistant(line: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Role<'a> {
        #[serde(borrow, default)]
        role: Option<Cow<'a, str>>,
    }
    #[derive(Deserialize)]
    struct Line<'a> {
        #[serde(borrow)]
        message: Role<'a>,
    }
    match read::<Line<'_>>(line) {
        Ok(line) => line.message.role.as_deref() == Some("assistant"),
        Err(Unreadable) => true,
    }
}

fn read<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(line).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let usage =
            |at, begun, provider: &'static str, model: Option<&'static str>, answer: Option<&'static str>| {
                let tokens =
                    Tokens { input: 7, output: 3, cache_read: 90, cache_write: 5, cache_write_1h: 2 };
                let provider = Some(provider).filter(|name| !name.is_empty()).map(Cow::Borrowed);
                Ok(Some(Entry::Usage(Usage {
                    at,
                    begun,
                    provider,
                    model: model.map(Cow::Borrowed),
                    answer: answer.map(Cow::Borrowed),
                    tokens,
                })))
            };
        let counts =
            r#"{"input":7,"output":3,"cacheRead":90,"cacheWrite":5,"cacheWrite1h":2,"cost":{"total":0.1}}"#;
        let at = Some(1_784_016_004_000);
        let begun = Some(1_784_016_000_000);
        for (line, expected) in [
            (
                format!(
                    r#"{{"type":"message","id":"a1","parentId":null,"timestamp":"2026-07-14T08:00:04Z","message":{{"role":"assistant","content":[],"provider":"kimi-coding","model":"k3","responseId":"r-1","usage":{counts},"timestamp":1784016000000}}}}"#
                ),
                usage(at, begun, "kimi-coding", Some("k3"), Some("r-1")),
            ),
            (
                format!(
                    r#"{{"type":"model_usage","timestamp":"2026-07-14T08:00:04Z","purpose":"title","provider":"moonshotai","model":"kimi-k3","usage":{counts}}}"#
                ),
                usage(at, None, "moonshotai", Some("kimi-k3"), None),
            ),
            (
                format!(
                    r#"{{"type":"compaction","timestamp":"2026-07-14T08:00:04Z","summary":"s","usage":{counts}}}"#
                ),
                usage(at, None, "", None, None),
            ),
            (format!(r#"{{"type":"message","message":{{"role":"toolResult","usage":{counts}}}}}"#), Ok(None)),
            (
                r#"{"type":"message","message":{"role":"toolResult","usage":"what it said"}}"#.to_owned(),
                Ok(None),
            ),
            (
                r#"{"type":"message","message":{"role":"assistant","usage":{"input":-4}}}"#.to_owned(),
                Err(Unreadable),
            ),
            (r#"{"type":"custom","usage":7}"#.to_owned(), Ok(None)),
            (r#"{"type":"message","message":{"role":"assistant","usage":"#.to_owned(), Err(Unreadable)),
            (
                r#"{"type":"session","version":3,"id":"s-1","cwd":"/w"}"#.to_owned(),
                Ok(Some(Entry::Session { id: Some("s-1".into()), folder: Some("/w".into()) })),
            ),
            (
                r#"{"type":"model_change","provider":"kimi-coding","modelId":"k3"}"#.to_owned(),
                Ok(Some(Entry::Model { provider: Some("kimi-coding".into()), model: "k3".into() })),
            ),
            (
                r#"{"type":"model_change","model":"openrouter/moonshotai/kimi-k3"}"#.to_owned(),
                Ok(Some(Entry::Model {
                    provider: Some("openrouter".into()),
                    model: "moonshotai/kimi-k3".into(),
                })),
            ),
        ] {
            assert_eq!(entry(line.as_bytes()), expected, "{line}");
        }
    }
}
