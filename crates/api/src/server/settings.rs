//! The settings, in and out.

use std::path::PathBuf;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use chrono::NaiveTime;
use serde_json::{Map, Value};
use tidemark_core::Money;
use tidemark_monitor::Settings;

use super::answer::{Answer, Refusal};
use super::overview::money;
use super::routes::Shared;
use crate::view;

pub(super) async fn read(State(shared): State<Shared>) -> Answer<view::Settings> {
    Ok(Json(to_view(&shared.engine.settings())))
}

/// Takes any part of the settings; keys that are absent stay as they are.
pub(super) async fn change(
    State(shared): State<Shared>,
    body: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Answer<view::Settings> {
    let changes = body?.0;
    let before = shared.engine.settings();
    let Ok(Value::Object(mut whole)) = serde_json::to_value(to_view(&before)) else {
        return Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "no settings"));
    };
    for (key, value) in changes {
        if !whole.contains_key(&key) {
            return Err(Refusal::input(format!("there is no setting named {key}")));
        }
        whole.insert(key, value);
    }
    let wanted: view::Settings = serde_json::from_value(Value::Object(whole))
        .map_err(|error| Refusal::input(format!("a setting has the wrong form: {error}")))?;
    let wanted = from_view(&wanted)?;
    if wanted.start_at_login != before.start_at_login {
        let (hooks, on) = (shared.hooks.clone(), wanted.start_at_login);
        tokio::task::spawn_blocking(move || hooks.start_at_login(on))
            .await
            .unwrap_or_else(|_| Err("it failed".to_owned()))
            .map_err(|why| Refusal::new(StatusCode::CONFLICT, "start-at-login", why))?;
    }
    Ok(Json(to_view(&shared.engine.set_settings(wanted).await?)))
}

const CLOCK: &str = "%H:%M";

fn to_view(settings: &Settings) -> view::Settings {
    view::Settings {
        poll_seconds: settings.poll_seconds,
        poll_seconds_busy: settings.poll_seconds_busy,
        meter_thresholds: settings.meter_thresholds.clone(),
        balance_thresholds: settings.balance_thresholds.iter().map(|m| money(*m)).collect(),
        notify_resets: settings.notify_resets,
        notify_early_resets: settings.notify_early_resets,
        notify_refusals: settings.notify_refusals,
        notify_anomalies: settings.notify_anomalies,
        notifications: settings.notifications,
        quiet_hours: settings.quiet_hours.map(|(from, to)| view::QuietHours {
            from: from.format(CLOCK).to_string(),
            to: to.format(CLOCK).to_string(),
        }),
        timezone: settings.timezone.name().to_owned(),
        language: settings.language.clone(),
        theme: settings.theme.clone(),
        start_at_login: settings.start_at_login,
        status_page: settings.status_page,
        keep_raw_days: settings.keep_raw_days,
        log_homes: settings.log_homes.iter().map(|home| home.display().to_string()).collect(),
        worth_currency: settings.worth_currency.map(|currency| currency.to_string()),
        hidden_projects: settings.hidden_projects.clone(),
    }
}

fn from_view(view: &view::Settings) -> Result<Settings, Refusal> {
    let clock = |text: &str| {
        NaiveTime::parse_from_str(text, CLOCK)
            .map_err(|_| Refusal::input(format!("expected a time such as 22:00, found `{text}`")))
    };
    Ok(Settings {
        poll_seconds: view.poll_seconds,
        poll_seconds_busy: view.poll_seconds_busy,
        meter_thresholds: view.meter_thresholds.clone(),
        balance_thresholds: view
            .balance_thresholds
            .iter()
            .map(|m| {
                let amount = m.amount.trim().parse().map_err(|_| {
                    Refusal::input(format!("expected an amount such as 20.00, found `{}`", m.amount))
                })?;
                let currency = m.currency.parse().map_err(|e| Refusal::input(format!("{e}")))?;
                Ok(Money::new(amount, currency))
            })
            .collect::<Result<_, Refusal>>()?,
        notify_resets: view.notify_resets,
        notify_early_resets: view.notify_early_resets,
        notify_refusals: view.notify_refusals,
        notify_anomalies: view.notify_anomalies,
        notifications: view.notifications,
        quiet_hours: match &view.quiet_hours {
            None => None,
            Some(hours) => Some((clock(&hours.from)?, clock(&hours.to)?)),
        },
        timezone: view
            .timezone
            .parse()
            .map_err(|_| Refusal::input(format!("there is no time zone named {}", view.timezone)))?,
        language: view.language.clone(),
        theme: view.theme.clone(),
        start_at_login: view.start_at_login,
        status_page: view.status_page,
        keep_raw_days: view.keep_raw_days,
        log_homes: view.log_homes.iter().map(|home| PathBuf::from(home.trim())).collect(),
        worth_currency: match view.worth_currency.as_deref() {
            None => None,
            Some(currency) => Some(currency.parse().map_err(|e| Refusal::input(format!("{e}")))?),
        },
        hidden_projects: view.hidden_projects.clone(),
    })
}
