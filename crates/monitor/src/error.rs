//! Why the engine could not be opened, or did not do as asked.

use tidemark_store::StoreError;

use crate::lock::LockError;
use crate::settings::SettingsError;
use crate::store_handle::StoreHandleError;

/// Why an engine could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder is held by another, or cannot be made.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The history cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the engine did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no such account (any more).
    #[error("no such account")]
    NoSuchAccount,
    /// The store failed, or is closed.
    #[error(transparent)]
    StoreHandle(#[from] StoreHandleError),
    /// The settings make no sense.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The key could not be kept or had.
    #[error(transparent)]
    Vault(#[from] tidemark_vault::VaultError),
    /// The key does not work.
    #[error("the key does not work: {0}")]
    KeyTest(Box<tidemark_core::Failure>),
    /// The base URL was refused.
    #[error(transparent)]
    BaseUrl(#[from] tidemark_core::account::BaseUrlError),
    /// A key that was not typed for it would go to another address than the service's.
    #[error(
        "the key is not sent to {host}: a login or a variable goes only to the service that it belongs to"
    )]
    ForeignAddress {
        /// The host that it would go to.
        host: String,
    },
    /// The name cannot be an account's.
    #[error(transparent)]
    Name(#[from] tidemark_core::text::NameError),
    /// Another account has that name.
    #[error("another account is named `{0}`")]
    NameTaken(String),
    /// A machine cannot have this name: a selection by machine means all machines, or this one, by it.
    #[error("the name `{0}` is reserved")]
    NameReserved(String),
    /// It was polled a moment ago, and nothing is known of that.
    #[error("checked moments ago; wait a few seconds, then try again")]
    JustNow,
    /// There is no such machine or exchange (any more).
    #[error("no such machine")]
    NoSuchMachine,
    /// An exchange with another machine failed, or cannot be set up.
    #[error("the exchange failed: {0}")]
    Exchange(#[from] tidemark_machines::Problem),
    /// The host or the command of another machine is none.
    #[error(transparent)]
    Target(#[from] tidemark_machines::ssh::TargetError),
    /// A channel has something missing or wrong.
    #[error(transparent)]
    Channel(tidemark_channels::ChannelError),
    /// There is no such channel (any more).
    #[error("no such channel")]
    NoSuchChannel,
    /// A message did not arrive.
    #[error("the message was not delivered: {0}")]
    Delivery(tidemark_channels::DeliveryFailure),
    /// The input is not usable.
    #[error("{0}")]
    Input(String),
    /// A fault of the program.
    #[error("an internal error occurred in Tidemark")]
    Internal,
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::StoreHandle(StoreHandleError::Store(error))
    }
}
