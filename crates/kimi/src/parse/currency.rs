//! Currencies as bodies name them.

use serde_json::Value;
use tidemark_core::Currency;

use super::fields::{Node, is_named};

/// What a body says of a currency at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// It is this one.
    Is(Currency),
    /// It is none that is known; in its words.
    Other(String),
}

/// The names of a member that names the unit of the amounts beside it. Whatever has `currency` in its name does so too.
const UNITS: [&str; 4] = ["unit", "money_unit", "balance_unit", "amount_unit"];

/// Codes that are taken for currencies. Any three letters could be one; `FEN` and `PTS` are none.
const CODES: [&str; 30] = [
    "USD", "CNY", "EUR", "GBP", "JPY", "HKD", "MOP", "TWD", "SGD", "KRW", "AUD", "NZD", "CAD", "CHF", "INR",
    "MYR", "THB", "IDR", "VND", "PHP", "SEK", "NOK", "DKK", "PLN", "BRL", "MXN", "AED", "SAR", "TRY", "ZAR",
];

/// What a currency is also called.
const OTHER_NAMES: [(&str, Currency); 15] = [
    ("RMB", Currency::CNY),
    ("CNH", Currency::CNY),
    ("YUAN", Currency::CNY),
    ("RENMINBI", Currency::CNY),
    ("元", Currency::CNY),
    ("人民币", Currency::CNY),
    ("人民币元", Currency::CNY),
    ("¥", Currency::CNY),
    ("￥", Currency::CNY),
    ("$", Currency::USD),
    ("US$", Currency::USD),
    ("DOLLAR", Currency::USD),
    ("DOLLARS", Currency::USD),
    ("美元", Currency::USD),
    ("美金", Currency::USD),
];

/// What is named on an object, and on those in it that are no amounts. `inside` is looked through for itself.
pub(super) fn named_on(node: &Node<'_>, inside: Option<&str>) -> Vec<Named> {
    let is_name = |key: &str| {
        key.to_ascii_lowercase().contains("currency") || UNITS.iter().any(|name| is_named(key, name))
    };
    let mut all = Vec::new();
    for (key, value) in node.entries().filter(|(key, _)| Some(*key) != inside) {
        if is_name(key) {
            all.extend(of_value(value, 2));
        } else if let Value::Object(map) = value {
            // Such as `meta`.
            all.extend(
                map.iter().filter(|(key, _)| is_name(key)).filter_map(|(_, value)| of_value(value, 2)),
            );
        }
    }
    all
}

fn of_value(value: &Value, depth: usize) -> Option<Named> {
    match value {
        Value::String(word) => of_word(word),
        Value::Object(map) if depth > 0 => {
            let of = |name: &str| map.iter().find(|(key, _)| is_named(key, name)).map(|(_, value)| value);
            let inner = ["code", "currency", "name", "symbol"].into_iter().find_map(of);
            inner.map_or_else(|| Some(Named::Other(String::new())), |inner| of_value(inner, depth - 1))
        }
        Value::Null => None,
        other => Some(Named::Other(other.to_string())),
    }
}

/// The currency of a word: its code with or without a prefix, its sign, or its name. An empty word, and one that says
/// that it is unspecified, names none.
pub(super) fn of_word(word: &str) -> Option<Named> {
    let upper = word.trim().to_uppercase();
    let bare = ["CURRENCY_CODE_", "CURRENCY_", "UNIT_CURRENCY_", "UNIT_"]
        .into_iter()
        .find_map(|prefix| upper.strip_prefix(prefix))
        .unwrap_or(&upper);
    // `UNIT_CURRENCY` says that it is money, and not which.
    if matches!(bare, "" | "UNSPECIFIED" | "UNKNOWN" | "CURRENCY") {
        return None;
    }
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == bare).map(|(_, currency)| *currency);
    Some(
        other
            .or_else(|| bare.parse().ok().filter(|_| CODES.contains(&bare)))
            .map_or_else(|| Named::Other(word.trim().to_owned()), Named::Is),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_have_codes_signs_and_names() {
        for (word, currency) in [
            ("USD", Currency::USD),
            (" cny ", Currency::CNY),
            ("CURRENCY_USD", Currency::USD),
            ("UNIT_CNY", Currency::CNY),
            ("rmb", Currency::CNY),
            ("人民币", Currency::CNY),
            ("¥", Currency::CNY),
            ("us$", Currency::USD),
            ("美元", Currency::USD),
        ] {
            assert_eq!(of_word(word), Some(Named::Is(currency)), "{word}");
        }
        for word in ["", " ", "CURRENCY_UNSPECIFIED", "UNIT_CURRENCY"] {
            assert_eq!(of_word(word), None, "{word}");
        }
        for word in ["UNIT_CREDIT", "fen", "PTS", "pieces of eight"] {
            assert_eq!(of_word(word), Some(Named::Other(word.to_owned())));
        }
    }
}
