//! What the tray says, worked out from the overview: the icon's level, the title, the tooltip, the menu.
//! Pure, and the same on every system.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use tidemark_api::view::{AccountCard, CardState, MeterView, Overview};
use tidemark_core::number::decimal;
use tidemark_core::{Meter, Money};

use super::action::Action;
use super::icon::{Level, Severity};
use crate::format;
use crate::i18n::Catalog;
use crate::output::clean;

/// Values older than this are shown with their age.
const OLD: TimeDelta = TimeDelta::minutes(20);

/// A row of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Something to read that also can be chosen.
    Choice {
        /// The text.
        text: String,
        /// What choosing it means.
        action: Action,
    },
    /// A line of text that cannot be clicked.
    Note(String),
    /// A line between groups.
    Separator,
}

/// All of what the tray shows.
#[derive(Debug, Clone, PartialEq)]
pub struct TrayModel {
    /// What the icon shows.
    pub level: Level,
    /// One line: the tightest meter.
    pub title: String,
    /// A line per account.
    pub tooltip: String,
    /// The entries of the menu.
    pub rows: Vec<Row>,
}

impl TrayModel {
    /// The face of an overview at a moment.
    #[must_use]
    pub fn of(overview: &Overview, words: &Catalog, zone: Tz, now: DateTime<Utc>) -> Self {
        let paused = overview.agent.paused_until.filter(|until| *until > now);
        let tightest = tightest(&overview.accounts, now);
        let title = match tightest {
            Some((card, meter)) => {
                let head = words.with(
                    "tray-tightest",
                    [
                        ("account", clean(&card.name).into()),
                        ("meter", meter_name(words, meter).into()),
                        ("percent", percent(words, meter.used_percent).into()),
                    ],
                );
                joined([Some(head), reset(words, meter, now)])
            }
            None => match overview.accounts.first() {
                Some(card) => joined([Some(clean(&card.name)), Some(summary(card, words, now))]),
                None => words.text("tray-no-account"),
            },
        };
        let level = Level {
            percent: tightest.map(|(_, meter)| meter.used_percent),
            mood: mood(&overview.accounts, tightest, now),
            paused: paused.is_some(),
        };
        let mut lines: Vec<String> = overview
            .accounts
            .iter()
            .map(|card| words.said(&clean(&card.name), &summary(card, words, now)))
            .collect();
        if let Some(until) = paused {
            lines.push(words.with("tray-paused", [("moment", words.moment(until, now, zone).into())]));
        }
        let rows = rows(overview, paused, words, zone, now);
        Self { level, title, tooltip: lines.join("\n"), rows }
    }
}

/// The meter nearest its limit over all accounts. The Code share of the month limits nothing by itself.
fn tightest(accounts: &[AccountCard], now: DateTime<Utc>) -> Option<(&AccountCard, &MeterView)> {
    accounts
        .iter()
        .flat_map(|card| card.meters.iter().map(move |meter| (card, meter)))
        .filter(|(card, meter)| {
            known(meter).is_none_or(Meter::is_allowance) && !is_past_reset(card, meter, now)
        })
        .max_by(|(_, a), (_, b)| a.used_percent.total_cmp(&b.used_percent))
}

/// Whether a quota has been reset since it was read: the overview may be older than this moment.
fn is_past_reset(card: &AccountCard, meter: &MeterView, now: DateTime<Utc>) -> bool {
    let read_before = |end| card.read_at.is_some_and(|at| at < end);
    meter.was_reset || meter.resets_at.is_some_and(|end| read_before(end) && end <= now)
}

fn known(meter: &MeterView) -> Option<Meter> {
    meter.meter.parse().ok()
}

fn meter_name(words: &Catalog, meter: &MeterView) -> String {
    known(meter).map_or_else(|| clean(&meter.meter), |known| words.meter(known))
}

fn percent(words: &Catalog, value: f64) -> String {
    decimal::from_f64(value).map_or_else(|| words.text("unknown"), |value: Decimal| words.percent(value, 0))
}

/// How much of a quota is used, where that is known.
fn used(card: &AccountCard, meter: &MeterView, words: &Catalog, now: DateTime<Utc>) -> String {
    if is_past_reset(card, meter, now) { words.text("unknown") } else { percent(words, meter.used_percent) }
}

fn mood(
    accounts: &[AccountCard],
    tightest: Option<(&AccountCard, &MeterView)>,
    now: DateTime<Utc>,
) -> Severity {
    if accounts.iter().any(|card| card.state == CardState::Refused) {
        return Severity::Over;
    }
    match tightest {
        Some((card, _)) if age(card, now).is_none_or(|age| age > TimeDelta::hours(1)) => Severity::Unknown,
        Some((_, meter)) => Severity::of_percent(meter.used_percent),
        None if accounts.iter().any(|card| !card.meters.is_empty()) => Severity::Unknown,
        // No meter at all: money alone has no level, but something read is not unknown.
        None if accounts.iter().any(|card| card.read_at.is_some()) => Severity::Calm,
        None => Severity::Unknown,
    }
}

fn age(card: &AccountCard, now: DateTime<Utc>) -> Option<TimeDelta> {
    card.read_at.map(|at| now - at)
}

fn reset(words: &Catalog, meter: &MeterView, now: DateTime<Utc>) -> Option<String> {
    let at = meter.resets_at?;
    Some(if at > now {
        words.with("tray-reset-in", [("length", words.length(at - now).into())])
    } else {
        words.text("reset-due")
    })
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What is wrong with an account, or how old its values are; nothing while all is well.
fn remark(card: &AccountCard, words: &Catalog, now: DateTime<Utc>) -> Option<String> {
    let well = matches!(card.state, CardState::Live | CardState::PolledThrough | CardState::Waiting);
    let trouble = (!well).then(|| words.text(&format!("state-{}", card.state.as_str())));
    let old = age(card, now)
        .filter(|age| *age > OLD)
        .map(|age| words.with("tray-old", [("length", words.length(age).into())]));
    (trouble.is_some() || old.is_some()).then(|| joined([trouble, old]))
}

/// An account in one line.
fn summary(card: &AccountCard, words: &Catalog, now: DateTime<Utc>) -> String {
    let mut parts: Vec<String> = card
        .meters
        .iter()
        .filter(|meter| known(meter).is_none_or(Meter::is_allowance))
        .map(|meter| format!("{} {}", meter_name(words, meter), used(card, meter, words, now)))
        .collect();
    parts.extend(balance(card, words));
    if parts.is_empty() && card.read_at.is_none() {
        parts.push(words.text("tray-no-reading"));
    }
    parts.extend(remark(card, words, now));
    parts.join(" · ")
}

fn balance(card: &AccountCard, words: &Catalog) -> Option<String> {
    let money = card.balance.as_ref()?.available.as_ref()?;
    let text = match (money.amount.parse(), money.currency.parse()) {
        (Ok(amount), Ok(currency)) => format::money(&Money::new(amount, currency)),
        _ => format!("{} {}", clean(&money.amount), clean(&money.currency)),
    };
    Some(format!("{} {text}", words.text("series-balance.short")))
}

fn rows(
    overview: &Overview,
    paused: Option<DateTime<Utc>>,
    words: &Catalog,
    zone: Tz,
    now: DateTime<Utc>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let choice = |text: String, action: Action| Row::Choice { text, action };
    if overview.agent.demo {
        rows.push(Row::Note(words.text("tray-sample")));
    }
    for card in &overview.accounts {
        let open = Action::Open { account: Some(card.id), token: None };
        let head = joined([Some(clean(&card.name)), remark(card, words, now)]);
        rows.push(choice(head, open.clone()));
        for meter in &card.meters {
            let used = format!("    {}  {}", meter_name(words, meter), used(card, meter, words, now));
            // A share of the month has no reset of its own.
            let allowance = known(meter).is_none_or(Meter::is_allowance);
            let shown = allowance && !is_past_reset(card, meter, now);
            let reset = if shown { reset(words, meter, now) } else { None };
            rows.push(choice(joined([Some(used), reset]), open.clone()));
        }
        if let Some(balance) = balance(card, words) {
            rows.push(choice(format!("    {balance}"), open.clone()));
        }
        if card.read_at.is_none() {
            rows.push(choice(format!("    {}", words.text("tray-no-reading")), open));
        }
    }
    if overview.accounts.is_empty() {
        rows.push(Row::Note(words.text("tray-no-account")));
    }
    rows.push(Row::Separator);
    rows.push(choice(words.text("tray-refresh"), Action::Refresh));
    if let Some(until) = paused {
        rows.push(Row::Note(words.with("tray-paused", [("moment", words.moment(until, now, zone).into())])));
        rows.push(choice(words.text("tray-resume"), Action::Resume));
    } else {
        rows.push(choice(words.text("tray-pause-hour"), Action::PauseHour));
        rows.push(choice(words.text("tray-pause-tomorrow"), Action::PauseUntilTomorrow));
    }
    rows.push(Row::Separator);
    rows.push(choice(words.text("tray-open"), Action::Open { account: None, token: None }));
    rows.push(choice(words.text("tray-quit"), Action::Quit));
    rows
}

#[cfg(test)]
mod tests;
