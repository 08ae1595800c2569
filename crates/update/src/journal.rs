//! What an installation has done so far, so that a power cut in its middle leaves nothing half done.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use semver::Version;
use serde::{Deserialize, Serialize};
use tidemark_files::{private, read};

use crate::error::UpdateError;
use crate::install::Place;

/// The most bytes of a journal.
const MAX_BYTES: u64 = 64 * 1024;

/// An installation that is going on, or was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The version that is replaced.
    pub from: Version,
    /// The version that takes its place.
    pub to: Version,
    /// What is replaced.
    pub place: Place,
    /// How far it has come.
    pub step: JournalStep,
}

/// How far an installation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalStep {
    /// The new version is about to take the place of the former one.
    Replacing,
    /// It has, and has not answered yet.
    Replaced,
}

impl Journal {
    fn path(data_dir: &Path) -> PathBuf {
        crate::folder(data_dir).join("journal.json")
    }

    /// Writes it down, so that it is on the disk before anything else is done.
    ///
    /// # Errors
    /// [`UpdateError::DiskFull`] or [`UpdateError::Io`]: nothing may be done then.
    pub fn write(&self, data_dir: &Path) -> Result<(), UpdateError> {
        let path = Self::path(data_dir);
        let written =
            private::replace(&path, |out| serde_json::to_writer(out, self).map_err(io::Error::from));
        let synced = written.and_then(|()| private::sync_folder(&crate::folder(data_dir)));
        synced.map_err(|error| UpdateError::of_file(&path, &error))
    }

    /// The one in a data folder, if there is one. What cannot be read counts as none: it is only written as a whole.
    #[must_use]
    pub fn read(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&read::bytes(&Self::path(data_dir), MAX_BYTES).ok()?).ok()
    }

    /// Removes it: the installation has ended, in whatever way.
    pub fn remove(data_dir: &Path) {
        let _ = fs::remove_file(Self::path(data_dir));
        let _ = private::sync_folder(&crate::folder(data_dir));
    }

    /// What a program of this version does about it at its start: where the new version runs, it is there to stay;
    /// where the former one does, what was laid beside it goes, and it is in its place.
    ///
    /// # Errors
    /// As [`Place::put_back`].
    pub fn recover(&self, data_dir: &Path, own: &Version) -> Result<(), UpdateError> {
        if *own == self.from && *own != self.to {
            self.place.put_back(data_dir)?;
        } else {
            self.place.confirm(data_dir);
        }
        Self::remove(data_dir);
        Ok(())
    }
}
