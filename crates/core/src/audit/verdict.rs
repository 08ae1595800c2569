//! How far a deduction is explained.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::series::Series;

/// How far a deduction is explained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The series that was deducted from.
    pub series: Series,
    /// At the poll of this time.
    pub at: DateTime<Utc>,
    /// The verdict itself.
    pub word: Explained,
    /// What was deducted, in the series' unit.
    pub deducted: f64,
    /// What usage explains of it at least, and at most; `None` where that is unknown.
    pub explained: Option<(f64, f64)>,
}

/// How far a deduction is explained, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Explained {
    /// The logged usage explains it.
    Fully,
    /// The logged usage explains a part of it.
    Partly,
    /// The logged usage explains nothing of it, though the logs usually hold all usage.
    Not,
    /// Without complete logs it is unknown.
    CannotTell,
}
