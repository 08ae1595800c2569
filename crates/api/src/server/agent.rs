//! The agent itself: which one it is, pausing, showing, ending.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};

use super::context::{Context, OneOrAll};
use super::error::{ApiError, ApiResult};
use crate::view;

/// `GET /v1/agent`: version and process of the agent.
pub(super) async fn info(State(context): State<Context>) -> ApiResult<view::AgentInfo> {
    Ok(Json(view::AgentInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        demo: context.engine.is_demo(),
    }))
}

pub(super) async fn pause(
    State(context): State<Context>,
    body: Result<Json<view::Pause>, JsonRejection>,
) -> ApiResult<DateTime<Utc>> {
    let until = body?.0.until;
    if until.is_some_and(|until| until <= context.engine.now()) {
        return Err(ApiError::input("a pause ends in the future"));
    }
    Ok(Json(context.engine.pause(until).await?))
}

pub(super) async fn resume(State(context): State<Context>) -> ApiResult<()> {
    Ok(Json(context.engine.go_on().await?))
}

pub(super) async fn show(
    State(context): State<Context>,
    body: Result<Json<OneOrAll>, JsonRejection>,
) -> ApiResult<()> {
    context.engine.show(body?.0.account());
    Ok(Json(()))
}

pub(super) async fn test_notification(State(context): State<Context>) -> ApiResult<()> {
    let services = context.services.clone();
    let shown = tokio::task::spawn_blocking(move || services.test_notification()).await;
    match shown {
        Ok(Ok(())) => Ok(Json(())),
        Ok(Err(why)) => Err(ApiError::new(StatusCode::CONFLICT, "notifications", why)),
        Err(_) => {
            Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the notification failed"))
        }
    }
}

/// The user quits Tidemark: the agent ends, and open windows go too.
pub(super) async fn quit(State(context): State<Context>) -> ApiResult<()> {
    context.engine.quit();
    Ok(Json(()))
}

/// A newer agent takes over: this one ends, and open windows stay.
pub(super) async fn end(State(context): State<Context>) -> ApiResult<()> {
    context.engine.end();
    Ok(Json(()))
}
