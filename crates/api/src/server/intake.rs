//! What other programs say of their usage: turning it on and off, and how it goes.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use tidemark_monitor::{Engine, IntakeState, LiteLlmSettings, Settings, SettingsError};

use super::context::Context;
use super::error::{ApiError, ApiResult};
use crate::view;

/// `GET /v1/intake`
pub(super) async fn read(State(context): State<Context>) -> ApiResult<view::Intake> {
    Ok(Json(known(&context.engine)))
}

/// `PATCH /v1/intake`: what is absent stays as it is.
pub(super) async fn change(
    State(context): State<Context>,
    body: Result<Json<view::IntakeChange>, JsonRejection>,
) -> ApiResult<view::Intake> {
    let change = body?.0;
    context
        .engine
        .change_settings(|before| {
            let mut settings = before.clone();
            if let Some(otlp) = change.otlp {
                let address = otlp.listen.map(|listen| listen.trim().parse().map_err(|_| listen));
                settings.intake_otlp = address.transpose().map_err(|listen| {
                    refused(
                        "intake-listen",
                        &format!("expected an address such as 127.0.0.1:4318, found `{listen}`"),
                    )
                })?;
            }
            if let Some(litellm) = change.litellm {
                let password_env = litellm.password_env;
                settings.intake_litellm =
                    litellm.url.map(|url| LiteLlmSettings { url: url.trim().to_owned(), password_env });
            }
            check(settings)
        })
        .await?;
    Ok(Json(known(&context.engine)))
}

/// Refuses with a code of its own, so that it is said in the reader's language, and without repeating what a password
/// may stand in.
fn check(settings: Settings) -> Result<Settings, ApiError> {
    match settings.clone().checked() {
        Err(error @ SettingsError::IntakeOtlp) => Err(refused("intake-listen", &error.to_string())),
        Err(error @ SettingsError::IntakeLiteLlm) => Err(refused("intake-url", &error.to_string())),
        _ => Ok(settings),
    }
}

fn refused(code: &str, message: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, message)
}

fn known(engine: &Engine) -> view::Intake {
    let settings = engine.settings();
    let IntakeState { running, otlp, litellm } = engine.intake_state();
    view::Intake {
        running,
        otlp: view::IntakeOtlp {
            listen: settings.intake_otlp.map(|address| address.to_string()),
            listening: otlp.listening.map(|address| address.to_string()),
            problem: otlp.problem.map(problem),
            received_at: otlp.received_at,
            exports: otlp.exports,
            refused_exports: otlp.refused_exports,
            tally: tally(otlp.tally),
        },
        litellm: view::IntakeLiteLlm {
            url: settings.intake_litellm.as_ref().map(|litellm| litellm.url.clone()),
            password_env: settings.intake_litellm.and_then(|litellm| litellm.password_env),
            problem: litellm.problem.map(problem),
            read_at: litellm.read_at,
            tally: tally(litellm.tally),
        },
    }
}

fn problem(problem: tidemark_monitor::IntakeProblem) -> view::IntakeProblem {
    view::IntakeProblem { code: problem.code.to_owned(), said: problem.said, since: problem.since }
}

fn tally(tally: tidemark_monitor::IntakeTally) -> view::IntakeTally {
    let tidemark_monitor::IntakeTally { counted, in_logs, not_kimi, refused } = tally;
    view::IntakeTally { counted, in_logs, not_kimi, refused }
}
