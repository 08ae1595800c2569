//! A thread of Zed.

use std::io::Read;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tidemark_core::Tokens;

use crate::count::Count;

/// What is counted of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) tokens: Tokens,
}

/// A thread that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    model: Option<Model>,
    #[serde(default)]
    cumulative_token_usage: Option<Counts>,
    #[serde(default)]
    request_token_usage: Requests,
}

#[derive(Deserialize)]
struct Model {
    provider: String,
    model: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Counts {
    #[serde(rename = "input_tokens")]
    input: Count,
    #[serde(rename = "output_tokens")]
    output: Count,
    #[serde(rename = "cache_read_input_tokens")]
    cache_read: Count,
    #[serde(rename = "cache_creation_input_tokens")]
    cache_write: Count,
}

impl Counts {
    fn tokens(&self) -> Tokens {
        Tokens {
            input: self.input.0,
            cache_read: self.cache_read.0,
            cache_write: self.cache_write.0,
            output: self.output.0,
            ..Tokens::default()
        }
    }
}

/// What the last calls of the user's messages come to: by message, or, in the first versions, one after another.
#[derive(Default)]
struct Requests(Tokens);

impl<'de> Deserialize<'de> for Requests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Sum;

        impl<'de> Visitor<'de> for Sum {
            type Value = Tokens;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("usage of requests")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tokens, A::Error> {
                let mut sum = Tokens::default();
                while let Some((_, counts)) = map.next_entry::<IgnoredAny, Counts>()? {
                    sum += counts.tokens();
                }
                Ok(sum)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tokens, A::Error> {
                let mut sum = Tokens::default();
                while let Some(counts) = list.next_element::<Counts>()? {
                    sum += counts.tokens();
                }
                Ok(sum)
            }
            fn visit_unit<E>(self) -> Result<Tokens, E> {
                Ok(Tokens::default())
            }
        }
        deserializer.deserialize_any(Sum).map(Self)
    }
}

/// Reads a thread. `None` where it says nothing of a model.
pub(crate) fn thread(json: impl Read) -> Result<Option<Thread>, Unreadable> {
    let wire: Wire = serde_json::from_reader(json).map_err(|_| Unreadable)?;
    let Some(Model { provider, model }) = wire.model else { return Ok(None) };
    let summed = wire.cumulative_token_usage.map(|counts| counts.tokens()).unwrap_or_default();
    let Requests(last) = wire.request_token_usage;
    let tokens = if last.total() > summed.total() { last } else { summed };
    Ok(Some(Thread { provider, model, tokens }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(thread: &Value) -> Result<Option<Thread>, Unreadable> {
        super::thread(thread.to_string().as_bytes())
    }

    #[test]
    fn the_sum_of_a_thread_counts_and_where_it_was_not_kept_up_its_last_calls() {
        let usage = |input: u64, read: u64, output: u64| json!({"input_tokens": input, "cache_read_input_tokens": read, "output_tokens": output});
        let tokens = |input, cache_read, output| Tokens { input, cache_read, output, ..Tokens::default() };
        for (sum, requests, expected) in [
            (
                usage(500, 4000, 70),
                json!({"a": usage(100, 900, 20), "b": usage(50, 1000, 5)}),
                tokens(500, 4000, 70),
            ),
            (
                usage(0, 0, 0),
                json!({"a": usage(100, 900, 20), "b": usage(50, 1000, 5)}),
                tokens(150, 1900, 25),
            ),
            (Value::Null, json!([usage(1, 2, 3), usage(4, 5, 6)]), tokens(5, 7, 9)),
            (json!({}), Value::Null, Tokens::default()),
        ] {
            let thread = json!({"version": "0.3.0", "messages": [{"User": {"content": ["x"]}}, 7], "title": "t",
                "model": {"provider": "moonshotai", "model": "kimi-k3"},
                "cumulative_token_usage": sum, "request_token_usage": requests});
            assert_eq!(of(&thread).unwrap().unwrap().tokens, expected, "{thread}");
        }
        assert_eq!(of(&json!({"title": "t"})), Ok(None));
        assert_eq!(
            of(
                &json!({"model": {"provider": "a", "model": "b"}, "cumulative_token_usage": {"input_tokens": -1}})
            ),
            Err(Unreadable)
        );
        assert_eq!(super::thread(&b"{\"model\":"[..]), Err(Unreadable));
    }
}
