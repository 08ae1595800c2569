//! The case of a finding: what is drawn of it, and how far deductions are explained.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::findings::{FailureRow, FindingView, IncidentRow, Interval};

/// A finding with what surrounds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Case {
    /// The finding itself.
    pub finding: FindingView,
    /// The series that is drawn: `5h`, …, `balance:CNY`.
    pub series: String,
    /// Its unit: `percent` used, or money left in a currency.
    pub unit: String,
    /// The first instant of the chart.
    pub from: DateTime<Utc>,
    /// The last instant of the chart.
    pub to: DateTime<Utc>,
    /// What was observed, in time order: a value holds until the next point, but not across a gap.
    pub observed: Vec<CasePoint>,
    /// Where the quota would have been if only the expected amount had been deducted, from the last point
    /// before the finding until the next reset. Empty if nothing can be said.
    pub expected: Vec<BandPoint>,
    /// Other findings of the same account in the span: resets, credits, anomalies.
    pub marks: Vec<HistoryMark>,
    /// Incidents of the status page in the span.
    pub incidents: Vec<IncidentRow>,
    /// Failed polls in the span.
    pub failures: Vec<FailureRow>,
}

/// What to write to the service about an anomaly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Claim {
    /// The language that it is written in: `en`, `zh-CN`.
    pub language: String,
    /// A subject line.
    pub subject: String,
    /// The text, with line breaks. Neither keys nor the account's name are in it.
    pub text: String,
}

/// A value of a series, and how long it stood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CasePoint {
    /// The reading that showed the value first.
    pub at: DateTime<Utc>,
    /// The last reading that showed it unchanged.
    pub until: DateTime<Utc>,
    /// The value: percent used, or money left.
    pub value: f64,
    /// There are no data between the point before and this one.
    pub gap: bool,
    /// What was deducted since the point before.
    pub deducted: f64,
    /// How far that is explained, where something was deducted and the audit has weighed it.
    pub verdict: Option<VerdictView>,
}

/// How far a deduction is explained, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VerdictView {
    /// The verdict itself.
    pub word: VerdictWord,
    /// What the logged use explains of it, in the series' unit; `null` where that is unknown.
    pub explained: Option<Interval>,
    /// What was deducted, by how far it is explained. What an anomaly holds to be taken wrongly is unexplained here,
    /// whatever the word is.
    #[serde(default)]
    pub parts: ExplainedView,
}

/// How far a deduction is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictWord {
    /// The logged use explains it.
    Fully,
    /// The logged use explains a part of it.
    Partly,
    /// The logged use explains nothing of it, though the logs usually have all usage.
    Not,
    /// Without complete logs it is unknown.
    CannotTell,
    /// It was used outside Kimi Code.
    Elsewhere,
}

/// The interval in which a series was expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct BandPoint {
    /// Time of the reading.
    pub at: DateTime<Utc>,
    /// The lower end, in the series' unit.
    pub low: f64,
    /// The upper end, in the series' unit.
    pub high: f64,
}

/// A mark on a chart: a finding at its place in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HistoryMark {
    /// The finding's number.
    pub id: i64,
    /// The account's number.
    pub account_id: i64,
    /// `5h`, …, `balance:CNY`; `null` for the account as a whole.
    pub series: Option<String>,
    /// The earliest moment at which it can have happened.
    pub from: DateTime<Utc>,
    /// The latest: where the mark stands.
    pub to: DateTime<Utc>,
    /// The kind's word: `reset`, `anomaly`, …
    pub kind: String,
    /// Of an anomaly or a credit.
    pub class: Option<String>,
    /// Of a reset: `on-time`, `early` or `late`.
    pub schedule: Option<String>,
    /// How much it asks for attention.
    pub severity: super::Severity,
    /// What the user said of it.
    pub state: super::TriageState,
    /// Of an anomaly: that it is withdrawn, because usage that became known later explains it.
    pub withdrawn: bool,
    /// Of an anomaly that accuses a deduction: what was taken beyond the expected, at least and at most, in the
    /// series' unit.
    #[serde(default)]
    pub beyond: Option<Interval>,
}

/// The deductions of a bucket by how far they are explained, in the series' unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ExplainedView {
    /// Explained by the logged usage.
    pub fully: f64,
    /// Partly explained.
    pub partly: f64,
    /// Of the monthly quota: used outside Kimi Code, beyond its share.
    #[serde(default)]
    pub elsewhere: f64,
    /// Unexplained.
    pub not: f64,
    /// Cannot tell, because too little is known or the deduction was never analysed.
    pub cannot_tell: f64,
}
