//! A deduction that may be a finding, until it is one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::slot::Slot;
use crate::finding::Anomaly;

/// A deduction that nothing explains so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) class: Anomaly,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    pub(crate) before: f64,
    pub(crate) after: f64,
    pub(crate) observed: f64,
    pub(crate) slack: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) reason: Reason,
    pub(crate) confidence: f64,
    /// How much of the logs' use lay in its span, by the middle of the scale.
    pub(crate) worked: f64,
    /// What usage explains that became known since and had been used by then.
    pub(crate) late: f64,
    /// It was what is left of a voucher, and came when that may have ended.
    pub(crate) ended: bool,
    /// How many polls it has waited.
    pub(crate) waited: u8,
    /// How many of them showed a little more beyond use.
    #[serde(default)]
    pub(crate) faint: u8,
    /// How many polls failed within its span.
    pub(crate) failures: u32,
    /// A new cycle began in its span.
    #[serde(default)]
    pub(crate) renewed: bool,
    /// In how many small steps; 0 or 1 where it was one.
    #[serde(default)]
    pub(crate) steps: u32,
}

/// Why a deduction stands out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reason {
    /// This machine, which usually does all the work, did nothing, or not that much.
    Use,
    /// The other window did not move with it.
    Other {
        /// What it moved by.
        moved: f64,
        /// Which.
        window: Slot,
    },
    /// It is far beyond anything before.
    Outstanding {
        /// The largest step before.
        largest: f64,
    },
    /// The rate limits do not allow it.
    Limits {
        /// What they allow at most.
        most: f64,
    },
    /// Back where it was before a reset that the service showed for a while.
    NeverCame {
        /// When it was reported.
        at: DateTime<Utc>,
        /// How much it was.
        amount: f64,
    },
    /// As much as had been added before.
    TakenBack {
        /// When it came.
        at: DateTime<Utc>,
        /// How much it was.
        amount: f64,
    },
    /// What use had left of what had come in.
    RestTakenBack {
        /// When it came.
        at: DateTime<Utc>,
        /// How much it was.
        amount: f64,
    },
}

impl Candidate {
    /// A deduction of which nothing is known but what was seen.
    pub(crate) const fn new(
        class: Anomaly,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        (before, after): (f64, f64),
        observed: f64,
    ) -> Self {
        Self {
            class,
            from,
            to,
            before,
            after,
            observed,
            slack: 0.0,
            low: 0.0,
            high: 0.0,
            reason: Reason::Use,
            confidence: 0.0,
            worked: 0.0,
            late: 0.0,
            ended: false,
            waited: 0,
            faint: 0,
            failures: 0,
            renewed: false,
            steps: 1,
        }
    }

    /// What is beyond what use explains, at least.
    pub(crate) fn excess(&self) -> f64 {
        (self.observed - self.slack - self.high).max(0.0)
    }

    /// Whether it is a deduction that is too large, and neither an emptied series nor one of another class.
    pub(crate) const fn is_step(&self) -> bool {
        matches!(self.class, Anomaly::Unexplained | Anomaly::Disagreement)
    }

    /// Whether only this machine's use is held against it, and no other window or limit.
    pub(crate) const fn is_beside_use(&self) -> bool {
        matches!(self.reason, Reason::Use)
    }
}
