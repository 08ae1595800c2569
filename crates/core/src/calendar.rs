//! Days and months in a pinned zone: where a bucket begins and ends, across daylight saving.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::account::{UnknownWord, words};

/// The size of a bucket of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// An hour on the wall clock.
    Hour,
    /// A calendar day: 23, 24 or 25 hours.
    Day,
    /// A calendar month.
    Month,
}

words!(Span, "hour, day or month", Span::Hour => "hour", Span::Day => "day", Span::Month => "month");

/// A stretch of time `[start, end)` that is one hour, day or month in the zone it was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: DateTime<Utc>,
}

impl Bucket {
    /// The bucket of a size that holds an instant.
    #[must_use]
    pub fn holding(at: DateTime<Utc>, span: Span, zone: Tz) -> Self {
        let local = at.with_timezone(&zone);
        match span {
            Span::Hour => {
                // Wall-clock hours are cut by the offset in force, so that the repeated hour of autumn
                // stays two buckets and a zone at +05:30 begins its hours on the half hour of UTC.
                let into = TimeDelta::minutes(i64::from(local.minute()))
                    + TimeDelta::seconds(i64::from(local.second()))
                    + TimeDelta::nanoseconds(i64::from(local.nanosecond() % 1_000_000_000));
                let start = at - into;
                Self { start, end: start + TimeDelta::hours(1) }
            }
            Span::Day => Self::of_day(local.date_naive(), zone),
            Span::Month => Self::of_month(local.date_naive(), zone),
        }
    }

    /// The bucket of a calendar day.
    #[must_use]
    pub fn of_day(day: NaiveDate, zone: Tz) -> Self {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        Self { start: midnight(day, zone), end: midnight(next, zone) }
    }

    /// The bucket of the calendar month that holds a day.
    #[must_use]
    pub fn of_month(day: NaiveDate, zone: Tz) -> Self {
        let first = day.with_day(1).unwrap_or(day);
        let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
        Self { start: midnight(first, zone), end: midnight(next, zone) }
    }

    /// The buckets of a size that touch `[from, to)`, in order, without a gap.
    pub fn covering(
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        span: Span,
        zone: Tz,
    ) -> impl Iterator<Item = Self> {
        let first = (from < to).then(|| Self::holding(from, span, zone));
        std::iter::successors(first, move |bucket| {
            (bucket.end < to && bucket.end > bucket.start).then(|| Self::holding(bucket.end, span, zone))
        })
    }

    /// The name of the bucket: `2026-11-22T05:00+08:00`, `2026-11-22`, `2026-11`.
    #[must_use]
    pub fn label(&self, span: Span, zone: Tz) -> String {
        let local = self.start.with_timezone(&zone);
        match span {
            Span::Hour => local.format("%Y-%m-%dT%H:%M%:z").to_string(),
            Span::Day => local.format("%Y-%m-%d").to_string(),
            Span::Month => local.format("%Y-%m").to_string(),
        }
    }

    /// How long it is.
    #[must_use]
    pub fn length(&self) -> TimeDelta {
        self.end - self.start
    }
}

/// The first instant of a day in a zone. Where midnight does not exist (some zones move their clocks at
/// midnight), the first instant after the gap; where it exists twice, the first.
#[must_use]
pub fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    first_instant(day.and_time(NaiveTime::MIN), zone)
}

fn first_instant(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    // No zone ever skipped more than a day; look in steps of a quarter of an hour, which every offset is a multiple of.
    for step in 0..=(24 * 4) {
        let candidate = wall + TimeDelta::minutes(15 * step);
        if let Some(found) = zone.from_local_datetime(&candidate).earliest() {
            return found.with_timezone(&Utc);
        }
    }
    wall.and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn days_follow_daylight_saving() {
        let berlin = chrono_tz::Europe::Berlin;
        let spring = Bucket::holding(utc("2026-03-29T12:00:00Z"), Span::Day, berlin);
        assert_eq!(spring.length(), TimeDelta::hours(23));
        assert_eq!(spring.start, utc("2026-03-28T23:00:00Z"));
        let autumn = Bucket::holding(utc("2026-10-25T12:00:00Z"), Span::Day, berlin);
        assert_eq!(autumn.length(), TimeDelta::hours(25));
        assert_eq!(autumn.label(Span::Day, berlin), "2026-10-25");
    }

    #[test]
    fn a_day_without_midnight_begins_after_the_gap() {
        // Beirut moves its clock from 00:00 to 01:00.
        let day = Bucket::holding(utc("2026-03-29T12:00:00Z"), Span::Day, chrono_tz::Asia::Beirut);
        assert_eq!(day.start, utc("2026-03-28T22:00:00Z"));
        assert_eq!(day.length(), TimeDelta::hours(23));
    }

    #[test]
    fn hours_follow_the_wall_clock() {
        let kolkata = Bucket::holding(utc("2026-07-01T10:10:00Z"), Span::Hour, chrono_tz::Asia::Kolkata);
        assert_eq!(kolkata.start, utc("2026-07-01T09:30:00Z"));
        assert_eq!(kolkata.label(Span::Hour, chrono_tz::Asia::Kolkata), "2026-07-01T15:00+05:30");
    }

    #[test]
    fn the_repeated_hour_is_two_buckets() {
        let berlin = chrono_tz::Europe::Berlin;
        let hours: Vec<_> =
            Bucket::covering(utc("2026-10-25T00:00:00Z"), utc("2026-10-25T03:00:00Z"), Span::Hour, berlin)
                .map(|b| b.label(Span::Hour, berlin))
                .collect();
        assert_eq!(hours, ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"]);
    }

    #[test]
    fn months_touch_without_a_gap() {
        let zone = chrono_tz::Asia::Shanghai;
        let months: Vec<_> =
            Bucket::covering(utc("2025-12-31T20:00:00Z"), utc("2026-03-01T00:00:00Z"), Span::Month, zone)
                .collect();
        assert_eq!(months.len(), 3);
        assert_eq!(months[0].label(Span::Month, zone), "2026-01");
        assert!(months.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn an_empty_span_has_no_buckets() {
        let at = utc("2026-01-01T00:00:00Z");
        assert_eq!(Bucket::covering(at, at, Span::Day, Tz::UTC).count(), 0);
    }
}
