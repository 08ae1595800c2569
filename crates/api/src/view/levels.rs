//! The level of one series over time, and its cycles from reset to reset.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The level of a series: the answer of `GET /v1/levels`. The lists are of one length and in time order; times are in
/// milliseconds since 1970, since there can be many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Levels {
    /// The account's number.
    pub account_id: i64,
    /// `5h`, `week`, …, `balance:CNY`.
    pub series: String,
    /// `percent` used, or money left in a currency.
    pub unit: String,
    /// The first instant asked for.
    pub from: DateTime<Utc>,
    /// The first instant after the span.
    pub to: DateTime<Utc>,
    /// Whether these are all values. Where not, of each short stretch the first, lowest, highest and last are here.
    pub complete: bool,
    /// The first reading that showed a value.
    pub at: Vec<i64>,
    /// The last reading that showed it unchanged.
    pub until: Vec<i64>,
    /// The values: percent used, or money left.
    pub value: Vec<f64>,
    /// Whether there is no data between the value before and this one.
    pub gap: Vec<bool>,
    /// The readings that showed a reset.
    pub resets: Vec<i64>,
}

/// The cycles of a quota: the answer of `GET /v1/cycles`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Cycles {
    /// The account's number.
    pub account_id: i64,
    /// `5h`, `week`, `month`, `month-code`.
    pub series: String,
    /// The cycles that reach into the span, the oldest first.
    pub cycles: Vec<Cycle>,
}

/// A quota from one reset to the next, as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Cycle {
    /// The first reading of it.
    pub start: DateTime<Utc>,
    /// The reading that showed the next reset; `null` for the cycle that goes on.
    pub end: Option<DateTime<Utc>>,
    /// The highest share used, in percent.
    pub peak: f64,
    /// What was deducted in it, in percentage points.
    pub used: f64,
    /// The first reading that showed nothing left.
    pub emptied_at: Option<DateTime<Utc>>,
    /// Some of it has no data: what was used then may be missing.
    pub gap: bool,
    /// It had begun before the first reading, so that its start is not known.
    pub partial: bool,
}
