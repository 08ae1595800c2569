//! What findings say, without words: which sentence, and the facts in it.
//!
//! The analysis makes a [`Message`] for each sentence of an explanation and each line of evidence. Whoever shows it
//! makes words of it, in the reader's language and time zone. As JSON a message is its id in the catalogues with
//! its arguments: `{"id":"lost","series":"week","amount":7.0,"from":"…","to":"…"}`.
//!
//! Amounts of a series are in its unit: points of a quota, or money in the series' currency. Levels are percent
//! used of a quota, or money left.

mod args;
mod english;
mod examples;

#[cfg(test)]
mod tests;

pub use args::Arg;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limit::Limit;
use crate::meter::Meter;
use crate::money::Money;
use crate::series::Series;

/// The sentences of an explanation, and the lines of evidence. Both are empty for a finding that was recorded
/// before there were any: then only its English text is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Messages {
    /// The explanation, sentence by sentence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<Message>,
    /// The facts that the finding rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Message>,
}

impl Messages {
    /// Whether there is neither an explanation nor evidence.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.explanation.is_empty() && self.evidence.is_empty()
    }
}

/// A span of time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// Its last instant.
    pub to: DateTime<Utc>,
}

/// One of a few figures in which a balance is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MoneyLeft {
    /// Paid-in and granted money apart.
    Split {
        /// Paid in; negative where money is owed.
        cash: Money,
        /// Granted.
        voucher: Money,
    },
    /// Only the available amount is known.
    Total(Money),
}

/// One sentence or one line of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", tag = "id", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "a variant's own text says what its fields are")]
pub enum Message {
    /// A series lost an amount in a span.
    Lost {
        series: Series,
        amount: f64,
        #[serde(flatten)]
        span: Span,
    },
    /// The same, and a new cycle began in it.
    LostInNewCycle {
        series: Series,
        amount: f64,
        #[serde(flatten)]
        span: Span,
    },
    /// A series lost an amount in so many small steps, and still loses.
    LostInSteps {
        series: Series,
        amount: f64,
        steps: u32,
        #[serde(flatten)]
        span: Span,
    },
    /// A series was emptied in one step, from one level to another.
    Emptied {
        series: Series,
        before: f64,
        after: f64,
        #[serde(flatten)]
        span: Span,
    },
    /// A quota began a new cycle, at this level before, and was emptied in the same step.
    EmptiedInNewCycle {
        series: Series,
        before: f64,
        after: f64,
        #[serde(flatten)]
        span: Span,
    },
    /// This machine was not used in that time.
    NoUsage,
    /// Neither were the other machines that reported for it.
    OthersIdle,
    /// All usage on this machine until then had been deducted before.
    UsageDeductedBefore,
    /// Usage on this machine explains so much at most.
    UsageExplains { series: Series, at_most: f64 },
    /// Another quota moved by so many points, which allows so much at most.
    OtherQuotaAllows { other: Meter, points: f64, series: Series, at_most: f64 },
    /// The largest step of the account so far, in as much time.
    LargestStepSoFar { series: Series, amount: f64 },
    /// The account has never lost anything like it at once.
    NothingLikeItBefore,
    /// The rate limits at the highest price allow so much at most in that time.
    LimitsAllow { series: Series, at_most: f64 },
    /// It is what was restored or received at a time, taken away again.
    TakenBack { series: Series, at: DateTime<Utc>, amount: f64 },
    /// It is all that was left of what was received at a time, taken away again.
    RestTakenBack { series: Series, at: DateTime<Utc>, amount: f64 },
    /// The reset reported at a time was taken back, or never was.
    ResetTakenBack { series: Series, at: DateTime<Utc>, amount: f64 },
    /// What was left of a voucher seems to have ended.
    VoucherRestEnded {
        series: Series,
        amount: f64,
        #[serde(flatten)]
        span: Span,
    },
    /// The same tokens cost a multiple of what they did.
    CostsMore {
        series: Series,
        since: DateTime<Utc>,
        times_low: f64,
        times_high: f64,
        deducted: f64,
        expected: f64,
    },
    /// This machine hardly paused since, so that another one at work beside it would appear the same.
    HardlyPaused,
    /// A series falls a multiple as fast while it is used, and no log shows for what.
    FallsFaster { series: Series, since: DateTime<Utc>, times_low: f64, times_high: f64, sessions: usize },
    /// Two quotas contradict each other: one should have moved by so many points, and moved by others.
    QuotasDisagree { meter: Meter, since: DateTime<Utc>, points_expected: f64, points: f64 },
    /// The service gives two figures for a quota; the larger is this.
    TwoFigures { meter: Meter, since: DateTime<Utc>, used: f64 },
    /// A reset was due, and the quota stands, so many minutes later.
    ResetOverdue { meter: Meter, due: DateTime<Utc>, used: f64, minutes: i64 },
    /// A new cycle began without the quota being restored.
    ResetWithheld {
        meter: Meter,
        #[serde(flatten)]
        span: Span,
        before: f64,
        after: f64,
    },
    /// What a series lost by a finding of a time was given back.
    GivenBack {
        series: Series,
        of: DateTime<Utc>,
        #[serde(flatten)]
        span: Span,
        amount: f64,
        lost: f64,
    },
    /// The status page reported an incident since a time; its title and how bad it is are the page's own words.
    Incident {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impact: Option<String>,
        since: DateTime<Utc>,
    },

    /// The service announced something in that time; the text is the service's own words.
    Announcement { text: String, since: DateTime<Utc> },

    /// A quota was reset when it was due, or late.
    Reset {
        meter: Meter,
        late: bool,
        due: DateTime<Utc>,
        before: f64,
        after: f64,
        #[serde(flatten)]
        span: Span,
    },
    /// A quota was reset before it was due.
    ResetEarly {
        meter: Meter,
        due: DateTime<Utc>,
        before: f64,
        after: f64,
        #[serde(flatten)]
        span: Span,
    },
    /// A quota was reset; no time had been scheduled.
    ResetUnscheduled {
        meter: Meter,
        before: f64,
        after: f64,
        #[serde(flatten)]
        span: Span,
    },
    /// The limit of a quota changed.
    QuotaLimitChanged {
        meter: Meter,
        before: String,
        after: String,
        #[serde(flatten)]
        span: Span,
    },
    /// A rate limit changed.
    RateLimitChanged {
        limit: Limit,
        before: u64,
        after: u64,
        #[serde(flatten)]
        span: Span,
    },
    /// The plan changed; its names are the service's own.
    PlanChanged {
        before: String,
        after: String,
        #[serde(flatten)]
        span: Span,
    },
    /// Another account answers under the same name.
    AccountChanged {
        #[serde(flatten)]
        span: Span,
    },
    /// The user paid money in.
    PaidIn {
        series: Series,
        amount: Money,
        #[serde(flatten)]
        span: Span,
    },
    /// The service granted a voucher.
    VoucherGranted {
        series: Series,
        amount: Money,
        #[serde(flatten)]
        span: Span,
    },
    /// The service gave money back.
    Refunded {
        series: Series,
        amount: Money,
        #[serde(flatten)]
        span: Span,
    },
    /// As much was given back as the deduction of a time.
    DeductionRefunded {
        series: Series,
        amount: Money,
        of: DateTime<Utc>,
        #[serde(flatten)]
        span: Span,
    },
    /// Money was received; whether paid in or granted is unknown.
    Received {
        series: Series,
        amount: Money,
        #[serde(flatten)]
        span: Span,
    },
    /// What was used in the same time is taken off what was received.
    UsageTakenOff,
    /// A voucher expired.
    VoucherEnded {
        amount: Money,
        #[serde(flatten)]
        span: Span,
    },

    /// Logs that became known later show usage of so much at most for what was deducted by an anomaly of a time: it is
    /// withdrawn. The machine is the one whose logs came last; none is named where the logs are this machine's.
    LateUsageExplains {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        machine: Option<String>,
        series: Series,
        of: DateTime<Utc>,
        amount: f64,
        at_most: f64,
    },
    /// The logs of another machine are not known since a time, and may hold usage that explains a deduction.
    LogMissing { machine: String, since: DateTime<Utc> },

    /// Evidence: the level of a series at a time.
    LevelAt { at: DateTime<Utc>, series: Series, level: f64 },
    /// Evidence: what was deducted, give or take rounding, and what was expected.
    DeductedExpected { series: Series, amount: f64, slack: f64, low: f64, high: f64 },
    /// Evidence: so many polls failed in between.
    FailedPolls { count: u32 },
    /// Evidence: over so many sessions, what was deducted and what was expected.
    SessionsSince { sessions: usize, since: DateTime<Utc>, series: Series, deducted: f64, expected: f64 },
    /// Evidence: over so many sessions, what was deducted and what would have been at the pace of before.
    SessionsAtPace { sessions: usize, since: DateTime<Utc>, series: Series, deducted: f64, expected: f64 },
    /// Evidence: what was deducted while this machine paused for so many minutes.
    WhilePaused { minutes: f64, series: Series, amount: f64 },
    /// Evidence: the factor of the cost, its interval, and its log-likelihood.
    Factor { factor: f64, times_low: f64, times_high: f64, log_likelihood: f64 },
    /// Evidence: the factor of the pace, its interval, and its log-likelihood.
    Pace { factor: f64, times_low: f64, times_high: f64, log_likelihood: f64 },
    /// Evidence: no usage was logged on this machine.
    NoUsageLogged,
    /// Evidence: how two quotas move by each other, as multiples of the usual, over so many sessions.
    RatioOfQuotas { times_low: f64, times_high: f64, sessions: usize },
    /// Evidence: so many readings in a row show two figures.
    ReadingsInARow {
        count: u32,
        used: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by_count: Option<f64>,
    },
    /// Evidence: when the cycle was scheduled to end.
    ScheduledEnd { at: DateTime<Utc> },
    /// Evidence: percent used of a quota at a time.
    UsedAt { at: DateTime<Utc>, meter: Meter, used: f64 },
    /// Evidence: percent used of a quota at a time, and when its cycle ends.
    QuotaAt {
        at: DateTime<Utc>,
        meter: Meter,
        used: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<DateTime<Utc>>,
    },
    /// Evidence: the same, of a limit.
    QuotaOfLimitAt {
        at: DateTime<Utc>,
        meter: Meter,
        used: f64,
        limit: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<DateTime<Utc>>,
    },
    /// Evidence: the finding of a time.
    FindingOf { at: DateTime<Utc> },
    /// Evidence: what a series got back.
    ReturnedAt { at: DateTime<Utc>, series: Series, amount: f64 },
    /// Evidence: a rate limit at a time.
    RateLimitAt { at: DateTime<Utc>, limit: Limit, value: u64 },
    /// Evidence: the plan at a time.
    PlanAt { at: DateTime<Utc>, plan: String },
    /// Evidence: whose answer it was at a time, by a short hash of the user's id.
    UserAt { at: DateTime<Utc>, user: String },
    /// Evidence: what money was left at a time.
    MoneyAt { at: DateTime<Utc>, series: Series, left: MoneyLeft },
    /// Evidence: a single deduction at a time.
    DeductionAt { at: DateTime<Utc>, series: Series, amount: Money },
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// Always by way of a JSON value, so that the program has one copy of what reads all these variants, and not one for
/// each way in which they come: that would be half a megabyte.
impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::deserialize(value).map_err(serde::de::Error::custom)
    }
}
