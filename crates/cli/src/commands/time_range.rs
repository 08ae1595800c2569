//! Stretches of time, as the command line names them: days in the zone, or moments.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use tidemark_core::calendar::midnight;

use crate::arguments::TimeRange;
use crate::exit::{CommandError, Exit};

/// `[from, to)`; `None` where it was not said.
pub type Bounds = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// The bounds of a time_range. A day given as its end is part of it.
pub fn bounds(time_range: &TimeRange, zone: Tz) -> Result<Bounds, CommandError> {
    let from = time_range.from.as_deref().map(|text| moment(text, zone, false)).transpose()?;
    let to = time_range.to.as_deref().map(|text| moment(text, zone, true)).transpose()?;
    // A day given as its end ends where the next begins: the day before a day is a time_range of nothing.
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        return Err(CommandError::said(Exit::Usage, "usage", "cli-stretch-empty", &[]));
    }
    Ok((from, to))
}

fn moment(text: &str, zone: Tz, end: bool) -> Result<DateTime<Utc>, CommandError> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        let day = if end { day.checked_add_days(Days::new(1)).unwrap_or(day) } else { day };
        return Ok(midnight(day, zone));
    }
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.with_timezone(&Utc))
        .map_err(|_| CommandError::said(Exit::Usage, "usage", "cli-stretch-no-moment", &[("found", text)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_range(from: &str, to: &str) -> Result<Bounds, CommandError> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        bounds(&TimeRange { from: some(from), to: some(to) }, chrono_tz::Europe::Berlin)
    }

    #[test]
    fn days_are_the_zone_s_and_the_last_is_included() {
        let utc = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(time_range("", ""), Ok((None, None)));
        assert_eq!(
            time_range("2026-10-25", "2026-10-25"),
            Ok((utc("2026-10-24T22:00:00Z"), utc("2026-10-25T23:00:00Z"))),
            "a day of 25 hours"
        );
        assert_eq!(time_range("2026-11-01T09:00:00+08:00", ""), Ok((utc("2026-11-01T01:00:00Z"), None)));
        for bad in ["yesterday", "2026-13-01", "2026-11-01T09:00:00", "1"] {
            assert!(time_range(bad, "").is_err(), "{bad}");
        }
        assert!(time_range("2026-11-02", "2026-10-01").is_err());
        assert!(time_range("2026-11-02", "2026-11-01").is_err(), "the day before");
    }
}
