//! The engine: the handle that front ends hold. What they can ask of accounts, polling, alerts and settings is beside
//! the rules for each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tidemark_core::calendar::reckonable;
use tidemark_core::finding::Triage;
use tidemark_core::{Account, AccountId};
use tidemark_kimi::PriceList;
use tidemark_store::{FindingId, Store, StoreError, StoredFinding};
use tidemark_vault::Vault;
use tokio::sync::{broadcast, oneshot};

use crate::account::{AccountHandle, AccountTask, Message};
use crate::error::{EngineError, OpenError};
use crate::event::EngineEvent;
use crate::intake::IntakeState;
use crate::known_keys;
use crate::local_use::UsageState;
use crate::lock::Lock;
use crate::problem::Problems;
use crate::same_account::AccountIdentity;
use crate::settings::{self, Settings};
use crate::shared::{EngineConfig, Shared};
use crate::state::{NotificationState, Snapshot, State, TrayState};
use crate::store_handle::{StoreHandle, StoreHandleError};
use crate::update_state::UpdateState;
use crate::usage::{UsageSource, usage_for};

/// The key under which a pause is stored.
pub(crate) const PAUSED_UNTIL: &str = "paused_until";

/// The running engine. Cloning shares it.
///
/// # Examples
/// An engine on a simulated service, with one account:
///
/// ```
/// use chrono::{DateTime, Utc};
/// use secrecy::SecretString;
/// use tidemark_monitor::{
///     Engine, EngineConfig, Environment, FastClock, Hosts, KeyInput, KeyPlace, NewAccount,
/// };
/// use tidemark_simulator::{Scenario, SimClock, Simulator};
/// use tidemark_vault::{Vault, VaultConfig};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now: DateTime<Utc> = "2026-06-01T08:00:00Z".parse()?;
/// let service =
///     Simulator::start(Scenario::one_code(now), SimClock::stepped(now), "127.0.0.1:0".parse()?).await?;
/// let folder = tempfile::tempdir()?;
/// let data_dir = folder.path().join("data");
/// let engine = Engine::open(EngineConfig {
///     vault: Vault::new(VaultConfig::new(&data_dir, folder.path())),
///     data_dir,
///     home: folder.path().to_owned(),
///     environment: Environment::default(),
///     hosts: Hosts::endpoint_override(&service.url())?,
///     clock: FastClock::shared(now, 1.0),
///     client: tidemark_kimi::Client::new(tidemark_kimi::ClientConfig::default())?,
///     zone: chrono_tz::Asia::Shanghai,
///     demo: false,
/// })?;
/// engine.resume().await?;
///
/// let key = SecretString::from(service.key("work")?);
/// let account = engine
///     .add_account(NewAccount {
///         name: "work".to_owned(),
///         source: None,
///         region: None,
///         base_url: None,
///         base_url_confirmed: false,
///         key: KeyInput::Key { key, place: KeyPlace::ThisRun },
///         untested: false,
///     })
///     .await?;
/// assert_eq!(account.region, tidemark_core::Region::China, "tried at both services");
///
/// let (outcomes, _) = engine.poll(Some(account.id)).await;
/// assert!(outcomes[0].result.is_ok() && outcomes[0].stored.is_ok());
/// assert!(engine.snapshot().accounts[0].reading.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    /// The tasks of the accounts that were there at the start, until [`Engine::resume`] starts them.
    unstarted: Arc<std::sync::Mutex<Vec<AccountTask>>>,
}

impl Engine {
    /// Takes the data folder, opens its history, makes good what a crash left undone. Blocks meanwhile.
    ///
    /// # Errors
    /// [`OpenError::Lock`] if another engine holds the folder, or it cannot be made; [`OpenError::Store`] if the
    /// history cannot be opened, as [`Store::open`] says.
    pub fn open(config: EngineConfig) -> Result<Self, OpenError> {
        let lock = Lock::take(&config.data_dir)?;
        let now = config.clock.now();
        let store = Store::open(&config.data_dir, now)?;
        let defaults = Settings { timezone: config.zone, ..Settings::default() };
        let mut problems = Problems::default();
        let settings = if let Some(stored) = store.setting_text(settings::KEY)? {
            let (settings, reset_now) = Settings::mended(&stored, &defaults);
            // Whoever resets them may be a command that no one looks at: it is said until the user has seen to it.
            let mut reset: Vec<String> =
                store.setting(settings::RESET_KEY).unwrap_or_default().unwrap_or_default();
            if !reset_now.is_empty() {
                reset.extend(reset_now.iter().cloned());
                reset.sort_unstable();
                reset.dedup();
                store.set_setting(settings::RESET_KEY, &reset)?;
            }
            // A version that stored the two one after the other could be killed in between.
            if !reset_now.is_empty() || store.zone().ok() != Some(settings.timezone) {
                store.pin_zone(settings.timezone, settings::KEY, &settings)?;
            }
            problems.settings(&reset, now);
            settings
        } else {
            store.pin_zone(defaults.timezone, settings::KEY, &defaults)?;
            defaults
        };
        // One that cannot be read is no pause.
        let paused_until = store
            .setting::<Option<DateTime<Utc>>>(PAUSED_UNTIL)
            .unwrap_or_default()
            .flatten()
            .map(reckonable)
            .filter(|until| *until > now);
        let accounts = store.accounts()?;
        let key_prints = known_keys::stored(&store);
        drop(store);
        let store = StoreHandle::open(&config.data_dir, now)?;
        let reader = StoreHandle::open_read_only(&config.data_dir)?;
        let state = State {
            settings,
            paused_until,
            problems,
            tray: TrayState::Off,
            notifications: NotificationState::Off,
            service: None,
            concerned: BTreeMap::new(),
            local_use: None,
            logs: UsageState::default(),
            key_prints,
            intake: IntakeState::default(),
            no_announcements: BTreeMap::new(),
            on_battery: false,
            usage: Arc::new(usage_for),
            team_audited: BTreeSet::new(),
            update: UpdateState::default(),
        };
        let shared = Arc::new(Shared::new(config, (store, reader), state, lock));
        let mut unstarted = Vec::with_capacity(accounts.len());
        for account in accounts {
            let id = account.id;
            let (handle, inbox) = AccountHandle::new(account);
            unstarted.push(AccountTask::new(id, &shared, inbox));
            shared.add(handle);
        }
        Ok(Self { shared, unstarted: Arc::new(std::sync::Mutex::new(unstarted)) })
    }

    /// Loads what is remembered of each account, concludes from what a crash left unconcluded, and starts the
    /// accounts' tasks. Call once, in a Tokio runtime, before anything else is asked.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the history cannot be read, or what was left undone cannot be written.
    pub async fn resume(&self) -> Result<(), EngineError> {
        let tasks =
            std::mem::take(&mut *self.unstarted.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for mut task in tasks {
            Box::pin(task.resume(&self.shared)).await?;
            tokio::spawn(task.run());
        }
        Ok(())
    }

    /// Takes an account in and starts its task.
    pub(crate) fn start_account(&self, account: Account, first_poll: DateTime<Utc>) {
        let id = account.id;
        let (handle, inbox) = AccountHandle::new(account);
        handle.change(|view| view.next_at = Some(first_poll));
        tokio::spawn(AccountTask::new(id, &self.shared, inbox).run());
        self.shared.add(handle);
    }

    /// Waits until every account's task has done what it was asked for so far.
    pub async fn wait_until_idle(&self) {
        let answers: Vec<_> = self
            .shared
            .accounts()
            .into_iter()
            .map(|handle| {
                let (answer, wait) = oneshot::channel();
                handle.send(Message::Retry);
                handle.send(Message::Settle(answer));
                wait
            })
            .collect();
        for wait in answers {
            let _ = wait.await;
        }
    }

    /// Has requests of local logs come from elsewhere. Call before [`Engine::resume`].
    pub fn set_usage_source(&self, source: UsageSource) {
        self.shared.state().usage = source;
    }

    /// The vault with the accounts' keys.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.shared.config.vault
    }

    /// The folder of the database and everything else that the engine stores.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.shared.data_dir()
    }

    /// Whether everything is sample data.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.shared.config.demo
    }

    /// The present time by the engine's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.now()
    }

    /// Where an account's calls go.
    #[must_use]
    pub fn base_url_of(&self, account: &Account) -> String {
        self.shared.base_url_of(account)
    }

    /// Passes an event on to all front ends, for something that one of them did.
    pub fn announce(&self, event: EngineEvent) {
        self.shared.announce(event);
    }

    /// Listens to what the engine announces.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<EngineEvent> {
        self.shared.events.subscribe()
    }

    /// Asks the front ends to show an account, or the overview.
    pub fn show(&self, account: Option<AccountId>) {
        self.announce(EngineEvent::Show(account));
    }

    /// Asks the engine to end, because the user quits Tidemark: open windows go too. [`Engine::ended`] resolves.
    pub fn quit(&self) {
        self.announce(EngineEvent::Quit);
        self.end();
    }

    /// Asks the engine to end for any other reason (a signal, a newer agent): open windows stay and wait for
    /// the next one. [`Engine::ended`] resolves.
    pub fn end(&self) {
        self.shared.end.cancel();
    }

    /// Resolves when the engine was asked to end.
    pub async fn ended(&self) {
        self.shared.end.cancelled().await;
    }

    /// What the engine knows at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let now = self.now();
        let mut accounts: Vec<_> = self
            .shared
            .accounts()
            .iter()
            .map(|handle| handle.see(crate::account::AccountView::snapshot))
            .collect();
        let identities = self.identities();
        for (account, identity) in accounts.iter_mut().zip(&identities) {
            account.same_as = identity.same_among(&identities);
        }
        for account in accounts.iter_mut().filter(|account| !account.same_as.is_empty()) {
            let handle = self.shared.account(account.account.id).ok();
            account.polled_through = handle.and_then(|handle| self.shared.polled_through(&handle, now));
        }
        accounts.sort_by_key(|a| (a.account.position, a.account.id));
        let update = self.update_snapshot();
        let state = self.shared.state();
        Snapshot {
            now,
            accounts,
            paused_until: state.paused_until.filter(|until| *until > now),
            trouble: state.problems.shown().cloned(),
            tray: state.tray,
            notifications: if state.settings.notifications {
                state.notifications
            } else {
                NotificationState::Off
            },
            service: state.service.clone(),
            settings: state.settings.clone(),
            demo: self.is_demo(),
            team_audited: state.team_audited.clone(),
            update,
        }
    }

    /// What distinguishes the accounts, in the order of their handles.
    fn identities(&self) -> Vec<AccountIdentity> {
        self.shared
            .accounts()
            .iter()
            .map(|handle| handle.see(crate::account::AccountView::identity))
            .collect()
    }

    /// The names of other accounts here that are the same account of the service.
    #[must_use]
    pub fn same_as(&self, id: AccountId) -> Vec<String> {
        let snapshot = self.snapshot();
        let same = snapshot.accounts.iter().find(|account| account.account.id == id);
        let same = same.map(|account| account.same_as.clone()).unwrap_or_default();
        let of = |id| snapshot.accounts.iter().find(|account| account.account.id == id);
        same.into_iter().filter_map(|id| Some(of(id)?.account.name.clone())).collect()
    }

    /// Asks the history, on a thread of its own.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] with what `question` fails with, or if the engine is closing.
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        Ok(self.shared.reader.ask(move |store| question(store)).await?)
    }

    /// Asks the history for something that takes as long as its asker likes, such as an export that is
    /// written while it is read: on a connection and a thread of its own, so that no other question waits for it.
    ///
    /// # Errors
    /// As [`Engine::read`], and as [`Store::open_read_only`]; [`EngineError::Internal`] if `question` panics.
    pub async fn read_apart<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let dir = self.data_dir().to_path_buf();
        let answer = tokio::task::spawn_blocking(move || question(&Store::open_read_only(&dir)?)).await;
        Ok(answer.map_err(|_| EngineError::Internal)?.map_err(StoreHandleError::Store)?)
    }

    /// Asks the history for something that changes it.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] with what `question` fails with, or if the engine is closing.
    pub async fn write<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        Ok(self.shared.store.ask(question).await?)
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.shared.state().settings.clone()
    }

    /// How reading the logs goes.
    #[must_use]
    pub fn usage_state(&self) -> UsageState {
        self.shared.state().logs.clone()
    }

    /// How receiving and reading other programs' usage goes.
    #[must_use]
    pub fn intake_state(&self) -> IntakeState {
        self.shared.state().intake.clone()
    }

    /// The price list: the public one, with what a `prices.toml` in the data folder knows better. One that
    /// cannot be read is passed over, and said in the log.
    #[must_use]
    pub fn prices(&self) -> PriceList {
        PriceList::with_own(self.data_dir()).unwrap_or_else(|error| {
            tracing::warn!(%error, "prices.toml in the data folder is passed over");
            PriceList::public().clone()
        })
    }

    /// Scans the logs soon: folders or accounts changed.
    pub(crate) fn look_at_logs(&self) {
        self.shared.usage_wake.notify_one();
    }

    /// Sets the status of an anomaly; `None` opens it again. "It was me" teaches the account's model, once. The
    /// finding as it is then; `None` where there is no such finding.
    ///
    /// # Errors
    /// [`EngineError::Input`] if it is no anomaly, [`EngineError::NoSuchAccount`] if its account is being removed,
    /// [`EngineError::StoreHandle`] if the status cannot be stored: nothing is learned then.
    pub async fn mark_finding(
        &self,
        id: FindingId,
        mark: Option<Triage>,
    ) -> Result<Option<StoredFinding>, EngineError> {
        let Some(found) = self.read(move |store| store.finding(id)).await? else { return Ok(None) };
        if found.finding.anomaly().is_none() {
            return Err(EngineError::Input("only anomalies can be marked".to_owned()));
        }
        let (answer, wait) = oneshot::channel();
        self.shared.account(found.account)?.send(Message::Feedback { finding: id, triage: mark, answer });
        wait.await.map_err(|_| EngineError::NoSuchAccount)?
    }

    /// Notes whether a tray icon is shown.
    pub fn set_tray(&self, tray: TrayState) {
        let mut state = self.shared.state();
        if state.tray != tray {
            state.tray = tray;
            drop(state);
            self.announce(EngineEvent::Overview);
        }
    }
}
