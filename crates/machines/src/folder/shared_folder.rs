//! A shared folder, and what opens its files.

use std::path::Path;

use secrecy::SecretString;
use tidemark_store::ExchangeId;

use super::folder_keys::FolderKeys;
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
    pub(super) fn must_exist(&self) -> Result<(), Problem> {
        if self.path.is_dir() { Ok(()) } else { Err(Problem::new(ProblemKind::FolderMissing)) }
    }
}
