//! Names and networks: what a macro string expands to as DNS asks for it, and what an address is in.

use std::fmt::Write;
use std::net::{IpAddr, Ipv6Addr};

use mxray_facts::Name;

/// The longest name in presentation form (RFC 7208 §7.3).
const MAX_LENGTH: usize = 253;

/// A target as it is used: without a final dot, and cut on the left to what DNS can hold (RFC 7208 §7.3).
pub(crate) fn fit(expanded: &str) -> &str {
    let mut target = expanded.strip_suffix('.').unwrap_or(expanded);
    while target.len() > MAX_LENGTH
        && let Some((_, shorter)) = target.split_once('.')
    {
        target = shorter;
    }
    target
}

/// The name in DNS; `None` if there can be none, as with an empty label.
///
/// Text beyond ASCII comes from a sender's local part, and matches nothing (RFC 8616 §4).
pub(crate) fn name_of(target: &str) -> Option<Name> {
    if target.is_empty() || !target.is_ascii() {
        return None;
    }
    let escaped = target.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "\\{byte:03}");
        }
        escaped
    });
    escaped.parse().ok()
}

/// The name, if it is that of a domain that can have a record: of several labels, and no address
/// literal (RFC 7208 §4.3).
pub(crate) fn domain_name(domain: &str) -> Option<Name> {
    name_of(domain).filter(|_| domain.contains('.') && !domain.starts_with('['))
}

/// The address in parts that dots separate: `%{i}` (RFC 7208 §7.3).
pub(super) fn dotted(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let digits = |octet: u8| [octet >> 4, octet & 15];
            let digits = v6.octets().into_iter().flat_map(digits).map(|digit| format!("{digit:X}"));
            digits.collect::<Vec<_>>().join(".")
        }
    }
}

/// Where an address's names stand, without `.arpa`: `%{v}` (RFC 7208 §7.2).
pub(super) fn reverse_zone(ip: IpAddr) -> &'static str {
    if ip.is_ipv4() { "in-addr" } else { "ip6" }
}

/// The name that an address's names stand at (RFC 1035 §3.5, RFC 3596 §2.5).
pub(super) fn reverse_name(ip: IpAddr) -> Option<Name> {
    let dotted = dotted(ip);
    let parts: Vec<&str> = dotted.rsplit('.').collect();
    name_of(&format!("{}.{}.arpa", parts.join("."), reverse_zone(ip)))
}

/// Whether two addresses are of one kind and agree in so many leading bits.
pub(super) fn shares_prefix(one: IpAddr, other: IpAddr, length: u8) -> bool {
    let differing = match (one, other) {
        // Behind the leading bits that all IPv4 addresses share when written as IPv6.
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            u128::from(u32::from(one) ^ u32::from(other)) << (128 - 32)
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => bits(one) ^ bits(other),
        _ => return false,
    };
    differing.leading_zeros() >= u32::from(length)
}

fn bits(address: Ipv6Addr) -> u128 {
    u128::from(address)
}

/// Whether a name is a domain's, or below it.
pub(super) fn is_within(name: &Name, domain: &Name) -> bool {
    let below = name.as_str().strip_suffix(domain.as_str());
    below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{dotted, fit, is_within, name_of, reverse_name, shares_prefix};

    #[test]
    fn targets_become_names_where_there_can_be_one() {
        for (target, expected) in [
            ("A.example", Some("a.example")),
            ("foo:bar/baz.example", Some("foo:bar/baz.example")),
            (r"a\b.example", Some(r"a\\b.example")),
            ("a b.example", Some(r"a\ b.example")),
            ("", None),
            ("a..example", None),
            (".example", None),
            ("b\u{fc}cher.example", None),
            (&format!("{}.example", "a".repeat(64)), None),
        ] {
            assert_eq!(
                name_of(target).as_ref().map(mxray_facts::Name::as_str),
                expected,
                "{target}"
            );
        }
    }

    #[test]
    fn what_is_too_long_loses_labels_on_the_left() {
        let long = format!("{}.{}.example.", "a".repeat(10), ["b"; 122].join("."));
        assert_eq!(fit(&long), format!("{}.example", ["b"; 122].join(".")));
        assert_eq!(fit("a.example."), "a.example");
    }

    #[test]
    fn addresses_are_turned_around() {
        let v4 = "192.0.2.1".parse().unwrap();
        assert_eq!(reverse_name(v4).unwrap().as_str(), "1.2.0.192.in-addr.arpa");
        let v6 = "2001:db8::cb01".parse().unwrap();
        assert!(dotted(v6).ends_with("0.0.C.B.0.1"));
        assert!(reverse_name(v6).unwrap().as_str().starts_with("1.0.b.c.0.0.0.0."));
    }

    #[test]
    fn networks_hold_addresses_of_their_kind() {
        for (one, other, length, expected) in [
            ("192.0.2.1", "192.0.2.200", 24, true),
            ("192.0.2.1", "192.0.2.200", 25, false),
            ("192.0.2.1", "192.0.2.1", 32, true),
            ("192.0.2.1", "203.0.113.1", 0, true),
            ("192.0.2.1", "2001:db8::1", 0, false),
            ("2001:db8::1", "2001:db8:ffff::1", 32, true),
            ("2001:db8::1", "2001:db8::2", 128, false),
        ] {
            let found = shares_prefix(one.parse().unwrap(), other.parse().unwrap(), length);
            assert_eq!(found, expected, "{one} {other}/{length}");
        }
    }

    #[test]
    fn a_name_is_within_its_domain_at_a_dot() {
        for (name, expected) in
            [("example.com", true), ("mail.example.com", true), ("bad-example.com", false)]
        {
            let domain = "example.com".parse().unwrap();
            assert_eq!(is_within(&name.parse().unwrap(), &domain), expected, "{name}");
        }
    }
}
