//! Targets: where an account's calls go.

use tidemark_core::account::{BaseUrlError, check_base_url};
use tidemark_core::{Region, Source};

/// Which program answers the calls of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Interface {
    /// The service itself, or a relay that speaks as it does.
    #[default]
    Service,
    /// The server that Kimi Code runs on this machine. It has routes and envelopes of its own, and asks the service
    /// with its own login.
    LocalServer,
}

/// Where the calls of an account go, and how its answers are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The product to poll.
    pub source: Source,
    /// The region whose service is polled.
    pub region: Region,
    /// The part before `/usages`, `/me`, `/users/me/balance`, `/users/me`, `/oauth/usage`, without a trailing slash.
    pub base_url: String,
    /// Which program answers there.
    pub interface: Interface,
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
        Ok(Self { source, region, base_url, interface: Interface::Service })
    }

    /// Kimi Code's own server at a loopback address, such as `http://127.0.0.1:58627/api/v1`.
    #[must_use]
    pub const fn local_server(region: Region, base_url: String) -> Self {
        Self { source: Source::KimiCode, region, base_url, interface: Interface::LocalServer }
    }

    /// The path of the call that gives quota or balance.
    #[must_use]
    pub const fn quota_path(&self) -> &'static str {
        match (self.interface, self.source) {
            (Interface::LocalServer, _) => "/oauth/usage",
            (Interface::Service, Source::KimiCode) => "/usages",
            (Interface::Service, Source::Platform) => "/users/me/balance",
        }
    }

    /// The path of the call that gives plan and limits.
    #[must_use]
    pub const fn profile_path(&self) -> &'static str {
        match (self.interface, self.source) {
            (Interface::LocalServer, _) => "/oauth/userinfo",
            (Interface::Service, Source::KimiCode) => "/me",
            (Interface::Service, Source::Platform) => "/users/me",
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
