//! The protocol's binary form. The numbers are those of opentelemetry-proto's `metrics/v1`, `common/v1` and
//! `resource/v1`; fields that are not read are skipped.

use std::rc::Rc;

use prost::Message as _;

use super::export::{Attributes, DataPoint, DecodeError, Export, Metric, Name, Number, Temporality};

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ExportMessage {
    #[prost(message, repeated, tag = "1")]
    pub(super) resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ResourceMetrics {
    #[prost(message, optional, tag = "1")]
    pub(super) resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    pub(super) scope_metrics: Vec<ScopeMetrics>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Resource {
    #[prost(message, repeated, tag = "1")]
    pub(super) attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ScopeMetrics {
    #[prost(message, optional, tag = "1")]
    pub(super) scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    pub(super) metrics: Vec<MetricMessage>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Scope {
    #[prost(string, tag = "1")]
    pub(super) name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MetricMessage {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(oneof = "Data", tags = "5, 7, 9, 10")]
    pub(super) data: Option<Data>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Data {
    #[prost(message, tag = "5")]
    Gauge(Gauge),
    #[prost(message, tag = "7")]
    Sum(Sum),
    #[prost(message, tag = "9")]
    Histogram(Histogram),
    #[prost(message, tag = "10")]
    ExponentialHistogram(ExponentialHistogram),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Gauge {
    #[prost(message, repeated, tag = "1")]
    pub(super) data_points: Vec<NumberPoint>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Sum {
    #[prost(message, repeated, tag = "1")]
    pub(super) data_points: Vec<NumberPoint>,
    #[prost(int32, tag = "2")]
    pub(super) aggregation_temporality: i32,
    #[prost(bool, tag = "3")]
    pub(super) is_monotonic: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Histogram {
    #[prost(message, repeated, tag = "1")]
    pub(super) data_points: Vec<HistogramPoint>,
    #[prost(int32, tag = "2")]
    pub(super) aggregation_temporality: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ExponentialHistogram {
    #[prost(message, repeated, tag = "1")]
    pub(super) data_points: Vec<ExponentialPoint>,
    #[prost(int32, tag = "2")]
    pub(super) aggregation_temporality: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct NumberPoint {
    #[prost(fixed64, tag = "2")]
    pub(super) start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    pub(super) time_unix_nano: u64,
    #[prost(oneof = "NumberValue", tags = "4, 6")]
    pub(super) value: Option<NumberValue>,
    #[prost(message, repeated, tag = "7")]
    pub(super) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "8")]
    pub(super) flags: u32,
}

#[derive(Clone, Copy, PartialEq, prost::Oneof)]
pub(super) enum NumberValue {
    #[prost(double, tag = "4")]
    AsDouble(f64),
    #[prost(sfixed64, tag = "6")]
    AsInt(i64),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct HistogramPoint {
    #[prost(fixed64, tag = "2")]
    pub(super) start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    pub(super) time_unix_nano: u64,
    #[prost(double, optional, tag = "5")]
    pub(super) sum: Option<f64>,
    #[prost(message, repeated, tag = "9")]
    pub(super) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "10")]
    pub(super) flags: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ExponentialPoint {
    #[prost(message, repeated, tag = "1")]
    pub(super) attributes: Vec<KeyValue>,
    #[prost(fixed64, tag = "2")]
    pub(super) start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    pub(super) time_unix_nano: u64,
    #[prost(double, optional, tag = "5")]
    pub(super) sum: Option<f64>,
    #[prost(uint32, tag = "10")]
    pub(super) flags: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct KeyValue {
    #[prost(string, tag = "1")]
    pub(super) key: String,
    #[prost(message, optional, tag = "2")]
    pub(super) value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AnyValue {
    #[prost(oneof = "Value", tags = "1, 2, 3, 4")]
    pub(super) value: Option<Value>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Value {
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

pub(super) fn decode(bytes: &[u8]) -> Result<Export, DecodeError> {
    let message = ExportMessage::decode(bytes).map_err(|_| DecodeError::NotUnderstood)?;
    let mut metrics = Vec::new();
    for resource in message.resource_metrics {
        let attributes = Rc::new(attributes(resource.resource.unwrap_or_default().attributes));
        for scope in resource.scope_metrics {
            let name: Rc<str> = scope.scope.unwrap_or_default().name.into();
            let read = scope.metrics.into_iter().filter_map(|metric| {
                let known = Name::of(&metric.name)?;
                Some(of_data(known, metric.data?, &attributes, &name))
            });
            metrics.extend(read);
        }
    }
    Ok(Export { metrics })
}

fn of_data(name: Name, data: Data, resource: &Rc<Attributes>, scope: &Rc<str>) -> Metric {
    let (temporality, is_monotonic, points) = match data {
        // A gauge counts nothing: it has no temporality.
        Data::Gauge(gauge) => (None, false, gauge.data_points.into_iter().map(number_point).collect()),
        Data::Sum(sum) => (
            Temporality::of(sum.aggregation_temporality),
            sum.is_monotonic,
            sum.data_points.into_iter().map(number_point).collect(),
        ),
        Data::Histogram(histogram) => (
            Temporality::of(histogram.aggregation_temporality),
            true,
            histogram.data_points.into_iter().map(histogram_point).collect(),
        ),
        Data::ExponentialHistogram(histogram) => (
            Temporality::of(histogram.aggregation_temporality),
            true,
            histogram.data_points.into_iter().map(exponential_point).collect(),
        ),
    };
    Metric { resource: resource.clone(), scope: scope.clone(), name, temporality, is_monotonic, points }
}

fn number_point(point: NumberPoint) -> DataPoint {
    let value = point.value.map(|value| match value {
        NumberValue::AsDouble(value) => Number::Float(value),
        NumberValue::AsInt(value) => Number::Whole(value),
    });
    DataPoint {
        attributes: attributes(point.attributes),
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        value: value.filter(|_| is_recorded(point.flags)),
    }
}

fn histogram_point(point: HistogramPoint) -> DataPoint {
    DataPoint {
        attributes: attributes(point.attributes),
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        value: point.sum.map(Number::Float).filter(|_| is_recorded(point.flags)),
    }
}

fn exponential_point(point: ExponentialPoint) -> DataPoint {
    DataPoint {
        attributes: attributes(point.attributes),
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        value: point.sum.map(Number::Float).filter(|_| is_recorded(point.flags)),
    }
}

/// The first flag says that no value was recorded.
const fn is_recorded(flags: u32) -> bool {
    flags & 1 == 0
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
