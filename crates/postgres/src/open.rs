//! Connecting.

use secrecy::{ExposeSecret as _, SecretString};
use tidemark_core::text;
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_util::task::AbortOnDropHandle;

use crate::tls::Secret;
use crate::url::DatabaseUrl;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No server answers there: the system's words.
    #[error("no PostgreSQL server answers: {0}")]
    Unreachable(String),
    /// The server offers no encryption, and is not on this machine.
    #[error("the PostgreSQL server on another machine offers no encryption")]
    NotSecret,
    /// The connection cannot be made secret: the certificate's verifier's words.
    #[error("the connection to the PostgreSQL server cannot be made secret: {0}")]
    Tls(String),
    /// The server refused.
    #[error(transparent)]
    Server(#[from] tokio_postgres::Error),
}

/// A connection. It ends when it is dropped.
pub struct Connection {
    /// What asks.
    pub client: Client,
    _driver: AbortOnDropHandle<()>,
}

/// Connects. It has no time limit of its own: whoever calls it has one.
///
/// # Errors
/// [`OpenError`], by case. None has the password in it.
pub async fn open(url: &DatabaseUrl, password: Option<&SecretString>) -> Result<Connection, OpenError> {
    let mut config = Config::new();
    config.user(url.user()).dbname(url.database()).application_name("tidemark");
    if let Some(password) = password {
        config.password(password.expose_secret());
    }
    let unreachable = |error: std::io::Error| OpenError::Unreachable(text::sentence(&error.to_string()));
    if let Some(folder) = url.socket_folder() {
        #[cfg(unix)]
        {
            let path = std::path::Path::new(&folder).join(format!(".s.PGSQL.{}", url.port()));
            let stream = tokio::net::UnixStream::connect(path).await.map_err(unreachable)?;
            config.ssl_mode(SslMode::Disable);
            let (client, driver) = config.connect_raw(stream, NoTls).await?;
            return Ok(Connection { client, _driver: driven(driver) });
        }
        #[cfg(not(unix))]
        return Err(OpenError::Unreachable(folder));
    }
    let host = url.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let stream = TcpStream::connect((host.as_str(), url.port())).await.map_err(unreachable)?;
    // Certificates of servers on this machine are rarely ones that can be verified, and nothing leaves it.
    if url.is_local() {
        config.ssl_mode(SslMode::Disable);
        let (client, driver) = config.connect_raw(stream, NoTls).await?;
        return Ok(Connection { client, _driver: driven(driver) });
    }
    config.ssl_mode(SslMode::Require);
    let secret = Secret::to(&host).map_err(OpenError::Tls)?;
    let (client, driver) = config.connect_raw(stream, secret).await.map_err(not_secret)?;
    Ok(Connection { client, _driver: driven(driver) })
}

/// An error of a connection that has to be secret. The client has no kinds for it, only words.
fn not_secret(error: tokio_postgres::Error) -> OpenError {
    if error.to_string() != "error performing TLS handshake" {
        return error.into();
    }
    let said = said(&error);
    if said.contains("does not support TLS") { OpenError::NotSecret } else { OpenError::Tls(said) }
}

/// What the server said of an error; else the client's words, with those of the system behind them.
#[must_use]
pub fn said(error: &tokio_postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return text::sentence(said.message());
    }
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(why) = source {
        words.push_str(": ");
        words.push_str(&why.to_string());
        source = why.source();
    }
    text::sentence(&words)
}

fn driven<S, T>(driver: tokio_postgres::Connection<S, T>) -> AbortOnDropHandle<()>
where
    tokio_postgres::Connection<S, T>: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    AbortOnDropHandle::new(tokio::spawn(async move {
        if let Err(error) = driver.await {
            tracing::debug!(%error, "a connection to PostgreSQL ended");
        }
    }))
}
