//! Requests to the routes of an engine in this very process, as if they had come over its socket.

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use tower::ServiceExt as _;

use crate::transport::{Answering, ClientError, MAX_ANSWER_LEN, Request, Response, Transport};

/// The routes over an engine of this process. It holds the engine, and with it the data folder, until it is
/// dropped.
#[derive(Debug, Clone)]
pub struct InProcessTransport {
    router: Router,
}

impl InProcessTransport {
    /// A transport that calls a router in this process.
    #[must_use]
    pub const fn new(router: Router) -> Self {
        Self { router }
    }
}

impl Transport for InProcessTransport {
    fn send(&self, request: Request) -> Answering<'_> {
        let router = self.router.clone();
        Box::pin(async move {
            // What the engine waits for has its own limits.
            let Request { method, path, body, timeout: _ } = request;
            let body = body.map_or_else(Body::empty, |body| Body::from(axum::body::Bytes::from_owner(body)));
            let request = axum::http::Request::builder()
                .method(method.as_str())
                .uri(path)
                .header(CONTENT_TYPE, "application/json")
                .body(body)
                .map_err(|e| ClientError::NotUnderstood(e.to_string()))?;
            let response = match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), MAX_ANSWER_LEN)
                .await
                .map_err(|e| ClientError::Broken(e.to_string()))?
                .to_vec();
            Ok(Response { status, body })
        })
    }
}
