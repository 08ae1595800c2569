//! Forecasts in hindsight. Nothing is stored of what was forecast; it is worked out again from what was known then.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Deserialize;
use tidemark_core::change::Movement;
use tidemark_core::finding::Schedule;
use tidemark_core::forecast::UsageHistory;
use tidemark_core::number::decimal;
use tidemark_core::{AccountId, FindingKind, Meter, MeterReading, Series};
use tidemark_store::{FindingQuery, Store, StoreError};

use super::context::Context;
use super::convert::forecast_view;
use super::error::ApiResult;
use crate::view;

/// So many cycles of each quota of an account are shown at most.
const MAX_CYCLES: usize = 8;
/// So many rows are shown in all, unless there are more quotas: each has one.
const MAX_ROWS: usize = 60;

#[derive(Deserialize)]
pub(super) struct Asked {
    account: Option<i64>,
}

pub(super) async fn get_hindsight(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> ApiResult<view::Hindsight> {
    let account = asked?.0.account.map(AccountId);
    let (now, zone) = (context.engine.now(), context.engine.settings().timezone);
    let accounts: Vec<(AccountId, String)> = context
        .engine
        .snapshot()
        .accounts
        .iter()
        .filter(|known| account.is_none_or(|only| only == known.account.id))
        .map(|known| (known.account.id, known.account.name.clone()))
        .collect();
    let forecasts = context.engine.read(move |store| past_forecasts(store, &accounts, zone, now)).await?;
    Ok(Json(view::Hindsight { forecasts }))
}

/// What would have been forecast half-way through the last cycles of accounts, and what came; the latest first.
///
/// # Errors
/// Those of any read of the store.
pub fn past_forecasts(
    store: &Store,
    accounts: &[(AccountId, String)],
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Vec<view::PastForecast>, StoreError> {
    let meters = Meter::ALL.into_iter().filter(|meter| meter.is_allowance());
    let quotas: Vec<_> =
        meters.flat_map(|meter| accounts.iter().map(move |account| (account, meter))).collect();
    // Each cycle costs a forecast; where there are many quotas, few are shown of each.
    let most = (2 * MAX_ROWS).div_ceil(quotas.len().max(1)).min(MAX_CYCLES);
    let mut lists = Vec::new();
    for ((id, name), meter) in quotas {
        lists.push(of_meter(store, (*id, name), (meter, most), zone, now)?);
    }
    let mut forecasts = in_turn(lists);
    forecasts.sort_by_key(|row| std::cmp::Reverse(row.cycle.to));
    Ok(forecasts)
}

/// The last of each list, then the last but one of each, until there are enough: no account is left out because others
/// have much. A whole turn is always given.
fn in_turn<T>(mut lists: Vec<Vec<T>>) -> Vec<T> {
    let mut taken: Vec<T> = lists.iter_mut().filter_map(Vec::pop).collect();
    loop {
        let room = MAX_ROWS.saturating_sub(taken.len());
        let before = taken.len();
        taken.extend(lists.iter_mut().filter_map(Vec::pop).take(room));
        if taken.len() == before {
            return taken;
        }
    }
}

/// A cycle that is over, and the end that had been announced for it.
struct Cycle {
    from: DateTime<Utc>,
    announced: DateTime<Utc>,
    to: DateTime<Utc>,
    used: Decimal,
}

fn of_meter(
    store: &Store,
    (account, name): (AccountId, &str),
    (meter, most): (Meter, usize),
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Vec<view::PastForecast>, StoreError> {
    // What was known half-way through the oldest cycle reaches back as far as any forecast does.
    let movements = store.movements(
        account,
        Series::Meter(meter),
        now - UsageHistory::REACH * 2,
        now + TimeDelta::nanoseconds(1),
    )?;
    let mut history = UsageHistory::new(zone);
    let mut known = 0;
    let mut rows = Vec::new();
    for cycle in cycles(store, account, (meter, most), now)? {
        let middle = cycle.from + (cycle.announced - cycle.from) / 2;
        while let Some(movement) = movements.get(known).filter(|movement| movement.at <= middle) {
            history.take(movement);
            known += 1;
        }
        let Some(last) = known.checked_sub(1).and_then(|last| movements.get(last)) else { continue };
        rows.extend(forecast_of((account, name), meter, &history, last, &cycle, &movements[known..]));
    }
    let shown = rows.len().saturating_sub(most);
    Ok(rows.split_off(shown))
}

fn forecast_of(
    (account, name): (AccountId, &str),
    meter: Meter,
    history: &UsageHistory,
    last: &Movement,
    cycle: &Cycle,
    later: &[Movement],
) -> Option<view::PastForecast> {
    // Nothing was read in this cycle so far.
    if last.at <= cycle.from {
        return None;
    }
    let reading = MeterReading {
        meter,
        used_percent: last.value,
        used: None,
        limit: None,
        resets_at: Some(cycle.announced),
        conflict: false,
    };
    let forecast = history.forecast(&reading, last.at).ok()?;
    let emptied = later
        .iter()
        .take_while(|movement| movement.at <= cycle.to && movement.resets == 0)
        .find(|movement| movement.value >= Decimal::ONE_HUNDRED)
        .map(|movement| movement.at);
    Some(view::PastForecast {
        account_id: account.0,
        account: name.to_owned(),
        meter: meter.as_str().to_owned(),
        cycle: view::MomentSpan { from: cycle.from, to: cycle.to },
        at: last.at,
        used: decimal::to_f64(last.value),
        forecast: forecast_view(&forecast),
        emptied,
        ended_at: decimal::to_f64(cycle.used),
    })
}

/// The finished cycles of a quota, oldest first. One that was reset early is left out: what would have come of it is
/// unknown.
fn cycles(
    store: &Store,
    account: AccountId,
    (meter, most): (Meter, usize),
    now: DateTime<Utc>,
) -> Result<Vec<Cycle>, StoreError> {
    let found = store.findings(&FindingQuery {
        account: Some(account),
        from: Some(now - UsageHistory::REACH),
        ..FindingQuery::default()
    })?;
    let mut cycles = Vec::new();
    let mut before = None;
    for found in found.iter().rev().filter(|found| found.finding.series == Some(Series::Meter(meter))) {
        let FindingKind::Reset { schedule, used_before, announced, .. } = &found.finding.kind else {
            continue;
        };
        let to = found.finding.to;
        if let (Some(from), Some(announced)) = (before.replace(to), *announced)
            && *schedule != Schedule::Early
            && from < announced
        {
            cycles.push(Cycle { from, announced, to, used: *used_before });
        }
    }
    // Each cycle costs a forecast; of a 5-hour quota there are hundreds.
    let shown = cycles.len().saturating_sub(3 * most);
    Ok(cycles.split_off(shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quota_is_in_hindsight_however_many_accounts_there_are() {
        // 30 quotas with 8 cycles each, in the order of the accounts.
        let lists: Vec<Vec<(usize, usize)>> = (0..30).map(|q| (0..8).map(|n| (q, n)).collect()).collect();
        let taken = in_turn(lists.clone());
        assert_eq!(taken.len(), MAX_ROWS);
        for quota in 0..30 {
            let of: Vec<_> = taken.iter().filter(|(q, _)| *q == quota).collect();
            assert_eq!(of, [&(quota, 7), &(quota, 6)], "the newest of each");
        }
        let many: Vec<Vec<usize>> = (0..100).map(|q| vec![q]).collect();
        assert_eq!(in_turn(many).len(), 100, "each has one");
        assert_eq!(in_turn(vec![vec![1], vec![], vec![2, 3]]), [1, 3, 2]);
    }
}
