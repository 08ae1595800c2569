//! At which hours of the day an account is used at all.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// On how many days the account was seen in use, and in which hours of them. Hours are those of UTC; a
/// neighbour on each side counts too, so that clock changes and travel by an hour do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActiveHours {
    used: [u16; 24],
    days: u16,
    hour: Option<i64>,
    day: Option<i64>,
}

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

impl ActiveHours {
    /// Notes that the account was in use.
    pub(crate) fn note(&mut self, at: DateTime<Utc>) {
        let hour = at.timestamp().div_euclid(HOUR);
        if self.hour == Some(hour) {
            return;
        }
        self.hour = Some(hour);
        self.used[at.hour() as usize % 24] = self.used[at.hour() as usize % 24].saturating_add(1);
        let day = at.timestamp().div_euclid(DAY);
        if self.day != Some(day) {
            self.day = Some(day);
            self.days = self.days.saturating_add(1);
        }
    }

    /// Whether the account was in use in the hour of a moment, or in the one before.
    pub(crate) fn in_use(&self, at: DateTime<Utc>) -> bool {
        self.hour.is_some_and(|hour| (0..=1).contains(&(at.timestamp().div_euclid(HOUR) - hour)))
    }

    /// Whether a span lies in hours in which the account has never been used, over a week of use.
    pub(crate) fn is_idle(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        if self.days < 7 || to - from > TimeDelta::hours(2) {
            return false;
        }
        [from, to].iter().all(|at| {
            let hour = at.hour() as usize;
            [(hour + 23) % 24, hour, (hour + 1) % 24].iter().all(|hour| self.used[*hour] == 0)
        })
    }
}
