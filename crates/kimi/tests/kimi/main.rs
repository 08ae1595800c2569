//! The tests of what Kimi says, in one program: linking one is quicker than linking five.

// The lint knows tests by their attribute and does not see that everything here is one.
#![allow(clippy::unwrap_used)]

mod bodies;
mod calls;
mod errors;
mod laws;
mod profiles;
mod traps;

use chrono::{DateTime, Utc};
use tidemark_core::{Failure, Reading, Region};
use tidemark_kimi::parse;

/// When the answers of these tests arrive.
pub(crate) fn at() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

/// A quota body, read as an answer of the Chinese service.
pub(crate) fn usages(body: &str) -> Result<Reading, Failure> {
    parse::usages(body.as_bytes(), Region::China, at())
}

/// The meters of a body, a line each: `5h 43.72% 44/100 until 2026-…, in conflict`.
pub(crate) fn meters(body: &str) -> String {
    show(&usages(body).unwrap_or_else(|failure| panic!("{failure}: {body}")))
}

pub(crate) fn show(reading: &Reading) -> String {
    let text = |value: Option<rust_decimal::Decimal>| value.map_or("-".to_owned(), |value| value.to_string());
    reading
        .meters
        .iter()
        .map(|m| {
            format!(
                "{} {}% {}/{} until {}{}",
                m.meter,
                m.used_percent,
                text(m.used),
                text(m.limit),
                m.resets_at.map_or("-".to_owned(), tidemark_core::number::timestamp::format_rfc3339),
                if m.conflict { ", in conflict" } else { "" }
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}
