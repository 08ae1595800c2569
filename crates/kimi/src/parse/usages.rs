//! Kimi Code's `GET {base}/usages`: all generations of its answer, from January 2026 on.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Failure, FailureKind, Meter, Reading, Region, Source};

use super::fields::{Node, ParseWarnings, is_named};
use super::value;
use super::windows::{self, RatioEntry, Row, Window};
use super::{me, plan, root, wallet};
use crate::generation::Generation;
use crate::redact;

/// What may stand at the top of a quota body. Anything else there is a body of a shape we do not know.
const KNOWN: [&str; 17] = [
    "usage",
    "usages",
    "summary",
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
];

/// The keys that show that a part of a body is the quota part, and not a wrapper around it.
const QUOTA: [&str; 9] =
    ["usage", "usages", "limits", "summary", "user", "parallel", "total_quota", "booster_wallet", "limited"];

/// What a quota body is read for.
const EXPECTED: &str = "usage, limits or usages";

/// The members of the map `usages`, and the window each is about. `month_total` and `month_code` are what Kimi Code's
/// local server calls them (2.1.0).
const RATIOS: [(Meter, &[&str]); 4] = [
    (Meter::FiveHour, &["limit_5h"]),
    (Meter::Week, &["limit_7d", "limit_week"]),
    (Meter::Month, &["limit_month_total", "limit_month", "month_total"]),
    (Meter::MonthCode, &["limit_month_code", "month_code"]),
];

/// Reads the body of `GET {base}/usages`.
///
/// `at` is when the answer arrived. An empty object is an account of the free tier: a reading without
/// meters; one with members of which none is known cannot be understood. A window that the service does not
/// report, or reports with limit 0, is absent.
///
/// # Errors
/// [`FailureKind::NotUnderstood`](tidemark_core::FailureKind::NotUnderstood) if the body is not a JSON
/// object, or has members of which none is known; for an error of the service in the body, the failure that
/// it means.
///
/// # Examples
/// ```
/// use tidemark_core::{Meter, Region};
///
/// let body = br#"{"usage":{"limit":"100","used":"88","resetTime":"2026-08-10T00:00:00Z"},
///                 "limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},
///                            "detail":{"limit":"100","used":"?","remaining":"25"}}]}"#;
/// let at = "2026-08-06T12:00:00Z".parse()?;
/// let reading = tidemark_kimi::parse::usages(body, Region::China, at).unwrap();
/// assert_eq!(reading.meter(Meter::Week).unwrap().used_percent, 88.into());
/// // An unreadable figure is listed; what is left of the limit gives the used share all the same.
/// assert_eq!(reading.meter(Meter::FiveHour).unwrap().used_percent, 75.into());
/// assert_eq!(reading.not_understood, ["limits[0].detail.used"]);
/// assert_eq!(reading.meter(Meter::Month), None);
/// # Ok::<(), chrono::ParseError>(())
/// ```
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
    let generation = plan::generation(&quota);
    reading.plan = plan::of_level(&quota, generation);
    reading.meters = meters(&quota, at);
    if let Some(generation) = generation.or_else(|| by_shape(&quota, &reading)) {
        generation.clear_left_overs(&mut reading);
    }
    reading.wallet = wallet::wallet(&quota, region);
    note_unknown(&quota);
    reading.limits.concurrency =
        quota.object(&["parallel"]).and_then(|parallel| parallel.positive_count(&["limit"]));
    let user = quota.object_if_any(&["user"]);
    reading.user.quota = user.and_then(|user| user.text(&["user_id", "id"]).known()).map(me::identity);
    reading.not_understood = notes.into_paths();
    Ok(reading)
}

/// The generation of a body that does not state it: a month without the row `usage` and without a membership level is
/// of a new plan. Those of before have both, and no month.
fn by_shape(quota: &Node<'_>, reading: &Reading) -> Option<Generation> {
    let old = quota.has(&["usage", "summary", "user", "membership"]);
    (reading.meter(Meter::Month).is_some() && !old).then_some(Generation::V2)
}

/// The members that show that an object is about a quota.
const FIGURES: [&str; 6] = ["limit", "used", "remaining", "used_ratio", "ratio", "used_percent"];

/// Names whatever seems to be a quota and is none that is known: in the map of ratios, and beside the known parts.
fn note_unknown(quota: &Node<'_>) {
    if let Some(map) = quota.object_if_any(&["usages"]) {
        let known = |key: &str| RATIOS.iter().any(|(_, names)| names.iter().any(|name| is_named(key, name)));
        for (key, value) in map.entries().filter(|(key, _)| !known(key)) {
            let is_limit = key.to_ascii_lowercase().starts_with("limit");
            if !is_blank(value) && (is_limit || value.is_object() || value.is_array()) {
                map.note(key);
            }
        }
    }
    for (key, value) in quota.entries() {
        let known = KNOWN.iter().chain(&REMARKS).any(|name| is_named(key, name));
        if !known && shows_quota(value, 3) {
            quota.note(key);
        }
    }
}

/// What may stand beside the quota and is no part of it.
const REMARKS: [&str; 4] = ["data", "quota", "result", "error"];

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().all(Value::is_null),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn shows_quota(value: &Value, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match value {
        Value::Object(map) => {
            map.iter().any(|(key, value)| {
                let figure = FIGURES.iter().any(|name| is_named(key, name));
                figure && matches!(value::number(value), value::Field::Known(_))
            }) || map.values().any(|inner| shows_quota(inner, depth - 1))
        }
        Value::Array(list) => list.iter().take(8).any(|inner| shows_quota(inner, depth - 1)),
        _ => false,
    }
}

fn meters(quota: &Node<'_>, at: DateTime<Utc>) -> Vec<tidemark_core::MeterReading> {
    // The map of ratios and, on the website's own interface, a list of products bear the same name.
    let listed = matches!(quota.raw(&["usages"]), Some((_, Value::Array(_))));
    let code = if listed { code_of(quota.objects(&["usages"])) } else { None };
    let ratios = if listed { None } else { quota.object(&["usages"]) };

    let (mut five_hour, mut week) = (Vec::new(), Vec::new());
    if let Some(usage) = code.clone().or_else(|| quota.object(&["usage", "summary"])) {
        week.push(Row::read(&usage, true, at));
    }
    for item in code.as_ref().unwrap_or(quota).objects(&["limits"]) {
        match windows::window_of(&item) {
            Window::Of(Meter::FiveHour) => five_hour.push(Row::read(&item, false, at)),
            Window::Of(_) => week.push(Row::read(&item, false, at)),
            // A row with limit 0 is no quota at all, whatever its length.
            Window::UnknownLength(place) if !Row::read(&item, false, at).is_none() => place.note_self(),
            Window::UnknownLength(_) | Window::Unreadable => {}
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
    // Nothing but an envelope that says that all is well.
    let bare = |key: &str| ["kind", "code", "scode", "status", "msg"].iter().any(|name| is_named(key, name));
    let well = quota.text(&["kind"]).known().is_none_or(|kind| kind.eq_ignore_ascii_case("ok"));
    if well && quota.keys().all(bare) {
        return Ok(());
    }
    let readable = |key: &str| -> String {
        redact::text(key)
            .chars()
            .take(40)
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '…') { c } else { '?' })
            .collect()
    };
    let found: Vec<String> = quota.keys().take(8).map(readable).collect();
    let said = found.join(", ");
    Err(Failure::new(FailureKind::NotUnderstood, format!("expected {EXPECTED}, found only {said}"))
        .with_cause(FailureCause::OtherParts { said }))
}
