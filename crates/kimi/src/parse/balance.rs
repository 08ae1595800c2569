//! The open platform's `GET {base}/users/me/balance`.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Balance, Currency, Failure, FailureKind, Reading, Region, Source};

use super::fields::{Node, ParseWarnings};
use super::root;

const AMOUNTS: [&str; 3] = ["available_balance", "voucher_balance", "cash_balance"];

/// Reads the body of `GET {base}/users/me/balance`.
///
/// `at` is when the answer arrived. The currency is the one that the body names, whatever the region; bodies seen so
/// far name none, and then it is the region's. A body in which none
/// of the three amounts can be read is not understood; an envelope whose `code` is not 0, or whose
/// `status` is false, is the error that it names.
///
/// # Errors
/// [`FailureKind::NotUnderstood`] if the body is not a JSON object, or none of the three amounts can be read
/// in it; for an error of the service in the body, the failure that it means.
///
/// # Examples
/// ```
/// use tidemark_core::{FailureKind, Region};
/// use tidemark_kimi::parse;
///
/// let at = "2026-08-06T12:00:00Z".parse()?;
/// let body = br#"{"code":0,"data":{"available_balance":49.5,"cash_balance":-0.5}}"#;
/// let balance = parse::balance(body, Region::Global, at).unwrap().balance.unwrap();
/// assert_eq!(balance.available.unwrap().to_string(), "49.5");
/// assert_eq!(balance.voucher, None, "missing is not zero");
/// assert_eq!(balance.currency.code(), "USD");
///
/// let failure = parse::balance(b"<html>busy</html>", Region::Global, at).unwrap_err();
/// assert_eq!(failure.kind, FailureKind::NotUnderstood);
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn balance(body: &[u8], region: Region, at: DateTime<Utc>) -> Result<Reading, Failure> {
    balance_of(&root::Parsed::of(body), region, at)
}

/// [`balance`] of a body that is parsed already.
pub(crate) fn balance_of(
    parsed: &root::Parsed<'_>,
    region: Region,
    at: DateTime<Utc>,
) -> Result<Reading, Failure> {
    let root::Body { map, damaged } = root::object(parsed, "data.available_balance")?;
    if let Some(failure) = root::refusal(map, &AMOUNTS, Source::Platform, parsed.body(), at) {
        return Err(failure);
    }
    let notes = ParseWarnings::of(damaged);
    let data = root::unwrap(Node::root(map, &notes), &AMOUNTS);
    let amount =
        |name: &'static [&'static str]| data.number(name).known().map(|amount: Decimal| amount.normalize());
    let named = data.text(&["currency", "currency_code"]).known().map(ToOwned::to_owned);
    let currency = named.as_deref().map(currency_of);
    let balance = Balance {
        currency: currency.flatten().unwrap_or_else(|| Currency::of(Source::Platform, region)),
        available: amount(&["available_balance"]),
        voucher: amount(&["voucher_balance"]),
        cash: amount(&["cash_balance"]),
    };
    let not_understood = notes.into_paths();
    if let (Some(named), Some(None)) = (named, currency) {
        // In another's currency the amounts would be other sums.
        let named: String = named.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
        return Err(Failure::new(
            FailureKind::NotUnderstood,
            format!("expected a currency code such as CNY, found `{named}`"),
        )
        .with_cause(FailureCause::OtherCurrency { said: named }));
    }
    if balance.available.is_none() && balance.voucher.is_none() && balance.cash.is_none() {
        let said = (!not_understood.is_empty()).then(|| not_understood.join(", "));
        let found = match &said {
            None => "none of them".to_owned(),
            Some(parts) => format!("nothing readable in {parts}"),
        };
        return Err(Failure::new(
            FailureKind::NotUnderstood,
            format!("expected available_balance, voucher_balance or cash_balance as numbers, found {found}"),
        )
        .with_cause(FailureCause::NoAmounts { said }));
    }
    Ok(Reading { balance: Some(balance), not_understood, ..Reading::new(at, Source::Platform, region) })
}

/// The currency of a name: its code, or what renminbi are also called.
fn currency_of(name: &str) -> Option<Currency> {
    match name.trim() {
        name if name.eq_ignore_ascii_case("RMB") => Some(Currency::CNY),
        name => name.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_that_the_body_names_is_the_balance_s() {
        for (named, region, expected) in [
            ("", Region::China, Some("CNY")),
            ("", Region::Global, Some("USD")),
            (r#","currency":null"#, Region::China, Some("CNY")),
            (r#","currency":"USD""#, Region::China, Some("USD")),
            (r#","currency":"cny""#, Region::Global, Some("CNY")),
            (r#","currency":"RMB""#, Region::Global, Some("CNY")),
            (r#","currency":"HKD""#, Region::China, Some("HKD")),
            (r#","currency":"pieces of eight""#, Region::China, None),
        ] {
            let body = format!(r#"{{"code":0,"status":true,"data":{{"available_balance":7.5{named}}}}}"#);
            let read = balance(body.as_bytes(), region, DateTime::UNIX_EPOCH);
            let currency = read.ok().and_then(|reading| reading.balance).map(|balance| balance.currency);
            assert_eq!(
                currency.map(|currency| currency.to_string()).as_deref(),
                expected,
                "{named} {region}"
            );
        }
    }
}
