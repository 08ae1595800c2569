//! One request to one address, within limits of time and size.
//!
//! No redirect is followed: the keys of a hook are in its address. Names are resolved here, so that one which resolves to
//! a private address is refused where that is not allowed. Proxies of the environment count, but not for this machine; a
//! proxy resolves names itself.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use url::Url;

use crate::address::{is_public, is_this_machine};
use crate::answer::Answer;
use crate::failure::{DeliveryFailure, FailureCode};

/// How this program names itself.
const USER_AGENT: &str = concat!("Tidemark/", env!("CARGO_PKG_VERSION"));
/// Until there is a connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// For the whole of a request.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The most of an answer that is read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What is sent: JSON, by POST.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Behind `Bearer`.
    pub(crate) token: Option<String>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn json(url: Url, body: &serde_json::Value) -> Self {
        Self { url, headers: Vec::new(), token: None, body: body.to_string() }
    }
}

/// Sends a request whose address was checked.
pub(crate) async fn post(request: Request, allow_private: bool) -> Result<Answer, DeliveryFailure> {
    let headers = headers(&request)?;
    let client = client(&request.url, allow_private)?;
    let sent = client.post(request.url).headers(headers).body(request.body).send();
    let mut response = sent.await.map_err(|error| unanswered(&error))?;
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let (status, retry_after) = (response.status().as_u16(), retry_after.map(str::to_owned));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(&error))? {
        let room = MAX_ANSWER_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            break;
        }
    }
    Ok(Answer { status, retry_after, body })
}

fn headers(request: &Request) -> Result<HeaderMap, DeliveryFailure> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| FailureCode::KeyRefused);
    for (name, text) in &request.headers {
        headers.insert(HeaderName::from_static(name), value(text)?);
    }
    if let Some(token) = &request.token {
        let mut bearer = value(&format!("Bearer {token}"))?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    Ok(headers)
}

/// One for each request: they are rare, and its resolver knows which name is the channel's.
fn client(url: &Url, allow_private: bool) -> Result<reqwest::Client, DeliveryFailure> {
    // The first one counts; another crate of the process may have been quicker, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .referer(false)
        .http1_only()
        .pool_max_idle_per_host(0);
    if !allow_private {
        let host = url.host_str().unwrap_or_default().to_owned();
        builder = builder.dns_resolver(Arc::new(PublicOnly { host }));
    }
    if is_this_machine(url) {
        builder = builder.no_proxy();
        if url.scheme() == "http" {
            builder = builder.tls_certs_only([]);
        }
    }
    builder.build().map_err(|error| unanswered(&error))
}

/// Resolves the channel's host to public addresses only. Other names are a proxy's.
struct PublicOnly {
    host: String,
}

/// A name that resolves to a private address. If one of several is private, the name is not to be trusted at all.
#[derive(Debug, thiserror::Error)]
#[error("the name resolves to a private address")]
struct ResolvesToPrivate;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let is_guarded = name.as_str().eq_ignore_ascii_case(&self.host);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if is_guarded && found.iter().any(|address| !is_public(address.ip())) {
                return Err(ResolvesToPrivate.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Why there is no answer. What is said names no address.
fn unanswered(error: &reqwest::Error) -> DeliveryFailure {
    let mut cause = error.source();
    let mut said = if error.is_timeout() { "no answer in time".to_owned() } else { String::new() };
    while let Some(inner) = cause {
        if inner.is::<ResolvesToPrivate>() {
            return DeliveryFailure::new(FailureCode::PrivateAddress);
        }
        if !error.is_timeout() {
            said = inner.to_string();
        }
        cause = inner.source();
    }
    DeliveryFailure::new(FailureCode::NoAnswer).saying(&said)
}
