//! What the analysis is given of local usage: requests of this machine's session logs and of others', in the order in
//! which they became known, and of which machines all logs are known.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tidemark_core::AccountId;
use tidemark_core::step::{AccountState, Input, Outcome, Rules};
use tidemark_core::wire::UsageRecord;
use tidemark_store::{RequestsTold, Store, StoreError};

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

/// So many requests are in memory at once: a machine that was away for months comes with as many as it made.
const AT_ONCE: usize = 2_000;

/// A request that became known.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownUsage {
    /// The request, with the name of the machine that made it where that is another one.
    pub request: UsageRecord,
    /// When it became known here.
    pub known_at: DateTime<Utc>,
}

/// The requests that a [`UsageQuery`] selects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UsageSinceLast {
    /// The requests, in the order in which they became known.
    pub lines: Vec<KnownUsage>,
    /// The place up to which they reach, those that were left out included. Never before the one asked
    /// for.
    pub told: u64,
    /// Whether there are more, to be asked for after that place.
    pub more: bool,
}

/// The other machines, and for which spans all their logs are known.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct OtherMachines {
    names: Vec<String>,
    coverage: Vec<KnownCoverage>,
}

#[derive(Debug, Clone, PartialEq)]
struct KnownCoverage {
    machine: String,
    span: (DateTime<Utc>, DateTime<Utc>),
    known_at: DateTime<Utc>,
}

impl OtherMachines {
    /// What is known of them at an instant.
    pub(crate) fn known(store: &Store, at: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut known = Self::default();
        for logs in store.machine_logs()? {
            if let Some(known_at) = logs.known_at.filter(|known_at| *known_at <= at) {
                let coverage = logs.spans.into_iter().map(|span| KnownCoverage {
                    machine: logs.name.clone(),
                    span,
                    known_at,
                });
                known.coverage.extend(coverage);
            }
            known.names.push(logs.name);
        }
        Ok(known)
    }

    /// Gives it to an account's analysis. It may be given again.
    pub(crate) fn give(&self, state: &mut AccountState, rules: &Rules<'_>) {
        let _ = state.apply(Input::Machines { names: &self.names }, rules);
        for KnownCoverage { machine, span: (from, to), known_at } in &self.coverage {
            let (from, to, known_at) = (*from, *to, *known_at);
            let _ = state.apply(Input::Coverage { machine, from, to, known_at }, rules);
        }
    }
}

impl UsageSinceLast {
    /// Gives the requests to an account's analysis. What they led to: anomalies that are none, and what is to be
    /// notified of that.
    pub(crate) fn give(&self, state: &mut AccountState, rules: &Rules<'_>) -> Outcome {
        let mut all = Outcome::default();
        for KnownUsage { request, known_at } in &self.lines {
            let outcome = state.apply(state.usage_input(request, *known_at), rules);
            all.withdrawn.extend(outcome.withdrawn);
            all.alerts.extend(outcome.alerts);
        }
        let _ = state.apply(Input::Usage { requests: &[], cursor: self.told }, rules);
        all
    }
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
    let RequestsTold { requests, told, more } =
        store.requests_told(account, asked.after, asked.before, asked.since, AT_ONCE)?;
    let is_others = requests.iter().any(|request| request.machine.is_some());
    let machines = if is_others { store.machines()? } else { Vec::new() };
    let name = |id| machines.iter().find(|machine| machine.id == id).map(|machine| machine.name.clone());
    let lines = requests
        .into_iter()
        .map(|request| KnownUsage {
            known_at: request.known_at,
            request: UsageRecord {
                machine: request.machine.and_then(name),
                ..UsageRecord::new(request.at, Some(request.model), request.tokens)
            },
        })
        .collect();
    Ok(UsageSinceLast { lines, told, more })
}
