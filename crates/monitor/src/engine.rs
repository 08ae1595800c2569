//! The engine: a handle that its faces hold, and the questions they ask of it.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tidemark_core::calendar::{Bucket, Span};
use tidemark_core::failure::FailedPoll;
use tidemark_core::{Account, AccountId, FailureKind, Reading};
use tidemark_kimi::Profile;
use tidemark_logs::Environment;
use tidemark_store::{AlertId, DueAlert, PollState, Store, StoreError};
use tidemark_vault::Vault;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use crate::audit;
use crate::clock::SharedClock;
use crate::forecast;
use crate::hosts::Hosts;
use crate::ledger::{Ledger, LedgerError};
use crate::local_use::{UsageState, Wake};
use crate::lock::{Lock, LockError};
use crate::look::Look;
use crate::settings::{self, Settings, SettingsError};
use crate::state::{LeftAlone, NotificationState, Snapshot, State, TrayState, Watched, Why};
use crate::usage::{UsageSource, usage_for};

/// A manual refresh looks at an account at most this often.
const JUST_NOW: TimeDelta = TimeDelta::seconds(10);
/// The key under which a pause is stored.
const PAUSED_UNTIL: &str = "paused_until";

/// What an engine is made from.
pub struct EngineConfig {
    /// The data folder.
    pub data_dir: PathBuf,
    /// The user's home folder, under which local session logs lie.
    pub home: PathBuf,
    /// What the environment says about where else they lie.
    pub environment: Environment,
    /// Where the services are.
    pub hosts: Hosts,
    /// The clock.
    pub clock: SharedClock,
    /// Where keys are kept.
    pub vault: Vault,
    /// What calls the services.
    pub client: tidemark_kimi::Client,
    /// The zone to pin at the first start.
    pub zone: Tz,
    /// Whether everything is sample data.
    pub demo: bool,
}

/// The running engine. Cloning shares it.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    config: EngineConfig,
    ledger: Ledger,
    reader: Ledger,
    state: Mutex<State>,
    events: broadcast::Sender<EngineEvent>,
    wake: Notify,
    usage_wake: Wake,
    end: CancellationToken,
    _lock: Lock,
}

/// What the engine tells its faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineEvent {
    /// The overview changed.
    Overview,
    /// New findings or failures.
    Findings,
    /// Alerts wait to be delivered.
    Alerts,
    /// Settings changed.
    Settings,
    /// Local use changed, or reading the logs went on.
    Usage,
    /// Show this account, or the overview.
    Show(Option<AccountId>),
    /// The engine is about to end.
    Quit,
}

/// Why an engine could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder is held by another, or cannot be made.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The history cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the engine did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no such account (any more).
    #[error("no such account")]
    NoSuchAccount,
    /// The history failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The settings make no sense.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The key could not be kept or had.
    #[error(transparent)]
    Vault(#[from] tidemark_vault::VaultError),
    /// The key does not work.
    #[error("the key does not work: {0}")]
    KeyTest(Box<tidemark_core::Failure>),
    /// The base URL was refused.
    #[error(transparent)]
    BaseUrl(#[from] tidemark_core::account::BaseUrlError),
    /// Another account has that name.
    #[error("another account is named `{0}`")]
    NameTaken(String),
    /// It was looked at a moment ago, and nothing is known of that.
    #[error("checked moments ago; wait a few seconds, then try again")]
    JustNow,
    /// The input is not usable.
    #[error("{0}")]
    Input(String),
    /// A defect of ours.
    #[error("an internal error occurred in Tidemark")]
    Internal,
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(LedgerError::Store(error))
    }
}

impl Engine {
    /// Takes the data folder, opens its history, makes good what a crash left undone. Blocks meanwhile.
    pub fn open(config: EngineConfig) -> Result<Self, OpenError> {
        let lock = Lock::take(&config.data_dir)?;
        let now = config.clock.now();
        let store = Store::open(&config.data_dir, now)?;
        let settings = if let Some(settings) = store.setting::<Settings>(settings::KEY)? {
            settings
        } else {
            let settings = Settings { timezone: config.zone, ..Settings::default() };
            store.set_setting(settings::KEY, &settings)?;
            store.rezone(settings.timezone)?;
            settings
        };
        let paused_until =
            store.setting::<Option<DateTime<Utc>>>(PAUSED_UNTIL)?.flatten().filter(|until| *until > now);
        let accounts = store.accounts()?;
        drop(store);
        let ledger = Ledger::open(&config.data_dir, now)?;
        let reader = Ledger::open_read_only(&config.data_dir)?;
        let (events, _) = broadcast::channel(64);
        let engine = Self {
            inner: Arc::new(Inner {
                config,
                ledger,
                reader,
                state: Mutex::new(State {
                    settings,
                    accounts: BTreeMap::new(),
                    paused_until,
                    trouble: None,
                    tray: TrayState::Off,
                    notifications: NotificationState::Off,
                    service: None,
                    unsaved: VecDeque::new(),
                    local_use: None,
                    logs: UsageState::default(),
                    on_battery: false,
                    usage: Arc::new(usage_for),
                }),
                events,
                wake: Notify::new(),
                usage_wake: Wake::default(),
                end: CancellationToken::new(),
                _lock: lock,
            }),
        };
        let zone = engine.settings().timezone;
        for account in accounts {
            engine.state().accounts.insert(account.id, Watched::new(account, zone));
        }
        Ok(engine)
    }

    /// Loads what is remembered of each account and concludes from readings that a crash left unanalysed.
    /// Call once, before anything else is asked.
    pub async fn resume(&self) -> Result<(), EngineError> {
        let ids: Vec<AccountId> = self.state().accounts.keys().copied().collect();
        for id in ids {
            self.resume_account(id).await?;
        }
        Ok(())
    }

    async fn resume_account(&self, id: AccountId) -> Result<(), EngineError> {
        let (zone, now) = (self.settings().timezone, self.now());
        let (remembered, auditor, poll, undone, last, pasts) = self
            .ledger()
            .ask(move |store| {
                let remembered = store.tracker(id)?;
                let auditor =
                    remembered.as_ref().map(|state| audit::take_up(store, id, state)).transpose()?;
                let poll = store.poll_state(id)?;
                let after = remembered.as_ref().map(|r| r.analysed);
                let undone = store.readings_after(id, after)?;
                let last = store.last_readings()?.into_iter().find(|(account, ..)| *account == id);
                let pasts = forecast::remembered(store, id, zone, now)?;
                Ok((remembered, auditor, poll, undone, last, pasts))
            })
            .await?;
        let moved = by_clock_set_back(&poll, now);
        let poll = moved.clone().unwrap_or(poll);
        if let Some(watched) = self.state().accounts.get_mut(&id) {
            watched.pasts = pasts;
            if let Some(remembered) = remembered {
                watched.auditor = auditor.unwrap_or_default();
                watched.usage_told = remembered.usage_told;
                watched.alerts = serde_json::from_str(&remembered.alert_state).unwrap_or_default();
            }
            watched.reading = last.map(|(_, _, reading)| reading);
            watched.looked_at = last_look(&poll, watched.reading.as_ref());
            // Plan and limits as last known, until the service tells them again: a profile that does not
            // answer just now must not look like a change of plan.
            watched.profile = watched.reading.as_ref().map(|reading| {
                let known =
                    Profile { plan: reading.plan.clone(), limits: reading.limits, ..Profile::default() };
                (known, DateTime::UNIX_EPOCH)
            });
            watched.next_at = Some(first_look(&poll, now));
            watched.poll = poll;
        }
        if let Some(poll) = moved {
            self.ledger().ask(move |store| store.set_poll_state(id, &poll)).await?;
        }
        for (reading_id, reading) in undone {
            self.conclude(id, reading_id, reading).await?;
        }
        Ok(())
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // The state is only plain values; one that a panic left behind is as good as any.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has requests of local logs come from elsewhere. Call before [`Engine::resume`].
    pub fn set_usage_source(&self, source: UsageSource) {
        self.state().usage = source;
    }

    pub(crate) fn usage_source(&self) -> UsageSource {
        self.state().usage.clone()
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    /// Where keys are kept.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.inner.config.vault
    }

    pub(crate) fn client(&self) -> &tidemark_kimi::Client {
        &self.inner.config.client
    }

    pub(crate) fn clock(&self) -> &SharedClock {
        &self.inner.config.clock
    }

    pub(crate) fn hosts(&self) -> &Hosts {
        &self.inner.config.hosts
    }

    pub(crate) fn home(&self) -> &Path {
        &self.inner.config.home
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.inner.config.environment
    }

    pub(crate) fn usage_wake(&self) -> &Wake {
        &self.inner.usage_wake
    }

    /// The data folder.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.inner.config.data_dir
    }

    /// Whether everything is sample data.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.inner.config.demo
    }

    /// The engine's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.config.clock.now()
    }

    /// Where an account's calls go.
    #[must_use]
    pub fn base_url_of(&self, account: &Account) -> String {
        account.base_url.as_ref().map_or_else(
            || self.hosts().base_url(account.source, account.region),
            |url| url.as_str().trim_end_matches('/').to_owned(),
        )
    }

    pub(crate) fn tell(&self, event: EngineEvent) {
        // Nobody listening is fine.
        let _ = self.inner.events.send(event);
    }

    /// Passes an event on to all faces, for something that one of them did.
    pub fn announce(&self, event: EngineEvent) {
        self.tell(event);
    }

    pub(crate) fn wake(&self) {
        self.inner.wake.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.inner.wake.notified().await;
    }

    /// Listens to what the engine tells.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<EngineEvent> {
        self.inner.events.subscribe()
    }

    /// Asks the faces to show an account, or the overview.
    pub fn show(&self, account: Option<AccountId>) {
        self.tell(EngineEvent::Show(account));
    }

    /// Asks the engine to end; [`Engine::ended`] resolves.
    pub fn quit(&self) {
        self.tell(EngineEvent::Quit);
        self.inner.end.cancel();
    }

    /// Resolves when the engine was asked to end.
    pub async fn ended(&self) {
        self.inner.end.cancelled().await;
    }

    /// What the engine knows at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let now = self.now();
        let state = self.state();
        let mut accounts: Vec<_> = state.accounts.values().map(Watched::snapshot).collect();
        accounts.sort_by_key(|a| (a.account.position, a.account.id));
        Snapshot {
            now,
            accounts,
            paused_until: state.paused_until.filter(|until| *until > now),
            trouble: state.trouble.clone(),
            tray: state.tray,
            notifications: if state.settings.notifications {
                state.notifications
            } else {
                NotificationState::Off
            },
            service: state.service.clone(),
            settings: state.settings.clone(),
            demo: self.is_demo(),
        }
    }

    /// Asks the history, on a thread of its own.
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        Ok(self.inner.reader.ask(move |store| question(store)).await?)
    }

    /// Asks the history for something that takes as long as its asker likes, such as an export that is
    /// written while it is read: on a connection and a thread of its own, so that nobody waits behind it.
    pub async fn read_apart<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let dir = self.data_dir().to_path_buf();
        let answer = tokio::task::spawn_blocking(move || question(&Store::open_read_only(&dir)?)).await;
        Ok(answer.map_err(|_| EngineError::Internal)?.map_err(LedgerError::Store)?)
    }

    /// Asks the history for something that changes it.
    pub async fn write<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        Ok(self.inner.ledger.ask(question).await?)
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.state().settings.clone()
    }

    /// Changes the settings.
    pub async fn set_settings(&self, settings: Settings) -> Result<Settings, EngineError> {
        let settings = settings.checked()?;
        let before = self.settings();
        let stored = settings.clone();
        let rezone = before.timezone != settings.timezone;
        self.ledger()
            .ask(move |store| {
                if rezone {
                    store.rezone(stored.timezone)?;
                }
                store.set_setting(settings::KEY, &stored)
            })
            .await?;
        {
            let now = self.now();
            let mut state = self.state();
            state.settings = settings.clone();
            // A faster pace takes effect at once, a slower one after the next look.
            let calm = TimeDelta::seconds(i64::from(settings.poll_seconds));
            if settings.poll_seconds < before.poll_seconds {
                for watched in state.accounts.values_mut() {
                    if watched.poll.last_failure.is_none() {
                        watched.next_at = watched.next_at.map(|at| at.min(now + calm));
                    }
                }
            }
        }
        if rezone {
            self.remember_pasts().await?;
        }
        if before.log_homes != settings.log_homes {
            self.look_at_logs();
        }
        self.tell(EngineEvent::Settings);
        self.tell(EngineEvent::Overview);
        self.wake();
        Ok(settings)
    }

    /// Pauses polling until then; `None` until tomorrow's first instant in the pinned zone.
    pub async fn pause(&self, until: Option<DateTime<Utc>>) -> Result<DateTime<Utc>, EngineError> {
        let zone = self.settings().timezone;
        let until = until.unwrap_or_else(|| Bucket::holding(self.now(), Span::Day, zone).end);
        self.set_pause(Some(until)).await?;
        Ok(until)
    }

    /// Goes on polling.
    pub async fn go_on(&self) -> Result<(), EngineError> {
        self.set_pause(None).await
    }

    async fn set_pause(&self, until: Option<DateTime<Utc>>) -> Result<(), EngineError> {
        self.ledger().ask(move |store| store.set_setting(PAUSED_UNTIL, &until)).await?;
        self.state().paused_until = until;
        self.tell(EngineEvent::Overview);
        self.wake();
        Ok(())
    }

    /// Looks at one account, or all, soon: those looked at a moment ago, and those whose service asked to
    /// wait, are left alone.
    pub fn refresh(&self, only: Option<AccountId>) -> (Vec<AccountId>, Vec<LeftAlone>) {
        let now = self.now();
        let mut going = Vec::new();
        let mut left = Vec::new();
        {
            let mut state = self.state();
            for (id, watched) in &mut state.accounts {
                if only.is_some_and(|only| only != *id) {
                    continue;
                }
                if let Some(why) = watched.leave_alone(now) {
                    left.push(LeftAlone { account: *id, ..why });
                } else {
                    going.push(*id);
                }
            }
        }
        for id in &going {
            let (engine, id) = (self.clone(), *id);
            tokio::spawn(async move {
                if let Err(error) = engine.look(id).await {
                    tracing::debug!(%error, "a refresh came to nothing");
                }
            });
        }
        (going, left)
    }

    /// Looks at one account, or all, and waits for what comes of it. Those that must be left alone are named.
    pub async fn poll(&self, only: Option<AccountId>) -> (Vec<Look>, Vec<LeftAlone>) {
        let now = self.now();
        let mut going = Vec::new();
        let mut left = Vec::new();
        for (id, watched) in &self.state().accounts {
            if only.is_none_or(|only| only == *id) {
                match watched.leave_alone(now) {
                    Some(why) => left.push(LeftAlone { account: *id, ..why }),
                    None => going.push(*id),
                }
            }
        }
        let mut tasks = tokio::task::JoinSet::new();
        for (place, id) in going.into_iter().enumerate() {
            let engine = self.clone();
            tasks.spawn(async move { (place, engine.look(id).await) });
        }
        let mut looks = Vec::new();
        while let Some(done) = tasks.join_next().await {
            if let Ok((place, Ok(look))) = done {
                looks.push((place, look));
            }
        }
        looks.sort_by_key(|(place, _)| *place);
        (looks.into_iter().map(|(_, look)| look).collect(), left)
    }

    /// Alerts that are to be delivered now. None in quiet hours or while notifications are off.
    pub async fn due_alerts(&self) -> Result<Vec<DueAlert>, EngineError> {
        let now = self.now();
        let settings = self.settings();
        if !settings.notifications || settings.is_quiet(now.with_timezone(&settings.timezone).time()) {
            return Ok(Vec::new());
        }
        self.write(move |store| store.due_alerts(now)).await
    }

    /// Remembers that an alert is about to be shown, so that a crash in between does not show it twice.
    /// `false` where it is not due any more.
    pub async fn alert_delivering(&self, id: AlertId) -> Result<bool, EngineError> {
        self.write(move |store| store.alert_delivering(id)).await
    }

    /// Remembers that an alert was shown.
    pub async fn alert_delivered(&self, id: AlertId) -> Result<(), EngineError> {
        self.set_notifications(NotificationState::Working);
        self.write(move |store| store.alert_delivered(id)).await
    }

    /// Remembers that an alert could not be shown; it is due again later.
    pub async fn alert_failed(&self, id: AlertId) -> Result<(), EngineError> {
        self.set_notifications(NotificationState::NoService);
        let now = self.now();
        self.write(move |store| store.alert_failed(id, now + TimeDelta::seconds(30))).await
    }

    /// Tells how notifications stand.
    pub fn set_notifications(&self, notifications: NotificationState) {
        let mut state = self.state();
        if state.notifications != notifications {
            state.notifications = notifications;
            drop(state);
            self.tell(EngineEvent::Overview);
        }
    }

    /// Tells how the tray stands.
    pub fn set_tray(&self, tray: TrayState) {
        let mut state = self.state();
        if state.tray != tray {
            state.tray = tray;
            drop(state);
            self.tell(EngineEvent::Overview);
        }
    }
}

/// When to look first after a start: at once, unless the service asked to wait or a failing account has
/// its turn later.
fn first_look(poll: &PollState, now: DateTime<Utc>) -> DateTime<Utc> {
    let told = poll.retry_after_until.filter(|until| *until > now && *until - now <= TimeDelta::hours(25));
    let failing = poll.last_failure.as_ref().and(poll.next_poll_at);
    let planned = failing.filter(|at| *at > now && *at - now <= TimeDelta::hours(1));
    told.max(planned).unwrap_or(now)
}

/// When an account was last asked, by what is remembered of it. A key that could not be had asked nobody.
fn last_look(poll: &PollState, reading: Option<&Reading>) -> Option<DateTime<Utc>> {
    match &poll.last_failure {
        Some(failed) if failed.failure.kind == FailureKind::KeyUnavailable => None,
        // A reading that came after it stands there alone where its process died in between.
        failed => {
            failed.as_ref().map(|f| f.at).max(poll.last_success_at).max(reading.map(|reading| reading.at))
        }
    }
}

/// What is remembered of failures that lie ahead, because the clock was set back since: moved back as far, so
/// that a wait begins anew and is no longer than it was told. `None` where nothing lies ahead.
fn by_clock_set_back(poll: &PollState, now: DateTime<Utc>) -> Option<PollState> {
    let failed = poll.last_failure.as_ref().filter(|failed| failed.at > now)?;
    let ahead = failed.at - now;
    Some(PollState {
        next_poll_at: poll.next_poll_at.map(|at| at - ahead),
        retry_after_until: poll.retry_after_until.map(|at| at - ahead),
        failures_in_row: poll.failures_in_row,
        failing_since: poll.failing_since.map(|at| at - ahead),
        last_failure: Some(FailedPoll { at: now, failure: failed.failure.clone() }),
        last_success_at: poll.last_success_at,
    })
}

impl Watched {
    pub(crate) fn new(account: Account, zone: Tz) -> Self {
        Self {
            account,
            auditor: tidemark_core::audit::Auditor::default(),
            usage_told: 0,
            alerts: tidemark_core::alert::AlertState::default(),
            pasts: tidemark_core::forecast::Pasts::new(zone),
            forecasts: Vec::new(),
            poll: PollState::default(),
            reading: None,
            profile: None,
            key_digest: None,
            key_trouble: None,
            next_at: None,
            polling: false,
            looked_at: None,
            used_at: None,
            turn: Arc::new(tokio::sync::Mutex::new(())),
            looks: 0,
            last_look: None,
        }
    }

    /// Whether a manual refresh must leave it alone at that time.
    fn leave_alone(&self, now: DateTime<Utc>) -> Option<LeftAlone> {
        let account = self.account.id;
        if let Some(until) = self.poll.retry_after_until.filter(|until| *until > now) {
            return Some(LeftAlone { account, why: Why::RetryAfter, until });
        }
        // A key that could not be had asked nobody anything: trying again at once is what the user wants.
        let asked = self.looked_at.filter(|_| self.key_trouble.is_none())?;
        (now >= asked && now - asked < JUST_NOW).then_some(LeftAlone {
            account,
            why: Why::JustNow,
            until: asked + JUST_NOW,
        })
    }
}
