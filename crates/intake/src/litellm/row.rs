//! A row of the table, and what it says of a request.

use serde::Deserialize;
use serde_json::Value;
use tidemark_core::intake::InputConvention;
use tidemark_core::text;
use tidemark_logs::model::{canonical, is_kimi};
use url::Url;

use crate::address::{Destination, by_address, by_provider};
use crate::count::number;
use crate::hash::Hash;
use crate::record::{Count, Record, SeenIn};

/// A row, as far as it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The request's id, which the table has once.
    pub request_id: String,
    /// When it began, in microseconds since 1970.
    pub start: i64,
    /// When it ended.
    pub end: i64,
    /// The model that it was sent to.
    pub model: String,
    /// What LiteLLM calls the provider.
    pub provider: String,
    /// The address that it was sent to.
    pub api_base: String,
    /// Tokens of input, what came from the cache included.
    pub prompt_tokens: i64,
    /// Tokens of output.
    pub completion_tokens: i64,
    /// `success`, `failure`, or empty in older versions.
    pub status: String,
    /// Whether LiteLLM answered from a cache of its own: then nothing was sent.
    pub is_cached: bool,
    /// The provider's own figures, as JSON.
    pub usage: String,
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowReading {
    /// A request of Kimi's.
    Used(Box<Record>),
    /// One of another provider's.
    NotKimi,
    /// One that failed, or was answered by LiteLLM itself: nothing was used.
    Nothing,
    /// Its figures or times make no sense.
    Senseless,
}

/// The provider's figures, as LiteLLM keeps them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct UsageObject {
    cached_tokens: Value,
    cache_read_input_tokens: Value,
    cache_creation_input_tokens: Value,
    prompt_tokens_details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Value,
    cache_creation_tokens: Value,
}

/// What a row says. `own` are the addresses that the user's accounts have instead of the service's.
///
/// # Examples
/// ```
/// use tidemark_intake::litellm::{Row, RowReading, record};
///
/// let row = Row {
///     request_id: "chatcmpl-9".into(),
///     start: 1_793_000_000_000_000,
///     end: 1_793_000_004_000_000,
///     model: "moonshot/kimi-k3".into(),
///     api_base: "https://api.moonshot.ai/v1".into(),
///     prompt_tokens: 1000,
///     completion_tokens: 50,
///     status: "success".into(),
///     usage: r#"{"prompt_tokens_details":{"cached_tokens":800}}"#.into(),
///     ..Row::default()
/// };
/// let RowReading::Used(request) = record(&row, &[]) else { panic!("a request of Kimi's") };
/// assert_eq!(request.model, "kimi-k3");
/// ```
#[must_use]
pub fn record(row: &Row, own: &[Url]) -> RowReading {
    if row.is_cached || row.status.eq_ignore_ascii_case("failure") {
        return RowReading::Nothing;
    }
    let destination = match by_address(&row.api_base, None, own) {
        Destination::Unknown => by_provider(&row.provider),
        known => known,
    };
    let base_url = match destination {
        Destination::Other => return RowReading::NotKimi,
        Destination::Unknown | Destination::Kimi { base_url: None } if !is_kimi(&row.model) => {
            return RowReading::NotKimi;
        }
        Destination::Unknown => None,
        Destination::Kimi { base_url } => base_url,
    };
    let (Some(input), Some(output)) = (number(row.prompt_tokens), number(row.completion_tokens)) else {
        return RowReading::Senseless;
    };
    if input == 0 && output == 0 {
        return RowReading::Nothing;
    }
    let millis = |micros: i64| micros.div_euclid(1000);
    // 2015, before which there was none, and a day of 9999.
    let sane = 1_420_070_400_000..253_402_214_400_000;
    let (start, end) = (millis(row.start), millis(row.end.max(row.start)));
    if !sane.contains(&start) || !sane.contains(&end) || row.request_id.is_empty() {
        return RowReading::Senseless;
    }
    let (cache_read, cache_write) = cached(&row.usage);
    if [cache_read, cache_write].into_iter().flatten().any(|count| count > input) {
        return RowReading::Senseless;
    }
    let provider = match &base_url {
        Some(url) => text::name(url.host_str().unwrap_or_default()),
        None => text::name(&row.provider),
    };
    let delta = |count: Option<u64>| count.map(Count::Delta);
    RowReading::Used(Box::new(Record {
        fingerprint: Hash::of("litellm").text(&row.request_id).finish(),
        at: end,
        begun: Some(start),
        model: canonical(&row.model),
        session: String::new(),
        program: Some("litellm".to_owned()),
        provider,
        base_url,
        counts: [delta(Some(input)), delta(cache_read), delta(cache_write), delta(Some(output))],
        convention: InputConvention::Whole,
        seen_in: SeenIn::Figures,
    }))
}

/// What came from the cache and what was written to it. A provider that reports figures and none for the cache used
/// none; without any figures it is not known.
fn cached(usage: &str) -> (Option<u64>, Option<u64>) {
    let Ok(Value::Object(object)) = serde_json::from_str(usage) else { return (None, None) };
    if object.is_empty() {
        return (None, None);
    }
    let Ok(usage) = serde_json::from_value::<UsageObject>(Value::Object(object)) else { return (None, None) };
    let count = |value: &Value| value.as_i64().and_then(number);
    let details = usage.prompt_tokens_details.unwrap_or_default();
    let read = [&details.cached_tokens, &usage.cache_read_input_tokens, &usage.cached_tokens];
    let write = [&usage.cache_creation_input_tokens, &details.cache_creation_tokens];
    let most = |values: &[&Value]| values.iter().filter_map(|value| count(value)).max();
    (Some(most(&read).unwrap_or_default()), most(&write))
}

#[cfg(test)]
mod tests {
    use tidemark_core::Tokens;
    use tidemark_core::intake::tokens;

    use super::*;

    fn row() -> Row {
        Row {
            request_id: "chatcmpl-7".to_owned(),
            start: 1_793_000_000_000_500,
            end: 1_793_000_003_250_000,
            model: "moonshot/kimi-k3".to_owned(),
            provider: "moonshot".to_owned(),
            api_base: "https://api.moonshot.cn/v1".to_owned(),
            prompt_tokens: 6000,
            completion_tokens: 250,
            status: "success".to_owned(),
            is_cached: false,
            usage: r#"{"prompt_tokens":6000,"prompt_tokens_details":{"cached_tokens":5120}}"#.to_owned(),
        }
    }

    fn with(change: impl FnOnce(&mut Row)) -> RowReading {
        let mut row = row();
        change(&mut row);
        record(&row, &[])
    }

    fn used(reading: RowReading) -> (Tokens, bool) {
        let RowReading::Used(record) = reading else { panic!("{reading:?}") };
        let value = |count: Option<Count>| match count {
            Some(Count::Delta(value)) => Some(value),
            _ => None,
        };
        tokens(record.counts.map(value), record.convention)
    }

    #[test]
    fn a_row_is_a_request_with_its_tokens_by_kind() {
        let RowReading::Used(record) = with(|_| ()) else { panic!("a request") };
        assert_eq!((record.at, record.begun), (1_793_000_003_250, Some(1_793_000_000_000)));
        assert_eq!((record.model.as_str(), record.provider.as_str()), ("kimi-k3", "api.moonshot.cn"));
        let tokens = |input, cache_read, cache_write| Tokens {
            input,
            cache_read,
            cache_write,
            cache_write_1h: 0,
            output: 250,
        };
        for (usage, expected, known) in [
            (r#"{"prompt_tokens_details":{"cached_tokens":5120}}"#, tokens(880, 5120, 0), true),
            (r#"{"cached_tokens":4000}"#, tokens(2000, 4000, 0), true),
            (
                r#"{"cache_read_input_tokens":1000,"cache_creation_input_tokens":200,"prompt_tokens_details":null}"#,
                tokens(4800, 1000, 200),
                true,
            ),
            (r#"{"prompt_tokens":6000}"#, tokens(6000, 0, 0), true),
            (r#"{"cached_tokens":"many"}"#, tokens(6000, 0, 0), true),
            ("{}", tokens(6000, 0, 0), false),
            ("", tokens(6000, 0, 0), false),
            ("[[[", tokens(6000, 0, 0), false),
        ] {
            assert_eq!(used(with(|row| usage.clone_into(&mut row.usage))), (expected, known), "{usage}");
        }
    }

    #[test]
    fn what_was_not_sent_to_kimi_or_failed_is_no_request() {
        assert_eq!(with(|row| row.status = "failure".to_owned()), RowReading::Nothing);
        assert_eq!(with(|row| row.is_cached = true), RowReading::Nothing);
        assert_eq!(with(|row| (row.prompt_tokens, row.completion_tokens) = (0, 0)), RowReading::Nothing);
        assert_eq!(with(|row| row.api_base = "https://openrouter.ai/api/v1".to_owned()), RowReading::NotKimi);
        assert_eq!(
            with(|row| {
                row.api_base.clear();
                row.provider = "openai".to_owned();
                row.model = "gpt-5.5".to_owned();
            }),
            RowReading::NotKimi
        );
        for change in [
            (|row| row.prompt_tokens = -1) as fn(&mut Row),
            |row| row.completion_tokens = i64::MAX,
            |row| (row.start, row.end) = (0, 0),
            |row| row.end = i64::MAX,
            |row| row.request_id.clear(),
            |row| row.usage = r#"{"cached_tokens":6001}"#.to_owned(),
        ] {
            assert_eq!(with(change), RowReading::Senseless);
        }
        // Older versions have no status; a model at Kimi's address is Kimi's, whatever it is called.
        assert!(matches!(with(|row| row.status.clear()), RowReading::Used(_)));
        assert!(matches!(with(|row| row.model = "daily".to_owned()), RowReading::Used(_)));
    }
}
