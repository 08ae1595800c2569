//! Whose the requests are, by the address that they went to or the name of the provider.

use tidemark_core::account::{Region, Source};
use tidemark_logs::is_kimis_address;
use url::Url;

/// Where requests went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// One of Kimi's services, or an account's own address.
    Kimi {
        /// The address, where one is known.
        base_url: Option<Url>,
    },
    /// Someone else's service: a relay, another provider.
    Other,
    /// Nothing says.
    Unknown,
}

/// The longest address that is read, in bytes.
const MAX_ADDRESS_LEN: usize = 500;

/// What programs call the protocol that they speak, whoever answers it. It says nothing about the provider.
const PROTOCOLS: [&str; 6] =
    ["openai", "anthropic", "openai_compatible", "openai-compatible", "custom", "_other"];

/// Where requests went, by the address that a program says, a URL or a host, with the port beside it. `own` are the
/// addresses that the user's accounts have instead of the service's.
#[must_use]
pub fn by_address(address: &str, port: Option<u16>, own: &[Url]) -> Destination {
    let address = address.trim();
    if address.is_empty() || address.len() > MAX_ADDRESS_LEN {
        return Destination::Unknown;
    }
    let text = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
    let Ok(mut url) = Url::parse(&text) else { return Destination::Other };
    if let Some(port) = port.filter(|_| url.port().is_none()) {
        // Only for addresses that cannot have a port, of which none has a host.
        let _ = url.set_port(Some(port));
    }
    let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_ascii_lowercase());
    let wanted = host(&url);
    // A host has no user.
    if wanted.is_none() || !url.username().is_empty() || url.password().is_some() {
        return Destination::Other;
    }
    // A host alone does not say how it is talked to.
    let has_scheme = address.contains("://");
    let is_own = |own: &&Url| {
        let ports = (own.port_or_known_default(), url.port_or_known_default());
        host(own) == wanted && (ports.0 == ports.1 || !has_scheme && port.is_none())
    };
    if let Some(own) = own.iter().find(is_own) {
        return Destination::Kimi { base_url: Some(own.clone()) };
    }
    let Some(wanted) = wanted.filter(|host| is_kimis_address(host)) else { return Destination::Other };
    if url.path().trim_matches('/').is_empty() {
        // The host of a service is enough: each has another.
        let services = [Source::KimiCode, Source::Platform]
            .into_iter()
            .flat_map(|source| [Region::China, Region::Global].map(|region| source.base_url(region)))
            .filter_map(|base| Url::parse(base).ok());
        let known = services.into_iter().find(|base| host(base).as_ref() == Some(&wanted));
        return Destination::Kimi { base_url: known.or(Some(url)) };
    }
    Destination::Kimi { base_url: Some(url) }
}

/// Where requests went, by what a program calls the provider.
#[must_use]
pub fn by_provider(name: &str) -> Destination {
    let name = name.trim().to_ascii_lowercase();
    if name.is_empty() || PROTOCOLS.contains(&name.as_str()) {
        return Destination::Unknown;
    }
    if name.contains("kimi") || name.contains("moonshot") {
        return Destination::Kimi { base_url: None };
    }
    Destination::Other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_whose_the_requests_are() {
        let own = [Url::parse("http://127.0.0.1:4100/coding/v1").unwrap()];
        let kimi = |text: &str| Destination::Kimi { base_url: Some(Url::parse(text).unwrap()) };
        for (address, port, destination) in [
            ("api.kimi.com", None, kimi("https://api.kimi.com/coding/v1")),
            ("API.Kimi.AI.", Some(443), kimi("https://api.kimi.ai/coding/v1")),
            ("api.moonshot.cn", None, kimi("https://api.moonshot.cn/v1")),
            ("https://api.moonshot.ai", None, kimi("https://api.moonshot.ai/v1")),
            ("https://api.moonshot.ai/anthropic", None, kimi("https://api.moonshot.ai/anthropic")),
            ("api.kimi.com/coding/", None, kimi("https://api.kimi.com/coding/")),
            ("127.0.0.1", Some(4100), kimi("http://127.0.0.1:4100/coding/v1")),
            ("127.0.0.1", None, kimi("http://127.0.0.1:4100/coding/v1")),
            ("http://127.0.0.1:4100", None, kimi("http://127.0.0.1:4100/coding/v1")),
            ("http://127.0.0.1:4000", None, Destination::Other),
            ("127.0.0.1", Some(4000), Destination::Other),
            ("openrouter.ai", None, Destination::Other),
            ("api.moonshot.ai.example.org", None, Destination::Other),
            ("https://[::", None, Destination::Other),
            ("mailto:a@kimi.com", None, Destination::Other),
            (" ", None, Destination::Unknown),
        ] {
            assert_eq!(by_address(address, port, &own), destination, "{address}");
        }
        assert_eq!(by_address(&"k".repeat(5000), None, &own), Destination::Unknown);
    }

    #[test]
    fn the_name_of_a_protocol_names_no_provider() {
        for (name, destination) in [
            ("moonshot", Destination::Kimi { base_url: None }),
            ("Kimi-For-Coding", Destination::Kimi { base_url: None }),
            ("openai", Destination::Unknown),
            ("", Destination::Unknown),
            ("openrouter", Destination::Other),
            ("groq", Destination::Other),
        ] {
            assert_eq!(by_provider(name), destination, "{name}");
        }
    }
}
