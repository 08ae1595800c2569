//! How receiving and reading other programs' usage goes.

use std::net::SocketAddr;

use chrono::{DateTime, Utc};
use tidemark_core::text;

/// How receiving and reading other programs' usage goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntakeState {
    /// Whether it goes on in this process: only the agent does it.
    pub running: bool,
    /// OTLP metrics.
    pub otlp: OtlpState,
    /// LiteLLM's spend logs.
    pub litellm: LiteLlmState,
}

/// How receiving metrics goes, since the receiver was started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtlpState {
    /// Where it listens; `None` while it does not.
    pub listening: Option<SocketAddr>,
    /// Why it does not, or why what was received could not be kept.
    pub problem: Option<IntakeProblem>,
    /// When an export last came.
    pub received_at: Option<DateTime<Utc>>,
    /// Exports that were read.
    pub exports: u64,
    /// Exports that could not be read, were too large, or came from a web page.
    pub refused_exports: u64,
    /// What was counted and what was not.
    pub tally: IntakeTally,
}

/// How reading the spend logs goes, since it was started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiteLlmState {
    /// Why the table could not be read the last time.
    pub problem: Option<IntakeProblem>,
    /// When all that was new was last read.
    pub read_at: Option<DateTime<Utc>>,
    /// What was counted and what was not.
    pub tally: IntakeTally,
}

/// What was counted and what was not: points of metrics, or rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IntakeTally {
    /// Requests, or spans of them, that were counted.
    pub counted: u64,
    /// Those that are not counted because a log has them.
    pub in_logs: u64,
    /// Those of other models and providers.
    pub not_kimi: u64,
    /// Those that make no sense.
    pub refused: u64,
}

/// Why something cannot be received or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeProblem {
    /// A stable word: `port-taken`, `listen`; `unreachable`, `timeout`, `refused`, `not-secret`, `no-table`, `failed`,
    /// `password`; `store`.
    pub code: &'static str,
    /// What the system or the server said, in its own words.
    pub said: Option<String>,
    /// When it began.
    pub since: DateTime<Utc>,
}

impl IntakeProblem {
    pub(super) fn new(code: &'static str, said: Option<&str>, since: DateTime<Utc>) -> Self {
        Self { code, said: said.map(text::sentence), since }
    }

    /// The same problem goes on: it began when it did.
    pub(super) fn after(self, before: Option<&Self>) -> Self {
        match before.filter(|before| before.code == self.code) {
            Some(before) => Self { since: before.since, ..self },
            None => self,
        }
    }
}
