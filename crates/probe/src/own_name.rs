//! Whether our name in EHLO is ours, as far as DNS tells: many mail servers distrust whoever says a
//! name that leads elsewhere, or that the addresses do not confirm.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use mxray_facts::dns::{Question, Record, RecordType};
use mxray_facts::{Domain, Name, Observation, Unobserved};

use crate::address::is_public;
use crate::door;
use crate::{Inner, reach};

/// The most addresses of the name that are asked about.
const MAX_ADDRESSES: usize = 8;

/// Something about our name that a mail server may hold against us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameDoubt {
    /// The resolver does not say where it leads.
    Unknown(Unobserved),
    /// It has no address.
    Nowhere,
    /// It does not lead to the address from which this machine connects.
    NotHere(IpAddr),
    /// The reverse record of one of its addresses names others, or there is none.
    NotConfirmed(IpAddr, Vec<Name>),
    /// Whether there is a reverse record cannot be had.
    Unconfirmed(IpAddr, Unobserved),
}

/// Looks the name up, and back.
pub(crate) async fn doubts(probe: &Inner, name: &Domain) -> Vec<NameDoubt> {
    let addresses = match door::addresses(&probe.resolver, &name.name()).await {
        Ok(addresses) => addresses.all,
        Err(reason) => return vec![NameDoubt::Unknown(reason)],
    };
    if addresses.is_empty() {
        return vec![NameDoubt::Nowhere];
    }
    // Behind a network address translator nobody here knows which address others see.
    let ours = [v4_of_this_machine(), v6_of_this_machine()].into_iter().flatten();
    let elsewhere = ours.filter(|address| is_public(*address) && !addresses.contains(address));
    let mut doubts: Vec<NameDoubt> = elsewhere.map(NameDoubt::NotHere).collect();
    for address in addresses.into_iter().take(MAX_ADDRESSES) {
        match names(probe, address).await {
            Ok(names) if names.contains(&name.name()) => {}
            Ok(names) => doubts.push(NameDoubt::NotConfirmed(address, names)),
            Err(reason) => doubts.push(NameDoubt::Unconfirmed(address, reason)),
        }
    }
    doubts
}

/// What the reverse records of an address say.
async fn names(probe: &Inner, address: IpAddr) -> Observation<Vec<Name>> {
    // The name is digits and dots.
    let name = reverse_name(address).parse().map_err(|_| Unobserved::NotCovered)?;
    let answer = probe.resolver.ask(&Question::new(name, RecordType::Ptr)).await?;
    let names = answer.records.into_iter().filter_map(|record| match record {
        Record::Ptr(name) => Some(name),
        _ => None,
    });
    Ok(names.collect())
}

/// Where an address's names are (RFC 1035 §3.5, RFC 3596 §2.5).
fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let digits = format!("{:032x}", address.to_bits());
            let digits: String = digits.chars().rev().flat_map(|digit| [digit, '.']).collect();
            format!("{digits}ip6.arpa")
        }
    }
}

/// From which address packets to the IPv4 internet go; nothing is sent.
fn v4_of_this_machine() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(9, 9, 9, 9), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// The same of IPv6.
fn v6_of_this_machine() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((reach::SOMEWHERE, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

impl fmt::Display for NameDoubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(_) => f.write_str("the resolver does not say where it leads"),
            Self::Nowhere => f.write_str("it has no address"),
            Self::NotHere(address) => {
                write!(f, "it does not lead to {address}, from which this machine connects")
            }
            Self::NotConfirmed(address, names) if names.is_empty() => {
                write!(f, "{address}, to which it leads, has no reverse record")
            }
            Self::NotConfirmed(address, names) => {
                let names: Vec<&str> = names.iter().map(Name::as_str).collect();
                write!(f, "{address}, to which it leads, is named {} instead", names.join(", "))
            }
            Self::Unconfirmed(address, _) => {
                write!(f, "the resolver does not say how {address}, to which it leads, is named")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reverse_name;

    #[test]
    fn an_address_has_a_name_of_its_own() {
        for (address, expected) in [
            ("192.0.2.25", "25.2.0.192.in-addr.arpa"),
            (
                "2001:db8::1",
                "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            ),
        ] {
            assert_eq!(reverse_name(address.parse().unwrap()), expected);
        }
    }
}
