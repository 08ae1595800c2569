//! What an update of the index is asked to do, and how far it is.

use chrono::{DateTime, Utc};
use tidemark_logs::{Home, Provider, Roots};
use tidemark_store::WhoseUse;

/// How far an update is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files that something was written to.
    pub files: u64,
    /// Of these, how many are done.
    pub files_done: u64,
    /// Bytes that are to be read in them.
    pub bytes: u64,
    /// Of these, how many are done.
    pub bytes_done: u64,
}

/// How an update is made.
pub struct Asked<'a> {
    /// The folders to read logs from.
    pub roots: &'a Roots,
    /// Which account's usage goes to a provider.
    pub whose: &'a (dyn Fn(&Home, &Provider) -> WhoseUse + Sync),
    /// Instants that no sum spans, in order.
    pub cuts: &'a [DateTime<Utc>],
    /// The time of the update.
    pub now: DateTime<Utc>,
    /// Whether it is to end early.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Receives what was read so far.
    pub progress: &'a mut dyn FnMut(&Progress),
}
