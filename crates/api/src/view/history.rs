//! Consumption by hour, day or month.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::case::{ExplainedView, HistoryMark};
use super::findings::IncidentRow;

/// Consumption by hour, day or month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct History {
    /// The length of a bucket: `hour`, `day` or `month`.
    pub by: String,
    /// The zone in which buckets were cut.
    pub timezone: String,
    /// The first instant asked for.
    pub from: DateTime<Utc>,
    /// The first instant after the span.
    pub to: DateTime<Utc>,
    /// The buckets, in order, without a gap: what the charts' horizontal axis shows.
    pub buckets: Vec<BucketView>,
    /// A line an account and meter or currency.
    pub series: Vec<SeriesView>,
    /// Findings in the span that are worth a mark: all but resets on time.
    pub marks: Vec<HistoryMark>,
    /// Incidents of the status page in the span.
    pub incidents: Vec<IncidentRow>,
}

/// An hour, a day or a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BucketView {
    /// Its name in the zone: `2026-11-22`, `2026-11`, `2026-11-22T05:00+08:00`.
    pub key: String,
    /// The first instant of the bucket.
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: DateTime<Utc>,
}

/// One account's meter or money over the buckets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SeriesView {
    /// The account's number.
    pub account_id: i64,
    /// The account's name.
    pub account: String,
    /// `5h`, `week`, `month`, `month-code`, `balance:CNY`, `wallet:USD`.
    pub series: String,
    /// `percent` or a currency code.
    pub unit: String,
    /// Its first reading, in the span or before it; `null` where there is none.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
    /// As many points as there are buckets.
    pub points: Vec<PointView>,
}

/// What happened in one bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PointView {
    /// What was deducted, in the series' unit; `null` where there was no poll at all.
    pub deducted: Option<f64>,
    /// What was restored: resets, refunds, corrections.
    pub returned: Option<f64>,
    /// Of money: what came in, paid in or granted. `null` where there was no poll, and for a quota.
    pub credited: Option<f64>,
    /// Of money: what expired without use. `null` likewise.
    pub expired: Option<f64>,
    /// The part of `deducted` that was seen only after a gap which began before this bucket: it may belong earlier.
    pub uncertain: f64,
    /// Share of the bucket in which polling ran, 0 to 1. The part of a bucket that lies in the future does not count.
    pub coverage: f64,
    /// The last value in the bucket: percent used, or the balance.
    pub last: Option<f64>,
    /// The highest value in the bucket.
    pub high: Option<f64>,
    /// Resets seen in the bucket.
    pub resets: u32,
    /// How far the deductions are explained; `null` where nothing was deducted.
    pub explained: Option<ExplainedView>,
}
