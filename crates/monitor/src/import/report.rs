//! What became of an import.

use chrono::{DateTime, Utc};
use tidemark_core::{AccountId, Region, Source};

/// What became of the lines of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The accounts that had lines in it, in the order in which they came.
    pub accounts: Vec<ImportedAccount>,
    /// Requests that are assigned to no account.
    pub unassigned: LineCount,
    /// Incidents of the status page and announcements of the service.
    pub service: LineCount,
    /// Lines of a time that has not come.
    pub future: u64,
    /// Failed polls and requests of accounts whose product and region no line says.
    pub of_no_account: u64,
}

/// What became of the lines of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedAccount {
    /// The store's number for it.
    pub id: AccountId,
    /// Its name here.
    pub name: String,
    /// Its name in the import, where that is another account's here.
    pub other_name: Option<String>,
    /// The product.
    pub source: Source,
    /// The region.
    pub region: Region,
    /// It was not here before.
    pub is_new: bool,
    /// Its readings.
    pub readings: LineCount,
    /// Its failed polls.
    pub failures: LineCount,
    /// Its requests.
    pub requests: LineCount,
    /// Raw readings of before this time are not kept here: older lines were left out.
    pub kept_since: Option<DateTime<Utc>>,
}

/// How many lines were new, and why the others were not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineCount {
    /// They were added.
    pub new: u64,
    /// They are here already.
    pub known: u64,
    /// They are older than what is kept here.
    pub too_old: u64,
}

impl LineCount {
    /// Counts a line.
    pub(super) fn note(&mut self, is_kept: bool, is_new: bool) {
        let count = match (is_kept, is_new) {
            (false, _) => &mut self.too_old,
            (true, true) => &mut self.new,
            (true, false) => &mut self.known,
        };
        *count += 1;
    }
}
