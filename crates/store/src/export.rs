//! Export: a recorded history as the contract's lines, in time order, without holding it in memory.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use rusqlite::{Rows, params};
use tidemark_core::AccountId;
use tidemark_core::wire::{
    FailureRecord, FindingRecord, LogCoverageRecord, ReadingRecord, Record, TimestampedRecord, UsageRecord,
};

use crate::error::StoreError;
use crate::findings::FindingQuery;
use crate::machines::{MachineId, MachineLogs};
use crate::readings::accounts_of;
use crate::store::Store;
use crate::usage::query as usage;
use crate::{announcements, failures, inputs_since, instant, readings, text_columns};

/// What to export, from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportQuery {
    /// Of one account, or of all. Incidents and announcements belong to none and are always there.
    pub account: Option<AccountId>,
    /// The first instant of the export.
    pub from: DateTime<Utc>,
    /// The first instant after the export.
    pub to: DateTime<Utc>,
}

/// What a stream is made of.
#[derive(Clone, Copy)]
enum Of {
    Readings,
    Failures,
    Incidents,
    Announcements,
    Requests,
}

/// A line, and when it became known.
type KnownLine = (DateTime<Utc>, TimestampedRecord);

/// What accounts and machines are called.
struct Names {
    accounts: HashMap<AccountId, String>,
    machines: HashMap<MachineId, String>,
}

/// One source of lines in time order, and the line it is at.
struct Stream<'rows> {
    of: Of,
    rows: Rows<'rows>,
    next: Option<KnownLine>,
}

impl<'rows> Stream<'rows> {
    fn begin(of: Of, rows: Rows<'rows>, names: &Names) -> Result<Self, StoreError> {
        let mut stream = Self { of, rows, next: None };
        stream.advance(names)?;
        Ok(stream)
    }

    fn advance(&mut self, names: &Names) -> Result<(), StoreError> {
        let Some(row) = self.rows.next()? else {
            self.next = None;
            return Ok(());
        };
        self.next = Some(match self.of {
            Of::Readings => {
                let stored = readings::stored(row)?;
                let name = names.accounts.get(&stored.account).map(String::as_str);
                (stored.reading.at, Record::Reading(ReadingRecord::new(&stored.reading, name)).into())
            }
            Of::Failures => {
                let stored = failures::stored(row)?;
                let account = names.accounts.get(&stored.account).cloned();
                let line = FailureRecord { at: stored.at, account, kind: stored.failure.kind };
                (stored.at, Record::Failure(line).into())
            }
            Of::Incidents => {
                let (known, line) = inputs_since::incident(row)?;
                let known_at = (known > line.at).then_some(known);
                (known, TimestampedRecord { record: Record::Incident(line), known_at })
            }
            Of::Announcements => {
                let line = announcements::record(row)?;
                (line.at, Record::Announcement(line).into())
            }
            Of::Requests => {
                let request = usage::request(row)?;
                let account = request.account.and_then(|id| names.accounts.get(&id)).cloned();
                let machine = request.machine.and_then(|id| names.machines.get(&id)).cloned();
                let line = UsageRecord {
                    account,
                    machine,
                    project: text_columns::optional_folder(row, 11)?,
                    unassigned: request.account.is_none(),
                    id: Some(format!("{:016x}", row.get::<_, i64>(12)?)),
                    ..UsageRecord::new(request.at, Some(request.model), request.tokens)
                };
                let known_at = (request.known_at > request.at).then_some(request.known_at);
                (request.known_at, TimestampedRecord { record: Record::Usage(line), known_at })
            }
        });
        Ok(())
    }
}

impl Store {
    /// Passes the readings, failures, incidents, announcements and requests of a span, and which of other machines'
    /// logs are known, to `each` as the contract's lines, in the order in which they became known (at the same time: in
    /// this order), until `each` breaks off. Unassigned requests are among those of all accounts; they say that they
    /// are, since nothing can be concluded from them.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`] at a row that this
    /// version cannot parse; `each` has the lines before it then.
    pub fn for_each_line(
        &self,
        query: &ExportQuery,
        mut each: impl FnMut(TimestampedRecord) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let names = self.names()?;
        let mut coverage = self.coverage_lines(query.from, query.to)?;
        let tx = self.begin_reading()?;
        let (from, to) = (instant::encode(query.from), instant::encode(query.to));
        let accounts = accounts_of(&tx, query.account)?;
        let mut of_readings = Vec::new();
        let mut of_failures = Vec::new();
        for _ in &accounts {
            of_readings.push(tx.prepare(readings::SELECT_SPAN)?);
            of_failures.push(tx.prepare(failures::SELECT_SPAN)?);
        }
        let mut of_incidents = tx.prepare(inputs_since::SELECT_INCIDENTS)?;
        let mut of_announcements = tx.prepare(announcements::SELECT_KNOWN)?;
        let mut of_requests = tx.prepare(usage::SELECT_KNOWN)?;
        let mut streams = Vec::new();
        for (account, statement) in accounts.iter().zip(&mut of_readings) {
            streams.push(Stream::begin(Of::Readings, statement.query([*account, from, to])?, &names)?);
        }
        for (account, statement) in accounts.iter().zip(&mut of_failures) {
            streams.push(Stream::begin(Of::Failures, statement.query([*account, from, to])?, &names)?);
        }
        streams.push(Stream::begin(Of::Incidents, of_incidents.query([from, to])?, &names)?);
        streams.push(Stream::begin(Of::Announcements, of_announcements.query([from, to])?, &names)?);
        let millis = |at: DateTime<Utc>| at.timestamp_millis();
        let asked = params![query.account.map(|id| id.0), millis(query.from), millis(query.to)];
        streams.push(Stream::begin(Of::Requests, of_requests.query(asked)?, &names)?);
        // At most twice as many streams as accounts: a pass over all of them is quicker than a heap.
        while let Some(first) = streams
            .iter_mut()
            .filter(|stream| stream.next.is_some())
            .min_by_key(|stream| stream.next.as_ref().map(|(at, _)| *at))
        {
            let Some((at, line)) = first.next.take() else { break };
            while let Some((_, known)) = coverage.pop_front_if(|(known, _)| *known < at) {
                if each(known).is_break() {
                    return Ok(());
                }
            }
            if each(line).is_break() {
                return Ok(());
            }
            first.advance(&names)?;
        }
        for (_, known) in coverage {
            if each(known).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<Names, StoreError> {
        let accounts = self.accounts()?.into_iter().map(|account| (account.id, account.name)).collect();
        let machines = self.machines()?.into_iter().map(|machine| (machine.id, machine.name)).collect();
        Ok(Names { accounts, machines })
    }

    /// What is known of other machines' logs, in the order in which it became known.
    fn coverage_lines(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<VecDeque<KnownLine>, StoreError> {
        let mut lines = Vec::new();
        for MachineLogs { name, spans, known_at } in self.machine_logs()? {
            let Some(known) = known_at.filter(|known| (from..to).contains(known)) else { continue };
            for (from, to) in spans {
                let line = LogCoverageRecord { machine: name.clone(), from, to };
                lines.push((
                    known,
                    TimestampedRecord { record: Record::LogCoverage(line), known_at: Some(known) },
                ));
            }
        }
        lines.sort_by_key(|(known, _)| *known);
        Ok(lines.into())
    }

    /// The findings of a span as the contract's lines, in the order in which they were made.
    ///
    /// # Errors
    /// As [`Store::findings`].
    pub fn finding_lines(&self, query: &ExportQuery) -> Result<Vec<FindingRecord>, StoreError> {
        let names = self.names()?;
        let found = self.findings(&FindingQuery {
            account: query.account,
            from: Some(query.from),
            to: Some(query.to),
            ..FindingQuery::default()
        })?;
        Ok(found
            .iter()
            .rev()
            .map(|stored| {
                FindingRecord::new(&stored.finding, names.accounts.get(&stored.account).map(String::as_str))
            })
            .collect())
    }
}
