//! What the account is allowed: its plan and its rate limits, from reading to reading.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::words;
use crate::failure::Limit;
use crate::finding::Finding;
use crate::reading::Reading;

/// What is remembered of plan and rate limits: the last known value of each, and when it was last seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Allowance {
    plan: Option<Known<String>>,
    concurrency: Option<Known<u64>>,
    requests_per_minute: Option<Known<u64>>,
    tokens_per_minute: Option<Known<u64>>,
    tokens_per_day: Option<Known<u64>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known<T> {
    value: T,
    at: DateTime<Utc>,
}

impl Allowance {
    /// Takes the next reading; tells whether the plan became another, and what is to be found in it.
    /// What a reading does not tell of changes nothing: it is unknown, not gone.
    pub(super) fn observe(&mut self, reading: &Reading) -> (bool, Vec<Finding>) {
        let mut findings = Vec::new();
        let at = reading.at;
        let plan = reading.plan.as_deref().map(str::trim).filter(|plan| !plan.is_empty());
        let plan_change = match (&mut self.plan, plan) {
            // Almost always, and without a copy.
            (Some(known), Some(plan)) if known.value == plan => {
                known.at = at;
                None
            }
            (known, plan) => step(known, plan.map(ToOwned::to_owned), at),
        };
        let plan_changed = plan_change.is_some();
        if let Some((before, after)) = plan_change {
            findings.push(words::plan(&before.value, &after, before.at.min(at), at));
        }
        let limits = reading.limits;
        for (known, told, limit) in [
            (&mut self.concurrency, limits.concurrency, Limit::Concurrency),
            (&mut self.requests_per_minute, limits.requests_per_minute, Limit::RequestsPerMinute),
            (&mut self.tokens_per_minute, limits.tokens_per_minute, Limit::TokensPerMinute),
            (&mut self.tokens_per_day, limits.tokens_per_day, Limit::TokensPerDay),
        ] {
            if let Some((before, after)) = step(known, told, at) {
                findings.push(words::rate_limit(limit, before.value, after, before.at.min(at), at));
            }
        }
        (plan_changed, findings)
    }
}

/// Remembers what was told; gives the old and the new where both are known and differ.
fn step<T: Clone + PartialEq>(
    known: &mut Option<Known<T>>,
    told: Option<T>,
    at: DateTime<Utc>,
) -> Option<(Known<T>, T)> {
    let value = told?;
    let before = known.replace(Known { value: value.clone(), at })?;
    (before.value != value).then_some((before, value))
}
