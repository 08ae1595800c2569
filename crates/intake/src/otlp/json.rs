//! The protocol's JSON form: names in lower camel case, whole numbers of 64 bits also as texts.

use std::borrow::Cow;
use std::rc::Rc;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use super::export::{
    Attributes, DataPoint, DecodeError, Export, MAX_POINTS, Metric, Name, Number, Temporality,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExportMessage<'b> {
    #[serde(default, borrow)]
    resource_metrics: Vec<ResourceMetrics<'b>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceMetrics<'b> {
    #[serde(default)]
    resource: Resource,
    #[serde(default, borrow)]
    scope_metrics: Vec<ScopeMetrics<'b>>,
}

#[derive(Default, Deserialize)]
struct Resource {
    #[serde(default)]
    attributes: Vec<KeyValue>,
}

#[derive(Deserialize)]
struct ScopeMetrics<'b> {
    #[serde(default)]
    scope: Scope,
    /// As they stand in the body: those of other names are not read any further.
    #[serde(default, borrow)]
    metrics: Vec<&'b RawValue>,
}

#[derive(Deserialize)]
struct MetricName<'b> {
    #[serde(default, borrow)]
    name: Cow<'b, str>,
}

#[derive(Default, Deserialize)]
struct Scope {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetricMessage {
    gauge: Option<Points>,
    sum: Option<Points>,
    histogram: Option<Points>,
    exponential_histogram: Option<Points>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Points {
    #[serde(default, rename = "dataPoints")]
    all: BoundedPoints,
    #[serde(default)]
    aggregation_temporality: TemporalityWord,
    #[serde(default)]
    is_monotonic: bool,
}

/// The first points of a list, and one more than may be in an export.
#[derive(Default)]
struct BoundedPoints(Vec<PointMessage>);

impl<'de> Deserialize<'de> for BoundedPoints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = BoundedPoints;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of points")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<BoundedPoints, A::Error> {
                let mut points = Vec::new();
                while points.len() <= MAX_POINTS
                    && let Some(point) = list.next_element()?
                {
                    points.push(point);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(BoundedPoints(points))
            }
        }
        deserializer.deserialize_seq(Visitor)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PointMessage {
    #[serde(default)]
    start_time_unix_nano: Whole,
    #[serde(default)]
    time_unix_nano: Whole,
    as_double: Option<Float>,
    as_int: Option<Signed>,
    sum: Option<Float>,
    #[serde(default)]
    attributes: Vec<KeyValue>,
    #[serde(default)]
    flags: u32,
}

#[derive(Deserialize)]
struct KeyValue {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: AnyValue,
}

#[derive(Default, Deserialize)]
struct AnyValue {
    #[serde(rename = "stringValue")]
    text: Option<String>,
    #[serde(rename = "boolValue")]
    switch: Option<bool>,
    #[serde(rename = "intValue")]
    whole: Option<Signed>,
    #[serde(rename = "doubleValue")]
    float: Option<Float>,
}

/// A number that is not negative, or its digits.
#[derive(Default)]
struct Whole(u64);

/// A whole number, or its digits.
struct Signed(i64);

/// A number, or the text of one: `NaN` and `Infinity` are no JSON numbers.
struct Float(f64);

/// 1 and 2, or their names in the protocol's description.
#[derive(Default)]
struct TemporalityWord(i32);

fn number<'de, D: Deserializer<'de>, T: 'static>(
    deserializer: D,
    of_text: fn(&str) -> Option<T>,
    of_whole: fn(i128) -> Option<T>,
    of_float: fn(f64) -> Option<T>,
) -> Result<T, D::Error> {
    struct Visitor<T>(fn(&str) -> Option<T>, fn(i128) -> Option<T>, fn(f64) -> Option<T>);

    impl<T> de::Visitor<'_> for Visitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a number")
        }
        fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
            self.1(value.into()).ok_or_else(|| E::custom("not such a number"))
        }
        fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
            self.1(value.into()).ok_or_else(|| E::custom("not such a number"))
        }
        fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
            self.2(value).ok_or_else(|| E::custom("not such a number"))
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            self.0(text.trim()).ok_or_else(|| E::custom("not such a number"))
        }
    }
    deserializer.deserialize_any(Visitor(of_text, of_whole, of_float))
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = |value: i128| u64::try_from(value).ok().map(Self);
        number(deserializer, |text| text.parse().ok().map(Self), whole, |_| None)
    }
}

impl<'de> Deserialize<'de> for Signed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = |value: i128| i64::try_from(value).ok().map(Self);
        number(deserializer, |text| text.parse().ok().map(Self), whole, |_| None)
    }
}

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = |value: i128| Some(Self(value as f64));
        number(deserializer, |text| text.parse().ok().map(Self), whole, |value| Some(Self(value)))
    }
}

impl<'de> Deserialize<'de> for TemporalityWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = |text: &str| {
            Some(Self(match text {
                "AGGREGATION_TEMPORALITY_DELTA" | "1" => 1,
                "AGGREGATION_TEMPORALITY_CUMULATIVE" | "2" => 2,
                _ => 0,
            }))
        };
        number(deserializer, word, |value| Some(Self(i32::try_from(value).unwrap_or_default())), |_| None)
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Export, DecodeError> {
    // A list would be read field by field.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(DecodeError::NotUnderstood);
    }
    let not_understood = |_| DecodeError::NotUnderstood;
    let message: ExportMessage<'_> = serde_json::from_slice(bytes).map_err(not_understood)?;
    let mut metrics = Vec::new();
    let mut left = MAX_POINTS;
    for resource in message.resource_metrics {
        let attributes = Rc::new(attributes(resource.resource.attributes));
        for scope in resource.scope_metrics {
            let scope_name: Rc<str> = scope.scope.name.into();
            for metric in scope.metrics {
                let name: MetricName<'_> = serde_json::from_str(metric.get()).map_err(not_understood)?;
                let Some(name) = Name::of(&name.name) else { continue };
                let metric: MetricMessage = serde_json::from_str(metric.get()).map_err(not_understood)?;
                let histogram = metric.histogram.or(metric.exponential_histogram);
                let (points, is_histogram, is_gauge) = match (metric.sum, histogram, metric.gauge) {
                    (Some(sum), ..) => (sum, false, false),
                    (None, Some(histogram), _) => (histogram, true, false),
                    (None, None, Some(gauge)) => (gauge, false, true),
                    (None, None, None) => continue,
                };
                let all = points.all.0;
                left = left.checked_sub(all.len()).ok_or(DecodeError::TooMany)?;
                metrics.push(Metric {
                    resource: attributes.clone(),
                    scope: scope_name.clone(),
                    name,
                    temporality: Temporality::of(points.aggregation_temporality.0).filter(|_| !is_gauge),
                    is_monotonic: is_histogram || points.is_monotonic,
                    points: all.into_iter().map(|point| of_point(point, is_histogram)).collect(),
                });
            }
        }
    }
    Ok(Export { metrics })
}

fn of_point(point: PointMessage, is_histogram: bool) -> DataPoint {
    let float = |float: Float| Number::Float(float.0);
    let value = if is_histogram {
        point.sum.map(float)
    } else {
        point.as_int.map(|whole| Number::Whole(whole.0)).or(point.as_double.map(float))
    };
    DataPoint {
        attributes: attributes(point.attributes),
        start: point.start_time_unix_nano.0,
        time: point.time_unix_nano.0,
        // The first flag says that no value was recorded.
        value: value.filter(|_| point.flags & 1 == 0),
    }
}

fn attributes(named: Vec<KeyValue>) -> Attributes {
    let text = |value: AnyValue| {
        let switch = value.switch.map(|switch| switch.to_string());
        let whole = value.whole.map(|number| number.0.to_string());
        let float = value.float.map(|number| number.0.to_string());
        value.text.or(switch).or(whole).or(float).unwrap_or_default()
    };
    named.into_iter().map(|one| (one.key, text(one.value))).collect()
}
