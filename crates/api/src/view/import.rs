//! Import: which lines, and what became of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::common::{RegionWord, SourceWord};

/// What is to be imported.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Import {
    /// The name of the file in the data folder that holds the lines, one file's behind the other's and an empty line
    /// between them.
    pub file: String,
}

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// The accounts that had lines in it.
    pub accounts: Vec<ImportedAccount>,
    /// Requests that are assigned to no account.
    pub unassigned: LineCount,
    /// Incidents of the status page and announcements of the service.
    pub service: LineCount,
    /// Lines of a time that has not come; they were left out.
    pub future: u64,
    /// Failed polls and requests of accounts whose product and region no line says; they were left out.
    pub of_no_account: u64,
}

/// What became of the lines of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedAccount {
    /// Its name here.
    pub name: String,
    /// Its name in the import, where that is another account's here.
    pub other_name: Option<String>,
    /// The product.
    pub source: SourceWord,
    /// The region.
    pub region: RegionWord,
    /// It was not here before, and has no key.
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCount {
    /// They were added.
    pub new: u64,
    /// They are here already.
    pub known: u64,
    /// They are older than what is kept here.
    pub too_old: u64,
}
