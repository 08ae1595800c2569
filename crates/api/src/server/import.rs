//! An export becomes part of the history.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use tidemark_monitor::{ImportReport, ImportedAccount, LineCount};

use super::context::Context;
use super::convert::{region_view, source_view};
use super::error::{ApiError, ApiResult};
use crate::import::spool;
use crate::view;

/// `POST /v1/import` `{file}`: the lines lie in the data folder, which only its owner can write to.
pub(super) async fn import(
    State(context): State<Context>,
    body: Result<Json<view::Import>, JsonRejection>,
) -> ApiResult<view::Imported> {
    let engine = &context.engine;
    let lines = spool::open(engine.data_dir(), &body?.0.file)
        .map_err(|error| ApiError::input(format!("there are no such lines to import: {error}")))?;
    Ok(Json(imported(engine.import(lines).await?)))
}

fn imported(report: ImportReport) -> view::Imported {
    view::Imported {
        accounts: report.accounts.into_iter().map(account).collect(),
        unassigned: count(report.unassigned),
        service: count(report.service),
        future: report.future,
        of_no_account: report.of_no_account,
    }
}

fn account(account: ImportedAccount) -> view::ImportedAccount {
    view::ImportedAccount {
        name: account.name,
        other_name: account.other_name,
        source: source_view(account.source),
        region: region_view(account.region),
        is_new: account.is_new,
        readings: count(account.readings),
        failures: count(account.failures),
        requests: count(account.requests),
        kept_since: account.kept_since,
    }
}

fn count(count: LineCount) -> view::LineCount {
    view::LineCount { new: count.new, known: count.known, too_old: count.too_old }
}
