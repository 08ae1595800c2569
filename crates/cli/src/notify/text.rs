//! What a notification says, in the user's language: precise and short.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use tidemark_core::alert::{Alert, AlertKind};
use tidemark_core::failure::Denied;
use tidemark_core::finding::{Anomaly, Schedule};
use tidemark_core::report::Figures;
use tidemark_core::{FailureKind, Series};

use crate::format::{self, meter_word};
use crate::i18n::Catalog;
use crate::output::clean;

/// A notification, as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One line: what happened, to which account.
    pub title: String,
    /// What else is worth knowing; may be empty.
    pub body: String,
}

/// A longer announcement has no room in a notification.
const MAX_ANNOUNCEMENT_CHARS: usize = 140;

/// The notification of an alert, with what the service announced near it.
#[must_use]
pub fn notice_of(alert: &Alert, account: &str, words: &Catalog, zone: Tz, now: DateTime<Utc>) -> Notice {
    let notice = notice(&alert.kind, account, words, zone, now);
    let short = alert.announcement.as_deref().filter(|text| text.chars().count() <= MAX_ANNOUNCEMENT_CHARS);
    let announced = short
        .map_or_else(String::new, |text| words.with("said-announcement", [("text", clean(text).into())]));
    Notice { body: joined(&notice.body, &announced), ..notice }
}

/// What happened, as a notification.
#[must_use]
fn notice(kind: &AlertKind, account: &str, words: &Catalog, zone: Tz, now: DateTime<Utc>) -> Notice {
    let account = clean(account);
    let resets = |at: Option<DateTime<Utc>>| resets_text(at, words, zone, now);
    match kind {
        AlertKind::Threshold { meter, threshold, used, resets_at } => {
            let title = if *threshold >= Decimal::ONE_HUNDRED {
                words.with(
                    "notify-exhausted",
                    [("account", account.into()), ("meter", meter_word(*meter).into())],
                )
            } else {
                words.with(
                    "notify-threshold",
                    [
                        ("account", account.into()),
                        ("meter", meter_word(*meter).into()),
                        ("percent", words.percent(*threshold, 0).into()),
                    ],
                )
            };
            // Rounded down: 99.6 is not all of it yet.
            let now = if used.floor() > *threshold {
                words.with("notify-used-now", [("percent", words.percent(used.floor(), 0).into())])
            } else {
                String::new()
            };
            Notice { title, body: joined(&now, &resets(*resets_at)) }
        }
        AlertKind::Reset { meter, schedule, used_before, used_after, resets_at, gives_back } => {
            let arguments = [("account", account.into()), ("meter", meter_word(*meter).into())];
            let title = match schedule {
                Schedule::OnTime => words.with("notify-reset", arguments),
                Schedule::Early => words.with("notify-reset-early", arguments),
                Schedule::Late => words.with("notify-reset-late", arguments),
            };
            // No one could expect it: it is good news.
            let key = if *schedule == Schedule::Early { "notify-reset-good" } else { "notify-reset-body" };
            let body = words.with(
                key,
                [
                    ("before", words.percent(*used_before, 0).into()),
                    ("after", words.percent(*used_after, 0).into()),
                ],
            );
            let body = joined(&body, &given_back(*gives_back, words));
            Notice { title, body: joined(&body, &resets(*resets_at)) }
        }
        AlertKind::LikelyEmpty { meter, used, probability, empty, resets_at } => {
            let title = words.with(
                "notify-likely-empty-soon",
                [("account", account.into()), ("meter", meter_word(*meter).into())],
            );
            // No finer than it is known: in steps of five, and never certain.
            let percent = Decimal::from(((probability * 20.0).round() as i64 * 5).clamp(5, 95));
            let body = words.with(
                "notify-likely-empty-body",
                [
                    ("used", words.percent(used.floor(), 0).into()),
                    ("percent", words.percent(percent, 0).into()),
                ],
            );
            let span = empty.map_or_else(String::new, |(from, to)| {
                let moment = |at| words.moment(at, now, zone);
                words.with(
                    "notify-likely-empty-span",
                    [("from", moment(from).into()), ("to", moment(to).into())],
                )
            });
            Notice { title, body: joined(&joined(&body, &span), &resets(*resets_at)) }
        }
        AlertKind::LikelyLasts { meter, used, resets_at } => {
            let title = words.with(
                "notify-likely-lasts",
                [("account", account.into()), ("meter", meter_word(*meter).into())],
            );
            let used = words.with("notify-used-now", [("percent", words.percent(used.floor(), 0).into())]);
            Notice { title, body: joined(&used, &resets(*resets_at)) }
        }
        AlertKind::BalanceLow { threshold, available } => Notice {
            title: words.with(
                "notify-balance",
                [("account", account.into()), ("threshold", format::money(threshold).into())],
            ),
            body: words.with("notify-money-left", [("amount", format::money(available).into())]),
        },
        AlertKind::ExtraUsage { spent, left, cap } => {
            let spent = words.with("notify-extra-usage-body", [("spent", format::money(spent).into())]);
            let cap = cap.map_or_else(String::new, |cap| {
                words.with("notify-extra-usage-cap", [("cap", format::money(&cap).into())])
            });
            let left = left.map_or_else(String::new, |left| {
                words.with("notify-money-left", [("amount", format::money(&left).into())])
            });
            Notice {
                title: words.with("notify-extra-usage-begun", [("account", account.into())]),
                body: joined(&joined(&spent, &cap), &left),
            }
        }
        AlertKind::Budget { budget, step, used, is_estimate, ends } => {
            let what = words.budget_of(&account, budget);
            let period = budget.period.as_str();
            let title = if *step >= 100 {
                words.with("notify-budget-all", [("what", what.into()), ("period", period.into())])
            } else {
                let step = words.percent(Decimal::from(*step), 0);
                let values = [("what", what.into()), ("period", period.into()), ("percent", step.into())];
                words.with("notify-budget-step", values)
            };
            let body = words.with(
                "notify-budget-body",
                [
                    ("used", words.budget_used(used, *is_estimate, false).into()),
                    ("limit", words.budget_limit(&budget.limit).into()),
                    ("moment", words.moment(*ends, now, zone).into()),
                ],
            );
            Notice { title, body }
        }
        AlertKind::Credit { class, amount, wallet, gives_back } => {
            let class = match class {
                tidemark_core::finding::CreditClass::TopUp => words.text("credit-top-up"),
                tidemark_core::finding::CreditClass::Voucher => words.text("credit-voucher"),
                tidemark_core::finding::CreditClass::Refund => words.text("credit-refund"),
                tidemark_core::finding::CreditClass::Unknown => String::new(),
            };
            let place = if *wallet { words.text("series-wallet.short") } else { String::new() };
            Notice {
                title: words.with(
                    "notify-credit",
                    [("account", account.into()), ("amount", format::money(amount).into())],
                ),
                body: joined(
                    &[class, place]
                        .into_iter()
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join(" · "),
                    &given_back(*gives_back, words),
                ),
            }
        }
        AlertKind::Anomaly { class, series, observed, expected, factor, incident } => {
            let figures = Figures { observed: *observed, expected: *expected, factor: *factor };
            anomaly(account, (*class, *series), &figures, incident.as_deref(), words)
        }
        AlertKind::Recovered { series, back, .. } => Notice {
            title: words.with(
                "notify-recovered",
                [("account", account.into()), ("what", words.the_series(Some(*series)).into())],
            ),
            body: back.map_or_else(String::new, |back| {
                words.with("notify-recovered-body", [("amount", words.quantity(*series, back).into())])
            }),
        },
        AlertKind::Withdrawn { series, .. } => Notice {
            title: words.with(
                "notify-withdrawn",
                [("account", account.into()), ("what", words.the_series(*series).into())],
            ),
            body: words.text("notify-withdrawn-body"),
        },
        AlertKind::KeyRefused { failure, denied, .. } => refused(account, *failure, *denied, words),
    }
}

/// Only a bad key can be replaced: a suspended account and a membership that is over need something else.
fn refused(account: String, failure: FailureKind, denied: Option<Denied>, words: &Catalog) -> Notice {
    let (failure, body) = match (failure, denied) {
        (_, Some(Denied::Account)) => (words.text("failure-forbidden-account"), "notify-suspended-body"),
        (FailureKind::MembershipLapsed, _) => (words.failure(failure), "notify-lapsed-body"),
        _ => (words.failure(failure), "notify-refused-body"),
    };
    Notice {
        title: words.with("notify-refused", [("account", account.into()), ("failure", failure.into())]),
        body: words.text(body),
    }
}

fn given_back(gives_back: bool, words: &Catalog) -> String {
    if gives_back { words.text("notify-gives-back") } else { String::new() }
}

fn anomaly(
    account: String,
    (class, series): (Anomaly, Option<Series>),
    figures: &Figures,
    incident: Option<&str>,
    words: &Catalog,
) -> Notice {
    let what = words.the_series(series);
    let title = words.with(
        &format!("notify-anomaly-{}", class.as_str()),
        [("account", account.into()), ("what", what.into())],
    );
    let body = series.map_or_else(String::new, |series| words.figures(class, series, figures));
    let incident = incident
        .map_or_else(String::new, |title| words.with("said-incident", [("title", clean(title).into())]));
    Notice { title, body: joined(&body, &incident) }
}

fn resets_text(at: Option<DateTime<Utc>>, words: &Catalog, zone: Tz, now: DateTime<Utc>) -> String {
    let Some(at) = at.filter(|at| *at > now) else { return String::new() };
    let today = at.with_timezone(&zone).date_naive() == now.with_timezone(&zone).date_naive();
    let values = [("moment", words.moment(at, now, zone).into()), ("length", words.length(at - now).into())];
    if today { words.with("notify-resets-at", values) } else { words.with("notify-resets-on", values) }
}

fn joined(first: &str, second: &str) -> String {
    [first, second].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use tidemark_core::budget::{Budget, BudgetAmount, Period};
    use tidemark_core::finding::CreditClass;
    use tidemark_core::{AccountId, Currency, Meter, Money};

    use super::*;
    use crate::i18n::Language;

    #[test]
    fn a_channel_can_be_limited_to_each_kind_of_alert() {
        let words = kinds().into_iter().map(|kind| serde_json::to_value(kind).unwrap()["kind"].clone());
        let words: std::collections::BTreeSet<_> =
            words.map(|word| word.as_str().unwrap().to_owned()).collect();
        let known = crate::arguments::ALERTS.map(str::to_owned);
        assert_eq!(words, known.into());
    }

    fn kinds() -> Vec<AlertKind> {
        let now = now();
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        let threshold = |meter, threshold: &str, used: &str, minutes: Option<i64>| AlertKind::Threshold {
            meter,
            threshold: decimal(threshold),
            used: decimal(used),
            resets_at: minutes.map(|minutes| now + chrono::TimeDelta::minutes(minutes)),
        };
        let reset = |schedule| AlertKind::Reset {
            meter: Meter::FiveHour,
            schedule,
            used_before: decimal("96.5"),
            used_after: decimal("0"),
            resets_at: Some(now + chrono::TimeDelta::hours(5)),
            gives_back: schedule == Schedule::Early,
        };
        let refusal = |failure, status, denied| AlertKind::KeyRefused {
            since: now,
            failure,
            status: Some(status),
            denied,
        };
        let anomaly =
            |class, series, observed: f64, expected, factor, incident: Option<&str>| AlertKind::Anomaly {
                class,
                series: Some(series),
                observed: Some(observed),
                expected,
                factor,
                incident: incident.map(ToOwned::to_owned),
            };
        let week = Series::Meter(Meter::Week);
        let balance = Series::Balance(Currency::CNY);
        let money = |amount: &str| BudgetAmount::Money { money: Money::new(decimal(amount), Currency::CNY) };
        let tokens = |tokens| BudgetAmount::Tokens { tokens };
        let percent =
            |percent: &str| BudgetAmount::Percent { meter: Meter::FiveHour, percent: decimal(percent) };
        let budget = |period: Period, project: Option<&str>, limit, step, used, is_estimate| {
            let project = project.map(ToOwned::to_owned);
            let budget = Budget { account: AccountId(1), project, period, limit };
            let ends = period.holding(now, Tz::Asia__Shanghai).end;
            AlertKind::Budget { budget, step, used, is_estimate, ends }
        };
        vec![
            threshold(Meter::Week, "90", "90.9", Some(3120)),
            threshold(Meter::FiveHour, "75", "75", Some(72)),
            threshold(Meter::Month, "100", "104.2", Some(60 * 24 * 20)),
            threshold(Meter::Month, "75", "80", None),
            reset(Schedule::OnTime),
            reset(Schedule::Early),
            reset(Schedule::Late),
            AlertKind::BalanceLow {
                threshold: Money::new(decimal("20"), Currency::USD),
                available: Money::new(decimal("18.42"), Currency::USD),
            },
            AlertKind::ExtraUsage {
                spent: Money::new(decimal("0.84"), Currency::CNY),
                left: Some(Money::new(decimal("49.16"), Currency::CNY)),
                cap: Some(Money::new(decimal("100"), Currency::CNY)),
            },
            AlertKind::ExtraUsage {
                spent: Money::new(decimal("0.12"), Currency::USD),
                left: None,
                cap: None,
            },
            budget(Period::Month, None, money("300"), 80, money("241.5"), false),
            budget(Period::Day, Some("boat"), money("10"), 100, money("12"), true),
            budget(Period::Week, Some("boat"), tokens(5_000_000), 80, tokens(4_200_000), false),
            budget(Period::Day, None, percent("250"), 100, percent("251.25"), false),
            AlertKind::Credit {
                class: CreditClass::TopUp,
                amount: Money::new(decimal("50"), Currency::CNY),
                wallet: true,
                gives_back: false,
            },
            anomaly(
                Anomaly::WipeOut,
                Series::Meter(Meter::Month),
                62.0,
                Some((0.0, 0.0)),
                None,
                Some("Elevated 502s"),
            ),
            anomaly(Anomaly::Accelerated, week, 21.0, Some((6.8, 8.8)), Some((2.386, 3.088)), None),
            anomaly(Anomaly::Unexplained, week, 1.0, Some((0.0, 0.4)), None, None),
            anomaly(Anomaly::Impossible, balance, 310.5, Some((0.0, 42.25)), None, None),
            anomaly(Anomaly::Disagreement, week, 9.0, None, None, None),
            anomaly(
                Anomaly::OverdueReset,
                Series::Meter(Meter::FiveHour),
                88.0,
                Some((0.0, 0.0)),
                None,
                None,
            ),
            anomaly(Anomaly::Clawback, balance, 15.0, Some((1.0, 2.0)), None, None),
            AlertKind::Recovered { series: week, back: Some(7.0), of: now },
            AlertKind::Withdrawn { class: Anomaly::Unexplained, series: Some(week), of: now },
            AlertKind::LikelyEmpty {
                meter: Meter::Week,
                used: decimal("71.6"),
                probability: 0.873,
                empty: Some((now + chrono::TimeDelta::hours(20), now + chrono::TimeDelta::hours(31))),
                resets_at: Some(now + chrono::TimeDelta::days(3)),
            },
            AlertKind::LikelyEmpty {
                meter: Meter::FiveHour,
                used: Decimal::from(64),
                probability: 0.998,
                empty: None,
                resets_at: None,
            },
            AlertKind::LikelyLasts {
                meter: Meter::Week,
                used: Decimal::from(73),
                resets_at: Some(now + chrono::TimeDelta::days(2)),
            },
            refusal(FailureKind::Unauthorized, 401, None),
            refusal(FailureKind::Forbidden, 403, Some(Denied::Account)),
            refusal(FailureKind::MembershipLapsed, 402, None),
        ]
    }

    fn now() -> DateTime<Utc> {
        "2026-11-20T15:17:00Z".parse().unwrap()
    }

    #[test]
    fn notifications_in_both_languages() {
        for (tag, language) in [("en", Language::English), ("zh", Language::Chinese)] {
            let words = Catalog::new(language);
            let mut all = String::new();
            for kind in kinds() {
                let notice = notice(&kind, "Work", &words, chrono_tz::Europe::Berlin, now());
                let _ = writeln!(all, "{}\n{}\n", notice.title, notice.body);
            }
            insta::assert_snapshot!(format!("notices-{tag}"), all);
        }
    }

    #[test]
    fn a_notification_names_a_short_announcement_near_it() {
        let words = Catalog::new(Language::English);
        let body = |announcement: Option<&str>| {
            let alert = Alert {
                key: "k".to_owned(),
                at: now(),
                kind: AlertKind::Recovered { series: Series::Meter(Meter::Week), back: None, of: now() },
                announcement: announcement.map(ToOwned::to_owned),
            };
            notice_of(&alert, "Work", &words, Tz::UTC, now()).body
        };
        assert_eq!(body(None), "");
        assert!(body(Some("All quotas were reset")).contains("“All quotas were reset”"));
        assert_eq!(body(Some(&"long ".repeat(60))), "");
    }

    #[test]
    fn a_reset_that_is_over_is_not_announced() {
        let words = Catalog::new(Language::English);
        let past = now() - chrono::TimeDelta::minutes(1);
        assert_eq!(resets_text(Some(past), &words, Tz::UTC, now()), "");
    }
}
