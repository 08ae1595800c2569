//! Findings: what the analysis concludes from readings. Each is made once and keeps its evidence.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::meter::Meter;
use crate::money::Money;
use crate::series::Series;

/// What was concluded, about which series, from when to when.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The series it is about; `None` for something that concerns the account as a whole.
    pub series: Option<Series>,
    /// The earliest moment at which it can have happened.
    pub from: DateTime<Utc>,
    /// The latest.
    pub to: DateTime<Utc>,
    /// The time of the reading that settled it. With kind and series it identifies a finding of an account.
    pub detected_at: DateTime<Utc>,
    /// What was seen, in the series' unit.
    pub observed: Option<f64>,
    /// The lower end of what was to be expected.
    pub expected_low: Option<f64>,
    /// The upper end.
    pub expected_high: Option<f64>,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// One sentence in English that says what was seen and why it is a finding.
    pub explanation: String,
    /// The facts it rests on, a line each.
    pub evidence: Vec<String>,
}

/// The kinds of finding.
#[derive(Debug, Clone, PartialEq)]
pub enum FindingKind {
    /// A deduction that cannot be explained.
    Anomaly(Anomaly),
    /// A meter came back.
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
    /// Money came in.
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
    /// The plan changed.
    PlanChange {
        /// Before.
        before: Option<String>,
        /// After.
        after: Option<String>,
    },
    /// An earlier anomaly was given back.
    Recovered {
        /// That anomaly's `detected_at`.
        of: DateTime<Utc>,
    },
}

/// Classes of anomaly.
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

/// A reset compared with its announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// When it was announced for.
    OnTime,
    /// While time was left.
    Early,
    /// Noticeably after it was due.
    Late,
}

/// What kind of money came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CreditClass {
    /// The user paid in.
    TopUp,
    /// The service granted a voucher.
    Voucher,
    /// An earlier deduction was given back.
    Refund,
    /// It cannot be told.
    Unknown,
}

impl FindingKind {
    /// The word of the kind in the contract.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Anomaly(_) => "anomaly",
            Self::Reset { .. } => "reset",
            Self::Credit { .. } => "credit",
            Self::Expiry { .. } => "expiry",
            Self::LimitChange { .. } => "limit-change",
            Self::PlanChange { .. } => "plan-change",
            Self::Recovered { .. } => "recovered",
        }
    }
}

impl Finding {
    /// The meter it is about, where it is about one.
    #[must_use]
    pub fn meter(&self) -> Option<Meter> {
        self.series.and_then(|series| series.meter())
    }
}
