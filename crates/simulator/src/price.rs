//! Models and what a token of each costs: the public price list of the open platform, September 2026.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use tidemark_core::{Currency, Region, Source, Tokens};
use tidemark_kimi::PriceList;

use crate::amount::Coins;

/// The models that simulated people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// `kimi-k3`.
    K3,
    /// `kimi-k2.7-code`; `kimi-for-coding` in Kimi Code.
    K27Code,
    /// `kimi-k2.7-code-highspeed`; `kimi-for-coding-highspeed` in Kimi Code.
    K27CodeHighspeed,
    /// `kimi-k2.6`.
    K26,
}

/// Prices of a model in cents of the currency for a million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Price {
    hit: i64,
    miss: i64,
    write: i64,
    output: i64,
}

impl Model {
    /// All models.
    pub const ALL: [Self; 4] = [Self::K3, Self::K27Code, Self::K27CodeHighspeed, Self::K26];

    /// The name on the open platform.
    #[must_use]
    pub const fn platform_name(self) -> &'static str {
        match self {
            Self::K3 => "kimi-k3",
            Self::K27Code => "kimi-k2.7-code",
            Self::K27CodeHighspeed => "kimi-k2.7-code-highspeed",
            Self::K26 => "kimi-k2.6",
        }
    }

    /// The alias in Kimi Code, as its session logs write it.
    #[must_use]
    pub const fn code_name(self) -> &'static str {
        match self {
            Self::K3 => "kimi-code/k3",
            Self::K27Code => "kimi-code/kimi-for-coding",
            Self::K27CodeHighspeed => "kimi-code/kimi-for-coding-highspeed",
            Self::K26 => "kimi-code/kimi-k2.6",
        }
    }

    fn price(self, region: Region) -> Price {
        PRICES[self as usize][usize::from(region == Region::China)]
    }

    /// What tokens cost on the open platform of a region. Exact: a cent for a million tokens is one coin a token.
    #[must_use]
    pub fn cost(self, tokens: Tokens, region: Region) -> Coins {
        let price = self.price(region);
        tokens.cache_read.cast_signed() * price.hit
            + tokens.input.cast_signed() * price.miss
            + tokens.cache_write.cast_signed() * price.write
            + tokens.output.cast_signed() * price.output
    }

    /// How much tokens weigh against a membership's quota: their price in dollars, whatever the region.
    #[must_use]
    pub fn weight(self, tokens: Tokens) -> Coins {
        self.cost(tokens, Region::Global)
    }
}

/// Of each model, in dollars and in renminbi. Simulated prices stand still, whenever a history is set.
static PRICES: LazyLock<[[Price; 2]; 4]> = LazyLock::new(|| {
    let at: DateTime<Utc> = DateTime::from_timestamp(1_790_121_600, 0).unwrap_or_default();
    Model::ALL.map(|model| {
        [Region::Global, Region::China].map(|region| {
            let currency = Currency::of(Source::Platform, region);
            let cents = |price: Decimal| (price * Decimal::ONE_HUNDRED).to_i64().unwrap_or_default();
            // Each of these models is on the list in both currencies; a test says so.
            PriceList::public().price(model.platform_name(), at, currency).map_or_else(
                Price::default,
                |price| Price {
                    hit: cents(price.hit),
                    miss: cents(price.miss),
                    write: cents(price.write.unwrap_or(price.miss)),
                    output: cents(price.output),
                },
            )
        })
    })
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::money;

    #[test]
    fn every_model_is_on_the_list() {
        for prices in PRICES.iter().flatten() {
            assert!(0 < prices.hit && prices.hit < prices.miss && prices.miss < prices.output, "{prices:?}");
        }
    }

    #[test]
    fn a_million_tokens_cost_what_the_list_says() {
        let million = Tokens {
            input: 1_000_000,
            cache_read: 1_000_000,
            cache_write: 0,
            output: 1_000_000,
            ..Tokens::default()
        };
        assert_eq!(money(Model::K3.cost(million, Region::Global)).to_string(), "18.3");
        assert_eq!(money(Model::K3.cost(million, Region::China)).to_string(), "122");
        assert_eq!(money(Model::K27Code.cost(million, Region::Global)).to_string(), "5.14");
    }
}
