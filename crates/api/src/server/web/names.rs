//! The names under which a browser may ask. A page of another site can make a browser ask under a name of its own (DNS
//! rebinding), or from its own origin; neither is answered.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, StatusCode};

use super::super::error::ApiError;

/// What a browser says of where a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// What it says of what the request is for.
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// The names that are ours.
#[derive(Debug)]
pub(super) struct Names {
    address: SocketAddr,
    remote: bool,
    allowed: Vec<String>,
}

impl Names {
    pub(super) fn new(address: SocketAddr, remote: bool, allowed: Vec<String>) -> Self {
        let allowed = allowed.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { address, remote, allowed }
    }

    /// Refuses what was asked under another name, or by another site's page.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok()).filter(|_| hosts.next().is_none());
        if !host.is_some_and(|host| self.is_ours(host)) {
            return Err(ApiError::new(
                StatusCode::MISDIRECTED_REQUEST,
                "host",
                "asked under another name; name it with --allow-host",
            ));
        }
        let foreign = || ApiError::new(StatusCode::FORBIDDEN, "origin", "asked by a page of another site");
        if let Some(origin) = text(&ORIGIN) {
            let name = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            if !name.is_some_and(|name| self.is_ours(name)) {
                return Err(foreign());
            }
        }
        // A link to the page may stand anywhere.
        let is_followed_link = text(&FETCH_MODE) == Some("navigate");
        if !is_followed_link && matches!(text(&FETCH_SITE), Some("cross-site" | "same-site")) {
            return Err(foreign());
        }
        Ok(())
    }

    fn is_ours(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let (name, port) = split(&host);
        let is_allowed = |ours: &String| *ours == host || *ours == name;
        if self.allowed.iter().any(is_allowed) {
            return true;
        }
        if port.unwrap_or(80) != self.address.port() {
            return false;
        }
        // Browsers know this name themselves: no one can point it elsewhere.
        let ip = self.address.ip();
        if name == "localhost" && (ip.is_loopback() || ip.is_unspecified()) {
            return true;
        }
        let literal = name.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        if ip.is_loopback() {
            return literal == Some(ip);
        }
        // A number is no name that someone else could point at this machine.
        self.remote && literal.is_some()
    }
}

/// A name and its port, where one is named.
fn split(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => {
            (name, Some(port.parse().unwrap_or(0)))
        }
        _ => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(names: &Names, headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        names.check(&map).is_ok()
    }

    #[test]
    fn only_our_own_names_are_answered() {
        let here = Names::new(([127, 0, 0, 1], 4680).into(), false, vec!["Tide.example.org".into()]);
        let far = Names::new(([0, 0, 0, 0], 4680).into(), true, vec!["box.lan:4680".into()]);
        for (names, host, is_ours) in [
            (&here, "127.0.0.1:4680", true),
            (&here, "localhost:4680", true),
            (&here, "LOCALHOST:4680", true),
            (&here, "tide.example.org", true),
            (&here, "tide.example.org:443", true),
            (&here, "127.0.0.1", false),
            (&here, "127.0.0.2:4680", false),
            (&here, "127.0.0.1:4681", false),
            (&here, "localhost:x", false),
            (&here, "evil.example:4680", false),
            (&here, "tide.example.org.evil.example", false),
            (&here, "", false),
            (&far, "192.0.2.7:4680", true),
            (&far, "[2001:db8::1]:4680", true),
            (&far, "box.lan:4680", true),
            (&far, "localhost:4680", true),
            (&far, "localhost:4681", false),
            (&far, "box.lan", false),
            (&far, "other.lan:4680", false),
            (&far, "192.0.2.7", false),
        ] {
            assert_eq!(answered(names, &[("host", host)]), is_ours, "{host}");
        }
        assert!(!answered(&here, &[]));
        assert!(!answered(&here, &[("host", "localhost:4680"), ("host", "evil.example")]));
    }

    #[test]
    fn pages_of_other_sites_are_not_answered() {
        let here = Names::new(([127, 0, 0, 1], 4680).into(), false, vec!["tide.example.org".into()]);
        for (name, value, is_answered) in [
            ("origin", "http://127.0.0.1:4680", true),
            ("origin", "https://tide.example.org", true),
            ("origin", "http://evil.example", false),
            ("origin", "null", false),
            ("origin", "file://", false),
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "none", true),
            ("sec-fetch-site", "cross-site", false),
            ("sec-fetch-site", "same-site", false),
        ] {
            assert_eq!(answered(&here, &[("host", "localhost:4680"), (name, value)]), is_answered, "{value}");
        }
        let link =
            [("host", "localhost:4680"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        assert!(answered(&here, &link));
    }
}
