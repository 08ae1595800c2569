//! Advice: what a person can do about a failure, in English, and the word under which a front end has it in
//! other languages.

use tidemark_core::failure::{Denied, Limit, LimitScope};
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Failure, FailureKind as Kind, Meter};

/// What to do about a failure, in one to three sentences.
#[must_use]
pub fn advice(failure: &Failure) -> &'static str {
    advice_for(failure).1
}

/// The stable word of that advice, such as `overloaded`, `rate-limited-tokens-per-day`, `window-exhausted-5h`:
/// front ends have its text in their language under it.
#[must_use]
pub fn advice_word(failure: &Failure) -> &'static str {
    advice_for(failure).0
}

/// The word and the text.
type Advice = (&'static str, &'static str);

fn advice_for(failure: &Failure) -> Advice {
    if let Some(advice) = failure.cause.as_deref().and_then(local_server) {
        return advice;
    }
    match failure.kind {
        Kind::RateLimited => rate_limited(failure.limit, failure.whose),
        Kind::Overloaded => (
            "overloaded",
            "The service is overloaded. Wait as it asks, or a few minutes, then retry; topping up or a higher tier does not help.",
        ),
        Kind::OutOfBalance => (
            "out-of-balance",
            "The balance is insufficient, or the account is suspended for it. Top up on the console, or check there whether a voucher covers the model. A membership's quota cannot pay for it.",
        ),
        Kind::WindowExhausted => window_exhausted(failure.meter),
        Kind::MembershipLapsed => (
            "membership-lapsed",
            "The membership could not be verified. Check on the membership page whether it is active; if it is, retry later.",
        ),
        Kind::Unauthorized => (
            "unauthorized",
            "The key is invalid. Check that it is complete, has not been deleted, and is used with the service that issued it: keys of the China and global services are independent, and so are those of Kimi Code and the open platform.",
        ),
        Kind::Forbidden => forbidden(failure.denied),
        Kind::NotFound => (
            "not-found",
            "There is nothing at this address, or the account has no access to it. Check the base URL and the model's name; models that were withdrawn also give this error.",
        ),
        Kind::ServerError => (
            "server-error",
            "The service failed. Retry later; if it continues, check the status page and send the time and message to support.",
        ),
        Kind::GatewayTimeout => (
            "gateway-timeout",
            "The service's gateway timed out. Retry later; shorter or streamed requests are more likely to succeed.",
        ),
        Kind::ContentFiltered => (
            "content-filtered",
            "The content was rejected as high risk. Change it; sending it again unchanged gives the same result.",
        ),
        Kind::BadRequest => (
            "bad-request",
            "The request was invalid: its format, a parameter or its length. The message says which; sending it again unchanged gives the same result.",
        ),
        Kind::Network => (
            "network",
            "The service could not be reached. Check the connection, proxy and base URL. This says nothing about the account.",
        ),
        Kind::Timeout => ("timeout", "The service did not answer in time. Retry later."),
        Kind::NotUnderstood => (
            "not-understood",
            "The answer was not understood. It may come from a proxy or a sign-in page, or the service may have changed; check the base URL and that Tidemark is up to date.",
        ),
        Kind::KeyUnavailable => (
            "key-unavailable",
            "The key could not be read from its storage. Unlock the keyring, set the variable, or enter the key again.",
        ),
        Kind::ServerNotRunning => (
            "server-not-running",
            "Kimi Code's local server is not running. Start Kimi Code; the account itself is fine.",
        ),
        Kind::ServerTokenRefused => (
            "server-token-refused",
            "Kimi Code's local server did not accept the token in its file. Restart Kimi Code; it then writes a new token. The account itself is fine.",
        ),
        Kind::Unknown if failure.status == Some(499) => (
            "unknown-cancelled",
            "The caller ended the request before the answer arrived. Key and account are fine; allow more time.",
        ),
        Kind::Unknown => (
            "unknown",
            "Tidemark does not recognise this answer. Retry later; if it continues, send the message to support.",
        ),
    }
}

/// What concerns Kimi Code's own server has nothing to do with keys and addresses.
const fn local_server(cause: &FailureCause) -> Option<Advice> {
    match cause {
        FailureCause::ServerWithoutUsage { .. } => Some((
            "server-without-usage",
            "Kimi Code's local server does not offer the quota. Update Kimi Code and Tidemark, or add the account with its login or a key instead.",
        )),
        FailureCause::ServerFailed { .. } => Some((
            "server-failed",
            "Kimi Code's local server failed. Retry later; if it continues, restart Kimi Code. The account itself is fine.",
        )),
        FailureCause::ServerLoginRefused { .. } => Some((
            "server-login-refused",
            "The service does not accept the login of Kimi Code. Sign in to Kimi Code again; Tidemark needs no new key.",
        )),
        _ => None,
    }
}

const fn rate_limited(limit: Option<Limit>, whose: Option<LimitScope>) -> Advice {
    match (limit, whose) {
        (Some(Limit::Concurrency), Some(LimitScope::Project)) => (
            "rate-limited-concurrency-project",
            "Too many concurrent requests in the project. Let some finish first, or raise the project's limit on the console. Rejected requests are not charged.",
        ),
        (Some(Limit::Concurrency), _) => (
            "rate-limited-concurrency",
            "Too many concurrent requests. Let some finish first; all keys and devices of the account share the limit. Rejected requests are not charged.",
        ),
        (Some(Limit::RequestsPerMinute), Some(LimitScope::Project)) => (
            "rate-limited-requests-per-minute-project",
            "The project sent too many requests in a minute. Slow down, or raise the project's limit on the console. Rejected requests are not charged.",
        ),
        (Some(Limit::RequestsPerMinute), _) => (
            "rate-limited-requests-per-minute",
            "Too many requests in a minute. Wait as the service asks and slow down; all keys and models of the account share the limit. Rejected requests are not charged.",
        ),
        (Some(Limit::TokensPerMinute), Some(LimitScope::Project)) => (
            "rate-limited-tokens-per-minute-project",
            "The project sent too many tokens in a minute. Slow down, or raise the project's limit on the console. Rejected requests are not charged.",
        ),
        (Some(Limit::TokensPerMinute), _) => (
            "rate-limited-tokens-per-minute",
            "Too many tokens in a minute. Wait a minute and slow down; the largest output that a request allows is counted in advance, so a smaller maximum helps. Rejected requests are not charged.",
        ),
        (Some(Limit::TokensPerDay), Some(LimitScope::Project)) => (
            "rate-limited-tokens-per-day-project",
            "The project's tokens for the day are used up. Raise the project's limit on the console, or wait for the next day; the service does not say in which time zone the day ends.",
        ),
        (Some(Limit::TokensPerDay), _) => (
            "rate-limited-tokens-per-day",
            "The tokens for the day are used up. The limit resets the next day (the service does not say in which time zone); a higher tier, reached by topping up, has no daily limit.",
        ),
        (None, Some(LimitScope::Service)) => (
            "rate-limited-service",
            "The service receives too many requests overall. Wait a few minutes, then retry; the account's quota is not used up.",
        ),
        (None, _) => (
            "rate-limited",
            "Too many requests. Wait as the service asks, or a minute, and slow down. Rejected requests are not charged.",
        ),
    }
}

const fn forbidden(denied: Option<Denied>) -> Advice {
    match denied {
        Some(Denied::Model) => (
            "forbidden-model",
            "The plan does not include this model, or not at this size. Key and account are fine, and so is the quota. Choose another model, or a higher plan.",
        ),
        Some(Denied::Account) => (
            "forbidden-account",
            "The service has ended the account's access. Another key of this account will not help; ask Kimi's support for the reason.",
        ),
        Some(Denied::Client) => (
            "forbidden-client",
            "The service does not serve this program with this key. Key and account are fine, and the quota is untouched; use the key in a program that the service names.",
        ),
        None => (
            "forbidden",
            "The key is valid but lacks permission. On the console, check the account's state, the IP allowlist, and the models and products that the key may use.",
        ),
    }
}

const fn window_exhausted(meter: Option<Meter>) -> Advice {
    match meter {
        Some(Meter::FiveHour) => (
            "window-exhausted-5h",
            "The 5-hour quota is used up. It resets when its 5 hours end; until then, extra usage continues if the wallet is on.",
        ),
        Some(Meter::Week) => (
            "window-exhausted-week",
            "The weekly quota is used up. It resets when its 7 days end; until then, extra usage continues if the wallet is on.",
        ),
        Some(Meter::Month | Meter::MonthCode) => (
            "window-exhausted-month",
            "The monthly quota is used up, including Kimi Code's share. It resets with the next billing cycle; until then, extra usage continues if the wallet is on.",
        ),
        None => (
            "window-exhausted",
            "A quota is used up; the service did not say which. The readings show which one, and when it resets.",
        ),
    }
}
