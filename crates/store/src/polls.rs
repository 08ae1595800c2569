//! How polling of an account stands: remembered, so that a restart neither hammers nor forgets to wait.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use tidemark_core::AccountId;
use tidemark_core::failure::FailedPoll;

use crate::error::StoreError;
use crate::failure_details::Details;
use crate::store::Store;

/// How polling of an account stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollState {
    /// When the next poll is due; `None` is at once.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// The service asked not to be asked before.
    pub retry_after_until: Option<DateTime<Utc>>,
    /// Polls that failed one after the other, up to now.
    pub failures_in_row: u32,
    /// When the first of them failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// The last failed poll.
    pub last_failure: Option<FailedPoll>,
    /// The last poll that gave a reading.
    pub last_success_at: Option<DateTime<Utc>>,
}

/// Its JSON.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    next_poll_at: Option<DateTime<Utc>>,
    retry_after_until: Option<DateTime<Utc>>,
    failures_in_row: u32,
    failing_since: Option<DateTime<Utc>>,
    last_failure_at: Option<DateTime<Utc>>,
    last_failure: Option<Details>,
    last_success_at: Option<DateTime<Utc>>,
}

impl Store {
    /// How polling of an account stands; the default where nothing was remembered yet.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if the stored state
    /// cannot be parsed.
    pub fn poll_state(&self, account: AccountId) -> Result<PollState, StoreError> {
        let text: Option<String> = self
            .db
            .prepare_cached("SELECT state FROM poll WHERE account = ?1")?
            .query_row([account.0], |row| row.get(0))
            .optional()?;
        let Some(text) = text else { return Ok(PollState::default()) };
        let stored: Stored =
            serde_json::from_str(&text).map_err(|why| StoreError::unreadable("poll state", &why))?;
        Ok(PollState {
            next_poll_at: stored.next_poll_at,
            retry_after_until: stored.retry_after_until,
            failures_in_row: stored.failures_in_row,
            failing_since: stored.failing_since,
            last_failure: stored
                .last_failure_at
                .zip(stored.last_failure)
                .map(|(at, details)| FailedPoll { at, failure: details.into() }),
            last_success_at: stored.last_success_at,
        })
    }

    /// Remembers how polling of an account stands.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], and those of [any write](StoreError#reads-and-writes).
    pub fn set_poll_state(&self, account: AccountId, state: &PollState) -> Result<(), StoreError> {
        let tx = self.begin()?;
        put(&tx, account, state)?;
        tx.commit()?;
        Ok(())
    }
}

/// Writes how polling of an account stands.
pub(crate) fn put(db: &Connection, account: AccountId, state: &PollState) -> Result<(), StoreError> {
    let text = serde_json::to_string(&Stored {
        next_poll_at: state.next_poll_at,
        retry_after_until: state.retry_after_until,
        failures_in_row: state.failures_in_row,
        failing_since: state.failing_since,
        last_failure_at: state.last_failure.as_ref().map(|failed| failed.at),
        last_failure: state.last_failure.as_ref().map(|failed| Details::from(&failed.failure)),
        last_success_at: state.last_success_at,
    })
    .map_err(|why| StoreError::unreadable("poll state", &why))?;
    Store::must_know(db, account)?;
    db.prepare_cached(
        "INSERT INTO poll (account, state) VALUES (?1, ?2)
             ON CONFLICT (account) DO UPDATE SET state = excluded.state",
    )?
    .execute(params![account.0, text])?;
    Ok(())
}
