//! What a span was used by: sessions and single requests.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::common::MoneyView;

/// The answer of `GET /v1/usage/sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Sessions {
    /// The first instant that was summed up. Sums are of quarters of an hour, so this can be before what was asked for.
    pub from: DateTime<Utc>,
    /// The first instant after them.
    pub to: DateTime<Utc>,
    /// The sessions, most cost first.
    pub sessions: Vec<SessionUse>,
    /// Sessions that are not listed, because there are too many.
    pub more_sessions: u64,
    /// The requests with the most tokens, most first. Single requests are kept as long as raw readings.
    pub requests: Vec<RequestUse>,
    /// How many requests of the span are still kept.
    pub requests_kept: u64,
}

/// What one session used in the span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SessionUse {
    /// The session's name in its program; `null` where another machine's records do not say it.
    pub session: Option<String>,
    /// The program, by the word of its log format.
    pub program: String,
    /// The folder that was worked in; `null` if unknown.
    pub project: Option<String>,
    /// The machine's number; `null` for this one.
    pub machine: Option<i64>,
    /// The machine's name; empty for this one if it has none.
    pub machine_name: String,
    /// The account's number; `null` for unassigned usage.
    pub account_id: Option<i64>,
    /// The models, most tokens first.
    pub models: Vec<String>,
    /// The first quarter of an hour with use in the span.
    pub first: DateTime<Utc>,
    /// The end of the last one.
    pub last: DateTime<Utc>,
    /// Number of requests.
    pub requests: u64,
    /// Tokens of all kinds.
    pub tokens: u64,
    /// Its share of what the sessions of its account cost in the span, 0 to 1, by the proportions of the public
    /// prices: an estimate of its share of a deduction. `null` where a price is unknown.
    pub share: Option<f64>,
    /// Worth at the open platform's prices of what has one; `null` where nothing has.
    pub worth: Option<MoneyView>,
    /// Tokens of models without a public price.
    #[serde(default)]
    pub unpriced_tokens: u64,
}

/// A single request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RequestUse {
    /// When it was logged.
    pub at: DateTime<Utc>,
    /// The model's canonical name.
    pub model: String,
    /// The program, by the word of its log format.
    pub program: String,
    /// The session's name in its program.
    pub session: Option<String>,
    /// The folder that was worked in.
    pub project: Option<String>,
    /// Input tokens that were in no cache.
    pub input: u64,
    /// Input tokens read from the cache.
    pub cache_read: u64,
    /// Input tokens written to the cache.
    pub cache_write: u64,
    /// Output tokens.
    pub output: u64,
}
