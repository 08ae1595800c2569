//! What the engine knows at the moment, and what it shows of that.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tidemark_core::alert::AlertState;
use tidemark_core::audit::Auditor;
use tidemark_core::forecast::{Forecast, Pasts};
use tidemark_core::{Account, AccountId, Meter, Reading, Series};
use tidemark_kimi::{Profile, StatusPage};
use tidemark_store::PollState;

use crate::local_use::UsageState;
use crate::look::Look;
use crate::settings::Settings;
use crate::usage::UsageSource;

/// The engine's state behind its lock. Nothing waits while holding it.
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) accounts: BTreeMap<AccountId, Watched>,
    pub(crate) paused_until: Option<DateTime<Utc>>,
    pub(crate) trouble: Option<Trouble>,
    pub(crate) tray: TrayState,
    pub(crate) notifications: NotificationState,
    /// What the status page said, and when.
    pub(crate) service: Option<(StatusPage, DateTime<Utc>)>,
    /// Looks that could not be written yet, oldest first.
    pub(crate) unsaved: VecDeque<Unsaved>,
    /// When a local session log was last seen to grow.
    pub(crate) local_use: Option<DateTime<Utc>>,
    /// How reading the session logs goes.
    pub(crate) logs: UsageState,
    pub(crate) on_battery: bool,
    /// Where requests of local logs come from.
    pub(crate) usage: UsageSource,
}

/// An account being watched.
pub(crate) struct Watched {
    pub(crate) account: Account,
    pub(crate) auditor: Auditor,
    /// Up to which of the requests of local logs the auditor was told.
    pub(crate) usage_told: u64,
    pub(crate) alerts: AlertState,
    /// How its windows were used.
    pub(crate) pasts: Pasts,
    /// What is likely to become of them, as of the last reading.
    pub(crate) forecasts: Vec<(Meter, Forecast)>,
    pub(crate) poll: PollState,
    pub(crate) reading: Option<Reading>,
    pub(crate) profile: Option<(Profile, DateTime<Utc>)>,
    /// The hash of its key, once it was had in this run.
    pub(crate) key_digest: Option<[u8; 32]>,
    /// The stable word of why the key could not be had, while it can't.
    pub(crate) key_trouble: Option<&'static str>,
    pub(crate) next_at: Option<DateTime<Utc>>,
    pub(crate) polling: bool,
    /// When it was last looked at, with whatever result.
    pub(crate) looked_at: Option<DateTime<Utc>>,
    /// When its meters were last seen to rise, or its balance to fall.
    pub(crate) used_at: Option<DateTime<Utc>>,
    /// Held while it is looked at: one look at a time.
    pub(crate) turn: Arc<tokio::sync::Mutex<()>>,
    /// How many looks have come to an end.
    pub(crate) looks: u64,
    /// What the last of them gave, for those who waited for it.
    pub(crate) last_look: Option<Look>,
}

/// A reading that could not be written yet.
pub(crate) struct Unsaved {
    pub(crate) account: AccountId,
    pub(crate) reading: Reading,
    pub(crate) evidence: String,
}

/// How many readings are kept in memory while the disk refuses them: half a day of ten accounts.
pub(crate) const MOST_UNSAVED: usize = 1_500;

/// Something is wrong with the engine itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A stable word: `disk-full`, `database-damaged`, `database-read-only`, `database`, `clock-jumped`.
    pub code: &'static str,
    /// Details in English.
    pub detail: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Whether a tray icon is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayState {
    /// It is.
    Shown,
    /// No tray on this desktop at the moment.
    NoHost,
    /// None wanted.
    Off,
}

/// Whether notifications can be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationState {
    /// As far as is known.
    Working,
    /// No service answered the last time.
    NoService,
    /// Switched off, or nobody delivers them in this run.
    Off,
}

/// What the engine knows at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The engine's clock.
    pub now: DateTime<Utc>,
    /// The accounts in the user's order.
    pub accounts: Vec<AccountSnapshot>,
    /// Polling is paused until then.
    pub paused_until: Option<DateTime<Utc>>,
    /// What is wrong with the engine.
    pub trouble: Option<Trouble>,
    /// The tray.
    pub tray: TrayState,
    /// The notifications.
    pub notifications: NotificationState,
    /// What the status page said, and when.
    pub service: Option<(StatusPage, DateTime<Utc>)>,
    /// The settings.
    pub settings: Settings,
    /// Whether everything is sample data.
    pub demo: bool,
}

/// What is known of one account.
#[derive(Debug, Clone)]
pub struct AccountSnapshot {
    /// The account.
    pub account: Account,
    /// The last reading.
    pub reading: Option<Reading>,
    /// How polling goes.
    pub poll: PollState,
    /// Why its key cannot be had, as a stable word.
    pub key_trouble: Option<&'static str>,
    /// When it is looked at next.
    pub next_at: Option<DateTime<Utc>>,
    /// It is being looked at.
    pub polling: bool,
    /// Meters whose fall waits for a second reading.
    pub unconfirmed: Vec<Meter>,
    /// The share of each series' deductions that came while the local logs told of use, 0 to 1.
    pub known_use: Vec<(Series, f64)>,
    /// What is likely to become of its windows, as of the last reading; those of which nothing can be said
    /// are left out.
    pub forecasts: Vec<(Meter, Forecast)>,
}

/// An account that a manual refresh left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftAlone {
    /// The account.
    pub account: AccountId,
    /// Why.
    pub why: Why,
    /// Not before then.
    pub until: DateTime<Utc>,
}

/// Why a manual refresh left an account alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was looked at a moment ago.
    JustNow,
    /// The service asked to wait.
    RetryAfter,
}

impl Why {
    /// As interfaces say it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::JustNow => "just-now",
            Self::RetryAfter => "retry-after",
        }
    }
}

impl Watched {
    pub(crate) fn snapshot(&self) -> AccountSnapshot {
        AccountSnapshot {
            account: self.account.clone(),
            reading: self.reading.clone(),
            poll: self.poll.clone(),
            key_trouble: self.key_trouble,
            next_at: self.next_at,
            polling: self.polling,
            unconfirmed: Meter::ALL
                .into_iter()
                .filter(|meter| self.auditor.tracker().pending(*meter))
                .collect(),
            known_use: self.known_use(),
            forecasts: self.forecasts.clone(),
        }
    }
}
