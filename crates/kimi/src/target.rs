//! Targets: where an account's calls go.

use tidemark_core::account::{BaseUrlError, check_base_url};
use tidemark_core::{Region, Source};

/// Where the calls of an account go, and how its answers are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The product to poll.
    pub source: Source,
    /// The region whose service is polled.
    pub region: Region,
    /// The part before `/usages`, `/me`, `/users/me/balance`, `/users/me`, without a trailing slash.
    pub base_url: String,
}

impl Target {
    /// The service's own address, or another one that was given instead.
    ///
    /// # Errors
    /// The given address is refused by [`check_base_url`]: it is not a URL, is not secure, or has more than a
    /// path.
    pub fn new(source: Source, region: Region, base_url: Option<&str>) -> Result<Self, BaseUrlError> {
        let base_url = match base_url {
            Some(text) => check_base_url(text)?.as_str().trim_end_matches('/').to_owned(),
            None => source.base_url(region).to_owned(),
        };
        Ok(Self { source, region, base_url })
    }

    /// The path of the call that gives quota or balance.
    #[must_use]
    pub const fn quota_path(&self) -> &'static str {
        match self.source {
            Source::KimiCode => "/usages",
            Source::Platform => "/users/me/balance",
        }
    }

    /// The path of the call that gives plan and limits.
    #[must_use]
    pub const fn profile_path(&self) -> &'static str {
        match self.source {
            Source::KimiCode => "/me",
            Source::Platform => "/users/me",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_checked_and_trimmed() {
        let target =
            Target::new(Source::KimiCode, Region::China, Some("http://127.0.0.1:9/coding/v1/")).unwrap();
        assert_eq!(target.base_url, "http://127.0.0.1:9/coding/v1");
        let target = Target::new(Source::KimiCode, Region::China, Some("http://127.0.0.1:9")).unwrap();
        assert_eq!(target.base_url, "http://127.0.0.1:9");
        assert!(Target::new(Source::KimiCode, Region::China, Some("http://example.org/v1")).is_err());
        let target = Target::new(Source::Platform, Region::Global, None).unwrap();
        assert_eq!(target.base_url, "https://api.moonshot.ai/v1");
        assert_eq!((target.quota_path(), target.profile_path()), ("/users/me/balance", "/users/me"));
    }
}
