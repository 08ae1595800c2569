//! Series: what a history is kept of — a meter, or money in one currency in one place.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::account::ParseEnumError;
use crate::meter::Meter;
use crate::money::Currency;

/// One quantity of an account that goes up and down over time. Values of different series are never added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Series {
    /// A quota window, in percent of its limit.
    Meter(Meter),
    /// The open platform's balance (cash and voucher together), in its currency.
    Balance(Currency),
    /// The wallet beside a membership, in its currency.
    Wallet(Currency),
}

impl Series {
    /// The unit of its values: `percent` or a currency code.
    #[must_use]
    pub fn unit(&self) -> &str {
        match self {
            Self::Meter(_) => "percent",
            Self::Balance(currency) | Self::Wallet(currency) => currency.code(),
        }
    }

    /// The meter, where it is one.
    #[must_use]
    pub const fn meter(&self) -> Option<Meter> {
        match self {
            Self::Meter(meter) => Some(*meter),
            _ => None,
        }
    }

    /// The currency, where it is money.
    #[must_use]
    pub const fn currency(&self) -> Option<Currency> {
        match self {
            Self::Meter(_) => None,
            Self::Balance(currency) | Self::Wallet(currency) => Some(*currency),
        }
    }
}

/// The key under which the store keeps it: `5h`, `balance:USD`, `wallet:CNY`.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Meter(meter) => f.pad(meter.as_str()),
            Self::Balance(currency) => write!(f, "balance:{currency}"),
            Self::Wallet(currency) => write!(f, "wallet:{currency}"),
        }
    }
}

impl FromStr for Series {
    type Err = ParseEnumError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s.split_once(':') {
            Some(("balance", code)) => code.parse().map(Self::Balance),
            Some(("wallet", code)) => code.parse().map(Self::Wallet),
            _ => s.parse().map(Self::Meter),
        }
    }
}

impl Serialize for Series {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Series {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        key.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_round_trip() {
        let all = Meter::ALL
            .map(Series::Meter)
            .into_iter()
            .chain([Series::Balance(Currency::CNY), Series::Wallet(Currency::USD)]);
        for series in all {
            assert_eq!(series.to_string().parse(), Ok(series));
        }
        assert!("balance:".parse::<Series>().is_err());
        assert!("fortnight".parse::<Series>().is_err());
    }
}
