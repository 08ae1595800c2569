//! Giving what is new.

use chrono::{DateTime, Utc};
use serde_json::json;
use tidemark_machines::{MachineStore, ShareProjects};
use tidemark_store::{OwnMachine, Store};

use crate::batch::{Page, body, page};
use crate::connection::{Hub, within};
use crate::facts;
use crate::problem::{Problem, ProblemKind};

/// How often another process of this machine may come first before that is an error.
const MAX_MOVED: u32 = 5;

/// Who gives, and what.
#[derive(Debug, Clone)]
pub struct Giving {
    /// This machine.
    pub own: OwnMachine,
    /// Whether the others are given its name.
    pub shares_name: bool,
    /// Which names of projects are given.
    pub projects: ShareProjects,
    /// The version of the program.
    pub program: String,
    /// The present time.
    pub now: DateTime<Utc>,
}

/// What was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// How many requests, known to the hub before or not.
    pub requests: u64,
    /// How many readings, known to the hub before or not.
    pub readings: u64,
    /// Up to where this machine has given its requests.
    pub place: u64,
}

/// How many requests of this machine the hub does not have yet, where it has those up to a place of a history; all of
/// them where that is another history.
///
/// # Errors
/// [`ProblemKind::Store`].
pub fn outbox(
    store: &impl MachineStore,
    own: &OwnMachine,
    (epoch, place): (&str, u64),
) -> Result<u64, Problem> {
    let place = if epoch == own.epoch { place } else { 0 };
    Ok(store.ask(move |store| {
        let last = store.last_usage_place()?;
        store.own_requests_after(if place <= last { place } else { 0 })
    })?)
}

/// Gives the hub all that is new, a page in a transaction each. The hub remembers with each page up to where it has them:
/// after a break it goes on there, whether the answer to the last page came or not.
///
/// # Errors
/// [`Problem`], by kind. What was given before stays.
pub async fn sync(hub: &Hub, store: &impl MachineStore, giving: &Giving) -> Result<Given, Problem> {
    let machine = hub.machine(giving).await?;
    let (requests, place) = give_requests(hub, machine, store, giving).await?;
    let readings = give_facts(hub, machine, store, giving).await?;
    Ok(Given { requests, readings, place })
}

/// Gives requests: how many, and up to where.
async fn give_requests(
    hub: &Hub,
    machine: i64,
    store: &impl MachineStore,
    giving: &Giving,
) -> Result<(u64, u64), Problem> {
    let last = store.ask(Store::last_usage_place)?;
    let (sources, coverage) = store.ask(|store| Ok((store.own_sources()?, store.own_coverage()?)))?;
    let mut requests = 0;
    let mut moved = 0;
    loop {
        let mut place = hub.place(machine, Stream::Request, &giving.own.epoch).await?;
        // The history was set back to an earlier one.
        let mut again = place > last;
        if again {
            place = 0;
        }
        loop {
            let next = if place < last {
                page(store, place, last, &giving.projects)?
            } else {
                Page { requests: Vec::new(), messages: std::collections::BTreeSet::new(), to: place }
            };
            let body = body(&next, (&giving.own.epoch, place, again), &sources, &coverage);
            if !hub.push(machine, Stream::Request, &body).await? {
                break;
            }
            (place, again) = (next.to, false);
            requests += next.requests.len() as u64;
            if place >= last {
                return Ok((requests, place));
            }
        }
        moved += 1;
        if moved > MAX_MOVED {
            return Err(Problem::new(ProblemKind::Failed));
        }
    }
}

/// Gives readings, and with the last of them the findings: how many readings.
async fn give_facts(
    hub: &Hub,
    machine: i64,
    store: &impl MachineStore,
    giving: &Giving,
) -> Result<u64, Problem> {
    let mut given = 0;
    for _ in 0..=MAX_MOVED {
        let mut place = hub.place(machine, Stream::Reading, &giving.own.epoch).await?;
        // The last one that was given is gone: numbers were given again since.
        let mut again = place > 0 && !facts::is_there(store, place)?;
        if again {
            place = 0;
        }
        loop {
            let (readings, to, findings) = match facts::readings(store, place)? {
                Some((readings, to)) => (readings, to, Vec::new()),
                None => (Vec::new(), place, facts::findings(store, giving.now)?),
            };
            let is_last = readings.is_empty();
            given += readings.len() as u64;
            let body = json!({
                "epoch": giving.own.epoch, "from": place, "to": to, "again": again,
                "readings": readings, "findings": findings,
            });
            if !hub.push(machine, Stream::Reading, &body.to_string()).await? {
                break;
            }
            (place, again) = (to, false);
            if is_last {
                return Ok(given);
            }
        }
    }
    Err(Problem::new(ProblemKind::Failed))
}

impl Hub {
    /// The hub's number for this machine.
    pub(crate) async fn machine(&self, giving: &Giving) -> Result<i64, Problem> {
        let name = giving.shares_name.then_some(&giving.own.name);
        let row =
            within(self.client().query_one(
                "SELECT tidemark.machine_of($1, $2, $3)",
                &[&giving.own.id, &name, &giving.program],
            ))
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Up to where the hub has what this machine gives of a history.
    pub(crate) async fn place(&self, machine: i64, stream: Stream, epoch: &str) -> Result<u64, Problem> {
        let row = within(self.client().query_opt(
            "SELECT place FROM tidemark.place WHERE machine = $1 AND stream = $2 AND epoch = $3",
            &[&machine, &stream.word(), &epoch],
        ))
        .await?;
        let place: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
        Ok(place.max(0).cast_unsigned())
    }

    /// Gives a page. Whether it was taken: not where another process has given since.
    pub(crate) async fn push(&self, machine: i64, stream: Stream, body: &str) -> Result<bool, Problem> {
        let row = within(self.client().query_one(stream.push(), &[&machine, &body])).await?;
        Ok(row.try_get::<_, Option<i64>>(0)?.is_some())
    }
}

/// What is given in an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Requests.
    Request,
    /// Readings, and with them findings.
    Reading,
}

impl Stream {
    const fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Reading => "reading",
        }
    }

    const fn push(self) -> &'static str {
        match self {
            Self::Request => "SELECT tidemark.push_requests($1, $2)",
            Self::Reading => "SELECT tidemark.push_facts($1, $2)",
        }
    }
}
