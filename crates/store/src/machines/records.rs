//! Records of other machines, as they are taken in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tidemark_core::reading::UserIds;
use tidemark_core::{AccountId, Region, Source, Tokens};

use super::coverage::CoverageSpan;
use super::exchanges::ExchangeId;
use super::machine_id::MachineId;
use crate::usage::UsageStates;

/// A request of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineRequest {
    /// Equal where it is the same request: a hash.
    pub fingerprint: u64,
    /// Equal where it is the same message, for a request of which a later record can say more.
    pub message: Option<u64>,
    /// Whether a record named the request; where not, it belongs to the request of its message.
    pub named: bool,
    /// Which of its states counts; [`UsageStates::First`] where it has none.
    pub states: UsageStates,
    /// When it was logged, in milliseconds of the epoch.
    pub at: i64,
    /// When its program sent it, in milliseconds of the epoch, if the log says so.
    pub begun: Option<i64>,
    /// The model's canonical name.
    pub model: String,
    /// The machine's number for where it went; `None` where that is unknown.
    pub source: Option<i64>,
    /// The log's format, by its word such as `kimi-code`.
    pub client: String,
    /// The folder that was worked in, if the machine says it.
    pub project: Option<String>,
    /// Its tokens, by kind.
    pub tokens: Tokens,
}

/// Which service and whose account requests went to, as the machine knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSaid {
    /// The product; `None` for a relay's or an unknown one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Source>,
    /// Its region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The hashed ids of the account's user.
    #[serde(default)]
    pub user: UserIds,
}

/// A source of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineSource {
    /// The machine's number for it.
    pub number: i64,
    /// What it says of it.
    pub said: SourceSaid,
    /// When it said so; the latest counts.
    pub as_of: DateTime<Utc>,
}

/// A source that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSource {
    /// Whose it is.
    pub machine: MachineId,
    /// What the machine says of it.
    pub said: SourceSaid,
    /// The account here that its requests are assigned to.
    pub account: Option<AccountId>,
}

/// What is taken in at once, with the place up to which the machine was read then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineBatch {
    /// Whose records they are.
    pub machine: MachineId,
    /// When they became known here.
    pub known: DateTime<Utc>,
    /// Instants that no sum spans, in order.
    pub cuts: Vec<DateTime<Utc>>,
    /// The accounts here, and whose they are.
    pub accounts: Vec<(AccountId, Source, UserIds)>,
    /// When the machine said it, by its clock.
    pub seen_at: Option<DateTime<Utc>>,
    /// Records that were not understood.
    pub skipped: u64,
    /// What it says of its sources.
    pub sources: Vec<MachineSource>,
    /// What it says of its logs.
    pub coverage: Vec<CoverageSpan>,
    /// Its requests.
    pub requests: Vec<MachineRequest>,
    /// Up to where it was read with this; `None` leaves that as it is.
    pub cursor: Option<String>,
    /// The folder's file that they are from, and up to where it was read.
    pub file: Option<(ExchangeId, String, String)>,
}

impl MachineBatch {
    /// A batch with nothing in it.
    #[must_use]
    pub const fn new(machine: MachineId, known: DateTime<Utc>) -> Self {
        Self {
            machine,
            known,
            cuts: Vec::new(),
            accounts: Vec::new(),
            seen_at: None,
            skipped: 0,
            sources: Vec::new(),
            coverage: Vec::new(),
            requests: Vec::new(),
            cursor: None,
            file: None,
        }
    }
}
