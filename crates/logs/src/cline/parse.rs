//! Messages of the logs of Cline, Roo Code and Kilo Code.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use tidemark_core::Tokens;

use crate::count::{Count, Timestamp};
use crate::format::Format;
use crate::json_lines::Unreadable;

/// What a message of a task says of usage, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// A request, which may still be under way.
    Request,
    /// What subagents used.
    Subagents,
    /// What requests used whose messages were removed.
    Removed,
}

impl Said {
    fn of(word: &str) -> Option<Self> {
        match word {
            "api_req_started" => Some(Self::Request),
            "subagent_usage" => Some(Self::Subagents),
            "deleted_api_reqs" | "api_req_deleted" => Some(Self::Removed),
            _ => None,
        }
    }
}

/// Whether a message of a task can say anything about usage, judged by its beginning: only if it is long is that not all
/// of it, and then its name stands in it.
pub(crate) fn is_of_usage(head: &[u8]) -> bool {
    static WORDS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| {
        ["\"api_req_started\"", "\"subagent_usage\"", "\"deleted_api_reqs\"", "\"api_req_deleted\""]
            .map(Finder::new)
    });
    WORDS.iter().any(|word| word.find(head).is_some())
}

/// The usage that a message says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Usage {
    pub(crate) said: Said,
    /// When, in milliseconds since 1970. In a task no two messages have the same time.
    pub(crate) at: i64,
    pub(crate) provider: Option<String>,
    pub(crate) model: Option<String>,
    counts: Counts,
    /// The service was spoken to in Anthropic's protocol, if that is known.
    is_anthropic: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    ts: Option<Timestamp>,
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
    #[serde(default)]
    partial: Option<bool>,
    #[serde(borrow, default)]
    model_info: Option<ModelInfo<'a>>,
    #[serde(borrow, default)]
    api_protocol: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModelInfo<'a> {
    #[serde(borrow, default)]
    model_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    provider_id: Option<Cow<'a, str>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Counts {
    tokens_in: Count,
    tokens_out: Count,
    cache_writes: Count,
    cache_reads: Count,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text<'a> {
    #[serde(flatten)]
    counts: Counts,
    #[serde(borrow, default)]
    api_protocol: Option<Cow<'a, str>>,
}

/// Reads a message of a task.
///
/// # Errors
/// It is no JSON, or its counts or its time are none.
pub(crate) fn message(bytes: &[u8]) -> Result<Option<Usage>, Unreadable> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow, default)]
        say: Option<Cow<'a, str>>,
    }

    let Named { say } = read(bytes)?;
    let Some(said) = say.as_deref().and_then(Said::of) else { return Ok(None) };
    let message: Message<'_> = read(bytes)?;
    let (Some(text), Some(at)) = (message.text, message.ts.and_then(|at| at.millis(1000.0))) else {
        return Ok(None);
    };
    // While an answer comes in, its message has no text, or one without counts.
    if message.partial == Some(true) || text.trim().is_empty() {
        return Ok(None);
    }
    let Text { counts, api_protocol } = read(text.as_bytes())?;
    let owned = |word: Option<Cow<'_, str>>| word.map(Cow::into_owned).filter(|word| !word.is_empty());
    let (model, provider) = message.model_info.map_or((None, None), |info| (info.model_id, info.provider_id));
    let protocol = api_protocol.or(message.api_protocol);
    Ok(Some(Usage {
        said,
        at,
        provider: owned(provider),
        model: owned(model),
        counts,
        is_anthropic: protocol.map(|protocol| protocol == "anthropic"),
    }))
}

/// Since when Roo Code and Kilo Code write all of the input for every protocol: 3.29.5 of 1 November 2025 and 4.119 of
/// 12 November, in milliseconds since 1970.
const WHOLE_INPUT_ROO: i64 = 1_761_955_200_000;
const WHOLE_INPUT_KILO: i64 = 1_762_905_600_000;

/// Cline's providers that pass on the whole input beside what was cached of it.
const WHOLE_INPUT: [&str; 10] =
    ["doubao", "fireworks", "hicap", "litellm", "lmstudio", "openai", "qwen", "qwen-code", "xai", "zai"];

impl Usage {
    /// What was used.
    pub(crate) fn tokens(&self, format: Format, provider: Option<&str>) -> Tokens {
        let Counts { tokens_in, tokens_out, cache_writes, cache_reads } = self.counts;
        let aside = cache_reads.0.saturating_add(cache_writes.0);
        let includes = match format {
            Format::Roo => self.is_anthropic != Some(true) || self.at >= WHOLE_INPUT_ROO,
            Format::Kilo => self.is_anthropic != Some(true) || self.at >= WHOLE_INPUT_KILO,
            _ => provider.is_some_and(|provider| WHOLE_INPUT.contains(&provider)),
        };
        Tokens {
            // More cached than sent: then the input cannot include it.
            input: if includes { tokens_in.0.checked_sub(aside).unwrap_or(tokens_in.0) } else { tokens_in.0 },
            cache_read: cache_reads.0,
            cache_write: cache_writes.0,
            output: tokens_out.0,
            ..Tokens::default()
        }
    }
}

/// An answer in a session.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) at: Option<i64>,
    pub(crate) number: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) tokens: Tokens,
}

/// Whether a message of a session can be an answer, judged by its beginning.
pub(crate) fn is_answer(head: &[u8]) -> bool {
    static PERSON: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"role\":\"user\""));
    PERSON.find(head).is_none()
}

/// Reads a message of a session.
///
/// # Errors
/// It is no JSON, or its counts or its time are none.
pub(crate) fn answer(bytes: &[u8]) -> Result<Option<Answer>, Unreadable> {
    #[derive(Deserialize)]
    struct Role<'a> {
        #[serde(borrow, default)]
        role: Option<Cow<'a, str>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Message<'a> {
        #[serde(borrow, default)]
        id: Option<Cow<'a, str>>,
        ts: Option<Timestamp>,
        #[serde(borrow, default)]
        model_info: Option<Info<'a>>,
        #[serde(default)]
        metrics: Option<Metrics>,
    }
    #[derive(Deserialize)]
    struct Info<'a> {
        #[serde(borrow, default)]
        id: Option<Cow<'a, str>>,
        #[serde(borrow, default)]
        provider: Option<Cow<'a, str>>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Metrics {
        #[serde(rename = "inputTokens")]
        input: Count,
        #[serde(rename = "outputTokens")]
        output: Count,
        #[serde(rename = "cacheReadTokens")]
        cache_read: Count,
        #[serde(rename = "cacheWriteTokens")]
        cache_write: Count,
    }

    if read::<Role<'_>>(bytes)?.role.as_deref() != Some("assistant") {
        return Ok(None);
    }
    let message: Message<'_> = read(bytes)?;
    let Some(metrics) = message.metrics else { return Ok(None) };
    let (input, read, written) = (metrics.input.0, metrics.cache_read.0, metrics.cache_write.0);
    let owned = |word: Option<Cow<'_, str>>| word.map(Cow::into_owned).filter(|word| !word.is_empty());
    let (model, provider) = message.model_info.map_or((None, None), |info| (info.id, info.provider));
    Ok(Some(Answer {
        at: message.ts.and_then(|at| at.millis(1000.0)),
        number: owned(message.id),
        provider: owned(provider),
        model: owned(model),
        tokens: Tokens {
            // More cached than sent: then the input cannot include it.
            input: input.checked_sub(read.saturating_add(written)).unwrap_or(input),
            cache_read: read,
            cache_write: written,
            output: metrics.output.0,
            ..Tokens::default()
        },
    }))
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(bytes).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(at: i64, text: &serde_json::Value) -> Usage {
        let text = text.to_string();
        let line = json!({"ts": at, "type": "say", "say": "api_req_started", "text": text}).to_string();
        message(line.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn what_the_input_includes() {
        let text = |protocol: Option<&str>| json!({"tokensIn": 100, "tokensOut": 7, "cacheReads": 60, "cacheWrites": 10, "cost": 0.5, "apiProtocol": protocol});
        let (early, late) = (1_750_000_000_000, 1_790_000_000_000);
        for (format, provider, protocol, at, input) in [
            (Format::Cline, Some("anthropic"), None, late, 100),
            (Format::Cline, Some("moonshot"), None, late, 100),
            (Format::Cline, Some("openai"), None, late, 30),
            (Format::Cline, None, None, late, 100),
            (Format::Roo, None, Some("anthropic"), early, 100),
            (Format::Roo, None, Some("anthropic"), late, 30),
            (Format::Roo, None, Some("openai"), early, 30),
            (Format::Roo, None, None, early, 30),
            (Format::Kilo, None, Some("anthropic"), WHOLE_INPUT_ROO, 100),
            (Format::Kilo, None, Some("anthropic"), WHOLE_INPUT_KILO, 30),
        ] {
            let tokens = request(at, &text(protocol)).tokens(format, provider);
            assert_eq!(
                (tokens.input, tokens.cache_read, tokens.output),
                (input, 60, 7),
                "{format:?} {provider:?} {protocol:?} {at}"
            );
        }
        let little = json!({"tokensIn": 5, "tokensOut": 7, "cacheReads": 60});
        assert_eq!(
            request(late, &little).tokens(Format::Roo, None).input,
            5,
            "it cannot include more than there is"
        );
    }

    #[test]
    fn messages() {
        for (line, expected) in [
            (r#"{"ts":5,"type":"say","say":"text","text":"api_req_started"}"#, Ok(None)),
            (r#"{"ts":5,"type":"say","say":"api_req_started","text":"{}","partial":true}"#, Ok(None)),
            (r#"{"ts":5,"type":"say","say":"api_req_started"}"#, Ok(None)),
            (r#"{"ts":5,"type":"say","say":"api_req_started","text":"half"}"#, Err(Unreadable)),
            (r#"{"ts":5,"type":"say","say":"api_req_started","text":"{\"tokensIn\":-5}"}"#, Err(Unreadable)),
            (r#"{"ts":5,"say":"api_req_started","text":"#, Err(Unreadable)),
        ] {
            assert_eq!(message(line.as_bytes()), expected, "{line}");
        }
        let line = r#"{"ts":1790000000000,"type":"say","say":"deleted_api_reqs","text":"{\"tokensOut\":9}","modelInfo":{"providerId":"moonshot","modelId":"kimi-k3","mode":"act"}}"#;
        let usage = message(line.as_bytes()).unwrap().unwrap();
        assert_eq!((usage.said, usage.at), (Said::Removed, 1_790_000_000_000));
        assert_eq!((usage.provider.as_deref(), usage.model.as_deref()), (Some("moonshot"), Some("kimi-k3")));
    }

    #[test]
    fn answers() {
        let line = r#"{"id":"m7","role":"assistant","content":[{"type":"text","text":"x"}],"ts":1790000000000,
            "modelInfo":{"id":"kimi-k3","provider":"moonshot"},"metrics":{"inputTokens":100,"outputTokens":7,"cacheReadTokens":60,"cacheWriteTokens":0,"cost":0.1}}"#;
        let answer_ = answer(line.as_bytes()).unwrap().unwrap();
        let tokens = Tokens { input: 40, cache_read: 60, output: 7, ..Tokens::default() };
        assert_eq!((answer_.tokens, answer_.number.as_deref()), (tokens, Some("m7")));
        for (line, expected) in [
            (r#"{"role":"user","metrics":{"inputTokens":1}}"#, Ok(None)),
            (r#"{"role":"assistant","content":"x"}"#, Ok(None)),
            (r#"{"role":"assistant","metrics":{"inputTokens":"many"}}"#, Err(Unreadable)),
        ] {
            assert_eq!(answer(line.as_bytes()), expected, "{line}");
        }
    }
}
