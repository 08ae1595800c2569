//! Values: how one JSON value is read as a number, a time, a word or a switch.

use std::str::FromStr;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use crate::repair::MARK;

/// What was found at a place in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field<T> {
    /// Nothing stands there, or null.
    Missing,
    /// Something stands there that could not be read; its path has been noted.
    Unreadable,
    /// The value could be read.
    Known(T),
}

impl<T> Field<T> {
    pub(crate) fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Missing | Self::Unreadable => None,
        }
    }

    pub(crate) const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    fn from_option(value: Option<T>) -> Self {
        value.map_or(Self::Unreadable, Self::Known)
    }
}

/// A decimal number, from a JSON number or from a string that holds one: `44`, `"44"`, `" 0.5 "`, `"1e2"`.
///
/// A JSON number goes through its shortest text, so that 49.58894 stays 49.58894.
pub(crate) fn number(value: &Value) -> Field<Decimal> {
    Field::from_option(match value {
        Value::Number(number) => decimal(&number.to_string()),
        Value::String(text) => decimal(text),
        _ => None,
    })
}

/// [`number`], or one that a percent sign follows: `"44%"`.
pub(crate) fn percentage(value: &Value) -> Field<Decimal> {
    match value {
        Value::String(text) => Field::from_option(decimal(text.trim().trim_end_matches('%'))),
        _ => number(value),
    }
}

/// A decimal number in text, with or without an exponent; `None` where it is none or out of range
/// (beyond about ±7.9e28). What is smaller than 1e-28 is rounded.
fn decimal(text: &str) -> Option<Decimal> {
    /// Beyond this every decimal that is not 0 has left the range of the type.
    const FARTHEST: u32 = 60;

    let text = text.trim();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, i32::from_str(exponent).ok()?),
        None => (text, 0),
    };
    let unsigned = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    // Checked here because the decimal type also takes `1_000`.
    if !unsigned.contains(|c: char| c.is_ascii_digit())
        || unsigned.contains(|c: char| !c.is_ascii_digit() && c != '.')
        || unsigned.matches('.').count() > 1
    {
        return None;
    }
    let mut value = Decimal::from_str(mantissa.trim_end_matches('.')).ok()?;
    if value.is_zero() {
        return Some(Decimal::ZERO);
    }
    for _ in 0..exponent.unsigned_abs().min(FARTHEST) {
        value =
            if exponent > 0 { value.checked_mul(Decimal::TEN)? } else { value.checked_div(Decimal::TEN)? };
    }
    Some(value)
}

/// A count that must be a whole number of at least 1 to mean anything: 0 and less is "none".
pub(crate) fn positive_count(value: &Value) -> Field<Option<u64>> {
    match number(value) {
        Field::Known(number) if number < Decimal::ONE => Field::Known(None),
        Field::Known(number) => Field::from_option(number.to_u64().map(Some)),
        Field::Missing => Field::Missing,
        Field::Unreadable => Field::Unreadable,
    }
}

/// A Boolean: `true`, or `"true"` as text.
pub(crate) fn switch(value: &Value) -> Field<bool> {
    Field::from_option(match value {
        Value::Bool(on) => Some(*on),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    })
}

/// A word or a name; an empty one says nothing.
pub(crate) fn text(value: &Value) -> Field<&str> {
    match value {
        Value::String(text) => match text.trim() {
            "" => Field::Missing,
            // What stood here was marked as a whole.
            text if text.chars().eq([MARK]) => Field::Unreadable,
            text => Field::Known(text),
        },
        _ => Field::Unreadable,
    }
}

/// An instant: RFC 3339 with any offset and any number of decimals, or seconds, milli-, micro- or nanoseconds
/// since 1970 (distinguished by size). The zero time of Go and of Unix, which programs write for "not set",
/// counts as missing.
pub(crate) fn instant(value: &Value) -> Field<DateTime<Utc>> {
    let at = match value {
        Value::String(text) => {
            let text = text.trim();
            match rfc3339(text) {
                Some(at) => Some(at),
                None => match decimal(text) {
                    Some(number) if number.is_zero() => return Field::Missing,
                    Some(number) => since_epoch(number),
                    None => None,
                },
            }
        }
        Value::Number(number) => match decimal(&number.to_string()) {
            Some(number) if number.is_zero() => return Field::Missing,
            Some(number) => since_epoch(number),
            None => None,
        },
        // How protobuf writes a timestamp where it does not write the JSON mapping.
        Value::Object(map) => match map.get("seconds").map(self::number) {
            Some(Field::Known(seconds)) => since_epoch(seconds),
            _ => None,
        },
        _ => None,
    };
    match at {
        // A year that RFC 3339 has no way to write.
        Some(at) if !(0..=9999).contains(&at.year()) => Field::Unreadable,
        Some(at) if at.year() <= 1970 => Field::Missing,
        at => Field::from_option(at),
    }
}

fn rfc3339(text: &str) -> Option<DateTime<Utc>> {
    // The second form takes offsets without a colon, such as +0800.
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z"))
        .ok()
        .map(|at| at.to_utc())
}

fn since_epoch(number: Decimal) -> Option<DateTime<Utc>> {
    /// Seconds of 1973; a smaller number is no time but a duration or a count.
    const SECONDS: i64 = 100_000_000;

    let whole = number.trunc().to_i64()?;
    let per_second: i64 = match whole {
        ..SECONDS => return None,
        SECONDS..100_000_000_000 => 1,
        100_000_000_000..100_000_000_000_000 => 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000_000,
        _ => 1_000_000_000,
    };
    let nanos = number.checked_mul(Decimal::from(1_000_000_000 / per_second))?.trunc().to_i128()?;
    let (seconds, nanos) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?)
}

/// A stretch of time in seconds: a number, a string that holds one, or `"300s"`.
pub(crate) fn seconds(value: &Value) -> Field<TimeDelta> {
    /// Ten years. No window is that long; a larger number is something else.
    const LONGEST: i64 = 10 * 365 * 86_400;

    let number = match value {
        Value::Number(number) => decimal(&number.to_string()),
        Value::String(text) => decimal(text.trim().trim_end_matches('s')),
        _ => None,
    };
    Field::from_option(
        number
            .and_then(|number| number.checked_mul(Decimal::from(1000)))
            .and_then(|millis| millis.trunc().to_i64())
            .filter(|millis| millis.abs() <= LONGEST * 1000)
            .map(TimeDelta::milliseconds),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_come_in_many_clothes() {
        for (given, read) in [
            (json!(44), "44"),
            (json!("44"), "44"),
            (json!(" 44 "), "44"),
            (json!("0.5"), "0.5"),
            (json!("1e2"), "100"),
            (json!("1E2"), "100"),
            (json!("+7"), "7"),
            (json!("-0.42"), "-0.42"),
            (json!(".5"), "0.5"),
            (json!("5."), "5"),
            (json!(0.4372), "0.4372"),
            (json!(4.372e-5), "0.00004372"),
            (json!(1e20), "100000000000000000000"),
            (json!("0e999999"), "0"),
            (json!("1e-999"), "0"),
            (json!(49.58894), "49.58894"),
            (json!(u64::MAX), "18446744073709551615"),
        ] {
            assert_eq!(number(&given), Field::Known(read.parse().unwrap()), "{given}");
        }
        for bad in [
            json!(""),
            json!("  "),
            json!("four"),
            json!("1_000"),
            json!("1,000"),
            json!("44%"),
            json!("1e"),
            json!("e2"),
            json!("1e2e3"),
            json!("NaN"),
            json!("Infinity"),
            json!("0x10"),
            json!("1.2.3"),
            json!("--1"),
            json!("-"),
            json!(1e300),
            json!("1e29"),
            json!("99999999999999999999999999999999999"),
            json!(true),
            json!([]),
            json!({}),
        ] {
            assert_eq!(number(&bad), Field::Unreadable, "{bad}");
        }
    }

    #[test]
    fn instants_come_in_many_clothes() {
        let at: DateTime<Utc> = "2026-09-23T06:47:09Z".parse().unwrap();
        for given in [
            json!("2026-09-23T06:47:09Z"),
            json!(" 2026-09-23T06:47:09Z "),
            json!("2026-09-23T14:47:09+08:00"),
            json!("2026-09-23T14:47:09+0800"),
            json!("2026-09-23T14:47:09.000+08"),
            json!("2026-09-23T06:47:09.000000000Z"),
            json!("2026-09-23t06:47:09z"),
            json!(1_790_146_029),
            json!("1790146029"),
            json!(1_790_146_029_000_i64),
            json!("1790146029000"),
            json!(1_790_146_029_000_000_i64),
            json!(1_790_146_029_000_000_000_i64),
            json!({"seconds": "1790146029", "nanos": 0}),
        ] {
            assert_eq!(instant(&given), Field::Known(at), "{given}");
        }
        assert_eq!(
            instant(&json!("2026-09-23T06:47:09.123456789Z")),
            Field::Known(at + TimeDelta::nanoseconds(123_456_789))
        );
        assert_eq!(instant(&json!(1_790_146_029.5)), Field::Known(at + TimeDelta::milliseconds(500)));
        for unset in [json!("0001-01-01T00:00:00Z"), json!("1970-01-01T00:00:00Z"), json!(0), json!("0")] {
            assert_eq!(instant(&unset), Field::Missing, "{unset}");
        }
        for bad in [
            json!("soon"),
            json!(""),
            json!("2026-09-23"),
            json!("2026-09-23T06:47:09"),
            json!("2026-13-45T99:99:99Z"),
            json!("+12345-01-01T00:00:00Z"),
            json!("-0001-01-01T00:00:00Z"),
            json!("9999-12-31T23:59:59-01:00"),
            json!(300),
            json!(-5),
            json!(1e25),
            json!(true),
            json!({"seconds": "x"}),
        ] {
            assert_eq!(instant(&bad), Field::Unreadable, "{bad}");
        }
    }

    #[test]
    fn stretches_switches_and_words() {
        assert_eq!(seconds(&json!("300s")), Field::Known(TimeDelta::seconds(300)));
        assert_eq!(seconds(&json!(1.5)), Field::Known(TimeDelta::milliseconds(1500)));
        assert_eq!(seconds(&json!(1e18)), Field::Unreadable);
        assert_eq!(switch(&json!("TRUE")), Field::Known(true));
        assert_eq!(switch(&json!(1)), Field::Unreadable);
        assert_eq!(text(&json!(" Pro ")), Field::Known("Pro"));
        assert_eq!(text(&json!("")), Field::Missing);
        assert_eq!(text(&json!(3)), Field::Unreadable);
        assert_eq!(positive_count(&json!("20")), Field::Known(Some(20)));
        assert_eq!(positive_count(&json!(0)), Field::Known(None));
        assert_eq!(positive_count(&json!(-1)), Field::Known(None));
        assert_eq!(positive_count(&json!("many")), Field::Unreadable);
    }
}
