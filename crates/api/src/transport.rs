//! The way of a request to the engine: over the socket of a running agent, or to the same routes in this process.

use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::view::ApiError;

/// The largest answer that is accepted, in bytes: five years of hourly history stay below.
pub(crate) const MAX_ANSWER_LEN: usize = 64 << 20;
/// How often the stream of events says that it is still there.
pub(crate) const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(30);

/// A request on its way. What it carries may be a key: it is cleared from memory when the request is dropped.
pub struct Request {
    /// `GET`, `POST`, `PATCH`, `PUT` or `DELETE`.
    pub method: String,
    /// The path, with a query where there is one.
    pub path: String,
    /// A JSON document, or nothing.
    pub body: Option<Zeroizing<Vec<u8>>>,
    /// How long all of the answer may take, where another process gives it.
    pub timeout: Duration,
}

/// What was answered, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// A JSON document, or nothing.
    pub body: Vec<u8>,
}

/// An answer on its way.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response, ClientError>> + Send + 'a>>;

/// Carries requests to an engine.
pub trait Transport: Send + Sync {
    /// Sends a request and waits for all of its answer.
    ///
    /// # Errors
    /// Only where no answer came: whatever the engine answers is a [`Response`].
    fn send(&self, request: Request) -> Answering<'_>;
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send(&self, request: Request) -> Answering<'_> {
        (**self).send(request)
    }
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
    /// The interface is not this user's alone: someone else could be behind it.
    #[error("nothing was sent to the agent's interface: {0}")]
    NotOurs(String),
    /// The connection broke.
    #[error("the connection to the agent broke: {0}")]
    Broken(String),
    /// It did not answer in time.
    #[error("the agent did not answer within {} seconds", .0.as_secs())]
    Timeout(Duration),
    /// The agent answered with an error.
    #[error("{}", .0.message)]
    Refused(ApiError),
    /// It answered with something else than was expected: an agent of another version.
    #[error("the agent's answer was not understood ({0}); it may be another version")]
    NotUnderstood(String),
}
