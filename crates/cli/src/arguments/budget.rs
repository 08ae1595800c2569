//! `tidemark budget`.

use std::num::NonZeroUsize;

use clap::{ArgGroup, Args, Subcommand};
use rust_decimal::Decimal;
use tidemark_core::Currency;
use tidemark_core::budget::Period;

use super::guard::GuardedMeter;

/// `tidemark budget`
#[derive(Debug, Args)]
pub struct BudgetCommand {
    /// What to do.
    #[command(subcommand)]
    pub action: BudgetAction,
}

/// What to do about budgets.
#[derive(Debug, Subcommand)]
pub enum BudgetAction {
    /// Show how they stand.
    List,
    /// Set one.
    Set(BudgetSet),
    /// Remove one.
    Remove(BudgetRemove),
}

/// `tidemark budget set`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("limit").args(["money", "tokens", "percent"]).required(true))]
pub struct BudgetSet {
    /// The account.
    #[arg(value_name = "NAME")]
    pub account: String,
    /// For one project of it.
    #[arg(long, value_name = "PROJECT", conflicts_with = "percent")]
    pub project: Option<String>,
    /// In which period.
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    pub per: Period,
    /// So much money.
    #[arg(long, value_name = "AMOUNT", value_parser = money)]
    pub money: Option<(Decimal, Option<Currency>)>,
    /// So many tokens.
    #[arg(long, value_name = "COUNT", value_parser = tokens)]
    pub tokens: Option<u64>,
    /// So many percent of a quota.
    #[arg(long, value_name = "PERCENT", value_parser = percent, requires = "meter")]
    pub percent: Option<Decimal>,
    /// The quota.
    #[arg(long, value_name = "METER", requires = "percent")]
    pub meter: Option<GuardedMeter>,
}

/// `tidemark budget remove`
#[derive(Debug, Args)]
pub struct BudgetRemove {
    /// Its number in the list.
    #[arg(value_name = "NUMBER")]
    pub number: NonZeroUsize,
}

fn period(text: &str) -> Result<Period, String> {
    text.parse().map_err(|error| format!("{error}"))
}

/// `300`, `300 CNY` or `300USD`.
fn money(text: &str) -> Result<(Decimal, Option<Currency>), String> {
    let text = text.trim();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (amount, currency) = text.split_at(split);
    let currency = match currency.trim() {
        "" => Some(None),
        code => code.to_ascii_uppercase().parse().ok().map(Some),
    };
    let amount = amount.trim().parse().ok().filter(|amount| *amount > Decimal::ZERO);
    amount.zip(currency).ok_or_else(|| "expected an amount above zero, such as 300 or 300 CNY".to_owned())
}

/// `5000000`, `5M`, `800k` or `500万`.
fn tokens(text: &str) -> Result<u64, String> {
    let text = text.trim().replace(['_', ','], "");
    let (digits, times) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text[..at], 1_000),
        Some((at, '万')) => (&text[..at], 10_000),
        Some((at, '亿')) => (&text[..at], 100_000_000),
        Some((at, 'm' | 'M')) => (&text[..at], 1_000_000),
        Some((at, 'g' | 'G' | 'b' | 'B')) => (&text[..at], 1_000_000_000),
        _ => (text.as_str(), 1),
    };
    let count =
        digits.trim().parse::<Decimal>().ok().and_then(|count| count.checked_mul(Decimal::from(times)));
    let whole = count.filter(|count| count.fract().is_zero()).and_then(|count| u64::try_from(count).ok());
    whole
        .filter(|count| *count > 0)
        .ok_or_else(|| "expected a count of tokens, such as 5000000 or 5M".to_owned())
}

/// `20`, `20%` or `0.5`.
fn percent(text: &str) -> Result<Decimal, String> {
    let percent = text.trim().strip_suffix('%').unwrap_or(text).trim().parse().ok();
    percent
        .filter(|percent| *percent > Decimal::ZERO && *percent <= Decimal::from(100_000))
        .ok_or_else(|| "expected a percentage above zero, such as 20".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_people_write_them() {
        for (text, expected) in [
            ("300", Some(("300", None))),
            ("300.50 CNY", Some(("300.50", Some(Currency::CNY)))),
            ("3usd", Some(("3", Some(Currency::USD)))),
            ("0", None),
            ("-3", None),
            ("CNY", None),
            ("3 yuans", None),
            ("", None),
        ] {
            let expected = expected.map(|(amount, currency)| (amount.parse().unwrap(), currency));
            assert_eq!(money(text).ok(), expected, "{text:?}");
        }
        for (text, expected) in [
            ("5000000", Some(5_000_000)),
            ("5M", Some(5_000_000)),
            ("1.5m", Some(1_500_000)),
            ("800k", Some(800_000)),
            ("5000万", Some(50_000_000)),
            ("1.5 亿", Some(150_000_000)),
            ("1,000", Some(1000)),
            ("2G", Some(2_000_000_000)),
            ("0", None),
            ("0.5", None),
            ("-1", None),
            ("M", None),
            ("五", None),
            ("99999999999999999999999999999G", None),
        ] {
            assert_eq!(tokens(text).ok(), expected, "{text:?}");
        }
        for (text, expected) in
            [("20", Some("20")), ("0.5%", Some("0.5")), ("250 %", Some("250")), ("0", None), ("x", None)]
        {
            assert_eq!(percent(text).ok(), expected.map(|text| text.parse().unwrap()), "{text:?}");
        }
    }
}
