//! Polling on request, and the pause: what is polled now, what is skipped, and when polling goes on.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tidemark_core::calendar::{Bucket, Span, reckonable};
use tidemark_core::{AccountId, Credential, Failure, Reading};

use crate::account::{AccountHandle, Message, PollOutcome};
use crate::engine::{Engine, PAUSED_UNTIL};
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::polled_through::is_confirmed;
use crate::state::{SkipReason, Skipped};
use crate::store_handle::StoreHandleError;

/// So long a poll waits for the logs, which is long enough for some gigabytes.
const SCAN_TIMEOUT: Duration = Duration::from_secs(30);

/// So long a machine that asks for records waits until accounts are read.
const UNREAD_TIMEOUT: Duration = Duration::from_secs(10);

/// What is known of an account's key, once someone wanted to know whether it works.
#[derive(Debug, Clone)]
pub struct Tested {
    /// The last reading, or why there is none.
    pub result: Result<Reading, Failure>,
    /// The service was not asked just now: the account was polled a moment ago, or its service asked to wait.
    pub left_alone: Option<Skipped>,
    /// The service asked not to be asked before.
    pub retry_at: Option<DateTime<Utc>>,
}

impl Engine {
    /// Pauses polling until then; `None` until tomorrow's first instant in the pinned zone.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the pause cannot be stored. Polling continues then.
    pub async fn pause(&self, until: Option<DateTime<Utc>>) -> Result<DateTime<Utc>, EngineError> {
        let zone = self.settings().timezone;
        let until = until.map_or_else(|| Bucket::holding(self.now(), Span::Day, zone).end, reckonable);
        self.set_pause(Some(until)).await?;
        Ok(until)
    }

    /// Goes on polling.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the end of the pause cannot be stored. The pause continues then.
    pub async fn go_on(&self) -> Result<(), EngineError> {
        self.set_pause(None).await
    }

    async fn set_pause(&self, until: Option<DateTime<Utc>>) -> Result<(), EngineError> {
        self.shared.store.ask(move |store| store.set_setting(PAUSED_UNTIL, &until)).await?;
        self.shared.state().paused_until = until;
        self.announce(EngineEvent::Overview);
        self.shared.wake.notify_one();
        Ok(())
    }

    /// Those of the accounts that may be polled now, in the order of their numbers, and those that a manual refresh
    /// skips.
    fn due_now(&self, only: Option<AccountId>) -> (Vec<AccountHandle>, Vec<Skipped>) {
        let now = self.now();
        let (mut going, mut skipped) = (Vec::new(), Vec::new());
        for handle in self.shared.accounts() {
            if only.is_some_and(|only| only != handle.id) {
                continue;
            }
            // It is not polled; whoever names it learns why.
            let has_no_key = handle.see(|view| matches!(view.account.credential, Credential::None {}));
            if only.is_none() && has_no_key {
                continue;
            }
            let skip = handle.see(|view| view.skip(now));
            // Whoever names an account wants it polled.
            let through = only.is_none() && skip.is_none() && {
                let confirmed = handle.see(|view| is_confirmed(view.user_confirmed_at, now));
                confirmed && self.shared.polled_through(&handle, now).is_some()
            };
            if through {
                // Another user may have signed in.
                handle.send(Message::ConfirmUser);
                let until = handle.see(|view| view.next_at).filter(|at| *at > now).unwrap_or(now);
                skipped.push(Skipped { account: handle.id, why: SkipReason::PolledThrough, until });
            } else if let Some(skip) = skip {
                skipped.push(skip);
            } else {
                going.push(handle);
            }
        }
        (going, skipped)
    }

    /// Polls one account, or all, soon: those polled a moment ago, and those whose service asked to wait, are
    /// skipped.
    pub fn refresh(&self, only: Option<AccountId>) -> (Vec<AccountId>, Vec<Skipped>) {
        let (going, skipped) = self.due_now(only);
        for handle in &going {
            handle.poll_soon();
        }
        (going.iter().map(|handle| handle.id).collect(), skipped)
    }

    /// Polls the accounts that were never polled, and waits for them a moment: only a reading says which user's an account
    /// is. The user did not ask for it, so nothing is polled through a pause; what failed before is the schedule's.
    pub(crate) async fn poll_unread(&self) {
        let now = self.now();
        if self.shared.state().paused_until.is_some_and(|until| until > now) {
            return;
        }
        let is_unread = |handle: &AccountHandle| {
            handle.see(|view| view.reading.is_none() && view.poll.last_failure.is_none())
        };
        let unread: Vec<AccountId> = self
            .shared
            .accounts()
            .iter()
            .filter(|handle| is_unread(handle))
            .map(|handle| handle.id)
            .collect();
        let polling = futures_util::future::join_all(unread.into_iter().map(|id| self.poll(Some(id))));
        if tokio::time::timeout(UNREAD_TIMEOUT, polling).await.is_err() {
            tracing::info!("an account was not read in time; other machines are not given whose it is");
        }
    }

    /// Reads the logs before a poll in an engine that does not follow them, as a command's does not: what a poll deducts is
    /// compared with them. What is not read in time is read the next time, from there on.
    pub async fn read_logs_unless_followed(&self) {
        if !self.shared.follows_logs.load(Ordering::Relaxed)
            && tokio::time::timeout(SCAN_TIMEOUT, self.scan_logs()).await.is_err()
        {
            tracing::warn!("the session logs were not all read before the poll");
        }
    }

    /// Polls one account, or all, and waits for what comes of it. Those that are skipped are named.
    pub async fn poll(&self, only: Option<AccountId>) -> (Vec<PollOutcome>, Vec<Skipped>) {
        let (going, mut skipped) = self.due_now(only);
        let order: Vec<AccountId> = going.iter().map(|handle| handle.id).collect();
        // Those that another account may stand for come after it: whether it works shows only then. An engine that has
        // just been opened does not know it yet.
        let (after, before): (Vec<_>, Vec<_>) =
            going.into_iter().partition(|handle| only.is_none() && self.shared.has_stand_in(handle));
        let mut outcomes = Vec::with_capacity(order.len());
        let mut asked = Vec::with_capacity(before.len());
        for handle in before {
            let id = handle.id;
            asked.push((id, tokio::spawn(async move { handle.poll().await })));
        }
        for (id, answer) in asked {
            match answer.await {
                Ok(Ok(outcome)) => outcomes.push(outcome),
                Ok(Err(_)) | Err(_) => skipped.extend(self.ended_before_answer(id)),
            }
        }
        for handle in after {
            let now = self.now();
            let through = self.shared.polled_through(&handle, now).is_some();
            let polled =
                if through { handle.poll_unless_same().await } else { handle.poll().await.map(Some) };
            match polled {
                Ok(Some(outcome)) => outcomes.push(outcome),
                Ok(None) => {
                    skipped.push(Skipped { account: handle.id, why: SkipReason::PolledThrough, until: now });
                }
                Err(_) => skipped.extend(self.ended_before_answer(handle.id)),
            }
        }
        outcomes.sort_by_key(|outcome| order.iter().position(|id| *id == outcome.account.id));
        (outcomes, skipped)
    }

    /// Says of an account that its poll was given up; `None` where the account itself is gone.
    fn ended_before_answer(&self, id: AccountId) -> Option<Skipped> {
        self.shared.account(id).ok()?;
        Some(Skipped { account: id, why: SkipReason::Ended, until: self.now() })
    }

    /// Polls an account now, whatever the schedule says: the user asks whether its key works. Where it must be
    /// skipped, what is known is the answer.
    ///
    /// # Errors
    /// [`EngineError::NoSuchAccount`]; [`EngineError::JustNow`] where it was polled a moment ago and nothing came of
    /// that yet.
    pub async fn test_account(&self, id: AccountId) -> Result<Tested, EngineError> {
        let handle = self.shared.account(id)?;
        let (outcomes, skipped) = self.poll(Some(id)).await;
        let (poll, reading) = handle.see(|view| (view.poll.clone(), view.reading.clone()));
        let left_alone = skipped.into_iter().next();
        let result = match (outcomes.into_iter().next(), left_alone, poll.last_failure, reading) {
            (Some(outcome), ..) => outcome.result.map(|(reading, _)| reading),
            (None, Some(Skipped { why: SkipReason::Ended, .. }), ..) => {
                return Err(EngineError::StoreHandle(StoreHandleError::Ended));
            }
            (None, Some(_), Some(failed), _) => Err(failed.failure),
            (None, Some(_), None, Some(reading)) => Ok(reading),
            (None, Some(_), None, None) => return Err(EngineError::JustNow),
            (None, None, ..) => return Err(EngineError::Internal),
        };
        Ok(Tested { result, left_alone, retry_at: poll.retry_after_until })
    }
}
