//! Which addresses belong to strangers, and which to whoever runs the probe.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet.
///
/// Decided by IANA's special-purpose address registries (RFC 6890). Every block of theirs counts as
/// private, those for anycast that are reachable too: no mail server stands in them, and who answers
/// there may stand in the operator's own network. An IPv6 address that stands for an IPv4 address is
/// judged by that one.
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

/// The blocks of IPv4 addresses that are not of the public internet.
const SPECIAL_V4: [(Ipv4Addr, u32); 18] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private use
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link local, cloud metadata
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private use
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // IETF protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24), // AS112, the nearest one
    (Ipv4Addr::new(192, 52, 193, 0), 24), // AMT relays, the nearest one
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays, deprecated
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private use
    (Ipv4Addr::new(192, 175, 48, 0), 24), // AS112 by delegation
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
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // IETF protocol assignments
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112 by delegation
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

fn is_public_v6(address: Ipv6Addr) -> bool {
    match embedded(address) {
        Embedded::InsteadOf(embedded) => embedded.into_iter().all(is_public_v4),
        Embedded::BehindRouter(embedded) => is_public_v4(embedded) && is_public_network(address),
        Embedded::None => is_public_network(address),
    }
}

/// Where packets to an address end up: at an IPv4 address, if it only is a way to one.
pub(crate) fn destination(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => match embedded(v6) {
            Embedded::InsteadOf(embedded) => embedded.last().copied().map_or(address, IpAddr::V4),
            Embedded::BehindRouter(_) | Embedded::None => address,
        },
        address => address,
    }
}

/// What is outside global unicast is loopback, local, multicast, or nobody's yet.
fn is_public_network(address: Ipv6Addr) -> bool {
    is_within(address, GLOBAL_UNICAST) && !SPECIAL_V6.iter().any(|block| is_within(address, *block))
}

fn is_within(address: Ipv6Addr, (block, length): (Ipv6Addr, u32)) -> bool {
    let host_bits = 128 - length;
    address.to_bits() >> host_bits == block.to_bits() >> host_bits
}

/// The IPv4 addresses that packets to an IPv6 address end up at.
enum Embedded {
    None,
    /// The prefix only says how they get there.
    InsteadOf(Vec<Ipv4Addr>),
    /// Within the network that the prefix names.
    BehindRouter(Ipv4Addr),
}

fn embedded(address: Ipv6Addr) -> Embedded {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // NAT64 (RFC 6052 §2.1). Its prefix for local use is outside global unicast (RFC 8215).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Embedded::InsteadOf(vec![v4(high, low)]),
        // 6to4 (RFC 3056 §2).
        [0x2002, high, low, ..] => Embedded::InsteadOf(vec![v4(high, low)]),
        // Teredo: its server, and its client with every bit flipped (RFC 4380 §4).
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            Embedded::InsteadOf(vec![v4(server_high, server_low), v4(!high, !low)])
        }
        // ISATAP (RFC 5214 §6.1).
        [_, _, _, _, 0 | 0x0200, 0x5efe, high, low] => Embedded::BehindRouter(v4(high, low)),
        _ => Embedded::None,
    }
}
