//! Explaining: what an error of the service means, by tables.
//!
//! Status codes alone are ambiguous: 429 stands for an overloaded engine, a rate limit, an empty account and
//! a used-up window; 403 for a used-up window, risk control and a missing permission.

mod advice;
mod envelope;
mod figures;
pub(crate) mod phrase;
mod retry_after;
mod rules;
mod topic;
mod vocabulary;
mod window;

use chrono::{DateTime, Utc};
use tidemark_core::failure::{Limit, LimitScope};
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Failure, FailureKind, Source};

pub use advice::{advice, advice_word};
pub(crate) use retry_after::of_headers as retry_after;
pub use window::settle_window;

use crate::redact;
use envelope::Envelope;
use rules::Verdict;
use topic::Topic;

/// What an answer of the service means that is not what was asked for.
///
/// - `headers`: the answer's, in any order and case; only `Retry-After` and `Date` are read.
/// - `source`: which product was asked, where it is known. A quota window is only ever Kimi Code's.
/// - `body`: as it came: JSON of any of the known envelopes, HTML, plain text, nothing.
/// - `now`: what a date in `Retry-After` is counted from, where the answer has no `Date` of its own.
///
/// The message of the result has keys and account numbers taken out.
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// use tidemark_core::{FailureKind, Source};
/// use tidemark_kimi::{advice_word, explain};
///
/// let body = br#"{"error":{"type":"engine_overloaded_error","message":"The engine is currently overloaded"}}"#;
/// let headers = [("retry-after".to_owned(), "30".to_owned())];
/// let now = "2026-08-06T12:00:00Z".parse()?;
/// let failure = explain(429, &headers, Some(Source::Platform), body, now);
/// assert_eq!(failure.kind, FailureKind::Overloaded);
/// assert_eq!(failure.retry_after, Some(Duration::from_secs(30)));
/// assert_eq!(advice_word(&failure), "overloaded");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn explain(
    status: u16,
    headers: &[(String, String)],
    source: Option<Source>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Failure {
    explain_from(status, headers, source, body, Some(now))
}

/// [`explain`] where the time may not be known: a date in `Retry-After` is then counted from the answer's
/// own.
pub(crate) fn explain_from(
    status: u16,
    headers: &[(String, String)],
    source: Option<Source>,
    body: &[u8],
    now: Option<DateTime<Utc>>,
) -> Failure {
    let envelope = Envelope::read(body);
    // A success that carries an error is judged by the status that its code names.
    let effective = if (200..300).contains(&status) { envelope.status.unwrap_or(status) } else { status };
    let topic = Topic::of(&envelope.text, &envelope.types);
    let said = rules::ErrorFacts {
        status: effective,
        source,
        types: &envelope.types,
        text: &envelope.text,
        topic: &topic,
    };
    let Verdict { kind, limit, whose, denied } = rules::judge(&said);

    let (message, cause) = message(status, kind, &envelope);
    let mut failure = Failure::new(kind, message);
    failure.cause = cause.map(Box::new);
    failure.status = Some(status);
    failure.retry_after = retry_after::of_headers(headers, now).or_else(|| figures::wait(&envelope.text));
    failure.denied = denied;
    if kind == FailureKind::WindowExhausted {
        failure.meter = window::named(&envelope.text);
    }
    if kind == FailureKind::RateLimited {
        failure.limit = limit.or_else(|| figures::limit(&envelope.text));
        failure.whose = whose.or_else(|| figures::whose(&envelope.text)).or_else(|| {
            // A limit that is named without an owner is the account's.
            failure.limit.map(|_: Limit| LimitScope::Account)
        });
        let (current, limit_value) = figures::reached(&envelope.text);
        failure.current = current;
        failure.limit_value = limit_value;
    } else {
        failure.whose = whose;
    }
    failure
}

/// What the service says, as it says it; where that alone says nothing, a sentence about the answer.
fn message(status: u16, kind: FailureKind, envelope: &Envelope) -> (String, Option<FailureCause>) {
    /// Longer messages are cut; the service's are a sentence or two.
    const LONGEST: usize = 500;

    let shortened = |said: &str| match said.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said.to_owned(),
    };
    let said = envelope
        .message
        .as_deref()
        .map(|said| shortened(&redact::text(&said.split_whitespace().collect::<Vec<_>>().join(" "))));
    match (said, kind) {
        (Some(said), FailureKind::Unknown) => (
            format!("the service answered with status {status}: {said}"),
            Some(FailureCause::StatusUnknown { status, said }),
        ),
        (Some(said), _) => (said, None),
        (None, _) => match envelope.types.first() {
            Some(word) => {
                let said = shortened(&redact::text(word));
                (
                    format!("the service answered with status {status} and only said `{said}`"),
                    Some(FailureCause::StatusWithWord { status, said }),
                )
            }
            None => (
                format!("the service answered with status {status} without a message"),
                Some(FailureCause::StatusAlone { status }),
            ),
        },
    }
}
