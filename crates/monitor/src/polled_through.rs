//! An account that is read from Kimi Code's own server, and is also here with a key or a login: one of the two is polled.

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::{Account, AccountId, Credential};

use crate::account::AccountHandle;
use crate::shared::Shared;

/// How often the server is asked who is signed in.
const CONFIRM_INTERVAL: TimeDelta = TimeDelta::hours(1);
/// The other account stands for it while it was read within so many intervals: on battery they are three times as long.
const RECENT_INTERVALS: i32 = 4;

/// Whether the server has said recently enough who is signed in.
pub(crate) fn is_confirmed(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    at.is_some_and(|at| at <= now && now - at < CONFIRM_INTERVAL)
}

impl Shared {
    /// Whether there is another account that could be polled in place of this one, which is read from Kimi Code's
    /// server.
    pub(crate) fn has_stand_in(&self, handle: &AccountHandle) -> bool {
        let by_server = |account: &Account| matches!(account.credential, Credential::KimiCodeServer {});
        let own = handle.see(|view| by_server(&view.account).then(|| view.identity()));
        own.is_some_and(|own| {
            self.accounts()
                .iter()
                .any(|other| other.see(|view| !by_server(&view.account) && own.is_same(&view.identity())))
        })
    }

    /// The other account that is polled in place of this one, which is read from Kimi Code's server: the same account
    /// with a key or a login, as long as that works. Where it fails, the server is asked.
    pub(crate) fn polled_through(&self, handle: &AccountHandle, now: DateTime<Utc>) -> Option<AccountId> {
        let by_server = |account: &Account| matches!(account.credential, Credential::KimiCodeServer {});
        let own = handle.see(|view| by_server(&view.account).then(|| view.identity()))?;
        let recently = self.state().settings.pace().calm * RECENT_INTERVALS;
        let accounts = self.accounts();
        let stands_for = |other: &&AccountHandle| {
            other.see(|view| {
                !by_server(&view.account)
                    && own.is_same(&view.identity())
                    && view.poll.last_failure.is_none()
                    && view.poll.last_success_at.is_some_and(|at| now - at < recently)
            })
        };
        accounts.iter().find(stands_for).map(|other| other.id)
    }
}
