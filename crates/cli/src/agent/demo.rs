//! Sample data: a simulator in this very process, and three months behind it. Nothing of the user's is
//! touched — no data folder, no keyring, no network.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use secrecy::SecretString;
use tidemark_core::step::{AccountState, Input, Rules};
use tidemark_core::wire::{IncidentRecord, IncidentState};
use tidemark_core::{Failure, FailureKind};
use tidemark_kimi::PublicPrices;
use tidemark_monitor::settings::KEY;
use tidemark_monitor::{EngineConfig, Hosts, Settings, SystemClock};
use tidemark_simulator::{
    AccountSpec, DEMO_DAYS, LAUNCH_ACCOUNT, LaunchDay, LogWriter, Polled, Request, Running, Scenario,
    SimClock, Simulator,
};
use tidemark_store::{AnalysisResult, Incident, NewAccount, PollState, Store, StoreError};
use tidemark_vault::{Place, Vault, VaultConfig};

use crate::exit::{CommandError, Exit};
use crate::service::kimi_client;

/// The seed of the sample data.
const SEED: u64 = 20_260_923;
/// Between two of the readings that are made up, in the last days: near enough together for charts by the hour.
const EVERY: TimeDelta = TimeDelta::minutes(15);
/// How many days those are. Before, one an hour will do, and the sample is there in a third of the time.
const FINE_DAYS: i64 = 7;
/// How many days the session logs cover.
const LOG_DAYS: i64 = 30;
/// A longer gap between two readings counts as one without data.
const COVERED: TimeDelta = TimeDelta::minutes(60);
/// One refused poll an hour is what a refused key is asked for.
const REFUSED_EVERY: usize = 4;

/// A sample world and the folder of its history, which goes with it.
pub struct Demo {
    folder: PathBuf,
    running: Running,
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Left behind in the system's temporary folder at worst.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Demo {
    /// Makes the world and its past, and what an engine over them is made from.
    pub async fn begin(zone: Tz) -> Result<(Self, EngineConfig), CommandError> {
        let now = Utc::now();
        let scenario = Scenario::demo(now, SEED);
        let specs = scenario.accounts.clone();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let running = Simulator::start(scenario, SimClock::real(), address).await.map_err(failed)?;
        let folder = std::env::temp_dir().join(format!("tidemark-demo-{}", Vault::new_handle()));
        tidemark_files::folder::make_private(&folder).map_err(failed)?;
        let demo = Self { folder, running };
        let vault = Vault::new(VaultConfig::new(&demo.folder, &demo.folder));
        let mut places = Vec::new();
        for account in demo.running.accounts() {
            let handle = Vault::new_handle();
            let key = SecretString::from(account.key);
            places.push(vault.put(Place::ThisRun, &handle, &account.name, key).await?);
        }
        let dir = demo.folder.clone();
        let written = tokio::task::spawn_blocking(move || -> Result<(), StoreError> {
            let store = Store::open(&dir, now)?;
            // Sample data is not worth a notification until the user wants to see one.
            let settings = Settings { timezone: zone, notifications: false, ..Settings::default() };
            store.rebuild_rollups_in(zone)?;
            store.set_setting(KEY, &settings)?;
            let mut logs = LogWriter::new(&dir);
            if let Err(error) = logs.configure(&specs) {
                tracing::warn!(%error, "the sample's session logs stay unassigned: no configuration was written for them");
            }
            for (spec, credential) in specs.iter().zip(places) {
                let new = NewAccount {
                    name: spec.name.clone(),
                    source: spec.source,
                    region: spec.region,
                    base_url: None,
                    credential,
                };
                let account = store.add_account(new, now - TimeDelta::days(DEMO_DAYS))?;
                remember(&store, account.id, spec, &settings, &mut logs, now)?;
            }
            Ok(())
        });
        written.await.map_err(failed)??;
        let config = EngineConfig {
            data_dir: demo.folder.clone(),
            home: demo.folder.clone(),
            environment: tidemark_logs::Environment::default(),
            hosts: Hosts::endpoint_override(&demo.running.url()).map_err(failed)?,
            clock: SystemClock::shared(),
            vault,
            client: kimi_client()?,
            zone,
            demo: true,
        };
        Ok((demo, config))
    }
}

fn failed(error: impl std::fmt::Display) -> CommandError {
    CommandError::new(Exit::Failed, "io", &error).quoting(error)
}

/// What the status page reported on the launch day.
fn incident(day: &LaunchDay) -> Incident {
    Incident {
        page: "status.example.com".to_owned(),
        id: "launch-day".to_owned(),
        title: Some("Elevated 502 errors and latency".to_owned()),
        impact: Some("major".to_owned()),
        opened_at: day.trouble,
        resolved_at: Some(day.over),
    }
}

/// An incident as the audit is given it.
fn incident_records(incident: &Incident) -> Vec<IncidentRecord> {
    let line = |at, state| IncidentRecord {
        at,
        id: incident.id.clone(),
        state,
        impact: incident.impact.clone(),
        title: incident.title.clone(),
    };
    let over = incident.resolved_at.map(|at| line(at, IncidentState::Resolved));
    std::iter::once(line(incident.opened_at, IncidentState::Open)).chain(over).collect()
}

/// Writes the past of an account, through the same analysis that a running engine uses.
fn remember(
    store: &Store,
    account: tidemark_core::AccountId,
    spec: &AccountSpec,
    settings: &Settings,
    logs: &mut LogWriter,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let alerts = settings.alert_rules();
    let rules = Rules { prices: &PublicPrices, alerts: Some(&alerts), max_gap: COVERED };
    let mut polls = tidemark_simulator::history(spec, SEED, now - TimeDelta::days(DEMO_DAYS), now, EVERY);
    polls.keep_logged();
    let day = Some(LaunchDay::before(now)).filter(|_| spec.name == LAUNCH_ACCOUNT);
    let gateway = Failure { status: Some(502), ..Failure::new(FailureKind::ServerError, "502 Bad Gateway") };
    let mut state = AccountState::new();
    let mut incidents = day.iter().flat_map(|day| incident_records(&incident(day))).peekable();
    let mut last: Option<DateTime<Utc>> = None;
    let (mut refused, mut failed) = (Vec::new(), Vec::new());
    let mut logged = Vec::new();
    let past = std::iter::from_fn(|| {
        loop {
            match polls.next_poll()? {
                Polled::Refused { at } => refused.push(at),
                Polled::Look { reading, .. }
                    if now - reading.at > TimeDelta::days(FINE_DAYS)
                        && reading.at.minute() >= EVERY.num_minutes() as u32 => {}
                Polled::Look { reading, .. } if day.is_some_and(|day| day.fails(reading.at)) => {
                    failed.push(reading.at);
                    let _ = state.apply(Input::Failure { at: reading.at, failure: &gateway }, &rules);
                }
                Polled::Look { reading, evidence } => {
                    while let Some(record) = incidents.next_if(|record| record.at < reading.at) {
                        let _ = state.apply(Input::Incident(&record), &rules);
                    }
                    let requests = polls.take_logged();
                    let records: Vec<_> = requests.iter().map(Request::usage_record).collect();
                    // The logs of the past are known; their index begins behind them.
                    let _ = state.apply(Input::Usage { requests: &records, cursor: 1 }, &rules);
                    logged.extend(
                        requests.into_iter().filter(|request| now - request.at <= TimeDelta::days(LOG_DAYS)),
                    );
                    let mut outcome = state.apply(Input::Reading(&reading), &rules);
                    // Nothing of the past is notified: only what the rules remember of it counts from now on.
                    outcome.alerts.clear();
                    last = Some(reading.at);
                    let stored = state.to_stored().ok()?;
                    return Some((*reading, evidence, AnalysisResult::new(outcome, stored)));
                }
            }
        }
    });
    store.import(account, past)?;
    if let Err(error) = logs.append(spec, &logged) {
        // The sample is worth showing without local use, too.
        tracing::warn!(%error, "the sample's session logs could not be written");
    }
    if let Some(day) = &day {
        store.upsert_incident(&Incident { resolved_at: None, ..incident(day) }, day.trouble)?;
        store.upsert_incident(&incident(day), day.over)?;
    }
    for at in failed {
        store.record_failure(account, at, &gateway)?;
    }
    let failure =
        Failure { status: Some(401), ..Failure::new(FailureKind::Unauthorized, "Invalid Authentication") };
    for at in refused.iter().step_by(REFUSED_EVERY) {
        store.record_failure(account, *at, &failure)?;
    }
    // The audit has been given these failures already.
    let analysis = store.analysis(account)?;
    if let Some(state) = &analysis.state {
        let failure = store.last_failure(account)?;
        store.replace_state(account, (analysis.reading, analysis.failure), failure, state, &[], &[])?;
    }
    store.set_poll_state(account, &PollState { last_success_at: last, ..PollState::default() })
}

#[cfg(test)]
mod one_story;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rust_decimal::Decimal;
    use tidemark_api::server::{ReportQuery, gather};
    use tidemark_core::audience::PlanLevel;
    use tidemark_core::audit::{Breakdown, ExplanationLimit};
    use tidemark_core::calendar::Span;
    use tidemark_core::number::decimal;
    use tidemark_core::{FindingKind, Series};
    use tidemark_store::HistoryQuery;

    use super::*;

    fn near(one: Decimal, other: Decimal) -> bool {
        (one - other).abs() < Decimal::new(1, 4)
    }

    /// Over the whole sample: the parts of every bar add up to its deduction, hours and months say the same, the
    /// report says it too, and what an anomaly accuses is unexplained in the bars of its span.
    #[tokio::test]
    async fn bars_report_and_anomalies_say_the_same_of_what_is_unexplained() {
        let (demo, config) = Demo::begin(Tz::Europe__Berlin).await.unwrap();
        let store = Store::open_read_only(&config.data_dir).unwrap();
        let now = Utc::now();
        let from = now - TimeDelta::days(DEMO_DAYS + 1);
        let mut accused = 0;
        for account in store.accounts().unwrap() {
            let query = |span| HistoryQuery {
                from,
                to: now,
                now,
                span,
                account: Some(account.id),
                zone: config.zone,
            };
            let mut totals: Vec<BTreeMap<Series, Breakdown>> = Vec::new();
            let hours = store.verdicts(&query(Span::Hour)).unwrap();
            for span in [Span::Hour, Span::Day, Span::Month] {
                let verdicts = store.verdicts(&query(span)).unwrap();
                let mut sums: BTreeMap<Series, Breakdown> = BTreeMap::new();
                for row in store.history(&query(span)).unwrap() {
                    let Some(deducted) = row.deducted else { continue };
                    let parts = verdicts.get(&(row.account, row.series));
                    let parts = parts.and_then(|of| of.get(&row.bucket.start)).copied().unwrap_or_default();
                    let parts = parts.fitted(deducted);
                    assert!(near(parts.total(), deducted), "{} {}", account.name, row.series);
                    *sums.entry(row.series).or_default() += parts;
                }
                totals.push(sums);
            }
            for (series, months) in &totals[2] {
                let (hours, days) = (totals[0][series], totals[1][series]);
                for (one, other) in [(hours, *months), (days, *months)] {
                    // Money that expired is taken off the bar it was entered in, and off what is least explained there.
                    let same = near(one.not, other.not) && near(one.total(), other.total());
                    assert!(same || series.currency().is_some(), "{} {series}", account.name);
                }
            }
            let anomalies = store.anomalies(Some(account.id)).unwrap();
            for found in
                anomalies.iter().filter(|found| matches!(found.finding.kind, FindingKind::Anomaly(_)))
            {
                let withdrawn = anomalies.iter().any(|other| {
                    matches!(other.finding.kind, FindingKind::Withdrawn { of } if of == found.finding.detected_at)
                });
                let Some(limit) = ExplanationLimit::of(&found.finding).filter(|_| !withdrawn) else {
                    continue;
                };
                let series = found.finding.series.unwrap();
                let buckets = &hours[&(account.id, series)];
                let hour = TimeDelta::hours(1);
                let held =
                    buckets.iter().filter(|(start, _)| **start + hour > limit.from && **start <= limit.to);
                let not: Decimal = held.map(|(_, parts)| parts.not).sum();
                assert!(not + Decimal::new(1, 4) >= limit.excess, "{} {series}: {not}", account.name);
                accused += 1;
            }
            let name = account.name.clone();
            let query = ReportQuery {
                account,
                plan: PlanLevel::default(),
                from,
                to: now,
                zone: config.zone,
                language: "en".to_owned(),
                now,
            };
            let mut json = Vec::new();
            gather(&store, &query).unwrap().write_json(&mut json).unwrap();
            let document: serde_json::Value = serde_json::from_slice(&json).unwrap();
            let head: serde_json::Value = serde_json::from_str(document["head"].as_str().unwrap()).unwrap();
            for total in head["totals"].as_array().unwrap() {
                let series: Series = serde_json::from_value(total["series"].clone()).unwrap();
                let not = total["not"].as_f64().unwrap();
                let bars = decimal::to_f64(totals[2][&series].not);
                assert!(
                    (not - bars).abs() < 0.001,
                    "{name} {series}: {not} in the report, {bars} in the bars"
                );
            }
        }
        assert!(accused >= 5, "the sample has anomalies: {accused}");
        drop(store);
        drop(demo);
    }
}
