//! Failures, the state of polling, and incidents.

use std::ops::ControlFlow;
use std::time::Duration;

use tidemark_core::failure::{FailedPoll, Limit, LimitScope};
use tidemark_core::{Failure, FailureKind, Meter};
use tidemark_store::{FailureQuery, Incident, PollState};

use crate::given::*;

fn rich() -> Failure {
    Failure {
        status: Some(429),
        retry_after: Some(Duration::from_millis(3_500)),
        limit: Some(Limit::TokensPerDay),
        current: Some(1_518_025),
        limit_value: Some(1_500_000),
        whose: Some(LimitScope::Account),
        meter: Some(Meter::Week),
        ..Failure::new(FailureKind::RateLimited, "slow down")
    }
}

#[test]
fn failures_of_one_kind_make_a_stretch_that_a_reading_ends() {
    let (_folder, store, account) = with_account();
    let server = Failure { status: Some(502), ..Failure::new(FailureKind::ServerError, "bad gateway") };
    for (minute, failure) in [(0, &server), (1, &server), (2, &rich()), (3, &server)] {
        store.record_failure(account.id, now() + minutes(minute), failure).unwrap();
    }
    store.insert_reading(account.id, &reading(now() + minutes(4), dec("1"), dec("5")), "{}").unwrap();
    store.record_failure(account.id, now() + minutes(9), &server).unwrap();
    let runs = store.failure_runs(&FailureQuery::default()).unwrap();
    let told: Vec<_> = runs
        .iter()
        .map(|run| {
            (
                (run.from - now()).num_minutes(),
                (run.to - now()).num_minutes(),
                run.failure.kind,
                run.count,
                run.over,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (9, 9, FailureKind::ServerError, 1, false),
            (3, 3, FailureKind::ServerError, 1, true),
            (2, 2, FailureKind::RateLimited, 1, true),
            (0, 1, FailureKind::ServerError, 2, true),
        ]
    );
    let some = FailureQuery {
        account: Some(account.id),
        from: Some(now() + minutes(1)),
        to: Some(now() + minutes(3)),
        limit: None,
    };
    assert_eq!(store.failure_runs(&some).unwrap().len(), 2);
    assert_eq!(store.failure_runs(&FailureQuery { limit: Some(1), ..some }).unwrap()[0].failure, rich());
}

#[test]
fn single_failures_come_back_whole() {
    let (_folder, store, account) = with_account();
    store.record_failure(account.id, now() + minutes(1), &rich()).unwrap();
    store.record_failure(account.id, now(), &Failure::new(FailureKind::Network, "no route")).unwrap();
    let mut seen = Vec::new();
    store
        .failures(&FailureQuery::default(), |stored| {
            seen.push((stored.at, stored.failure));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, [(now(), Failure::new(FailureKind::Network, "no route")), (now() + minutes(1), rich())]);
}

#[test]
fn the_state_of_polling_survives_a_restart() {
    let (folder, store, account) = with_account();
    assert_eq!(store.poll_state(account.id).unwrap(), PollState::default());
    let state = PollState {
        next_poll_at: Some(utc("2026-11-22T05:05:00.000000001Z")),
        retry_after_until: Some(now() + minutes(7)),
        failures_in_row: 3,
        failing_since: Some(now() - minutes(9)),
        last_failure: Some(FailedPoll { at: now(), failure: rich() }),
        last_success_at: Some(now() - minutes(15)),
    };
    store.set_poll_state(account.id, &PollState::default()).unwrap();
    store.set_poll_state(account.id, &state).unwrap();
    drop(store);
    let store = tidemark_store::Store::open_read_only(folder.path()).unwrap();
    assert_eq!(store.poll_state(account.id).unwrap(), state);
}

#[test]
fn a_failure_that_lasts_began_with_its_first_failed_poll() {
    let (_folder, store, account) = with_account();
    let since = |store: &tidemark_store::Store| store.failing_since(account.id).unwrap();
    assert_eq!(since(&store), None);
    // What is known of polling began later: with a start, or an import.
    store.record_failure(account.id, now(), &rich()).unwrap();
    let known = PollState { failing_since: Some(now() + minutes(20)), ..PollState::default() };
    store.record_failed_poll(account.id, now() + minutes(20), &rich(), &known).unwrap();
    assert_eq!(since(&store), Some(now()));
    // A service in trouble says so in several ways: it is one trouble, since the first of them.
    let other = Failure::new(FailureKind::Network, "no route");
    let known = PollState { failing_since: Some(now()), ..PollState::default() };
    store.record_failed_poll(account.id, now() + minutes(25), &other, &known).unwrap();
    assert_eq!(since(&store), Some(now()));
}

#[test]
fn incidents_are_kept_and_brought_up_to_date() {
    let (_folder, store) = empty();
    let open = Incident {
        page: "status.example".into(),
        id: "abc".into(),
        title: Some("Slow".into()),
        impact: Some("minor".into()),
        opened_at: now(),
        resolved_at: None,
    };
    let elsewhere = Incident { page: "other.example".into(), opened_at: now() - minutes(60), ..open.clone() };
    store.upsert_incident(&open, now()).unwrap();
    store.upsert_incident(&elsewhere, now()).unwrap();
    let resolved = Incident { title: None, resolved_at: Some(now() + minutes(30)), ..open.clone() };
    store.upsert_incident(&resolved, now()).unwrap();
    let resolved = Incident { title: open.title, ..resolved };
    assert_eq!(
        store.incidents(now() - minutes(90), now() + minutes(90)).unwrap(),
        [elsewhere.clone(), resolved]
    );
    assert_eq!(store.incidents(now() + minutes(60), now() + minutes(90)).unwrap(), [elsewhere]);
    assert_eq!(store.incidents(now() - minutes(90), now() - minutes(70)).unwrap(), []);
}
