//! One of each message.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{Message, MoneyLeft, Span};
use crate::limit::Limit;
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::series::Series;

const WEEK: Series = Series::Meter(Meter::Week);

fn at(minute: i64) -> DateTime<Utc> {
    // The 23rd of September 2026, two o'clock.
    DateTime::from_timestamp(1_790_128_800, 0).unwrap_or_default() + TimeDelta::minutes(minute)
}

impl Message {
    /// One of each, with every argument and without what may be absent: for whoever proves that a catalogue has them
    /// all.
    #[must_use]
    pub fn examples() -> Vec<Self> {
        let span = Span { from: at(0), to: at(5) };
        let (meter, since, due) = (Meter::Week, at(0), at(0));
        let series = Series::Balance(Currency::USD);
        let amount = Money::new(Decimal::new(1250, 2), Currency::USD);
        let (low, high) = (1.9, 2.25);
        vec![
            Message::Lost { series: WEEK, amount: 7.0, span },
            Message::LostInNewCycle { series: WEEK, amount: 7.0, span },
            Message::LostInSteps { series, amount: 1.5, steps: 4, span },
            Message::Emptied { series: WEEK, before: 12.5, after: 100.0, span },
            Message::Emptied { series, before: 12.5, after: 0.0, span },
            Message::EmptiedInNewCycle { series: WEEK, before: 12.5, after: 100.0, span },
            Message::NoUsage,
            Message::OthersIdle,
            Message::UsageDeductedBefore,
            Message::UsageExplains { series: WEEK, at_most: 3.2 },
            Message::OtherQuotaAllows { other: Meter::FiveHour, points: 2.0, series: WEEK, at_most: 0.4 },
            Message::LargestStepSoFar { series: WEEK, amount: 3.0 },
            Message::NothingLikeItBefore,
            Message::LimitsAllow { series, at_most: 3.25 },
            Message::TakenBack { series: WEEK, at: at(1), amount: 40.0 },
            Message::TakenBack { series, at: at(1), amount: 40.0 },
            Message::RestTakenBack { series, at: at(1), amount: 40.0 },
            Message::ResetTakenBack { series: WEEK, at: at(1), amount: 40.0 },
            Message::VoucherRestEnded { series, amount: 4.0, span },
            Message::CostsMore {
                series: WEEK,
                since,
                times_low: low,
                times_high: high,
                deducted: 20.0,
                expected: 10.0,
            },
            Message::HardlyPaused,
            Message::FallsFaster { series: WEEK, since, times_low: low, times_high: high, sessions: 6 },
            Message::QuotasDisagree { meter, since, points_expected: 4.0, points: 9.0 },
            Message::TwoFigures { meter, since, used: 40.0 },
            Message::ResetOverdue { meter, due, used: 40.0, minutes: 15 },
            Message::ResetWithheld { meter, span, before: 40.0, after: 41.0 },
            Message::GivenBack { series: WEEK, of: at(1), span, amount: 7.0, lost: 7.5 },
            Message::Incident { title: Some("Elevated 502s".into()), impact: Some("major".into()), since },
            Message::Incident { title: None, impact: None, since },
            Message::Announcement { text: "Kimi Code Pro: 100%".into(), since },
            Message::Reset { meter, late: false, due, before: 34.85, after: 0.0, span },
            Message::Reset { meter, late: true, due, before: 34.85, after: 0.0, span },
            Message::ResetEarly { meter, due, before: 34.85, after: 0.0, span },
            Message::ResetUnscheduled { meter, before: 34.85, after: 0.0, span },
            Message::QuotaLimitChanged { meter, before: "100".into(), after: "200".into(), span },
            Message::RateLimitChanged { limit: Limit::TokensPerDay, before: 1, after: 2, span },
            Message::PlanChanged { before: "Moderato".into(), after: "Pro".into(), span },
            Message::AccountChanged { span },
            Message::PaidIn { series, amount, span },
            Message::VoucherGranted { series, amount, span },
            Message::Refunded { series, amount, span },
            Message::DeductionRefunded { series, amount, of: at(1), span },
            Message::Received { series, amount, span },
            Message::UsageTakenOff,
            Message::VoucherEnded { amount, span },
            Message::LateUsageExplains {
                machine: Some("laptop".into()),
                series: WEEK,
                of: at(1),
                amount: 7.0,
                at_most: 7.5,
            },
            Message::LateUsageExplains { machine: None, series: WEEK, of: at(1), amount: 7.0, at_most: 7.5 },
            Message::LogMissing { machine: "laptop".into(), since },
            Message::LevelAt { at: at(1), series: WEEK, level: 12.5 },
            Message::DeductedExpected { series: WEEK, amount: 7.0, slack: 1.0, low: 0.0, high: 2.0 },
            Message::DeductedExpected { series: WEEK, amount: 7.0, slack: 0.0, low: 0.0, high: 2.0 },
            Message::FailedPolls { count: 3 },
            Message::SessionsSince { sessions: 4, since, series: WEEK, deducted: 20.0, expected: 10.0 },
            Message::SessionsAtPace { sessions: 4, since, series: WEEK, deducted: 20.0, expected: 10.0 },
            Message::WhilePaused { minutes: 50.0, series: WEEK, amount: 0.5 },
            Message::Factor { factor: 2.0, times_low: low, times_high: high, log_likelihood: 14.2 },
            Message::Pace { factor: 2.0, times_low: low, times_high: high, log_likelihood: 14.2 },
            Message::NoUsageLogged,
            Message::RatioOfQuotas { times_low: low, times_high: high, sessions: 4 },
            Message::ReadingsInARow { count: 3, used: 40.0, by_count: Some(20.5) },
            Message::ReadingsInARow { count: 3, used: 40.0, by_count: None },
            Message::ScheduledEnd { at: at(1) },
            Message::UsedAt { at: at(1), meter, used: 40.0 },
            Message::QuotaOfLimitAt { at: at(1), meter, used: 40.0, limit: "100".into(), ends: Some(at(9)) },
            Message::QuotaAt { at: at(1), meter, used: 40.0, ends: None },
            Message::QuotaAt { at: at(1), meter, used: 40.0, ends: Some(at(9)) },
            Message::QuotaOfLimitAt { at: at(1), meter, used: 40.0, limit: "100".into(), ends: None },
            Message::FindingOf { at: at(1) },
            Message::ReturnedAt { at: at(1), series, amount: 7.0 },
            Message::RateLimitAt { at: at(1), limit: Limit::Concurrency, value: 15 },
            Message::PlanAt { at: at(1), plan: "Pro".into() },
            Message::UserAt { at: at(1), user: "0f1e2d3c4b5a6978".into() },
            Message::MoneyAt { at: at(1), series, left: MoneyLeft::Split { cash: amount, voucher: amount } },
            Message::MoneyAt { at: at(1), series, left: MoneyLeft::Total(amount) },
            Message::DeductionAt { at: at(1), series, amount },
        ]
    }
}
