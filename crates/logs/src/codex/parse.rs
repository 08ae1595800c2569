//! Lines of Codex's session logs.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use tidemark_core::Tokens;

use crate::count::{Count, Timestamp};
use crate::json_lines::Unreadable;

static TOKENS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"token_count\""));
static META: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"session_meta\""));
static CONTEXT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"turn_context\""));
/// Whether a line can say anything about usage, judged by its bytes. What was said and done fills most lines.
pub(crate) fn can_matter(line: &[u8]) -> bool {
    [&TOKENS, &CONTEXT, &META].into_iter().any(|word| word.find(line).is_some())
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Record<'a> {
    /// A session begins, or a copy of it.
    Meta {
        /// Its own id.
        id: Option<Cow<'a, str>>,
        /// That of the session it was copied from.
        forked_from: Option<Cow<'a, str>>,
        provider: Option<Cow<'a, str>>,
        folder: Option<Cow<'a, str>>,
    },
    /// A turn begins.
    Context { model: Option<Cow<'a, str>>, folder: Option<Cow<'a, str>> },
    /// A request was answered, or the last one is reported again.
    Usage {
        /// Milliseconds since 1970; `None` if the line has no time.
        at: Option<i64>,
        /// All of the session so far.
        total: Option<Counts>,
        last: Option<Counts>,
    },
}

/// Counts as they are written: the input includes what was cached, the output what was thought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) input: u64,
    pub(crate) cached: u64,
    pub(crate) written: u64,
    pub(crate) output: u64,
}

impl Counts {
    pub(crate) const fn numbers(self) -> [u64; 4] {
        [self.input, self.cached, self.written, self.output]
    }

    pub(crate) const fn of_numbers([input, cached, written, output]: [u64; 4]) -> Self {
        Self { input, cached, written, output }
    }

    /// What came to it since an earlier sum. A sum that is smaller in anything began again.
    pub(crate) fn since(self, before: Self) -> Self {
        let (now, before) = (self.numbers(), before.numbers());
        if now.iter().zip(before).any(|(now, before)| *now < before) {
            return self;
        }
        Self::of_numbers(std::array::from_fn(|at| now[at] - before[at]))
    }

    pub(crate) fn tokens(self) -> Tokens {
        let aside = self.cached.saturating_add(self.written);
        Tokens {
            // More cached than sent: then the input cannot include it.
            input: self.input.checked_sub(aside).unwrap_or(self.input),
            cache_read: self.cached,
            cache_write: self.written,
            output: self.output,
            ..Tokens::default()
        }
    }
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Line<P> {
    #[serde(default)]
    timestamp: Option<Timestamp>,
    payload: P,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    forked_from_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model_provider: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    cwd: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    cwd: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    info: Option<Info>,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    total_token_usage: Option<Wire>,
    #[serde(default)]
    last_token_usage: Option<Wire>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default, rename = "input_tokens")]
    input: Count,
    #[serde(default, rename = "cached_input_tokens")]
    cached: Count,
    #[serde(default, rename = "cache_write_input_tokens")]
    written: Count,
    #[serde(default, rename = "output_tokens")]
    output: Count,
}

impl Wire {
    fn counts(&self) -> Counts {
        Counts { input: self.input.0, cached: self.cached.0, written: self.written.0, output: self.output.0 }
    }
}

/// Reads a line.
///
/// # Errors
/// It is no JSON, or its counts or its time are none.
pub(crate) fn record(line: &[u8]) -> Result<Option<Record<'_>>, Unreadable> {
    let Head { kind, .. } = read(line)?;
    match kind.as_deref() {
        Some("session_meta") => {
            let Meta { id, forked_from_id, model_provider, cwd } = read::<Line<Meta<'_>>>(line)?.payload;
            Ok(Some(Record::Meta { id, forked_from: forked_from_id, provider: model_provider, folder: cwd }))
        }
        Some("turn_context") => {
            let Context { model, cwd } = read::<Line<Context<'_>>>(line)?.payload;
            Ok(Some(Record::Context { model, folder: cwd }))
        }
        Some("event_msg") => {
            // Other events have an `info` of their own.
            if read::<Line<Head<'_>>>(line)?.payload.kind.as_deref() != Some("token_count") {
                return Ok(None);
            }
            let Line { timestamp, payload: Event { info } } = read(line)?;
            Ok(info.map(|info| Record::Usage {
                at: timestamp.and_then(|at| at.millis(1000.0)),
                total: info.total_token_usage.as_ref().map(Wire::counts),
                last: info.last_token_usage.as_ref().map(Wire::counts),
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

    fn counts(input: u64, cached: u64, output: u64) -> Counts {
        Counts { input, cached, written: 0, output }
    }

    #[test]
    fn lines() {
        let usage = |at, total, last| Ok(Some(Record::Usage { at, total, last }));
        let counted = r#"{"input_tokens":70,"cached_input_tokens":50,"output_tokens":9,"reasoning_output_tokens":4,"total_tokens":79}"#;
        let event = |info: &str| {
            format!(
                r#"{{"timestamp":"2026-07-14T08:00:00.250Z","type":"event_msg","payload":{{"type":"token_count","info":{info},"rate_limits":null}}}}"#
            )
        };
        let both = format!(
            r#"{{"total_token_usage":{counted},"last_token_usage":{counted},"model_context_window":9}}"#
        );
        let at = Some(1_784_016_000_250);
        for (line, expected) in [
            (event(&both), usage(at, Some(counts(70, 50, 9)), Some(counts(70, 50, 9)))),
            (event(&format!(r#"{{"total_token_usage":{counted}}}"#)), usage(at, Some(counts(70, 50, 9)), None)),
            (event("null"), Ok(None)),
            (event(r#"{"last_token_usage":{"input_tokens":-1}}"#), Err(Unreadable)),
            (event(r#"{"last_token_usage":{"input_tokens":null,"output_tokens":"3"}}"#), usage(at, None, Some(counts(0, 0, 3)))),
            (r#"{"type":"event_msg","payload":{"type":"other","info":5,"text":"token_count"}}"#.to_owned(), Ok(None)),
            (r#"{"type":"event_msg","payload":{"type":"token_count""#.to_owned(), Err(Unreadable)),
            (r#"{"type":"response_item","payload":{"type":"token_count","info":{}}}"#.to_owned(), Ok(None)),
            (
                r#"{"payload":{"cwd":"/w","model":"kimi-k3","summary":"auto"},"type":"turn_context"}"#.to_owned(),
                Ok(Some(Record::Context { model: Some("kimi-k3".into()), folder: Some("/w".into()) })),
            ),
            (
                r#"{"type":"session_meta","payload":{"id":"b","forked_from_id":"a","model_provider":"mine","git":{}}}"#.to_owned(),
                Ok(Some(Record::Meta {
                    id: Some("b".into()),
                    forked_from: Some("a".into()),
                    provider: Some("mine".into()),
                    folder: None,
                })),
            ),
        ] {
            assert_eq!(record(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn differences_of_sums() {
        for (now, before, came) in [
            (counts(9, 5, 3), counts(4, 5, 1), counts(5, 0, 2)),
            (counts(9, 5, 3), Counts::default(), counts(9, 5, 3)),
            // Begun again.
            (counts(9, 5, 3), counts(10, 1, 1), counts(9, 5, 3)),
            (counts(9, 5, 3), counts(1, 6, 1), counts(9, 5, 3)),
        ] {
            assert_eq!(now.since(before), came);
        }
    }

    #[test]
    fn the_input_includes_what_was_cached() {
        let tokens = Counts { input: 100, cached: 60, written: 30, output: 5 }.tokens();
        assert_eq!((tokens.input, tokens.cache_read, tokens.cache_write, tokens.output), (10, 60, 30, 5));
        assert_eq!(counts(10, 60, 5).tokens().input, 10, "it cannot include more than there is");
    }
}
