//! One task for each account: it polls the service, stores what came, steps the account's state, and publishes what
//! is known.
//!
//! # What is promised
//! - An input is stored before anything is concluded from it, and concluded from before any later one.
//! - A step works on a copy. The copy becomes the state only after the transaction that holds it and all that
//!   follows from it; where the disk refuses, the old state stays and the input stays first in the queue.
//! - Inputs that wait are tried again at the next poll, every few seconds, and where they are on disk, at the next
//!   start. Why they wait is shown as the store said it.

mod analysis;
mod fetch;
pub(crate) mod mailbox;
mod merged;
mod queue;
mod recorded;
mod restore;
mod view;

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use secrecy::SecretString;
use tidemark_core::failure::FailedPoll;
use tidemark_core::forecast::UsageHistory;
use tidemark_core::reading::UserIds;
use tidemark_core::{Account, AccountId, Credential, Failure, Finding, Reading};
use tidemark_store::PollState;
use tidemark_vault::VaultError;
use tokio::sync::oneshot;

pub use mailbox::PollOutcome;
pub(crate) use mailbox::{AccountHandle, AccountInbox, Message};
pub(crate) use merged::{Standing, conclude};
pub use restore::usage_history;
pub(crate) use view::AccountView;

use crate::due_alerts::WAITED;
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::known_keys;
use crate::polled_through::is_confirmed;
use crate::problem::WriteProblem;
use crate::schedule;
use crate::shared::Shared;
use analysis::Analysis;
use fetch::{Answer, KeyOrService, KnownProfile};
use queue::Arrival;

/// After the engine was asked to end, an answer that is under way has so long to arrive.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);

/// The task of one account.
pub(crate) struct AccountTask {
    id: AccountId,
    shared: Weak<Shared>,
    inbox: AccountInbox,
    analysis: Analysis,
    profile: KnownProfile,
}

impl AccountTask {
    /// The task of an account of which nothing is stored yet.
    pub(crate) fn new(id: AccountId, shared: &Arc<Shared>, inbox: AccountInbox) -> Self {
        let zone = shared.state().settings.timezone;
        let analysis = Analysis::new(id, inbox.view.clone(), UsageHistory::new(zone));
        Self { id, shared: Arc::downgrade(shared), inbox, analysis, profile: KnownProfile::default() }
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
            (settings.timezone, settings.alert_rules(), settings.live_for())
        };
        let remembered =
            shared.store.ask(move |store| restore::remembered(store, id, &rules, max_gap, zone, now)).await?;
        self.analysis.restore(remembered.state, remembered.waiting);
        let moved = restore::after_clock_set_back(&remembered.poll, now);
        let poll = moved.clone().unwrap_or(remembered.poll);
        if let Some(poll) = moved
            && let Err(error) = shared.store.ask(move |store| store.set_poll_state(id, &poll)).await
        {
            // It is moved again at the next start; a full disk must not keep the agent from starting.
            tracing::warn!(%error, account = %id, "a wait by the clock before it was set back is not stored");
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
        let _ = self.analysis.conclude_waiting(shared).await;
        self.inbox.view.change(|view| {
            let has_key = !matches!(view.account.credential, Credential::None {});
            view.next_at = has_key.then(|| restore::first_poll(&poll, now));
        });
        self.analysis.publish(shared);
        Ok(())
    }

    /// Works until the account or the engine is gone. Where it panics, which is a defect of this program, it goes on
    /// from what is stored: an account must never drop out of the schedule.
    pub(crate) async fn run(mut self) {
        loop {
            if AssertUnwindSafe(self.work()).catch_unwind().await.is_ok() {
                return;
            }
            tracing::error!(account = %self.id, "an account's task failed; please report this as a bug");
            let Some(shared) = self.shared.upgrade() else { return };
            self.analysis.set_outdated(&shared, &EngineError::Internal);
            let again = shared.now() + shared.state().settings.pace().calm;
            self.inbox.view.change(|view| {
                view.polling = false;
                view.next_at = Some(again);
            });
        }
    }

    async fn work(&mut self) {
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
            if self.analysis.is_outdated() {
                self.resume_again(&shared).await;
            }
            match message {
                Message::Poll(answer) => next = self.poll_for(&shared, answer).await,
                Message::Feedback { finding, triage, answer } => {
                    let _ = answer.send(self.analysis.feedback(&shared, finding, triage).await);
                }
                Message::Retry => {
                    let _ = self.analysis.conclude_waiting(&shared).await;
                    self.analysis.publish(&shared);
                }
                Message::ConfirmUser => {
                    if !self.is_same_user(&shared).await {
                        let _ = self.poll(&shared).await;
                    }
                }
                Message::PollUnlessSame(answer) => {
                    let same = self.is_same_user(&shared).await;
                    let outcome = if same { None } else { self.poll(&shared).await };
                    let _ = answer.send(outcome);
                }
                Message::ZoneChanged => self.zone_changed(&shared).await,
                Message::Hold { holding, go_on } => self.hold(&shared, holding, go_on).await,
                Message::Settle(answer) => {
                    let _ = answer.send(());
                }
            }
        }
    }

    /// Concludes from what waits, then stands still until it may go on: with `true` the account's history has
    /// been changed meanwhile, and it goes on from what is stored then.
    async fn hold(
        &mut self,
        shared: &Shared,
        holding: oneshot::Sender<Result<(), EngineError>>,
        go_on: oneshot::Receiver<bool>,
    ) {
        let concluded = self.analysis.conclude_all_waiting(shared).await;
        if holding.send(concluded).is_err() || !matches!(go_on.await, Ok(true)) {
            return;
        }
        self.resume_again(shared).await;
    }

    /// Goes on from what is stored by now. Where that cannot be read, nothing is concluded until it can.
    async fn resume_again(&mut self, shared: &Shared) {
        let planned = self.inbox.view.see(|view| view.next_at);
        match self.resume(shared).await {
            Ok(()) => self.inbox.view.change(|view| view.next_at = planned),
            Err(error) => {
                tracing::error!(%error, account = %self.id, "the account's history cannot be read again");
                self.analysis.set_outdated(shared, &error);
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
        let (account, polled_before, known) = self.inbox.view.see(|view| {
            let known = view.reading.as_ref().map(|reading| reading.user.clone()).unwrap_or_default();
            (view.account.clone(), view.polled_at, known)
        });
        if let Credential::None {} = account.credential {
            // No one is asked, and nothing has failed.
            self.inbox.view.change(|view| view.polling = false);
            let result = Err(Failure::from(&VaultError::NoKey));
            return Some(PollOutcome { account, at: shared.now(), result, stored: Ok(()) });
        }
        self.inbox.view.change(|view| view.polling = true);
        shared.announce(EngineEvent::Overview);
        let given_up = async {
            shared.end.cancelled().await;
            tokio::time::sleep(SHUTDOWN_GRACE).await;
        };
        let asked = tokio::select! {
            asked = ask(shared, &account, &known) => Some(asked),
            () = given_up => None,
        };
        let outcome = match asked {
            None => None,
            Some(asked) => {
                let now = shared.now();
                self.note_key(shared, &account, &asked).await;
                Some(match asked {
                    Ok(answer) => {
                        let (reading, concluded) = self.answered(shared, &account, answer).await;
                        let (findings, stored) = apart(concluded);
                        PollOutcome { account, at: reading.at, result: Ok((reading, findings)), stored }
                    }
                    Err(why) => {
                        let mut failure = why.failure();
                        self.inbox.view.see(|view| {
                            if let Some(reading) = &view.reading {
                                tidemark_kimi::settle_window(&mut failure, reading, now);
                            }
                        });
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
        self.analysis.publish(shared);
        if polled_before.is_none_or(|before| now - before > WAITED) {
            // Alerts may have waited for it.
            shared.announce(EngineEvent::Alerts);
        }
        shared.wake.notify_one();
        outcome
    }

    /// Asks Kimi Code's server now and then whether the same user is signed in, while the account is polled through
    /// another one. Where it is another user, the account has to be polled: it is no longer the other one.
    async fn is_same_user(&mut self, shared: &Shared) -> bool {
        let (account, known, token, confirmed_at) = self.inbox.view.see(|view| {
            let known = view.reading.as_ref().map(|reading| reading.user.clone()).unwrap_or_default();
            (view.account.clone(), known, view.key_digest, view.user_confirmed_at)
        });
        let now = shared.now();
        let digest = fetch::token_digest(shared, &account).await;
        // While the server does not run, no one can be asked.
        if digest.is_none() || (digest == token && is_confirmed(confirmed_at, now)) {
            return true;
        }
        let same = fetch::other_user(shared, &account, &known).await == Some(false);
        self.inbox.view.change(|view| {
            view.user_confirmed_at = same.then_some(now);
            if same {
                view.key_digest = digest;
            }
        });
        same
    }

    /// Keeps the key's hash for comparison, and assigns the logs again if the key changed.
    async fn note_key(&mut self, shared: &Shared, account: &Account, asked: &Result<Answer, KeyOrService>) {
        let key: Option<&SecretString> = match asked {
            Ok(answer) => Some(answer.key()),
            Err(KeyOrService::Service(key, _)) => Some(key),
            Err(KeyOrService::Key(_)) => None,
        };
        let code = asked.as_ref().err().and_then(KeyOrService::key_trouble);
        let digest = key.map(crate::key_digest::key_digest);
        let (is_new, is_other) = self.inbox.view.change(|view| {
            view.key_trouble = code;
            let is_new = digest.is_some() && view.key_digest != digest;
            let is_other = is_new && view.key_digest.is_some();
            view.key_digest = digest.or(view.key_digest);
            (is_new, is_other)
        });
        if is_other {
            // Another key may be another account's.
            self.profile = KnownProfile::default();
        }
        if let Some(digest) = digest {
            known_keys::keep(shared, account.id, &account.credential, digest).await;
        }
        if is_new {
            shared.usage_wake.notify_one();
        }
    }

    /// The service answered: stores the answer, asks for the profile where that is due, and concludes.
    async fn answered(
        &mut self,
        shared: &Shared,
        account: &Account,
        answer: Answer,
    ) -> (Reading, Result<Vec<Finding>, WriteProblem>) {
        let known = self.inbox.view.see(|view| view.reading.as_ref().map(|reading| reading.user.clone()));
        if known.is_some_and(|known| known.is_same(&answer.reading.user) == Some(false)) {
            self.profile = KnownProfile::default();
        }
        let by_server = matches!(account.credential, Credential::KimiCodeServer {});
        let profile_is_due = self.profile.is_due(account, shared.now()) && !by_server;
        let confirmed = answer.profile.as_ref().and_then(|profile| profile.identity.as_ref()).is_some();
        if let Some(profile) = &answer.profile {
            self.profile.learn(profile.clone(), shared.now());
        }
        let mut reading = answer.reading.clone();
        self.profile.fill(&mut reading);
        let arrival =
            Arrival::Reading { reading: Box::new(reading.clone()), evidence: answer.evidence.clone() };
        self.analysis.arrived(arrival);
        // On disk before anything else is waited for.
        let _ = self.analysis.store_waiting(shared).await;
        if profile_is_due {
            answer.profile(shared, &mut self.profile).await;
            let mut filled = answer.reading.clone();
            self.profile.fill(&mut filled);
            if filled != reading {
                reading = filled;
                self.analysis.refill(shared, &reading, answer.evidence).await;
            }
        }
        let now = shared.now();
        self.inbox.view.change(|view| {
            // Only now: whoever asks until then waits for this poll, and is not shown half of its answer.
            view.polled_at = Some(now);
            view.user_confirmed_at = confirmed.then_some(now);
            view.reading = Some(reading.clone());
            view.plan_level = self.profile.plan_level();
            view.poll = PollState { last_success_at: Some(reading.at), ..PollState::default() };
        });
        let concluded = self.analysis.conclude_waiting(shared).await;
        // What the conclusion has scheduled stands; where there is none, the pace goes on.
        if self.analysis.is_waiting() {
            let next = self.analysis.next_poll_unconcluded(shared, &reading);
            self.inbox.view.change(|view| {
                view.next_at = Some(next);
                view.poll.next_poll_at = Some(next);
            });
        }
        (reading, concluded)
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
                schedule::FailureClass::of(&last.failure) == schedule::FailureClass::of(failure)
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
        self.analysis.arrived(arrival);
        let concluded = self.analysis.conclude_waiting(shared).await;
        shared.announce(EngineEvent::Findings);
        concluded
    }

    /// The days of the forecast's memory are counted in the new zone.
    async fn zone_changed(&mut self, shared: &Shared) {
        let (id, now, zone) = (self.id, shared.now(), shared.state().settings.timezone);
        match shared.reader.ask(move |store| usage_history(store, id, zone, now)).await {
            Ok(history) => {
                self.analysis.set_usage_history(history);
                self.analysis.publish(shared);
            }
            Err(error) => tracing::warn!(%error, account = %id, "the forecast keeps the old time zone"),
        }
    }
}

/// Asks the service, as soon as it is this account's turn.
async fn ask(shared: &Shared, account: &Account, known: &UserIds) -> Result<Answer, KeyOrService> {
    // The semaphore is never closed.
    let _permit = shared.permits.acquire().await;
    fetch::quota(shared, account, known).await
}

fn apart(concluded: Result<Vec<Finding>, WriteProblem>) -> (Vec<Finding>, Result<(), WriteProblem>) {
    match concluded {
        Ok(findings) => (findings, Ok(())),
        Err(problem) => (Vec::new(), Err(problem)),
    }
}
