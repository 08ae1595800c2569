//! Lines of Kimi Code's session logs.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::Value;
use tidemark_core::Tokens;

use crate::bytes::leading_type;
use crate::count::{Count, Timestamp};
use crate::lines::MAX_IN_PIECES;

/// What a line can be to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The use of one call.
    Usage,
    /// A call about to be made; it names the model.
    Request,
    /// The end of what was copied from a parent.
    Forked,
    /// The first line, with the time at which the log began.
    Metadata,
    /// Anything else.
    Other,
}

const WORDS: [(&[u8], Kind); 4] = [
    (b"usage.record", Kind::Usage),
    (b"llm.request", Kind::Request),
    (b"forked", Kind::Forked),
    (b"metadata", Kind::Metadata),
];

static FINDERS: LazyLock<[(Finder<'static>, Kind); 4]> =
    LazyLock::new(|| WORDS.map(|(word, kind)| (Finder::new(word), kind)));

/// A line of which only the type is asked.
#[derive(Deserialize)]
struct Typed<'a> {
    #[serde(rename = "type", borrow)]
    word: Cow<'a, str>,
}

/// What a line is, judged by its bytes. If the type is not the line's first key, the line is parsed.
pub(crate) fn kind(line: &[u8]) -> Kind {
    let of = |word: &[u8]| WORDS.iter().find(|(w, _)| *w == word).map_or(Kind::Other, |(_, kind)| *kind);
    if let Some(word) = leading_type(line) {
        return of(word);
    }
    if !FINDERS.iter().any(|(finder, _)| finder.find(line).is_some()) {
        return Kind::Other;
    }
    match serde_json::from_slice::<Typed<'_>>(line) {
        Ok(typed) => of(typed.word.as_bytes()),
        // What has the word in it and cannot be parsed is for the parser to refuse.
        Err(_) if FINDERS[0].0.find(line).is_some() => Kind::Usage,
        Err(_) => Kind::Other,
    }
}

/// Whether a line can have one of our records in it, behind another that was torn off.
pub(crate) fn names_record(line: &[u8]) -> bool {
    FINDERS[0].0.find(line).is_some() || ends_in_short_record(line)
}

/// Whether a record that has nothing inside of it stands at a line's end. In a text, its quotes would be escaped.
fn ends_in_short_record(line: &[u8]) -> bool {
    const LONGEST: usize = 4096;
    static WORDS: LazyLock<[Finder<'static>; 2]> =
        LazyLock::new(|| [Finder::new("\"llm.request\""), Finder::new("\"forked\"")]);
    let Some(begins) = memchr::memrchr(b'{', line).filter(|begins| *begins > 0) else { return false };
    let record = &line[begins..];
    record.len() <= LONGEST && WORDS.iter().any(|word| word.find(record).is_some())
}

/// A `usage.record`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Usage<'a> {
    /// The model as it is written; a stand-in or nothing at all is possible.
    pub(crate) model: Option<Cow<'a, str>>,
    /// `None` where the usage is null or left out.
    pub(crate) tokens: Option<Tokens>,
    /// The agent that asked, since protocol 1.5.
    pub(crate) agent: Option<Cow<'a, str>>,
    /// `turn`, `session`, or what may come.
    pub(crate) scope: Option<Cow<'a, str>>,
    /// Milliseconds since 1970.
    pub(crate) at: Option<i64>,
}

/// A line that was to be read and could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

const PER_SECOND: f64 = 1000.0;

/// Reads the line of a `usage.record`.
pub(crate) fn usage(line: &[u8]) -> Result<Usage<'_>, Unreadable> {
    #[derive(Deserialize)]
    struct Wire<'a> {
        #[serde(borrow, default)]
        model: Option<Cow<'a, str>>,
        #[serde(default)]
        usage: Option<Counts>,
        #[serde(rename = "agentId", borrow, default)]
        agent: Option<Cow<'a, str>>,
        #[serde(rename = "usageScope", borrow, default)]
        scope: Option<Cow<'a, str>>,
        #[serde(default)]
        time: Option<Timestamp>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
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
    let Ok(wire) = serde_json::from_slice::<Wire<'_>>(line) else { return lenient(line) };
    Ok(Usage {
        model: wire.model,
        tokens: wire.usage.map(|counts| Tokens {
            input: counts.input_other.0,
            cache_read: counts.input_cache_read.0,
            cache_write: counts.input_cache_creation.0,
            cache_write_1h: 0,
            output: counts.output.0,
        }),
        agent: wire.agent,
        scope: wire.scope,
        at: wire.time.map(|time| time.millis(PER_SECOND).ok_or(Unreadable)).transpose()?,
    })
}

/// Reads what the quick way refused: letters that are none, a key that stands twice, a model that is no
/// text. What the counts need must be there all the same.
fn lenient(line: &[u8]) -> Result<Usage<'static>, Unreadable> {
    if line.len() > MAX_IN_PIECES {
        return Err(Unreadable);
    }
    let text = String::from_utf8_lossy(line);
    let value: Value = serde_json::from_str(&text).map_err(|_| Unreadable)?;
    let word = |key: &str| value.get(key).and_then(Value::as_str).map(|word| Cow::Owned(word.to_owned()));
    let tokens = match value.get("usage") {
        None | Some(Value::Null) => None,
        Some(usage) if usage.is_object() => {
            let count = |key: &str| match usage.get(key) {
                None => Ok(0),
                Some(value) => Count::deserialize(value).map(|count| count.0).map_err(|_| Unreadable),
            };
            Some(Tokens {
                input: count("inputOther")?,
                cache_read: count("inputCacheRead")?,
                cache_write: count("inputCacheCreation")?,
                cache_write_1h: 0,
                output: count("output")?,
            })
        }
        Some(_) => return Err(Unreadable),
    };
    let at = match value.get("time") {
        None | Some(Value::Null) => None,
        Some(time) => {
            let time = Timestamp::deserialize(time).map_err(|_| Unreadable)?;
            Some(time.millis(PER_SECOND).ok_or(Unreadable)?)
        }
    };
    Ok(Usage { model: word("model"), tokens, agent: word("agentId"), scope: word("usageScope"), at })
}

/// An `llm.request`: what was asked for, as far as it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// What the provider was asked for. A stand-in is none.
    pub(crate) model: Option<String>,
    /// What the configuration calls it.
    pub(crate) alias: Option<String>,
    /// The provider, or only how it is talked to.
    pub(crate) provider: Option<String>,
    /// Milliseconds since 1970.
    pub(crate) at: Option<i64>,
}

/// Reads the line of an `llm.request`.
pub(crate) fn request(line: &[u8]) -> Request {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        #[serde(default)]
        model: Option<String>,
        #[serde(default)]
        model_alias: Option<String>,
        #[serde(default)]
        provider: Option<Value>,
        #[serde(default)]
        time: Option<Timestamp>,
    }
    let text = String::from_utf8_lossy(line);
    let Ok(wire) = serde_json::from_str::<Wire>(&text) else { return Request::default() };
    let named = |name: &String| !name.is_empty() && !crate::model::is_sentinel(name);
    let provider = wire.provider.as_ref().and_then(Value::as_str).filter(|name| !name.is_empty());
    Request {
        model: wire.model.filter(named),
        alias: wire.model_alias.filter(named),
        provider: provider.map(ToOwned::to_owned),
        at: wire.time.and_then(|time| time.millis(PER_SECOND)),
    }
}

/// When the log began, of its first line.
pub(crate) fn begun(line: &[u8]) -> Option<i64> {
    #[derive(Deserialize)]
    struct Wire {
        #[serde(alias = "createdAt")]
        created_at: Timestamp,
    }
    serde_json::from_slice::<Wire>(line).ok()?.created_at.millis(PER_SECOND)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds() {
        for (line, expected) in [
            (r#"{"type":"usage.record","time":1}"#, Kind::Usage),
            (r#"{"agentId":"main","time":1,"type":"usage.record"}"#, Kind::Usage),
            (r#"{"type": "llm.request"}"#, Kind::Request),
            (r#"{"time":5,"type":"forked"}"#, Kind::Forked),
            (r#"{"type":"metadata","created_at":1}"#, Kind::Metadata),
            (r#"{"type":"context.append_loop_event","event":{"type":"step.end"}}"#, Kind::Other),
            (r#"{"type":"context.append_message","text":"\"type\":\"usage.record\""}"#, Kind::Other),
            (r#"{"text":"{\"type\":\"usage.record\"}","type":"turn.prompt"}"#, Kind::Other),
            (r#"{"time":1,"type":"usage.record","usage":{"#, Kind::Usage),
            ("plain text", Kind::Other),
        ] {
            assert_eq!(kind(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn records_behind_torn_ones_are_named() {
        for (line, expected) in [
            (r#"{"type":"x","a":"tor{"type":"llm.request","model":"k3"}"#, true),
            (r#"{"type":"x","a":"tor{"time":5,"type" : "forked"}"#, true),
            (r#"{"type":"x","a":{"type":"usage.record"#, true),
            (r#"{"type":"x","a":"{\"type\":\"llm.request\"}"}"#, false),
            (r#"{"type":"x","a":{"b":"llm.request is a word"}}"#, false),
            (r#"{"type":"forked"}"#, false),
            ("", false),
        ] {
            assert_eq!(names_record(line.as_bytes()), expected, "{line}");
        }
    }

    type Expected = Result<(Option<&'static str>, Option<Tokens>, Option<i64>), Unreadable>;

    #[test]
    fn usages() {
        let tokens = |input, cache_read, cache_write, output| Tokens {
            input,
            cache_read,
            cache_write,
            output,
            ..Tokens::default()
        };
        let table: [(&[u8], Expected); 12] = [
            (
                br#"{"type":"usage.record","model":"kimi-code/k3","usage":{"inputOther":5,"output":6,"inputCacheRead":7,"inputCacheCreation":8},"usageScope":"turn","time":1784973672311}"#,
                Ok((Some("kimi-code/k3"), Some(tokens(5, 7, 8, 6)), Some(1_784_973_672_311))),
            ),
            (br#"{"usage":{"inputOther":5}}"#, Ok((None, Some(tokens(5, 0, 0, 0)), None))),
            (br#"{"usage":{"inputOther":"5","output":6.0,"inputCacheRead":null}}"#, Ok((None, Some(tokens(5, 0, 0, 6)), None))),
            (br#"{"usage":null,"model":"k3"}"#, Ok((Some("k3"), None, None))),
            (br#"{"model":"k3"}"#, Ok((Some("k3"), None, None))),
            (br#"{"usage":{"output":1},"model":["k3"]}"#, Ok((None, Some(tokens(0, 0, 0, 1)), None))),
            (b"{\"usage\":{\"output\":1},\"model\":\"k3\xff\"}", Ok((Some("k3\u{fffd}"), Some(tokens(0, 0, 0, 1)), None))),
            (br#"{"usage":{"output":1},"model":"a","model":"k3"}"#, Ok((Some("k3"), Some(tokens(0, 0, 0, 1)), None))),
            (br#"{"usage":{"output":-1}}"#, Err(Unreadable)),
            (br#"{"usage":"much"}"#, Err(Unreadable)),
            (br#"{"usage":{"output":1},"time":"soon"}"#, Err(Unreadable)),
            (br#"{"usage":{"output":1},"ti"#, Err(Unreadable)),
        ];
        for (line, expected) in table {
            let found = usage(line);
            let found = found.as_ref().map(|u| (u.model.as_deref(), u.tokens, u.at)).map_err(|e| *e);
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn requests_and_beginnings() {
        let of = |model: Option<&str>, alias: Option<&str>, provider: Option<&str>, at| {
            let owned = |word: Option<&str>| word.map(ToOwned::to_owned);
            Request { model: owned(model), alias: owned(alias), provider: owned(provider), at }
        };
        let line =
            br#"{"type":"llm.request","provider":"kimi","model":"k3","modelAlias":"kimi-code/k3","time":7}"#;
        assert_eq!(request(line), of(Some("k3"), Some("kimi-code/k3"), Some("kimi"), Some(7)));
        let line =
            br#"{"type":"llm.request","model":"__secondary__","modelAlias":"daily","provider":{"id":1}}"#;
        assert_eq!(request(line), of(None, Some("daily"), None, None));
        assert_eq!(request(b"{"), Request::default());
        assert_eq!(begun(br#"{"type":"metadata","created_at":1779256791085}"#), Some(1_779_256_791_085));
        assert_eq!(begun(br#"{"type":"metadata"}"#), None);
    }

    proptest! {
        #[test]
        fn anything_at_all_is_read_or_refused(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (kind(&line), usage(&line).is_ok(), request(&line), begun(&line));
        }

        #[test]
        fn damaged_records_are_read_or_refused(at in 0usize..160, byte: u8, cut in 0usize..160) {
            let mut line = br#"{"type":"usage.record","model":"k3","usage":{"inputOther":5,"output":6,"inputCacheRead":7,"inputCacheCreation":8},"usageScope":"turn","time":1784973672311}"#.to_vec();
            let at = at % line.len();
            line[at] = byte;
            line.truncate(cut.max(1));
            let _ = (kind(&line), usage(&line).is_ok());
        }

        #[test]
        fn what_is_written_is_read(
            model in proptest::option::of("[a-zA-Z0-9_./\"\\\\\u{4e00}-\u{4e20}-]{0,20}"),
            counts in proptest::array::uniform4(0u64..1_000_000_000),
            at in 100_000_000_000_i64..4_000_000_000_000,
            first: bool,
        ) {
            let [input, cache_read, cache_write, output] = counts;
            let body = json!({
                "model": model,
                "usage": {"inputOther": input, "inputCacheRead": cache_read,
                          "inputCacheCreation": cache_write, "output": output},
                "usageScope": "turn", "time": at,
            });
            let text = body.to_string();
            let text = if first {
                format!("{{\"type\":\"usage.record\",{}", &text[1..])
            } else {
                format!("{},\"type\":\"usage.record\"}}", &text[..text.len() - 1])
            };
            prop_assert_eq!(kind(text.as_bytes()), Kind::Usage);
            let read = usage(text.as_bytes()).unwrap();
            prop_assert_eq!(read.model.as_deref(), model.as_deref());
            prop_assert_eq!(read.tokens, Some(Tokens { input, cache_read, cache_write, output, ..Tokens::default() }));
            prop_assert_eq!(read.at, Some(at));
            prop_assert_eq!(read.scope.as_deref(), Some("turn"));
        }
    }
}
