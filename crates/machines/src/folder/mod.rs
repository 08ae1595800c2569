//! A folder that several machines share: through a syncer, a cloud drive, a file server.
//!
//! Each machine has a folder of its own in it, named by its id, and writes nowhere else:
//! - `key.age`: a random key, encrypted with the folder's passphrase (an ordinary age file);
//! - `2026-11.records`, one a month: what it gives away, appended in parts, each encrypted with that key.
//!
//! So two machines never write one file, and a syncer has nothing to decide. What it does all the same is expected:
//! files come late, in part, under other names, or twice; each part is whole or not there, and reading one again
//! changes nothing. Times of files are trusted for nothing but "not changed since".

mod compact;
mod key;
mod part;
mod read;
mod write;

use std::path::Path;

use secrecy::SecretString;
use tidemark_store::ExchangeId;

pub use key::{FolderKeys, WORK_FACTOR};
pub use read::read;
pub use write::write;

use crate::problem::{Problem, ProblemKind};

/// A shared folder, and what opens its files.
pub struct SharedFolder<'f> {
    /// The exchange that it is.
    pub exchange: ExchangeId,
    /// Its path here.
    pub path: &'f Path,
    /// Its passphrase.
    pub passphrase: &'f SecretString,
    /// The keys that are known in this run.
    pub keys: &'f FolderKeys,
}

impl SharedFolder<'_> {
    /// Whether it is there.
    fn must_exist(&self) -> Result<(), Problem> {
        if self.path.is_dir() { Ok(()) } else { Err(Problem::new(ProblemKind::FolderMissing)) }
    }
}

/// Opens the folder's files for the first time: fails where a machine has written there with another passphrase, and
/// where the passphrase of a new folder is too short.
///
/// # Errors
/// [`ProblemKind::FolderMissing`], [`ProblemKind::WrongPassphrase`], [`ProblemKind::ShortPassphrase`],
/// [`ProblemKind::FolderFailed`].
pub fn open(folder: &SharedFolder<'_>) -> Result<(), Problem> {
    folder.must_exist()?;
    key::open(folder)
}
