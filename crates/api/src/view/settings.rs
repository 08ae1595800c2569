//! What the user can set.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::budgets::Budget;
use super::common::MoneyView;

/// What the user can set. Absent keys of a change leave what is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// Seconds between two polls of an account while it is not in use; 60 to 3600.
    pub poll_seconds: u32,
    /// Seconds between two polls while the account is in use or a quota is above 80%.
    pub poll_seconds_busy: u32,
    /// Percents at which a meter's alert is given, ascending.
    pub meter_thresholds: Vec<u32>,
    /// Alert when a balance falls below this amount, per currency.
    pub balance_thresholds: Vec<MoneyView>,
    /// Notify when a quota is reset on time.
    pub notify_resets: bool,
    /// Notify when a quota is reset early or late, or money is received.
    pub notify_early_resets: bool,
    /// Tell when a key was refused.
    pub notify_refusals: bool,
    /// Tell of anomalies, and when they were given back.
    pub notify_anomalies: bool,
    /// From which probability in percent on to notify that a quota is likely to be empty before its reset; `null` never
    /// does.
    #[serde(default)]
    pub notify_likely_empty: Option<u32>,
    /// Notify when extra usage begins to cost money.
    #[serde(default = "yes")]
    pub notify_extra_usage: bool,
    /// Show desktop notifications; off silences every kind.
    pub notifications: bool,
    /// No notifications between these wall-clock times (`22:00`, `08:00`); they come after.
    pub quiet_hours: Option<QuietHours>,
    /// The zone in which days and months are counted (IANA).
    pub timezone: String,
    /// `en`, `zh-CN`, or `null` for the system's.
    pub language: Option<String>,
    /// `light`, `dark`, or `null` for the system's.
    pub theme: Option<String>,
    /// Start the agent at login.
    pub start_at_login: bool,
    /// Read the service's status page.
    pub status_page: bool,
    /// Ask once a day for a newer version of this program; `null` until the user was asked.
    #[serde(default)]
    pub check_updates: Option<bool>,
    /// Prune raw readings older than this many days; `null` keeps them. Roll-ups always stay.
    pub keep_raw_days: Option<u32>,
    /// Additional folders that are searched for session logs, as absolute paths.
    pub log_homes: Vec<String>,
    /// The currency of what use is worth: `USD` or `CNY`; `null` takes that of the accounts' regions.
    pub worth_currency: Option<String>,
    /// Words that hide the projects in whose folder they stand from exports; `*` in one is any text.
    pub hidden_projects: Vec<String>,
    /// From where on coding agents are warned and stopped, where a hook asks; the closest rule counts.
    #[serde(default)]
    pub guard: Vec<GuardRule>,
    /// How much may be used before it is reported; of two for the same, the later counts.
    #[serde(default)]
    pub budgets: Vec<Budget>,
}

/// What an agent of before has.
const fn yes() -> bool {
    true
}

/// What the guard does for an account, a quota, both, or everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GuardRule {
    /// The account; `null` is every one.
    pub account_id: Option<i64>,
    /// The quota; `null` is every one.
    pub meter: Option<String>,
    /// From where on a warning is given; `null` leaves that to a wider rule.
    pub warn: Option<GuardLimit>,
    /// From where on agents are stopped; `null` leaves that to a wider rule.
    pub stop: Option<GuardLimit>,
}

/// A share of a quota, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum GuardLimit {
    /// Percent used.
    At(u32),
    /// Not at any.
    Never,
}

/// Wall-clock times between which nothing is announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuietHours {
    /// When they begin, as `22:00`.
    pub from: String,
    /// When they end, as `08:00`.
    pub to: String,
}

/// What of the settings is valid: the engine refuses everything else, and a window does not offer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingsLimits {
    /// The fewest seconds between two polls, also while busy.
    pub min_poll_seconds: u32,
    /// The most seconds between two polls. While busy, no longer than otherwise.
    pub max_poll_seconds: u32,
    /// The lowest percent of a threshold.
    pub min_meter_threshold: u32,
    /// The highest percent of a threshold.
    pub max_meter_threshold: u32,
    /// The lowest percent of a forecast's probability from which on is notified of it.
    pub min_likely_percent: u32,
    /// The highest such percent.
    pub max_likely_percent: u32,
    /// The most thresholds of quotas.
    pub max_meter_thresholds: usize,
    /// The fewest days for which raw readings are kept.
    pub min_keep_raw_days: u32,
    /// The most additional folders of logs.
    pub max_log_homes: usize,
    /// The most words that hide projects.
    pub max_hidden_projects: usize,
    /// The most characters of such a word.
    pub max_hidden_project_len: usize,
}
