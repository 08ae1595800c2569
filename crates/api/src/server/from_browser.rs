//! Requests that a page in a browser made: they may do less than the owner over the socket.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// The header that a relay sets: over the socket nothing else says where a request came from. Whoever sets it may do
/// less, so anyone may.
pub(super) const HEADER: &str = "tidemark-from-browser";

/// The header's value where browsers of other machines ask.
const AFAR: &str = "afar";

/// Marks a request that did not come from the owner's own programs.
#[derive(Debug, Clone, Copy)]
pub(super) struct FromBrowser {
    /// Browsers of other machines ask there too.
    pub(super) afar: bool,
}

impl FromBrowser {
    /// What the header of a relay says.
    pub(super) const fn header(self) -> &'static str {
        if self.afar { AFAR } else { "here" }
    }
}

/// Marks the requests that a relay passes on.
pub(super) async fn mark(mut request: Request, next: Next) -> Response {
    if let Some(value) = request.headers().get(HEADER) {
        let afar = value == AFAR;
        request.extensions_mut().insert(FromBrowser { afar });
    }
    next.run(request).await
}
