//! What the engine knows at the moment besides its accounts, and what it shows of all that.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use tidemark_core::audience::PlanLevel;
use tidemark_core::forecast::Forecast;
use tidemark_core::{Account, AccountId, Meter, Reading, Region, Series, Source};
use tidemark_kimi::StatusPage;
use tidemark_store::PollState;

use crate::intake::state::IntakeState;
use crate::key_prints::KeyPrints;
use crate::local_use::usage_state::UsageState;
use crate::problem::{EngineProblem, Problems};
use crate::settings::Settings;
use crate::update_state::{UpdateSnapshot, UpdateState};
use crate::usage::UsageSource;

/// The engine's own state: plain values behind a lock that is held for as long as one of them is copied or
/// changed. What is known of an account is in that account's task.
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) paused_until: Option<DateTime<Utc>>,
    pub(crate) problems: Problems,
    pub(crate) tray: TrayState,
    pub(crate) notifications: NotificationState,
    /// What the status page said, and when.
    pub(crate) service: Option<(StatusPage, DateTime<Utc>)>,
    /// The products that incidents of the status page concern, by their ids. One that is not here was reported before
    /// this process began; only those that concern some product are kept.
    pub(crate) concerned: BTreeMap<String, Vec<Source>>,
    /// When a local session log was last seen to grow.
    pub(crate) local_use: Option<DateTime<Utc>>,
    /// How reading the session logs goes.
    pub(crate) logs: UsageState,
    /// What the accounts' keys are recognised by.
    pub(crate) key_prints: KeyPrints,
    /// How receiving and reading other programs' usage goes.
    pub(crate) intake: IntakeState,
    /// Regions that failed to give their announcements: how often in a row, and when they may be asked again.
    pub(crate) no_announcements: BTreeMap<Region, (u32, DateTime<Utc>)>,
    pub(crate) on_battery: bool,
    /// Where requests of local logs come from.
    pub(crate) usage: UsageSource,
    /// The accounts that the team's hub audits, over the usage of all members.
    pub(crate) team_audited: BTreeSet<AccountId>,
    /// What is known of newer versions.
    pub(crate) update: UpdateState,
}

/// Whether a tray icon is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayState {
    /// An icon is shown.
    Shown,
    /// No tray on this desktop at the moment.
    NoHost,
    /// Switched off.
    Off,
}

/// Whether notifications can be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationState {
    /// As far as is known.
    Working,
    /// No service answered the last time.
    NoService,
    /// Switched off, or nothing delivers them in this run.
    Off,
}

/// What the engine knows at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The time of the snapshot, by the engine's clock.
    pub now: DateTime<Utc>,
    /// The accounts in the user's order.
    pub accounts: Vec<AccountSnapshot>,
    /// Polling is paused until then.
    pub paused_until: Option<DateTime<Utc>>,
    /// What is wrong with the engine.
    pub trouble: Option<EngineProblem>,
    /// Whether a tray icon is shown.
    pub tray: TrayState,
    /// Whether notifications can be delivered.
    pub notifications: NotificationState,
    /// What the status page said, and when.
    pub service: Option<(StatusPage, DateTime<Utc>)>,
    /// The settings in force.
    pub settings: Settings,
    /// Whether everything is sample data.
    pub demo: bool,
    /// The accounts that the team's hub audits, over the usage of all members: of their anomalies it has the last word.
    pub team_audited: BTreeSet<AccountId>,
    /// What is known of newer versions; `None` where that is not asked.
    pub update: Option<UpdateSnapshot>,
}

/// What is known of one account.
#[derive(Debug, Clone)]
pub struct AccountSnapshot {
    /// The account as it is stored.
    pub account: Account,
    /// Other accounts here that are the same account of the service.
    pub same_as: Vec<AccountId>,
    /// The other account that is polled in place of this one, where both are the same.
    pub polled_through: Option<AccountId>,
    /// The last reading; `None` before the first one.
    pub reading: Option<Reading>,
    /// The last poll, and failures since.
    pub poll: PollState,
    /// Why its key cannot be had, as a stable word.
    pub key_trouble: Option<&'static str>,
    /// When it is polled next.
    pub next_at: Option<DateTime<Utc>>,
    /// Whether a poll is running now.
    pub polling: bool,
    /// Meters whose fall waits for a second reading.
    pub unconfirmed: Vec<Meter>,
    /// The share of each series' deductions that came while the local logs show usage, 0 to 1.
    pub known_use: Vec<(Series, f64)>,
    /// The number of its plan's level and its generation of plans, where known.
    pub plan_level: PlanLevel,
    /// What is likely to become of its quotas, as of the last reading; those of which nothing can be said
    /// are left out.
    pub forecasts: Vec<(Meter, Forecast)>,
}

/// An account that a manual refresh skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// The account that was skipped.
    pub account: AccountId,
    /// Why it was skipped.
    pub why: SkipReason,
    /// When it can be polled again.
    pub until: DateTime<Utc>,
}

/// Why a manual refresh skipped an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// It was polled a moment ago.
    JustNow,
    /// The service asked to wait.
    RetryAfter,
    /// It is polled through another account, which is the same account of the service.
    PolledThrough,
    /// The engine ended before the service answered.
    Ended,
}

impl SkipReason {
    /// Its word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JustNow => "just-now",
            Self::RetryAfter => "retry-after",
            Self::PolledThrough => "polled-through",
            Self::Ended => "ended",
        }
    }
}
