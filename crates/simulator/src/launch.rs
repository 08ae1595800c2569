//! The launch day: what the press reported of April 22 2026, when a new model came and quotas were used up.
//!
//! Accounts were deducted at an accelerated or wrong rate from the rollout on, some were emptied at once,
//! gateways answered 502 from about 09:00 UTC, and at 20:30 in China every quota was reset off schedule. The
//! two press reports disagree on the day of the launch; here it is two days before.

use chrono::{DateTime, Months, NaiveTime, TimeDelta, Utc};
use tidemark_core::{Meter, Region};

use crate::event::Event;
use crate::plan::Plan;
use crate::price::Model;
use crate::spec::{AccountSpec, Habits};

/// The name of the account that lived through it.
pub const LAUNCH_ACCOUNT: &str = "Launch day";
/// How many times as much use cost from the rollout on.
pub const LAUNCH_FACTOR: f64 = 3.0;

/// The times of a launch day's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaunchDay {
    /// The new model is rolled out: 15:28 UTC, two days before. The same use costs more from then on.
    pub rollout: DateTime<Utc>,
    /// Gateways begin to answer 502: 09:00 UTC.
    pub trouble: DateTime<Utc>,
    /// One quota is emptied at once.
    pub emptied: DateTime<Utc>,
    /// Every quota is set back, and use costs what it did: 20:30 in China.
    pub set_back: DateTime<Utc>,
    /// Gateways answer again, and the incident is over.
    pub over: DateTime<Utc>,
}

impl LaunchDay {
    /// The last such day of which nothing is less than a day ago.
    #[must_use]
    pub fn before(now: DateTime<Utc>) -> Self {
        let day = (now - TimeDelta::hours(38)).date_naive();
        let midnight = day.and_time(NaiveTime::MIN).and_utc();
        let at = |hour: i64, minute: i64| midnight + TimeDelta::hours(hour) + TimeDelta::minutes(minute);
        Self {
            rollout: at(15, 28) - TimeDelta::days(2),
            trouble: at(9, 0),
            emptied: at(10, 7),
            set_back: at(12, 30),
            over: at(13, 40),
        }
    }

    /// Whether a poll at that time is answered with 502: every third one while there is trouble, until the
    /// quotas are set back.
    #[must_use]
    pub fn fails(&self, at: DateTime<Utc>) -> bool {
        at >= self.trouble && at < self.set_back && (at - self.trouble).num_minutes() / 15 % 3 == 1
    }

    /// The account that lived through it, alive from `begin` on.
    #[must_use]
    pub fn account(&self, begin: DateTime<Utc>) -> AccountSpec {
        // Its month began a week before the rollout, so that there is enough of it left to be taken.
        let month = self.rollout - TimeDelta::minutes(7 * 1440 + 403);
        let subscribed_at = month.checked_sub_months(Months::new(4)).unwrap_or(month);
        AccountSpec::kimi_code(LAUNCH_ACCOUNT, Region::China, Plan::Pro, subscribed_at.min(begin))
            .alive_from(begin)
            .with_habits(Habits {
                sessions: 3.0,
                weekend_sessions: 3.0,
                from_hour: 9.0,
                to_hour: 22.0,
                session_minutes: 22.0,
                burst: 0.0,
                other_machine: 0.0,
                other_products: 0.0,
                models: vec![(Model::K27Code, 1.0)],
                ..Habits::default()
            })
            .with_seed(22)
            .then(self.rollout, Event::Accelerate { factor: LAUNCH_FACTOR })
            .then(self.emptied, Event::WipeOut { meter: Some(Meter::Month) })
            .then(self.set_back, Event::Accelerate { factor: 1.0 })
            .then(self.set_back, Event::EarlyReset { meter: None, move_end: false })
    }
}
