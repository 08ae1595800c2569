//! The level of one series over time, thinned out where there are more values than a chart can show.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use tidemark_core::number::decimal;
use tidemark_core::{AccountId, Series};
use tidemark_store::SeenRun;

use super::context::Context;
use super::error::{ApiError, ApiResult};
use super::query::moment_or;
use crate::view;

/// Values that are given where none are asked for.
const DEFAULT_POINTS: usize = 4_000;
/// No screen is so wide.
const MAX_POINTS: usize = 40_000;
/// Of each stretch, these are given: first, lowest, highest, last.
const OF_EACH: usize = 4;

#[derive(Deserialize)]
pub(super) struct Asked {
    pub(super) account: i64,
    pub(super) series: String,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    points: Option<usize>,
}

/// The series that a query names.
pub(super) fn series_of(text: &str) -> Result<Series, ApiError> {
    text.parse().map_err(|_| ApiError::input(format!("expected a series such as `5h`, found `{text}`")))
}

pub(super) async fn get_levels(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> ApiResult<view::Levels> {
    let asked = asked?.0;
    let snapshot = context.engine.snapshot();
    let (zone, now) = (snapshot.settings.timezone, snapshot.now);
    let to = moment_or(asked.to.as_deref(), zone, now)?;
    let from = moment_or(asked.from.as_deref(), zone, to - TimeDelta::days(30))?;
    let (account, series) = (AccountId(asked.account), series_of(&asked.series)?);
    let points = asked.points.unwrap_or(DEFAULT_POINTS).clamp(OF_EACH, MAX_POINTS);
    let levels = context
        .engine
        .read(move |store| {
            let mut there = 0_usize;
            store.for_each_run(account, series, (from, to), |_| there += 1)?;
            let mut levels = Thinned::new((from, to), (there > points).then_some(points / OF_EACH));
            store.for_each_run(account, series, (from, to), |run| levels.take(run))?;
            Ok(levels.done())
        })
        .await?;
    Ok(Json(view::Levels {
        account_id: account.0,
        series: series.to_string(),
        unit: series.unit().to_owned(),
        from,
        to,
        ..levels
    }))
}

/// Runs of which so many are kept that the drawn line is the same.
struct Thinned {
    from: DateTime<Utc>,
    length: TimeDelta,
    /// How many stretches there are; `None` where everything is kept.
    stretches: Option<usize>,
    /// The stretch that is being read, and what of it would be kept, in time order.
    stretch: usize,
    held: Vec<SeenRun>,
    kept: view::Levels,
}

impl Thinned {
    fn new((from, to): (DateTime<Utc>, DateTime<Utc>), stretches: Option<usize>) -> Self {
        let kept = view::Levels {
            account_id: 0,
            series: String::new(),
            unit: String::new(),
            from,
            to,
            complete: stretches.is_none(),
            at: Vec::new(),
            until: Vec::new(),
            value: Vec::new(),
            gap: Vec::new(),
            resets: Vec::new(),
        };
        Self { from, length: to - from, stretches, stretch: 0, held: Vec::new(), kept }
    }

    fn take(&mut self, run: &SeenRun) {
        if run.resets > 0 && run.at >= self.from {
            self.kept.resets.push(run.at.timestamp_millis());
        }
        let Some(stretches) = self.stretches else {
            self.keep(run);
            return;
        };
        let share =
            (run.at - self.from).num_milliseconds() as f64 / self.length.num_milliseconds().max(1) as f64;
        let stretch = (share.clamp(0.0, 1.0) * stretches as f64) as usize;
        if stretch != self.stretch {
            self.flush();
            self.stretch = stretch;
        }
        self.held.push(run.clone());
        // More than a few are never needed at once.
        if self.held.len() > 512 {
            self.thin();
        }
    }

    /// Leaves of the stretch the first, lowest, highest and last, and says of a gap within it.
    fn thin(&mut self) {
        let places = 0..self.held.len();
        let lowest = places.clone().min_by_key(|place| self.held[*place].value);
        let highest = places.clone().max_by_key(|place| self.held[*place].value);
        let mut wanted: Vec<usize> =
            places.clone().next().into_iter().chain(lowest).chain(highest).chain(places.last()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut left = Vec::with_capacity(OF_EACH);
        let mut begin = 0;
        for place in wanted {
            let mut run = self.held[place].clone();
            run.gap = self.held[begin..=place].iter().any(|run| run.gap);
            begin = place + 1;
            left.push(run);
        }
        self.held = left;
    }

    fn flush(&mut self) {
        self.thin();
        for run in std::mem::take(&mut self.held) {
            self.keep(&run);
        }
    }

    fn keep(&mut self, run: &SeenRun) {
        self.kept.at.push(run.at.timestamp_millis());
        self.kept.until.push(run.until.timestamp_millis());
        self.kept.value.push(decimal::to_f64(run.value));
        self.kept.gap.push(run.gap);
    }

    fn done(mut self) -> view::Levels {
        self.flush();
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn run(second: i64, value: i64, gap: bool) -> SeenRun {
        SeenRun {
            at: at(second),
            until: at(second),
            gap,
            value: Decimal::from(value),
            deducted: Decimal::ZERO,
            returned: Decimal::ZERO,
            resets: 0,
            verdict: None,
        }
    }

    proptest! {
        #[test]
        fn thinning_keeps_every_peak_and_low_and_never_hides_that_data_are_missing(
            values in proptest::collection::vec((0_i64..100, proptest::bool::weighted(0.02)), 1..3000),
            stretches in 1_usize..60,
        ) {
            let length = i64::try_from(values.len()).unwrap();
            let mut thinned = Thinned::new((at(0), at(length)), Some(stretches));
            for (second, (value, gap)) in values.iter().enumerate() {
                thinned.take(&run(i64::try_from(second).unwrap(), *value, *gap));
            }
            let levels = thinned.done();
            prop_assert!(levels.at.len() <= (stretches + 1) * OF_EACH);
            prop_assert!(levels.at.is_sorted());
            let highest = values.iter().map(|(value, _)| *value).max().unwrap() as f64;
            let lowest = values.iter().map(|(value, _)| *value).min().unwrap() as f64;
            prop_assert!(levels.value.contains(&highest) && levels.value.contains(&lowest));
            let gaps = values.iter().filter(|(_, gap)| *gap).count();
            prop_assert_eq!(levels.gap.iter().any(|gap| *gap), gaps > 0);
        }
    }

    #[test]
    fn a_short_span_is_given_as_it_was_read() {
        let mut all = Thinned::new((at(0), at(10)), None);
        for second in 0..10 {
            all.take(&run(second, second % 3, false));
        }
        let levels = all.done();
        assert!(levels.complete);
        assert_eq!(levels.value.len(), 10);
    }
}
