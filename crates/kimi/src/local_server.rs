//! What Kimi Code's own server says of itself, and not of the account.
//!
//! It asks the service with its own login and hands on what the service says inside an envelope: a failure of the
//! service has status 200, `code` 0 and `data.kind` `error`. Its own refusal of the token has `code` 40101.
//! (Source: Kimi Code 2.1.0 and its reference of the server's interface.)

use serde::Deserialize;
use tidemark_core::{Failure, FailureKind};

/// The codes with which the server refuses the token: 401 and two digits.
const REFUSED: std::ops::RangeInclusive<u64> = 40_100..=40_199;

#[derive(Deserialize)]
struct Envelope {
    code: u64,
}

/// The failure that an answer of the server means where it is about the token and not about the account.
pub(crate) fn refusal(status: u16, body: &[u8]) -> Option<Failure> {
    let code = serde_json::from_slice(body).ok().map(|envelope: Envelope| envelope.code);
    if status != 401 && !code.is_some_and(|code| REFUSED.contains(&code)) {
        return None;
    }
    let mut failure = Failure::new(
        FailureKind::ServerTokenRefused,
        "Kimi Code's local server did not accept the token in its file",
    );
    failure.status = Some(status);
    Some(failure)
}

/// The failure of a server that could not be connected to.
pub(crate) fn not_running(address: &str) -> Failure {
    Failure::new(
        FailureKind::ServerNotRunning,
        format!("Kimi Code's local server is not running: nothing answers at {address}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refused_token_is_the_server_s_own_matter() {
        for (status, body, refused) in [
            (200, r#"{"code":40101,"msg":"unauthorized","data":null,"request_id":"r"}"#, true),
            (401, r#"{"code":40101,"msg":"unauthorized","data":null}"#, true),
            (401, "", true),
            (401, "<html>", true),
            (200, r#"{"code":40199}"#, true),
            (
                200,
                r#"{"code":0,"data":{"kind":"error","status":401,"message":"Authorization failed."}}"#,
                false,
            ),
            (200, r#"{"code":0,"data":{"kind":"ok"}}"#, false),
            (200, r#"{"code":40401,"msg":"no such route"}"#, false),
            (200, r#"{"code":"40101"}"#, false),
            (200, r#"{"data":{"code":40101}}"#, false),
            (403, r#"{"code":40301}"#, false),
            (500, "", false),
        ] {
            let failure = refusal(status, body.as_bytes());
            assert_eq!(failure.is_some(), refused, "{status} {body}");
        }
    }
}
