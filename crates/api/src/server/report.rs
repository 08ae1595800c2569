//! The evidence report: gathered from the history, and handed out as a file.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Deserialize;
use tidemark_core::audit::Explained;
use tidemark_core::calendar::Span;
use tidemark_core::number::decimal;
use tidemark_core::report::{Head, Marked, SealedRecord, Total};
use tidemark_core::step::{AccountState, Restored};
use tidemark_core::wire::{FindingRecord, Record, TimestampedRecord};
use tidemark_core::{Account, AccountId, Series};
use tidemark_kimi::redact;
use tidemark_store::{
    ExportQuery, FindingQuery, HistoryQuery, ReadingQuery, Store, StoreError, StoredFinding, VerdictSums,
};

use super::answer::Refusal;
use super::history::instant;
use super::routes::Shared;
use crate::report::Sealed;
use crate::view;

/// What a report is asked for.
#[derive(Debug, Clone)]
pub struct ReportQuery {
    /// Of which account.
    pub account: Account,
    /// The first instant of the span.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
    /// The zone in which the page tells times.
    pub zone: Tz,
    /// The language of the page: `en`, `zh-CN`.
    pub language: String,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Gathers a report from the history. Keys are not in the history; account numbers, addresses and the like
/// are taken out of whatever text came from outside.
pub fn gather(store: &Store, query: &ReportQuery) -> Result<Sealed, StoreError> {
    let account = query.account.id;
    let bodies = bodies(store, query)?;
    let span = ExportQuery { account: Some(account), from: query.from, to: query.to };
    let (mut records, mut last, mut plan) = (Vec::new(), None, None);
    let mut broken = None;
    store.for_each_line(&span, |mut recorded| {
        nameless(&mut recorded);
        let mut body = None;
        if let Record::Reading(line) = &recorded.record {
            plan.clone_from(&line.plan);
            let own = bodies.get(&line.at);
            body = own.filter(|own| last != Some(*own)).cloned();
            last = own;
        }
        match serde_json::to_string(&recorded) {
            Ok(text) => records.push(SealedRecord { text, body, hash: String::new() }),
            Err(why) => broken = Some(why),
        }
        ControlFlow::Continue(())
    })?;
    let mut findings = store.findings(&FindingQuery {
        account: Some(account),
        from: Some(query.from),
        to: Some(query.to),
        ..FindingQuery::default()
    })?;
    findings.reverse();
    for found in &findings {
        let mut line = FindingRecord::new(&found.finding, None);
        // An incident's title is repeated in them.
        line.explanation = redact::text(&line.explanation);
        for fact in &mut line.evidence {
            *fact = redact::text(fact);
        }
        match serde_json::to_string(&Record::Finding(line)) {
            Ok(text) => records.push(SealedRecord { text, body: None, hash: String::new() }),
            Err(why) => broken = Some(why),
        }
    }
    let head = Head {
        made_at: query.now,
        made_by: env!("CARGO_PKG_VERSION").to_owned(),
        account: redact::text(&query.account.name),
        source: query.account.source.word().to_owned(),
        region: query.account.region.word().to_owned(),
        plan: plan.map(|plan| redact::text(&plan)),
        from: query.from,
        to: query.to,
        timezone: query.zone.name().to_owned(),
        language: query.language.clone(),
        totals: totals(store, query, &findings)?,
        marks: findings.iter().filter_map(marked).collect(),
    };
    let sealed = Sealed::new(&head, records).map_err(|why| broken.unwrap_or(why));
    sealed.map_err(|why| StoreError::Unreadable { what: "report", why: why.to_string() })
}

/// The raw quota bodies by the time of their reading.
fn bodies(store: &Store, query: &ReportQuery) -> Result<HashMap<DateTime<Utc>, String>, StoreError> {
    let mut bodies = HashMap::new();
    let span = ReadingQuery { account: Some(query.account.id), from: query.from, to: query.to };
    store.readings(&span, |stored| {
        bodies.insert(stored.reading.at, body(stored.evidence));
        ControlFlow::Continue(())
    })?;
    Ok(bodies)
}

/// What is kept of a body is a list of what may stay. Should anything in it look like a key or an address
/// nevertheless, it goes; figures alone are left as they came.
fn body(text: String) -> String {
    let suspicious = ["sk-", "ak-", "org-", "proj-", "eyJ", "@"].iter().any(|sign| text.contains(sign));
    if suspicious { redact::text(&text) } else { text }
}

/// There is only one account, and its name says nothing to others; texts from outside are looked through.
fn nameless(recorded: &mut TimestampedRecord) {
    let clean = |text: &mut Option<String>| {
        if let Some(text) = text {
            *text = redact::text(text);
        }
    };
    match &mut recorded.record {
        Record::Reading(line) => {
            line.account = None;
            clean(&mut line.plan);
            for path in &mut line.not_understood {
                *path = redact::text(path);
            }
        }
        Record::Usage(line) => (line.account, line.project) = (None, None),
        Record::Failure(line) => line.account = None,
        Record::Finding(line) => line.account = None,
        Record::Incident(line) => {
            clean(&mut line.title);
            clean(&mut line.impact);
        }
    }
}

fn marked(found: &StoredFinding) -> Option<Marked> {
    Some(Marked {
        class: found.finding.anomaly()?,
        series: found.finding.series,
        detected_at: found.finding.detected_at,
        mark: found.mark?.0,
    })
}

fn totals(store: &Store, query: &ReportQuery, findings: &[StoredFinding]) -> Result<Vec<Total>, StoreError> {
    let account = query.account.id;
    let runs = |series| store.runs(account, series, query.from, query.to);
    let state = store.analysis(account)?.state.and_then(|stored| match AccountState::from_stored(&stored) {
        Restored::Whole(state) => Some(state),
        // Its figures are unknown until the agent has rebuilt it.
        Restored::WithoutAudit(_) | Restored::Lost(_) => None,
    });
    let auditor = state.as_ref().map(AccountState::auditor);
    let mut totals = Vec::new();
    for series in series(store, query)? {
        let mut sums = VerdictSums::default();
        let mut deducted = Decimal::ZERO;
        for run in runs(series)?.iter().filter(|run| run.at >= query.from) {
            deducted += run.deducted;
            let place = match run.verdict.map(|verdict| verdict.word) {
                Some(Explained::Fully) => &mut sums.fully,
                Some(Explained::Partly) => &mut sums.partly,
                Some(Explained::Not) => &mut sums.not,
                Some(Explained::CannotTell) | None => &mut sums.cannot_tell,
            };
            *place += run.deducted;
        }
        let beyond = findings
            .iter()
            .filter(|found| found.finding.series == Some(series))
            .filter_map(|found| found.finding.excess())
            .reduce(|a, b| (a.0 + b.0, a.1 + b.1));
        let points = auditor.and_then(|auditor| auditor.points_for_a_dollar_at_most(series));
        totals.push(Total {
            series,
            deducted: decimal::to_f64(deducted),
            fully: decimal::to_f64(sums.fully),
            partly: decimal::to_f64(sums.partly),
            not: decimal::to_f64(sums.not),
            cannot_tell: decimal::to_f64(sums.cannot_tell),
            beyond,
            worth_usd: beyond.zip(points).map(|((low, _), points)| low / points),
            known_use: auditor
                .filter(|_| points.is_some() || series.currency().is_some())
                .and_then(|auditor| auditor.coverage(series)),
        });
    }
    Ok(totals)
}

/// The series that were seen in the span, in their usual order.
fn series(store: &Store, query: &ReportQuery) -> Result<Vec<Series>, StoreError> {
    let rows = store.history(&HistoryQuery {
        from: query.from,
        to: query.to,
        now: query.now,
        span: Span::Month,
        account: Some(query.account.id),
        zone: query.zone,
    })?;
    let seen: BTreeSet<Series> =
        rows.iter().filter(|row| row.deducted.is_some()).map(|row| row.series).collect();
    Ok(seen.into_iter().collect())
}

#[derive(Deserialize)]
pub(super) struct Asked {
    from: Option<String>,
    to: Option<String>,
    account: Option<i64>,
    format: Option<String>,
    language: Option<String>,
    wrapped: Option<bool>,
}

/// How long a report goes back where nobody says.
const USUAL: TimeDelta = TimeDelta::days(30);

pub(super) async fn get_report(
    State(shared): State<Shared>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let asked = asked?.0;
    let settings = shared.engine.settings();
    let (zone, now) = (settings.timezone, shared.engine.now());
    let to = asked.to.map_or(Ok(now), |text| instant(&text, zone))?;
    let from = asked.from.map_or(Ok(to - USUAL), |text| instant(&text, zone))?;
    if from >= to {
        return Err(Refusal::input("the span must end after it begins"));
    }
    let account = if let Some(id) = asked.account {
        shared.engine.account(AccountId(id))?
    } else {
        let mut accounts = shared.engine.snapshot().accounts;
        match (accounts.pop(), accounts.is_empty()) {
            (Some(only), true) => only.account,
            _ => return Err(Refusal::input("a report is about one account: say which")),
        }
    };
    let words = shared.hooks.words(asked.language.as_deref().or(settings.language.as_deref()));
    let language = words.0;
    let name = format!("tidemark-report-{}", to.with_timezone(&zone).format("%Y-%m-%d"));
    let query = ReportQuery { account, from, to, zone, language, now };
    let sealed = shared.engine.read(move |store| gather(store, &query)).await?;
    let (kind, extension, text) = match asked.format.as_deref() {
        None | Some("html") => ("text/html; charset=utf-8", "html", sealed.html(&*words.1)),
        Some("json") => ("application/json", "json", sealed.json()),
        Some(other) => return Err(Refusal::input(format!("expected html or json, found `{other}`"))),
    };
    let name = format!("{name}.{extension}");
    if asked.wrapped == Some(true) {
        return Ok(Json(view::ReportFile { name, kind: kind.to_owned(), text }).into_response());
    }
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], text).into_response())
}
