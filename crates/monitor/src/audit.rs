//! The audit at work: what an account's auditor is told before a reading, what follows from the reading,
//! what the user teaches it, and how the state of an older version is taken up.

use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::alert::{Alert, AlertKind, AlertRules};
use tidemark_core::audit::{Audited, Auditor, Verdict};
use tidemark_core::change::Tracker;
use tidemark_core::finding::Mark;
use tidemark_core::wire::Record;
use tidemark_core::{AccountId, Finding, FindingKind, Reading, Series};
use tidemark_kimi::PublicPrices;
use tidemark_store::{ExportQuery, FindingId, Store, StoreError, StoredFinding, Told, TrackerState};

use crate::engine::{Engine, EngineError, EngineEvent};
use crate::state::Watched;
use crate::usage::{UsageAsked, UsageTold};

/// Where an account's auditor stands: what it is to be told next follows from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    last_reading: Option<DateTime<Utc>>,
    usage_told: u64,
}

impl Watched {
    pub(crate) fn standing(&self) -> Standing {
        Standing { last_reading: self.auditor.last_reading(), usage_told: self.usage_told }
    }

    /// Weighs a reading after all that became known before it.
    pub(crate) fn weigh(
        &mut self,
        rules: &AlertRules,
        reading: &Reading,
        told: &Told,
        usage: &UsageTold,
    ) -> (Audited, Vec<Alert>) {
        for _ in &told.failures {
            self.auditor.failure(reading.at);
        }
        for incident in &told.incidents {
            self.auditor.incident(incident);
        }
        for line in &usage.lines {
            self.auditor.usage_line(line, &PublicPrices);
        }
        self.usage_told = self.usage_told.max(usage.told);
        let audited = self.auditor.reading(reading, &PublicPrices);
        let mut alerts = self.alerts.on_reading(rules, reading, &audited.observed, &audited.findings);
        self.name_incidents(&mut alerts, &audited.findings);
        (audited, alerts)
    }

    fn name_incidents(&self, alerts: &mut [Alert], findings: &[Finding]) {
        for alert in alerts {
            let AlertKind::Anomaly { class, series, incident, .. } = &mut alert.kind else { continue };
            let finding = findings.iter().find(|f| f.anomaly() == Some(*class) && f.series == *series);
            *incident = finding
                .and_then(|finding| self.auditor.incident_during(finding.from, finding.to))
                .map(ToOwned::to_owned);
        }
    }

    /// How much of each series' deductions came while the logs told of use; empty as long as no log has
    /// told of any.
    pub(crate) fn known_use(&self) -> Vec<(Series, f64)> {
        let Some(reading) = self.reading.as_ref().filter(|_| self.usage_told > 0) else { return Vec::new() };
        let meters = reading.meters.iter().map(|meter| Series::Meter(meter.meter));
        let balance = reading.balance.map(|balance| Series::Balance(balance.currency));
        let wallet = reading.wallet.and_then(|w| w.balance).map(|money| Series::Wallet(money.currency));
        meters
            .chain(balance)
            .chain(wallet)
            .filter_map(|series| Some((series, self.auditor.coverage(series)?)))
            .collect()
    }
}

impl Engine {
    /// What became known of an account since its last reading and before the one of `at`.
    pub(crate) async fn told(
        &self,
        id: AccountId,
        standing: Standing,
        at: DateTime<Utc>,
    ) -> Result<(Told, UsageTold), EngineError> {
        let source = self.usage_source();
        let since = Auditor::listens_since(standing.last_reading.unwrap_or(at).min(at));
        let asked = UsageAsked { after: standing.usage_told, before: at, since };
        let told = self.ledger().ask(move |store| {
            Ok((store.told_between(id, standing.last_reading, at)?, source(store, id, &asked)?))
        });
        Ok(told.await?)
    }

    /// Remembers what the user says of an anomaly; `None` opens it again. "It was me" teaches the account's
    /// model, once. The finding as it is then; `None` where there is no such finding.
    pub async fn mark_finding(
        &self,
        id: FindingId,
        mark: Option<Mark>,
    ) -> Result<Option<StoredFinding>, EngineError> {
        let Some(found) = self.read(move |store| store.finding(id)).await? else { return Ok(None) };
        if found.finding.anomaly().is_none() {
            return Err(EngineError::Input("only anomalies can be marked".to_owned()));
        }
        let account = found.account;
        let turn = self.state().accounts.get(&account).map(|watched| watched.turn.clone());
        // No look at the account is concluded from meanwhile.
        let _turn = match &turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        let (engine, now) = (self.clone(), self.now());
        let marked = self
            .write(move |store| {
                let Some(found) = store.finding(id)? else { return Ok(None) };
                let learns = mark == Some(Mark::Mine) && found.mark.map(|(mark, _)| mark) != mark;
                let state = learns.then(|| engine.teach(account, &found.finding)).flatten();
                store.mark_finding(id, mark, now, state.as_deref())
            })
            .await?;
        self.tell(EngineEvent::Findings);
        self.tell(EngineEvent::Overview);
        Ok(marked)
    }

    /// Teaches an account's auditor; its state to be kept.
    fn teach(&self, account: AccountId, finding: &Finding) -> Option<String> {
        let mut state = self.state();
        let watched = state.accounts.get_mut(&account)?;
        watched.auditor.taught(finding);
        serde_json::to_string(&watched.auditor).ok()
    }
}

/// The auditor of an account as it was remembered. One of a version that only tracked changes is taken up:
/// the recorded history is audited once, and what that finds is put on record; nobody is notified of it.
pub(crate) fn take_up(
    store: &Store,
    account: AccountId,
    remembered: &TrackerState,
) -> Result<Auditor, StoreError> {
    match Auditor::remembered(&remembered.tracker) {
        Some(auditor) if auditor.has_begun() => Ok(auditor),
        Some(begun) => look_back(store, account, remembered, begun.tracker()),
        // A state of another version is set aside: the audit then begins anew at the next reading.
        None => Ok(Auditor::default()),
    }
}

fn look_back(
    store: &Store,
    account: AccountId,
    remembered: &TrackerState,
    tracker: &Tracker,
) -> Result<Auditor, StoreError> {
    let mut auditor = Auditor::default();
    let (mut findings, mut verdicts): (Vec<Finding>, Vec<Verdict>) = (Vec::new(), Vec::new());
    if let Some(last) = store.reading_at(remembered.analysed)? {
        let all = ExportQuery {
            account: Some(account),
            from: DateTime::UNIX_EPOCH,
            to: last + TimeDelta::nanoseconds(1),
        };
        store.for_each_line(&all, |recorded| {
            match recorded.line {
                Record::Reading(line) => {
                    let audited = auditor.reading(&Reading::from(line), &PublicPrices);
                    verdicts.extend(audited.verdicts);
                    // Changes are on record already.
                    findings.extend(audited.findings.into_iter().filter(|finding| {
                        matches!(finding.kind, FindingKind::Anomaly(_) | FindingKind::Recovered { .. })
                    }));
                }
                Record::Failure(line) => auditor.failure(line.at),
                Record::Incident(line) => auditor.incident(&line),
                Record::Usage(_) | Record::Finding(_) => {}
            }
            ControlFlow::Continue(())
        })?;
    }
    // What was tracked goes back further than the readings that are kept.
    let auditor = auditor.tracking(tracker.clone());
    store.look_back(account, remembered.analysed, &auditor, &findings, &verdicts)?;
    tracing::info!(%account, findings = findings.len(), "the recorded history was audited");
    Ok(auditor)
}
