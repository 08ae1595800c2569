//! The engine over real HTTP against the simulator, with a clock that the test moves by hand.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]
#![allow(dead_code, reason = "no test needs all of it")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tidemark_core::{Account, Meter};
use tidemark_kimi::{Client, ClientConfig};
use tidemark_monitor::clock::Wait;
use tidemark_monitor::{
    Clock, Engine, EngineConfig, Hosts, KeyInput, KeyPlace, NewAccount, OpenError, SharedClock,
};
use tidemark_simulator::{Event, Running, Scenario, SimClock, Simulator};
use tidemark_store::Store;
use tidemark_vault::{Vault, VaultConfig};

/// The simulator's hand-moved clock as the engine's.
pub(crate) struct ManualClock(pub(crate) SimClock);

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
    fn steady(&self) -> Duration {
        (self.0.now() - start()).to_std().unwrap_or_default()
    }
    fn sleep(&self, _: Duration) -> Wait {
        Box::pin(std::future::pending())
    }
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-18T09:00:00Z".parse().unwrap()
}

pub(crate) struct TestEngine {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) simulator: Running,
    pub(crate) clock: SimClock,
    pub(crate) vault: Vault,
}

impl TestEngine {
    pub(crate) async fn of(scenario: Scenario) -> Self {
        let clock = SimClock::stepped(start());
        let address: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let simulator = Simulator::start(scenario, clock.clone(), address).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::new(VaultConfig::new(dir.path().join("data"), dir.path()));
        Self { dir, simulator, clock, vault }
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn config(&self, clock: SharedClock) -> EngineConfig {
        EngineConfig {
            data_dir: self.data(),
            home: self.dir.path().to_path_buf(),
            environment: tidemark_logs::Environment::default(),
            hosts: Hosts::endpoint_override(&self.simulator.url()).unwrap(),
            clock,
            vault: self.vault.clone(),
            client: Client::new(ClientConfig::default()).unwrap(),
            zone: chrono_tz::Asia::Shanghai,
            demo: false,
        }
    }

    pub(crate) async fn engine(&self) -> Engine {
        let engine = Engine::open(self.config(Arc::new(ManualClock(self.clock.clone())))).unwrap();
        engine.resume().await.unwrap();
        engine
    }

    pub(crate) fn key(&self, account: &str) -> KeyInput {
        KeyInput::Key {
            key: SecretString::from(self.simulator.key(account).unwrap()),
            place: KeyPlace::ThisRun,
        }
    }

    pub(crate) async fn add(&self, engine: &Engine, account: &str) -> Account {
        let new = NewAccount {
            name: account.to_owned(),
            source: None,
            region: None,
            base_url: None,
            base_url_confirmed: false,
            key: self.key(account),
            untested: false,
        };
        engine.add_account(new).await.unwrap()
    }

    pub(crate) fn later(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    pub(crate) fn spend_up_to(&self, account: &str, meter: Meter, points: i64) {
        self.simulator.event(account, &Event::SpendUpTo { meter, points: points.into() }).unwrap();
    }
}

/// The folder's lock goes with the engine's last clone; tasks of its own may hold one for a moment.
pub(crate) async fn reopened(house: &TestEngine) -> Engine {
    for _ in 0..1_000 {
        match Engine::open(house.config(Arc::new(ManualClock(house.clock.clone())))) {
            Ok(engine) => {
                engine.resume().await.unwrap();
                return engine;
            }
            Err(OpenError::Lock(_)) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the folder stayed locked")
}

pub(crate) fn store(dir: &Path) -> Store {
    Store::open_read_only(dir).unwrap()
}
