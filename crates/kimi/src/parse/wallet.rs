//! The wallet for extra usage inside a quota body.

use rust_decimal::Decimal;
use tidemark_core::money::{Currency, Money};
use tidemark_core::{Region, Source, Wallet};

use super::fields::Node;
use super::value::Field;

/// The words of `status`, without their prefix. A frozen wallet pays for nothing either, but its money is there.
const STATES: [(&str, Option<bool>); 6] = [
    ("ENABLED", Some(true)),
    ("ACTIVE", Some(true)),
    ("DISABLED", Some(false)),
    ("FROZEN", Some(false)),
    ("UNSPECIFIED", None),
    ("UNKNOWN", None),
];

/// Reads `boosterWallet`. `balance.amountLeft` is in units of 1e-8 of the currency, `priceInCents` in
/// cents; zeros are left out.
pub(super) fn wallet(quota: &Node<'_>, region: Region) -> Option<Wallet> {
    let Some(wallet) = quota.object(&["booster_wallet"]).filter(|wallet| !wallet.is_empty()) else {
        return extra_usage(quota, region);
    };
    let balance = wallet.object(&["balance"]);
    let month_cap = Price::read(&wallet, &["monthly_charge_limit"]);
    let month_used = Price::read(&wallet, &["monthly_used"]);
    let topup_limit = Price::read(&wallet, &["topup_limit"]);
    // The official client falls back to USD; an account of the Chinese service has its money in CNY.
    let currency = [&month_cap, &month_used, &topup_limit]
        .into_iter()
        .find_map(|price| price.as_ref().and_then(|price| price.currency))
        .unwrap_or_else(|| Currency::of(Source::KimiCode, region));

    let enabled = match wallet.text(&["status"]) {
        Field::Known(word) => state(&wallet, word),
        Field::Missing => balance.is_some().then_some(true),
        Field::Unreadable => None,
    };
    let left = balance.as_ref().map(|balance| match balance.number(&["amount_left"]) {
        Field::Missing if balance.note_null(&["amount_left"]) => Field::Unreadable,
        told => told,
    });
    let balance = match left {
        None => None,
        // A wallet that is off can carry a figure made from the cap; there is nothing to spend in it.
        Some(_) if is_disabled(&wallet) => Some(Decimal::ZERO),
        Some(Field::Missing) => Some(Decimal::ZERO),
        Some(told) => told.known().and_then(|units| units.checked_mul(Decimal::new(1, 8))),
    };
    let capped = wallet.switch(&["monthly_charge_limit_enabled"]).known() != Some(false);
    let money = |price: &Option<Price>| {
        let price = price.as_ref()?;
        Some(Money::new(price.amount?, price.currency.unwrap_or(currency)))
    };
    Some(Wallet {
        enabled,
        balance: balance.map(|amount| Money::new(amount.normalize(), currency)),
        month_used: money(&month_used),
        // A cap of 0 is none.
        month_cap: money(&month_cap).filter(|cap| capped && cap.amount > Decimal::ZERO),
        frozen: wallet.text(&["status"]).known().is_some_and(|word| bare(word) == "FROZEN"),
    })
}

/// Reads `extraUsage`, as Kimi Code's local server has the wallet (2.1.0): all in cents. It is null where there is no
/// wallet.
fn extra_usage(quota: &Node<'_>, region: Region) -> Option<Wallet> {
    let extra = quota.object(&["extra_usage"]).filter(|extra| !extra.is_empty())?;
    let currency = currency(&extra).unwrap_or_else(|| Currency::of(Source::KimiCode, region));
    let cents = |names: &'static [&'static str]| {
        let cents = extra.number(names).known()?;
        Some(Money::new(cents.checked_mul(Decimal::new(1, 2))?.normalize(), currency))
    };
    let capped = extra.switch(&["monthly_charge_limit_enabled"]).known() == Some(true);
    Some(Wallet {
        enabled: Some(true),
        balance: cents(&["balance_cents"]),
        month_used: cents(&["monthly_used_cents"]),
        month_cap: cents(&["monthly_charge_limit_cents"]).filter(|cap| capped && cap.amount > Decimal::ZERO),
        frozen: false,
    })
}

fn is_disabled(wallet: &Node<'_>) -> bool {
    wallet.text(&["status"]).known().is_some_and(|word| bare(word) == "DISABLED")
}

fn bare(status: &str) -> String {
    let upper = status.to_ascii_uppercase();
    upper.strip_prefix("STATUS_").map_or(upper.clone(), ToOwned::to_owned)
}

fn state(wallet: &Node<'_>, word: &str) -> Option<bool> {
    let bare = bare(word);
    if let Some((_, state)) = STATES.iter().find(|(known, _)| *known == bare) {
        return *state;
    }
    wallet.note_any(&["status"]);
    None
}

/// A `{currency, priceInCents}`.
struct Price {
    currency: Option<Currency>,
    /// In the currency's main unit; `None` where it could not be read.
    amount: Option<Decimal>,
}

impl Price {
    fn read<'a>(wallet: &Node<'a>, names: &'a [&'a str]) -> Option<Self> {
        let price = wallet.object(names)?;
        let currency = currency(&price);
        let amount = match price.number(&["price_in_cents"]) {
            Field::Known(cents) => cents.checked_mul(Decimal::new(1, 2)),
            Field::Missing => Some(Decimal::ZERO),
            Field::Unreadable => None,
        };
        Some(Self { currency, amount: amount.map(|amount| amount.normalize()) })
    }
}

/// The currency that stands on a node.
fn currency(node: &Node<'_>) -> Option<Currency> {
    let word = node.text(&["currency"]).known()?;
    let upper = word.to_ascii_uppercase();
    match upper.strip_prefix("CURRENCY_").unwrap_or(&upper) {
        "UNSPECIFIED" => None,
        "RMB" => Some(Currency::CNY),
        code => code.parse().inspect_err(|_| node.note_any(&["currency"])).ok(),
    }
}
