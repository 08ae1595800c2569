//! Making exchanges: when they are due, or when someone asks.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tidemark_kimi::PriceList;
use tidemark_machines::folder::{self, FolderKeys, SharedFolder};
use tidemark_machines::identity::{self, Host};
use tidemark_machines::ssh::{Limits, Target};
use tidemark_machines::{
    Export, IntakeSettings, MachineStore, Place, Problem, ProblemKind, ShareProjects, Taken, pull,
};
use tidemark_store::{ExchangeId, ExchangeResult, OwnMachine, Renewed};

use super::own_run::OwnRun;
use super::snapshot::ExchangeSnapshot;
use super::store::WaitingStore;
use super::underway::UnderwayMark;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::known_keys;
use crate::local_use::LogFollower;
use crate::problem::EngineProblem;

/// How often it is checked whether an exchange is due.
const TICK: Duration = Duration::from_secs(30);

/// What came of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    /// The exchange.
    pub exchange: ExchangeId,
    /// Its name.
    pub name: String,
    /// How many requests came and went, or why none did.
    pub result: Result<SyncedCounts, Problem>,
    /// Why this machine has another id since.
    pub renewed: Option<Renewed>,
}

/// What came and went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SyncedCounts {
    /// Requests that came and were not known here before.
    pub received: u64,
    /// Requests that were written to a folder.
    pub written: u64,
    /// Lines that this version does not understand.
    pub skipped: u64,
}

/// This machine begins to give its records away.
#[derive(Debug, Clone)]
pub struct ExportBegun {
    /// This machine.
    pub own: OwnMachine,
    /// The run under which it does.
    pub run: String,
    /// The words that hide projects; `None` where no names of projects are given away.
    pub hidden_projects: Option<Vec<String>>,
}

/// All that an exchange needs, on a thread that may wait.
struct Work {
    store: WaitingStore,
    keys: Arc<FolderKeys>,
    run: Arc<OwnRun>,
    host: Host,
    exchange: ExchangeId,
    name: String,
    now: DateTime<Utc>,
    projects: ShareProjects,
    way: Way,
}

enum Way {
    Ssh(Target),
    Folder(PathBuf, SecretString),
}

impl Engine {
    /// Makes exchanges when they are due, until the engine ends.
    pub(crate) async fn exchange_when_due(&self) {
        loop {
            match self.due_exchanges().await {
                Ok(due) => {
                    for exchange in due {
                        if self.shared.end.is_cancelled() {
                            return;
                        }
                        let mark = self.shared.exchanges_underway.begin(exchange.exchange.id);
                        self.sync_one(exchange, mark).await;
                    }
                }
                Err(error) => tracing::warn!(%error, "exchanges with other machines are not made"),
            }
            tokio::select! {
                () = self.ended() => return,
                () = self.shared.machines_wake.notified() => {}
                () = self.shared.clock().sleep(TICK) => {}
            }
        }
    }

    async fn due_exchanges(&self) -> Result<Vec<ExchangeSnapshot>, EngineError> {
        let now = self.now();
        let exchanges = self.read(tidemark_store::Store::exchanges).await?;
        let exchanges = exchanges.into_iter().map(|exchange| ExchangeSnapshot::of(exchange, now));
        Ok(exchanges.filter(|one| one.next_at <= now).collect())
    }

    /// Makes an exchange now, or all of them. What failed is in the answer, and stored.
    ///
    /// # Errors
    /// [`EngineError::NoSuchMachine`] if there is no such exchange, [`EngineError::StoreHandle`] if the history cannot
    /// be read.
    pub async fn sync_machines(&self, which: Option<ExchangeId>) -> Result<Vec<Synced>, EngineError> {
        let now = self.now();
        let exchanges = self.read(tidemark_store::Store::exchanges).await?;
        let wanted: Vec<_> =
            exchanges.into_iter().filter(|one| which.is_none_or(|which| one.id == which)).collect();
        if wanted.is_empty() && which.is_some() {
            return Err(EngineError::NoSuchMachine);
        }
        // Whoever asks meanwhile hears that they are under way, also while the logs are read.
        let wanted: Vec<_> = wanted
            .into_iter()
            .map(|exchange| (self.shared.exchanges_underway.begin(exchange.id), exchange))
            .collect();
        self.announce(EngineEvent::Usage);
        // What is written to a folder is what the logs say now.
        self.scan_logs().await;
        let mut synced = Vec::with_capacity(wanted.len());
        for (mark, exchange) in wanted {
            synced.push(self.sync_one(ExchangeSnapshot::of(exchange, now), mark).await);
        }
        Ok(synced)
    }

    /// Reads all logs now. Whether that was possible.
    pub async fn scan_logs(&self) -> bool {
        // No agent may ever have run here.
        known_keys::learn(&self.shared).await;
        LogFollower::new(Arc::clone(&self.shared)).scan_now().await
    }

    /// Why what was found in session logs cannot be stored, while it cannot.
    #[must_use]
    pub fn usage_problem(&self) -> Option<EngineProblem> {
        self.shared.state().problems.of_usage().cloned()
    }

    /// Reads the logs and begins a run, so that this machine's records can be given away.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the history cannot be written.
    pub async fn begin_export(&self) -> Result<ExportBegun, EngineError> {
        self.scan_logs().await;
        self.poll_unread().await;
        let own = self.own_machine().await?;
        let now = self.now();
        let run = self.write(move |store| identity::recent_run(store, now)).await?;
        let hidden_projects = self.shares_projects().await?.then(|| self.settings().hidden_projects);
        Ok(ExportBegun { own, run, hidden_projects })
    }

    /// Makes an exchange in its turn. That it began and how it ended is stored and announced, also where it failed.
    async fn sync_one(&self, exchange: ExchangeSnapshot, mark: UnderwayMark) -> Synced {
        let _turn = self.shared.exchange_turn.lock().await;
        self.announce(EngineEvent::Usage);
        let (id, name) = (exchange.exchange.id, exchange.exchange.name.clone());
        let (result, renewed) = match self.exchange(&exchange).await {
            Ok((counts, renewed)) => (Ok(counts), renewed),
            Err(problem) => (Err(problem), None),
        };
        match &result {
            Ok(counts) => tracing::debug!(exchange = name, counts.received, counts.written, "exchanged"),
            Err(problem) => tracing::info!(exchange = name, %problem, "an exchange failed"),
        }
        // All other files were read, and this machine's was written.
        let partly_done = result.as_ref().is_err_and(|problem| problem.kind == ProblemKind::Damaged);
        let problem = result.as_ref().err().and_then(|problem| serde_json::to_string(problem).ok());
        let noted = ExchangeResult { at: self.now(), problem, partly_done };
        let done = self.write(move |store| {
            let users = store.account_users()?;
            store.assign_machine_usage(&users)?;
            store.note_exchange(id, &noted)
        });
        if let Err(error) = done.await {
            tracing::warn!(%error, "how an exchange went could not be written");
        }
        drop(mark);
        self.announce(EngineEvent::Usage);
        Synced { exchange: id, name, result, renewed }
    }

    async fn exchange(
        &self,
        exchange: &ExchangeSnapshot,
    ) -> Result<(SyncedCounts, Option<Renewed>), Problem> {
        let failed = |error: EngineError| Problem::saying(ProblemKind::Store, error.to_string());
        let way = match &exchange.place {
            Some(Place::Ssh { host, command }) => Way::Ssh(
                Target::new(host, command.as_deref()).map_err(|_| Problem::new(ProblemKind::Unreachable))?,
            ),
            Some(Place::Folder { folder, passphrase }) => {
                Way::Folder(folder.clone(), self.folder_passphrase(passphrase).await?)
            }
            None => return Err(Problem::new(ProblemKind::Other)),
        };
        let projects = self.given_projects().await.map_err(failed)?;
        let work = Work {
            store: WaitingStore(self.shared.store.clone()),
            keys: Arc::clone(&self.shared.folder_keys),
            run: Arc::clone(&self.shared.own_run),
            host: self.host().await.map_err(failed)?,
            exchange: exchange.exchange.id,
            name: exchange.exchange.name.clone(),
            now: self.now(),
            projects,
            way,
        };
        let ended = Arc::new(AtomicBool::new(false));
        let stop = StopWhenDropped(Arc::clone(&ended));
        let end = self.shared.end.clone();
        let done = tokio::task::spawn_blocking(move || {
            work.run(&|| ended.load(Ordering::Relaxed) || end.is_cancelled())
        })
        .await;
        drop(stop);
        done.unwrap_or_else(|_| Err(Problem::new(ProblemKind::Store)))
    }
}

impl Work {
    fn run(self, stop: &dyn Fn() -> bool) -> Result<(SyncedCounts, Option<Renewed>), Problem> {
        let (host, now) = (self.host.clone(), self.now);
        let mut own = self.store.ask(move |store| identity::ensure(store, &host, now))?;
        let accounts = self.store.ask(tidemark_store::Store::account_users)?;
        let settings = IntakeSettings {
            exchange: self.exchange,
            own_id: own.id.clone(),
            // The machine of an SSH exchange is called as the user called the exchange.
            name: matches!(self.way, Way::Ssh(_)).then(|| self.name.clone()),
            now,
            cuts: PriceList::public().turning_points(),
            accounts,
        };
        let taken = match &self.way {
            Way::Ssh(target) => pull(&self.store, target, &settings, Limits::default(), stop),
            Way::Folder(path, passphrase) => {
                folder::read(&self.store, &self.shared_folder(path, passphrase), &settings, stop)
            }
        };
        let cloned = match &taken {
            Ok(taken) => taken.cloned,
            // Another file of the folder was damaged; whether a clone writes there is seen the next time.
            Err(_) => false,
        };
        let mut renewed = None;
        if cloned {
            let host = self.host.clone();
            own = self.store.ask(move |store| identity::renew(store, &host, now))?;
            renewed = own.renewed;
        }
        // A damaged file of another machine keeps no one from writing its own.
        let written = match &self.way {
            Way::Ssh(_) => 0,
            Way::Folder(path, passphrase) => {
                let run = self.run.get_or_try_init(&self.store, now)?;
                let export = Export {
                    own,
                    run,
                    now,
                    program: env!("CARGO_PKG_VERSION").to_owned(),
                    projects: self.projects.clone(),
                };
                folder::write(&self.store, &self.shared_folder(path, passphrase), &export)?
            }
        };
        let Taken { requests, skipped, .. } = taken?;
        Ok((SyncedCounts { received: requests, written, skipped }, renewed))
    }

    fn shared_folder<'f>(
        &'f self,
        path: &'f std::path::Path,
        passphrase: &'f SecretString,
    ) -> SharedFolder<'f> {
        SharedFolder { exchange: self.exchange, path, passphrase, keys: &self.keys }
    }
}

/// Stops the work on another thread when it is dropped, so that it does not outlive its caller.
struct StopWhenDropped(Arc<AtomicBool>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
