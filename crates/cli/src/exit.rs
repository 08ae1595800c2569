//! How a command ends: its status, and what it says where it did not do what was asked.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use tidemark_api::view::MessageView;
pub use tidemark_api::view::whole_seconds as seconds;
use tidemark_core::account::BaseUrlError;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::pasted_key::mask_keys;
use tidemark_core::{Failure, FailureKind};

use crate::causes::Cause;
use crate::i18n::{Catalog, Language};

/// The exit statuses. Scripts rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The command did what was asked.
    Done = 0,
    /// Something asked for failed, wholly or in part.
    Failed = 1,
    /// The arguments are wrong.
    Usage = 2,
    /// The service refused the key.
    Refused = 3,
    /// Limited or overloaded: try later.
    Later = 4,
    /// The service or the network failed.
    Service = 5,
    /// An answer that could not be understood.
    NotUnderstood = 6,
    /// A limit that was asked about is passed.
    PastLimit = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// The status that a kind of failure ends a command with.
    #[must_use]
    pub const fn of(kind: FailureKind) -> Self {
        use FailureKind as K;
        match kind {
            K::Unauthorized | K::Forbidden | K::MembershipLapsed | K::ServerTokenRefused => Self::Refused,
            K::RateLimited | K::Overloaded | K::OutOfBalance | K::WindowExhausted => Self::Later,
            K::NotUnderstood => Self::NotUnderstood,
            K::KeyUnavailable => Self::Failed,
            K::NotFound
            | K::ServerError
            | K::GatewayTimeout
            | K::ContentFiltered
            | K::BadRequest
            | K::Network
            | K::Timeout
            | K::ServerNotRunning
            | K::Unknown => Self::Service,
        }
    }
}

impl Exit {
    /// The status that a failure ends a command with. A model or a program that is denied is no refused key.
    #[must_use]
    pub const fn of_failure(failure: &Failure) -> Self {
        match failure.kind {
            FailureKind::Forbidden if !failure.is_refusal() => Self::Service,
            kind => Self::of(kind),
        }
    }
}

/// Why a command ends early.
#[derive(Debug)]
pub enum CommandOutcome {
    /// The reader of the output has closed it; there is no one to report to.
    BrokenPipe,
    /// It did not work, and this is why.
    Error(CommandError),
}

/// What is said where a command did not do what was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandError {
    /// The status to end with.
    pub exit: Exit,
    /// A stable word for it: a failure's kind, or one of the interface's error codes.
    pub kind: Cow<'static, str>,
    /// What was expected, what was found and what to do, in English.
    pub message: String,
    /// The same in the catalogue, for people who read another language.
    pub words: Option<InWords>,
    /// What is known beyond the kind.
    pub details: Option<Box<Details>>,
    /// How long the service asked to wait.
    pub retry_after: Option<Duration>,
}

/// What is known of an error beyond its kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Details {
    /// The words of the service or the system, which are quoted.
    Said(String),
    /// What Tidemark says about it, which has its words in the catalogue.
    Cause(Cause),
}

/// A text of the catalogue with its values.
pub type InWords = (&'static str, Vec<(&'static str, String)>);

impl CommandError {
    /// An error whose message the catalogue has.
    pub fn said(exit: Exit, kind: &'static str, key: &'static str, values: &[(&'static str, &str)]) -> Self {
        let message = Catalog::new(Language::English).with_all(key, values);
        let values = values.iter().map(|(name, value)| (*name, mask_keys(value).into_owned())).collect();
        Self { words: Some((key, values)), ..Self::new(exit, kind, message) }
    }

    /// An error with its status, its word and its message. A key that was typed in a wrong place is not repeated.
    pub fn new(exit: Exit, kind: impl Into<Cow<'static, str>>, message: impl fmt::Display) -> Self {
        Self {
            exit,
            kind: kind.into(),
            message: mask_keys(&message.to_string()).into_owned(),
            words: None,
            details: None,
            retry_after: None,
        }
    }

    /// With the words of the service or the system.
    #[must_use]
    pub fn quoting(self, said: impl fmt::Display) -> Self {
        let said = mask_keys(&said.to_string()).into_owned();
        Self { details: (!said.is_empty()).then(|| Box::new(Details::Said(said))), ..self }
    }

    /// With what Tidemark says about it.
    #[must_use]
    pub fn because(self, cause: &FailureCause) -> Self {
        Self { details: Some(Box::new(Details::Cause(cause.into()))), ..self }
    }

    /// With what an agent answered beyond a kind: its own sentence without words, or else the words of the service or
    /// the system.
    #[must_use]
    pub fn answered(self, cause: Option<&MessageView>, said: Option<&str>) -> Self {
        match cause {
            Some(cause) => Self { details: Some(Box::new(Details::Cause(cause.into()))), ..self },
            None => self.quoting(said.unwrap_or_default()),
        }
    }

    /// Wrong usage that the grammar alone could not see.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// The document of the contract.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        json!({"error": {
            "kind": self.kind,
            "message": self.message,
            "retry_after_seconds": self.retry_after.map(seconds),
        }})
    }
}

impl From<BaseUrlError> for CommandError {
    fn from(error: BaseUrlError) -> Self {
        let other = match &error {
            BaseUrlError::OtherRegion { other, .. } => other.as_str(),
            BaseUrlError::OtherProduct { other, .. } => other.as_str(),
            _ => "",
        };
        let (key, found) = match &error {
            BaseUrlError::NotAUrl(found) => ("cli-base-url-no-url", found.as_str()),
            BaseUrlError::NotSecure(found) => ("cli-base-url-not-secure", found.as_str()),
            BaseUrlError::OtherRegion { host, .. } => ("cli-base-url-other-region", host.as_str()),
            BaseUrlError::OtherProduct { host, .. } => ("cli-base-url-other-product", host.as_str()),
            BaseUrlError::Decorated => ("cli-base-url-decorated", ""),
            BaseUrlError::HoldsKey => ("cli-base-url-key", ""),
        };
        Self::said(
            Exit::Usage,
            "bad-base-url",
            key,
            &[("found", found), ("region", other), ("source", other)],
        )
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        let error = Self {
            retry_after: failure.retry_after,
            ..Self::new(Exit::of_failure(&failure), failure.kind.as_str(), &failure.message)
        };
        match &failure.cause {
            Some(cause) => error.because(cause),
            None => error.quoting(failure.message),
        }
    }
}

impl From<io::Error> for CommandOutcome {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::BrokenPipe
        } else {
            Self::Error(CommandError::new(Exit::Failed, "io", &error).quoting(error))
        }
    }
}

impl<E: Into<CommandError>> From<E> for CommandOutcome {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_status() {
        let table = [
            ("unauthorized", 3),
            ("forbidden", 3),
            ("membership-lapsed", 3),
            ("rate-limited", 4),
            ("overloaded", 4),
            ("out-of-balance", 4),
            ("window-exhausted", 4),
            ("not-found", 5),
            ("server-error", 5),
            ("gateway-timeout", 5),
            ("content-filtered", 5),
            ("bad-request", 5),
            ("network", 5),
            ("timeout", 5),
            ("unknown", 5),
            ("not-understood", 6),
            ("key-unavailable", 1),
            ("server-not-running", 5),
            ("server-token-refused", 3),
        ];
        for (word, status) in table {
            let kind: FailureKind = word.parse().unwrap();
            assert_eq!(Exit::of(kind) as u8, status, "{word}");
        }
    }

    #[test]
    fn an_error_is_the_contract_s_document() {
        let mut failure = Failure::new(FailureKind::RateLimited, "too many");
        failure.retry_after = Some(Duration::from_millis(2500));
        assert_eq!(
            CommandError::from(failure).to_json().to_string(),
            r#"{"error":{"kind":"rate-limited","message":"too many","retry_after_seconds":3}}"#
        );
    }
}
