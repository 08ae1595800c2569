//! How many wrong tokens an address may send.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many wrong tokens in [`SPAN`] are answered as such; whatever comes then has to wait.
const MAX_FAILURES: u32 = 10;
/// How long a wrong token counts.
const SPAN: Duration = Duration::from_mins(1);
/// Of how many addresses failures are kept; all others share one count.
const MAX_ADDRESSES: usize = 1_024;

/// Wrong tokens by address. A right token passes at any time: it is too long to be guessed, and a stranger behind the
/// same proxy must not be able to lock its owner out.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    failures: Mutex<HashMap<IpAddr, Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
}

impl Throttle {
    /// Notes a wrong token. Says how long to wait if there were too many.
    pub(super) fn note(&self, peer: Option<IpAddr>, now: Instant) -> Option<Duration> {
        let mut known = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let mut whose = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), network);
        if known.len() >= MAX_ADDRESSES && !known.contains_key(&whose) {
            known.retain(|_, failed| now.saturating_duration_since(failed.since) < SPAN);
            if known.len() >= MAX_ADDRESSES {
                whose = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
            }
        }
        let failed = known.entry(whose).or_insert(Failures { since: now, count: 0 });
        if now.saturating_duration_since(failed.since) >= SPAN {
            *failed = Failures { since: now, count: 0 };
        }
        failed.count = failed.count.saturating_add(1);
        let waits = failed.count > MAX_FAILURES;
        waits.then(|| SPAN.saturating_sub(now.saturating_duration_since(failed.since)))
    }
}

/// The part of an address that one holder cannot change: a household has 2⁶⁴ addresses of version 6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_counted_by_address_and_forgotten_after_a_minute() {
        let (throttle, begin) = (Throttle::default(), Instant::now());
        let [one, two]: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap()];
        for _ in 0..MAX_FAILURES {
            assert_eq!(throttle.note(Some(one), begin), None);
        }
        assert_eq!(throttle.note(Some(one), begin + SPAN / 2), Some(SPAN / 2));
        assert_eq!(throttle.note(Some(two), begin), None);
        assert_eq!(throttle.note(Some(one), begin + SPAN), None);
    }

    #[test]
    fn addresses_of_one_network_share_a_count_and_there_are_only_so_many() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let addresses = (1..=u16::try_from(MAX_FAILURES).unwrap() + 1)
            .map(|end| IpAddr::V6([0x2001, 0xdb8, 0, 1, 0, 0, 0, end].into()));
        let waits: Vec<bool> = addresses.map(|one| throttle.note(Some(one), now).is_some()).collect();
        assert_eq!(waits.iter().filter(|waits| **waits).count(), 1);
        for number in 0..5_000_u32 {
            throttle.note(Some(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number))), now);
        }
        let known = throttle.failures.lock().unwrap().len();
        assert!(known <= MAX_ADDRESSES + 1, "{known}");
    }
}
