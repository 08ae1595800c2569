//! The analysis of one account: its state, and the inputs that wait to be stored or concluded from.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::finding::Triage;
use tidemark_core::forecast::UsageHistory;
use tidemark_core::step::{AccountState, Input, Outcome, Rules, StoredState, step};
use tidemark_core::wire::{AnnouncementRecord, IncidentRecord};
use tidemark_core::{AccountId, Finding, Meter, Reading};
use tidemark_kimi::PublicPrices;
use tidemark_store::{AnalysisResult, FindingId, InputId, PollState, StoreError, StoredFinding};

use super::mailbox::SharedView;
use super::queue::{Arrival, Queue, Waiting};
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::problem::WriteProblem;
use crate::schedule::{self, Circumstances};
use crate::shared::Shared;
use crate::store_handle::StoreHandleError;
use crate::usage::{OtherMachines, UsageQuery};

/// The state of an account's analysis, and what it has not taken in yet.
pub(super) struct Analysis {
    id: AccountId,
    view: SharedView,
    /// Boxed: it is some kilobytes, and the task's future would carry it from place to place.
    state: Box<AccountState>,
    queue: Queue,
    /// Why the state is not the one that belongs to what is stored: nothing is concluded until it was restored.
    outdated: Option<WriteProblem>,
}

impl Analysis {
    /// The analysis of an account of which nothing is known yet. What it finds is published in `view`.
    pub(super) fn new(id: AccountId, view: SharedView, history: UsageHistory) -> Self {
        let state = Box::new(AccountState::new().with_usage_history(Some(history)));
        Self { id, view, state, queue: Queue::default(), outdated: None }
    }

    /// Goes on from a state that was stored, with inputs that were stored and not concluded from.
    pub(super) fn restore(&mut self, state: Box<AccountState>, waiting: Vec<Waiting>) {
        self.state = state;
        self.queue.restore(waiting);
        self.outdated = None;
    }

    /// What is stored is no longer what the state belongs to, and could not be read: inputs are stored, and nothing is
    /// concluded, until [`Analysis::restore`].
    pub(super) fn set_outdated(&mut self, shared: &Shared, why: &EngineError) {
        let problem = match why {
            EngineError::StoreHandle(error) => WriteProblem::from(error),
            error => WriteProblem::of_database(error),
        };
        shared.note_storage(self.id, Some(&problem));
        self.outdated = Some(problem);
    }

    /// Whether the state must be restored before anything is concluded.
    pub(super) const fn is_outdated(&self) -> bool {
        self.outdated.is_some()
    }

    /// Takes in something that became known. It waits for [`Analysis::conclude_waiting`].
    pub(super) fn arrived(&mut self, arrival: Arrival) {
        self.queue.push(Waiting { arrival, stored: None });
    }

    /// Whether anything waits to be stored or concluded from.
    pub(super) fn is_waiting(&self) -> bool {
        self.queue.len() > 0
    }

    /// Gives the forecast another memory: days are counted in another zone.
    pub(super) fn set_usage_history(&mut self, history: UsageHistory) {
        *self.state = std::mem::take(&mut *self.state).with_usage_history(Some(history));
    }

    /// The last answer's plan and limits became known: it is stored with them.
    pub(super) async fn refill(&mut self, shared: &Shared, reading: &Reading, evidence: String) {
        let Some(waiting) = self.queue.back_mut() else { return };
        if let Some(InputId::Reading(number)) = waiting.stored {
            let (id, reading) = (self.id, reading.clone());
            let filled =
                shared.store.ask(move |store| store.refill_reading(id, number, &reading, &evidence)).await;
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

    /// Puts on disk what waits for it, oldest first; stops at the first refusal.
    pub(super) async fn store_waiting(&mut self, shared: &Shared) -> Result<(), StoreHandleError> {
        let id = self.id;
        while let Some(waiting) = self.queue.first_unstored() {
            let number = match waiting.arrival.clone() {
                Arrival::Reading { reading, evidence } => shared
                    .store
                    .ask(move |store| store.insert_reading(id, &reading, &evidence))
                    .await
                    .map(InputId::from),
                Arrival::Failure { at, failure, poll } => shared
                    .store
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
    pub(super) async fn conclude_waiting(&mut self, shared: &Shared) -> Result<Vec<Finding>, WriteProblem> {
        if let Some(problem) = self.outdated.clone() {
            let _ = self.store_waiting(shared).await;
            return Err(problem);
        }
        let concluded = self.conclude_all(shared).await;
        match concluded {
            Ok(Concluded { findings, last_passed_over }) => {
                shared.note_storage(self.id, last_passed_over.as_ref());
                last_passed_over.map_or(Ok(findings), Err)
            }
            Err(StoreHandleError::Store(StoreError::NoSuchAccount(_))) => {
                // It was removed meanwhile, and nothing of it is to be kept.
                self.queue.clear();
                Ok(Vec::new())
            }
            Err(error) => {
                let mut problem = WriteProblem::from(&error);
                problem.lost = self.queue.dropped();
                shared.note_storage(self.id, Some(&problem));
                Err(problem)
            }
        }
    }

    async fn conclude_all(&mut self, shared: &Shared) -> Result<Concluded, StoreHandleError> {
        let stored = self.store_waiting(shared).await;
        let mut concluded = Concluded::default();
        while let Some(waiting) = self.queue.front() {
            let Some(number) = waiting.stored else { break };
            let arrival = waiting.arrival.clone();
            let is_last = self.queue.len() == 1;
            match self.record_analysis(shared, number, &arrival, is_last).await {
                Ok(findings) => {
                    concluded.findings.extend(findings);
                    concluded.last_passed_over = None;
                }
                Err(NotConcluded::Panicked) => {
                    concluded.last_passed_over = Some(WriteProblem::analysis_failed());
                    self.pass_over(shared, number).await?;
                }
                // Another process removed it: there is nothing left to conclude from.
                Err(NotConcluded::Store(error @ StoreHandleError::Store(StoreError::NoSuchReading(_)))) => {
                    tracing::warn!(%error, account = %self.id, "a reading is gone");
                    concluded.last_passed_over = Some(WriteProblem::from(&error));
                }
                // It is the input that cannot be stored, and never will be. Those behind it must not wait for it.
                Err(NotConcluded::Store(
                    error @ StoreHandleError::Store(StoreError::TooLarge(_) | StoreError::Unreadable { .. }),
                )) => {
                    tracing::warn!(%error, account = %self.id, "nothing can be concluded from a reading");
                    concluded.last_passed_over = Some(WriteProblem::from(&error));
                    self.pass_over(shared, number).await?;
                }
                Err(NotConcluded::Store(error)) => return Err(error),
            }
            self.queue.pop_front();
        }
        stored.map(|()| concluded)
    }

    /// Leaves an input that is on disk without a conclusion: the state stays as it was before it.
    async fn pass_over(&self, shared: &Shared, number: InputId) -> Result<(), StoreHandleError> {
        let (id, conclusion) = (self.id, AnalysisResult::new(Outcome::default(), stored(&self.state)?));
        shared.store.ask(move |store| store.record_analysis(id, number, &conclusion)).await
    }

    /// Concludes from one input that is on disk: the step on a copy, its transaction, and only then the copy.
    async fn record_analysis(
        &mut self,
        shared: &Shared,
        number: InputId,
        arrival: &Arrival,
        is_last: bool,
    ) -> Result<Vec<Finding>, NotConcluded> {
        let (alert_rules, max_gap) = {
            let state = shared.state();
            (state.settings.alert_rules(), state.settings.live_for())
        };
        let rules = Rules { prices: &PublicPrices, alerts: Some(&alert_rules), max_gap };
        let (next, outcome) = match arrival {
            Arrival::Failure { at, failure, .. } => {
                guarded(&self.state, |state| step(state, Input::Failure { at: *at, failure }, &rules))?
            }
            Arrival::Reading { reading, .. } => self.step_reading(shared, reading, &rules).await?,
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
        let findings: Vec<_> = outcome.withdrawn.iter().chain(&outcome.findings).cloned().collect();
        let alerted = !outcome.alerts.is_empty();
        let conclusion =
            AnalysisResult { poll: poll.clone(), ..AnalysisResult::new(outcome, stored(&next)?) };
        let id = self.id;
        shared.store.ask(move |store| store.record_analysis(id, number, &conclusion)).await?;
        self.state = next;
        self.view.change(|view| {
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

    /// The step of a reading: what became known before it is given first. Usage is given piece by piece.
    async fn step_reading(
        &self,
        shared: &Shared,
        reading: &Reading,
        rules: &Rules<'_>,
    ) -> Result<(Box<AccountState>, Outcome), NotConcluded> {
        let known = self.known_before(shared, reading.at).await?;
        let (mut next, _) = guarded(&self.state, |state| {
            let mut next = state.clone();
            for incident in &known.incidents {
                let _ = next.apply(Input::Incident(incident), rules);
            }
            for announcement in &known.announcements {
                let _ = next.apply(Input::Announcement(announcement), rules);
            }
            (next, Outcome::default())
        })?;
        let (id, since) = (self.id, self.state.usage_since(reading.at));
        let mut late = Outcome::default();
        loop {
            let source = shared.state().usage.clone();
            let asked = UsageQuery { after: next.usage_cursor(), before: reading.at, since };
            let told = shared.store.ask(move |store| source(store, id, &asked)).await?;
            let (given, outcome) = guarded(&next, |state| {
                let mut next = state.clone();
                let outcome = told.give(&mut next, rules);
                (next, outcome)
            })?;
            next = given;
            late.withdrawn.extend(outcome.withdrawn);
            late.alerts.extend(outcome.alerts);
            if !told.more || told.told <= asked.after {
                break;
            }
        }
        let (next, outcome) = guarded(&next, |state| {
            let mut next = state.clone();
            // Only what was given of their usage is known of them.
            known.machines.give(&mut next, rules);
            let outcome = next.apply(Input::Reading(reading), rules);
            (next, outcome)
        })?;
        late.alerts.extend(outcome.alerts);
        Ok((next, Outcome { withdrawn: late.withdrawn, alerts: late.alerts, ..outcome }))
    }

    /// What became known besides readings and requests since the last one and before the one of `at`.
    async fn known_before(&self, shared: &Shared, at: DateTime<Utc>) -> Result<Known, StoreHandleError> {
        let (account, plan) = self.view.see(|view| (view.account.clone(), view.plan_level));
        let product = account.source;
        let concerned = shared.state().concerned.clone();
        let last = self.state.last_reading();
        shared
            .store
            .ask(move |store| {
                let mut incidents = store.incidents_known_between(last, at)?;
                incidents.retain(|incident| {
                    concerned.get(&incident.id).is_none_or(|sources| sources.contains(&product))
                });
                let announcements = store.announcements_known(at, |line| {
                    line.audience.may_concern(account.source, account.region, plan)
                })?;
                let machines = OtherMachines::known(store, at)?;
                Ok(Known { incidents, announcements, machines })
            })
            .await
    }

    /// When to poll after a reading that was not concluded from yet.
    pub(super) fn next_poll_unconcluded(&self, shared: &Shared, reading: &Reading) -> DateTime<Utc> {
        self.next_poll(shared, reading, &self.state, None, shared.now())
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
        let used_at = used_at.or_else(|| self.view.see(|view| view.used_at));
        let circumstances = Circumstances { last_use: used_at.max(local_use), on_battery };
        let next = schedule::after_reading(now, reading, pace, circumstances, rand::random());
        if state.is_doubtful() {
            // What waits for a second reading should not wait long.
            return next.min(now + pace.busy.min(schedule::SECOND_READING));
        }
        next
    }

    /// Concludes from everything that waits; fails where something goes on waiting.
    pub(super) async fn conclude_all_waiting(&mut self, shared: &Shared) -> Result<(), EngineError> {
        if self.is_outdated() {
            return Err(EngineError::Internal);
        }
        let concluded = self.conclude_all(shared).await;
        shared.note_storage(self.id, concluded.as_ref().err().map(WriteProblem::from).as_ref());
        concluded?;
        Ok(())
    }

    /// Sets the status of an anomaly; "it was me" teaches the account's model, once. The finding as it is then;
    /// `None` where there is no such finding.
    pub(super) async fn feedback(
        &mut self,
        shared: &Shared,
        finding: FindingId,
        triage: Option<Triage>,
    ) -> Result<Option<StoredFinding>, EngineError> {
        // It was said after what waits had come.
        self.conclude_all_waiting(shared).await?;
        let Some(found) = shared.store.ask(move |store| store.finding(finding)).await? else {
            return Ok(None);
        };
        let rules = Rules { prices: &PublicPrices, alerts: None, max_gap: TimeDelta::zero() };
        let before = found.mark.map(|(mark, _)| mark);
        let input = Input::Feedback { finding: &found.finding, before, now: triage };
        let Ok((next, _)) = guarded(&self.state, |state| step(state, input, &rules)) else {
            return Err(EngineError::Internal);
        };
        let learned =
            (triage == Some(Triage::Mine) && before != triage).then(|| stored(&next)).transpose()?;
        let now = shared.now();
        let marked =
            shared.store.ask(move |store| store.mark_finding(finding, triage, now, learned.as_ref())).await?;
        self.state = next;
        self.publish(shared);
        shared.announce(EngineEvent::Findings);
        Ok(marked)
    }

    /// Shows what is known now.
    pub(super) fn publish(&self, shared: &Shared) {
        let now = shared.now();
        let reading = self.view.see(|view| view.reading.clone());
        let shown = reading
            .as_ref()
            .map(|reading| (self.state.logged_share(reading), self.state.forecasts(reading, now)));
        self.view.change(|view| {
            view.unconfirmed =
                Meter::ALL.into_iter().filter(|meter| self.state.is_unconfirmed(*meter)).collect();
            view.waiting = self.queue.len();
            if let Some((logged_share, forecasts)) = shown {
                view.logged_share = logged_share;
                view.forecasts = forecasts;
            }
        });
        shared.announce(EngineEvent::Overview);
    }
}

/// What was concluded from the inputs that waited.
#[derive(Default)]
struct Concluded {
    findings: Vec<Finding>,
    /// Why nothing was concluded from the last of them, where that is so.
    last_passed_over: Option<WriteProblem>,
}

/// Why nothing was concluded from an input.
enum NotConcluded {
    /// The step panicked, which is a defect of this program.
    Panicked,
    Store(StoreHandleError),
}

impl From<StoreHandleError> for NotConcluded {
    fn from(error: StoreHandleError) -> Self {
        Self::Store(error)
    }
}

/// What became known besides readings and requests.
struct Known {
    incidents: Vec<IncidentRecord>,
    announcements: Vec<AnnouncementRecord>,
    machines: OtherMachines,
}

/// A step that cannot take the account's task with it: where it panics, the state stays, and the log says so. The
/// input itself is on disk.
fn guarded(
    state: &AccountState,
    step: impl FnOnce(&AccountState) -> (AccountState, Outcome),
) -> Result<(Box<AccountState>, Outcome), NotConcluded> {
    let stepped = catch_unwind(AssertUnwindSafe(|| {
        let (next, outcome) = step(state);
        (Box::new(next), outcome)
    }));
    stepped.map_err(|_| {
        tracing::error!("an input could not be analysed; please report this as a bug");
        NotConcluded::Panicked
    })
}

fn stored(state: &AccountState) -> Result<StoredState, StoreHandleError> {
    state.to_stored().map_err(|why| {
        StoreHandleError::Store(StoreError::Unreadable { what: "analysis", why: why.to_string() })
    })
}
