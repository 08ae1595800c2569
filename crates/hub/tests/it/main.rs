//! A hub on a real PostgreSQL server.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub, reason = "tests, and what they share")]
#![cfg(unix)]

mod audit;
mod cut_line;
mod facts;
mod faults;
mod giving;
mod keeping;
mod machine;
mod members;
mod membership;
#[path = "../../../intake/tests/postgres/mod.rs"]
mod postgres;
mod rights;
mod team;
