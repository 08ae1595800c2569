//! Where releases are published, and the key that they are verified with.

use tidemark_core::account::check_base_url;
use url::Url;

use crate::error::UpdateError;
use crate::key::ReleaseKey;

/// Names another address, for a test.
const ADDRESS_VARIABLE: &str = "TIDEMARK_RELEASES";
/// Names another key, for a test.
const KEY_VARIABLE: &str = "TIDEMARK_RELEASE_KEY";

/// Where releases are published: below it are `latest/download/` and `download/v0.3.0/` with the files of a release, as
/// on GitHub.
#[derive(Debug, Clone)]
pub struct ReleaseSource {
    pub(crate) base: Url,
    pub(crate) key: Option<ReleaseKey>,
}

impl ReleaseSource {
    /// The project's own. Programs that are built for tests take another address and key from the environment;
    /// optimised ones do not.
    ///
    /// # Errors
    /// [`UpdateError::BadKey`] and [`UpdateError::NotUnderstood`] if the key or the address makes no sense.
    pub fn of_this_program() -> Result<Self, UpdateError> {
        let own = Self::new(concat!(env!("CARGO_PKG_REPOSITORY"), "/releases"), ReleaseKey::built_in()?)?;
        if cfg!(debug_assertions) { own.overridden(&|name| std::env::var(name).ok()) } else { Ok(own) }
    }

    /// Releases at an address.
    ///
    /// # Errors
    /// [`UpdateError::NotUnderstood`] unless it is https, or http on this machine.
    pub fn new(base: &str, key: Option<ReleaseKey>) -> Result<Self, UpdateError> {
        let base = check_base_url(base).map_err(|error| UpdateError::NotUnderstood(error.to_string()))?;
        Ok(Self { base, key })
    }

    fn overridden(self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, UpdateError> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let key = match set(KEY_VARIABLE) {
            Some(text) => Some(ReleaseKey::of_base64(&text)?),
            None => self.key,
        };
        match set(ADDRESS_VARIABLE) {
            Some(address) => Self::new(&address, key),
            None => Ok(Self { base: self.base, key }),
        }
    }

    /// Whether a release can be verified at all.
    #[must_use]
    pub const fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The page with the newest release, for people.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{}/latest", self.base.as_str().trim_end_matches('/'))
    }

    /// The address of a file, by its path below the base.
    pub(crate) fn address(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_where_github_puts_them() {
        let source = ReleaseSource::new("https://github.com/a/b/releases/", None).unwrap();
        assert_eq!(
            source.address("download/v0.3.0/x.AppImage").as_str(),
            "https://github.com/a/b/releases/download/v0.3.0/x.AppImage"
        );
        assert_eq!(source.page(), "https://github.com/a/b/releases/latest");
        assert!(ReleaseSource::new("http://example.org/releases", None).is_err());
        assert!(ReleaseSource::new("http://127.0.0.1:1/releases", None).is_ok());
    }

    #[test]
    fn a_key_or_an_address_that_makes_no_sense_is_said() {
        let own = || ReleaseSource::new("https://github.com/a/b/releases", None).unwrap();
        let with = |name: &'static str, value: &'static str| {
            own().overridden(&|asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(with(KEY_VARIABLE, "RWx").map(|_| ()).map_err(|error| error.code()), Err("bad-key"));
        assert!(with(ADDRESS_VARIABLE, "ftp://x").is_err());
        assert!(!with(KEY_VARIABLE, "").unwrap().has_key());
        assert_eq!(
            with(ADDRESS_VARIABLE, "http://127.0.0.1:9/r").unwrap().page(),
            "http://127.0.0.1:9/r/latest"
        );
    }

    /// An optimised program asks nowhere else, and trusts no other key.
    #[test]
    #[cfg(not(debug_assertions))]
    fn an_optimised_program_takes_nothing_from_the_environment() {
        let own = ReleaseSource::of_this_program().unwrap();
        assert!(own.page().starts_with("https://"));
    }
}
