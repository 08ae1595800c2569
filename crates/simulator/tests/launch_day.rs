//! The launch day as the press reported it: the program flags it, explains it, and reports the reset as good
//! news.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::alert::{AlertKind, AlertRules};
use tidemark_core::finding::{Anomaly, Schedule};
use tidemark_core::step::{AccountState, Input, Rules};
use tidemark_core::wire::{IncidentRecord, IncidentState};
use tidemark_core::{Failure, FailureKind, Finding, FindingKind, Meter, Series};
use tidemark_kimi::PublicPrices;
use tidemark_simulator::{LAUNCH_FACTOR, LaunchDay, Polled, Request, history};

const MONTH: Option<Series> = Some(Series::Meter(Meter::Month));

struct Lived {
    day: LaunchDay,
    findings: Vec<Finding>,
    alerts: Vec<AlertKind>,
}

/// Lives through the weeks before and the day, polling every quarter of an hour as the sample data do.
fn live(now: DateTime<Utc>) -> Lived {
    let day = LaunchDay::before(now);
    let begin = now - TimeDelta::days(21);
    let mut polls = history(&day.account(begin), 20_260_923, begin, now, TimeDelta::minutes(15));
    polls.keep_logged();
    let mut state = AccountState::new();
    let alert_rules = AlertRules::default();
    let rules = Rules { prices: &PublicPrices, alerts: Some(&alert_rules), max_gap: TimeDelta::minutes(60) };
    let gateway = Failure::new(FailureKind::ServerError, "502");
    let mut lived = Lived { day, findings: Vec::new(), alerts: Vec::new() };
    let incident = |at, state| IncidentRecord {
        at,
        id: "launch-day".to_owned(),
        state,
        impact: Some("major".to_owned()),
        title: Some("Elevated 502 errors and latency".to_owned()),
    };
    let mut told =
        vec![incident(day.over, IncidentState::Resolved), incident(day.trouble, IncidentState::Open)];
    while let Some(polled) = polls.next_poll() {
        let Polled::Look { reading, .. } = polled else { panic!("nobody revoked the key") };
        if day.fails(reading.at) {
            let _ = state.apply(Input::Failure { at: reading.at, failure: &gateway }, &rules);
            continue;
        }
        while let Some(line) = told.pop_if(|line| line.at < reading.at) {
            let _ = state.apply(Input::Incident(&line), &rules);
        }
        let requests: Vec<_> = polls.take_logged().iter().map(Request::usage_record).collect();
        let _ = state.apply(Input::Usage { requests: &requests, cursor: 1 }, &rules);
        let outcome = state.apply(Input::Reading(&reading), &rules);
        lived.alerts.extend(outcome.alerts.into_iter().map(|alert| alert.kind));
        lived.findings.extend(outcome.findings);
    }
    lived
}

#[test]
fn it_is_flagged_explained_and_its_end_is_good_news() {
    for now in ["2026-11-22T05:00:00Z", "2026-06-03T21:40:00Z", "2026-08-15T12:00:00Z"] {
        let Lived { day, findings, alerts } = live(now.parse().unwrap());
        assert!(day.over < now.parse::<DateTime<Utc>>().unwrap() - TimeDelta::hours(23));
        let anomalies: Vec<_> = findings.iter().filter(|f| f.anomaly().is_some()).collect();
        let said: Vec<_> = anomalies.iter().map(|f| (f.to, f.explanation.as_str())).collect();
        // The weeks before were honest.
        assert!(anomalies.iter().all(|f| f.detected_at > day.rollout), "{now}: {said:#?}");

        // From the rollout on, the same use costs three times as much: found before it ends.
        let accelerated = anomalies.iter().find(|f| f.anomaly() == Some(Anomaly::Accelerated));
        let accelerated = accelerated.unwrap_or_else(|| panic!("{now}: {said:#?}"));
        assert!(accelerated.detected_at < day.set_back, "{now}: {said:#?}");
        let (low, high) = accelerated.factor().unwrap();
        assert!(low < LAUNCH_FACTOR * 1.15 && high > LAUNCH_FACTOR * 0.85, "{now}: {low} to {high}");

        // The emptied month, at the next answer, with the incident named.
        let emptied = anomalies.iter().find(|f| f.anomaly() == Some(Anomaly::WipeOut) && f.series == MONTH);
        let emptied = emptied.unwrap_or_else(|| panic!("{now}: {said:#?}"));
        assert!(emptied.from <= day.emptied && day.emptied <= emptied.to);
        assert!(emptied.detected_at - day.emptied <= TimeDelta::minutes(30));
        assert!(emptied.explanation.contains("Elevated 502 errors"), "{}", emptied.explanation);

        // Set back at 20:30 in China: early, and it gives back what was taken.
        let reset = findings.iter().find(|f| {
            f.series == MONTH && matches!(f.kind, FindingKind::Reset { schedule: Schedule::Early, .. })
        });
        let reset = reset.unwrap_or_else(|| panic!("{now}: no early reset"));
        assert!(reset.from <= day.set_back && day.set_back <= reset.to);
        assert!(
            findings
                .iter()
                .any(|f| matches!(f.kind, FindingKind::Recovered { of } if of == emptied.detected_at))
        );
        let good = alerts.iter().find(|alert| {
            matches!(
                alert,
                AlertKind::Reset { meter: Meter::Month, schedule: Schedule::Early, gives_back: true, .. }
            )
        });
        assert!(good.is_some(), "{now}: {alerts:#?}");
        // And after it everything is as it was.
        let late = anomalies.iter().filter(|f| f.from > day.over).count();
        assert_eq!(late, 0, "{now}: {said:#?}");
    }
}
