//! What queries have in common: moments, spans of time and their buckets.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use tidemark_core::calendar::{Bucket, Span, midnight, reckonable};

use super::error::ApiError;

/// A chart of more buckets than this cannot be read, and would be slow to draw.
const MAX_BUCKETS: usize = 5_000;

/// A moment as a query names it: RFC 3339, or a day, which is its first moment in the zone.
pub(super) fn moment(text: &str, zone: Tz) -> Result<DateTime<Utc>, ApiError> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(reckonable(at.with_timezone(&Utc)));
    }
    text.parse::<NaiveDate>().map(|day| midnight(day, zone)).map_err(|_| {
        ApiError::input(format!("expected a day such as 2026-11-22 or an RFC 3339 time, found `{text}`"))
    })
}

/// A moment that may be left out.
pub(super) fn moment_or(
    text: Option<&str>,
    zone: Tz,
    otherwise: DateTime<Utc>,
) -> Result<DateTime<Utc>, ApiError> {
    text.map_or(Ok(otherwise), |text| moment(text, zone))
}

/// A span of time, cut into hours, days or months of a zone.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    /// The length of a bucket.
    pub(super) by: Span,
    /// The first instant of the span.
    pub(super) from: DateTime<Utc>,
    /// The first instant after the span.
    pub(super) to: DateTime<Utc>,
    /// The buckets that hold the span, in order, without a gap.
    pub(super) all: Vec<Bucket>,
}

impl Buckets {
    /// The buckets of a query. What it leaves out: by day, up to now, and as far back as is usual for the
    /// length of a bucket.
    pub(super) fn of(
        by: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<Self, ApiError> {
        let by: Span = by.unwrap_or("day").parse().map_err(|e| ApiError::input(format!("{e}")))?;
        let to = moment_or(to, zone, now)?;
        let back = match by {
            Span::Hour => TimeDelta::hours(48),
            Span::Day => TimeDelta::days(30),
            Span::Month => TimeDelta::days(365),
        };
        let from = moment_or(from, zone, to - back)?;
        let all: Vec<Bucket> = Bucket::covering(from, to, by, zone).take(MAX_BUCKETS + 1).collect();
        if all.len() > MAX_BUCKETS {
            return Err(ApiError::input(format!(
                "more than {MAX_BUCKETS} buckets; ask for larger ones or a shorter span"
            )));
        }
        Ok(Self { by, from, to, all })
    }
}
