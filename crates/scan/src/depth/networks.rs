//! Networks: how many addresses are in them together, and how they are written.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of both families, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Networks {
    ipv4: BTreeSet<Network>,
    ipv6: BTreeSet<Network>,
}

/// A network as the addresses from the first to the last, as numbers; a longer one comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Network {
    first: u128,
    length: u8,
    last: u128,
}

impl Network {
    /// The network of a number of so many bits.
    fn of(address: u128, length: u8, bits: u8) -> Self {
        let host = u32::from(bits.saturating_sub(length));
        let mask = if host == 0 { 0 } else { u128::MAX >> (128 - host) };
        Self { first: address & !mask, length, last: address | mask }
    }
}

impl Networks {
    /// Adds the network of this length in which an address is.
    pub(super) fn add(&mut self, address: IpAddr, length: u8) {
        match address {
            IpAddr::V4(v4) => self.ipv4.insert(Network::of(u32::from(v4).into(), length, 32)),
            IpAddr::V6(v6) => self.ipv6.insert(Network::of(v6.into(), length, 128)),
        };
    }

    /// How many IPv4 addresses there are.
    pub(super) fn ipv4(&self) -> u64 {
        sum(&self.ipv4).try_into().unwrap_or(u64::MAX)
    }

    /// The length of the smallest network that holds as many addresses as those of IPv6.
    pub(super) fn ipv6_prefix(&self) -> Option<u8> {
        let below = sum(&self.ipv6).checked_sub(1)?;
        below.leading_zeros().try_into().ok()
    }

    /// Those that are not in another, as a record names them.
    pub(super) fn distinct(&self) -> Vec<String> {
        let ipv4 = disjoint(&self.ipv4).into_iter().map(|network| {
            let address = Ipv4Addr::from(u32::try_from(network.first).unwrap_or_default());
            written(&format!("ip4:{address}"), network.length, 32)
        });
        let ipv6 = disjoint(&self.ipv6).into_iter().map(|network| {
            written(&format!("ip6:{}", Ipv6Addr::from(network.first)), network.length, 128)
        });
        ipv4.chain(ipv6).collect()
    }

    /// The record of these networks alone.
    pub(super) fn record(&self) -> String {
        let mut record = "v=spf1".to_owned();
        for network in self.distinct() {
            let _ = write!(record, " {network}");
        }
        record + " -all"
    }
}

fn written(address: &str, length: u8, whole: u8) -> String {
    if length == whole { address.to_owned() } else { format!("{address}/{length}") }
}

/// Networks are within one another or apart. By their first address, the longest first, one that is
/// within another comes behind it.
fn disjoint(networks: &BTreeSet<Network>) -> Vec<Network> {
    let mut apart: Vec<Network> = Vec::new();
    for network in networks {
        if apart.last().is_none_or(|before| before.last < network.first) {
            apart.push(*network);
        }
    }
    apart
}

fn sum(networks: &BTreeSet<Network>) -> u128 {
    let sizes = disjoint(networks).into_iter().map(|network| network.last - network.first);
    sizes.fold(0, |sum: u128, size| sum.saturating_add(size).saturating_add(1))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::Networks;

    fn networks(all: &[(&str, u8)]) -> Networks {
        let mut networks = Networks::default();
        for (address, length) in all {
            networks.add(address.parse().unwrap(), *length);
        }
        networks
    }

    #[test]
    fn addresses_are_counted_once() {
        for (reason, all, ipv4, ipv6) in [
            ("none", &[][..], 0, None),
            ("one", &[("192.0.2.1", 32)], 1, None),
            ("a network, from any address in it", &[("192.0.2.77", 24)], 256, None),
            ("one within another", &[("192.0.2.0", 24), ("192.0.2.128", 25)], 256, None),
            ("the same twice", &[("192.0.2.0", 24), ("192.0.2.0", 24)], 256, None),
            ("two apart", &[("192.0.2.0", 24), ("198.51.100.0", 25)], 384, None),
            ("all of them", &[("0.0.0.0", 0)], 1 << 32, None),
            ("one of IPv6", &[("2001:db8::1", 128)], 0, Some(128)),
            (
                "two are as many as a /127",
                &[("2001:db8::1", 128), ("2001:db8::2", 128)],
                0,
                Some(127),
            ),
            ("a /32 and a bit need a /31", &[("2001:db8::", 32), ("2001:db9::", 64)], 0, Some(31)),
            ("all of IPv6", &[("::", 0)], 0, Some(0)),
        ] {
            let networks = networks(all);
            assert_eq!((networks.ipv4(), networks.ipv6_prefix()), (ipv4, ipv6), "{reason}");
        }
    }

    #[test]
    fn what_is_within_another_is_not_written() {
        let networks = networks(&[
            ("192.0.2.128", 25),
            ("192.0.2.9", 24),
            ("198.51.100.7", 32),
            ("2001:db8::", 32),
            ("2001:db8::1", 128),
        ]);
        assert_eq!(
            networks.record(),
            "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.7 ip6:2001:db8::/32 -all"
        );
    }
}
