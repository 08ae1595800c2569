//! What exchanges promise, on real stores, files and processes.

#![allow(clippy::unwrap_used, reason = "what goes wrong in a test is the test's failure")]

mod given;
mod lines;
#[cfg(unix)]
mod over_ssh;
mod through_a_folder;
