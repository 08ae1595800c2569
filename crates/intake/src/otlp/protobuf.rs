//! The protocol's binary form. The numbers are those of opentelemetry-proto's `metrics/v1`, `common/v1` and
//! `resource/v1`; fields that are not read are skipped.

use std::rc::Rc;

use prost::Message as _;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use super::export::{
    Attributes, DataPoint, DecodeError, Export, MAX_POINTS, Metric, Name, Number, Temporality,
};

#[derive(Clone, PartialEq, prost::Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Scope {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct NumberPoint {
    #[prost(fixed64, tag = "2")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    time_unix_nano: u64,
    #[prost(oneof = "NumberValue", tags = "4, 6")]
    value: Option<NumberValue>,
    #[prost(message, repeated, tag = "7")]
    attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "8")]
    flags: u32,
}

#[derive(Clone, Copy, PartialEq, prost::Oneof)]
enum NumberValue {
    #[prost(double, tag = "4")]
    AsDouble(f64),
    #[prost(sfixed64, tag = "6")]
    AsInt(i64),
}

#[derive(Clone, PartialEq, prost::Message)]
struct HistogramPoint {
    #[prost(fixed64, tag = "2")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    time_unix_nano: u64,
    #[prost(double, optional, tag = "5")]
    sum: Option<f64>,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "10")]
    flags: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ExponentialPoint {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
    #[prost(fixed64, tag = "2")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    time_unix_nano: u64,
    #[prost(double, optional, tag = "5")]
    sum: Option<f64>,
    #[prost(uint32, tag = "10")]
    flags: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct AnyValue {
    #[prost(oneof = "Value", tags = "1, 2, 3, 4")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Value {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Switch(bool),
    #[prost(int64, tag = "3")]
    Whole(i64),
    #[prost(double, tag = "4")]
    Float(f64),
}

/// What is answered to an export.
#[derive(Clone, PartialEq, prost::Message)]
struct Answer {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected_data_points: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// The answer to an export of which some points were refused.
#[must_use]
pub fn success(refused: u64, why: &str) -> Vec<u8> {
    let refused = i64::try_from(refused).unwrap_or(i64::MAX);
    let partial_success = (refused > 0)
        .then(|| PartialSuccess { rejected_data_points: refused, error_message: why.to_owned() });
    Answer { partial_success }.encode_to_vec()
}

/// Numbers of fields, by the message that they are in.
mod field {
    pub(super) const RESOURCE_METRICS: u32 = 1;
    pub(super) const RESOURCE: u32 = 1;
    pub(super) const SCOPE_METRICS: u32 = 2;
    pub(super) const SCOPE: u32 = 1;
    pub(super) const METRICS: u32 = 2;
    pub(super) const NAME: u32 = 1;
    pub(super) const GAUGE: u32 = 5;
    pub(super) const SUM: u32 = 7;
    pub(super) const HISTOGRAM: u32 = 9;
    pub(super) const EXPONENTIAL_HISTOGRAM: u32 = 10;
    pub(super) const DATA_POINTS: u32 = 1;
}

/// Hands the fields of a message that have a length to `each`, as they stand in the body: a message inside of it is made
/// only where it is read. An export of other metrics takes no room.
fn fields<'b>(
    mut message: &'b [u8],
    mut each: impl FnMut(u32, &'b [u8]) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let not_understood = |_| DecodeError::NotUnderstood;
    while !message.is_empty() {
        let (tag, wire) = decode_key(&mut message).map_err(not_understood)?;
        if wire == WireType::LengthDelimited {
            let length = decode_varint(&mut message).map_err(not_understood)?;
            let length = usize::try_from(length).map_err(|_| DecodeError::NotUnderstood)?;
            let (value, rest) = message.split_at_checked(length).ok_or(DecodeError::NotUnderstood)?;
            message = rest;
            each(tag, value)?;
        } else {
            skip_field(wire, tag, &mut message, DecodeContext::default()).map_err(not_understood)?;
        }
    }
    Ok(())
}

/// A message that can be in several pieces.
fn merged<M: prost::Message + Default>(message: &[u8], number: u32) -> Result<M, DecodeError> {
    let mut merged = M::default();
    fields(message, |tag, piece| {
        if tag == number {
            merged.merge(piece).map_err(|_| DecodeError::NotUnderstood)?;
        }
        Ok(())
    })?;
    Ok(merged)
}

pub(super) fn decode(bytes: &[u8]) -> Result<Export, DecodeError> {
    let mut metrics = Vec::new();
    let mut left = MAX_POINTS;
    fields(bytes, |tag, in_resource| {
        if tag != field::RESOURCE_METRICS {
            return Ok(());
        }
        // What it is of is read once a metric is.
        let mut resource: Option<Rc<Attributes>> = None;
        fields(in_resource, |tag, in_scope| {
            if tag != field::SCOPE_METRICS {
                return Ok(());
            }
            let mut scope: Option<Rc<str>> = None;
            fields(in_scope, |tag, metric| {
                let name = if tag == field::METRICS { name(metric)? } else { None };
                let Some(name) = name else { return Ok(()) };
                let Some(data) = Data::of(metric, &mut left)? else { return Ok(()) };
                if resource.is_none() {
                    let read: Resource = merged(in_resource, field::RESOURCE)?;
                    resource = Some(Rc::new(attributes(read.attributes)));
                }
                if scope.is_none() {
                    let read: Scope = merged(in_scope, field::SCOPE)?;
                    scope = Some(read.name.into());
                }
                let (resource, scope) = (resource.clone().unwrap_or_default(), scope.clone());
                let scope = scope.unwrap_or_else(|| "".into());
                let Data { temporality, is_monotonic, points } = data;
                metrics.push(Metric { resource, scope, name, temporality, is_monotonic, points });
                Ok(())
            })
        })
    })?;
    Ok(Export { metrics })
}

/// Which of the metrics that are read a metric is.
fn name(metric: &[u8]) -> Result<Option<Name>, DecodeError> {
    let mut name = None;
    fields(metric, |tag, value| {
        if tag == field::NAME {
            name = std::str::from_utf8(value).ok().and_then(Name::of);
        }
        Ok(())
    })?;
    Ok(name)
}

/// What a metric says.
struct Data {
    temporality: Option<Temporality>,
    is_monotonic: bool,
    points: Vec<DataPoint>,
}

/// The fields of a metric's data beside its points; a gauge has none, and only a sum the second one.
#[derive(Clone, PartialEq, prost::Message)]
struct Kind {
    #[prost(int32, tag = "2")]
    aggregation_temporality: i32,
    #[prost(bool, tag = "3")]
    is_monotonic: bool,
}

impl Data {
    /// The data of a metric. `left` is how many points may still come.
    fn of(metric: &[u8], left: &mut usize) -> Result<Option<Self>, DecodeError> {
        let mut data = None;
        fields(metric, |tag, value| {
            // Of several, the last counts.
            if matches!(tag, field::GAUGE | field::SUM | field::HISTOGRAM | field::EXPONENTIAL_HISTOGRAM) {
                data = Some((tag, value));
            }
            Ok(())
        })?;
        let Some((kind, data)) = data else { return Ok(None) };
        let read = match kind {
            field::HISTOGRAM => histogram_point,
            field::EXPONENTIAL_HISTOGRAM => exponential_point,
            _ => number_point,
        };
        let mut points = Vec::new();
        fields(data, |tag, point| {
            if tag == field::DATA_POINTS {
                *left = left.checked_sub(1).ok_or(DecodeError::TooMany)?;
                points.push(read(point).map_err(|_| DecodeError::NotUnderstood)?);
            }
            Ok(())
        })?;
        // A gauge counts nothing: it has no temporality.
        let (temporality, is_monotonic) = if kind == field::GAUGE {
            (None, false)
        } else {
            let Kind { aggregation_temporality, is_monotonic } =
                Kind::decode(data).map_err(|_| DecodeError::NotUnderstood)?;
            (Temporality::of(aggregation_temporality), is_monotonic || kind != field::SUM)
        };
        Ok(Some(Self { temporality, is_monotonic, points }))
    }
}

fn number_point(point: &[u8]) -> Result<DataPoint, prost::DecodeError> {
    let NumberPoint { start_time_unix_nano: start, time_unix_nano: time, value, attributes, flags } =
        NumberPoint::decode(point)?;
    let value = value.map(|value| match value {
        NumberValue::AsDouble(value) => Number::Float(value),
        NumberValue::AsInt(value) => Number::Whole(value),
    });
    Ok(data_point(attributes, (start, time), value, flags))
}

fn histogram_point(point: &[u8]) -> Result<DataPoint, prost::DecodeError> {
    let HistogramPoint { start_time_unix_nano: start, time_unix_nano: time, sum, attributes, flags } =
        HistogramPoint::decode(point)?;
    Ok(data_point(attributes, (start, time), sum.map(Number::Float), flags))
}

fn exponential_point(point: &[u8]) -> Result<DataPoint, prost::DecodeError> {
    let ExponentialPoint { attributes, start_time_unix_nano: start, time_unix_nano: time, sum, flags } =
        ExponentialPoint::decode(point)?;
    Ok(data_point(attributes, (start, time), sum.map(Number::Float), flags))
}

fn data_point(
    named: Vec<KeyValue>,
    (start, time): (u64, u64),
    value: Option<Number>,
    flags: u32,
) -> DataPoint {
    // The first flag says that no value was recorded.
    DataPoint { attributes: attributes(named), start, time, value: value.filter(|_| flags & 1 == 0) }
}

fn attributes(named: Vec<KeyValue>) -> Attributes {
    let text = |value: AnyValue| match value.value {
        Some(Value::Text(text)) => text,
        Some(Value::Switch(switch)) => switch.to_string(),
        Some(Value::Whole(number)) => number.to_string(),
        Some(Value::Float(number)) => number.to_string(),
        None => String::new(),
    };
    named.into_iter().map(|one| (one.key, one.value.map(text).unwrap_or_default())).collect()
}
