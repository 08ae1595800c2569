//! How the fields of a record are written: instants, numbers and amounts.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serializer};

use crate::number::decimal;
use crate::number::text::Text;
use crate::number::timestamp::{format_rfc3339, parse_rfc3339};

/// Instants in RFC 3339, read with any offset, written in UTC.
pub mod time {
    use super::{DateTime, Deserializer, Serializer, Text, Utc, format_rfc3339, parse_rfc3339};

    /// Writes an instant in UTC.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format_rfc3339(*at))
    }

    /// Reads it with any offset.
    ///
    /// # Errors
    /// The value is not a string, or the string is not a time in RFC 3339 with an offset.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        deserializer.deserialize_str(Text::new("a time, such as 2026-09-23T02:00:00Z", parse_rfc3339))
    }
}

/// Instants that may be absent.
pub mod optional_time {
    use super::{DateTime, Deserialize, Deserializer, Serializer, Utc};

    /// Writes it in UTC, or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::time::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads an instant or null.
    ///
    /// # Errors
    /// The value is neither null nor a string with a time in RFC 3339.
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
    use super::{Decimal, Deserialize, Deserializer, Serializer, decimal};

    /// Writes the nearest number; whole ones without a fraction.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(decimal::to_f64(*value))
    }

    /// Reads a decimal number.
    ///
    /// # Errors
    /// The value is not a number, or it is too large for a [`Decimal`].
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let value = f64::deserialize(deserializer)?;
        decimal::from_f64(value).ok_or_else(|| serde::de::Error::custom(format!("{value} is out of range")))
    }
}

/// Decimals written as JSON numbers that may be absent.
pub mod optional_number {
    use super::{Decimal, Deserialize, Deserializer, Serializer, decimal};

    /// Writes the nearest number, or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::number::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a number, or null.
    ///
    /// # Errors
    /// The value is neither null nor a number. A number that is too large for a [`Decimal`] is read as
    /// `None`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        Ok(Option::<f64>::deserialize(deserializer)?.and_then(decimal::from_f64))
    }
}

/// Counts written as decimal strings, read from strings or numbers.
pub mod text_number {
    use std::fmt;

    use serde::de::{self, Visitor};

    use super::{Decimal, Deserializer, Serializer, decimal};

    struct Either;

    impl<'de> Visitor<'de> for Either {
        type Value = Option<Decimal>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a decimal string, a number or null")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<Decimal>, E> {
            // What has more digits than fit is rounded.
            decimal::parse(text).or_else(|_| text.parse()).map(Some).map_err(E::custom)
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<Option<Decimal>, E> {
            Ok(decimal::from_f64(value))
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
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_str(&value.normalize().to_string()),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a string, a number, or null.
    ///
    /// # Errors
    /// The value is none of the three, or the string is not a decimal number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Amounts of money without their currency: decimal strings as [`crate::money::plain`] writes them.
pub mod amount {
    use super::{Decimal, Deserializer, Serializer};

    /// Writes the decimal string, or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_str(&crate::money::plain(*value)),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a string, a number, or null.
    ///
    /// # Errors
    /// The value is none of the three, or the string is not a decimal number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        super::text_number::deserialize(deserializer)
    }
}
