//! The simulator's own units: whole numbers, so that sums are exact and runs repeat to the last digit.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Millionths of a percent of a quota window. `100 * POINT` is a window used up.
pub type Points = i64;

/// One percent of a window.
pub const POINT: Points = 1_000_000;

/// All of a quota: 100 %.
pub const FULL: Points = 100 * POINT;

/// Hundred-millionths of a currency's main unit, the unit of the real wallet (`1e-8`).
pub type Coins = i64;

/// One yuan or one dollar.
pub const COIN: Coins = 100_000_000;

/// A percentage as a decimal.
#[must_use]
pub fn percent(points: Points) -> Decimal {
    Decimal::new(points, 6).normalize()
}

/// A percentage in the simulator's unit; digits beyond the sixth are cut.
#[must_use]
pub fn points(percent: Decimal) -> Points {
    (percent * Decimal::from(POINT)).trunc().to_i64().unwrap_or(0)
}

/// An amount of money as a decimal.
#[must_use]
pub fn money(coins: Coins) -> Decimal {
    Decimal::new(coins, 8).normalize()
}

/// An amount of money in the simulator's unit; digits beyond the eighth are cut.
#[must_use]
pub fn coins(amount: Decimal) -> Coins {
    (amount * Decimal::from(COIN)).trunc().to_i64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_convert_both_ways() {
        assert_eq!(percent(points("43.72".parse().unwrap())).to_string(), "43.72");
        assert_eq!(money(coins("-0.4213".parse().unwrap())).to_string(), "-0.4213");
        assert_eq!(points(Decimal::ONE_HUNDRED), FULL);
        assert_eq!(coins(Decimal::ONE), COIN);
    }
}
