//! Steps with what becomes known of other machines.

use proptest::prelude::*;

use super::*;
use crate::audit::{Price, TokenRates};
use crate::finding::FindingKind;
use crate::tokens::Tokens;

struct OnePrice;

impl Prices for OnePrice {
    fn price(&self, _: Option<&str>, at: DateTime<Utc>) -> Option<Price> {
        Some(self.dearest(at))
    }

    fn dearest(&self, _: DateTime<Utc>) -> Price {
        let rates =
            TokenRates { cache_read: 0.2, input: 1.0, cache_write: 1.0, cache_write_1h: 2.0, output: 4.0 };
        Price { usd: Some(rates), cny: None }
    }
}

fn priced(alerts: &AlertRules) -> Rules<'_> {
    Rules { prices: &OnePrice, alerts: Some(alerts), max_gap: TimeDelta::minutes(20) }
}

/// So many dollars' worth, made at a minute.
fn request(minute: i64, dollars: u64) -> UsageRecord {
    let tokens = Tokens { input: dollars * 1_000_000, ..Tokens::default() };
    UsageRecord::new(at(minute), Some("kimi-k3".to_owned()), tokens)
}

/// A week in which a dollar is a point of the weekly quota, and all usage is logged here.
fn known(alerts: &AlertRules) -> (AccountState, i64) {
    let mut state = AccountState::new();
    let mut used = 0;
    for poll in 0..1000 {
        let minute = poll * 5;
        if poll % 20 == 10 {
            let requests = [request(minute - 2, 1)];
            let _ = state.apply(Input::Usage { requests: &requests, cursor: 1 }, &priced(alerts));
            used += 1;
        }
        let outcome = state.apply(Input::Reading(&reading(minute, used)), &priced(alerts));
        assert!(outcome.findings.iter().all(|finding| finding.anomaly().is_none()), "{:?}", outcome.findings);
    }
    (state, used)
}

/// A quota is emptied at once, and how it is notified.
fn emptied(state: &mut AccountState, alerts: &AlertRules) -> (Finding, Vec<Alert>) {
    let outcome = state.apply(Input::Reading(&reading(5000, 100)), &priced(alerts));
    let found = outcome.findings.into_iter().find(|finding| finding.anomaly().is_some());
    (found.expect("an anomaly"), outcome.alerts)
}

fn late(requests: &[UsageRecord]) -> Input<'_> {
    Input::LateUsage { machine: Some("laptop"), requests, known_at: at(5400) }
}

#[test]
fn an_anomaly_that_was_notified_is_taken_back_once_and_one_that_was_not_is_not() {
    let requests = [request(4998, 80)];
    for (name, before, after, expected) in [
        ("notified", true, true, 1),
        ("switched off when it was found", false, true, 0),
        ("switched off since", true, false, 0),
    ] {
        let rules = |anomalies| AlertRules { anomalies, ..AlertRules::default() };
        let (mut state, _) = known(&rules(before));
        let (found, _) = emptied(&mut state, &rules(before));
        let outcome = state.apply(late(&requests), &priced(&rules(after)));
        assert_eq!(outcome.withdrawn.len(), 1, "{name}");
        assert_eq!(outcome.withdrawn[0].kind, FindingKind::Withdrawn { of: found.detected_at }, "{name}");
        assert_eq!(outcome.alerts.len(), expected, "{name}: {:?}", outcome.alerts);
        for alert in &outcome.alerts {
            assert!(
                matches!(alert.kind, AlertKind::Withdrawn { of, .. } if of == found.detected_at),
                "{alert:?}"
            );
        }
        let again = state.apply(late(&requests), &priced(&rules(true)));
        assert_eq!((again.withdrawn.len(), again.alerts.len()), (0, 0), "{name}");
    }
}

#[test]
fn a_notification_that_waits_is_superseded_by_its_withdrawal() {
    let alerts = AlertRules::default();
    let (mut state, _) = known(&alerts);
    let (_, notified) = emptied(&mut state, &alerts);
    let taken_back = state.apply(late(&[request(4998, 80)]), &priced(&alerts)).alerts;
    let anomaly = notified.iter().find(|alert| matches!(alert.kind, AlertKind::Anomaly { .. })).unwrap();
    assert!(anomaly.is_superseded_by(&taken_back[0]));
    assert!(!taken_back[0].is_superseded_by(anomaly));
}

/// One input of an arbitrary life.
#[derive(Debug, Clone)]
enum Event {
    /// A reading so many points higher; a negative one gives points back.
    Reading(i64),
    /// So many dollars are used here.
    Usage(u64),
    /// So many dollars that a machine used so many minutes ago.
    Late { machine: bool, ago: i64, dollars: u64 },
    /// A machine's logs are known from so many minutes ago to so many.
    Coverage { from: i64, to: i64 },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => prop_oneof![3 => Just(0), 3 => 0_i64..4, 1 => 10_i64..90, 1 => -40_i64..0].prop_map(Event::Reading),
        2 => (1_u64..4).prop_map(Event::Usage),
        2 => (any::<bool>(), 0_i64..2000, 1_u64..90)
            .prop_map(|(machine, ago, dollars)| Event::Late { machine, ago, dollars }),
        1 => (0_i64..2000, 0_i64..2000).prop_map(|(from, to)| Event::Coverage { from, to }),
    ]
}

/// Lives on through an event; the clock is five minutes further with each reading.
fn live(
    state: &mut AccountState,
    event: &Event,
    now: &mut i64,
    used: &mut i64,
    rules: &Rules<'_>,
) -> Outcome {
    match *event {
        Event::Reading(points) => {
            *now += 5;
            *used = (*used + points).clamp(0, 100);
            state.apply(Input::Reading(&reading(*now, *used)), rules)
        }
        Event::Usage(dollars) => {
            let requests = [request(*now + 1, dollars)];
            state.apply(Input::Usage { requests: &requests, cursor: 1 }, rules)
        }
        Event::Late { machine, ago, dollars } => {
            let requests = [request(*now - ago, dollars)];
            let machine = machine.then_some("laptop");
            state.apply(Input::LateUsage { machine, requests: &requests, known_at: at(*now + 1) }, rules)
        }
        Event::Coverage { from, to } => {
            let (from, to) = (at(*now - from), at(*now - to));
            state.apply(Input::Coverage { machine: "laptop", from, to, known_at: at(*now) }, rules)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever becomes known, and when: the same inputs lead to the same outcomes, also if the state is written down
    /// between any two; an anomaly is withdrawn once at most, only one that was found, and only by late usage.
    #[test]
    fn what_becomes_known_late_leads_to_the_same_every_time(events in prop::collection::vec(event(), 0..120)) {
        let alerts = AlertRules::default();
        let rules = priced(&alerts);
        let (begun, used) = known(&alerts);
        let (mut one, mut other) = (begun.clone(), begun);
        let (mut clock, mut clock_again) = (5000, 5000);
        let (mut level, mut level_again) = (used, used);
        let (mut found, mut withdrawn) = (Vec::new(), Vec::new());
        for event in &events {
            let outcome = live(&mut one, event, &mut clock, &mut level, &rules);
            let again = live(&mut other, event, &mut clock_again, &mut level_again, &rules);
            prop_assert_eq!(&outcome, &again);
            other = whole(AccountState::from_stored(&other.to_stored().unwrap()));
            if !matches!(event, Event::Late { .. }) {
                prop_assert!(outcome.withdrawn.is_empty());
            }
            found.extend(outcome.findings.iter().filter(|f| f.anomaly().is_some()).map(|f| (f.series, f.detected_at)));
            for finding in &outcome.withdrawn {
                let FindingKind::Withdrawn { of } = finding.kind else { panic!("{finding:?}") };
                prop_assert!(found.contains(&(finding.series, of)), "{finding:?}");
                prop_assert!(!withdrawn.contains(&(finding.series, of)), "{finding:?}");
                withdrawn.push((finding.series, of));
            }
            for alert in &outcome.alerts {
                let is_withdrawn = matches!(alert.kind, AlertKind::Withdrawn { .. });
                prop_assert!(!is_withdrawn || !outcome.withdrawn.is_empty());
            }
        }
        prop_assert_eq!(one.to_stored().unwrap(), other.to_stored().unwrap());
    }
}
