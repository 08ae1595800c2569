//! Exports as programs write them, and as no program should.

#![allow(clippy::unwrap_used, reason = "what goes wrong in a test is the test's failure")]
#![allow(clippy::needless_pass_by_value, reason = "values are written where they are used")]

use proptest::prelude::*;
use prost::Message as _;
use serde_json::{Value, json};
use tidemark_core::Tokens;
use tidemark_core::intake::tokens;
use tidemark_intake::otlp::{Body, DecodeError, Export, Reading, read};
use tidemark_intake::{Count, Record, SeenIn};
use url::Url;

const NOW: i64 = 1_795_000_000_000;
const START: u64 = 1_794_999_000_000_000_000;
const TIME: u64 = 1_794_999_060_000_000_000;

fn attributes(named: &[(&str, &str)]) -> Value {
    named.iter().map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } })).collect()
}

fn point(value: Value, named: &[(&str, &str)]) -> Value {
    let mut point = json!({
        "startTimeUnixNano": START.to_string(),
        "timeUnixNano": TIME.to_string(),
        "attributes": attributes(named),
    });
    point.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    point
}

fn export(resource: &[(&str, &str)], metric: Value) -> Value {
    json!({ "resourceMetrics": [{
        "resource": { "attributes": attributes(resource) },
        "scopeMetrics": [{ "scope": { "name": "test" }, "metrics": [metric] }],
    }] })
}

fn claude_code(points: &[Value]) -> Value {
    let sum = json!({ "aggregationTemporality": 1, "isMonotonic": true, "dataPoints": points });
    export(&[("service.name", "claude-code")], json!({ "name": "claude_code.token.usage", "sum": sum }))
}

fn gen_ai(resource: &[(&str, &str)], points: &[Value]) -> Value {
    let histogram = json!({ "aggregationTemporality": 1, "dataPoints": points });
    export(resource, json!({ "name": "gen_ai.client.token.usage", "histogram": histogram }))
}

fn reading(export: &Value) -> Reading {
    let own = [Url::parse("http://127.0.0.1:7000/v1").unwrap()];
    read(&Export::decode(Body::Json, export.to_string().as_bytes()).unwrap(), NOW, &own)
}

fn used(record: &Record) -> (Tokens, bool) {
    let value = |count: Option<Count>| {
        count.map(|count| match count {
            Count::Delta(value) | Count::Cumulative { value, .. } => value,
        })
    };
    tokens(record.counts.map(value), record.convention)
}

fn of(input: u64, cache_read: u64, cache_write: u64, output: u64) -> Tokens {
    Tokens { input, cache_read, cache_write, cache_write_1h: 0, output }
}

#[test]
fn claude_codes_kinds_of_one_span_are_one_record() {
    let kind = |kind: &str, value: Value| {
        point(value, &[("type", kind), ("model", "kimi-k3[1m]"), ("session.id", "a1")])
    };
    let found = reading(&claude_code(&[
        kind("input", json!({ "asInt": "120" })),
        kind("output", json!({ "asInt": 45 })),
        kind("cacheRead", json!({ "asDouble": 9000.0 })),
        kind("cacheCreation", json!({ "asDouble": 300 })),
        point(
            json!({ "asInt": "5" }),
            &[("type", "input"), ("model", "claude-haiku-4-5"), ("session.id", "a1")],
        ),
    ]));
    assert_eq!((found.records.len(), found.not_kimi, found.refused), (1, 1, 0));
    let record = &found.records[0];
    assert_eq!(used(record), (of(120, 9000, 300, 45), true));
    assert_eq!((record.model.as_str(), record.session.as_str()), ("kimi-k3", "a1"));
    assert_eq!(record.program.as_deref(), Some("claude-code"));
    assert_eq!((record.begun, record.at), (Some(1_794_999_000_000), 1_794_999_060_000));
    assert_eq!(record.seen_in, SeenIn::Session);
}

#[test]
fn codexs_input_holds_the_cached_and_its_total_is_no_kind() {
    let kind = |kind: &str, sum: u64| {
        json!({ "timeUnixNano": TIME.to_string(), "count": "2", "sum": sum,
            "attributes": attributes(&[("token_type", kind), ("model", "k3")]) })
    };
    let points = [
        kind("total", 7000),
        kind("input", 6500),
        kind("cached_input", 6000),
        kind("output", 500),
        kind("reasoning_output", 200),
    ];
    let histogram = json!({ "aggregationTemporality": 1, "dataPoints": points });
    let found = reading(&export(
        &[("service.name", "codex_cli_rs")],
        json!({ "name": "codex.turn.token_usage", "histogram": histogram }),
    ));
    assert_eq!((found.records.len(), found.refused), (1, 0));
    assert_eq!(used(&found.records[0]), (of(500, 6000, 0, 500), true));
    assert_eq!((found.records[0].begun, found.records[0].seen_in), (None, SeenIn::Format("codex")));
}

#[test]
fn a_cache_split_is_used_where_a_program_sends_one_and_unknown_where_not() {
    let kind = |kind: &str, sum: u64| {
        point(
            json!({ "sum": sum }),
            &[
                ("gen_ai.token.type", kind),
                ("gen_ai.provider.name", "moonshot"),
                ("gen_ai.request.model", "kimi-k3"),
            ],
        )
    };
    for word in ["cache_read", "cached_input", "input_cached"] {
        let found = reading(&gen_ai(&[], &[kind("input", 900), kind(word, 700), kind("output", 50)]));
        assert_eq!(used(&found.records[0]), (of(200, 700, 0, 50), true), "{word}");
    }
    let found = reading(&gen_ai(&[], &[kind("input", 900), kind("output", 50), kind("total", 950)]));
    assert_eq!(used(&found.records[0]), (of(900, 0, 0, 50), false));
    assert_eq!(found.refused, 0);
}

#[test]
fn the_address_and_the_provider_say_whose_the_requests_are() {
    /// Attributes of the resource and of the point, and the address that they say, if it is Kimi's.
    type Case = (
        &'static [(&'static str, &'static str)],
        &'static [(&'static str, &'static str)],
        Option<Option<&'static str>>,
    );
    const SYSTEM: &str = "gen_ai.system";
    const NAME: &str = "gen_ai.provider.name";
    const ADDRESS: &str = "server.address";
    let table: [Case; 9] = [
        (&[], &[(SYSTEM, "openai"), (ADDRESS, "api.moonshot.cn")], Some(Some("https://api.moonshot.cn/v1"))),
        (&[], &[(NAME, "moonshot"), (ADDRESS, "openrouter.ai")], None),
        (&[], &[(NAME, "openrouter")], None),
        (&[], &[(NAME, "kimi-for-coding")], Some(None)),
        (&[], &[(SYSTEM, "openai")], Some(None)),
        (&[], &[], Some(None)),
        (&[(ADDRESS, "api.kimi.com")], &[], Some(Some("https://api.kimi.com/coding/v1"))),
        (&[(ADDRESS, "api.kimi.com")], &[(ADDRESS, "api.groq.com")], None),
        (&[], &[(ADDRESS, "127.0.0.1"), ("server.port", "7000")], Some(Some("http://127.0.0.1:7000/v1"))),
    ];
    for (resource, named, expected) in table {
        let mut all = vec![("gen_ai.token.type", "output"), ("gen_ai.response.model", "kimi-k2.6")];
        all.extend(named);
        let found = reading(&gen_ai(resource, &[point(json!({ "sum": 5.0 }), &all)]));
        let base = found.records.first().map(|record| record.base_url.as_ref().map(Url::as_str));
        assert_eq!(base, expected, "{resource:?} {named:?}");
        assert_eq!(found.not_kimi, u64::from(expected.is_none()));
    }
    // Another model at Kimi's own address is Kimi's; a provider that sounds like Kimi does not make it so.
    for (named, count) in [((ADDRESS, "api.moonshot.ai"), 1), ((NAME, "moonshot"), 0)] {
        let all = [named, ("gen_ai.token.type", "output"), ("gen_ai.request.model", "house-llm")];
        assert_eq!(reading(&gen_ai(&[], &[point(json!({ "sum": 5.0 }), &all)])).records.len(), count);
    }
}

#[test]
fn what_makes_no_sense_is_refused_and_the_rest_counts() {
    let good = [("type", "output"), ("model", "kimi-k3"), ("session.id", "s")];
    let with = |value: Value| point(value, &good);
    let mut points: Vec<Value> = vec![with(json!({ "asInt": "7" }))];
    let bad: Vec<Value> = vec![
        with(json!({ "asDouble": "NaN" })),
        with(json!({ "asDouble": "Infinity" })),
        with(json!({ "asInt": "-7" })),
        with(json!({ "asDouble": 0.5 })),
        with(json!({ "asInt": "9223372036854775807" })),
        with(json!({})),
        with(json!({ "asInt": "7", "flags": 1 })),
        with(json!({ "asInt": "7", "timeUnixNano": "0" })),
        with(json!({ "asInt": "7", "timeUnixNano": "4000000000000000000" })),
        point(json!({ "asInt": "7" }), &[("type", "imagined"), ("model", "kimi-k3")]),
        point(json!({ "asInt": "7" }), &[("model", "kimi-k3")]),
    ];
    let refused = bad.len() as u64;
    points.extend(bad);
    let found = reading(&claude_code(&points));
    assert_eq!((found.records.len(), found.refused), (1, refused));
    assert_eq!(used(&found.records[0]).0.output, 7);

    // Nothing is counted of what is no count: no temporality, a sum that can fall, a gauge.
    for metric in [
        json!({ "sum": { "isMonotonic": true, "dataPoints": [with(json!({ "asInt": 1 }))] } }),
        json!({ "sum": { "aggregationTemporality": 1, "dataPoints": [with(json!({ "asInt": 1 }))] } }),
        json!({ "gauge": { "dataPoints": [with(json!({ "asInt": 1 }))] } }),
    ] {
        let mut metric = metric;
        metric["name"] = json!("claude_code.token.usage");
        let found = reading(&export(&[], metric));
        assert_eq!((found.records.len(), found.refused), (0, 1));
    }
}

#[test]
fn names_are_bounded_and_clean() {
    let long = "x".repeat(5000);
    let model = format!("kimi-{long}");
    let named = [("type", "output"), ("model", model.as_str()), ("session.id", "a\u{1b}[31m\u{202e}b")];
    let sum = json!({ "aggregationTemporality": 1, "isMonotonic": true,
        "dataPoints": [point(json!({ "asInt": 1 }), &named)] });
    let found = reading(&export(
        &[("service.name", long.as_str())],
        json!({ "name": "claude_code.token.usage", "sum": sum }),
    ));
    let record = &found.records[0];
    for text in [&record.model, &record.session, record.program.as_ref().unwrap()] {
        assert!(text.chars().count() <= 200, "{}", text.len());
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

/// The few messages of the protocol that the tests send, written with other field types than the reader's.
mod wire {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Bytes1 {
        #[prost(bytes = "vec", repeated, tag = "1")]
        pub(crate) all: Vec<Vec<u8>>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Resource {
        #[prost(bytes = "vec", tag = "1")]
        pub(crate) resource: Vec<u8>,
        #[prost(bytes = "vec", repeated, tag = "2")]
        pub(crate) scopes: Vec<Vec<u8>>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Metric {
        #[prost(string, tag = "1")]
        pub(crate) name: String,
        #[prost(string, tag = "2")]
        pub(crate) description: String,
        #[prost(string, tag = "3")]
        pub(crate) unit: String,
        #[prost(bytes = "vec", optional, tag = "7")]
        pub(crate) sum: Option<Vec<u8>>,
        #[prost(bytes = "vec", optional, tag = "9")]
        pub(crate) histogram: Option<Vec<u8>>,
        #[prost(bytes = "vec", optional, tag = "10")]
        pub(crate) exponential: Option<Vec<u8>>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Points {
        #[prost(bytes = "vec", repeated, tag = "1")]
        pub(crate) all: Vec<Vec<u8>>,
        #[prost(int32, tag = "2")]
        pub(crate) temporality: i32,
        #[prost(bool, tag = "3")]
        pub(crate) monotonic: bool,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Number {
        #[prost(fixed64, tag = "2")]
        pub(crate) start: u64,
        #[prost(fixed64, tag = "3")]
        pub(crate) time: u64,
        #[prost(sfixed64, tag = "6")]
        pub(crate) value: i64,
        #[prost(bytes = "vec", repeated, tag = "7")]
        pub(crate) attributes: Vec<Vec<u8>>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Histogram {
        #[prost(fixed64, tag = "2")]
        pub(crate) start: u64,
        #[prost(fixed64, tag = "3")]
        pub(crate) time: u64,
        #[prost(fixed64, tag = "4")]
        pub(crate) count: u64,
        #[prost(double, tag = "5")]
        pub(crate) sum: f64,
        #[prost(fixed64, repeated, tag = "6")]
        pub(crate) buckets: Vec<u64>,
        #[prost(bytes = "vec", repeated, tag = "9")]
        pub(crate) attributes: Vec<Vec<u8>>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Exponential {
        #[prost(bytes = "vec", repeated, tag = "1")]
        pub(crate) attributes: Vec<Vec<u8>>,
        #[prost(fixed64, tag = "2")]
        pub(crate) start: u64,
        #[prost(fixed64, tag = "3")]
        pub(crate) time: u64,
        #[prost(double, tag = "5")]
        pub(crate) sum: f64,
        #[prost(message, optional, tag = "9")]
        pub(crate) negative: Option<Buckets>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Buckets {
        #[prost(sint32, tag = "1")]
        pub(crate) offset: i32,
        #[prost(uint64, repeated, tag = "2")]
        pub(crate) counts: Vec<u64>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct KeyValue {
        #[prost(string, tag = "1")]
        pub(crate) key: String,
        #[prost(message, optional, tag = "2")]
        pub(crate) value: Option<Text>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Text {
        #[prost(string, tag = "1")]
        pub(crate) text: String,
    }
}

fn binary_attributes(named: &[(&str, &str)]) -> Vec<Vec<u8>> {
    let one = |(key, value): &(&str, &str)| {
        let value = Some(wire::Text { text: (*value).to_owned() });
        wire::KeyValue { key: (*key).to_owned(), value }.encode_to_vec()
    };
    named.iter().map(one).collect()
}

fn binary(resource: &[(&str, &str)], metric: &wire::Metric) -> Vec<u8> {
    // A scope is field 1, metrics are field 2: the same shape as a resource.
    let scope = wire::Resource {
        resource: wire::Text { text: "test".to_owned() }.encode_to_vec(),
        scopes: vec![metric.encode_to_vec()],
    };
    let resource = wire::Resource {
        resource: wire::Bytes1 { all: binary_attributes(resource) }.encode_to_vec(),
        scopes: vec![scope.encode_to_vec()],
    };
    wire::Bytes1 { all: vec![resource.encode_to_vec()] }.encode_to_vec()
}

#[test]
fn both_forms_say_the_same() {
    let named = [("type", "cacheRead"), ("model", "kimi-k3"), ("session.id", "s")];
    let sum = wire::Points {
        all: vec![
            wire::Number { start: START, time: TIME, value: 77, attributes: binary_attributes(&named) }
                .encode_to_vec(),
        ],
        temporality: 1,
        monotonic: true,
    };
    let metric = wire::Metric {
        name: "claude_code.token.usage".to_owned(),
        description: "Number of tokens used".to_owned(),
        unit: "tokens".to_owned(),
        sum: Some(sum.encode_to_vec()),
        ..wire::Metric::default()
    };
    let bytes = binary(&[("service.name", "claude-code")], &metric);
    let by_binary = read(&Export::decode(Body::Protobuf, &bytes).unwrap(), NOW, &[]);
    let by_json = reading(&claude_code(&[point(json!({ "asInt": "77" }), &named)]));
    assert_eq!(by_binary, by_json);
    assert_eq!(by_binary.records.len(), 1);
}

#[test]
fn histograms_of_both_kinds_are_read_by_their_sum() {
    let named = [("gen_ai.token.type", "output"), ("gen_ai.request.model", "kimi-k3")];
    let plain = wire::Histogram {
        start: START,
        time: TIME,
        count: 3,
        sum: 450.0,
        buckets: vec![1, 2],
        attributes: binary_attributes(&named),
    };
    let exponential = wire::Exponential {
        attributes: binary_attributes(&named),
        start: START,
        time: TIME,
        sum: 450.0,
        negative: Some(wire::Buckets { offset: -3, counts: vec![1, 2] }),
    };
    let points = |point: Vec<u8>| {
        Some(wire::Points { all: vec![point], temporality: 2, monotonic: false }.encode_to_vec())
    };
    let name = "gen_ai.client.token.usage".to_owned();
    for metric in [
        wire::Metric {
            name: name.clone(),
            histogram: points(plain.encode_to_vec()),
            ..wire::Metric::default()
        },
        wire::Metric { name, exponential: points(exponential.encode_to_vec()), ..wire::Metric::default() },
    ] {
        let bytes = binary(&[], &metric);
        let found = read(&Export::decode(Body::Protobuf, &bytes).unwrap(), NOW, &[]);
        assert_eq!(found.records.len(), 1);
        let count = found.records[0].counts[3];
        assert!(
            matches!(count, Some(Count::Cumulative { value: 450, start: START, time: TIME, .. })),
            "{count:?}"
        );
    }
}

#[test]
fn bodies_that_are_no_exports_are_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = json!({ "resourceMetrics": "x".repeat(100_000) }).to_string();
    for text in ["", "{", "[]", "null", "7", deep.as_str(), long.as_str(), r#"{"resourceMetrics":7}"#] {
        assert_eq!(
            Export::decode(Body::Json, text.as_bytes()),
            Err(DecodeError::NotUnderstood),
            "{text:.20}"
        );
    }
    for bytes in [&[0x0a_u8, 0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0x0a, 5, 1], &[0xff; 64]] {
        assert_eq!(Export::decode(Body::Protobuf, bytes), Err(DecodeError::NotUnderstood));
    }
    // Nothing at all is an export of nothing.
    assert_eq!(Export::decode(Body::Protobuf, &[]), Ok(Export::default()));
    assert_eq!(Export::decode(Body::Json, b"{}"), Ok(Export::default()));
    let many: Vec<Value> = (0..20_001).map(|_| json!({ "asInt": 1 })).collect();
    let many = claude_code(&many).to_string();
    assert_eq!(Export::decode(Body::Json, many.as_bytes()), Err(DecodeError::TooMany));
}

proptest! {
    #[test]
    fn any_bytes_are_gone_through(bytes in prop::collection::vec(any::<u8>(), 0..400), text in ".{0,200}") {
        for (body, bytes) in [(Body::Protobuf, bytes.as_slice()), (Body::Json, text.as_bytes())] {
            if let Ok(export) = Export::decode(body, bytes) {
                let _ = read(&export, NOW, &[]);
            }
        }
    }

    #[test]
    fn a_damaged_export_is_gone_through(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let named = [("type", "input"), ("model", "kimi-k3"), ("session.id", "s")];
        let number = wire::Number { start: START, time: TIME, value: 77, attributes: binary_attributes(&named) };
        let sum = wire::Points { all: vec![number.encode_to_vec()], temporality: 2, monotonic: true };
        let metric = wire::Metric {
            name: "claude_code.token.usage".to_owned(), sum: Some(sum.encode_to_vec()), ..wire::Metric::default()
        };
        let mut bytes = binary(&[("service.name", "claude-code")], &metric);
        let place = at.index(bytes.len());
        bytes[place] = byte;
        bytes.truncate(cut.index(bytes.len()) + 1);
        if let Ok(export) = Export::decode(Body::Protobuf, &bytes) {
            let found = read(&export, NOW, &[]);
            prop_assert!(found.records.len() <= 1);
        }
    }

    #[test]
    fn the_order_of_attributes_and_points_does_not_matter(
        values in prop::collection::vec((0_u64..1000, 0_usize..4, 0_u64..3), 1..12), rotation in 0_usize..12,
    ) {
        let points: Vec<Value> = values
            .iter()
            .map(|(value, kind, minute)| {
                let kind = ["input", "output", "cacheRead", "cacheCreation"][*kind];
                let mut named = [("model", "kimi-k3"), ("type", kind), ("session.id", "s"), ("query_source", "main")];
                named.rotate_left(*value as usize % 4);
                let mut point = point(json!({ "asInt": value }), &named);
                point["timeUnixNano"] = json!((TIME + minute * 60_000_000_000).to_string());
                point
            })
            .collect();
        let sorted = |points: &[Value]| {
            let mut records = reading(&claude_code(points)).records;
            records.sort_by_key(|record| record.fingerprint);
            records
        };
        let mut other = points.clone();
        other.rotate_left(rotation % points.len());
        other.extend(points.iter().take(2).cloned());
        other.reverse();
        prop_assert_eq!(sorted(&other), sorted(&points));
    }
}
