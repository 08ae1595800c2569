//! `GET /metrics`: what is known of accounts, usage and events as time series, for Prometheus and all that read its
//! format. `docs/metrics.md` lists the names; a test compares both.

mod exposition;
mod families;
mod known;
mod usage_series;
pub(super) mod usage_sums;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::context::Context;
use super::error::ApiError;
use exposition::{Exposition, Format};

pub(super) async fn get_metrics(
    State(context): State<Context>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let format = Format::of_accept(headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()));
    let known = known::gather(&context.engine, &context.usage_sums).await?;
    let mut metrics = Exposition::new(format);
    families::write(&mut metrics, &known);
    Ok(([(CONTENT_TYPE, format.content_type())], metrics.finish()).into_response())
}
