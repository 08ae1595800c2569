//! Amounts as integers in 1e-8 of their unit, for percentages and money, so that sums are exact.

use rust_decimal::Decimal;

use crate::error::StoreError;

/// Decimals kept.
const SCALE: u32 = 8;

/// An amount as the store keeps it; what lies beyond eight decimals is rounded half to even.
pub(crate) fn encode(amount: Decimal) -> Result<i64, StoreError> {
    let mut scaled = amount.round_dp(SCALE);
    scaled.rescale(SCALE);
    // A number too large for eight decimals keeps fewer after `rescale`.
    if scaled.scale() != SCALE {
        return Err(StoreError::TooLarge(amount));
    }
    i64::try_from(scaled.mantissa()).map_err(|_| StoreError::TooLarge(amount))
}

/// The amount that was encoded.
pub(crate) fn decode(stored: i64) -> Decimal {
    Decimal::new(stored, SCALE).normalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decoding_undoes_encoding(stored: i64) {
            prop_assert_eq!(encode(decode(stored)).unwrap(), stored);
        }

        #[test]
        fn amounts_of_eight_decimals_are_kept_exactly(units in -90_000_000_000_i64..90_000_000_000, parts in 0_i64..100_000_000) {
            let amount = Decimal::from(units) + Decimal::new(parts, 8);
            prop_assert_eq!(decode(encode(amount).unwrap()), amount);
        }

        #[test]
        fn sums_of_the_encoded_are_the_encoded_sums(amounts in prop::collection::vec(-1_000_000_000_000_i64..1_000_000_000_000, 0..200)) {
            let sum: Decimal = amounts.iter().map(|a| decode(*a)).sum();
            prop_assert_eq!(encode(sum).unwrap(), amounts.iter().sum::<i64>());
        }
    }

    #[test]
    fn more_decimals_are_rounded_and_giants_refused() {
        assert_eq!(encode("0.000000015".parse().unwrap()).unwrap(), 2);
        assert_eq!(encode("0.000000025".parse().unwrap()).unwrap(), 2);
        assert_eq!(encode("-3.1525070049".parse().unwrap()).unwrap(), -315_250_700);
        for giant in [Decimal::MAX, Decimal::MIN, "100000000000".parse().unwrap()] {
            assert!(matches!(encode(giant), Err(StoreError::TooLarge(_))), "{giant}");
        }
    }
}
