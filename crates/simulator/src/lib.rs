//! A Kimi service that misbehaves on request: for sample data, tests and benchmarks.
//!
//! [`Simulator::start`] runs an HTTP server on loopback that answers like all of Kimi's services, for
//! simulated accounts: they are used in bursts, idle at night and on weekends, run out, are reset, are topped
//! up. [`history`] gives the same accounts without HTTP, years in seconds. Whatever goes wrong with the real
//! service can go wrong here: [`Event`]s change an account, [`Fault`]s the connection to it. [`Truth`] is
//! what really happened, for tests to compare with.
//!
//! Tokens are the ground truth. Each simulated request has its four kinds of tokens; what it takes from a
//! quota is their price times one scale per plan, what it takes from a balance is their price. How large the
//! real quotas are is not public; those here are made up.

mod account;
pub mod amount;
mod answer;
mod bodies;
mod clock;
mod configuration;
mod control;
mod demo;
mod event;
mod fault;
mod habits;
mod history;
mod incident;
mod launch;
mod listen;
mod logs;
mod network;
mod plan;
mod prepaid_balance;
mod price;
mod reading;
mod rng;
mod running;
mod scenario;
mod server;
mod sim_state;
mod snapshot;
mod spec;
mod truth;
mod window;

pub use account::SimAccount;
pub use answer::Refusal;
pub use clock::SimClock;
pub use control::HELP;
pub use demo::{DEMO_DAYS, demo_accounts};
pub use event::Event;
pub use fault::{Fault, FaultId, FaultOrder, StandingFault};
pub use habits::{Machine, Request};
pub use history::{History, Polled, history};
pub use incident::{Impact, Incident};
pub use launch::{LAUNCH_ACCOUNT, LAUNCH_FACTOR, LaunchDay};
pub use logs::LogWriter;
pub use plan::{Allowance, Generation, Plan};
pub use price::Model;
pub use running::{Running, Simulator, StartError};
pub use scenario::{Scenario, ScenarioError};
pub use sim_state::{Announced, NoSuchAccount, Served};
pub use spec::{
    AccountSpec, BalanceSpec, Beside, Habits, LimitsSpec, LogFormat, ReachedBy, Scripted, TopUpHabit,
    WalletSpec,
};
pub use tidemark_core::Tokens;
pub use truth::{Moved, SeriesKey, TrueEvent, TrueHour, Truth};
