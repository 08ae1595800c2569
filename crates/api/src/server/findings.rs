//! Findings and failures.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tidemark_core::line::FindingLine;
use tidemark_core::line::to_number;
use tidemark_core::{AccountId, Series};
use tidemark_monitor::EngineEvent;
use tidemark_store::{FailureQuery, FailureRun, FindingId, FindingQuery, StoredFinding};

use super::answer::Answer;
use super::overview::money;
use super::routes::Shared;
use crate::view;

/// As many as a page shows at once, unless told.
const A_PAGE: u32 = 200;

#[derive(Deserialize)]
pub(super) struct Asked {
    account: Option<i64>,
    before: Option<DateTime<Utc>>,
    limit: Option<u32>,
}

pub(super) async fn get_findings(
    State(shared): State<Shared>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer<view::Findings> {
    let Asked { account, before, limit } = asked?.0;
    let account = account.map(AccountId);
    let limit = limit.unwrap_or(A_PAGE).min(2_000);
    let (found, failures) = shared
        .engine
        .read(move |store| {
            let findings = store.findings(&FindingQuery {
                account,
                to: before,
                limit: Some(limit),
                ..FindingQuery::default()
            })?;
            let failures = store.failure_runs(&FailureQuery {
                account,
                to: before,
                limit: Some(limit),
                ..FailureQuery::default()
            })?;
            Ok((findings, failures))
        })
        .await?;
    let names: HashMap<AccountId, String> =
        shared.engine.snapshot().accounts.into_iter().map(|a| (a.account.id, a.account.name)).collect();
    let name = |id: AccountId| names.get(&id).cloned().unwrap_or_default();
    Ok(Json(view::Findings {
        findings: found.iter().map(|f| finding_view(f, name(f.account))).collect(),
        failures: failures.iter().map(|f| failure_row(f, name(f.account))).collect(),
        incidents: Vec::new(),
        known_use: Vec::new(),
    }))
}

fn finding_view(stored: &StoredFinding, account: String) -> view::FindingView {
    let finding = &stored.finding;
    // The contract's line has taken the kinds apart already.
    let line = FindingLine::new(finding, None);
    view::FindingView {
        id: stored.id.0,
        account_id: stored.account.0,
        account,
        kind: line.kind,
        class: line.class,
        severity: view::Severity::Note,
        state: view::MarkState::Open,
        marked_at: None,
        series: finding.series.map(|series| series.to_string()),
        unit: finding.series.map(|series: Series| series.unit().to_owned()),
        from: finding.from,
        to: finding.to,
        detected_at: finding.detected_at,
        observed: finding.observed,
        expected: None,
        factor: None,
        incident: None,
        of: None,
        recovered_by: None,
        has_case: false,
        schedule: line.schedule.and_then(|schedule| {
            serde_json::to_value(schedule).ok().and_then(|word| word.as_str().map(ToOwned::to_owned))
        }),
        used_before: line.used_before.map(to_number),
        used_after: line.used_after.map(to_number),
        announced: line.announced,
        amount: line.amount.map(money),
        limit: line.limit,
        before: line.before,
        after: line.after,
        confidence: finding.confidence,
        explanation: finding.explanation.clone(),
        evidence: finding.evidence.clone(),
        seen: stored.seen,
    }
}

fn failure_row(run: &FailureRun, account: String) -> view::FailureRow {
    view::FailureRow {
        account_id: run.account.0,
        account,
        kind: run.failure.kind.word().to_owned(),
        message: run.failure.message.clone(),
        from: run.from,
        to: run.to,
        count: run.count,
        over: run.over,
    }
}

#[derive(Deserialize)]
pub(super) struct Seen {
    ids: Vec<i64>,
}

pub(super) async fn mark_seen(
    State(shared): State<Shared>,
    body: Result<Json<Seen>, JsonRejection>,
) -> Answer<()> {
    let ids: Vec<FindingId> = body?.0.ids.into_iter().map(FindingId).collect();
    shared.engine.write(move |store| store.mark_seen(&ids)).await?;
    shared.engine.announce(EngineEvent::Overview);
    Ok(Json(()))
}
