//! The other end of the line: asking a running agent.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::paths;
use crate::view::{ApiError, Event};

/// Longer than the engine takes for the slowest thing it is asked, a key tried at two hosts.
const TIMEOUT: Duration = Duration::from_secs(75);
/// The largest answer that is accepted: five years of hourly history stay below.
const LARGEST_ANSWER: usize = 64 << 20;

/// A line to the agent of one data folder. It holds no connection: each request opens its own.
#[derive(Debug, Clone)]
pub struct Client {
    data_dir: PathBuf,
}

/// Why the agent did not answer as asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No agent runs for this data folder.
    #[error("no Tidemark agent is running for {}", .0.display())]
    NotRunning(PathBuf),
    /// The interface belongs to someone else.
    #[error("this user may not open the agent's interface at {}", .0.display())]
    Denied(PathBuf),
    /// The connection broke.
    #[error("the connection to the agent broke: {0}")]
    Broken(String),
    /// It did not answer in time.
    #[error("the agent did not answer within {} seconds", .0.as_secs())]
    Timeout(Duration),
    /// It answered, and refused.
    #[error("{}", .0.message)]
    Refused(ApiError),
    /// It answered with something else than was expected: an agent of another version.
    #[error("the agent's answer was not understood ({0}); it may be another version")]
    NotUnderstood(String),
}

impl Client {
    /// A line to the agent of a data folder.
    #[must_use]
    pub fn for_data_dir(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_path_buf() }
    }

    /// Whether an agent answers.
    pub async fn is_running(&self) -> bool {
        self.connect().await.is_ok()
    }

    /// Asks, and hands back status and body as they came. An empty body is `null`.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), ClientError> {
        let ask = async {
            let response = self.send(method, path, "application/json", body).await?;
            let status = response.status().as_u16();
            let bytes = http_body_util::Limited::new(response.into_body(), LARGEST_ANSWER)
                .collect()
                .await
                .map_err(|e| ClientError::Broken(e.to_string()))?
                .to_bytes();
            let value = if bytes.is_empty() {
                Value::Null
            } else {
                serde_json::from_slice(&bytes).map_err(|e| ClientError::NotUnderstood(e.to_string()))?
            };
            Ok((status, value))
        };
        tokio::time::timeout(TIMEOUT, ask).await.unwrap_or(Err(ClientError::Timeout(TIMEOUT)))
    }

    /// Asks for a value.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        understood(self.request("GET", path, None).await?)
    }

    /// Asks for something to be done, and for what came of it.
    pub async fn send_json<B: Serialize, T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &B,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_value(body).map_err(|e| ClientError::NotUnderstood(e.to_string()))?;
        understood(self.request(method, path, Some(&body)).await?)
    }

    /// Asks for a file: its status, and its bytes as they come. There is no bound on how long it may take.
    pub async fn download(
        &self,
        path: &str,
    ) -> Result<(u16, impl Stream<Item = Result<Bytes, ClientError>> + Unpin + use<>), ClientError> {
        let response = self.send("GET", path, "*/*", None).await?;
        let status = response.status().as_u16();
        let bytes = http_body_util::BodyStream::new(response.into_body()).filter_map(|frame| {
            std::future::ready(match frame {
                Ok(frame) => frame.into_data().ok().map(Ok),
                Err(error) => Some(Err(ClientError::Broken(error.to_string()))),
            })
        });
        Ok((status, bytes))
    }

    /// Listens. The stream ends, after an error, when the agent goes away.
    pub async fn events(
        &self,
    ) -> Result<impl Stream<Item = Result<Event, ClientError>> + use<>, ClientError> {
        let response = self.send("GET", "/v1/events", "text/event-stream", None).await?;
        if !response.status().is_success() {
            return Err(ClientError::NotUnderstood(format!("status {}", response.status())));
        }
        Ok(event_stream(response.into_body()))
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        accept: &str,
        body: Option<&Value>,
    ) -> Result<Response<Incoming>, ClientError> {
        let method =
            Method::from_bytes(method.as_bytes()).map_err(|e| ClientError::NotUnderstood(e.to_string()))?;
        let bytes = match body {
            Some(value) => {
                serde_json::to_vec(value).map_err(|e| ClientError::NotUnderstood(e.to_string()))?
            }
            None => Vec::new(),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "tidemark")
            .header(ACCEPT, accept)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(bytes)))
            .map_err(|e| ClientError::NotUnderstood(e.to_string()))?;
        let stream = self.connect().await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| ClientError::Broken(e.to_string()))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection to the agent ended");
            }
        });
        sender.send_request(request).await.map_err(|e| ClientError::Broken(e.to_string()))
    }

    #[cfg(unix)]
    async fn connect(&self) -> Result<tokio::net::UnixStream, ClientError> {
        let path = paths::socket(&self.data_dir);
        tokio::net::UnixStream::connect(&path).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused => {
                ClientError::NotRunning(self.data_dir.clone())
            }
            std::io::ErrorKind::PermissionDenied => ClientError::Denied(path),
            _ => ClientError::Broken(error.to_string()),
        })
    }

    #[cfg(windows)]
    async fn connect(&self) -> Result<tokio::net::windows::named_pipe::NamedPipeClient, ClientError> {
        /// `ERROR_PIPE_BUSY`: all instances are taken for the moment.
        const PIPE_BUSY: i32 = 231;
        let name = paths::pipe(&self.data_dir);
        for _ in 0..50 {
            match tokio::net::windows::named_pipe::ClientOptions::new().open(&name) {
                Ok(client) => return Ok(client),
                Err(error) if error.raw_os_error() == Some(PIPE_BUSY) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(error) => {
                    return Err(match error.kind() {
                        std::io::ErrorKind::NotFound => ClientError::NotRunning(self.data_dir.clone()),
                        std::io::ErrorKind::PermissionDenied => ClientError::Denied(PathBuf::from(name)),
                        _ => ClientError::Broken(error.to_string()),
                    });
                }
            }
        }
        Err(ClientError::Broken("the pipe stayed busy".to_owned()))
    }
}

fn understood<T: DeserializeOwned>((status, value): (u16, Value)) -> Result<T, ClientError> {
    if (200..300).contains(&status) {
        return serde_json::from_value(value).map_err(|e| ClientError::NotUnderstood(e.to_string()));
    }
    match serde_json::from_value::<ApiError>(value) {
        Ok(error) => Err(ClientError::Refused(error)),
        Err(_) => Err(ClientError::NotUnderstood(format!("status {status}"))),
    }
}

/// The events of a body of server-sent events. Comments (the keep-alive) are passed over.
fn event_stream(body: Incoming) -> impl Stream<Item = Result<Event, ClientError>> {
    futures_util::stream::unfold(Some((body, Frames::default())), |state| async move {
        let (mut body, mut frames) = state?;
        loop {
            if let Some(data) = frames.next() {
                let event =
                    serde_json::from_str(&data).map_err(|e| ClientError::NotUnderstood(e.to_string()));
                return Some((event, Some((body, frames))));
            }
            match body.frame().await {
                Some(Ok(frame)) => {
                    if let Some(bytes) = frame.data_ref() {
                        frames.push(bytes);
                    }
                }
                Some(Err(error)) => return Some((Err(ClientError::Broken(error.to_string())), None)),
                None => return Some((Err(ClientError::Broken("the agent ended".to_owned())), None)),
            }
        }
    })
}

/// Cuts a stream of bytes into the `data` of server-sent events.
#[derive(Debug, Default)]
struct Frames {
    bytes: Vec<u8>,
}

impl Frames {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn next(&mut self) -> Option<String> {
        loop {
            let end = self.bytes.windows(2).position(|pair| pair == b"\n\n")?;
            let frame: Vec<u8> = self.bytes.drain(..end + 2).collect();
            let text = String::from_utf8_lossy(&frame);
            let data: Vec<&str> = text
                .lines()
                .filter_map(|line| line.strip_prefix("data:"))
                .map(|data| data.strip_prefix(' ').unwrap_or(data))
                .collect();
            if !data.is_empty() {
                return Some(data.join("\n"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_cut_wherever_the_bytes_were() {
        let whole = b": keep-alive\n\ndata: {\"a\":1}\n\nevent: x\ndata: one\ndata: two\n\ndata: rest";
        for cut in 0..whole.len() {
            let mut frames = Frames::default();
            let mut got = Vec::new();
            for part in [&whole[..cut], &whole[cut..]] {
                frames.push(part);
                while let Some(data) = frames.next() {
                    got.push(data);
                }
            }
            assert_eq!(got, ["{\"a\":1}", "one\ntwo"], "cut at {cut}");
        }
    }
}
