//! Connecting to PostgreSQL so that nothing can be written, and nothing hangs.

use std::time::Duration;

use secrecy::SecretString;
use tidemark_postgres::{Connection, DatabaseUrl, OpenError, open, said};
use tokio_postgres::error::SqlState;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What every connection begins with. The server keeps to it, whatever is asked.
const READ_ONLY: &str = "SET default_transaction_read_only = on; SET statement_timeout = '20s'; \
    SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '30s'";

/// Why the table could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// No server answers there.
    #[error("no PostgreSQL server answers: {0}")]
    Unreachable(String),
    /// The server did not answer in time.
    #[error("the PostgreSQL server did not answer in time")]
    Timeout,
    /// User or password are wrong, or may not connect from here.
    #[error("the PostgreSQL server refused the user or the password: {0}")]
    Refused(String),
    /// The server offers no encryption, and is not on this machine.
    #[error("the PostgreSQL server on another machine offers no encryption")]
    NotSecret,
    /// There is no such database, table, or column.
    #[error("the database has no table LiteLLM_SpendLogs that can be read: {0}")]
    NoTable(String),
    /// Anything else.
    #[error("the PostgreSQL server failed: {0}")]
    Failed(String),
}

impl DatabaseError {
    /// A stable word: `unreachable`, `timeout`, `refused`, `not-secret`, `no-table` or `failed`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Timeout => "timeout",
            Self::Refused(_) => "refused",
            Self::NotSecret => "not-secret",
            Self::NoTable(_) => "no-table",
            Self::Failed(_) => "failed",
        }
    }

    /// What the server or the system said, in its own words.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Unreachable(said) | Self::Refused(said) | Self::NoTable(said) | Self::Failed(said) => {
                Some(said)
            }
            Self::Timeout | Self::NotSecret => None,
        }
    }
}

impl From<OpenError> for DatabaseError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unreachable(said) => Self::Unreachable(said),
            OpenError::NotSecret => Self::NotSecret,
            OpenError::Tls(said) => Self::Failed(said),
            OpenError::Server(error) => error.into(),
        }
    }
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        let said = said(&error);
        let Some(code) = error.code() else {
            return Self::Failed(said);
        };
        // The class of a state is its first two signs: 28 is authorisation, 3D a database that is not there.
        match code.code().get(..2) {
            Some("28") => Self::Refused(said),
            Some("3D") => Self::NoTable(said),
            _ if *code == SqlState::UNDEFINED_TABLE
                || *code == SqlState::UNDEFINED_COLUMN
                || *code == SqlState::INSUFFICIENT_PRIVILEGE =>
            {
                Self::NoTable(said)
            }
            _ if *code == SqlState::QUERY_CANCELED => Self::Timeout,
            _ => Self::Failed(said),
        }
    }
}

/// Connects.
///
/// # Errors
/// Any [`DatabaseError`] but [`DatabaseError::NoTable`] of a table.
pub(super) async fn connect(
    url: &DatabaseUrl,
    password: Option<&SecretString>,
) -> Result<Connection, DatabaseError> {
    let connecting = async {
        let connection = open(url, password).await?;
        connection.client.batch_execute(READ_ONLY).await?;
        Ok(connection)
    };
    tokio::time::timeout(CONNECT_TIMEOUT, connecting).await.unwrap_or(Err(DatabaseError::Timeout))
}
