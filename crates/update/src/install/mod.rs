//! Putting a new version in the place of the former one, which is kept until the new one has answered.
//!
//! The steps are the same everywhere, and whoever takes them writes a [`Journal`](crate::Journal) between them:
//! [`Place::prepare`] lays the new version beside the former one, [`Place::replace`] exchanges them, and then either
//! [`Place::confirm`] removes the former one, or [`Place::put_back`] has it in its place again. Each can be repeated.

mod appimage;
mod files;
mod mac_app;
mod windows_installer;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::document::Kind;
use crate::error::UpdateError;

/// What is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Place {
    /// An AppImage.
    Appimage {
        /// The image.
        image: PathBuf,
    },
    /// An application of macOS.
    MacApp {
        /// Its folder, `Tidemark.app`.
        bundle: PathBuf,
    },
    /// What the installer for Windows has installed.
    WindowsInstaller {
        /// The folder.
        folder: PathBuf,
    },
}

impl Place {
    /// The kind of file of a release that can replace it.
    #[must_use]
    pub const fn file_kind(&self) -> Kind {
        match self {
            Self::Appimage { .. } => Kind::Appimage,
            Self::MacApp { .. } => Kind::MacApp,
            Self::WindowsInstaller { .. } => Kind::WindowsInstaller,
        }
    }

    /// The first step: lays the downloaded file beside what it replaces, whole and on the disk. Where the new program can be
    /// started from there, its path.
    ///
    /// # Errors
    /// [`UpdateError::DiskFull`], [`UpdateError::NotWritable`] or [`UpdateError::Io`]: nothing is left beside it then.
    pub fn prepare(&self, downloaded: &Path, data_dir: &Path) -> Result<Option<PathBuf>, UpdateError> {
        let prepared = match self {
            Self::Appimage { image } => appimage::prepare(image, downloaded).map(Some),
            Self::MacApp { bundle } => mac_app::prepare(bundle, downloaded).map(Some),
            Self::WindowsInstaller { folder } => windows_installer::prepare(folder, data_dir).map(|()| None),
        };
        if prepared.is_err() {
            self.discard(data_dir);
        }
        prepared
    }

    /// The second step: the new version gets the name, and the former one is kept under another. The installer for Windows
    /// also starts the new agent.
    ///
    /// # Errors
    /// As [`Place::prepare`]. [`Place::put_back`] is to be called then.
    pub fn replace(&self, downloaded: &Path) -> Result<(), UpdateError> {
        match self {
            Self::Appimage { image } => appimage::replace(image),
            Self::MacApp { bundle } => mac_app::replace(bundle),
            Self::WindowsInstaller { folder } => windows_installer::replace(folder, downloaded),
        }
    }

    /// Has the former version in its place again, whatever was done so far.
    ///
    /// # Errors
    /// [`UpdateError::NotWritable`] if it cannot be.
    pub fn put_back(&self, data_dir: &Path) -> Result<(), UpdateError> {
        match self {
            Self::Appimage { image } => appimage::put_back(image),
            Self::MacApp { bundle } => mac_app::put_back(bundle),
            Self::WindowsInstaller { folder } => windows_installer::put_back(folder, data_dir),
        }
    }

    /// The new version is there to stay: removes the former one. What cannot be removed stays, and harms nothing.
    pub fn confirm(&self, data_dir: &Path) {
        match self {
            Self::Appimage { image } => appimage::confirm(image),
            Self::MacApp { bundle } => mac_app::confirm(bundle),
            Self::WindowsInstaller { .. } => windows_installer::confirm(data_dir),
        }
    }

    /// Nothing was replaced: removes what was laid beside it.
    pub fn discard(&self, data_dir: &Path) {
        match self {
            Self::Appimage { image } => appimage::discard(image),
            Self::MacApp { bundle } => mac_app::discard(bundle),
            Self::WindowsInstaller { .. } => windows_installer::confirm(data_dir),
        }
    }
}

/// The command line of what is in a place, with which its agent is started.
#[must_use]
pub fn program_of(place: &Place) -> PathBuf {
    match place {
        // With a command it is the command line.
        Place::Appimage { image } => image.clone(),
        Place::MacApp { bundle } => mac_app::program(bundle),
        Place::WindowsInstaller { folder } => folder.join("tidemark.exe"),
    }
}
