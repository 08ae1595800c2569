//! Histories without HTTP: what a program that polled an account over a span would have read.

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::reading::Reading;

use crate::account::SimAccount;
use crate::bodies;
use crate::habits::Request;
use crate::reading::reading_of;
use crate::spec::AccountSpec;
use crate::truth::Truth;

/// One poll of a history.
#[derive(Debug, Clone, PartialEq)]
pub enum Polled {
    /// The account answered.
    Look {
        /// What was read.
        reading: Box<Reading>,
        /// The quota part of the body, personal data taken out.
        evidence: String,
    },
    /// The service refused the key.
    Refused {
        /// When.
        at: DateTime<Utc>,
    },
}

/// The polls of an account at equal distances. Iterates over the readings of those that were answered;
/// [`History::next_poll`] gives the refused ones too.
#[derive(Debug)]
pub struct History {
    life: SimAccount,
    next: DateTime<Utc>,
    to: DateTime<Utc>,
    every: TimeDelta,
}

/// What would have been read of an account, polled every `every` from `from` to before `to`.
///
/// The account is simulated from its own beginning, so `from` may be later. The same spec and seed give the
/// same history, and the same life as in a server with that seed.
///
/// # Examples
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use tidemark_core::{Meter, Region};
/// use tidemark_simulator::{AccountSpec, Plan, history};
///
/// let from: DateTime<Utc> = "2026-10-05T00:00:00Z".parse()?;
/// let spec = AccountSpec::kimi_code("work", Region::China, Plan::Pro, from - TimeDelta::days(3));
/// let week = || history(&spec, 7, from, from + TimeDelta::days(7), TimeDelta::minutes(30));
///
/// let polls: Vec<_> = week().collect();
/// assert_eq!(polls.len(), 7 * 48);
/// let month = polls.iter().filter_map(|(reading, _evidence)| reading.meter(Meter::Month));
/// assert!(month.map(|month| month.used_percent).max() > Some(0.into()), "it was used");
/// assert!(week().eq(polls), "the same seed gives the same history");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn history(
    spec: &AccountSpec,
    seed: u64,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    every: TimeDelta,
) -> History {
    let life = SimAccount::new(spec.clone(), seed);
    let next = from.max(life.now());
    // A distance of nothing would never end.
    History { life, next, to, every: every.max(TimeDelta::milliseconds(1)) }
}

impl History {
    /// The next poll, answered or refused.
    pub fn next_poll(&mut self) -> Option<Polled> {
        if self.next >= self.to {
            return None;
        }
        let at = self.next;
        self.next = at + self.every;
        self.life.advance(at);
        if self.life.is_revoked() {
            return Some(Polled::Refused { at });
        }
        let shown = self.life.look();
        Some(Polled::Look {
            reading: Box::new(reading_of(&shown)),
            evidence: bodies::evidence(&shown).to_string(),
        })
    }

    /// From now on, keeps the requests of the machine that logs for [`History::take_logged`].
    pub fn keep_logged(&mut self) {
        self.life.keep_logged();
    }

    /// The same with the requests of every other machine.
    pub fn keep_all_requests(&mut self) {
        self.life.keep_all_requests();
    }

    /// What the machines whose requests are kept sent since the last call.
    pub fn take_logged(&mut self) -> Vec<Request> {
        self.life.take_logged()
    }

    /// What really happened, as far as the history has been read.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.life.truth()
    }

    /// The account as it is after the polls so far.
    #[must_use]
    pub const fn life(&self) -> &SimAccount {
        &self.life
    }
}

impl Iterator for History {
    type Item = (Reading, String);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_poll()? {
                Polled::Look { reading, evidence } => return Some((*reading, evidence)),
                Polled::Refused { .. } => {}
            }
        }
    }
}
