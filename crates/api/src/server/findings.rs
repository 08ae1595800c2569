//! Findings and failures.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use tidemark_core::calendar::{Bucket, Span as CalendarSpan};
use tidemark_core::finding::{Anomaly, Triage};
use tidemark_core::message::Message;
use tidemark_core::number::decimal;
use tidemark_core::wire::{AnnouncementRecord, FindingRecord};
use tidemark_core::{AccountId, FindingKind, Series};
use tidemark_monitor::{AccountSnapshot, EngineEvent, Snapshot};
use tidemark_store::{FailureQuery, FindingId, FindingQuery, Incident, Store, StoreError, StoredFinding};

use super::context::{Context, PathId};
use super::convert::{failure_row, incident_row, known_use, money, schedule_word, severity, triage};
use super::error::{ApiError, ApiResult};
use super::failures;
use super::message_views::message_view;
use super::query::moment_or;
use crate::view;

/// How long before its report an incident may have begun, and how long its effects may last; the same as in
/// the audit.
const MARGIN: TimeDelta = TimeDelta::minutes(30);

/// How many a page shows at once where nothing else is asked for.
const DEFAULT_PAGE_SIZE: u32 = 200;
/// So long after it holds no more an announcement is still shown.
const ANNOUNCEMENT_SHOWN: TimeDelta = TimeDelta::days(7);
/// The most that are shown at once.
const MAX_PAGE_SIZE: u32 = 2_000;

#[derive(Deserialize)]
pub(super) struct Asked {
    account: Option<i64>,
    before: Option<DateTime<Utc>>,
    limit: Option<u32>,
}

pub(super) async fn get_findings(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> ApiResult<view::Findings> {
    let Asked { account, before, limit } = asked?.0;
    let account = account.map(AccountId);
    let limit = limit.unwrap_or(DEFAULT_PAGE_SIZE).min(MAX_PAGE_SIZE);
    let now = context.engine.now();
    let snapshot = context.engine.snapshot();
    let accounts = snapshot.accounts.clone();
    let (found, failures, around, incidents, announcements) = context
        .engine
        .read(move |store| {
            let announcements = store.announcements_known(now, |line| {
                now - line.ends() < ANNOUNCEMENT_SHOWN && concerns_some(line, account, &accounts)
            })?;
            let findings = store.findings(&FindingQuery {
                account,
                to: before,
                limit: Some(limit),
                ..FindingQuery::default()
            })?;
            let runs = store.failure_runs(&FailureQuery {
                account,
                to: before,
                limit: Some(limit),
                ..FailureQuery::default()
            })?;
            let ids: Vec<AccountId> = accounts.iter().map(|known| known.account.id).collect();
            let failures = failures::listed(runs, &failures::since(store, &ids)?);
            let around = FindingContext::of(store, account)?;
            // Those of the page's span: from its oldest finding on.
            let oldest = findings.last().map_or(DateTime::UNIX_EPOCH, |found| found.finding.detected_at);
            let newest = before.unwrap_or(DateTime::<Utc>::MAX_UTC);
            let incidents: Vec<Incident> = around
                .incidents
                .iter()
                .filter(|told| told.opened_at < newest && told.resolved_at.is_none_or(|end| end >= oldest))
                .cloned()
                .collect();
            Ok((findings, failures, around, incidents, announcements))
        })
        .await?;
    let names = names(&snapshot);
    let name = |id: AccountId| names.get(&id).cloned().unwrap_or_default();
    let waiting =
        around.anomalies.iter().filter(|found| before.is_none() && is_open(&around.anomalies, found));
    let counted =
        around.anomalies.iter().filter(|found| before.is_none() && is_counted(&around.anomalies, found));
    Ok(Json(view::Findings {
        counted: counted
            .take(MAX_PAGE_SIZE as usize)
            .map(|found| finding_view(found, name(found.account), &around))
            .collect(),
        open: waiting
            .take(MAX_PAGE_SIZE as usize)
            .map(|found| finding_view(found, name(found.account), &around))
            .collect(),
        unexplained: unexplained(&around.anomalies, name, context.engine.settings().timezone),
        findings: found.iter().map(|f| finding_view(f, name(f.account), &around)).collect(),
        failures: failures.iter().map(|f| failure_row(f, name(f.account))).collect(),
        incidents: incidents.iter().rev().map(incident_row).collect(),
        announcements: announcements.iter().rev().map(announcement_row).collect(),
        known_use: snapshot
            .accounts
            .iter()
            .filter(|known| account.is_none_or(|only| only == known.account.id))
            .flat_map(known_use)
            .collect(),
    }))
}

/// Whether an announcement may concern an account, or any of all.
fn concerns_some(
    line: &AnnouncementRecord,
    account: Option<AccountId>,
    accounts: &[AccountSnapshot],
) -> bool {
    accounts
        .iter()
        .filter(|known| account.is_none_or(|only| only == known.account.id))
        .any(|known| line.audience.may_concern(known.account.source, known.account.region, known.plan_level))
}

fn announcement_row(line: &AnnouncementRecord) -> view::AnnouncementRow {
    view::AnnouncementRow { id: line.id.clone(), text: line.words(), since: line.begins(), until: line.until }
}

fn names(snapshot: &Snapshot) -> HashMap<AccountId, String> {
    snapshot.accounts.iter().map(|a| (a.account.id, a.account.name.clone())).collect()
}

/// What a finding is shown beside.
pub(super) struct FindingContext {
    /// All incidents, oldest first.
    incidents: Vec<Incident>,
    /// The anomalies and what was given back or withdrawn of them.
    anomalies: Vec<StoredFinding>,
}

impl FindingContext {
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

    /// The anomaly that was given back or withdrawn.
    fn origin(&self, later: &StoredFinding) -> Option<FindingId> {
        self.anomalies.iter().find(|found| is_origin(found, later)).map(|found| found.id)
    }

    /// What says that an anomaly was given back.
    fn recovery(&self, anomaly: &StoredFinding) -> Option<FindingId> {
        recovery(&self.anomalies, anomaly).map(|found| found.id)
    }
}

fn recovery<'a>(all: &'a [StoredFinding], anomaly: &StoredFinding) -> Option<&'a StoredFinding> {
    all.iter().find(|found| {
        matches!(found.finding.kind, FindingKind::Recovered { .. }) && is_origin(anomaly, found)
    })
}

/// What says that an anomaly is withdrawn.
fn withdrawal<'a>(all: &'a [StoredFinding], anomaly: &StoredFinding) -> Option<&'a StoredFinding> {
    all.iter().find(|found| {
        matches!(found.finding.kind, FindingKind::Withdrawn { .. }) && is_origin(anomaly, found)
    })
}

/// Whether a finding is an anomaly that is withdrawn by one of `all`.
pub(super) fn is_withdrawn(all: &[StoredFinding], found: &StoredFinding) -> bool {
    found.finding.anomaly().is_some() && withdrawal(all, found).is_some()
}

/// Whether an anomaly was given back since.
pub(super) fn is_given_back(all: &[StoredFinding], found: &StoredFinding) -> bool {
    found.finding.anomaly().is_some() && recovery(all, found).is_some()
}

/// Whether an anomaly is held against the service: it is neither withdrawn, nor does the user call it their own.
pub(super) fn is_held_against_service(all: &[StoredFinding], found: &StoredFinding) -> bool {
    !matches!(found.mark, Some((Triage::Mine, _))) && !is_withdrawn(all, found)
}

fn withdrawal_view(stored: &StoredFinding) -> view::Withdrawal {
    let machine = stored.finding.messages.explanation.iter().find_map(|message| match message {
        Message::LateUsageExplains { machine, .. } => machine.clone(),
        _ => None,
    });
    view::Withdrawal { by: stored.id.0, at: stored.finding.detected_at, machine }
}

/// Whether an anomaly is the one that `later` gives back or withdraws.
pub(super) fn is_origin(anomaly: &StoredFinding, later: &StoredFinding) -> bool {
    let fits = |class: Anomaly| match later.finding.kind {
        FindingKind::Recovered { of } => anomaly.finding.detected_at == of,
        // These rest on no usage: of several anomalies of one poll, it is another one.
        FindingKind::Withdrawn { of } => {
            anomaly.finding.detected_at == of
                && !matches!(class, Anomaly::Disagreement | Anomaly::OverdueReset | Anomaly::Clawback)
        }
        _ => false,
    };
    anomaly.account == later.account
        && anomaly.finding.series == later.finding.series
        && anomaly.finding.anomaly().is_some_and(fits)
}

/// Whether an anomaly waits for the user: neither marked, nor given back, nor withdrawn.
fn is_open(all: &[StoredFinding], found: &StoredFinding) -> bool {
    found.finding.anomaly().is_some()
        && found.mark.is_none()
        && recovery(all, found).is_none()
        && withdrawal(all, found).is_none()
}

/// Whether an anomaly counts in the sums of what was deducted without explanation.
fn is_counted(all: &[StoredFinding], found: &StoredFinding) -> bool {
    found.finding.series.is_some() && found.finding.excess().is_some() && is_held_against_service(all, found)
}

/// What anomalies took beyond the expected amount, by month, account and series, the latest month first.
fn unexplained(
    all: &[StoredFinding],
    name: impl Fn(AccountId) -> String,
    zone: Tz,
) -> Vec<view::UnexplainedSum> {
    #[derive(Default)]
    struct Sum {
        beyond: (f64, f64),
        given_back: (f64, f64),
        cases: u64,
    }
    let add = |sum: &mut (f64, f64), more: (f64, f64)| *sum = (sum.0 + more.0, sum.1 + more.1);
    let mut sums: BTreeMap<(Reverse<DateTime<Utc>>, AccountId, Series), Sum> = BTreeMap::new();
    for found in all.iter().filter(|found| is_counted(all, found)) {
        let (Some(series), Some(beyond)) = (found.finding.series, found.finding.excess()) else { continue };
        let month = Bucket::holding(found.finding.to, CalendarSpan::Month, zone).start;
        let sum = sums.entry((Reverse(month), found.account, series)).or_default();
        add(&mut sum.beyond, beyond);
        if recovery(all, found).is_some() {
            add(&mut sum.given_back, beyond);
        }
        sum.cases += 1;
    }
    let interval = |(low, high)| view::Interval { low, high };
    sums.into_iter()
        .map(|((Reverse(month), account, series), sum)| view::UnexplainedSum {
            month: month.with_timezone(&zone).format("%Y-%m").to_string(),
            account_id: account.0,
            account: name(account),
            series: series.to_string(),
            unit: series.unit().to_owned(),
            beyond: interval(sum.beyond),
            given_back: interval(sum.given_back),
            cases: sum.cases,
        })
        .collect()
}

/// The anomalies of an account that wait for the user, for its card; `anomalies` as [`Store::anomalies`] gives them.
///
/// [`Store::anomalies`]: tidemark_store::Store::anomalies
#[must_use]
pub fn open_anomalies(anomalies: &[StoredFinding], account: AccountId) -> view::OpenAnomalies {
    let open: Vec<_> =
        anomalies.iter().filter(|found| found.account == account && is_open(anomalies, found)).collect();
    // They come newest first; of the same gravity the first one is kept.
    let gravest = open.iter().rev().max_by_key(|found| severity(&found.finding));
    view::OpenAnomalies {
        count: open.len() as u64,
        severity: gravest.map(|found| severity(&found.finding)),
        id: gravest.map(|found| found.id.0),
        class: gravest.and_then(|found| found.finding.anomaly()).map(|class| class.as_str().to_owned()),
        series: gravest.and_then(|found| found.finding.series).map(|series| series.to_string()),
        from: gravest.map(|found| found.finding.from),
        to: gravest.map(|found| found.finding.to),
        detected_at: gravest.map(|found| found.finding.detected_at),
    }
}

fn finding_view(stored: &StoredFinding, account: String, around: &FindingContext) -> view::FindingView {
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
        state: triage(stored),
        marked_at: stored.mark.map(|(_, at)| at),
        series: finding.series.map(|series| series.to_string()),
        unit: finding.series.map(|series: Series| series.unit().to_owned()),
        from: finding.from,
        to: finding.to,
        detected_at: finding.detected_at,
        observed: finding.observed,
        expected: finding.expected_low.zip(finding.expected_high).map(interval),
        beyond: finding.excess().map(interval),
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
        withdrawn: anomaly.then(|| withdrawal(&around.anomalies, stored)).flatten().map(withdrawal_view),
        has_case: finding.series.is_some(),
        confidence: finding.confidence,
        explanation: finding.explanation.clone(),
        evidence: finding.evidence.clone(),
        messages: view::MessagesView {
            explanation: finding.messages.explanation.iter().map(message_view).collect(),
            evidence: finding.messages.evidence.iter().map(message_view).collect(),
        },
        seen: stored.seen,
    }
}

#[derive(Deserialize)]
pub(super) struct Seen {
    ids: Vec<i64>,
    /// False takes it back.
    #[serde(default = "yes")]
    seen: bool,
}

const fn yes() -> bool {
    true
}

pub(super) async fn mark_seen(
    State(context): State<Context>,
    body: Result<Json<Seen>, JsonRejection>,
) -> ApiResult<()> {
    let Seen { ids, seen } = body?.0;
    let ids: Vec<FindingId> = ids.into_iter().map(FindingId).collect();
    context.engine.write(move |store| store.mark_seen(&ids, seen)).await?;
    context.engine.announce(EngineEvent::Overview);
    Ok(Json(()))
}

pub(super) fn no_such_finding() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no-such-finding", "there is no such finding")
}

/// Remembers what the user says of an anomaly.
pub(super) async fn mark_finding(
    State(context): State<Context>,
    id: PathId,
    body: Result<Json<view::TriageChange>, JsonRejection>,
) -> ApiResult<view::FindingView> {
    let id = id?.0;
    let mark = match body?.0.state {
        view::TriageState::Open => None,
        view::TriageState::Mine => Some(Triage::Mine),
        view::TriageState::Reported => Some(Triage::Reported),
        view::TriageState::Settled => Some(Triage::Settled),
    };
    let marked = context.engine.mark_finding(FindingId(id), mark).await?.ok_or_else(no_such_finding)?;
    Ok(Json(one(&context, &marked).await?))
}

/// A finding with its account's name and what it is shown beside.
pub(super) async fn one(context: &Context, stored: &StoredFinding) -> Result<view::FindingView, ApiError> {
    let account = stored.account;
    let around = context.engine.read(move |store| FindingContext::of(store, Some(account))).await?;
    let name = names(&context.engine.snapshot()).remove(&account).unwrap_or_default();
    Ok(finding_view(stored, name, &around))
}

#[derive(Deserialize)]
pub(super) struct Span {
    from: Option<String>,
    to: Option<String>,
}

/// The incidents that were open at some time in a span, newest first.
pub(super) async fn incidents(
    State(context): State<Context>,
    asked: Result<Query<Span>, QueryRejection>,
) -> ApiResult<Vec<view::IncidentRow>> {
    let asked = asked?.0;
    let zone = context.engine.settings().timezone;
    let from = moment_or(asked.from.as_deref(), zone, DateTime::UNIX_EPOCH)?;
    let to = moment_or(asked.to.as_deref(), zone, DateTime::<Utc>::MAX_UTC)?;
    let found = context.engine.read(move |store| store.incidents(from, to)).await?;
    Ok(Json(found.iter().rev().map(incident_row).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_keeps_its_arguments_with_their_units() {
        let all: Vec<_> = Message::examples().iter().map(message_view).collect();
        insta::assert_json_snapshot!(all);
    }
}
