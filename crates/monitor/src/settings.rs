//! What the user can set, as it is remembered.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tidemark_core::alert::AlertRules;
use tidemark_core::budget::{self, Budget};
use tidemark_core::pasted_key::is_variable_name;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_core::{Currency, Money};
use tidemark_intake::litellm::DatabaseUrl;
use tidemark_intake::receiver;

use crate::guard::GuardRules;
use crate::schedule::Pace;

/// The key under which the settings are stored.
pub const KEY: &str = "settings";
/// Under this key are the names of the settings that were reset, until the user sets them again.
pub const RESET_KEY: &str = "settings_reset";

/// The seconds that may lie between two polls of an account.
pub const POLL_SECONDS: RangeInclusive<u32> = 60..=3600;
/// The percents that a threshold of a quota may have.
pub const METER_THRESHOLDS: RangeInclusive<u32> = 1..=100;
/// The percents that the probability of a forecast may have from which on it is notified of.
pub const LIKELY_PERCENTS: RangeInclusive<u32> = 50..=99;
/// The most thresholds of quotas.
pub const MAX_METER_THRESHOLDS: usize = 10;
/// The fewest days for which raw readings are kept.
pub const MIN_KEEP_RAW_DAYS: u32 = 7;
/// The most days for which they are kept: a hundred years.
pub const MAX_KEEP_RAW_DAYS: u32 = 36_500;
/// The most additional folders of session logs.
pub const MAX_LOG_HOMES: usize = 30;
/// The most words that hide projects, and the most characters of one.
pub const MAX_HIDDEN_PROJECTS: usize = 100;
/// The most budgets.
pub const MAX_BUDGETS: usize = 100;
/// The most characters of a word that hides projects.
pub const MAX_HIDDEN_PROJECT_LEN: usize = 300;

/// What the user can set. Unknown keys of a later version are ignored, missing ones have their default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Seconds between two polls of an account while it is not in use.
    pub poll_seconds: u32,
    /// Seconds between two polls while it is in use or a quota is above 80%.
    pub poll_seconds_busy: u32,
    /// Percents at which a meter's alert is given, ascending.
    pub meter_thresholds: Vec<u32>,
    /// Alert when a balance falls below this amount.
    pub balance_thresholds: Vec<Money>,
    /// Notify of resets on time.
    pub notify_resets: bool,
    /// Notify of early and late resets and of credits.
    pub notify_early_resets: bool,
    /// Notify when the service refuses a key.
    pub notify_refusals: bool,
    /// Notify of anomalies, and of what was given back.
    pub notify_anomalies: bool,
    /// From which probability in percent on to notify that a longer quota is likely to be empty before its reset.
    pub notify_likely_empty: Option<u32>,
    /// Notify when extra usage begins to cost money.
    pub notify_extra_usage: bool,
    /// Show desktop notifications; off silences every kind.
    pub notifications: bool,
    /// Wall-clock times between which nothing is announced.
    pub quiet_hours: Option<(NaiveTime, NaiveTime)>,
    /// The zone in which days and months are counted.
    pub timezone: Tz,
    /// The language: `en`, `zh-CN`; `None` is the system's.
    pub language: Option<String>,
    /// The theme: `light`, `dark`; `None` is the system's.
    pub theme: Option<String>,
    /// Start the agent at login.
    pub start_at_login: bool,
    /// Read the service's status page.
    pub status_page: bool,
    /// Ask once a day for a newer version of this program; `None` until the user was asked.
    pub check_updates: Option<bool>,
    /// Days for which raw readings are kept; `None` keeps them.
    pub keep_raw_days: Option<u32>,
    /// Additional folders that are searched for session logs.
    pub log_homes: Vec<PathBuf>,
    /// The currency of what use is worth; `None` takes that of the accounts' regions.
    pub worth_currency: Option<Currency>,
    /// Words that hide the projects in whose folder they stand from exports.
    pub hidden_projects: Vec<String>,
    /// The loopback address where OTLP metrics are received; `None` receives none.
    pub intake_otlp: Option<SocketAddr>,
    /// The database of a LiteLLM proxy that is read; `None` reads none.
    pub intake_litellm: Option<LiteLlmSettings>,
    /// From where on coding agents are warned and stopped, where a hook asks.
    pub guard: GuardRules,
    /// How much may be used before a budget is reported.
    pub budgets: Vec<Budget>,
}

/// Where the spend logs of a LiteLLM proxy are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiteLlmSettings {
    /// The address of the PostgreSQL database, without a password.
    pub url: String,
    /// The name of the environment variable that holds the password; `None` where the server asks for none. The
    /// password itself is never stored.
    #[serde(default)]
    pub password_env: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            poll_seconds: 300,
            poll_seconds_busy: 60,
            meter_thresholds: vec![75, 90, 100],
            balance_thresholds: vec![
                Money::new(Decimal::from(20), Currency::CNY),
                Money::new(Decimal::from(3), Currency::USD),
            ],
            notify_resets: true,
            notify_early_resets: true,
            notify_refusals: true,
            notify_anomalies: true,
            notify_likely_empty: Some(80),
            notify_extra_usage: true,
            notifications: true,
            quiet_hours: None,
            timezone: Tz::UTC,
            language: None,
            theme: None,
            start_at_login: false,
            status_page: true,
            check_updates: None,
            keep_raw_days: None,
            log_homes: Vec::new(),
            worth_currency: None,
            hidden_projects: Vec::new(),
            intake_otlp: None,
            intake_litellm: None,
            guard: GuardRules::default(),
            budgets: Vec::new(),
        }
    }
}

/// Why settings were not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The time between polls is too short to be polite, or too long to be of use.
    #[error(
        "the polling interval must be 60 to 3600 seconds; while active at least 60 seconds and no longer than the normal interval"
    )]
    Poll,
    /// A threshold makes no sense.
    #[error("thresholds must be at most ten whole percentages from 1 to 100")]
    MeterThresholds,
    /// A forecast that is as likely as not is no news, and none is certain.
    #[error("the probability of a forecast must be a whole percentage from 50 to 99")]
    LikelyPercent,
    /// An amount makes no sense.
    #[error("a balance threshold must be an amount above zero, one per currency")]
    BalanceThresholds,
    /// Raw readings must be kept for some time.
    #[error("raw readings must be kept for 7 to 36500 days")]
    KeepRawDays,
    /// A relative path is no place: whose folder would it be below?
    #[error("additional folders must be at most thirty absolute paths")]
    LogHomes,
    /// The open platform has prices in two currencies.
    #[error("the currency of prices must be USD or CNY")]
    WorthCurrency,
    /// Too many words, or too long ones.
    #[error("hidden projects must be at most 100 words of at most 300 characters")]
    HiddenProjects,
    /// Other machines could send to it.
    #[error("metrics can be received on loopback only, such as 127.0.0.1:4318")]
    IntakeOtlp,
    /// No address of a database, a password in it, or no name of a variable.
    #[error(
        "the address of LiteLLM’s database must be like postgresql://reader@127.0.0.1:5432/litellm, without a password; the password comes from a variable"
    )]
    IntakeLiteLlm,
    /// A limit of the guard is no share of a quota, or there are too many.
    #[error("the guard’s limits must be at most 200, each a percentage from 1 to 100 or never")]
    Guard,
    /// A budget has no amount that one can have, or there are too many.
    #[error("budgets must be at most 100, each with an amount above zero; for a project in tokens or money")]
    Budgets,
    /// Neither of the known languages.
    #[error("the language must be en or zh-CN")]
    Language,
    /// Neither of the known themes.
    #[error("the theme must be light or dark")]
    Theme,
}

impl Settings {
    /// Settings as they may be stored: thresholds in order and once each, or why not.
    ///
    /// # Errors
    /// The first rule that is broken, as a [`SettingsError`].
    ///
    /// # Examples
    /// ```
    /// use tidemark_monitor::{Settings, SettingsError};
    ///
    /// let settings = Settings { meter_thresholds: vec![90, 50, 90], ..Settings::default() };
    /// assert_eq!(settings.checked()?.meter_thresholds, [50, 90]);
    /// let impolite = Settings { poll_seconds: 5, ..Settings::default() };
    /// assert_eq!(impolite.checked(), Err(SettingsError::Poll));
    /// # Ok::<(), SettingsError>(())
    /// ```
    pub fn checked(mut self) -> Result<Self, SettingsError> {
        if !POLL_SECONDS.contains(&self.poll_seconds)
            || self.poll_seconds_busy < *POLL_SECONDS.start()
            || self.poll_seconds_busy > self.poll_seconds
        {
            return Err(SettingsError::Poll);
        }
        self.meter_thresholds.sort_unstable();
        self.meter_thresholds.dedup();
        if self.meter_thresholds.len() > MAX_METER_THRESHOLDS
            || self.meter_thresholds.iter().any(|t| !METER_THRESHOLDS.contains(t))
        {
            return Err(SettingsError::MeterThresholds);
        }
        if self.notify_likely_empty.is_some_and(|percent| !LIKELY_PERCENTS.contains(&percent)) {
            return Err(SettingsError::LikelyPercent);
        }
        let mut currencies: Vec<_> = self.balance_thresholds.iter().map(|m| m.currency).collect();
        currencies.sort_unstable();
        let all = currencies.len();
        currencies.dedup();
        if currencies.len() != all || self.balance_thresholds.iter().any(|m| m.amount <= Decimal::ZERO) {
            return Err(SettingsError::BalanceThresholds);
        }
        if self.keep_raw_days.is_some_and(|days| !(MIN_KEEP_RAW_DAYS..=MAX_KEEP_RAW_DAYS).contains(&days)) {
            return Err(SettingsError::KeepRawDays);
        }
        self.log_homes.sort_unstable();
        self.log_homes.dedup();
        if self.log_homes.len() > MAX_LOG_HOMES || self.log_homes.iter().any(|home| !home.is_absolute()) {
            return Err(SettingsError::LogHomes);
        }
        if self.worth_currency.is_some_and(|currency| ![Currency::USD, Currency::CNY].contains(&currency)) {
            return Err(SettingsError::WorthCurrency);
        }
        self.hidden_projects = std::mem::take(&mut self.hidden_projects)
            .into_iter()
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        let mut seen = std::collections::HashSet::new();
        self.hidden_projects.retain(|word| seen.insert(word.clone()));
        let too_long = |word: &String| word.chars().count() > MAX_HIDDEN_PROJECT_LEN;
        if self.hidden_projects.len() > MAX_HIDDEN_PROJECTS || self.hidden_projects.iter().any(too_long) {
            return Err(SettingsError::HiddenProjects);
        }
        if self.intake_otlp.is_some_and(|address| receiver::check(address).is_err() || address.port() == 0) {
            return Err(SettingsError::IntakeOtlp);
        }
        if self.intake_litellm.as_ref().is_some_and(|litellm| {
            litellm.url.parse::<DatabaseUrl>().is_err()
                || litellm.password_env.as_deref().is_some_and(|name| !is_variable_name(name))
        }) {
            return Err(SettingsError::IntakeLiteLlm);
        }
        if !self.guard.are_valid() {
            return Err(SettingsError::Guard);
        }
        let mut kept = Vec::new();
        self.budgets.iter().cloned().for_each(|budget| budget::set(&mut kept, budget));
        if kept.len() > MAX_BUDGETS || !kept.iter().all(Budget::is_valid) {
            return Err(SettingsError::Budgets);
        }
        self.budgets = kept;
        if self.language.as_deref().is_some_and(|l| !["en", "zh-CN"].contains(&l)) {
            return Err(SettingsError::Language);
        }
        if self.theme.as_deref().is_some_and(|t| !["light", "dark"].contains(&t)) {
            return Err(SettingsError::Theme);
        }
        Ok(self)
    }

    /// Settings from what is stored, which another version, another program or a damaged disk may have written: what
    /// cannot be used has its default. With the names of what that was; `""` where nothing could be read.
    #[must_use]
    pub fn mended(stored: &str, defaults: &Self) -> (Self, Vec<String>) {
        // A list would be read field by field, an empty one as settings that are all defaults.
        if stored.trim_start().starts_with('{')
            && let Ok(whole) = serde_json::from_str::<Self>(stored)
            && let Ok(settings) = whole.checked()
        {
            return (settings, Vec::new());
        }
        let (Ok(Value::Object(stored)), Ok(Value::Object(mut good))) =
            (serde_json::from_str(stored), serde_json::to_value(defaults))
        else {
            return (defaults.clone(), vec![String::new()]);
        };
        let mut reset = Vec::new();
        // In the order of their names: the slower pace stands before the faster one that must fit it.
        for key in good.keys().cloned().collect::<Vec<_>>() {
            let Some(value) = stored.get(&key) else { continue };
            let before = good.insert(key.clone(), value.clone());
            let tried = serde_json::from_value::<Self>(Value::Object(good.clone()));
            if tried.ok().is_none_or(|tried| tried.checked().is_err()) {
                // Rather every project without its name than one that was to have none.
                let instead = if key == "hidden_projects" { Some(json!(["*"])) } else { before };
                good.extend(instead.map(|value| (key.clone(), value)));
                reset.push(key);
            }
        }
        let settings = serde_json::from_value::<Self>(Value::Object(good)).ok();
        (settings.and_then(|settings| settings.checked().ok()).unwrap_or_else(|| defaults.clone()), reset)
    }

    /// How often accounts are polled.
    #[must_use]
    pub fn pace(&self) -> Pace {
        Pace {
            calm: TimeDelta::seconds(i64::from(self.poll_seconds)),
            busy: TimeDelta::seconds(i64::from(self.poll_seconds_busy)),
        }
    }

    /// How old a reading may be and still say what is now; readings no further apart count as polling all the while. Four
    /// regular pauses, and 20 minutes at least.
    #[must_use]
    pub fn live_for(&self) -> TimeDelta {
        TimeDelta::minutes(20).max(self.pace().calm * 4)
    }

    /// The rules for alerts that follow from them.
    #[must_use]
    pub fn alert_rules(&self) -> AlertRules {
        AlertRules {
            meter_thresholds: self.meter_thresholds.iter().copied().map(Decimal::from).collect(),
            balance_thresholds: self.balance_thresholds.clone(),
            resets: self.notify_resets,
            early_resets: self.notify_early_resets,
            refusals: self.notify_refusals,
            anomalies: self.notify_anomalies,
            likely_empty: self.notify_likely_empty,
            extra_usage: self.notify_extra_usage,
        }
    }

    /// The projects that are hidden from exports.
    #[must_use]
    pub fn hidden(&self) -> HiddenProjects {
        HiddenProjects::by(&self.hidden_projects)
    }

    /// Whether a wall-clock time is one at which nothing is announced.
    #[must_use]
    pub fn is_quiet(&self, time: NaiveTime) -> bool {
        match self.quiet_hours {
            None => false,
            Some((from, to)) if from <= to => from <= time && time < to,
            Some((from, to)) => time >= from || time < to,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    #[test]
    fn quiet_hours_may_span_midnight() {
        let settings = Settings { quiet_hours: Some((at("22:00"), at("08:00"))), ..Settings::default() };
        for (time, quiet) in
            [("21:59", false), ("22:00", true), ("03:00", true), ("07:59", true), ("08:00", false)]
        {
            assert_eq!(settings.is_quiet(at(time)), quiet, "{time}");
        }
        let day = Settings { quiet_hours: Some((at("12:00"), at("13:00"))), ..Settings::default() };
        assert!(day.is_quiet(at("12:30")) && !day.is_quiet(at("13:00")));
    }

    #[test]
    fn settings_that_would_hammer_are_refused() {
        let with = |poll_seconds, poll_seconds_busy| {
            Settings { poll_seconds, poll_seconds_busy, ..Settings::default() }.checked()
        };
        assert!(with(60, 60).is_ok() && with(3600, 300).is_ok());
        assert_eq!(with(59, 59), Err(SettingsError::Poll));
        assert_eq!(with(300, 10), Err(SettingsError::Poll));
        assert_eq!(with(60, 120), Err(SettingsError::Poll));
    }

    #[test]
    fn thresholds_are_kept_in_order_and_once() {
        let settings = Settings { meter_thresholds: vec![90, 75, 90], ..Settings::default() }.checked();
        assert_eq!(settings.unwrap().meter_thresholds, [75, 90]);
    }

    #[test]
    fn words_that_hide_projects_are_kept_as_they_came_and_once() {
        let words = ["north ", "", "Boat", "north", "  "].map(str::to_owned).to_vec();
        let settings = Settings { hidden_projects: words, ..Settings::default() }.checked().unwrap();
        assert_eq!(settings.hidden_projects, ["north", "Boat"]);
        assert!(settings.hidden().hide("/work/boat") && !settings.hidden().hide("/work/car"));
        let many = Settings { hidden_projects: (0..101).map(|n| n.to_string()).collect(), ..settings };
        assert_eq!(many.checked(), Err(SettingsError::HiddenProjects));
    }

    #[test]
    fn what_cannot_be_used_has_its_default_and_the_rest_stays() {
        let defaults = Settings { timezone: chrono_tz::Asia::Shanghai, ..Settings::default() };
        let with = |change: fn(&mut Settings)| {
            let mut settings = defaults.clone();
            change(&mut settings);
            settings
        };
        let table: [(&str, Settings, &[&str]); 13] = [
            (
                r#"{"poll_seconds":0,"poll_seconds_busy":0}"#,
                defaults.clone(),
                &["poll_seconds", "poll_seconds_busy"],
            ),
            (
                r#"{"poll_seconds":600,"poll_seconds_busy":1}"#,
                with(|s| s.poll_seconds = 600),
                &["poll_seconds_busy"],
            ),
            (
                r#"{"timezone":"Europe/Atlantis","theme":"dark"}"#,
                with(|s| s.theme = Some("dark".into())),
                &["timezone"],
            ),
            (
                r#"{"quiet_hours":["25:00",7],"notifications":false}"#,
                with(|s| s.notifications = false),
                &["quiet_hours"],
            ),
            (
                r#"{"notify_likely_empty":100,"notify_anomalies":false}"#,
                with(|s| s.notify_anomalies = false),
                &["notify_likely_empty"],
            ),
            (
                r#"{"notify_likely_empty":null,"poll_seconds":0}"#,
                with(|s| s.notify_likely_empty = None),
                &["poll_seconds"],
            ),
            (r#"{"keep_raw_days":4294967295}"#, defaults.clone(), &["keep_raw_days"]),
            (
                r#"{"hidden_projects":7}"#,
                with(|s| s.hidden_projects = vec!["*".into()]),
                &["hidden_projects"],
            ),
            (
                r#"{"intake_otlp":"0.0.0.0:4318","intake_litellm":{"url":"postgresql://u:secret@h/d"}}"#,
                defaults.clone(),
                &["intake_litellm", "intake_otlp"],
            ),
            (
                r#"{"intake_otlp":"[::1]:4318"}"#,
                Settings { intake_otlp: "[::1]:4318".parse().ok(), ..Settings::default() },
                &[],
            ),
            ("null", defaults.clone(), &[""]),
            ("{\"poll", defaults.clone(), &[""]),
            (r#"{"later":1,"poll_seconds":900}"#, Settings { poll_seconds: 900, ..Settings::default() }, &[]),
        ];
        for (stored, settings, reset) in table {
            let found = Settings::mended(stored, &defaults);
            assert_eq!(
                (found.0, found.1.iter().map(String::as_str).collect::<Vec<_>>()),
                (settings, reset.to_vec()),
                "{stored}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_is_stored_polls_politely(
            poll in any::<i64>(), busy in any::<u32>(), days in any::<u32>(), text in ".{0,12}",
        ) {
            let defaults = Settings::default();
            let stored = json!({
                "poll_seconds": poll, "poll_seconds_busy": busy, "keep_raw_days": days, "timezone": text,
                "language": text, "meter_thresholds": [busy], "log_homes": [text],
            });
            let (settings, _) = Settings::mended(&stored.to_string(), &defaults);
            prop_assert!(POLL_SECONDS.contains(&settings.poll_seconds));
            prop_assert_eq!(settings.clone().checked(), Ok(settings));
            let _ = Settings::mended(&text, &defaults);
        }
    }

    #[test]
    fn settings_of_another_version_are_read() {
        let read: Settings = serde_json::from_str(r#"{"poll_seconds":600,"later":true}"#).unwrap();
        assert_eq!(read, Settings { poll_seconds: 600, ..Settings::default() });
    }
}
