//! What memberships cost a month.
//!
//! From the pages on which they are sold in China. The international prices are not known for every plan, so there
//! are none here; a plan that is not named has no known price.

use rust_decimal::Decimal;
use tidemark_core::{Currency, Money, Region};

/// Plans by the names that the service gives them, with their price in yuan a month.
const CHINA: [(&str, i64); 8] = [
    ("Andante", 49),
    ("Moderato", 99),
    ("Allegretto", 199),
    ("Allegro", 699),
    ("Go", 49),
    ("Plus", 99),
    ("Pro", 199),
    ("Max", 699),
];

/// What a membership costs a month at its list price; `None` where that is not known.
#[must_use]
pub fn plan_price(plan: &str, region: Region) -> Option<Money> {
    let (_, price) =
        (region == Region::China).then_some(CHINA)?.into_iter().find(|(name, _)| *name == plan)?;
    Some(Money::new(Decimal::from(price), Currency::CNY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_is_not_listed_has_no_price() {
        let price = |plan, region| plan_price(plan, region).map(|price| price.amount);
        assert_eq!(price("Pro", Region::China), Some(199.into()));
        assert_eq!(price("Pro", Region::Global), None);
        assert_eq!(price("Vivace", Region::China), None);
    }
}
