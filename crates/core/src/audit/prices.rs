//! What tokens cost, as far as the audit needs it.
//!
//! On the open platform a price says what a request must have cost. On Kimi Code only the proportions
//! between prices matter: how many points of a quota a dollar's worth of tokens takes is learned.

use chrono::{DateTime, Utc};

use crate::tokens::Tokens;

/// One request in a local session log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage<'a> {
    /// When it ended: the time at which it was logged.
    pub at: DateTime<Utc>,
    /// The model, as the log names it.
    pub model: Option<&'a str>,
    /// Its tokens, by kind.
    pub tokens: Tokens,
}

/// Prices of a model for a million tokens of each kind, in one currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenRates {
    /// Input read from the cache.
    pub cache_read: f64,
    /// Input that was in no cache.
    pub input: f64,
    /// Input written to the cache for five minutes.
    pub cache_write: f64,
    /// Input written to the cache for an hour.
    pub cache_write_1h: f64,
    /// Output tokens.
    pub output: f64,
}

impl TokenRates {
    /// What tokens cost at these rates. Writes to the cache are taken as kept for five minutes where the log does not
    /// say that it is an hour.
    #[must_use]
    pub fn cost(&self, tokens: Tokens) -> f64 {
        let part = |count: u64, rate: f64| count as f64 * rate;
        let long = tokens.cache_write_1h.min(tokens.cache_write);
        (part(tokens.input, self.input)
            + part(tokens.cache_read, self.cache_read)
            + part(tokens.cache_write - long, self.cache_write)
            + part(long, self.cache_write_1h)
            + part(tokens.output, self.output))
            / 1e6
    }
}

/// The prices of a model; a currency in which none is published is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// Prices in US dollars.
    pub usd: Option<TokenRates>,
    /// Prices in renminbi.
    pub cny: Option<TokenRates>,
}

/// A source of model prices.
pub trait Prices: Sync {
    /// The price of a model at a time; `None` where none is known.
    fn price(&self, model: Option<&str>, at: DateTime<Utc>) -> Option<Price>;

    /// The highest rates of all models at a time, kind by kind: an upper bound of what requests can have cost.
    fn dearest(&self, at: DateTime<Utc>) -> Price;
}
