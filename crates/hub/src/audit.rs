//! One audit for each account, over what all members have given.
//!
//! An agent takes an account's audit for half a minute, goes on from what the hub remembers of the account, and writes what
//! it found together with what is remembered then, in one transaction that the hub refuses where another agent took over
//! meanwhile. So it does not matter which agent runs it, nor where one is killed: what is found are the same rows.
//!
//! The audit is the engine's: [`tidemark_core::step`]. Each machine that uses the account is another machine to it, whose
//! logs are known for the spans that it says.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tidemark_core::audit::Prices;
use tidemark_core::step::{AccountState, Input, Outcome, Rules, STATE_VERSION};
use tidemark_core::wire::{ReadingRecord, UsageRecord};
use tidemark_core::{Finding, Reading, Tokens, text};
use tokio_postgres::Row;

use crate::audit_state;
use crate::connection::{Hub, within};
use crate::facts;
use crate::problem::Problem;
use crate::role::Role;
use crate::schema;

/// How long an account's audit is held. Whoever is killed holds it up for so long at most.
pub const LEASE: Duration = Duration::from_secs(30);
/// How old a reading is when it is concluded from: by then each agent has given the usage beside it.
pub const SETTLE: Duration = Duration::from_mins(2);
/// How far back an audit begins.
const SINCE: TimeDelta = TimeDelta::days(40);
/// One machine's readings are taken until it has given none for so long: two clocks that differ by seconds would make a
/// quota look as if it went back.
const READER_GONE: TimeDelta = TimeDelta::minutes(15);
/// Two readings no further apart than this count as polling all the while.
const MAX_GAP: TimeDelta = TimeDelta::minutes(20);

/// How much is concluded from in one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditPart {
    /// How many readings, at most.
    pub readings: u16,
    /// How many requests beside them, at most; where there are more, a part ends before its last reading.
    pub requests: u16,
}

impl Default for AuditPart {
    fn default() -> Self {
        Self { readings: 200, requests: 50_000 }
    }
}

/// What auditing came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audited {
    /// How many accounts were audited.
    pub accounts: u64,
    /// How many findings were written, those included that another agent had written before.
    pub findings: u64,
    /// In how long an audit that another agent holds is free, if that agent is gone.
    pub held_for: Option<Duration>,
}

/// An audit that was taken.
struct Claim {
    account: i64,
    state: Option<String>,
    reader: Option<i64>,
    read_at: Option<DateTime<Utc>>,
    turn: i64,
    last_turn: i64,
    horizon: DateTime<Utc>,
}

/// Some readings, in their order.
struct Readings {
    /// Each with the machine that gave it. One that only a later version understands is passed over.
    all: Vec<(i64, Reading)>,
    /// Up to when they reach, those passed over included.
    reached: Option<DateTime<Utc>>,
    /// Whether there are no more.
    are_last: bool,
}

/// The usage that is taken into a part.
struct PartUsage {
    requests: Vec<UsageRecord>,
    /// Up to when, and up to which turn, it is all that is known.
    until: DateTime<Utc>,
    turn: i64,
}

/// A machine that uses the account: for which spans its logs are known, and since when that is known.
struct Machine {
    name: String,
    spans: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    known_at: DateTime<Utc>,
}

/// Audits every account of which something is to be concluded and that no other agent holds, one after another. A member
/// that does not see all has nothing to do, nor has anyone in a hub whose owner has not brought it up to date. `holder`
/// distinguishes agents and turns: random.
///
/// # Errors
/// [`Problem`], by kind. What was concluded before stays.
pub async fn audit(
    hub: &Hub,
    holder: &str,
    settle: Duration,
    prices: &dyn Prices,
    part: AuditPart,
) -> Result<Audited, Problem> {
    let mut audited = Audited::default();
    if hub.role == Role::Member || hub.schema < schema::AUDIT {
        return Ok(audited);
    }
    loop {
        let (claim, held_for) = hub.claim(holder, settle).await?;
        let Some(claim) = claim else {
            audited.held_for = held_for;
            return Ok(audited);
        };
        let Some(findings) = Auditing::of(hub, holder, prices, part, claim).run().await? else {
            // Another agent has it, or it took longer than it is held. Claimed again at once it might be lost again.
            audited.held_for = Some(LEASE);
            return Ok(audited);
        };
        audited.accounts += 1;
        audited.findings += findings;
    }
}

/// An audit under way.
struct Auditing<'a> {
    hub: &'a Hub,
    holder: &'a str,
    prices: &'a dyn Prices,
    part: AuditPart,
    claim: Claim,
    state: AccountState,
    /// Findings of before were written by a version whose state this one cannot read.
    silent_until: Option<DateTime<Utc>>,
}

impl<'a> Auditing<'a> {
    fn of(hub: &'a Hub, holder: &'a str, prices: &'a dyn Prices, part: AuditPart, mut claim: Claim) -> Self {
        let state = claim.state.take();
        let known = state.as_deref().and_then(audit_state::of_text);
        let mut silent_until = None;
        if state.is_some() && known.is_none() {
            // It begins again with what led to the state.
            silent_until = claim.read_at;
            claim.read_at = claim.read_at.map(|at| at - SINCE);
            claim.turn = 0;
        }
        Self { hub, holder, prices, part, claim, state: known.unwrap_or_default(), silent_until }
    }

    /// Concludes from all that there is, a transaction for each part; how many findings there were. `None` where another
    /// agent took over.
    async fn run(mut self) -> Result<Option<u64>, Problem> {
        let machines = self.hub.machines_of(self.claim.account).await?;
        let mut findings = 0;
        loop {
            let readings = self.hub.readings_of(&self.claim, self.part.readings).await?;
            let (found, is_done) = self.conclude_from(&machines, readings).await?;
            findings += found.len() as u64;
            if !self.hub.conclude(self.holder, &self.claim, &self.state, &found, is_done).await? {
                return Ok(None);
            }
            if is_done {
                return Ok(Some(findings));
            }
        }
    }

    /// The usage that became known since, up to a time or as much of it as a part takes.
    async fn usage(&self, after: DateTime<Utc>, mut until: DateTime<Utc>) -> Result<PartUsage, Problem> {
        let mut turn = self.claim.last_turn;
        loop {
            let mut requests =
                self.hub.usage_of(&self.claim, (after, until), turn, self.part.requests).await?;
            let turns = turn - self.claim.turn;
            let is_whole = requests.len() < usize::from(self.part.requests);
            // They are in the order of their times, and of the last time some may be missing.
            let cut = requests.last().map_or(after, |last| last.at - TimeDelta::microseconds(1));
            if !is_whole && cut > after {
                requests.retain(|request| request.at <= cut);
                return Ok(PartUsage { requests, until: cut, turn });
            }
            if is_whole {
                return Ok(PartUsage { requests, until, turn });
            }
            if turns <= 1 {
                // More at one moment than a part takes: what of it does not fit is left out, and nothing else.
                let last = requests.last().map_or(until, |last| last.at);
                return Ok(PartUsage { requests, until: last.max(after), turn });
            }
            // So much of before became known: of fewer turns at once, and nothing newer yet.
            (until, turn) = (after, self.claim.turn + turns / 2);
        }
    }

    /// Concludes from some readings, and the usage up to the last of them; whether that is all there is.
    async fn conclude_from(
        &mut self,
        machines: &[Machine],
        Readings { all: readings, reached, are_last }: Readings,
    ) -> Result<(Vec<Finding>, bool), Problem> {
        let first =
            self.claim.read_at.or_else(|| readings.first().map(|(_, reading)| reading.at)).or(reached);
        let Some(first) = first else { return Ok((Vec::new(), true)) };
        let after = self.claim.read_at.unwrap_or(first - SINCE);
        let reached = reached.unwrap_or(after);
        let PartUsage { requests: usage, until, turn } = self.usage(after, reached).await?;
        let is_done = are_last && until == reached && turn == self.claim.last_turn;
        let names: Vec<String> = machines.iter().map(|machine| machine.name.clone()).collect();
        let rules = Rules { prices: self.prices, alerts: None, max_gap: MAX_GAP };
        let mut found = Vec::new();
        let mut take = |outcome: Outcome| {
            found.extend(outcome.withdrawn);
            found.extend(outcome.findings);
        };
        let mut usage = usage.into_iter().peekable();
        let state = &mut self.state;
        for (machine, reading) in readings.into_iter().filter(|(_, reading)| reading.at <= until) {
            let is_readers = self.claim.reader == Some(machine)
                || state.last_reading().is_none_or(|last| reading.at - last > READER_GONE);
            if !is_readers || state.last_reading().is_some_and(|last| reading.at <= last) {
                continue;
            }
            self.claim.reader = Some(machine);
            while let Some(request) = usage.next_if(|request| request.at <= reading.at) {
                // In the order of a program that ran then, each was known at once; what is older than the last reading was not.
                let is_late = state.last_reading().is_some_and(|last| request.at <= last);
                let known_at = if is_late { reading.at } else { request.at };
                take(state.apply(state.usage_input(&request, known_at), &rules));
            }
            take(state.apply(Input::Machines { names: &names }, &rules));
            for Machine { name, spans, known_at } in machines {
                for (from, to) in spans.iter().filter(|(from, _)| *from < reading.at) {
                    let (to, known_at) = ((*to).min(reading.at), (*known_at).min(reading.at));
                    take(state.apply(Input::Coverage { machine: name, from: *from, to, known_at }, &rules));
                }
            }
            take(state.apply(Input::Reading(&reading), &rules));
        }
        // Usage of before the last reading that became known since, or of behind it where the part ends there.
        let now = self.claim.horizon;
        for request in usage {
            let is_late = state.last_reading().is_some_and(|last| request.at <= last);
            let known_at = if is_late { now } else { request.at };
            take(state.apply(state.usage_input(&request, known_at), &rules));
        }
        self.claim.read_at = Some(until);
        self.claim.turn = turn;
        if let Some(silent) = self.silent_until {
            found.retain(|finding| finding.detected_at > silent);
        }
        Ok((found, is_done))
    }
}

impl Hub {
    /// Takes an audit; else in how long one that others hold is free.
    async fn claim(
        &self,
        holder: &str,
        settle: Duration,
    ) -> Result<(Option<Claim>, Option<Duration>), Problem> {
        let version = i32::try_from(STATE_VERSION).unwrap_or(i32::MAX);
        let row = within(self.client().query_one(
            "SELECT account, state, reader, read_at, turn, last_turn, horizon, held_for
             FROM tidemark.claim_audit($1, $2, $3, $4)",
            &[&holder, &version, &seconds(settle), &seconds(LEASE)],
        ))
        .await?;
        let Some(account) = row.try_get::<_, Option<i64>>(0)? else {
            let held_for: Option<f64> = row.try_get(7)?;
            return Ok((None, held_for.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())));
        };
        let claim = Claim {
            account,
            state: row.try_get(1)?,
            reader: row.try_get(2)?,
            read_at: row.try_get(3)?,
            turn: row.try_get(4)?,
            last_turn: row.try_get(5)?,
            horizon: row.try_get(6)?,
        };
        Ok((Some(claim), None))
    }

    /// The next readings, in their order.
    async fn readings_of(&self, claim: &Claim, most: u16) -> Result<Readings, Problem> {
        let after = claim.read_at.unwrap_or(claim.horizon - SINCE);
        let rows = within(self.client().query(
            "SELECT machine, line::text, at FROM tidemark.reading
             WHERE account = $1 AND at > $2 AND at <= $3 ORDER BY at, machine LIMIT $4",
            &[&claim.account, &after, &claim.horizon, &i64::from(most)],
        ))
        .await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let line: Result<ReadingRecord, _> = serde_json::from_str(row.try_get(1)?);
            let Ok(line) = line else { continue };
            // The row's own time: what is read next is asked for by it, and the line says what a member likes.
            all.push((row.try_get(0)?, Reading { at: row.try_get(2)?, ..Reading::from(line) }));
        }
        let reached = rows.last().map(|row| row.try_get(2)).transpose()?;
        Ok(Readings { all, reached, are_last: rows.len() < usize::from(most) })
    }

    /// What was used in a span, or became known of before it since the audit's turn up to another; the earliest of so
    /// much.
    async fn usage_of(
        &self,
        claim: &Claim,
        (after, until): Span,
        turn: i64,
        most: u16,
    ) -> Result<Vec<UsageRecord>, Problem> {
        let rows = within(self.client().query(
            "SELECT used_at, used_model, used_machine, used_input, used_cache_read, used_cache_write,
               used_cache_write_1h, used_output
             FROM tidemark.audit_usage($1, $2, $3, $4, $5, $6)",
            &[&claim.account, &after, &claim.turn, &until, &turn, &i32::from(most)],
        ))
        .await?;
        Ok(rows.iter().map(usage).collect::<Result<_, _>>()?)
    }

    /// The machines that use an account, with the spans for which all their logs are known.
    async fn machines_of(&self, account: i64) -> Result<Vec<Machine>, Problem> {
        let rows = within(self.client().query(
            "SELECT machine.id, machine.seen_at, coverage.client, coverage.start, coverage.until
             FROM tidemark.machine LEFT JOIN tidemark.coverage ON coverage.machine = machine.id
             WHERE machine.id IN (SELECT source.machine FROM tidemark.source WHERE source.account = $1)
               -- Who has left gives no more logs, and none are waited for.
               AND EXISTS (SELECT 1 FROM tidemark.member
                 WHERE member.id = machine.member AND member.left_at IS NULL)
             ORDER BY machine.id, coverage.client, coverage.start",
            &[&account],
        ))
        .await?;
        let mut machines: BTreeMap<i64, (DateTime<Utc>, SpansOfClients)> = BTreeMap::new();
        for row in &rows {
            let (_, clients) = machines.entry(row.try_get(0)?).or_insert((row.try_get(1)?, BTreeMap::new()));
            if let Some(client) = row.try_get::<_, Option<String>>(2)? {
                clients.entry(client).or_default().push((row.try_get(3)?, row.try_get(4)?));
            }
        }
        Ok(machines
            .into_iter()
            .map(|(id, (known_at, clients))| Machine {
                name: machine_name(id),
                spans: clients.into_values().reduce(|all, spans| in_both(&all, &spans)).unwrap_or_default(),
                known_at,
            })
            .collect())
    }

    /// Writes what was concluded; whether the audit was still held.
    async fn conclude(
        &self,
        holder: &str,
        claim: &Claim,
        state: &AccountState,
        found: &[Finding],
        is_done: bool,
    ) -> Result<bool, Problem> {
        let version = i32::try_from(STATE_VERSION).unwrap_or(i32::MAX);
        let state = audit_state::to_text(state)?;
        let verdicts = Value::Array(found.iter().map(facts::finding).collect()).to_string();
        let row = within(self.client().query_one(
            "SELECT tidemark.conclude($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                &claim.account,
                &holder,
                &version,
                &state,
                &claim.reader,
                &claim.read_at,
                &claim.turn,
                &verdicts,
                &is_done,
                &seconds(LEASE),
            ],
        ))
        .await?;
        Ok(row.try_get(0)?)
    }
}

type Span = (DateTime<Utc>, DateTime<Utc>);
type SpansOfClients = BTreeMap<String, Vec<Span>>;

/// What is in both of two lists of spans.
fn in_both(all: &[Span], other: &[Span]) -> Vec<Span> {
    let mut both: Vec<Span> = all
        .iter()
        .flat_map(|one| other.iter().map(|two| (one.0.max(two.0), one.1.min(two.1))))
        .filter(|(from, to)| from < to)
        .collect();
    both.sort_unstable();
    both
}

/// What a machine is called in an audit: its number, since a name may not be shared.
fn machine_name(id: i64) -> String {
    format!("#{id}")
}

fn seconds(time: Duration) -> i32 {
    i32::try_from(time.as_secs()).unwrap_or(i32::MAX)
}

fn usage(row: &Row) -> Result<UsageRecord, tokio_postgres::Error> {
    let count = |column: usize| row.try_get::<_, i64>(column).map(|count| count.max(0).cast_unsigned());
    let tokens = Tokens {
        input: count(3)?,
        cache_read: count(4)?,
        cache_write: count(5)?,
        cache_write_1h: count(6)?,
        output: count(7)?,
    };
    let model = text::name(row.try_get(1)?);
    let machine = Some(machine_name(row.try_get(2)?));
    Ok(UsageRecord { machine, ..UsageRecord::new(row.try_get(0)?, Some(model), tokens) })
}
