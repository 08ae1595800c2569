//! What is wrong with a channel.

/// What is wrong with a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// There is no address.
    #[error("the address is missing")]
    AddressMissing,
    /// The address is none for messages.
    #[error("the address must be https, without a user name or password in it")]
    AddressBad,
    /// The address is a private one.
    #[error("the address is of a private network or of this machine")]
    AddressPrivate,
    /// The secret is missing: a bot's token.
    #[error("the token is missing")]
    SecretMissing,
    /// The address is another one, and the secret that was kept would go there.
    #[error("the address is another one: the token or password for it is missing")]
    SecretAgain,
    /// Who gets it is missing or none.
    #[error("the recipient is missing, or is none")]
    To,
    /// The sender is missing or none.
    #[error("the sender is missing, or is no mail address")]
    From,
    /// The program is missing, or is not named by an absolute path.
    #[error("the program must be named by its absolute path")]
    Program,
}

impl ChannelError {
    /// A stable word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AddressMissing => "channel-address-missing",
            Self::AddressBad => "channel-address-bad",
            Self::AddressPrivate => "channel-address-private",
            Self::SecretMissing => "channel-secret-missing",
            Self::SecretAgain => "channel-secret-again",
            Self::To => "channel-to",
            Self::From => "channel-from",
            Self::Program => "channel-program",
        }
    }
}
