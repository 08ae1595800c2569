//! What a browser may do beyond asking.

use axum::http::{Method, StatusCode};

use super::super::error::ApiError;

/// Whether an address is one of data, and not of the page's files.
pub(super) fn is_data(path: &str) -> bool {
    path == "/metrics" || path == "/v1" || path.starts_with("/v1/")
}

/// What no page in a browser asks for: to end the agent, or to read files of the data folder. Nor does it change channels,
/// which may start a program.
const OWN_PROGRAMS_ONLY: [&str; 4] = ["/v1/quit", "/v1/end", "/v1/import", "/v1/machines/export"];

/// What a browser of another machine may change. Keys and passphrases are not typed there, and no program is started
/// and no address named: those stay with whoever sits at the machine.
const FROM_AFAR: [(Method, &str); 9] = [
    (Method::POST, "/v1/findings/seen"),
    (Method::POST, "/v1/findings/*/mark"),
    (Method::POST, "/v1/accounts/*/test"),
    (Method::PUT, "/v1/accounts/order"),
    (Method::PATCH, "/v1/settings"),
    (Method::POST, "/v1/refresh"),
    (Method::POST, "/v1/pause"),
    (Method::POST, "/v1/resume"),
    (Method::POST, "/v1/usage/scan"),
];

/// Refuses what must not be changed from here.
pub(super) fn check(
    method: &Method,
    path: &str,
    read_only: bool,
    is_reached_by_others: bool,
) -> Result<(), ApiError> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let refused = |code, message| Err(ApiError::new(StatusCode::FORBIDDEN, code, message));
    if read_only {
        return refused("read-only", "nothing can be changed from this page");
    }
    if OWN_PROGRAMS_ONLY.contains(&path) || path == "/v1/channels" || path.starts_with("/v1/channels/") {
        return refused("not-from-a-browser", "only the command line and the window do this");
    }
    let is_allowed = |(allowed, pattern): &(Method, &str)| allowed == method && matches(pattern, path);
    if is_reached_by_others && !FROM_AFAR.iter().any(is_allowed) {
        return refused("not-from-afar", "this is changed on the machine itself");
    }
    Ok(())
}

/// Whether a path is like a pattern, in which `*` stands for one part.
fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some("*"), Some(part)) if !part.is_empty() => {}
            (Some(expected), Some(part)) if expected == part => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_changed_depends_on_where_from() {
        let allowed = |method: Method, path, read_only, afar| check(&method, path, read_only, afar).is_ok();
        for (method, path, from_here, from_afar) in [
            (Method::GET, "/v1/overview", true, true),
            (Method::HEAD, "/v1/overview", true, true),
            (Method::POST, "/v1/refresh", true, true),
            (Method::POST, "/v1/findings/7/mark", true, true),
            (Method::PATCH, "/v1/settings", true, true),
            (Method::POST, "/v1/accounts", true, false),
            (Method::PATCH, "/v1/accounts/7", true, false),
            (Method::DELETE, "/v1/accounts/7", true, false),
            (Method::POST, "/v1/accounts/test", true, false),
            (Method::POST, "/v1/vault/unlock-file", true, false),
            (Method::POST, "/v1/machines", true, false),
            (Method::PATCH, "/v1/intake", true, false),
            (Method::POST, "/v1/update", true, false),
            (Method::POST, "/v1/quit", false, false),
            (Method::POST, "/v1/end", false, false),
            (Method::POST, "/v1/import", false, false),
            (Method::POST, "/v1/channels", false, false),
            (Method::PUT, "/v1/channels/phone", false, false),
            (Method::DELETE, "/v1/channels/phone", false, false),
            (Method::POST, "/v1/channels/phone/test", false, false),
        ] {
            assert_eq!(allowed(method.clone(), path, false, false), from_here, "{method} {path}");
            assert_eq!(allowed(method.clone(), path, false, true), from_afar, "{method} {path}");
            let is_question = matches!(method, Method::GET | Method::HEAD);
            assert_eq!(allowed(method, path, true, true), is_question, "{path}");
        }
        assert!(!allowed(Method::POST, "/v1/findings//mark", false, true));
        assert!(!allowed(Method::POST, "/v1/findings/7/mark/8", false, true));
    }
}
