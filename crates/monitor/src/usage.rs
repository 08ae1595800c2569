//! What the analysis is given of local usage: requests of session logs, in the order in which they became known.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tidemark_core::AccountId;
use tidemark_core::wire::UsageRecord;
use tidemark_store::{Store, StoreError};

/// Which requests of an account the analysis asks for before it takes a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageQuery {
    /// Those that became known after this place in the order in which requests become known; 0 is the
    /// beginning.
    pub after: u64,
    /// Those that became known before this: the time of the reading.
    pub before: DateTime<Utc>,
    /// Requests of an earlier time explain nothing any more and may be left out.
    pub since: DateTime<Utc>,
}

/// The requests that a [`UsageQuery`] selects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UsageSinceLast {
    /// The requests, in the order in which they became known.
    pub lines: Vec<UsageRecord>,
    /// The place up to which they reach, those that were left out included. Never before the one asked
    /// for.
    pub told: u64,
}

/// Where requests of local logs come from. It is asked on the history's own thread, before each reading is
/// weighed, and must give the same answer for the same question after a crash.
pub type UsageSource =
    Arc<dyn Fn(&Store, AccountId, &UsageQuery) -> Result<UsageSinceLast, StoreError> + Send + Sync>;

/// The requests of an account that the history knows of.
pub(crate) fn usage_for(
    store: &Store,
    account: AccountId,
    asked: &UsageQuery,
) -> Result<UsageSinceLast, StoreError> {
    let (requests, told) = store.requests_told(account, asked.after, asked.before, asked.since)?;
    let lines = requests
        .into_iter()
        .map(|request| UsageRecord {
            at: request.at,
            account: None,
            model: Some(request.model),
            project: None,
            input: request.tokens.input,
            cache_read: request.tokens.cache_read,
            cache_write: request.tokens.cache_write,
            output: request.tokens.output,
            id: None,
            unassigned: false,
        })
        .collect();
    Ok(UsageSinceLast { lines, told })
}
