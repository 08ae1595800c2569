//! Takes exports over HTTP, on loopback only.
//!
//! `POST /v1/metrics` is read; exports of logs and traces, which some programs send to the same address, are answered as
//! received and thrown away. A web page cannot use it: requests with an `Origin`, or for a host other than this machine,
//! are refused.

use std::io::Read as _;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, ORIGIN, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::otlp::{self, Body, Export};

/// The address that is listened on if the user names no other: where exporters send by default.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:4318";

/// How long the head of a request may take, and how long a connection may wait for its next request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(65);
/// How long the body of a request may take: it comes from this machine.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest head of a request, in bytes.
const MAX_HEAD_LEN: usize = 16 << 10;
/// The largest body of a request, in bytes, as it comes and after it was decompressed. An export of some hundred series
/// has some ten thousand.
pub const MAX_BODY_LEN: usize = 2 << 20;
/// The most connections at once. Further ones wait with the system.
const MAX_CONNECTIONS: usize = 16;
/// Bodies that are in memory at once.
const MAX_BODIES: usize = 1;
/// How long connections may take to end when the receiver is stopped.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// Why nothing can be received.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Other machines could send to it.
    #[error("{0} is not a loopback address; programs on this machine send to one such as 127.0.0.1:4318")]
    NotLoopback(SocketAddr),
    /// The system refused.
    #[error("cannot listen on {address}: {source}")]
    Io {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

/// What was received, for whoever keeps it.
pub trait Sink: Send + Sync + 'static {
    /// Takes the metrics of an export and says how many of their points were refused, or that they could not be kept.
    fn take(&self, export: Received) -> Pin<Box<dyn Future<Output = Result<u64, NotKept>> + Send + '_>>;
    /// Notes that a request was refused, with a stable word: `too-large`, `not-understood`, `foreign`.
    fn refused(&self, why: &'static str);
}

/// An export whose body is whole and not read yet.
#[derive(Debug, Clone)]
pub struct Received {
    body: Body,
    bytes: Bytes,
}

impl Received {
    /// Reads it.
    ///
    /// # Errors
    /// As [`Export::decode`].
    pub fn decode(&self) -> Result<Export, otlp::DecodeError> {
        Export::decode(self.body, &self.bytes)
    }
}

/// Why an export was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotKept {
    /// It could not be understood. The program need not send it again.
    NotUnderstood,
    /// It cannot be stored now. The program should send it again.
    Later,
}

/// Whether an address can be listened on.
///
/// # Errors
/// [`ListenError::NotLoopback`].
pub const fn check(address: SocketAddr) -> Result<SocketAddr, ListenError> {
    if address.ip().is_loopback() { Ok(address) } else { Err(ListenError::NotLoopback(address)) }
}

/// A place that exports can be sent to. Nothing is taken from it before [`Receiver::serve`].
#[derive(Debug)]
pub struct Receiver {
    listener: TcpListener,
    address: SocketAddr,
}

impl Receiver {
    /// Listens on a loopback address.
    ///
    /// # Errors
    /// [`ListenError::NotLoopback`]; [`ListenError::Io`] if the port is taken or the system refuses otherwise.
    pub async fn listen(address: SocketAddr) -> Result<Self, ListenError> {
        let address = check(address)?;
        let failed = |source| ListenError::Io { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes exports until `end` is cancelled, and then until those that have begun are answered.
    pub async fn serve(self, sink: Arc<dyn Sink>, end: CancellationToken) {
        let serving = Arc::new(Serving { sink, bodies: Semaphore::new(MAX_BODIES) });
        let (room, open) = (Arc::new(Semaphore::new(MAX_CONNECTIONS)), TaskTracker::new());
        loop {
            let next = async {
                // The semaphore is never closed.
                let place = Arc::clone(&room).acquire_owned().await.ok();
                (place, self.listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                biased;
                () = end.cancelled() => break,
                next = next => next,
            };
            let Ok((stream, _)) = accepted else {
                // Out of files: the next moment may be better.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (serving, end) = (serving.clone(), end.clone());
            open.spawn(async move {
                let _place = place;
                connection(stream, serving, &end).await;
            });
        }
        open.close();
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, open.wait()).await;
    }
}

async fn connection(stream: TcpStream, serving: Arc<Serving>, end: &CancellationToken) {
    let service = service_fn(move |request| {
        let serving = serving.clone();
        async move { Ok::<_, std::convert::Infallible>(serving.answer(request).await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(MAX_HEAD_LEN)
            .serve_connection(TokioIo::new(stream), service)
    );
    let served = tokio::select! {
        served = &mut connection => served,
        () = end.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(SHUTDOWN_TIMEOUT, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection of an exporter ended early");
    }
}

type Answer = Response<Full<Bytes>>;

struct Serving {
    sink: Arc<dyn Sink>,
    bodies: Semaphore,
}

impl Serving {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        if !is_local(request.headers()) {
            self.sink.refused("foreign");
            return plain(StatusCode::FORBIDDEN);
        }
        let is_metrics = match request.uri().path() {
            "/v1/metrics" => true,
            "/v1/logs" | "/v1/traces" => false,
            _ => return plain(StatusCode::NOT_FOUND),
        };
        if request.method() != Method::POST {
            return plain(StatusCode::METHOD_NOT_ALLOWED);
        }
        let Some(body) = content_type(request.headers()) else {
            return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        };
        if !is_metrics {
            // To its end, so that the connection can go on; none of it is kept.
            let _ = tokio::time::timeout(BODY_TIMEOUT, discard(request.into_body())).await;
            return accepted(body, 0);
        }
        let is_gzip = match request.headers().get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
            None | Some(b"" | b"identity") => false,
            Some(b"gzip") => true,
            Some(_) => return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        };
        // The semaphore is never closed.
        let _room = self.bodies.acquire().await;
        let whole = tokio::time::timeout(BODY_TIMEOUT, bounded(request.into_body())).await;
        let bytes = match whole {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(status)) => {
                if status == StatusCode::PAYLOAD_TOO_LARGE {
                    self.sink.refused("too-large");
                }
                return plain(status);
            }
            Err(_) => return plain(StatusCode::REQUEST_TIMEOUT),
        };
        let bytes = if is_gzip {
            match inflated(&bytes) {
                Ok(bytes) => bytes,
                Err(status) => {
                    let is_large = status == StatusCode::PAYLOAD_TOO_LARGE;
                    self.sink.refused(if is_large { "too-large" } else { "not-understood" });
                    return plain(status);
                }
            }
        } else {
            bytes
        };
        match self.sink.take(Received { body, bytes }).await {
            Ok(refused) => accepted(body, refused),
            Err(NotKept::NotUnderstood) => {
                self.sink.refused("not-understood");
                plain(StatusCode::BAD_REQUEST)
            }
            Err(NotKept::Later) => {
                let mut answer = plain(StatusCode::SERVICE_UNAVAILABLE);
                answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
                answer
            }
        }
    }
}

/// Whether a request comes from a program on this machine, and not through a page in a browser: those name their origin,
/// or a host that was made to point here.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = if host.starts_with('[') {
        host.split_inclusive(']').next().unwrap_or_default()
    } else {
        host.split(':').next().unwrap_or_default()
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = name.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback && !headers.contains_key(ORIGIN)
}

fn content_type(headers: &HeaderMap) -> Option<Body> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    match value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/json" => Some(Body::Json),
        "application/x-protobuf" | "application/protobuf" => Some(Body::Protobuf),
        _ => None,
    }
}

async fn discard(mut body: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > MAX_BODY_LEN {
            return;
        }
    }
}

/// A body up to the bound.
async fn bounded(body: Incoming) -> Result<Bytes, StatusCode> {
    let said = body.size_hint().lower();
    if said > MAX_BODY_LEN as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match http_body_util::Limited::new(body, MAX_BODY_LEN).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::BAD_REQUEST),
    }
}

fn inflated(bytes: &[u8]) -> Result<Bytes, StatusCode> {
    let mut whole = Vec::new();
    let mut reader = MultiGzDecoder::new(bytes).take(MAX_BODY_LEN as u64 + 1);
    reader.read_to_end(&mut whole).map_err(|_| StatusCode::BAD_REQUEST)?;
    if whole.len() > MAX_BODY_LEN { Err(StatusCode::PAYLOAD_TOO_LARGE) } else { Ok(whole.into()) }
}

fn accepted(body: Body, refused: u64) -> Answer {
    const WHY: &str = "some data points were refused: see `tidemark intake list`";
    let (kind, bytes) = match body {
        Body::Json if refused == 0 => ("application/json", Bytes::from_static(b"{}")),
        Body::Json => {
            let partial = serde_json::json!({
                "partialSuccess": { "rejectedDataPoints": refused.to_string(), "errorMessage": WHY }
            });
            ("application/json", partial.to_string().into())
        }
        Body::Protobuf => ("application/x-protobuf", otlp::success(refused, WHY).into()),
    };
    let mut answer = Response::new(Full::new(bytes));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn plain(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}
