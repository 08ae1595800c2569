//! What the audit learns of an account, and the facts that it learns from.

pub(crate) mod active_hours;
pub(crate) mod burn_rate;
pub(crate) mod candidate;
pub(crate) mod change_point;
pub(crate) mod concurrent_use;
pub(crate) mod cost_ratio;
pub(crate) mod credit_ledger;
pub(crate) mod decaying_sum;
pub(crate) mod delta;
pub(crate) mod incidents;
pub(crate) mod largest_steps;
pub(crate) mod series;
pub(crate) mod sessions;
pub(crate) mod unbilled_usage;
pub(crate) mod usage_since_poll;
pub(crate) mod window_ratio;
