//! Which addresses are the public internet's: IANA's two registries row by row, and each neighbor.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use mxray_probe::{IpNet, is_public};

/// Every row of the IPv4 and IPv6 special-purpose address registries (RFC 6890), as of July 2026.
const REGISTRIES: [(&str, &str); 52] = [
    ("0.0.0.0/8", "this network"),
    ("0.0.0.0/32", "this host on this network"),
    ("10.0.0.0/8", "private use"),
    ("100.64.0.0/10", "shared address space"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link local"),
    ("172.16.0.0/12", "private use"),
    ("192.0.0.0/24", "IETF protocol assignments"),
    ("192.0.0.0/29", "IPv4 service continuity prefix"),
    ("192.0.0.8/32", "IPv4 dummy address"),
    ("192.0.0.9/32", "Port Control Protocol anycast"),
    ("192.0.0.10/32", "TURN anycast"),
    ("192.0.0.170/32", "NAT64 and DNS64 discovery"),
    ("192.0.0.171/32", "NAT64 and DNS64 discovery"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "AS112-v4"),
    ("192.52.193.0/24", "AMT"),
    ("192.88.99.0/24", "6to4 relay anycast, deprecated"),
    ("192.88.99.2/32", "6a44 relay anycast"),
    ("192.168.0.0/16", "private use"),
    ("192.175.48.0/24", "AS112 by direct delegation"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("240.0.0.0/4", "reserved"),
    ("255.255.255.255/32", "limited broadcast"),
    ("::1/128", "loopback"),
    ("::/128", "unspecified"),
    ("::ffff:0:0/96", "IPv4-mapped"),
    ("64:ff9b::/96", "IPv4-IPv6 translation"),
    ("64:ff9b:1::/48", "IPv4-IPv6 translation, local use"),
    ("100::/64", "discard only"),
    ("100:0:0:1::/64", "dummy prefix"),
    ("2001::/23", "IETF protocol assignments"),
    ("2001::/32", "Teredo"),
    ("2001:1::1/128", "Port Control Protocol anycast"),
    ("2001:1::2/128", "TURN anycast"),
    ("2001:1::3/128", "DNS-SD service registration anycast"),
    ("2001:2::/48", "benchmarking"),
    ("2001:3::/32", "AMT"),
    ("2001:4:112::/48", "AS112-v6"),
    ("2001:10::/28", "ORCHID, deprecated"),
    ("2001:20::/28", "ORCHIDv2"),
    ("2001:30::/28", "drone remote identification"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("2620:4f:8000::/48", "AS112 by direct delegation"),
    ("3fff::/20", "documentation"),
    ("5f00::/16", "SRv6 segment identifiers"),
    ("fc00::/7", "unique local"),
    ("fe80::/10", "link-local unicast"),
    ("fec0::/10", "site-local, deprecated by RFC 3879 and in no registry since"),
];

/// What the registries of multicast and of the IPv6 address space say besides.
const NOT_UNICAST: [&str; 4] = ["224.0.0.0/4", "::/3", "4000::/2", "8000::/1"];

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

/// The addresses right before and right after a block, where there are any.
fn neighbors(block: IpNet) -> impl Iterator<Item = IpAddr> {
    let (before, after) = match block {
        IpNet::V4(net) => {
            let at = |bits: Option<u32>| bits.map(|bits| Ipv4Addr::from_bits(bits).into());
            let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
            (at(first.checked_sub(1)), at(last.checked_add(1)))
        }
        IpNet::V6(net) => {
            let at = |bits: Option<u128>| bits.map(|bits| Ipv6Addr::from_bits(bits).into());
            let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
            (at(first.checked_sub(1)), at(last.checked_add(1)))
        }
    };
    before.into_iter().chain(after)
}

#[test]
fn each_registered_block_is_private_and_its_neighbors_are_what_they_are() {
    let private: Vec<IpNet> =
        REGISTRIES.iter().map(|(block, _)| *block).chain(NOT_UNICAST).map(net).collect();
    for (block, name) in REGISTRIES {
        let block = net(block);
        for address in [block.network(), block.broadcast()] {
            assert!(!is_public(address), "{name}: {address}");
        }
        for address in neighbors(block) {
            let expected = !private.iter().any(|block| block.contains(&address));
            assert_eq!(is_public(address), expected, "next to {name}: {address}");
        }
    }
    for block in NOT_UNICAST.map(net) {
        assert!(!is_public(block.network()) && !is_public(block.broadcast()), "{block}");
    }
    let global = net("2000::/3");
    assert!(is_public(global.network()), "the first of global unicast");
}

#[test]
fn neighbors_outside_every_block_are_public() {
    for (reason, address) in [
        ("after this network", "1.0.0.0"),
        ("before private use", "9.255.255.255"),
        ("after private use", "11.0.0.0"),
        ("before shared address space", "100.63.255.255"),
        ("after shared address space", "100.128.0.0"),
        ("after private use", "172.32.0.0"),
        ("between the protocol assignments and documentation", "192.0.1.0"),
        ("before multicast", "223.255.255.255"),
        ("before the protocol assignments", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("after the protocol assignments", "2001:200::"),
        ("after documentation", "2001:db9::"),
        ("after 6to4", "2003::"),
        ("before documentation", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("after documentation", "3fff:1000::"),
        ("a resolver", "2606:4700:4700::1111"),
    ] {
        assert!(is_public(address.parse().unwrap()), "{reason}: {address}");
    }
}

/// Each way to write an IPv4 address as an IPv6 one, and whether it reaches a public one.
#[test]
fn an_embedded_address_is_the_one_that_counts() {
    let halves = |address: Ipv4Addr| {
        let bits = address.to_bits();
        (bits >> 16, bits & 0xffff)
    };
    let (public_high, public_low) = halves(Ipv4Addr::new(1, 1, 1, 1));
    for (block, name) in REGISTRIES.into_iter().chain([("1.1.1.1/32", "public")]) {
        let IpNet::V4(block) = net(block) else { continue };
        let reached = name == "public";
        for inner in [block.network(), block.broadcast()] {
            let (high, low) = halves(inner);
            let (flipped_high, flipped_low) = halves(Ipv4Addr::from_bits(!inner.to_bits()));
            let public_flipped = format!("{:x}:{:x}", 0xffff - public_high, 0xffff - public_low);
            for (way, address, expected) in [
                ("itself", inner.to_string(), reached),
                ("mapped", format!("::ffff:{inner}"), reached),
                ("compatible, which nobody routes", format!("::{inner}"), false),
                ("NAT64", format!("64:ff9b::{inner}"), reached),
                ("NAT64 for local use", format!("64:ff9b:1::{inner}"), false),
                ("6to4", format!("2002:{high:x}:{low:x}::1"), reached),
                ("Teredo's server", format!("2001:0:{high:x}:{low:x}::{public_flipped}"), reached),
                (
                    "Teredo's client",
                    format!(
                        "2001:0:{public_high:x}:{public_low:x}::{flipped_high:x}:{flipped_low:x}"
                    ),
                    reached,
                ),
                ("ISATAP", format!("2606:4700::5efe:{high:x}:{low:x}"), reached),
                ("ISATAP, unique", format!("2606:4700::200:5efe:{high:x}:{low:x}"), reached),
                ("ISATAP, link local", format!("fe80::5efe:{high:x}:{low:x}"), false),
            ] {
                assert_eq!(
                    is_public(address.parse().unwrap()),
                    expected,
                    "{way}, {name}: {address}"
                );
            }
        }
    }
}
