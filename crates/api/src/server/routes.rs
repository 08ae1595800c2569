//! The routes.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use tidemark_core::AccountId;
use tidemark_core::report::Words;
use tidemark_core::wire::{FailureRecord, FindingRecord, ReadingRecord, Record};
use tidemark_monitor::{Engine, LeftAlone, PollOutcome};

use super::answer::{Answer, Refusal};
use super::{accounts, case, events, export, findings, history, overview, report, settings, usage};
use crate::view;

/// What the agent does for a route beyond the engine.
pub trait Hooks: Send + Sync + 'static {
    /// Shows a notification now, as a test; says why it could not.
    fn test_notification(&self) -> Result<(), String>;
    /// Starts, or no longer starts, the agent at login; says why it could not.
    fn start_at_login(&self, on: bool) -> Result<(), String>;
    /// The words of a language, or of the one it speaks anyway, and the language's tag.
    fn words(&self, language: Option<&str>) -> (String, Box<dyn Words + Send>);
}

/// What the routes share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) engine: Engine,
    pub(super) hooks: Arc<dyn Hooks>,
}

/// The router over an engine.
pub fn router(engine: Engine, hooks: Arc<dyn Hooks>) -> Router {
    Router::new()
        .route("/v1/overview", get(get_overview))
        .route("/v1/history", get(history::get_history))
        .route("/v1/usage", get(usage::get_usage))
        .route("/v1/findings", get(findings::get_findings))
        .route("/v1/findings/seen", post(findings::mark_seen))
        .route("/v1/findings/{id}/case", get(case::get_case))
        .route("/v1/findings/{id}/mark", post(findings::mark_finding))
        .route("/v1/incidents", get(findings::incidents))
        .route("/v1/report", get(report::get_report))
        .route("/v1/accounts", get(accounts::list).post(accounts::add))
        .route("/v1/accounts/order", put(accounts::reorder))
        .route("/v1/accounts/test", post(accounts::test_new))
        .route("/v1/accounts/{id}", delete(accounts::remove).patch(accounts::change))
        .route("/v1/accounts/{id}/test", post(accounts::test))
        .route("/v1/settings", get(settings::read).patch(settings::change))
        .route("/v1/refresh", post(refresh))
        .route("/v1/poll", post(poll))
        .route("/v1/pause", post(pause))
        .route("/v1/resume", post(resume))
        .route("/v1/welcome", get(accounts::welcome))
        .route("/v1/vault/unlock-file", post(unlock_file))
        .route("/v1/vault/unlock-keyring", post(unlock_keyring))
        .route("/v1/show", post(show))
        .route("/v1/notifications/test", post(test_notification))
        .route("/v1/quit", post(quit))
        .route("/v1/export", get(export::export))
        .route("/v1/events", get(events::listen))
        .fallback(|| async { Refusal::new(StatusCode::NOT_FOUND, "no-such-route", "there is no such route") })
        .layer(DefaultBodyLimit::max(1 << 20))
        .with_state(Shared { engine, hooks })
}

async fn get_overview(State(shared): State<Shared>) -> Answer<view::Overview> {
    Ok(Json(overview::overview(&shared.engine).await?))
}

#[derive(Default, Deserialize)]
struct Which {
    account_id: Option<i64>,
}

fn left_alone(left: Vec<LeftAlone>) -> Vec<view::LeftAlone> {
    left.into_iter()
        .map(|left| view::LeftAlone {
            account_id: left.account.0,
            why: left.why.word().to_owned(),
            until: left.until,
        })
        .collect()
}

async fn refresh(
    State(shared): State<Shared>,
    body: Result<Json<Which>, JsonRejection>,
) -> Answer<view::Refreshed> {
    let which = body?.0;
    let (going, left) = shared.engine.refresh(which.account_id.map(AccountId));
    Ok(Json(view::Refreshed {
        polling: going.into_iter().map(|id| id.0).collect(),
        left_alone: left_alone(left),
    }))
}

/// The lines of what looks gave, as the contract writes them.
pub(super) fn lines(looks: &[PollOutcome]) -> Vec<Record> {
    let mut lines = Vec::new();
    for look in looks {
        let name = look.account.name.as_str();
        match &look.result {
            Ok((reading, found)) => {
                lines.push(Record::Reading(ReadingRecord::new(reading, Some(name))));
                lines.extend(found.iter().map(|f| Record::Finding(FindingRecord::new(f, Some(name)))));
            }
            Err(failure) => lines.push(Record::Failure(FailureRecord {
                at: look.at,
                account: Some(name.to_owned()),
                kind: failure.kind,
            })),
        }
    }
    lines
}

async fn poll(State(shared): State<Shared>, body: Result<Json<Which>, JsonRejection>) -> Answer<Value> {
    let which = body?.0;
    let (looks, left) = shared.engine.poll(which.account_id.map(AccountId)).await;
    let messages: Vec<_> = looks
        .iter()
        .filter_map(|look| {
            let failure = look.result.as_ref().err()?;
            Some(json!({
                "account": look.account.name,
                "kind": failure.kind,
                "message": failure.message,
                "retry_after_seconds": failure.retry_after.map(|wait| wait.as_secs()),
            }))
        })
        .collect();
    Ok(Json(json!({ "lines": lines(&looks), "failures": messages, "left_alone": left_alone(left) })))
}

async fn pause(
    State(shared): State<Shared>,
    body: Result<Json<view::Pause>, JsonRejection>,
) -> Answer<DateTime<Utc>> {
    let until = body?.0.until;
    if until.is_some_and(|until| until <= shared.engine.now()) {
        return Err(Refusal::input("a pause ends in the future"));
    }
    Ok(Json(shared.engine.pause(until).await?))
}

async fn resume(State(shared): State<Shared>) -> Answer<()> {
    Ok(Json(shared.engine.go_on().await?))
}

async fn unlock_file(
    State(shared): State<Shared>,
    body: Result<Json<view::Passphrase>, JsonRejection>,
) -> Answer<()> {
    Ok(Json(shared.engine.unlock_file(SecretString::from(body?.0.passphrase)).await?))
}

async fn unlock_keyring(State(shared): State<Shared>) -> Answer<()> {
    Ok(Json(shared.engine.unlock_keyring().await?))
}

async fn show(State(shared): State<Shared>, body: Result<Json<Which>, JsonRejection>) -> Answer<()> {
    shared.engine.show(body?.0.account_id.map(AccountId));
    Ok(Json(()))
}

async fn test_notification(State(shared): State<Shared>) -> Answer<()> {
    let hooks = shared.hooks.clone();
    let shown = tokio::task::spawn_blocking(move || hooks.test_notification()).await;
    match shown {
        Ok(Ok(())) => Ok(Json(())),
        Ok(Err(why)) => Err(Refusal::new(StatusCode::CONFLICT, "notifications", why)),
        Err(_) => Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the notification failed")),
    }
}

async fn quit(State(shared): State<Shared>) -> Answer<()> {
    shared.engine.quit();
    Ok(Json(()))
}

/// The account that a path names.
pub(super) type InPath = Path<i64>;
