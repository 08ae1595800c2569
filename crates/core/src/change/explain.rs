//! Findings of changes, with what they say and the readings that they rest on.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::meter::{Reset, Sample, Scale};
use super::money::{BalanceBreakdown, MoneyEvent, MoneyEventKind};
use crate::finding::{CreditClass, Finding, FindingKind, Schedule};
use crate::limit::Limit;
use crate::message::{Message, MoneyLeft, Span};
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::number::decimal;
use crate::reading::UserIds;
use crate::series::Series;

fn quota_at(meter: Meter, sample: Sample) -> Message {
    Message::QuotaAt { at: sample.at, meter, used: decimal::to_f64(sample.value), ends: sample.end }
}

fn quota_of_limit_at(meter: Meter, sample: Sample, limit: &str) -> Message {
    let limit = limit.to_owned();
    Message::QuotaOfLimitAt {
        at: sample.at,
        meter,
        used: decimal::to_f64(sample.value),
        limit,
        ends: sample.end,
    }
}

/// A new cycle of a quota.
pub(super) fn reset(meter: Meter, reset: &Reset, detected_at: DateTime<Utc>) -> Finding {
    let &Reset { schedule, before: sample, first_low, after: sample_after } = reset;
    let to = first_low.map_or(sample_after.at, |low| low.at);
    let from = sample.at.min(to);
    let span = Span { from, to };
    let (used_before, used_after) = (sample.value, sample_after.value);
    let (before, after) = (decimal::to_f64(used_before), decimal::to_f64(used_after));
    let (says, confidence) = match (schedule, sample.end) {
        (Schedule::OnTime, Some(due)) => (
            Message::Reset { meter, late: false, due, before, after, span },
            if first_low.is_some() { 0.9 } else { 0.99 },
        ),
        (Schedule::Late, Some(due)) => (Message::Reset { meter, late: true, due, before, after, span }, 0.95),
        (Schedule::Early, Some(due)) => (
            Message::ResetEarly { meter, due, before, after, span },
            if sample_after.end.is_some_and(|end| end != due) { 0.97 } else { 0.93 },
        ),
        (_, None) => (Message::ResetUnscheduled { meter, before, after, span }, 0.85),
    };
    let mut evidence = vec![quota_at(meter, sample)];
    evidence.extend(first_low.map(|low| quota_at(meter, low)));
    evidence.push(quota_at(meter, sample_after));
    let finding = Finding {
        observed: Some(decimal::to_f64(used_before - used_after)),
        confidence,
        ..Finding::new(
            FindingKind::Reset { schedule, used_before, used_after, announced: sample.end },
            Some(Series::Meter(meter)),
            (from, to),
            detected_at,
        )
    };
    finding.saying(vec![says], evidence)
}

/// A changed limit of a quota.
pub(super) fn scale(meter: Meter, scale: &Scale, detected_at: DateTime<Utc>) -> Finding {
    let (before, after) = (scale.before.normalize().to_string(), scale.after.normalize().to_string());
    let (sample, sample_after) = (scale.before_sample, scale.after_sample);
    let from = sample.at.min(sample_after.at);
    let span = Span { from, to: sample_after.at };
    let evidence =
        vec![quota_of_limit_at(meter, sample, &before), quota_of_limit_at(meter, sample_after, &after)];
    let says = Message::QuotaLimitChanged { meter, before: before.clone(), after: after.clone(), span };
    let kind = FindingKind::LimitChange {
        limit: meter.as_str().to_owned(),
        before: Some(before),
        after: Some(after),
    };
    Finding::new(kind, Some(Series::Meter(meter)), (from, sample_after.at), detected_at)
        .saying(vec![says], evidence)
}

/// The finding of a changed rate limit.
pub(super) fn rate_limit(
    limit: Limit,
    before: u64,
    after: u64,
    from: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Finding {
    let kind = FindingKind::LimitChange {
        limit: limit.as_str().to_owned(),
        before: Some(before.to_string()),
        after: Some(after.to_string()),
    };
    let span = Span { from, to: at };
    Finding::new(kind, None, (from, at), at).saying(
        vec![Message::RateLimitChanged { limit, before, after, span }],
        vec![
            Message::RateLimitAt { at: from, limit, value: before },
            Message::RateLimitAt { at, limit, value: after },
        ],
    )
}

/// The finding of a changed plan.
pub(super) fn plan(before: &str, after: &str, from: DateTime<Utc>, at: DateTime<Utc>) -> Finding {
    let (before, after) = (before.to_owned(), after.to_owned());
    let kind = FindingKind::PlanChange { before: Some(before.clone()), after: Some(after.clone()) };
    let evidence =
        vec![Message::PlanAt { at: from, plan: before.clone() }, Message::PlanAt { at, plan: after.clone() }];
    let says = Message::PlanChanged { before, after, span: Span { from, to: at } };
    Finding::new(kind, None, (from, at), at).saying(vec![says], evidence)
}

/// Another account answers.
pub(super) fn account(before: &UserIds, after: &UserIds, from: DateTime<Utc>, at: DateTime<Utc>) -> Finding {
    let evidence = [(from, before, after), (at, after, before)]
        .into_iter()
        .filter_map(|(at, user, other)| {
            Some(Message::UserAt { at, user: user.apart_from(other)?.to_owned() })
        })
        .collect();
    let says = Message::AccountChanged { span: Span { from, to: at } };
    Finding::new(FindingKind::AccountChange, None, (from, at), at).saying(vec![says], evidence)
}

fn money_at(series: Series, at: DateTime<Utc>, left: BalanceBreakdown, currency: Currency) -> Message {
    let money = |amount: Decimal| Money::new(amount, currency);
    let left = match left {
        BalanceBreakdown::Parts { cash, voucher } => {
            MoneyLeft::Split { cash: money(cash), voucher: money(voucher) }
        }
        BalanceBreakdown::Whole { amount } => MoneyLeft::Total(money(amount)),
    };
    Message::MoneyAt { at, series, left }
}

/// A credit, a refund or an expiry.
pub(super) fn money(series: Series, event: &MoneyEvent, detected_at: DateTime<Utc>) -> Finding {
    let amount = event.amount;
    let span = Span { from: event.from, to: event.to };
    let mut evidence = Vec::with_capacity(3);
    let (kind, says) = match event.what {
        MoneyEventKind::Credit(class) => {
            let says = match class {
                CreditClass::TopUp => Message::PaidIn { series, amount, span },
                CreditClass::Voucher => Message::VoucherGranted { series, amount, span },
                CreditClass::Refund => Message::Refunded { series, amount, span },
                CreditClass::Unknown => Message::Received { series, amount, span },
            };
            (FindingKind::Credit { class, amount }, says)
        }
        MoneyEventKind::Refund(of) => {
            evidence.push(Message::DeductionAt { at: of, series, amount });
            let kind = FindingKind::Credit { class: CreditClass::Refund, amount };
            (kind, Message::DeductionRefunded { series, amount, of, span })
        }
        MoneyEventKind::Expiry => (FindingKind::Expiry { amount }, Message::VoucherEnded { amount, span }),
    };
    evidence.push(money_at(series, event.from, event.before, amount.currency));
    evidence.push(money_at(series, event.to, event.after, amount.currency));
    let finding = Finding {
        observed: Some(decimal::to_f64(amount.amount)),
        confidence: event.confidence,
        ..Finding::new(kind, Some(series), (event.from, event.to), detected_at)
    };
    finding.saying(vec![says], evidence)
}
