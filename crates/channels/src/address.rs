//! Where messages may go.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::failure::{DeliveryFailure, FailureCode};

/// The longest address that is taken.
pub(crate) const MAX_ADDRESS: usize = 2048;

/// Whether an address is one of the public network: not of this machine, of a private network, of one link, or of no
/// single host. `198.18.0.0/15`, which is for measurements, counts as public: proxies that catch a whole machine's traffic
/// give it for every name.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

const fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_shared = a == 100 && b & 0xc0 == 64;
    let is_protocol = a == 192 && b == 0 && c == 0;
    !(ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || is_shared
        || is_protocol)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let part = ip.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    match part {
        // NAT64 and 6to4: what counts is the address inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        // Everything else outside of 2000::/3 is no global unicast: loopback, unique local, one link, multicast.
        [first, ..] => first & 0xe000 == 0x2000 && !(first == 0x2001 && part[1] == 0xdb8),
    }
}

/// The address of a channel, if messages may go there.
///
/// # Errors
/// [`FailureCode::BadAddress`] if it is none, too long, with a password in it, or not https (http is for this machine);
/// [`FailureCode::PrivateAddress`] if it names a private address, or this machine, and that is not allowed.
pub(crate) fn checked(text: &str, allow_private: bool) -> Result<Url, DeliveryFailure> {
    let bad = || DeliveryFailure::new(FailureCode::BadAddress);
    if text.len() > MAX_ADDRESS {
        return Err(bad());
    }
    let url = Url::parse(text.trim()).map_err(|_| bad())?;
    if !url.username().is_empty() || url.password().is_some() || url.host().is_none() {
        return Err(bad());
    }
    let is_own = is_this_machine(&url);
    match url.scheme() {
        "https" => {}
        "http" if is_own => {}
        _ => return Err(bad()),
    }
    let is_private = is_own || literal(&url).is_some_and(|ip| !is_public(ip));
    if is_private && !allow_private {
        return Err(FailureCode::PrivateAddress.into());
    }
    Ok(url)
}

/// Whether an address names this machine.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        _ => literal(url).is_some_and(|ip| ip.is_loopback()),
    }
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4)),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_not_public() {
        for (text, public) in [
            ("1.1.1.1", true),
            ("198.18.0.7", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("224.0.0.1", false),
            ("2606:4700::1111", true),
            ("::1", false),
            ("::", false),
            ("fd00::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:1.1.1.1", true),
            ("64:ff9b::a00:1", false),
            ("64:ff9b::101:101", true),
            ("2002:c0a8:101::", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_public(text.parse().unwrap()), public, "{text}");
        }
    }

    #[test]
    fn messages_go_by_https_to_public_addresses() {
        use FailureCode::{BadAddress, PrivateAddress};
        for (text, private, expected) in [
            ("https://hooks.example.org/x", false, None),
            ("http://hooks.example.org/x", false, Some(BadAddress)),
            ("http://hooks.example.org/x", true, Some(BadAddress)),
            ("http://192.168.1.2/x", true, Some(BadAddress)),
            ("http://127.0.0.1:9/x", false, Some(PrivateAddress)),
            ("http://127.0.0.1:9/x", true, None),
            ("http://localhost:9/x", true, None),
            ("https://[::1]/x", false, Some(PrivateAddress)),
            ("https://[::ffff:10.0.0.1]/", false, Some(PrivateAddress)),
            // One address as a number, as old programs write it.
            ("https://2130706433/", false, Some(PrivateAddress)),
            ("https://192.168.1.2/x", true, None),
            ("https://me:pw@example.org/", true, Some(BadAddress)),
            ("ftp://example.org/", true, Some(BadAddress)),
            ("file:///etc/passwd", true, Some(BadAddress)),
            ("not an address", true, Some(BadAddress)),
        ] {
            assert_eq!(checked(text, private).err().map(|failure| failure.code), expected, "{text}");
        }
    }
}
