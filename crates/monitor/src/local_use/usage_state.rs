//! How reading the session logs goes.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use tidemark_logs::Format;

use super::index::Progress;

/// How reading the logs goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageState {
    /// It is going on now.
    pub running: bool,
    /// It has gone on for more than a second.
    pub slow: bool,
    /// How much of the running scan is done.
    pub progress: Progress,
    /// When the last full scan of all logs ended.
    pub last_done: Option<DateTime<Utc>>,
    /// Files that could not be opened or read.
    pub unreadable: u64,
    /// The folders that are scanned and exist.
    pub homes: Vec<(Format, PathBuf)>,
    /// Folders named in the settings that are not there.
    pub missing: Vec<PathBuf>,
    /// Whether changes are noticed at once.
    pub watching: bool,
}
