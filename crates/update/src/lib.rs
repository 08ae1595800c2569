//! Newer versions of Tidemark: what a release says of itself, how that is verified, downloaded and put in place.
//!
//! A release has a small document, [`Release`], signed with minisign. It is asked for at one address
//! ([`ReleaseSource`]), checked against the key that is built in ([`ReleaseKey`]), and names the files of the release
//! with their sizes and hashes. [`InstalledBy`] says how this copy came to this machine, and with that whether it may
//! replace itself ([`Place`]) or only say that there is a newer version. Nothing here asks anything unless it is called:
//! who may call, and when, is the engine's matter.

mod client;
mod document;
mod download;
mod error;
mod hash;
mod install;
mod installed_by;
mod journal;
mod key;
mod outcome;
mod part;
mod source;

pub use client::{Limits, Offered, ReleaseClient};
pub use document::{FORMAT, Kind, MAX_DOCUMENT_BYTES, Release, ReleaseFile, Standing};
pub use download::Downloaded;
pub use error::UpdateError;
pub use hash::{hex, of_file as sha256_of_file};
pub use install::{Place, program_of};
pub use installed_by::{InstalledBy, image_of};
pub use journal::{Journal, JournalStep};
pub use key::ReleaseKey;
pub use outcome::Outcome;
pub use source::ReleaseSource;

use std::path::{Path, PathBuf};

/// The folder in a data folder where downloads lie, and what is remembered of an installation that is going on.
#[must_use]
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("update")
}

/// The version of this program.
///
#[must_use]
#[allow(clippy::missing_panics_doc, clippy::expect_used, reason = "Cargo has checked it")]
pub fn own_version() -> semver::Version {
    semver::Version::parse(env!("CARGO_PKG_VERSION")).expect("a version that Cargo accepts")
}
