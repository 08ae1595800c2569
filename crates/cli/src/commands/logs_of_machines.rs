//! `tidemark logs --machine`: usage as the history has it, of this machine, of another one, or of all of them. Its sums
//! are of quarters of an hour, and so are the ends of a span that it is asked for.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tidemark_core::calendar::{Bucket, Span};
use tidemark_core::project_filter::HiddenProjects;
use tidemark_logs::{By, EARLIEST, Group, Part, Report, Tally};
use tidemark_store::{MachineId, Store, UsageQuery, UsageSum};

use super::context::{Context, runtime};
use super::machine::no_such_machine;
use super::store_access;
use super::time_range::Bounds;
use super::transport::connect;
use crate::exit::{CommandError, Exit};
use crate::logs_by::LogsBy;

/// What the history has.
pub(super) struct Read {
    /// The sums that were asked for.
    pub(super) report: Report,
    /// This machine's logs that are there; `None` where the sums are of others too.
    pub(super) files: Option<u64>,
    /// Lines of them that could not be read.
    pub(super) lines_skipped: Option<u64>,
}

/// The word for all machines, each request once.
pub(super) const ALL: &str = "all";

/// Whose usage is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    Only(Option<MachineId>),
}

impl Wanted {
    fn of(word: &str, store: &Store) -> Result<Self, CommandError> {
        match word {
            ALL => return Ok(Self::All),
            "this" => return Ok(Self::Only(None)),
            _ => {}
        }
        let found = store.machines()?.into_iter().find(|machine| machine.name == word.trim());
        if let Some(machine) = found {
            return Ok(Self::Only(Some(machine.id)));
        }
        let is_own = store.own_machine()?.is_some_and(|own| own.name == word.trim());
        if is_own {
            return Ok(Self::Only(None));
        }
        let is_exchange = store.exchanges()?.iter().any(|exchange| exchange.name == word.trim());
        if is_exchange {
            let values = [("name", word.trim())];
            return Err(CommandError::said(
                Exit::Failed,
                "no-such-machine",
                "cli-machine-is-exchange",
                &values,
            ));
        }
        Err(no_such_machine(word))
    }

    fn takes(self, machine: Option<MachineId>) -> bool {
        match self {
            Self::All => true,
            Self::Only(wanted) => wanted == machine,
        }
    }
}

/// Reads the sums of a machine by its name, of `this` one, or of `all`.
pub(super) fn read(
    context: &Context,
    machine: &str,
    by: LogsBy,
    (from, to): Bounds,
    zone: Tz,
    cuts: &[DateTime<Utc>],
    hidden: &HiddenProjects,
) -> Result<Read, CommandError> {
    // What was logged a moment ago is part of it.
    runtime()?.block_on(async { Ok::<_, CommandError>(connect(context).await?.scan_logs().await?) })?;
    let Some(store) = store_access::open(context)? else { return Err(no_such_machine(machine)) };
    let wanted = Wanted::of(machine, &store)?;
    let query = UsageQuery {
        from: from.unwrap_or(DateTime::<Utc>::MIN_UTC),
        to: to.unwrap_or(DateTime::<Utc>::MAX_UTC),
    };
    let names = if by == LogsBy::Machine { names(&store)? } else { HashMap::new() };
    let mut summing = Summing::new(by, zone, cuts, hidden, Utc::now(), names);
    store.for_each_usage(&query, |sum| {
        if wanted.takes(sum.machine) {
            summing.add(sum);
        }
    })?;
    let known = (wanted == Wanted::Only(None)).then(|| store.usage_files_known()).transpose()?;
    let (files, lines_skipped) = known.unzip();
    Ok(Read { report: summing.report(), files, lines_skipped })
}

/// What machines are called; this one is `None`.
fn names(store: &Store) -> Result<HashMap<Option<MachineId>, String>, CommandError> {
    let others = store.machines()?.into_iter().map(|machine| (Some(machine.id), machine.name));
    let own = store.own_machine()?.map(|own| (None, own.name));
    Ok(others.chain(own).collect())
}

/// Sums being put into groups, as those of a scan are.
struct Summing<'s> {
    by: LogsBy,
    zone: Tz,
    cuts: &'s [DateTime<Utc>],
    hidden: &'s HiddenProjects,
    now: DateTime<Utc>,
    names: HashMap<Option<MachineId>, String>,
    groups: BTreeMap<Option<String>, Parts>,
    totals: Parts,
    third: BTreeMap<String, Tally>,
    doubtful: Tally,
    labels: HashMap<DateTime<Utc>, String>,
}

#[derive(Default)]
struct Parts {
    tally: Tally,
    parts: BTreeMap<(String, usize), (DateTime<Utc>, Tally)>,
}

impl Parts {
    fn add(&mut self, sum: &UsageSum, tally: Tally, stretch: usize) {
        self.tally.add(tally);
        let key = (sum.model.clone(), stretch);
        let part = self.parts.entry(key).or_insert((sum.start, Tally::default()));
        part.0 = part.0.min(sum.start);
        part.1.add(tally);
    }

    fn group(self, key: Option<String>) -> Group {
        let parts =
            self.parts.into_iter().map(|((model, _), (at, tally))| Part { model, at, tally }).collect();
        Group { key, tally: self.tally, parts }
    }
}

impl<'s> Summing<'s> {
    fn new(
        by: LogsBy,
        zone: Tz,
        cuts: &'s [DateTime<Utc>],
        hidden: &'s HiddenProjects,
        now: DateTime<Utc>,
        names: HashMap<Option<MachineId>, String>,
    ) -> Self {
        Self {
            by,
            zone,
            cuts,
            hidden,
            now,
            names,
            groups: BTreeMap::new(),
            totals: Parts::default(),
            third: BTreeMap::new(),
            doubtful: Tally::default(),
            labels: HashMap::new(),
        }
    }

    fn add(&mut self, sum: UsageSum) {
        let tally = Tally { requests: sum.requests, tokens: sum.tokens };
        if sum.third {
            self.third.entry(sum.model).or_default().add(tally);
            return;
        }
        if sum.start < EARLIEST || sum.start > self.now + TimeDelta::days(1) {
            self.doubtful.add(tally);
        }
        let key = match self.by {
            LogsBy::Machine => self.names.get(&sum.machine).cloned(),
            LogsBy::Scan(By::Day) => Some(self.label(sum.start, Span::Day)),
            LogsBy::Scan(By::Month) => Some(self.label(sum.start, Span::Month)),
            LogsBy::Scan(By::Model) => Some(sum.model.clone()),
            LogsBy::Scan(By::Project) => {
                sum.project.as_deref().map(|project| self.hidden.written(project).to_owned())
            }
            LogsBy::Scan(By::Session) => sum.session.clone(),
            LogsBy::Scan(By::Client) => Some(sum.format.clone()),
        };
        let stretch = self.cuts.partition_point(|cut| *cut <= sum.start);
        self.groups.entry(key).or_default().add(&sum, tally, stretch);
        self.totals.add(&sum, tally, stretch);
    }

    fn label(&mut self, at: DateTime<Utc>, span: Span) -> String {
        let zone = self.zone;
        self.labels.entry(at).or_insert_with(|| Bucket::holding(at, span, zone).label(span, zone)).clone()
    }

    fn report(self) -> Report {
        let mut rows: Vec<Group> = self.groups.into_iter().map(|(key, parts)| parts.group(key)).collect();
        if !self.by.is_of_time() {
            // Stable: equals stay in the order of their keys.
            rows.sort_by_key(|group| std::cmp::Reverse(group.tally.tokens.total()));
        }
        Report {
            rows,
            totals: self.totals.group(None),
            third_party: self.third.into_iter().collect(),
            doubtful_times: self.doubtful,
        }
    }
}
