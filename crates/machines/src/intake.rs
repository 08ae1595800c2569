//! Taking in the lines of another machine: in batches, each with the place up to which the machine was read.

use chrono::{DateTime, Utc};
use tidemark_core::reading::UserIds;
use tidemark_core::{AccountId, Source};
use tidemark_store::{ExchangeId, Machine, MachineBatch, MachineId, Store};

use crate::problem::{Problem, ProblemKind};
use crate::record::{Header, NotARecord, Record};
use crate::store_access::MachineStore;

/// Requests that are written in one transaction, at most.
const MAX_REQUESTS: usize = 2000;
/// Sources and spans that a machine can have, at most: far more than any has.
const MAX_OTHERS: usize = 2000;

/// What is known here of where records go.
#[derive(Debug, Clone)]
pub struct IntakeSettings {
    /// The exchange on which they come.
    pub exchange: ExchangeId,
    /// This machine's id.
    pub own_id: String,
    /// What a machine is called that is not known yet; `None` leaves that to the machine.
    pub name: Option<String>,
    /// The present time.
    pub now: DateTime<Utc>,
    /// Instants that no sum spans, in order.
    pub cuts: Vec<DateTime<Utc>>,
    /// The accounts here, and whose they are.
    pub accounts: Vec<(AccountId, Source, UserIds)>,
}

/// What was taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Requests that were not known here before, or less of them.
    pub requests: u64,
    /// Lines that this version does not understand.
    pub skipped: u64,
    /// What machines there were.
    pub machines: Vec<MachineId>,
    /// A machine goes by this one's id.
    pub cloned: bool,
    /// Records are of this very machine.
    pub own: bool,
    /// Records are of a machine of which nothing is taken in.
    pub ignored: bool,
}

impl Taken {
    /// Adds what else was taken in.
    pub fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.skipped += other.skipped;
        self.cloned |= other.cloned;
        self.own |= other.own;
        self.ignored |= other.ignored;
        for machine in other.machines {
            if !self.machines.contains(&machine) {
                self.machines.push(machine);
            }
        }
    }
}

/// Lines being taken in.
pub struct Intake<'s, S> {
    store: &'s S,
    settings: &'s IntakeSettings,
    /// Whose lines these are: `None` before the first, or where nothing of them is to be taken in.
    machine: Option<Machine>,
    has_header: bool,
    ended: bool,
    batch: Option<MachineBatch>,
    taken: Taken,
}

impl<'s, S: MachineStore> Intake<'s, S> {
    /// Begins with a machine's first line.
    #[must_use]
    pub fn new(store: &'s S, settings: &'s IntakeSettings) -> Self {
        Self {
            store,
            settings,
            machine: None,
            has_header: false,
            ended: false,
            batch: None,
            taken: Taken::default(),
        }
    }

    /// Takes a line, without its end. Whatever it says is written by and by.
    ///
    /// # Errors
    /// [`ProblemKind::NotRecords`] if the first line is no machine's, [`ProblemKind::TooMuch`] if there is more of
    /// something than any machine has, [`ProblemKind::Store`] if it cannot be written.
    pub fn line(&mut self, line: &[u8]) -> Result<(), Problem> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let record = match Record::read(line) {
            Ok(record) => record,
            Err(_) if !self.has_header => {
                let said = String::from_utf8_lossy(&line[..line.len().min(200)]).into_owned();
                return Err(Problem::saying(ProblemKind::NotRecords, said));
            }
            Err(NotARecord::UnknownKind | NotARecord::Malformed) => {
                self.taken.skipped += 1;
                if let Some(batch) = &mut self.batch {
                    batch.skipped += 1;
                }
                return Ok(());
            }
        };
        if let Record::Machine(header) = record {
            return self.header(header);
        }
        if !self.has_header {
            return Err(Problem::new(ProblemKind::NotRecords));
        }
        if let Record::End(_) = record {
            self.ended = true;
        }
        let Some(batch) = &mut self.batch else { return Ok(()) };
        match record {
            Record::Machine(_) => {}
            Record::Source(source) => batch.sources.push(source),
            Record::Coverage(span) => batch.coverage.push(span),
            Record::Request(request) => batch.requests.push(*request),
            Record::Cursor(cursor) | Record::End(cursor) => {
                batch.cursor = Some(cursor.to_string());
                return self.write();
            }
        }
        if batch.sources.len() > MAX_OTHERS || batch.coverage.len() > MAX_OTHERS {
            return Err(Problem::new(ProblemKind::TooMuch));
        }
        if batch.requests.len() >= MAX_REQUESTS {
            return self.write();
        }
        Ok(())
    }

    fn header(&mut self, header: Header) -> Result<(), Problem> {
        self.write()?;
        self.has_header = true;
        if header.machine == self.settings.own_id {
            let run = header.run;
            let is_own = self.store.ask(move |store| store.knows_own_run(&run))?;
            self.taken.own |= is_own;
            self.taken.cloned |= !is_own;
            self.machine = None;
            self.batch = None;
            return Ok(());
        }
        let name = self.settings.name.clone().unwrap_or_else(|| header.name.clone());
        let exchange = self.settings.exchange;
        self.machine = self.store.ask(move |store| store.machine_of(&header.machine, &name, exchange))?;
        self.taken.ignored |= self.machine.is_none();
        self.batch = self
            .machine
            .as_ref()
            .map(|machine| MachineBatch { seen_at: Some(header.at), ..self.new_batch(machine.id) });
        if let Some(machine) = &self.machine
            && !self.taken.machines.contains(&machine.id)
        {
            self.taken.machines.push(machine.id);
        }
        Ok(())
    }

    fn new_batch(&self, machine: MachineId) -> MachineBatch {
        MachineBatch {
            cuts: self.settings.cuts.clone(),
            accounts: self.settings.accounts.clone(),
            ..MachineBatch::new(machine, self.settings.now)
        }
    }

    /// Writes what has not been written yet.
    fn write(&mut self) -> Result<(), Problem> {
        let Some(machine) = &self.machine else { return Ok(()) };
        let next = self.new_batch(machine.id);
        if let Some(batch) = self.batch.replace(next) {
            self.taken.requests += self.store.ask(move |store| store.write_machine_batch(&batch))?;
        }
        Ok(())
    }

    /// Writes what has not been written yet, with the place in a file up to which it was read.
    ///
    /// # Errors
    /// As [`Intake::line`].
    pub fn finish(mut self, file: Option<(ExchangeId, String, String)>) -> Result<Taken, Problem> {
        match (&mut self.batch, file) {
            (Some(batch), file) => batch.file = file,
            (None, Some((exchange, path, mark))) => {
                self.store.ask(move |store: &Store| store.set_exchange_file(exchange, &path, Some(&mark)))?;
            }
            (None, None) => {}
        }
        self.write()?;
        Ok(self.taken)
    }

    /// Whether the machine said that nothing follows.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// What was taken in so far.
    #[must_use]
    pub const fn taken(&self) -> &Taken {
        &self.taken
    }
}
