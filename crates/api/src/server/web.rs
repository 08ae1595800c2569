//! The same router over loopback TCP, for an ordinary browser: behind a token, with the window's code.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_SECURITY_POLICY, HOST, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tower_http::services::ServeDir;

use super::error::ApiError;
use super::local::Serving;
use super::serve::serve;

/// How many connections are open at once: a browser opens six for each window. Everybody on this machine can connect,
/// so these are counted apart from those of the socket, and take little of what the process may open.
const MAX_CONNECTIONS: usize = 64;

/// The same policy as in the window, with the interface on the same origin.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
);

/// Where a browser finds the window.
#[derive(Debug, Clone)]
pub struct Web {
    /// Where it listens.
    pub address: SocketAddr,
}

impl Web {
    /// The address as a URL, without the token.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Serves a router, and the window's built code where a folder is given, on a loopback address until `end`
/// resolves. Every route of the interface needs the token; the code does not hold any secret.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] if the address is not a loopback address; what the system says if it is in
/// use or not allowed.
pub async fn serve_web(
    address: SocketAddr,
    token: &str,
    code: Option<&Path>,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<(Web, Serving)> {
    if !address.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "only a loopback address is served"));
    }
    let listener = tokio::net::TcpListener::bind(address).await?;
    let web = Web { address: listener.local_addr()? };
    let gate = Gate { token: digest(token), hosts: hosts(web.address) };
    // Files are served where no route is; the token stands before the routes only.
    let mut app = router.route_layer(middleware::from_fn_with_state(gate.clone(), check_token));
    if let Some(code) = code {
        app = app.fallback_service(ServeDir::new(code));
    }
    let app = app.layer(middleware::from_fn_with_state(gate, check_host));
    Ok((
        web,
        Box::pin(async move {
            serve(listener, app, MAX_CONNECTIONS, end).await;
        }),
    ))
}

#[derive(Clone)]
struct Gate {
    token: [u8; 32],
    hosts: Vec<String>,
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn hosts(address: SocketAddr) -> Vec<String> {
    vec![address.to_string(), format!("localhost:{}", address.port())]
}

/// A page of another site can make a browser ask us under a name of its own; such a question is refused.
async fn check_host(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let ours = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .is_some_and(|host| gate.hosts.iter().any(|ours| ours == host));
    if !ours {
        return ApiError::new(StatusCode::MISDIRECTED_REQUEST, "host", "asked under another name")
            .into_response();
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Marks a request that did not come over the socket that only the owner can open.
#[derive(Debug, Clone, Copy)]
pub(super) struct FromBrowser;

async fn check_token(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    // A browser's event source cannot send headers.
    let query = || {
        request.uri().query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token=")))
    };
    // Digests are compared, so that the time taken says nothing about the token.
    if header.or_else(query).is_some_and(|token| digest(token) == gate.token) {
        request.extensions_mut().insert(FromBrowser);
        next.run(request).await
    } else {
        let refused = ApiError::new(StatusCode::UNAUTHORIZED, "token", "the token is missing or wrong");
        // Who has no token keeps no connection.
        ([(CONNECTION, HeaderValue::from_static("close"))], refused).into_response()
    }
}
