//! Conclusions: all or nothing, once.

use rust_decimal::Decimal;
use tidemark_core::FindingKind;
use tidemark_core::calendar::Span;
use tidemark_core::change::Tracker;
use tidemark_core::finding::Schedule;
use tidemark_core::step::StoredState;
use tidemark_store::{Analysis, AnalysisResult, FindingQuery, HistoryQuery};

use crate::given::*;

#[test]
fn concluding_twice_is_concluding_once() {
    let (folder, store, account) = with_account();
    let mut before = None;
    for minute in [0, 5, 10] {
        let at = now() + minutes(minute);
        let id = store.insert_reading(account.id, &reading(at, dec("1"), dec("5")), "{}").unwrap();
        let mut movement = still(FIVE_HOUR, before, at, Decimal::from(minute));
        movement.deducted = Decimal::from(if minute == 0 { 0 } else { 5 });
        let told = conclusion(vec![movement], before.map(|before| (before, at)));
        store.record_analysis(account.id, id, &told).unwrap();
        let once = added_up(&folder);
        store.record_analysis(account.id, id, &told).unwrap();
        assert_eq!(added_up(&folder), once);
        let analysis = Analysis { state: Some(told.state), reading: Some(id), failure: None };
        assert_eq!(store.analysis(account.id).unwrap(), analysis);
        before = Some(at);
    }
}

#[test]
fn an_older_reading_than_the_last_concluded_is_left_alone() {
    let (_folder, store, account) = with_account();
    let ids: Vec<_> = [0, 5]
        .map(|minute| {
            let reading = reading(now() + minutes(minute), dec("1"), dec("5"));
            store.insert_reading(account.id, &reading, "{}").unwrap()
        })
        .into();
    store.record_analysis(account.id, ids[1], &conclusion(vec![], None)).unwrap();
    let at = now();
    store
        .record_analysis(account.id, ids[0], &conclusion(vec![still(FIVE_HOUR, None, at, dec("1"))], None))
        .unwrap();
    assert_eq!(store.analysis(account.id).unwrap().reading, Some(ids[1]));
    assert_eq!(store.first_look(None).unwrap(), None);
}

#[test]
fn what_cannot_be_kept_is_refused_as_a_whole() {
    let (_folder, store, account) = with_account();
    let id = store.insert_reading(account.id, &reading(now(), dec("1"), dec("5")), "{}").unwrap();
    let moves = vec![still(FIVE_HOUR, None, now(), dec("1")), still(MONEY, None, now(), Decimal::MAX)];
    assert!(store.record_analysis(account.id, id, &conclusion(moves, None)).is_err());
    assert_eq!(store.analysis(account.id).unwrap(), Analysis::default());
    assert_eq!(store.first_look(None).unwrap(), None);
    store
        .record_analysis(account.id, id, &conclusion(vec![still(FIVE_HOUR, None, now(), dec("1"))], None))
        .unwrap();
}

#[test]
fn the_real_analysis_is_remembered_and_taken_up_again() {
    let (folder, mut store, account) = with_account();
    let mut before = None;
    // 10, 20, … 90 %, then a reset that was due, then more use; the store is opened again each time.
    for step in 0..12_i64 {
        let at = utc("2026-11-22T07:00:00Z") + minutes(step * 5);
        let used = if step < 9 { (step + 1) * 10 } else { step - 8 };
        let mut seen = reading(at, Decimal::from(used), dec("5"));
        if step >= 9 {
            seen.meters[0].resets_at = Some(utc("2026-11-22T12:31:44.987654321Z"));
        }
        let id = store.insert_reading(account.id, &seen, &evidence(&seen)).unwrap();
        let mut tracker: Tracker = store
            .analysis(account.id)
            .unwrap()
            .state
            .map(|state| serde_json::from_str(&state.tracker).unwrap())
            .unwrap_or_default();
        let observed = tracker.observe(&seen);
        let told = AnalysisResult {
            state: StoredState { tracker: serde_json::to_string(&tracker).unwrap(), ..state() },
            findings: observed.findings,
            ..conclusion(observed.movements, before.map(|before| (before, at)))
        };
        store.record_analysis(account.id, id, &told).unwrap();
        before = Some(at);
        drop(store);
        store = tidemark_store::Store::open(folder.path(), now()).unwrap();
    }
    let findings = store.findings(&FindingQuery::default()).unwrap();
    assert!(
        findings.iter().any(|stored| matches!(
            stored.finding.kind,
            FindingKind::Reset { schedule: Schedule::OnTime, .. }
        )),
        "{findings:?}"
    );
    let day = HistoryQuery {
        from: utc("2026-11-22T00:00:00Z"),
        to: utc("2026-11-23T00:00:00Z"),
        now: utc("2026-11-22T08:00:00Z"),
        span: Span::Day,
        account: None,
        zone: store.zone().unwrap(),
    };
    let rows = store.history(&day).unwrap();
    let meter = rows.iter().find(|row| row.series == FIVE_HOUR).unwrap();
    // 10 at first, 80 more until 90; after the reset 1, 2, 3.
    assert_eq!((meter.deducted, meter.resets), (Some(dec("83")), 1));
    assert_eq!((meter.high, meter.last), (Some(dec("90")), Some(dec("3"))));
    assert_eq!(meter.covered, minutes(55));
}
