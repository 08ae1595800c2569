//! Instants as RFC 3339 writes them.
//!
//! A history holds several of them in every line. The form in which this program writes them is read without
//! a detour; any other goes the way of the library, and a law says that both ways agree.

use chrono::{DateTime, SecondsFormat, Utc};

/// An instant as the contract writes it: RFC 3339, UTC, no superfluous digits.
#[must_use]
pub fn format_rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// An instant in RFC 3339, with any offset.
pub(crate) fn parse_rfc3339(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    match parse_utc(text.as_bytes()) {
        Some(at) => Ok(at),
        None => DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)),
    }
}

/// An instant of the form `2026-09-23T06:47:09.122865Z`; `None` for any other.
pub(crate) fn parse_utc(text: &[u8]) -> Option<DateTime<Utc>> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn instant() -> impl Strategy<Value = DateTime<Utc>> {
        (-2_208_988_800_i64..7_258_118_400, 0_u32..1_000_000_000)
            .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap())
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_as_chrono_reads_it(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,10})?(Z|z|[+]08:00)?",
        ) {
            let slow = DateTime::parse_from_rfc3339(&text).map(|at| at.with_timezone(&Utc)).ok();
            prop_assert_eq!(parse_rfc3339(&text).ok(), slow);
        }

        #[test]
        fn an_instant_survives_its_text(at in instant()) {
            prop_assert_eq!(format_rfc3339(at).parse::<DateTime<Utc>>().unwrap(), at);
        }
    }
}
