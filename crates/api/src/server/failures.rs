//! Failures that last: since when, the same in every answer.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use tidemark_core::AccountId;
use tidemark_store::{FailureRun, Store, StoreError};

/// Since when the polls of accounts have failed; only those that fail now.
pub(super) fn since(
    store: &Store,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, DateTime<Utc>>, StoreError> {
    let mut failing = HashMap::new();
    for account in accounts {
        if let Some(since) = store.failing_since(*account)? {
            failing.insert(*account, since);
        }
    }
    Ok(failing)
}

/// Stretches of failed polls as they are listed. A service in trouble says so in several ways in turn: what lasts is one
/// entry that begins with the first failure, names the last, and counts all in between.
pub(super) fn listed(runs: Vec<FailureRun>, failing: &HashMap<AccountId, DateTime<Utc>>) -> Vec<FailureRun> {
    let part = |run: &FailureRun| failing.get(&run.account).is_some_and(|since| run.from >= *since);
    let mut counts: HashMap<AccountId, u64> = HashMap::new();
    for run in runs.iter().filter(|run| part(run)) {
        *counts.entry(run.account).or_default() += run.count;
    }
    runs.into_iter()
        .filter(|run| !run.over || !part(run))
        .map(|run| match (failing.get(&run.account), counts.get(&run.account)) {
            (Some(since), Some(count)) if !run.over => FailureRun { from: *since, count: *count, ..run },
            _ => run,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use tidemark_core::{Failure, FailureKind};

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(60 * minute, 0).unwrap()
    }

    fn run(account: i64, kind: FailureKind, (from, to): (i64, i64), over: bool) -> FailureRun {
        let failure = Failure::new(kind, "");
        let account = AccountId(account);
        FailureRun { account, failure, from: at(from), to: at(to), count: 1, over }
    }

    #[test]
    fn trouble_that_lasts_is_one_entry_and_what_was_before_it_another() {
        let runs = vec![
            run(1, FailureKind::ServerError, (30, 30), false),
            run(1, FailureKind::Network, (20, 25), true),
            run(1, FailureKind::ServerError, (1, 2), true),
            run(2, FailureKind::Network, (22, 23), true),
        ];
        let listed = listed(runs.clone(), &HashMap::from([(AccountId(1), at(20))]));
        let whole = FailureRun { from: at(20), count: 2, ..runs[0].clone() };
        assert_eq!(listed, [whole, runs[2].clone(), runs[3].clone()]);
    }
}
