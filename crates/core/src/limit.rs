//! The kinds of rate limit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::account::{ParseEnumError, string_enum};

/// The kinds of rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Requests at the same time.
    Concurrency,
    /// Requests a minute (RPM).
    RequestsPerMinute,
    /// Tokens a minute (TPM).
    TokensPerMinute,
    /// Tokens a day (TPD).
    TokensPerDay,
}

string_enum!(
    Limit, "concurrency, requests-per-minute, tokens-per-minute or tokens-per-day",
    Limit::Concurrency => "concurrency",
    Limit::RequestsPerMinute => "requests-per-minute",
    Limit::TokensPerMinute => "tokens-per-minute",
    Limit::TokensPerDay => "tokens-per-day",
);
