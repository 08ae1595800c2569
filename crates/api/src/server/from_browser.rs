//! Requests that a page in a browser made: they may do less than the owner over the socket.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// The header that a relay sets: over the socket nothing else says where a request came from. Whoever sets it may do
/// less, so anyone may.
pub(super) const HEADER: &str = "tidemark-from-browser";

/// Marks a request that did not come from the owner's own programs.
#[derive(Debug, Clone, Copy)]
pub(super) struct FromBrowser;

/// Marks the requests that a relay passes on.
pub(super) async fn mark(mut request: Request, next: Next) -> Response {
    if request.headers().contains_key(HEADER) {
        request.extensions_mut().insert(FromBrowser);
    }
    next.run(request).await
}
