//! Instants, numbers and amounts as the contract writes them.
//!
//! A history holds several of each in every line. What almost all lines hold is read without a detour by
//! text of its own; anything else goes the way of the libraries, and a law says that both ways agree.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

/// A decimal as the nearest floating-point number, by its shortest decimal text.
#[must_use]
pub fn to_number(value: Decimal) -> f64 {
    // Both parts of the fraction are numbers themselves, so that the division rounds once, as the text would.
    if let Ok(digits) = i64::try_from(value.mantissa())
        && digits.unsigned_abs() < 1 << 53
        && let Some(ten) = TENS.get(value.scale() as usize)
    {
        return digits as f64 / ten;
    }
    let text = value.normalize().to_string();
    text.parse().ok().or_else(|| value.to_f64()).unwrap_or(f64::NAN)
}

const TENS: [f64; 16] =
    [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A floating-point number as the decimal that its shortest text names; `None` where it does not fit.
#[must_use]
pub fn from_number(value: f64) -> Option<Decimal> {
    short(value).or_else(|| {
        let text = value.to_string();
        Decimal::from_str_exact(&text)
            .or_else(|_| text.parse())
            .or_else(|_| Decimal::from_scientific(&text))
            .ok()
    })
}

/// The same for a number of few digits: the least number of decimals at which it is exactly itself again.
/// Up to fifteen digits name one number each, so those are the digits of its shortest text.
fn short(value: f64) -> Option<Decimal> {
    for (decimals, ten) in TENS.into_iter().enumerate().take(9) {
        let digits = (value * ten).round();
        // Not a number is not below either.
        if digits.abs() >= 1e15 || !digits.is_finite() || (digits == 0.0 && value.is_sign_negative()) {
            return None;
        }
        #[allow(clippy::float_cmp, reason = "exactly the same number is what is asked for")]
        if digits / ten == value {
            return Some(Decimal::new(digits as i64, decimals as u32));
        }
    }
    None
}

/// An instant as the contract writes it: RFC 3339, UTC, no superfluous digits.
#[must_use]
pub fn write_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// An instant in RFC 3339, with any offset.
pub(crate) fn read_time(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    match plain_time(text.as_bytes()) {
        Some(at) => Ok(at),
        None => DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)),
    }
}

/// An instant of the form `2026-09-23T06:47:09.122865Z`; `None` for any other.
pub(super) fn plain_time(text: &[u8]) -> Option<DateTime<Utc>> {
    let (fixed, rest) = text.split_at_checked(19)?;
    let two = |place: usize| {
        let (tens, ones) = (fixed[place].wrapping_sub(b'0'), fixed[place + 1].wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
    };
    if (fixed[4], fixed[7], fixed[10], fixed[13], fixed[16]) != (b'-', b'-', b'T', b':', b':') {
        return None;
    }
    let year = two(0)? * 100 + two(2)?;
    let date = chrono::NaiveDate::from_ymd_opt(year.cast_signed(), two(5)?, two(8)?)?;
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let nanos = match rest {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] if (1..=9).contains(&digits.len()) => {
            let mut nanos = 0;
            for place in 0..9 {
                let digit = digits.get(place).map_or(0, |digit| digit.wrapping_sub(b'0'));
                if digit > 9 {
                    return None;
                }
                nanos = nanos * 10 + u32::from(digit);
            }
            nanos
        }
        _ => return None,
    };
    // A leap second is none of ours.
    (second < 60).then_some(())?;
    Some(date.and_hms_nano_opt(hour, minute, second, nanos)?.and_utc())
}

/// A decimal string, exactly.
pub(crate) fn read_decimal(text: &str) -> Result<Decimal, rust_decimal::Error> {
    plain_decimal(text.as_bytes()).map_or_else(|| Decimal::from_str_exact(text), Ok)
}

/// A decimal string of at most eighteen digits, as `-3.152507`; `None` for any other.
pub(super) fn plain_decimal(text: &[u8]) -> Option<Decimal> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > 18 || !digits.first()?.is_ascii_digit() || !digits.last()?.is_ascii_digit() {
        return None;
    }
    let (mut value, mut scale) = (0_i64, None);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + i64::from(byte - b'0');
                scale = scale.map(|scale| scale + 1);
            }
            b'.' if scale.is_none() => scale = Some(0),
            _ => return None,
        }
    }
    // Of a negative nothing the library keeps the sign.
    if negative && value == 0 {
        return None;
    }
    Some(Decimal::new(if negative { -value } else { value }, scale.unwrap_or(0)))
}

/// A JSON number of at most fifteen digits, eight of them decimals, and without an exponent, as `43.72`; `None`
/// for any other.
pub(super) fn plain_number(text: &[u8]) -> Option<Decimal> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.len() > 16 || (digits.len() > 1 && digits[0] == b'0' && digits[1] != b'.') {
        return None;
    }
    let mut short = text;
    if let Some(point) = digits.iter().position(|byte| *byte == b'.') {
        if digits.len() - point > 9 {
            return None;
        }
        // As the nearest floating-point number, which knows of no zeros at its end.
        while let Some(rest) = short.strip_suffix(b"0") {
            short = rest;
        }
        if digits.last() != Some(&b'.') {
            short = short.strip_suffix(b".").unwrap_or(short);
        }
    }
    if digits.len() > 15 && !digits.contains(&b'.') {
        return None;
    }
    plain_decimal(short)
}

/// Reads a text where it stands, without a copy.
pub(crate) struct Text<T, F> {
    expected: &'static str,
    read: F,
    of: PhantomData<T>,
}

impl<T, F> Text<T, F> {
    /// Says what is expected, and how it is read.
    pub(crate) const fn new(expected: &'static str, read: F) -> Self {
        Self { expected, read, of: PhantomData }
    }
}

impl<T, E: fmt::Display, F: FnOnce(&str) -> Result<T, E>> Visitor<'_> for Text<T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<R: de::Error>(self, text: &str) -> Result<T, R> {
        (self.read)(text).map_err(R::custom)
    }
}

/// Instants in RFC 3339, read with any offset, written in UTC.
pub mod time {
    use super::{DateTime, Deserializer, Serializer, Text, Utc, read_time};

    /// Writes it in UTC.
    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::write_time(*at))
    }

    /// Reads it with any offset.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        deserializer.deserialize_str(Text::new("a time, such as 2026-09-23T02:00:00Z", read_time))
    }
}

/// Instants that may be absent.
pub mod optional_time {
    use super::{DateTime, Deserialize, Deserializer, Serializer, Utc};

    /// Writes it in UTC, or null.
    pub fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::time::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads it, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        #[derive(Deserialize)]
        struct Wrapped(#[serde(with = "super::time")] DateTime<Utc>);
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|w| w.0))
    }
}

/// Reads what may be null, and is nothing then: unknown, as if the key were absent.
pub(crate) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Decimals written as JSON numbers.
pub mod number {
    use super::{Decimal, Deserialize, Deserializer, Serializer};

    /// Writes the nearest number; whole ones without a fraction.
    pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(super::to_number(*value))
    }

    /// Reads a number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let value = f64::deserialize(deserializer)?;
        super::from_number(value).ok_or_else(|| serde::de::Error::custom(format!("{value} is out of range")))
    }
}

/// Decimals written as JSON numbers that may be absent.
pub mod optional_number {
    use super::{Decimal, Deserialize, Deserializer, Serializer};

    /// Writes the nearest number, or null.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::number::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a number, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        Ok(Option::<f64>::deserialize(deserializer)?.and_then(super::from_number))
    }
}

/// Counts written as decimal strings, read from strings or numbers.
pub mod text_number {
    use std::fmt;

    use serde::de::{self, Visitor};

    use super::{Decimal, Deserializer, Serializer, from_number, read_decimal};

    struct Either;

    impl<'de> Visitor<'de> for Either {
        type Value = Option<Decimal>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a decimal string, a number or null")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<Decimal>, E> {
            // What has more digits than fit is rounded.
            read_decimal(text).or_else(|_| text.parse()).map(Some).map_err(E::custom)
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<Option<Decimal>, E> {
            Ok(from_number(value))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<Option<Decimal>, E> {
            Ok(Some(value.into()))
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<Option<Decimal>, E> {
            Ok(Some(value.into()))
        }

        fn visit_unit<E: de::Error>(self) -> Result<Option<Decimal>, E> {
            Ok(None)
        }

        fn visit_none<E: de::Error>(self) -> Result<Option<Decimal>, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Decimal>, D::Error> {
            deserializer.deserialize_any(self)
        }
    }

    /// Writes the decimal string, or null.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_str(&value.normalize().to_string()),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a string, a number, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Amounts of money without their currency: decimal strings as [`crate::money::plain`] writes them.
pub mod amount {
    use super::{Decimal, Deserializer, Serializer};

    /// Writes the decimal string, or null.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_str(&crate::money::plain(*value)),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a string, a number, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        super::text_number::deserialize(deserializer)
    }
}
