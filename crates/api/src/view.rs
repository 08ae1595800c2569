//! View types: what the engine tells its faces, and what they may ask of it.
//!
//! They are their own structs, apart from the domain's. Times are RFC 3339 in UTC, money is a decimal
//! string with its currency, percentages are numbers and not clamped, unknown is `null`.
//! `cargo test -p tidemark-api` writes them as TypeScript to `ui/src/api/types.ts`, and fails where the
//! checked-in file differs.

mod case;
mod findings;
mod usage;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use case::{
    BandPoint, Case, CasePoint, ExplainedView, HistoryMark, ReportFile, VerdictView, VerdictWord,
};
pub use findings::{
    FailureRow, FindingView, Findings, IncidentRow, Interval, KnownUse, Mark, MarkState, OpenAnomalies,
    Severity,
};
pub use usage::{
    AccountUse, HomeView, HourUse, NamedCount, NamedUse, RateView, RatesView, ScanView, Usage, UseView,
};

/// Everything the overview shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Overview {
    /// The engine's clock when this was made; countdowns are drawn against it.
    pub now: DateTime<Utc>,
    /// The accounts, in the user's order.
    pub accounts: Vec<AccountCard>,
    /// The engine.
    pub agent: AgentState,
    /// What the status page says, where it could be had.
    pub service: Vec<ServiceStatus>,
}

/// The engine's own state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AgentState {
    /// Its version.
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
    pub trouble: Option<Trouble>,
}

/// Trouble of the engine itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Trouble {
    /// A stable word that the faces have a text for: `disk-full`, `database-damaged`, `database-read-only`, `clock-jumped`.
    pub code: String,
    /// Details in English.
    pub detail: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Whether there is a tray icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TrayState {
    /// It is shown.
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

/// The keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum KeyringState {
    /// It answered the last time.
    Ready,
    /// There is none on this system, or none is running.
    Absent,
    /// It is locked and its prompt has not been answered.
    Locked,
    /// It refused.
    Denied,
    /// It was there before and went away.
    Gone,
    /// Not asked yet.
    Unknown,
}

/// One account on the overview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AccountCard {
    /// The engine's number for it.
    pub id: i64,
    /// The user's name for it.
    pub name: String,
    /// `kimi-code` or `platform`.
    pub source: SourceWord,
    /// `china` or `global`.
    pub region: RegionWord,
    /// The plan's name.
    pub plan: Option<String>,
    /// How its value stands.
    pub state: CardState,
    /// What went wrong last, while something is wrong.
    pub failure: Option<FailureView>,
    /// When the values shown were read; `None` before the first reading.
    pub read_at: Option<DateTime<Utc>>,
    /// When it will be looked at next.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// It is being looked at this moment.
    pub polling: bool,
    /// The quota windows.
    pub meters: Vec<MeterView>,
    /// The prepaid balance.
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
    /// How much of each series' use the local logs tell of.
    pub known_use: Vec<KnownUse>,
}

/// `kimi-code` or `platform`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "Source")]
pub enum SourceWord {
    /// The membership.
    KimiCode,
    /// The open platform.
    Platform,
}

/// `china` or `global`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "Region")]
pub enum RegionWord {
    /// Mainland China.
    China,
    /// The rest of the world.
    Global,
}

/// How the values of a card stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CardState {
    /// No reading yet.
    Waiting,
    /// Read within the time that was meant.
    Live,
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
    /// The key could not be had from where it is kept.
    KeyUnavailable,
}

/// What went wrong with the last poll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FailureView {
    /// The kind's word, such as `rate-limited`; the faces have a text and an advice for each.
    pub kind: String,
    /// Details in English, with keys and account numbers taken out.
    pub message: String,
    /// The HTTP status.
    pub status: Option<u16>,
    /// When it happened first in this row of failures.
    pub since: DateTime<Utc>,
    /// Not before then will it be tried again, because the service said so.
    pub retry_at: Option<DateTime<Utc>>,
    /// For an unavailable key: why, as the vault's stable word, such as `keyring-locked`, `login-stale`.
    pub reason: Option<String>,
    /// For a key in the keyring that is unavailable: how the keyring stands.
    pub keyring: Option<KeyringState>,
}

/// A quota window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MeterView {
    /// `5h`, `week`, `month`, `month-code`.
    pub meter: String,
    /// Percent used, not clamped.
    pub used_percent: f64,
    /// The service's own count and its limit, where it is a count of requests and not of percent.
    pub count: Option<CountView>,
    /// When the window ends.
    pub resets_at: Option<DateTime<Utc>>,
    /// Two figures disagree; the larger is shown.
    pub conflict: bool,
    /// A fall that waits for a second reading to confirm it; the value shown is the new one.
    pub unconfirmed: bool,
    /// Percent used over the last 24 hours, a point per hour; `null` where nobody was looking.
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
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// Its last moment.
    pub to: DateTime<Utc>,
}

/// A count of the service's and its limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CountView {
    /// Used.
    pub used: String,
    /// Of.
    pub limit: String,
}

/// An amount of money: a decimal string and a currency code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "Money")]
pub struct MoneyView {
    /// The amount in the main unit.
    pub amount: String,
    /// The ISO 4217 code.
    pub currency: String,
}

/// The prepaid balance. Debt is apart: a negative cash is a debt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BalanceView {
    /// What calls can be paid from.
    pub available: Option<MoneyView>,
    /// Paid in; never negative here.
    pub cash: Option<MoneyView>,
    /// Granted.
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
    /// Whether it is on.
    pub enabled: Option<bool>,
    /// What is left.
    pub balance: Option<MoneyView>,
    /// Spent in this billing month.
    pub month_used: Option<MoneyView>,
    /// The user's cap on that.
    pub month_cap: Option<MoneyView>,
}

/// The account's own rate limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LimitsView {
    /// Requests at the same time.
    pub concurrency: Option<u64>,
    /// Requests a minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens a minute.
    pub tokens_per_minute: Option<u64>,
    /// Tokens a day.
    pub tokens_per_day: Option<u64>,
}

/// What a status page says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceStatus {
    /// `none`, `minor`, `major`, `critical`, `maintenance`, or `unknown`.
    pub indicator: String,
    /// The page's own sentence.
    pub description: String,
    /// Open incidents.
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
    /// Its title.
    pub title: String,
    /// The page's word for how bad it is.
    pub impact: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Consumption by hour, day or month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct History {
    /// `hour`, `day` or `month`.
    pub by: String,
    /// The zone in which buckets were cut.
    pub timezone: String,
    /// The first instant asked for.
    pub from: DateTime<Utc>,
    /// The first instant after.
    pub to: DateTime<Utc>,
    /// The buckets, in order, without a gap: what the charts' horizontal axis shows.
    pub buckets: Vec<BucketView>,
    /// A line an account and meter or currency.
    pub series: Vec<SeriesView>,
    /// Findings in the span that are worth a mark: all but resets on time.
    pub marks: Vec<HistoryMark>,
    /// Incidents in the span.
    pub incidents: Vec<IncidentRow>,
}

/// A bucket of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BucketView {
    /// Its name in the zone: `2026-11-22`, `2026-11`, `2026-11-22T05:00+08:00`.
    pub key: String,
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: DateTime<Utc>,
}

/// One account's meter or money over the buckets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SeriesView {
    /// The account's number.
    pub account_id: i64,
    /// The account's name.
    pub account: String,
    /// `5h`, `week`, `month`, `month-code`, `balance:CNY`, `wallet:USD`.
    pub series: String,
    /// `percent` or a currency code.
    pub unit: String,
    /// As many points as there are buckets.
    pub points: Vec<PointView>,
}

/// What happened in one bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PointView {
    /// What was deducted, in the series' unit; `null` where nobody looked at all.
    pub deducted: Option<f64>,
    /// What came back: resets, credits, corrections.
    pub returned: Option<f64>,
    /// The part of `deducted` that was seen only after a gap which began before this bucket: it may belong earlier.
    pub uncertain: f64,
    /// Share of the bucket in which we were looking, 0 to 1. The part of a bucket that lies in the future does not count.
    pub coverage: f64,
    /// The last value in the bucket: percent used, or the balance.
    pub last: Option<f64>,
    /// The highest value in the bucket.
    pub high: Option<f64>,
    /// Resets seen in the bucket.
    pub resets: u32,
    /// How far the deductions are explained; `null` where nothing was deducted.
    pub explained: Option<ExplainedView>,
}

/// An account as the Accounts page shows it. The key is not part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(rename = "Account")]
pub struct AccountView {
    /// The engine's number.
    pub id: i64,
    /// The user's name for it.
    pub name: String,
    /// Which product.
    pub source: SourceWord,
    /// Which service.
    pub region: RegionWord,
    /// Where its calls go.
    pub base_url: String,
    /// Where its key is: `keyring`, `encrypted-file`, `environment`, `this-run`, `kimi-code-login`.
    pub credential: String,
    /// The variable's name, or the login file's path.
    pub credential_detail: Option<String>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

/// What it takes to add an account.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct NewAccount {
    /// The user's name for it; made up from the source where empty.
    #[serde(default)]
    pub name: String,
    /// Which product; guessed from the key's shape where absent.
    #[serde(default)]
    pub source: Option<SourceWord>,
    /// Which service; both are tried where absent.
    #[serde(default)]
    pub region: Option<RegionWord>,
    /// Another base URL than the service's own.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Where the key comes from and where it is to be kept.
    pub key: NewKey,
    /// Add it even though the test of the key could not reach the service.
    #[serde(default)]
    pub untested: bool,
}

/// Where a new key comes from and where it is to be kept.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NewKey {
    /// Into the system keyring.
    Keyring {
        /// The key.
        key: String,
    },
    /// Into the encrypted file.
    EncryptedFile {
        /// The key.
        key: String,
        /// The file's passphrase, where it is not unlocked yet.
        passphrase: Option<String>,
    },
    /// Kept for this run only.
    ThisRun {
        /// The key.
        key: String,
    },
    /// From an environment variable of the agent.
    Environment {
        /// Its name.
        name: String,
    },
    /// From the installed Kimi Code command line, read-only.
    KimiCodeLogin {},
}

/// What a test of a key found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct KeyTest {
    /// It works.
    pub ok: bool,
    /// Where it works, or where it was tried last.
    pub source: SourceWord,
    /// Where it works, or where it was tried last.
    pub region: RegionWord,
    /// What was read, so that the user sees at once that it is the right account.
    pub preview: Option<AccountCard>,
    /// Why it does not work.
    pub failure: Option<FailureView>,
    /// A name that suits: plan or product, not taken yet.
    pub suggested_name: String,
}

/// What may be changed of an account.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct AccountChange {
    /// A new name.
    pub name: Option<String>,
    /// A new key in place of the old.
    pub key: Option<NewKey>,
}

/// The order of all accounts, by number.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AccountOrder {
    /// All numbers, in the new order.
    pub ids: Vec<i64>,
}

/// What became of an account's key when the account was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Removed {
    /// Whether the key is gone from where it was kept. `false` only where the request allowed it to stay.
    pub key_removed: bool,
}

/// What a new user can start from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Welcome {
    /// The keyring, so that the window can offer another place at once.
    pub keyring: KeyringState,
    /// A login of an installed Kimi Code command line was found, and whether its token is fresh.
    pub kimi_code_login: Option<LoginView>,
    /// There is an encrypted key file already, and whether it is unlocked.
    pub encrypted_file: FileState,
}

/// A login of an installed Kimi Code command line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LoginView {
    /// Which service it is for.
    pub region: RegionWord,
    /// Its token is fresh now.
    pub fresh: bool,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The encrypted key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// There is none.
    None,
    /// It waits for its passphrase.
    Locked,
    /// Its passphrase has been given in this run.
    Unlocked,
}

/// The passphrase of the encrypted key file.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct Passphrase {
    /// The passphrase.
    pub passphrase: String,
}

/// What the user can set. Absent keys of a change leave what is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// Seconds between two looks at an account while nothing hurries; 60 to 3600.
    pub poll_seconds: u32,
    /// Seconds between two looks while local use is going on or a meter is above 80 %.
    pub poll_seconds_busy: u32,
    /// Percents at which a meter's alert is given, ascending.
    pub meter_thresholds: Vec<u32>,
    /// Alert when a balance falls below this amount, per currency.
    pub balance_thresholds: Vec<MoneyView>,
    /// Tell when a meter came back on time.
    pub notify_resets: bool,
    /// Tell when a meter came back early or late, or money came in.
    pub notify_early_resets: bool,
    /// Tell when a key was refused.
    pub notify_refusals: bool,
    /// Tell of anomalies, and when they were given back.
    pub notify_anomalies: bool,
    /// Desktop notifications at all.
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
    /// Prune raw readings older than this many days; `null` keeps them. Roll-ups always stay.
    pub keep_raw_days: Option<u32>,
    /// Further homes of Kimi Code in which session logs are looked for, as absolute paths.
    pub log_homes: Vec<String>,
    /// The currency of what use is worth: `USD` or `CNY`; `null` takes that of the accounts' regions.
    pub worth_currency: Option<String>,
    /// Words that hide the projects in whose folder they stand from exports; `*` in one is any text.
    pub hidden_projects: Vec<String>,
}

/// Wall-clock times between which nothing is announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuietHours {
    /// `22:00`
    pub from: String,
    /// `08:00`
    pub to: String,
}

/// Pause polling.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Pause {
    /// Until then; `null` until tomorrow's first instant in the pinned zone.
    pub until: Option<DateTime<Utc>>,
}

/// What a manual refresh did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Refreshed {
    /// Accounts that are being looked at now.
    pub polling: Vec<i64>,
    /// Accounts that were left alone, and until when: looked at a moment ago, or the service asked to wait.
    pub left_alone: Vec<LeftAlone>,
}

/// An account that a manual refresh left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LeftAlone {
    /// The account.
    pub account_id: i64,
    /// `just-now`, `retry-after` or `paused`.
    pub why: String,
    /// Not before then.
    pub until: DateTime<Utc>,
}

/// A request that failed, as the interface answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiError {
    /// A stable word that the faces match and have a text for, such as `name-taken`, `keyring-locked`.
    pub code: String,
    /// Details in English.
    pub message: String,
}

/// What the engine tells while it runs, as server-sent events. Faces then ask for what they show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The overview changed: a reading, a failure, a poll begun, an account added or removed, a pause.
    Overview {},
    /// New findings or failures.
    Findings {},
    /// Settings changed.
    Settings {},
    /// Local use changed, or reading the logs went on: `GET /v1/usage` says how it stands.
    Usage {},
    /// Someone clicked a notification or the tray: show this account, or the overview.
    Show {
        /// The account.
        account_id: Option<i64>,
    },
    /// The agent is about to end.
    Quit {},
}
