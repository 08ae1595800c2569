//! Instants as nanoseconds since 1970 UTC. What was seen is kept to the last digit, so that a reading that
//! comes back from the store equals the one that went in.

use chrono::{DateTime, Utc};

/// An instant as the store keeps it. Instants beyond the years 1677 and 2262 are taken as those ends, so that
/// a query "from the beginning to the end of time" means what it says.
pub(crate) fn encode(at: DateTime<Utc>) -> i64 {
    at.timestamp_nanos_opt().unwrap_or(if at.timestamp() < 0 { i64::MIN } else { i64::MAX })
}

/// The instant that was encoded.
pub(crate) const fn decode(stored: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(stored)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decoding_undoes_encoding(stored: i64) {
            prop_assert_eq!(encode(decode(stored)), stored);
        }

        #[test]
        fn order_is_kept(a: i64, b: i64) {
            prop_assert_eq!(decode(a) < decode(b), a < b);
        }
    }

    #[test]
    fn the_ends_of_time_are_clamped() {
        assert_eq!(encode(DateTime::<Utc>::MAX_UTC), i64::MAX);
        assert_eq!(encode(DateTime::<Utc>::MIN_UTC), i64::MIN);
    }
}
