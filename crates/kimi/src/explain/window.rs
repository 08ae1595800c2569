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
    "daily limit",
    "weekly limit",
    "monthly limit",
    "limit for the last",
    "limit for the past",
    "limit of the last",
    "out of quota",
    "no quota left",
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

/// Words for a window's length that have no figure. They stand for themselves.
const NAMES: &[(&str, Window)] = &[
    ("weekly", Window::Of(Meter::Week)),
    ("this week", Window::Of(Meter::Week)),
    ("current week", Window::Of(Meter::Week)),
    ("per week", Window::Of(Meter::Week)),
    ("each week", Window::Of(Meter::Week)),
    ("every week", Window::Of(Meter::Week)),
    ("a week", Window::Of(Meter::Week)),
    ("每周", Window::Of(Meter::Week)),
    ("本周", Window::Of(Meter::Week)),
    ("周额度", Window::Of(Meter::Week)),
    ("周用量", Window::Of(Meter::Week)),
    ("周使用", Window::Of(Meter::Week)),
    ("周限额", Window::Of(Meter::Week)),
    ("周度", Window::Of(Meter::Week)),
    ("monthly", Window::Of(Meter::Month)),
    ("this month", Window::Of(Meter::Month)),
    ("current month", Window::Of(Meter::Month)),
    ("per month", Window::Of(Meter::Month)),
    ("each month", Window::Of(Meter::Month)),
    ("every month", Window::Of(Meter::Month)),
    ("a month", Window::Of(Meter::Month)),
    ("每月", Window::Of(Meter::Month)),
    ("本月", Window::Of(Meter::Month)),
    ("当月", Window::Of(Meter::Month)),
    ("月度", Window::Of(Meter::Month)),
    ("月额度", Window::Of(Meter::Month)),
    ("月用量", Window::Of(Meter::Month)),
    ("月使用", Window::Of(Meter::Month)),
    ("月限额", Window::Of(Meter::Month)),
    ("daily", Window::Other),
    ("per day", Window::Other),
    ("hourly", Window::Other),
    ("yearly", Window::Other),
    ("annual", Window::Other),
    ("每日", Window::Other),
    ("每天", Window::Other),
    ("今日", Window::Other),
    ("当日", Window::Other),
    ("每年", Window::Other),
];

/// A window by its length.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Window {
    Of(Meter),
    /// One that no reading shows.
    Other,
}

/// What the service calls the 5-hour window where it does not give its length (its error reference, August 2026).
const PERIOD: &[&str] = &["this period", "next period", "当前周期", "本周期", "这一周期"];

/// The words that leave it open whether the week or the month is meant. They were seen for a used-up week on a plan
/// of before September 2026, and for a used-up month since.
const CYCLE: &[&str] = &["billing cycle", "billing period", "计费周期", "账单周期", "结算周期"];

/// What is used up, and how that is said, where a window's length stands beside it.
const ALLOWANCES: &[&str] = &["limit", "quota", "cap", "allowance", "window", "usage"];
const GONE: &[&str] = &[
    "reached",
    "exceeded",
    "exhausted",
    "hit",
    "depleted",
    "consumed",
    "used up",
    "used all",
    "used 100%",
    "ran out",
    "run out",
    "out of",
    "none left",
    "nothing left",
    "over your",
    "is full",
];

/// Rates are limited too, and are no windows.
const RATES: &[&str] = &[
    "rate limit",
    "rate-limit",
    "tpd",
    "tpm",
    "rpm",
    "token limit",
    "tokens per",
    "requests per",
    "request limit",
    "concurren",
];

/// Whether a message in lower case says that a window is used up.
pub(super) fn is_exhausted(text: &str) -> bool {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    let gone = || {
        let stated = phrase::any(text, ALLOWANCES) && phrase::any(text, GONE) && !says(RATES);
        stated && named_by_length(text).is_some()
    };
    if gone() {
        return true;
    }
    says(UNNAMED) || says(REACHED) && (named_by_length(text).is_some() || says(PERIOD) || says(CYCLE))
}

/// The window that a message in lower case names.
pub(super) fn named(text: &str) -> Option<Meter> {
    match named_by_length(text) {
        Some(Window::Of(meter)) => Some(meter),
        Some(Window::Other) => None,
        None => {
            let cycle = CYCLE.iter().any(|phrase| text.contains(phrase));
            let period = PERIOD.iter().any(|phrase| text.contains(phrase));
            (period && !cycle).then_some(Meter::FiveHour)
        }
    }
}

/// The window whose length is named first.
fn named_by_length(text: &str) -> Option<Window> {
    let by_name = NAMES.iter().filter_map(|(name, window)| Some((phrase::find(text, name)?, *window)));
    by_name.chain(by_figure(text)).min_by_key(|(place, _)| *place).map(|(_, window)| window)
}

/// The first length that is given as a figure and a unit: `5-hour`, `7 days`, `30d`, `seven-day`, `5 小时`. A length
/// that is only to be waited for is none.
fn by_figure(text: &str) -> Option<(usize, Window)> {
    const FIGURES: [(&str, u32); 8] = [
        ("one", 1),
        ("five", 5),
        ("seven", 7),
        ("thirty", 30),
        ("一", 1),
        ("五", 5),
        ("七", 7),
        ("三十", 30),
    ];
    /// What makes another figure of the one that follows.
    const JOINS: &str = "一二三四五六七八九十百千零.-";

    let begins = text.char_indices().filter(|(start, c)| {
        let before = text[..*start].chars().next_back();
        let joined = before.is_some_and(|before| before.is_ascii_alphanumeric() || JOINS.contains(before));
        !joined && (c.is_ascii_alphanumeric() || !c.is_ascii())
    });
    begins.map(|(start, _)| start).find_map(|start| {
        let rest = &text[start..];
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (figure, length) = if digits > 0 {
            (rest[..digits].parse().ok()?, digits)
        } else {
            let (word, figure) = FIGURES.iter().find(|(word, _)| rest.starts_with(word))?;
            (*figure, word.len())
        };
        let (window, after) = of_unit(figure, &rest[length..])?;
        (!is_wait(text[..start].trim_end(), after)).then_some((start, window))
    })
}

/// Whether a length is one to wait for: "try again in 5 hours", "5 小时后重试".
fn is_wait(before: &str, after: &str) -> bool {
    let waits = ["in", "after", "another", "wait"].iter().any(|word| {
        before.strip_suffix(word).is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
    });
    let after = after.trim_start();
    waits || ["后", "以后", "之后", "later", "from now"].iter().any(|word| after.starts_with(word))
}

/// The window of a figure and the unit that follows it, and what follows that.
fn of_unit(figure: u32, after: &str) -> Option<(Window, &str)> {
    const UNITS: [(&str, u32); 26] = [
        ("minutes", 60),
        ("minute", 60),
        ("mins", 60),
        ("min", 60),
        ("hours", 3_600),
        ("hour", 3_600),
        ("hrs", 3_600),
        ("hr", 3_600),
        ("h", 3_600),
        ("days", 86_400),
        ("day", 86_400),
        ("d", 86_400),
        ("weeks", 604_800),
        ("week", 604_800),
        ("w", 604_800),
        ("months", MONTH),
        ("month", MONTH),
        ("分钟", 60),
        ("个小时", 3_600),
        ("小时", 3_600),
        ("天", 86_400),
        ("日", 86_400),
        ("个星期", 604_800),
        ("周", 604_800),
        ("个月", MONTH),
        ("月", MONTH),
    ];
    const MONTH: u32 = 30 * 86_400;

    let unit = after.trim_start_matches([' ', '-', '\u{2011}', '\u{a0}']);
    let (name, seconds) = UNITS.iter().find(|(name, _)| {
        let ends = unit.strip_prefix(name);
        ends.is_some_and(|rest| !name.is_ascii() || !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    })?;
    let window = match figure.checked_mul(*seconds)? {
        // A rate has a minute.
        ..3_600 => return None,
        18_000 => Window::Of(Meter::FiveHour),
        604_800 => Window::Of(Meter::Week),
        length if (28 * 86_400..=31 * 86_400).contains(&length) => Window::Of(Meter::Month),
        _ => Window::Other,
    };
    Some((window, &unit[name.len()..]))
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
