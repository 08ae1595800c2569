//! Which quota window an error means: by its words, and where they leave it open, by the last reading.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tidemark_core::{Failure, FailureKind, Meter, MeterReading, Reading};

use super::phrase;

/// How the exhaustion of a window is said, beside the window's name. Seen live on 2026-09-30 with type
/// `access_terminated_error`, and `permission_error` on the Anthropic route.
const REACHED: &[&str] = &[
    "usage limit",
    "usage quota",
    "usage cap",
    "quota limit",
    "quota has been",
    "quota exceeded",
    "quota exhausted",
    "quota is exhausted",
    "used up",
    "hour limit",
    "day limit",
    "weekly limit",
    "monthly limit",
    "使用上限",
    "用量上限",
    "额度上限",
    "使用限额",
    "使用限制",
    "用量限制",
    "额度已",
    "额度用完",
    "额度用尽",
    "额度耗尽",
    "用量已",
    "用完",
    "用尽",
    "耗尽",
];

/// How it is said without the window's name.
const UNNAMED: &[&str] = &[
    "reached your usage limit",
    "usage limit for this period",
    "usage limit for this billing cycle",
    "usage limit for the billing cycle",
    "quota will reset",
    "quota resets",
    "quota will be refreshed",
    "current window ends",
    "达到使用上限",
    "已达使用上限",
    "达到用量上限",
    "已达用量上限",
    "达到额度上限",
    "额度已用完",
    "额度已用尽",
    "额度已耗尽",
    "额度将在",
    "额度将于",
    "窗口结束",
];

/// The windows by the names of their lengths. They stand for themselves.
const LENGTHS: &[(Meter, &[&str])] = &[
    (
        Meter::FiveHour,
        &[
            "5-hour",
            "5 hour",
            "5hour",
            "five-hour",
            "five hour",
            "5h",
            "5 h",
            "300-minute",
            "5小时",
            "5 小时",
            "五小时",
        ],
    ),
    (
        Meter::Week,
        &[
            "weekly",
            "7-day",
            "7 day",
            "seven-day",
            "seven day",
            "7d",
            "this week",
            "per week",
            "each week",
            "每周",
            "本周",
            "一周",
            "周额度",
            "周用量",
            "周使用",
            "周限额",
            "7天",
            "7 天",
            "七天",
            "7日",
            "7 日",
            "七日",
        ],
    ),
    (
        Meter::Month,
        &[
            "monthly",
            "this month",
            "per month",
            "each month",
            "每月",
            "本月",
            "当月",
            "月度",
            "月额度",
            "月用量",
            "月使用",
            "月限额",
        ],
    ),
];

/// What the service calls the 5-hour window where it does not give its length (its error reference, August 2026).
const PERIOD: &[&str] = &["this period", "next period", "当前周期", "本周期", "这一周期"];

/// The words that leave it open whether the week or the month is meant. They were seen for a used-up week on a plan
/// of before September 2026, and for a used-up month since.
const CYCLE: &[&str] = &["billing cycle", "billing period", "计费周期", "账单周期", "结算周期"];

/// Whether a message in lower case says that a window is used up.
pub(super) fn is_exhausted(text: &str) -> bool {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    says(UNNAMED) || says(REACHED) && (named_by_length(text).is_some() || says(PERIOD) || says(CYCLE))
}

/// The window that a message in lower case names.
pub(super) fn named(text: &str) -> Option<Meter> {
    named_by_length(text).or_else(|| {
        let cycle = CYCLE.iter().any(|phrase| text.contains(phrase));
        let period = PERIOD.iter().any(|phrase| text.contains(phrase));
        (period && !cycle).then_some(Meter::FiveHour)
    })
}

/// The window whose length is named first.
fn named_by_length(text: &str) -> Option<Meter> {
    LENGTHS
        .iter()
        .flat_map(|(meter, phrases)| phrases.iter().map(move |phrase| (*meter, *phrase)))
        .filter_map(|(meter, phrase)| Some((phrase::find(text, phrase)?, meter)))
        .min_by_key(|(place, _)| *place)
        .map(|(_, meter)| meter)
}

/// Names the window of a [`FailureKind::WindowExhausted`] whose words leave it open, by the account's last reading.
///
/// It is the longest of those that the reading shows as used up and that have not been reset since: that is the one
/// that has to be waited for. A plan that reports a month and no week can mean only the month by "billing cycle".
/// Where the reading does not show it either, the failure stays as it is: which one is unknown.
pub fn settle_window(failure: &mut Failure, reading: &Reading, now: DateTime<Utc>) {
    let text = failure.message.to_lowercase();
    if failure.kind != FailureKind::WindowExhausted || named_by_length(&text).is_some() {
        return;
    }
    let cycle = CYCLE.iter().any(|phrase| text.contains(phrase));
    let may_be_meant = |meter: Meter| meter.is_allowance() && !(cycle && meter == Meter::FiveHour);
    let used_up = reading
        .meters
        .iter()
        .filter(|seen| may_be_meant(seen.meter) && is_used_up(seen, now))
        .map(|seen| seen.meter)
        .max();
    let only = (cycle && reading.meter(Meter::Week).is_none())
        .then(|| reading.meter(Meter::Month).map(|seen| seen.meter))
        .flatten();
    if let Some(meter) = used_up.or(only) {
        failure.meter = Some(meter);
    }
}

/// A reading is a few minutes old, and a count in whole percent carries an error of one point.
fn is_used_up(seen: &MeterReading, now: DateTime<Utc>) -> bool {
    const NEARLY: Decimal = Decimal::from_parts(99, 0, 0, false, 0);

    seen.used_percent >= NEARLY && seen.resets_at.is_none_or(|at| at > now)
}
