//! The client: one question, one answer, to one host, within limits of time and size.
//!
//! A key goes to the host of its target and nowhere else: no redirect is followed, and a base URL is
//! checked again before the key is put into a request. Sent are `Authorization`, `Accept`, `User-Agent`
//! and what HTTP itself needs. Nothing here logs a key or a whole body.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tidemark_core::account::check_base_url;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Failure, FailureKind, Reading, Source, text};
use url::{Host, Url};

use crate::explain::{explain_from, retry_after};
use crate::local_server;
use crate::parse::announcements::Announcement;
use crate::parse::{self, status::StatusPage};
use crate::profile::Profile;
use crate::redact;
use crate::target::{Interface, Target};

/// How Tidemark names itself to the service. The terms forbid to pass for another program.
pub const DEFAULT_USER_AGENT: &str = concat!("Tidemark/", env!("CARGO_PKG_VERSION"));

/// The most bytes of a body that are read, unpacked.
const MAX_BYTES: usize = 1024 * 1024;

/// How the client sends requests, and where to.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The name it gives itself.
    pub user_agent: String,
    /// How long a connection may take to be made, TLS included.
    pub connect_timeout: Duration,
    /// How long a call may take as a whole, to the last byte.
    pub timeout: Duration,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            user_agent: DEFAULT_USER_AGENT.to_owned(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(15),
        }
    }
}

/// Why a client could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The name cannot be sent in a header.
    #[error("the user agent must be visible ASCII characters; found `{0}`")]
    UserAgent(String),
}

/// The answer to a poll of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaResponse {
    /// The parsed quota or balance.
    pub reading: Reading,
    /// The quota part of the raw body as JSON, personal data removed.
    pub evidence: String,
}

impl QuotaResponse {
    /// Reads the body of a target's quota call. `at` is when it arrived.
    ///
    /// # Errors
    /// As [`crate::parse::usages`] for Kimi Code, and as [`crate::parse::balance`] for the open platform.
    pub fn parse(target: &Target, body: &[u8], at: DateTime<Utc>) -> Result<Self, Failure> {
        let parsed = parse::Parsed::of(body);
        let reading = match target.source {
            Source::KimiCode => parse::usages_of(&parsed, target.region, at)?,
            Source::Platform => parse::balance_of(&parsed, target.region, at)?,
        };
        Ok(Self { reading, evidence: parse::evidence_of(&parsed) })
    }
}

/// Asks the service. Cheap to clone; one a process is enough.
///
/// # Examples
/// ```
/// use chrono::{DateTime, Utc};
/// use secrecy::SecretString;
/// use tidemark_core::{FailureKind, Region, Source};
/// use tidemark_kimi::{Client, ClientConfig, Target};
/// use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = MockServer::start().await;
/// # let body = r#"{"usage":{"limit":"100","used":"7"}}"#;
/// # Mock::given(path("/coding/v1/usages")).respond_with(ResponseTemplate::new(200).set_body_string(body))
/// #     .mount(&server).await;
/// # let base_url = format!("{}/coding/v1", server.uri());
/// let client = Client::new(ClientConfig::default())?;
/// let key = SecretString::from("sk-kimi-made-up");
/// let clock = || -> DateTime<Utc> { "2026-08-06T12:00:00Z".parse().unwrap() };
///
/// // `None` instead of a base URL is the service's own.
/// let target = Target::new(Source::KimiCode, Region::China, Some(&base_url))?;
/// let answer = client.quota(&target, &key, &clock).await.unwrap();
/// assert_eq!(answer.reading.meters[0].used_percent, 7.into());
///
/// // The key does not go to an address that is not secure.
/// let target = Target { base_url: "http://example.org".to_owned(), ..target };
/// let failure = client.quota(&target, &key, &clock).await.unwrap_err();
/// assert_eq!(failure.kind, FailureKind::Network);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    config: ClientConfig,
    // Made when first needed: loading the system's certificates takes time and memory, and a machine
    // without any must still reach a loopback address.
    outside: OnceLock<reqwest::Client>,
    loopback: OnceLock<reqwest::Client>,
    loopback_tls: OnceLock<reqwest::Client>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

/// The answer to a request.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Why the body is not whole, where it is not.
    incomplete: Option<Failure>,
}

/// Why there is no answer.
struct Unanswered {
    failure: Failure,
    /// There is not even a connection, though there was time for one.
    not_connected: bool,
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self { failure, not_connected: false }
    }
}

impl Client {
    /// A client. It connects to nothing before it is asked.
    ///
    /// # Errors
    /// [`ClientError::UserAgent`] if the user agent is blank or cannot be an HTTP header.
    pub fn new(config: ClientConfig) -> Result<Self, ClientError> {
        if HeaderValue::from_str(&config.user_agent).is_err() || config.user_agent.trim().is_empty() {
            return Err(ClientError::UserAgent(config.user_agent));
        }
        // The first one counts; another crate of the process may have been quicker, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        Ok(Self {
            shared: Arc::new(Shared {
                config,
                outside: OnceLock::new(),
                loopback: OnceLock::new(),
                loopback_tls: OnceLock::new(),
            }),
        })
    }

    /// Polls an account's quota (`/usages`) or balance (`/users/me/balance`).
    ///
    /// `clock` is called once, when the answer has arrived.
    ///
    /// # Errors
    /// The kind of the [`Failure`] says which:
    /// - [`FailureKind::Network`] without an HTTP answer: no connection, a timeout, a certificate that is not
    ///   valid, a base URL that [`check_base_url`] refuses;
    /// - for an answer with an error status or an error in its body, what [`explain`](crate::explain()) makes
    ///   of it, with the pause of `Retry-After`;
    /// - [`FailureKind::NotUnderstood`] for a body that is too large, cut off, or has none of the expected
    ///   parts;
    /// - [`FailureKind::ServerNotRunning`] and [`FailureKind::ServerTokenRefused`] of Kimi Code's own server only.
    ///
    /// The message never has the key in it.
    pub async fn quota(
        &self,
        target: &Target,
        key: &SecretString,
        clock: &(dyn Fn() -> DateTime<Utc> + Send + Sync),
    ) -> Result<QuotaResponse, Failure> {
        let answer = self.ask(target, target.quota_path(), key).await.map_err(|f| clean(f, key))?;
        let at = clock();
        let response = answer
            .understood(Some(target.source), Some(at))
            .and_then(|answer| with_headers(QuotaResponse::parse(target, &answer.body, at), &answer, at))
            .map_err(|failure| match target.interface {
                Interface::LocalServer => local_server::handed_on(failure),
                Interface::Service => failure,
            })
            .map_err(|failure| clean(failure, key))?;
        tracing::debug!(
            source = %target.source,
            meters = response.reading.meters.len(),
            not_understood = response.reading.not_understood.len(),
            "polled an account"
        );
        Ok(QuotaResponse {
            evidence: redact::secret(response.evidence, key.expose_secret().trim()),
            ..response
        })
    }

    /// Asks for an account's plan and limits (`/me` or `/users/me`). Best effort: a caller can do without.
    ///
    /// # Errors
    /// As [`Client::quota`].
    pub async fn profile(&self, target: &Target, key: &SecretString) -> Result<Profile, Failure> {
        let answer = self.ask(target, target.profile_path(), key).await.map_err(|f| clean(f, key))?;
        // Nothing of a profile depends on the time.
        let at = DateTime::UNIX_EPOCH;
        answer
            .understood(Some(target.source), None)
            .and_then(|answer| match target.source {
                Source::KimiCode => parse::me(&answer.body, at),
                Source::Platform => parse::users_me(&answer.body, at),
            })
            .map_err(|failure| clean(failure, key))
    }

    /// Asks a status page, named by its root (`https://status.moonshot.cn`), without any key.
    ///
    /// # Errors
    /// As [`Client::quota`]; the body must have one of the parts of a status page.
    pub async fn service_status(&self, page: &str) -> Result<StatusPage, Failure> {
        let answer =
            self.get(page, "/api/v2/summary.json", None).await.map_err(|unanswered| unanswered.failure)?;
        let answer = answer.understood(None, None)?;
        let mut status = parse::status(&answer.body)?;
        // Without an address of its own the page is where it was asked for.
        status.url.get_or_insert_with(|| page.trim_end_matches('/').to_owned());
        Ok(status)
    }

    /// Asks Kimi Code for what it announces to all its users, without any key.
    ///
    /// # Errors
    /// As [`Client::quota`]; the body must have a list of announcements.
    pub async fn announcements(&self, base_url: &str) -> Result<Vec<Announcement>, Failure> {
        const QUESTION: &str = r#"{"name":"client_banner"}"#;
        let sent = self.send(base_url, "/resource_configs", None, Some(QUESTION)).await;
        let answer = sent.map_err(|unanswered| unanswered.failure)?;
        parse::announcements(&answer.understood(Some(Source::KimiCode), None)?.body)
    }

    /// Asks several status pages in turn until one answers; the last failure where none does.
    ///
    /// # Errors
    /// The failure of the last page, as [`Client::service_status`] gives it; [`FailureKind::Network`] if
    /// `pages` is empty.
    pub async fn first_service_status(&self, pages: &[&str]) -> Result<StatusPage, Failure> {
        let mut last = Failure::new(FailureKind::Network, "no status page was named");
        for page in pages {
            match self.service_status(page).await {
                Ok(status) => return Ok(status),
                Err(failure) => last = failure,
            }
        }
        Err(last)
    }

    /// Asks an account's target. Of Kimi Code's own server, what is no answer of the service is a failure of its own.
    async fn ask(&self, target: &Target, path: &str, key: &SecretString) -> Result<Answer, Failure> {
        if target.interface == Interface::Service {
            return self
                .get(&target.base_url, path, Some(key))
                .await
                .map_err(|unanswered| unanswered.failure);
        }
        if !Url::parse(&target.base_url).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url)) {
            return Err(Failure::new(
                FailureKind::Network,
                "the token of Kimi Code's server goes only to a server on this machine",
            )
            .with_cause(FailureCause::TokenStaysHere));
        }
        let answer = self.get(&target.base_url, path, Some(key)).await.map_err(|unanswered| {
            if unanswered.not_connected {
                local_server::not_running(&target.base_url)
            } else {
                unanswered.failure
            }
        })?;
        match local_server::own_failure(answer.status, &answer.body) {
            Some(failure) => Err(failure),
            None => Ok(answer),
        }
    }

    async fn get(
        &self,
        base_url: &str,
        path: &str,
        key: Option<&SecretString>,
    ) -> Result<Answer, Unanswered> {
        self.send(base_url, path, key, None).await
    }

    /// Sends a request, one with a question in JSON as a POST.
    async fn send(
        &self,
        base_url: &str,
        path: &str,
        key: Option<&SecretString>,
        question: Option<&'static str>,
    ) -> Result<Answer, Unanswered> {
        // Checked here again, whatever was checked when the account was added: behind this line the key
        // is on its way.
        let mut url = check_base_url(base_url).map_err(|error| {
            Failure::new(FailureKind::Network, error.to_string()).with_cause(FailureCause::AddressRefused)
        })?;
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        let host = url.host_str().unwrap_or_default().to_owned();

        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(key) = key {
            headers.insert(AUTHORIZATION, bearer(key)?);
        }
        let http = self.http(&url)?;
        let request = match question {
            None => http.get(url),
            Some(question) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                http.post(url).body(question)
            }
        };
        let sent = request.headers(headers).send().await;
        let mut response = sent.map_err(|error| Unanswered {
            not_connected: error.is_connect() && !error.is_timeout(),
            failure: unreachable(&error, &host),
        })?;

        let status = response.status().as_u16();
        let headers = plain_headers(response.headers());
        // 304 leads nowhere: it answers a condition that was never made.
        if (300..400).contains(&status) && status != 304 {
            return Err(redirected(response.headers(), status).into());
        }
        let mut body = Vec::new();
        let mut incomplete = None;
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BYTES => {
                    let failure = Failure::new(
                        FailureKind::NotUnderstood,
                        format!("expected a small JSON object, found a body of more than {MAX_BYTES} bytes"),
                    );
                    let cause = FailureCause::BodyTooLarge { bytes: MAX_BYTES as u64 };
                    incomplete = Some(failure.with_cause(cause));
                    break;
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => {
                    incomplete = Some(cut_off(&error, &host, body.len()));
                    break;
                }
            }
        }
        Ok(Answer { status, headers, body, incomplete })
    }

    /// The connections for a URL: proxies of the environment count, but not for a loopback address.
    fn http(&self, url: &Url) -> Result<&reqwest::Client, Failure> {
        let loopback = is_loopback(url);
        let tls = url.scheme() == "https";
        let place = match (loopback, tls) {
            (false, _) => &self.shared.outside,
            (true, false) => &self.shared.loopback,
            (true, true) => &self.shared.loopback_tls,
        };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let config = &self.shared.config;
        let mut builder = reqwest::Client::builder()
            .user_agent(&config.user_agent)
            .connect_timeout(config.connect_timeout)
            .timeout(config.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .http1_only()
            // A poll is two calls to one host every few minutes.
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(Duration::from_secs(20));
        if loopback {
            builder = builder.no_proxy();
        }
        if loopback && !tls {
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| {
            let said = causes(&error);
            Failure::new(FailureKind::Network, format!("TLS could not be set up: {said}"))
                .with_cause(FailureCause::NoTls { said })
        })?;
        Ok(place.get_or_init(|| client))
    }
}

/// Whether a URL leads to this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

impl Answer {
    /// The answer, if it is a success and whole. Without `now` a date in `Retry-After` is counted from the
    /// answer's own.
    fn understood(self, source: Option<Source>, now: Option<DateTime<Utc>>) -> Result<Self, Failure> {
        if !(200..300).contains(&self.status) {
            // What arrived of a body that is not whole may still hold the words.
            return Err(explain_from(self.status, &self.headers, source, &self.body, now));
        }
        match self.incomplete {
            Some(failure) => Err(Failure { status: Some(self.status), ..failure }),
            None => Ok(self),
        }
    }
}

/// A failure inside a successful answer, with what the answer's headers add to it.
fn with_headers(
    response: Result<QuotaResponse, Failure>,
    answer: &Answer,
    at: DateTime<Utc>,
) -> Result<QuotaResponse, Failure> {
    response.map_err(|mut failure| {
        failure.status = Some(answer.status);
        failure.retry_after = retry_after(&answer.headers, Some(at)).or(failure.retry_after);
        failure
    })
}

/// The header that carries the key, marked so that nothing prints it.
fn bearer(key: &SecretString) -> Result<HeaderValue, Failure> {
    let text = Zeroizing::new(format!("Bearer {}", key.expose_secret().trim()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| {
        Failure::new(
            FailureKind::KeyUnavailable,
            "the key has characters that no key has (a line break, or letters beyond ASCII); enter it again",
        )
        .with_cause(FailureCause::KeyNotSendable)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Takes the key out of a failure's words, should the service have repeated it.
fn clean(mut failure: Failure, key: &SecretString) -> Failure {
    let said = failure.cause.as_mut().and_then(|cause| cause.said_mut());
    for words in [Some(&mut failure.message), said].into_iter().flatten() {
        let clean = redact::secret(std::mem::take(words), key.expose_secret().trim());
        *words = text::bounded(&clean, text::MAX_SENTENCE_CHARS);
    }
    failure
}

fn plain_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    ["retry-after", "date"]
        .iter()
        .flat_map(|name| headers.get_all(*name).iter().map(move |value| (*name, value)))
        .filter_map(|(name, value)| Some((name.to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

/// A redirect names where it leads only by host: the rest may hold anything.
fn redirected(headers: &HeaderMap, status: u16) -> Failure {
    let host = headers
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| Url::parse(text).ok())
        .and_then(|url| url.host_str().map(ToOwned::to_owned));
    let to = host.as_ref().map(|host| format!(" to {host}")).unwrap_or_default();
    let mut failure = Failure::new(
        FailureKind::NotUnderstood,
        format!("the service redirected{to} (status {status}); a key is never sent on"),
    )
    .with_cause(FailureCause::Redirected { host, status });
    failure.status = Some(status);
    failure
}

/// Why there was no answer.
fn unreachable(error: &reqwest::Error, host: &str) -> Failure {
    let named = || host.to_owned();
    if error.is_timeout() {
        return Failure::new(FailureKind::Timeout, format!("{host} did not answer in time"))
            .with_cause(FailureCause::NoAnswerInTime { host: named() });
    }
    let said = causes(error);
    let (kind, what, cause) = if error.is_dns() {
        let cause = FailureCause::NoAddress { host: named(), said: said.clone() };
        (FailureKind::Network, "has no address", cause)
    } else if error.is_connect() {
        let cause = FailureCause::NotConnected { host: named(), said: said.clone() };
        (FailureKind::Network, "refused the connection or could not be reached", cause)
    } else if error.is_decode() || error.is_body() {
        let cause = FailureCause::NotHttp { host: named(), said: said.clone() };
        (FailureKind::NotUnderstood, "answered something that is not HTTP", cause)
    } else {
        let cause = FailureCause::ConnectionEnded { host: named(), said: said.clone() };
        (FailureKind::Network, "ended the connection without an answer", cause)
    };
    Failure::new(kind, format!("{host} {what}: {said}")).with_cause(cause)
}

/// Why a body is not whole.
fn cut_off(error: &reqwest::Error, host: &str, bytes: usize) -> Failure {
    let (named, came) = (host.to_owned(), bytes as u64);
    if error.is_timeout() {
        return Failure::new(
            FailureKind::Timeout,
            format!("{host} did not finish its answer in time ({bytes} bytes had come)"),
        )
        .with_cause(FailureCause::AnswerNotFinished { host: named, bytes: came });
    }
    let said = causes(error);
    if is_garbled(error) {
        return Failure::new(
            FailureKind::NotUnderstood,
            format!("expected a body as its headers announce it, found another: {said}"),
        )
        .with_cause(FailureCause::BodyGarbled { said });
    }
    Failure::new(FailureKind::Network, format!("the answer of {host} broke off after {bytes} bytes: {said}"))
        .with_cause(FailureCause::AnswerBrokeOff { host: named, bytes: came, said })
}

/// Whether the bytes came and mean nothing, such as gzip that is none; otherwise the line broke.
fn is_garbled(error: &reqwest::Error) -> bool {
    use std::io::{Error, ErrorKind};

    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<Error>()
            && matches!(io.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput)
        {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// The causes of an error from the outer to the inner, without its URL.
fn causes(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let text = inner.to_string();
        if texts.last() != Some(&text) {
            texts.push(text);
        }
        cause = inner.source();
    }
    if texts.is_empty() { "no cause given".to_owned() } else { redact::text(&texts.join(": ")) }
}
