//! Who is asking: as far as a limit and a log need it, and no further.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use mxray_probe::{IpNet, network};

/// Where a proxy in front of this one says for whom it asks.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// By these, whatever they say, a request is known to be somebody else's.
const SIGNS_OF_A_PROXY: [HeaderName; 4] = [
    FORWARDED_FOR,
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("via"),
];

/// Who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// Somebody at this very machine.
    Operator,
    /// Anybody else, by the network that they are counted by.
    Network(IpAddr),
}

impl Client {
    /// By the connection, unless that is from a trusted proxy: then by the right-most address that
    /// is none of theirs. What stands to the left of it, the client may have written itself.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
        let mut hops = forwarded_for(headers);
        let mut client = peer.to_canonical();
        while is_trusted(client) {
            // What is no address ends the way back: then it is the proxy that is limited.
            let Some(hop) = hops.next().flatten() else { break };
            client = hop;
        }
        let is_direct = SIGNS_OF_A_PROXY.iter().all(|name| !headers.contains_key(name));
        if client.is_loopback() && is_direct {
            Self::Operator
        } else {
            Self::Network(network(client))
        }
    }
}

/// The addresses of the header from right to left; none for what is no address.
fn forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let fields = headers.get_all(FORWARDED_FOR).iter().rev();
    fields.flat_map(|field| field.to_str().unwrap_or_default().rsplit(',').map(read_address))
}

/// An address, maybe with a port or in brackets.
fn read_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

impl fmt::Display for Client {
    /// For a log: so much of the address that a misuse can be followed up with its provider, and
    /// nobody is named.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("local"),
            Self::Network(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                write!(f, "{a}.{b}.{c}.0/24")
            }
            Self::Network(IpAddr::V6(address)) => {
                let [a, b, c, ..] = address.segments();
                write!(f, "{a:x}:{b:x}:{c:x}::/48")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};
    use mxray_probe::IpNet;

    use super::{Client, FORWARDED_FOR};

    fn headers(fields: &[&'static str]) -> HeaderMap {
        fields.iter().map(|value| (FORWARDED_FOR, HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn who_asks_is_the_last_one_that_nobody_vouches_for() {
        let trusted: [IpNet; 3] =
            ["127.0.0.1/32", "10.0.0.0/8", "2001:db8:ffff::/48"].map(|text| text.parse().unwrap());
        for (reason, peer, fields, expected) in [
            ("directly", "192.0.2.1", &[][..], "192.0.2.1"),
            ("in IPv6's clothes", "::ffff:192.0.2.1", &[], "192.0.2.1"),
            ("a household", "2001:db8:1:2:3::4", &[], "2001:db8:1:2::"),
            ("forged, without a proxy", "192.0.2.1", &["198.51.100.1"], "192.0.2.1"),
            ("by a proxy", "10.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("by two", "127.0.0.1", &["192.0.2.1, 10.0.0.9"], "192.0.2.1"),
            ("by one of IPv6", "2001:db8:ffff::1", &["192.0.2.1"], "192.0.2.1"),
            ("forged, and the proxy added", "10.0.0.1", &["198.51.100.1, 192.0.2.1"], "192.0.2.1"),
            (
                "forged, in a field of its own",
                "10.0.0.1",
                &["198.51.100.1", "192.0.2.1"],
                "192.0.2.1",
            ),
            ("forged as a proxy", "10.0.0.1", &["10.0.0.7, 192.0.2.1"], "192.0.2.1"),
            ("forged as this machine", "10.0.0.1", &["127.0.0.1, 192.0.2.1"], "192.0.2.1"),
            ("with a port", "10.0.0.1", &["192.0.2.1:4000"], "192.0.2.1"),
            ("with brackets and port", "10.0.0.1", &["[2001:db8:1::1]:4000"], "2001:db8:1::"),
            ("in brackets", "10.0.0.1", &["[2001:db8:1::1]"], "2001:db8:1::"),
            ("no address", "10.0.0.1", &["192.0.2.1, unknown"], "10.0.0.1"),
            ("nothing", "10.0.0.1", &[""], "10.0.0.1"),
            ("no header", "10.0.0.1", &[], "10.0.0.1"),
            ("this machine, for somebody", "127.0.0.1", &["unknown"], "127.0.0.1"),
        ] {
            let client = Client::of(peer.parse().unwrap(), &headers(fields), &trusted);
            assert_eq!(client, Client::Network(expected.parse().unwrap()), "{reason}");
        }
    }

    #[test]
    fn only_who_sits_at_this_machine_is_its_operator() {
        let of = |peer: &str, headers: &HeaderMap| Client::of(peer.parse().unwrap(), headers, &[]);
        assert_eq!(of("127.0.0.1", &HeaderMap::new()), Client::Operator);
        assert_eq!(of("::1", &HeaderMap::new()), Client::Operator);
        for name in super::SIGNS_OF_A_PROXY {
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_static("x"))]);
            // A proxy that the operator forgot to name: all that comes by it is one client.
            assert_ne!(of("127.0.0.1", &headers), Client::Operator);
        }
    }

    #[test]
    fn a_log_names_nobody() {
        for (peer, expected) in [
            ("192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("127.0.0.1", "local"),
        ] {
            let client = Client::of(peer.parse().unwrap(), &HeaderMap::new(), &[]);
            assert_eq!(client.to_string(), expected);
        }
    }
}
