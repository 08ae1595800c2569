//! Failures: why a poll of an account did not give a reading.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::account::{ParseEnumError, string_enum};
use crate::failure_cause::FailureCause;
pub use crate::limit::Limit;
use crate::meter::Meter;

/// The kinds of failure. The words are stable: the command line prints them and the window matches them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// A rate limit was hit; see [`Failure::limit`].
    RateLimited,
    /// The service is overloaded; not the caller's doing.
    Overloaded,
    /// The account's money is used up, or the account is suspended for it.
    OutOfBalance,
    /// A quota window is used up; see [`Failure::meter`].
    WindowExhausted,
    /// The membership could not be verified, or has ended.
    MembershipLapsed,
    /// The service refused the key.
    Unauthorized,
    /// The key is good but may not do this.
    Forbidden,
    /// The route, or the model, does not exist.
    NotFound,
    /// The service answered with a fault of its own (5xx).
    ServerError,
    /// A gateway in front of the service gave up waiting.
    GatewayTimeout,
    /// The service rejected the request's content.
    ContentFiltered,
    /// The service found the request malformed.
    BadRequest,
    /// The service could not be reached: name, route, connection or TLS.
    Network,
    /// It did not answer in time.
    Timeout,
    /// It answered with something that could not be understood: HTML, a cut-off or too large body, a redirect.
    NotUnderstood,
    /// The key could not be had: keyring absent, locked, denied, variable unset, login stale.
    KeyUnavailable,
    /// The server of Kimi Code on this machine is not running. Nothing is wrong with the account.
    ServerNotRunning,
    /// The server of Kimi Code on this machine does not accept the token that it left in its file. The account's login
    /// is another matter.
    ServerTokenRefused,
    /// A status that fits nothing above.
    Unknown,
}

string_enum!(
    FailureKind, "the word of a kind of failure, such as server-error",
    FailureKind::RateLimited => "rate-limited",
    FailureKind::Overloaded => "overloaded",
    FailureKind::OutOfBalance => "out-of-balance",
    FailureKind::WindowExhausted => "window-exhausted",
    FailureKind::MembershipLapsed => "membership-lapsed",
    FailureKind::Unauthorized => "unauthorized",
    FailureKind::Forbidden => "forbidden",
    FailureKind::NotFound => "not-found",
    FailureKind::ServerError => "server-error",
    FailureKind::GatewayTimeout => "gateway-timeout",
    FailureKind::ContentFiltered => "content-filtered",
    FailureKind::BadRequest => "bad-request",
    FailureKind::Network => "network",
    FailureKind::Timeout => "timeout",
    FailureKind::NotUnderstood => "not-understood",
    FailureKind::KeyUnavailable => "key-unavailable",
    FailureKind::ServerNotRunning => "server-not-running",
    FailureKind::ServerTokenRefused => "server-token-refused",
    FailureKind::Unknown => "unknown",
);

/// Who the limit of a failed request applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitScope {
    /// The account (the organisation).
    Account,
    /// A project inside the account.
    Project,
    /// Everyone: the service is overloaded.
    Service,
}

string_enum!(
    LimitScope, "account, project or service",
    LimitScope::Account => "account",
    LimitScope::Project => "project",
    LimitScope::Service => "service",
);

/// What a [`FailureKind::Forbidden`] denies, where the service says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denied {
    /// A model, or a size of it, that the plan does not include. The key is good, and so is the account.
    Model,
    /// The program that asked. The key is good, and so is the account.
    Client,
    /// The account itself: it is suspended.
    Account,
}

string_enum!(
    Denied, "model, client or account",
    Denied::Model => "model",
    Denied::Client => "client",
    Denied::Account => "account",
);

/// After so many answers in a row that it could not be verified, a membership counts as lapsed. The service asks to
/// retry first: one such answer may be its own trouble.
pub const LAPSED_AFTER: u32 = 3;

/// Why a call did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What happened, in English, with keys and account numbers taken out: for logs and details, not for matching.
    /// Without a [`cause`](Self::cause) these are the words of the service.
    pub message: String,
    /// The same without words, where it is Tidemark that says it: people read it in their own language.
    pub cause: Option<Box<FailureCause>>,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// How long the service asked to wait.
    pub retry_after: Option<Duration>,
    /// Which rate limit, where it was one and the service said which.
    pub limit: Option<Limit>,
    /// The figure that the service gave as reached.
    pub current: Option<u64>,
    /// The figure that the service gave as the limit.
    pub limit_value: Option<u64>,
    /// Who that limit applies to, if the service said so.
    pub whose: Option<LimitScope>,
    /// Which quota window, for [`FailureKind::WindowExhausted`].
    pub meter: Option<Meter>,
    /// What is denied, for [`FailureKind::Forbidden`], or for a model that there is not, where the service said it.
    pub denied: Option<Denied>,
}

impl Failure {
    /// A failure of a kind, with its message and nothing else known.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            cause: None,
            status: None,
            retry_after: None,
            limit: None,
            current: None,
            limit_value: None,
            whose: None,
            meter: None,
            denied: None,
        }
    }

    /// The failure with what Tidemark itself has to say about it.
    #[must_use]
    pub fn with_cause(self, cause: FailureCause) -> Self {
        Self { cause: Some(Box::new(cause)), ..self }
    }

    /// Whether the key or its account is at fault, so that asking again with it is pointless. A model or a program
    /// that is denied says nothing of either.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        match self.kind {
            FailureKind::Unauthorized => true,
            FailureKind::Forbidden => matches!(self.denied, None | Some(Denied::Account)),
            _ => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for Failure {}

/// A poll of an account that failed, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedPoll {
    /// When the poll failed.
    pub at: DateTime<Utc>,
    /// Why the poll failed.
    pub failure: Failure,
}
