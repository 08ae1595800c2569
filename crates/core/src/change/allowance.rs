//! What the account is allowed: its plan and its rate limits, from reading to reading.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::explain;
use crate::finding::Finding;
use crate::limit::Limit;
use crate::meter::Meter;
use crate::reading::Reading;

/// What is remembered of plan and rate limits: the last known value of each, and when it was last seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Allowance {
    plan: Option<LastKnown<String>>,
    /// When it last had another name.
    renamed_at: Option<DateTime<Utc>>,
    /// When its windows showed that it is another; `None` once its name has shown the same.
    switched_at: Option<DateTime<Utc>>,
    windows: Option<LastKnown<Windows>>,
    /// Whether the plan was named beside them.
    named: bool,
    /// Other windows that the last reading showed for the first time.
    turning: Option<Windows>,
    concurrency: Option<LastKnown<u64>>,
    requests_per_minute: Option<LastKnown<u64>>,
    tokens_per_minute: Option<LastKnown<u64>>,
    tokens_per_day: Option<LastKnown<u64>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LastKnown<T> {
    value: T,
    at: DateTime<Utc>,
}

/// The windows of a generation of plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Windows {
    /// Of five hours and a week: plans until September 2026.
    Week,
    /// Of five hours and a month: those since.
    Month,
}

impl Windows {
    /// What a reading shows. A month beside the week, or nothing of either, is of no generation.
    fn of(reading: &Reading) -> Option<Self> {
        if !reading.not_understood.is_empty() {
            return None;
        }
        let has = |meter| reading.meter(meter).is_some();
        match (has(Meter::Week), has(Meter::Month)) {
            (true, false) => Some(Self::Week),
            (false, true) => Some(Self::Month),
            _ => None,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Week => "5h, week",
            Self::Month => "5h, month",
        }
    }
}

/// A plan of another generation may be named a while before or after its windows change.
const SAME_CHANGE: TimeDelta = TimeDelta::days(2);

impl Allowance {
    /// Takes the next reading. Whether the plan became another, and the findings in it.
    /// What a reading does not show changes nothing: it is unknown, not gone.
    pub(super) fn observe(&mut self, reading: &Reading) -> (bool, Vec<Finding>) {
        let mut findings = Vec::new();
        let at = reading.at;
        let plan = reading.plan.as_deref().map(str::trim).filter(|plan| !plan.is_empty());
        let plan_change = match (&mut self.plan, plan) {
            // Almost always, and without a copy. A name in other letters is the same name.
            (Some(known), Some(plan)) if known.value.eq_ignore_ascii_case(plan) => {
                known.at = at;
                None
            }
            (known, plan) => step(known, plan.map(ToOwned::to_owned), at),
        };
        let plan_changed = plan_change.is_some();
        if let Some((before, after)) = plan_change {
            if !is_lately(self.switched_at.take(), at) {
                findings.push(explain::plan(&before.value, &after, before.at.min(at), at));
            }
            self.renamed_at = Some(at);
        }
        findings.extend(self.windows(reading));
        let limits = reading.limits;
        for (known, told, limit) in [
            (&mut self.concurrency, limits.concurrency, Limit::Concurrency),
            (&mut self.requests_per_minute, limits.requests_per_minute, Limit::RequestsPerMinute),
            (&mut self.tokens_per_minute, limits.tokens_per_minute, Limit::TokensPerMinute),
            (&mut self.tokens_per_day, limits.tokens_per_day, Limit::TokensPerDay),
        ] {
            if let Some((before, after)) = step(known, told, at) {
                findings.push(explain::rate_limit(limit, before.value, after, before.at.min(at), at));
            }
        }
        (plan_changed, findings)
    }

    /// A switch to the other generation of plans, believed once a second reading shows its windows.
    fn windows(&mut self, reading: &Reading) -> Option<Finding> {
        let at = reading.at;
        let shown = Windows::of(reading)?;
        let is_named = reading.plan.is_some();
        let known = self.windows.get_or_insert(LastKnown { value: shown, at });
        if known.value == shown {
            known.at = at;
            self.named = is_named;
            self.turning = None;
            return None;
        }
        if self.turning.replace(shown) != Some(shown) {
            return None;
        }
        let before = std::mem::replace(known, LastKnown { value: shown, at });
        self.turning = None;
        // Where it was named before and is named now, its names decide whether it is another.
        let names_tell = self.named && is_named;
        self.named = is_named;
        if names_tell || is_lately(self.renamed_at, at) {
            return None;
        }
        self.switched_at = Some(at);
        Some(explain::plan(before.value.words(), shown.words(), before.at.min(at), at))
    }
}

/// Whether a change of plan was reported a moment ago, by its other sign.
fn is_lately(told: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
    told.is_some_and(|told| at - told <= SAME_CHANGE)
}

/// Remembers what was shown; gives the old and the new where both are known and differ.
fn step<T: Clone + PartialEq>(
    known: &mut Option<LastKnown<T>>,
    told: Option<T>,
    at: DateTime<Utc>,
) -> Option<(LastKnown<T>, T)> {
    let value = told?;
    let before = known.replace(LastKnown { value: value.clone(), at })?;
    (before.value != value).then_some((before, value))
}
