//! A session log and what its path says, in whatever format.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;

/// A log, with what its path and its program's configuration say.
#[derive(Debug, Clone)]
pub(crate) struct LogFile {
    pub(crate) path: PathBuf,
    /// The session, where the lines do not name it.
    pub(crate) session: String,
    /// The folder that was worked in, where the lines do not name it, or the program's name for it.
    pub(crate) project: Option<String>,
    /// Where its requests go, as far as the configuration says.
    pub(crate) config: Arc<Config>,
}
