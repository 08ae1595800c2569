//! What the page about usage shows: tokens that the user's machines sent, what they are worth at the open
//! platform's prices, and how near the rates come to the account's limits.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::common::{MoneyView, RegionWord, SourceWord};
use super::history::BucketView;
use super::overview::LimitsView;

/// Local use in a stretch of time: the answer of `GET /v1/usage`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Usage {
    /// The engine's clock when this was made.
    pub now: DateTime<Utc>,
    /// The length of a bucket: `hour`, `day` or `month`.
    pub by: String,
    /// The zone in which buckets, weekdays and hours are counted.
    pub timezone: String,
    /// The first instant asked for.
    pub from: DateTime<Utc>,
    /// The first instant after the span.
    pub to: DateTime<Utc>,
    /// The currency of every worth here, but of the accounts’, which are in their own: `USD` or `CNY`.
    pub currency: String,
    /// The buckets, in order, without a gap: what the charts' horizontal axis shows.
    pub buckets: Vec<BucketView>,
    /// What was used in each bucket, as many as there are buckets.
    pub used: Vec<UseView>,
    /// Usage of the whole span.
    pub totals: UseView,
    /// By model, most tokens first.
    pub models: Vec<NamedUse>,
    /// By project, most tokens first. A `null` name is usage whose folder is unknown.
    pub projects: Vec<NamedUse>,
    /// By program whose logs were read, most tokens first. A name is the word of a log format, such as `kimi-code`.
    pub programs: Vec<NamedUse>,
    /// By account, in the user's order: each account that has usage or whose limits are known. Last, with
    /// `account_id` null, unassigned usage if there is any.
    pub accounts: Vec<AccountUse>,
    /// By machine: this one first, then the others that have usage, in the order in which they became known. Each
    /// request is in one of them, whichever machines' logs hold it.
    pub machines: Vec<MachineUse>,
    /// The busiest hours: seven weekdays from Monday, 24 hours of the pinned zone each.
    pub busiest: Vec<Vec<HourUse>>,
    /// Models without a public price, most tokens first. Their tokens are counted everywhere and priced nowhere.
    pub unpriced: Vec<NamedCount>,
    /// Models of other providers that ran through the same programs. They are in no figure above.
    pub third_party: Vec<NamedCount>,
    /// Requests whose time a clock set wrong must have written; they are counted where they say.
    pub doubtful_times: u64,
    /// How reading the logs goes.
    pub scan: ScanView,
}

/// Requests, their tokens, and what they are worth.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct UseView {
    /// Number of requests.
    pub requests: u64,
    /// Input tokens that were in no cache.
    pub input: u64,
    /// Input tokens read from the cache.
    pub cache_read: u64,
    /// Input tokens written to the cache.
    pub cache_write: u64,
    /// Output tokens.
    pub output: u64,
    /// The sum of all four kinds.
    pub total: u64,
    /// Share of the input that came from the cache, 0 to 1; `null` where there was no input.
    pub cache_hit_share: Option<f64>,
    /// Worth at the open platform's prices of what has a public price; an estimate, and no bill. Cache writes whose
    /// lifetime is not known are priced as kept for five minutes. `null` where tokens were used and none of them has a
    /// price.
    pub worth: Option<MoneyView>,
    /// What the cache saved: how much more the priced tokens would have cost with all input sent in full. Below zero where
    /// writing to the cache cost more than reading from it saved.
    #[serde(default)]
    pub saved: Option<MoneyView>,
    /// Tokens that have no public price and are not part of `worth`.
    pub unpriced_tokens: u64,
}

/// Use of one model, in one project or by one program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct NamedUse {
    /// The model's name, the project's folder or the word of the program's log format; `null` if unknown.
    pub name: Option<String>,
    /// Usage of the whole span.
    #[serde(rename = "use")]
    pub used: UseView,
    /// Tokens in each bucket, as many as there are buckets.
    pub totals: Vec<u64>,
}

/// Usage that is assigned to one account, or unassigned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AccountUse {
    /// The account's number; `null` for unassigned usage.
    pub account_id: Option<i64>,
    /// The account's name.
    pub account: Option<String>,
    /// The account's product.
    pub source: Option<SourceWord>,
    /// The account's region.
    pub region: Option<RegionWord>,
    /// Usage of the whole span. What it is worth is in the account's own currency.
    #[serde(rename = "use")]
    pub used: UseView,
    /// Tokens in each bucket, as many as there are buckets.
    pub totals: Vec<u64>,
    /// The programs in whose logs the usage was seen, most tokens first, by the words of their log formats.
    pub programs: Vec<NamedCount>,
    /// The machines whose logs show the usage: this one first, then the others in the order in which they became known.
    pub machines: Vec<MachineCount>,
    /// The membership's price, and what its usage is worth in the same currency; `null` where the price is not known.
    #[serde(default)]
    pub plan: Option<PlanWorth>,
    /// Rates up to now, whatever stretch was asked for.
    pub rates: RatesView,
    /// The account's own limits, as far as the service reports them.
    pub limits: LimitsView,
}

/// A membership's list price beside what was used of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlanWorth {
    /// The plan's name.
    pub plan: String,
    /// What it costs a month.
    pub price: MoneyView,
    /// What the span's usage is worth at least at the open platform's prices, in the same currency: tokens without a
    /// public price are not part of it.
    pub worth: MoneyView,
}

/// Usage that the logs of one machine show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MachineUse {
    /// The machine's number; `null` for this machine.
    pub machine: Option<i64>,
    /// What it is called; empty for this machine if it has no name yet.
    pub name: String,
    /// Usage of the whole span.
    #[serde(rename = "use")]
    pub used: UseView,
    /// Tokens in each bucket, as many as there are buckets.
    pub totals: Vec<u64>,
}

/// Rates over the last minute, hour and day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RatesView {
    /// In the last 60 seconds.
    pub minute: RateView,
    /// In the last hour.
    pub hour: RateView,
    /// In the last 24 hours.
    pub day: RateView,
}

/// The highest rates within a stretch. A request is taken to run from when its program sent it until it was
/// logged, if the log has both times; otherwise it counts as the instant at which it was logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RateView {
    /// Requests in the stretch.
    pub requests: u64,
    /// Tokens in the stretch, all kinds.
    pub tokens: u64,
    /// The most requests within any 60 seconds of the stretch.
    pub most_requests_a_minute: u64,
    /// The most tokens within any 60 seconds of the stretch. The service counts what a request may answer at
    /// most before it begins, so that its own count can be higher.
    pub most_tokens_a_minute: u64,
    /// The most requests that ran at the same time; `null` if no log says when requests began.
    pub greatest_concurrency: Option<u64>,
}

/// An hour of the week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HourUse {
    /// Number of requests.
    pub requests: u64,
    /// Tokens of all kinds.
    pub tokens: u64,
}

/// Tokens of one model, or of one program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NamedCount {
    /// The model's canonical name, or the word of the program's log format.
    pub name: String,
    /// Number of requests.
    pub requests: u64,
    /// Tokens of all kinds.
    pub tokens: u64,
}

/// Usage of one account that the logs of one machine show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MachineCount {
    /// The machine's number; `null` for this machine.
    pub machine: Option<i64>,
    /// Number of requests.
    pub requests: u64,
    /// Tokens of all kinds.
    pub tokens: u64,
}

/// How reading the logs goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScanView {
    /// It is going on now.
    pub running: bool,
    /// It has gone on for more than a second: worth a progress bar.
    pub slow: bool,
    /// Files that are to be read in this scan, and those done.
    pub files: u64,
    /// How many of these files are done.
    pub files_done: u64,
    /// Bytes that are to be read in this scan.
    pub bytes: u64,
    /// How many of these bytes are read.
    pub bytes_done: u64,
    /// When all logs were last read to the end; `null` before the first time.
    pub last_done: Option<DateTime<Utc>>,
    /// Log files that are there now and were read.
    pub files_known: u64,
    /// How many of them have requests without a time: those count at the time when the file was last written.
    #[serde(default)]
    pub files_dated: u64,
    /// Lines that could not be read: no JSON, half-written, or with counts that are none.
    pub lines_skipped: u64,
    /// Files that could not be opened or read.
    pub files_unreadable: u64,
    /// The folders that are searched and are there.
    pub homes: Vec<HomeView>,
    /// Programs of which no folder is there, by the words of their log formats.
    pub programs_absent: Vec<String>,
    /// Folders named in the settings that are not there, or not now.
    pub homes_missing: Vec<String>,
    /// Whether changes are noticed at once. Where not, logs are read every few minutes all the same.
    pub watching: bool,
}

/// A folder with session logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HomeView {
    /// The program, by the word of its log format: `kimi-code`, `claude-code` and so on.
    pub format: String,
    /// The folder's path.
    pub path: String,
}
