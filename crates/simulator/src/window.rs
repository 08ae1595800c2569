//! Quota windows: how they open, fill and come back.
//!
//! All ends hang on the instant of the subscription: weeks are seven days from it, months are its
//! anniversaries, and the ends of 5-hour windows lie a whole number of hours away from it, though on no
//! fixed grid of five hours: a window opens with the first use after the last one ended.

use chrono::{DateTime, Months, TimeDelta, Utc};
use tidemark_core::Meter;

use crate::amount::{Coins, FULL, Points};
use crate::plan::{Allowance, Plan};

/// A quota of a simulated account.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    /// Which quota it is.
    pub(crate) meter: Meter,
    /// The used part, in points.
    pub(crate) used: Points,
    /// When it ends; `None` for a 5-hour quota that was not used since its last reset.
    pub(crate) ends: Option<DateTime<Utc>>,
    /// How long its next reset is withheld.
    pub(crate) withheld: TimeDelta,
    /// What was used before its last reset; the measure of a clawback.
    pub(crate) before_reset: Points,
    /// From where its weeks or months are counted.
    anchor: DateTime<Utc>,
}

/// All windows of a membership.
#[derive(Debug, Clone)]
pub(crate) struct Windows {
    phase: TimeDelta,
    allowance: Allowance,
    /// Allowance as a multiple of the plan's own.
    factor: f64,
    list: Vec<Window>,
}

impl Windows {
    /// Unused windows of a plan subscribed at `anchor`, as they stand at `now`.
    #[must_use]
    pub(crate) fn new(plan: Plan, anchor: DateTime<Utc>, phase: TimeDelta, now: DateTime<Utc>) -> Self {
        let meters: &[Meter] = match plan {
            Plan::Free => &[],
            _ if plan.is_new() => &[Meter::FiveHour, Meter::Month, Meter::MonthCode],
            _ => &[Meter::FiveHour, Meter::Week],
        };
        let list = meters
            .iter()
            .map(|meter| Window {
                meter: *meter,
                used: 0,
                ends: next_end(*meter, anchor, now),
                withheld: TimeDelta::zero(),
                before_reset: 0,
                anchor,
            })
            .collect();
        Self { phase, allowance: plan.allowance(), factor: 1.0, list }
    }

    /// The quotas, shortest first.
    #[must_use]
    pub(crate) fn list(&self) -> &[Window] {
        &self.list
    }

    /// One of the quotas.
    #[must_use]
    pub(crate) fn get(&self, meter: Meter) -> Option<&Window> {
        self.list.iter().find(|window| window.meter == meter)
    }

    /// One window, to be changed.
    pub(crate) fn get_mut(&mut self, meter: Meter) -> Option<&mut Window> {
        self.list.iter_mut().find(|window| window.meter == meter)
    }

    /// The next moment at which a window comes back, withheld resets counted late.
    #[must_use]
    pub(crate) fn next_reset(&self) -> Option<DateTime<Utc>> {
        self.list.iter().filter_map(|window| window.ends.map(|ends| ends + window.withheld)).min()
    }

    /// Brings back every window whose time has come and says how much of each had been used.
    pub(crate) fn reset_due(&mut self, now: DateTime<Utc>) -> Vec<(Meter, Points)> {
        let mut came_back = Vec::new();
        for window in &mut self.list {
            if window.ends.is_some_and(|ends| ends + window.withheld <= now) {
                came_back.push((window.meter, window.used));
                window.before_reset = window.used;
                window.used = 0;
                window.withheld = TimeDelta::zero();
                window.ends = next_end(window.meter, window.anchor, now);
            }
        }
        came_back
    }

    /// Brings a window back before its time and says how much had been used. With `move_end` a new cycle
    /// begins at the last full hour of the subscription's own clock.
    pub(crate) fn reset_early(&mut self, meter: Meter, move_end: bool, now: DateTime<Utc>) -> Points {
        let start = floor_hour(now, self.phase);
        let Some(window) = self.get_mut(meter) else { return 0 };
        let used = window.used;
        window.before_reset = used;
        window.used = 0;
        if move_end {
            window.withheld = TimeDelta::zero();
            window.anchor = start;
            window.ends = match meter {
                Meter::FiveHour => Some(start + TimeDelta::hours(5)),
                _ => next_end(meter, start, now),
            };
        }
        used
    }

    /// Whether a window is used up, so that requests are refused.
    #[must_use]
    pub(crate) fn exhausted(&self) -> Option<Meter> {
        self.list.iter().find(|w| w.meter.is_allowance() && w.used >= FULL).map(|w| w.meter)
    }

    /// Opens the 5-hour window where none is open.
    pub(crate) fn open(&mut self, now: DateTime<Utc>) {
        let start = floor_hour(now, self.phase);
        if let Some(window) = self.get_mut(Meter::FiveHour)
            && window.ends.is_none()
        {
            window.ends = Some(start + TimeDelta::hours(5));
        }
    }

    /// What so much use takes from a window: its share of the allowance.
    #[must_use]
    pub(crate) fn share(&self, meter: Meter, weight: Coins, acceleration: f64) -> Points {
        let allowance = self.allowance_of(meter);
        if allowance <= 0.0 {
            return 0;
        }
        (weight as f64 * acceleration / allowance * FULL as f64).round() as Points
    }

    /// How much use moves a window by so many points.
    #[must_use]
    pub(crate) fn weight_of(&self, meter: Meter, points: Points) -> Coins {
        (points as f64 / FULL as f64 * self.allowance_of(meter)).round() as Coins
    }

    fn allowance_of(&self, meter: Meter) -> f64 {
        let coins = match meter {
            Meter::FiveHour => self.allowance.five_hour,
            Meter::Week => self.allowance.week,
            Meter::Month | Meter::MonthCode => self.allowance.month,
        };
        coins as f64 * self.factor
    }

    /// Takes points from a window, never more than are left, and says how many it took.
    pub(crate) fn take(&mut self, meter: Meter, points: Points) -> Points {
        let Some(window) = self.get_mut(meter) else { return 0 };
        let taken = points.clamp(0, (FULL - window.used).max(0));
        window.used += taken;
        taken
    }

    /// Gives points back to a window, never more than were used, and says how many.
    pub(crate) fn give_back(&mut self, meter: Meter, points: Points) -> Points {
        let Some(window) = self.get_mut(meter) else { return 0 };
        let given = points.clamp(0, window.used);
        window.used -= given;
        given
    }

    /// Makes the allowance a multiple of the plan's own; percentages stay.
    pub(crate) fn set_factor(&mut self, factor: f64) {
        self.factor = factor.max(0.001);
    }

    /// When the service says that a quota is reset. An unused 5-hour quota would begin at the last full hour,
    /// so its scheduled end moves on by an hour at a time.
    #[must_use]
    pub(crate) fn announced_end(&self, window: &Window, now: DateTime<Utc>) -> DateTime<Utc> {
        window.ends.unwrap_or_else(|| floor_hour(now, self.phase) + TimeDelta::hours(5))
    }
}

/// The last moment, not after `at`, that lies `phase` behind a full hour.
#[must_use]
pub(crate) fn floor_hour(at: DateTime<Utc>, phase: TimeDelta) -> DateTime<Utc> {
    let hour = TimeDelta::hours(1);
    let since = TimeDelta::nanoseconds(
        (at - phase).timestamp_nanos_opt().unwrap_or(0).rem_euclid(hour.num_nanoseconds().unwrap_or(1)),
    );
    at - since
}

/// The first end after `now` of the cycles counted from `anchor`; none for a 5-hour window.
fn next_end(meter: Meter, anchor: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match meter {
        Meter::FiveHour => None,
        Meter::Week => {
            let week = TimeDelta::days(7);
            let cycles = (now - anchor).num_seconds().div_euclid(week.num_seconds()) as i32;
            let end = anchor + week * (cycles + 1);
            Some(if end > now { end } else { end + week })
        }
        Meter::Month | Meter::MonthCode => Some(next_anniversary(anchor, now)),
    }
}

/// The first monthly anniversary of `anchor` after `now`.
#[must_use]
pub(crate) fn next_anniversary(anchor: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let passed = ((now - anchor).num_days() / 31).max(0) as u32;
    (passed..)
        .skip_while(|months| *months == 0)
        .filter_map(|months| anchor.checked_add_months(Months::new(months)))
        .find(|end| *end > now)
        .unwrap_or(now + TimeDelta::days(30))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::POINT;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    const ANCHOR: &str = "2026-01-31T07:12:09.122865Z";

    fn windows(plan: Plan, now: &str) -> Windows {
        let phase = TimeDelta::microseconds(utc(ANCHOR).timestamp_micros().rem_euclid(3_600_000_000));
        Windows::new(plan, utc(ANCHOR), phase, utc(now))
    }

    #[test]
    fn weeks_begin_with_the_subscription() {
        let end = |now: &str| windows(Plan::Allegretto, now).get(Meter::Week).unwrap().ends.unwrap();
        assert_eq!(end(ANCHOR), utc("2026-02-07T07:12:09.122865Z"));
        assert_eq!(end("2026-02-07T07:12:09.122865Z"), utc("2026-02-14T07:12:09.122865Z"));
        assert_eq!(end("2026-02-07T07:12:09.122864Z"), utc("2026-02-07T07:12:09.122865Z"));
        assert_eq!(end("2026-07-01T00:00:00Z"), utc("2026-07-04T07:12:09.122865Z"));
    }

    #[test]
    fn months_end_on_the_anniversary_even_where_there_is_no_31st() {
        let end = |now: &str| windows(Plan::Pro, now).get(Meter::Month).unwrap().ends.unwrap();
        assert_eq!(end(ANCHOR), utc("2026-02-28T07:12:09.122865Z"));
        assert_eq!(end("2026-03-01T00:00:00Z"), utc("2026-03-31T07:12:09.122865Z"));
        assert_eq!(end("2027-12-31T07:12:10Z"), utc("2028-01-31T07:12:09.122865Z"));
    }

    #[test]
    fn five_hours_are_whole_hours_from_the_subscription() {
        let mut windows = windows(Plan::Pro, "2026-03-03T10:40:00Z");
        assert_eq!(windows.get(Meter::FiveHour).unwrap().ends, None);
        windows.open(utc("2026-03-03T10:40:00Z"));
        assert_eq!(windows.get(Meter::FiveHour).unwrap().ends, Some(utc("2026-03-03T15:12:09.122865Z")));
        windows.open(utc("2026-03-03T12:40:00Z"));
        assert_eq!(windows.get(Meter::FiveHour).unwrap().ends, Some(utc("2026-03-03T15:12:09.122865Z")));
        windows.take(Meter::FiveHour, 40 * POINT);
        assert!(windows.reset_due(utc("2026-03-03T15:12:09Z")).is_empty());
        assert_eq!(windows.reset_due(utc("2026-03-03T15:12:10Z")), [(Meter::FiveHour, 40 * POINT)]);
        assert_eq!(windows.get(Meter::FiveHour).unwrap().ends, None);
    }

    #[test]
    fn an_early_reset_begins_a_new_cycle_or_leaves_the_end() {
        let mut windows = windows(Plan::Allegretto, "2026-03-03T10:40:00Z");
        let end = windows.get(Meter::Week).unwrap().ends;
        windows.take(Meter::Week, 60 * POINT);
        assert_eq!(windows.reset_early(Meter::Week, false, utc("2026-03-03T11:00:00Z")), 60 * POINT);
        assert_eq!(windows.get(Meter::Week).unwrap().ends, end);
        windows.reset_early(Meter::Week, true, utc("2026-03-03T11:30:00Z"));
        assert_eq!(windows.get(Meter::Week).unwrap().ends, Some(utc("2026-03-10T11:12:09.122865Z")));
    }

    #[test]
    fn a_withheld_reset_comes_late_and_the_next_on_time() {
        let mut windows = windows(Plan::Allegretto, ANCHOR);
        windows.get_mut(Meter::Week).unwrap().withheld = TimeDelta::hours(2);
        windows.take(Meter::Week, POINT);
        assert!(windows.reset_due(utc("2026-02-07T09:00:00Z")).is_empty());
        assert_eq!(windows.reset_due(utc("2026-02-07T09:12:10Z")).len(), 1);
        assert_eq!(windows.get(Meter::Week).unwrap().ends, Some(utc("2026-02-14T07:12:09.122865Z")));
    }

    #[test]
    fn no_more_is_taken_than_is_left() {
        let mut windows = windows(Plan::Pro, ANCHOR);
        assert_eq!(windows.take(Meter::FiveHour, 70 * POINT), 70 * POINT);
        assert_eq!(windows.take(Meter::FiveHour, 70 * POINT), 30 * POINT);
        assert_eq!(windows.exhausted(), Some(Meter::FiveHour));
        assert_eq!(windows.take(Meter::Week, POINT), 0);
    }
}
