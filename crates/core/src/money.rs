//! Money: an exact decimal amount with its currency. Amounts of different currencies are never added.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::account::{ParseEnumError, Region, Source};
use crate::number::decimal;
use crate::number::text::Text;

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Renminbi, `CNY`.
    pub const CNY: Self = Self(*b"CNY");
    /// United States dollar, `USD`.
    pub const USD: Self = Self(*b"USD");

    /// The code, three upper-case letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // Proof: only ASCII letters get in, by the constants and by `from_str`.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// The currency in which a source of a region keeps its money: the documentation names USD for the
    /// international platform and CNY for the Chinese one; the balance itself carries no currency.
    #[must_use]
    pub const fn of(_source: Source, region: Region) -> Self {
        match region {
            Region::China => Self::CNY,
            Region::Global => Self::USD,
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for Currency {
    type Err = ParseEnumError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match <[u8; 3]>::try_from(s.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self(code.map(|b| b.to_ascii_uppercase())))
            }
            _ => Err(ParseEnumError {
                expected: "a currency code of three letters, such as CNY",
                found: s.to_owned(),
            }),
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text::new("a currency code", str::parse::<Self>))
    }
}

/// An amount of money. In JSON `{"amount":"3.152507","currency":"CNY"}`.
///
/// # Examples
/// ```
/// use tidemark_core::{Currency, Money};
///
/// let money = Money::new("74.8".parse()?, Currency::CNY);
/// assert_eq!(money.to_string(), "74.80 CNY");
/// assert_eq!(serde_json::to_string(&money).unwrap(), r#"{"amount":"74.80","currency":"CNY"}"#);
/// # Ok::<(), rust_decimal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// The amount in the currency's main unit (yuan, dollar).
    #[serde(with = "plain_amount")]
    pub amount: Decimal,
    /// The currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    #[must_use]
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", plain(self.amount), self.currency)
    }
}

/// An amount as people and the contract write it: no superfluous zeros, but at least two decimals.
#[must_use]
pub fn plain(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

/// Serialises an amount as a decimal string, as [`plain`] writes it.
pub mod plain_amount {
    use super::{Decimal, Deserializer, Serializer, Text, decimal};

    /// Writes an amount as a decimal string.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::plain(*amount))
    }

    /// Reads an amount from a decimal string.
    ///
    /// # Errors
    /// The value is not a string, or the string is not a decimal number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        deserializer.deserialize_str(Text::new("a decimal string", decimal::parse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_plainly() {
        for (given, written) in [
            ("3.15250700", "3.152507"),
            ("0", "0.00"),
            ("100", "100.00"),
            ("-0.42", "-0.42"),
            ("49.58894", "49.58894"),
            ("50.0", "50.00"),
        ] {
            assert_eq!(plain(given.parse().unwrap()), written);
        }
    }

    #[test]
    fn money_survives_json() {
        let money = Money::new("3.152507".parse().unwrap(), Currency::CNY);
        let json = serde_json::to_string(&money).unwrap();
        assert_eq!(json, r#"{"amount":"3.152507","currency":"CNY"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
    }
}
