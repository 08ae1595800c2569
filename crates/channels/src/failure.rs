//! Why a message was not delivered.

use std::fmt;
use std::time::Duration;

use tidemark_core::text;

/// What kind of failure it is. The faces have a text for each word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureCode {
    /// The address is none, or not one that messages go to.
    BadAddress,
    /// It is, or resolves to, an address of a private network or of this machine.
    PrivateAddress,
    /// There is no answer.
    NoAnswer,
    /// It answers with a redirect, which is not followed.
    Redirected,
    /// It says that too much was sent.
    RateLimited,
    /// It has trouble of its own.
    ServiceTrouble,
    /// It does not know the key, the hook or the signature.
    KeyRefused,
    /// It refuses the message.
    Refused,
    /// Its answer cannot be understood.
    NotUnderstood,
    /// The program did not start, or ended with a failure.
    ProgramFailed,
    /// The channel's key cannot be read from where it is kept.
    KeyMissing,
}

impl FailureCode {
    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadAddress => "bad-address",
            Self::PrivateAddress => "private-address",
            Self::NoAnswer => "no-answer",
            Self::Redirected => "redirected",
            Self::RateLimited => "rate-limited",
            Self::ServiceTrouble => "service-trouble",
            Self::KeyRefused => "key-refused",
            Self::Refused => "refused",
            Self::NotUnderstood => "not-understood",
            Self::ProgramFailed => "program-failed",
            Self::KeyMissing => "key-missing",
        }
    }

    /// Whether trying again without a change by the user is of no use.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        matches!(
            self,
            Self::BadAddress | Self::PrivateAddress | Self::Redirected | Self::KeyRefused | Self::Refused
        )
    }
}

/// Why a message was not delivered, and when to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFailure {
    /// What kind of failure it is.
    pub code: FailureCode,
    /// What the service, the system or the program said; cleaned, bounded, without the channel's keys.
    pub said: Option<String>,
    /// How long the service asks to wait.
    pub wait: Option<Duration>,
}

impl DeliveryFailure {
    /// A failure of a kind.
    #[must_use]
    pub const fn new(code: FailureCode) -> Self {
        Self { code, said: None, wait: None }
    }

    /// With what was said.
    #[must_use]
    pub fn saying(self, said: &str) -> Self {
        let said = text::sentence(said);
        Self { said: (!said.trim().is_empty()).then_some(said), ..self }
    }

    /// With how long to wait.
    #[must_use]
    pub(crate) fn waiting(self, wait: Option<Duration>) -> Self {
        Self { wait, ..self }
    }
}

impl From<FailureCode> for DeliveryFailure {
    fn from(code: FailureCode) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for DeliveryFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        self.said.as_ref().map_or(Ok(()), |said| write!(f, ": {said}"))
    }
}

impl std::error::Error for DeliveryFailure {}
