//! The network address that a request comes from, and a limit of requests per address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::HeaderMap;

const MINUTE: Duration = Duration::from_secs(60);
/// Addresses tracked at once; beyond that all counts start anew.
const MAX_TRACKED_ADDRESSES: usize = 100_000;

/// The client's address: the peer's, or behind a trusted proxy the last one in `X-Forwarded-For`. An IPv6
/// address is reduced to its /64 network, because a client can use every address of its network.
#[must_use]
pub fn client_ip(peer: SocketAddr, headers: &HeaderMap, trust_proxy: bool) -> IpAddr {
    let forwarded = || {
        let value = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        value.rsplit(',').next()?.trim().parse().ok()
    };
    network(if trust_proxy { forwarded().unwrap_or(peer.ip()) } else { peer.ip() })
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address => address,
    }
}

/// Limits requests per address and minute, in the memory of this process. Clones share the counts.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    per_minute: u32,
    counts: Arc<Mutex<HashMap<IpAddr, (Instant, u32)>>>,
}

impl RateLimiter {
    /// Allows `per_minute` requests of each address in a minute.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, counts: Arc::default() }
    }

    /// Counts a request; whether it is within the limit.
    #[must_use]
    pub fn allows(&self, from: IpAddr, now: Instant) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MAX_TRACKED_ADDRESSES {
            counts.retain(|_, (began, _)| now.duration_since(*began) < MINUTE);
            if counts.len() >= MAX_TRACKED_ADDRESSES {
                counts.clear();
            }
        }
        let (began, count) = counts.entry(from).or_insert((now, 0));
        if now.duration_since(*began) >= MINUTE {
            (*began, *count) = (now, 0);
        }
        *count += 1;
        *count <= self.per_minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_over_its_limit_waits_for_the_next_minute_and_others_do_not() {
        let limit = RateLimiter::new(2);
        let (one, two) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let start = Instant::now();
        assert!(limit.allows(one, start) && limit.allows(one, start));
        assert!(!limit.allows(one, start));
        assert!(limit.allows(two, start));
        assert!(limit.allows(one, start + MINUTE));
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one_and_mapped_ones_as_ipv4() {
        let from =
            |address: &str| client_ip(SocketAddr::new(address.parse().unwrap(), 4_000), &HeaderMap::new(), false);
        assert_eq!(from("2001:db8:1:2::1"), from("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(from("2001:db8:1:2::1"), from("2001:db8:1:3::1"));
        assert_eq!(from("::ffff:192.0.2.7"), from("192.0.2.7"));
        assert_ne!(from("192.0.2.7"), from("192.0.2.8"));
    }

    #[test]
    fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
        let peer = SocketAddr::from(([10, 0, 0, 1], 4_000));
        let headers: HeaderMap =
            [("x-forwarded-for".parse().unwrap(), "6.6.6.6, 192.0.2.7".parse().unwrap())].into_iter().collect();
        assert_eq!(client_ip(peer, &headers, false), IpAddr::from([10, 0, 0, 1]));
        assert_eq!(client_ip(peer, &headers, true), IpAddr::from([192, 0, 2, 7]));
    }
}
