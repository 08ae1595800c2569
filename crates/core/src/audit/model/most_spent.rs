//! The most that was taken of a series within so many hours.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The spans that are kept, in hours.
const SPANS: [u32; 8] = [1, 2, 3, 5, 8, 12, 16, 24];
const HOUR: i64 = 3600;
/// One entry an hour, as a rule.
const MAX_KEPT: usize = 26;
/// The longest span of which something is known.
pub(crate) const LONGEST: TimeDelta = TimeDelta::hours(24);
/// The figures of the time before are kept for as long again.
const KEPT_HOURS: u32 = 30 * 24;

/// What was taken between two hours, counted since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Taken {
    from: u32,
    to: u32,
    amount: f32,
}

/// The most that was taken within each span, over the last month or two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MostSpent {
    /// What was taken in the last day, oldest first.
    last_day: VecDeque<Taken>,
    most: [f32; SPANS.len()],
    before: [f32; SPANS.len()],
    since: u32,
}

fn hour(at: DateTime<Utc>) -> u32 {
    u32::try_from(at.timestamp().div_euclid(HOUR)).unwrap_or_default()
}

impl MostSpent {
    /// Whether nothing was taken so far.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what was taken between two polls.
    pub(crate) fn note(&mut self, amount: f64, (from, at): (DateTime<Utc>, DateTime<Utc>)) {
        let (begin, now) = (hour(from), hour(at));
        if amount <= 0.0 || now < begin {
            return;
        }
        if now.abs_diff(self.since) >= KEPT_HOURS {
            self.before = std::mem::take(&mut self.most);
            self.since = now;
        }
        let amount = amount as f32;
        match self.last_day.back_mut() {
            Some(last) if last.to == now && begin >= last.from => last.amount += amount,
            // The clock was set back.
            Some(last) if last.to > now => self.last_day.clear(),
            _ => self.last_day.push_back(Taken { from: begin, to: now, amount }),
        }
        let is_old = |first: &Taken| now - first.to > SPANS[SPANS.len() - 1];
        while self.last_day.len() > MAX_KEPT || self.last_day.front().is_some_and(is_old) {
            self.last_day.pop_front();
        }
        for (most, span) in self.most.iter_mut().zip(SPANS) {
            let within =
                self.last_day.iter().rev().take_while(|taken| taken.from.saturating_add(span) >= now);
            *most = most.max(within.map(|taken| taken.amount).sum());
        }
    }

    /// The most that was taken within a span; `None` for one that is longer than [`LONGEST`].
    pub(crate) fn within(&self, span: TimeDelta) -> Option<f64> {
        if span > LONGEST {
            return None;
        }
        let hours = span.num_seconds() as f64 / HOUR as f64;
        let place = SPANS.iter().position(|known| f64::from(*known) >= hours).unwrap_or(SPANS.len() - 1);
        let most = self.most.iter().zip(&self.before).take(place + 1).map(|(now, before)| now.max(*before));
        Some(f64::from(most.fold(0.0, f32::max)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn the_most_within_hours_is_of_any_hours_before() {
        let mut spent = MostSpent::default();
        for day in 0..5_i64 {
            for poll in 0..24 {
                let now = day * 1440 + 600 + poll * 5;
                spent.note(if day == 2 { 2.0 } else { 1.0 }, (at(now - 5), at(now)));
            }
        }
        for (minutes, most) in
            [(30, 24.0..=28.0), (120, 48.0..=48.0), (600, 48.0..=48.0), (1440, 48.0..=72.0)]
        {
            let found = spent.within(TimeDelta::minutes(minutes)).unwrap();
            assert!(most.contains(&found), "{minutes} minutes: {found}");
        }
    }

    #[test]
    fn what_went_in_a_gap_is_no_measure_of_less_time() {
        let mut spent = MostSpent::default();
        spent.note(40.0, (at(0), at(600)));
        assert!(spent.within(TimeDelta::hours(2)).unwrap() < 0.1);
        assert!(spent.within(TimeDelta::hours(10)).unwrap() > 39.9);
        assert_eq!(spent.within(TimeDelta::hours(25)), None, "nothing is known of more than a day");
    }

    #[test]
    fn what_was_spent_months_ago_is_forgotten() {
        let mut spent = MostSpent::default();
        spent.note(40.0, (at(0), at(5)));
        for day in 1..80 {
            spent.note(1.0, (at(day * 1440 - 5), at(day * 1440)));
        }
        assert!(spent.within(TimeDelta::hours(5)).unwrap() < 2.0);
    }

    proptest! {
        #[test]
        fn it_stays_small_and_a_longer_span_holds_no_less(
            steps in prop::collection::vec((-3000_i64..3000, 0_i64..900, 0.0_f64..100.0), 0..200),
        ) {
            let mut spent = MostSpent::default();
            let mut now = 100_000;
            for (wait, span, amount) in steps {
                now += wait;
                spent.note(amount, (at(now - span), at(now)));
                prop_assert!(spent.last_day.len() <= MAX_KEPT);
            }
            let all: Vec<f64> = (0..24).map(|hours| spent.within(TimeDelta::hours(hours)).unwrap()).collect();
            prop_assert!(all.is_sorted(), "{all:?}");
        }
    }
}
