//! What the engine's parts share: the configuration, the store, the clock, the accounts and their tasks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tidemark_core::{Account, AccountId};
use tidemark_logs::Environment;
use tidemark_machines::folder::FolderKeys;
use tidemark_vault::Vault;
use tokio::sync::{Notify, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;

use crate::account::mailbox::AccountHandle;
use crate::clock::SharedClock;
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::hosts::Hosts;
use crate::lock::Lock;
use crate::machines::own_run::OwnRun;
use crate::machines::underway::Underway;
use crate::problem::WriteProblem;
use crate::state::State;
use crate::store_handle::StoreHandle;
use crate::update_state::Updates;

/// How many accounts call their services at the same time, whoever asks for it.
pub(crate) const MAX_CONCURRENT_POLLS: usize = 4;

/// What an engine is made from.
pub struct EngineConfig {
    /// The folder of the database and everything else that the engine stores.
    pub data_dir: PathBuf,
    /// The user's home folder, under which local session logs lie.
    pub home: PathBuf,
    /// What the environment says about where else they lie.
    pub environment: Environment,
    /// The base addresses of the services.
    pub hosts: Hosts,
    /// The clock of all parts of the engine.
    pub clock: SharedClock,
    /// The accounts' keys.
    pub vault: Vault,
    /// The HTTP client for all services.
    pub client: tidemark_kimi::Client,
    /// The zone to pin at the first start.
    pub zone: Tz,
    /// Whether everything is sample data.
    pub demo: bool,
}

/// What the engine's parts share.
pub(crate) struct Shared {
    pub(crate) config: EngineConfig,
    /// The store's writing connection.
    pub(crate) store: StoreHandle,
    /// The store a second time, for reading.
    pub(crate) reader: StoreHandle,
    state: Mutex<State>,
    accounts: Mutex<BTreeMap<AccountId, AccountHandle>>,
    pub(crate) events: broadcast::Sender<EngineEvent>,
    /// Wakes the scheduler: something may be due earlier.
    pub(crate) wake: Notify,
    /// Wakes the follower of the logs.
    pub(crate) usage_wake: Arc<Notify>,
    /// Wakes the exchanges with other machines.
    pub(crate) machines_wake: Notify,
    /// Held over an exchange with other machines: one at a time.
    pub(crate) exchange_turn: tokio::sync::Mutex<()>,
    /// The exchanges with other machines that are being made or wait for their turn.
    pub(crate) exchanges_underway: Arc<Underway>,
    /// What is known of shared folders in this run.
    pub(crate) folder_keys: Arc<FolderKeys>,
    /// The run under which this process writes records.
    pub(crate) own_run: Arc<OwnRun>,
    /// The logs are being followed: no one else has to see to it that they are read.
    pub(crate) follows_logs: AtomicBool,
    /// Held over a scan of the logs: two would add a new file twice.
    pub(crate) scan_turn: tokio::sync::Mutex<()>,
    /// Wakes what receives and reads other programs' usage.
    pub(crate) intake_wake: Arc<Notify>,
    pub(crate) end: CancellationToken,
    /// A call to a service holds one of these.
    pub(crate) permits: Semaphore,
    /// Held over a change of the settings, so that two of them cannot lose one.
    pub(crate) settings_turn: tokio::sync::Mutex<()>,
    /// Held for reading while an account comes or goes, for writing while the history is changed as a whole.
    pub(crate) accounts_turn: tokio::sync::RwLock<()>,
    /// What is needed to know of newer versions.
    pub(crate) updates: OnceLock<Arc<Updates>>,
    _lock: Lock,
}

impl Shared {
    pub(crate) fn new(
        config: EngineConfig,
        (store, reader): (StoreHandle, StoreHandle),
        state: State,
        lock: Lock,
    ) -> Self {
        Self {
            config,
            store,
            reader,
            state: Mutex::new(state),
            accounts: Mutex::new(BTreeMap::new()),
            events: broadcast::channel(64).0,
            wake: Notify::new(),
            usage_wake: Arc::default(),
            machines_wake: Notify::new(),
            exchange_turn: tokio::sync::Mutex::new(()),
            exchanges_underway: Arc::default(),
            folder_keys: Arc::default(),
            own_run: Arc::default(),
            follows_logs: AtomicBool::new(false),
            scan_turn: tokio::sync::Mutex::new(()),
            intake_wake: Arc::default(),
            end: CancellationToken::new(),
            permits: Semaphore::new(MAX_CONCURRENT_POLLS),
            settings_turn: tokio::sync::Mutex::new(()),
            accounts_turn: tokio::sync::RwLock::new(()),
            updates: OnceLock::new(),
            _lock: lock,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Only plain values: one that a panic left behind is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn registry(&self) -> MutexGuard<'_, BTreeMap<AccountId, AccountHandle>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All accounts, by number.
    pub(crate) fn accounts(&self) -> Vec<AccountHandle> {
        self.registry().values().cloned().collect()
    }

    /// The handle of the account with a number.
    pub(crate) fn account(&self, id: AccountId) -> Result<AccountHandle, EngineError> {
        self.registry().get(&id).cloned().ok_or(EngineError::NoSuchAccount)
    }

    pub(crate) fn add(&self, handle: AccountHandle) {
        self.registry().insert(handle.id, handle);
    }

    /// Forgets an account; its task ends with it.
    pub(crate) fn remove(&self, id: AccountId) {
        self.registry().remove(&id);
        self.note_storage(id, None);
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.config.clock.now()
    }

    pub(crate) fn clock(&self) -> &SharedClock {
        &self.config.clock
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }

    pub(crate) fn announce(&self, event: EngineEvent) {
        // That none listens is fine.
        let _ = self.events.send(event);
    }

    /// Where an account's calls go.
    pub(crate) fn base_url_of(&self, account: &Account) -> String {
        account.base_url.as_ref().map_or_else(
            || self.config.hosts.base_url(account.source, account.region),
            |url| url.as_str().trim_end_matches('/').to_owned(),
        )
    }

    /// Notes why an account's inputs cannot be stored, or that they are.
    pub(crate) fn note_storage(&self, account: AccountId, problem: Option<&WriteProblem>) {
        let now = self.now();
        if self.state().problems.storage(account, problem, now) {
            if let Some(problem) = problem {
                tracing::error!(detail = problem.detail, "the history cannot be written");
            } else {
                tracing::info!("the history can be written again");
            }
            self.announce(EngineEvent::Overview);
        }
    }
}
