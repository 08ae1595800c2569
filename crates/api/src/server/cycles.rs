//! The cycles of a quota, from reset to reset.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::TimeDelta;
use rust_decimal::Decimal;
use tidemark_core::number::decimal;
use tidemark_core::{AccountId, Meter, Series};
use tidemark_store::SeenRun;

use super::context::Context;
use super::error::{ApiError, ApiResult};
use super::levels::{Asked, series_of};
use super::query::moment_or;
use crate::view;

/// The newest are given where there are more.
const MAX_CYCLES: usize = 20_000;

pub(super) async fn get_cycles(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> ApiResult<view::Cycles> {
    let asked = asked?.0;
    let snapshot = context.engine.snapshot();
    let (zone, now) = (snapshot.settings.timezone, snapshot.now);
    let to = moment_or(asked.to.as_deref(), zone, now)?;
    let from = moment_or(asked.from.as_deref(), zone, to - TimeDelta::days(365))?;
    let (account, series) = (AccountId(asked.account), series_of(&asked.series)?);
    // The first cycle began before the span, and its peak may be there.
    let longest = match series {
        Series::Meter(Meter::FiveHour) => TimeDelta::days(1),
        Series::Meter(Meter::Week) => TimeDelta::days(8),
        Series::Meter(Meter::Month | Meter::MonthCode) => TimeDelta::days(32),
        Series::Balance(_) | Series::Wallet(_) => {
            return Err(ApiError::input("money has no cycles"));
        }
    };
    let mut cycles = context
        .engine
        .read(move |store| {
            let mut reader = CycleReader::default();
            store.for_each_run(account, series, (from - longest, to), |run| reader.take(run))?;
            Ok(reader.done())
        })
        .await?;
    cycles.retain(|cycle| cycle.end.is_none_or(|end| end > from));
    let beyond = cycles.len().saturating_sub(MAX_CYCLES);
    cycles.drain(..beyond);
    Ok(Json(view::Cycles { account_id: account.0, series: series.to_string(), cycles }))
}

#[derive(Default)]
struct CycleReader {
    done: Vec<view::Cycle>,
    current: Option<(view::Cycle, Decimal, Decimal)>,
}

impl CycleReader {
    fn take(&mut self, run: &SeenRun) {
        if run.resets > 0 || self.current.is_none() {
            if let Some((mut cycle, peak, used)) = self.current.take() {
                cycle.end = Some(run.at);
                self.close(cycle, peak, used);
            }
            let cycle = view::Cycle {
                start: run.at,
                end: None,
                peak: 0.0,
                used: 0.0,
                emptied_at: None,
                gap: false,
                partial: run.resets == 0,
            };
            self.current = Some((cycle, Decimal::ZERO, Decimal::ZERO));
        }
        let Some((cycle, peak, used)) = &mut self.current else { return };
        *peak = (*peak).max(run.value);
        *used += run.deducted;
        cycle.gap |= run.gap;
        if run.value >= Decimal::ONE_HUNDRED && cycle.emptied_at.is_none() {
            cycle.emptied_at = Some(run.at);
        }
    }

    fn close(&mut self, mut cycle: view::Cycle, peak: Decimal, used: Decimal) {
        (cycle.peak, cycle.used) = (decimal::to_f64(peak), decimal::to_f64(used));
        self.done.push(cycle);
    }

    fn done(mut self) -> Vec<view::Cycle> {
        if let Some((cycle, peak, used)) = self.current.take() {
            self.close(cycle, peak, used);
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn run(minute: i64, value: i64, deducted: i64, resets: u32) -> SeenRun {
        let at = DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        SeenRun {
            at,
            until: at,
            gap: minute == 40,
            value: Decimal::from(value),
            deducted: Decimal::from(deducted),
            returned: Decimal::ZERO,
            resets,
            verdict: None,
        }
    }

    #[test]
    fn a_cycle_runs_from_reset_to_reset_and_says_when_it_was_emptied() {
        let mut reader = CycleReader::default();
        for run in [
            run(0, 60, 0, 0),
            run(10, 100, 40, 0),
            run(20, 100, 0, 0),
            run(30, 5, 5, 1),
            run(40, 30, 25, 0),
            run(50, 0, 0, 1),
        ] {
            reader.take(&run);
        }
        let cycles = reader.done();
        let at = |minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let found: Vec<_> =
            cycles.iter().map(|c| (c.start, c.end, c.peak, c.used, c.emptied_at, c.gap, c.partial)).collect();
        assert_eq!(
            found,
            [
                (at(0), Some(at(30)), 100.0, 40.0, Some(at(10)), false, true),
                (at(30), Some(at(50)), 30.0, 30.0, None, true, false),
                (at(50), None, 0.0, 0.0, None, false, false),
            ]
        );
    }
}
