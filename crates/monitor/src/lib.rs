//! The running engine: schedule, poll, analyse, remember, alert.
//!
//! An [`Engine`] holds a data folder for itself ([`lock`]), looks at each account on its own schedule
//! ([`schedule`]), puts every reading on disk before anything is concluded from it, and tells its faces by
//! [`EngineEvent`]s that something changed. It shows nothing itself: the tray, the notifications and the
//! local interface ask it.

mod audit;
pub mod clock;
pub mod engine;
pub mod forecast;
pub mod hosts;
mod keys;
mod ledger;
pub mod local_use;
pub mod lock;
mod look;
mod power;
mod run;
pub mod schedule;
pub mod settings;
mod state;
mod usage;

pub use clock::{Clock, FastClock, SharedClock, SystemClock};
pub use engine::{Engine, EngineConfig, EngineError, EngineEvent, OpenError};
pub use hosts::Hosts;
pub use keys::{KeyInput, KeyPlace, KeyRemoval, KeyTest, NewAccount};
pub use ledger::LedgerError;
pub use local_use::UsageState;
pub use look::{Look, Tested};
pub use settings::{Settings, SettingsError};
pub use state::{AccountSnapshot, LeftAlone, NotificationState, Snapshot, TrayState, Trouble, Why};
/// What of the process' environment says where session logs are.
pub use tidemark_logs::Environment;
pub use usage::{UsageAsked, UsageSource, UsageTold};
