//! The same router over TCP, for an ordinary browser: behind a token, with the window's code.
//!
//! Whoever asks passes, in this order: the name under which it asks ([`names`]), the page's files, which hold no data
//! ([`page`]), the token ([`token`], [`throttle`]), and what may be changed from there ([`rights`]).

mod base_path;
mod names;
mod page;
mod rights;
mod throttle;
mod token;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use tower::ServiceExt as _;

use super::error::ApiError;
use super::from_browser::FromBrowser;
use super::local::Serving;
use super::serve::{Peer, serve};
use names::Names;
use page::PageFiles;
use throttle::Throttle;

pub use base_path::{BasePath, BasePathError};
pub use page::{Page, PageFile};
pub use token::{
    AccessToken, TokenFileError, make_token, read_token_file, revoke_token_file, write_token_file,
};

/// How many connections are open at once: a browser opens six for each window. Everybody on this machine can connect,
/// so these are counted apart from those of the socket, and take little of what the process may open.
const MAX_CONNECTIONS: usize = 64;

/// The same policy as in the window, with the interface on the same origin. Styles stand in elements' attributes.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// How often it is checked whether the token of an open stream of events still holds.
const TOKEN_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Says to the page that nothing can be changed from it.
const READ_ONLY: HeaderName = HeaderName::from_static("tidemark-read-only");

/// What is served, where and to whom.
#[derive(Debug)]
pub struct WebOptions {
    /// The address and port to listen on; port 0 takes a free one.
    pub address: SocketAddr,
    /// What everyone has to show.
    pub token: AccessToken,
    /// The window's code.
    pub page: Page,
    /// Where a reverse proxy puts the page.
    pub base_path: BasePath,
    /// The names under which a reverse proxy, or a browser of another machine, asks; each with or without a port.
    pub allowed_hosts: Vec<String>,
    /// Other machines may ask. Without it only a loopback address is taken.
    pub allow_remote: bool,
    /// Refuse every change.
    pub read_only: bool,
}

impl WebOptions {
    /// What only this machine's own browsers reach, behind one token.
    #[must_use]
    pub fn on_loopback(address: SocketAddr, token: &str, page: Page) -> Self {
        Self {
            address,
            token: AccessToken::fixed(token),
            page,
            base_path: BasePath::default(),
            allowed_hosts: Vec::new(),
            allow_remote: false,
            read_only: false,
        }
    }
}

/// Where a browser finds the window.
#[derive(Debug, Clone)]
pub struct Web {
    /// Where it listens.
    pub address: SocketAddr,
    base_path: BasePath,
}

impl Web {
    /// The address as a URL, without the token and without a slash at its end: paths of routes are put behind it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.base_path.as_str().trim_end_matches('/'))
    }

    /// The path below which a reverse proxy shows it.
    #[must_use]
    pub fn base_path(&self) -> &str {
        self.base_path.as_str()
    }
}

/// Serves a router, and the window's built code where there is some, until `end` resolves. Every route of the
/// interface needs the token; the code does not hold any secret.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] if the address is not a loopback address and other machines are not allowed; what the
/// system says if it is in use or not allowed.
pub async fn serve_web(
    options: WebOptions,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<(Web, Serving)> {
    if !options.allow_remote && !options.address.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "only a loopback address is served"));
    }
    let listener = tokio::net::TcpListener::bind(options.address).await?;
    let web = Web { address: listener.local_addr()?, base_path: options.base_path.clone() };
    let is_reached_by_others = options.allow_remote || !options.allowed_hosts.is_empty();
    let gate = Arc::new(Gate {
        names: Names::new(web.address, options.allow_remote, options.allowed_hosts),
        token: Arc::new(options.token),
        failures: Throttle::default(),
        page: PageFiles::new(options.page),
        base_path: options.base_path,
        read_only: options.read_only,
        is_reached_by_others,
        routes: router,
    });
    // Not a layer: paths are changed before a route is looked for.
    let app = Router::new().fallback(move |request: Request| {
        let gate = Arc::clone(&gate);
        async move { gate.answer(request).await }
    });
    Ok((
        web,
        Box::pin(async move {
            serve(listener, app, MAX_CONNECTIONS, |address| Some(address.ip()), end).await;
        }),
    ))
}

/// What stands before the routes.
struct Gate {
    names: Names,
    token: Arc<AccessToken>,
    failures: Throttle,
    page: PageFiles,
    base_path: BasePath,
    read_only: bool,
    is_reached_by_others: bool,
    routes: Router,
}

impl Gate {
    async fn answer(&self, request: Request) -> Response {
        let mut response = match self.checked(request).await {
            Ok(response) | Err(response) => response,
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, POLICY);
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        for (name, value) in
            [("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin")]
        {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        response
    }

    async fn checked(&self, mut request: Request) -> Result<Response, Response> {
        self.names.check(request.headers()).map_err(IntoResponse::into_response)?;
        if self.base_path.is_without_slash(request.uri().path()) {
            let to = HeaderValue::from_str(self.base_path.as_str()).ok();
            let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
            response.headers_mut().extend(to.map(|to| (LOCATION, to)));
            return Ok(response);
        }
        self.base_path.strip(request.uri_mut());
        let is_data = rights::is_data(request.uri().path());
        let is_question = matches!(*request.method(), Method::GET | Method::HEAD);
        if !is_data
            && is_question
            && let Some(file) = self.page.find(request.method(), request.uri(), request.headers()).await
        {
            return Ok(file);
        }
        if let Some(refused) = self.refused(&request) {
            return Err(refused);
        }
        rights::check(request.method(), request.uri().path(), self.read_only, self.is_reached_by_others)
            .map_err(IntoResponse::into_response)?;
        request.extensions_mut().insert(FromBrowser { afar: self.is_reached_by_others });
        // What the stream is let in by: another token may hold once the answer is there.
        let shown = bearer(request.headers().get(AUTHORIZATION)).map(token::digest);
        let response = match self.routes.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        Ok(self.with_end(response, shown))
    }

    /// The answer to whoever does not show the token.
    fn refused(&self, request: &Request) -> Option<Response> {
        let given = bearer(request.headers().get(AUTHORIZATION));
        if given.is_some_and(|given| self.token.admits(given)) {
            return None;
        }
        let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
        let wait = given.and_then(|_| self.failures.note(peer, Instant::now()));
        let mut refused = match wait {
            Some(_) => ApiError::new(StatusCode::TOO_MANY_REQUESTS, "token", "too many wrong tokens"),
            None => ApiError::new(StatusCode::UNAUTHORIZED, "token", "the token is missing or wrong"),
        }
        .into_response();
        let headers = refused.headers_mut();
        // Who has no token keeps no connection.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        if let Some(wait) = wait {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        Some(refused)
    }

    /// A stream of events ends when the token that was shown does; the page says whether nothing can be changed.
    fn with_end(&self, mut response: Response, shown: Option<[u8; 32]>) -> Response {
        if self.read_only {
            response.headers_mut().insert(READ_ONLY, HeaderValue::from_static("1"));
        }
        let is_stream = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        if !is_stream {
            return response;
        }
        let (head, body) = response.into_parts();
        let token = Arc::clone(&self.token);
        let revoked = Box::pin(async move {
            while token.known() == shown {
                tokio::time::sleep(TOKEN_CHECK_INTERVAL).await;
            }
        });
        Response::from_parts(head, Body::from_stream(body.into_data_stream().take_until(revoked)))
    }
}

/// The token of an `Authorization` header.
fn bearer(header: Option<&HeaderValue>) -> Option<&str> {
    let (scheme, token) = header?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
