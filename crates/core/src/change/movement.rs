//! What one series did between two readings.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::series::Series;

/// What a series did between two readings. See the [module](super) for what holds between its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The series that moved.
    pub series: Series,
    /// The reading before, never later than `at`; `None` where the account of the series begins.
    pub from: Option<DateTime<Utc>>,
    /// Time of this reading.
    pub at: DateTime<Utc>,
    /// The accounted value: percent used, or money left.
    pub value: Decimal,
    /// What was deducted in between; never negative.
    pub deducted: Decimal,
    /// What was added in between: resets, credits, corrections; never negative.
    pub returned: Decimal,
    /// How many resets were seen in between: 0 or 1. After a long gap there may have been more.
    pub resets: u32,
}

impl Movement {
    /// The movement that begins an account of a series: nothing is deducted by it.
    pub(super) const fn opening(series: Series, at: DateTime<Utc>, value: Decimal) -> Self {
        Self { series, from: None, at, value, deducted: Decimal::ZERO, returned: Decimal::ZERO, resets: 0 }
    }
}
