//! In which time usage can have led to a deduction.

use chrono::{DateTime, Utc};

use crate::audit::thresholds;
use crate::series::Series;

/// The time in which usage was made that a deduction can be for: usage waits to be deducted, from money longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UsageWindow {
    after: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl UsageWindow {
    /// Of what was deducted between two polls.
    pub(crate) fn of(series: Series, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let delay =
            if series.meter().is_some() { thresholds::QUOTA_DELAY } else { thresholds::BALANCE_DELAY };
        Self { after: from - delay, to }
    }

    /// The instant after which it begins.
    pub(crate) const fn after(&self) -> DateTime<Utc> {
        self.after
    }

    pub(crate) fn contains(&self, at: DateTime<Utc>) -> bool {
        self.after < at && at <= self.to
    }
}
