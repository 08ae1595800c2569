//! Requests over the socket (on Windows the named pipe) of a running agent.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::Method;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use zeroize::Zeroizing;

use crate::paths;
use crate::transport::{
    Answering, ClientError, KEEP_ALIVE_INTERVAL, MAX_ANSWER_LEN, Request, Response, Transport,
};
use crate::view::Event;

/// How long an agent may take to begin a file or a stream of events.
pub(crate) const START_TIMEOUT: Duration = Duration::from_secs(75);
/// How long the next block of a file may take. Before the first one the whole span of a report is read once.
const BLOCK_TIMEOUT: Duration = Duration::from_mins(10);
/// How long a stream of events may be silent: three signs of life were missed then.
const SILENCE_TIMEOUT: Duration = KEEP_ALIVE_INTERVAL.saturating_mul(3);
/// The longest event that is accepted, in bytes; they name little more than what has changed.
const MAX_EVENT_LEN: usize = 1 << 20;

/// The socket of one data folder's agent. No connection is held: each request opens its own.
#[derive(Debug, Clone)]
pub struct SocketTransport {
    data_dir: PathBuf,
}

impl Transport for SocketTransport {
    fn send(&self, request: Request) -> Answering<'_> {
        Box::pin(async move {
            let Request { method, path, body, timeout } = request;
            within(timeout, async {
                let response = self.open(&method, &path, "application/json", body).await?;
                let status = response.status().as_u16();
                let body = http_body_util::Limited::new(response.into_body(), MAX_ANSWER_LEN)
                    .collect()
                    .await
                    .map_err(|e| ClientError::Broken(e.to_string()))?
                    .to_bytes()
                    .to_vec();
                Ok(Response { status, body })
            })
            .await
        })
    }
}

impl SocketTransport {
    /// The socket of a data folder's agent.
    #[must_use]
    pub fn for_data_dir(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_path_buf() }
    }

    /// Whether an agent answers on the socket.
    pub async fn is_open(&self) -> bool {
        self.connect().await.is_ok()
    }

    /// Asks for a file: its status, and its bytes as they come. All of it may take as long as it likes, the wait
    /// for its next bytes may not.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`], [`ClientError::Denied`], [`ClientError::Broken`], or [`ClientError::Timeout`] if
    /// the agent did not answer in time. The stream ends with an error if the file was not sent to its end.
    pub async fn download(
        &self,
        path: &str,
    ) -> Result<(u16, impl Stream<Item = Result<Bytes, ClientError>> + Unpin + use<>), ClientError> {
        let response = within(START_TIMEOUT, self.open("GET", path, "*/*", None)).await?;
        let status = response.status().as_u16();
        Ok((status, blocks(response.into_body()).boxed()))
    }

    /// Listens. The stream ends, after an error, when the agent goes away or gives no sign of life any more.
    ///
    /// # Errors
    /// As [`SocketTransport::download`], and [`ClientError::NotUnderstood`] if the answer has an error status.
    pub async fn events(
        &self,
    ) -> Result<impl Stream<Item = Result<Event, ClientError>> + use<>, ClientError> {
        let response =
            within(START_TIMEOUT, self.open("GET", "/v1/events", "text/event-stream", None)).await?;
        if !response.status().is_success() {
            return Err(ClientError::NotUnderstood(format!("status {}", response.status())));
        }
        Ok(event_stream(response.into_body()))
    }

    async fn open(
        &self,
        method: &str,
        path: &str,
        accept: &str,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<hyper::Response<Incoming>, ClientError> {
        let method =
            Method::from_bytes(method.as_bytes()).map_err(|e| ClientError::NotUnderstood(e.to_string()))?;
        let body = body.map(Bytes::from_owner).unwrap_or_default();
        let request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "tidemark")
            .header(ACCEPT, accept)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|e| ClientError::NotUnderstood(e.to_string()))?;
        self.pass_on(request).await
    }

    /// Sends a request as it is, and hands back the head of its answer; the body comes as it is read.
    ///
    /// # Errors
    /// As [`SocketTransport::download`].
    pub(crate) async fn pass_on(
        &self,
        request: hyper::Request<Full<Bytes>>,
    ) -> Result<hyper::Response<Incoming>, ClientError> {
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
        let mut last = ClientError::NotRunning(self.data_dir.clone());
        for path in paths::sockets(&self.data_dir) {
            match self.connect_to(&path).await {
                Ok(stream) => return Ok(stream),
                Err(ClientError::NotRunning(_)) => {}
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Connects to a socket that is the user's own, in a place where no one else could have put it, and served by a
    /// process of the user: what is sent to it may be a key.
    #[cfg(unix)]
    async fn connect_to(&self, path: &Path) -> Result<tokio::net::UnixStream, ClientError> {
        use std::io::ErrorKind as Kind;
        use std::os::unix::fs::MetadataExt as _;

        let not_running = || ClientError::NotRunning(self.data_dir.clone());
        let failed = |error: std::io::Error| match error.kind() {
            // A path that is too long for a socket is one that no agent could open.
            Kind::NotFound | Kind::ConnectionRefused | Kind::InvalidInput => not_running(),
            Kind::PermissionDenied => ClientError::Denied(path.to_owned()),
            _ => ClientError::Broken(error.to_string()),
        };
        let user = tidemark_files::user();
        let there = std::fs::symlink_metadata(path).map_err(failed)?;
        if let Some(folder) = path.parent() {
            tidemark_files::folder::safe(folder).map_err(|why| ClientError::NotOurs(why.to_string()))?;
        }
        if there.uid() != user {
            return Err(ClientError::NotOurs(format!("{} belongs to another user", path.display())));
        }
        let stream = tokio::net::UnixStream::connect(path).await.map_err(failed)?;
        let peer = stream.peer_cred().map_err(failed)?;
        if peer.uid() != user {
            return Err(ClientError::NotOurs(format!("{} is served by another user", path.display())));
        }
        Ok(stream)
    }

    #[cfg(windows)]
    async fn connect(&self) -> Result<tokio::net::windows::named_pipe::NamedPipeClient, ClientError> {
        /// `ERROR_PIPE_BUSY`: all instances are taken for the moment.
        const PIPE_BUSY: i32 = 231;
        use std::os::windows::io::AsRawHandle as _;
        let name = paths::pipe(&self.data_dir);
        for _ in 0..50 {
            match tokio::net::windows::named_pipe::ClientOptions::new().open(&name) {
                Ok(client) => {
                    // Someone else can have made a pipe of this name first.
                    let own = tidemark_files::is_own_pipe(client.as_raw_handle());
                    return match own {
                        Ok(true) => Ok(client),
                        Ok(false) => Err(ClientError::NotOurs(format!("{name} is served by another user"))),
                        Err(error) => {
                            Err(ClientError::NotOurs(format!("{name} does not say whose it is: {error}")))
                        }
                    };
                }
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

/// Gives up waiting after a time.
pub(crate) async fn within<T>(
    time: Duration,
    answer: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    tokio::time::timeout(time, answer).await.unwrap_or(Err(ClientError::Timeout(time)))
}

/// The next bytes of a body; `None` at its end.
async fn next_block(body: &mut Incoming, timeout: Duration) -> Result<Option<Bytes>, ClientError> {
    let next = async {
        loop {
            match body.frame().await {
                Some(Ok(frame)) => {
                    // What stands behind a body is passed over.
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
                Some(Err(error)) => return Err(ClientError::Broken(error.to_string())),
                None => return Ok(None),
            }
        }
    };
    within(timeout, next).await
}

/// The bytes of a file.
fn blocks(body: Incoming) -> impl Stream<Item = Result<Bytes, ClientError>> {
    futures_util::stream::unfold(Some(body), |body| async move {
        let mut body = body?;
        match next_block(&mut body, BLOCK_TIMEOUT).await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(body))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })
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
            let error = match next_block(&mut body, SILENCE_TIMEOUT).await {
                Ok(Some(bytes)) if frames.bytes.len() + bytes.len() <= MAX_EVENT_LEN => {
                    frames.push(&bytes);
                    continue;
                }
                Ok(Some(_)) => ClientError::NotUnderstood("an event without an end".to_owned()),
                Ok(None) => ClientError::Broken("the agent ended".to_owned()),
                Err(error) => error,
            };
            return Some((Err(error), None));
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
