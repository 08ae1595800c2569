//! What others see of an account: its task publishes it, everyone reads it.

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::audience::PlanLevel;
use tidemark_core::forecast::Forecast;
use tidemark_core::{Account, Credential, FailureKind, Meter, Reading, Series};
use tidemark_store::PollState;
use tidemark_vault::VaultError;

use crate::same_account::AccountIdentity;
use crate::state::{AccountSnapshot, SkipReason, Skipped};

/// A manual refresh polls an account at most this often.
const JUST_NOW: TimeDelta = TimeDelta::seconds(10);

/// What is known of an account at a moment. Plain values: nothing waits while one of them is read or changed.
#[derive(Debug, Clone)]
pub(crate) struct AccountView {
    pub(crate) account: Account,
    /// The last reading, also one that could not be stored yet.
    pub(crate) reading: Option<Reading>,
    pub(crate) poll: PollState,
    /// The stable word of why the key could not be had, while it can't.
    pub(crate) key_trouble: Option<&'static str>,
    /// The hash of its key, once it was had in this run.
    pub(crate) key_digest: Option<[u8; 32]>,
    /// When Kimi Code's server last confirmed whose the reading is, in this run.
    pub(crate) user_confirmed_at: Option<DateTime<Utc>>,
    pub(crate) next_at: Option<DateTime<Utc>>,
    pub(crate) polling: bool,
    /// When it was last polled, with whatever result.
    pub(crate) polled_at: Option<DateTime<Utc>>,
    /// When its meters were last seen to rise, or its balance to fall.
    pub(crate) used_at: Option<DateTime<Utc>>,
    pub(crate) unconfirmed: Vec<Meter>,
    pub(crate) logged_share: Vec<(Series, f64)>,
    pub(crate) forecasts: Vec<(Meter, Forecast)>,
    /// The number of its plan's level and its generation of plans, as the profile has them.
    pub(crate) plan_level: PlanLevel,
    /// How many inputs wait to be stored or concluded from.
    pub(crate) waiting: usize,
}

impl AccountView {
    /// An account of which nothing is known yet.
    pub(crate) fn new(account: Account) -> Self {
        Self {
            account,
            reading: None,
            poll: PollState::default(),
            key_trouble: None,
            key_digest: None,
            user_confirmed_at: None,
            next_at: None,
            polling: false,
            polled_at: None,
            used_at: None,
            unconfirmed: Vec::new(),
            logged_share: Vec::new(),
            forecasts: Vec::new(),
            plan_level: PlanLevel::default(),
            waiting: 0,
        }
    }

    pub(crate) fn snapshot(&self) -> AccountSnapshot {
        AccountSnapshot {
            account: self.account.clone(),
            same_as: Vec::new(),
            polled_through: None,
            reading: self.reading.clone(),
            poll: self.poll.clone(),
            key_trouble: match self.account.credential {
                Credential::None {} => Some(VaultError::NoKey.code()),
                _ => self.key_trouble,
            },
            next_at: self.next_at,
            polling: self.polling,
            unconfirmed: self.unconfirmed.clone(),
            known_use: self.logged_share.clone(),
            plan_level: self.plan_level,
            forecasts: self.forecasts.clone(),
        }
    }

    /// What distinguishes it from other accounts.
    pub(crate) fn identity(&self) -> AccountIdentity {
        AccountIdentity::of(&self.account, self.reading.as_ref()).with_key(self.key_digest)
    }

    /// Whether a manual refresh must skip it at that time.
    pub(crate) fn skip(&self, now: DateTime<Utc>) -> Option<Skipped> {
        let account = self.account.id;
        if let Some(until) = self.poll.retry_after_until.filter(|until| *until > now) {
            return Some(Skipped { account, why: SkipReason::RetryAfter, until });
        }
        // A key that could not be had reached no service: trying again at once is what the user wants.
        let polled = self.polled_at.filter(|_| self.key_trouble.is_none())?;
        (now >= polled && now - polled < JUST_NOW).then_some(Skipped {
            account,
            why: SkipReason::JustNow,
            until: polled + JUST_NOW,
        })
    }
}

/// When an account was last polled, by what is remembered of it. A key that could not be had reached no service.
pub(crate) fn last_poll(poll: &PollState, reading: Option<&Reading>) -> Option<DateTime<Utc>> {
    match &poll.last_failure {
        Some(failed) if failed.failure.kind == FailureKind::KeyUnavailable => None,
        // A reading that came after it stands there alone where its process died in between.
        failed => {
            failed.as_ref().map(|f| f.at).max(poll.last_success_at).max(reading.map(|reading| reading.at))
        }
    }
}
