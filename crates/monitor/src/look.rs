//! One look at an account: the key, the call, the reading on disk, what follows from it.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::failure::FailedPoll;
use tidemark_core::{Account, AccountId, Failure, FailureKind, Finding, Reading};
use tidemark_kimi::Target;
use tidemark_store::{Conclusion, PollState, ReadingId, StoreError, Told};

use crate::engine::{Engine, EngineError, EngineEvent};
use crate::ledger::LedgerError;
use crate::schedule::{self, Circumstances, Pace};
use crate::state::{LeftAlone, MOST_UNSAVED, Trouble, Unsaved};
use crate::usage::UsageTold;

/// The profile is asked for again after this: plan and limits change rarely.
const PROFILE_AGAIN: TimeDelta = TimeDelta::hours(1);
/// Two looks no further apart than this, or three regular pauses, count as looking all the while.
const LEAST_COVERED_GAP: TimeDelta = TimeDelta::minutes(20);

/// What one look at an account gave.
#[derive(Debug, Clone)]
pub struct Look {
    /// The account.
    pub account: Account,
    /// When.
    pub at: DateTime<Utc>,
    /// The reading with what was concluded from it, or why there is none.
    pub result: Result<(Reading, Vec<Finding>), Failure>,
}

/// What is known of an account's key, once somebody wanted to know whether it works.
#[derive(Debug, Clone)]
pub struct Tested {
    /// The last reading, or why there is none.
    pub result: Result<Reading, Failure>,
    /// Nobody was asked just now: the account was looked at a moment ago, or its service asked to wait.
    pub left_alone: Option<LeftAlone>,
    /// The service asked not to be asked before.
    pub retry_at: Option<DateTime<Utc>>,
}

impl Engine {
    /// Looks at an account now, whatever the schedule says: the user asks whether its key works. Where it
    /// must be left alone, what is known is the answer.
    pub async fn test_account(&self, id: AccountId) -> Result<Tested, EngineError> {
        let (looks, left) = self.poll(Some(id)).await;
        let (poll, reading) = {
            let state = self.state();
            let watched = state.accounts.get(&id).ok_or(EngineError::NoSuchAccount)?;
            (watched.poll.clone(), watched.reading.clone())
        };
        let left_alone = left.into_iter().next();
        let result = match (looks.into_iter().next(), left_alone, poll.last_failure, reading) {
            (Some(look), ..) => look.result.map(|(reading, _)| reading),
            (None, Some(_), Some(failed), _) => Err(failed.failure),
            (None, Some(_), None, Some(reading)) => Ok(reading),
            (None, Some(_), None, None) => return Err(EngineError::JustNow),
            (None, None, ..) => return Err(EngineError::Internal),
        };
        Ok(Tested { result, left_alone, retry_at: poll.retry_after_until })
    }

    /// Looks at an account now. Where a look is already under way, waits for it and shares its result:
    /// whoever asks while the service is answering does not ask it again.
    pub(crate) async fn look(&self, id: AccountId) -> Result<Look, EngineError> {
        let (turn, before) = {
            let state = self.state();
            let watched = state.accounts.get(&id).ok_or(EngineError::NoSuchAccount)?;
            (watched.turn.clone(), watched.looks)
        };
        let _turn = turn.lock().await;
        let account = {
            let state = self.state();
            let watched = state.accounts.get(&id).ok_or(EngineError::NoSuchAccount)?;
            if let Some(look) = watched.last_look.as_ref().filter(|_| watched.looks != before) {
                return Ok(look.clone());
            }
            watched.account.clone()
        };
        self.set_polling(id, true);
        let result = self.look_alone(&account).await;
        if let Some(watched) = self.state().accounts.get_mut(&id) {
            watched.looks += 1;
            watched.last_look = result.as_ref().ok().cloned();
        }
        self.set_polling(id, false);
        self.tell(EngineEvent::Overview);
        result
    }

    fn set_polling(&self, id: AccountId, polling: bool) {
        if let Some(watched) = self.state().accounts.get_mut(&id) {
            watched.polling = polling;
        }
        if polling {
            self.tell(EngineEvent::Overview);
        }
    }

    async fn look_alone(&self, account: &Account) -> Result<Look, EngineError> {
        let id = account.id;
        let asked = self.fetch(account).await;
        let now = self.now();
        if let Some(watched) = self.state().accounts.get_mut(&id) {
            watched.looked_at = Some(now);
        }
        match asked {
            Ok((reading, evidence)) => {
                let at = reading.at;
                let findings = self.accept(id, reading.clone(), evidence).await?;
                self.schedule_after_reading(id, &reading).await;
                Ok(Look { account: account.clone(), at, result: Ok((reading, findings)) })
            }
            Err(failure) => {
                self.fail(id, now, &failure).await;
                Ok(Look { account: account.clone(), at: now, result: Err(failure) })
            }
        }
    }

    /// The key and the calls. The key lives no longer than this function.
    async fn fetch(&self, account: &Account) -> Result<(Reading, String), Failure> {
        let target =
            Target { source: account.source, region: account.region, base_url: self.base_url_of(account) };
        let key = match self.vault().key(&account.credential, account.region, self.now()).await {
            Ok(key) => key,
            Err(error) => {
                if let Some(watched) = self.state().accounts.get_mut(&account.id) {
                    watched.key_trouble = Some(error.code());
                }
                return Err(Failure::new(FailureKind::KeyUnavailable, error.to_string()));
            }
        };
        self.note_key(account.id, &key);
        let clock = self.clock().clone();
        let now = move || clock.now();
        let profile_due = {
            let mut state = self.state();
            let watched = state.accounts.get_mut(&account.id);
            let at = self.now();
            watched.is_some_and(|w| {
                w.key_trouble = None;
                w.profile.as_ref().is_none_or(|(_, read_at)| at - *read_at >= PROFILE_AGAIN || at < *read_at)
            })
        };
        let look = self.client().quota(&target, &key, &now).await?;
        let mut reading = look.reading;
        if profile_due {
            // Best effort: its failure never fails the reading, and it is asked for again in an hour.
            match self.client().profile(&target, &key).await {
                Ok(profile) => {
                    let at = self.now();
                    if let Some(watched) = self.state().accounts.get_mut(&account.id) {
                        watched.profile = Some((profile, at));
                    }
                }
                Err(failure) => {
                    tracing::debug!(account = %account.id, kind = %failure.kind, "no profile");
                    let at = self.now();
                    if let Some(watched) = self.state().accounts.get_mut(&account.id) {
                        let known = watched.profile.take().map(|(profile, _)| profile).unwrap_or_default();
                        watched.profile = Some((known, at));
                    }
                }
            }
        }
        if let Some((profile, _)) = self.state().accounts.get(&account.id).and_then(|w| w.profile.as_ref()) {
            profile.fill(&mut reading);
        }
        Ok((reading, look.evidence))
    }

    /// Puts a reading on disk, then concludes from it. Where the disk refuses, the reading waits in memory
    /// and is shown all the same.
    pub(crate) async fn accept(
        &self,
        id: AccountId,
        reading: Reading,
        evidence: String,
    ) -> Result<Vec<Finding>, EngineError> {
        if !self.state().unsaved.is_empty() {
            // What waits is older and must go first.
            self.flush_unsaved().await;
        }
        let waiting = self.state().unsaved.iter().any(|unsaved| unsaved.account == id);
        let stored = if waiting {
            Err(LedgerError::Store(StoreError::DiskFull))
        } else {
            let (reading, evidence) = (reading.clone(), evidence.clone());
            self.ledger().ask(move |store| store.insert_reading(id, &reading, &evidence)).await
        };
        match stored {
            Ok(reading_id) => {
                self.clear_trouble();
                self.conclude(id, reading_id, reading).await
            }
            Err(error) => {
                if !self.state().accounts.contains_key(&id) {
                    return Err(EngineError::NoSuchAccount);
                }
                self.note_trouble(&error);
                let mut state = self.state();
                if let Some(watched) = state.accounts.get_mut(&id) {
                    watched.reading = Some(reading.clone());
                }
                if state.unsaved.len() == MOST_UNSAVED {
                    state.unsaved.pop_front();
                }
                state.unsaved.push_back(Unsaved { account: id, reading, evidence });
                Ok(Vec::new())
            }
        }
    }

    /// Writes what waited, oldest first; stops at the first refusal.
    pub(crate) async fn flush_unsaved(&self) {
        loop {
            let Some(next) = self.state().unsaved.pop_front() else { return };
            let (id, reading, evidence) = (next.account, next.reading.clone(), next.evidence.clone());
            match self.ledger().ask(move |store| store.insert_reading(id, &reading, &evidence)).await {
                Ok(reading_id) => {
                    self.clear_trouble();
                    if let Err(error) = self.conclude(id, reading_id, next.reading).await {
                        tracing::warn!(%error, account = %id, "a kept reading could not be analysed");
                    }
                }
                Err(_) if !self.state().accounts.contains_key(&id) => {}
                Err(error) => {
                    self.note_trouble(&error);
                    self.state().unsaved.push_front(next);
                    return;
                }
            }
        }
    }

    /// Concludes from a reading that is on disk, and remembers what was concluded.
    pub(crate) async fn conclude(
        &self,
        id: AccountId,
        reading_id: ReadingId,
        reading: Reading,
    ) -> Result<Vec<Finding>, EngineError> {
        let now = self.now();
        let conclusion = loop {
            let standing = {
                let state = self.state();
                state.accounts.get(&id).ok_or(EngineError::NoSuchAccount)?.standing()
            };
            let (told, usage) = match self.told(id, standing, reading.at).await {
                Ok(told) => told,
                Err(error) => {
                    // It is weighed all the same, and anew at the next start, since it cannot be written now.
                    tracing::warn!(%error, account = %id, "what became known before a reading cannot be read");
                    (Told::default(), UsageTold::default())
                }
            };
            let mut state = self.state();
            let rules = state.settings.alert_rules();
            let gap = covered_gap(pace(&state.settings));
            let watched = state.accounts.get_mut(&id).ok_or(EngineError::NoSuchAccount)?;
            if watched.standing() != standing {
                // Another reading was concluded from meanwhile: it was told some of this.
                continue;
            }
            let (audited, alerts) = watched.weigh(&rules, &reading, &told, &usage);
            let observed = audited.observed;
            watched.look_ahead(&observed.movements, &reading, now);
            let used = observed.movements.iter().any(|m| m.deducted > Decimal::ZERO);
            if used {
                watched.used_at = Some(reading.at);
            }
            let covered = watched
                .poll
                .last_success_at
                .filter(|last| *last < reading.at && reading.at - *last <= gap)
                .map(|last| (last, reading.at));
            watched.poll = PollState { last_success_at: Some(reading.at), ..PollState::default() };
            watched.reading = Some(reading);
            break Conclusion {
                tracker: serde_json::to_string(&watched.auditor).map_err(|_| EngineError::Internal)?,
                alert_state: serde_json::to_string(&watched.alerts).map_err(|_| EngineError::Internal)?,
                movements: observed.movements,
                covered,
                findings: audited.findings,
                verdicts: audited.verdicts,
                usage_told: watched.usage_told,
                alerts,
            };
        };
        let findings = conclusion.findings.clone();
        let told = !conclusion.findings.is_empty();
        let alerted = !conclusion.alerts.is_empty();
        match self.ledger().ask(move |store| store.conclude(id, reading_id, &conclusion)).await {
            Ok(()) => {}
            Err(_) if !self.state().accounts.contains_key(&id) => return Err(EngineError::NoSuchAccount),
            // The reading is safe; the conclusion is drawn anew from it at the next start, by the same rules.
            Err(error) => self.note_trouble(&error),
        }
        if told {
            self.tell(EngineEvent::Findings);
        }
        if alerted {
            self.tell(EngineEvent::Alerts);
        }
        Ok(findings)
    }

    async fn schedule_after_reading(&self, id: AccountId, reading: &Reading) {
        let now = self.now();
        let jitter = rand::random();
        let poll = {
            let mut state = self.state();
            let pace = pace(&state.settings);
            let (local_use, on_battery) = (state.local_use, state.on_battery);
            let Some(watched) = state.accounts.get_mut(&id) else { return };
            let circumstances = Circumstances { last_use: watched.used_at.max(local_use), on_battery };
            let mut next = schedule::after_reading(now, reading, pace, circumstances, jitter);
            if reading.meters.iter().any(|m| watched.auditor.tracker().pending(m.meter)) {
                // A fall that waits for a second reading should not wait long.
                next = next.min(now + pace.busy);
            }
            watched.next_at = Some(next);
            watched.poll.next_poll_at = Some(next);
            watched.poll.clone()
        };
        self.remember_poll(id, poll).await;
    }

    async fn fail(&self, id: AccountId, now: DateTime<Utc>, failure: &Failure) {
        tracing::info!(account = %id, kind = %failure.kind, status = failure.status, "a look failed");
        let jitter = rand::random();
        let (poll, alerts, alert_state) = {
            let mut state = self.state();
            let pace = pace(&state.settings);
            let rules = state.settings.alert_rules();
            let Some(watched) = state.accounts.get_mut(&id) else { return };
            // A service in trouble says so in many ways in turn; that must not begin the waiting anew.
            let same = watched.poll.last_failure.as_ref().is_some_and(|last| {
                schedule::Trouble::of(last.failure.kind) == schedule::Trouble::of(failure.kind)
            });
            let row = if same { watched.poll.failures_in_row } else { 0 } + 1;
            let retry = schedule::after_failure(now, failure, row, pace, jitter);
            watched.poll = PollState {
                next_poll_at: Some(retry.at),
                retry_after_until: retry.told,
                failures_in_row: row,
                failing_since: if same { watched.poll.failing_since } else { None }.or(Some(now)),
                last_failure: Some(FailedPoll { at: now, failure: failure.clone() }),
                last_success_at: watched.poll.last_success_at,
            };
            watched.next_at = Some(retry.at);
            let alerts = watched.alerts.on_failure(&rules, now, failure);
            (watched.poll.clone(), alerts, serde_json::to_string(&watched.alerts).unwrap_or_default())
        };
        let alerted = !alerts.is_empty();
        let failure = failure.clone();
        let recorded = self
            .ledger()
            .ask(move |store| {
                store.record_failure(id, now, &failure)?;
                store.queue_alerts(id, &alerts, &alert_state)
            })
            .await;
        if let Err(error) = recorded
            && self.state().accounts.contains_key(&id)
        {
            self.note_trouble(&error);
        }
        self.remember_poll(id, poll).await;
        self.tell(EngineEvent::Findings);
        if alerted {
            self.tell(EngineEvent::Alerts);
        }
    }

    async fn remember_poll(&self, id: AccountId, poll: PollState) {
        let saved = self.ledger().ask(move |store| store.set_poll_state(id, &poll)).await;
        if let Err(error) = saved
            && self.state().accounts.contains_key(&id)
        {
            self.note_trouble(&error);
        }
    }

    fn note_trouble(&self, error: &LedgerError) {
        let code = match error {
            LedgerError::Store(StoreError::DiskFull) => "disk-full",
            LedgerError::Store(StoreError::Damaged(_)) => "database-damaged",
            LedgerError::Store(StoreError::ReadOnly) => "database-read-only",
            _ => "database",
        };
        let now = self.now();
        let mut state = self.state();
        if state.trouble.as_ref().is_none_or(|trouble| trouble.code != code) {
            tracing::error!(%error, "the history cannot be written");
            state.trouble = Some(Trouble { code, detail: error.to_string(), since: now });
            drop(state);
            self.tell(EngineEvent::Overview);
        }
    }

    fn clear_trouble(&self) {
        let mut state = self.state();
        if state.trouble.as_ref().is_some_and(|trouble| trouble.code != "clock-jumped") {
            state.trouble = None;
            tracing::info!("the history can be written again");
        }
    }
}

pub(crate) fn pace(settings: &crate::Settings) -> Pace {
    Pace {
        calm: TimeDelta::seconds(i64::from(settings.poll_seconds)),
        busy: TimeDelta::seconds(i64::from(settings.poll_seconds_busy)),
    }
}

/// The longest time between two looks that still counts as looking all the while.
pub(crate) fn covered_gap(pace: Pace) -> TimeDelta {
    LEAST_COVERED_GAP.max(pace.calm * 4)
}
