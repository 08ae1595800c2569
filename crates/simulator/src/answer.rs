//! An answer before it is sent, and the refusals of the real services, word for word.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tidemark_core::{Meter, Source};

/// An answer: status, content type, further headers, body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The content type.
    pub(crate) content_type: &'static str,
    /// Further headers.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// The content type of JSON bodies.
pub(crate) const JSON: &str = "application/json; charset=utf-8";
/// The content type of gateways' pages.
pub(crate) const HTML: &str = "text/html";

impl Answer {
    /// A JSON answer.
    #[must_use]
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { status, content_type: JSON, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    /// An HTML page.
    #[must_use]
    pub(crate) fn html(status: u16, title: &str) -> Self {
        let body = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Self { status, content_type: HTML, headers: Vec::new(), body: body.into_bytes() }
    }

    fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// What a service says when it refuses or fails. The words are those of its documentation or, where the
/// documentation differs from what was seen, of answers that people have published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "kebab-case")]
pub enum Refusal {
    /// 401: no key was sent.
    NoKey,
    /// 401: the key is wrong, revoked, or of the other region.
    WrongKey,
    /// 402: the membership could not be verified (Kimi Code).
    Membership,
    /// 403: a quota window is used up (Kimi Code).
    WindowExhausted {
        /// Which: `5h`, `week` or `month`.
        meter: Meter,
    },
    /// 403: too many requests at the same time, by risk control (Kimi Code).
    ConcurrencyForbidden,
    /// 403: the address or the interface is not allowed (open platform).
    PermissionDenied,
    /// 403: the account is not active for want of money (open platform, older wording).
    NotActive,
    /// 429: the engine is overloaded; `Retry-After` in seconds.
    Overloaded {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// 429: too many requests at the moment, of everybody; `Retry-After` where given.
    TooManyRequests {
        /// Seconds to wait.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 429: tokens a day (open platform).
    TokensPerDay {
        /// Used today.
        current: u64,
        /// Allowed in a day.
        limit: u64,
    },
    /// 429: tokens a minute of one project (open platform).
    TokensPerMinute {
        /// Used in this minute.
        current: u64,
        /// Allowed in a minute.
        limit: u64,
    },
    /// 429: requests a minute (open platform).
    RequestsPerMinute {
        /// Allowed in a minute.
        limit: u64,
        /// Seconds to wait.
        retry_after: u64,
    },
    /// 429: requests at the same time (open platform).
    Concurrency {
        /// Allowed.
        limit: u64,
        /// Seconds to wait; the real service says 0.
        #[serde(default)]
        retry_after: u64,
    },
    /// 429: suspended for want of money (open platform).
    Suspended,
    /// 500, as JSON.
    ServerError,
    /// 502, a gateway's HTML page.
    BadGateway,
    /// 503, as JSON; `Retry-After` where given.
    Unavailable {
        /// Seconds to wait.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 504, a gateway's HTML page.
    GatewayTimeout,
    /// Any other status with any body.
    Custom {
        /// The status.
        status: u16,
        /// The body.
        body: String,
        /// `Retry-After`, as it is.
        #[serde(default)]
        retry_after: Option<String>,
    },
}

/// The documented envelope for a route that does not exist.
#[must_use]
pub(crate) fn no_such_route(method: &str, path: &str) -> Answer {
    Answer::json(
        404,
        &json!({
            "code": 5,
            "error": "url.not_found",
            "message": "url not found",
            "method": method,
            "scode": "0x5",
            "status": false,
            "url": path,
        }),
    )
}

impl Refusal {
    /// The answer that a source gives with it.
    #[must_use]
    pub(crate) fn answer(&self, source: Source) -> Answer {
        let code = source == Source::KimiCode;
        let bare = |status, message: &str| Answer::json(status, &json!({"error": {"message": message}}));
        let typed = |status, kind: &str, message: &str| {
            Answer::json(status, &json!({"error": {"type": kind, "message": message}}))
        };
        match self {
            Self::NoKey | Self::WrongKey if code => {
                bare(401, "The API Key appears to be invalid or may have expired.")
            }
            Self::NoKey => typed(401, "invalid_authentication_error", "Invalid Authentication"),
            Self::WrongKey => typed(401, "incorrect_api_key_error", "Incorrect API key provided"),
            Self::Membership => bare(
                402,
                "We're unable to verify your membership benefits at this time. \
                 Please ensure your membership is active.",
            ),
            Self::WindowExhausted { meter } => window_exhausted(*meter),
            Self::ConcurrencyForbidden => terminated("You've reached your concurrent request limit"),
            Self::PermissionDenied => {
                typed(403, "permission_denied_error", "Your IP is not allowed to access this organization")
            }
            Self::NotActive => typed(
                403,
                "exceeded_current_quota_error",
                "Your account org-simulated<ak-simulated> is not active, organization <org-simulated> \
                 exceeded current quota, please check your plan and billing details",
            ),
            Self::Overloaded { retry_after } => typed(
                429,
                "engine_overloaded_error",
                "The engine is currently overloaded, please try again later",
            )
            .with_header("retry-after", retry_after.to_string()),
            Self::TooManyRequests { retry_after } => with_retry(
                typed(
                    429,
                    "rate_limit_reached_error",
                    "We're receiving too many requests at the moment. Please wait a moment and try again.",
                ),
                *retry_after,
            ),
            Self::TokensPerDay { current, limit } => typed(
                429,
                "rate_limit_reached_error",
                &format!("request reached organization TPD rate limit, current: {current}, limit: {limit}"),
            ),
            Self::TokensPerMinute { current, limit } => typed(
                429,
                "rate_limit_reached_error",
                &format!(
                    "Your account org-simulated / proj-simulated <ak-simulated> request reached project TPM \
                     rate limit, current: {current}, limit: {limit}, \
                     see https://platform.moonshot.cn/docs/pricing/limits"
                ),
            ),
            Self::RequestsPerMinute { limit, retry_after } => bare(
                429,
                &format!(
                    "request reached organization max RPM: {limit}, please try again after \
                     {retry_after} seconds"
                ),
            )
            .with_header("retry-after", retry_after.to_string()),
            Self::Concurrency { limit, retry_after } => bare(
                429,
                &format!(
                    "Your account organization concurrency: {limit}, request reached max organization \
                     concurrency: {limit}, please try again after {retry_after} seconds"
                ),
            )
            .with_header("retry-after", retry_after.to_string()),
            Self::Suspended => typed(
                429,
                "exceeded_current_quota_error",
                "Your account org-simulated <ak-simulated> is suspended due to insufficient balance, \
                 please recharge your account or check your plan and billing details",
            ),
            Self::ServerError => typed(500, "server_error", "Internal server error, please contact us"),
            Self::BadGateway => Answer::html(502, "502 Bad Gateway"),
            Self::Unavailable { retry_after } => {
                with_retry(typed(503, "server_unavailable", "The server is unavailable"), *retry_after)
            }
            Self::GatewayTimeout => Answer::html(504, "504 Gateway Time-out"),
            Self::Custom { status, body, retry_after } => {
                let content_type =
                    if serde_json::from_str::<Value>(body).is_ok() { JSON } else { "text/plain" };
                let answer = Answer {
                    status: *status,
                    content_type,
                    headers: Vec::new(),
                    body: body.clone().into_bytes(),
                };
                match retry_after {
                    Some(value) => answer.with_header("retry-after", value.clone()),
                    None => answer,
                }
            }
        }
    }
}

fn with_retry(answer: Answer, seconds: Option<u64>) -> Answer {
    match seconds {
        Some(seconds) => answer.with_header("retry-after", seconds.to_string()),
        None => answer,
    }
}

fn terminated(message: &str) -> Answer {
    Answer::json(
        403,
        &json!({"error": {"message": message, "type": "access_terminated_error", "param": "", "code": null}}),
    )
}

fn window_exhausted(meter: Meter) -> Answer {
    terminated(match meter {
        Meter::FiveHour => {
            "You've reached your 5-hour usage limit. Your quota will reset when the current 5-hour window \
             ends. To continue now, purchase extra usage or upgrade your plan"
        }
        Meter::Week => {
            "You've reached your weekly (7-day) usage limit. Your quota will reset when the current 7-day \
             window ends. To continue now, purchase extra usage or upgrade your plan"
        }
        Meter::Month | Meter::MonthCode => {
            "You've reached your monthly usage limit for this billing cycle. To continue now, purchase \
             extra usage or upgrade your plan"
        }
    })
}
