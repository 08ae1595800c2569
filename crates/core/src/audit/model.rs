//! What the audit learns of an account, and the facts that it learns from.

pub(crate) mod accelerations;
pub(crate) mod active_hours;
pub(crate) mod burn_rate;
pub(crate) mod candidate;
pub(crate) mod change_point;
pub(crate) mod concurrent_use;
pub(crate) mod cost_ratio;
pub(crate) mod credit_ledger;
pub(crate) mod decaying_sum;
pub(crate) mod delta;
pub(crate) mod idle_totals;
pub(crate) mod incidents;
pub(crate) mod largest_steps;
pub(crate) mod late_usage;
pub(crate) mod log_coverage;
pub(crate) mod models;
pub(crate) mod pricing;
pub(crate) mod ratio_sample;
pub(crate) mod series;
pub(crate) mod sessions;
pub(crate) mod slow_leak;
pub(crate) mod unbilled_usage;
pub(crate) mod usage_since_poll;
pub(crate) mod window_comparison;
pub(crate) mod window_ratio;
