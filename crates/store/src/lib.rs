//! What we remember: readings, roll-ups, findings, alerts and settings, in one SQLite file.
//!
//! Promised:
//! - What a call has acknowledged is on disk: it survives `kill -9` and a loss of power (`synchronous=FULL`
//!   in WAL mode; a few commits every five minutes cost nothing, a lost reading cannot be had again).
//! - A reading or a failed poll is on disk before anything is concluded from it. A crash between
//!   [`Store::insert_reading`] or [`Store::record_failed_poll`] and [`Store::record_analysis`] is made good with
//!   [`Store::readings_after`] and [`Store::failures_after`]; concluding twice changes nothing.
//! - Sums are exact: amounts are integers in 1e-8 of their unit, and hours, days and months of one series
//!   sum to the same figure.
//! - Only the owner can read it: the folder is made with mode 0700, the files have 0600.
//!
//! SQL is spoken in this crate and nowhere else. A [`Store`] is synchronous and belongs to one thread; one
//! process writes, any number read beside it.

mod accounts;
mod alerts;
mod amount;
mod analysis;
mod announcements;
mod backup;
mod channels;
mod compress;
mod counts;
mod coverage;
mod credential_text;
mod database_file;
mod deliveries;
mod delivery_queue;
mod error;
mod export;
mod failure_details;
mod failures;
mod files;
mod findings;
mod history;
mod import;
mod incidents;
mod inputs_since;
mod instant;
mod integrity;
mod levels;
mod machines;
mod marks;
mod merge;
mod money_events;
mod movement_writer;
mod movements;
mod pinned_zone;
mod polls;
mod prune;
mod readings;
mod refill;
#[cfg(feature = "testing")]
mod refusal;
mod restore;
mod rolled_zone;
mod rollup;
mod schema;
mod settings;
mod store;
mod text_columns;
mod usage;
mod verdicts;

pub use accounts::NewAccount;
pub use alerts::{ALERT_LIFE, AlertId, DueAlert, FIRST_RETRY, LAST_RETRY, TeamAlert};
pub use analysis::{Analysis, AnalysisResult, InputId};
pub use backup::{Backup, BackupError, back_up};
pub use channels::{ChannelChange, ChannelId, ChannelResult, NewChannel, StoredChannel};
pub use counts::KindCount;
pub use database_file::{DatabaseContent, DatabaseFile, StoredCredential};
pub use deliveries::{DeliveryContent, DeliveryId, DueDelivery, NewDelivery};
pub use error::StoreError;
pub use export::ExportQuery;
pub use failures::{FailureId, FailureQuery, FailureRun, StoredFailure};
pub use findings::{FindingId, FindingQuery, StoredFinding};
pub use history::{HistoryQuery, HistoryRow};
pub use import::Imported;
pub use incidents::Incident;
pub use machines::{
    CoverageSpan, Exchange, ExchangeId, ExchangeResult, ForgottenMachine, Machine, MachineBatch,
    MachineCoverage, MachineId, MachineLogs, MachineRequest, MachineSource, NewExchange, OwnMachine,
    OwnRequest, OwnSource, Renewed, SourceSaid, StoredSource, is_reserved_machine_name,
};
pub use merge::{Conclusions, Merge};
pub use polls::PollState;
pub use prune::Pruned;
pub use readings::{ReadingId, ReadingQuery, StoredReading};
#[cfg(feature = "testing")]
pub use refusal::Refusal;
pub use restore::Restoring;
pub use store::{FILE_NAME, Store};
pub use usage::{
    IntakeBatch, IntakeCount, IntakeMatch, IntakeOutcome, IntakeRecord, LogSumsState, Merged, NewRequest,
    OriginRequest, RecordedFile, RecordedPiece, Recording, RequestsTold, SeenRequests, StoredRequest,
    UsageBatch, UsageClaim, UsageFile, UsageModel, UsageNamed, UsageOrigin, UsagePart, UsageProvider,
    UsageQuery, UsageRequest, UsageStates, UsageSum, WhoseUse,
};
pub use verdicts::{SeenRun, StoredVerdict, VerdictBuckets};
