//! The simulated Kimi service beside the programs, over real HTTP, on a clock that may run fast.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use tidemark_core::Reading;
use tidemark_simulator::{Event, FaultOrder, Running, Scenario, Served, SimClock, Simulator};
use tokio::runtime::Runtime;

/// A running simulator, and the settings with which programs use it and its clock.
#[derive(Debug)]
pub struct Service {
    // Dropped before the runtime it lives in.
    running: Option<Running>,
    runtime: Runtime,
    clock: SimClock,
    told: String,
}

impl Service {
    /// Starts one whose clock shows `start` now and runs `speed` times as fast as the machine's.
    ///
    /// # Panics
    /// Where it cannot listen.
    pub fn start(scenario: Scenario, start: DateTime<Utc>, speed: f64) -> Service {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a tokio runtime");
        let clock = SimClock::fast(start, speed);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs_f64();
        let told = format!("{}*{speed}@{since}", start.to_rfc3339());
        let address: SocketAddr = ([127, 0, 0, 1], 0).into();
        let running = runtime
            .block_on(Simulator::start(scenario, clock.clone(), address))
            .expect("the simulator starts");
        Service { running: Some(running), runtime, clock, told }
    }

    /// The simulator.
    ///
    /// # Panics
    /// Never while this lives.
    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs until this is dropped")
    }

    /// The environment that makes programs ask it instead of Kimi, on its clock.
    pub fn env(&self) -> Vec<(String, String)> {
        vec![
            ("TIDEMARK_STAND_IN".to_owned(), self.running().url()),
            ("TIDEMARK_CLOCK".to_owned(), self.told.clone()),
        ]
    }

    /// Its clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// An account's fake key.
    ///
    /// # Panics
    /// Where there is no such account.
    pub fn key(&self, account: &str) -> String {
        self.running().key(account).expect("an account of the scenario")
    }

    /// Lets something happen to an account.
    ///
    /// # Panics
    /// Where there is no such account.
    pub fn event(&self, account: &str, event: &Event) {
        self.running().event(account, event).expect("an account of the scenario");
    }

    /// From now on, writes session logs of the owners' work below a home folder, twice a second, and beside them
    /// the configuration of the command line that writes such logs.
    ///
    /// # Panics
    /// Where they cannot be written.
    pub fn write_logs(&self, home: &Path) {
        let _inside = self.runtime.enter();
        self.running().write_logs(home).expect("session logs");
    }

    /// Makes calls go wrong.
    ///
    /// # Panics
    /// Where there is no such account.
    pub fn fault(&self, order: FaultOrder) {
        self.running().fault(order).expect("an account of the scenario");
    }

    /// The reading that a poll of an account gives at this moment.
    ///
    /// # Panics
    /// If there is no such account.
    pub fn look(&self, account: &str) -> Reading {
        self.running().look(account).expect("an account of the scenario").0
    }

    /// The polls of quotas and balances so far.
    pub fn looks(&self) -> Vec<Served> {
        let mut all = self.running().requests();
        all.retain(|r| r.path.ends_with("/usages") || r.path.ends_with("/users/me/balance"));
        all
    }

    /// Stops listening: connections are refused.
    pub fn network_down(&self) {
        self.runtime.block_on(self.running().network_down());
    }

    /// Listens again, at the same address.
    ///
    /// # Panics
    /// Where the address was taken meanwhile.
    pub fn network_up(&self) {
        self.runtime.block_on(self.running().network_up()).expect("the same address again");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}
