//! Exact decimals, from their text and from floating-point numbers, and back.
//!
//! A history holds many of them. What almost all are is read without a detour by code of its own; anything
//! else goes the way of the library, and a law says that both ways agree.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A decimal as the nearest floating-point number, by its shortest decimal text.
#[must_use]
pub fn to_f64(value: Decimal) -> f64 {
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
///
/// # Examples
/// ```
/// use tidemark_core::number::decimal::{from_f64, to_f64};
///
/// assert_eq!(from_f64(0.1).unwrap().to_string(), "0.1");
/// assert_eq!(to_f64(from_f64(43.72).unwrap()), 43.72);
/// assert_eq!(from_f64(f64::NAN), None);
/// ```
#[must_use]
pub fn from_f64(value: f64) -> Option<Decimal> {
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

/// Reads a decimal string exactly.
pub(crate) fn parse(text: &str) -> Result<Decimal, rust_decimal::Error> {
    parse_short(text.as_bytes()).map_or_else(|| Decimal::from_str_exact(text), Ok)
}

/// A decimal string of at most eighteen digits, as `-3.152507`; `None` for any other.
pub(crate) fn parse_short(text: &[u8]) -> Option<Decimal> {
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
pub(crate) fn parse_json_number(text: &[u8]) -> Option<Decimal> {
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
    parse_short(short)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Percent as a reading promises them: at most eight decimals.
    fn percent() -> impl Strategy<Value = Decimal> {
        (-1_000_000_i64..1_000_000_000, 0_u32..=8).prop_map(|(n, scale)| Decimal::new(n, scale))
    }

    fn any_decimal() -> impl Strategy<Value = Decimal> {
        (any::<i64>(), 0_u32..=12).prop_map(|(n, scale)| Decimal::new(n, scale))
    }

    #[test]
    fn numbers_keep_their_shortest_text() {
        for text in ["43.72", "18.310546875", "120", "-5", "0.1"] {
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!(to_f64(decimal).to_string(), text);
            assert_eq!(from_f64(to_f64(decimal)), Some(decimal));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_decimal_as_the_library_reads_it(text in "[+-]?[0-9]{0,22}(\\.[0-9]{0,12})?") {
            prop_assert_eq!(parse(&text).ok(), Decimal::from_str_exact(&text).ok());
        }

        #[test]
        fn any_number_is_what_its_shortest_text_says(value in prop_oneof![
            -1e6_f64..1e6, Just(0.0), Just(-0.0), (-1_000_000_i64..1_000_000).prop_map(|n| n as f64 / 100.0)
        ]) {
            let text = value.to_string();
            let slow = Decimal::from_str_exact(&text).or_else(|_| text.parse());
            prop_assert_eq!(from_f64(value), slow.ok());
        }

        #[test]
        fn any_number_of_few_digits_is_what_the_library_reads(text in "-?(0|[0-9]{1,17})(\\.[0-9]{0,10})?(e[0-9])?") {
            if let Some(number) = parse_json_number(text.as_bytes()) {
                let slow = from_f64(serde_json::from_str(&text).unwrap()).unwrap();
                prop_assert_eq!((number, number.scale()), (slow, slow.scale()));
            }
        }

        #[test]
        fn any_decimal_is_the_number_that_its_text_says(value in any_decimal()) {
            let slow: f64 = value.normalize().to_string().parse().unwrap();
            prop_assert_eq!(to_f64(value).to_bits(), slow.to_bits());
        }

        #[test]
        fn percent_survive_as_numbers(value in percent()) {
            prop_assert_eq!(from_f64(to_f64(value)), Some(value));
        }

        #[test]
        fn any_number_that_fits_is_read(value in -1e15_f64..1e15) {
            let decimal = from_f64(value).unwrap();
            prop_assert!((to_f64(decimal) - value).abs() <= value.abs() * 1e-15 + 1e-28);
        }
    }
}
