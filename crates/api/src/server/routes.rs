//! The routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{delete, get, post, put};
use tidemark_monitor::Engine;

use super::context::{Context, Services};
use super::error::ApiError;
use super::{
    accounts, agent, budgets, case, channels, claim, cycles, events, export, findings, from_browser,
    hindsight, history, import, intake, levels, machines, metrics, overview, poll, report, sessions,
    settings, update, usage, vault,
};

/// The largest body that is accepted, in bytes.
const MAX_BODY_LEN: usize = 1 << 20;

/// The router over an engine.
pub fn router(engine: Engine, services: Arc<dyn Services>) -> Router {
    Router::new()
        .route("/v1/agent", get(agent::info))
        .route("/v1/overview", get(overview::get_overview))
        .route("/v1/history", get(history::get_history))
        .route("/v1/usage", get(usage::get_usage))
        .route("/v1/levels", get(levels::get_levels))
        .route("/v1/cycles", get(cycles::get_cycles))
        .route("/v1/usage/sessions", get(sessions::get_sessions))
        .route("/v1/usage/scan", post(usage::scan))
        .route("/v1/machines", get(machines::list).post(machines::add))
        .route("/v1/machines/sync", post(machines::sync))
        .route("/v1/machines/export", post(machines::begin_export))
        .route("/v1/machines/{key}", delete(machines::remove).patch(machines::change))
        .route("/v1/findings", get(findings::get_findings))
        .route("/v1/findings/seen", post(findings::mark_seen))
        .route("/v1/findings/{id}/case", get(case::get_case))
        .route("/v1/findings/{id}/claim", get(claim::get_claim))
        .route("/v1/findings/{id}/mark", post(findings::mark_finding))
        .route("/v1/hindsight", get(hindsight::get_hindsight))
        .route("/v1/incidents", get(findings::incidents))
        .route("/v1/report", get(report::get_report))
        .route("/v1/accounts", get(accounts::list).post(accounts::add))
        .route("/v1/accounts/order", put(accounts::reorder))
        .route("/v1/accounts/test", post(accounts::test_new))
        .route("/v1/accounts/{id}", delete(accounts::remove).patch(accounts::change))
        .route("/v1/accounts/{id}/test", post(accounts::test))
        .route("/v1/settings", get(settings::read).patch(settings::change))
        .route("/v1/budgets", get(budgets::get_budgets))
        .route("/v1/channels", get(channels::list).post(channels::add))
        .route("/v1/channels/{name}", put(channels::change).delete(channels::remove))
        .route("/v1/channels/{name}/test", post(channels::test))
        .route("/v1/intake", get(intake::read).patch(intake::change))
        .route("/v1/update", get(update::get).post(update::order))
        .route("/v1/refresh", post(poll::refresh))
        .route("/v1/poll", post(poll::poll))
        .route("/v1/pause", post(agent::pause))
        .route("/v1/resume", post(agent::resume))
        .route("/v1/welcome", get(vault::welcome))
        .route("/v1/vault", get(vault::state))
        .route("/v1/vault/unlock-file", post(vault::unlock_file))
        .route("/v1/vault/unlock-keyring", post(vault::unlock_keyring))
        .route("/v1/show", post(agent::show))
        .route("/v1/notifications/test", post(agent::test_notification))
        .route("/v1/quit", post(agent::quit))
        .route("/v1/end", post(agent::end))
        .route("/v1/export", get(export::export))
        .route("/v1/import", post(import::import))
        .route("/v1/events", get(events::listen))
        .route("/metrics", get(metrics::get_metrics))
        .fallback(|| async {
            ApiError::new(StatusCode::NOT_FOUND, "no-such-route", "there is no such route")
        })
        .layer(middleware::from_fn(from_browser::mark))
        .layer(DefaultBodyLimit::max(MAX_BODY_LEN))
        .with_state(Context::new(engine, services))
}
