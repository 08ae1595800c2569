//! Local usage: the requests found in session logs, each once, and sums of them.
//!
//! The reader of the logs passes batches. A batch is written in one transaction, together with the positions
//! up to which the logs were read, so that a crash neither loses a request nor counts one twice. Passing the
//! same batch again changes nothing.
//!
//! A request stays if its file is deleted. If several files contain it, it belongs to the one with the fewest
//! copies, then to the one whose path sorts first, among all that ever contained it.

mod growth;
mod import_files;
pub(crate) mod imported;
mod intake;
mod intake_record;
mod log_sums;
mod named;
mod new_request;
pub(crate) mod of_machine;
mod provider;
mod prune;
pub(crate) mod query;
mod recorded;
mod requests_in;
mod shared_past;
mod stored;
mod sums;
mod usage_query;
mod write;

use serde::{Deserialize, Serialize};
use tidemark_core::{AccountId, Tokens};

pub use intake_record::{IntakeBatch, IntakeCount, IntakeMatch, IntakeOutcome, IntakeRecord};
pub use new_request::{Merged, NewRequest, SeenRequests};
pub use query::{RequestsTold, StoredRequest, UsageSum};
pub use requests_in::OriginRequest;
pub(crate) use stored::tokens;
pub use usage_query::UsageQuery;

/// A log file that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageFile {
    /// The store's number for it.
    pub id: i64,
    /// Where it is, or was.
    pub path: String,
    /// How far it was read and how to know it again: the reader's own words.
    pub mark: String,
    /// What its requests are from.
    pub origin: UsageOrigin,
    /// Whether it was not there the last time.
    pub gone: bool,
}

/// Where requests come from: the session and folder of their log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UsageOrigin {
    /// The log's format, by its word such as `kimi-code`.
    pub format: String,
    /// The session's name in its program.
    pub session: String,
    /// The folder that was worked in.
    pub project: Option<String>,
}

/// A model, and at which provider it ran.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UsageModel {
    /// The model's canonical name.
    pub name: String,
    /// Whether it is another provider's, run through the same program.
    pub third: bool,
    /// The number of its provider, by [`crate::Store::usage_provider`].
    pub provider: Option<i64>,
}

/// A provider of a program's configuration, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageProvider {
    /// The program's home folder.
    pub home: String,
    /// Its name in the configuration.
    pub name: String,
    /// Its address, where one is given.
    pub base_url: Option<String>,
    /// When the configuration was last written, in milliseconds of the epoch.
    pub modified: i64,
    /// The account that the usage of this provider is assigned to.
    pub whose: WhoseUse,
}

/// Which account the usage of a provider is assigned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhoseUse {
    /// This account.
    Account(AccountId),
    /// No account's that is known here.
    Nobody,
    /// Not known yet: a key has not been compared in this run. The earlier answer is kept as long as the
    /// configuration is the same.
    NotKnownYet,
}

/// A request of a session log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageRequest {
    /// When it was logged, in milliseconds of the epoch.
    pub at: i64,
    /// When the program sent it, in milliseconds since 1970, if the log says so.
    pub begun: Option<i64>,
    /// Its model, by its place in the batch.
    pub model: u32,
    /// The request's tokens, by kind.
    pub tokens: Tokens,
    /// Equal where it is the same request.
    pub fingerprint: u64,
}

/// A request of which one record says all, and which has the same time in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageClaim {
    /// The request that the record describes.
    pub request: UsageRequest,
    /// How many copies over the record is.
    pub copies: u32,
}

/// What several states of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UsageStates {
    /// The first of the first log is the one that counts.
    First,
    /// They are put together: the one that says most, at the time of the first.
    Together,
    /// The one that says most counts, at its own time.
    Growing,
    /// The latest is the one that counts.
    Latest,
}

/// A state of a request that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageNamed {
    /// The request in this state.
    pub request: UsageRequest,
    /// Equal where it is the same message.
    pub message: u64,
    /// Whether the record named its request; where not, it belongs to the request of its message.
    pub named: bool,
    /// Which state counts where there are several.
    pub states: UsageStates,
    /// What it is from, by its place in the batch; `None` is what its file is from.
    pub origin: Option<u32>,
}

/// What was read of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsagePart {
    /// The file's number; `None` where it is new.
    pub file: Option<i64>,
    /// The file's present path.
    pub path: String,
    /// How far it was read with this.
    pub mark: String,
    /// Lines of it that could not be read.
    pub skipped: u64,
    /// What it is from, by its place in the batch.
    pub origin: u32,
    /// Requests that one record describes.
    pub claims: Vec<UsageClaim>,
    /// States of requests that several records describe.
    pub named: Vec<UsageNamed>,
}

/// What is kept of what a scan finds in a log file: what was read with a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Recording {
    /// What is kept of the file stays as it is.
    #[default]
    Unchanged,
    /// What is kept of the file is of no use any more.
    Useless,
    /// All from the file's beginning on.
    FromBeginning(RecordedPiece),
    /// What follows what is kept already, if that was kept with this mark.
    Behind(u64, RecordedPiece),
}

/// A piece of what a scan finds in a log file, up to a part's mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordedPiece {
    /// A print of what says what the records mean.
    pub context: u64,
    /// A print of the part's mark.
    pub mark: u64,
    /// Whether records in it have the time at which the file was last written.
    pub dated_by_file: bool,
    /// Lines of the file, up to there, that could not be read.
    pub skipped: u64,
    /// The records, in the reader's own form; pieces stand behind each other.
    pub records: Vec<u8>,
}

/// A log file of which is kept what a scan finds in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedFile {
    /// The store's number for it.
    pub id: i64,
    /// Where it is.
    pub path: String,
    /// How far it was read: the reader's own words.
    pub mark: String,
    /// As in [`RecordedPiece`].
    pub context: u64,
    /// The print of the mark with which it was kept: if the mark has another one, it is of no use.
    pub mark_print: u64,
    /// As in [`RecordedPiece`].
    pub dated_by_file: bool,
    /// As in [`RecordedPiece`].
    pub skipped: u64,
}

/// In which states logs were summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSumsState {
    /// A print of what is kept of the logs now.
    pub now: u64,
    /// When they were last summed up, in milliseconds since 1970, and the print of what was kept of them then.
    pub summed: Option<(i64, u64)>,
}

/// What is written at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageBatch {
    /// When it became known, in milliseconds of the epoch.
    pub known: i64,
    /// Instants that no sum spans, in order.
    pub cuts: Vec<i64>,
    /// Models, by the numbers in the requests.
    pub models: Vec<UsageModel>,
    /// Origins, by the numbers in parts and states.
    pub origins: Vec<UsageOrigin>,
    /// Files that were renamed, before anything else: their numbers and paths. What they are from is not known
    /// until they are read again.
    pub moved: Vec<(i64, String)>,
    /// Files that are not there any more.
    pub gone: Vec<i64>,
    /// What was read, file by file.
    pub parts: Vec<UsagePart>,
}
