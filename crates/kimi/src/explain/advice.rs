//! Advice: what a person can do about a failure, in English, and the word under which a face has it in
//! other languages.

use tidemark_core::failure::{Limit, Whose};
use tidemark_core::{Failure, FailureKind as Kind, Meter};

/// What to do about a failure, in one to three sentences.
#[must_use]
pub fn advice(failure: &Failure) -> &'static str {
    told(failure).1
}

/// The stable word of that advice, such as `overloaded`, `rate-limited-tokens-per-day`, `window-exhausted-5h`:
/// faces have its text in their language under it.
#[must_use]
pub fn advice_word(failure: &Failure) -> &'static str {
    told(failure).0
}

/// The word and the text.
type Told = (&'static str, &'static str);

fn told(failure: &Failure) -> Told {
    match failure.kind {
        Kind::RateLimited => rate_limited(failure.limit, failure.whose),
        Kind::Overloaded => (
            "overloaded",
            "The service is overloaded. Wait as it asks, or some minutes, and try again; topping up or a higher tier does not help.",
        ),
        Kind::OutOfBalance => (
            "out-of-balance",
            "The account's money does not suffice, or the account is suspended for it. Top it up in the console, or look there whether a voucher covers the model. A membership's quota cannot pay for it.",
        ),
        Kind::WindowExhausted => window_exhausted(failure.meter),
        Kind::MembershipLapsed => (
            "membership-lapsed",
            "The membership could not be verified. See on the membership page whether it is active; if it is, try again later.",
        ),
        Kind::Unauthorized => (
            "unauthorized",
            "The key was refused. See that it is complete, was not deleted, and is used at the service that issued it: keys of the China and the global service are independent, and so are those of Kimi Code and the open platform.",
        ),
        Kind::Forbidden => (
            "forbidden",
            "The key is known but may not do this. Look in the console at the account's state, at the addresses it may be used from, and at the models and products it is open for.",
        ),
        Kind::NotFound => (
            "not-found",
            "There is nothing at this address, or the account may not see it. Check the base URL and the model's name; models that were withdrawn answer like this.",
        ),
        Kind::ServerError => (
            "server-error",
            "The service failed. Try again in a while; if it goes on, look at the status page and give the support the time and the message.",
        ),
        Kind::GatewayTimeout => (
            "gateway-timeout",
            "The service did not answer its own gateway in time. Try again in a while; shorter or streamed requests get through more easily.",
        ),
        Kind::ContentFiltered => (
            "content-filtered",
            "The content was rejected as high risk. Change it; sending it again as it is gives the same answer.",
        ),
        Kind::BadRequest => (
            "bad-request",
            "The request was wrong: its format, a parameter, or its length. The message says what; sending it again as it is gives the same answer.",
        ),
        Kind::Network => (
            "network",
            "The service could not be reached. Check the connection, the proxy and the base URL; nothing was learned about the account.",
        ),
        Kind::Timeout => ("timeout", "The service did not answer in time. Try again in a while."),
        Kind::NotUnderstood => (
            "not-understood",
            "The answer could not be understood. A proxy or a sign-in page may stand between, or the service has changed; see that the base URL is right and Tidemark is current.",
        ),
        Kind::KeyUnavailable => (
            "key-unavailable",
            "The key could not be had from where it is kept. Unlock the keyring, set the variable, or enter the key again.",
        ),
        Kind::Unknown if failure.status == Some(499) => (
            "unknown-cancelled",
            "The caller ended the request before the answer was there. Nothing is wrong with key or account; give it more time.",
        ),
        Kind::Unknown => (
            "unknown",
            "The service answered something that is not known. Try again in a while; if it goes on, the message is what to ask the support about.",
        ),
    }
}

const fn rate_limited(limit: Option<Limit>, whose: Option<Whose>) -> Told {
    match (limit, whose) {
        (Some(Limit::Concurrency), Some(Whose::Project)) => (
            "rate-limited-concurrency-project",
            "Too many requests of the project at the same time. Let some finish first, or raise the project's limit in the console. A refused request is not charged.",
        ),
        (Some(Limit::Concurrency), _) => (
            "rate-limited-concurrency",
            "Too many requests at the same time. Let some finish first; all keys and devices of the account share the limit. A refused request is not charged.",
        ),
        (Some(Limit::RequestsPerMinute), Some(Whose::Project)) => (
            "rate-limited-requests-per-minute-project",
            "The project sent too many requests in a minute. Slow down, or raise the project's limit in the console. A refused request is not charged.",
        ),
        (Some(Limit::RequestsPerMinute), _) => (
            "rate-limited-requests-per-minute",
            "Too many requests in a minute. Wait as the service asks and slow down; all keys and models of the account share the limit. A refused request is not charged.",
        ),
        (Some(Limit::TokensPerMinute), Some(Whose::Project)) => (
            "rate-limited-tokens-per-minute-project",
            "The project sent too many tokens in a minute. Slow down, or raise the project's limit in the console. A refused request is not charged.",
        ),
        (Some(Limit::TokensPerMinute), _) => (
            "rate-limited-tokens-per-minute",
            "Too many tokens in a minute. Wait a minute and slow down; the largest answer that a request allows is counted beforehand, so a smaller maximum helps. A refused request is not charged.",
        ),
        (Some(Limit::TokensPerDay), Some(Whose::Project)) => (
            "rate-limited-tokens-per-day-project",
            "The project's tokens for the day are used up. Raise the project's limit in the console, or wait for the next day; the service does not say in which time zone the day ends.",
        ),
        (Some(Limit::TokensPerDay), _) => (
            "rate-limited-tokens-per-day",
            "The tokens for the day are used up. The limit resets the next day (the service does not say in which time zone); a higher tier, reached by topping up, has no daily limit.",
        ),
        (None, Some(Whose::Service)) => (
            "rate-limited-service",
            "The service gets too many requests from everybody. Wait some minutes and try again; the account's quota is not used up.",
        ),
        (None, _) => (
            "rate-limited",
            "Too many requests. Wait as the service asks, or a minute, and slow down. A refused request is not charged.",
        ),
    }
}

const fn window_exhausted(meter: Option<Meter>) -> Told {
    match meter {
        Some(Meter::FiveHour) => (
            "window-exhausted-5h",
            "The 5-hour window is used up. It comes back at the reset time shown; extra usage from the wallet, where enabled, goes on before that.",
        ),
        Some(Meter::Week) => (
            "window-exhausted-week",
            "The weekly quota is used up. It comes back when the 7 days end, at the reset time shown; extra usage from the wallet, where enabled, goes on before that.",
        ),
        Some(Meter::Month | Meter::MonthCode) => (
            "window-exhausted-month",
            "The month's quota is used up, for Kimi Code too. It comes back with the next billing cycle; extra usage from the wallet, where enabled, goes on before that.",
        ),
        None => (
            "window-exhausted",
            "A quota window is used up; the service did not say which. The meters show it, and when it comes back.",
        ),
    }
}
