//! Forecasts in hindsight over a recorded life: what would have been forecast, and what came.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{engine, served};
use rust_decimal::Decimal;
use tidemark_api::view;
use tidemark_core::step::{AccountState, Input, Rules};
use tidemark_core::{Credential, Meter, MeterReading, RateLimits, Reading, Region, Source};
use tidemark_kimi::PublicPrices;
use tidemark_store::{AnalysisResult, NewAccount, Store};

/// So many weeks are recorded.
const WEEKS: i64 = 5;
const HOURS: i64 = 7 * 24;

/// Percent used of the week, so many hours after its begin: three points in eight hours, in the week before the last
/// three times as much.
fn used(week: i64, hour: i64) -> Decimal {
    let pace = if week == WEEKS - 2 { 9 } else { 3 };
    (Decimal::from(hour * pace) / Decimal::from(8)).min(Decimal::ONE_HUNDRED).round_dp(1)
}

fn record(store: &Store, end: DateTime<Utc>) {
    let new = NewAccount {
        name: "steady".to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::Environment { name: "NO_SUCH_KEY_HERE".to_owned() },
    };
    let start = end - TimeDelta::hours(WEEKS * HOURS);
    let account = store.add_account(new, start).unwrap();
    let rules = Rules { prices: &PublicPrices, alerts: None, max_gap: TimeDelta::hours(2) };
    let mut state = AccountState::new();
    for hour in 0..=WEEKS * HOURS {
        let (week, since) = (hour / HOURS, hour % HOURS);
        let reading = Reading {
            at: start + TimeDelta::hours(hour) + TimeDelta::seconds(30),
            source: Source::KimiCode,
            region: Region::China,
            plan: None,
            meters: vec![MeterReading {
                meter: Meter::Week,
                used_percent: used(week, since),
                used: None,
                limit: None,
                resets_at: Some(start + TimeDelta::hours((week + 1) * HOURS)),
                conflict: false,
            }],
            wallet: None,
            balance: None,
            limits: RateLimits::default(),
            not_understood: Vec::new(),
            user: tidemark_core::reading::UserIds::default(),
        };
        let id = store.insert_reading(account.id, &reading, "{}").unwrap();
        let outcome = state.apply(Input::Reading(&reading), &rules);
        let conclusion = AnalysisResult::new(outcome, state.to_stored().unwrap());
        store.record_analysis(account.id, id, &conclusion).unwrap();
    }
}

#[test]
fn a_forecast_in_hindsight_knows_only_what_was_known_then() {
    let folder = tempfile::tempdir().unwrap();
    let now = Utc::now();
    record(&Store::open(&folder.path().join("data"), now).unwrap(), now - TimeDelta::hours(1));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let past: view::Hindsight = runtime.block_on(async {
        let client = served(engine(folder.path())).await;
        client.get("/v1/hindsight").await.unwrap()
    });
    let week: Vec<&view::PastForecast> = past.forecasts.iter().filter(|row| row.meter == "week").collect();
    assert!(week.len() >= 2, "{past:?}");
    for row in &week {
        assert!(row.cycle.from < row.at && row.at < row.cycle.to, "{row:?}");
        let half = (row.cycle.to - row.cycle.from) / 2;
        assert!((row.at - row.cycle.from - half).abs() <= TimeDelta::hours(2), "half-way: {row:?}");
    }
    // Newest first: the last week was as all others, the one before was used up.
    let (calm, full) = (week[0], week[1]);
    assert!(calm.cycle.from == full.cycle.to, "{week:?}");
    assert!(full.emptied.is_some_and(|at| full.at < at && at < full.cycle.to), "{full:?}");
    assert!((full.ended_at - 100.0).abs() < 1e-9, "{full:?}");
    assert!(calm.emptied.is_none() && calm.ended_at < 70.0, "{calm:?}");
    assert!(full.forecast.lasts < calm.forecast.lasts, "half-way the one stood at 90 %, the other at 31 %");
    assert!(full.used > 80.0 && calm.used < 40.0, "{week:?}");
}
