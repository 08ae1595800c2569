//! What this machine gives away: its records, line by line, whatever their number in the same little memory.

use std::io::{self, Write};

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::project_filter::HiddenProjects;
use tidemark_store::{MachineRequest, MachineSource, OwnMachine};

use crate::cursor::Cursor;
use crate::problem::{Problem, ProblemKind};
use crate::record::{Header, Record};
use crate::store_access::{MachineStore, StoreAccessError};

/// Requests that are read from the store at once, and between two cursors.
pub(crate) const PAGE: u32 = 1000;

/// More requests than this are read with more of the history in memory: they lie in it in no order.
const MANY: u64 = 5000;

/// Which names of projects are given away.
#[derive(Debug, Clone, Default)]
pub enum ShareProjects {
    /// None.
    #[default]
    No,
    /// All but the hidden ones.
    But(HiddenProjects),
}

impl ShareProjects {
    /// What of a project's name is given away.
    #[must_use]
    pub fn of(&self, project: Option<String>) -> Option<String> {
        match self {
            Self::No => None,
            Self::But(hidden) => project.map(|project| hidden.written(&project).to_owned()),
        }
    }
}

/// Who gives records away, and how.
#[derive(Debug, Clone)]
pub struct Export {
    /// This machine.
    pub own: OwnMachine,
    /// The run under which it does.
    pub run: String,
    /// The present time.
    pub now: DateTime<Utc>,
    /// The version of the program.
    pub program: String,
    /// Which names of projects are given away.
    pub projects: ShareProjects,
}

/// What was given away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// How many requests.
    pub requests: u64,
    /// Up to where.
    pub cursor: Cursor,
}

/// Why records could not be given away.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreAccessError),
    /// They cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::Write(error) => Self::saying(ProblemKind::FolderFailed, error.to_string()),
        }
    }
}

impl Export {
    /// The first line of whatever is given away.
    #[must_use]
    pub fn header(&self) -> Record {
        Record::Machine(Header {
            machine: self.own.id.clone(),
            name: self.own.name.clone(),
            run: self.run.clone(),
            at: self.now,
            program: self.program.clone(),
        })
    }

    /// What is said of sources and logs each time: some lines.
    ///
    /// # Errors
    /// Those of the store.
    pub fn circumstances(&self, store: &impl MachineStore) -> Result<Vec<Record>, StoreAccessError> {
        let (sources, coverage) = store.ask(|store| Ok((store.own_sources()?, store.own_coverage()?)))?;
        let sources = sources.into_iter().map(|source| {
            Record::Source(MachineSource { number: source.number, said: source.said, as_of: self.now })
        });
        // A span of no length says nothing yet.
        let coverage = coverage.into_iter().filter(|span| span.to - span.from >= TimeDelta::milliseconds(1));
        Ok(sources.chain(coverage.map(Record::Coverage)).collect())
    }

    /// Requests after a place, a page of them, and the place up to which they reach.
    ///
    /// # Errors
    /// Those of the store.
    pub fn page(
        &self,
        store: &impl MachineStore,
        after: u64,
        last: u64,
    ) -> Result<(Vec<Record>, u64), StoreAccessError> {
        let (requests, reached) = store.ask(move |store| store.own_requests(after, last, PAGE))?;
        let records = requests
            .into_iter()
            .map(|one| {
                let project = self.projects.of(one.request.project);
                Record::Request(Box::new(MachineRequest { project, ..one.request }))
            })
            .collect();
        Ok((records, reached))
    }

    /// Does something that reads requests between two places, page by page.
    ///
    /// # Errors
    /// Those of `work`, and those of the store.
    pub fn reading<T, E: From<StoreAccessError>>(
        &self,
        store: &impl MachineStore,
        (after, last): (u64, u64),
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        if last.saturating_sub(after) < MANY {
            return work();
        }
        store.ask(|store| store.read_much(true))?;
        let done = work();
        store.ask(|store| store.read_much(false))?;
        done
    }

    /// Up to where a place is said.
    #[must_use]
    pub fn cursor(&self, place: u64) -> Cursor {
        Cursor { epoch: self.own.epoch.clone(), place }
    }

    /// Writes everything since a cursor, or all that is kept, to the end. What becomes known meanwhile comes the next
    /// time.
    ///
    /// # Errors
    /// [`ExportError`], by case.
    pub fn write(
        &self,
        store: &impl MachineStore,
        since: Option<&Cursor>,
        out: &mut impl Write,
    ) -> Result<Exported, ExportError> {
        self.header().write(out)?;
        let last = store.ask(tidemark_store::Store::last_usage_place)?;
        for record in self.circumstances(store)? {
            record.write(out)?;
        }
        let mut place = since.map_or(0, |cursor| cursor.place_in(&self.own.epoch, last));
        let requests = self.reading(store, (place, last), || {
            let mut requests = 0;
            while place < last {
                let (records, reached) = self.page(store, place, last)?;
                place = reached.max(place + 1);
                requests += records.len() as u64;
                for record in &records {
                    record.write(out)?;
                }
                if place < last {
                    Record::Cursor(self.cursor(place)).write(out)?;
                }
            }
            Ok::<_, ExportError>(requests)
        })?;
        let cursor = self.cursor(last);
        Record::End(cursor.clone()).write(out)?;
        out.flush()?;
        Ok(Exported { requests, cursor })
    }
}
