//! What the store promises, one file a subject.

#![allow(clippy::unwrap_used, reason = "what goes wrong in a test is the test's failure")]

mod accounts;
mod alerts;
mod analysis;
#[cfg(unix)]
mod backup;
mod cache_writes;
mod channels;
mod crash;
mod explained;
mod export;
mod failures;
mod findings;
mod given;
mod history;
mod intake;
mod machines;
mod movements;
#[cfg(unix)]
mod open;
mod prune;
mod readings;
mod told;
mod unclean;
mod usage;
