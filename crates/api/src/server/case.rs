//! The case of a finding: the series around it, the expected values, and what else happened.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::audit::Explained;
use tidemark_core::expected_band::{Point, expected};
use tidemark_core::number::decimal;
use tidemark_core::{Finding, FindingKind, Meter, Series};
use tidemark_store::{FailureQuery, FindingId, FindingQuery, SeenRun, StoredVerdict};

use super::context::{Context, PathId};
use super::convert::{explained_view, failure_row, incident_row, mark};
use super::error::{ApiError, ApiResult};
use super::findings::{is_withdrawn, no_such_finding, one};
use crate::view;

pub(super) async fn get_case(State(context): State<Context>, id: PathId) -> ApiResult<view::Case> {
    let id = id?.0;
    let now = context.engine.now();
    let (found, series, span, runs, others, anomalies, incidents, failures) = context
        .engine
        .read(move |store| {
            let Some(found) = store.finding(FindingId(id))? else { return Ok(None) };
            let series = found.finding.series.unwrap_or(Series::Meter(Meter::Month));
            let (from, to) = span(&found.finding, now);
            let runs = store.runs(found.account, series, from, to)?;
            let account = Some(found.account);
            let others = store.findings(&FindingQuery {
                account,
                from: Some(from),
                to: Some(to),
                ..FindingQuery::default()
            })?;
            let failures = store.failure_runs(&FailureQuery {
                account,
                from: Some(from),
                to: Some(to),
                ..FailureQuery::default()
            })?;
            let (anomalies, incidents) = (store.anomalies(account)?, store.incidents(from, to)?);
            Ok(Some((found, series, (from, to), runs, others, anomalies, incidents, failures)))
        })
        .await?
        .ok_or_else(no_such_finding)?;
    if found.finding.series.is_none() {
        return Err(ApiError::input("this finding concerns no single series"));
    }
    let name = |id| context.engine.account(id).map(|account| account.name).unwrap_or_default();
    let points: Vec<Point> = runs.iter().map(point).collect();
    Ok(Json(view::Case {
        series: series.to_string(),
        unit: series.unit().to_owned(),
        from: span.0,
        to: span.1,
        observed: runs.iter().map(seen).collect(),
        expected: expected(&found.finding, &points)
            .into_iter()
            .map(|place| view::BandPoint { at: place.at, low: place.low, high: place.high })
            .collect(),
        marks: others
            .iter()
            .filter(|other| other.id != found.id)
            // What befell another quota would be read as this one's.
            .filter(|other| other.finding.series.is_none_or(|of| of == series))
            .map(|other| mark(other, is_withdrawn(&anomalies, other)))
            .collect(),
        incidents: incidents.iter().map(incident_row).collect(),
        failures: failures.iter().map(|run| failure_row(run, name(run.account))).collect(),
        finding: one(&context, &found).await?,
    }))
}

/// What is drawn: enough time before it to see what was usual, and enough after it to see what followed.
fn span(finding: &Finding, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let shortest = match finding.series {
        Some(Series::Meter(Meter::FiveHour)) => TimeDelta::hours(3),
        _ => TimeDelta::hours(8),
    };
    let length = (finding.to - finding.from).clamp(shortest, TimeDelta::days(7));
    let before = if matches!(finding.kind, FindingKind::Anomaly(_)) { length * 2 } else { length };
    let to = (finding.to.max(finding.detected_at) + length).min(now.max(finding.detected_at));
    (finding.from - before, to + TimeDelta::seconds(1))
}

fn point(run: &SeenRun) -> Point {
    Point {
        at: run.at,
        value: decimal::to_f64(run.value),
        deducted: decimal::to_f64(run.deducted),
        returned: decimal::to_f64(run.returned),
        resets: run.resets,
    }
}

fn seen(run: &SeenRun) -> view::CasePoint {
    view::CasePoint {
        at: run.at,
        until: run.until,
        value: decimal::to_f64(run.value),
        gap: run.gap,
        deducted: decimal::to_f64(run.deducted),
        verdict: run.verdict.map(verdict),
    }
}

fn verdict(verdict: StoredVerdict) -> view::VerdictView {
    view::VerdictView {
        word: match verdict.word {
            Explained::Fully => view::VerdictWord::Fully,
            Explained::Partly => view::VerdictWord::Partly,
            Explained::Not => view::VerdictWord::Not,
            Explained::CannotTell => view::VerdictWord::CannotTell,
            Explained::Elsewhere => view::VerdictWord::Elsewhere,
        },
        explained: verdict
            .explained
            .map(|(low, high)| view::Interval { low: decimal::to_f64(low), high: decimal::to_f64(high) }),
        parts: explained_view(verdict.parts),
    }
}
