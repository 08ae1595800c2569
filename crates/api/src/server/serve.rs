//! Serving connections within limits: a request must arrive in time, and only so many are open at once.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::error::ApiError;

/// How long the head of a request may take, and how long a connection may wait for its next request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the body of a request may take: it comes from this machine.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest body of a request, in bytes; the largest real one is a change of settings.
pub(super) const MAX_BODY_LEN: usize = 2 << 20;
/// The largest head of a request, in bytes.
const MAX_HEAD_LEN: usize = 64 << 10;

/// Where a request came from over a network, without the port.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Serves a router to what a listener accepts until `end` resolves, and then until what has begun is answered. While
/// `max_connections` are open, the next ones wait with the system and take nothing of this process.
pub(super) async fn serve<L: Listener>(
    mut listener: L,
    router: Router,
    max_connections: usize,
    peer: impl Fn(&L::Addr) -> Option<IpAddr>,
    end: impl Future<Output = ()> + Send,
) {
    let service = TowerToHyperService::new(router.layer(middleware::from_fn(whole_body)));
    let (room, closing, open) =
        (Arc::new(Semaphore::new(max_connections)), CancellationToken::new(), TaskTracker::new());
    let mut end = pin!(end);
    loop {
        let next = async {
            // The semaphore is never closed.
            let place = Arc::clone(&room).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, (io, address)) = tokio::select! {
            biased;
            () = &mut end => break,
            next = next => next,
        };
        let (peer, service) = (peer(&address).map(Peer), service.clone());
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            service.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(MAX_HEAD_LEN)
            .serve_connection(TokioIo::new(io), service);
        let closing = closing.clone();
        open.spawn(async move {
            let _place = place;
            let mut connection = pin!(connection);
            let served = tokio::select! {
                served = &mut connection => served,
                () = closing.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = served {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    closing.cancel();
    open.close();
    open.wait().await;
}

/// Has the body of a request whole before its route begins: a route never waits for one that does not come.
async fn whole_body(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY_LEN)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Ok(Err(_)) => {
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "input", "the body is too large or was cut off")
                .into_response()
        }
        Err(_) => ApiError::new(StatusCode::REQUEST_TIMEOUT, "input", "the body did not arrive in time")
            .into_response(),
    }
}
