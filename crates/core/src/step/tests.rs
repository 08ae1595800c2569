mod machines;
mod stored;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::account::{Region, Source};
use crate::failure::FailureKind;
use crate::reading::MeterReading;

const MEMBERSHIP: &str = include_str!("../audit/tests/states/0.1-membership.json");

struct NoPrices;

impl Prices for NoPrices {
    fn price(&self, _: Option<&str>, _: DateTime<Utc>) -> Option<crate::audit::Price> {
        None
    }

    fn dearest(&self, _: DateTime<Utc>) -> crate::audit::Price {
        crate::audit::Price { usd: None, cny: None }
    }
}

fn rules(alerts: &AlertRules) -> Rules<'_> {
    Rules { prices: &NoPrices, alerts: Some(alerts), max_gap: TimeDelta::minutes(20) }
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + minute * 60, 0).unwrap()
}

fn reading(minute: i64, used: i64) -> Reading {
    Reading {
        meters: vec![MeterReading {
            meter: Meter::Week,
            used_percent: Decimal::from(used),
            used: None,
            limit: None,
            resets_at: Some(at(5000)),
            conflict: false,
        }],
        ..Reading::new(at(minute), Source::KimiCode, Region::China)
    }
}

/// An account that was read three times and then refused a key.
fn lived(alerts: &AlertRules) -> AccountState {
    let mut state = AccountState::new();
    for (minute, used) in [(0, 10), (5, 12), (10, 13)] {
        let _ = state.apply(Input::Reading(&reading(minute, used)), &rules(alerts));
    }
    let failure = Failure::new(FailureKind::Unauthorized, "no");
    let _ = state.apply(Input::Failure { at: at(15), failure: &failure }, &rules(alerts));
    let _ = state.apply(Input::Usage { requests: &[], cursor: 7 }, &rules(alerts));
    state
}

fn whole(restored: Restored) -> AccountState {
    let Restored::Whole(state) = restored else { panic!("{restored:?}") };
    state
}

#[test]
fn a_step_leaves_the_state_that_it_is_given_as_it_is() {
    let alerts = AlertRules::default();
    let state = lived(&alerts);
    let before = state.to_stored().unwrap();
    let (next, outcome) = step(&state, Input::Reading(&reading(20, 90)), &rules(&alerts));
    assert_eq!(state.to_stored().unwrap(), before);
    assert_ne!(next.to_stored().unwrap(), before);
    assert_eq!(outcome.movements[0].deducted, Decimal::from(77));
    assert_eq!(outcome.covered, Some((at(10), at(20))));
}

#[test]
fn polls_twice_an_hour_are_polling_all_the_while_once_they_are_regular() {
    let alerts = AlertRules::default();
    let mut state = AccountState::new();
    let mut covered = Vec::new();
    // From another program, a minute early or late; then one is left out.
    for minute in [0, 30, 61, 90, 121, 150, 240, 270] {
        let outcome = state.apply(Input::Reading(&reading(minute, 10)), &rules(&alerts));
        covered.push(outcome.covered.is_some());
    }
    assert_eq!(covered, [false, false, false, true, true, true, false, false]);
    // Where the machine slept for as long between polls of five minutes, nothing is known.
    let mut slept = AccountState::new();
    for minute in [0, 5, 10, 15] {
        let _ = slept.apply(Input::Reading(&reading(minute, 10)), &rules(&alerts));
    }
    assert_eq!(slept.apply(Input::Reading(&reading(45, 10)), &rules(&alerts)).covered, None);
}

#[test]
fn a_state_that_is_stored_goes_on_as_if_it_had_not_been() {
    let alerts = AlertRules::default();
    let state = lived(&alerts);
    let restored = whole(AccountState::from_stored(&state.to_stored().unwrap()));
    let failure = Failure::new(FailureKind::Unauthorized, "no");
    let next = Input::Failure { at: at(16), failure: &failure };
    let (from_memory, said) = step(&state, next, &rules(&alerts));
    let (from_disk, said_again) = step(&restored, next, &rules(&alerts));
    assert_eq!(from_memory.to_stored().unwrap(), from_disk.to_stored().unwrap());
    assert_eq!(said, said_again);
    assert_eq!(said.alerts.len(), 1, "the second refusal is notified, the first is remembered");
}

#[test]
fn an_audit_of_another_version_does_not_cost_what_was_tracked() {
    let alerts = AlertRules::default();
    let state = lived(&alerts);
    for (version, audit) in [(Some(STATE_VERSION + 1), "{}"), (Some(STATE_VERSION), "not JSON")] {
        let stored = StoredState { version, audit: Some(audit.to_owned()), ..state.to_stored().unwrap() };
        let Restored::WithoutAudit(restored) = AccountState::from_stored(&stored) else {
            panic!("{stored:?}")
        };
        assert_eq!(restored.tracker(), state.tracker());
        assert_eq!(restored.usage_cursor(), 7);
        assert_eq!(restored.last_reading(), None, "the audit has to be rebuilt");
        let rebuilt = restored.with_audit_of(state.clone()).to_stored().unwrap();
        assert_eq!(rebuilt, state.to_stored().unwrap());
    }
}

#[test]
fn what_was_notified_survives_a_tracker_that_cannot_be_read() {
    let alerts = AlertRules::default();
    let state = lived(&alerts);
    let stored = StoredState { tracker: "not JSON".to_owned(), ..state.to_stored().unwrap() };
    let Restored::Lost(restored) = AccountState::from_stored(&stored) else { panic!("{stored:?}") };
    let rebuilt = restored.with_tracker_and_audit_of(lived(&alerts)).to_stored().unwrap();
    assert_eq!(rebuilt, state.to_stored().unwrap());
}

#[test]
fn a_state_of_version_0_1_goes_on_without_being_rebuilt() {
    let stored = StoredState {
        version: None,
        tracker: MEMBERSHIP.to_owned(),
        audit: None,
        alerts: "{}".to_owned(),
        usage_cursor: 3,
    };
    let state = whole(AccountState::from_stored(&stored));
    assert!(state.last_reading().is_some());
    assert_ne!(state.tracker(), &Tracker::default());
    // Of an account that was never read, that version kept the memory of the alerts alone.
    let unread = StoredState { tracker: "{}".to_owned(), ..stored };
    assert_eq!(whole(AccountState::from_stored(&unread)).last_reading(), None);
}

#[test]
fn the_same_verdict_twice_teaches_once() {
    let alerts = AlertRules::default();
    let (state, finding) = accused(&alerts);
    let say = |state: &AccountState, before| {
        let input = Input::Feedback { finding: &finding, before, now: Some(Triage::Mine) };
        step(state, input, &rules(&alerts)).0
    };
    let once = say(&state, None);
    assert_ne!(once.to_stored().unwrap(), state.to_stored().unwrap());
    assert_eq!(say(&once, Some(Triage::Mine)).to_stored().unwrap(), once.to_stored().unwrap());
}

/// A finding that was made, and the state after it.
fn accused(alerts: &AlertRules) -> (AccountState, Finding) {
    let mut state = lived(alerts);
    let outcome = state.apply(Input::Reading(&reading(20, 100)), &rules(alerts));
    let next = state.apply(Input::Reading(&reading(25, 100)), &rules(alerts));
    let mut found = outcome.findings.into_iter().chain(next.findings);
    let finding = found.find(|finding| finding.anomaly().is_some()).unwrap();
    (state, finding)
}

proptest! {
    /// Whatever was said of an anomaly in between, the state is that of one in which the last word was said once: so a
    /// history that is analysed again, with the words that stand, comes to the same.
    #[test]
    fn an_anomaly_teaches_once_whatever_is_said_of_it(
        said in prop::collection::vec(prop::option::of(prop::sample::select(
            vec![Triage::Mine, Triage::Reported, Triage::Settled])), 0..12),
        written_down in any::<bool>(),
    ) {
        let alerts = AlertRules::default();
        let (before, finding) = accused(&alerts);
        let say = |state: &AccountState, before, now| {
            step(state, Input::Feedback { finding: &finding, before, now }, &rules(&alerts)).0
        };
        let (mut live, mut word) = (before.clone(), None);
        for now in said.into_iter().chain([Some(Triage::Mine)]) {
            live = say(&live, word, now);
            word = now;
            if written_down {
                live = whole(AccountState::from_stored(&live.to_stored().unwrap()));
            }
        }
        let rebuilt = say(&before, None, Some(Triage::Mine));
        prop_assert_eq!(live.to_stored().unwrap(), rebuilt.to_stored().unwrap());
        prop_assert_ne!(live.to_stored().unwrap(), before.to_stored().unwrap());
    }
}

#[test]
fn what_was_notified_and_cannot_be_read_is_said_and_not_notified_again() {
    let alerts = AlertRules::default();
    let mut state = lived(&alerts);
    let _ = state.apply(Input::Reading(&reading(20, 80)), &rules(&alerts));
    let stored = StoredState { alerts: r#"{"meters":[]}"#.to_owned(), ..state.to_stored().unwrap() };
    let Restored::WithoutAlerts(mut restored) = AccountState::from_stored(&stored) else {
        panic!("{stored:?}")
    };
    assert!(restored.has_lost_alerts());
    // Two refusals were notified; the third is no news.
    let failure = Failure::new(FailureKind::Unauthorized, "no");
    let failed: Vec<_> =
        [21, 22].map(|minute| FailedPoll { at: at(minute), failure: failure.clone() }).into();
    restored.resume_alerts(&failed);
    assert!(!restored.has_lost_alerts());
    let third = restored.apply(Input::Failure { at: at(23), failure: &failure }, &rules(&alerts));
    assert_eq!(third.alerts, []);
    // 75 % was passed before; 90 % is passed now.
    let stands = step(&restored, Input::Reading(&reading(25, 81)), &rules(&alerts)).1;
    assert_eq!(stands.alerts, []);
    let passed = step(&restored, Input::Reading(&reading(25, 91)), &rules(&alerts)).1;
    let thresholds: Vec<_> = passed
        .alerts
        .iter()
        .filter_map(|alert| match alert.kind {
            AlertKind::Threshold { threshold, .. } => Some(threshold),
            _ => None,
        })
        .collect();
    assert_eq!(thresholds, [Decimal::from(90)]);
    // Also where the audit, or all else, cannot be read.
    for other in [
        StoredState { audit: None, ..stored.clone() },
        StoredState { tracker: String::new(), ..stored.clone() },
    ] {
        let (Restored::WithoutAudit(state) | Restored::Lost(state)) = AccountState::from_stored(&other)
        else {
            panic!("{other:?}")
        };
        assert!(state.has_lost_alerts());
    }
    assert!(!whole(AccountState::from_stored(&lived(&alerts).to_stored().unwrap())).has_lost_alerts());
}

#[test]
fn a_quota_that_is_likely_to_be_empty_before_its_reset_is_reported_once() {
    // A fifth of a point every hour, for a month of which a half has passed: all of it will not do.
    let month = |hour: i64, used: i64| Reading {
        meters: vec![MeterReading {
            meter: Meter::Month,
            used_percent: Decimal::new(used, 1),
            used: None,
            limit: None,
            resets_at: Some(at(36 * 24 * 60)),
            conflict: false,
        }],
        ..Reading::new(at(hour * 60), Source::KimiCode, Region::China)
    };
    let run = |alerts: &AlertRules, history: Option<UsageHistory>| {
        let mut state = AccountState::new().with_usage_history(history);
        let mut due = Vec::new();
        for hour in 0..15 * 24 {
            due.extend(state.apply(Input::Reading(&month(hour, hour * 2)), &rules(alerts)).alerts);
        }
        due.retain(|alert| {
            matches!(alert.kind, AlertKind::LikelyEmpty { .. } | AlertKind::LikelyLasts { .. })
        });
        due
    };
    let history = || Some(UsageHistory::new(chrono_tz::UTC));
    let due = run(&AlertRules::default(), history());
    let [Alert { key, kind: AlertKind::LikelyEmpty { meter, probability, .. }, .. }] = &due[..] else {
        panic!("{due:?}")
    };
    assert_eq!((*meter, key.as_str()), (Meter::Month, "likely-empty:month:2026-12-24T11:06Z"), "{due:?}");
    assert!(*probability >= 0.8, "{probability}");
    // Not where it is switched off, and not without a forecast.
    assert!(run(&AlertRules { likely_empty: None, ..AlertRules::default() }, history()).is_empty());
    assert!(run(&AlertRules::default(), None).is_empty());
}
