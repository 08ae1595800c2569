//! Findings of the audit, with what they say and the figures that they rest on.

use chrono::{DateTime, Utc};

use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::change_point::DetectedShift;
use crate::audit::model::incidents::IncidentInfo;
use crate::audit::model::machines::SilentMachine;
use crate::audit::model::open_anomalies::OpenAnomaly;
use crate::audit::thresholds;
use crate::finding::{Anomaly, Finding, FindingKind};
use crate::message::{Message, Span};
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::series::Series;

fn tidy(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// An anomaly of a series, without figures and without what it says.
fn anomaly(
    class: Anomaly,
    series: Series,
    span: (DateTime<Utc>, DateTime<Utc>),
    detected_at: DateTime<Utc>,
) -> Finding {
    Finding::new(FindingKind::Anomaly(class), Some(series), span, detected_at)
}

/// What the logged usage explains, where that is less than is worth a word.
const NOTHING: f64 = 0.005;

/// An anomaly that is settled at `detected_at`.
pub(super) fn candidate(series: Series, found: &Candidate, detected_at: DateTime<Utc>) -> Finding {
    let span = Span { from: found.from, to: found.to };
    let amount = found.observed;
    let (before, after) = (found.before, found.after);
    let what = match found.class {
        Anomaly::WipeOut if found.renewed && series.currency().is_none() => {
            Message::EmptiedInNewCycle { series, before, after, span }
        }
        Anomaly::WipeOut => Message::Emptied { series, before, after, span },
        _ if found.renewed => Message::LostInNewCycle { series, amount, span },
        _ if found.steps > 1 => Message::LostInSteps { series, amount, steps: found.steps, span },
        _ => Message::Lost { series, amount, span },
    };
    let explained = if found.high <= NOTHING && found.worked > NOTHING {
        Message::UsageDeductedBefore
    } else if found.high <= NOTHING {
        Message::NoUsage
    } else {
        Message::UsageExplains { series, at_most: found.high }
    };
    let why = match found.reason {
        Reason::Use => explained.clone(),
        Reason::Other { moved, window } => Message::OtherQuotaAllows {
            other: window.meter().unwrap_or(Meter::FiveHour),
            points: moved,
            series,
            at_most: found.high,
        },
        Reason::Outstanding { largest } if largest > 0.0 => {
            Message::LargestStepSoFar { series, amount: largest }
        }
        Reason::Outstanding { .. } => Message::NothingLikeItBefore,
        Reason::Limits { most } => Message::LimitsAllow { series, at_most: most },
        Reason::TakenBack { at, amount } => Message::TakenBack { series, at, amount },
        Reason::RestTakenBack { at, amount } => Message::RestTakenBack { series, at, amount },
        Reason::NeverCame { at, amount } => Message::ResetTakenBack { series, at, amount },
    };
    let mut evidence = vec![
        Message::LevelAt { at: found.from, series, level: before },
        Message::LevelAt { at: found.to, series, level: after },
        Message::DeductedExpected { series, amount, slack: found.slack, low: found.low, high: found.high },
    ];
    // What another quota allows is given as the reason; it is no usage.
    if !matches!(found.reason, Reason::Other { .. }) {
        evidence.push(explained);
    }
    if found.failures > 0 {
        evidence.push(Message::FailedPolls { count: found.failures });
    }
    let finding = Finding {
        observed: Some(tidy(found.observed)),
        expected_low: Some(tidy(found.low)),
        expected_high: Some(tidy(found.high)),
        confidence: tidy(found.confidence),
        ..anomaly(found.class, series, (found.from, found.to), detected_at)
    };
    finding.saying(vec![what, why], evidence)
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
    let span = Span { from: found.from, to: found.to };
    let says = vec![Message::VoucherRestEnded { series, amount: found.observed, span }];
    let of_rest = candidate(series, found, detected_at);
    let evidence = of_rest.messages.evidence.clone();
    let finding = Finding {
        kind: FindingKind::Expiry { amount: Money::new(amount, currency) },
        confidence: 0.75,
        ..of_rest
    };
    finding.saying(says, evidence)
}

/// So many machines whose logs are missing are named at most.
const MAX_NAMED: usize = 3;

/// So many minutes of pause, at least, show whether another machine works beside this one.
const MIN_PAUSE: f64 = 30.0;

/// A change of the price that usage has in a quota or in money.
pub(super) fn accelerated(
    series: Series,
    shift: &DetectedShift,
    complete: bool,
    detected_at: DateTime<Utc>,
) -> Finding {
    let &DetectedShift { from: since, low: times_low, high: times_high, seen: deducted, expected, .. } =
        shift;
    let (minutes, amount) = shift.rested;
    let mut says = vec![Message::CostsMore { series, since, times_low, times_high, deducted, expected }];
    if minutes < MIN_PAUSE {
        says.push(Message::HardlyPaused);
    }
    // A machine that was never idle says nothing about what is deducted meanwhile.
    let paused =
        (minutes.round() >= 1.0).then(|| Message::WhilePaused { minutes: minutes.round(), series, amount });
    let mut evidence =
        vec![Message::SessionsSince { sessions: shift.samples, since, series, deducted, expected }];
    evidence.extend(paused);
    evidence.push(Message::Factor {
        factor: shift.factor,
        times_low,
        times_high,
        log_likelihood: shift.weight,
    });
    let most = if complete { 0.97 } else { 0.9 };
    let confidence = tidy((1.0 - 0.5 * (-0.5 * shift.price_log_odds).exp()).min(most));
    dearer(series, shift, confidence, detected_at).saying(says, evidence)
}

/// More was deducted than the same usage took before: how much more, without its consequences.
fn dearer(series: Series, shift: &DetectedShift, confidence: f64, detected_at: DateTime<Utc>) -> Finding {
    let usual = shift.expected * shift.factor;
    Finding {
        observed: Some(tidy(shift.seen)),
        expected_low: Some(tidy(usual / shift.high)),
        expected_high: Some(tidy(usual / shift.low)),
        confidence,
        ..anomaly(Anomaly::Accelerated, series, (shift.from, detected_at), detected_at)
    }
}

/// Usage that takes more an hour than ever before, where no log shows what it was.
pub(super) fn accelerated_unlogged(
    series: Series,
    shift: &DetectedShift,
    detected_at: DateTime<Utc>,
) -> Finding {
    let &DetectedShift { from: since, low: times_low, high: times_high, seen: deducted, expected, .. } =
        shift;
    let sessions = shift.samples;
    let says = vec![Message::FallsFaster { series, since, times_low, times_high, sessions }];
    let evidence = vec![
        Message::SessionsAtPace { sessions, since, series, deducted, expected },
        Message::Pace { factor: shift.factor, times_low, times_high, log_likelihood: shift.weight },
        Message::NoUsageLogged,
    ];
    dearer(series, shift, 0.5, detected_at).saying(says, evidence)
}

/// Two quotas that do not move by each other as they did.
pub(super) fn disagreement(meter: Meter, shift: &DetectedShift, detected_at: DateTime<Utc>) -> Finding {
    let &DetectedShift { from: since, expected: points_expected, seen: points, .. } = shift;
    let says = vec![Message::QuotasDisagree { meter, since, points_expected, points }];
    let evidence = vec![Message::RatioOfQuotas {
        times_low: shift.low,
        times_high: shift.high,
        sessions: shift.samples,
    }];
    let finding = Finding {
        observed: Some(tidy(shift.seen)),
        expected_low: Some(tidy(shift.expected * 0.9)),
        expected_high: Some(tidy(shift.expected * 1.1)),
        confidence: 0.9,
        ..anomaly(Anomaly::Disagreement, Series::Meter(meter), (shift.from, detected_at), detected_at)
    };
    finding.saying(says, evidence)
}

/// Two figures for one quota that keep contradicting each other.
pub(super) fn conflict(
    meter: Meter,
    from: DateTime<Utc>,
    (used, by_count): (f64, Option<f64>),
    polls: u32,
    detected_at: DateTime<Utc>,
) -> Finding {
    let finding = Finding {
        observed: Some(tidy(used)),
        confidence: 0.85,
        ..anomaly(Anomaly::Disagreement, Series::Meter(meter), (from, detected_at), detected_at)
    };
    finding.saying(
        vec![Message::TwoFigures { meter, since: from, used }],
        vec![Message::ReadingsInARow { count: polls, used, by_count }],
    )
}

/// A reset that was due and did not come.
pub(super) fn overdue(meter: Meter, due: DateTime<Utc>, used: f64, detected_at: DateTime<Utc>) -> Finding {
    let finding = Finding {
        observed: Some(tidy(used)),
        expected_low: Some(0.0),
        expected_high: Some(0.0),
        confidence: 0.95,
        ..anomaly(Anomaly::OverdueReset, Series::Meter(meter), (due, detected_at), detected_at)
    };
    let minutes = (detected_at - due).num_minutes();
    finding.saying(
        vec![Message::ResetOverdue { meter, due, used, minutes }],
        vec![Message::ScheduledEnd { at: due }, Message::UsedAt { at: detected_at, meter, used }],
    )
}

/// A deadline that moved on by a cycle while the quota was not restored.
pub(super) fn withheld(reset: &Finding, (before, after): (f64, f64), confidence: f64) -> Finding {
    let meter = reset.meter().unwrap_or(Meter::FiveHour);
    let span = Span { from: reset.from, to: reset.to };
    let finding = Finding {
        kind: FindingKind::Anomaly(Anomaly::OverdueReset),
        observed: Some(tidy(after)),
        expected_low: Some(0.0),
        expected_high: Some(tidy((after - before).max(0.0))),
        confidence,
        ..reset.clone()
    };
    let evidence = finding.messages.evidence.clone();
    finding.saying(vec![Message::ResetWithheld { meter, span, before, after }], evidence)
}

/// An anomaly that was given back.
pub(super) fn recovered(
    series: Series,
    of: DateTime<Utc>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    (back, lost): (f64, f64),
    detected_at: DateTime<Utc>,
) -> Finding {
    let finding = Finding {
        observed: Some(tidy(back)),
        confidence: 0.9,
        ..Finding::new(FindingKind::Recovered { of }, Some(series), (from, to), detected_at)
    };
    let span = Span { from, to };
    let amount = back.min(lost.max(0.0));
    finding.saying(
        vec![Message::GivenBack { series, of, span, amount, lost }],
        vec![Message::FindingOf { at: of }, Message::ReturnedAt { at: to, series, amount: back }],
    )
}

/// An anomaly that usage explains which became known later: up to `at_most` of what was deducted.
pub(super) fn withdrawn(
    anomaly: &OpenAnomaly,
    machine: Option<&str>,
    at_most: f64,
    detected_at: DateTime<Utc>,
) -> Finding {
    let (series, of) = (anomaly.series, anomaly.detected_at);
    let (amount, at_most) = (tidy(anomaly.observed), tidy(at_most));
    let finding = Finding {
        observed: Some(amount),
        expected_high: Some(at_most),
        confidence: 0.9,
        ..Finding::new(FindingKind::Withdrawn { of }, Some(series), (anomaly.from, anomaly.to), detected_at)
    };
    let machine = machine.map(ToOwned::to_owned);
    finding.saying(
        vec![Message::LateUsageExplains { machine, series, of, amount, at_most }],
        vec![Message::FindingOf { at: of }],
    )
}

/// Whether an anomaly is one only because no log shows usage for it: then a log that is missing may.
pub(super) fn rests_on_usage(finding: &Finding) -> bool {
    let is_of_class =
        matches!(finding.anomaly(), Some(Anomaly::WipeOut | Anomaly::Unexplained | Anomaly::Accelerated));
    is_of_class
        && !finding.messages.explanation.iter().any(|says| matches!(says, Message::OtherQuotaAllows { .. }))
}

/// Names the machines whose logs are missing: it is less certain then.
pub(super) fn name_missing_logs(finding: &mut Finding, silent: &[SilentMachine]) {
    if silent.is_empty() {
        return;
    }
    finding.confidence = tidy(finding.confidence * thresholds::LOG_MISSING);
    for machine in silent.iter().take(MAX_NAMED) {
        let message = Message::LogMissing { machine: machine.name.clone(), since: machine.since };
        finding.add(message.clone());
        finding.add_evidence(message);
    }
}

/// Says that other machines were not used either, where that this one was not is said.
pub(super) fn say_others_idle(finding: &mut Finding) {
    if finding.messages.explanation.contains(&Message::NoUsage) {
        finding.add(Message::OthersIdle);
    }
}

/// Names the incident during which something was found.
pub(super) fn name_incident(finding: &mut Finding, incident: &IncidentInfo) {
    let message = Message::Incident {
        title: incident.title.clone(),
        impact: incident.impact.clone(),
        since: incident.since,
    };
    finding.add(message.clone());
    finding.add_evidence(message);
}

/// Says of a credit that what was used in the same time is taken off it.
pub(super) fn take_usage_off(credit: &mut Finding) {
    // How much of the usage of that time is posted by now is not known.
    credit.add(Message::UsageTakenOff);
}
