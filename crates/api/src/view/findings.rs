//! What was found: findings with their figures, failures, incidents, and how far use is known.
//!
//! A finding carries its class, figures and unit, and its messages with typed arguments, so that every front end can say
//! it in the user's language; `explanation` and `evidence` are the same in English.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::common::MoneyView;

/// Findings, failures and incidents, newest first, and how far use is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Findings {
    /// Findings, newest first.
    pub findings: Vec<FindingView>,
    /// Stretches of failed polls.
    pub failures: Vec<FailureRow>,
    /// Incidents of the status page that fall into the same span.
    pub incidents: Vec<IncidentRow>,
    /// What the service announces to the users of Kimi Code, newest first: what holds, and what held until recently.
    #[serde(default)]
    pub announcements: Vec<AnnouncementRow>,
    /// How much of each series' usage is in the local logs.
    pub known_use: Vec<KnownUse>,
    /// The anomalies that wait for the user, newest first, however old; left out of an answer about older findings
    /// (`before`).
    #[serde(default)]
    pub open: Vec<FindingView>,
    /// What was deducted beyond the expected amount, by month, account and series, the latest month first. Quotas,
    /// money and accounts are never added up.
    #[serde(default)]
    pub unexplained: Vec<UnexplainedSum>,
    /// The anomalies that `unexplained` adds up, newest first, also those that were given back or are marked; left out
    /// of an answer about older findings.
    #[serde(default)]
    pub counted: Vec<FindingView>,
}

/// What anomalies took of one series of one account in one month beyond the expected amount. Anomalies that are
/// withdrawn, or that the user says were their own usage, do not count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct UnexplainedSum {
    /// The month in the pinned zone, by the day on which the deduction ended: `2026-11`.
    pub month: String,
    /// The account's number.
    pub account_id: i64,
    /// The account's name.
    pub account: String,
    /// The series: `5h`, …, `balance:CNY`.
    pub series: String,
    /// `percent` or a currency code.
    pub unit: String,
    /// Taken beyond the expected amount, at least and at most.
    pub beyond: Interval,
    /// What of it was given back since.
    pub given_back: Interval,
    /// How many anomalies.
    pub cases: u64,
}

/// A finding as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FindingView {
    /// The finding's number, as other requests name it.
    pub id: i64,
    /// The account's number.
    pub account_id: i64,
    /// The account's name.
    pub account: String,
    /// The kind's word: `reset`, `credit`, `anomaly`, …
    pub kind: String,
    /// Of an anomaly or a credit.
    pub class: Option<String>,
    /// How much it asks for attention.
    pub severity: Severity,
    /// What the user said of it. Only anomalies are ever anything but open.
    pub state: TriageState,
    /// When the user said so.
    pub marked_at: Option<DateTime<Utc>>,
    /// The series: `5h`, …, `balance:CNY`; `null` for the account as a whole.
    pub series: Option<String>,
    /// `percent` or a currency code: the unit of `observed` and `expected`.
    pub unit: Option<String>,
    /// The earliest moment at which it can have happened.
    pub from: DateTime<Utc>,
    /// The latest moment at which it can have happened.
    pub to: DateTime<Utc>,
    /// The reading that settled it.
    pub detected_at: DateTime<Utc>,
    /// What was seen: for a deduction, what was deducted; for an overdue reset or two figures that
    /// contradict each other, where the meter stood; for something given back, what came.
    pub observed: Option<f64>,
    /// The expected deduction.
    pub expected: Option<Interval>,
    /// Of an anomaly that deducted something: how much more than expected, in `unit`.
    #[serde(default)]
    pub beyond: Option<Interval>,
    /// Of an acceleration: how many times as much the same use cost.
    pub factor: Option<Interval>,
    /// The incident on the status page during which it happened.
    pub incident: Option<IncidentRow>,
    /// Of a reset: `on-time`, `early` or `late`.
    pub schedule: Option<String>,
    /// Percent used before a reset.
    pub used_before: Option<f64>,
    /// Of a reset: percent used after it.
    pub used_after: Option<f64>,
    /// When the reset had been announced for.
    pub announced: Option<DateTime<Utc>>,
    /// Of a credit or expiry.
    pub amount: Option<MoneyView>,
    /// Of a limit change: the limit's name.
    pub limit: Option<String>,
    /// Of a change of limit or plan: the old value.
    pub before: Option<String>,
    /// Of a change of limit or plan: the new value.
    pub after: Option<String>,
    /// Of something given back or withdrawn: the number of the anomaly, where it is still on record.
    pub of: Option<i64>,
    /// Of an anomaly: the number of the finding that says that it was given back.
    pub recovered_by: Option<i64>,
    /// Of an anomaly: that usage which became known later explains it.
    pub withdrawn: Option<Withdrawal>,
    /// Whether there is a case to show: `GET /v1/findings/{id}/case`.
    pub has_case: bool,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// The explanation in English, with times in UTC.
    pub explanation: String,
    /// The facts that it rests on, a line each, in English.
    pub evidence: Vec<String>,
    /// The explanation and the facts, to be written in the reader's language.
    pub messages: MessagesView,
    /// Whether the user has seen it.
    pub seen: bool,
}

/// What a finding says, without words. Both are empty for a finding that an older version recorded: its English text is
/// all there is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct MessagesView {
    /// The sentences of the explanation.
    pub explanation: Vec<MessageView>,
    /// The facts that the finding rests on.
    pub evidence: Vec<MessageView>,
}

/// A sentence of an explanation, a fact, or the cause of a failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MessageView {
    /// The message in the catalogues is `says-` and this; of a failure's cause, `cause-` and this.
    pub id: String,
    /// Its arguments by name. One that may be absent and is, is left out.
    pub args: BTreeMap<String, ArgView>,
}

/// An argument of a message, with all that is needed to write it in any language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum ArgView {
    /// An instant.
    Time(DateTime<Utc>),
    /// The name of a series: `5h`, …, `balance:CNY`.
    Series(String),
    /// A difference: percentage points, or money.
    Amount(QuantityView),
    /// A level: percent used, or money left.
    Level(QuantityView),
    /// A percentage, in a message that says what it is of.
    Percent(f64),
    /// Money left, paid-in and granted apart.
    Split {
        /// Paid in; negative where money is owed.
        cash: MoneyView,
        /// Granted.
        voucher: MoneyView,
    },
    /// A number, or a count that a language may need for its plural.
    Number(f64),
    /// Which rate limit: `concurrency`, `requests-per-minute`, …
    RateLimit(String),
    /// Text as the service wrote it, or a variant that a message chooses by.
    Text(String),
}

/// A quantity of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct QuantityView {
    /// The amount, in `unit`.
    pub value: f64,
    /// `percent` or a currency code.
    pub unit: String,
}

/// From so much to so much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Interval {
    /// Lower end, in the unit of what it is about.
    pub low: f64,
    /// Upper end, in the unit of what it is about.
    pub high: f64,
}

/// How much a finding asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good news: quota was restored, or money received.
    Good,
    /// Kept in the history, asks for nothing.
    Note,
    /// Something that is not as it should be.
    Warning,
    /// Something was lost at once.
    Critical,
}

/// What the user said of an anomaly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TriageState {
    /// The user has not said anything of it.
    #[default]
    Open,
    /// It was me: the account's model learns from it.
    Mine,
    /// The user reported it to the service.
    Reported,
    /// Resolved: the user needs nothing more of it.
    Settled,
}

/// What the user says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TriageChange {
    /// The state that it is in from now on.
    #[serde(rename = "as")]
    #[ts(rename = "as")]
    pub state: TriageState,
}

/// An incident of the status page, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IncidentRow {
    /// The page's id of it.
    pub id: String,
    /// The incident's title, in the page's words.
    pub title: Option<String>,
    /// The page's word for how bad it is.
    pub impact: Option<String>,
    /// When it began.
    pub since: DateTime<Utc>,
    /// When it ended; `null` while it is open.
    pub until: Option<DateTime<Utc>>,
}

/// An announcement of the service to all its users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnnouncementRow {
    /// The service's id of it.
    pub id: String,
    /// Its words, which are the service's own: title, text and what is beneath.
    pub text: String,
    /// From when on it holds.
    pub since: DateTime<Utc>,
    /// Until when it holds; `null` where that is not said.
    pub until: Option<DateTime<Utc>>,
}

/// How much of a series' usage is in the local logs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct KnownUse {
    /// The account's number.
    pub account_id: i64,
    /// The series: `5h`, …, `balance:CNY`.
    pub series: String,
    /// The share of the deductions of recent weeks during which the logs had usage, 0 to 1: "your logs
    /// explain 92 % of the week".
    pub share: f64,
}

/// That an anomaly is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Withdrawal {
    /// The number of the finding that says so.
    pub by: i64,
    /// When it was withdrawn.
    pub at: DateTime<Utc>,
    /// The machine whose logs explain the deduction; `null` if these are this machine's.
    pub machine: Option<String>,
}

/// The anomalies of an account that wait for the user, for its card.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct OpenAnomalies {
    /// How many are open: neither marked, nor given back, nor withdrawn.
    pub count: u64,
    /// The highest severity among them.
    pub severity: Option<Severity>,
    /// The newest of the gravest: its number, for a link.
    pub id: Option<i64>,
    /// Class of that anomaly.
    pub class: Option<String>,
    /// Series of that anomaly.
    pub series: Option<String>,
    /// When what it is about began and ended: the span of the case, as in every other place.
    pub from: Option<DateTime<Utc>>,
    /// Its end.
    pub to: Option<DateTime<Utc>>,
    /// When that anomaly was detected.
    pub detected_at: Option<DateTime<Utc>>,
}

/// A stretch of failed polls of one account with one kind of failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FailureRow {
    /// The account's number.
    pub account_id: i64,
    /// The account's name.
    pub account: String,
    /// The kind of failure, as its word.
    pub kind: String,
    /// The message of the last failure, in English.
    pub message: String,
    /// The same without words, where it is Tidemark that says it; the message in the catalogues is `cause-` and its
    /// id. Without it, `message` is the service's own words.
    #[serde(default)]
    pub cause: Option<MessageView>,
    /// Time of the first failed poll.
    pub from: DateTime<Utc>,
    /// Time of the last failed poll.
    pub to: DateTime<Utc>,
    /// Number of failed polls.
    pub count: u64,
    /// Whether a reading, or a failure of another kind, has ended it.
    pub over: bool,
}
