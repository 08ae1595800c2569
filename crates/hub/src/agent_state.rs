//! How giving by the background agent goes, and when it gives next.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::problem::{Problem, ProblemKind};

/// How often the agent gives. With the jitter it is once a minute at least.
const PACE: TimeDelta = TimeDelta::seconds(50);
/// How often it tries at least while the hub is away.
const MAX_PACE: TimeDelta = TimeDelta::minutes(30);
/// A pace is lengthened or shortened by up to this share, so that a thousand agents do not come at the same moment.
const JITTER: f64 = 0.2;

/// How giving by the background agent goes. It is stored in the history's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentState {
    /// Of which hub: its address. Of another one, nothing here counts.
    pub url: String,
    /// When it last tried.
    pub tried_at: Option<DateTime<Utc>>,
    /// When it last gave all that there was.
    pub done_at: Option<DateTime<Utc>>,
    /// How often it has failed since then.
    pub failures: u32,
    /// Why it failed the last time: the word, see [`ProblemKind::as_str`].
    pub problem: Option<String>,
    /// And what the server or the system said.
    pub said: Option<String>,
    /// Up to where the hub has this machine's requests: which history.
    pub epoch: String,
    /// And the place in it.
    pub place: u64,
    /// Up to which turn of the hub the verdicts of its audits are known here.
    pub verdicts: u64,
    /// When an audit that another agent holds is free, if that agent is gone.
    pub held_until: Option<DateTime<Utc>>,
}

impl AgentState {
    /// The setting under which it is stored.
    pub const KEY: &'static str = "hub_agent";

    /// It gave all that there was.
    #[must_use]
    pub fn gave(mut self, now: DateTime<Utc>, epoch: &str, place: u64) -> Self {
        (self.tried_at, self.done_at, self.failures) = (Some(now), Some(now), 0);
        (self.problem, self.said) = (None, None);
        (self.epoch, self.place) = (epoch.to_owned(), place);
        self
    }

    /// It failed.
    #[must_use]
    pub fn failed(mut self, now: DateTime<Utc>, problem: &Problem) -> Self {
        (self.tried_at, self.failures) = (Some(now), self.failures.saturating_add(1));
        self.held_until = None;
        self.problem = Some(problem.kind.as_str().to_owned());
        self.said.clone_from(&problem.said);
        self
    }

    /// Why it failed the last time.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        let word = self.problem.as_deref()?;
        let kind = ProblemKind::ALL.into_iter().find(|kind| kind.as_str() == word);
        Some(Problem { kind: kind.unwrap_or(ProblemKind::Failed), said: self.said.clone() })
    }

    /// When it gives next; `chance` is a random number from 0 to 1. After a failure it waits twice as long as before, and
    /// as long as it ever does where only a person can help.
    #[must_use]
    pub fn next_at(&self, now: DateTime<Utc>, chance: f64) -> DateTime<Utc> {
        let Some(tried) = self.tried_at else { return now };
        let needs_person = self.problem().is_some_and(|problem| problem.kind.needs_person());
        let doubled = if needs_person { MAX_PACE } else { PACE * 2_i32.pow(self.failures.min(10)) };
        let factor = 1.0 + JITTER * (2.0 * chance.clamp(0.0, 1.0) - 1.0);
        let wait = doubled.min(MAX_PACE).as_seconds_f64() * factor;
        let next = tried + TimeDelta::milliseconds((wait * 1000.0) as i64);
        let next = self.held_until.filter(|until| *until > tried).map_or(next, |until| next.min(until));
        // A clock that was set back must not hold it up.
        next.min(now + MAX_PACE)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_hub_that_is_away_is_tried_less_and_less_often() {
        let away = Problem::new(ProblemKind::Unreachable);
        let mut state = AgentState::default();
        assert_eq!(state.next_at(at(0), 0.5), at(0), "at once after joining");
        state = state.gave(at(0), "e", 3);
        assert_eq!(state.next_at(at(0), 0.5), at(50));
        for seconds in [100, 200, 400, 800, 1600, 1800, 1800] {
            state = state.failed(at(0), &away);
            assert_eq!(state.next_at(at(0), 0.5), at(seconds));
        }
        assert_eq!(state.problem(), Some(away));
        let gave = state.clone().gave(at(5), "e", 4);
        assert_eq!((gave.problem(), gave.next_at(at(5), 0.5)), (None, at(55)));
        let refused = gave.failed(at(5), &Problem::new(ProblemKind::Refused));
        assert_eq!(refused.next_at(at(5), 0.5), at(5 + 1800), "no one can help but a person");
        let held = state.clone().gave(at(0), "e", 4);
        let held = AgentState { held_until: Some(at(31)), ..held };
        assert_eq!(held.next_at(at(0), 0.5), at(31), "the agent that audits may be gone then");
        let ahead = AgentState { tried_at: Some(at(1_000_000)), ..state };
        assert_eq!(ahead.next_at(at(0), 0.5), at(1800), "the clock was set back");
    }

    proptest! {
        #[test]
        fn agents_come_apart_and_once_a_minute_at_least(chance in 0.0_f64..=1.0) {
            let next = AgentState::default().gave(at(0), "e", 0).next_at(at(0), chance);
            prop_assert!(next >= at(40) && next <= at(60), "{}", next);
        }
    }
}
