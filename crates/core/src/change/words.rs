//! Findings of changes in plain English, with the figures and the readings that they rest on.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::meter::{Look, Reset, Scale};
use super::money::{Form, MoneyEvent, What};
use crate::failure::Limit;
use crate::finding::{CreditClass, Finding, FindingKind, Schedule};
use crate::meter::Meter;
use crate::money::plain;
use crate::number::decimal;
use crate::number::timestamp::format_rfc3339;
use crate::series::Series;

fn when(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn percent(value: Decimal) -> String {
    format!("{} %", value.normalize())
}

fn name(meter: Meter) -> &'static str {
    match meter {
        Meter::FiveHour => "5-hour quota",
        Meter::Week => "weekly quota",
        Meter::Month => "monthly quota",
        Meter::MonthCode => "Code share of the monthly quota",
    }
}

fn look_line(meter: Meter, look: Look) -> String {
    let end =
        look.end.map_or_else(|| "no end announced".to_owned(), |end| format!("ends {}", format_rfc3339(end)));
    format!("{}: {meter} {} used, {end}", format_rfc3339(look.at), percent(look.value))
}

/// A new cycle of a meter.
pub(super) fn reset(meter: Meter, reset: &Reset, detected_at: DateTime<Utc>) -> Finding {
    let Reset { schedule, before, first_low, after } = reset;
    let to = first_low.map_or(after.at, |low| low.at);
    let from = before.at.min(to);
    let (used_before, used_after) = (before.value, after.value);
    let change = format!("from {} to {} used", percent(used_before), percent(used_after));
    let between = format!("between {} and {}", when(from), when(to));
    let (explanation, confidence) = match (schedule, before.end) {
        (Schedule::OnTime, Some(due)) => (
            format!(
                "The {} was reset on time, {change}: it was due at {} and came {between}.",
                name(meter),
                when(due)
            ),
            if first_low.is_some() { 0.9 } else { 0.99 },
        ),
        (Schedule::Late, Some(due)) => (
            format!(
                "The {} was reset late, {change}: it was due at {} and came {between}.",
                name(meter),
                when(due)
            ),
            0.95,
        ),
        (Schedule::Early, Some(due)) => (
            format!(
                "The {} was reset early, {change}, {between}; it was due only at {}.",
                name(meter),
                when(due)
            ),
            if after.end.is_some_and(|end| end != due) { 0.97 } else { 0.93 },
        ),
        (_, None) => {
            (format!("The {} was reset, {change}, {between}; no end had been announced.", name(meter)), 0.85)
        }
    };
    let mut evidence = vec![look_line(meter, *before)];
    evidence.extend(first_low.map(|low| look_line(meter, low)));
    evidence.push(look_line(meter, *after));
    Finding {
        kind: FindingKind::Reset { schedule: *schedule, used_before, used_after, announced: before.end },
        series: Some(Series::Meter(meter)),
        from,
        to,
        detected_at,
        observed: Some(decimal::to_f64(used_before - used_after)),
        expected_low: None,
        expected_high: None,
        confidence,
        explanation,
        evidence,
    }
}

/// A changed limit of a meter.
pub(super) fn scale(meter: Meter, scale: &Scale, detected_at: DateTime<Utc>) -> Finding {
    let (before, after) = (scale.before.normalize().to_string(), scale.after.normalize().to_string());
    let from = scale.before_look.at.min(scale.after_look.at);
    let at = scale.after_look.at;
    Finding {
        explanation: format!(
            "The limit of the {} changed from {before} to {after} between {} and {}; its percent are not comparable across that.",
            name(meter),
            when(from),
            when(at),
        ),
        evidence: vec![
            format!("{}; limit {before}", look_line(meter, scale.before_look)),
            format!("{}; limit {after}", look_line(meter, scale.after_look)),
        ],
        kind: FindingKind::LimitChange {
            limit: meter.word().to_owned(),
            before: Some(before),
            after: Some(after),
        },
        series: Some(Series::Meter(meter)),
        from,
        to: at,
        detected_at,
        observed: None,
        expected_low: None,
        expected_high: None,
        confidence: 1.0,
    }
}

/// A changed rate limit.
pub(super) fn rate_limit(
    limit: Limit,
    before: u64,
    after: u64,
    from: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Finding {
    let what = match limit {
        Limit::Concurrency => "requests at the same time",
        Limit::RequestsPerMinute => "requests a minute",
        Limit::TokensPerMinute => "tokens a minute",
        Limit::TokensPerDay => "tokens a day",
    };
    account_change(
        FindingKind::LimitChange {
            limit: limit.word().to_owned(),
            before: Some(before.to_string()),
            after: Some(after.to_string()),
        },
        format!(
            "The account's limit of {what} changed from {before} to {after} between {} and {}.",
            when(from),
            when(at)
        ),
        vec![
            format!("{}: {limit} {before}", format_rfc3339(from)),
            format!("{}: {limit} {after}", format_rfc3339(at)),
        ],
        (from, at),
    )
}

/// A changed plan.
pub(super) fn plan(before: &str, after: &str, from: DateTime<Utc>, at: DateTime<Utc>) -> Finding {
    account_change(
        FindingKind::PlanChange { before: Some(before.to_owned()), after: Some(after.to_owned()) },
        format!("The plan changed from {before} to {after} between {} and {}.", when(from), when(at)),
        vec![
            format!("{}: plan {before}", format_rfc3339(from)),
            format!("{}: plan {after}", format_rfc3339(at)),
        ],
        (from, at),
    )
}

fn account_change(
    kind: FindingKind,
    explanation: String,
    evidence: Vec<String>,
    (from, at): (DateTime<Utc>, DateTime<Utc>),
) -> Finding {
    Finding {
        kind,
        series: None,
        from,
        to: at,
        detected_at: at,
        observed: None,
        expected_low: None,
        expected_high: None,
        confidence: 1.0,
        explanation,
        evidence,
    }
}

fn form_line(series: Series, at: DateTime<Utc>, form: Form) -> String {
    let what = match form {
        Form::Parts { cash, voucher } => format!("cash {}, voucher {}", plain(cash), plain(voucher)),
        Form::Whole { amount } => plain(amount),
    };
    format!("{}: {series} {what}", format_rfc3339(at))
}

/// A credit, a refund or an expiry.
pub(super) fn money(series: Series, event: &MoneyEvent, detected_at: DateTime<Utc>) -> Finding {
    let amount = event.amount;
    let place = if matches!(series, Series::Wallet(_)) { "wallet" } else { "balance" };
    let between = format!("between {} and {}", when(event.from), when(event.to));
    let (kind, explanation) = match event.what {
        What::Credit(class) => {
            let text = match class {
                CreditClass::TopUp => format!("{amount} was paid into the {place} {between}."),
                CreditClass::Voucher => format!("A voucher of {amount} was added to the {place} {between}."),
                CreditClass::Refund => format!("{amount} was given back to the {place} {between}."),
                CreditClass::Unknown => {
                    format!(
                        "{amount} came into the {place} {between}; whether paid in or granted cannot be told."
                    )
                }
            };
            (FindingKind::Credit { class, amount }, text)
        }
        What::Refund(spent) => (
            FindingKind::Credit { class: CreditClass::Refund, amount },
            format!(
                "{amount} came back to the {place} {between}: as much as the single deduction seen at {}.",
                when(spent)
            ),
        ),
        What::Expiry => (
            FindingKind::Expiry { amount },
            format!(
                "A voucher of {amount} ended {between}: it went at once while the cash did not fall beyond use."
            ),
        ),
    };
    let mut evidence =
        vec![form_line(series, event.from, event.before), form_line(series, event.to, event.after)];
    if let What::Refund(spent) = event.what {
        evidence.insert(0, format!("{}: {series} deduction of {amount}", format_rfc3339(spent)));
    }
    Finding {
        kind,
        series: Some(series),
        from: event.from,
        to: event.to,
        detected_at,
        observed: Some(decimal::to_f64(amount.amount)),
        expected_low: None,
        expected_high: None,
        confidence: event.confidence,
        explanation,
        evidence,
    }
}
