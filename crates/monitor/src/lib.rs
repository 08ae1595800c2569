//! The running engine: schedule, poll, analyse, remember, alert.
//!
//! An [`Engine`] holds a data folder for itself ([`lock`]), polls each account on its own schedule
//! ([`schedule`]) in a task of its own, puts every answer on disk before anything is concluded from it, and
//! announces changes to its front ends by [`EngineEvent`]s. It shows nothing itself: the tray, the
//! notifications and the local interface ask it.

mod account;
mod accounts;
mod alert_delivery;
mod budgets;
mod channels;
pub mod clock;
mod due_alerts;
pub mod engine;
mod error;
mod event;
mod guard;
pub mod hosts;
mod hub;
mod import;
mod intake;
mod key_digest;
mod key_prints;
mod known_keys;
pub mod local_use;
pub mod lock;
mod machines;
mod polled_through;
mod polling;
mod power;
mod problem;
mod run;
mod same_account;
pub mod schedule;
pub mod settings;
mod settings_turn;
mod shared;
mod state;
mod store_handle;
mod update_state;
mod updates;
mod usage;

pub use account::{PollOutcome, usage_history};
pub use accounts::{KeyInput, KeyPlace, KeyRemoval, KeyTest, NewAccount};
pub use budgets::budget_states;
pub use channels::{ChannelChange, ChannelDelivery, ChannelSnapshot, Delivered, NewChannel, OtherMessage};
pub use clock::{Clock, FastClock, SharedClock, SystemClock};
pub use due_alerts::has_waited;
pub use engine::Engine;
pub use error::{EngineError, OpenError};
pub use event::EngineEvent;
pub use guard::{GuardLimit, GuardLimits, GuardRule, GuardRules};
pub use hosts::Hosts;
pub use import::{ImportReport, ImportedAccount, LineCount};
pub use intake::{IntakeProblem, IntakeState, IntakeTally, LiteLlmState, OtlpState};
pub use local_use::UsageState;
pub use machines::{
    ExchangeSnapshot, ExportBegun, MachineKey, MachineSnapshot, MachineWay, MachinesSnapshot, NewPassphrase,
    Synced, SyncedCounts, ThisMachine,
};
pub use polling::Tested;
pub use problem::{EngineProblem, WriteProblem};
pub use same_account::AccountIdentity;
pub use settings::{LiteLlmSettings, Settings, SettingsError};
pub use settings_turn::SettingsTurn;
pub use shared::EngineConfig;
pub use state::{AccountSnapshot, NotificationState, SkipReason, Skipped, Snapshot, TrayState};
pub use store_handle::StoreHandleError;
/// What of the process' environment says where session logs are.
pub use tidemark_logs::{Environment, Format};
/// Where an exchange is, and why one failed.
pub use tidemark_machines::ssh::TargetError;
pub use tidemark_machines::{Place as MachinePlace, Problem as ExchangeProblem};
/// Why there is no update, and how a release stands to what is installed.
pub use tidemark_update::{Standing, UpdateError};
pub use update_state::{UpdateSnapshot, UpdateWork, Updates};
pub use usage::{KnownUsage, UsageQuery, UsageSinceLast, UsageSource};
