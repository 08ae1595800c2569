//! What tokens cost, as far as the audit needs it.
//!
//! On the open platform a price says what a request must have cost. On Kimi Code only the proportions
//! between prices matter: how many points of a quota a dollar's worth of tokens takes is learned.

use chrono::{DateTime, Utc};

use crate::tokens::Tokens;

/// One request that a local session log tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage<'a> {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// The model, as the log names it.
    pub model: Option<&'a str>,
    /// Its tokens.
    pub tokens: Tokens,
}

/// Prices of a model for a million tokens of each kind, in one currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Input read from the cache.
    pub cache_read: f64,
    /// Input that was in no cache.
    pub input: f64,
    /// Input written to the cache.
    pub cache_write: f64,
    /// Output.
    pub output: f64,
}

impl Rates {
    /// What tokens cost at these rates.
    #[must_use]
    pub fn cost(&self, tokens: Tokens) -> f64 {
        let part = |count: u64, rate: f64| count as f64 * rate;
        (part(tokens.input, self.input)
            + part(tokens.cache_read, self.cache_read)
            + part(tokens.cache_write, self.cache_write)
            + part(tokens.output, self.output))
            / 1e6
    }
}

/// The prices of a model; a currency in which none is published is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// In US dollars.
    pub usd: Option<Rates>,
    /// In renminbi.
    pub cny: Option<Rates>,
}

/// Where prices come from.
pub trait Prices {
    /// The price of a model at a time; `None` where none is known.
    fn price(&self, model: Option<&str>, at: DateTime<Utc>) -> Option<Price>;

    /// The dearest rates that anybody paid at a time, kind by kind. The bound of what can have been used.
    fn dearest(&self, at: DateTime<Utc>) -> Price;
}

/// The public price list of the open platform, as far as the audit needs it, for when no other is at hand.
///
/// Sources: platform.kimi.ai and platform.kimi.com, docs/pricing/chat as of 2026-09-23; K3.1 of
/// 2026-10-24 in dollars only; older models as LiteLLM and LobeHub list them. Aliases of Kimi Code stand
/// for the model that they were last known to name: `kimi-for-coding` is a preview without a public price
/// since 2026-09-11 and keeps the price of the model before it, which is good enough for proportions.
#[derive(Debug, Clone, Copy, Default)]
pub struct PublicPrices;

#[expect(clippy::unnecessary_wraps, reason = "what is known stands beside what is not")]
const fn rates(cache_read: f64, input: f64, cache_write: f64, output: f64) -> Option<Rates> {
    Some(Rates { cache_read, input, cache_write, output })
}

#[expect(clippy::unnecessary_wraps, reason = "it ends the arms of a match that know nothing otherwise")]
const fn price(usd: Option<Rates>, cny: Option<Rates>) -> Option<Price> {
    Some(Price { usd, cny })
}

/// 2026-07-16T00:00:00Z: K3 is on sale.
const K3_SINCE: i64 = 1_784_160_000;
/// 2026-10-23T00:00:00Z: K3.1 is on sale.
const K31_SINCE: i64 = 1_792_713_600;

impl Prices for PublicPrices {
    fn price(&self, model: Option<&str>, _at: DateTime<Utc>) -> Option<Price> {
        let full = model?;
        // `kimi-code/k3`, `moonshot/kimi-k3[1m]`: provider before, size of the context behind.
        let name = full.rsplit('/').next().unwrap_or(full);
        let name = name.split('[').next().unwrap_or(name);
        match name {
            "kimi-k3.1-pro" | "k3.1-pro" | "k3.1" => price(rates(0.20, 2.0, 2.0, 10.0), None),
            "kimi-k3.1-pro-highspeed" | "k3.1-pro-highspeed" => price(rates(0.20, 4.0, 4.0, 20.0), None),
            "kimi-k3" | "k3" | "kimi-k3-256k" | "k3-256k" => {
                price(rates(0.30, 3.0, 3.0, 15.0), rates(2.0, 20.0, 20.0, 100.0))
            }
            "kimi-k2.7-code" | "k2.7-code" | "kimi-k2.7" | "k2.7" | "kimi-for-coding"
            | "kimi-k2.8-preview" => price(rates(0.19, 0.95, 0.95, 4.0), rates(1.30, 6.50, 6.50, 27.0)),
            "kimi-k2.7-code-highspeed" | "kimi-for-coding-highspeed" => {
                price(rates(0.38, 1.90, 1.90, 8.0), rates(2.60, 13.0, 13.0, 54.0))
            }
            "kimi-k2.6" | "k2.6" => price(rates(0.16, 0.95, 0.95, 4.0), rates(1.10, 6.50, 6.50, 27.0)),
            "kimi-k2.5" | "k2.5" => price(rates(0.10, 0.60, 0.60, 3.0), None),
            "kimi-k2" | "kimi-k2-0711-preview" | "kimi-k2-0905-preview" | "kimi-k2-thinking" => {
                price(rates(0.15, 0.60, 0.60, 2.50), rates(1.0, 4.0, 4.0, 16.0))
            }
            "kimi-k2-turbo-preview" | "kimi-k2-thinking-turbo" => {
                price(rates(0.15, 1.15, 1.15, 8.0), rates(1.0, 8.0, 8.0, 58.0))
            }
            "moonshot-v1-8k" => price(rates(0.20, 0.20, 0.20, 2.0), rates(2.0, 2.0, 2.0, 10.0)),
            "moonshot-v1-32k" => price(rates(1.0, 1.0, 1.0, 3.0), rates(5.0, 5.0, 5.0, 20.0)),
            "moonshot-v1-128k" => price(rates(2.0, 2.0, 2.0, 5.0), rates(10.0, 10.0, 10.0, 30.0)),
            _ => None,
        }
    }

    fn dearest(&self, at: DateTime<Utc>) -> Price {
        let now = at.timestamp();
        // The write price is that of the longest kept cache.
        let (usd, cny) = if now >= K31_SINCE {
            (rates(0.38, 4.0, 8.0, 20.0), rates(2.60, 27.0, 54.0, 135.0))
        } else if now >= K3_SINCE {
            (rates(0.38, 3.0, 6.0, 15.0), rates(2.60, 20.0, 40.0, 100.0))
        } else {
            (rates(2.0, 2.0, 2.0, 8.0), rates(10.0, 13.0, 13.0, 64.0))
        };
        Price { usd, cny }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_known_with_provider_and_context_size() {
        let now = at("2026-09-23T00:00:00Z");
        let k3 = PublicPrices.price(Some("kimi-k3"), now).unwrap();
        for name in ["kimi-code/k3", "k3", "moonshot/kimi-k3[1m]"] {
            assert_eq!(PublicPrices.price(Some(name), now), Some(k3), "{name}");
        }
        for name in ["deepseek-chat", "", "kimi-k9"] {
            assert_eq!(PublicPrices.price(Some(name), now), None, "{name}");
        }
        assert_eq!(PublicPrices.price(None, now), None);
    }

    #[test]
    fn a_million_of_each_costs_what_the_list_says() {
        let million = Tokens { input: 1_000_000, cache_read: 1_000_000, cache_write: 0, output: 1_000_000 };
        let price = PublicPrices.price(Some("kimi-k3"), at("2026-09-23T00:00:00Z")).unwrap();
        assert!((price.usd.unwrap().cost(million) - 18.3).abs() < 1e-9);
        assert!((price.cny.unwrap().cost(million) - 122.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_on_the_list_is_dearer_than_the_dearest() {
        let now = at("2026-11-01T00:00:00Z");
        let top = PublicPrices.dearest(now).usd.unwrap();
        for name in ["kimi-k3", "kimi-k3.1-pro-highspeed", "kimi-k2.6", "moonshot-v1-128k"] {
            let rates = PublicPrices.price(Some(name), now).unwrap().usd.unwrap();
            assert!(rates.output <= top.output && rates.input <= top.input, "{name}");
        }
    }
}
