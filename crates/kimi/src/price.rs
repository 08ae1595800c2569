//! The open platform's price list: what a token of each model costs, and when.
//!
//! The list is data, with its sources, in `prices.toml`. Prices are exact decimals. A cost that is worked
//! out from them is an estimate: the platform bills by its own count, and a membership not by the token
//! at all.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use tidemark_core::{Currency, Tokens};

/// What a million tokens of a model cost, in the currency's main unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Input read from the cache.
    pub hit: Decimal,
    /// Input that was in no cache.
    pub miss: Decimal,
    /// Output tokens.
    pub output: Decimal,
    /// Input written to the cache for five minutes. `None` where a write is billed as a miss.
    #[serde(default)]
    pub write: Option<Decimal>,
    /// Input written to the cache for an hour.
    #[serde(default)]
    pub write_1h: Option<Decimal>,
}

impl Price {
    /// What tokens cost, exactly. Writes to the cache are taken as kept for five minutes where the log does not
    /// say that it is an hour. `None` where the amount is beyond what a decimal holds.
    #[must_use]
    pub fn cost(&self, tokens: &Tokens) -> Option<Decimal> {
        let write = self.write.unwrap_or(self.miss);
        let long = tokens.cache_write_1h.min(tokens.cache_write);
        let parts = [
            (self.hit, tokens.cache_read),
            (self.miss, tokens.input),
            (write, tokens.cache_write - long),
            (self.write_1h.unwrap_or(write), long),
            (self.output, tokens.output),
        ];
        let million = Decimal::from(1_000_000);
        let sum = parts.into_iter().try_fold(Decimal::ZERO, |sum, (price, count)| {
            sum.checked_add(price.checked_mul(Decimal::from(count))?)
        })?;
        Some(sum.checked_div(million)?.normalize())
    }
}

/// Prices of models, each with the span in which it held.
///
/// # Examples
/// ```
/// use chrono::{DateTime, Utc};
/// use tidemark_core::{Currency, Tokens};
/// use tidemark_kimi::PriceList;
///
/// let list = PriceList::parse(
///     r#"
///     [[price]]
///     model = "small"
///     usd = { hit = "0.1", miss = "1", output = "4" }
///
///     [[alias]]
///     name = "latest"
///     model = "small"
///     "#,
/// )?;
/// let now: DateTime<Utc> = "2026-08-06T12:00:00Z".parse()?;
/// let price = list.price("latest", now, Currency::USD).unwrap();
/// let tokens = Tokens { input: 2_000_000, output: 250_000, ..Tokens::default() };
/// assert_eq!(price.cost(&tokens), Some(3.into()));
/// assert_eq!(list.price("latest", now, Currency::CNY), None, "no price is not a price of zero");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceList {
    /// By model, in the order of their beginnings.
    prices: BTreeMap<String, Vec<Dated<Prices>>>,
    /// By name, in the order of their beginnings; what a name stands for, where that is known.
    aliases: BTreeMap<String, Vec<Dated<Option<String>>>>,
    web_search: Vec<Dated<Amounts>>,
    batch: Vec<Dated<Decimal>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Dated<T> {
    from: Option<DateTime<Utc>>,
    value: T,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Prices {
    usd: Option<Price>,
    cny: Option<Price>,
    /// When it was withdrawn from sale. Usage that a log reports after that is priced all the same.
    until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Amounts {
    usd: Option<Decimal>,
    cny: Option<Decimal>,
}

/// What is wrong with a list.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// It is no TOML, or has keys or values that none should have.
    #[error("the price list could not be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// The file could not be read.
    #[error("the price list could not be read: {0}")]
    Io(std::io::Error),
    /// A price is below zero.
    #[error("the price of `{0}` is negative")]
    Negative(String),
    /// Two entries that begin at once.
    #[error("`{0}` has two entries that start at the same time")]
    Twice(String),
    /// A name that stands for a model which has no price.
    #[error("`{name}` is an alias of `{model}`, which has no price")]
    Unknown {
        /// The name.
        name: String,
        /// The model.
        model: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    price: Vec<PriceEntry>,
    #[serde(default)]
    alias: Vec<AliasEntry>,
    #[serde(default)]
    web_search: Vec<SearchEntry>,
    #[serde(default)]
    batch: Vec<BatchEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceEntry {
    model: String,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    #[serde(rename = "source")]
    _source: Option<String>,
    usd: Option<Price>,
    cny: Option<Price>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasEntry {
    name: String,
    from: Option<DateTime<Utc>>,
    model: Option<String>,
    #[serde(rename = "source")]
    _source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchEntry {
    from: Option<DateTime<Utc>>,
    #[serde(rename = "source")]
    _source: Option<String>,
    usd: Option<Decimal>,
    cny: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchEntry {
    from: Option<DateTime<Utc>>,
    #[serde(rename = "source")]
    _source: Option<String>,
    share: Decimal,
}

/// The largest `prices.toml` that is read, in bytes; the public list has some ten thousand.
const MAX_PRICES_LEN: u64 = 1 << 20;

static PUBLIC: LazyLock<PriceList> = LazyLock::new(|| {
    // A test reads the file that is built in; it cannot fail here and pass there.
    PriceList::parse(include_str!("../prices.toml")).unwrap_or_default()
});

impl PriceList {
    /// The list that is built in: Moonshot's published prices.
    #[must_use]
    pub fn public() -> &'static Self {
        &PUBLIC
    }

    /// Reads a list. The form is that of `prices.toml`.
    ///
    /// # Errors
    /// - [`PriceError::Unreadable`] if the text is not TOML, or has keys or values that the form does not
    ///   have.
    /// - [`PriceError::Negative`] if a price is below zero.
    /// - [`PriceError::Twice`] if two entries of one model or name start at the same time.
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let file: File = toml::from_str(text)?;
        let mut list = Self::default();
        for entry in file.price {
            for price in [entry.usd, entry.cny].into_iter().flatten() {
                let parts =
                    [Some(price.hit), Some(price.miss), Some(price.output), price.write, price.write_1h];
                if parts.into_iter().flatten().any(|part| part.is_sign_negative() && !part.is_zero()) {
                    return Err(PriceError::Negative(entry.model));
                }
            }
            let prices = Prices { usd: entry.usd, cny: entry.cny, until: entry.until };
            list.prices.entry(entry.model).or_default().push(Dated { from: entry.from, value: prices });
        }
        for entry in file.alias {
            list.aliases.entry(entry.name).or_default().push(Dated { from: entry.from, value: entry.model });
        }
        list.web_search = file
            .web_search
            .into_iter()
            .map(|entry| Dated { from: entry.from, value: Amounts { usd: entry.usd, cny: entry.cny } })
            .collect();
        list.batch =
            file.batch.into_iter().map(|entry| Dated { from: entry.from, value: entry.share }).collect();
        list.put_in_order()?;
        Ok(list)
    }

    /// The public list, with the entries of a `prices.toml` in a folder put in their place, where there is one.
    ///
    /// # Errors
    /// - [`PriceError::Io`] if the file is there and cannot be read, or is not UTF-8.
    /// - As [`PriceList::parse`] and [`PriceList::overridden_by`] for its contents.
    pub fn with_own(folder: &Path) -> Result<Self, PriceError> {
        let path = folder.join("prices.toml");
        match tidemark_files::read::text(&path, MAX_PRICES_LEN) {
            Ok(text) => Self::public().clone().overridden_by(Self::parse(&text)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::public().clone()),
            Err(error) => Err(PriceError::Io(error)),
        }
    }

    fn put_in_order(&mut self) -> Result<(), PriceError> {
        fn order<T>(name: &str, entries: &mut [Dated<T>]) -> Result<(), PriceError> {
            entries.sort_by_key(|entry| entry.from);
            if entries.windows(2).any(|pair| pair[0].from == pair[1].from) {
                return Err(PriceError::Twice(name.to_owned()));
            }
            Ok(())
        }
        for (model, entries) in &mut self.prices {
            order(model, entries)?;
        }
        for (name, entries) in &mut self.aliases {
            order(name, entries)?;
        }
        order("web_search", &mut self.web_search)?;
        order("batch", &mut self.batch)
    }

    /// This list with the entries of another put in their place, model by model and name by name: what a
    /// user knows better. Every name of the whole must stand for a model with a price.
    ///
    /// # Errors
    /// [`PriceError::Unknown`] if a name stands for a model without a price.
    pub fn overridden_by(mut self, other: Self) -> Result<Self, PriceError> {
        self.prices.extend(other.prices);
        self.aliases.extend(other.aliases);
        if !other.web_search.is_empty() {
            self.web_search = other.web_search;
        }
        if !other.batch.is_empty() {
            self.batch = other.batch;
        }
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<(), PriceError> {
        for (name, entries) in &self.aliases {
            for model in entries.iter().filter_map(|entry| entry.value.as_ref()) {
                if !self.prices.contains_key(model) {
                    return Err(PriceError::Unknown { name: name.clone(), model: model.clone() });
                }
            }
        }
        Ok(())
    }

    /// Every instant at which a price began, a model was sold no more, or a name got another meaning, in
    /// order. Sums that do not span any of them can be priced as a whole.
    #[must_use]
    pub fn turning_points(&self) -> Vec<DateTime<Utc>> {
        fn starts<T>(entries: &[Dated<T>]) -> impl Iterator<Item = DateTime<Utc>> {
            entries.iter().filter_map(|entry| entry.from)
        }
        let mut all: Vec<_> = self
            .prices
            .values()
            .flat_map(|entries| starts(entries).chain(entries.iter().filter_map(|entry| entry.value.until)))
            .chain(self.aliases.values().flat_map(|entries| starts(entries)))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The models of the list, and the names that stand for others.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.prices.keys().chain(self.aliases.keys()).map(String::as_str)
    }

    /// The models that were on sale at a time.
    pub fn on_sale(&self, at: DateTime<Utc>) -> impl Iterator<Item = &str> {
        let sold = move |entries: &Vec<Dated<Prices>>| {
            entries.iter().any(|entry| {
                entry.from.is_none_or(|from| from <= at) && entry.value.until.is_none_or(|until| at < until)
            })
        };
        self.prices.iter().filter(move |(_, entries)| sold(entries)).map(|(model, _)| model.as_str())
    }

    /// The model that a name stands for at a time; the name itself if it is no alias. `None` if unknown.
    #[must_use]
    pub fn stands_for<'a>(&'a self, name: &'a str, at: DateTime<Utc>) -> Option<&'a str> {
        match self.aliases.get(name) {
            Some(entries) => in_force(entries, at)?.as_deref(),
            None => Some(name),
        }
    }

    /// What a model, or what a name stands for, costs at a time. `None` where no public price is known.
    #[must_use]
    pub fn price(&self, model: &str, at: DateTime<Utc>, currency: Currency) -> Option<&Price> {
        let prices = in_force(self.prices.get(self.stands_for(model, at)?)?, at)?;
        match currency {
            Currency::USD => prices.usd.as_ref(),
            Currency::CNY => prices.cny.as_ref(),
            _ => None,
        }
    }

    /// How much of a currency a dollar's worth of tokens costs at least at a time: the lowest ratio of both prices of a
    /// model on sale, kind by kind. `None` where no model has both.
    #[must_use]
    pub fn least_for_a_dollar(&self, at: DateTime<Utc>, currency: Currency) -> Option<Decimal> {
        if currency == Currency::USD {
            return Some(Decimal::ONE);
        }
        let ratios = self.on_sale(at).filter_map(|model| {
            let (dollars, other) = (self.price(model, at, Currency::USD)?, self.price(model, at, currency)?);
            [(dollars.hit, other.hit), (dollars.miss, other.miss), (dollars.output, other.output)]
                .into_iter()
                .filter_map(|(one, other)| other.checked_div(one))
                .min()
        });
        ratios.min()
    }

    /// What a successful call of the built-in web search costs at a time, apart from its tokens.
    #[must_use]
    pub fn web_search(&self, at: DateTime<Utc>, currency: Currency) -> Option<Decimal> {
        let amounts = in_force(&self.web_search, at)?;
        match currency {
            Currency::USD => amounts.usd,
            Currency::CNY => amounts.cny,
            _ => None,
        }
    }

    /// The share of the price that a batch job is billed at a time.
    #[must_use]
    pub fn batch_share(&self, at: DateTime<Utc>) -> Option<Decimal> {
        in_force(&self.batch, at).copied()
    }
}

/// The entry in force: the last that began, or the first where none has. Nothing is used before it is
/// sold, so a time before the first is a clock set wrong.
fn in_force<T>(entries: &[Dated<T>], at: DateTime<Utc>) -> Option<&T> {
    let begun = entries.iter().rev().find(|entry| entry.from.is_none_or(|from| from <= at));
    begun.or_else(|| entries.first()).map(|entry| &entry.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_public_list_is_whole() {
        let list = PriceList::parse(include_str!("../prices.toml")).unwrap();
        list.check().unwrap();
        assert_eq!(&list, PriceList::public());
        assert!(list.prices.len() >= 17);
        for entry in list.prices.values().flatten() {
            for price in [entry.value.usd, entry.value.cny].into_iter().flatten() {
                assert!(price.hit <= price.miss && price.miss <= price.output, "{price:?}");
            }
            assert!(entry.value.usd.is_some() || entry.value.cny.is_some());
        }
        assert_eq!(list.batch_share(utc("2026-11-01T00:00:00Z")), Some(Decimal::new(60, 2)));
        assert_eq!(list.web_search(utc("2026-11-01T00:00:00Z"), Currency::USD), Some(Decimal::new(5, 3)));
        assert_eq!(list.web_search(utc("2026-11-01T00:00:00Z"), Currency::CNY), None);
    }

    #[test]
    fn a_name_stands_for_what_it_stood_for_then() {
        let list = PriceList::public();
        for (name, at, model) in [
            ("kimi-for-coding", "2025-11-01T00:00:00Z", Some("kimi-k2.5")),
            ("kimi-for-coding", "2026-04-20T15:28:09Z", Some("kimi-k2.5")),
            ("kimi-for-coding", "2026-04-20T15:28:10Z", Some("kimi-k2.6")),
            ("kimi-for-coding", "2026-07-01T00:00:00Z", Some("kimi-k2.7-code")),
            ("kimi-for-coding", "2026-09-10T23:59:59Z", Some("kimi-k2.7-code")),
            ("kimi-for-coding", "2026-09-11T00:00:00Z", None),
            ("kimi-k3-256k", "2026-09-11T00:00:00Z", Some("kimi-k3")),
            ("kimi-k3", "2026-09-11T00:00:00Z", Some("kimi-k3")),
        ] {
            assert_eq!(list.stands_for(name, utc(at)), model, "{name} {at}");
        }
    }

    #[test]
    fn a_million_tokens_cost_what_the_list_says() {
        let million = Tokens {
            input: 1_000_000,
            cache_read: 1_000_000,
            cache_write: 1_000_000,
            cache_write_1h: 0,
            output: 1_000_000,
        };
        for (model, at, currency, cost) in [
            ("kimi-k3", "2026-09-01T00:00:00Z", Currency::USD, Some("21.3")),
            ("kimi-k3", "2026-09-01T00:00:00Z", Currency::CNY, Some("142")),
            ("kimi-k2.6", "2026-09-01T00:00:00Z", Currency::USD, Some("6.06")),
            ("kimi-for-coding", "2026-01-01T00:00:00Z", Currency::USD, Some("4.3")),
            ("kimi-for-coding", "2026-01-01T00:00:00Z", Currency::CNY, None),
            ("kimi-for-coding", "2026-10-01T00:00:00Z", Currency::USD, None),
            ("kimi-k3.1-pro", "2026-11-01T00:00:00Z", Currency::USD, Some("14.2")),
            ("kimi-k3.1-pro", "2026-11-01T00:00:00Z", Currency::CNY, None),
            ("kimi-k3", "2026-09-01T00:00:00Z", "EUR".parse().unwrap(), None),
            ("mock-model", "2026-09-01T00:00:00Z", Currency::USD, None),
            // A clock that was set wrong.
            ("kimi-k3", "2023-01-01T00:00:00Z", Currency::USD, Some("21.3")),
        ] {
            let found = PriceList::public().price(model, utc(at), currency).and_then(|p| p.cost(&million));
            assert_eq!(found.map(|cost| cost.to_string()).as_deref(), cost, "{model} {at} {currency}");
        }
    }

    #[test]
    fn cost_is_exact_and_never_overflows() {
        let price = PriceList::public().price("kimi-k3", utc("2026-09-01T00:00:00Z"), Currency::USD).unwrap();
        let hour = Tokens { cache_write: 1_000_000, cache_write_1h: 1_000_000, ..Tokens::default() };
        let half = Tokens { cache_write_1h: 500_000, ..hour };
        let never = Tokens { cache_write_1h: 7_000_000, ..hour };
        let k3 = PriceList::public()
            .price("kimi-k3", "2026-09-01T00:00:00Z".parse().unwrap(), Currency::USD)
            .unwrap();
        for (tokens, cost) in [(hour, "6"), (half, "4.5"), (never, "6")] {
            assert_eq!(k3.cost(&tokens), Some(cost.parse().unwrap()));
        }
        // Where the list has no price for an hour, that of five minutes; else that of a miss.
        let plain = Price { write_1h: None, ..*k3 };
        assert_eq!(plain.cost(&hour), Some("3".parse().unwrap()));
        let one = Tokens { input: 1, cache_read: 1, cache_write: 0, output: 1, ..Tokens::default() };
        assert_eq!(price.cost(&one).unwrap().to_string(), "0.0000183");
        let most = Tokens {
            input: u64::MAX,
            cache_read: u64::MAX,
            cache_write: u64::MAX,
            output: u64::MAX,
            ..Tokens::default()
        };
        assert!(price.cost(&most).is_some());
        let dear = Price { hit: Decimal::MAX, ..*price };
        assert_eq!(dear.cost(&most), None);
    }

    #[test]
    fn no_sum_between_two_turning_points_needs_two_prices() {
        let list = PriceList::public();
        let points = list.turning_points();
        assert!(points.len() >= 5 && points.is_sorted());
        for pair in points.windows(2) {
            let end = pair[1] - chrono::TimeDelta::milliseconds(1);
            for name in list.prices.keys().chain(list.aliases.keys()) {
                let at = |at| list.price(name, at, Currency::USD);
                assert_eq!(at(pair[0]), at(end), "{name} {pair:?}");
            }
        }
    }

    #[test]
    fn a_user_knows_better() {
        let own = PriceList::parse(
            "[[price]]\nmodel = \"kimi-k2.8\"\nusd = { hit = \"0.2\", miss = \"1\", output = \"5\" }\n\
             [[alias]]\nname = \"kimi-for-coding\"\nmodel = \"kimi-k2.8\"\n",
        )
        .unwrap();
        let list = PriceList::public().clone().overridden_by(own).unwrap();
        let at = utc("2026-10-01T00:00:00Z");
        assert_eq!(list.price("kimi-for-coding", at, Currency::USD).unwrap().miss, Decimal::ONE);
        assert!(list.price("kimi-k3", at, Currency::USD).is_some());
    }

    #[test]
    fn a_wrong_list_is_refused() {
        for (text, expected) in [
            ("[[price]]\nmodel = 5\n", "could not be read"),
            ("[[price]]\nmodel = \"a\"\nprice = 1\n", "could not be read"),
            (
                "[[price]]\nmodel = \"a\"\nusd = { hit = \"-1\", miss = \"1\", output = \"5\" }\n",
                "is negative",
            ),
            ("[[alias]]\nname = \"a\"\n[[alias]]\nname = \"a\"\n", "two entries"),
        ] {
            let error = PriceList::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let lost = PriceList::parse("[[alias]]\nname = \"a\"\nmodel = \"b\"\n").unwrap();
        let error = PriceList::public().clone().overridden_by(lost).unwrap_err().to_string();
        assert_eq!(error, "`a` is an alias of `b`, which has no price");
    }
}
