//! What other programs say of their usage: whether it is taken in, and how that goes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What other programs say of their usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Intake {
    /// Whether an agent runs, which alone receives and reads.
    pub running: bool,
    /// OTLP metrics.
    pub otlp: IntakeOtlp,
    /// LiteLLM's spend logs.
    pub litellm: IntakeLiteLlm,
}

/// OTLP metrics, which programs on this machine send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IntakeOtlp {
    /// The loopback address that the settings name; `null` where nothing is received.
    pub listen: Option<String>,
    /// Where it listens now.
    pub listening: Option<String>,
    /// What is wrong.
    pub problem: Option<IntakeProblem>,
    /// When an export last came, since the agent was started.
    pub received_at: Option<DateTime<Utc>>,
    /// Exports that were read since then.
    pub exports: u64,
    /// Exports that could not be read, were too large, or came from a web page.
    pub refused_exports: u64,
    /// What was counted and what was not.
    pub tally: IntakeTally,
}

/// The spend logs of a LiteLLM proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IntakeLiteLlm {
    /// The address of the database; `null` where none is read.
    pub url: Option<String>,
    /// The name of the variable that holds the password.
    pub password_env: Option<String>,
    /// What is wrong.
    pub problem: Option<IntakeProblem>,
    /// When all that was new was last read, since the agent was started.
    pub read_at: Option<DateTime<Utc>>,
    /// What was counted and what was not.
    pub tally: IntakeTally,
}

/// What was counted and what was not, since the agent was started: points of metrics, or rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IntakeProblem {
    /// `port-taken`, `listen`, `unreachable`, `timeout`, `refused`, `not-secret`, `no-table`, `failed`, `password` or
    /// `store`. The messages in the catalogues are `intake-problem-` and the code.
    pub code: String,
    /// What the system or the server said, in its own words.
    pub said: Option<String>,
    /// When it began.
    pub since: DateTime<Utc>,
}

/// Turns something on or off. What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct IntakeChange {
    /// OTLP metrics.
    pub otlp: Option<IntakeOtlpChange>,
    /// LiteLLM's spend logs.
    pub litellm: Option<IntakeLiteLlmChange>,
}

/// Whether and where metrics are received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IntakeOtlpChange {
    /// A loopback address with a port; `null` receives none.
    pub listen: Option<String>,
}

/// Whether and where spend logs are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IntakeLiteLlmChange {
    /// The address of the database, without a password; `null` reads none.
    pub url: Option<String>,
    /// The name of the variable that holds the password, where the server asks for one.
    #[serde(default)]
    pub password_env: Option<String>,
}
