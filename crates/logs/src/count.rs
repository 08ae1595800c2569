//! Counts and times as logs write them: numbers, whole numbers written as floats, digits in quotes, null.

use chrono::{DateTime, NaiveDate, NaiveTime};
use serde::{Deserialize, Deserializer, de};

/// More tokens than any request can have. Whatever claims more is not a count.
pub(crate) const LARGEST: u64 = 1 << 40;

/// A count of tokens. Null is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) u64);

impl Count {
    fn whole(value: f64) -> Option<Self> {
        (value >= 0.0 && value <= LARGEST as f64 && value.fract() == 0.0).then_some(Self(value as u64))
    }

    fn number(value: u64) -> Option<Self> {
        (value <= LARGEST).then_some(Self(value))
    }

    fn text(text: &str) -> Option<Self> {
        let text = text.trim();
        text.parse().map_or_else(|_| text.parse().ok().and_then(Self::whole), Self::number)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Count;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a count of tokens")
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Count, E> {
                Count::number(value).ok_or_else(|| E::custom("not a count"))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Count, E> {
                u64::try_from(value).ok().and_then(Count::number).ok_or_else(|| E::custom("not a count"))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Count, E> {
                Count::whole(value).ok_or_else(|| E::custom("not a count"))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Count, E> {
                Count::text(text).ok_or_else(|| E::custom("not a count"))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Count, E> {
                Ok(Count(0))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A number of a time, or a text. What it means depends on the format.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Timestamp {
    /// A number, in the format's unit.
    Number(f64),
    /// A written time, in milliseconds of the epoch.
    Written(i64),
}

impl Timestamp {
    /// A time as a text has it: written out, or digits.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let text = text.trim();
        text.parse().map(Self::Number).ok().or_else(|| written(text).map(Self::Written))
    }

    /// In milliseconds of the epoch, where a number counts `per_second` in a second. A number whose size fits another
    /// unit alone is in that one: seconds of 2001 and after would be days of 1970 as milliseconds, and milliseconds
    /// the year 30000 as seconds. `None` outside of the years 1970 to 9999, which a calendar can name.
    pub(crate) fn millis(self, per_second: f64) -> Option<i64> {
        let millis = match self {
            Self::Number(number) => {
                let per_second = match number {
                    1e9..1e11 => 1.0,
                    1e11..1e14 => 1e3,
                    1e14..1e17 => 1e6,
                    1e17..1e20 => 1e9,
                    _ => per_second,
                };
                let millis = (number / per_second * 1000.0).round();
                if !(0.0..=LAST_MILLIS as f64).contains(&millis) {
                    return None;
                }
                millis as i64
            }
            Self::Written(millis) => millis,
        };
        (0..=LAST_MILLIS).contains(&millis).then_some(millis)
    }
}

/// A written time, in milliseconds of the epoch. One without a zone is read as UTC, as Kimi Code's own programs read it.
fn written(text: &str) -> Option<i64> {
    const TIMES: [&str; 2] = ["%H:%M:%S%.f", "%H:%M"];
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    let (date, rest) = text.split_at_checked("2026-11-18".len())?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
        return rest.is_empty().then(|| date.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
    };
    // With a zone that RFC 3339 does not know: no colon, a blank before it.
    let (time, zone) = rest.split_at(rest.find(['+', '-', 'Z', 'z', 'U', ' ']).unwrap_or(rest.len()));
    let time = TIMES.into_iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok())?;
    let seconds = match zone.trim() {
        "" | "Z" | "z" | "UTC" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let digits: Vec<i64> = zone[1..]
                .split(':')
                .flat_map(str::chars)
                .map(|digit| digit.to_digit(10).map(i64::from))
                .collect::<Option<_>>()?;
            match digits[..] {
                [a, b] => sign * (a * 10 + b) * 3600,
                [a, b, c, d] => sign * ((a * 10 + b) * 3600 + (c * 10 + d) * 60),
                _ => return None,
            }
        }
    };
    Some(date.and_time(time).and_utc().timestamp_millis() - seconds * 1000)
}

/// The last day of 9999 is left out, so that every zone still has four digits for the year.
const LAST_MILLIS: i64 = 253_402_214_400_000;

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Timestamp;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a time")
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Timestamp, E> {
                Ok(Timestamp::Number(value as f64))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Timestamp, E> {
                Ok(Timestamp::Number(value as f64))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Timestamp, E> {
                Ok(Timestamp::Number(value))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::of_text(text).ok_or_else(|| E::custom("not a time"))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        for (json, count) in [
            ("0", Some(0)),
            ("11592", Some(11_592)),
            ("12.0", Some(12)),
            ("1e3", Some(1000)),
            ("\"77\"", Some(77)),
            ("\" 8.0 \"", Some(8)),
            ("null", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("true", None),
            ("\"many\"", None),
            ("18446744073709551615", None),
            ("1e300", None),
            ("[]", None),
        ] {
            assert_eq!(serde_json::from_str::<Count>(json).ok(), count.map(Count), "{json}");
        }
    }

    #[test]
    fn times() {
        for (json, per_second, millis) in [
            ("1784973672311", 1000.0, Some(1_784_973_672_311)),
            ("1773128644.112929", 1.0, Some(1_773_128_644_113)),
            ("1735689600.5", 1.0, Some(1_735_689_600_500)),
            // In another unit than the format's.
            ("1784973672", 1000.0, Some(1_784_973_672_000)),
            ("\"1784973672.25\"", 1000.0, Some(1_784_973_672_250)),
            ("1784973672311", 1.0, Some(1_784_973_672_311)),
            ("1784973672311000", 1000.0, Some(1_784_973_672_311)),
            ("1784973672311000000", 1.0, Some(1_784_973_672_311)),
            ("86400000", 1000.0, Some(86_400_000)),
            ("\"2026-07-14T08:00:00.250Z\"", 1000.0, Some(1_784_016_000_250)),
            ("\"1784973672311\"", 1000.0, Some(1_784_973_672_311)),
            // Without a zone, and with one in other forms.
            ("\"2026-07-14T08:00:00\"", 1000.0, Some(1_784_016_000_000)),
            ("\"2026-07-14T08:00:00.25\"", 1000.0, Some(1_784_016_000_250)),
            ("\"2026-07-14 08:00:00.250000\"", 1000.0, Some(1_784_016_000_250)),
            ("\"2026-07-14 08:00\"", 1.0, Some(1_784_016_000_000)),
            ("\"2026-07-14\"", 1.0, Some(1_783_987_200_000)),
            ("\"2026-07-14 16:00:00+08:00\"", 1000.0, Some(1_784_016_000_000)),
            ("\"2026-07-14T16:00:00+0800\"", 1000.0, Some(1_784_016_000_000)),
            ("\"2026-07-14 02:30:00 -0530\"", 1000.0, Some(1_784_016_000_000)),
            ("\"2026-07-14 08:00:00 UTC\"", 1000.0, Some(1_784_016_000_000)),
            ("\"2026-07-14T08:00Z\"", 1000.0, Some(1_784_016_000_000)),
            ("-5", 1000.0, None),
            ("9e300", 1.0, None),
            ("\"0001-01-01T00:00:00Z\"", 1.0, None),
        ] {
            let moment: Timestamp = serde_json::from_str(json).unwrap();
            assert_eq!(moment.millis(per_second), millis, "{json}");
        }
        for text in [
            "soon",
            "",
            "2026-07-14T",
            "2026-07-14T25:00:00",
            "2026-02-30T08:00:00",
            "2026-07-14T08:00:00+8",
            "2026-07-14T08:00:00 CST",
            "2026-07-14x08:00:00",
            "2026年7月14日 08:00",
        ] {
            assert!(serde_json::from_str::<Timestamp>(&format!("{text:?}")).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Timestamp>("null").is_err());
    }
}
