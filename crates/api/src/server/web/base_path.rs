//! The path below which a reverse proxy shows the page.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// A path that begins and ends with a slash; `/` where the page has an address of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

/// What is wrong with a base path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a base path is made of letters, digits, `-`, `_`, `.` and `/`, such as /tidemark/")]
pub struct BasePathError;

impl Default for BasePath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl std::str::FromStr for BasePath {
    type Err = BasePathError;

    fn from_str(text: &str) -> Result<Self, BasePathError> {
        let inner = text.trim_matches('/');
        if inner.is_empty() {
            return Ok(Self::default());
        }
        let is_plain = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        let is_usable = inner.len() <= 200 && inner.split('/').all(is_plain);
        if is_usable { Ok(Self(format!("/{inner}/"))) } else { Err(BasePathError) }
    }
}

impl BasePath {
    /// As it stands in an address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a path is this one without its last slash: files of the page would not be found relative to it.
    pub(super) fn is_without_slash(&self, path: &str) -> bool {
        self.0.len() > 1 && self.0.strip_suffix('/') == Some(path)
    }

    /// Takes this path from the beginning of an address. One without it stays: some proxies take it off themselves.
    pub(super) fn strip(&self, uri: &mut Uri) {
        let Some(whole) = uri.path_and_query().map(PathAndQuery::as_str) else { return };
        let stripped = whole
            .strip_prefix(self.0.as_str())
            .and_then(|rest| PathAndQuery::try_from(format!("/{rest}")).ok());
        if let Some(stripped) = stripped {
            let mut parts = uri.clone().into_parts();
            parts.path_and_query = Some(stripped);
            if let Ok(changed) = Uri::from_parts(parts) {
                *uri = changed;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_has_a_slash_at_both_ends_and_nothing_odd_in_it() {
        for (text, path) in [
            ("/", "/"),
            ("", "/"),
            ("/tidemark/", "/tidemark/"),
            ("tidemark", "/tidemark/"),
            ("/a/b.c/", "/a/b.c/"),
        ] {
            assert_eq!(text.parse::<BasePath>().unwrap().as_str(), path);
        }
        for text in ["/a//b", "/../", "/a b/", "/%2e/", "http://x/", "/ä/", "/a?b/"] {
            assert_eq!(text.parse::<BasePath>(), Err(BasePathError), "{text}");
        }
    }

    #[test]
    fn requests_are_understood_with_the_path_and_without() {
        let base: BasePath = "/tidemark/".parse().unwrap();
        for (asked, found) in [
            ("/tidemark/", "/"),
            ("/tidemark/v1/usage?by=day", "/v1/usage?by=day"),
            ("/tidemark/?a=/tidemark/", "/?a=/tidemark/"),
            ("/v1/usage", "/v1/usage"),
            ("/tidemarks/v1", "/tidemarks/v1"),
        ] {
            let mut uri: Uri = asked.parse().unwrap();
            base.strip(&mut uri);
            assert_eq!(uri.to_string(), found, "{asked}");
        }
        assert!(base.is_without_slash("/tidemark"));
        assert!(!base.is_without_slash("/tidemark/") && !BasePath::default().is_without_slash(""));
    }
}
