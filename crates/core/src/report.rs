//! The evidence report: what was announced, what was observed reading by reading, what use explains, and
//! what differs — as data that anyone can check, and as a page that prints well.
//!
//! A report is a head and records. The records are lines of the contract, as text: readings with the raw
//! quota body that each was read from, failed polls, incidents, requests, and the findings. So the records of
//! a report can be replayed. Everything else that the page shows is worked out from them.

mod chart;
mod glance;
mod html;
mod page_text;
mod reason;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::io;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::finding::{Anomaly, Finding, Triage};
use crate::money::Money;
use crate::series::Series;

pub use html::write_page;
pub use page_text::{date, span, zone_name};
pub use reason::reason;

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// When the report was made.
    pub made_at: DateTime<Utc>,
    /// The version of the program that made it.
    pub made_by: String,
    /// The user's name for the account.
    pub account: String,
    /// The product, as its contract's word: `kimi-code` or `platform`.
    pub source: String,
    /// The region, as its contract's word: `china` or `global`.
    pub region: String,
    /// The plan, as the service names it.
    pub plan: Option<String>,
    /// The first instant of the span.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
    /// IANA name of the zone in which the page writes times.
    pub timezone: String,
    /// The language of the page.
    pub language: String,
    /// What was deducted, series by series.
    pub totals: Vec<Total>,
    /// What the user said of findings.
    pub marks: Vec<Marked>,
}

/// What was deducted of a series in the span, in its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// The series: a quota, the balance or the wallet.
    pub series: Series,
    /// All that was deducted, explained or not.
    pub deducted: f64,
    /// Of that, what the logged use explains.
    pub fully: f64,
    /// What it explains in part.
    pub partly: f64,
    /// Of the month: used outside Kimi Code, beyond its share.
    #[serde(default)]
    pub elsewhere: f64,
    /// What it does not explain.
    pub not: f64,
    /// Deducted without a verdict: cannot tell.
    pub cannot_tell: f64,
    /// What anomalies took beyond the expected amount: lower and upper end. Those that are withdrawn, or that the user
    /// says were their own usage, do not count.
    pub beyond: Option<(f64, f64)>,
    /// Of a quota: what that is worth at least at the open platform's prices, in the currency of the account's region.
    /// An estimate; absent if the logs do not show what a point is worth.
    #[serde(default)]
    pub worth: Option<Money>,
    /// Of the month: what of it was deducted as Kimi Code's share. It is part of `deducted` and has no row of its own,
    /// since what is unexplained of the month would be unknown there.
    #[serde(default)]
    pub code: Option<f64>,
    /// The share of the deductions during which the local logs had usage, 0 to 1.
    pub known_use: Option<f64>,
}

/// What the user said of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Marked {
    /// Class of the finding.
    pub class: Anomaly,
    /// Series of the finding.
    pub series: Option<Series>,
    /// When the finding was detected. With class and series this identifies it.
    pub detected_at: DateTime<Utc>,
    /// The status that the user set.
    pub mark: Triage,
}

/// A line of the contract, as text, and the raw body that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedRecord {
    /// The line: one JSON document.
    pub text: String,
    /// Of a reading: the quota part of the service's answer, keys and personal data taken out; absent where
    /// it is the same as that of the reading before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The link of the chain: the SHA-256 of what came before and of this record, in hexadecimal.
    pub hash: String,
}

/// The records of a report: what it rests on, in the order in which it became known; findings at the end.
pub trait RecordSource {
    /// Why they cannot be read.
    type Error;

    /// Hands the records over one by one, until `each` breaks off. Each time they are the same.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn for_each(&self, each: &mut dyn FnMut(SealedRecord) -> ControlFlow<()>) -> Result<(), Self::Error>;
}

impl RecordSource for [SealedRecord] {
    type Error = Infallible;

    fn for_each(&self, each: &mut dyn FnMut(SealedRecord) -> ControlFlow<()>) -> Result<(), Infallible> {
        for record in self {
            if each(record.clone()).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError<E> {
    /// Its records cannot be read.
    #[error("{0}")]
    Source(E),
    /// The output could not be written.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// The words of the user's language.
pub trait Words {
    /// A text of the catalogue with its values put in.
    fn say(&self, key: &str, values: &[(&str, &str)]) -> String;
    /// So much of a series: `14 points`, `3.20 CNY`.
    fn quantity(&self, series: Series, value: f64) -> String;
    /// A series by its name.
    fn series(&self, series: Series) -> String;
    /// What the figures of an anomaly say, in a sentence.
    fn figures(&self, class: Anomaly, series: Series, figures: &Figures) -> String;
    /// What a finding says and the facts that it rests on, in this language, for a reader at `now` in a time zone.
    fn finding(&self, finding: &Finding, now: DateTime<Utc>, zone: Tz) -> (String, Vec<String>);
}

/// The figures of an anomaly, in its series' unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// The deduction that was observed.
    pub observed: Option<f64>,
    /// What was expected, at least and at most.
    pub expected: Option<(f64, f64)>,
    /// How many times as much the same usage cost, at least and at most.
    pub factor: Option<(f64, f64)>,
}
