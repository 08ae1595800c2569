//! Which address serves which product: the official ones, or one stand-in for all of them.

use tidemark_core::account::{BaseUrlError, check_base_url};
use tidemark_core::{Region, Source};

/// The base addresses of the services.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts {
    endpoint_override: Option<String>,
}

impl Hosts {
    /// The addresses of Moonshot's own services.
    #[must_use]
    pub const fn official() -> Self {
        Self { endpoint_override: None }
    }

    /// One address that stands in for all services, as the simulator does: `ROOT/china/coding/v1`,
    /// `ROOT/global/v1` and so on.
    ///
    /// # Errors
    /// [`check_base_url`] refuses the address: only `https`, or `http` on loopback, is allowed.
    pub fn endpoint_override(root: &str) -> Result<Self, BaseUrlError> {
        let url = check_base_url(root)?;
        Ok(Self { endpoint_override: Some(url.as_str().trim_end_matches('/').to_owned()) })
    }

    /// The base URL of a product of a region.
    #[must_use]
    pub fn base_url(&self, source: Source, region: Region) -> String {
        match &self.endpoint_override {
            None => source.base_url(region).to_owned(),
            Some(root) => match source {
                Source::KimiCode => format!("{root}/{region}/coding/v1"),
                Source::Platform => format!("{root}/{region}/v1"),
            },
        }
    }

    /// Whether an address is the service's own for a product of a region.
    #[must_use]
    pub fn is_service(&self, source: Source, region: Region, address: &str) -> bool {
        let official = check_base_url(source.base_url(region));
        official.is_ok_and(|url| url.as_str().trim_end_matches('/') == address)
            || self.base_url(source, region) == address
    }

    /// The status page's addresses to try, in order; they hold no key and are asked without one.
    #[must_use]
    pub fn status_pages(&self) -> Vec<String> {
        match &self.endpoint_override {
            None => {
                vec!["https://status.moonshot.cn".to_owned(), "https://moonshot.statuspage.io".to_owned()]
            }
            Some(root) => vec![root.clone()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_serves_all_products_apart() {
        let hosts = Hosts::endpoint_override("http://127.0.0.1:9/").unwrap();
        assert_eq!(hosts.base_url(Source::KimiCode, Region::China), "http://127.0.0.1:9/china/coding/v1");
        assert_eq!(hosts.base_url(Source::Platform, Region::Global), "http://127.0.0.1:9/global/v1");
        assert!(Hosts::endpoint_override("http://example.org").is_err());
    }
}
