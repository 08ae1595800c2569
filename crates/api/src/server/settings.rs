//! The settings, in and out.

use std::path::PathBuf;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::NaiveTime;
use serde_json::{Map, Value};
use tidemark_core::Money;
use tidemark_monitor::{EngineError, Settings};

use super::budgets::{budget, budget_view};
use super::context::Context;
use super::convert::money;
use super::error::{ApiError, ApiResult};
use super::from_browser::FromBrowser;
use super::guard_rules::{guard_rules, guard_rules_view};
use crate::view;

/// What no browser of another machine changes: which folders are read, and which programs the system starts.
const NOT_FROM_AFAR: [&str; 2] = ["log_homes", "start_at_login"];

pub(super) async fn read(State(context): State<Context>) -> ApiResult<view::Settings> {
    Ok(Json(to_view(&context.engine.settings())))
}

/// Takes any part of the settings; keys that are absent stay as they are.
pub(super) async fn change(
    State(context): State<Context>,
    from: Option<Extension<FromBrowser>>,
    body: Result<Json<Map<String, Value>>, JsonRejection>,
) -> ApiResult<view::Settings> {
    let changes = body?.0;
    // Held until all is switched and stored: of two changes at once the second builds on the first.
    let turn = context.engine.settings_turn().await;
    let before = turn.settings();
    let Ok(Value::Object(mut whole)) = serde_json::to_value(to_view(&before)) else {
        return Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "no settings"));
    };
    for (key, value) in changes {
        if !whole.contains_key(&key) {
            return Err(ApiError::input(format!("there is no setting named {key}")));
        }
        let is_afar = from.as_ref().is_some_and(|from| from.afar);
        if is_afar && NOT_FROM_AFAR.contains(&key.as_str()) && whole.get(&key) != Some(&value) {
            let text = "this is changed on the machine itself";
            return Err(ApiError::new(StatusCode::FORBIDDEN, "not-from-afar", text));
        }
        whole.insert(key, value);
    }
    let wanted: view::Settings = serde_json::from_value(Value::Object(whole))
        .map_err(|error| ApiError::input(format!("a setting has the wrong form: {error}")))?;
    // Checked before anything is switched: what is refused has changed nothing.
    let wanted = from_view(&wanted, &before)?.checked().map_err(EngineError::from)?;
    let (on, switched) = (wanted.start_at_login, wanted.start_at_login != before.start_at_login);
    if switched {
        start_at_login(&context, on)
            .await
            .map_err(|why| ApiError::new(StatusCode::CONFLICT, "start-at-login", why))?;
    }
    match turn.set(wanted).await {
        Ok(settings) => Ok(Json(to_view(&settings))),
        Err(error) => {
            // Whatever was stored counts: a zone, for instance, can be stored and its estimates fail to follow.
            if switched
                && turn.settings().start_at_login != on
                && let Err(why) = start_at_login(&context, !on).await
            {
                tracing::warn!(%why, "start at login stays switched though the setting was not stored");
            }
            Err(error.into())
        }
    }
}

async fn start_at_login(context: &Context, on: bool) -> Result<(), String> {
    let services = context.services.clone();
    tokio::task::spawn_blocking(move || services.start_at_login(on))
        .await
        .unwrap_or_else(|_| Err("it failed".to_owned()))
}

/// What of the settings is valid, as the engine has it.
#[must_use]
pub fn settings_limits() -> view::SettingsLimits {
    use tidemark_monitor::settings as limits;
    view::SettingsLimits {
        min_poll_seconds: *limits::POLL_SECONDS.start(),
        max_poll_seconds: *limits::POLL_SECONDS.end(),
        min_meter_threshold: *limits::METER_THRESHOLDS.start(),
        max_meter_threshold: *limits::METER_THRESHOLDS.end(),
        min_likely_percent: *limits::LIKELY_PERCENTS.start(),
        max_likely_percent: *limits::LIKELY_PERCENTS.end(),
        max_meter_thresholds: limits::MAX_METER_THRESHOLDS,
        min_keep_raw_days: limits::MIN_KEEP_RAW_DAYS,
        max_log_homes: limits::MAX_LOG_HOMES,
        max_hidden_projects: limits::MAX_HIDDEN_PROJECTS,
        max_hidden_project_len: limits::MAX_HIDDEN_PROJECT_LEN,
    }
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
        notify_likely_empty: settings.notify_likely_empty,
        notify_extra_usage: settings.notify_extra_usage,
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
        check_updates: settings.check_updates,
        keep_raw_days: settings.keep_raw_days,
        log_homes: settings.log_homes.iter().map(|home| home.display().to_string()).collect(),
        worth_currency: settings.worth_currency.map(|currency| currency.to_string()),
        hidden_projects: settings.hidden_projects.clone(),
        guard: guard_rules_view(&settings.guard),
        budgets: settings.budgets.iter().map(budget_view).collect(),
    }
}

/// Settings as a person sees them. What is not among those stays as it is.
fn from_view(view: &view::Settings, before: &Settings) -> Result<Settings, ApiError> {
    let clock = |text: &str| {
        NaiveTime::parse_from_str(text, CLOCK)
            .map_err(|_| ApiError::input(format!("expected a time such as 22:00, found `{text}`")))
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
                    ApiError::input(format!("expected an amount such as 20.00, found `{}`", m.amount))
                })?;
                let currency = m.currency.parse().map_err(|e| ApiError::input(format!("{e}")))?;
                Ok(Money::new(amount, currency))
            })
            .collect::<Result<_, ApiError>>()?,
        notify_resets: view.notify_resets,
        notify_early_resets: view.notify_early_resets,
        notify_refusals: view.notify_refusals,
        notify_anomalies: view.notify_anomalies,
        notify_likely_empty: view.notify_likely_empty,
        notify_extra_usage: view.notify_extra_usage,
        notifications: view.notifications,
        quiet_hours: match &view.quiet_hours {
            None => None,
            Some(hours) => Some((clock(&hours.from)?, clock(&hours.to)?)),
        },
        timezone: view
            .timezone
            .parse()
            .map_err(|_| ApiError::input(format!("there is no time zone named {}", view.timezone)))?,
        language: view.language.clone(),
        theme: view.theme.clone(),
        start_at_login: view.start_at_login,
        status_page: view.status_page,
        check_updates: view.check_updates,
        keep_raw_days: view.keep_raw_days,
        log_homes: view.log_homes.iter().map(|home| PathBuf::from(home.trim())).collect(),
        worth_currency: match view.worth_currency.as_deref() {
            None => None,
            Some(currency) => Some(currency.parse().map_err(|e| ApiError::input(format!("{e}")))?),
        },
        hidden_projects: view.hidden_projects.clone(),
        intake_otlp: before.intake_otlp,
        intake_litellm: before.intake_litellm.clone(),
        guard: guard_rules(&view.guard).map_err(|error| ApiError::input(format!("{error}")))?,
        budgets: view.budgets.iter().map(budget).collect::<Result<_, _>>().map_err(ApiError::input)?,
    })
}
