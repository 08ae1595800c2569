//! What is true and what follows from it.
//!
//! This crate holds the words of the domain — accounts, meters, readings, money, changes, findings,
//! alerts — and the reasoning over them. It does no I/O, starts no thread and reads no clock: whatever
//! depends on the time takes `now`.
//!
//! Quota (percent of a window), tokens and money are three different facts; no type here converts one
//! into another.

pub mod account;
pub mod alert;
pub mod announcement;
pub mod audience;
pub mod audit;
pub mod budget;
pub mod calendar;
pub mod change;
pub mod expected_band;
pub mod failure;
pub mod failure_cause;
pub mod finding;
pub mod forecast;
pub mod intake;
mod limit;
pub mod message;
pub mod meter;
pub mod money;
pub mod number;
pub mod pasted_key;
pub mod project_filter;
pub mod rates;
pub mod reading;
pub mod replay;
pub mod report;
pub mod request;
pub mod series;
pub mod step;
pub mod text;
pub mod tokens;
pub mod tz_variable;
pub mod wire;

pub use account::{Account, AccountId, Credential, Region, Source};
pub use failure::{Failure, FailureKind};
pub use finding::{Finding, FindingKind};
pub use meter::Meter;
pub use money::{Currency, Money};
pub use reading::{Balance, MeterReading, RateLimits, Reading, Wallet};
pub use series::Series;
pub use tokens::Tokens;
