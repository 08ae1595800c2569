//! Kimi Code's `GET {base}/usages`: all generations of its answer, from January 2026 on.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tidemark_core::{Failure, FailureKind, Meter, Reading, Region, Source};

use super::fields::{Node, ParseWarnings};
use super::windows::{self, RatioEntry, Row};
use super::{me, plan, root, wallet};

/// What may stand at the top of a quota body. Anything else there is a body of a shape we do not know.
const KNOWN: [&str; 20] = [
    "usage",
    "usages",
    "limits",
    "user",
    "membership",
    "limited",
    "parallel",
    "total_quota",
    "authentication",
    "sub_type",
    "domain",
    "booster_wallet",
    "version",
    "goods_version",
    "region",
    "extra_usage",
    "kind",
    "code",
    "scode",
    "status",
];

/// The keys that show that a part of a body is the quota part, and not a wrapper around it.
const QUOTA: [&str; 8] =
    ["usage", "usages", "limits", "user", "parallel", "total_quota", "booster_wallet", "limited"];

/// What a quota body is looked at for.
const EXPECTED: &str = "usage, limits or usages";

/// The members of the map `usages`, and the window each is about.
const RATIOS: [(Meter, &[&str]); 4] = [
    (Meter::FiveHour, &["limit_5h"]),
    (Meter::Week, &["limit_7d", "limit_week"]),
    (Meter::Month, &["limit_month_total", "limit_month"]),
    (Meter::MonthCode, &["limit_month_code"]),
];

/// Reads the body of `GET {base}/usages`.
///
/// `at` is when the answer arrived. An empty object is an account of the free tier: a reading without
/// meters; one with members of which none is known cannot be understood. A window that the service does not
/// report, or reports with limit 0, is absent.
pub fn usages(body: &[u8], region: Region, at: DateTime<Utc>) -> Result<Reading, Failure> {
    usages_of(&root::Parsed::of(body), region, at)
}

/// [`usages`] of a body that is parsed already.
pub(crate) fn usages_of(
    parsed: &root::Parsed<'_>,
    region: Region,
    at: DateTime<Utc>,
) -> Result<Reading, Failure> {
    let root::Body { map, damaged } = root::object(parsed, EXPECTED)?;
    if let Some(failure) = root::refusal(map, &QUOTA, Source::KimiCode, parsed.body(), at) {
        return Err(failure);
    }
    let notes = ParseWarnings::of(damaged);
    let whole = Node::root(map, &notes);
    let quota = root::unwrap(whole, &QUOTA);
    refuse_unknown_shape(&quota)?;

    let mut reading = Reading::new(at, Source::KimiCode, region);
    reading.plan = plan::of_level(&quota);
    reading.meters = meters(&quota, at);
    reading.wallet = wallet::wallet(&quota, region);
    reading.limits.concurrency =
        quota.object(&["parallel"]).and_then(|parallel| parallel.positive_count(&["limit"]));
    let user = quota.object_if_any(&["user"]);
    reading.user.quota = user.and_then(|user| user.text(&["user_id", "id"]).known()).map(me::identity);
    reading.not_understood = notes.into_paths();
    Ok(reading)
}

fn meters(quota: &Node<'_>, at: DateTime<Utc>) -> Vec<tidemark_core::MeterReading> {
    // The map of ratios and, on the website's own interface, a list of products bear the same name.
    let listed = matches!(quota.raw(&["usages"]), Some((_, Value::Array(_))));
    let code = if listed { code_of(quota.objects(&["usages"])) } else { None };
    let ratios = if listed { None } else { quota.object(&["usages"]) };

    let (mut five_hour, mut week) = (Vec::new(), Vec::new());
    if let Some(usage) = code.clone().or_else(|| quota.object(&["usage"])) {
        week.push(Row::read(&usage, true, at));
    }
    for item in code.as_ref().unwrap_or(quota).objects(&["limits"]) {
        match windows::window_of(&item) {
            Some(Meter::FiveHour) => five_hour.push(Row::read(&item, false, at)),
            Some(Meter::Week) => week.push(Row::read(&item, false, at)),
            _ => {}
        }
    }

    let mut rows = [five_hour, week, Vec::new(), Vec::new()].into_iter();
    RATIOS
        .iter()
        .filter_map(|(meter, names)| {
            let rows = rows.next().unwrap_or_default();
            let ratio = ratios.as_ref().and_then(|map| map.object(names)).map(|e| RatioEntry::read(&e, at));
            windows::reading(*meter, rows, ratio)
        })
        .collect()
}

/// The product that is Kimi Code, or the only one.
fn code_of(mut products: Vec<Node<'_>>) -> Option<Node<'_>> {
    let coding = products
        .iter()
        .position(|product| product.text(&["scope"]).known().is_some_and(|s| s.contains("CODING")));
    match (coding, products.len()) {
        (Some(index), _) => Some(products.swap_remove(index)),
        (None, 1) => products.pop(),
        (None, _) => None,
    }
}

/// Where nothing at the top is known, the body is of a shape that we have not seen: no reading can be made of
/// it, least of all that of an account without meters. Says what was there instead.
fn refuse_unknown_shape(quota: &Node<'_>) -> Result<(), Failure> {
    if quota.is_empty() || quota.has(&KNOWN) {
        return Ok(());
    }
    let readable = |key: &str| -> String {
        key.chars()
            .take(40)
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '?' })
            .collect()
    };
    let found: Vec<String> = quota.keys().take(8).map(readable).collect();
    Err(Failure::new(
        FailureKind::NotUnderstood,
        format!("expected {EXPECTED}, found only {}", found.join(", ")),
    ))
}
