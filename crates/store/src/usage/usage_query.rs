//! Which sums are asked for.

use chrono::{DateTime, Utc};

/// Which sums are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageQuery {
    /// The first instant of the selection.
    pub from: DateTime<Utc>,
    /// The first instant after the selection.
    pub to: DateTime<Utc>,
}
