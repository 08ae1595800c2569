//! Newer versions of this program.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use tidemark_monitor::UpdateSnapshot;

use super::context::Context;
use super::error::{ApiError, ApiResult};
use super::update_view::{update_view, work_word};
use crate::view;

/// `GET /v1/update`
pub(super) async fn get(State(context): State<Context>) -> ApiResult<view::Update> {
    Ok(Json(update_view(&known(&context)?)))
}

/// `POST /v1/update`: what comes of a check, or that something else has begun. That it failed is in the answer.
pub(super) async fn order(
    State(context): State<Context>,
    body: Result<Json<view::UpdateOrder>, JsonRejection>,
) -> ApiResult<view::Update> {
    let order = body?.0.action;
    let before = known(&context)?;
    if let Some(work) = before.work {
        let message = format!("this goes on already: {}", work_word(work));
        return Err(ApiError::new(StatusCode::CONFLICT, "update-busy", message));
    }
    let (engine, services) = (context.engine.clone(), context.services.clone());
    match order {
        view::UpdateOrderWord::Check => {
            // A task of its own: whoever asked may not wait for the answer, which counts all the same.
            let check = tokio::spawn(async move { engine.check_for_update().await });
            let _ = check.await;
        }
        view::UpdateOrderWord::Download => {
            tokio::spawn(async move { engine.install_update(|| async { Ok(()) }).await });
            tokio::task::yield_now().await;
        }
        view::UpdateOrderWord::Install => {
            tokio::spawn(async move {
                engine.install_update(|| async move { services.install_update().await }).await
            });
            tokio::task::yield_now().await;
        }
    }
    Ok(Json(update_view(&known(&context)?)))
}

fn known(context: &Context) -> Result<UpdateSnapshot, ApiError> {
    context.engine.update_snapshot().ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, "no-updates", "sample data knows of no newer versions")
    })
}
