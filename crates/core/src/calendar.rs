//! Days and months in a pinned zone: where a bucket begins and ends, across daylight saving.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone,
    Timelike, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::account::{ParseEnumError, string_enum};

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

string_enum!(Span, "hour, day or month", Span::Hour => "hour", Span::Day => "day", Span::Month => "month");

/// The first day that is reckoned with; whatever is named before it means "from the beginning".
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
/// The last day that is reckoned with; whatever is named after it means "to the end".
const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9000, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// An instant that can be reckoned with, whatever a person or a program named: from the year 1000 to 9000, so that
/// years can be added and taken away without leaving what a date can be.
#[must_use]
pub fn reckonable(at: DateTime<Utc>) -> DateTime<Utc> {
    at.clamp(FIRST_DAY.and_time(NaiveTime::MIN).and_utc(), LAST_DAY.and_time(NaiveTime::MIN).and_utc())
}

/// A stretch of time `[start, end)` that is one hour, day or month in the zone it was made for.
///
/// # Examples
/// The day on which Berlin's clocks are set back has 25 hours:
///
/// ```
/// use chrono_tz::Europe::Berlin;
/// use tidemark_core::calendar::{Bucket, Span};
///
/// let at = "2026-10-25T12:00:00Z".parse()?;
/// let day = Bucket::holding(at, Span::Day, Berlin);
/// assert_eq!(day.start.to_rfc3339(), "2026-10-24T22:00:00+00:00");
/// assert_eq!(day.length().num_hours(), 25);
/// assert_eq!(day.label(Span::Day, Berlin), "2026-10-25");
/// assert_eq!(Bucket::covering(day.start, day.end, Span::Hour, Berlin).count(), 25);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    /// Its first instant; the bucket includes it.
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: DateTime<Utc>,
}

impl Bucket {
    /// The bucket of a size that holds an instant, as far as it is [`reckonable`].
    #[must_use]
    pub fn holding(at: DateTime<Utc>, span: Span, zone: Tz) -> Self {
        let at = reckonable(at);
        let local = at.with_timezone(&zone);
        match span {
            Span::Hour => Self::of_hour(at, zone),
            Span::Day => {
                let day = local.date_naive();
                let (before, after) =
                    (day.checked_sub_days(Days::new(1)), day.checked_add_days(Days::new(1)));
                Self::of_day(day, zone).or_neighbour(at, before, after, |day| Self::of_day(day, zone))
            }
            Span::Month => {
                let day = local.date_naive();
                let (before, after) =
                    (day.checked_sub_months(Months::new(1)), day.checked_add_months(Months::new(1)));
                Self::of_month(day, zone).or_neighbour(at, before, after, |day| Self::of_month(day, zone))
            }
        }
    }

    /// The bucket of the wall-clock hour that holds an instant. The hour is cut by the offset in force, so
    /// that the repeated hour of autumn stays two buckets and a zone at +05:30 begins its hours on the
    /// half hour of UTC. Where the clock is moved within an hour (by half an hour on Lord Howe), the parts
    /// before and after are buckets of their own.
    fn of_hour(at: DateTime<Utc>, zone: Tz) -> Self {
        let local = at.with_timezone(&zone);
        let into = TimeDelta::minutes(i64::from(local.minute()))
            + TimeDelta::seconds(i64::from(local.second()))
            + TimeDelta::nanoseconds(i64::from(local.nanosecond() % 1_000_000_000));
        let (start, end) = (at - into, at - into + TimeDelta::hours(1));
        let last = end - TimeDelta::nanoseconds(1);
        let in_force = offset(at, zone);
        Self {
            start: if offset(start, zone) == in_force { start } else { change_between(start, at, zone) },
            end: if offset(last, zone) == in_force { end } else { change_between(at, last, zone) },
        }
    }

    /// This bucket, or the one before or after where the instant lies outside: a clock that is set back
    /// over midnight shows a date whose bucket has not begun.
    fn or_neighbour(
        self,
        at: DateTime<Utc>,
        before: Option<NaiveDate>,
        after: Option<NaiveDate>,
        bucket: impl Fn(NaiveDate) -> Self,
    ) -> Self {
        if at < self.start {
            before.map_or(self, bucket)
        } else if at >= self.end {
            after.map_or(self, bucket)
        } else {
            self
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
        let (from, to) = (reckonable(from), reckonable(to));
        let first = (from < to).then(|| Self::holding(from, span, zone));
        std::iter::successors(first, move |bucket| {
            let next = (bucket.end < to).then(|| Self::holding(bucket.end, span, zone))?;
            (next.start >= bucket.end).then_some(next)
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

    /// Its length. A day on which the clocks change has 23 or 25 hours.
    #[must_use]
    pub fn length(&self) -> TimeDelta {
        self.end - self.start
    }
}

/// The first instant of a day in a zone. Where midnight does not exist (some zones move their clocks at
/// midnight), the first instant after the gap. Where it exists twice, the first; but the second where the
/// clock was set back over midnight into the day before (a minute after it, in Newfoundland until 2011),
/// so that days stay in one piece.
#[must_use]
pub fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    // A month more than what is reckonable, so that every bucket of that has an end.
    let (first, last) = (FIRST_DAY - Days::new(31), LAST_DAY + Days::new(31));
    let wall = day.clamp(first, last).and_time(NaiveTime::MIN);
    // No zone ever skipped more than a day.
    let step = TimeDelta::minutes(15);
    for steps in 0..=(24 * 4) {
        let found = zone.from_local_datetime(&(wall + step * steps));
        let Some(first) = found.earliest().map(|at| at.with_timezone(&Utc)) else { continue };
        if steps > 0 {
            // The gap ended within the last step.
            let before = first - step;
            return if offset(before, zone) == offset(first, zone) {
                first
            } else {
                change_between(before, first, zone)
            };
        }
        let second = found.latest().map_or(first, |at| at.with_timezone(&Utc));
        let just_before = (second - TimeDelta::nanoseconds(1)).with_timezone(&zone);
        return if just_before.date_naive() < day { second } else { first };
    }
    wall.and_utc()
}

fn offset(at: DateTime<Utc>, zone: Tz) -> FixedOffset {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix()
}

/// The instant at which the offset became what it is at `high`, it being another at `low`. Zones change at
/// whole seconds, and not twice within the hour that this is asked for.
fn change_between(low: DateTime<Utc>, high: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let (mut low, mut high) = (low.timestamp(), high.timestamp());
    let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let then = offset(at(high), zone);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset(at(middle), zone) == then { high = middle } else { low = middle }
    }
    at(high)
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

    #[test]
    fn an_hour_in_which_the_clock_is_moved_is_two_buckets() {
        let zone = chrono_tz::Australia::Lord_Howe;
        let labels = |from: &str, to: &str| -> Vec<_> {
            Bucket::covering(utc(from), utc(to), Span::Hour, zone)
                .map(|bucket| (bucket.label(Span::Hour, zone), bucket.length().num_minutes()))
                .collect()
        };
        // Set back from 02:00 to 01:30.
        assert_eq!(
            labels("2026-04-04T14:00:00Z", "2026-04-04T16:00:00Z"),
            [
                ("2026-04-05T01:00+11:00".to_owned(), 60),
                ("2026-04-05T01:30+10:30".to_owned(), 30),
                ("2026-04-05T02:00+10:30".to_owned(), 60)
            ]
        );
        // Set forward from 02:00 to 02:30.
        assert_eq!(
            labels("2026-10-03T14:30:00Z", "2026-10-03T16:30:00Z"),
            [
                ("2026-10-04T01:00+10:30".to_owned(), 60),
                ("2026-10-04T02:30+11:00".to_owned(), 30),
                ("2026-10-04T03:00+11:00".to_owned(), 60)
            ]
        );
    }

    #[test]
    fn a_clock_set_back_over_midnight_leaves_days_in_one_piece() {
        // From 00:01 on the 7th to 23:01 on the 6th.
        let zone = chrono_tz::America::St_Johns;
        let day = Bucket::holding(utc("2010-11-06T12:00:00Z"), Span::Day, zone);
        assert_eq!((day.label(Span::Day, zone).as_str(), day.length()), ("2010-11-06", TimeDelta::hours(25)));
        for at in ["2010-11-07T02:30:30Z", "2010-11-07T02:31:00Z", "2010-11-07T03:29:59Z"] {
            assert_eq!(Bucket::holding(utc(at), Span::Day, zone), day, "{at}");
        }
    }

    #[test]
    fn a_gap_at_midnight_may_end_at_any_second() {
        let day = "1972-01-07".parse().unwrap();
        assert_eq!(midnight(day, chrono_tz::Africa::Monrovia), utc("1972-01-07T00:44:30Z"));
        // Samoa left out a day.
        let apia = chrono_tz::Pacific::Apia;
        let day = Bucket::holding(utc("2011-12-30T09:00:00Z"), Span::Day, apia);
        assert_eq!((day.label(Span::Day, apia).as_str(), day.length()), ("2011-12-29", TimeDelta::hours(24)));
        assert_eq!(Bucket::holding(day.end, Span::Day, apia).label(Span::Day, apia), "2011-12-31");
    }

    mod laws {
        use proptest::prelude::*;

        use super::*;

        /// Zones with every oddity there is: none, half and three-quarter hours, a shift of half an hour,
        /// midnights that do not exist or exist twice, a day that was left out, offsets in seconds long ago.
        fn zone() -> impl Strategy<Value = Tz> {
            use chrono_tz::*;
            prop_oneof![
                4 => prop::sample::select(vec![
                    Tz::UTC,
                    Europe::Berlin,
                    Asia::Shanghai,
                    Asia::Kolkata,
                    Asia::Kathmandu,
                    Australia::Lord_Howe,
                    America::Sao_Paulo,
                    America::Havana,
                    America::Asuncion,
                    America::St_Johns,
                    Asia::Beirut,
                    Asia::Gaza,
                    Asia::Tehran,
                    Africa::Cairo,
                    Africa::Casablanca,
                    Antarctica::Troll,
                    Pacific::Apia,
                    Pacific::Chatham,
                ]),
                1 => prop::sample::select(TZ_VARIANTS.to_vec()),
            ]
        }

        /// Any instant at all, the ends of time among them.
        fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
            let (min, max) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
            prop_oneof![
                (min.timestamp()..max.timestamp()).prop_map(|s| DateTime::from_timestamp(s, 0).unwrap()),
                (0_i64..400_000).prop_map(move |s| min + TimeDelta::seconds(s)),
                (0_i64..400_000).prop_map(move |s| max - TimeDelta::seconds(s)),
            ]
        }

        proptest! {
            #[test]
            fn no_date_is_too_far(from in any_instant(), to in any_instant(), span in span(), zone in zone()) {
                let _ = midnight(from.date_naive(), zone);
                let bucket = Bucket::holding(from, span, zone);
                prop_assert!(bucket.start < bucket.end);
                prop_assert!(bucket.start <= reckonable(from) && reckonable(from) < bucket.end);
                let _ = Bucket::of_day(from.date_naive(), zone);
                let _ = Bucket::of_month(from.date_naive(), zone);
                let mut before = None;
                for bucket in Bucket::covering(from, to, span, zone).take(20) {
                    prop_assert!(before.is_none_or(|end| end <= bucket.start));
                    before = Some(bucket.end);
                }
            }
        }

        fn span() -> impl Strategy<Value = Span> {
            prop::sample::select(vec![Span::Hour, Span::Day, Span::Month])
        }

        /// From 1970 to 2100, to the millisecond; half of them within two hours of a change of the clock.
        fn instant() -> impl Strategy<Value = DateTime<Utc>> {
            (0_i64..4_102_444_800_000).prop_map(|ms| DateTime::from_timestamp_millis(ms).unwrap())
        }

        /// Brings an instant near the next change of a zone's offset within a year, where there is one.
        fn near_a_change(at: DateTime<Utc>, zone: Tz, off: i64) -> DateTime<Utc> {
            let offset = |at: DateTime<Utc>| offset(at, zone);
            let (mut low, mut high) = (at, at);
            for day in 1..366 {
                high = at + TimeDelta::days(day);
                if offset(high) != offset(low) {
                    break;
                }
                low = high;
            }
            if offset(low) == offset(high) {
                return at;
            }
            while high - low > TimeDelta::seconds(1) {
                let middle = low + (high - low) / 2;
                if offset(middle) == offset(low) { low = middle } else { high = middle }
            }
            high + TimeDelta::seconds(off)
        }

        proptest! {
            #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

            #[test]
            fn buckets_tile_time(
                zone in zone(), span in span(), at in instant(), near in any::<bool>(), off in -90_000_i64..90_000,
            ) {
                let at = if near { near_a_change(at, zone, off) } else { at };
                let bucket = Bucket::holding(at, span, zone);
                prop_assert!(bucket.start <= at && at < bucket.end, "{bucket:?} does not hold {at}");
                // Every instant of it is in it, and its neighbours touch it.
                for inside in [bucket.start, bucket.start + bucket.length() / 2, bucket.end - TimeDelta::nanoseconds(1)] {
                    prop_assert_eq!(Bucket::holding(inside, span, zone), bucket);
                }
                prop_assert_eq!(Bucket::holding(bucket.end, span, zone).start, bucket.end);
                prop_assert_eq!(Bucket::holding(bucket.start - TimeDelta::nanoseconds(1), span, zone).end, bucket.start);
                // Its name is that of its first and last instant (a clock set back over midnight shows another
                // in between), and of no neighbour.
                let format = match span { Span::Hour => "%Y-%m-%dT%H", Span::Day => "%Y-%m-%d", Span::Month => "%Y-%m" };
                let label = bucket.label(span, zone);
                for inside in [bucket.start, bucket.end - TimeDelta::nanoseconds(1)] {
                    let name = inside.with_timezone(&zone).format(format).to_string();
                    prop_assert!(label.starts_with(&name), "{label} holds {name}");
                }
                prop_assert_ne!(Bucket::holding(bucket.end, span, zone).label(span, zone), label);
            }

            #[test]
            fn a_span_is_covered_without_gap_or_overlap(
                zone in zone(), span in span(), at in instant(), near in any::<bool>(), hours in 1_i64..4000,
            ) {
                let from = if near { near_a_change(at, zone, -hours * 1800) } else { at };
                let to = from + TimeDelta::hours(hours);
                let buckets: Vec<_> = Bucket::covering(from, to, span, zone).collect();
                prop_assert!(buckets[0].start <= from && from < buckets[0].end);
                let last = buckets[buckets.len() - 1];
                prop_assert!(last.start < to && to <= last.end);
                for pair in buckets.windows(2) {
                    prop_assert_eq!(pair[0].end, pair[1].start);
                }
                let total: TimeDelta = buckets.iter().map(Bucket::length).sum();
                prop_assert_eq!(total, last.end - buckets[0].start);
            }

            #[test]
            fn hours_days_and_months_nest(zone in zone(), at in instant(), near in any::<bool>(), off in -90_000_i64..90_000) {
                let at = if near { near_a_change(at, zone, off) } else { at };
                let [hour, day, month] = [Span::Hour, Span::Day, Span::Month].map(|span| Bucket::holding(at, span, zone));
                prop_assert!(day.start <= hour.start && hour.end <= day.end, "{hour:?} leaves {day:?}");
                prop_assert!(month.start <= day.start && day.end <= month.end, "{day:?} leaves {month:?}");
            }
        }
    }
}
