//! Counts of tokens as metrics and tables write them.

/// More tokens than any request, or any hour of one program, can have. Whatever claims more is not a count.
pub const MAX_COUNT: u64 = 1 << 40;

/// A number as a count: whole, not negative and no larger than [`MAX_COUNT`].
pub(crate) fn whole(value: f64) -> Option<u64> {
    (value >= 0.0 && value <= MAX_COUNT as f64 && value.fract() == 0.0).then_some(value as u64)
}

/// The same of a whole number.
pub(crate) fn number(value: i64) -> Option<u64> {
    u64::try_from(value).ok().filter(|count| *count <= MAX_COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_count_is_refused() {
        for (value, count) in [
            (0.0, Some(0)),
            (1500.0, Some(1500)),
            (MAX_COUNT as f64, Some(MAX_COUNT)),
            (MAX_COUNT as f64 * 2.0, None),
            (-1.0, None),
            (0.5, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (f64::NEG_INFINITY, None),
        ] {
            assert_eq!(whole(value), count, "{value}");
        }
        assert_eq!([number(-1), number(0), number(i64::MAX)], [None, Some(0), None]);
    }
}
