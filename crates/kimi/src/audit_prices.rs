//! The price list as the audit asks for it: quickly, by the names that logs write, and with a bound of what
//! anyone can have paid.
//!
//! On Kimi Code only the proportions between prices matter. So a name whose model has no public price, or is
//! not known, keeps the price of the last one that it was known to stand for; and a log without the name of
//! a model is that of the older command line, which used the membership's own.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rust_decimal::prelude::ToPrimitive;
use tidemark_core::Currency;
use tidemark_core::audit::{Price as AuditPrice, Prices, TokenRates};

use crate::price::{Price, PriceList};

/// The public price list, for the audit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublicPrices;

/// What stands in a log without the name of a model.
const UNNAMED: &str = "kimi-for-coding";
/// Models that logs name by what a membership calls them.
const SHORT: [(&str, &str); 8] = [
    ("k3.1-pro", "kimi-k3.1-pro"),
    ("k3.1", "kimi-k3.1-pro"),
    ("k3.1-pro-highspeed", "kimi-k3.1-pro-highspeed"),
    ("k3", "kimi-k3"),
    ("k3-256k", "kimi-k3"),
    ("k2.7", "kimi-k2.7-code"),
    ("kimi-k2.7", "kimi-k2.7-code"),
    ("k2.6", "kimi-k2.6"),
];
/// Yuan per dollar, chosen high, for models without a known price in yuan.
const CNY_A_DOLLAR: f64 = 7.5;

/// From when on, what.
type Since<T> = (DateTime<Utc>, T);

struct Table {
    prices: HashMap<String, Vec<Since<AuditPrice>>>,
    dearest: Vec<Since<AuditPrice>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::of(PriceList::public()));

impl Table {
    fn of(list: &PriceList) -> Self {
        let mut turns = vec![DateTime::<Utc>::MIN_UTC];
        turns.extend(list.turning_points());
        let mut prices: HashMap<String, Vec<Since<AuditPrice>>> = HashMap::new();
        for name in list.names() {
            let mut since: Vec<Since<AuditPrice>> = Vec::new();
            for turn in &turns {
                // If no price is known any more, the last known one continues.
                if let Some(price) = price_at(list, name, *turn)
                    && since.last().is_none_or(|(_, last)| *last != price)
                {
                    since.push((*turn, price));
                }
            }
            if !since.is_empty() {
                prices.insert(name.to_owned(), since);
            }
        }
        for (short, name) in SHORT {
            if let Some(known) = prices.get(name).cloned() {
                prices.entry(short.to_owned()).or_insert(known);
            }
        }
        let dearest = turns.iter().map(|turn| (*turn, dearest(list, *turn))).collect();
        Self { prices, dearest }
    }
}

fn price_at(list: &PriceList, name: &str, at: DateTime<Utc>) -> Option<AuditPrice> {
    let of = |currency| list.price(name, at, currency).map(rates);
    let price = AuditPrice { usd: of(Currency::USD), cny: of(Currency::CNY) };
    (price.usd.is_some() || price.cny.is_some()).then_some(price)
}

fn rates(price: &Price) -> TokenRates {
    let figure = |value: rust_decimal::Decimal| value.to_f64().unwrap_or_default();
    let write = price.write.unwrap_or(price.miss);
    TokenRates {
        cache_read: figure(price.hit),
        input: figure(price.miss),
        cache_write: figure(write),
        cache_write_1h: figure(price.write_1h.unwrap_or(write)),
        output: figure(price.output),
    }
}

/// The dearest of all models that had been on sale by then, kind by kind. Any write costs what the longest kept one
/// does: not every log says how long it is kept.
fn dearest(list: &PriceList, at: DateTime<Utc>) -> AuditPrice {
    let nothing =
        TokenRates { cache_read: 0.0, input: 0.0, cache_write: 0.0, cache_write_1h: 0.0, output: 0.0 };
    let (mut usd, mut cny) = (nothing, nothing);
    let raise = |top: &mut TokenRates, rates: TokenRates| {
        top.cache_read = top.cache_read.max(rates.cache_read);
        top.input = top.input.max(rates.input);
        top.cache_write_1h = top.cache_write_1h.max(rates.cache_write).max(rates.cache_write_1h);
        top.cache_write = top.cache_write_1h;
        top.output = top.output.max(rates.output);
    };
    for name in list.on_sale(at) {
        let of = |currency| list.price(name, at, currency).map(rates);
        let (dollars, yuan) = (of(Currency::USD), of(Currency::CNY));
        if let Some(dollars) = dollars {
            raise(&mut usd, dollars);
            if yuan.is_none() {
                let times = CNY_A_DOLLAR;
                raise(
                    &mut cny,
                    TokenRates {
                        cache_read: dollars.cache_read * times,
                        input: dollars.input * times,
                        cache_write: dollars.cache_write * times,
                        cache_write_1h: dollars.cache_write_1h * times,
                        output: dollars.output * times,
                    },
                );
            }
        }
        if let Some(yuan) = yuan {
            raise(&mut cny, yuan);
        }
    }
    AuditPrice { usd: Some(usd), cny: Some(cny) }
}

/// The entry in force at a time; the first one for whatever claims to be older.
fn in_force<T: Copy>(entries: &[Since<T>], at: DateTime<Utc>) -> Option<T> {
    let place = entries.partition_point(|(since, _)| *since <= at);
    entries.get(place.saturating_sub(1)).map(|(_, value)| *value)
}

impl Prices for PublicPrices {
    fn price(&self, model: Option<&str>, at: DateTime<Utc>) -> Option<AuditPrice> {
        // `kimi-code/k3`, `moonshot/kimi-k3[1m]`: provider before, size of the context behind.
        let full = model.map_or(UNNAMED, str::trim);
        let name = full.rsplit('/').next().unwrap_or(full);
        let name = name.split('[').next().unwrap_or(name);
        in_force(TABLE.prices.get(name)?, at)
    }

    fn dearest(&self, at: DateTime<Utc>) -> AuditPrice {
        in_force(&TABLE.dearest, at).unwrap_or(AuditPrice { usd: None, cny: None })
    }
}

#[cfg(test)]
mod tests {
    use tidemark_core::Tokens;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_known_with_provider_and_context_size() {
        let now = at("2026-09-23T00:00:00Z");
        let k3 = PublicPrices.price(Some("kimi-k3"), now).unwrap();
        for name in ["kimi-code/k3", "k3", "moonshot/kimi-k3[1m]", "kimi-k3-256k"] {
            assert_eq!(PublicPrices.price(Some(name), now), Some(k3), "{name}");
        }
        for name in ["deepseek-chat", "", "kimi-k9"] {
            assert_eq!(PublicPrices.price(Some(name), now), None, "{name}");
        }
    }

    #[test]
    fn a_membership_s_own_name_keeps_the_last_price_that_is_known() {
        let price = |model, when| PublicPrices.price(model, at(when)).unwrap();
        let known = price(Some("kimi-k2.7-code"), "2026-10-01T00:00:00Z");
        assert_eq!(price(Some("kimi-for-coding"), "2026-10-01T00:00:00Z"), known);
        assert_eq!(price(None, "2026-10-01T00:00:00Z"), known);
        assert_ne!(price(None, "2026-03-01T00:00:00Z"), known);
    }

    #[test]
    fn a_million_of_each_costs_what_the_list_says() {
        let million = Tokens {
            input: 1_000_000,
            cache_read: 1_000_000,
            cache_write: 0,
            output: 1_000_000,
            ..Tokens::default()
        };
        let price = PublicPrices.price(Some("kimi-k3"), at("2026-09-23T00:00:00Z")).unwrap();
        assert!((price.usd.unwrap().cost(million) - 18.3).abs() < 1e-9);
        assert!((price.cny.unwrap().cost(million) - 122.0).abs() < 1e-9);
    }

    #[test]
    fn writes_to_the_cache_cost_by_how_long_they_are_kept() {
        let written =
            |cache_write, cache_write_1h| Tokens { cache_write, cache_write_1h, ..Tokens::default() };
        let (unknown, half) = (written(1_000_000, 0), written(1_000_000, 500_000));
        let (all, too_many) = (written(1_000_000, 1_000_000), written(1_000_000, 7_000_000));
        for (model, tokens, usd, cny) in [
            ("kimi-k3", unknown, 3.0, Some(20.0)),
            ("kimi-k3", half, 4.5, Some(30.0)),
            ("kimi-k3", all, 6.0, Some(40.0)),
            ("kimi-k3", too_many, 6.0, Some(40.0)),
            ("kimi-k3.1-pro", half, 3.0, None),
            ("kimi-k3.1-pro-highspeed", all, 8.0, None),
            // No price for an hour, nor for five minutes: all of it is a miss.
            ("kimi-k2.6", half, 0.95, Some(6.5)),
        ] {
            let now = at("2026-11-01T00:00:00Z");
            let price = PublicPrices.price(Some(model), now).unwrap();
            assert!((price.usd.unwrap().cost(tokens) - usd).abs() < 1e-9, "{model} {tokens:?}");
            let yuan = price.cny.map(|rates| rates.cost(tokens));
            assert_eq!(yuan.is_some(), cny.is_some(), "{model}");
            assert!((yuan.unwrap_or_default() - cny.unwrap_or_default()).abs() < 1e-9, "{model} {tokens:?}");
            // As the usage of the same tokens is priced for people.
            let exact = PriceList::public().price(model, now, Currency::USD).unwrap().cost(&tokens).unwrap();
            assert!((exact.to_f64().unwrap() - usd).abs() < 1e-9, "{model} {tokens:?}");
        }
        // A bound holds whatever the log says of the lifetime.
        let top = PublicPrices.dearest(at("2026-11-01T00:00:00Z"));
        for (rates, most) in [(top.usd.unwrap(), 8.0), (top.cny.unwrap(), 60.0)] {
            for tokens in [unknown, half, all] {
                assert!((rates.cost(tokens) - most).abs() < 1e-9, "{rates:?} {tokens:?}");
            }
        }
    }

    #[test]
    fn nothing_that_is_sold_is_dearer_than_the_dearest() {
        for now in ["2026-03-01T00:00:00Z", "2026-08-01T00:00:00Z", "2026-11-01T00:00:00Z"] {
            let now = at(now);
            let top = PublicPrices.dearest(now);
            for name in PriceList::public().on_sale(now) {
                let price = PublicPrices.price(Some(name), now).unwrap();
                for (price, top) in [(price.usd, top.usd), (price.cny, top.cny)] {
                    let (Some(price), Some(top)) = (price, top) else { continue };
                    assert!(price.output <= top.output && price.input <= top.input, "{name}");
                }
            }
        }
        let later = PublicPrices.dearest(at("2026-11-01T00:00:00Z"));
        assert!((later.usd.unwrap().output - 20.0).abs() < 1e-9);
        assert!((later.cny.unwrap().output - 150.0).abs() < 1e-9);
    }
}
