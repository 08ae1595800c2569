//! One task for each account: it polls the service, stores what came, steps the account's state, and publishes what
//! is known.
//!
//! # What is promised
//! - An input is stored before anything is concluded from it, and concluded from before any later one.
//! - A step works on a copy. The copy becomes the state only after the transaction that holds it and all that
//!   follows from it; where the disk refuses, the old state stays and the input stays first in the queue.
//! - Inputs that wait are tried again at the next poll, every few seconds, and where they are on disk, at the next
//!   start. Why they wait is shown as the store said it.

mod fetch;
pub(crate) mod mailbox;
mod queue;
mod restore;
mod view;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use secrecy::SecretString;
use tidemark_core::failure::FailedPoll;
use tidemark_core::finding::Mark;
use tidemark_core::step::{AccountState, Input, Outcome, Rules, StoredState, step};
use tidemark_core::{AccountId, Failure, Finding, Reading};
use tidemark_kimi::PublicPrices;
use tidemark_store::{Conclusion, FindingId, InputId, PollState, StoreError, StoredFinding};
use tokio::sync::oneshot;

pub use mailbox::PollOutcome;
pub(crate) use mailbox::{AccountHandle, AccountInbox, Message};
pub use restore::usage_history;
pub(crate) use view::AccountView;

use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::ledger::LedgerError;
use crate::problem::WriteProblem;
use crate::schedule::{self, Circumstances, Pace};
use crate::shared::Shared;
use crate::usage::UsageAsked;
use fetch::{Answer, KeyOrService, KnownProfile};
use queue::{Arrival, Queue, Waiting};

/// Two readings no further apart than this, or three regular pauses, count as polling all the while.
const MIN_COVERED_GAP: TimeDelta = TimeDelta::minutes(20);
/// After the engine was asked to end, an answer that is under way has so long to arrive.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);

/// The task of one account.
pub(crate) struct AccountTask {
    id: AccountId,
    shared: Weak<Shared>,
    inbox: AccountInbox,
    /// Boxed: it is some kilobytes, and the task's future would carry it from place to place.
    state: Box<AccountState>,
    queue: Queue,
    profile: KnownProfile,
}

impl AccountTask {
    /// The task of an account of which nothing is stored yet.
    pub(crate) fn new(id: AccountId, shared: &Arc<Shared>, inbox: AccountInbox) -> Self {
        let zone = shared.state().settings.timezone;
        let state = AccountState::new().with_usage_history(Some(tidemark_core::forecast::Pasts::new(zone)));
        Self {
            id,
            shared: Arc::downgrade(shared),
            inbox,
            state: Box::new(state),
            queue: Queue::default(),
            profile: KnownProfile::default(),
        }
    }

    /// Goes on where the last run stopped, and concludes from what was stored and not concluded from.
    ///
    /// # Errors
    /// Where what is stored cannot be read.
    pub(crate) async fn resume(&mut self, shared: &Shared) -> Result<(), EngineError> {
        let (id, now) = (self.id, shared.now());
        let (zone, rules, max_gap) = {
            let state = shared.state();
            let settings = &state.settings;
            (settings.timezone, settings.alert_rules(), covered_gap(settings.pace()))
        };
        let remembered = shared
            .ledger
            .ask(move |store| restore::remembered(store, id, &rules, max_gap, zone, now))
            .await?;
        self.state = remembered.state;
        for waiting in remembered.waiting {
            self.queue.push(waiting);
        }
        let moved = restore::after_clock_set_back(&remembered.poll, now);
        let poll = moved.clone().unwrap_or(remembered.poll);
        if let Some(poll) = moved {
            shared.ledger.ask(move |store| store.set_poll_state(id, &poll)).await?;
        }
        let reading = remembered.reading;
        self.inbox.view.change(|view| {
            if let Some(reading) = &reading {
                self.profile = KnownProfile::of(&view.account, reading);
            }
            view.polled_at = view::last_poll(&poll, reading.as_ref());
            view.reading = reading;
            view.poll.clone_from(&poll);
        });
        // Where that fails it is tried again, and said.
        let _ = self.conclude_waiting(shared).await;
        self.inbox.view.change(|view| view.next_at = Some(restore::first_poll(&poll, now)));
        self.publish(shared);
        Ok(())
    }

    /// Works until the account or the engine is gone.
    pub(crate) async fn run(mut self) {
        let mut next = None;
        loop {
            let message = match next.take() {
                Some(message) => message,
                None => match self.inbox.mailbox.recv().await {
                    Some(message) => message,
                    None => return,
                },
            };
            // An engine whose last handle is gone has let go of its data folder.
            let Some(shared) = self.shared.upgrade() else { return };
            match message {
                Message::Poll(answer) => next = self.poll_for(&shared, answer).await,
                Message::Feedback { finding, triage, answer } => {
                    let _ = answer.send(self.feedback(&shared, finding, triage).await);
                }
                Message::Retry => {
                    let _ = self.conclude_waiting(&shared).await;
                    self.publish(&shared);
                }
                Message::ZoneChanged => self.zone_changed(&shared).await,
                Message::Settle(answer) => {
                    let _ = answer.send(());
                }
            }
        }
    }

    /// Polls for one who asks, and for all who ask meanwhile. Gives back the first other message that came.
    async fn poll_for(&mut self, shared: &Shared, answer: oneshot::Sender<PollOutcome>) -> Option<Message> {
        let mut waiting = vec![answer];
        let outcome = self.poll(shared).await;
        let mut next = None;
        while let Ok(message) = self.inbox.mailbox.try_recv() {
            match message {
                Message::Poll(answer) => waiting.push(answer),
                other => {
                    next = Some(other);
                    break;
                }
            }
        }
        // Without an outcome, the engine is ending: whoever asked learns that from the closed channel.
        if let Some(outcome) = outcome {
            for answer in waiting {
                let _ = answer.send(outcome.clone());
            }
        }
        next
    }

    /// Polls once. `None` where the engine ended before the service answered.
    async fn poll(&mut self, shared: &Shared) -> Option<PollOutcome> {
        let account = self.inbox.view.see(|view| view.account.clone());
        self.inbox.view.change(|view| view.polling = true);
        shared.announce(EngineEvent::Overview);
        let given_up = async {
            shared.end.cancelled().await;
            tokio::time::sleep(SHUTDOWN_GRACE).await;
        };
        let asked = tokio::select! {
            asked = ask(shared, &account) => Some(asked),
            () = given_up => None,
        };
        let outcome = match asked {
            None => None,
            Some(asked) => {
                let now = shared.now();
                self.note_key(shared, &asked);
                Some(match asked {
                    Ok(answer) => {
                        let (reading, concluded) = self.answered(shared, &account, answer).await;
                        let (findings, stored) = apart(concluded);
                        PollOutcome { account, at: reading.at, result: Ok((reading, findings)), stored }
                    }
                    Err(why) => {
                        let failure = why.failure();
                        let concluded = self.failed(shared, now, &failure).await;
                        PollOutcome { account, at: now, result: Err(failure), stored: apart(concluded).1 }
                    }
                })
            }
        };
        let calm = shared.state().settings.pace().calm;
        let now = shared.now();
        self.inbox.view.change(|view| {
            view.polling = false;
            // An account must never drop out of the schedule, whatever went wrong.
            view.next_at.get_or_insert(now + calm);
        });
        self.publish(shared);
        shared.wake.notify_one();
        outcome
    }

    /// Keeps the key comparable, and lets the logs be ascribed again where it is another.
    fn note_key(&self, shared: &Shared, asked: &Result<Answer, KeyOrService>) {
        let key: Option<&SecretString> = match asked {
            Ok(answer) => Some(answer.key()),
            Err(KeyOrService::Service(key, _)) => Some(key),
            Err(KeyOrService::Key(..)) => None,
        };
        let code = match asked {
            Err(KeyOrService::Key(code, _)) => Some(*code),
            _ => None,
        };
        let digest = key.map(crate::key_digest::key_digest);
        let is_new = self.inbox.view.change(|view| {
            view.key_trouble = code;
            let is_new = digest.is_some() && view.key_digest != digest;
            view.key_digest = digest.or(view.key_digest);
            is_new
        });
        if is_new {
            shared.usage_wake.notify_one();
        }
    }

    /// The service answered: stores the answer, asks for the profile where that is due, and concludes.
    async fn answered(
        &mut self,
        shared: &Shared,
        account: &tidemark_core::Account,
        answer: Answer,
    ) -> (Reading, Result<Vec<Finding>, WriteProblem>) {
        let profile_is_due = self.profile.is_due(account, shared.now());
        let mut reading = answer.reading.clone();
        self.profile.fill(&mut reading);
        let arrival =
            Arrival::Reading { reading: Box::new(reading.clone()), evidence: answer.evidence.clone() };
        self.queue.push(Waiting { arrival, stored: None });
        // On disk before anything else is waited for.
        let _ = self.store_waiting(shared).await;
        if profile_is_due {
            answer.profile(shared, &mut self.profile).await;
            let mut filled = answer.reading.clone();
            self.profile.fill(&mut filled);
            if filled != reading {
                reading = filled;
                self.refill(shared, &reading, answer.evidence).await;
            }
        }
        let now = shared.now();
        self.inbox.view.change(|view| {
            // Only now: whoever asks until then waits for this poll, and is not shown half of its answer.
            view.polled_at = Some(now);
            view.reading = Some(reading.clone());
            view.poll = PollState { last_success_at: Some(reading.at), ..PollState::default() };
        });
        let concluded = self.conclude_waiting(shared).await;
        // What the conclusion has scheduled stands; where there is none, the pace goes on.
        let unconcluded = self.queue.len() > 0;
        if unconcluded {
            let next = self.next_poll(shared, &reading, &self.state, None, now);
            self.inbox.view.change(|view| {
                view.next_at = Some(next);
                view.poll.next_poll_at = Some(next);
            });
        }
        (reading, concluded)
    }

    /// The last answer's plan and limits became known: it is stored with them.
    async fn refill(&mut self, shared: &Shared, reading: &Reading, evidence: String) {
        let Some(waiting) = self.queue.back_mut() else { return };
        if let Some(InputId::Reading(number)) = waiting.stored {
            let (id, reading) = (self.id, reading.clone());
            let filled =
                shared.ledger.ask(move |store| store.refill_reading(id, number, &reading, &evidence)).await;
            if let Err(error) = filled {
                // It is concluded from as it is on disk: a rebuild must find the same. The next one has the plan.
                tracing::warn!(%error, account = %id, "a reading is stored without its plan");
                return;
            }
        }
        if let Arrival::Reading { reading: kept, .. } = &mut waiting.arrival {
            **kept = reading.clone();
        }
    }

    /// The poll failed: counts it, plans the next one, stores and concludes.
    async fn failed(
        &mut self,
        shared: &Shared,
        now: DateTime<Utc>,
        failure: &Failure,
    ) -> Result<Vec<Finding>, WriteProblem> {
        tracing::info!(account = %self.id, kind = %failure.kind, status = failure.status, "a poll failed");
        let pace = shared.state().settings.pace();
        let jitter = rand::random();
        let poll = self.inbox.view.change(|view| {
            let before = &view.poll;
            // A service in trouble says so in many ways in turn; that must not begin the waiting again.
            let same = before.last_failure.as_ref().is_some_and(|last| {
                schedule::Trouble::of(last.failure.kind) == schedule::Trouble::of(failure.kind)
            });
            let row = if same { before.failures_in_row } else { 0 } + 1;
            let retry = schedule::after_failure(now, failure, row, pace, jitter);
            view.polled_at = Some(now);
            view.next_at = Some(retry.at);
            view.poll = PollState {
                next_poll_at: Some(retry.at),
                retry_after_until: retry.told,
                failures_in_row: row,
                failing_since: if same { before.failing_since } else { None }.or(Some(now)),
                last_failure: Some(FailedPoll { at: now, failure: failure.clone() }),
                last_success_at: before.last_success_at,
            };
            view.poll.clone()
        });
        let arrival = Arrival::Failure { at: now, failure: Box::new(failure.clone()), poll: Box::new(poll) };
        self.queue.push(Waiting { arrival, stored: None });
        let concluded = self.conclude_waiting(shared).await;
        shared.announce(EngineEvent::Findings);
        concluded
    }

    /// Puts on disk what waits for it, oldest first; stops at the first refusal.
    async fn store_waiting(&mut self, shared: &Shared) -> Result<(), LedgerError> {
        let id = self.id;
        while let Some(waiting) = self.queue.first_unstored() {
            let number = match waiting.arrival.clone() {
                Arrival::Reading { reading, evidence } => shared
                    .ledger
                    .ask(move |store| store.insert_reading(id, &reading, &evidence))
                    .await
                    .map(InputId::from),
                Arrival::Failure { at, failure, poll } => shared
                    .ledger
                    .ask(move |store| store.record_failed_poll(id, at, &failure, &poll))
                    .await
                    .map(InputId::from),
            };
            self.queue.note_stored(number?);
        }
        Ok(())
    }

    /// Stores and concludes all that waits, oldest first; stops at the first refusal, and says why. What was found.
    ///
    /// # Errors
    /// Why not all of it was concluded from.
    async fn conclude_waiting(&mut self, shared: &Shared) -> Result<Vec<Finding>, WriteProblem> {
        let concluded = self.conclude_all(shared).await;
        match concluded {
            Ok(findings) => {
                shared.note_storage(self.id, None);
                Ok(findings)
            }
            Err(LedgerError::Store(StoreError::NoSuchAccount(_))) => {
                // It was removed meanwhile, and nothing of it is to be kept.
                self.queue.clear();
                Ok(Vec::new())
            }
            Err(error) => {
                let mut problem = WriteProblem::from(&error);
                if self.queue.dropped() > 0 {
                    problem.detail =
                        format!("{}; {} readings could not be kept", problem.detail, self.queue.dropped());
                }
                shared.note_storage(self.id, Some(&problem));
                Err(problem)
            }
        }
    }

    async fn conclude_all(&mut self, shared: &Shared) -> Result<Vec<Finding>, LedgerError> {
        let stored = self.store_waiting(shared).await;
        let mut found = Vec::new();
        while let Some(waiting) = self.queue.front() {
            let Some(number) = waiting.stored else { break };
            let arrival = waiting.arrival.clone();
            let is_last = self.queue.len() == 1;
            match self.conclude(shared, number, &arrival, is_last).await {
                Ok(findings) => found.extend(findings),
                // It was pruned or removed past us: there is nothing left to conclude from.
                Err(LedgerError::Store(StoreError::NoSuchReading(_))) => {}
                // It is the input that cannot be stored, and never will be. Those behind it must not wait for it.
                Err(LedgerError::Store(
                    error @ (StoreError::TooLarge(_) | StoreError::Unreadable { .. }),
                )) => {
                    tracing::warn!(%error, account = %self.id, "nothing can be concluded from a reading");
                    self.pass_over(shared, number).await?;
                }
                Err(error) => return Err(error),
            }
            self.queue.pop_front();
        }
        stored.map(|()| found)
    }

    /// Leaves an input that is on disk without a conclusion: the state stays as it was before it.
    async fn pass_over(&self, shared: &Shared, number: InputId) -> Result<(), LedgerError> {
        let (id, conclusion) = (self.id, Conclusion::new(Outcome::default(), stored(&self.state)?));
        shared.ledger.ask(move |store| store.conclude(id, number, &conclusion)).await
    }

    /// Concludes from one input that is on disk: the step on a copy, its transaction, and only then the copy.
    async fn conclude(
        &mut self,
        shared: &Shared,
        number: InputId,
        arrival: &Arrival,
        is_last: bool,
    ) -> Result<Vec<Finding>, LedgerError> {
        let (alert_rules, max_gap) = {
            let state = shared.state();
            (state.settings.alert_rules(), covered_gap(state.settings.pace()))
        };
        let rules = Rules { prices: &PublicPrices, alerts: Some(&alert_rules), max_gap };
        let (next, outcome) = match arrival {
            Arrival::Failure { at, failure, .. } => {
                guarded(&self.state, |state| step(state, Input::Failure { at: *at, failure }, &rules))
            }
            Arrival::Reading { reading, .. } => {
                let known = self.known_before(shared, reading.at).await?;
                guarded(&self.state, |state| {
                    let mut next = state.clone();
                    for incident in &known.incidents {
                        let _ = next.apply(Input::Incident(incident), &rules);
                    }
                    let usage = Input::Usage { requests: &known.requests, cursor: known.cursor };
                    let _ = next.apply(usage, &rules);
                    let outcome = next.apply(Input::Reading(reading), &rules);
                    (next, outcome)
                })
            }
        };
        let mut used_at = None;
        let mut poll = None;
        if let Arrival::Reading { reading, .. } = arrival {
            if outcome.movements.iter().any(|movement| movement.deducted > Decimal::ZERO) {
                used_at = Some(reading.at);
            }
            if is_last {
                let next_at = self.next_poll(shared, reading, &next, used_at, shared.now());
                poll = Some(PollState {
                    last_success_at: Some(reading.at),
                    next_poll_at: Some(next_at),
                    ..PollState::default()
                });
            }
        }
        let findings = outcome.findings.clone();
        let alerted = !outcome.alerts.is_empty();
        let conclusion = Conclusion { poll: poll.clone(), ..Conclusion::new(outcome, stored(&next)?) };
        let id = self.id;
        shared.ledger.ask(move |store| store.conclude(id, number, &conclusion)).await?;
        self.state = next;
        self.inbox.view.change(|view| {
            view.used_at = used_at.or(view.used_at);
            if let Some(poll) = poll {
                view.next_at = poll.next_poll_at;
                view.poll = poll;
            }
        });
        if !findings.is_empty() {
            shared.announce(EngineEvent::Findings);
        }
        if alerted {
            shared.announce(EngineEvent::Alerts);
        }
        Ok(findings)
    }

    /// What became known besides readings since the last one and before the one of `at`.
    async fn known_before(&self, shared: &Shared, at: DateTime<Utc>) -> Result<Known, LedgerError> {
        let source = shared.state().usage.clone();
        let (id, last) = (self.id, self.state.last_reading());
        let asked =
            UsageAsked { after: self.state.usage_cursor(), before: at, since: self.state.usage_since(at) };
        shared
            .ledger
            .ask(move |store| {
                let told = source(store, id, &asked)?;
                let incidents = store.incidents_known_between(last, at)?;
                Ok(Known { incidents, requests: told.lines, cursor: told.told })
            })
            .await
    }

    /// When to poll after a reading; `used_at` is its time where it shows that the account is in use.
    fn next_poll(
        &self,
        shared: &Shared,
        reading: &Reading,
        state: &AccountState,
        used_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let (pace, local_use, on_battery) = {
            let state = shared.state();
            (state.settings.pace(), state.local_use, state.on_battery)
        };
        let used_at = used_at.or_else(|| self.inbox.view.see(|view| view.used_at));
        let circumstances = Circumstances { last_use: used_at.max(local_use), on_battery };
        let next = schedule::after_reading(now, reading, pace, circumstances, rand::random());
        if reading.meters.iter().any(|meter| state.is_unconfirmed(meter.meter)) {
            // A fall that waits for a second reading should not wait long.
            return next.min(now + pace.busy);
        }
        next
    }

    /// Sets the status of an anomaly; "it was me" teaches the account's model, once. The finding as it is then;
    /// `None` where there is no such finding.
    async fn feedback(
        &mut self,
        shared: &Shared,
        finding: FindingId,
        triage: Option<Mark>,
    ) -> Result<Option<StoredFinding>, EngineError> {
        // It was said after what waits had come.
        if let Err(error) = self.conclude_all(shared).await {
            shared.note_storage(self.id, Some(&WriteProblem::from(&error)));
            return Err(error.into());
        }
        shared.note_storage(self.id, None);
        let Some(found) = shared.ledger.ask(move |store| store.finding(finding)).await? else {
            return Ok(None);
        };
        let rules = Rules { prices: &PublicPrices, alerts: None, max_gap: TimeDelta::zero() };
        let before = found.mark.map(|(mark, _)| mark);
        let input = Input::Feedback { finding: &found.finding, before, now: triage };
        let (next, _) = guarded(&self.state, |state| step(state, input, &rules));
        let learned = (triage == Some(Mark::Mine) && before != triage).then(|| stored(&next)).transpose()?;
        let now = shared.now();
        let marked = shared
            .ledger
            .ask(move |store| store.mark_finding(finding, triage, now, learned.as_ref()))
            .await?;
        self.state = next;
        self.publish(shared);
        shared.announce(EngineEvent::Findings);
        Ok(marked)
    }

    /// The days of the forecast's memory are counted in the new zone.
    async fn zone_changed(&mut self, shared: &Shared) {
        let (id, now, zone) = (self.id, shared.now(), shared.state().settings.timezone);
        match shared.reader.ask(move |store| usage_history(store, id, zone, now)).await {
            Ok(history) => {
                *self.state = std::mem::take(&mut *self.state).with_usage_history(Some(history));
                self.publish(shared);
            }
            Err(error) => tracing::warn!(%error, account = %id, "the forecast keeps the old time zone"),
        }
    }

    /// Shows what is known now.
    fn publish(&self, shared: &Shared) {
        let now = shared.now();
        let reading = self.inbox.view.see(|view| view.reading.clone());
        let shown = reading
            .as_ref()
            .map(|reading| (self.state.logged_share(reading), self.state.forecasts(reading, now)));
        self.inbox.view.change(|view| {
            view.unconfirmed = tidemark_core::Meter::ALL
                .into_iter()
                .filter(|meter| self.state.is_unconfirmed(*meter))
                .collect();
            view.waiting = self.queue.len();
            if let Some((logged_share, forecasts)) = shown {
                view.logged_share = logged_share;
                view.forecasts = forecasts;
            }
        });
        shared.announce(EngineEvent::Overview);
    }
}

/// What became known besides readings.
struct Known {
    incidents: Vec<tidemark_core::wire::IncidentRecord>,
    requests: Vec<tidemark_core::wire::UsageRecord>,
    cursor: u64,
}

/// Asks the service, as soon as it is this account's turn.
async fn ask(shared: &Shared, account: &tidemark_core::Account) -> Result<Answer, KeyOrService> {
    // The semaphore is never closed.
    let _permit = shared.permits.acquire().await;
    fetch::quota(shared, account).await
}

/// A step that cannot take the account's task with it: where it panics, which is a defect of this program, the
/// state stays, nothing follows from the input, and the log says so. The input itself is on disk.
fn guarded(
    state: &AccountState,
    step: impl FnOnce(&AccountState) -> (AccountState, Outcome),
) -> (Box<AccountState>, Outcome) {
    let stepped = catch_unwind(AssertUnwindSafe(|| {
        let (next, outcome) = step(state);
        (Box::new(next), outcome)
    }));
    stepped.unwrap_or_else(|_| {
        tracing::error!("an input could not be analysed; please report this as a bug");
        (Box::new(state.clone()), Outcome::default())
    })
}

fn stored(state: &AccountState) -> Result<StoredState, LedgerError> {
    state
        .to_stored()
        .map_err(|why| LedgerError::Store(StoreError::Unreadable { what: "analysis", why: why.to_string() }))
}

fn apart(concluded: Result<Vec<Finding>, WriteProblem>) -> (Vec<Finding>, Result<(), WriteProblem>) {
    match concluded {
        Ok(findings) => (findings, Ok(())),
        Err(problem) => (Vec::new(), Err(problem)),
    }
}

/// The longest time between two readings that still counts as polling all the while.
fn covered_gap(pace: Pace) -> TimeDelta {
    MIN_COVERED_GAP.max(pace.calm * 4)
}
