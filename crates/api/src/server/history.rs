//! Consumption by hour, day and month.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use tidemark_core::audit::Breakdown;
use tidemark_core::calendar::Bucket;
use tidemark_core::number::decimal;
use tidemark_core::{AccountId, Series};
use tidemark_store::{FindingQuery, HistoryQuery, HistoryRow, VerdictBuckets};

use super::context::Context;
use super::convert::{explained_view, incident_row, mark};
use super::error::ApiResult;
use super::findings::is_withdrawn;
use super::query::Buckets;
use crate::view;

#[derive(Deserialize)]
pub(super) struct Asked {
    by: Option<String>,
    from: Option<String>,
    to: Option<String>,
    account: Option<i64>,
}

pub(super) async fn get_history(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> ApiResult<view::History> {
    let Asked { by, from, to, account } = asked?.0;
    let snapshot = context.engine.snapshot();
    let zone = snapshot.settings.timezone;
    let now = snapshot.now;
    let Buckets { by: span, from, to, all: buckets } =
        Buckets::of(by.as_deref(), from.as_deref(), to.as_deref(), zone, now)?;
    let to = to.min(now);
    let account = account.map(AccountId);
    let query = HistoryQuery { from, to, now, span, account, zone };
    let (rows, verdicts, first, found, anomalies, incidents) = context
        .engine
        .read(move |store| {
            let found = FindingQuery { account, from: Some(from), to: Some(to), ..FindingQuery::default() };
            Ok((
                store.history(&query)?,
                store.verdicts(&query)?,
                store.first_readings(account)?,
                store.findings(&found)?,
                store.anomalies(account)?,
                store.incidents(from, to)?,
            ))
        })
        .await?;
    let names: HashMap<AccountId, (i64, String)> = snapshot
        .accounts
        .iter()
        .map(|a| (a.account.id, (a.account.position, a.account.name.clone())))
        .collect();
    Ok(Json(view::History {
        by: span.as_str().to_owned(),
        timezone: zone.name().to_owned(),
        from,
        to,
        buckets: buckets
            .iter()
            .map(|b| view::BucketView { key: b.label(span, zone), start: b.start, end: b.end })
            .collect(),
        series: series(rows, &verdicts, &buckets, &names, now)
            .into_iter()
            .map(|line| since(line, &first))
            .collect(),
        marks: found
            .iter()
            .filter(|found| !found.is_routine())
            .map(|found| mark(found, is_withdrawn(&anomalies, found)))
            .collect(),
        incidents: incidents.iter().map(incident_row).collect(),
    }))
}

/// The line with the time of its first reading.
fn since(line: view::SeriesView, first: &[(AccountId, Series, DateTime<Utc>)]) -> view::SeriesView {
    let of = first
        .iter()
        .find(|(account, series, _)| account.0 == line.account_id && series.to_string() == line.series);
    view::SeriesView { since: of.map(|(.., at)| *at), ..line }
}

fn series(
    rows: Vec<HistoryRow>,
    verdicts: &VerdictBuckets,
    buckets: &[Bucket],
    names: &HashMap<AccountId, (i64, String)>,
    now: DateTime<Utc>,
) -> Vec<view::SeriesView> {
    let places: HashMap<_, _> = buckets.iter().enumerate().map(|(place, b)| (b.start, place)).collect();
    let mut lines: BTreeMap<(i64, AccountId, Series), Vec<view::PointView>> = BTreeMap::new();
    for row in rows {
        let (Some((position, _)), Some(&place)) = (names.get(&row.account), places.get(&row.bucket.start))
        else {
            continue;
        };
        let points = lines.entry((*position, row.account, row.series)).or_insert_with(|| {
            let nothing = view::PointView {
                deducted: None,
                returned: None,
                credited: None,
                expired: None,
                uncertain: 0.0,
                coverage: 0.0,
                last: None,
                high: None,
                resets: 0,
                explained: None,
            };
            vec![nothing; buckets.len()]
        });
        // Only the part of a bucket that has passed could have been polled.
        let passed = row.bucket.end.min(now) - row.bucket.start;
        let share = row.covered.num_milliseconds() as f64 / passed.num_milliseconds().max(1) as f64;
        points[place] = view::PointView {
            deducted: row.deducted.map(decimal::to_f64),
            returned: row.returned.map(decimal::to_f64),
            credited: row.credited.map(decimal::to_f64),
            expired: row.expired.map(decimal::to_f64),
            uncertain: decimal::to_f64(row.uncertain),
            coverage: share.clamp(0.0, 1.0),
            last: row.last.map(decimal::to_f64),
            high: row.high.map(decimal::to_f64),
            resets: row.resets,
            explained: row.deducted.filter(|deducted| !deducted.is_zero()).map(|deducted| {
                let of = verdicts.get(&(row.account, row.series));
                let sums = of.and_then(|of| of.get(&row.bucket.start)).copied().unwrap_or_default();
                explained(deducted, sums)
            }),
        };
    }
    lines
        .into_iter()
        .map(|((_, id, series), points)| view::SeriesView {
            account_id: id.0,
            account: names.get(&id).map(|(_, name)| name.clone()).unwrap_or_default(),
            series: series.to_string(),
            unit: series.unit().to_owned(),
            since: None,
            points,
        })
        .collect()
}

/// What the audit never weighed counts as "cannot tell" too.
fn explained(deducted: Decimal, sums: Breakdown) -> view::ExplainedView {
    explained_view(sums.fitted(deducted))
}
