//! How a window was used: by quarters of an hour of the local day, for eight weeks.

use std::collections::VecDeque;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

/// Quarters of an hour in a day.
pub(super) const QUARTERS: usize = 96;
/// A quarter of an hour in seconds.
pub(super) const QUARTER: i64 = 900;
/// How far back is remembered.
pub(super) const REACH: TimeDelta = TimeDelta::days(56);
/// So many days are remembered.
const MAX_DAYS: usize = REACH.num_days() as usize;
/// What was deducted in a longer stretch cannot be assigned to an hour of it.
const MAX_SPREAD: TimeDelta = TimeDelta::hours(6);
/// A longer stretch without a deduction says nothing of a quota that may have been reset in it.
const MAX_STILL: TimeDelta = TimeDelta::hours(12);

/// What is remembered of how one window was used.
#[derive(Debug, Clone)]
pub(super) struct Past {
    zone: Tz,
    days: VecDeque<Day>,
    last: Option<DateTime<Utc>>,
}

/// One local day of a quota's past.
#[derive(Debug, Clone)]
pub(super) struct Day {
    pub(super) date: NaiveDate,
    /// Percent used in each quarter.
    used: [f32; QUARTERS],
    /// Seconds of each quarter that were watched.
    watched: [u16; QUARTERS],
}

impl Day {
    const fn new(date: NaiveDate) -> Self {
        Self { date, used: [0.0; QUARTERS], watched: [0; QUARTERS] }
    }

    /// Percent used in a quarter; `None` where less than half of it was watched.
    pub(super) fn at(&self, quarter: usize) -> Option<f64> {
        let watched = f64::from(*self.watched.get(quarter)?);
        let length = QUARTER as f64;
        // A quarter that the clock repeats is watched twice.
        (watched * 2.0 >= length).then(|| f64::from(self.used[quarter]) * length / watched)
    }
}

/// Whether a date is a Saturday or a Sunday.
pub(super) fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

impl Past {
    pub(super) const fn new(zone: Tz) -> Self {
        Self { zone, days: VecDeque::new(), last: None }
    }

    /// Time of the last reading.
    pub(super) const fn last_look(&self) -> Option<DateTime<Utc>> {
        self.last
    }

    /// The days, oldest first.
    pub(super) const fn days(&self) -> &VecDeque<Day> {
        &self.days
    }

    /// Starts again from a reading.
    pub(super) fn begin(&mut self, at: DateTime<Utc>) {
        if self.last.is_none_or(|last| last < at) {
            self.days.clear();
            self.last = Some(at);
        }
    }

    /// Adds what was used between two readings, and the value at the second. What lies before the last
    /// reading was added already.
    pub(super) fn take(&mut self, from: DateTime<Utc>, to: DateTime<Utc>, deducted: f64, value: f64) {
        let from = self.last.map_or(from, |last| from.max(last));
        if to <= from {
            return;
        }
        self.last = Some(to);
        // Of a window that is used up nothing can be used: that says nothing of what would have been.
        let is_full = value >= 100.0 && deducted <= 0.0;
        let longest = if deducted > 0.0 { MAX_SPREAD } else { MAX_STILL };
        if !is_full && to - from <= longest {
            self.spread(from, to, deducted);
        }
    }

    /// Spreads a use evenly over the quarters in which it may have happened.
    fn spread(&mut self, from: DateTime<Utc>, to: DateTime<Utc>, deducted: f64) {
        let whole = (to - from).as_seconds_f64();
        let mut at = from;
        while at < to {
            let end = quarter_end(at).min(to);
            let part = (end - at).as_seconds_f64();
            let (date, quarter) = self.local(at);
            if let Some(day) = self.day(date) {
                day.used[quarter] += (deducted * part / whole) as f32;
                day.watched[quarter] = day.watched[quarter].saturating_add(part.round() as u16);
            }
            at = end;
        }
    }

    /// The local day and quarter that hold an instant.
    pub(super) fn local(&self, at: DateTime<Utc>) -> (NaiveDate, usize) {
        let local = at.with_timezone(&self.zone);
        let quarter = local.num_seconds_from_midnight() as usize / QUARTER as usize;
        (local.date_naive(), quarter.min(QUARTERS - 1))
    }

    /// The day of a date, made where it is a new one; `None` where it lies before all that is remembered.
    fn day(&mut self, date: NaiveDate) -> Option<&mut Day> {
        if self.days.back().is_none_or(|last| last.date < date) {
            if self.days.len() == MAX_DAYS {
                self.days.pop_front();
            }
            self.days.push_back(Day::new(date));
        }
        // Most often the last; the one before where the clock is set back over midnight.
        self.days.iter_mut().rev().find(|day| day.date == date)
    }
}

/// The end of the quarter of an hour that holds an instant. All zones in force differ from UTC by whole
/// quarters.
pub(super) fn quarter_end(at: DateTime<Utc>) -> DateTime<Utc> {
    let next = (at.timestamp().div_euclid(QUARTER) + 1) * QUARTER;
    // Out of range only at the end of chrono's calendar.
    DateTime::from_timestamp(next, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// How much of its quarter has passed at an instant, from 0 to 1.
pub(super) fn part_over(at: DateTime<Utc>) -> f64 {
    1.0 - (quarter_end(at) - at).as_seconds_f64() / QUARTER as f64
}
