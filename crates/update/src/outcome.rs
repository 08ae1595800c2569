//! What became of an installation: written by whoever installed, read by the next agent.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use semver::Version;
use serde::{Deserialize, Serialize};
use tidemark_files::{private, read};

use crate::error::UpdateError;

/// The most bytes of the file.
const MAX_BYTES: u64 = 64 * 1024;

/// What became of an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The version that was to be installed, if that was known.
    pub version: Option<Version>,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Why it is not installed, as [`UpdateError::code`] says it; `None` where it is.
    pub code: Option<String>,
    /// The values of the message, by name.
    pub values: Vec<(String, String)>,
}

impl Outcome {
    /// What there is to say of an installation that ended now.
    #[must_use]
    pub fn of(version: Option<Version>, at: DateTime<Utc>, result: &Result<(), UpdateError>) -> Self {
        let failed = result.as_ref().err();
        let values = failed.map(UpdateError::values).unwrap_or_default();
        Self {
            version,
            at,
            code: failed.map(|error| error.code().to_owned()),
            values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }

    /// Writes it down in a data folder. That it cannot be is no trouble of the installation.
    pub fn keep(&self, data_dir: &Path) {
        let path = path(data_dir);
        let kept =
            private::replace(&path, |out| serde_json::to_writer(out, self).map_err(std::io::Error::from));
        if let Err(error) = kept {
            tracing::warn!(%error, "what became of the update could not be written down");
        }
    }

    /// What became of the last installation, if there was one. What cannot be read is forgotten.
    #[must_use]
    pub fn last(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&read::bytes(&path(data_dir), MAX_BYTES).ok()?).ok()
    }

    /// Forgets the last one, because another begins.
    pub fn forget(data_dir: &Path) {
        let _ = fs::remove_file(path(data_dir));
    }
}

fn path(data_dir: &Path) -> PathBuf {
    crate::folder(data_dir).join("outcome.json")
}
