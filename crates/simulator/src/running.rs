//! A simulator in the same process, with a handle to everything about it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rust_decimal::Decimal;
use tidemark_core::Meter;
use tidemark_core::reading::Reading;
use tokio::task::JoinHandle;

use crate::account::SimAccount;
use crate::clock::SimClock;
use crate::control::origin;
use crate::event::Event;
use crate::fault::{FaultId, FaultOrder, StandingFault};
use crate::incident::Impact;
use crate::network::Network;
use crate::scenario::Scenario;
use crate::server::{keep_logs, router};
use crate::sim_state::{Announced, NoSuchAccount, Served, SimState};
use crate::truth::Truth;

/// The simulator; see [`Simulator::start`].
///
/// # Examples
/// ```
/// use chrono::{DateTime, Utc};
/// use tidemark_core::{Meter, Region};
/// use tidemark_simulator::{Scenario, SimClock, Simulator};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now: DateTime<Utc> = "2026-10-05T08:00:00Z".parse()?;
/// let service =
///     Simulator::start(Scenario::one_code(now), SimClock::stepped(now), "127.0.0.1:0".parse()?).await?;
/// service.spend("work", Meter::FiveHour, 20.into())?;
///
/// // What GET {base URL}/usages would answer, without the network.
/// let (reading, _evidence) = service.look("work")?;
/// assert_eq!(reading.region, Region::China);
/// assert_eq!(reading.meter(Meter::FiveHour).unwrap().used_percent, 20.into());
/// assert!(service.look("play").is_err(), "the scenario has no such account");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Simulator;

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not on loopback: fake or not, nothing of it is for the network.
    #[error(
        "the simulator listens on loopback addresses only; expected something like 127.0.0.1:0, found {0}"
    )]
    NotLoopback(SocketAddr),
    /// Two accounts share a name or a key.
    #[error("two accounts of the scenario share the name or the key of `{0}`")]
    NotUnique(String),
    /// The address could not be had.
    #[error("could not listen on {addr}: {cause}")]
    Bind {
        /// Which.
        addr: SocketAddr,
        /// Why.
        cause: io::Error,
    },
}

/// A simulator that runs until this is dropped or [`Running::shutdown`] is called.
#[derive(Debug)]
pub struct Running {
    network: Arc<Network>,
    logging: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Simulator {
    /// Starts a simulator on a loopback address (port 0 takes any free one) in the present tokio runtime.
    /// The accounts are simulated up to the clock's present when it returns.
    ///
    /// # Errors
    /// - [`StartError::NotLoopback`] if `addr` is not a loopback address.
    /// - [`StartError::NotUnique`] if two accounts have the same name or key.
    /// - [`StartError::Bind`] if the system does not give the address.
    pub async fn start(
        mut scenario: Scenario,
        clock: SimClock,
        addr: SocketAddr,
    ) -> Result<Running, StartError> {
        if !addr.ip().is_loopback() {
            return Err(StartError::NotLoopback(addr));
        }
        scenario.accounts.iter_mut().for_each(crate::spec::AccountSpec::complete);
        check_unique(&scenario)?;
        let world = Arc::new(SimState::new(scenario, clock));
        // Without logs there is nothing in it that can fail.
        let _ = world.catch_up();
        let network =
            Network::open(world, addr, router).await.map_err(|cause| StartError::Bind { addr, cause })?;
        Ok(Running { network, logging: std::sync::Mutex::new(None) })
    }
}

fn check_unique(scenario: &Scenario) -> Result<(), StartError> {
    for (index, spec) in scenario.accounts.iter().enumerate() {
        if scenario.accounts[..index].iter().any(|other| other.name == spec.name || other.key == spec.key) {
            return Err(StartError::NotUnique(spec.name.clone()));
        }
    }
    Ok(())
}

impl Running {
    fn world(&self) -> &SimState {
        self.network.world()
    }

    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.network.addr()
    }

    /// `http://127.0.0.1:PORT`, without a path. The status page is under it: `/api/v2/summary.json`.
    #[must_use]
    pub fn url(&self) -> String {
        origin(&self.network)
    }

    /// The accounts with their base URLs and fake keys, in the scenario's order.
    #[must_use]
    pub fn accounts(&self) -> Vec<Announced> {
        self.world().announced(&self.url())
    }

    /// The account with a name.
    ///
    /// # Errors
    /// The scenario has no account with this name.
    pub fn account(&self, name: &str) -> Result<Announced, NoSuchAccount> {
        let found = self.accounts().into_iter().find(|account| account.name == name);
        found.ok_or_else(|| NoSuchAccount(name.to_owned()))
    }

    /// The base URL of an account's service: what stands before `/usages` or `/users/me/balance`.
    ///
    /// # Errors
    /// The scenario has no account with this name.
    pub fn base_url(&self, account: &str) -> Result<String, NoSuchAccount> {
        self.account(account).map(|account| account.base_url)
    }

    /// An account's fake key.
    ///
    /// # Errors
    /// The scenario has no account with this name.
    pub fn key(&self, account: &str) -> Result<String, NoSuchAccount> {
        self.account(account).map(|account| account.key)
    }

    /// Adds an account, or puts it in the place of the one of the same name.
    pub fn add(&self, life: SimAccount) {
        self.world().add(life);
    }

    /// The clock of simulated life.
    #[must_use]
    pub fn clock(&self) -> &SimClock {
        self.world().clock()
    }

    /// Lets something happen to an account now.
    ///
    /// # Errors
    /// The scenario has no account with this name.
    pub fn event(&self, account: &str, event: &Event) -> Result<(), NoSuchAccount> {
        self.world().apply_event(Some(account), event)
    }

    /// Uses so much that `meter` moves by `points` percent; the other windows follow.
    ///
    /// # Errors
    /// The scenario has no account with this name.
    pub fn spend(&self, account: &str, meter: Meter, points: Decimal) -> Result<(), NoSuchAccount> {
        self.event(account, &Event::Spend { meter: Some(meter), points })
    }

    /// Puts a fault in force.
    ///
    /// # Errors
    /// The order names an account that the scenario does not have.
    pub fn fault(&self, order: FaultOrder) -> Result<FaultId, NoSuchAccount> {
        self.world().order(order)
    }

    /// Takes a fault out of force; says whether it was in force.
    pub fn clear_fault(&self, id: FaultId) -> bool {
        self.world().clear_fault(id)
    }

    /// Takes all faults out of force.
    pub fn clear_faults(&self) {
        self.world().clear_faults();
    }

    /// The faults in force.
    #[must_use]
    pub fn faults(&self) -> Vec<StandingFault> {
        self.world().faults()
    }

    /// Opens an incident on the status page and gives its id.
    pub fn open_incident(&self, title: &str, impact: Impact) -> String {
        self.world().open_incident(title, impact)
    }

    /// Announces something to everyone from now on, in the members that the service's answer has, such as `banner_id`.
    pub fn announce(&self, banner: serde_json::Value) {
        self.world().announce(banner);
    }

    /// Resolves one incident, or all; says how many were open.
    pub fn resolve_incident(&self, id: Option<&str>) -> usize {
        self.world().resolve_incident(id)
    }

    /// Every request served so far, in order of arrival; those to `/_sim/` are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<Served> {
        self.world().served()
    }

    /// Forgets the requests served so far.
    pub fn forget_requests(&self) {
        self.world().forget_served();
    }

    /// What really happened to an account.
    ///
    /// # Errors
    /// The scenario has no account with this name.
    pub fn truth(&self, account: &str) -> Result<Truth, NoSuchAccount> {
        self.world().truth(account)
    }

    /// What a poll of an account would read now, without HTTP. It counts as a poll.
    ///
    /// # Errors
    /// The scenario has no account with this name.
    pub fn look(&self, account: &str) -> Result<(Reading, String), NoSuchAccount> {
        self.world().look(account)
    }

    /// Does something with an account that is simulated up to now.
    ///
    /// # Errors
    /// The scenario has no account with this name.
    pub fn with_life<T>(
        &self,
        account: &str,
        what: impl FnOnce(&mut SimAccount) -> T,
    ) -> Result<T, NoSuchAccount> {
        self.world().with_life(account, what)
    }

    /// From now on, writes session logs of the machine that logs under `home`, twice a second.
    ///
    /// # Errors
    /// A folder or a log under `home` cannot be written.
    pub fn write_logs(&self, home: &Path) -> io::Result<()> {
        self.world().write_logs(home)?;
        let task = tokio::spawn(keep_logs(Arc::clone(self.network.world())));
        let before = self.logging.lock().unwrap_or_else(std::sync::PoisonError::into_inner).replace(task);
        if let Some(before) = before {
            before.abort();
        }
        Ok(())
    }

    /// Simulates all accounts up to now and writes their session logs, without waiting for the half second.
    ///
    /// # Errors
    /// A log cannot be written. Without [`Running::write_logs`] it cannot fail.
    pub fn catch_up(&self) -> io::Result<()> {
        self.world().catch_up()
    }

    /// Stops listening and cuts every connection: the network is down.
    pub async fn network_down(&self) {
        self.network.down().await;
    }

    /// Listens again on the same port.
    ///
    /// # Errors
    /// The port is still in use by another program after some seconds.
    pub async fn network_up(&self) -> io::Result<()> {
        self.network.up().await
    }

    /// Ends it; connections are cut.
    pub async fn shutdown(self) {
        self.network.down().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(task) = self.logging.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            task.abort();
        }
        self.network.abandon();
    }
}
