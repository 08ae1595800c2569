//! The open platform's `GET {base}/users/me/balance`.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Balance, Currency, Failure, FailureKind, Reading, Region, Source};

use super::currency::{self, Named};
use super::fields::{Node, ParseWarnings};
use super::root;

const AMOUNTS: [&str; 3] = ["available_balance", "voucher_balance", "cash_balance"];

/// Reads the body of `GET {base}/users/me/balance`.
///
/// `at` is when the answer arrived. The currency is the one that the body names, beside the amounts or around them,
/// whatever the region; bodies seen so far name none, and then it is the region's. A body in which none
/// of the three amounts can be read is not understood; an envelope whose `code` is not 0, or whose
/// `status` is false, is the error that it names.
///
/// # Errors
/// [`FailureKind::NotUnderstood`] if the body is not a JSON object, or none of the three amounts can be read
/// in it, or it names an unknown currency or two; for an error of the service in the body, the failure that it means.
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
    let root::Unwrapped { inner: data, around } = root::unwrap_within(Node::root(map, &notes), &AMOUNTS);
    let amount =
        |name: &'static [&'static str]| data.number(name).known().map(|amount: Decimal| amount.normalize());
    let outside = around.iter().flat_map(|(outer, inside)| currency::named_on(outer, Some(inside)));
    let mut named: Vec<Named> = outside.chain(currency::named_on(&data, None)).collect();
    named.dedup();
    let currency = match &named[..] {
        [] => Currency::of(Source::Platform, region),
        [Named::Is(currency)] => *currency,
        // In another's currency the amounts would be other sums.
        unclear => return Err(other_currency(unclear)),
    };
    let balance = Balance {
        currency,
        available: amount(&["available_balance"]),
        voucher: amount(&["voucher_balance"]),
        cash: amount(&["cash_balance"]),
    };
    let not_understood = notes.into_paths();
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

/// The failure of a body that names an unknown currency, or several.
fn other_currency(named: &[Named]) -> Failure {
    let word = |named: &Named| match named {
        Named::Is(currency) => currency.to_string(),
        Named::Other(word) => word.chars().filter(char::is_ascii_alphanumeric).take(12).collect(),
    };
    let said = named.iter().take(3).map(word).collect::<Vec<_>>().join(" ");
    Failure::new(FailureKind::NotUnderstood, format!("expected a currency code such as CNY, found `{said}`"))
        .with_cause(FailureCause::OtherCurrency { said })
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
            (r#","balance_currency":"USD""#, Region::China, Some("USD")),
            (r#","unit":"USD""#, Region::China, Some("USD")),
            (r#","cash_currency":"USD""#, Region::China, Some("USD")),
            (r#","unit":"UNIT_CURRENCY""#, Region::China, Some("CNY")),
            (r#","unit":"元""#, Region::Global, Some("CNY")),
            (r#","unit":"UNIT_CREDIT""#, Region::Global, None),
            (r#","currency":{"code":"USD"}"#, Region::China, Some("USD")),
            (r#","currency":840"#, Region::China, None),
            (r#","currency":"USD","unit":"$""#, Region::China, Some("USD")),
            (r#","currency":"USD","unit":"CNY""#, Region::China, None),
            (r#","currency":"CURRENCY_UNSPECIFIED""#, Region::Global, Some("USD")),
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

    #[test]
    fn a_currency_beside_the_wrapper_counts_too() {
        let data = r#"{"available_balance":7.5}"#;
        for (body, region, expected) in [
            (format!(r#"{{"code":0,"currency":"USD","data":{data}}}"#), Region::China, Some("USD")),
            (
                format!(r#"{{"balanceCurrency":"CNY","data":{data},"status":true}}"#),
                Region::Global,
                Some("CNY"),
            ),
            (format!(r#"{{"unit":"$","data":{data}}}"#), Region::China, Some("USD")),
            (format!(r#"{{"data":{{"currency":"USD","result":{data}}}}}"#), Region::China, Some("USD")),
            (
                format!(r#"{{"code":0,"meta":{{"currency":"USD"}},"data":{data}}}"#),
                Region::China,
                Some("USD"),
            ),
            (format!(r#"{{"currency":null,"data":{data}}}"#), Region::China, Some("CNY")),
            (format!(r#"{{"currency":"shells","data":{data}}}"#), Region::China, None),
            (
                r#"{"currency":"USD","data":{"available_balance":7.5,"currency":"CNY"}}"#.to_owned(),
                Region::China,
                None,
            ),
        ] {
            let read = balance(body.as_bytes(), region, DateTime::UNIX_EPOCH);
            let currency =
                read.ok().and_then(|reading| reading.balance).map(|balance| balance.currency.to_string());
            assert_eq!(currency.as_deref(), expected, "{body} {region}");
        }
    }
}
