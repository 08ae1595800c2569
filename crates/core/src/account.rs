//! Accounts: a key at a source.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::pasted_key::{clean_key, holds_key};

/// The store's number for an account. It never changes, while the name may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub i64);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which of Kimi's products a key belongs to. They share neither keys, quota nor money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The Kimi Code membership: quota windows, and a wallet where the user enabled one.
    KimiCode,
    /// The open platform: a prepaid balance, paid by token.
    Platform,
}

/// Which of the two independent services: mainland China or the rest of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// `api.kimi.com`, `api.moonshot.cn`; money in CNY.
    China,
    /// `api.kimi.ai`, `api.moonshot.ai`; money in USD.
    Global,
}

/// A word that was expected to be one of a few and was not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found `{found}`")]
pub struct ParseEnumError {
    /// What would have been understood.
    pub expected: &'static str,
    /// The word that was found instead.
    pub found: String,
}

macro_rules! string_enum {
    ($type:ty, $expected:literal, $($variant:path => $word:literal),+ $(,)?) => {
        impl $type {
            /// The word for it on the command line, in JSON and in the store.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($variant => $word),+ }
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl FromStr for $type {
            type Err = ParseEnumError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                match s {
                    $($word => Ok($variant),)+
                    _ => Err(ParseEnumError { expected: $expected, found: s.to_owned() }),
                }
            }
        }
    };
}
pub(crate) use string_enum;

string_enum!(Source, "kimi-code or platform", Source::KimiCode => "kimi-code", Source::Platform => "platform");
string_enum!(Region, "china or global", Region::China => "china", Region::Global => "global");

impl Source {
    /// The service's own base URL: the part before `/usages`, `/me`, `/users/me`.
    /// Official documentation; the host names did not move with the rebrand of 2026.
    #[must_use]
    pub const fn base_url(self, region: Region) -> &'static str {
        match (self, region) {
            (Self::KimiCode, Region::China) => "https://api.kimi.com/coding/v1",
            (Self::KimiCode, Region::Global) => "https://api.kimi.ai/coding/v1",
            (Self::Platform, Region::China) => "https://api.moonshot.cn/v1",
            (Self::Platform, Region::Global) => "https://api.moonshot.ai/v1",
        }
    }
}

/// Where the key of an account is to be found. Never the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Credential {
    /// In the system keyring, under a random handle of ours that never changes.
    Keyring {
        /// The entry's user name in the keyring.
        handle: String,
    },
    /// In the passphrase-encrypted file in the data folder, chosen by the user.
    EncryptedFile {
        /// The entry's name in the file.
        handle: String,
    },
    /// In an environment variable; only its name is remembered.
    Environment {
        /// The variable's name.
        name: String,
    },
    /// In this run's memory only, chosen by the user; gone when the agent ends.
    ThisRun {
        /// The entry's name in memory.
        handle: String,
    },
    /// The access token of an installed Kimi Code command line, read while it is fresh, never refreshed.
    KimiCodeLogin {
        /// The credential file's path; `None` finds the one of the account's region.
        path: Option<std::path::PathBuf>,
    },
    /// The server that an installed Kimi Code runs on this machine, with the token that it leaves in a file for the
    /// user's own programs. The token is read for each poll and goes to that server alone.
    KimiCodeServer {},
    /// There is none: the account's history was imported. It is not polled until it has a key.
    None {},
}

/// An account: a key at a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The store's number for it.
    pub id: AccountId,
    /// The user's name for it, unique.
    pub name: String,
    /// The product: Kimi Code or the open platform.
    pub source: Source,
    /// The region whose service the account belongs to.
    pub region: Region,
    /// Another base URL than the service's own, checked by [`check_base_url`].
    pub base_url: Option<Url>,
    /// Where its key is kept; never the key itself.
    pub credential: Credential,
    /// Its place in lists, from 0.
    pub position: i64,
    /// When it was added to Tidemark.
    pub created_at: DateTime<Utc>,
}

/// Why a base URL was refused. A key must never travel in the clear.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// It is not a URL.
    #[error("`{0}` is not a URL; expected something like https://api.kimi.com/coding/v1")]
    NotAUrl(String),
    /// Its scheme would send the key in the clear, or nowhere.
    #[error("the base URL must be https, or http on a loopback address; found `{0}`")]
    NotSecure(String),
    /// It carries a user name or a password, a query or a fragment.
    #[error("the base URL must not contain a user name, password, query or fragment")]
    Decorated,
    /// A key seems to be in it, and an address is stored and shown.
    #[error("the base URL contains what looks like a key; give the key apart from it")]
    HoldsKey,
    /// It is the service's own address in another region: the account's money would be in another currency.
    #[error("{host} is the service of the region {other}, and not of {region}")]
    OtherRegion {
        /// The host.
        host: String,
        /// The account's region.
        region: Region,
        /// The host's.
        other: Region,
    },
    /// It is an address of the service's other product, which knows neither the key nor the account.
    #[error("{host} serves {other}, and not {product}")]
    OtherProduct {
        /// The host.
        host: String,
        /// The account's product.
        product: Source,
        /// The host's.
        other: Source,
    },
}

/// The service's own domains, and the product of each. Kimi Code and its pages share theirs with the open platform's
/// console alone.
const OWN_DOMAINS: [(&str, Source, Region); 6] = [
    ("platform.kimi.com", Source::Platform, Region::China),
    ("platform.kimi.ai", Source::Platform, Region::Global),
    ("kimi.com", Source::KimiCode, Region::China),
    ("kimi.ai", Source::KimiCode, Region::Global),
    ("moonshot.cn", Source::Platform, Region::China),
    ("moonshot.ai", Source::Platform, Region::Global),
];

/// The product and the region that a host serves, where it is in one of the service's own domains.
#[must_use]
pub fn own_service(host: &str) -> Option<(Source, Region)> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    OWN_DOMAINS.into_iter().find_map(|(domain, source, region)| {
        let inside = host.strip_suffix(domain)?;
        (inside.is_empty() || inside.ends_with('.')).then_some((source, region))
    })
}

/// [`check_base_url`] for an account, as far as its product and region are known.
///
/// # Errors
/// As there, [`BaseUrlError::OtherProduct`] and [`BaseUrlError::OtherRegion`].
pub fn check_base_url_of(
    text: &str,
    source: Option<Source>,
    region: Option<Region>,
) -> Result<Url, BaseUrlError> {
    let url = check_base_url(text)?;
    let host = url.host_str().unwrap_or_default();
    let Some((own_source, own_region)) = own_service(host) else { return Ok(url) };
    if let Some(product) = source.filter(|source| *source != own_source) {
        return Err(BaseUrlError::OtherProduct { host: host.to_owned(), product, other: own_source });
    }
    if let Some(region) = region.filter(|region| *region != own_region) {
        return Err(BaseUrlError::OtherRegion { host: host.to_owned(), region, other: own_region });
    }
    Ok(url)
}

/// Accepts `https`, or `http` on a loopback address; everything else is refused before a key is read.
///
/// `localhost` counts as loopback. The result has no trailing slash in its path and no dot at the end of its host:
/// `example.org.` is the same host as `example.org`, and is to be compared as such.
///
/// # Errors
/// - [`BaseUrlError::NotAUrl`] if the text is not a URL or has no host.
/// - [`BaseUrlError::NotSecure`] if the scheme is neither `https` nor, on a loopback address, `http`.
/// - [`BaseUrlError::HoldsKey`] if a key seems to be in it.
/// - [`BaseUrlError::Decorated`] if it has a user name, a password, a query or a fragment.
///
/// # Examples
/// ```
/// use tidemark_core::account::{BaseUrlError, check_base_url};
///
/// let url = check_base_url("https://api.kimi.com/coding/v1/").unwrap();
/// assert_eq!(url.as_str(), "https://api.kimi.com/coding/v1");
/// assert!(check_base_url("http://127.0.0.1:8080/v1").is_ok());
/// let refused = check_base_url("http://example.org/v1");
/// assert_eq!(refused, Err(BaseUrlError::NotSecure("http://example.org".to_owned())));
/// ```
pub fn check_base_url(text: &str) -> Result<Url, BaseUrlError> {
    if holds_key(text) {
        return Err(BaseUrlError::HoldsKey);
    }
    let not_a_url = || BaseUrlError::NotAUrl(text.to_owned());
    let mut url = Url::parse(text.trim()).map_err(|_| not_a_url())?;
    if let Some(host) = url.domain().filter(|host| host.ends_with('.')).map(ToOwned::to_owned) {
        let host = host.trim_end_matches('.');
        url.set_host(Some(host)).map_err(|_| not_a_url())?;
    }
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(not_a_url()),
    };
    if !(url.scheme() == "https" || url.scheme() == "http" && loopback) {
        // Only scheme and host are repeated: the rest might hold a secret.
        return Err(BaseUrlError::NotSecure(format!(
            "{}://{}",
            url.scheme(),
            url.host_str().unwrap_or_default()
        )));
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(BaseUrlError::Decorated);
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

impl Account {
    /// Where this account's calls go: its own base URL, or the service's. Of Kimi Code's own server the port is left
    /// out: it may be another at each start.
    #[must_use]
    pub fn base_url(&self) -> String {
        if let Credential::KimiCodeServer {} = self.credential {
            return "http://127.0.0.1".to_owned();
        }
        self.base_url.as_ref().map_or_else(
            || self.source.base_url(self.region).to_owned(),
            |url| url.as_str().trim_end_matches('/').to_owned(),
        )
    }
}

/// What kind of secret a pasted text seems to be, judged by its shape alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyShape {
    /// `sk-kimi-…`: a Kimi Code key, of either region.
    KimiCode,
    /// `sk-…`: an open-platform key, of either region.
    Platform,
    /// Something else: not one of the known shapes.
    Unknown,
}

impl KeyShape {
    /// Recognises a key by its prefix, ignoring what is pasted along with it.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let Ok(text) = clean_key(text) else { return Self::Unknown };
        let plausible = text.len() >= 12;
        if plausible && text.starts_with("sk-kimi-") {
            Self::KimiCode
        } else if plausible && text.starts_with("sk-") {
            Self::Platform
        } else {
            Self::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_s_own_address_must_be_of_the_product_and_the_region() {
        use Region::{China, Global};
        use Source::{KimiCode, Platform};
        for (text, source, region, fits) in [
            ("https://api.moonshot.ai/v1", Platform, Global, true),
            ("https://api.moonshot.ai/v1", Platform, China, false),
            ("https://API.Moonshot.cn/v1/", Platform, Global, false),
            ("https://api.moonshot.cn:443/v1", Platform, Global, false),
            ("https://api.kimi.com/coding/v1", KimiCode, China, true),
            ("https://api.kimi.ai/coding/v1", KimiCode, China, false),
            // A dot at the end is the same host.
            ("https://api.moonshot.ai./v1", Platform, Global, true),
            ("https://api.moonshot.ai./v1", Platform, China, false),
            ("https://api.kimi.com./coding/v1", KimiCode, Global, false),
            // The other product's.
            ("https://api.kimi.com/coding/v1", Platform, China, false),
            ("https://api.kimi.ai./coding/v1", Platform, Global, false),
            ("https://api.moonshot.cn/v1", KimiCode, China, false),
            ("https://platform.kimi.com/v1", KimiCode, China, false),
            ("https://platform.kimi.com/v1", Platform, China, true),
            // Whatever is in the domain.
            ("https://moonshot.ai/v1", Platform, China, false),
            ("https://www.moonshot.ai/v1", Platform, China, false),
            ("https://platform.kimi.ai/v1", Platform, China, false),
            ("https://www.kimi.ai/coding/v1", KimiCode, China, false),
            ("https://a.b.kimi.com/coding/v1", KimiCode, Global, false),
            // Another's.
            ("https://relay.example.org/v1", KimiCode, China, true),
            ("https://notkimi.com/v1", Platform, Global, true),
            ("https://api.moonshot.ai.example.org/v1", KimiCode, China, true),
            ("http://127.0.0.1:9/v1", Platform, Global, true),
        ] {
            let checked = check_base_url_of(text, Some(source), Some(region));
            assert_eq!(checked.is_ok(), fits, "{text} {source} {region}: {checked:?}");
        }
        assert!(check_base_url_of("https://api.kimi.ai/coding/v1", Some(KimiCode), None).is_ok());
        assert!(check_base_url_of("https://api.kimi.ai/coding/v1", Some(Platform), None).is_err());
        assert!(check_base_url_of("https://api.kimi.ai/coding/v1", None, Some(China)).is_err());
        assert_eq!(own_service("api.kimi.ai."), Some((KimiCode, Global)));
        assert_eq!(own_service("akimi.ai"), None);
    }

    #[test]
    fn a_dot_at_the_end_of_a_host_is_taken_off() {
        for (text, url) in [
            ("https://api.moonshot.ai./v1", "https://api.moonshot.ai/v1"),
            ("https://api.moonshot.ai.:8443/v1/", "https://api.moonshot.ai:8443/v1"),
            ("http://localhost.:9/v1", "http://localhost:9/v1"),
        ] {
            assert_eq!(check_base_url(text).unwrap().as_str(), url);
        }
        assert!(check_base_url("https://./v1").is_err());
    }

    #[test]
    fn base_urls_are_https_or_loopback() {
        for good in [
            "https://api.kimi.com/coding/v1",
            "https://example.org/coding/v1/",
            "http://127.0.0.1:8080/v1",
            "http://127.3.2.1/v1",
            "http://[::1]:9/v1",
            "http://localhost:1/v1",
        ] {
            assert!(check_base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.kimi.com/coding/v1",
            "http://localhost.example.org/v1",
            "http://10.0.0.1/v1",
            "http://0.0.0.0/v1",
            "ftp://127.0.0.1/v1",
            "file:///etc/passwd",
            "api.kimi.com/coding/v1",
            "https://user:secret@api.kimi.com/coding/v1",
            "https://api.kimi.com/coding/v1?key=1",
            "https://api.kimi.com/coding/v1#x",
            "",
        ] {
            assert!(check_base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refused_base_url_does_not_repeat_secrets() {
        let error = check_base_url("http://u:hunter2@example.org/v1?k=hunter2").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn keys_are_recognised_by_their_shape() {
        assert_eq!(KeyShape::of(" sk-kimi-abcdef123456 \n"), KeyShape::KimiCode);
        assert_eq!(KeyShape::of("sk-abcdef1234567890"), KeyShape::Platform);
        assert_eq!(KeyShape::of("KEY=\"sk-kimi-abcdef123456\""), KeyShape::KimiCode);
        assert_eq!(KeyShape::of("Bearer sk-abcdef1234567890"), KeyShape::Platform);
        assert_eq!(KeyShape::of("sk-ab"), KeyShape::Unknown);
        assert_eq!(KeyShape::of("sk-abc def ghi jkl"), KeyShape::Unknown);
        assert_eq!(KeyShape::of("eyJhbGciOi"), KeyShape::Unknown);
    }

    #[test]
    fn words_round_trip() {
        for source in [Source::KimiCode, Source::Platform] {
            assert_eq!(source.as_str().parse(), Ok(source));
        }
        for region in [Region::China, Region::Global] {
            assert_eq!(region.as_str().parse(), Ok(region));
        }
        assert!("Platform".parse::<Source>().is_err());
    }
}
