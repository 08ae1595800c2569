//! Messages of OpenCode, and the parts of them that end a call.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use tidemark_core::Tokens;

use crate::count::{LARGEST, Timestamp};

/// Whether a message can be an assistant's, judged by its bytes. What people wrote can be much longer, and has no tokens.
pub(crate) fn can_carry_usage(data: &[u8]) -> bool {
    memchr::memmem::find(data, b"\"assistant\"").is_some()
        && memchr::memmem::find(data, b"\"tokens\"").is_some()
}

/// An assistant's message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    /// When it was made, in milliseconds of the epoch.
    pub(crate) created: Option<i64>,
    /// When it was complete.
    pub(crate) completed: Option<i64>,
    pub(crate) provider: String,
    pub(crate) model: String,
    /// The session, where it is named.
    pub(crate) session: Option<String>,
    /// The folder that was worked in.
    pub(crate) folder: Option<String>,
    /// Those of its last call.
    pub(crate) tokens: Tokens,
}

/// A message or a part that was to be read and could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    role: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "providerID")]
    provider: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "modelID")]
    model: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "sessionID")]
    session: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    path: Option<Place<'a>>,
    #[serde(default)]
    time: Option<Times>,
    #[serde(default)]
    tokens: Option<Counts>,
}

#[derive(Deserialize)]
struct Place<'a> {
    #[serde(borrow, default)]
    cwd: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Times {
    #[serde(default)]
    created: Option<Timestamp>,
    #[serde(default)]
    completed: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(default)]
    tokens: Option<Counts>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Counts {
    input: Amount,
    output: Amount,
    reasoning: Amount,
    cache: Cache,
    total: Option<Amount>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cache {
    read: Amount,
    write: Amount,
}

/// A count as JavaScript writes one: any number. Earlier versions subtracted what was cached from an input that did not
/// include it, so that less than nothing was left: nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Amount(u64);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Option::<f64>::deserialize(deserializer)?.unwrap_or_default().max(0.0).round();
        if number > LARGEST as f64 {
            return Err(serde::de::Error::custom("not a count"));
        }
        Ok(Self(number as u64))
    }
}

impl Counts {
    fn tokens(&self) -> Tokens {
        let [input, output, reasoning] = [self.input.0, self.output.0, self.reasoning.0];
        let cached = self.cache.read.0 + self.cache.write.0;
        // With and without what was cached: not every service takes it into its total.
        let is_total = |sum: u64| self.total.is_some_and(|total| total.0 == sum || total.0 == sum + cached);
        let is_outside = if is_total(input + output + reasoning) {
            true
        } else if is_total(input + output) {
            false
        } else {
            // A total that fits neither is of a version that keeps them apart.
            self.total.is_some() || reasoning > output
        };
        Tokens {
            input,
            cache_read: self.cache.read.0,
            cache_write: self.cache.write.0,
            output: if is_outside { output + reasoning } else { output },
            ..Tokens::default()
        }
    }
}

/// Reads a message. `None` where it is not an assistant's, or says nothing of tokens.
pub(crate) fn message(data: &[u8]) -> Result<Option<Message>, Unreadable> {
    let wire: Wire<'_> = serde_json::from_slice(data).map_err(|_| Unreadable)?;
    let (Some("assistant"), Some(counts)) = (wire.role.as_deref(), wire.tokens) else { return Ok(None) };
    let (Some(provider), Some(model)) = (wire.provider, wire.model) else { return Ok(None) };
    let times = wire.time.unwrap_or(Times { created: None, completed: None });
    let millis = |time: Option<Timestamp>| time.map(|time| time.millis(1000.0).ok_or(Unreadable)).transpose();
    let own = |text: Option<Cow<'_, str>>| text.filter(|text| !text.is_empty()).map(Cow::into_owned);
    Ok(Some(Message {
        created: millis(times.created)?,
        completed: millis(times.completed)?,
        provider: provider.into_owned(),
        model: model.into_owned(),
        session: own(wire.session),
        folder: own(wire.path.and_then(|place| place.cwd)),
        tokens: counts.tokens(),
    }))
}

/// Whether a part can be the end of a call, judged by its bytes.
pub(crate) fn can_be_step(data: &[u8]) -> bool {
    static STEP: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("step-finish"));
    STEP.find(data).is_some()
}

/// The tokens of a call, if a part ends one.
pub(crate) fn step(data: &[u8]) -> Result<Option<Tokens>, Unreadable> {
    if !can_be_step(data) {
        return if serde_json::from_slice::<IgnoredAny>(data).is_ok() { Ok(None) } else { Err(Unreadable) };
    }
    let part: Part<'_> = serde_json::from_slice(data).map_err(|_| Unreadable)?;
    Ok(part.tokens.filter(|_| part.kind == "step-finish").map(|counts| counts.tokens()))
}

/// The calls that a message was made of.
pub(crate) fn calls(message: &Message, steps: Vec<Tokens>) -> Vec<Tokens> {
    let mut calls: Vec<Tokens> = steps.into_iter().filter(|step| !step.is_zero()).collect();
    let own = message.tokens;
    // Of several, a version may have kept the sum.
    let is_sum = calls.len() > 1 && calls.iter().copied().sum::<Tokens>() == own;
    if !own.is_zero() && !is_sum && !calls.contains(&own) {
        // Its part is not written yet, or was not kept.
        calls.push(own);
    }
    calls
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn tokens(input: u64, cache_read: u64, cache_write: u64, output: u64) -> Tokens {
        Tokens { input, cache_read, cache_write, output, ..Tokens::default() }
    }

    fn of(counts: &Value) -> Result<Tokens, Unreadable> {
        let data = json!({"role": "assistant", "providerID": "moonshotai", "modelID": "kimi-k3",
                          "time": {"created": 1_790_000_000_000_u64}, "tokens": counts});
        message(data.to_string().as_bytes()).map(|message| message.unwrap().tokens)
    }

    #[test]
    fn reasoning_counts_once_whichever_way_it_was_written() {
        for (counts, expected) in [
            // Beside the output, as the total says: with what was cached, and without.
            (
                json!({"input": 700, "output": 250, "reasoning": 50, "cache": {"read": 900, "write": 10}, "total": 1910}),
                tokens(700, 900, 10, 300),
            ),
            (
                json!({"input": 700, "output": 250, "reasoning": 50, "cache": {"read": 900, "write": 10}, "total": 1000}),
                tokens(700, 900, 10, 300),
            ),
            // Inside of it.
            (
                json!({"input": 700, "output": 250, "reasoning": 50, "cache": {"read": 900, "write": 10}, "total": 1860}),
                tokens(700, 900, 10, 250),
            ),
            // Earlier versions wrote no total.
            (
                json!({"input": 700, "output": 250, "reasoning": 50, "cache": {"read": 900, "write": 10}}),
                tokens(700, 900, 10, 250),
            ),
            (
                json!({"input": 700, "output": 10, "reasoning": 50, "cache": {"read": 0, "write": 0}}),
                tokens(700, 0, 0, 60),
            ),
            // Doubles, less than nothing, and nothing.
            (
                json!({"input": 7.0, "output": 2.5e1, "reasoning": 0.0, "cache": {"read": null}}),
                tokens(7, 0, 0, 25),
            ),
            (
                json!({"input": -900, "output": 5, "reasoning": 0, "cache": {"read": 1000, "write": 0}}),
                tokens(0, 1000, 0, 5),
            ),
            (json!({}), Tokens::default()),
        ] {
            assert_eq!(of(&counts), Ok(expected), "{counts}");
        }
        for counts in [json!({"input": 1e300}), json!({"input": "many"}), json!({"cache": 7}), json!(7)] {
            assert_eq!(of(&counts), Err(Unreadable), "{counts}");
        }
    }

    #[test]
    fn messages_of_others_and_of_people_are_none() {
        for (data, expected) in [
            (r#"{"role":"user","tokens":{"input":5}}"#, Ok(None)),
            (r#"{"role":"assistant","providerID":"a","modelID":"b"}"#, Ok(None)),
            (r#"{"role":"assistant","tokens":{"input":5}}"#, Ok(None)),
            (r#"{"role":"assistant","#, Err(Unreadable)),
            ("", Err(Unreadable)),
        ] {
            assert_eq!(message(data.as_bytes()), expected, "{data}");
        }
    }

    #[test]
    fn a_message_of_several_calls_has_the_last_ones_tokens_only() {
        let message = |tokens| Message {
            created: None,
            completed: None,
            provider: String::new(),
            model: String::new(),
            session: None,
            folder: None,
            tokens,
        };
        let (one, two, three) = (tokens(1, 0, 0, 5), tokens(2, 7, 0, 6), tokens(3, 9, 0, 11));
        for (own, steps, expected) in [
            (two, vec![], vec![two]),
            (two, vec![two], vec![two]),
            (two, vec![one, two], vec![one, two]),
            (two, vec![one, Tokens::default()], vec![one, two]),
            ([one, two].into_iter().sum(), vec![one, two], vec![one, two]),
            (three, vec![one, two], vec![one, two, three]),
            (two, vec![two, two], vec![two, two]),
            (Tokens::default(), vec![one], vec![one]),
            (Tokens::default(), vec![], vec![]),
        ] {
            assert_eq!(calls(&message(own), steps.clone()), expected, "{own:?} {steps:?}");
        }
    }

    #[test]
    fn parts_that_end_a_call() {
        let data = json!({"reason": "stop", "type": "step-finish", "tokens": {"input": 5, "output": 6, "cache": {"read": 7, "write": 0}}});
        assert_eq!(step(data.to_string().as_bytes()), Ok(Some(tokens(5, 7, 0, 6))));
        assert_eq!(step(br#"{"type":"text","text":"step-finish","tokens":{"input":5}}"#), Ok(None));
        assert_eq!(step(br#"{"type":"tool"}"#), Ok(None));
        assert_eq!(step(br#"{"type":"step-finish","#), Err(Unreadable));
    }

    proptest! {
        #[test]
        fn anything_is_read_or_refused(data in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (message(&data), step(&data), can_carry_usage(&data));
        }
    }
}
