//! One sample of a ratio: what was seen where so much was expected.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::idle_totals::IdleTotals;

/// An observed deduction beside the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct RatioSample {
    /// When its session began.
    pub(crate) from: DateTime<Utc>,
    /// When it was closed.
    #[serde(default)]
    pub(crate) to: DateTime<Utc>,
    /// The observed deduction.
    pub(crate) seen: f64,
    /// Expected, by the usual price.
    pub(crate) expected: f64,
    /// How far rounding may have put `seen` off.
    pub(crate) slack: Option<f64>,
    /// Number of the session that it belongs to.
    pub(crate) session: u32,
    pub(crate) number: u32,
    /// What had been deducted while this machine worked, and while it paused, when its session was closed.
    #[serde(default, skip_serializing_if = "IdleTotals::is_empty")]
    pub(crate) idle: IdleTotals,
}
