//! Evidence: the quota part of a raw body, with everything personal left out.
//!
//! It works by a list of what may stay, not by a list of what must go: a field that we have never seen may
//! be a telephone number.

use serde_json::{Map, Value};

use super::fields::is_named;
use super::root::Parsed;
use crate::redact;

/// The keys that stay. None of them names a person, a wallet or a subscription.
const STAYS: [&str; 86] = [
    // Wrappers.
    "code",
    "scode",
    "status",
    "data",
    "quota",
    "kind",
    // Windows.
    "usage",
    "usages",
    "limits",
    "limited",
    "detail",
    "window",
    "duration",
    "time_unit",
    "limit",
    "used",
    "remaining",
    "reset_time",
    "reset_at",
    "resets_at",
    "next_reset_time",
    "reset",
    "reset_in",
    "reset_after",
    "ttl",
    "period_end",
    "limit_5h",
    "limit_7d",
    "limit_week",
    "limit_month",
    "limit_month_total",
    "limit_month_code",
    "limit_day",
    "limit_1y",
    "month_total",
    "month_code",
    "summary",
    "label",
    "used_ratio",
    "ratio",
    "usage_ratio",
    "remaining_ratio",
    "used_percent",
    "used_percentage",
    "percent",
    "usage_percent",
    "remaining_percent",
    "total_quota",
    "parallel",
    "scope",
    // Membership.
    "user",
    "membership",
    "level",
    "region",
    "authentication",
    "method",
    "sub_type",
    "domain",
    "version",
    "goods_version",
    // Wallet.
    "booster_wallet",
    "balance",
    "amount",
    "amount_left",
    "feature",
    "type",
    "unit",
    "period_start",
    "allow_topup",
    "topup_limit",
    "auto_refill_charge",
    "auto_refill_threshold",
    "monthly_charge_limit",
    "monthly_charge_limit_enabled",
    "monthly_used",
    "currency",
    "price_in_cents",
    "extra_usage",
    "balance_cents",
    "total_cents",
    "monthly_charge_limit_cents",
    "monthly_used_cents",
    "status_code",
    // Balance.
    "available_balance",
    "voucher_balance",
    "cash_balance",
];

/// The most bytes that are kept of one body. Real ones take less than 2,000.
const MAX_BYTES: usize = 16 * 1024;

/// The quota part of a body as compact JSON, at most 16 KiB.
///
/// Only keys that are known to hold quota, plan or money stay; user, wallet and subscription ids, names,
/// addresses and numbers of telephones do not. `null` where the body is not JSON.
#[must_use]
pub fn evidence(body: &[u8]) -> String {
    evidence_of(&Parsed::of(body))
}

/// [`evidence`] of a body that is parsed already.
pub(crate) fn evidence_of(parsed: &Parsed<'_>) -> String {
    let kept = parsed.value().and_then(|value| keep(value, 8)).unwrap_or(Value::Null).to_string();
    if kept.len() > MAX_BYTES { format!("{{\"left_out_bytes\":{}}}", kept.len()) } else { kept }
}

fn keep(value: &Value, depth: usize) -> Option<Value> {
    /// Elements of one array that are kept; real ones have one or two.
    const MAX_ELEMENTS: usize = 32;

    let depth = depth.checked_sub(1)?;
    Some(match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(key, _)| STAYS.iter().any(|name| is_named(key, name)))
                .filter_map(|(key, value)| Some((key.clone(), keep(value, depth)?)))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(elements) => Value::Array(
            elements.iter().take(MAX_ELEMENTS).filter_map(|element| keep(element, depth)).collect(),
        ),
        Value::String(text) => {
            let short: String = text.chars().take(64).collect();
            // A count or an amount is what this is kept for; eleven digits of it are no telephone number.
            let figure = short.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            Value::String(if figure { short } else { redact::text(&short) })
        }
        other => other.clone(),
    })
}
