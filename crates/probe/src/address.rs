//! Which addresses belong to strangers, and which to whoever runs the probe.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet.
///
/// Decided by IANA's special-purpose address registries (RFC 6890); where a block there is partly
/// reachable, the whole block counts as private, for no mail server stands in it. An IPv6 address
/// that stands for an IPv4 address is judged by that one.
///
/// ```
/// # use mxray_probe::is_public;
/// assert!(is_public("192.88.98.1".parse()?));
/// assert!(!is_public("64:ff9b::10.0.0.1".parse()?), "10.0.0.1, through NAT64");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// A block of IPv4 addresses that are not of the public internet.
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private use
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link local, cloud metadata
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private use
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // IETF protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays, deprecated
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private use
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|(block, length)| {
        let host_bits = 32 - length;
        address.to_bits() >> host_bits == block.to_bits() >> host_bits
    })
}

/// Blocks within global unicast, 2000::/3, that are not of the public internet.
const SPECIAL_V6: [(Ipv6Addr, u32); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // IETF protocol assignments
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(embedded) = embedded(address) {
        return embedded.into_iter().all(is_public_v4);
    }
    // What is outside global unicast is loopback, local, multicast, or nobody's yet.
    is_within(address, GLOBAL_UNICAST) && !SPECIAL_V6.iter().any(|block| is_within(address, *block))
}

fn is_within(address: Ipv6Addr, (block, length): (Ipv6Addr, u32)) -> bool {
    let host_bits = 128 - length;
    address.to_bits() >> host_bits == block.to_bits() >> host_bits
}

/// The IPv4 addresses that packets to an address end up at.
fn embedded(address: Ipv6Addr) -> Option<Vec<Ipv4Addr>> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // NAT64 (RFC 6052 §2.1).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(vec![v4(high, low)]),
        // 6to4 (RFC 3056 §2).
        [0x2002, high, low, ..] => Some(vec![v4(high, low)]),
        // Teredo: its server, and its client with every bit flipped (RFC 4380 §4).
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            Some(vec![v4(server_high, server_low), v4(!high, !low)])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_public;

    /// Each block with its first and last address, and the public neighbors of both.
    #[test]
    fn each_special_block_is_private_and_its_neighbors_are_not() {
        for (reason, before, first, last, after) in [
            ("this network", None, "0.0.0.0", "0.255.255.255", Some("1.0.0.0")),
            ("private", Some("9.255.255.255"), "10.0.0.0", "10.255.255.255", Some("11.0.0.0")),
            (
                "carrier-grade NAT",
                Some("100.63.255.255"),
                "100.64.0.0",
                "100.127.255.255",
                Some("100.128.0.0"),
            ),
            (
                "loopback",
                Some("126.255.255.255"),
                "127.0.0.0",
                "127.255.255.255",
                Some("128.0.0.0"),
            ),
            (
                "link local",
                Some("169.253.255.255"),
                "169.254.0.0",
                "169.254.255.255",
                Some("169.255.0.0"),
            ),
            ("private", Some("172.15.255.255"), "172.16.0.0", "172.31.255.255", Some("172.32.0.0")),
            ("IETF", Some("191.255.255.255"), "192.0.0.0", "192.0.0.255", Some("192.0.1.0")),
            ("documentation", Some("192.0.1.255"), "192.0.2.0", "192.0.2.255", Some("192.0.3.0")),
            ("6to4", Some("192.88.98.255"), "192.88.99.0", "192.88.99.255", Some("192.88.100.0")),
            (
                "private",
                Some("192.167.255.255"),
                "192.168.0.0",
                "192.168.255.255",
                Some("192.169.0.0"),
            ),
            (
                "benchmarking",
                Some("198.17.255.255"),
                "198.18.0.0",
                "198.19.255.255",
                Some("198.20.0.0"),
            ),
            (
                "documentation",
                Some("198.51.99.255"),
                "198.51.100.0",
                "198.51.100.255",
                Some("198.51.101.0"),
            ),
            (
                "documentation",
                Some("203.0.112.255"),
                "203.0.113.0",
                "203.0.113.255",
                Some("203.0.114.0"),
            ),
            ("multicast, reserved", Some("223.255.255.255"), "224.0.0.0", "255.255.255.255", None),
            (
                "all below global unicast",
                None,
                "::",
                "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("2000::"),
            ),
            (
                "IETF",
                Some("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                "2001:1::",
                "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("2001:200::"),
            ),
            (
                "documentation",
                Some("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff"),
                "2001:db8::",
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("2001:db9::"),
            ),
            (
                "documentation",
                Some("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                "3fff::",
                "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("3fff:1000::"),
            ),
            (
                "all above global unicast",
                Some("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                "4000::",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                None,
            ),
        ] {
            for private in [first, last] {
                assert!(!is_public(private.parse().unwrap()), "{reason}: {private}");
            }
            for public in before.into_iter().chain(after) {
                assert!(is_public(public.parse().unwrap()), "{reason}: next to it, {public}");
            }
        }
    }

    #[test]
    fn an_embedded_address_is_the_one_that_counts() {
        for (reason, address, expected) in [
            ("mapped loopback", "::ffff:127.0.0.1", false),
            ("mapped, public", "::ffff:1.1.1.1", true),
            ("compatible, which nobody routes", "::1.1.1.1", false),
            ("NAT64 of private", "64:ff9b::192.168.0.1", false),
            ("NAT64 of public", "64:ff9b::1.1.1.1", true),
            ("NAT64 for local use", "64:ff9b:1::1.1.1.1", false),
            ("6to4 of private", "2002:0a00:0001::1", false),
            ("6to4 of public", "2002:0101:0101::1", true),
            ("Teredo to a private client", "2001:0:101:101::f5ff:fffe", false),
            ("Teredo by a private server", "2001:0:a00:1::fefe:fefe", false),
            ("Teredo, both public", "2001:0:101:101::fefe:fefe", true),
            ("loopback", "::1", false),
            ("link local", "fe80::1", false),
            ("unique local", "fd00::1", false),
            ("multicast", "ff02::1", false),
            ("a public server", "2606:4700:4700::1111", true),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{reason}: {address}");
        }
    }
}
