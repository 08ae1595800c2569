//! The overview: a card an account, and how the service stands.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tidemark_core::failure::LAPSED_AFTER;
use tidemark_core::{Failure, FailureKind};
use ts_rs::TS;

use super::agent::AgentState;
use super::common::{MoneyView, RegionWord, SourceWord};
use super::findings::{KnownUse, MessageView, OpenAnomalies};
use super::vault::KeyringState;

/// Everything that the overview page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Overview {
    /// The engine's clock when this was made; countdowns are drawn against it.
    pub now: DateTime<Utc>,
    /// The accounts, in the user's order.
    pub accounts: Vec<AccountCard>,
    /// The state of the agent itself.
    pub agent: AgentState,
    /// What the status page says, where it could be had.
    pub service: Vec<ServiceStatus>,
}

/// One account on the overview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AccountCard {
    /// The engine's number for it.
    pub id: i64,
    /// The user's name for it.
    pub name: String,
    /// The product: `kimi-code` or `platform`.
    pub source: SourceWord,
    /// The region: `china` or `global`.
    pub region: RegionWord,
    /// The plan, as the service names it.
    pub plan: Option<String>,
    /// Whether the values are live, stale or missing, and why.
    pub state: CardState,
    /// What went wrong last, while something is wrong.
    pub failure: Option<FailureView>,
    /// When the values shown were read; `None` before the first reading.
    pub read_at: Option<DateTime<Utc>>,
    /// When it is polled next.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// It is being polled now.
    pub polling: bool,
    /// The quotas.
    pub meters: Vec<MeterView>,
    /// The prepaid balance, of a platform account.
    pub balance: Option<BalanceView>,
    /// The wallet for extra usage.
    pub wallet: Option<WalletView>,
    /// The account's own rate limits.
    pub limits: LimitsView,
    /// Paths of the parts of the last answer that could not be read.
    pub not_understood: Vec<String>,
    /// Findings not yet seen by the user.
    pub unseen_findings: u64,
    /// Anomalies that wait for the user.
    pub anomalies: OpenAnomalies,
    /// How much of each series' usage is in the local logs.
    pub known_use: Vec<KnownUse>,
}

/// How the values of a card stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CardState {
    /// There is no reading yet.
    Waiting,
    /// Read within the time that was meant.
    Live,
    /// Polled through another account here, which is the same account of the service.
    PolledThrough,
    /// Older than was meant, for another reason than those below (paused, asleep).
    Stale,
    /// The key was refused; polling of this account has slowed to a rare retry.
    Refused,
    /// The service asked to wait.
    Limited,
    /// The service could not be reached, or failed.
    Unreachable,
    /// The service answered something that could not be understood.
    NotUnderstood,
    /// The key could not be read from where it is kept.
    KeyUnavailable,
}

impl CardState {
    /// How the values of an account stand whose last polls failed, so many in a row.
    #[must_use]
    pub const fn of_failure(failure: &Failure, in_row: u32) -> Self {
        use FailureKind as K;
        match failure.kind {
            _ if failure.is_refusal() => Self::Refused,
            K::MembershipLapsed if in_row >= LAPSED_AFTER => Self::Refused,
            K::RateLimited | K::Overloaded | K::OutOfBalance | K::WindowExhausted => Self::Limited,
            K::NotUnderstood => Self::NotUnderstood,
            K::KeyUnavailable => Self::KeyUnavailable,
            K::NotFound
            | K::ServerError
            | K::GatewayTimeout
            | K::ContentFiltered
            | K::BadRequest
            | K::Network
            | K::Timeout
            | K::Unauthorized
            | K::Forbidden
            | K::MembershipLapsed
            | K::ServerNotRunning
            | K::ServerTokenRefused
            | K::Unknown => Self::Unreachable,
        }
    }

    /// Its word in documents, and the end of its text's name in the catalogue.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Live => "live",
            Self::PolledThrough => "polled-through",
            Self::Stale => "stale",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::Unreachable => "unreachable",
            Self::NotUnderstood => "not-understood",
            Self::KeyUnavailable => "key-unavailable",
        }
    }
}

/// What went wrong with the last poll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FailureView {
    /// The kind's word, such as `rate-limited`; front ends have a text and an advice for each.
    pub kind: String,
    /// Details in English, with keys and account numbers taken out.
    pub message: String,
    /// The same without words, where it is Tidemark that says it; the message in the catalogues is `cause-` and its
    /// id. Without it, `message` is the service's own words.
    #[serde(default)]
    pub cause: Option<MessageView>,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Of one without permission, what is denied: `model`, `client` or `account`.
    pub denied: Option<String>,
    /// Of a used-up quota, which one: `5h`, `week`, `month`.
    pub meter: Option<String>,
    /// When it happened first in this row of failures.
    pub since: DateTime<Utc>,
    /// Not before then will it be tried again, because the service said so.
    pub retry_at: Option<DateTime<Utc>>,
    /// For an unavailable key: why, as the vault's stable word, such as `keyring-locked`, `login-stale`.
    pub reason: Option<String>,
    /// For a key in the keyring that is unavailable: how the keyring stands.
    pub keyring: Option<KeyringState>,
}

/// A quota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MeterView {
    /// Which quota: `5h`, `week`, `month`, `month-code`.
    pub meter: String,
    /// Percent used; can be above 100.
    pub used_percent: f64,
    /// The service's own count and its limit, where it is a count of requests and not of percent.
    pub count: Option<CountView>,
    /// When the quota is reset next.
    pub resets_at: Option<DateTime<Utc>>,
    /// Two figures disagree; the larger is shown.
    pub conflict: bool,
    /// It has been reset since it was read, by its announced end: what is used now is not known, and `used_percent`
    /// is of before.
    #[serde(default)]
    pub was_reset: bool,
    /// A fall that waits for a second reading to confirm it; the value shown is the new one.
    pub unconfirmed: bool,
    /// Percent used over the last 24 hours, a point per hour; `null` where there was no poll.
    pub trend: Vec<Option<f64>>,
    /// What is likely to become of it; `null` where nothing can be said.
    pub forecast: Option<ForecastView>,
}

/// What is likely to become of a window until its reset: an estimate from how the account was used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[ts(rename = "Forecast")]
pub struct ForecastView {
    /// The probability that something is left at the reset, above 0 and below 1.
    pub lasts: f64,
    /// Where it is likelier than not to be empty before: between when and when, nine times in ten.
    pub empty: Option<MomentSpan>,
}

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MomentSpan {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// Its last instant.
    pub to: DateTime<Utc>,
}

/// A count of the service's and its limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CountView {
    /// How many are used.
    pub used: String,
    /// How many there are in all.
    pub limit: String,
}

/// The prepaid balance. Debt is apart: a negative cash is a debt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BalanceView {
    /// What calls can be paid from.
    pub available: Option<MoneyView>,
    /// Paid in; never negative here.
    pub cash: Option<MoneyView>,
    /// Granted by the service as vouchers.
    pub voucher: Option<MoneyView>,
    /// Owed: the negative part of cash, as a positive amount.
    pub debt: Option<MoneyView>,
    /// Spent today and this month in the pinned zone, derived from the balance's falls.
    pub spent_today: Option<MoneyView>,
    /// Spent in this calendar month.
    pub spent_month: Option<MoneyView>,
}

/// The wallet for extra usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WalletView {
    /// Whether the user has switched it on.
    pub enabled: Option<bool>,
    /// What is left in it.
    pub balance: Option<MoneyView>,
    /// Spent in this billing month.
    pub month_used: Option<MoneyView>,
    /// The user's cap on that.
    pub month_cap: Option<MoneyView>,
    /// Whether the service has frozen it.
    #[serde(default)]
    pub frozen: bool,
}

/// The account's own rate limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LimitsView {
    /// Requests at the same time.
    pub concurrency: Option<u64>,
    /// Requests per minute (RPM).
    pub requests_per_minute: Option<u64>,
    /// Tokens per minute (TPM).
    pub tokens_per_minute: Option<u64>,
    /// Tokens per day (TPD).
    pub tokens_per_day: Option<u64>,
}

/// What a status page says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceStatus {
    /// `none`, `minor`, `major`, `critical`, `maintenance`, or `unknown`.
    pub indicator: String,
    /// The page's summary, in its own words.
    pub description: String,
    /// Incidents that are open.
    pub incidents: Vec<IncidentView>,
    /// When the page was read.
    pub read_at: DateTime<Utc>,
    /// The page's address, for the user to open.
    pub url: String,
}

/// An open incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IncidentView {
    /// The page's id of it.
    pub id: String,
    /// The incident's title, in the page's words.
    pub title: String,
    /// The page's word for how bad it is.
    pub impact: String,
    /// When it began.
    pub since: DateTime<Utc>,
}
