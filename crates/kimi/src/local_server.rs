//! What Kimi Code's own server says of itself, and not of the account.
//!
//! It asks the service with its own login and hands on what the service says inside an envelope: a failure of the
//! service has status 200, `code` 0 and `data.kind` `error`. Its own failures have a `code` of five digits, which begins
//! with the status that it means: 40101 refuses the token, 40401 knows no such route, 50001 failed. (Source: Kimi Code
//! 2.1.0 and its reference of the server's interface.)

use serde::Deserialize;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Failure, FailureKind, text};

use crate::redact;

/// The codes of its failures: a status and two digits.
const FAILURES: std::ops::RangeInclusive<u64> = 40_000..=59_999;

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    code: u64,
    #[serde(default)]
    msg: Option<String>,
}

/// The failure that an answer of the server means where it is about the server and not about the account.
pub(crate) fn own_failure(status: u16, body: &[u8]) -> Option<Failure> {
    let envelope = serde_json::from_slice(body).ok();
    let code = envelope.as_ref().map(|envelope: &Envelope| envelope.code);
    let coded = code.filter(|code| FAILURES.contains(code)).and_then(|code| u16::try_from(code / 100).ok());
    let meant = match (status, coded) {
        // An envelope says more than the status around it.
        (_, Some(meant)) => meant,
        (400.., None) => status,
        _ => return None,
    };
    let mut failure = match meant {
        401 => Failure::new(
            FailureKind::ServerTokenRefused,
            "Kimi Code's local server did not accept the token in its file",
        )
        .with_cause(FailureCause::ServerTokenRefused),
        404 | 405 | 410 => without_usage(meant),
        // How long to wait is in its headers.
        429 => return None,
        _ => {
            let said = envelope.and_then(|envelope| envelope.msg).filter(|said| !said.trim().is_empty());
            let said = said.map(|said| text::sentence(&redact::text(&said)));
            let quoted = said.as_ref().map(|said| format!(": {said}")).unwrap_or_default();
            Failure::new(
                FailureKind::ServerError,
                format!("Kimi Code's local server failed with status {meant}{quoted}"),
            )
            .with_cause(FailureCause::ServerFailed { status: meant, said })
        }
    };
    failure.status = Some(status);
    Some(failure)
}

/// The failure of a server that does not know what is asked of it.
fn without_usage(status: u16) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        "Kimi Code's local server does not offer the quota; this version of it may be older or newer",
    )
    .with_cause(FailureCause::ServerWithoutUsage { status })
}

/// What the service said to the server, about the login there: there is neither a key nor an address of Tidemark's.
pub(crate) fn handed_on(failure: Failure) -> Failure {
    let status = failure.status.unwrap_or_default();
    match failure.kind {
        FailureKind::Unauthorized => {
            let said = failure.cause.is_none().then(|| failure.message.clone());
            let cause = FailureCause::ServerLoginRefused { said };
            failure.with_cause(cause)
        }
        FailureKind::NotFound => Failure { status: failure.status, ..without_usage(status) },
        _ => failure,
    }
}

/// The failure of a server that could not be connected to.
pub(crate) fn not_running(address: &str) -> Failure {
    Failure::new(
        FailureKind::ServerNotRunning,
        format!("Kimi Code's local server is not running: nothing answers at {address}"),
    )
    .with_cause(FailureCause::ServerNotRunning { address: Some(address.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_of_itself_is_no_word_on_key_address_or_account() {
        for (status, body, expected) in [
            (
                200,
                r#"{"code":40101,"msg":"unauthorized","data":null,"request_id":"r"}"#,
                "server-token-refused",
            ),
            (401, r#"{"code":40101,"msg":"unauthorized","data":null}"#, "server-token-refused"),
            (401, "", "server-token-refused"),
            (401, "<html>", "server-token-refused"),
            (200, r#"{"code":40199}"#, "server-token-refused"),
            (404, "", "server-without-usage"),
            (404, r#"{"code":40401,"msg":"no such route"}"#, "server-without-usage"),
            (200, r#"{"code":40401,"msg":"no such route"}"#, "server-without-usage"),
            (405, "<html>", "server-without-usage"),
            (500, "", "server-failed"),
            (200, r#"{"code":50001,"msg":"not signed in yet"}"#, "server-failed"),
            (403, r#"{"code":40301}"#, "server-failed"),
            (200, r#"{"code":0,"data":{"kind":"error","status":401,"message":"Authorization failed."}}"#, ""),
            (200, r#"{"code":0,"data":{"kind":"ok"}}"#, ""),
            (200, r#"{"code":"40101"}"#, ""),
            (200, r#"{"data":{"code":40101}}"#, ""),
            (429, r#"{"code":42901}"#, ""),
        ] {
            let cause = own_failure(status, body.as_bytes()).and_then(|failure| failure.cause);
            assert_eq!(cause.map(|cause| cause.id()).unwrap_or_default(), expected, "{status} {body}");
        }
        let failure = own_failure(200, br#"{"code":50001,"msg":"not signed in yet"}"#).unwrap();
        let said = Some("not signed in yet".to_owned());
        assert_eq!(failure.cause.as_deref(), Some(&FailureCause::ServerFailed { status: 500, said }));
    }
}
