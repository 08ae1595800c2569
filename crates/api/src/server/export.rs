//! The recorded history as a file, written while it is read.

use std::ops::ControlFlow;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta};
use serde::Deserialize;
use tidemark_core::AccountId;
use tidemark_store::ExportQuery;

use super::context::Context;
use super::download;
use super::error::ApiError;
use super::query::moment_or;
use crate::export::{Format, Sheet};

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    format: Format,
    from: Option<String>,
    to: Option<String>,
    account: Option<i64>,
}

/// `GET /v1/export?format=&from=&to=&account=`
pub(super) async fn export(
    State(context): State<Context>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, ApiError> {
    let wanted = wanted?.0;
    let zone = context.engine.settings().timezone;
    let query = ExportQuery {
        from: moment_or(wanted.from.as_deref(), zone, DateTime::UNIX_EPOCH)?,
        to: moment_or(wanted.to.as_deref(), zone, context.engine.now() + TimeDelta::days(1))?,
        account: wanted.account.map(AccountId),
    };
    let (format, hidden) = (wanted.format, context.engine.settings().hidden());
    let body = download::body(context.engine.clone(), move |store, out| {
        let mut sheet = Sheet::new(format, hidden);
        sheet.begin(out)?;
        let mut written = Ok(());
        store.for_each_line(&query, |line| {
            written = sheet.line(out, line);
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        written?;
        Ok(sheet.end(out)?)
    });
    let name = format!("attachment; filename=\"tidemark.{}\"", format.as_str());
    let headers = [(CONTENT_TYPE, format.media_type().to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, body).into_response())
}
