//! What the window's code gets when something fails: a stable code that it has a text for, and details.

use serde::Serialize;
use tidemark_api::client::ClientError;

use crate::external_links::OpenError;
use crate::sidecar::StartError;

/// A failure as the page gets it; the same shape as the agent's own errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    /// A stable word, such as `agent-unreachable`.
    pub code: &'static str,
    /// Details in English.
    pub message: String,
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let code = match error {
            ClientError::NotRunning(_)
            | ClientError::Denied(_)
            | ClientError::NotOurs(_)
            | ClientError::Broken(_)
            | ClientError::Timeout(_) => "agent-unreachable",
            // Window and agent are then of different versions, and the code's text says so.
            ClientError::Refused(_) | ClientError::NotUnderstood(_) => "bad-request",
        };
        Failure { code, message: error.to_string() }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let code = match error {
            StartError::Missing(_) => "agent-missing",
            StartError::NotStarted { .. } | StartError::Ended { .. } | StartError::Silent { .. } => {
                "agent-failed"
            }
        };
        Failure { code, message: error.to_string() }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Failure { code: "not-opened", message: error.to_string() }
    }
}
