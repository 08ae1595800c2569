//! Findings of the audit in plain English, with the figures that they rest on.

use chrono::{DateTime, Utc};

use super::candidate::{Candidate, Reason};
use super::incidents::Told;
use super::shift::Shifted;
use crate::finding::{Anomaly, Finding, FindingKind};
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::number::timestamp::format_rfc3339;
use crate::series::Series;

fn when(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Whole figures without a fraction, others with two digits.
pub(super) fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.2}") }
}

fn amount(series: Series, value: f64) -> String {
    match series.currency() {
        Some(currency) => format!("{value:.2} {currency}"),
        None => format!("{} points", number(value)),
    }
}

fn level(series: Series, value: f64) -> String {
    match series.currency() {
        Some(currency) => format!("{value:.2} {currency}"),
        None => format!("{} %", number(value)),
    }
}

fn name(series: Series) -> &'static str {
    match series {
        Series::Meter(meter) => meter_name(meter),
        Series::Balance(_) => "balance",
        Series::Wallet(_) => "wallet",
    }
}

const fn meter_name(meter: Meter) -> &'static str {
    match meter {
        Meter::FiveHour => "5-hour quota",
        Meter::Week => "weekly quota",
        Meter::Month => "monthly quota",
        Meter::MonthCode => "Code share of the monthly quota",
    }
}

fn tidy(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// An anomaly that is settled at `detected_at`.
pub(super) fn candidate(series: Series, found: &Candidate, detected_at: DateTime<Utc>) -> Finding {
    let spent = amount(series, found.observed);
    let between = format!("between {} and {}", when(found.from), when(found.to));
    let what = match (found.class, series.currency()) {
        (Anomaly::WipeOut, None) if found.renewed => format!(
            "The {} began a new cycle {between}, with {} used before, and was emptied in the same step: {} used",
            name(series),
            level(series, found.before),
            level(series, found.after)
        ),
        (Anomaly::WipeOut, None) => format!(
            "The {} was emptied in one step: from {} to {} used {between}",
            name(series),
            level(series, found.before),
            level(series, found.after)
        ),
        (Anomaly::WipeOut, Some(_)) => format!(
            "The {} was emptied in one step: from {} to {} {between}",
            name(series),
            level(series, found.before),
            level(series, found.after)
        ),
        _ if found.renewed => {
            format!("The {} lost {spent} {between}; a new cycle began in that time", name(series))
        }
        _ if found.steps > 1 => {
            format!("The {} lost {spent} so far in {} small steps {between}", name(series), found.steps)
        }
        _ => format!("The {} lost {spent} {between}", name(series)),
    };
    let explained = if found.high <= 0.005 && found.worked > 0.005 {
        "all use on this machine until then had been deducted before".to_owned()
    } else if found.high <= 0.005 {
        "no use on this machine in that time".to_owned()
    } else {
        format!("use on this machine explains {} at most", amount(series, found.high))
    };
    let why = match found.reason {
        Reason::Use => explained.clone(),
        Reason::Other { moved, meter } => {
            let other = Meter::ALL.get(usize::from(meter)).map_or("other quota", |meter| meter_name(*meter));
            format!(
                "the {other} moved by {} points in that time, which allows {} at most",
                number(moved),
                amount(series, found.high)
            )
        }
        Reason::Outstanding { largest } => {
            if largest > 0.0 {
                format!(
                    "the largest step of this account so far was {} in as much time",
                    amount(series, largest)
                )
            } else {
                "this account has never lost anything like it at once".to_owned()
            }
        }
        Reason::Limits { most } => {
            format!(
                "the account's rate limits at the dearest price allow {} at most in that time",
                amount(series, most)
            )
        }
        Reason::TakenBack { at, amount: back } => {
            let way = if series.currency().is_some() { "in" } else { "back" };
            format!(
                "that is what had come {way} at {} ({}), taken away again",
                when(at),
                amount(series, back)
            )
        }
        Reason::RestTakenBack { at, amount: back } => format!(
            "that is all that was left of what had come in at {} ({}), taken away again",
            when(at),
            amount(series, back)
        ),
        Reason::NeverCame { at, amount: back } => {
            format!(
                "the reset that was told of at {} ({}) was taken back, or never was and the service answered wrongly for a while",
                when(at),
                amount(series, back)
            )
        }
    };
    let mut evidence = vec![
        format!("{}: {series} {}", format_rfc3339(found.from), level(series, found.before)),
        format!("{}: {series} {}", format_rfc3339(found.to), level(series, found.after)),
        format!(
            "deducted {} (±{}), expected {} to {}",
            amount(series, found.observed),
            number(found.slack),
            number(found.low),
            number(found.high)
        ),
    ];
    // What another window allows is told as the reason; it is nobody's use.
    if !matches!(found.reason, Reason::Other { .. }) {
        evidence.push(explained);
    }
    if found.failures > 0 {
        evidence.push(format!("{} polls failed in between", found.failures));
    }
    Finding {
        kind: FindingKind::Anomaly(found.class),
        series: Some(series),
        from: found.from,
        to: found.to,
        detected_at,
        observed: Some(tidy(found.observed)),
        expected_low: Some(tidy(found.low)),
        expected_high: Some(tidy(found.high)),
        confidence: tidy(found.confidence),
        explanation: format!("{what}; {why}."),
        evidence,
    }
}

/// What is left of a voucher that ended.
pub(super) fn ended(
    series: Series,
    currency: Currency,
    found: &Candidate,
    detected_at: DateTime<Utc>,
) -> Finding {
    let amount =
        rust_decimal::Decimal::from_f64_retain(found.observed).unwrap_or_default().round_dp(5).normalize();
    Finding {
        kind: FindingKind::Expiry { amount: Money::new(amount, currency) },
        confidence: 0.75,
        explanation: format!(
            "What was left of a voucher, {}, ended between {} and {}: only granted money fell, no use explains it, and a voucher of at least as much may have ended then.",
            self::amount(series, found.observed),
            when(found.from),
            when(found.to),
        ),
        ..candidate(series, found, detected_at)
    }
}

/// So many minutes of rest, at least, tell whether somebody works beside this machine.
const LEAST_REST: f64 = 30.0;

/// A shift of the price that use has in a quota or in money.
pub(super) fn accelerated(
    series: Series,
    shift: &Shifted,
    complete: bool,
    detected_at: DateTime<Utc>,
) -> Finding {
    let (minutes, rested) = shift.rested;
    let beside = if minutes < LEAST_REST {
        " This machine was hardly seen at rest since: another one without logs, at work beside it, would look the same."
    } else {
        ""
    };
    Finding {
        confidence: tidy((1.0 - 0.5 * (-0.5 * shift.rather).exp()).min(if complete { 0.97 } else { 0.9 })),
        explanation: format!(
            "Since {} the same tokens cost {}–{} times what they did before in the {}: {} were deducted where {} were to be expected.{beside}",
            when(shift.from),
            number(shift.low),
            number(shift.high),
            name(series),
            amount(series, shift.seen),
            amount(series, shift.expected),
        ),
        evidence: vec![
            format!(
                "{} stretches of use since {}: deducted {}, expected {}",
                shift.samples,
                format_rfc3339(shift.from),
                number(shift.seen),
                number(shift.expected)
            ),
            format!(
                "while this machine rested in between, for {} minutes, {} was deducted",
                number(minutes.round()),
                amount(series, rested)
            ),
            format!(
                "factor {} ({} to {}), log-likelihood {}",
                number(shift.factor),
                number(shift.low),
                number(shift.high),
                number(shift.weight)
            ),
        ],
        ..dearer(series, shift, detected_at)
    }
}

/// More went than the same use took before: how much more, without the words.
fn dearer(series: Series, shift: &Shifted, detected_at: DateTime<Utc>) -> Finding {
    let usual = shift.expected * shift.factor;
    Finding {
        kind: FindingKind::Anomaly(Anomaly::Accelerated),
        series: Some(series),
        from: shift.from,
        to: detected_at,
        detected_at,
        observed: Some(tidy(shift.seen)),
        expected_low: Some(tidy(usual / shift.high)),
        expected_high: Some(tidy(usual / shift.low)),
        confidence: 0.0,
        explanation: String::new(),
        evidence: Vec::new(),
    }
}

/// Use that takes more an hour than ever before, where no log tells what it was.
pub(super) fn hastened(series: Series, shift: &Shifted, detected_at: DateTime<Utc>) -> Finding {
    Finding {
        confidence: 0.5,
        explanation: format!(
            "Since {} the {} falls {}–{} times as fast as before while it is used, in {} stretches of work on several days. No log of this machine tells what it was used for: a dearer model or more agents at once look the same.",
            when(shift.from),
            name(series),
            number(shift.low),
            number(shift.high),
            shift.samples,
        ),
        evidence: vec![
            format!(
                "{} stretches of work since {}: deducted {}, at the pace of before {}",
                shift.samples,
                format_rfc3339(shift.from),
                number(shift.seen),
                number(shift.expected)
            ),
            format!(
                "pace {} times the usual ({} to {}), log-likelihood {}",
                number(shift.factor),
                number(shift.low),
                number(shift.high),
                number(shift.weight)
            ),
            "no use was logged on this machine".to_owned(),
        ],
        ..dearer(series, shift, detected_at)
    }
}

/// Two windows whose exchange is no longer what it was.
pub(super) fn disagreement(meter: Meter, shift: &Shifted, detected_at: DateTime<Utc>) -> Finding {
    let (low, high) = (shift.expected * 0.9, shift.expected * 1.1);
    Finding {
        kind: FindingKind::Anomaly(Anomaly::Disagreement),
        series: Some(Series::Meter(meter)),
        from: shift.from,
        to: detected_at,
        detected_at,
        observed: Some(tidy(shift.seen)),
        expected_low: Some(tidy(low)),
        expected_high: Some(tidy(high)),
        confidence: 0.9,
        explanation: format!(
            "Since {} the 5-hour quota and the {} contradict each other: by the 5-hour quota the latter should have moved by about {} points, it moved by {}.",
            when(shift.from),
            meter_name(meter),
            number(shift.expected),
            number(shift.seen),
        ),
        evidence: vec![format!(
            "exchange {} to {} times the usual, over {} stretches of use",
            number(shift.low),
            number(shift.high),
            shift.samples
        )],
    }
}

/// Two figures for one window that go on contradicting each other.
pub(super) fn conflict(
    meter: Meter,
    from: DateTime<Utc>,
    (used, other): (f64, Option<f64>),
    looks: u32,
    detected_at: DateTime<Utc>,
) -> Finding {
    let told = other.map_or_else(String::new, |other| format!(", its count {} %", number(other)));
    Finding {
        kind: FindingKind::Anomaly(Anomaly::Disagreement),
        series: Some(Series::Meter(meter)),
        from,
        to: detected_at,
        detected_at,
        observed: Some(tidy(used)),
        expected_low: None,
        expected_high: None,
        confidence: 0.85,
        explanation: format!(
            "Since {} the service gives two figures for the {} that contradict each other by more than one point; the larger is {} %.",
            when(from),
            meter_name(meter),
            number(used),
        ),
        evidence: vec![format!("{looks} readings in a row, the last says {} %{told}", number(used))],
    }
}

/// A reset that was due and did not come.
pub(super) fn overdue(meter: Meter, due: DateTime<Utc>, used: f64, detected_at: DateTime<Utc>) -> Finding {
    Finding {
        kind: FindingKind::Anomaly(Anomaly::OverdueReset),
        series: Some(Series::Meter(meter)),
        from: due,
        to: detected_at,
        detected_at,
        observed: Some(tidy(used)),
        expected_low: Some(0.0),
        expected_high: Some(0.0),
        confidence: 0.95,
        explanation: format!(
            "The {} was to be reset at {} and still stands at {} % used, {} minutes later.",
            meter_name(meter),
            when(due),
            number(used),
            (detected_at - due).num_minutes(),
        ),
        evidence: vec![
            format!("announced end {}", format_rfc3339(due)),
            format!("{}: {meter} {} % used", format_rfc3339(detected_at), number(used)),
        ],
    }
}

/// A deadline that moved on by a cycle while the meter was not emptied.
pub(super) fn withheld(reset: &Finding, (used_before, used_after): (f64, f64), confidence: f64) -> Finding {
    let meter = reset.meter().unwrap_or(Meter::FiveHour);
    Finding {
        kind: FindingKind::Anomaly(Anomaly::OverdueReset),
        observed: Some(tidy(used_after)),
        expected_low: Some(0.0),
        expected_high: Some(tidy((used_after - used_before).max(0.0))),
        confidence,
        explanation: format!(
            "The {} began a new cycle between {} and {} without being emptied: {} % used before, {} % after.",
            meter_name(meter),
            when(reset.from),
            when(reset.to),
            number(used_before),
            number(used_after),
        ),
        ..reset.clone()
    }
}

/// An anomaly that was given back.
pub(super) fn recovered(
    series: Series,
    of: DateTime<Utc>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    (back, taken): (f64, f64),
    detected_at: DateTime<Utc>,
) -> Finding {
    Finding {
        kind: FindingKind::Recovered { of },
        series: Some(series),
        from,
        to,
        detected_at,
        observed: Some(tidy(back)),
        expected_low: None,
        expected_high: None,
        confidence: 0.9,
        explanation: format!(
            "What the {} lost by {} was given back between {} and {}: {} of about {}.",
            name(series),
            when(of),
            when(from),
            when(to),
            amount(series, back.min(taken.max(0.0))),
            amount(series, taken),
        ),
        evidence: vec![
            format!("finding of {}", format_rfc3339(of)),
            format!("{}: {series} +{}", format_rfc3339(to), number(back)),
        ],
    }
}

/// Names the incident during which something was found.
pub(super) fn name_incident(finding: &mut Finding, told: &Told) {
    let title = told.title.as_deref().unwrap_or("an incident");
    let impact = told.impact.as_deref().map_or_else(String::new, |impact| format!(" ({impact})"));
    finding.explanation = format!(
        "{} The status page told of “{title}”{impact} since {}.",
        finding.explanation,
        when(told.since)
    );
    finding.evidence.push(format!("status page since {}: {title}{impact}", format_rfc3339(told.since)));
}
