//! Exports of metrics, as programs on this machine send them: in both forms of the protocol.
//!
//! An input begins with the letter of its form, `j` or `p`.

use serde_json::Value;
use tidemark_core::text::MAX_NAME_CHARS;
use tidemark_intake::otlp::{Body, Export, Reading, read};
use url::Url;

use crate::law::{Outcome, are_equal, has_no_key, holds, is_kept};
use crate::random::Random;
use crate::shapes::EXPORTS;
use crate::target::Target;
use crate::{bytes, json};

/// Reads exports.
pub(super) struct Exports;

const NOW: i64 = 1_795_000_000_000;

impl Target for Exports {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let mut text = random.pick(EXPORTS).as_bytes().to_vec();
        for _ in 0..random.below(3) {
            json::change(random, &mut text);
        }
        let packed = if random.one_in(2) { serde_json::from_slice(&text).ok() } else { None };
        let mut input = match packed {
            Some(export) => [b"p", &message(&export, &EXPORT)[..]].concat(),
            None => [b"j", &text[..]].concat(),
        };
        if random.one_in(3) {
            let mut body = input.split_off(1);
            bytes::damage(random, &mut body);
            input.extend(body);
        }
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        let (form, body) = match input {
            [b'p', body @ ..] => (Body::Protobuf, body),
            [_, body @ ..] => (Body::Json, body),
            [] => return Ok(()),
        };
        let found = found(form, body);
        are_equal("an export means one thing", &found, &self::found(form, body))?;
        let Some(found) = found else { return Ok(()) };
        kept(&found)?;
        // What is JSON says the same in the other form, as far as that has words for it.
        if form == Body::Json
            && EXPORTS.iter().any(|shape| shape.as_bytes() == body)
            && let Ok(export) = serde_json::from_slice(body)
        {
            let packed = self::found(Body::Protobuf, &message(&export, &EXPORT));
            are_equal("both forms say the same", &packed, &Some(found))?;
        }
        Ok(())
    }
}

fn found(form: Body, body: &[u8]) -> Option<Reading> {
    let own: Vec<Url> = Url::parse("http://127.0.0.1:7000/v1").into_iter().collect();
    Some(read(&Export::decode(form, body).ok()?, NOW, &own))
}

fn kept(found: &Reading) -> Outcome {
    for record in &found.records {
        for (what, text) in
            [("model", &record.model), ("session", &record.session), ("provider", &record.provider)]
        {
            is_kept(what, text, MAX_NAME_CHARS)?;
        }
        is_kept("program", record.program.as_deref().unwrap_or_default(), MAX_NAME_CHARS)?;
        let address = record.base_url.as_ref().map(Url::as_str).unwrap_or_default();
        has_no_key("address", address)?;
        holds("a span has an order", record.begun.is_none_or(|begun| begun <= record.at), || {
            format!("{record:?}")
        })?;
        holds("a record counts something", record.counts.iter().any(Option::is_some), || {
            format!("{record:?}")
        })?;
    }
    Ok(())
}

/// A field of a message: its name in JSON, its number, and what it is.
type Field = (&'static str, u64, Kind);

#[derive(Clone, Copy)]
enum Kind {
    Message(&'static [Field]),
    Text,
    Varint,
    Fixed,
    Double,
}

const VALUE: [Field; 4] = [
    ("stringValue", 1, Kind::Text),
    ("boolValue", 2, Kind::Varint),
    ("intValue", 3, Kind::Varint),
    ("doubleValue", 4, Kind::Double),
];
const ATTRIBUTE: [Field; 2] = [("key", 1, Kind::Text), ("value", 2, Kind::Message(&VALUE))];
const NUMBER: [Field; 6] = [
    ("startTimeUnixNano", 2, Kind::Fixed),
    ("timeUnixNano", 3, Kind::Fixed),
    ("asDouble", 4, Kind::Double),
    ("asInt", 6, Kind::Fixed),
    ("attributes", 7, Kind::Message(&ATTRIBUTE)),
    ("flags", 8, Kind::Varint),
];
const HISTOGRAM: [Field; 5] = [
    ("startTimeUnixNano", 2, Kind::Fixed),
    ("timeUnixNano", 3, Kind::Fixed),
    ("sum", 5, Kind::Double),
    ("attributes", 9, Kind::Message(&ATTRIBUTE)),
    ("flags", 10, Kind::Varint),
];
const EXPONENTIAL: [Field; 5] = [
    ("attributes", 1, Kind::Message(&ATTRIBUTE)),
    ("startTimeUnixNano", 2, Kind::Fixed),
    ("timeUnixNano", 3, Kind::Fixed),
    ("sum", 5, Kind::Double),
    ("flags", 10, Kind::Varint),
];
const NUMBERS: [Field; 3] = [
    ("dataPoints", 1, Kind::Message(&NUMBER)),
    ("aggregationTemporality", 2, Kind::Varint),
    ("isMonotonic", 3, Kind::Varint),
];
const HISTOGRAMS: [Field; 2] =
    [("dataPoints", 1, Kind::Message(&HISTOGRAM)), ("aggregationTemporality", 2, Kind::Varint)];
const EXPONENTIALS: [Field; 2] =
    [("dataPoints", 1, Kind::Message(&EXPONENTIAL)), ("aggregationTemporality", 2, Kind::Varint)];
const METRIC: [Field; 5] = [
    ("name", 1, Kind::Text),
    ("gauge", 5, Kind::Message(&NUMBERS)),
    ("sum", 7, Kind::Message(&NUMBERS)),
    ("histogram", 9, Kind::Message(&HISTOGRAMS)),
    ("exponentialHistogram", 10, Kind::Message(&EXPONENTIALS)),
];
const SCOPE: [Field; 1] = [("name", 1, Kind::Text)];
const IN_SCOPE: [Field; 2] = [("scope", 1, Kind::Message(&SCOPE)), ("metrics", 2, Kind::Message(&METRIC))];
const RESOURCE: [Field; 1] = [("attributes", 1, Kind::Message(&ATTRIBUTE))];
const IN_RESOURCE: [Field; 2] =
    [("resource", 1, Kind::Message(&RESOURCE)), ("scopeMetrics", 2, Kind::Message(&IN_SCOPE))];
const EXPORT: [Field; 1] = [("resourceMetrics", 1, Kind::Message(&IN_RESOURCE))];

/// A message in the protocol's binary form, of what a JSON object says of its fields.
fn message(object: &Value, fields: &[Field]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, number, kind) in fields {
        let value = &object[*name];
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values.iter().filter(|value| !value.is_null()) {
            let whole = value
                .as_u64()
                .or_else(|| value.as_i64().map(i64::cast_unsigned))
                .or_else(|| value.as_bool().map(u64::from))
                .or_else(|| value.as_str()?.parse().ok());
            let double = || value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default();
            match kind {
                Kind::Message(inner) => with_length(&mut out, *number, &message(value, inner)),
                Kind::Text => with_length(&mut out, *number, value.as_str().unwrap_or_default().as_bytes()),
                Kind::Varint => {
                    varint(&mut out, number << 3);
                    varint(&mut out, whole.unwrap_or_default());
                }
                Kind::Fixed => {
                    varint(&mut out, number << 3 | 1);
                    out.extend(whole.unwrap_or_default().to_le_bytes());
                }
                Kind::Double => {
                    varint(&mut out, number << 3 | 1);
                    out.extend(double().to_le_bytes());
                }
            }
        }
    }
    out
}

fn with_length(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    varint(out, number << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(number as u8 & 0x7f | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_records_in_both_forms() {
        for shape in EXPORTS {
            let found = found(Body::Json, shape.as_bytes()).unwrap();
            assert!(!found.records.is_empty(), "{shape}");
            Exports.check(&[b"j", shape.as_bytes()].concat()).unwrap();
        }
    }
}
