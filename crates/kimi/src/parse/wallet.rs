//! The wallet for extra usage inside a quota body.

use rust_decimal::Decimal;
use tidemark_core::money::{Currency, Money};
use tidemark_core::{Region, Source, Wallet};

use super::currency::{self, Named};
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
/// cents; zeros are left out. `None` where it shows nothing, or is of other money.
pub(super) fn wallet(quota: &Node<'_>, region: Region) -> Option<Wallet> {
    let Some(wallet) = quota.object(&["booster_wallet"]).filter(|wallet| !wallet.is_empty()) else {
        return extra_usage(quota, region);
    };
    let balance = wallet.object(&["balance"]);
    if let Some(balance) = balance.as_ref().filter(|balance| is_other_money(balance)) {
        // Money that is granted, or a membership's own, pays for nothing beyond the quota.
        balance.note_any(&["type"]);
        return None;
    }
    let month_cap = Price::read(&wallet, &["monthly_charge_limit"]);
    let month_used = Price::read(&wallet, &["monthly_used"]);
    let topup_limit = Price::read(&wallet, &["topup_limit"]);
    // The official client falls back to USD; an account of the Chinese service has its money in CNY.
    let currency = [&month_cap, &month_used, &topup_limit]
        .into_iter()
        .find_map(|price| price.as_ref().and_then(|price| price.currency))
        .unwrap_or_else(|| Currency::of(Source::KimiCode, region));

    let figure = |name: &'static [&'static str]| match &balance {
        None => Field::Missing,
        Some(balance) => match balance.number(name) {
            Field::Missing if balance.note_null(name) => Field::Unreadable,
            told => told,
        },
    };
    let (amount, left) = (figure(&["amount"]), figure(&["amount_left"]));
    // By the official client a wallet without an amount is none: nothing was ever paid into it.
    let paid_in = match (amount, left) {
        (Field::Known(amount), _) => Some(amount > Decimal::ZERO),
        (_, Field::Known(left)) => (left > Decimal::ZERO).then_some(true),
        _ => None,
    };
    let enabled = match wallet.text(&["status"]) {
        Field::Known(word) => state(&wallet, word),
        Field::Missing => paid_in,
        Field::Unreadable => None,
    };
    let balance = match left {
        // A wallet that is off can carry a figure made from the cap; there is nothing to spend in it.
        _ if balance.is_some() && is_disabled(&wallet) => Some(Decimal::ZERO),
        // Zeros are left out, and so is what does not exist: only beside the amount it is a zero.
        Field::Missing => matches!(amount, Field::Known(_)).then_some(Decimal::ZERO),
        told => told.known().and_then(|units| units.checked_mul(Decimal::new(1, 8))),
    };
    let capped = wallet.switch(&["monthly_charge_limit_enabled"]).known() == Some(true);
    let money = |price: &Option<Price>| {
        let price = price.as_ref()?;
        Some(Money::new(price.amount?, price.currency.unwrap_or(currency)))
    };
    let read = Wallet {
        enabled,
        balance: balance.map(|amount| Money::new(amount.normalize(), currency)),
        month_used: money(&month_used),
        // A cap counts only where it is said to; one of 0 is none.
        month_cap: money(&month_cap).filter(|cap| capped && cap.amount > Decimal::ZERO),
        frozen: wallet.text(&["status"]).known().is_some_and(|word| bare(word) == "FROZEN"),
    };
    let shows = wallet.has(&["status"])
        || read.enabled.is_some()
        || [read.balance, read.month_used, read.month_cap].iter().any(Option::is_some);
    shows.then_some(read)
}

/// Whether a balance says that it is of another type than the wallet's: `GIFT`, `SUBSCRIPTION`.
fn is_other_money(balance: &Node<'_>) -> bool {
    let Field::Known(word) = balance.text(&["type"]) else { return false };
    let word = word.to_ascii_uppercase();
    !matches!(word.rsplit('_').next(), Some("BOOSTER" | "UNSPECIFIED" | "UNKNOWN"))
}

/// Reads `extraUsage`, as Kimi Code's local server has the wallet (2.1.0): all in cents. It is null where there is no
/// wallet.
fn extra_usage(quota: &Node<'_>, region: Region) -> Option<Wallet> {
    let extra = quota.object(&["extra_usage"]).filter(|extra| !extra.is_empty())?;
    let currency = currency_on(&extra).unwrap_or_else(|| Currency::of(Source::KimiCode, region));
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
        let price = wallet.object(names).filter(|price| !price.is_empty())?;
        let currency = currency_on(&price);
        let amount = match price.number(&["price_in_cents"]) {
            Field::Known(cents) => cents.checked_mul(Decimal::new(1, 2)),
            Field::Missing => Some(Decimal::ZERO),
            Field::Unreadable => None,
        };
        Some(Self { currency, amount: amount.map(|amount| amount.normalize()) })
    }
}

/// The currency that stands on a node.
fn currency_on(node: &Node<'_>) -> Option<Currency> {
    match currency::of_word(node.text(&["currency"]).known()?)? {
        Named::Is(currency) => Some(currency),
        Named::Other(_) => {
            node.note_any(&["currency"]);
            None
        }
    }
}
