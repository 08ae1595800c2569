//! View types: what the engine sends to its front ends, and what they may ask of it.
//!
//! They are their own structs, apart from the domain's. Times are RFC 3339 in UTC, money is a decimal
//! string with its currency, percentages are numbers and not clamped, unknown is `null`.
//! `cargo test -p tidemark-api` writes them as TypeScript to `ui/src/api/types.ts`, and fails where the
//! checked-in file differs.

mod accounts;
mod agent;
mod budgets;
mod case;
mod channels;
mod common;
mod findings;
mod hindsight;
mod history;
mod import;
mod intake;
mod levels;
mod machines;
mod overview;
mod polls;
mod secret;
mod sessions;
mod settings;
mod update;
mod usage;
mod vault;

pub use accounts::{
    AccountChange, AccountOrder, AccountView, KeyTest, NewAccount, NewKey, Removed, credential_words,
};
pub use agent::{AgentInfo, AgentState, ApiError, EngineProblem, Event, NotificationState, Pause, TrayState};
pub use budgets::{Budget, BudgetAmount, BudgetState, Budgets};
pub use case::{BandPoint, Case, CasePoint, Claim, ExplainedView, HistoryMark, VerdictView, VerdictWord};
pub use channels::{
    ChannelChange, ChannelQuiet, ChannelResult, ChannelRules, ChannelTest, ChannelView, Channels, NewChannel,
};
pub use common::{MoneyView, RegionWord, SourceWord};
pub use findings::{
    AnnouncementRow, ArgView, FailureRow, FindingView, Findings, IncidentRow, Interval, KnownUse,
    MessageView, MessagesView, OpenAnomalies, QuantityView, Severity, TriageChange, TriageState,
    UnexplainedSum, Withdrawal,
};
pub use hindsight::{Hindsight, PastForecast};
pub use history::{BucketView, History, PointView, SeriesView};
pub use import::{Import, Imported, ImportedAccount, LineCount};
pub use intake::{
    Intake, IntakeChange, IntakeLiteLlm, IntakeLiteLlmChange, IntakeOtlp, IntakeOtlpChange, IntakeProblem,
    IntakeTally,
};
pub use levels::{Cycle, Cycles, Levels};
pub use machines::{
    Exchange, ExchangeKind, ExchangeProblem, ExchangeSynced, ExportBegun, ForgottenMachine, LogCoverage,
    Machine, MachineChange, MachineSync, Machines, MachinesSynced, NewMachine, OwnMachine,
};
pub use overview::{
    AccountCard, BalanceView, CardState, CountView, FailureView, ForecastView, IncidentView, LimitsView,
    MeterView, MomentSpan, Overview, ServiceStatus, WalletView,
};
pub use polls::{NotStored, PollFailure, Polled, Refreshed, Skipped, SkippedPoll, whole_seconds};
pub use sessions::{RequestUse, SessionUse, Sessions};
pub use settings::{GuardLimit, GuardRule, QuietHours, Settings, SettingsLimits};
pub use update::{Update, UpdateAction, UpdateOrder, UpdateOrderWord};
pub use usage::{
    AccountUse, HomeView, HourUse, MachineCount, MachineUse, NamedCount, NamedUse, PlanWorth, RateView,
    RatesView, ScanView, Usage, UseView,
};
pub use vault::{FileState, KeyringState, LoginView, Passphrase, VaultState, Welcome};
