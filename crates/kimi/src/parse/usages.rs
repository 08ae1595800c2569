//! Kimi Code's `GET {base}/usages`: all generations of its answer, from January 2026 on.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Failure, FailureKind, Meter, Reading, Region, Source};

use super::fields::{Node, ParseWarnings, is_named};
use super::value;
use super::windows::{self, RatioEntry, Row, Window};
use super::{me, plan, root, stray, wallet};
use crate::generation::Generation;
use crate::left_overs::clear_left_overs;
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
    let root::Unwrapped { inner: quota, around } = root::unwrap_within(whole, &QUOTA);
    refuse_unknown_shape(&quota)?;

    let mut reading = Reading::new(at, Source::KimiCode, region);
    let generation = plan::generation(&quota);
    reading.plan = plan::of_level(&quota, generation);
    reading.meters = meters(&quota, at);
    if let Some(generation) = generation.or_else(|| by_shape(&quota, &reading)) {
        clear_left_overs(generation, &mut reading);
    }
    reading.wallet = wallet::wallet(&quota, region);
    note_unknown(&quota, &around);
    note_nothing(&quota, &around, &reading);
    reading.limits.concurrency =
        quota.object(&["parallel"]).and_then(|parallel| parallel.positive_count(&["limit"]));
    let user = quota.object_if_any(&["user"]);
    reading.user.quota = user.and_then(|user| user.text(&["user_id", "id"]).known()).map(me::identity);
    reading.not_understood = notes.into_paths();
    Ok(reading)
}

/// Names the parts that are null where they should hold the quotas: a quota that is not known is no missing one.
fn note_nothing(quota: &Node<'_>, around: &[(Node<'_>, &str)], reading: &Reading) {
    if !reading.meters.is_empty() {
        return;
    }
    for names in [&["usages"][..], &["usage"], &["limits"], &["summary"]] {
        quota.note_null(names);
    }
    if !quota.has(&KNOWN) {
        for node in around.iter().map(|(outer, _)| outer).chain([quota]) {
            node.note_null(&["data", "quota", "result"]);
        }
    }
}

/// The generation of a body that does not state it: a month without the row `usage` and without a membership level is
/// of a new plan. Those of before have both, and no month.
fn by_shape(quota: &Node<'_>, reading: &Reading) -> Option<Generation> {
    let old = quota.has(&["usage", "summary", "user", "membership"]);
    (reading.meter(Meter::Month).is_some() && !old).then_some(Generation::V2)
}

/// Names whatever seems to be a quota and is none that is known: around the quota part, in it and in its parts.
fn note_unknown(quota: &Node<'_>, around: &[(Node<'_>, &str)]) {
    let known = |key: &str, names: &[&str]| names.iter().any(|name| is_named(key, name));
    for (outer, inside) in around {
        for (key, value) in outer.entries().filter(|(key, _)| key != inside && !known(key, &REMARKS)) {
            if stray::is_quota(key, value) {
                outer.note(key);
            }
        }
    }
    if let Some(map) = quota.object_if_any(&["usages"]) {
        let is_known = |key: &str| RATIOS.iter().any(|(_, names)| known(key, names));
        for (key, value) in map.entries().filter(|(key, _)| !is_known(key)) {
            let is_limit = key.to_ascii_lowercase().starts_with("limit");
            let is_figure = matches!(value::percentage(value), value::Field::Known(_));
            if !is_blank(value) && (is_limit || is_figure || value.is_object() || value.is_array()) {
                map.note(key);
            }
        }
    }
    for (key, value) in quota.entries() {
        if !known(key, &KNOWN) && !known(key, &REMARKS) && stray::is_quota(key, value) {
            quota.note(key);
        }
    }
    if let Some(parallel) = quota.object_if_any(&["parallel"]) {
        parallel.entries().filter(|(_, value)| value.is_object() || value.is_array()).for_each(
            |(key, value)| {
                if stray::is_quota(key, value) {
                    parallel.note(key);
                }
            },
        );
    }
    // Whose quota it is, and how it is used: no figures of these are quotas that are shown.
    for part in [&["user"], &["membership"], &["authentication"]] {
        if let Some(part) = quota.object_if_any(part) {
            stray::note(&part, 3);
        }
    }
}

/// What may stand beside the quota and is no part of it.
const REMARKS: [&str; 1] = ["error"];

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().all(Value::is_null),
        Value::Array(list) => list.is_empty(),
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
        week.push((Row::read(&usage, true, at), usage));
    }
    for item in code.as_ref().unwrap_or(quota).objects(&["limits"]) {
        match windows::window_of(&item) {
            Window::Of(Meter::FiveHour) => five_hour.push((Row::read(&item, false, at), item)),
            Window::Of(_) => week.push((Row::read(&item, false, at), item)),
            // A row with limit 0 is no quota at all, whatever its length.
            Window::UnknownLength(place) if !Row::read(&item, false, at).is_none() => place.note_self(),
            Window::UnknownLength(_) | Window::Unreadable => {}
        }
    }

    let mut rows = [five_hour, week, Vec::new(), Vec::new()].into_iter();
    RATIOS
        .iter()
        .filter_map(|(meter, names)| {
            let (rows, nodes): (Vec<_>, Vec<_>) = rows.next().unwrap_or_default().into_iter().unzip();
            let ratio = ratios.as_ref().and_then(|map| map.object(names)).map(|e| RatioEntry::read(&e, at));
            let is_known = ratio.as_ref().is_some_and(RatioEntry::has_figure)
                || rows.iter().any(|row| !row.is_none() && row.has_figure());
            for (row, node) in rows.iter().zip(&nodes) {
                row.note_without_figure(node, is_known);
            }
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
