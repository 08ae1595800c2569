//! Asking for the newest release.
//!
//! Sent are what HTTP itself needs, and `User-Agent` with the program's version: no identity, and nothing about this
//! machine. Redirects are followed, unlike those of a service that is sent a key: GitHub answers with one, nothing secret
//! is sent, and what comes back is believed for its signature alone. They must be https, and lead to this machine only
//! from this machine.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::{Attempt, Policy};
use reqwest::{RequestBuilder, Response};
use semver::Version;
use tidemark_core::text;
use url::{Host, Url};

use crate::document::{MAX_DOCUMENT_BYTES, Release};
use crate::error::UpdateError;
use crate::source::ReleaseSource;

/// How this program names itself.
const USER_AGENT: &str = concat!("Tidemark/", env!("CARGO_PKG_VERSION"));
/// The most redirects that are followed: GitHub answers with two.
const MAX_REDIRECTS: usize = 5;
/// The most bytes of a signature.
const MAX_SIGNATURE_BYTES: usize = 4096;

/// How long a server may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until there is a connection, TLS included.
    pub connect: Duration,
    /// For the whole of the document, or of its signature.
    pub document: Duration,
    /// Between two parts of a download.
    pub stall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            document: Duration::from_secs(15),
            stall: Duration::from_secs(30),
        }
    }
}

/// The newest release, as the server offered it: verified, and in its own bytes, so that it can be verified again
/// wherever it lay meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The release.
    pub release: Release,
    /// The document.
    pub document: String,
    /// Its signature.
    pub signature: String,
}

/// Asks for releases. It connects to nothing before it is asked.
#[derive(Debug)]
pub struct ReleaseClient {
    pub(crate) source: ReleaseSource,
    pub(crate) limits: Limits,
    http: OnceLock<reqwest::Client>,
}

impl ReleaseClient {
    /// A client.
    #[must_use]
    pub const fn new(source: ReleaseSource, limits: Limits) -> Self {
        Self { source, limits, http: OnceLock::new() }
    }

    /// Where releases are published.
    #[must_use]
    pub const fn source(&self) -> &ReleaseSource {
        &self.source
    }

    /// Asks for the newest release and verifies it.
    ///
    /// # Errors
    /// [`UpdateError::NoKey`] without any request; by case, if there is no answer in time, no success, or more than fits;
    /// and as [`ReleaseKey::verified`](crate::ReleaseKey::verified).
    pub async fn newest(&self) -> Result<Offered, UpdateError> {
        if !self.source.has_key() {
            return Err(UpdateError::NoKey);
        }
        let document = self.text("latest/download/release.json", MAX_DOCUMENT_BYTES).await?;
        let signature = self.text("latest/download/release.json.minisig", MAX_SIGNATURE_BYTES).await?;
        self.verified(document, signature)
    }

    /// A release whose document and signature were kept, verified again.
    ///
    /// # Errors
    /// [`UpdateError::NoKey`], and as [`ReleaseKey::verified`](crate::ReleaseKey::verified).
    pub fn verified(&self, document: String, signature: String) -> Result<Offered, UpdateError> {
        let key = self.source.key.as_ref().ok_or(UpdateError::NoKey)?;
        let release = key.verified(document.as_bytes(), &signature)?;
        Ok(Offered { release, document, signature })
    }

    /// The path of a file of a release below the base address.
    pub(crate) fn file_path(version: &Version, name: &str) -> String {
        format!("download/v{version}/{name}")
    }

    /// A small text. The two that there are belong together: a release that is published between the two requests does
    /// not verify, and the next check does.
    async fn text(&self, path: &str, max: usize) -> Result<String, UpdateError> {
        let url = self.source.address(path);
        let host = host_of(&url);
        let asking = async {
            let mut response = self.send(self.http()?.get(url)).await?;
            successful(&response, &host)?;
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error, &host))? {
                if bytes.len() + chunk.len() > max {
                    return Err(UpdateError::DocumentTooLarge);
                }
                bytes.extend_from_slice(&chunk);
            }
            String::from_utf8(bytes).map_err(|_| UpdateError::NotUnderstood("it is not text".to_owned()))
        };
        let timed_out = UpdateError::TimedOut { host: host.clone() };
        tokio::time::timeout(self.limits.document, asking).await.map_err(|_| timed_out)?
    }

    /// Sends a request, and says what there is to say where no answer comes.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, UpdateError> {
        let host = host_of(&self.source.base);
        request.send().await.map_err(|error| unreachable(&error, &host))
    }

    /// The connections: proxies of the environment count, but not for a loopback address.
    pub(crate) fn http(&self) -> Result<&reqwest::Client, UpdateError> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        // The first one counts; another crate of the process may have been quicker, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let loopback = is_loopback(&self.source.base);
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(self.limits.connect)
            .read_timeout(self.limits.stall)
            .redirect(Policy::custom(move |attempt| follow(attempt, loopback)))
            .referer(false)
            .http1_only()
            // A range counts bytes of the file, not of something packed.
            .no_gzip()
            .pool_max_idle_per_host(0);
        if loopback {
            builder = builder.no_proxy();
            if self.source.base.scheme() == "http" {
                builder = builder.tls_certs_only([]);
            }
        }
        let client = builder.build().map_err(|error| unreachable(&error, &host_of(&self.source.base)))?;
        Ok(self.http.get_or_init(|| client))
    }
}

fn follow(attempt: Attempt<'_>, loopback: bool) -> reqwest::redirect::Action {
    let secure = if loopback { is_loopback(attempt.url()) } else { attempt.url().scheme() == "https" };
    if !secure || attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error(NotFollowed);
    }
    attempt.follow()
}

/// A redirect that is not followed.
#[derive(Debug, thiserror::Error)]
#[error("the redirect is not followed")]
struct NotFollowed;

/// Whether an answer is one.
pub(crate) fn successful(response: &Response, host: &str) -> Result<(), UpdateError> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    Err(UpdateError::Status { host: host.to_owned(), status: status.as_u16() })
}

pub(crate) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Why there is no answer, or no whole one.
pub(crate) fn unreachable(error: &reqwest::Error, host: &str) -> UpdateError {
    let host = host.to_owned();
    if error.is_redirect() {
        return UpdateError::Redirected { host };
    }
    if error.is_timeout() {
        return UpdateError::TimedOut { host };
    }
    UpdateError::Unreachable { host, said: causes(error) }
}

/// The innermost cause of an error, which is what the system said. It names no address.
pub(crate) fn causes(error: &reqwest::Error) -> String {
    let mut said = "no cause given".to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        said = inner.to_string();
        cause = inner.source();
    }
    text::sentence(&said)
}
