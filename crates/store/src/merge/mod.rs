//! Merging: another history of the same accounts, line by line, into the one that is here.
//!
//! All of it is one transaction: after a crash everything is as it was. What is raw goes in first, each line once, in
//! the order of its time. Then what was concluded from the first new line on is forgotten and entered again, by whoever
//! draws the conclusions. What is older than the raw readings that are kept stands as it is.

mod conclusions;
mod public_lines;
mod raw;

use chrono::{DateTime, Utc};
use tidemark_core::wire::{AnnouncementRecord, IncidentRecord};
use tidemark_core::{Account, AccountId, Failure, Reading};

use crate::accounts::{self, NewAccount};
use crate::error::StoreError;
use crate::store::Store;
use crate::usage::{Merged, NewRequest, SeenRequests, imported};
use crate::{failure_details, instant, readings};

pub use conclusions::Conclusions;

/// A merge that is under way, in its transaction.
pub struct Merge<'s> {
    store: &'s Store,
}

impl Store {
    /// Merges another history into this one: what `work` does is one transaction. Nothing else may write meanwhile.
    ///
    /// # Errors
    /// What `work` fails with, and those of [any write](StoreError#reads-and-writes). Nothing has changed then.
    pub fn merge<T>(&self, work: impl FnOnce(&Merge<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.in_bulk(|| {
            let tx = self.begin()?;
            raw::stage(&tx)?;
            let done = work(&Merge { store: self })?;
            raw::unstage(&tx)?;
            tx.commit()?;
            Ok(done)
        })
    }
}

impl Merge<'_> {
    /// The store, for questions.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.store
    }

    /// Adds an account at the end of the list.
    ///
    /// # Errors
    /// As [`Store::add_account`].
    pub fn add_account(&self, new: NewAccount, now: DateTime<Utc>) -> Result<Account, StoreError> {
        accounts::insert(&self.store.db, new, now)
    }

    /// The first instant of which raw readings of an account are kept, where older ones were pruned: nothing can be
    /// merged before it. `None` where nothing was pruned.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn kept_since(&self, account: AccountId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let first: Option<i64> = self
            .store
            .db
            .prepare_cached("SELECT min(at) FROM reading WHERE account = ?1")?
            .query_row([account.0], |row| row.get(0))?;
        let kept = first.map(instant::decode);
        let began = self.store.first_look(Some(account))?;
        Ok(kept.filter(|kept| began.is_some_and(|began| began < *kept)))
    }

    /// Takes a reading in, to be put in its place by [`Merge::settle`]. `false` where one of that time is there.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn reading(&self, account: AccountId, reading: &Reading) -> Result<bool, StoreError> {
        raw::reading(&self.store.db, account, instant::encode(reading.at), &readings::text_of(reading)?)
    }

    /// Takes a failed poll in, likewise. `false` where one of that time and kind is there.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn failure(
        &self,
        account: AccountId,
        at: DateTime<Utc>,
        failure: &Failure,
    ) -> Result<bool, StoreError> {
        let details = failure_details::text_of(failure)?;
        raw::failure(&self.store.db, account, instant::encode(at), failure.kind.as_str(), &details)
    }

    /// Adds an incident of the status page, or its end. `false` where it is there.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn incident(&self, line: &IncidentRecord, known_at: DateTime<Utc>) -> Result<bool, StoreError> {
        public_lines::incident(&self.store.db, line, known_at)
    }

    /// Adds an announcement of the service. `false` where it is there and was known as early.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn announcement(&self, line: &AnnouncementRecord) -> Result<bool, StoreError> {
        public_lines::announcement(&self.store.db, line)
    }

    /// Adds requests. Says of each what became of it. `seen` counts those of one file that have no id; `cuts` are the
    /// instants that no sum spans, in order.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn requests(
        &self,
        cuts: &[DateTime<Utc>],
        requests: &[NewRequest],
        seen: &mut SeenRequests,
    ) -> Result<Vec<Merged>, StoreError> {
        imported::add(self.store, cuts, requests, seen)
    }

    /// Puts requests that became known at an instant or later into the order in which they became known.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn order_requests(&self, since: DateTime<Utc>) -> Result<(), StoreError> {
        imported::order(&self.store.db, since.timestamp_millis())
    }

    /// Puts the readings and failed polls of an account that were taken in into their places among those that are
    /// there. The time of the first of them; `None` where there are none.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn settle(&self, account: AccountId) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(raw::settle(&self.store.db, account)?.map(instant::decode))
    }

    /// Forgets what was concluded of an account from an instant on, to be concluded again.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn conclude_again(
        &self,
        account: AccountId,
        from: DateTime<Utc>,
    ) -> Result<Conclusions<'_>, StoreError> {
        Conclusions::begin(&self.store.db, account, instant::encode(from))
    }
}
