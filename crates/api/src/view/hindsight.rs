//! Forecasts in hindsight: what would have been forecast half-way through a cycle, and what came.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::overview::{ForecastView, MomentSpan};

/// Forecasts beside what came, the latest cycle first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Hindsight {
    /// One row per finished cycle of a quota for which a forecast was possible.
    pub forecasts: Vec<PastForecast>,
}

/// A forecast of a cycle that is over, made from nothing but what was known at `at`. It is worked out when it is asked
/// for: by the rules of this version, and not as an older one may have shown it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PastForecast {
    /// The account's number.
    pub account_id: i64,
    /// The account's name.
    pub account: String,
    /// The quota: `5h`, `week`, `month`.
    pub meter: String,
    /// The cycle, from the reset before it to the one that ended it.
    pub cycle: MomentSpan,
    /// When the forecast is made: about half-way through the cycle.
    pub at: DateTime<Utc>,
    /// Percent used by then.
    pub used: f64,
    /// The forecast.
    pub forecast: ForecastView,
    /// When the quota was used up; `null` if it lasted.
    pub emptied: Option<DateTime<Utc>>,
    /// Percent used when the cycle ended.
    pub ended_at: f64,
}
