//! Crashes: whatever was acknowledged is there, nothing is there twice.

use chrono::TimeDelta;
use proptest::prelude::*;
use rust_decimal::Decimal;
use tidemark_core::calendar::Span;
use tidemark_core::step::StoredState;
use tidemark_store::{AnalysisResult, HistoryQuery, Store};

use crate::given::*;

/// What a running program does at its start and after each poll with the readings that are not analysed yet:
/// all but the last `leave` of them.
fn catch_up(store: &Store, account: tidemark_core::AccountId, leave: usize) {
    let analysis = store.analysis(account).unwrap();
    let mut before: Option<(chrono::DateTime<chrono::Utc>, Decimal)> =
        analysis.state.as_ref().and_then(|state| serde_json::from_str(&state.tracker).unwrap());
    let waiting = store.readings_after(account, analysis.reading).unwrap();
    for (id, reading) in &waiting[..waiting.len().saturating_sub(leave)] {
        let used = reading.meters[0].used_percent;
        let mut movement = still(FIVE_HOUR, before.map(|(at, _)| at), reading.at, used);
        movement.deducted = before.map_or(Decimal::ZERO, |(_, before)| used - before);
        let covered = before.map(|(at, _)| (at, reading.at));
        before = Some((reading.at, used));
        let told = AnalysisResult {
            state: StoredState { tracker: serde_json::to_string(&before).unwrap(), ..state() },
            ..conclusion(vec![movement], covered)
        };
        store.record_analysis(account, *id, &told).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn killed_at_any_point_nothing_is_lost_and_nothing_counts_twice(
        // For each poll: how much is used, how many readings are left without analysis, whether the program
        // dies then.
        looks in prop::collection::vec((0_i64..40, 0_usize..3, prop::bool::weighted(0.3)), 1..30),
    ) {
        let (folder, store, account) = with_account();
        let mut store = Some(store);
        let mut used = Decimal::ZERO;
        let mut taken = Vec::new();
        for (number, (more, leave, dies)) in looks.iter().enumerate() {
            let alive = store.get_or_insert_with(|| Store::open(folder.path(), now()).unwrap());
            used += Decimal::new(*more, 1);
            let seen = reading(now() + minutes(5 * i64::try_from(number).unwrap()), used, dec("5"));
            taken.push((alive.insert_reading(account.id, &seen, &evidence(&seen)).unwrap(), seen));
            catch_up(alive, account.id, *leave);
            if *dies {
                // A killed process runs no destructors and tidies nothing up: a copy of its files is what
                // the next one finds.
                as_killed(folder.path(), store.take());
            }
        }
        let store = store.unwrap_or_else(|| Store::open(folder.path(), now()).unwrap());
        catch_up(&store, account.id, 0);
        store.check_integrity().unwrap();
        prop_assert_eq!(store.readings_after(account.id, None).unwrap(), taken.clone());
        let all = HistoryQuery {
            from: now(), to: now() + TimeDelta::days(2), now: now() + TimeDelta::days(2),
            span: Span::Hour, account: None, zone: store.zone().unwrap(),
        };
        let rows = store.history(&all).unwrap();
        let deducted: Decimal = rows.iter().filter_map(|row| row.deducted).sum();
        prop_assert_eq!(deducted, used - taken[0].1.meters[0].used_percent);
        let covered: TimeDelta = rows.iter().map(|row| row.covered).sum();
        prop_assert_eq!(covered, minutes(5 * i64::try_from(looks.len() - 1).unwrap()));
    }
}

/// Leaves the folder as a killed process does: database and log as they are, with no closing checkpoint.
fn as_killed(folder: &std::path::Path, store: Option<Store>) {
    let kept: Vec<_> = ["tidemark.db", "tidemark.db-wal"]
        .into_iter()
        .map(|name| (name, std::fs::read(folder.join(name)).unwrap()))
        .collect();
    drop(store);
    for (name, content) in kept {
        std::fs::write(folder.join(name), content).unwrap();
    }
}
