//! Asking an engine: typed requests over whatever carries them.

use std::path::Path;
use std::time::Duration;

use futures_util::Stream;
use hyper::body::Bytes;
use semver::Version;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

pub use crate::socket::SocketTransport;
pub use crate::transport::{Answering, ClientError, Request, Response, Transport};
use crate::view::{
    AgentInfo, ApiError, Event, ExportBegun, Import, Imported, MachineSync, MachinesSynced, Polled,
};

/// How long an answer may take: longer than the slowest thing but a poll, a key tried at two hosts.
const TIMEOUT: Duration = Duration::from_secs(75);
/// How long a poll of all accounts may take: four are asked at once, and a service that does not answer keeps each
/// of them waiting.
pub(crate) const POLL_TIMEOUT: Duration = Duration::from_mins(15);
/// How long an import may take: years of history are concluded from again.
const IMPORT_TIMEOUT: Duration = Duration::from_hours(1);
/// How long exchanges with all other machines may take: each has its own limit.
const SYNC_TIMEOUT: Duration = Duration::from_hours(2);
/// How long an agent that was asked to end may take.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(15);
/// How often it is checked whether it has.
const SHUTDOWN_POLL: Duration = Duration::from_millis(30);

/// Asks an engine. Over a socket it holds no connection: each request opens its own.
#[derive(Debug, Clone)]
pub struct Client<T = SocketTransport> {
    transport: T,
}

impl<T: Transport> Client<T> {
    /// A client over a transport.
    pub const fn new(transport: T) -> Self {
        Self { transport }
    }

    /// Sends a body that is JSON already, and hands back status and body as they came.
    ///
    /// # Errors
    /// If no answer came: [`ClientError::NotRunning`], [`ClientError::Denied`], [`ClientError::Broken`] or
    /// [`ClientError::Timeout`]. An answer with an error status is no error.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<Response, ClientError> {
        self.send(method, path, body, TIMEOUT).await
    }

    /// Polls every account, and waits for what comes of it.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn poll(&self) -> Result<Polled, ClientError> {
        let body = Zeroizing::new(b"{}".to_vec());
        understood(&self.send("POST", "/v1/poll", Some(body), POLL_TIMEOUT).await?)
    }

    /// Imports the lines of a file in the data folder, see [`Spool`](crate::import::Spool).
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn import(&self, file: &str) -> Result<Imported, ClientError> {
        let asked = Import { file: file.to_owned() };
        let bytes = serde_json::to_vec(&asked).map_err(|e| ClientError::NotUnderstood(e.to_string()))?;
        understood(&self.send("POST", "/v1/import", Some(Zeroizing::new(bytes)), IMPORT_TIMEOUT).await?)
    }

    /// Makes exchanges with other machines now; `None` makes all of them.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn sync_machines(&self, key: Option<String>) -> Result<MachinesSynced, ClientError> {
        let bytes = serde_json::to_vec(&MachineSync { key })
            .map_err(|e| ClientError::NotUnderstood(e.to_string()))?;
        understood(&self.send("POST", "/v1/machines/sync", Some(Zeroizing::new(bytes)), SYNC_TIMEOUT).await?)
    }

    /// Has all logs read, and this machine ready to give its records away.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn begin_export(&self) -> Result<ExportBegun, ClientError> {
        let body = Zeroizing::new(b"{}".to_vec());
        understood(&self.send("POST", "/v1/machines/export", Some(body), IMPORT_TIMEOUT).await?)
    }

    /// Has all logs read now.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn scan_logs(&self) -> Result<(), ClientError> {
        let body = Zeroizing::new(b"{}".to_vec());
        understood(&self.send("POST", "/v1/usage/scan", Some(body), IMPORT_TIMEOUT).await?)
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Zeroizing<Vec<u8>>>,
        timeout: Duration,
    ) -> Result<Response, ClientError> {
        let (method, path) = (method.to_owned(), path.to_owned());
        self.transport.send(Request { method, path, body, timeout }).await
    }

    /// Asks for a value.
    ///
    /// # Errors
    /// As [`Client::request`]; [`ClientError::Refused`] if the answer is an error of the engine's,
    /// [`ClientError::NotUnderstood`] if it cannot be parsed.
    pub async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, ClientError> {
        understood(&self.request("GET", path, None).await?)
    }

    /// Asks for something to be done, and for what came of it. The body is written out once and cleared from
    /// memory when it has been sent.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn send_json<B: Serialize, A: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &B,
    ) -> Result<A, ClientError> {
        let bytes = serde_json::to_vec(body).map_err(|e| ClientError::NotUnderstood(e.to_string()))?;
        understood(&self.request(method, path, Some(Zeroizing::new(bytes))).await?)
    }
}

impl Client<SocketTransport> {
    /// A client of the agent of a data folder.
    #[must_use]
    pub fn for_data_dir(data_dir: &Path) -> Self {
        Self::new(SocketTransport::for_data_dir(data_dir))
    }

    /// Whether an agent answers on the socket.
    pub async fn is_running(&self) -> bool {
        self.transport.is_open().await
    }

    /// See [`SocketTransport::download`].
    ///
    /// # Errors
    /// As [`SocketTransport::download`].
    pub async fn download(
        &self,
        path: &str,
    ) -> Result<(u16, impl Stream<Item = Result<Bytes, ClientError>> + Unpin + use<>), ClientError> {
        self.transport.download(path).await
    }

    /// See [`SocketTransport::events`].
    ///
    /// # Errors
    /// As [`SocketTransport::events`].
    pub async fn events(
        &self,
    ) -> Result<impl Stream<Item = Result<Event, ClientError>> + use<>, ClientError> {
        self.transport.events().await
    }

    /// The version of the agent that runs.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn agent_version(&self) -> Result<String, ClientError> {
        match self.get::<AgentInfo>("/v1/agent").await {
            Ok(info) => Ok(info.version),
            // Version 0.1 says it in the overview only.
            Err(ClientError::Refused(ApiError { code, .. })) if code == NO_SUCH_ROUTE => {
                Ok(self.get::<VersionOfOverview>("/v1/overview").await?.agent.version)
            }
            Err(error) => Err(error),
        }
    }

    /// Ends the agent that runs where it is older than this program, and waits until it has. Windows that are
    /// open stay and wait for the next agent; those of version 0.1 close with theirs. Says whether it did.
    ///
    /// # Errors
    /// As [`Client::get`]; [`ClientError::Timeout`] if the agent did not end in time.
    pub async fn end_if_older(&self) -> Result<bool, ClientError> {
        let version = match self.agent_version().await {
            Ok(version) => version,
            Err(ClientError::NotRunning(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        if !is_older(&version) {
            return Ok(false);
        }
        self.end().await?;
        Ok(true)
    }

    /// Ends the agent that runs, and waits until it has. Windows that are open stay and wait for the next agent; those
    /// of version 0.1 close with theirs.
    ///
    /// # Errors
    /// As [`Client::get`]; [`ClientError::Timeout`] if the agent did not end in time.
    pub async fn end(&self) -> Result<(), ClientError> {
        match self.send_json::<_, Value>("POST", "/v1/end", &()).await {
            Err(ClientError::Refused(ApiError { code, .. })) if code == NO_SUCH_ROUTE => {
                self.send_json::<_, Value>("POST", "/v1/quit", &()).await.map(drop)
            }
            other => other.map(drop),
        }
        .or_else(|error| match error {
            // It may be gone before its answer is.
            ClientError::Broken(_) | ClientError::NotRunning(_) => Ok(()),
            error => Err(error),
        })?;
        let ended = async {
            while self.is_running().await {
                tokio::time::sleep(SHUTDOWN_POLL).await;
            }
        };
        tokio::time::timeout(SHUTDOWN_TIMEOUT, ended)
            .await
            .map_err(|_| ClientError::Timeout(SHUTDOWN_TIMEOUT))
    }
}

/// The word with which an agent answers what it does not know yet.
const NO_SUCH_ROUTE: &str = "no-such-route";

/// Of an overview, what every version has.
#[derive(serde::Deserialize)]
struct VersionOfOverview {
    agent: VersionOfAgent,
}

#[derive(serde::Deserialize)]
struct VersionOfAgent {
    version: String,
}

/// Whether a version is older than this program's. Text that is no version is not older.
fn is_older(version: &str) -> bool {
    match (Version::parse(version), Version::parse(env!("CARGO_PKG_VERSION"))) {
        (Ok(theirs), Ok(ours)) => theirs < ours,
        _ => false,
    }
}

fn understood<T: DeserializeOwned>(response: &Response) -> Result<T, ClientError> {
    // Nothing is a value too.
    let body = if response.body.is_empty() { b"null" } else { response.body.as_slice() };
    if (200..300).contains(&response.status) {
        return serde_json::from_slice(body).map_err(|e| ClientError::NotUnderstood(e.to_string()));
    }
    match serde_json::from_slice::<ApiError>(body) {
        Ok(error) => Err(ClientError::Refused(error)),
        Err(_) => Err(ClientError::NotUnderstood(format!("status {}", response.status))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_versions() {
        let own = env!("CARGO_PKG_VERSION");
        for (version, older) in
            [("0.0.9", true), (own, false), ("999.0.0", false), ("0.0.10", true), ("", false), ("x", false)]
        {
            assert_eq!(is_older(version), older, "{version}");
        }
    }
}
