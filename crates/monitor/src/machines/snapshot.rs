//! What is known of the machines and exchanges at a moment.

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_machines::{Place, Problem, ProblemKind};
use tidemark_store::{
    CoverageSpan, Exchange, ForgottenMachine, Machine, MachineCoverage, MachineId, OwnMachine, Store,
};

use super::settings::MachineKey;
use crate::engine::Engine;
use crate::error::EngineError;

/// How often an exchange is made that works.
const EXCHANGE: TimeDelta = TimeDelta::minutes(10);
/// How often one is tried at least that fails.
const MAX_EXCHANGE: TimeDelta = TimeDelta::hours(6);

/// The machines and exchanges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachinesSnapshot {
    /// This machine.
    pub this: ThisMachine,
    /// The others, in the order in which they became known.
    pub machines: Vec<MachineSnapshot>,
    /// The ways on which records come and go, in the order in which they were added.
    pub exchanges: Vec<ExchangeSnapshot>,
    /// Machines that were forgotten with their usage, and are ignored.
    pub forgotten: Vec<ForgottenMachine>,
}

/// This machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThisMachine {
    /// Its id and name.
    pub own: OwnMachine,
    /// From when to when its logs are known.
    pub coverage: Vec<CoverageSpan>,
    /// Whether names of projects are given away.
    pub shares_projects: bool,
}

/// Another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineSnapshot {
    /// What is stored of it.
    pub machine: Machine,
    /// From when to when its logs are known.
    pub coverage: Vec<CoverageSpan>,
}

/// An exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeSnapshot {
    /// What is stored of it.
    pub exchange: Exchange,
    /// Where it is; `None` where only a later version knows.
    pub place: Option<Place>,
    /// Why it failed the last time.
    pub problem: Option<Problem>,
    /// When it is made next.
    pub next_at: DateTime<Utc>,
    /// Whether it is being made, or waits for its turn.
    pub underway: bool,
}

impl ExchangeSnapshot {
    pub(super) fn of(exchange: Exchange, now: DateTime<Utc>) -> Self {
        let place = serde_json::from_str(&exchange.place).ok();
        let problem = exchange
            .problem
            .as_deref()
            .map(|text| serde_json::from_str(text).unwrap_or_else(|_| Problem::new(ProblemKind::Other)));
        // A damaged file of one machine must not hold up what the others write.
        let is_damage = problem.as_ref().is_some_and(|problem| problem.kind == ProblemKind::Damaged);
        let next_at = next_at(&exchange, if is_damage { 0 } else { exchange.failures }, now);
        Self { exchange, place, problem, next_at, underway: false }
    }
}

/// When an exchange is made next: after ten minutes, twice as long after each failure, six hours at most.
fn next_at(exchange: &Exchange, failures: u32, now: DateTime<Utc>) -> DateTime<Utc> {
    let Some(tried) = exchange.tried_at else { return now };
    let wait = EXCHANGE * 2_i32.pow(failures.min(8));
    let next = tried + wait.min(MAX_EXCHANGE);
    // A clock that was set back must not hold it up.
    next.min(now + MAX_EXCHANGE)
}

impl Engine {
    /// The machines and exchanges as they are now.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the history cannot be read, or this machine cannot be given an id.
    pub async fn machines(&self) -> Result<MachinesSnapshot, EngineError> {
        let own = self.own_machine().await?;
        let now = self.now();
        let read = |store: &Store| {
            Ok((store.machines()?, store.exchanges()?, store.log_coverage()?, store.forgotten_machines()?))
        };
        let (machines, exchanges, coverage, forgotten) = self.read(read).await?;
        let spans = |machine: Option<MachineId>| -> Vec<CoverageSpan> {
            let of_machine = |one: &&MachineCoverage| one.machine == machine;
            coverage.iter().filter(of_machine).map(|one| one.span.clone()).collect()
        };
        let this = ThisMachine { own, coverage: spans(None), shares_projects: self.shares_projects().await? };
        Ok(MachinesSnapshot {
            this,
            forgotten,
            machines: machines
                .into_iter()
                .map(|machine| MachineSnapshot { coverage: spans(Some(machine.id)), machine })
                .collect(),
            exchanges: exchanges
                .into_iter()
                .map(|exchange| ExchangeSnapshot {
                    underway: self.shared.exchanges_underway.has(exchange.id),
                    ..ExchangeSnapshot::of(exchange, now)
                })
                .collect(),
        })
    }
}

impl MachinesSnapshot {
    /// What a name means: a machine, else an exchange.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<MachineKey> {
        let machine = self.machines.iter().find(|one| one.machine.name == name);
        let exchange = self.exchanges.iter().find(|one| one.exchange.name == name);
        machine
            .map(|one| MachineKey::Machine(one.machine.id))
            .or_else(|| exchange.map(|one| MachineKey::Exchange(one.exchange.id)))
    }
}

#[cfg(test)]
mod tests {
    use tidemark_store::ExchangeId;

    use super::*;

    #[test]
    fn an_exchange_that_fails_is_tried_less_and_less_often() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        let exchange = |tried: Option<i64>, failures| Exchange {
            id: ExchangeId(1),
            name: "desk".to_owned(),
            place: "{}".to_owned(),
            added_at: now,
            tried_at: tried.map(|minutes| now + TimeDelta::minutes(minutes)),
            done_at: None,
            failures,
            problem: None,
            written: None,
        };
        for (tried, failures, minutes) in [
            (None, 0, 0),
            (Some(-10), 0, 0),
            (Some(-3), 0, 7),
            (Some(0), 1, 20),
            (Some(0), 3, 80),
            (Some(0), 9, 360),
            (Some(0), 4_000_000_000, 360),
            (Some(100_000), 0, 360),
        ] {
            let next = ExchangeSnapshot::of(exchange(tried, failures), now).next_at;
            assert_eq!(next, now + TimeDelta::minutes(minutes), "{tried:?} {failures}");
        }
        let damaged = serde_json::to_string(&Problem::new(ProblemKind::Damaged)).unwrap();
        let with_damage = Exchange { problem: Some(damaged), ..exchange(Some(0), 7) };
        assert_eq!(ExchangeSnapshot::of(with_damage, now).next_at, now + TimeDelta::minutes(10));
    }
}
