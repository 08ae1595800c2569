//! Findings and failures.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use tidemark_core::finding::{Anomaly, Mark, Schedule};
use tidemark_core::number::decimal;
use tidemark_core::wire::FindingRecord;
use tidemark_core::{AccountId, Finding, FindingKind, Series};
use tidemark_monitor::{EngineEvent, Snapshot};
use tidemark_store::{
    FailureQuery, FailureRun, FindingId, FindingQuery, Incident, Store, StoreError, StoredFinding,
};

use super::answer::{Answer, Refusal};
use super::history::instant;
use super::overview::{known_use, money};
use super::routes::{InPath, Shared};
use crate::view;

/// How long before an incident was told of it may have begun, and how long its effects may last; as the
/// audit has it.
const MARGIN: TimeDelta = TimeDelta::minutes(30);

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
    let (found, failures, around, incidents) = shared
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
            let around = Around::of(store, account)?;
            // Those of the page's span: from its oldest finding on.
            let oldest = findings.last().map_or(DateTime::UNIX_EPOCH, |found| found.finding.detected_at);
            let newest = before.unwrap_or(DateTime::<Utc>::MAX_UTC);
            let incidents: Vec<Incident> = around
                .incidents
                .iter()
                .filter(|told| told.opened_at < newest && told.resolved_at.is_none_or(|end| end >= oldest))
                .cloned()
                .collect();
            Ok((findings, failures, around, incidents))
        })
        .await?;
    let snapshot = shared.engine.snapshot();
    let names = names(&snapshot);
    let name = |id: AccountId| names.get(&id).cloned().unwrap_or_default();
    Ok(Json(view::Findings {
        findings: found.iter().map(|f| finding_view(f, name(f.account), &around)).collect(),
        failures: failures.iter().map(|f| failure_row(f, name(f.account))).collect(),
        incidents: incidents.iter().rev().map(incident_row).collect(),
        known_use: snapshot
            .accounts
            .iter()
            .filter(|known| account.is_none_or(|only| only == known.account.id))
            .flat_map(known_use)
            .collect(),
    }))
}

fn names(snapshot: &Snapshot) -> HashMap<AccountId, String> {
    snapshot.accounts.iter().map(|a| (a.account.id, a.account.name.clone())).collect()
}

/// What a finding is shown beside.
pub(super) struct Around {
    /// All incidents, oldest first.
    incidents: Vec<Incident>,
    /// The anomalies and what was given back of them.
    anomalies: Vec<StoredFinding>,
}

impl Around {
    fn of(store: &Store, account: Option<AccountId>) -> Result<Self, StoreError> {
        Ok(Self {
            incidents: store.incidents(DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC)?,
            anomalies: store.anomalies(account)?,
        })
    }

    /// The incident that a span falls into; of several, the one that began last.
    fn incident(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<&Incident> {
        self.incidents
            .iter()
            .filter(|told| {
                told.opened_at - MARGIN <= to && told.resolved_at.is_none_or(|until| until + MARGIN >= from)
            })
            .max_by_key(|told| told.opened_at)
    }

    /// The anomaly that was given back.
    fn origin(&self, recovered: &StoredFinding) -> Option<FindingId> {
        let FindingKind::Recovered { of } = recovered.finding.kind else { return None };
        self.anomalies.iter().find(|found| is_origin(found, recovered, of)).map(|found| found.id)
    }

    /// What says that an anomaly was given back.
    fn recovery(&self, anomaly: &StoredFinding) -> Option<FindingId> {
        recovery(&self.anomalies, anomaly).map(|found| found.id)
    }
}

fn recovery<'a>(all: &'a [StoredFinding], anomaly: &StoredFinding) -> Option<&'a StoredFinding> {
    all.iter().find(|found| match found.finding.kind {
        FindingKind::Recovered { of } => is_origin(anomaly, found, of),
        _ => false,
    })
}

fn is_origin(anomaly: &StoredFinding, recovered: &StoredFinding, of: DateTime<Utc>) -> bool {
    anomaly.finding.anomaly().is_some()
        && anomaly.account == recovered.account
        && anomaly.finding.series == recovered.finding.series
        && anomaly.finding.detected_at == of
}

/// How much a finding asks for attention.
pub(super) fn severity(finding: &Finding) -> view::Severity {
    match &finding.kind {
        FindingKind::Anomaly(Anomaly::WipeOut | Anomaly::Impossible) => view::Severity::Critical,
        FindingKind::Anomaly(
            Anomaly::Accelerated | Anomaly::Unexplained | Anomaly::Clawback | Anomaly::OverdueReset,
        ) => view::Severity::Warning,
        FindingKind::Reset { schedule: Schedule::Early, .. }
        | FindingKind::Credit { .. }
        | FindingKind::Recovered { .. } => view::Severity::Good,
        _ => view::Severity::Note,
    }
}

fn state(found: &StoredFinding) -> view::MarkState {
    match found.mark {
        None => view::MarkState::Open,
        Some((Mark::Mine, _)) => view::MarkState::Mine,
        Some((Mark::Reported, _)) => view::MarkState::Reported,
        Some((Mark::Settled, _)) => view::MarkState::Settled,
    }
}

/// The anomalies of an account that wait for the user, for its card.
pub(super) fn open_anomalies(anomalies: &[StoredFinding], account: AccountId) -> view::OpenAnomalies {
    let open: Vec<_> = anomalies
        .iter()
        .filter(|found| found.account == account && found.finding.anomaly().is_some() && found.mark.is_none())
        .filter(|found| recovery(anomalies, found).is_none())
        .collect();
    // They come newest first; of the same gravity the first one is kept.
    let gravest = open.iter().rev().max_by_key(|found| severity(&found.finding));
    view::OpenAnomalies {
        count: open.len() as u64,
        severity: gravest.map(|found| severity(&found.finding)),
        id: gravest.map(|found| found.id.0),
        class: gravest.and_then(|found| found.finding.anomaly()).map(|class| class.word().to_owned()),
        series: gravest.and_then(|found| found.finding.series).map(|series| series.to_string()),
        detected_at: gravest.map(|found| found.finding.detected_at),
    }
}

/// An incident as it is listed.
pub(super) fn incident_row(incident: &Incident) -> view::IncidentRow {
    view::IncidentRow {
        id: incident.id.clone(),
        title: incident.title.clone(),
        impact: incident.impact.clone(),
        since: incident.opened_at,
        until: incident.resolved_at,
    }
}

/// A finding as a mark on a chart.
pub(super) fn mark(stored: &StoredFinding) -> view::HistoryMark {
    let line = FindingRecord::new(&stored.finding, None);
    view::HistoryMark {
        id: stored.id.0,
        account_id: stored.account.0,
        series: stored.finding.series.map(|series| series.to_string()),
        from: stored.finding.from,
        to: stored.finding.to,
        kind: line.kind,
        class: line.class,
        schedule: line.schedule.map(schedule_word),
        severity: severity(&stored.finding),
        state: state(stored),
    }
}

fn schedule_word(schedule: Schedule) -> String {
    match schedule {
        Schedule::OnTime => "on-time",
        Schedule::Early => "early",
        Schedule::Late => "late",
    }
    .to_owned()
}

fn finding_view(stored: &StoredFinding, account: String, around: &Around) -> view::FindingView {
    let finding = &stored.finding;
    // The contract's line has taken the kinds apart already.
    let line = FindingRecord::new(finding, None);
    let interval = |(low, high)| view::Interval { low, high };
    let anomaly = finding.anomaly().is_some();
    view::FindingView {
        id: stored.id.0,
        account_id: stored.account.0,
        account,
        kind: line.kind,
        class: line.class,
        severity: severity(finding),
        state: state(stored),
        marked_at: stored.mark.map(|(_, at)| at),
        series: finding.series.map(|series| series.to_string()),
        unit: finding.series.map(|series: Series| series.unit().to_owned()),
        from: finding.from,
        to: finding.to,
        detected_at: finding.detected_at,
        observed: finding.observed,
        expected: finding.expected_low.zip(finding.expected_high).map(interval),
        factor: finding.factor().map(interval),
        incident: anomaly.then(|| around.incident(finding.from, finding.to)).flatten().map(incident_row),
        schedule: line.schedule.map(schedule_word),
        used_before: line.used_before.map(decimal::to_f64),
        used_after: line.used_after.map(decimal::to_f64),
        announced: line.announced,
        amount: line.amount.map(money),
        limit: line.limit,
        before: line.before,
        after: line.after,
        of: around.origin(stored).map(|id| id.0),
        recovered_by: anomaly.then(|| around.recovery(stored)).flatten().map(|id| id.0),
        has_case: finding.series.is_some(),
        confidence: finding.confidence,
        explanation: finding.explanation.clone(),
        evidence: finding.evidence.clone(),
        seen: stored.seen,
    }
}

pub(super) fn failure_row(run: &FailureRun, account: String) -> view::FailureRow {
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

pub(super) fn no_such_finding() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "no-such-finding", "there is no such finding")
}

/// Remembers what the user says of an anomaly.
pub(super) async fn mark_finding(
    State(shared): State<Shared>,
    Path(id): InPath,
    body: Result<Json<view::Mark>, JsonRejection>,
) -> Answer<view::FindingView> {
    let mark = match body?.0.state {
        view::MarkState::Open => None,
        view::MarkState::Mine => Some(Mark::Mine),
        view::MarkState::Reported => Some(Mark::Reported),
        view::MarkState::Settled => Some(Mark::Settled),
    };
    let marked = shared.engine.mark_finding(FindingId(id), mark).await?.ok_or_else(no_such_finding)?;
    Ok(Json(one(&shared, &marked).await?))
}

/// A finding with its account's name and what it is shown beside.
pub(super) async fn one(shared: &Shared, stored: &StoredFinding) -> Result<view::FindingView, Refusal> {
    let account = stored.account;
    let around = shared.engine.read(move |store| Around::of(store, Some(account))).await?;
    let name = names(&shared.engine.snapshot()).remove(&account).unwrap_or_default();
    Ok(finding_view(stored, name, &around))
}

#[derive(Deserialize)]
pub(super) struct Span {
    from: Option<String>,
    to: Option<String>,
}

/// The incidents that went on in a span, newest first.
pub(super) async fn incidents(
    State(shared): State<Shared>,
    asked: Result<Query<Span>, QueryRejection>,
) -> Answer<Vec<view::IncidentRow>> {
    let asked = asked?.0;
    let zone = shared.engine.settings().timezone;
    let from = asked.from.map_or(Ok(DateTime::UNIX_EPOCH), |text| instant(&text, zone))?;
    let to = asked.to.map_or(Ok(DateTime::<Utc>::MAX_UTC), |text| instant(&text, zone))?;
    let found = shared.engine.read(move |store| store.incidents(from, to)).await?;
    Ok(Json(found.iter().rev().map(incident_row).collect()))
}
