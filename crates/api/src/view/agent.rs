//! The agent itself: its state, its events, its errors.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::findings::MessageView;
use super::update::Update;
use super::vault::KeyringState;

/// The state of the agent itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AgentState {
    /// The program's version.
    pub version: String,
    /// True where everything shown is sample data from the simulator.
    pub demo: bool,
    /// Polling is paused until then.
    pub paused_until: Option<DateTime<Utc>>,
    /// Whether a tray icon is being shown.
    pub tray: TrayState,
    /// Whether desktop notifications can be delivered.
    pub notifications: NotificationState,
    /// The keyring's state as last seen.
    pub keyring: KeyringState,
    /// The zone in which days and months are counted.
    pub timezone: String,
    /// Something is wrong with the engine itself, such as a full disk: what, and since when.
    pub trouble: Option<EngineProblem>,
    /// What is known of newer versions; `null` where that is not asked, as with sample data.
    #[serde(default)]
    pub update: Option<Box<Update>>,
}

/// EngineProblem of the engine itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EngineProblem {
    /// A stable word that the faces have a text for: `disk-full`, `database-damaged`, `database-read-only`,
    /// `database-gone`, `clock-jumped`, `settings-reset`.
    pub code: String,
    /// The cause, in English.
    pub detail: String,
    /// What the system said, in its own words.
    #[serde(default)]
    pub said: Option<String>,
    /// So many readings could not be kept until it ended, because memory must not grow without end.
    #[serde(default)]
    pub lost: u64,
    /// When it began.
    pub since: DateTime<Utc>,
}

/// Whether there is a tray icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TrayState {
    /// An icon is shown.
    Shown,
    /// This desktop has no tray at the moment; the icon will come when one appears.
    NoHost,
    /// The agent was started without one.
    Off,
}

/// Whether notifications can be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum NotificationState {
    /// As far as is known.
    Working,
    /// No notification service answered the last time; those due are kept and tried again.
    NoService,
    /// Switched off by the user.
    Off,
}

/// Pauses polling.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Pause {
    /// Until then; `null` until tomorrow's first instant in the pinned zone.
    pub until: Option<DateTime<Utc>>,
}

/// A request that failed, as the interface answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ApiError {
    /// A stable word that front ends match and have a text for, such as `name-taken`, `keyring-locked`.
    pub code: String,
    /// The cause, in English.
    pub message: String,
    /// What is known beyond the code, without words; the message in the catalogues is `cause-` and its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cause: Option<Box<MessageView>>,
    /// What the service or the system said, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub said: Option<String>,
}

/// What the engine announces while it runs, as server-sent events. Faces then ask for what they show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The overview changed: a reading, a failure, a poll begun, an account added or removed, a pause.
    Overview {},
    /// There are new findings or failed polls.
    Findings {},
    /// The settings changed.
    Settings {},
    /// Local usage changed, or a scan of the logs made progress: `GET /v1/usage` says how it stands.
    Usage {},
    /// Someone clicked a notification or the tray: show this account, or the overview.
    Show {
        /// The account.
        account_id: Option<i64>,
    },
    /// The user quits Tidemark: the agent is about to end, and windows are to close.
    Quit {},
    /// The agent ends for another reason, such as a signal or a newer agent: windows stay and wait for the next.
    Ended {},
}

/// Version and process of the running agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentInfo {
    /// Its version, such as `0.2.0`.
    pub version: String,
    /// The agent's process id.
    pub pid: u32,
    /// True where everything is sample data.
    pub demo: bool,
}
