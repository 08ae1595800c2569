//! Findings: what the analysis concludes from readings. Each is made once and keeps its evidence.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::account::ParseEnumError;
use crate::message::{Message, Messages};
use crate::meter::Meter;
use crate::money::Money;
use crate::series::Series;

/// What was concluded, about which series, from when to when.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The kind of event, with what belongs to that kind only.
    pub kind: FindingKind,
    /// The series it is about; `None` for something that concerns the account as a whole.
    pub series: Option<Series>,
    /// The earliest moment at which it can have happened.
    pub from: DateTime<Utc>,
    /// The latest moment at which it can have happened.
    pub to: DateTime<Utc>,
    /// The time of the reading that settled it. With kind and series it identifies a finding of an account.
    pub detected_at: DateTime<Utc>,
    /// What was seen, in the series' unit.
    pub observed: Option<f64>,
    /// Lower end of the expected deduction.
    pub expected_low: Option<f64>,
    /// Upper end of the expected deduction.
    pub expected_high: Option<f64>,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// What was seen and why it is a finding, in English with times in UTC: [`Finding::messages`] in words.
    pub explanation: String,
    /// The facts it rests on, a line each, likewise.
    pub evidence: Vec<String>,
    /// The same as messages, for any language and time zone. Empty where only the English text was recorded.
    pub messages: Messages,
}

/// The kinds of finding.
#[derive(Debug, Clone, PartialEq)]
pub enum FindingKind {
    /// A deduction that cannot be explained.
    Anomaly(Anomaly),
    /// A quota was reset.
    Reset {
        /// When, compared with what was announced.
        schedule: Schedule,
        /// Percent used before.
        used_before: Decimal,
        /// Percent used after.
        used_after: Decimal,
        /// When it had been announced for.
        announced: Option<DateTime<Utc>>,
    },
    /// Money was received.
    Credit {
        /// What kind of money.
        class: CreditClass,
        /// How much.
        amount: Money,
    },
    /// A voucher or credit ended without use.
    Expiry {
        /// How much.
        amount: Money,
    },
    /// A limit of the account changed.
    LimitChange {
        /// Which: a meter's word, or a rate limit's.
        limit: String,
        /// Before; `None` is none.
        before: Option<String>,
        /// After; `None` is none.
        after: Option<String>,
    },
    /// The membership plan changed.
    PlanChange {
        /// Before.
        before: Option<String>,
        /// After.
        after: Option<String>,
    },
    /// Another account answers under the same name. Its history begins with it.
    AccountChange,
    /// An earlier anomaly was given back.
    Recovered {
        /// That anomaly's `detected_at`.
        of: DateTime<Utc>,
    },
    /// An earlier anomaly is none: facts that became known later explain it.
    Withdrawn {
        /// That anomaly's `detected_at`.
        of: DateTime<Utc>,
    },
}

/// The classes of anomaly. Their words are part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anomaly {
    /// A meter or balance was emptied, or nearly, in one step that nothing explains.
    WipeOut,
    /// For a while the same use cost a multiple of what it cost before.
    Accelerated,
    /// A deduction with no use to explain it.
    Unexplained,
    /// More than the account's own rate limits could have consumed in the time.
    Impossible,
    /// Two meters of one account contradict each other.
    Disagreement,
    /// A reset was due and did not come.
    OverdueReset,
    /// A granted credit or a reset was taken back.
    Clawback,
}

/// What the user says of an anomaly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Triage {
    /// It was me: the account's model learns from it.
    Mine,
    /// The user reported it to the service.
    Reported,
    /// Resolved: the user needs nothing more of it.
    Settled,
}

impl Triage {
    /// Its word on the command line, in JSON and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Reported => "reported",
            Self::Settled => "settled",
        }
    }
}

impl FromStr for Triage {
    type Err = ParseEnumError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Mine, Self::Reported, Self::Settled]
            .into_iter()
            .find(|mark| mark.as_str() == word)
            .ok_or_else(|| ParseEnumError { expected: "mine, reported or settled", found: word.to_owned() })
    }
}

/// A reset compared with its announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// When it was announced for.
    OnTime,
    /// Before its scheduled time.
    Early,
    /// Noticeably after it was due.
    Late,
}

/// What kind of money was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CreditClass {
    /// The user paid in.
    TopUp,
    /// The service granted a voucher.
    Voucher,
    /// An earlier deduction was given back.
    Refund,
    /// Money was received, and it is unknown from whom.
    Unknown,
}

impl FindingKind {
    /// The word of the kind in the contract.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Anomaly(_) => "anomaly",
            Self::Reset { .. } => "reset",
            Self::Credit { .. } => "credit",
            Self::Expiry { .. } => "expiry",
            Self::LimitChange { .. } => "limit-change",
            Self::PlanChange { .. } => "plan-change",
            Self::AccountChange => "account-change",
            Self::Recovered { .. } => "recovered",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

impl Anomaly {
    /// The word of the class in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WipeOut => "wipe-out",
            Self::Accelerated => "accelerated",
            Self::Unexplained => "unexplained",
            Self::Impossible => "impossible",
            Self::Disagreement => "disagreement",
            Self::OverdueReset => "overdue-reset",
            Self::Clawback => "clawback",
        }
    }
}

impl Finding {
    /// A certain finding without figures, which says nothing yet.
    pub(crate) fn new(
        kind: FindingKind,
        series: Option<Series>,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        detected_at: DateTime<Utc>,
    ) -> Self {
        Self {
            kind,
            series,
            from,
            to,
            detected_at,
            observed: None,
            expected_low: None,
            expected_high: None,
            confidence: 1.0,
            explanation: String::new(),
            evidence: Vec::new(),
            messages: Messages::default(),
        }
    }

    /// The same finding, with what it says.
    pub(crate) fn saying(mut self, explanation: Vec<Message>, evidence: Vec<Message>) -> Self {
        self.messages = Messages { explanation, evidence };
        self.explanation = self.messages.english();
        self.evidence = self.messages.english_evidence();
        self
    }

    /// Adds a sentence to its explanation.
    pub(crate) fn add(&mut self, message: Message) {
        self.messages.explanation.push(message);
        self.explanation = self.messages.english();
    }

    /// Adds a line of evidence.
    pub(crate) fn add_evidence(&mut self, message: Message) {
        self.messages.evidence.push(message);
        self.evidence = self.messages.english_evidence();
    }

    /// What it is, where it is an anomaly.
    #[must_use]
    pub const fn anomaly(&self) -> Option<Anomaly> {
        match &self.kind {
            FindingKind::Anomaly(class) => Some(*class),
            _ => None,
        }
    }

    /// Of an acceleration: how many times as much use cost, at least and at most.
    #[must_use]
    pub fn factor(&self) -> Option<(f64, f64)> {
        let (observed, low, high) = (self.observed?, self.expected_low?, self.expected_high?);
        (self.anomaly() == Some(Anomaly::Accelerated) && low > 0.0 && high >= low)
            .then(|| (observed / high, observed / low))
    }

    /// Whether it is an anomaly about something that was deducted, so that `observed` is an amount. Two quotas that
    /// contradict each other say how much of one was expected by the other; two figures for one quota say nothing
    /// of a deduction.
    #[must_use]
    pub fn is_deduction(&self) -> bool {
        match self.anomaly() {
            None | Some(Anomaly::OverdueReset) => false,
            Some(Anomaly::Disagreement) => self.expected_high.is_some(),
            Some(_) => true,
        }
    }

    /// What was deducted beyond what was expected, at least and at most, in the series' unit. `None` for
    /// anything but a deduction.
    #[must_use]
    pub fn excess(&self) -> Option<(f64, f64)> {
        let observed = self.observed.filter(|_| self.is_deduction())?;
        let low = self.expected_low.unwrap_or(0.0);
        let high = self.expected_high.unwrap_or(low);
        Some(((observed - high).max(0.0), (observed - low).max(0.0)))
    }

    /// The meter it is about, where it is about one.
    #[must_use]
    pub fn meter(&self) -> Option<Meter> {
        self.series.and_then(|series| series.meter())
    }
}
