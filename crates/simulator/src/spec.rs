//! What a simulated account is: everything about it that is decided before it lives.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tidemark_core::reading::RateLimits;
use tidemark_core::{Currency, Region, Source};

use crate::event::Event;
use crate::plan::{Generation, Plan};
use crate::price::Model;
use crate::rng::{mix, mix_text};

/// A simulated account. All fields but the first four have defaults in a scenario file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountSpec {
    /// Its name, unique in a scenario.
    pub name: String,
    /// The product: Kimi Code or the open platform.
    pub source: Source,
    /// The region whose service the account belongs to.
    pub region: Region,
    /// When the membership was bought; weeks, months and the minutes of 5-hour windows hang on it.
    pub subscribed_at: DateTime<Utc>,
    /// Its key. A fake of the real shape, made from the name where it is left out.
    #[serde(default)]
    pub key: String,
    /// The membership, for Kimi Code.
    #[serde(default = "default_plan")]
    pub plan: Plan,
    /// The shape of the answers.
    #[serde(default)]
    pub generation: Generation,
    /// From when on it is used; `subscribed_at` where it is left out.
    #[serde(default)]
    pub alive_from: Option<DateTime<Utc>>,
    /// The seed of its life, beside the scenario's.
    #[serde(default)]
    pub seed: u64,
    /// When and how much the account is used.
    #[serde(default)]
    pub habits: Habits,
    /// Money at the beginning, for the open platform.
    #[serde(default)]
    pub balance: BalanceSpec,
    /// The wallet beside a membership.
    #[serde(default)]
    pub wallet: Option<WalletSpec>,
    /// The rate limits that `/users/me` gives, for the open platform.
    #[serde(default)]
    pub limits: LimitsSpec,
    /// What happens to it at set times.
    #[serde(default)]
    pub script: Vec<Scripted>,
    /// In which format the machine that logs does so.
    #[serde(default)]
    pub log_format: LogFormat,
    /// How the command line of the machine that logs is configured to reach it. If left out, that command
    /// line has no configuration.
    #[serde(default)]
    pub reached_by: Option<ReachedBy>,
}

const fn default_plan() -> Plan {
    Plan::Pro
}

/// Something that happens at a set time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scripted {
    /// When it happens.
    pub at: DateTime<Utc>,
    /// What happens.
    pub event: Event,
}

/// The balance at the start of the history.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BalanceSpec {
    /// Paid-in money; may be negative.
    pub cash: Decimal,
    /// A voucher without an end.
    pub voucher: Decimal,
    /// Top up by itself, like a person who sees the balance run low.
    pub top_up: Option<TopUpHabit>,
}

/// When and by how much the owner tops up.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct TopUpHabit {
    /// Below this much available money.
    pub below: Decimal,
    /// The amount of each top-up.
    pub amount: Decimal,
}

/// The wallet beside a membership.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct WalletSpec {
    /// Whether it is switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The money in it at the start.
    pub balance: Decimal,
    /// The owner's cap for a month; none is no cap.
    #[serde(default)]
    pub month_cap: Option<Decimal>,
}

const fn yes() -> bool {
    true
}

/// Rate limits of an open-platform account; the defaults are those of tier 1 in September 2026.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitsSpec {
    /// Requests at the same time.
    pub concurrency: u64,
    /// Requests per minute (RPM).
    pub requests_per_minute: u64,
    /// Tokens per minute (TPM).
    pub tokens_per_minute: u64,
    /// Tokens a day; 0 leaves it out.
    pub tokens_per_day: u64,
}

impl Default for LimitsSpec {
    fn default() -> Self {
        Self {
            concurrency: 15,
            requests_per_minute: 100,
            tokens_per_minute: 2_000_000,
            tokens_per_day: 75_000_000,
        }
    }
}

impl LimitsSpec {
    /// As a reading has them.
    #[must_use]
    pub const fn as_rate_limits(self) -> RateLimits {
        RateLimits {
            concurrency: Some(self.concurrency),
            requests_per_minute: Some(self.requests_per_minute),
            tokens_per_minute: Some(self.tokens_per_minute),
            tokens_per_day: if self.tokens_per_day == 0 { None } else { Some(self.tokens_per_day) },
        }
    }
}

/// The two formats of local session logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// `~/.kimi-code`.
    #[default]
    KimiCode,
    /// `~/.kimi`, the older command line.
    Legacy,
}

/// How a command line's configuration says who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReachedBy {
    /// By the account's key, which stands in the configuration.
    Key,
    /// By a key that the command line has from its environment.
    Environment,
    /// By the command line's own login.
    Login,
}

/// How the owner of an account works.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    /// The time zone of the account's user.
    pub zone: Tz,
    /// Sessions on a working day, on average.
    pub sessions: f64,
    /// Sessions on a Saturday or Sunday, on average.
    pub weekend_sessions: f64,
    /// When they begin to work, in hours of the local day.
    pub from_hour: f64,
    /// The local hour at which work ends.
    pub to_hour: f64,
    /// The share of sessions that fall into the evening after work.
    pub evening: f64,
    /// The median length of a session in minutes.
    pub session_minutes: f64,
    /// Seconds between two requests of one agent, on average.
    pub pace_seconds: f64,
    /// The share of sessions that run many agents in parallel.
    pub burst: f64,
    /// How many agents such a session has at most.
    pub burst_agents: u32,
    /// The share of sessions on the machine that writes no logs here.
    pub other_machine: f64,
    /// The models they use, with weights.
    pub models: Vec<(Model, f64)>,
    /// Days off, first and last included.
    pub holidays: Vec<(NaiveDate, NaiveDate)>,
    /// Percent of the month's pool that other products take on a working day (new plans).
    pub other_products: f64,
    /// Use of the other machine in the same hours.
    pub beside: Option<Beside>,
}

/// Use of the machine that writes no logs here, in the same hours and independent of the owner.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Beside {
    /// The first day on which that machine is used.
    pub since: NaiveDate,
    /// The share of the working hours in which a session runs there.
    pub busy: f64,
    /// The median length of such a session in minutes.
    pub session_minutes: f64,
    /// Seconds between two requests, on average.
    pub pace_seconds: f64,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            zone: chrono_tz::Asia::Shanghai,
            sessions: 4.0,
            weekend_sessions: 0.6,
            from_hour: 9.5,
            to_hour: 18.5,
            evening: 0.2,
            session_minutes: 30.0,
            pace_seconds: 25.0,
            burst: 0.06,
            burst_agents: 8,
            other_machine: 0.25,
            models: vec![(Model::K27Code, 0.8), (Model::K3, 0.2)],
            holidays: Vec::new(),
            other_products: 0.4,
            beside: None,
        }
    }
}

impl Habits {
    /// The account is not used; only events move it.
    #[must_use]
    pub fn idle() -> Self {
        Self { sessions: 0.0, weekend_sessions: 0.0, other_products: 0.0, ..Self::default() }
    }
}

impl AccountSpec {
    /// A Kimi Code membership.
    #[must_use]
    pub fn kimi_code(name: &str, region: Region, plan: Plan, subscribed_at: DateTime<Utc>) -> Self {
        Self::new(name, Source::KimiCode, region, plan, subscribed_at)
    }

    /// An account of the open platform.
    #[must_use]
    pub fn platform(
        name: &str,
        region: Region,
        cash: Decimal,
        voucher: Decimal,
        since: DateTime<Utc>,
    ) -> Self {
        let mut spec = Self::new(name, Source::Platform, region, Plan::Free, since);
        spec.balance = BalanceSpec { cash, voucher, top_up: None };
        spec
    }

    fn new(name: &str, source: Source, region: Region, plan: Plan, subscribed_at: DateTime<Utc>) -> Self {
        Self {
            name: name.to_owned(),
            source,
            region,
            subscribed_at,
            key: fake_key(name, source),
            plan,
            generation: Generation::default(),
            alive_from: None,
            seed: 0,
            habits: Habits::default(),
            balance: BalanceSpec::default(),
            wallet: None,
            limits: LimitsSpec::default(),
            script: Vec::new(),
            log_format: LogFormat::default(),
            reached_by: None,
        }
    }

    /// The same, reached by a command line in such a way.
    #[must_use]
    pub fn reached_by(mut self, way: ReachedBy) -> Self {
        self.reached_by = Some(way);
        self
    }

    /// The same, used as `habits` say.
    #[must_use]
    pub fn with_habits(mut self, habits: Habits) -> Self {
        self.habits = habits;
        self
    }

    /// The same, answering in another shape.
    #[must_use]
    pub fn with_generation(mut self, generation: Generation) -> Self {
        self.generation = generation;
        self
    }

    /// The same, with a wallet.
    #[must_use]
    pub fn with_wallet(mut self, wallet: WalletSpec) -> Self {
        self.wallet = Some(wallet);
        self
    }

    /// The same, used only from then on.
    #[must_use]
    pub fn alive_from(mut self, at: DateTime<Utc>) -> Self {
        self.alive_from = Some(at);
        self
    }

    /// The same with another seed: another life of the same kind.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The same with something that happens at a set time.
    #[must_use]
    pub fn then(mut self, at: DateTime<Utc>, event: Event) -> Self {
        self.script.push(Scripted { at, event });
        self
    }

    /// Fills in what a scenario file left out.
    pub(crate) fn complete(&mut self) {
        if self.key.is_empty() {
            self.key = fake_key(&self.name, self.source);
        }
        self.script.sort_by_key(|scripted| scripted.at);
    }

    /// When its life begins, never before it was subscribed.
    #[must_use]
    pub fn begins(&self) -> DateTime<Utc> {
        self.alive_from.unwrap_or(self.subscribed_at).max(self.subscribed_at)
    }

    /// The currency of its money.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        Currency::of(self.source, self.region)
    }

    /// The path under which its service answers, without a slash at the end.
    #[must_use]
    pub fn base_path(&self) -> String {
        match self.source {
            Source::KimiCode => format!("/{}/coding/v1", self.region),
            Source::Platform => format!("/{}/v1", self.region),
        }
    }

    /// How far the minutes and seconds of its 5-hour windows are behind the full hour.
    pub(crate) fn phase(&self) -> TimeDelta {
        let hour = TimeDelta::hours(1).num_microseconds().unwrap_or(1);
        TimeDelta::microseconds(self.subscribed_at.timestamp_micros().rem_euclid(hour))
    }
}

/// A key of the real shape that says that it is none.
fn fake_key(name: &str, source: Source) -> String {
    let (a, b) = (mix(&[mix_text(name), 1]), mix(&[mix_text(name), 2]));
    match source {
        Source::KimiCode => format!("sk-kimi-FAKE0simulated0{a:016x}{b:016x}"),
        Source::Platform => format!("sk-FAKE0simulated0{a:016x}{b:08x}"),
    }
}
