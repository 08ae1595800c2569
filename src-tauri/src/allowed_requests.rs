//! What the page may ask of the agent: the routes that the window needs, and no key for another address.
//!
//! The page shows text from outside. Should something in it ever run, it finds here what the window itself can do, and
//! not what the agent can.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The routes, with `#` for a number, `@` for the key of a machine and `*` for a name as one encoded part. A path may have
/// a query where the route reads one.
const ROUTES: [(&str, &str); 44] = [
    ("GET", "/v1/agent"),
    ("GET", "/v1/overview"),
    ("GET", "/v1/welcome"),
    ("GET", "/v1/accounts"),
    ("GET", "/v1/settings"),
    ("GET", "/v1/budgets"),
    ("GET", "/v1/history"),
    ("GET", "/v1/levels"),
    ("GET", "/v1/cycles"),
    ("GET", "/v1/usage"),
    ("GET", "/v1/usage/sessions"),
    ("GET", "/v1/machines"),
    ("GET", "/v1/channels"),
    ("GET", "/v1/findings"),
    ("GET", "/v1/findings/#/case"),
    ("GET", "/v1/findings/#/claim"),
    ("GET", "/v1/hindsight"),
    ("GET", "/v1/incidents"),
    ("GET", "/v1/vault"),
    ("POST", "/v1/findings/#/mark"),
    ("POST", "/v1/findings/seen"),
    ("POST", "/v1/accounts"),
    ("POST", "/v1/accounts/test"),
    ("POST", "/v1/accounts/#/test"),
    ("PATCH", "/v1/accounts/#"),
    ("DELETE", "/v1/accounts/#"),
    ("PUT", "/v1/accounts/order"),
    ("POST", "/v1/machines"),
    ("POST", "/v1/machines/sync"),
    ("PATCH", "/v1/machines/@"),
    ("DELETE", "/v1/machines/@"),
    ("POST", "/v1/channels"),
    ("PUT", "/v1/channels/*"),
    ("DELETE", "/v1/channels/*"),
    ("POST", "/v1/channels/*/test"),
    ("PATCH", "/v1/settings"),
    ("POST", "/v1/update"),
    ("POST", "/v1/refresh"),
    ("POST", "/v1/poll"),
    ("POST", "/v1/pause"),
    ("POST", "/v1/resume"),
    ("POST", "/v1/vault/unlock-file"),
    ("POST", "/v1/vault/unlock-keyring"),
    ("POST", "/v1/notifications/test"),
];

/// The largest body that a page sends, in bytes.
const MAX_BODY_LEN: usize = 1 << 20;
/// The longest path with its query, in bytes.
const MAX_PATH_LEN: usize = 2000;

/// Whether the page may send this.
pub(crate) fn allowed(method: &str, path: &str, body: Option<&[u8]>) -> bool {
    let (route, query) = path.split_once('?').unwrap_or((path, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~%=&+:,*'()!".contains(c);
    path.len() <= MAX_PATH_LEN
        && query.chars().all(plain)
        && ROUTES.iter().any(|(known, pattern)| *known == method && fits(pattern, route))
        && body_allowed(method, route, body)
}

/// Whether a path is of a pattern in which `#` is a number, `*` an encoded name, and `@` the key of a machine: `this`, or
/// the number of a machine or an exchange behind its letter.
fn fits(pattern: &str, path: &str) -> bool {
    let number = |part: &str| (1..=18).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let machine = |part: &str| part == "this" || part.strip_prefix(['m', 'x']).is_some_and(number);
    // Neither `.` nor `..`, which a reader of paths would take for a step.
    let name = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_%~.!*'()".contains(&b))
            && !part.bytes().all(|b| b == b'.')
    };
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some("#"), Some(part)) if number(part) => {}
            (Some("@"), Some(part)) if machine(part) => {}
            (Some("*"), Some(part)) if name(part) => {}
            (Some(known), Some(part)) if known == part => {}
            _ => return false,
        }
    }
}

/// Whether a body is an object, where there is one, and names no address to which a key would go, nor a program to start.
fn body_allowed(method: &str, route: &str, body: Option<&[u8]>) -> bool {
    if route == "/v1/update" {
        return body.is_some_and(|body| serde_json::from_slice::<UpdateOrder>(body).is_ok());
    }
    let Some(body) = body else { return true };
    if method == "GET" || body.len() > MAX_BODY_LEN {
        return false;
    }
    let Ok(FieldNames(names)) = serde_json::from_slice(body) else {
        // `POST` without anything to say sends nothing, or `null`.
        return body == b"null";
    };
    // The window adds accounts of Kimi's own services only; another address is a matter of the command line. So is a program
    // that a channel starts.
    let refused: &[&str] = if route.starts_with("/v1/accounts") {
        &["base_url", "base_url_confirmed"]
    } else if route.starts_with("/v1/channels") {
        &["program"]
    } else {
        &[]
    };
    !names.iter().any(|name| refused.contains(&name.as_str()))
}

/// What the page may ask of an update: a word, and no address, file or version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateOrder {
    #[serde(rename = "do")]
    _action: UpdateWord,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum UpdateWord {
    Check,
    Install,
}

/// The names of a body's fields that are not `null`, one that stands twice as often as it does. What they hold may be a
/// key, and is not copied.
struct FieldNames(Vec<String>);

impl<'de> Deserialize<'de> for FieldNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = FieldNames;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<FieldNames, A::Error> {
                let mut names = Vec::new();
                while let Some((name, value)) = fields.next_entry::<String, Option<IgnoredAny>>()? {
                    if value.is_some() {
                        names.push(name);
                    }
                }
                Ok(FieldNames(names))
            }
        }

        deserializer.deserialize_map(Names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_s_own_requests_pass() {
        for (method, path, body) in [
            ("GET", "/v1/overview", None),
            ("GET", "/v1/history?by=day&from=2026-11-01T00%3A00%3A00.000Z&account=3", None),
            ("GET", "/v1/findings/12/case", None),
            ("POST", "/v1/findings/12/mark", Some(r#"{"as":"mine"}"#)),
            (
                "POST",
                "/v1/accounts",
                Some(r#"{"name":"w","base_url":null,"key":{"kind":"keyring","key":"sk-x"}}"#),
            ),
            ("PATCH", "/v1/accounts/7", Some(r#"{"name":"工作"}"#)),
            ("DELETE", "/v1/accounts/7?keep_key=true", None),
            ("PUT", "/v1/accounts/order", Some(r#"{"ids":[2,1]}"#)),
            ("POST", "/v1/resume", None),
            ("POST", "/v1/resume", Some("null")),
            ("POST", "/v1/update", Some(r#"{"do":"install"}"#)),
            ("POST", "/v1/machines", Some(r#"{"name":"laptop","host":"me@laptop","command":null}"#)),
            ("POST", "/v1/machines/sync", Some(r#"{"key":"x2"}"#)),
            ("PATCH", "/v1/machines/this", Some(r#"{"name":"desk"}"#)),
            ("PATCH", "/v1/machines/m12", Some(r#"{"ignored":false}"#)),
            ("DELETE", "/v1/machines/x3?drop_use=true", None),
            ("PUT", "/v1/channels/on%20call", Some(r#"{"name":"on call"}"#)),
            ("POST", "/v1/channels/%E7%BE%A4/test", Some(r#"{"title":"t"}"#)),
        ] {
            assert!(allowed(method, path, body.map(str::as_bytes)), "{method} {path}");
        }
    }

    /// The method and path of each request in the window's client, with a number or a key where it puts one.
    fn requests_of_the_client() -> Vec<(&'static str, String)> {
        let client = include_str!("../../ui/src/api/client.ts");
        let mut requests = Vec::new();
        for (place, _) in client.match_indices(".request(") {
            let mut parts = client[place..].splitn(5, ['\'', '`']);
            let (Some(method), Some(path)) = (parts.nth(1), parts.nth(1)) else { continue };
            let path = path.split(['?']).next().unwrap_or_default();
            let path = path.split("${queryString").next().unwrap_or_default();
            let path = path.split("${keepKey").next().unwrap_or_default();
            requests.push((
                method,
                path.replace("${id}", "7")
                    .replace("${key}", "m7")
                    .replace("${encodeURIComponent(name)}", "%E7%BE%A4"),
            ));
        }
        requests
    }

    #[test]
    fn the_window_asks_nothing_that_it_may_not() {
        let requests = requests_of_the_client();
        assert!(requests.len() > 30, "{requests:?}");
        for (method, path) in requests {
            let body = (method != "GET" && method != "DELETE").then_some(r#"{"do":"check"}"#.as_bytes());
            assert!(allowed(method, &path, body), "{method} {path}");
        }
    }

    #[test]
    fn nothing_else_passes() {
        let elsewhere = r#"{"base_url":"https://example.org/v1","key":{"kind":"environment","name":"A"}}"#;
        for (method, path, body) in [
            ("POST", "/v1/quit", None),
            ("POST", "/v1/end", None),
            ("GET", "/v1/export?format=jsonl", None),
            ("GET", "/v1/report?account=1", None),
            ("POST", "/v1/overview", None),
            ("PUT", "/v1/update", Some(r#"{"do":"install"}"#)),
            ("POST", "/v1/update", None),
            ("POST", "/v1/update", Some("{}")),
            ("POST", "/v1/update", Some(r#"{"do":"download"}"#)),
            ("POST", "/v1/update", Some(r#"{"do":"install","do":"check"}"#)),
            ("POST", "/v1/update", Some(r#"{"do":"install","from":"https://example.org"}"#)),
            ("get", "/v1/overview", None),
            ("GET", "http://example.org/v1/overview", None),
            ("GET", "/v1/overview/", None),
            ("GET", "/v1/../v1/overview", None),
            ("GET", "/v1/overview?a=b c", None),
            ("GET", "/v1/overview\r\nX: y", None),
            ("GET", "/v1/findings/-1/case", None),
            ("GET", "/v1/findings/1x/case", None),
            ("DELETE", "/v1/accounts/order", None),
            ("DELETE", "/v1/machines/3", None),
            ("DELETE", "/v1/channels/", None),
            ("DELETE", "/v1/channels/..", None),
            ("DELETE", "/v1/channels/a/b", None),
            ("PUT", "/v1/channels", Some("{}")),
            ("POST", "/v1/channels", Some(r#"{"name":"n","kind":"program","program":"/bin/sh"}"#)),
            ("PUT", "/v1/channels/n", Some(r#"{"name":"n","program":"/bin/sh"}"#)),
            ("DELETE", "/v1/machines/m", None),
            ("PATCH", "/v1/machines/that", Some("{}")),
            ("POST", "/v1/machines/export", Some("{}")),
            ("GET", "/v1/overview", Some("{}")),
            ("POST", "/v1/accounts", Some(elsewhere)),
            ("POST", "/v1/accounts/test", Some(elsewhere)),
            ("POST", "/v1/accounts", Some(r#"{"base_url_confirmed":true,"key":{"kind":"kimi-code-login"}}"#)),
            ("POST", "/v1/accounts", Some("[1]")),
            ("POST", "/v1/accounts", Some("{")),
            ("POST", "/v1/accounts", Some("")),
        ] {
            assert!(!allowed(method, path, body.map(str::as_bytes)), "{method} {path} {body:?}");
        }
        assert!(!allowed("GET", &format!("/v1/usage?by={}", "x".repeat(3000)), None));
    }

    #[test]
    fn a_field_that_stands_twice_is_seen() {
        // A reader that takes the first, and one that takes the last, must both find it allowed.
        let twice =
            r#"{"base_url":"https://example.org/v1","base_url":null,"key":{"kind":"kimi-code-login"}}"#;
        assert!(!allowed("POST", "/v1/accounts", Some(twice.as_bytes())));
    }
}
